# SPDX-License-Identifier: GPL-3.0-or-later
"""`explain` on faults that the module l2f makes (tests/dumps/guest/l2f): what its source did, what the guest printed,
and where addr2line finds each place."""
import json
import re
import subprocess

from dumps import DumpTest, for_dumps
from session import vmstub

PLACE = re.compile(r"(?:AT|CALL|WHILE): ([\w.]+)\+(\d+) \[l2f\]\n       (\S+): (\d+)(?: in \w+\(\), inlined(?: at (\S+): (\d+))?)?\n")
VALUE = {"poison": "6b6b6b6b6b6b6b6b", "gp": "1122334455667788", "errptr": "ffffffffffffffed", "deleted": "dead000000000100",
         "user": "10000000"}
# The member that each fault reads or writes (faults.c), and what its address is.
ACCESS = {
    "poison": ("read", "ops->count", 8, "8 bytes after the poison of freed slab memory (6b)"),
    "plain": ("read", "ops->count", 8, "not canonical: no address of this CPU"),
    "deleted": ("read", "next->id", 16, "list poison: an entry that was already removed from its list"),
    "errptr": ("read", "item->flags", 24, "5 bytes after NULL, or 24 bytes after ERR_PTR(-19): No such device"),
    "gp": ("write", "item->flags", 24, "not canonical: no address of this CPU"),
    "user": ("write", "ops->count", 8, "an address of user space"),
    "text": ("write", "ops->count", 8, "l2f_find+8 [l2f], read-only"),
    "guard": ("write", "ops->count", 8, "the guard page behind the vmalloc area"),
}


@for_dumps("k5.10-faults", "k6.1-faults", "k6.12-faults", "k7-faults")
class Faults(DumpTest):
    @classmethod
    def prepare(cls):
        cls.text, cls.console = {}, {}
        for fault, core in cls.dump.cores.items():
            done = vmstub("--exec", "explain", core, cwd=cls.dump.dir)
            assert done.returncode == 0, f"{fault}: {done.stderr}"
            cls.text[fault] = done.stdout
            log = (cls.dump.dir / f"console-{fault}.log").read_text(errors="replace").replace("\t", " ").replace("\r", "")
            cls.console[fault] = re.sub(r"^\[ *[0-9.]+\] ", "", log, flags=re.M)
        cls.addresses = {s.name: s.address for s in cls.dump.kallsyms if s.module == "l2f"}

    def each(self, *faults):
        for fault in faults or self.text:
            if fault in self.text:
                yield fault, self.text[fault], self.console[fault]

    def fact(self, fault, name):
        return int(re.search(rf"l2f: fact {name}=([0-9a-f]+)", self.console[fault])[1], 16)

    def test_log_is_quoted(self):
        for fault, text, console in self.each():
            lines = re.findall(r"^  LOG: (.*)", text, re.M)
            self.assertTrue(lines and lines[-1].startswith("Kernel panic - not syncing: "))
            said = console.splitlines()
            for line in lines:
                self.assertTrue(any(one.rstrip() == line.rstrip() or one.startswith(line) for one in said), line)

    def test_task_is_that_of_the_report(self):
        for fault, text, console in self.each():
            pid, cpu, comm = re.match(r" TASK: PID: (\d+) .* CPU: (\d+) +COMMAND: \"(\S+)\"\n", text).groups()
            self.assertRegex(console, rf"CPU: {cpu} (UID: 0 )?PID: {pid} Comm: {re.escape(comm)} ")

    def test_places(self):
        """Each line in the module is the one that addr2line has."""
        module = self.dump.dir / "modules" / "l2f.ko"
        table = subprocess.run(["readelf", "-sW", module], check=True, text=True, stdout=subprocess.PIPE).stdout
        starts = {f[7]: (f[6], int(f[1], 16)) for f in map(str.split, table.splitlines()) if len(f) == 8 and f[3] == "FUNC"}
        sections = subprocess.run(["readelf", "-SW", module], check=True, text=True, stdout=subprocess.PIPE).stdout
        names = dict(re.findall(r"^ *\[ *(\d+)\] (\S+)", sections, re.M))
        seen = 0
        for fault, text, _ in self.each():
            for name, offset, file, line, outer, outer_line in PLACE.findall(text):
                section, start = starts[name]
                done = subprocess.run(["addr2line", "-i", "-e", module, "-j", names[section],
                                       *(f"{start + int(offset) - back:#x}" for back in (0, 1))],
                                      check=True, text=True, stdout=subprocess.PIPE).stdout
                found = {re.sub(r" \(.*", "", one).replace("//", "/") for one in done.splitlines()}
                found = {one.rsplit("/", 1)[-1] for one in found}
                self.assertIn(f"{file.rsplit('/', 1)[-1]}:{line}", found)
                if outer:
                    self.assertIn(f"{outer.rsplit('/', 1)[-1]}:{outer_line}", found)
                seen += 1
        self.assertGreater(seen, 3)

    def test_access(self):
        for fault, text, console in self.each(*ACCESS):
            word, member, offset, what = ACCESS[fault]
            base = int(re.search(r"^       \w+ = ([0-9a-f]+)", text, re.M)[1], 16)
            if fault in VALUE:
                self.assertEqual(f"{base:x}", VALUE[fault])
            address = (base + offset) % 2**64
            self.assertIn(f"FAULT: {word} of 8 bytes at {address:x}: {what}", text)
            self.assertIn(f" WHAT: {member}: {member.split('->')[0]} is ", text)
            self.assertIn(f", and {member.split('->')[1]} is at offset {offset} of struct l2f_", text)
            # 5.10 reports the base register instead of the address.
            told = int(re.search(r"(?:address:|non-canonical address) (?:0x)?([0-9a-f]+)", console)[1], 16)
            self.assertIn(told, (address, base))
            self.assertEqual("; the log agrees" in text, told == address)

    def test_error_code(self):
        for fault, text, console in self.each():
            code = re.search(r"#PF: error_code\(0x([0-9a-f]+)\) - (\S+)", console)
            self.assertEqual(" CODE: " in text, bool(code))
            if code:
                words = "no page is there" if code[2] == "not-present" else "a page is there, but does not allow it"
                way = "a write" if "write access" in console else "a read"
                self.assertIn(f" CODE: {int(code[1], 16):x}: {way} in kernel mode; {words}\n", text)

    def test_origin(self):
        a = self.addresses
        for fault, text, _ in self.each("gp"):
            self.assertIn(f"from {a['l2f_cookie']:x} <l2f_cookie>, which still holds that value\n", text)
        for fault, text, _ in self.each("divide"):
            self.assertIn("FAULT: division by zero\n", text)
            self.assertIn(f"from {a['l2f_users']:x} <l2f_users>, which still holds that value\n", text)
        for fault, text, _ in self.each("errptr"):
            self.assertIn(f"returned by a call of 0x{a['l2f_find']:x} <l2f_find>\n", text)
        for fault, text, _ in self.each("deleted"):
            self.assertIn(f"from {a['l2f_second']:x} (l2f_second.link.next), which still holds that value\n", text)
        for fault, text, _ in self.each("guard"):
            area = self.fact(fault, "area")
            self.assertIn(f"the vmalloc area {area:x}-{area + 8192:x}, 8 bytes too high\n", text)

    def test_freed_object(self):
        """free_and_use() leaves two objects in use, with the numbers 100 and 102."""
        for fault, text, _ in self.each("poison", "plain"):
            item = self.fact(fault, "item")
            self.assertIn("which loaded l2f_current->ops\n", text)
            self.assertIn(f" SLAB: {item + 32:x} is at offset 32 of an object of l2f_{fault}, {item:x}, which is free\n", text)
            self.assertEqual("the allocator's pointer to the next one" in text, fault == "plain")
            self.assertEqual("filled with the poison of freed slab memory" in text, fault == "poison")
            around = re.findall(r"(?:before|behind) it: ([0-9a-f]+), (free|in use)", text)
            self.assertTrue(around)
            for address, state in around:
                done = vmstub("--exec", f"rd {int(address, 16) + 16:x}", self.dump.cores[fault], cwd=self.dump.dir)
                number = int(done.stdout.split()[1], 16)
                self.assertEqual(state == "in use", number in (100, 102), address)
        for fault, text, _ in self.each():
            self.assertEqual(" SLAB: " in text, fault in ("poison", "plain"))

    def test_bugs(self):
        for fault, text, console in self.each("list"):
            file, line = re.search(r"kernel BUG at (\S+):(\d+)!", console).groups()
            self.assertIn(f"FAULT: BUG() at {file}: {line}\n", text)
            self.assertRegex(text, r"  LOG: list_del corruption, .*->next is LIST_POISON1 ")
            self.assertRegex(text, r" CALL: l2f_remove\+\d+ \[l2f\]\n")
        for fault, text, console in self.each("warn"):
            file, line = re.search(r"WARNING: (?:.* at )?(\S+?):(\d+) (?:at )?l2f_check_users", console).groups()
            self.assertIn(f"  BUG: WARN() at {file}: {line}", text)
            self.assertIn("  LOG: l2f: 0 users\n", text)
        for fault, text, _ in self.each("smashed"):
            self.assertRegex(text, r" CALL: l2f_smash\+\d+ \[l2f\]\n")

    def test_checkers(self):
        for fault, text, console in self.each("bounds"):
            self.assertRegex(text, r"  LOG: UBSAN: array-index-out-of-bounds in .*\n       index 5 is out of range for type 'int \[4\]'\n")
            file, line = re.search(r"UBSAN: array-index-out-of-bounds in (\S+?):(\d+):", console).groups()
            self.assertRegex(text, rf"\n   AT: l2f_entry\+\d+ \[l2f\]\n       \S*{file}: {line}\n       \[stack\]\n")
        for fault, text, _ in self.each("kfence"):
            self.assertRegex(text, r"  LOG: BUG: KFENCE: use-after-free read in l2f_\S+ \[l2f\]\n")
            self.assertRegex(text, r"\n       kfence-#\d+: .*, size=64, cache=l2f_plain\n")

    def test_watchdogs(self):
        a = self.addresses
        for fault, text, console in self.each("softlockup"):
            cpu, seconds, pid = re.search(r"CPU#(\d+) stuck for (\d+)s! \[l2f_waiter:(\d+)\]", console).groups()
            self.assertIn(f"STUCK: CPU {cpu}, for {seconds} s, ", text)
            self.assertRegex(text, rf"WAITS: for a spinlock at {a['l2f_lock']:x} <l2f_lock>, in l2f_want_lock\+\d+ \[l2f\]\n")
            others = re.findall(r"^  CPU: (\d+) runs PID (\d+) \(\"(\S+)\"\) at (\w+)\+", text, re.M)
            self.assertIn(("1", str(int(pid) - 1), "l2f_holder", "l2f_hold_lock"), others)
            locks = vmstub("--exec", f"locks; locks {a['l2f_lock']:x}", self.dump.cores[fault], cwd=self.dump.dir).stdout
            spins = (rf"spinlock {a['l2f_lock']:016x} <l2f_lock>\n   HELD BY: \(it has no owner\)  locked: yes .*\n"
                     rf"   SPINNING: CPU {cpu}  PID: {pid}  TASK: [0-9a-f]+  COMMAND: \"l2f_waiter\"  in l2f_want_lock\+\d+ ")
            self.assertEqual(len(re.findall(spins, locks)), 2, locks)
        for fault, text, console in self.each("rcu"):
            stalled = re.findall(r"^(?:rcu: )? *(\d+)-\S+: \(", console, re.M)
            self.assertEqual(re.findall(r"^STUCK: CPU (\d+)", text, re.M), stalled)
            if "self-detected" in text:  # by a tick, most likely in the reader, but perhaps in an interrupt on top of it
                ran = re.search(r"^RIP: 0010:(\w+)\+", console.partition("self-detected")[2], re.M)[1]
                self.assertRegex(text, rf"WHILE: {ran}\+\d+( \[l2f\])?\n")
        for fault, text, console in self.each("hung"):
            pid = re.search(r"INFO: task l2f_blocked:(\d+) blocked for more than 2 seconds", console)[1]
            self.assertIn(f"STUCK: PID {pid}, for more than 2 s, ", text)
            self.assertIn(f"WAITS: for a mutex at {a['l2f_mutex']:x} <l2f_mutex>, which PID {int(pid) - 1} (\"l2f_owner\") holds\n", text)
        for fault, text, _ in self.each("oom"):
            self.assertRegex(text, r"  LOG: sh invoked oom-killer: .*\n  LOG: .*Out of memory")
            user = re.search(r"^RIP: 0033:(0x[0-9a-f]+)$", self.console[fault], re.M)[1]
            self.assertIn(f"WHILE: in a system call, which returns to user code at {int(user, 16):x}\n", text)
        for fault, text, _ in self.each():
            self.assertEqual("STUCK: " in text, fault in ("softlockup", "rcu", "hung"))


@for_dumps("k5.10-stuck", "k6.1-stuck", "k7-stuck")
class Stuck(DumpTest):
    """CPUs that wait for a spinlock in a queue, a stuck CPU that someone noticed, and a reader of RCU that was preempted: what the
    source of l2f did (hangs.c), and what the guest printed."""
    @classmethod
    def prepare(cls):
        cls.text, cls.console = {}, {}
        for fault, core in cls.dump.cores.items():
            cls.text[fault] = vmstub("--exec", "explain; locks", core, cwd=cls.dump.dir).stdout
            log = (cls.dump.dir / f"console-{fault}.log").read_text(errors="replace").replace("\r", "")
            cls.console[fault] = re.sub(r"^\[ *[0-9.]+\] ", "", log, flags=re.M)
        cls.addresses = {s.name: s.address for s in cls.dump.kallsyms if s.module == "l2f"}

    def others(self, text):
        return {int(cpu): (comm, place) for cpu, comm, place in
                re.findall(r'^  CPU: (\d+) runs PID \d+ \("(\S+)"\) at (\w+)', text, re.M)}

    def test_queue_of_a_spinlock(self):
        """CPUs 2, 0 and 3 wait, in this order, for what CPU 1 holds. The panicking one is the one that it says is stuck."""
        text, lock = self.text["spins"], f"{self.addresses['l2f_lock']:x} <l2f_lock>"
        cpu, pid = re.match(r" TASK: PID: (\d+) .* CPU: (\d+) ", text).group(2, 1)
        self.assertRegex(self.console["spins"], rf"soft lockup - CPU#{cpu} stuck for \d+s! \[l2f_waiter{cpu}:{pid}\]")
        seconds = re.search(rf"CPU#{cpu} stuck for (\d+)s", self.console["spins"])[1]
        self.assertIn(f"\nSTUCK: CPU {cpu}, for {seconds} s, when ", text)
        self.assertEqual(text.count("STUCK: "), 1)
        self.assertIn(f"\nWAITS: for a spinlock at {lock}, in l2f_want_lock+", text)
        want = {n: (f"l2f_waiter{n}", "native_queued_spin_lock_slowpath") for n in (0, 2, 3) if n != int(cpu)}
        self.assertEqual(self.others(text), {1: ("l2f_holder", "l2f_hold_lock"), **want})
        # include/asm-generic/qspinlock_types.h. Up to 6.1 the CPU that is "pending" has the word in a register, which the guest printed.
        word = (3 + 1) << 18 | 0x101
        said = vmstub("--exec", f"rd -32 {self.addresses['l2f_lock']:x}", self.dump.cores["spins"], cwd=self.dump.dir).stdout
        self.assertEqual(int(said.split()[1], 16), word)
        if not self.dump.name.startswith("k7"):
            self.assertRegex(self.console["spins"], rf"R\w\w: {word:016x}")
        self.assertRegex(text, rf"(?m)^spinlock 0*{lock}\n   HELD BY: \(it has no owner\)  locked: yes  pending: yes  "
                               r"last in the queue: CPU 3\n")
        self.assertEqual(re.findall(r"^   SPINNING: CPU (\d+) .*\"l2f_waiter\1\"  in l2f_want_lock\+", text, re.M), ["0", "2", "3"])

    def test_nmi(self):
        if "nmi" not in self.text:
            self.skipTest("this dump has none")
        text = self.text["nmi"]
        said = re.search(r"Uhhuh\. NMI received for unknown reason \w+ on CPU (\d+)\.", self.console["nmi"])
        self.assertIn(f"  LOG: {said[0]}\n  LOG: Kernel panic - not syncing: NMI: Not continuing\n", text)
        self.assertRegex(text, rf" TASK: PID: .* CPU: {said[1]} ")
        stuck = re.findall(r"^STUCK: CPU (\d+), whose clock stood still for (\d+) s$", text, re.M)
        self.assertEqual([cpu for cpu, _ in stuck], ["1"])
        self.assertGreaterEqual(int(stuck[0][1]), 4)
        self.assertEqual(self.others(text)[1], ("l2f_holder", "l2f_hold_lock"))
        self.assertNotIn("WAITS: ", text)

    def test_preempted_reader(self):
        if "preempted" not in self.text:
            self.skipTest("this dump has none")
        text = self.text["preempted"]
        pid = re.search(r"Tasks blocked on level-0 rcu_node \(CPUs 0-3\): P(\d+)", self.console["preempted"])[1]
        place = re.search(r"RIP: 0010:(l2f_read_slowly)\+0x(\w+)/", self.console["preempted"])
        self.assertIn(f'\nSTUCK: in a section that reads: PID {pid} ("l2f_reader") at {place[1]}+{int(place[2], 16)} [l2f]\n', text)
        self.assertEqual(text.count("STUCK: "), 1)
        report = json.loads(vmstub("--report=json", self.dump.cores["preempted"], cwd=self.dump.dir).stdout)
        self.assertEqual((report["stalled"]["pid"], report["stalled"]["comm"], report["stalled"]["cpu"]), (int(pid), "l2f_reader", None))
        self.assertEqual(report["signature_text"], "rcu-stall process l2f_read_slowly@l2f preempted@l2f")
