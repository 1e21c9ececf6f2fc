# Dumps of a kernel without memory: like the way faults (faults.sh), but the guest has the module l2o (guest/l2o), and
# the situations are hogs. console-HOG.log has what the guest said of its memory before the hog took the rest. Sourced.

# oom_extra WAY: the module, or nothing.
oom_extra() {
	[ "$1" != oom ] || echo l2o
}

oom_recipe() { # oom_recipe NAME
	[ "$(row crashes "$1" | awk '{ print $3 }')" != oom ] ||
		echo "-$(hash_of guest/l2o lib/oom.sh lib/faults.sh lib/migrate.py lib/extra.sh)"
}

way_oom() {
	way_faults "$@"
}
