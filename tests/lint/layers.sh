#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# layers.sh - fails if a file in stub/ or arch/ includes something that its layer may not (layers.txt).
set -eu
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2046 # names without blanks
awk '
function dir_of(path) { sub("/[^/]*$", "", path); return path }
FNR == NR {
	if ($0 ~ /^#/ || NF == 0) next
	layer = $1; sub(":$", "", layer)
	known[layer] = 1
	for (i = 2; i <= NF; i++) may[layer, $i] = 1
	next
}
FNR == 1 {
	layer = FILENAME in known ? FILENAME : dir_of(FILENAME)
	if (!(layer in known)) { print FILENAME ": no layer in layers.txt"; bad = 1 }
}
/^[ \t]*#[ \t]*include[ \t]+"/ {
	split($0, part, "\"")
	target = part[2]
	if (target !~ "/") { print FILENAME ":" FNR ": write the path from the root: " target; bad = 1; next }
	if (!(dir_of(target) == dir_of(FILENAME) || (layer, target) in may ||
	      (layer, dir_of(target)) in may)) {
		print FILENAME ":" FNR ": " layer " may not include " target
		bad = 1
	}
}
END { exit bad }
' tests/lint/layers.txt $(find stub arch -name '*.[ch]' | sort)
