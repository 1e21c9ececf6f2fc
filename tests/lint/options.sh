#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# options.sh - checks that vmstub's options are the same in the table for getopt (stub/options.c), in --help (stub/usage.c) and in the man
# page, and that those in vmgdb's --help are in its script and man page. The shells' completions read --help.
# Prints what is wrong.
set -u
cd "$(dirname "$0")/../.." || exit 2

bad=0
# compare WHERE OPTIONS WHERE OPTIONS
compare() {
	local found
	found=$(comm -3 <(sort -u <<<"$2") <(sort -u <<<"$4"))
	[ -z "$found" ] && return
	echo "$1 and $3 have different options:" $found
	bad=1
}

# The options in a text of --help: lines that begin with one, others after commas, arguments after one blank.
in_help() {
	sed -nE 's/^ +(-.*)$/\1/p' | sed 's/   *.*//' | sed 's/, /\n/g' | awk '{ sub(/\[=.*/, ""); print $1 }'
}

# The options at the heads of paragraphs of a man page.
in_man() {
	sed -n '/^\.SH OPTIONS/,/^\.SH [^O]/p' "$1" | grep -A1 '^\.TP' | grep -oE '\\-\\?-?[a-z][a-z\\-]*' | sed 's/\\//g'
}

# Both texts are in the sources, so nothing need be built.
table=$(grep -oE '\{ "[a-z-]+", (no|required|optional)_argument' stub/options.c | sed 's/{ "//;s/".*//;s/^/--/')
short=$(sed -nE 's/.*getopt_long\(argc, argv, "([a-z:]*)".*/\1/p' stub/options.c | tr -d : | fold -w 1 | sed 's/^/-/')
help=$(sed -n '/^void usage/,/^}/p' stub/usage.c | sed 's/^[ \t]*//;s/^fputs(//' | grep '^"' |
	sed 's/^"//;s/"[,)]*;*$//' | tr -d '\n' | sed 's/\\n/\n/g' | in_help)
compare "the table in stub/options.c" "$table
$short" "vmstub --help" "$help"
compare "vmstub --help" "$help" "docs/vmstub.1" "$(in_man docs/vmstub.1)"

help=$(sed -n '/^usage()/,/^}/p' gdbscripts/vmgdb | in_help)
compare "vmgdb --help" "$help" "docs/vmgdb.1" "$(in_man docs/vmgdb.1 | grep -v '^--$')"
for option in $help; do
	sed '1,/^while /d' gdbscripts/vmgdb | grep -qE -- "(^	|\| )$option( \||\))" || {
		echo "gdbscripts/vmgdb does not take $option, which its --help has"
		bad=1
	}
done
exit $bad
