# Situations and ways that have a module of their own beside l2w, and what turns it on in the guest: guest/MODULE,
# built as $kernel/MODULE/MODULE.ko, or programs instead (programs.sh). Not part of what other dumps depend on. Sourced.

# situation or way  module  what else the dump depends on
extras() {
	cat <<-'END'
		probes  l2k
		locks   l2q
		trace   l2e
		user    l2u  lib/programs.sh
		faults  l2f  lib/faults.sh lib/migrate.py
		oom     l2o  lib/faults.sh lib/migrate.py
	END
}

# extra_row NAME: the fields after the first, or nothing.
extra_row() {
	local way situations key
	read -r _ _ way situations _ <<<"$(row crashes "$1")"
	for key in $way ${situations//,/ }; do
		! row extras "$key" || return 0
	done
}

# extra_of NAME: the module, or nothing.
extra_of() {
	extra_row "$1" | awk '{ print $1 }'
}

extra_is_module() { # extra_is_module EXTRA
	[ -e "$here/guest/$1/Kbuild" ]
}

extra_recipe() {
	local module others
	read -r module others <<<"$(extra_row "$1")"
	[ -z "$module" ] || echo "-$(hash_of "guest/$module" lib/extra.sh $others)"
}

# extra_add MODULE ROOT: into the root of a guest, with the script that takes its facts.
extra_add() {
	local module=$1 root=$2 lock
	if extra_is_module "$module"; then
		exec {lock}>"$cache/kernels/lock"
		flock "$lock"
		extra_build "$module"
		flock -u "$lock"
		cp "$kernel/$module/$module.ko" "$root/"
	else
		programs_add "$root"
	fi
	cat "$here/guest/$module/start.sh" "$here/guest/facts.sh" >"$root/facts-$module.sh"
}

extra_build() {
	local module=$1 dir=$kernel/$1 recipe
	recipe=$(hash_of "guest/$module" lib/module.sh)
	[ "$(cat "$dir/recipe" 2>/dev/null)" != "$recipe" ] || return 0
	[ "$build_suite" = here ] || build_root
	say "kernel $release: building $module.ko"
	as_root rm -rf "$dir"
	mkdir -p "$dir"
	cp "$here/guest/$module"/* "$dir"
	module_make -s -C "$kernel/headers/usr/src/linux-headers-$release" M="$dir" \
		CONFIG_DEBUG_INFO_BTF_MODULES='' modules >"$dir/build.log" 2>&1 ||
		die "$module.ko does not build for $release: $(cat "$dir/build.log")"
	echo "$recipe" >"$dir/recipe"
}
