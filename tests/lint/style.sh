#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# style.sh - what `make check-style` checks besides compiler warnings: format, layers, rules of the
# house that grep can see, cppcheck, shellcheck. Prints every finding; fails when there is one.
# Tools that are not installed are named and left out.
set -u
shopt -s lastpipe # complain() at the end of a pipe sets bad
cd "$(dirname "$0")/../.." || exit 2

bad=0
mapfile -t c_files < <(find stub arch tests bench -name '*.[ch]' | sort)
mapfile -t code < <(find stub arch -name '*.[ch]' | sort)

complain() { # what was found on stdin, one finding a line
	local found
	found=$(cat)
	[ -z "$found" ] && return
	printf '%s\n' "$found" | sed "s|^|$1: |"
	bad=1
}

have() {
	command -v "$1" >/dev/null && return
	echo "style.sh: $1 is not installed, its checks are left out" >&2
	return 1
}

# The code without comments, as FILE:LINE:TEXT.
without_comments() {
	awk '
	FNR == 1 { inside = 0 }
	{
		line = $0
		if (inside) {
			if (!sub(/^.*\*\//, "", line)) next
			inside = 0
		}
		gsub(/\/\*([^*]|\*[^\/])*\*\//, "", line)
		sub(/\/\/.*/, "", line)
		if (sub(/\/\*.*/, "", line)) inside = 1
		print FILENAME ":" FNR ":" line
	}' "$@"
}

check_format() {
	have clang-format || return
	clang-format --dry-run -Werror "${c_files[@]}" 2>&1 | grep -E 'error:' | complain format
}

check_rules() {
	local plain
	plain=$(without_comments "${code[@]}")
	# In pipe mode stdout is the protocol.
	echo "$plain" | grep -vE '^stub/(main|rsp/conn)\.c:' |
		grep -E '\<(v?printf|puts|putchar)\(|\<stdout\>|STDOUT_FILENO' | complain "prints to stdout"
	# A feature that fails is switched off; the program goes on.
	echo "$plain" | grep -v '^stub/main\.c:' |
		grep -E '\<(_?exit|_Exit|quick_exit|abort)\(' | complain "ends the program"
	# What the dump can tell is not asked of its version; these leave no other trace, see their comments.
	# Devices have majors, too.
	echo "$plain" | grep -vE '^(stub/kernel/kernel|arch/x86_64/linux/orc|stub/monitor/sys/cmd_dev|stub/subsys/dev/[a-z]*)\.[ch]:' |
		grep -E '"%u\.%u|\<(major|minor)\>|KERNEL_VERSION' | complain "compares releases"
	# gdb may be built without Python.
	grep -nE '^[[:space:]]*(python|py|pi|python-interactive)\>' -r gdbscripts | complain "needs Python"
	grep -L SPDX-License-Identifier "${code[@]}" | complain "names no licence"
	tests/lint/layers.sh | complain layers
	tests/lint/verbs.sh | complain verbs
}

# Every function starts with "{" in column 0. Long ones are a warning: a flat table may be long.
warn_long_functions() {
	awk '
	FNR == 1 { start = 0 }
	/^[a-z].*\(/ { head = $0 }
	/^\{/ { start = FNR }
	/^\}/ && start {
		if (FNR - start - 1 > 80)
			print "note: " FILENAME ":" start ": function of " FNR - start - 1 " lines: " head
		start = 0
	}' "${code[@]}"
}

# Left out: NULL is a pointer on Linux (varFuncNullUB), each DIR has one reader (readdirCalled), and AUTO()
# and AUTO_FREE are unknown to it (memleak: LeakSanitizer sees to that).
check_cppcheck() {
	have cppcheck || return
	cppcheck -q -j "$(nproc)" --std=c11 --library=posix,gnu --inline-suppr \
		--enable=warning,performance,portability \
		--suppress=missingIncludeSystem --suppress=varFuncNullUB --suppress=readdirCalled \
		--suppress=memleak \
		--template='{file}:{line}: {message} [{id}]' -I . -D_GNU_SOURCE -DVMSTUB_VERSION='""' \
		-DHAVE_LZO -DHAVE_ZSTD -DHAVE_LIBDEFLATE -DHAVE_SNAPPY -DHAVE_LIBBPF -DHAVE_OPCODES \
		stub arch 2>&1 | complain cppcheck
}

# SC2034, SC2154: files that are sourced set variables for others, and `read` names words it drops.
check_shell() {
	local scripts
	have shellcheck || return
	mapfile -t scripts < <(find gdbscripts tests .ci -type f ! -path '*/corpus/*' \
		-exec awk 'FNR == 1 && /^#!.*\/(ba)?sh/ { print FILENAME } { nextfile }' {} + | sort)
	shellcheck -x -P SCRIPTDIR -S warning -e SC2034,SC2154 -f gcc "${scripts[@]}" | complain shellcheck
}

check_format
check_rules
check_cppcheck
check_shell
warn_long_functions
exit $bad
