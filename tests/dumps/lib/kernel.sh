# A kernel of Debian with its debug information. $cache/kernels/<key> links to
# $cache/kernels/<release>/ :
#   vmlinuz
#   vmlinux                       with all symbols and types
#   modules/NAME.ko NAME.ko.debug what guests load, and its debug information
#   headers/                      to build modules
# Sourced.

# unpack_some DEB DIR PATTERN...: only what matches; where files are differs by release.
unpack_some() {
	local deb=$1 dir=$2
	shift 2
	mkdir -p "$dir"
	# tar complains of each pattern that is not in this package
	dpkg-deb --fsys-tarfile "$deb" | tar -x -f - -C "$dir" --wildcards "$@" 2>/dev/null || :
}

# pick DIR PATTERN DEST: moves the files so called; not links to them.
pick() {
	find "$1" -name "$2" -type f -exec mv -f {} "$3" \;
}

# For tar: the patterns of the guests' modules, plain or compressed.
module_patterns() {
	printf '*/kernel/*/%s.ko*\n' $guest_modules $swap_modules
}

# kernel_get KEY: sets $kernel, $release and $build_suite. The large -dbg package
# goes on in the background, as the guest does not need it: kernel_wait joins it.
kernel_get() {
	local fields suites meta recipe
	fields=$(row kernels "$1") || die "no kernel $1 in lib/tables.sh"
	read -r suites meta build_suite <<<"$fields"
	recipe=$(hash_of lib/kernel.sh)-$(echo "$suites $meta $guest_modules $swap_modules" | cksum | cut -d' ' -f1)
	kernel=$cache/kernels/$1
	debug_job=
	if [ "$(cat "$kernel/recipe" 2>/dev/null)" != "$recipe" ]; then
		kernel_fetch "$1" "$suites" "$meta"
		echo "$recipe" >"$kernel/recipe"
	fi
	release=$(readlink "$kernel")
	kernel=$cache/kernels/$release
	kernel_fetch_debug "$suites" "linux-image-$release-dbg" &
	debug_job=$!
}

kernel_fetch() {
	local key=$1 suites=$2 meta=$3 work deb headers needs
	say "kernel $key: looking it up in $suites"
	apt_use "$suites"
	apt_update
	release=$(apt_field "$meta" Depends | grep -o 'linux-image-[^ ,]*') || die "$meta has no kernel in $suites"
	release=${release#linux-image-}
	headers=linux-headers-$release
	# Since 7.x the image package is empty and depends on the parts.
	needs=$(for package in "linux-image-$release" "$headers"; do apt_field "$package" Depends; done |
		grep -oE 'linux-((binary|modules|base)-[0-9][^ ,]*|headers-[^ ,]*-common(-rt)?|kbuild-[^ ,]*)' | sort -u)
	work=$cache/kernels/$release
	# vmlinux stays until the new one takes its place: someone may be reading it.
	rm -rf "$work"/{deb,headers,modules,debug-done}
	mkdir -p "$work/deb"
	say "kernel $release: downloading image and headers"
	fetch_all "$work/deb" "linux-image-$release" "$headers" $needs
	say "kernel $release: unpacking"
	for deb in "$work"/deb/*.deb; do
		case ${deb##*/} in
		linux-headers-* | linux-kbuild-*) dpkg-deb -x "$deb" "$work/headers" ;;
		*) unpack_some "$deb" "$work/deb/files" '*/vmlinuz*' $(module_patterns) ;;
		esac
	done
	mkdir "$work/modules"
	pick "$work/deb/files" 'vmlinuz*' "$work/vmlinuz"
	pick "$work/deb/files" '*.ko*' "$work/modules"
	[ -e "$work/vmlinuz" ] || die "no vmlinuz in the packages of $release"
	find "$work/modules" -name '*.xz' -exec xz -d {} +
	# They include each other by absolute path.
	sed -i "s,/usr/,$work/headers/usr/," "$work/headers/usr/src/$headers/Makefile"
	rm -rf "$work/deb"
	ln -sfn "$release" "$cache/kernels/$key"
}

# fetch_all DIR PACKAGE...: at once, as apt itself would fetch them in turn.
fetch_all() {
	local dir=$1 package job jobs=()
	shift
	for package; do
		apt_fetch "$dir" "$package" >/dev/null &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job" || die "download failed: $*"
	done
}

kernel_fetch_debug() {
	local suites=$1 package=$2 work=$kernel/debug.tmp deb file lock
	# Once, whoever else makes dumps of the same kernel.
	exec {lock}>"$kernel/debug.lock"
	flock "$lock"
	[ ! -e "$kernel/debug-done" ] || return 0
	rm -rf "$work"
	mkdir -p "$work"
	apt_use "$suites"
	say "kernel $release: downloading $package in the background"
	deb=$(apt_fetch "$work" "$package")
	say "kernel $release: unpacking $package in the background"
	unpack_some "$deb" "$work" '*/vmlinux*' $(module_patterns)
	pick "$work" 'vmlinux*' "$kernel/vmlinux"
	find "$work" -name '*.ko' -type f | while read -r file; do
		mv "$file" "$kernel/modules/${file##*/}.debug"
	done
	rm -rf "$work"
	[ -e "$kernel/vmlinux" ] || die "no vmlinux in $package"
	touch "$kernel/debug-done"
	say "kernel $release: vmlinux is ready"
}

kernel_wait() {
	[ -z "$debug_job" ] || wait "$debug_job" || die "no debug information for $release"
	debug_job=
}
