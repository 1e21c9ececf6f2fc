# Situations that only a kernel finds that checks itself (kernels/checks.config): many dumps of one boot, as of
# the way faults (faults.sh), with the module l2d (guest/l2d) and a device for the host's balloon. Sourced.

# The table in extra.sh belongs to the recipes of all dumps that have a module of their own, so what was added later is here.
eval "first_$(declare -f extras)"
extras() {
	first_extras
	cat <<-'END'
		checks  l2d  lib/checks.sh lib/balloon.py lib/faults.sh lib/migrate.py
	END
}

checks_balloon=$((64 << 20)) # bytes that the guest gives back

way_checks() { # way_checks DIR CPU CMDLINE
	local dir=$1 cpu=$2 cmdline="panic=0 $3" one state=$1/state
	# The rest are words of their own for QEMU.
	guest_memory="512M -device virtio-balloon-pci"
	faults_boot "$dir" "$cpu" "$cmdline" "$state"
	for one in $(faults_of "$situation"); do
		[ "$one" != given ] || checks_inflate "$dir/$one" &
		faults_crash "$dir" "$cpu" "$cmdline" "$state" "$one"
	done
	rm "$state"
}

# checks_inflate DIR: when the guest there asks for it. If this fails, the guest waits in vain, and says so.
checks_inflate() {
	local end=$((SECONDS + $(limit 200)))
	until guest_said "$1" 'vmstub-guest: wants its balloon' || [ $SECONDS -gt $end ]; do
		sleep 0.2
	done
	python3 "$here/lib/balloon.py" "$1/qmp" $(((512 << 20) - checks_balloon))
}
