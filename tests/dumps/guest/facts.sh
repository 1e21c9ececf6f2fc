# What the running kernel says about itself just before it crashes, one file
# each, into the directory $1: the truth that tests compare the dump with.
# Few processes, neither one a task nor one a file: the CPUs are emulated.
out=$1

cd /proc
copyfiles "$out" cmdline cpuinfo modules kallsyms iomem ioports interrupts softirqs mounts uptime version \
	vmallocinfo slabinfo buddyinfo pagetypeinfo swaps filesystems devices partitions diskstats timer_list \
	loadavg consoles locks sys/kernel/tainted sys/vm/overcommit_memory net/dev net/tcp net/tcp6 net/udp net/udp6 net/unix \
	net/packet net/raw net/arp sysvipc/shm sysvipc/sem sysvipc/msg kpageflags kpagecount
cd /
# What a module beside l2w starts only now.
! type after_files >/dev/null 2>&1 || after_files
# They count mapped pages, of which those of busybox are mapped at the crash, too, and those of copyfiles are not.
for name in meminfo vmstat zoneinfo; do
	cat /proc/$name >"$out/$name"
done
mount -t debugfs debugfs /sys/kernel/debug
cat /proc/sched_debug /sys/kernel/debug/sched/debug >"$out/sched_debug" 2>/dev/null
ip addr >"$out/ip-addr"
grep . /sys/class/dmi/id/[a-z]* >"$out/dmi" 2>/dev/null
# <file>:<line>
grep . /sys/bus/pci/devices/*/vendor /sys/bus/pci/devices/*/device /sys/bus/pci/devices/*/class >"$out/pci" 2>/dev/null
grep . /proc/irq/*/smp_affinity_list /proc/irq/*/effective_affinity_list >"$out/affinity" 2>/dev/null
grep . /sys/kernel/irq/*/[a-z]* >"$out/irq" 2>/dev/null
ls -l /proc/[0-9]*/fd /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe >"$out/fds" 2>/dev/null
cat /proc/l2w_facts >"$out/l2w"
cat /proc/l2w_tasks >"$out/tasks"
uname -a >"$out/uname"
date +%s >"$out/date"
dmesg >"$out/dmesg"
cat /sys/kernel/vmcoreinfo >"$out/vmcoreinfo-address"

# <file>:<address>; names of sections start with a dot, which * does not match
grep . /sys/module/*/sections/.[a-z_]* /sys/module/*/sections/[a-z_]* 2>/dev/null >"$out/sections"
# How often each ran, before its stack is taken: who did not run since still has that stack in the dump.
grep ctxt_switches /proc/[0-9]*/task/[0-9]*/status >"$out/switches"
# <file>:<line>, for every thread; stacks of sleeping ones as the kernel itself unwinds them
grep . /proc/[0-9]*/task/[0-9]*/stack >"$out/stacks"
grep . /proc/[0-9]*/task/[0-9]*/syscall >"$out/syscalls"
grep . /proc/[0-9]*/task/[0-9]*/stat >"$out/stat"
grep . /proc/[0-9]*/task/[0-9]*/status >"$out/status"
grep . /proc/[0-9]*/limits >"$out/limits"
grep . /proc/[0-9]*/maps >"$out/maps"
grep . /proc/[0-9]*/mountinfo >"$out/mountinfo"
# PID ARGUMENT|ARGUMENT|; the echo ends the last line.
(head -v -c 4096 /proc/[0-9]*/cmdline 2>/dev/null; echo) | tr '\0' '|' |
	sed -n '/^==> /{N;s,^==> /proc/\([0-9]*\)/cmdline <==\n,\1 ,p}' >"$out/cmdlines"
# What /proc/PID/pagemap says of the page of each worker's greeting: name, pid, address, the entry in octal bytes.
while read -r name pid address; do
	echo "$name $pid $address $(dd if=/proc/$pid/pagemap bs=8 count=1 skip=$((address / 4096)) 2>/dev/null | od -An -tx8)"
done <"$out/workers" >"$out/pagemap"
