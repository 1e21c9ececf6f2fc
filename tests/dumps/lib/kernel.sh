# A kernel of Debian with its debug information, and the l2w module built for
# it. $cache/kernels/<key> links to $cache/kernels/<release>/ :
#   vmlinuz config
#   vmlinux                       with all symbols and types
#   modules/NAME.ko NAME.ko.debug what the guest loads, and its debug information
#   headers/                      to build modules
#   l2w/                          sources, objects and l2w.ko of the module under test
# Sourced.

# unpack_flat DEB DIR PATTERN...: only the files that match, without their directories.
unpack_flat() {
	local deb=$1 dir=$2
	shift 2
	mkdir -p "$dir"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -x -f - -C "$dir" --no-anchored --wildcards --transform='s,.*/,,' "$@"
}

# For tar: the patterns of the guest's modules, plain or compressed.
module_patterns() {
	printf '*/kernel/*/%s.ko* ' $guest_modules
}

# kernel_get KEY: sets $kernel and $release. The large -dbg package goes on in
# the background, as the guest does not need it: kernel_wait joins it.
kernel_get() {
	local fields suites meta recipe
	fields=$(row kernels "$1") || die "no kernel $1 in lib/tables.sh"
	read -r suites meta <<<"$fields"
	recipe=$(hash_of lib/kernel.sh)-$(echo "$fields $guest_modules" | cksum | cut -d' ' -f1)
	kernel=$cache/kernels/$1
	debug_job=
	if [ "$(cat "$kernel/recipe" 2>/dev/null)" != "$recipe" ]; then
		kernel_fetch "$1" "$suites" "$meta"
		echo "$recipe" >"$kernel/recipe"
	fi
	release=$(readlink "$kernel")
	kernel=$cache/kernels/$release
	[ -e "$kernel/debug-done" ] || kernel_fetch_debug "$suites" "linux-image-$release-dbg" &
	debug_job=$!
	module_build
}

kernel_fetch() {
	local key=$1 suites=$2 meta=$3 work headers needs
	say "kernel $key: looking it up in $suites"
	apt_use "$suites"
	apt_update
	release=$(apt_field "$meta" Depends | grep -o 'linux-image-[^ ,]*') || die "$meta has no kernel in $suites"
	release=${release#linux-image-}
	headers=linux-headers-$release
	needs=$(apt_field "$headers" Depends | grep -oE 'linux-(headers-[^ ,]*-common|kbuild-[^ ,]*)')
	work=$cache/kernels/$release
	# vmlinux stays until the new one takes its place: someone may be reading it.
	rm -rf "$work"/{deb,headers,modules,l2w,debug-done}
	mkdir -p "$work/deb"
	say "kernel $release: downloading image and headers"
	fetch_all "$work/deb" "linux-image-$release" "$headers" $needs
	say "kernel $release: unpacking"
	unpack_flat "$work"/deb/linux-image-*.deb "$work" '*/boot/vmlinuz-*' '*/boot/config-*'
	unpack_flat "$work"/deb/linux-image-*.deb "$work/modules" $(module_patterns) 2>/dev/null ||
		: # tar complains of modules that this kernel has built in
	mv "$work/vmlinuz-$release" "$work/vmlinuz"
	mv "$work/config-$release" "$work/config"
	find "$work/modules" -name '*.xz' -exec xz -d {} +
	for deb in "$work"/deb/linux-headers-*.deb "$work"/deb/linux-kbuild-*.deb; do
		dpkg-deb -x "$deb" "$work/headers"
	done
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
	local suites=$1 package=$2 work=$kernel/debug.tmp deb
	rm -rf "$work"
	mkdir -p "$work/modules"
	apt_use "$suites"
	say "kernel $release: downloading $package in the background"
	deb=$(apt_fetch "$work" "$package")
	say "kernel $release: unpacking $package in the background"
	unpack_flat "$deb" "$work/modules" '*/boot/vmlinux-*' $(module_patterns) 2>/dev/null || :
	mv "$work/modules/vmlinux-$release" "$kernel/vmlinux"
	for file in "$work"/modules/*.ko*; do
		mv "$file" "$kernel/modules/$(basename "${file%.debug}").debug"
	done
	rm -rf "$work"
	touch "$kernel/debug-done"
	say "kernel $release: vmlinux is ready"
}

kernel_wait() {
	[ -z "$debug_job" ] || wait "$debug_job" || die "no debug information for $release"
	debug_job=
}

# Built where it stays, so that the source paths in its debug information hold.
module_build() {
	local dir=$kernel/l2w recipe source=$here/guest/l2w
	recipe=$(hash_of guest/l2w/*)
	[ "$(cat "$dir/recipe" 2>/dev/null)" != "$recipe" ] || return 0
	say "kernel $release: building l2w.ko"
	rm -rf "$dir"
	mkdir -p "$dir"
	cp "$source"/* "$dir"
	# CC: the headers ask for gcc by the version Debian built with, a machine may have another.
	# Without BTF, as modules built outside Debian often are; it would need pahole.
	make -s -C "$kernel/headers/usr/src/linux-headers-$release" M="$dir" CC="$(module_compiler)" \
		CONFIG_DEBUG_INFO_BTF_MODULES='' modules >"$dir/build.log" 2>&1 ||
		die "l2w.ko does not build for $release: $(cat "$dir/build.log")"
	echo "$recipe" >"$dir/recipe"
}

module_compiler() {
	local wanted
	wanted=$(grep -o 'gcc-[0-9]*' "$kernel/headers/usr/src/linux-headers-$release/.kernelvariables" | head -n 1)
	command -v "$wanted" || echo gcc
}
