# Packages of any Debian suite, without touching the system's own apt: a
# private state directory in the cache for each set of suites. Sourced.

# The mirror is the one this machine uses for Debian; VMSTUB_MIRROR overrides.
mirror_of() { # mirror_of SUITE
	local site
	if [ -n "${VMSTUB_MIRROR:-}" ]; then
		site=$VMSTUB_MIRROR
	else
		site=$(apt-get indextargets --format '$(SITE) $(ORIGIN)' 'Created-By: Packages' |
			awk '$2 == "Debian" && $1 !~ /security/ { print $1; exit }')
		# Where the lists were never fetched or were cleaned, apt knows no origins.
		[ -n "$site" ] || site=$(apt-get --print-uris update 2>/dev/null |
			sed -n "s,^'\(.*/debian\)/dists/.*/InRelease'.*,\1,p" | head -n 1)
	fi
	[ -n "$site" ] || die "no Debian mirror in apt's configuration: set VMSTUB_MIRROR to its URL"
	case $1 in
	*-security) echo "$site-security" ;;
	*) echo "$site" ;;
	esac
}

# apt_use SUITE,...: later apt_* calls work on these suites.
apt_use() {
	local suite signed='' keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	apt_dir=$cache/apt/$1
	[ ! -r $keyring ] || signed="[signed-by=$keyring]"
	mkdir -p "$apt_dir/state/lists/partial" "$apt_dir/cache/archives/partial"
	: >"$apt_dir/status" # nothing is installed here
	for suite in ${1//,/ }; do
		echo "deb $signed $(mirror_of "$suite") $suite main"
	done >"$apt_dir/sources.list"
	apt_options=(-qq -o Dir::Etc::sourcelist="$apt_dir/sources.list" -o Dir::Etc::sourceparts=-
		-o Dir::State="$apt_dir/state" -o Dir::State::status="$apt_dir/status"
		-o Dir::Cache="$apt_dir/cache" -o Acquire::Languages=none
		-o APT::Sandbox::User= -o APT::Architecture=amd64 -o APT::Update::Post-Invoke-Success::=true)
}

apt_update() {
	flock "$apt_dir/lock" apt-get "${apt_options[@]}" update || die "apt-get update failed for $(cat "$apt_dir/sources.list")"
}

# apt_field PACKAGE FIELD: of the newest version.
apt_field() {
	apt-cache "${apt_options[@]}" --no-all-versions show "$1" | sed -n "s/^$2: //p" | head -n 1
}

# apt_fetch DIR PACKAGE: downloads one .deb into DIR and prints its path.
apt_fetch() {
	(cd "$1" && apt-get "${apt_options[@]}" download "$2" >&2) || return 1
	ls "$1/${2}"_*.deb
}
