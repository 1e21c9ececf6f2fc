# SPDX-License-Identifier: GPL-3.0-or-later
"""`hang`, compared with what the modules of the guests do, with the kernel's console and with drgn's view of run queues,
workqueues and RCU."""
import re

import peers
from dumps import BASE, EXTRA, DumpTest, for_dumps
from session import verbs

CRASHES = {"k5.10": "work nullcall nmi overflow syscall panic entry bpf probes trace",
           "k6.1": "work nullcall nmi overflow datacall freedcall hardirq syscall panic entry bpf probes trace",
           "k6.12": "work nullcall nmi overflow freedcall hardirq syscall mce entry bpf probes trace",
           "k7": "work nullcall nmi overflow freedcall mce entry bpf probes trace"}
SECTION = re.compile(r"^([A-Z/]+):(.*)\n((?: .*\n)*)", re.M)
WORK = ("k5.10-work", "k6.1-work", "k6.12-work", "k7-work")

# What drgn, which has its own walkers, reads for the same facts.
PROGRAM = """
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.idr import idr_for_each_entry
from drgn.helpers.linux.list import list_for_each_entry, hlist_for_each_entry
from drgn.helpers.linux.percpu import per_cpu
from drgn.helpers.linux.pid import for_each_task
for cpu in for_each_possible_cpu(prog):
    rq = per_cpu(prog["runqueues"], cpu)
    print("cpu", cpu, rq.curr.pid.value_(), rq.nr_running.value_())
for number, pool in idr_for_each_entry(prog["worker_pool_idr"].address_of_(), "struct worker_pool"):
    for work in list_for_each_entry("struct work_struct", pool.worklist.address_of_(), "entry"):
        print("pending", number, work.func.value_())
    for head in pool.busy_hash:
        for worker in hlist_for_each_entry("struct worker", head.address_of_(), "hentry"):
            print("busy", number, worker.task.pid.value_(), worker.current_pwq.wq.name.string_().decode())
rcu = prog["rcu_state"]
now = max(per_cpu(prog["runqueues"], cpu).clock.value_() for cpu in for_each_possible_cpu(prog))
for task in for_each_task(prog):
    state = task.member_("__state" if hasattr(task, "__state") else "state").value_()
    if state & 0x402 == 2 or state & 0x1000:  # without TASK_NOLOAD; TASK_RTLOCK_WAIT
        print("blocked", task.pid.value_(), now - task.sched_info.last_arrival.value_())
print("rcu", int(rcu.gp_seq.value_() & 3 != 0), rcu.node[0].qsmask.value_())
"""


class HangTest(DumpTest):
    @classmethod
    def prepare(cls):
        core = next(iter(cls.dump.cores.values()))
        cls.text = verbs(cls.dump, "hang -a", core=core)
        cls.short = verbs(cls.dump, "hang", core=core)
        cls.parts = {name: (head.strip(), body) for name, head, body in SECTION.findall(cls.text)}

    def body(self, name):
        return self.parts[name][1]


@for_dumps(*WORK, "k5.10-locks", "k6.1-locks", "k6.1rt-locks", "k6.12-locks", "k7-locks", *BASE, *EXTRA, quick=BASE)
class Parts(HangTest):
    def test_all_parts(self):
        """Each has its answer; none ends in a failure."""
        self.assertEqual(list(self.parts), ["TASKS", "CPUS", "WORK", "TIMERS", "RCU", "I/O"])
        self.assertNotRegex(self.text, r"(?m)^  \(|\?")


@for_dumps(*(f"{kernel}-{crash}" for kernel, crashes in CRASHES.items() for crash in crashes.split()), *BASE, *EXTRA)
class NothingHung(DumpTest):
    """Other crashes, in which no CPU and no task waited in vain: no verdict says that one did."""
    def test_verdicts(self):
        text = verbs(self.dump, "hang -a; locks; explain", core=next(iter(self.dump.cores.values())))
        # Before 5.15 a CPU that prints waits for the one that prints already.
        text, printing = re.subn(r"(?m)^spinlock \S+ <logbuf_lock>\n(?: .*\n)+", "", text)
        self.assertNotRegex(text, "STUCK|WAITS:|(?i:deadlock)|spinlock")
        # The module l2k has a thread that waits for a completion, in a function that is probed.
        waits = re.findall(r"^(\w+) [0-9a-f]{16} <(\w+)>\n   HELD BY: ", text, re.M)
        self.assertEqual(waits, [("completion", "never")] if "-probes" in self.dump.name else [])
        if not printing:
            self.assertEqual("no task was found that waits for a lock\n" in text, "HELD BY:" not in text)
        if not waits:  # a worker may just have begun to wait for something
            self.assertLess(max(map(float, re.findall(r"WAITING: .*  last ran ([\d.]+) s ago", text)), default=0), 5)


@for_dumps("k5.10-locks", "k6.1-locks", "k6.1rt-locks", "k6.12-locks", "k7-locks")
class Blocked(HangTest):
    """The source of the module l2q says who waits for what, and in which order the threads began, 50 ms apart."""
    ORDER = ("l2q_holder", "l2q_m1", "l2q_m2", "l2q_w", "l2q_r", "l2q_t", "l2q_s", "l2q_c", "l2q_p", "l2q_bit", "l2q_page",
             "l2q_ab", "l2q_ba")
    WAITS = {"l2q_m1": ("mutex", "l2q_mutex"), "l2q_m2": ("mutex", "l2q_mutex"),
             "l2q_w": ("to write for rw_semaphore", "l2q_rwsem"), "l2q_r": ("to read for rw_semaphore", "l2q_rwsem"),
             "l2q_t": ("rt_mutex", "l2q_rt"), "l2q_s": ("semaphore", "l2q_sem"), "l2q_c": ("completion", "l2q_done"),
             "l2q_p": ("to read for percpu_rw_semaphore", "l2q_percpu"),
             "l2q_ab": ("mutex", "l2q_b"), "l2q_ba": ("mutex", "l2q_a")}
    RT_WAITS = {"l2q_rr": ("to read for rw_semaphore", "l2q_owned"), "l2q_ww": ("to write for rw_semaphore", "l2q_owned"),
                "l2q_wl": ("to write for rwlock", "l2q_rwlock"), "l2q_xy": ("spinlock", "l2q_y"), "l2q_yx": ("spinlock", "l2q_x")}
    DEADLOCK = (("l2q_ab", "l2q_ba", "mutex"), ("l2q_ba", "l2q_ab", "mutex"))
    RT_DEADLOCK = (("l2q_xy", "l2q_yx", "spinlock"), ("l2q_yx", "l2q_xy", "spinlock"))

    @property
    def is_rt(self):
        return self.dump.name == "k6.1rt-locks"

    def pid(self, comm):
        return next(t.pid for t in self.dump.tasks if t.comm == comm)

    def blocks(self):
        """comm -> (seconds, what it waits for, the lines of its chain)"""
        found = {}
        for block in re.split(r"^(?=  P)", self.body("TASKS"), flags=re.M)[1:]:
            first, *chain = block.splitlines()
            m = re.fullmatch(r'  PID: (\d+)  COMMAND: "([^"]+)"  (\d+\.\d{3}) s  (.*)', first)
            self.assertTrue(m, first)
            if m[2] in self.ORDER:
                self.assertEqual(int(m[1]), self.pid(m[2]))
            found[m[2]] = (float(m[3]), m[4], chain)
        return found

    def test_what_each_waits_for(self):
        blocks = self.blocks()
        self.assertLessEqual(set(self.ORDER), set(blocks))
        self.assertRegex(blocks["l2q_holder"][1], r"^sleeps in holder\+\d+ \[l2q\]$")
        for comm, (kind, lock) in {**self.WAITS, **(self.RT_WAITS if self.is_rt else {})}.items():
            kind = kind if kind.startswith("to ") else f"for {kind}"
            address = next(s.address for s in self.dump.by_name[lock] if s.module == "l2q")
            # Where the kernel only counts readers, the last one of them is not known either.
            readers = ", held by readers" if self.is_rt and lock in ("l2q_rwsem", "l2q_rwlock") else ""
            self.assertEqual(blocks[comm][1], f"waits {kind} {address:016x} <{lock}>{readers}")

    def test_chains(self):
        blocks = self.blocks()
        held = f'held by PID: {self.pid("l2q_holder")}  COMMAND: "l2q_holder", which sleeps in holder+'
        for comm in ("l2q_m1", "l2q_m2", "l2q_t"):
            self.assertEqual(len(blocks[comm][2]), 1)
            self.assertIn(held, blocks[comm][2][0])
        for comm in ("l2q_s", "l2q_c", "l2q_p", "l2q_bit", "l2q_page"):
            self.assertEqual(blocks[comm][2], [])
        for comm, other, kind in self.DEADLOCK + (self.RT_DEADLOCK if self.is_rt else ()):
            chain = blocks[comm][2]
            self.assertEqual(len(chain), 2)
            self.assertIn(f'held by PID: {self.pid(other)}  COMMAND: "{other}", which waits for {kind}', chain[0])
            self.assertEqual(chain[1].strip(), f'held by PID: {self.pid(comm)}  COMMAND: "{comm}": a deadlock')

    def test_chain_into_a_deadlock(self):
        """RCU waits for the two that wait for each other's spinlock, and is not in their circle itself."""
        if self.is_rt:
            chain = self.blocks()["rcub/0"][2]
            self.assertEqual(len(chain), 3)
            first = re.search(r'"(l2q_(?:xy|yx))", which waits for spinlock', chain[0])[1]
            self.assertRegex(chain[2], f'"{first}": a deadlock$')
            self.assertRegex(self.body("RCU"), r'waits for PID: \d+  COMMAND: "l2q_(xy|yx)", asleep for a spinlock in a critical section\n')

    def test_times(self):
        """Who began to wait first waits longest; l2q_holder may run again before it sleeps for ever."""
        times = [self.blocks()[comm][0] for comm in self.ORDER[1:-2]]
        for first, second in zip(times, times[1:]):
            self.assertGreater(first, second)
        self.assertLess(max(times), float(self.dump.fact("uptime").split()[0]) + 60)

    def test_heading(self):
        states = re.findall(r"\) (\w) ", self.dump.fact("stat"))
        self.assertEqual(self.parts["TASKS"][0], f"{states.count('D')} in uninterruptible sleep")

    def test_work(self):
        """The worker of l2q_wq sleeps in the first of its three items; the workqueue holds the others back."""
        said = re.findall(r"^      busy     (.*?)  in PID: (\d+)  COMMAND: \"(kworker/\S+)\"  UN  last ran (\d+)", self.body("WORK"), re.M)
        self.assertEqual([(what, int(pid)) for what, pid, comm, _ in said],
                         [("l2q_wq: l2q_sleep_fn [l2q]", self.pid(comm)) for _, _, comm, _ in said])
        self.assertEqual(len(said), 1)
        self.assertIn("  2 more held back until active work is done\n", self.body("WORK"))

    def test_io(self):
        """dd's read of the disk that never answers."""
        said = re.findall(r"^  (\S+): request \w{16} tag \d, (\w+) of (\d+) bytes at sector (\d+), with the driver for "
                          r"(\d+\.\d+) s$", self.body("I/O"), re.M)
        self.assertEqual([s[:2] + s[3:4] for s in said], [("l2q_disk", "READ", "0")])
        self.assertEqual(int(said[0][2]) % 4096, 0)
        self.assertAlmostEqual(float(said[0][4]), self.blocks()["dd"][0], delta=0.5)

    def test_short(self):
        """Ten tasks, those of deadlocks first."""
        names = re.findall(r'^  PID: \d+  COMMAND: "(\S+)"', self.short, re.M)
        self.assertLessEqual(len(names), 10)
        stuck = {one for one, _, _ in self.DEADLOCK + (self.RT_DEADLOCK if self.is_rt else ())}
        self.assertEqual(set(names[:len(stuck)]), stuck)


@for_dumps(*WORK)
class BusyWorker(HangTest):
    def test_the_crashing_worker(self):
        """The kernel's console names the workqueue, the function and the worker."""
        console = (self.dump.dir / "console.log").read_text(errors="replace")
        cpu, pid, comm = re.search(r"CPU: (\d+)\b.*? PID: (\d+) Comm: (kworker\S+)", console).groups()
        queue, function = re.search(r"Workqueue: (\S+) (\w+) \[l2w\]", console).groups()
        self.assertRegex(self.body("WORK"), rf"(?m)^      busy     {queue}: {function} \[l2w\]  in PID: {pid}  COMMAND: "
                                            rf'"{re.escape(comm)}"  RU$')
        self.assertRegex(self.body("CPUS"), rf'(?m)^  CPU {cpu}: PID: {pid}  COMMAND: "{re.escape(comm)}", for ')


@for_dumps("k6.12-work", "k7-work", "k6.1rt-locks", "k6.12-locks", "k7-locks", *BASE, *EXTRA, quick=("k6.12-kdump",))
class AsDrgn(HangTest):
    def drgn(self, kind):
        text = peers.drgn_program(self.dump, PROGRAM)
        self.assertNotIn("!!", text)
        return re.findall(rf"^{kind} (.*)$", text, re.M)

    def test_cpus(self):
        want = {}
        for line in self.drgn("cpu"):
            cpu, pid, running = map(int, line.split())
            if pid or running:
                want[cpu] = (pid, running)
        said = {int(cpu): (int(pid or 0), int(more or 0) + bool(pid)) for cpu, pid, more in re.findall(
            r"^  CPU (\d+): (?:PID: (\d+)|idle)(?:.*?, (\d+) (?:more )?runnable)?.*$", self.body("CPUS"), re.M)}
        self.assertEqual(said, want)

    def test_work(self):
        pending = re.findall(r"^      pending ", self.body("WORK"), re.M)
        self.assertEqual(len(pending), len(self.drgn("pending")))
        busy = re.findall(r"^      busy     (.*?): .*in PID: (\d+) ", self.body("WORK"), re.M)
        self.assertEqual(sorted(busy), sorted((name, pid) for _, pid, name in (l.split(" ", 2) for l in self.drgn("busy"))))

    def test_times(self):
        """Of all tasks in uninterruptible sleep: the latest clock minus when each last got a CPU."""
        want = {pid: int(ns) // 10**6 for pid, ns in (line.split() for line in self.drgn("blocked"))}
        said = re.findall(r"^  PID: (\d+)  COMMAND: .*?\"  (\d+)\.(\d{3}) s  ", self.body("TASKS"), re.M)
        self.assertEqual({pid: int(s + ms) for pid, s, ms in said}, want)

    def test_rcu(self):
        running, mask = map(int, self.drgn("rcu")[0].split())
        self.assertEqual("  grace period in progress" in self.body("RCU"), bool(running))
        normal = self.body("RCU").split("expedited")[0]
        self.assertEqual({int(c) for c in re.findall(r"waits for CPU (\d+)", normal)},
                         {c for c in range(64) if mask >> c & 1} if running else set())


@for_dumps("k5.10-faults", "k6.1-faults", "k6.12-faults", "k7-faults")
class Faults(DumpTest):
    """The kernel's own reports, and the source of the module l2f, tell who hung."""

    def hang(self, situation):
        return dict((name, body) for name, _, body in SECTION.findall(
            verbs(self.dump, "hang -a", core=self.dump.dir / f"vmcore.{situation}")))

    def console(self, situation):
        return (self.dump.dir / f"console-{situation}.log").read_text(errors="replace")

    def test_soft_lockup(self):
        """l2f_holder spins on CPU 1 with interrupts off, so that its tick is late, and l2f_waiter on CPU 2 for its lock."""
        parts = self.hang("softlockup")
        cpu, seconds = map(int, re.search(r"soft lockup - CPU#(\d+) stuck for (\d+)s", self.console("softlockup")).groups())
        ran = {int(c): (comm, float(s)) for c, comm, s in re.findall(
            r'^  CPU (\d+): PID: \d+  COMMAND: "(\w+)", for (\d+\.\d+) s', parts["CPUS"], re.M)}
        self.assertEqual((ran[1][0], ran[cpu][0]), ("l2f_holder", "l2f_waiter"))
        self.assertGreater(ran[1][1], ran[cpu][1])
        # The watchdog counts from when it last ran on that CPU, which may be seconds later on a busy machine.
        self.assertGreater(ran[cpu][1], seconds * 1.07 - 1.5)
        self.assertLess(ran[cpu][1], seconds * 1.07 + 5)
        # 5.10 takes a new time stamp when it reports a lockup.
        stuck = set(map(int, re.findall(r"^  CPU (\d+): .*, STUCK: ", parts["CPUS"], re.M)))
        self.assertEqual(stuck, set() if self.dump.name.startswith("k5.10") else {1, cpu})
        self.assertRegex(parts["TIMERS"], r"CPU 1: hrtimer \w+ (tick_sched_timer|tick_nohz_handler), late by [4-9]\.")
        self.assertEqual(set(re.findall(r"^  CPU (\d+):", parts["TIMERS"], re.M)), {"1"})
        self.assertIn('waits for CPU 1, which ran PID: ', parts["RCU"])

    def test_rcu_stall(self):
        parts = self.hang("rcu")
        cpu = re.search(r"rcu: \s*(\d+)-\S*: \(\d+ ticks this GP\)", self.console("rcu"))[1]
        self.assertRegex(parts["RCU"], r"^  grace period in progress, began [2-9]\.\d+ s ago; ")
        self.assertRegex(parts["RCU"], rf'(?m)^    waits for CPU {cpu}, which ran PID: \d+  COMMAND: "l2f_reader"$')
        self.assertEqual(parts["RCU"].count("waits for"), 1)
        self.assertRegex(parts["TASKS"], r'COMMAND: "l2f_updater"  [2-9]\.\d+ s  waits for completion ')

    def test_hung_task(self):
        parts = self.hang("hung")
        comm, pid, seconds = re.search(r"INFO: task (\S+):(\d+) blocked for more than (\d+) seconds", self.console("hung")).groups()
        said = re.search(rf'PID: {pid}  COMMAND: "{comm}"  (\d+\.\d+) s  waits for mutex \w+ <l2f_mutex>\n'
                         r'      held by PID: \d+  COMMAND: "l2f_owner", which sleeps in owner\+\d+ \[l2f\]\n', parts["TASKS"])
        self.assertTrue(said, parts["TASKS"])
        self.assertGreater(float(said[1]), float(seconds))
