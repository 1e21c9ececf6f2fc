# Kernels that Debian does not build (source_kernels), from its linux-source packages, with a configuration of
# kernels/. Laid out as those of kernel.sh; headers/ leads to the tree they were built in. Not part of
# what other dumps depend on. Sourced.

is_source() { # is_source KEY
	row source_kernels "$1" >/dev/null
}

source_recipe() { # source_recipe NAME: of a dump
	local key
	read -r _ key _ <<<"$(row crashes "$1")"
	! is_source "$key" || echo "-$(source_hash "$key")"
}

config_files() { # config_files LIST: their paths, one on a line
	tr ',' '\n' <<<"$1" | sed 's,^,kernels/,'
}

source_hash() {
	local configs
	read -r _ _ configs _ <<<"$(row source_kernels "$1")"
	mapfile -t configs < <(config_files "$configs")
	echo "$(hash_of lib/source.sh "${configs[@]}")-$(row source_kernels "$1" | cksum | cut -d' ' -f1)"
}

# source_get KEY: as kernel_get.
source_get() {
	local suite package configs version recipe
	read -r suite package configs version <<<"$(row source_kernels "$1")"
	build_suite=here
	debug_job=
	recipe=$(source_hash "$1")
	kernel=$cache/kernels/$1
	if [ "$(cat "$kernel/recipe" 2>/dev/null)" != "$recipe" ]; then
		source_build "$1" "$suite" "$package" "$configs" "$version"
		echo "$recipe" >"$kernel/recipe"
	fi
	release=$(readlink "$kernel")
	kernel=$cache/kernels/$release
}

source_build() {
	local key=$1 suite=$2 package=$3 configs=$4 version=$5 tree=$cache/kernels/$1.tree tool dir
	for tool in flex bison bc; do
		command -v $tool >/dev/null || die "$tool is missing: run tests/install-deps old"
	done
	say "kernel $key: downloading $package"
	apt_use "$suite"
	apt_update
	rm -rf "$tree"
	mkdir -p "$tree/deb"
	dpkg-deb --fsys-tarfile "$(apt_fetch "$tree/deb" "$package")" |
		tar -x -f - -C "$tree/deb" --wildcards './usr/src/*.tar.xz'
	tar -x -f "$tree"/deb/usr/src/linux-source-*.tar.xz -C "$tree" --strip-components=1
	rm -rf "$tree/deb"
	say "kernel $key: building it, which takes minutes"
	config_files "$configs" | (cd "$here" && xargs cat) >"$tree/vmstub.config"
	echo "CONFIG_LOCALVERSION=\"$version\"" >>"$tree/vmstub.config"
	(cd "$tree" && source_make) >"$cache/kernels/$key.log" 2>&1 ||
		die "kernel $key does not build: $(tail -n 5 "$cache/kernels/$key.log")"
	source_configured "$tree"
	release=$(cat "$tree/include/config/kernel.release")
	dir=$cache/kernels/$release
	rm -rf "$dir"
	mkdir -p "$dir/modules" "$dir/headers/usr/src"
	cp "$tree/arch/x86/boot/bzImage" "$dir/vmlinuz"
	mv "$tree/vmlinux" "$dir/vmlinux"
	# What modules are built with stays.
	find "$tree" -name '*.[oa]' -not -path '*/scripts/*' -not -path '*/tools/*' -delete
	touch "$tree/.kernelvariables" # Debian's headers have one
	ln -s "$tree" "$dir/headers/usr/src/linux-headers-$release"
	ln -sfn "$release" "$cache/kernels/$key"
	say "kernel $key: $release is ready"
}

source_make() {
	make -s tinyconfig
	scripts/kconfig/merge_config.sh -m .config vmstub.config >/dev/null
	make -s olddefconfig
	make -s -j"$(nproc)" bzImage modules
}

# Kconfig leaves out without a word what depends on something that is not there.
source_configured() {
	local name value
	while IFS='=' read -r name value; do
		case $name:$value in
		\#* | :*) ;;
		*:n) ! grep -q "^$name=" "$1/.config" || die "$name is set" ;;
		*) grep -qx "$name=$value" "$1/.config" || die "$name is not $value" ;;
		esac
	done <"$1/vmstub.config"
}
