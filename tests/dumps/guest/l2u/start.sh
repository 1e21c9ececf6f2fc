# Put before facts.sh in the guest: programs of many kinds, and pages in zram, on each device by another algorithm.
# The kernels differ in the algorithms they have, and in what compresses: its crypto modules, or zram itself.
out=$1

for module in $(cat /l2u-modules/order); do
	case $module in
	zram) insmod /l2u-modules/zram.ko num_devices=4 ;;
	*) [ ! -e "/l2u-modules/$module.ko" ] || insmod "/l2u-modules/$module.ko" ;;
	esac
done
[ -e /sys/block/zram0 ] || echo "vmstub-guest: failed zram"

# start COMMAND: a program that says who it is, in a line of the facts, when it is where it stays.
start() {
	"$@" >>"$out/workers" &
	for try in $(seq 100); do
		! grep -q " $! " "$out/workers" || return
		sleep 0.1
	done
	echo "vmstub-guest: failed $1"
}

start w_pie
start w_stripped
start w_shared
start w_jit
start w_32

echo "$out/core" >/proc/sys/kernel/core_pattern
echo 0 >/proc/sys/kernel/core_uses_pid
start w_twin

# One device after the other comes first. Each program is on a CPU of its own, as a CPU sets places in swap aside.
n=0
for algorithm in lzo-rle lz4 zstd lzo deflate; do
	[ -e /sys/block/zram$n ] || break
	echo $algorithm >/sys/block/zram$n/comp_algorithm 2>/dev/null || continue
	grep -qF "[$algorithm]" /sys/block/zram$n/comp_algorithm || continue
	echo 16M >/sys/block/zram$n/disksize || echo "vmstub-guest: failed zram$n"
	mknod /dev/zram$n b $(tr : ' ' </sys/block/zram$n/dev) 2>/dev/null
	mkswap /dev/zram$n >/dev/null
	start w_swapped w_zram$n $n 150 /dev/zram$n $((100 + n))
	grep -q "^/dev/zram$n " /proc/swaps || echo "vmstub-guest: failed swapon zram$n"
	n=$((n + 1))
done
# Where there is zswap, it comes before all devices.
if [ -e /sys/module/zswap/parameters/enabled ]; then
	echo 1 >/sys/module/zswap/parameters/enabled
	start w_swapped w_zswap 0 150
	grep . /sys/module/zswap/parameters/* >"$out/zswap" 2>/dev/null
fi
sleep 0.5
grep . /sys/block/zram*/comp_algorithm /sys/block/zram*/disksize /sys/block/zram*/mm_stat >"$out/zram"
# What /proc/PID/pagemap says of each page of theirs, as pagemap does of others.
grep -E '^w_(zram|zswap)' "$out/workers" | while read -r name pid address; do
	dd if=/proc/$pid/pagemap bs=8 count=150 skip=$((address / 4096)) 2>/dev/null >"$out/pagemap-$name"
done
