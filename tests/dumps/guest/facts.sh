# What the running kernel says about itself just before it crashes, one file
# each, into the directory $1: the truth that tests compare the dump with.
# One process a file, not one a task: the CPUs are emulated.
out=$1

for name in cmdline cpuinfo meminfo modules kallsyms iomem interrupts mounts uptime version vmallocinfo; do
	cat /proc/$name >"$out/$name"
done
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
grep . /proc/[0-9]*/maps >"$out/maps"
