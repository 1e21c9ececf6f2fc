#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# style.sh - the checks of `make check-style` besides compiler warnings: format, layers, coding rules
# that grep can check, cppcheck, shellcheck. Prints every finding, and fails if there is one. Names
# and skips tools that are not installed.
set -u
shopt -s lastpipe # complain() at the end of a pipe sets bad
cd "$(dirname "$0")/../.." || exit 2

bad=0
mapfile -t c_files < <(find stub arch tests bench -name '*.[ch]' | sort)
mapfile -t code < <(find stub arch -name '*.[ch]' | sort)

complain() { # findings on stdin, one per line
	local found
	found=$(cat)
	[ -z "$found" ] && return
	printf '%s\n' "$found" | sed "s|^|$1: |"
	bad=1
}

have() {
	command -v "$1" >/dev/null && return
	echo "style.sh: $1 is not installed, skipping its checks" >&2
	return 1
}

# Prints the code without comments, as FILE:LINE:TEXT.
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
	echo "$plain" | grep -vE '^stub/(main|options|exec|pager|reports|gcore|rsp/conn)\.c:' |
		grep -E '\<(v?printf|puts|putchar)\(|\<stdout\>|STDOUT_FILENO' | complain "prints to stdout"
	# If a feature fails, the program continues without it. base/pool and pager end a process of their own.
	echo "$plain" | grep -vE '^stub/(main|pager|base/pool)\.c:' |
		grep -E '\<(_?exit|_Exit|quick_exit|abort)\(' | complain "ends the program"
	# Code must look at the dump's types and symbols, not at the kernel's version. The exceptions have no other
	# way, see their comments. Devices also have majors.
	echo "$plain" | grep -vE '^(stub/kernel/dumpsyms|stub/kernel/release|arch/x86_64/linux/orc|stub/monitor/sys/cmd_dev|stub/subsys/dev/[a-z]*)\.[ch]:' |
		grep -E '"%u\.%u|\<(major|minor)\>|KERNEL_VERSION' | complain "compares releases"
	# gdb may be built without Python.
	grep -nE '^[[:space:]]*(python|py|pi|python-interactive)\>' -r gdbscripts | complain "needs Python"
	grep -L SPDX-License-Identifier "${code[@]}" | complain "names no licence"
	tests/lint/layers.sh | complain layers
	tests/lint/verbs.sh | complain verbs
	tests/lint/packages.sh | complain packages
	tests/lint/options.sh | complain options
}

# Every function starts with "{" in column 0. Only warns of long ones: a flat table may be long.
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

# Suppressed: NULL is a pointer on Linux (varFuncNullUB), each DIR has one reader (readdirCalled), and cppcheck
# does not know AUTO() and AUTO_FREE (memleak; LeakSanitizer finds leaks).
check_cppcheck() {
	have cppcheck || return
	cppcheck -q -j "$(nproc)" --std=c11 --library=posix,gnu --inline-suppr \
		--enable=warning,performance,portability \
		--suppress=missingIncludeSystem --suppress=varFuncNullUB --suppress=readdirCalled \
		--suppress=memleak \
		--template='{file}:{line}: {message} [{id}]' -I . -D_GNU_SOURCE -DVMSTUB_VERSION='""' \
		-DHAVE_LZO -DHAVE_LZ4 -DHAVE_ZSTD -DHAVE_LIBDEFLATE -DHAVE_SNAPPY -DHAVE_LIBBPF -DHAVE_OPCODES \
		stub arch 2>&1 | complain cppcheck
}

# SC2034, SC2154: sourced files set variables for others, and `read` has names for unused words.
check_shell() {
	local scripts
	have shellcheck || return
	mapfile -t scripts < <(find gdbscripts packaging tests .ci -type f ! -path '*/corpus/*' \
		-exec awk 'FNR == 1 && /^#!.*\/(ba)?sh/ { print FILENAME } { nextfile }' {} + | sort)
	shellcheck -x -P SCRIPTDIR -S warning -e SC2034,SC2154 -f gcc "${scripts[@]}" | complain shellcheck
}

check_format
check_rules
check_cppcheck
check_shell
warn_long_functions
exit $bad
