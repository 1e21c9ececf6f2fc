# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a kernel finds that checks itself (make --set checks): hard lockups, KASAN's reports, a balloon, memory set aside for
devices, and who allocated pages. The values are those of the module's source (tests/dumps/guest/l2d), the guest's console and /proc."""
import json
import re
import subprocess

from dumps import DumpTest, for_dumps
from session import verbs, vmstub

BAD = {"freed": ("l2d_read_id", "l2d_freed"), "behind": ("l2d_count", "l2d_behind"), "twice": ("l2d_put", "l2d_twice"),
       "null": ("l2d_read_id", "l2d_null")}
USE = re.compile(r"^ *([A-Z][A-Z -]*[A-Z]) +(\d+) +\d", re.M)


class ChecksTest(DumpTest):
    @classmethod
    def prepare(cls):
        cls.console = {}
        for name in cls.dump.cores:
            log = (cls.dump.dir / f"console-{name}.log").read_text(errors="replace").replace("\r", "")
            cls.console[name] = re.sub(r"^\[ *[0-9.]+\] ", "", log, flags=re.M)
        cls.addresses = {s.name: s.address for s in cls.dump.kallsyms if s.module == "l2d"}

    def stamped(self, name):
        return (self.dump.dir / f"console-{name}.log").read_text(errors="replace").replace("\r", "")

    def say(self, name, verb):
        return verbs(self.dump, verb, core=self.dump.cores[name])

    def report(self, name):
        return json.loads(vmstub("--report=json", self.dump.cores[name], cwd=self.dump.dir).stdout)

    def fact(self, name, what):
        return "\n".join(re.findall(rf"^fact {what}: (.*)", self.console[name], re.M))


@for_dumps("k6.12checks-found")
class HardLockup(ChecksTest):
    """l2d_holder spins on CPU 1 with interrupts off; l2d_waiter on CPU 2 waits for its lock, with interrupts off, too. Another CPU
    noticed, and had the stuck one print its registers."""

    def test_explain(self):
        console, text = self.console["hardlockup"], self.say("hardlockup", "explain")
        self.assertRegex(console, r"watchdog: Watchdog detected hard LOCKUP on cpu 1\n")
        pid = re.search(r"CPU: 1 .*PID: (\d+) Comm: l2d_holder ", console)[1]
        finder = re.search(r"Kernel panic - not syncing: Hard LOCKUP\nCPU: (\d+) .*PID: (\d+) Comm: (\S+) ", console).groups()
        self.assertRegex(text, rf'^ TASK: PID: {finder[1]} .* CPU: {finder[0]} +COMMAND: "{re.escape(finder[2])}"\n')
        self.assertIn("  LOG: watchdog: Watchdog detected hard LOCKUP on cpu 1\n  LOG: Kernel panic - not syncing: Hard LOCKUP\n", text)
        self.assertRegex(text, r"\nSTUCK: CPU 1, when the kernel was up for \d+ s\n       \[the log\]\n")
        self.assertEqual(text.count("STUCK: "), 1)
        self.assertNotIn("WAITS: ", text)  # the holder waits for nothing
        others = {int(cpu): found for cpu, *found in
                  re.findall(r'^  CPU: (\d+) runs PID (\d+) \("(l2d_\w+)"\) at (\w+)', text, re.M)}
        self.assertEqual(others[1], [pid, "l2d_holder", "l2d_hold_lock"])
        self.assertEqual(others[2][1], "l2d_waiter")

    def test_locks(self):
        lock = f"{self.addresses['l2d_lock']:016x} <l2d_lock>"
        text = self.say("hardlockup", "locks")
        self.assertRegex(text, rf"(?m)^spinlock {lock}\n   HELD BY: \(it has no owner\)  locked: yes  pending: yes\n"
                         r"   SPINNING: CPU 2 .* COMMAND: \"l2d_waiter\"  in l2d_want_lock\+\d+ ")
        self.assertNotIn("DEADLOCK", text)  # the reader may have let go

    def test_hang(self):
        text = self.say("hardlockup", "hang")
        # It began to run when its interrupts were off. The console has the last time of CPU 1.
        ran, stood = re.search(r'(?m)^  CPU 1: PID: \d+  COMMAND: "l2d_holder", for (\d+\.\d+) s, '
                               r'its clock stood still for (\d+\.\d+) s, STUCK: ', text).groups()
        self.assertGreaterEqual(float(ran), float(stood))
        times = re.findall(r"^\[ *(\d+\.\d+)\] (?:NMI backtrace for cpu 1|Kernel panic)", self.stamped("hardlockup"), re.M)
        self.assertAlmostEqual(float(stood), float(times[1]) - float(times[0]), delta=0.5)
        self.assertRegex(text, r'(?m)^  CPU 2: PID: \d+  COMMAND: "l2d_waiter", .*STUCK: ')
        if "no grace period in progress" not in text:  # of RCU: somebody has to ask for one
            self.assertRegex(text, r'(?m)^    waits for CPU 1, which ran PID: \d+  COMMAND: "l2d_holder"$')
        held = rf"waits to write for rw_semaphore {self.addresses['l2d_rwsem']:016x} <l2d_rwsem>\n"
        last = r'      held by readers, the last one that took it: PID: \d+  COMMAND: "l2d_reader", which waits for mutex'
        self.assertRegex(text, held + last + r' \w+ <l2d_mutex>\n      held by PID: \d+  COMMAND: "l2d_writer": '
                         "a deadlock, unless that reader has let go\n")

    def test_chain_of_five(self):
        chain = []
        text = self.say("hardlockup", "hang -a")
        block = re.search(r'^  PID: \d+  COMMAND: "l2d_link4"  \d+\.\d+ s  waits for mutex \w+ <l2d_chain\+\d+>\n((?:      .*\n)*)', text, re.M)
        for line in block[1].splitlines():
            chain.append(re.match(r'      held by PID: \d+  COMMAND: "(l2d_link\d)", which (waits for mutex|sleeps in link\+\d+)', line).groups())
        self.assertEqual([comm for comm, _ in chain], ["l2d_link3", "l2d_link2", "l2d_link1", "l2d_link0"])
        self.assertEqual([what.split()[0] for _, what in chain], ["waits", "waits", "waits", "sleeps"])

    def test_report(self):
        report = self.report("hardlockup")
        self.assertEqual(report["signature_text"], "hard-lockup process l2d_hold_lock@l2d holder@l2d")
        self.assertEqual((report["stalled"]["comm"], report["stalled"]["cpu"]), ("l2d_holder", 1))
        self.assertIn("its function l2d_hold_lock is in the stack of what was stuck",
                      next(c for c in report["culprits"] if c["module"] == "l2d")["reasons"])


@for_dumps("k6.12checks-found")
class Kasan(ChecksTest):
    def test_explain(self):
        for name, (function, caller) in BAD.items():
            console, text = self.console[name], self.say(name, "explain")
            bug = re.search(r"^BUG: KASAN: .*", console, re.M)[0]
            panic = re.findall(r"^Kernel panic - not syncing: .*", console, re.M)[0]
            self.assertIn("kasan.fault=panic set" if name in ("freed", "null") else "KASAN: panic_on_warn set", panic)
            self.assertIn(f"  LOG: {bug}\n", text)
            self.assertIn(f"  LOG: {panic}\n", text)
            place, offset = re.search(r" in (\w+)\+0x([0-9a-f]+)/", bug).groups()
            self.assertEqual(place, function)
            self.assertRegex(text, rf"\n   AT: {function}\+{int(offset, 16)} \[l2d\]\n       \S+/l2d\.c: {self.line(function, offset)}\b.*\n"
                             r"       \[the log, and stack\]\n")
            self.assertNotIn("FAULT: ", text)
            self.quotes(name, text, console)

    def line(self, function, offset):
        """By addr2line, which is asked for the call before the return address."""
        module = self.dump.dir / "modules" / "l2d.ko"
        table = subprocess.run(["readelf", "-sW", module], check=True, text=True, stdout=subprocess.PIPE).stdout
        section, start = next((f[6], int(f[1], 16)) for f in map(str.split, table.splitlines()) if len(f) == 8 and f[7] == function)
        sections = subprocess.run(["readelf", "-SW", module], check=True, text=True, stdout=subprocess.PIPE).stdout
        name = dict(re.findall(r"^ *\[ *(\d+)\] (\S+)", sections, re.M))[section]
        done = subprocess.run(["addr2line", "-e", module, "-j", name, f"{start + int(offset, 16) - 1:#x}"], check=True, text=True,
                              stdout=subprocess.PIPE)
        return int(re.search(r":(\d+)", done.stdout)[1])

    def quotes(self, name, text, console):
        """What KASAN found out about the object: lines of the console, none of them about its own functions."""
        quoted = re.findall(r"^       (\S.*| \S.*)", text.split("  LOG: Kernel panic")[0], re.M)
        said = [line.rstrip() for line in console.splitlines()]
        for line in quoted:
            self.assertIn(line.rstrip(), said)
            self.assertNotRegex(line, r"kasan_\w+\+0x")
        if name == "null":
            self.assertIn(f"Read of size 8 at addr {16:016x} by task sh/", text)
            return
        item = int(re.search(r"l2d: fact item=([0-9a-f]+)", console)[1], 16)
        self.assertIn(f"The buggy address belongs to the object at {item:016x}", quoted)
        self.assertIn(" which belongs to the cache l2d_item of size 64", quoted)
        self.assertTrue(any(line.startswith("Allocated by task ") for line in quoted))
        self.assertEqual(any(line.startswith("Freed by task ") for line in quoted), name in ("freed", "twice"))

    def test_report(self):
        for name, (function, caller) in BAD.items():
            report = self.report(name)
            text = report["signature_text"].split()
            self.assertEqual(text[:2], ["kasan", "process"])
            self.assertIn(f"{function}@l2d", text)
            self.assertIn(f"{caller}@l2d", text)
            culprit = next(c for c in report["culprits"] if c["module"] == "l2d")
            self.assertIn(f"its function {function} is in the trace", culprit["reasons"])
            self.assertEqual(report["panic"], re.findall(r"^Kernel panic - not syncing: .*", self.console[name], re.M)[0])

    def test_nothing_hung(self):
        for name in BAD:
            self.assertNotIn("STUCK", self.say(name, "explain; hang"))
            self.assertIn("no task was found that waits for a lock", self.say(name, "locks"))


@for_dumps("k6.12checks-found")
class Memory(ChecksTest):
    """64 MB given to the host's balloon and 8 MB of memory for devices; then the module took all pages that were left."""

    def meminfo(self):
        return {k: int(v) for k, v in re.findall(r"^(\S+): +(\d+)", self.fact("given", "meminfo"), re.M)}

    def test_sum(self):
        text, info = self.say("given", "oom"), self.meminfo()
        uses = {label: int(pages) for label, pages in USE.findall(text.split("\nNODE ")[0])}
        total = uses.pop("TOTAL MEM")
        self.assertEqual(total, sum(uses.values()))
        self.assertEqual(total * 4, info["MemTotal"])
        shown = {label: int(pages) for label, pages in USE.findall(self.say("given", "kmem -i"))}
        self.assertEqual({label: shown[label] for label in uses}, uses)

    def test_cma(self):
        info = self.meminfo()
        self.assertEqual(info["CmaTotal"], 32768)
        total, free = re.search(r"\((\d+) pages are of CMA, which only movable pages may use; (\d+) of them are free\)",
                                self.say("given", "oom")).groups()
        self.assertEqual(int(total) * 4, info["CmaTotal"])
        # The rest of it is for movable pages, of which the leak has none.
        self.assertAlmostEqual(int(free) * 4, info["CmaFree"], delta=2048)
        self.assertEqual(int(self.fact("given", "used").split()[0]), 2048)

    def test_balloon(self):
        """What the balloon has is not part of the guest's memory."""
        before = int(re.search(r"^MemTotal: +(\d+)", self.dump.fact("meminfo"), re.M)[1])
        self.assertEqual(int(self.fact("given", "balloon")), 65536)
        self.assertEqual(before - self.meminfo()["MemTotal"], 65536)
        taken = re.search(r"\(the host took (\d+) pages with a balloon, mostly out of TOTAL MEM\)", self.say("given", "oom"))[1]
        self.assertEqual(int(taken) * 4, 65536)

    def test_verdict(self):
        pages = int(self.say("given", "rd l2d_pages").split()[1], 16)
        text = self.say("given", "oom")
        mib, percent = map(int, re.match(r"VERDICT: (\d+) MiB, (\d+)% of memory, is in no counter", text).groups())
        self.assertAlmostEqual(mib, pages >> 8, delta=100)

    def test_page_owners(self):
        """The stacks of the kernel's own list, taken before the leak, and the leak itself."""
        taken = int(self.say("given", "rd l2d_pages").split()[1], 16)
        said = {}
        for row in json.loads(self.say("given", "oom -a --json"))["page_owners"]:
            stack = tuple(int(frame["address"], 16) for frame in row["stack"])
            said[stack] = said.get(stack, 0) + row["pages"]
        leak = self.addresses["l2d_leak_page"]
        self.assertEqual(sum(pages for stack, pages in said.items() if any(leak < pc < leak + 64 for pc in stack)), taken)
        theirs = {}
        for block in self.fact("given", "show_stacks").split("\n\n"):
            frames = re.findall(r"^ (\S+?)\+0x([0-9a-f]+)/", block, re.M)
            if frames:
                stack = next((s for s in said if self.is_stack(s, frames)), None)
                theirs[stack] = int(re.search(r"^nr_base_pages: (\d+)", block, re.M)[1])
        self.assertGreater(len(theirs), 4)
        self.assertNotIn(None, theirs)
        same = sum(said[stack] == pages for stack, pages in theirs.items())
        self.assertGreaterEqual(same, len(theirs) // 2)
        self.assertLessEqual({2048, 16384}, {pages for stack, pages in theirs.items() if said[stack] == pages})  # CMA, balloon

    def is_stack(self, stack, frames):
        return len(stack) == len(frames) and all(any(s.address + int(offset, 16) == pc for s in self.dump.by_name.get(name, ()))
                                                 for pc, (name, offset) in zip(stack, frames))
