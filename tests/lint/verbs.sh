#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# verbs.sh - the verbs stand, each with the words of its own table, in the man page, and have a row in
# docs/verbs.md and a command in the gdb script. Prints what does not. With --write it writes the man page's list.
set -u
cd "$(dirname "$0")/../.." || exit 2
make -s build/tools/verbs || exit 2

man_rows() {
	build/tools/verbs | while IFS=$'\t' read -r name brief; do
		printf '.TP\n.B %s\n%s\n' "$name" "$brief"
	done
}

if [ "${1:-}" = --write ]; then
	rows=$(man_rows) awk '
	/^\.\\" verbs$/ { print; print ENVIRON["rows"]; skip = 1; next }
	/^\.\\" end of verbs$/ { skip = 0 }
	!skip { print }' docs/vmstub.1 >docs/vmstub.1.new && mv docs/vmstub.1.new docs/vmstub.1
fi

bad=0
complain() {
	echo "$1"
	bad=1
}
listed=$(sed -n '/^\.\\" verbs$/,/^\.\\" end of verbs$/p' docs/vmstub.1 | sed '1d;$d')
[ "$listed" = "$(man_rows)" ] || complain "docs/vmstub.1: its verbs are not those of the tables; tests/lint/verbs.sh --write mends it"
while IFS=$'\t' read -r name _; do
	grep -qE "^\| ([a-z]+, )*${name}[ ,]" docs/verbs.md || complain "docs/verbs.md: no row for $name"
	case $name in
	help | set) ;; # gdb's own are not taken over
	*)
		grep -qE "(alias|define) k?$name( |\$)" gdbscripts/vmstub.gdb ||
			complain "gdbscripts/vmstub.gdb: no command $name"
		;;
	esac
done < <(build/tools/verbs)
exit $bad
