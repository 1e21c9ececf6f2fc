#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# packages.sh - checks that packaging/libraries.txt, tests/install-deps, packaging/debian/control, packaging/vmstub.spec and
# the Makefile name the same libraries, and that the version is the same everywhere. Prints what is wrong. With --write,
# it writes the packages of libraries.txt into the other files, except the Makefile.
set -u
cd "$(dirname "$0")/../.." || exit 2

bad=0
complain() {
	echo "$1"
	bad=1
}

# column N: what that column of libraries.txt says, one per line.
column() {
	awk -v n="$1" '!/^#/ && NF { print $n }' packaging/libraries.txt
}

debian() { column 1 | tr -d '()'; }
named() { column 1 | grep -v '^('; }
fedora() { column 2 | grep -v '^('; }


# What the files name now.
in_install_deps() { sed -n "/^build='/,/'\$/p" tests/install-deps | sed "s/^build='//;s/'//" | tr -s ' \t' '\n' | grep .; }
in_control() { sed -n '/^Build-Depends:/,/^[A-Z]/p' packaging/debian/control | sed -n 's/^ \([^ ,]*\),$/\1/p'; }
in_spec() { sed -n 's/^BuildRequires: *//p' packaging/vmstub.spec; }
in_makefile() { grep -v '^\s*#' Makefile | grep -oE '(^|[ ,=])-l[a-z+][a-z0-9+]*' | sed 's/.*-l//' | grep -vxE 'cmocka|bpf|kdumpfile' | sort -u; }

if [ "${1:-}" = --write ]; then
	packages=$(debian | tr '\n' ' ' | sed 's/ $//' | fold -s -w 112 | sed 's/ $//' | sed '2,$s/^/\t/') awk '
	/^build=\x27/ { print "build=\x27" ENVIRON["packages"] "\x27"; skip = 1 }
	!skip { print }
	/\x27$/ { skip = 0 }' tests/install-deps >tests/install-deps.new &&
		cat tests/install-deps.new >tests/install-deps && rm tests/install-deps.new
	rows=$(named | sed 's/.*/ &,/') awk '
	/^Build-Depends:/ { print; print " debhelper-compat (= 13),"; print ENVIRON["rows"]; skip = 1; next }
	/^[A-Z]/ { skip = 0 }
	!skip { print }' packaging/debian/control >packaging/control.new && mv packaging/control.new packaging/debian/control
	rows=$(fedora | sed 's/^/BuildRequires:  /') awk '
	/^BuildRequires:/ { next }
	/^Recommends:/ { print ENVIRON["rows"] }
	{ print }' packaging/vmstub.spec >packaging/spec.new && mv packaging/spec.new packaging/vmstub.spec
fi

# compare FILE WANTED FOUND
compare() {
	local name
	for name in $(comm -13 <(sort -u <<<"$3") <(sort -u <<<"$2")); do
		complain "$1 lacks $name, which packaging/libraries.txt has; tests/lint/packages.sh --write mends the lists of packages"
	done
	for name in $(comm -23 <(sort -u <<<"$3") <(sort -u <<<"$2")); do
		complain "$1 has $name, but packaging/libraries.txt does not: add a line there"
	done
}

compare "tests/install-deps (build)" "$(debian)" "$(in_install_deps)"
compare packaging/debian/control "$(named)" "$(in_control | grep -v '^debhelper-compat')"
compare packaging/vmstub.spec "$(fedora)" "$(in_spec)"
compare "the Makefile" "$(column 3 | tr , '\n' | grep -vx -- -)" "$(in_makefile)"

version=$(sed -n 's/^VERSION := //p' Makefile)
[ "$(sed -n '1s/.*(\(.*\)).*/\1/p' packaging/debian/changelog)" = "$version" ] ||
	complain "packaging/debian/changelog does not begin with version $version of the Makefile"
[ "$(sed -n 's/^Version: *//p' packaging/vmstub.spec)" = "$version" ] ||
	complain "packaging/vmstub.spec does not have version $version of the Makefile"
exit $bad
