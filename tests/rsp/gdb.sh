#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# gdb.sh [GDB [RSPFAKE]] - drives a real gdb against tests/tools/rspfake.c.
# After every command that would run the program, gdb must say why it cannot, stay on its thread and still
# know the stack. Exit status 0: success, 1: failure, 77: no gdb here.
gdb=${1:-gdb}
fake=${2:-build/tools/rspfake}
command -v "$gdb" >/dev/null || { echo "SKIP: no $gdb"; exit 77; }

out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
failed=0

# session COMMAND...: runs the commands in one gdb; the output goes to $out
session() {
	args=
	for c in "$@"; do
		args="$args -ex '$c'"
	done
	eval timeout "$(tests/patience.py 60)" "$gdb" -nx -batch -iex "'set debuginfod enabled off'" \
		-ex "'set confirm off'" -ex "'target remote | $fake'" "$args" "$fake" \
		>"$out" 2>&1
}

# want N TEXT: checks that exactly N lines of $out contain TEXT (a fixed string)
want() {
	n=$(grep -cF -e "$2" "$out")
	if [ "$n" -ne "$1" ]; then
		echo "FAIL: expected $1 lines with: $2, got $n:"
		cat "$out"
		failed=1
	fi
}

for run in continue stepi nexti step next finish until 'advance main' 'signal SIGINT'; do
	session 'thread 1' 'thread 3' "$run" bt thread 'info registers rip'
	want 1 'The kernel in a crash dump cannot run.'
	want 1 ' in outer ('
	want 1 'Current thread is 3 '
	want 1 '<inner+'
done

session 'break outer' 'hbreak main' 'watch local' continue delete continue bt
want 2 'The kernel in a crash dump cannot run.'
want 2 'Thread 2 "CPU 1 <a&b>" stopped.'
want 1 ' in outer ('

session 'set var $rax = 5' 'set var local = 5' 'p $rax' 'x/s needle' 'x/x 0' \
	'find &needle, +sizeof(needle), "find"' 'info threads'
want 1 'The registers of a crash dump cannot be changed'
want 1 '$1 = 2'
want 1 '"a needle to find"'
want 1 'Cannot access memory at address 0x0'
want 1 '<needle+12>'
want 1 '* 2    Thread 2 "CPU 1 <a&b>" (task 2)'
want 1 '  3    Thread 31 "CPU 30 <a&b>" (task 1f)'

session 'monitor big' 'monitor nosuch' 'monitor fail' 'monitor tid'
want 100 ' of the output'
want 1 'no such verb: "nosuch"'
want 1 'no #more*'
want 1 'thread 2'

[ "$failed" -eq 0 ] && echo "rsp with $("$gdb" --version | head -n 1): ok"
exit "$failed"
