# SPDX-License-Identifier: GPL-3.0-or-later
"""Verbs about tasks, compared with /proc before the crash, crash, and drgn's crash commands."""
import re
import signal
from typing import NamedTuple

import damage
import peers
from dumps import BASE, EXTRA, GUESS, DumpTest, for_dumps
from procfacts import full_core, stats, statuses, workers
from session import Asked, gdb, vmstub

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
        cls.say = Asked(cls.dump, cls.core)
        pids = [cls.dump.workers[w][0] for w in ("w_pipe", "w_zombie", "w_swap", "w_threads")]
        cls.say.ahead("ps", "ps -A", "ps -u", "ps -k", "ps '^w_.*'", "ps w_threads", "ps w_futex_thread", "ps -G w_futex_thread",
                      "ps -y fifo", "ps -y RR", "ps -y 5", *(f"ps -t {p}" for p in pids), f"ps -a {pids[0]}", "ps -r 1",
                      f"ps -c {pids[1]}", "ps -p w_dead", "ps -g w_threads", "ps -l", "ps -S", f"ps {pids[3]}",
                      f"ps {pids[3]} w_threads")
        cls.text = cls.say("ps")
        cls.rows = rows(cls.text)
        cls.by_pid = {r.pid: r for r in cls.rows if r.pid}

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
        """They sleep, so nothing of them changes."""
        states = {"R": "RU", "S": "IN", "Z": "ZO"}
        for name, stat in workers(self.dump).items():
            row = self.by_pid[stat.pid]
            self.assertEqual((row.comm, row.state, row.vsz), (name, states[stat.state], stat.vsize // 1024))
            # The kernel's numbers lack what CPUs or threads have not added yet; test_as_drgn is exact.
            self.assertLess(abs(row.rss - stat.rss // 1024), 4 * 128 * stat.threads, name)

    def test_states_as_proc_stat(self):
        """Compares states that no longer change: dead tasks, and idle ones, which do not count as load."""
        dead = [s.pid for s in stats(self.dump).values() if s.state == "Z"]
        idle = [s.pid for s in stats(self.dump).values() if s.state == "I"]
        self.assertEqual([stats(self.dump)[pid].comm for pid in dead], ["w_dead"])
        self.assertEqual([self.by_pid[pid].state for pid in dead], ["ZO"])
        states = [self.by_pid[pid].state for pid in idle if pid in self.by_pid]
        self.assertGreater(states.count("ID"), 3)
        # A worker may have had something to do, or be about to have.
        self.assertLessEqual(set(states), {"ID", "RU", "WA"})

    def test_rss_as_page_tables(self):
        """The kernel's count equals the pages that the page tables map, for tasks without pages of devices or zeros."""
        for name in ("w_pipe", "w_swap", "w_threads", "w_zombie"):
            pid = self.dump.workers[name][0]
            mapped = re.findall(r"^ *[0-9a-f]+ +[0-9a-f]+$", self.say(f"vm -p {pid}"), re.M)
            self.assertEqual(self.by_pid[pid].rss, 4 * len(mapped), name)
            # Since 6.2 that is also what /proc/PID/status says.
            if self.dump.env["KERNEL_KEY"] not in ("5.10", "6.1"):
                self.assertEqual(f"{self.by_pid[pid].rss} kB", statuses(self.dump)[pid]["VmRSS"], name)

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
        pids = [self.dump.workers[w][0] for w in ("w_pipe", "w_zombie", "w_swap")]
        times = f"py from drgn.helpers.linux.pid import find_task as f; print(*((p, *[int(getattr(f(prog, p), m)) for m in " \
                f"('utime', 'stime')]) for p in {pids}))"
        said = peers.drgn(self.dump, "ps", times)
        theirs = rows(re.sub(r"  ([RSDIZTtXPW]) ", r"  \1\1 ", said["ps"]))

        def told(some):
            # drgn omits the counters of CPUs that panic() took offline, as in QEMU's dumps.
            return [(r.active, r.pid, r.ppid, r.cpu, r.task, r.vsz, self.dump.is_kdump and r.rss, r.comm) for r in some if r.pid]
        self.assertEqual(told(self.rows), told(theirs))
        mine = [(pid, *(int(re.search(rf"{field}: (\d+)", self.say(f"ps -t {pid}"))[1]) for field in ("UTIME", "STIME")))
                for pid in pids]
        self.assertEqual(" ".join(map(str, mine)), said[times].strip())

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
            self.assertEqual(int(said["START TIME"]) // 10**7, stat.start, name)
            # Whole seconds up to the last tick, which came shortly after the last line of the log.
            hours, minutes, seconds = map(int, re.search(r"RUN TIME: (\d+):(\d+):(\d+)", self.say(f"ps -t {stat.pid}")).groups())
            last = float(re.findall(r"^\[ *(\d+\.\d+)\]", self.say("log"), re.M)[-1])
            since = last - int(said["START TIME"]) / 1e9
            self.assertIn(hours * 3600 + minutes * 60 + seconds, (int(since), int(since + 0.2)), name)

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


class TaskVerbs(DumpTest):
    AHEAD = ()  # lines that the tests run, with workers' names in braces for their PIDs
    OF_WORKERS = ""  # a verb that they run for each worker

    @classmethod
    def prepare(cls):
        cls.core = full_core(cls.dump)
        cls.say = Asked(cls.dump, cls.core)
        pids = {w: pid for w, (pid, _) in cls.dump.workers.items()}
        cls.say.ahead("ps", "ps -G -u", *(line.format(**pids) for line in cls.AHEAD),
                      *(f"{cls.OF_WORKERS} {pid}" for pid in pids.values() if cls.OF_WORKERS))
        cls.rows = rows(cls.say("ps"))

    def pid(self, worker):
        return self.dump.workers[worker][0]


@for_dumps("k6.1-kdump", "k6.12-kdump", *EXTRA, *GUESS, quick=("k6.1-kdump",))
class Foreach(TaskVerbs):
    VERBS = ("kbt", "files", "sig", "set")
    AHEAD = (*(f"foreach {w} set -l" for w in ("user", "kernel", "user gleader", "active", "IN user", "ZO RU user",
                                               "w_pipe {w_sleep} '^w_fut' user IN")),
             *(f"foreach w_pipe w_files {v}" for v in VERBS), *(f"{v} {{{w}}}" for v in VERBS[:3] for w in ("w_pipe", "w_files")),
             "foreach gleader user ps", "foreach w_pipe bt -s", "kbt -s {w_pipe}", "help",
             "foreach user kbt -gl", "foreach user stacks -l", "foreach kbt -g", "stacks")

    def chosen(self, words):
        return {int(m[0]) for m in LINE.findall(self.say(f"foreach {words} set -l"))}

    def test_words(self):
        user = {r.pid for r in self.rows if not r.comm.startswith("[")}
        leaders = {t.pid for t in self.dump.tasks if t.pid == t.tgid}
        self.assertEqual(self.chosen("user"), user)
        self.assertEqual(self.chosen("kernel"), {r.pid for r in self.rows} - user)
        self.assertEqual(self.chosen("user gleader") & {t.pid for t in self.dump.tasks}, user & leaders)
        self.assertEqual(self.chosen("active"), {r.pid for r in self.rows if r.active})
        self.assertEqual(self.chosen("IN user"), {r.pid for r in self.rows if r.state == "IN"} & user)
        self.assertEqual(self.chosen("ZO RU user"), {r.pid for r in self.rows if r.state in ("ZO", "RU")} & user)
        self.assertEqual(self.chosen(f"w_pipe {self.pid('w_sleep')} '^w_fut' user IN"),
                         {r.pid for r in self.rows if r.comm in ("w_pipe", "w_sleep", "w_futex_thread")})

    def test_one_table(self):
        self.assertEqual(rows(self.say("foreach gleader user ps")), rows(self.say("ps -G -u")))

    def test_each_verb(self):
        """The verb's output for each of the tasks, separated by empty lines."""
        for verb in self.VERBS:
            apart = "\n".join(self.say(f"{verb} {self.pid(w)}") for w in ("w_pipe", "w_files"))
            together = self.say(f"foreach w_pipe w_files {verb}")
            self.assertEqual(together, re.sub(r" +THREAD: .*\n", "", apart), verb)
        self.assertEqual(self.say("foreach w_pipe bt -s"), self.say(f"kbt -s {self.pid('w_pipe')}"))

    def test_groups(self):
        """-g of kbt groups equal backtraces; for one task it has the threads of a process."""
        self.assertEqual(self.say("foreach kbt -g"), self.say("stacks"))
        self.assertEqual(self.say("foreach user kbt -gl"), self.say("foreach user stacks -l"))
        self.assertRegex(self.say("foreach kbt -g"), r"^\d+ tasks: (\d+ [A-Z]{2}(, )?)+\nPID: \d+ ")

    def test_nobody(self):
        for words, why in (("w_none ps", "w_none: no such task"), ("ps -Z", "-Z"),
                           ("user log", "usage:")):
            # invalid arguments fail differently from tasks that are not found
            done = vmstub("--exec", f"foreach {words}", self.core, cwd=self.dump.dir)
            self.assertEqual(done.returncode, 2 if why in ("-Z", "usage:") else 1, words)
            self.assertIn(why, done.stderr)
        # no task in a state is not an error
        self.assertEqual(self.say("foreach w_pipe ZO ps"), "no task is selected\n")

    def test_set_selects_for_later_verbs(self):
        said = self.say(f"set {self.pid('w_pipe')}; set -l; foreach w_sleep set -l; set -l; set -c 2; set -l; set -p; set -l")
        self.assertEqual([c for _, _, _, c in LINE.findall(said)],
                         ["w_pipe", "w_sleep", "w_pipe", "w_busy", f"swapper/{self.dump.panic_cpu}"])
        self.assertIn("files", self.say("help"))
        self.assertEqual(self.say(f"set -l {self.pid('w_files')}; files"),
                         self.say(f"set -l {self.pid('w_files')}") + self.say(f"files {self.pid('w_files')}"))


@for_dumps("k6.1-kdump", "k6.12-kdump", *EXTRA, quick=("k6.1-kdump",))
class Files(TaskVerbs):
    AHEAD = ("files 2", "files -c {w_files}")
    OF_WORKERS = "files"
    FD = re.compile(r"^ *(\d+) ([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{16}) (\w+) +(.*)$", re.M)

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.fds, cls.links = {}, {}
        section = None
        for line in cls.dump.fact("fds").splitlines():
            if m := re.match(r"/proc/(\d+)/fd:$", line):
                section = int(m[1])
                cls.fds[section] = {}
            elif m := re.match(r".* /proc/(\d+)/(cwd|root) -> (.*)$", line):
                cls.links[int(m[1]), m[2]] = m[3]
            elif section and (m := re.match(r".* (\d+) -> (.*)$", line)):
                cls.fds[section][int(m[1])] = m[2]

    def test_as_proc_fd(self):
        """For all tasks that sleep since: the workers, and kernel threads, which have no files."""
        for name, (pid, _) in self.dump.workers.items():
            text = self.say(f"files {pid}")
            # The protocol before a socket comes from crash.
            said = {int(m[1]): re.sub(r"^\S+ (?=socket:)", "", m[6]) for m in self.FD.finditer(text)}
            self.assertEqual(said, self.fds[pid], name)
            self.assertTrue(said)
            self.assertIn(f"ROOT: {self.links[pid, 'root']}    CWD: {self.links[pid, 'cwd']}\n", text)
        self.assertIn("No open files", self.say("files 2"))

    def test_types(self):
        text = self.say(f"files {self.pid('w_files')}")
        types = {m[6].split(" (")[0]: m[5] for m in self.FD.finditer(text)}
        self.assertEqual({n: types[n] for n in ("/tmp/w_plain", "/dev/console", "anon_inode:[eventfd]")},
                         {"/tmp/w_plain": "REG", "/dev/console": "CHR", "anon_inode:[eventfd]": "UNKN"})
        protocols = re.findall(r"SOCK (\S+) socket:", self.say(f"files {self.pid('w_sockets')}"))
        self.assertEqual([p.split("-")[0] for p in protocols], ["TCP", "TCP", "UDP", "UNIX", "TCP"])

    def test_cache_and_dentry(self):
        text = self.say(f"files -c {self.pid('w_files')}")
        pages = dict((m[2], int(m[1])) for m in re.finditer(r"(\d+) REG +(/\S+)", text))
        # One page was written; tmpfs keeps it in the page cache.
        self.assertEqual((pages["/tmp/w_plain"], pages["/tmp/w_deleted"], pages["/proc/version"]), (1, 0, 0))
        paths = [m for m in self.FD.finditer(self.say(f"files {self.pid('w_files')}")) if m[6].startswith("/")]
        self.say.ahead(*(f"files -d {m[3]}" for m in paths))
        for m in paths:
            self.assertRegex(self.say(f"files -d {m[3]}"), rf"(?m)^{m[3]} {m[4]} [0-9a-f]{{16}} {m[5]} +{re.escape(m[6])}$")

    def test_as_drgn(self):
        pid = self.pid("w_files")
        theirs = peers.drgn(self.dump, f"files {pid}")[f"files {pid}"]
        mine = [m.groups()[:4] for m in self.FD.finditer(self.say(f"files {pid}"))]
        self.assertEqual(mine, re.findall(r"^ *(\d+) +([0-9a-f]{16}) +([0-9a-f]{16}) +([0-9a-f]{16}) ", theirs, re.M))


@for_dumps("k6.1-kdump", "k6.12-kdump", *EXTRA, *GUESS, quick=("k6.1-kdump",))
class Mount(TaskVerbs):
    AHEAD = ("mount", "mount -n {w_pipe}", "mount -f", "mount -i")
    ROW = re.compile(r"^([0-9a-f]{16}) ([0-9a-f]{16}) (\S+) +(\S+) +(.*)$", re.M)

    def test_as_mountinfo(self):
        pid = self.pid("w_pipe")
        theirs = set()
        for line in re.findall(rf"^/proc/{pid}/mountinfo:(.*)$", self.dump.fact("mountinfo"), re.M):
            before, after = line.split(" - ")
            theirs.add((before.split()[4], *after.split()[:2]))
        for command in ("mount", f"mount -n {pid}"):
            mine = {(m[5], m[3], m[4]) for m in self.ROW.finditer(self.say(command))}
            # /proc omits mounts below the task's root: since 7.0 the file system under the rootfs.
            self.assertEqual(mine - {("/", "nullfs", "nullfs")}, theirs)

    def test_selection(self):
        found = [m for m in self.ROW.finditer(self.say("mount")) if m[5] != "/"]
        self.say.ahead(*(f"mount {word}" for m in found for word in (m[1], m[2], m[5])))
        for m in found:
            for word in (m[1], m[2], m[5]):
                self.assertEqual([r.groups() for r in self.ROW.finditer(self.say(f"mount {word}"))], [m.groups()], word)
        self.assertEqual(vmstub("--exec", "mount /nowhere", self.core, cwd=self.dump.dir).returncode, 1)

    def test_open_files(self):
        text = self.say("mount -f")
        for mount in re.split(r"^ +MOUNT .*\n", text, flags=re.M)[1:]:
            files = re.findall(r"^[0-9a-f]{16}  [0-9a-f]{16}  \w+ +(/.*)$", mount, re.M)
            where = mount.split("\n")[0].split()[4]
            if where == "/proc":
                self.assertEqual(files, ["/proc/version"])
            if mount.split()[2] == "rootfs":
                self.assertLessEqual({"/tmp/w_plain", "/tmp/w_deleted (deleted)"}, set(files))

    def test_dirty_inodes(self):
        """A tmpfs file that was written to stays dirty forever; one that was not is clean."""
        text = self.say("mount -i")
        self.assertIn("DIRTY INODES:", text)
        self.assertNotIn("(no", text.replace("(none)", ""))


@for_dumps("k6.1-kdump", "k6.12-kdump", *EXTRA, *GUESS, quick=("k6.1-kdump",))
class Sig(TaskVerbs):
    AHEAD = ("sig -g {w_threads}",)
    OF_WORKERS = "sig"
    SETS = {"SigBlk": r"BLOCKED: ([0-9a-f]+)", "SigPnd": r"PRIVATE_PENDING\n +SIGNAL: ([0-9a-f]+)",
            "ShdPnd": r"SHARED_PENDING\n +SIGNAL: ([0-9a-f]+)"}

    def test_as_proc_status(self):
        for name, (pid, _) in self.dump.workers.items():
            text, status = self.say(f"sig {pid}"), statuses(self.dump)[pid]
            for field, pattern in self.SETS.items():
                self.assertEqual(re.search(pattern, text)[1], status[field], (name, field))
            handlers = re.findall(r"^ ?\[(\d+)\] [0-9a-f]{16} +(\S+) ", text, re.M)
            self.assertEqual(len(handlers), 64)
            ignored = sum(1 << (int(n) - 1) for n, h in handlers if h == "SIG_IGN")
            caught = sum(1 << (int(n) - 1) for n, h in handlers if not h.startswith("SIG_"))
            self.assertEqual((f"{ignored:016x}", f"{caught:016x}"), (status["SigIgn"], status["SigCgt"]), name)
            self.assertIn(f"NR_THREADS: {status['Threads']}\n", text)

    def test_queue(self):
        text = self.say(f"sig {self.pid('w_signals')}")
        self.assertEqual(re.findall(r"^ +(\d+)  [0-9a-f]{16}$", text, re.M), ["10", "36"])
        self.assertIn("SIGPENDING: no", text)
        blocked = re.search(r"BLOCKED: (\S+)", text)[1]
        self.assertEqual(self.say(f"sig -s {blocked}"), "SIGUSR1 SIGRTMIN+4\n")

    def test_names(self):
        """Names of the C library up to 31; the kernel's real-time signals are 32 to 64 (uapi/asm/signal.h), unlike
        the C library's, which reserves some for itself."""
        listed = {int(n): name for n, name in re.findall(r"^ *\[(\d+)\] (\S+)", self.say("sig -l"), re.M)}
        self.assertEqual(sorted(listed), list(range(1, 65)))
        sets = self.say("; ".join(f"sig -s {1 << n:x}" for n in range(64))).split()
        self.assertEqual(sets, [listed[n].split("/")[0] for n in range(1, 65)])
        for number, name in listed.items():
            if number < 32:
                self.assertEqual(signal.Signals[name.split("/")[0]], number)
                continue
            m = re.match(r"SIGRT(MIN|MAX)(?:([+-])(\d+))?$", name)
            away = int(m[3] or 0)
            self.assertEqual(number, 32 + away if m[1] == "MIN" else 64 - away, name)
            self.assertEqual(m[2], (None if not away else "+" if m[1] == "MIN" else "-"), name)

    def test_group(self):
        text = self.say(f"sig -g {self.pid('w_threads')}")
        self.assertEqual([c for _, _, _, c in LINE.findall(text)], ["w_threads", "w_threads", "w_futex_thread", "w_futex_thread"])
        self.assertEqual(text, self.say(f"sig -g {next(r.pid for r in self.rows if r.comm == 'w_futex_thread')}"))


@for_dumps("k6.12-kdump", "k5.10-kdump", quick=("k6.12-kdump",))
class LostPages(DumpTest):
    """Members in a page that the dump lacks print as "?", not as if they were 0. (In 6.1 the members that ps shows of
    one task_struct can be in two pages.)"""

    @classmethod
    def prepare(cls):
        cls.core = damage.copy(cls.dump.core, cls.new_folder() / "vmcore")
        cls.stays, cls.goes = cls.offset("comm"), cls.offset("exit_state")
        state, = (o for o in (cls.offset("__state"), cls.offset("state")) if o is not None)
        assert state < cls.offset("pid")
        # A sleeping process whose struct starts in one page and has its PID in another.
        cls.task = next(t for t in sorted(cls.dump.tasks) if t.pid > 2 and t.pid == t.tgid and t.cpu and
                        (t.address + state) // 4096 != (t.address + cls.offset("tgid")) // 4096 and
                        cls.frame(t.address) and cls.frame(t.address + cls.offset("pid")))
        cls.whole = vmstub("--exec", f"ps {cls.task.pid}", cls.core, cwd=cls.dump.dir).stdout
        damage.lose_page(cls.core, cls.frame(cls.task.address))

    @classmethod
    def offset(cls, member):
        m = re.search(rf"(?m)^ *\[(\d+)\] .*\b{member}\b.*;$",
                      vmstub("--exec", f"struct -o task_struct.{member}", cls.dump.core, cwd=cls.dump.dir).stdout)
        return m and int(m[1])

    @classmethod
    def frame(cls, address):
        """Physical address; None: not in the dump."""
        m = re.search(rf"(?m)^{address:x} +([0-9a-f]+)$",
                      vmstub("--exec", f"vtop {address:x}; rd {address:x}", cls.core, cwd=cls.dump.dir).stdout)
        return m and int(m[1], 16) // 4096 * 4096

    def ask(self, line):
        return vmstub("--exec", line, self.core, cwd=self.dump.dir).stdout

    def test_ps(self):
        whole, = rows(self.whole)
        self.assertIn(whole.state, ("IN", "UN", "ID"))
        row = self.ask(f"ps {self.task.pid}").splitlines()[1].split()
        # The columns in the page that exists, and the state, which is in the other.
        self.assertEqual(row[:2] + row[3:4], [str(whole.pid), str(whole.ppid), f"{self.task.address:x}"])
        self.assertEqual(row[4], "?")

    def test_no_other_answer(self):
        self.assertIn("  ?: 1\n", self.ask("ps -S"))
        for line in ("foreach RU ps", "foreach IN ps", "foreach UN ps", "foreach ID ps"):
            self.assertNotIn(f"{self.task.address:x}", self.ask(line), line)
        self.assertRegex(self.ask(f"set {self.task.pid}"), r"(?m)^ *STATE: \(unknown\)")

    def test_others_are_as_ever(self):
        before = {r.pid: r for r in rows(vmstub("--exec", "ps", self.dump.core, cwd=self.dump.dir).stdout) if r.pid}
        after = {r.pid: r for r in rows(self.ask("ps")) if r.pid}
        self.assertGreater(len(after), 50)
        changed = [pid for pid in before if after.get(pid) != before[pid]]
        self.assertIn(self.task.pid, changed)
        self.assertLess(len(changed), 5)  # its neighbours in the page


@for_dumps("k6.12-kdump", "k7-kdump")
class ZeroExcluded(DumpTest):
    """makedumpfile 1.7.2 drops pages of tasks; read as zeros, they must not appear as tasks with PID 0."""

    def test_no_more_idle_tasks(self):
        done = vmstub("--zero-excluded", "--exec", "ps", self.dump.core, cwd=self.dump.dir)
        idle = [r for r in rows(done.stdout) if r.pid == 0]
        self.assertEqual(sorted(r.comm for r in idle), [f"[swapper/{cpu}]" for cpu in range(self.dump.cpus)])
        known = {f"{t.address:x}" for t in self.dump.tasks}
        started = [r for r in rows(done.stdout) if r.task not in known and r.pid != 0]
        self.assertLess(len(started), 6, started)  # since the guest looked

    def test_in_gdb(self):
        answers = gdb(self.dump, {"found": "thread find pid 0", "each": "info threads"},
                      options="--zero-excluded --threads=tasks")
        idle = re.findall(r'(?m)^[* ] *\d+ +Thread \d+ "CPU \d+ swapper/\d+"', answers["each"])
        self.assertGreater(len(idle), 1)
        self.assertEqual(len(re.findall(r"(?m)^Thread \d+ has ", answers["found"])), len(idle), answers["found"])


@for_dumps("k5.10-kdump")
class AsCrash(DumpTest):
    """The installed crash finds no sleeping tasks on 6.1 and does not support later kernels."""
    TABLES = ("ps", "ps -s", "ps -y FIFO,rr", "ps -G", "ps -k", "ps -u")
    VIEWS = ("ps -l", "ps -m", "ps -l -C 1-2", "ps -m -Ca", "ps -S", "ps -r", "ps -a w_pipe w_files", "ps -p w_dead",
             "ps -g w_threads", "ps -c w_zombie")

    @classmethod
    def prepare(cls):
        pids = {w: pid for w, (pid, _) in cls.dump.workers.items()}
        cls.files = tuple(f"files{o} {pids[w]}" for o in ("", " -c") for w in ("w_files", "w_sockets"))
        cls.signals = ("sig -l", "sig -s 800000200", f"sig {pids['w_signals']}", f"sig -g {pids['w_threads']}", "sig 1")
        commands = (*cls.TABLES, *cls.VIEWS, *cls.files, *cls.signals, "mount")
        cls.theirs = peers.crash(cls.dump, *commands)
        cls.say = Asked(cls.dump, full_core(cls.dump))
        cls.say.ahead(*commands)

    def test_tables(self):
        """All columns except RSS: crash does not count tmpfs pages, and this guest's programs are on tmpfs."""
        for command in self.TABLES:
            mine, theirs = self.say(command), self.theirs[command]
            self.assertEqual([r._replace(memory="", rss=0) for r in rows(mine)],
                             [r._replace(memory="", rss=0) for r in rows(theirs)], command)
            self.assertGreater(len(rows(mine)), 4)
            self.assertEqual(lines(mine)[0], lines(theirs)[0])

    def test_views(self):
        for command in self.VIEWS:
            self.assertEqual(lines(self.say(command)), lines(self.theirs[command]), command)

    def test_files(self):
        """crash has no names for pipes, and no inode numbers."""
        for command in self.files:
            mine, theirs = lines(self.say(command)), lines(self.theirs[command])
            self.assertEqual(len(mine), len(theirs), command)
            for my, their in zip(mine, theirs):
                self.assertEqual(my.replace("anon_inode:", "")[:len(their)], their)

    def test_signals(self):
        for command in self.signals:
            self.assertEqual(lines(self.say(command)), lines(self.theirs[command]), command)

    def test_mount(self):
        self.assertEqual([line.split() for line in lines(self.say("mount"))],
                         [line.split() for line in lines(self.theirs["mount"])])
