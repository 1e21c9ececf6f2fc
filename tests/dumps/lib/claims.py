"""Checks that a dump is what its recipe says, before tests rely on it: claims.py DIR

Prints each claim that does not hold, with what was found. Exit status 1: some do not.
"""

import re
import struct
import sys
from pathlib import Path

# What the guest's tasks are doing before the crash, by name.
STATES = {"w_busy": "R", "w_pipe": "S", "w_sleep": "S", "w_threads": "S", "w_futex_thread": "S", "w_zombie": "S", "w_files": "S",
          "w_sockets": "S", "w_signals": "S", "w_ipc": "S", "w_swap": "S", "w_timers": "S", "w_bpf": "S", "w_realtime": "S",
          "w_pie": "S", "w_stripped": "S", "w_shared": "S", "w_jit": "S", "w_32": "S", "w_twin": "S",
          "w_unborn": "RS", "w_unborn_child": "R", "w_bpf_loop": "R", "w_bpf_call": "S", "w_int80": "R"}
# What the kernel says when it crashes, by situation; on the CPU that is to crash where the situation chooses it. The
# others leave no time to print.
SAID = {"softirq_null": r"NULL pointer dereference, address: 0+10\n(.*\n)*?.* CPU: {cpu} .*Comm: swapper/{cpu} ",
        "hardirq": r"NULL pointer dereference, address: 0+10\n(.*\n)*?.* CPU: {cpu} .*Comm: swapper/{cpu} ",
        "softirq_syscall": r"NULL pointer dereference, address: 0+10\n(.*\n)*?.*Comm: init ",
        "workqueue_bug": r"kernel BUG at .*crash_task\.c:\d+!\n(.*\n)*?.* CPU: {cpu} .*Comm: kworker/{cpu}:",
        "null_call": r"NULL pointer dereference, address: 0{{16}}\n", "data_call": "unable to handle page fault",
        "freed_call": "unable to handle page fault|int3", "panic": r"Kernel panic - not syncing: l2w: 1 of 2",
        "probes": r"Comm: l2k_crash "}
# What the kernel says of each fault of the l2f module, and of what l2d does; of the hogs of l2o, that it is out of memory.
FAULTS = {"poison": "6b6b6b6b6b6b6b|general protection", "plain": "general protection|unable to handle", "list": "kernel BUG at lib/list_debug.c",
          "deleted": "general protection", "errptr": "address: 0+5\n", "gp": "general protection", "divide": "divide error",
          "text": "unable to handle page fault", "guard": "unable to handle page fault", "user": "unable to handle page fault",
          "smashed": "stack-protector: Kernel stack is corrupted", "warn": "WARNING: ", "softlockup": "soft lockup - CPU#",
          "rcu": "self-detected stall on CPU|detected stalls on CPUs", "hung": r"INFO: task l2f_blocked:\d+ blocked", "oom": "Out of memory: ",
          "kfence": "BUG: KFENCE: use-after-free", "bounds": "UBSAN: array-index-out-of-bounds",
          "spins": "soft lockup - CPU#", "nmi": "NMI received for unknown reason", "preempted": "Tasks blocked on level-0 rcu_node",
          "hardlockup": "Watchdog detected hard LOCKUP on cpu 1", "freed": "BUG: KASAN: slab-use-after-free in l2d_read_id",
          "behind": "BUG: KASAN: slab-out-of-bounds in l2d_count", "twice": "BUG: KASAN: double-free in l2d_put",
          "null": "BUG: KASAN: null-ptr-deref in l2d_read_id", "given": "Out of memory: "}
SOON = 60  # seconds of the guest from its facts to its crash; tests allow for what they measure there
INCOMPLETE = 0x8  # of a kdump file's status


class Dump:
    def __init__(self, folder):
        self.dir = folder
        self.env = dict(line.split("=", 1) for line in (folder / "env").read_text().splitlines())
        self.situations = self.env["SITUATION"].split(",")
        self.console = self.read("console.log")
        self.wrong = []

    def read(self, name):
        path = self.dir / name
        return path.read_text(errors="replace").replace("\r", "") if path.exists() else ""

    def claim(self, text, holds, found):
        if not holds:
            self.wrong.append(f"{text}: {found}")

    def facts_are_whole(self):
        """pagemap is the last file that the guest writes; it has a line for each worker."""
        workers, pages = (len(self.read(f"facts/{name}").split("\n")) - 1 for name in ("workers", "pagemap"))
        self.claim("the guest wrote all its facts", workers > 10 and pages == workers, f"{pages} pages of {workers} workers")

    def tasks_are_where_they_stay(self):
        states = {}
        for comm, state in re.findall(r"/stat:\d+ \((w_\w+)\) (\S)", self.read("facts/stat")):
            states.setdefault(comm, set()).add(state)
        for line in self.read("facts/workers").splitlines():
            self.claim(f"{line.split()[0]} runs", line.split()[0] in states, "no such task")
        for comm, found in states.items():
            # A zombie has its parent's name.
            wanted = STATES.get(comm, "")
            self.claim(f"{comm} is in state {' or '.join(wanted)}", not wanted or found <= set(wanted) | {"Z"}, " ".join(sorted(found)))
        self.claim("there is a zombie", any("Z" in found for found in states.values()), "none")

    def pages_are_swapped(self):
        used = re.findall(r"(?m)^/dev/\S+\s+partition\s+\d+\s+(\d+)", self.read("facts/swaps"))
        self.claim("pages are swapped out", any(map(int, used)), f"{used} KiB used")

    def facts_are_recent(self):
        crash = re.search(r"vmstub-guest: crash .*\(up ([\d.]+)\)", self.console)
        if crash:
            seconds = float(crash[1]) - float(self.read("facts/uptime").split()[0] or "0")
            self.claim(f"it crashed within {SOON} s of the facts", 0 < seconds < SOON, f"after {seconds:.1f} s")

    def crash_is_the_one(self):
        wanted = SAID.get(self.situations[-1])
        if wanted:
            self.claim(f"it crashed by {self.situations[-1]} where it was to", re.search(wanted.format(cpu=self.env["PANIC_CPU"]), self.console),
                       "the console does not say so")

    def faults_are_the_ones(self):
        for fault in self.situations:
            said = self.read(f"console-{fault}.log")
            wanted = "Out of memory: " if self.env["WAY"] == "oom" else FAULTS.get(fault, "Kernel panic")
            self.claim(f"it crashed by {fault}", re.search(wanted, said) and "end Kernel panic" in said,
                       "the console does not say so")

    def files_are_whole(self):
        for path in self.dir.glob("vmcore.*"):
            with path.open("rb") as f:
                head = f.read(4096)
                if head[:8] == b"KDUMP   ":
                    self.claim(f"{path.name} is complete", not struct.unpack_from("<I", head, 424)[0] & INCOMPLETE, "it says that it is not")
                elif head[:4] == b"\x7fELF":
                    f.seek(0)
                    self.claim(f"{path.name} is complete", self.elf_end(f) <= path.stat().st_size, "it ends before its last segment")
                elif head[:8] == b"makedump":  # flattened
                    f.seek(-16, 2)
                    self.claim(f"{path.name} is complete", f.read() == b"\xff" * 16, "it has no record of its end")
                else:
                    self.claim(f"{path.name} is a dump", False, head[:8])

    @staticmethod
    def elf_end(f):
        header = f.read(64)
        at, = struct.unpack_from("<Q", header, 32)
        size, count = struct.unpack_from("<HH", header, 54)
        f.seek(at)
        table = f.read(size * count)
        return max(offset + filled for offset, filled in
                   ((struct.unpack_from("<Q", table, i * size + 8)[0], struct.unpack_from("<Q", table, i * size + 32)[0]) for i in range(count)))


def main():
    dump = Dump(Path(sys.argv[1]))
    dump.facts_are_whole()
    dump.tasks_are_where_they_stay()
    dump.pages_are_swapped()
    dump.files_are_whole()
    if dump.env["WAY"] in ("faults", "oom", "checks"):
        dump.faults_are_the_ones()
    else:
        dump.facts_are_recent()
        dump.crash_is_the_one()
    for text in dump.wrong:
        print(text)
    sys.exit(bool(dump.wrong))


main()
