#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Gets libkdumpfile's own tests and what makes their dumps: from the first release of Debian whose mirror has the source.
#   libkdumpfile.sh DUMPDATA WORK-DIR        WORK-DIR/tests with the scripts, WORK-DIR with the programs that they run
# Exit 77: no mirror has it. Cache: as for tests/dumps/make.
set -euo pipefail
export LC_ALL=C
dumpdata=$1 work=$2
here=$(cd "$(dirname "$0")/../dumps" && pwd)
. "$here/lib/common.sh"
. "$here/lib/apt.sh"
kept=$cache/tools/libkdumpfile-source
mkdir -p "$kept"
for suite in bookworm trixie sid; do
	[ -z "$(find "$kept" -name 'libkdumpfile_*.orig.tar.*' -print -quit)" ] || break
	apt_use "$suite"
	sed 's/^deb /deb-src /' "$apt_dir/sources.list" >"$apt_dir/source.list"
	options=("${apt_options[@]}" -o Dir::Etc::sourcelist="$apt_dir/source.list" -o Dir::State="$apt_dir/source-state")
	mkdir -p "$apt_dir/source-state/lists/partial"
	apt-get "${options[@]}" update >/dev/null 2>&1 || continue
	# apt checks each file against the signed list, and gives those a name that are right
	(cd "$kept" && apt-get "${options[@]}" source --download-only libkdumpfile >/dev/null 2>&1) || :
done
tar=$(find "$kept" -name 'libkdumpfile_*.orig.tar.*' -print -quit)
[ -n "$tar" ] || {
	echo "no Debian mirror has the source of libkdumpfile"
	exit 77
}
mkdir -p "$work/source"
tar -x -f "$tar" -C "$work/source" --strip-components=1
ln -s source/tests "$work/tests"
: >"$work/tests/config.h"
for program in mkelf mkdiskdump; do
	(cd "$work/tests" && gcc -w -D_GNU_SOURCE -DUSE_ZLIB=1 -DUSE_LZO=1 -DUSE_SNAPPY=1 -DUSE_ZSTD=1 -I. -I../include \
		$program.c data.c param.c rle.c slurp.c -o "$work/$program" -lz -llzo2 -lsnappy -lzstd)
done
ln -s "$dumpdata" "$work/dumpdata"
ln -s "$(cd "$(dirname "$0")" && pwd)/libkdumpfile_attributes.py" "$work/checkattr"
# It reads pages in many threads, to try libkdumpfile's locks; here, once.
cat >"$work/multiread" <<'END'
#!/bin/sh
shift 4 # -t SECONDS -n THREADS
./dumpdata "$1" $(($2 * 4096)) $((($3 - $2) * 4096)) >/dev/null
END
# It changes registers, which vmstub cannot.
printf '#!/bin/sh\n' >"$work/elf-prstatus-mod-x86_64"
chmod 755 "$work/multiread" "$work/elf-prstatus-mod-x86_64"
