# Shared by all of tests/dumps: where things are kept, progress, errors.
# Sourced; expects $here = tests/dumps.

cache=$(realpath -m "${VMSTUB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vmstub}")

say() { # one line for each step that takes time, with the seconds since the start
	printf '[%3ds] %s\n' "$SECONDS" "$*" >&2
}

die() {
	printf 'dumps: %s\n' "$*" >&2
	exit 1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# hash_of PATH...: one short hash of the names and contents of files below $here, to
# see that a recipe changed.
hash_of() {
	(cd "$here" && find "$@" -type f | sort | xargs sha256sum) | sha256sum | cut -c1-16
}

# row TABLE KEY: prints the fields of that row; a table is a function that prints rows.
row() {
	"$1" | awk -v key="$2" '$1 == key { $1 = ""; print; found = 1 } END { exit !found }'
}

# limit SECONDS: more where the machine is slow or busy.
limit() {
	"$here/../patience.py" "$1"
}

# publish TEMP FINAL: puts a finished directory in place of the old one.
publish() {
	rm -rf "$2.old"
	[ ! -e "$2" ] || mv "$2" "$2.old"
	mv "$1" "$2"
	rm -rf "$2.old"
}
