"""Verbs about tasks, against what /proc said before the crash, crash, and drgn's crash commands."""
import re
from typing import NamedTuple

import peers
from dumps import BASE, EXTRA, DumpTest, for_dumps
from procfacts import full_core, stats, statuses, workers
from session import verbs, vmstub

ROW = re.compile(r"^([> ]) *(\d+) +(-?\d+) +(\d+)  (\S+) +(\w\w) +([\d.?]+) +(\d+) +(\d+)  (\S.*)$", re.M)
LINE = re.compile(r"PID: (\d+) +TASK: ([0-9a-f]+)  CPU: (\d+) +COMMAND: \"(.*)\"")
PF_KTHREAD = 0x200000


class Row(NamedTuple):
    active: bool
    pid: int
    ppid: int
    cpu: int
    task: str
    state: str
    memory: str
    vsz: int
    rss: int
    comm: str


def rows(text):
    return [Row(m[1] == ">", int(m[2]), int(m[3]), int(m[4]), m[5], m[6], m[7], int(m[8]), int(m[9]), m[10])
            for m in ROW.finditer(text)]


def lines(text):
    return [line.rstrip() for line in text.splitlines() if line.strip()]


@for_dumps(*BASE, *EXTRA, quick=("k6.1-kdump",))
class Ps(DumpTest):
    @classmethod
    def prepare(cls):
        cls.core = full_core(cls.dump)
        cls.text = cls.say("ps")
        cls.rows = rows(cls.text)
        cls.by_pid = {r.pid: r for r in cls.rows if r.pid}

    @classmethod
    def say(cls, line):
        return verbs(cls.dump, line, core=cls.core)

    def test_every_task_once_by_pid(self):
        pids = [r.pid for r in self.rows]
        self.assertEqual(len(self.rows), len(self.text.splitlines()) - 1)
        self.assertEqual(pids, sorted(pids))
        self.assertEqual(len(self.by_pid), len([p for p in pids if p]))
        self.assertEqual(pids.count(0), self.dump.cpus)
        # A few kworkers and short-lived processes come and go between the facts and the crash.
        self.assertLessEqual(len(set(stats(self.dump)) ^ set(self.by_pid)), 6)

    def test_as_proc_stat(self):
        seen = 0
        for stat in stats(self.dump).values():
            row = self.by_pid.get(stat.pid)
            if not row or stat.comm.startswith(("kworker", "facts")):
                continue
            brackets = stat.flags & PF_KTHREAD
            self.assertEqual(row.comm, f"[{stat.comm[:15]}]" if brackets else stat.comm, stat)
            self.assertEqual(row.ppid, stat.ppid, stat)
            seen += 1
        self.assertGreater(seen, 40)

    def test_workers_as_proc_stat(self):
        """They sleep, so that nothing of them changes."""
        states = {"R": "RU", "S": "IN", "Z": "ZO"}
        for name, stat in workers(self.dump).items():
            row = self.by_pid[stat.pid]
            self.assertEqual((row.comm, row.state, row.vsz), (name, states[stat.state], stat.vsize // 1024))
            # The kernel's word is without what CPUs or threads have not yet added; test_as_drgn is exact.
            self.assertLess(abs(row.rss - stat.rss // 1024), 4 * 128 * stat.threads, name)

    def test_addresses_and_cpus(self):
        for task in self.dump.tasks:
            row = self.by_pid.get(task.pid)
            if row and task.comm == row.comm:
                self.assertEqual(row.task, f"{task.address:016x}")

    def test_active(self):
        active = self.say("ps -A")
        self.assertEqual(rows(active), [r for r in self.rows if r.active])
        self.assertLessEqual(len(rows(active)), self.dump.cpus)
        busy = self.by_pid[self.dump.workers["w_busy"][0]]
        self.assertTrue(busy.active and busy.cpu == 2, busy)

    def test_as_drgn(self):
        theirs = rows(re.sub(r"  ([RSDIZTtXPW]) ", r"  \1\1 ", peers.drgn(self.dump, "ps")["ps"]))

        def told(some):
            # drgn leaves out what CPUs hold that panic() took offline, as it has in the dumps of QEMU.
            return [(r.active, r.pid, r.ppid, r.cpu, r.task, r.vsz, self.dump.is_kdump and r.rss, r.comm) for r in some if r.pid]
        self.assertEqual(told(self.rows), told(theirs))

    def test_selection(self):
        pid = self.dump.workers["w_threads"][0]
        leader = self.by_pid[pid]
        for words in (f"{pid}", leader.task, "w_threads", f"{pid} w_threads"):
            self.assertEqual(rows(self.say(f"ps {words}")), [leader], words)
        futex = [r for r in self.rows if r.comm == "w_futex_thread"]
        self.assertEqual(rows(self.say("ps w_futex_thread")), futex)
        self.assertEqual(len(futex), 2)
        self.assertEqual(rows(self.say("ps -G w_futex_thread")), [])
        self.assertEqual(rows(self.say("ps '^w_.*'")), [r for r in self.rows if r.comm.startswith("w_")])
        user = rows(self.say("ps -u"))
        self.assertEqual(user + rows(self.say("ps -k")), [r for r in self.rows if r in user] +
                         [r for r in self.rows if r not in user])
        self.assertEqual({r.comm[0] for r in self.rows if r not in user}, {"["})

    def test_who_is_not_there(self):
        done = vmstub("--exec", "ps 1 3999999", self.core, cwd=self.dump.dir)
        self.assertEqual((done.returncode, [r.pid for r in rows(done.stdout)]), (1, [1]))
        self.assertIn("3999999: no such task", done.stderr)

    def test_policies(self):
        for policy, number in (("fifo", 1), ("RR", 2), ("5", 5)):
            pids = {s.pid for s in stats(self.dump).values() if s.policy == number}
            mine = {r.pid for r in rows(self.say(f"ps -y {policy}"))}
            self.assertEqual(mine & set(stats(self.dump)), pids & set(self.by_pid), policy)

    def test_times(self):
        for name in ("w_pipe", "w_zombie", "w_swap"):
            stat = workers(self.dump)[name]
            said = dict(re.findall(r"^ *([A-Z ]+): (\d+)$", self.say(f"ps -t {stat.pid}"), re.M))
            for field, ticks in (("START TIME", stat.start),):
                self.assertEqual(int(said[field]) // 10**7, ticks, name)
            # /proc scales user and system time to what the scheduler measured; their sum is near.
            self.assertLessEqual(abs(int(said["UTIME"]) + int(said["STIME"]) - (stat.utime + stat.stime) * 10**7), 10**8)

    def test_strings(self):
        pid = self.dump.workers["w_pipe"][0]
        command = re.search(rf"^{pid} (.*)$", self.dump.fact("cmdlines"), re.M)[1]
        text = self.say(f"ps -a {pid}")
        self.assertEqual(re.search(r"^ARG: (.*)$", text, re.M)[1], command.rstrip("|").replace("|", " "))
        self.assertRegex(text, r"(?m)^(ENV:|    ) PATH=/bin$")

    def test_limits(self):
        names = {"Max cpu time": "CPU", "Max stack size": "STACK", "Max open files": "NOFILE", "Max processes": "NPROC",
                 "Max pending signals": "SIGPENDING", "Max realtime timeout": "RTTIME"}
        said = dict((m[1], (m[2], m[3])) for m in re.finditer(r"^ +([A-Z]+) +(\S+) +(\S+)$", self.say("ps -r 1"), re.M))
        for line in re.findall(r"^/proc/1/limits:(Max .*)$", self.dump.fact("limits"), re.M):
            m = re.match(r"(Max [a-z ]+?) +(\d+|unlimited) +(\d+|unlimited)", line)
            if m[1] in names:
                self.assertEqual(said[names[m[1]]], tuple(v.replace("unlimited", "(unlimited)") for v in m.groups()[1:]), line)

    def test_family(self):
        zombie, dead = self.dump.workers["w_zombie"][0], next(r for r in self.rows if r.comm == "w_dead")
        children = LINE.findall(self.say(f"ps -c {zombie}"))
        self.assertEqual([int(c[0]) for c in children], [zombie, dead.pid])
        self.assertEqual([int(p[0]) for p in LINE.findall(self.say("ps -p w_dead"))], [0, 1, zombie, dead.pid])
        group = LINE.findall(self.say("ps -g w_threads"))
        threads = [p for p, s in statuses(self.dump).items() if s["Tgid"] == str(self.dump.workers["w_threads"][0])]
        self.assertEqual(sorted(int(t[0]) for t in group), sorted(threads))

    def test_last_run_is_sorted(self):
        stamps = [int(s) for s in re.findall(r"^\[ *(\d+)\] \[", self.say("ps -l"), re.M)]
        self.assertEqual(stamps, sorted(stamps, reverse=True))
        self.assertEqual(len(stamps), len(self.rows))

    def test_summary(self):
        said = dict(re.findall(r"^  (\w\w): (\d+)$", self.say("ps -S"), re.M))
        self.assertEqual({s: int(n) for s, n in said.items()},
                         {s: sum(r.state == s for r in self.rows) for s in {r.state for r in self.rows}})


@for_dumps("k5.10-kdump")
class AsCrash(DumpTest):
    """The installed crash finds no sleeping tasks of 6.1 and does not know later kernels."""
    TABLES = ("ps", "ps -s", "ps -y FIFO,rr", "ps -G", "ps -k", "ps -u")
    VIEWS = ("ps -l", "ps -m", "ps -l -C 1-2", "ps -m -Ca", "ps -S", "ps -r", "ps -a w_pipe w_files", "ps -p w_dead",
             "ps -g w_threads", "ps -c w_zombie")

    @classmethod
    def prepare(cls):
        cls.theirs = peers.crash(cls.dump, *cls.TABLES, *cls.VIEWS)

    def say(self, line):
        return verbs(self.dump, line, core=full_core(self.dump))

    def test_tables(self):
        """All but RSS: crash does not count pages of tmpfs, which this guest's programs are."""
        for command in self.TABLES:
            mine, theirs = self.say(command), self.theirs[command]
            self.assertEqual([r._replace(memory="", rss=0) for r in rows(mine)],
                             [r._replace(memory="", rss=0) for r in rows(theirs)], command)
            self.assertGreater(len(rows(mine)), 4)
            self.assertEqual(lines(mine)[0], lines(theirs)[0])

    def test_views(self):
        for command in self.VIEWS:
            self.assertEqual(lines(self.say(command)), lines(self.theirs[command]), command)
