# SPDX-License-Identifier: GPL-3.0-or-later
"""Known differences between the output of verbs and peers, with reasons: rules for lines that are not equal.

A rule explains lines of one side (side "<" ours, ">" theirs, "=" both) that match its pattern, or pairs of lines that are
equal after `same` is applied to both. It names the peer, verbs and dumps that it applies to, so that it hides nothing else."""
import re
from typing import Callable, NamedTuple, Optional

VERBS = ("ps", "ps -l", "ps -m", "ps -S", "ps -r 1", "ps -y FIFO,rr", "ps -G", "ps -k", "ps -u", "mod", "mod -t", "sys", "sys -t", "sys -c",
         "log", "log -m", "runq", "runq -t", "runq -T", "mount", "sig -l", "kmem -s", "kmem -v", "kmem -i", "kmem -z", "kmem -V",
         "kmem -o", "irq", "irq -a", "irq -b", "irq -s", "timer", "timer -r", "dev", "dev -p", "dev -i", "dev -d", "net", "net -a", "mach",
         "mach -m", "swap", "ipcs", "ipcs -M", "struct list_head", "struct page", "sym panic", "bpf")
OF_TASKS = {"ps -t": ("w_pipe", "w_zombie"), "ps -a": ("w_files",), "ps -p": ("w_threads",), "ps -g": ("w_threads",),
            "files": ("w_files", "w_sockets"), "vm": ("w_files", "w_threads"), "sig": ("w_signals", "w_pipe"), "sig -g": ("w_threads",),
            "net -s": ("w_sockets",)}

# Commands and options that a peer lacks.
LACKS = {
    "crash": (),
    "drgn": ("ipcs -M", "sys -t", "sys -c", "mach", "sig -l", "log -m", "kmem -z", "kmem -V", "kmem -o", "net -a", "net -s w_sockets", "ps -r 1", "struct page", "vtop", "bpf"),
}


class Rule(NamedTuple):
    peer: str
    verbs: str  # a pattern for the whole name
    reason: str
    side: str = ""
    pattern: Optional[re.Pattern] = None
    same: Optional[Callable] = None
    dumps: str = ""  # a pattern for the start of the name

    def holds(self, peer, verb, dump):
        return bool(re.fullmatch(self.peer, peer) and re.fullmatch(self.verbs, verb) and re.match(self.dumps, dump))


def only(peer, verbs, side, pattern, reason, dumps=""):
    return Rule(peer, verbs, reason, side, re.compile(pattern), None, dumps)


def same(peer, verbs, pattern, by, reason, dumps=""):
    expression = re.compile(pattern)
    return Rule(peer, verbs, reason, same=lambda line: expression.sub(by, line), dumps=dumps)


CLOCK = "crash takes HZ for 1000, as this kernel holds no configuration; its uptime is wrong, too"
ALONE = "the peer does not print it"
ROUND = "rounded, not cut off"
PATH = r"(?:\.\./|debian/build/[^/]+/)+"

STATES = {"RU": "R", "IN": "S", "ID": "I", "UN": "D", "ZO": "Z", "WA": "R"}

RULES = [
    # changes after the guest's facts, or things that they omit
    only("proc", "mount", "<", r"^debugfs debugfs /sys/kernel/debug$", "mounted after the facts were written"),
    only("proc", "mount", "<", r"^nullfs nullfs /$", "a mount outside of the task's root, which /proc/mounts leaves out", "k7"),
    # tasks
    same("crash", "ps( -[sGku].*| -y .*)?", r"( [A-Z?]{2}) [\d.]+ (\d+ \d+ )", r"\1 \2",
         "%MEM: crash takes all RAM for 100 %, we and the guest what the kernel manages"),
    same("crash|drgn", "ps -t .*", r"^(START TIME: )\d+$", r"\1", "the peer shows start_time, we start_boottime, as /proc does; some us later"),
    only("crash", "ps -t .*", "=", r"^RUN TIME: ", CLOCK, "k6.12"),
    same("crash", "ps -t .*", r"^(RUN TIME: )\d\d:\d\d:\d\d$", r"\1", "crash takes the difference of whole seconds, and may be one too high"),
    only("crash|drgn", "ps -a .*", "=", r"page excluded from the dump|cannot access user stack|not mapped|not present|could not read",
         "this file has no pages of programs, and each says so"),
    # modules
    same("crash", "mod", r" (TEXT_)?BASE | (/\S+|\(not loaded\).*)$", " ", "crash loads no module's file by itself"),
    # the system
    only("crash|drgn", "sys", "<", r"^(PID|COMMAND|TASK|CPU|STATE): ", "the peer says that when it starts"),
    same("crash|drgn", "sys", r"^KERNEL: (?:\S*/)?vmlinux( \[TAINTED\])?$", "KERNEL: vmlinux", "the path, and the peer says TAINTED here"),
    only("crash|drgn", "sys", "=", r"^PANIC: ", "crash takes the Oops line of the log, we the first line of the report"),
    only("crash", "sys", "=", r"^UPTIME: ", CLOCK, "k6.12"),
    only("crash", "sys", "=", r"^UPTIME: ", "crash counts jiffies, we take the timekeeper's time, as drgn does"),
    same("crash", "sys -c|sym .*", PATH, "", "folders that the compiler's names begin with"),
    same("crash", "sys -c", rf"{PATH}|__(?:x64|do)_sys_", "", "two names of one place, and folders that the compiler's names begin with"),
    only("crash", "sys -c", "=", r"sys_ni_syscall", "two functions in one place, with a line each"),
    same("crash", "sys", r" \[PARTIAL DUMP\]$", "", "QEMU left out pages of zeros alone, so nothing is missing", ".*qemu"),
    same("crash", "sys|mach", r"^(CPUS: \d+) \[OFFLINE: \d+\]$", r"\1", "CPUs that panic() stopped are not offline", ".*qemu"),
    # queues
    same("crash", "runq -t", r"^0+ PID", "0 PID", "how many zeros"),
    # files
    same("crash", "files .*", r" \(deleted\)$| (pipe|socket):\[\d+\]$|anon_inode:", "", "crash names no pipes and sockets, and no deleted files"),
    # memory
    only("crash|drgn", "kmem -i", "<", r"^USED BY$| of USED$|^SHARED ", ALONE),
    same("crash", "kmem -i", r" of (COMMIT|TOTAL) LIMIT$", " of LIMIT", "what the limit is called"),
    only("crash", "kmem -i", "=", r"^COMMITTED ", "crash leaves out what CPUs have not added to the counter yet; drgn and /proc do not"),
    same("crash", "kmem -z", r" PRESENT: \d+| MANAGED: \d+", "", "crash prints fewer sizes"),
    only("crash", "kmem -[zV]", "<", r"^(NR_ZONE_LRU_BASE|NR_LRU_BASE|WORKINGSET_\w+_BASE): ", "second name of the next counter, which crash leaves out"),
    only("crash", "kmem -V", ">", r"^(VM_)?NUMA_\w+:", "NUMA counters of before 5.14, which vmstub does not print", "k5.10"),
    same("crash", "kmem -[zV]", r"^(\w+: )-\d+$", r"\g<1>0", "a sum below 0 is shown as 0, as in /proc"),
    same("crash", "kmem -s", r"^([0-9a-f]{16} \d+) \d+ ", r"\1 ",
         "crash's sum of allocated objects is higher than its own list of them (kmem -S), with which we agree"),
    # interrupts and timers
    only("crash|drgn", "irq", ">", r"^\d+ \(unused\) \(unused\)$", "numbers that have no descriptor"),
    only("crash|drgn", "timer", ">", r"^EXPIRES TTE TIMER_LIST FUNCTION$", "a heading without rows"),
    only("crash", "timer", "=", r".", "crash knows two timer wheels of the three that there are since 6.9", "k6.12|k7"),
    same("crash", "timer -r", r"^(\d+ \d+) -?\d+ |^\d+$", r"\1 ", "crash takes for the time what jiffies say"),
    # devices
    same("crash", "dev", r"^(254 virtblk )\S+", r"\1", "four disks share the major number, and each shows one of them"),
    same("crash", "dev -d", r"(READ WRITE|ASYNC SYNC)$", "", "crash has other headings before 5.12, for the same counters", "k5.10"),
    same("crash", "net -a", r" (UNKNOWN|LOOPBACK) (00.){5}00 ", " ", "crash has no name for the type, and no colons"),
    # the machine
    same("crash", "mach", r" \[unavailable\]$", "", "pages of stacks that crash does not look for at their true place"),
    only("crash", "mach", "=", r"^((MCE|VC2?|\(unknown\)) STACK|CPU \d+: fffffe[0-9a-f]{10}( \[unavailable\])?$)", "exception stacks that crash has no names for"),
    only("crash", "mach", "=", r"^HZ: ", CLOCK, "k6.12"),
    # drgn
    same("drgn", "ps( -[Gku]| -y .*)?", r" (RU|R|WA|IN|S|ID|I|UN|D|ZO|Z) ([\d.]+) ", lambda m: f" {STATES.get(m[1], m[1])} ", "states are letters of /proc; %MEM"),
    same("drgn", "ps( -[Gku]| -y .*)?", r" (RU|R|WA|IN|S|ID|I|UN|D|ZO|Z) ([\d.]+) (\d+) \d+ ",
         lambda m: f" {STATES.get(m[1], m[1])} {m[3]} ", "RSS: drgn leaves out the shares of CPUs that panic() stopped", ".*qemu"),
    only("drgn", "ps( .*)?", "<", r"swapper/\d+", "drgn lists no idle tasks of CPUs that panic() stopped", ".*qemu"),
    only("drgn", "ps -l", "=", r"swapper/\d+", "drgn lists no idle tasks of CPUs that panic() stopped", ".*qemu"),
    same("drgn", "sys", r"(vmcore\.qemu-)(kdump|elf)$", r"\1", "drgn is given the ELF file", ".*qemu"),
    same("drgn", "sys", r"^(CPUS: \d+) \[OFFLINE: \d+\]$", r"\1", "CPUs that panic() stopped are not offline", ".*qemu"),
    only("drgn", "sys", "=", r"^TASKS: ", "drgn counts no idle tasks of CPUs that panic() stopped", ".*qemu"),
    only("drgn", "kmem -i", "=", r"^COMMITTED ", "drgn leaves out the shares of CPUs that panic() stopped", ".*qemu"),
    same("drgn", "vm .*", r"^([0-9a-f]{16} [0-9a-f]{16}) \d+k ", r"\1 ", "RSS: drgn leaves out the shares of CPUs that panic() stopped", ".*qemu"),
    only("drgn", "ps -S", "=", r"^RU?: ", "drgn counts no idle tasks of CPUs that panic() stopped", ".*qemu"),
    only("drgn", "ps -m", "=", r"", "drgn ends with an exception where panic() stopped CPUs", ".*qemu"),
    same("drgn", "ps( .*)?", r"(^|\[)(RU|WA|IN|ID|UN|ZO)(\]|:)", lambda m: m[1] + STATES[m[2]] + m[3], "states are letters of /proc"),
    only("drgn", "ps -S", "=", r"^(RU|WA|R): ", "drgn counts tasks that are being woken up as running"),
    only("drgn", "sys|timer -r|ps -t .*", ">", r"^timekeeper was write-locked; ", "a warning"),
    same("drgn", "sys", r"(\d\.\d)\d", r"\1", "LOAD AVERAGE: drgn rounds, we do as /proc/loadavg"),
    same("drgn", "sys", r"^(MACHINE: x86_64) \(.*", r"\1", "drgn leaves out the clock rate"),
    only("drgn", "sys", "=", r"^MEMORY: ", "drgn takes what the kernel manages, we and crash all RAM"),
    same("drgn", "runq.*", r"^(CPU \d+ RUNQUEUE):", r"\1", "a colon"),
    same("drgn", "runq -t", r"(^|: )0+(\d)", r"\1\2", "how many zeros"),
    same("drgn", "files .*", r" \(deleted\)$| \[\w+\]$| ((TCP|UDP|UNIX|UNIX-STREAM) )?(pipe|socket|anon_inode):\[\w+\]$| (UNKN|000000)(?= |$)", "",
         "drgn names what has no path by its file system"),
    same("drgn", "vm .*", r" \[(heap|stack|vdso|vvar|vvar_vclock)\]$", "", "drgn names areas that have no file, as /proc does"),
    only("drgn", "sig .*", "<", r"^SIGPENDING: ", ALONE),
    same("drgn", "sig .*", r"\((SA_.*)\)$", lambda m: " ".join(sorted(m[1].split("|"))), "the order of flags"),
    same("drgn", "kmem -s", r"^([0-9a-f]{16} \d+) \d+ ", r"\1 ", "drgn counts what is on the free lists of CPUs as allocated; crash does not"),
    same("drgn", "kmem -i", r" \d+% of (?:COMMIT|TOTAL) LIMIT$|(?:\.0)? ?([KMG]B)", r"\1", "rounded, and what the limit is called"),
    same("drgn", "kmem -i|swap", r"(\.0)?(?: ([KMG]B)|([KMG]B))( \d+%)?| \d+%|(?<= )0(?: \d+%)? of", r"\2\3", ROUND),
    same("drgn", "irq", r"^IRQ IRQ_DESC.*", "IRQ", "a heading"),
    same("drgn", "irq -s", r"(IO-APIC|PCI-MSI[^ ]*)-(edge|fasteoi)", r"\1", "drgn leaves out how the interrupt is triggered"),
    same("drgn", "timer -r", r" \[\w+( \d+)?\]$", "", "drgn names no clocks"),
    only("drgn", "dev", ">", r"^[0-9a-f]{16} virtblk_fops$", "four disks share the major number, and drgn shows all of them"),
    only("drgn", "dev -i", "<", r"^([0-9a-f]{16} [0-9a-f]+-[0-9a-f]+ |RESOURCE RANGE NAME$)", "drgn shows ports alone"),
    same("drgn", "sym .*", r" \(\w\) ", " ", "drgn leaves out the kind"),
    # page tables
    only("crash", "vtop .*", "=", r"^(PGD|P4D|PUD|PMD|PTE|PAGE)( DIRECTORY)?: ", "crash prints raw entries of other levels"),
]
