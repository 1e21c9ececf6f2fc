# Programs of other kinds than the workers, and kernel modules that only their guest needs: guest/l2u. Part of what the
# dumps with them depend on, and no others. Sourced.

# program  its source, flags of gcc
programs() {
	cat <<-'END'
		w_pie       w_pie.c      -O1 -g -static-pie
		w_stripped  w_pie.c      -O1 -s
		w_shared    w_shared.c   -O1 -g -L. -l:libl2u.so -Wl,-rpath,/lib
		w_jit       w_jit.c      -O1 -g -static
		w_32        w_32.c       -O1 -g -m32 -static -nostdlib -ffreestanding -fno-pie -no-pie -fno-stack-protector
		w_swapped   w_swapped.c  -O2 -s -static
		w_twin      w_twin.c     -O1 -g -static
	END
}

# programs_build DIR: as they are in the guest's root, with the libraries that they need.
programs_build() {
	local dir=$1 source=$here/guest/l2u name file flags library
	mkdir -p "$dir/bin" "$dir/lib"
	gcc -O1 -g -fPIC -shared -o "$dir/lib/libl2u.so" "$source/libl2u.c"
	while read -r name file flags; do
		(cd "$dir/lib" && gcc -o "$dir/bin/$name" "$source/$file" $flags) || die "$name does not build"
	done < <(programs)
	LD_LIBRARY_PATH=$dir/lib ldd "$dir/bin/w_shared" | grep -o '/[^ ]*' | while read -r library; do
		[ "$library" != "$dir/lib/libl2u.so" ] || continue
		mkdir -p "$dir$(dirname "$library")"
		cp -n "$library" "$dir$library"
	done
}

# programs_add ROOT: into the root of a guest. They stay in the folder beside it.
programs_add() {
	local module
	programs_build "${1%/*}/programs"
	cp -r "${1%/*}/programs/." "$1/"
	mkdir -p "$1/l2u-modules"
	echo "$swap_modules" >"$1/l2u-modules/order"
	for module in $swap_modules; do # as far as they are modules in this kernel
		cp "$kernel/modules/$module.ko" "$1/l2u-modules/" 2>/dev/null || :
	done
}
