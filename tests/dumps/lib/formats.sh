# One crash in every format: DIR/vmcore.elf becomes DIR/vmcore.<format>. Sourced.

# find_makedumpfile: sets $converter to one that knows zstd and recent kernels.
# The one in the guest is the machine's own, as a user would have it.
find_makedumpfile() {
	local dir=$cache/tools/makedumpfile-trixie
	converter=makedumpfile
	! makedumpfile -v 2>&1 | grep -q 'zstd.*enabled' || return 0
	converter=$dir/usr/bin/makedumpfile
	[ ! -x "$converter" ] || return 0
	say "formats: the makedumpfile here has no zstd, getting trixie's"
	rm -rf "$dir"
	mkdir -p "$dir"
	apt_use trixie
	apt_update
	dpkg-deb -x "$(apt_fetch "$dir" makedumpfile)" "$dir"
	"$converter" -v >/dev/null 2>&1 || die "trixie's makedumpfile does not run here"
}

# make_format DIR FORMAT
make_format() {
	local elf=$1/vmcore.elf temp=$1/.vmcore.temp
	say "formats: $2"
	rm -f "$temp" "$temp.raw"
	case $2 in
	lzo) convert -l -d 31 "$elf" "$temp" ;;
	zlib) convert -c -d 31 "$elf" "$temp" ;;
	zstd) convert -z -d 31 "$elf" "$temp" ;;
	lzo-d0) convert -l -d 0 "$elf" "$temp" ;;
	flat) convert -F -c -d 31 "$elf" >"$temp" ;;
	snappy) # no Debian release builds makedumpfile with snappy
		convert -d 31 "$elf" "$temp.raw"
		python3 "$here/lib/to_snappy.py" "$temp.raw" "$temp"
		rm "$temp.raw"
		;;
	*) die "unknown format $2" ;;
	esac
	chmod 644 "$temp"
	mv "$temp" "$1/vmcore.$2"
}

# Flattened output goes to stdout, so what makedumpfile says is told apart by stream.
convert() {
	local log
	log=$(mktemp)
	if [ "$1" = -F ]; then
		"$converter" "$@" 2>"$log"
	else
		"$converter" "$@" >"$log" 2>&1
	fi || { cat "$log" >&2; die "makedumpfile $* failed"; }
	rm "$log"
}
