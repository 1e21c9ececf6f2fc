# The module under test, l2w, built for $release: $kernel/l2w/l2w.ko. Sourced.

# Built where it stays, so that the source paths in its debug information hold.
module_build() {
	local dir=$kernel/l2w recipe
	recipe=$(hash_of guest/l2w lib/module.sh)
	[ "$(cat "$dir/recipe" 2>/dev/null)" != "$recipe" ] || return 0
	[ "$build_suite" = here ] || build_root
	say "kernel $release: building l2w.ko"
	rm -rf "$dir"
	mkdir -p "$dir"
	cp "$here"/guest/l2w/* "$dir"
	# Without BTF, as modules built outside Debian often are; it would need pahole.
	module_make -s -C "$kernel/headers/usr/src/linux-headers-$release" M="$dir" \
		CONFIG_DEBUG_INFO_BTF_MODULES='' modules >"$dir/build.log" 2>&1 ||
		die "l2w.ko does not build for $release: $(cat "$dir/build.log")"
	echo "$recipe" >"$dir/recipe"
}

module_make() {
	local wanted
	if [ "$build_suite" = here ]; then
		# The headers ask for gcc by the version Debian built with: any other has to do.
		wanted=$(sed -n 's/^CC = .*\(gcc-[0-9]*\)$/\1/p' "$kernel/headers/usr/src/linux-headers-$release/.kernelvariables")
		make "$@" CC="$(command -v "${wanted:-gcc}" || echo gcc)"
	else
		# Mounts of its own, gone with the process: the same paths inside as outside, and
		# /proc, which objtool reads.
		as_root unshare --mount sh -c '
			mkdir -p "$2$1" && mount --bind "$1" "$2$1" && mount -t proc proc "$2/proc" &&
			root=$2 && shift 2 && exec chroot "$root" make "$@"' \
			- "$cache" "$cache/roots/$build_suite" "$@" || return
		as_root chown -R "$(id -u):$(id -g)" "$kernel/l2w"
	fi
}

# A minimal Debian of $build_suite with a compiler.
build_root() {
	local root=$cache/roots/$build_suite
	[ ! -e "$root/complete" ] || return 0
	say "building a root of $build_suite for its compiler"
	as_root rm -rf "$root"
	mkdir -p "$cache/roots"
	as_root debootstrap --variant=minbase --include=gcc,libc6-dev,make,libelf-dev,libssl-dev \
		"$build_suite" "$root" "$(mirror_of "$build_suite")" >"$cache/roots/log" 2>&1 ||
		die "debootstrap failed: $(tail -n 5 "$cache/roots/log")"
	as_root touch "$root/complete"
}
