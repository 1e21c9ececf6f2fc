# The situation "probes": the module l2k, $kernel/l2k/l2k.ko, and what turns its probes and the
# tracers on. Not part of what other dumps depend on. Sourced.

has_probes() { # has_probes NAME
	row crashes "$1" | grep -qw probes
}

probes_recipe() {
	! has_probes "$1" || echo "-$(hash_of guest/l2k lib/probes.sh)"
}

# probes_add DIR: into DIR/root, which is then packed again.
probes_add() {
	local root=$1/root lock
	exec {lock}>"$cache/kernels/lock"
	flock "$lock"
	probes_build
	flock -u "$lock"
	cp "$kernel/l2k/l2k.ko" "$root/"
	strip -g "$root/l2k.ko"
	cat "$here/guest/l2k/start.sh" "$here/guest/facts.sh" >"$root/facts.sh"
	(cd "$root" && find . | cpio -o -H newc --quiet) >"$1/initrd"
}

probes_build() {
	local dir=$kernel/l2k recipe
	recipe=$(hash_of guest/l2k lib/module.sh)
	[ "$(cat "$dir/recipe" 2>/dev/null)" != "$recipe" ] || return 0
	say "kernel $release: building l2k.ko"
	as_root rm -rf "$dir"
	mkdir -p "$dir"
	cp "$here"/guest/l2k/* "$dir"
	module_make -s -C "$kernel/headers/usr/src/linux-headers-$release" M="$dir" \
		CONFIG_DEBUG_INFO_BTF_MODULES='' modules >"$dir/build.log" 2>&1 ||
		die "l2k.ko does not build for $release: $(cat "$dir/build.log")"
	echo "$recipe" >"$dir/recipe"
}
