# SPDX-License-Identifier: GPL-3.0-or-later
"""Verbs about kernel objects: queues, IPC, system calls, taints; compared with /proc before the crash,
crash, drgn's crash commands and the system's own headers."""
import re

import oracle
import peers
from dumps import BASE, EXTRA, DumpTest, for_dumps
from procfacts import full_core
from session import Asked, vmstub
from test_verbs_tasks import LINE, lines, rows

KDUMPS = ("k6.1-kdump", "k6.12-kdump", *EXTRA)
# Dumps with tasks that wait for a CPU; `make test-matrix` makes them.
WORK = ("k5.10-work", "k6.1-work", "k6.12-work", "k7-work")
LATE = 5  # seconds by which jiffies may lag behind the guest's clock if a busy host delayed timer interrupts
UNISTD = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"


class Objects(DumpTest):
    AHEAD = ()

    @classmethod
    def prepare(cls):
        cls.say = Asked(cls.dump, full_core(cls.dump))
        cls.say.ahead("ps", *cls.AHEAD)
        cls.rows = rows(cls.say("ps"))


@for_dumps(*KDUMPS, *WORK, quick=("k6.1-kdump",))
class Runq(Objects):
    AHEAD = ("runq", "runq -t", "runq -T", "runq -m", "runq -g", "runq -c 1-2")

    def queues(self):
        """cpu -> (running task, [waiting tasks])"""
        found = {}
        for part in re.split(r"^CPU ", self.say("runq"), flags=re.M)[1:]:
            current = re.search(r"CURRENT: PID: \d+ +TASK: (\w+)", part)[1]
            found[int(part.split()[0])] = (current, re.findall(r"^     \[ *\d+\] PID: \d+ +TASK: (\w+)", part, re.M))
        return found

    def test_every_runnable_task_is_there(self):
        """Compares the tasks' states with the queues."""
        queues = self.queues()
        for row in self.rows:
            running, waiting = queues[row.cpu]
            if row.active:
                self.assertEqual(running, row.task)
            elif row.state == "RU" and row.pid:
                self.assertIn(row.task, waiting, row)
        states = {r.task: r for r in self.rows}
        for cpu, (_, waiting) in queues.items():
            self.assertEqual(len(waiting), len(set(waiting)))
            for task in waiting:
                self.assertEqual(states[task].cpu, cpu)
        if self.dump.name in WORK:
            self.assertIn("w_unborn_child", {states[t].comm for _, waiting in queues.values() for t in waiting})

    def test_priorities(self):
        if self.dump.name in WORK:  # SCHED_FIFO priority 1 of 99
            self.assertRegex(self.say("runq"), r'RT PRIO_ARRAY.*\n(.*\n)?     \[ 98\] PID: \d+ +TASK: \w+  COMMAND: "w_unborn_child"')
        self.assertNotIn("(", self.say("runq").replace("(the server", ""))

    def test_groups_hold_the_same_tasks(self):
        text = self.say("runq -g")
        grouped = sorted(re.findall(r"\] PID: \d+ +TASK: (\w+) (?!.*CURRENT)", text))
        waiting = sorted(t for _, w in self.queues().values() for t in w)
        running = [c for c, _ in self.queues().values()]
        self.assertEqual(grouped, [t for t in waiting if t not in running])
        busy = next(r for r in self.rows if r.comm == "w_busy")
        self.assertRegex(text, rf'\[120\] PID: {busy.pid} +TASK: {busy.task}  COMMAND: "w_busy"{" .CURRENT" if busy.active else ""}')

    def test_clocks(self):
        clocks = dict(re.findall(r"^ *CPU (\d+): (\d+)$", self.say("runq -t"), re.M))
        self.assertEqual(len(clocks), self.dump.cpus)
        lags = re.findall(r"^  CPU (\d+): (\d+\.\d\d) secs$", self.say("runq -T"), re.M)
        latest = max(int(c) for c in clocks.values())
        for cpu, lag in lags:
            self.assertAlmostEqual(float(lag), (latest - int(clocks[cpu])) / 1e9, delta=0.006)
        self.assertEqual([float(lag) for _, lag in lags], sorted(float(lag) for _, lag in lags))
        self.assertEqual(len(re.findall(r"^ *CPU \d+: \[0 00:\d\d:\d\d\.\d{3}\]  PID: ", self.say("runq -m"), re.M)), self.dump.cpus)

    def test_cpus(self):
        self.assertEqual(re.findall(r"^CPU (\d+)", self.say("runq -c 1-2"), re.M), ["1", "2"])
        self.assertEqual(vmstub("--exec", "runq -c 99", full_core(self.dump), cwd=self.dump.dir).returncode, 2)

    def test_as_drgn(self):
        if "elf" not in self.dump.cores:
            return  # drgn cannot read the others without debug information
        theirs = peers.drgn(self.dump, "runq")["runq"].replace("RUNQUEUE ", "RUNQUEUE: ")
        self.assertEqual([line.split() for line in lines(self.say("runq"))], [line.split() for line in lines(theirs)])


@for_dumps(*KDUMPS, quick=("k6.1-kdump",))
class Waitq(Objects):
    AHEAD = ("waitq kauditd_wait", "waitq log_wait")

    def test_symbol(self):
        self.assertEqual([c for _, _, _, c in LINE.findall(self.say("waitq kauditd_wait"))], ["kauditd"])
        self.assertRegex(self.say("waitq log_wait"), r'^wait queue "log_wait" \([0-9a-f]{16}\) is empty\n$')
        address = self.dump.address("kauditd_wait")
        self.assertEqual(self.say(f"waitq {address:x}"), self.say("waitq kauditd_wait"))

    def test_member(self):
        """The reader of an empty pipe."""
        pid = self.dump.workers["w_pipe"][0]
        inode = re.search(r"([0-9a-f]{16}) FIFO pipe:", self.say(f"files {pid}"))[1]
        pipe = re.search(r"0x([0-9a-f]{16})", self.say(f"struct inode.i_pipe -x {inode}"))[1]
        member = "rd_wait" if self.dump.env["KERNEL_KEY"] != "5.4" else "wait"
        self.assertEqual([(int(p), c) for p, _, _, c in LINE.findall(self.say(f"waitq pipe_inode_info.{member} {pipe}"))],
                         [(pid, "w_pipe")])

    def test_swait(self):
        """The wait queue of RCU's thread in struct rcu_state is a swait_queue_head."""
        thread, = [row for row in rows(self.say("ps")) if row.comm in ("[rcu_preempt]", "[rcu_sched]")]
        if thread.state in ("RU", "WA"):  # it was woken just now
            self.skipTest(f"{thread.comm} does not sleep in this dump")
        self.assertEqual([int(pid) for pid, *_ in LINE.findall(self.say("waitq rcu_state.gp_wq rcu_state"))], [thread.pid])

    def test_other_types(self):
        for words, said in (("init_task", "struct task_struct is not a wait queue"), ("task_struct.pid init_task", "int is not a wait queue")):
            done = vmstub("--exec", f"waitq {words}", self.dump.core, cwd=self.dump.dir)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(said, done.stderr)

    def test_nothing(self):
        for words, why in (("pipe_inode_info.nothing 1", "nothing"), ("no_such_symbol", "no_such_symbol"), ("", "help waitq")):
            done = vmstub("--exec", f"waitq {words}", self.dump.core, cwd=self.dump.dir)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(why, done.stderr)


@for_dumps("k5.10-locks", "k6.1-locks", "k6.1rt-locks", "k6.12-locks", "k7-locks")
class Locks(Objects):
    """The source of the module l2q says who waits for what, in this order. On PREEMPT_RT a writer that waits for readers is
    in no list."""
    WAITERS = {"l2q_mutex": ["l2q_m1", "l2q_m2"], "l2q_rwsem": ["l2q_w", "l2q_r"], "l2q_sem": ["l2q_s"],
               "l2q_done": ["l2q_c"], "l2q_queue": ["l2q_holder"], "l2q_a": ["l2q_ba"], "l2q_b": ["l2q_ab"]}
    RT_WAITERS = {"l2q_rwsem": ["l2q_r"], "l2q_owned": ["l2q_rr", "l2q_ww"], "l2q_rt": ["l2q_t"], "l2q_x": ["l2q_yx"],
                  "l2q_y": ["l2q_xy"], "l2q_rwlock": [], "l2q_rt_queue": ["l2q_wo"]}

    @property
    def is_rt(self):
        return self.dump.name == "k6.1rt-locks"

    def pid(self, comm):
        return next(t.pid for t in self.dump.tasks if t.comm == comm)

    def test_waiters(self):
        for name, comms in {**self.WAITERS, **(self.RT_WAITERS if self.is_rt else {})}.items():
            said = LINE.findall(self.say(f"waitq {name}"))
            self.assertEqual([(int(p), c) for p, _, _, c in said], [(self.pid(c), c) for c in comms], name)

    def test_by_member(self):
        address = re.match(r"([0-9a-f]{16})", self.say("sym l2q_done"))[1]
        self.assertEqual([c for _, _, _, c in LINE.findall(self.say(f"waitq completion.wait {address}"))], ["l2q_c"])

    # Lock -> kind, who holds it, and who waits for it; "TO READ" and "TO WRITE" for the rw_semaphore.
    LOCKS = {"l2q_mutex": ("mutex", "l2q_holder", [("", "l2q_m1"), ("", "l2q_m2")]),
             "l2q_a": ("mutex", "l2q_ab", [("", "l2q_ba")]), "l2q_b": ("mutex", "l2q_ba", [("", "l2q_ab")]),
             "l2q_rwsem": ("rw_semaphore", "readers; the last one that took it: l2q_holder",
                           [(" TO WRITE", "l2q_w"), (" TO READ", "l2q_r")]),
             "l2q_rt": ("rt_mutex", "l2q_holder", [("", "l2q_t")]),
             "l2q_sem": ("semaphore", "(it has no owner)", [("", "l2q_s")]),
             "l2q_done": ("completion", "(it has no owner)", [("", "l2q_c")]),
             "l2q_percpu": ("percpu_rw_semaphore", "(it has no owner)", [(" TO READ", "l2q_p")])}
    # Readers are only counted there.
    RT_LOCKS = {"l2q_rwsem": ("rw_semaphore", "readers", [(" TO WRITE", "l2q_w"), (" TO READ", "l2q_r")]),
                "l2q_owned": ("rw_semaphore", "l2q_wo", [(" TO READ", "l2q_rr"), (" TO WRITE", "l2q_ww")]),
                "l2q_x": ("spinlock", "l2q_xy", [("", "l2q_yx")]), "l2q_y": ("spinlock", "l2q_yx", [("", "l2q_xy")]),
                "l2q_rwlock": ("rwlock", "readers", [(" TO WRITE", "l2q_wl")])}

    @property
    def locks(self):
        return {**self.LOCKS, **(self.RT_LOCKS if self.is_rt else {})}

    def task_text(self, comm):
        task = next(t for t in self.dump.tasks if t.comm == comm)
        return f'PID: {task.pid}  TASK: {task.address:016x}  COMMAND: "{comm}"'

    def lock_text(self, name):
        kind, owner, waiters = self.locks[name]
        address = next(s.address for s in self.dump.by_name[name] if s.module == "l2q")
        owner = re.sub(r"l2q_\w+", lambda m: self.task_text(m[0]), owner)
        return "".join([f"{kind} {address:016x} <{name}>\n   HELD BY: {owner}\n"] + [
            f"   WAITING{how}: {self.task_text(comm)}\n" for how, comm in waiters])

    def without_times(self, text):
        return re.sub(r"  last ran \d+\.\d{3} s ago  \[[\w ']+\]$", "", text, flags=re.M)

    def test_locks(self):
        text = self.say("locks")
        locks, *cycles = re.split(r"^(?=DEADLOCK)", text, flags=re.M)
        blocks = re.split(r"^(?=\w)", self.without_times(locks), flags=re.M)[1:]
        bits = [b for b in blocks if re.match("bit|page", b) or self.is_of_rcu(b)]
        self.assertEqual(sorted(set(blocks) - set(bits)), sorted(self.lock_text(name) for name in self.locks))
        wanted = []
        for circle in ((("l2q_ab", "l2q_b"), ("l2q_ba", "l2q_a")), (("l2q_xy", "l2q_y"), ("l2q_yx", "l2q_x")))[:1 + self.is_rt]:
            wanted.append(["DEADLOCK: a cycle of 2 tasks"])
            for comm, lock in circle:
                place = self.lock_text(lock).split("\n")[0]
                wanted[-1].append(f"   {self.task_text(comm)} waits for {place}, held by the next one")
        self.assertEqual(sorted(sorted(c.splitlines()) for c in cycles), sorted(sorted(w) for w in wanted))

    def is_of_rcu(self, block):
        """Who sleeps for a spinlock of PREEMPT_RT is a reader of RCU: the kernel's rcub waits for its rt_mutex boost_mtx, which
        such a reader then has, to lend it a priority; and others may wait for the grace period."""
        waiters = re.findall(r'WAITING[\w ]*: PID: (\d+) .* COMMAND: "(.*)"', block)
        if not self.is_rt or any(comm.startswith("l2q") for _, comm in waiters):
            return False
        for pid, comm in waiters:
            self.assertIn("rcu_boost_kthread" if comm == "rcub/0" else "__wait_rcu_gp", self.say(f"kbt {pid}"), block)
            if comm == "rcub/0":
                self.assertRegex(block, r'^rt_mutex \w+ <rcu_state\+\d+>\n   HELD BY: PID: .* COMMAND: "l2q_(xy|yx)"\n')
        return True

    def test_bits(self):
        """l2q_holder set a bit and locked a page; dd reads a page that its disk never fills."""
        word = next(s.address for s in self.dump.by_name["l2q_word"] if s.module == "l2q")
        page = int(self.say("rd l2q_page").split()[1], 16)
        dd = re.search(r"^/proc/(\d+)/task/\1/status:Name:\tdd$", self.dump.fact("status"), re.M)[1]
        blocks = re.findall(r"^((?:bit of|page) .*)\n   HELD BY: \(it has no owner\)\n   WAITING: PID: (\d+) ", self.say("locks"), re.M)
        found = {int(pid): head for head, pid in blocks}
        self.assertEqual(set(found), {self.pid("l2q_bit"), self.pid("l2q_page"), int(dd)})
        self.assertEqual(found[self.pid("l2q_bit")], f"bit of {word:016x} <l2q_word> bit 3")
        self.assertRegex(found[self.pid("l2q_page")], rf"^page {page:016x}.* bit 0 \(PG_locked\)$")
        self.assertRegex(found[int(dd)], r"^page [0-9a-f]{16}.* bit 0 \(PG_locked\)$")

    def test_how_locks_were_found(self):
        """Up to 6.15 a task names only an rt_mutex; 7.3 names all but a completion."""
        for line, basis in re.findall(r"^(   WAITING.*)  \[([\w ']+)\]$", self.say("locks"), re.M):
            own = "l2q_t" in line
            if re.search('"(l2q_bit|l2q_page|dd)"', line):
                self.assertEqual(basis, "stack and the kernel's table of waiters")
                continue
            if self.is_rt:
                want = ("stack and the lock's owner" if re.search('"l2q_wl?"', line) else
                        "stack and the lock's list" if re.search('"l2q_[scp]"', line) or "kworker" in line else
                        "task" if own or "rcub" in line else "task and stack")
                self.assertEqual(basis, want, line)
                continue
            new = self.dump.name.startswith("k7") and "l2q_p\"" not in line
            want = "task" if own else "task and stack" if new and "l2q_c" not in line else "stack and the lock's list"
            self.assertEqual(basis, want, line)

    def test_one_lock(self):
        for name in self.locks:
            self.assertEqual(self.without_times(self.say(f"locks {name}")), self.lock_text(name))
        done = vmstub("--exec", "locks jiffies", next(iter(self.dump.cores.values())), cwd=self.dump.dir)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no task was found that waits for a lock at", done.stderr)

    def test_half_of_the_dump(self):
        """What is lost is not taken for tasks that wait for nothing."""
        whole = next(iter(self.dump.cores.values()))
        half = self.new_folder() / "vmcore"
        with whole.open("rb") as f:
            half.write_bytes(f.read(whole.stat().st_size // 2))
        done = vmstub("--exec", "locks", half, "--vmlinux", self.dump.dir / "vmlinux")
        said = re.search(r"^\(unknown for (\d+) tasks, whose stacks cannot be read or followed\)$", done.stdout, re.M)
        self.assertTrue(said or done.returncode, done.stdout + done.stderr)
        self.assertFalse(set(re.findall(r"PID: \d+ +TASK: \w+ +COMMAND: \"\w+\"", done.stdout)) -
                         set(re.findall(r"PID: \d+ +TASK: \w+ +COMMAND: \"\w+\"", self.say("locks"))))

    def test_owners(self):
        holder, writer = (next((t for t in self.dump.tasks if t.comm == comm), None) for comm in ("l2q_holder", "l2q_wo"))
        for name, kind, owner in (("l2q_mutex", "mutex", holder), ("l2q_rt", "rt_mutex", holder), ("l2q_owned", "rw_semaphore", writer),
                                  ("l2q_rwsem", "rw_semaphore", holder)):
            if name == ("l2q_rwsem" if self.is_rt else "l2q_owned"):
                continue
            address = re.match(r"([0-9a-f]{16})", self.say(f"sym {name}"))[1]
            text = self.say(f"struct {kind} {address}")
            m = re.search(r"owner = (?:\{\n +counter = )?(0x[0-9a-f]+) <task (0x[0-9a-f]+), PID (\d+) \"(\w+)\"(?:, flags (0x\d+))?>", text)
            self.assertTrue(m, text)
            self.assertEqual((int(m[2], 16), int(m[3]), m[4]), (owner.address, owner.pid, owner.comm))
            self.assertEqual(int(m[1], 16), owner.address | int(m[5] or "0", 16))
        # Bit 0 of the owner marks a reader; in a mutex it means that there are waiters.
        self.assertTrue(int(m[5], 16) & 1, text)


@for_dumps(*BASE, *EXTRA, quick=("k6.12-qemu",))
class NoLocks(Objects):
    def test_none(self):
        """Nobody in these guests waits for a lock: /proc/PID/stack names no function that sleeps for one."""
        names = {name for stack in self.dump.stacks.values() for name, _ in stack}
        self.assertFalse([n for n in names if re.match("__mutex_lock|rwsem_down|__down|.*wait_for_compl|rt_mutex", n)])
        self.assertEqual(self.say("locks"), "no task was found that waits for a lock\n")

    def test_futexes(self):
        """The first argument of each futex() call that /proc/PID/syscall shows; the programs wait in no other."""
        calls = re.findall(r"^/proc/(\d+)/task/(\d+)/syscall:202 (0x[0-9a-f]+) ", self.dump.fact("syscalls"), re.M)
        self.assertGreaterEqual(len(calls), 3)
        said = {}
        for head, waiters in re.findall(r"^(futex .*)\n   HELD BY: \(only its program knows\)\n((?:   WAITING.*\n)+)",
                                        self.say("locks -u"), re.M):
            for pid in re.findall(r"WAITING: PID: (\d+) ", waiters):
                said[pid] = head
        self.assertEqual(said, {tid: f"futex {int(a, 16):016x} of process {pid}" for pid, tid, a in calls})
        one = self.say(f"locks {calls[0][2]}")
        self.assertIn(f"futex {int(calls[0][2], 16):016x} of process {calls[0][0]}\n", one)


@for_dumps(*BASE, *EXTRA, quick=("k6.1-kdump",))
class Ipcs(Objects):
    AHEAD = ("ipcs", "ipcs -M", "ipcs -s", "ipcs -q", "ipcs -m", "ipcs -n 1")

    def proc(self, name):
        return [[int(f) for f in line.split()] for line in self.dump.fact(f"sysvipc-{name}").splitlines()[1:]]

    def said(self, command, fields):
        """Rows: key, id, uid, permissions, and the columns of this kind."""
        return [[int(f[1], 16), int(f[2]), int(f[3]), int(f[4], 8), *map(int, f[5:])]
                for f in (line.split() for line in self.say(command).splitlines())
                if len(f) == fields and re.fullmatch("[0-9a-f]{16}", f[0])]

    def test_as_proc(self):
        self.assertEqual(self.said("ipcs -m", 7),
                         [[key & 0xffffffff, i, uid, int(str(perms), 8), size, attached]
                          for key, i, perms, size, _, _, attached, uid, *_ in self.proc("shm")])
        self.assertEqual(self.said("ipcs -s", 6), [[key & 0xffffffff, i, uid, int(str(perms), 8), n]
                                                   for key, i, perms, n, uid, *_ in self.proc("sem")])
        self.assertEqual(self.said("ipcs -q", 7),
                         [[key & 0xffffffff, i, uid, int(str(perms), 8), size, n]
                          for key, i, perms, size, n, _, _, uid, *_ in self.proc("msg")])

    def test_pages(self):
        for row in self.proc("shm"):
            self.assertIn(f"PAGES ALLOCATED/RESIDENT/SWAPPED: {row[3] // 4096}/{row[14] // 4096}/{row[15] // 4096}\n",
                          self.say("ipcs -M"))

    def test_choice(self):
        all_three = self.say("ipcs")
        self.assertEqual(all_three, "".join(self.say(f"ipcs -{c}") for c in "msq"))
        self.assertEqual(self.say("ipcs -n 1"), all_three)
        address = re.search(r"^[0-9a-f]{16}", self.say("ipcs -s"), re.M)[0]
        self.assertEqual(self.say(f"ipcs {address}"), self.say("ipcs -s"))
        self.assertEqual(vmstub("--exec", "ipcs 4711", self.dump.core, cwd=self.dump.dir).returncode, 1)


@for_dumps(*BASE, *EXTRA, quick=("k6.1-kdump",))
class System(Objects):
    AHEAD = ("sys -t", "sys -i", "mod -t", "sys -c", "sys -c read", "sys -c 3")

    def test_taints(self):
        mask, letters = re.fullmatch(r"TAINTED_MASK: ([0-9a-f]+)  (\w*)\n", self.say("sys -t")).groups()
        self.assertEqual(int(mask, 16) & ~(1 << 7), int(self.dump.fact("sys-kernel-tainted")))  # D (died) came later
        console = (self.dump.dir / "console.log").read_text(errors="replace")
        tainted = re.search(r"Tainted: ([\w ]+?)  +(?:\d|Kdump)", console[console.index("BUG: kernel NULL"):])
        self.assertEqual(letters.replace("D", ""), tainted[1].replace(" ", "").replace("G", ""))

    def test_module_taints(self):
        expected = {}
        for line in self.dump.fact("modules").splitlines():
            if m := re.search(r"\(([A-Z]+)\)$", line):
                expected[line.split()[0]] = m[1]
        self.assertEqual(dict(re.findall(r"^(\w+) +([A-Z]+)$", self.say("mod -t").split("TAINTS\n")[1], re.M)), expected)

    def test_dmi(self):
        said = dict(re.findall(r"^ *DMI_(\w+): (.*)$", self.say("sys -i"), re.M))
        seen = 0
        for line in self.dump.fact("dmi").splitlines():
            name, text = re.match(r"/sys/class/dmi/id/(\w+):(.*)", line).groups()
            if name.upper() in said:
                self.assertEqual(said[name.upper()].strip(), text.strip(), name)
                seen += 1
        self.assertGreater(seen, 6)

    def test_calls(self):
        calls = {int(n): name for n, name in re.findall(r"^ *(\d+)  (\S+)", self.say("sys -c"), re.M)}
        with open(UNISTD) as header:
            numbers = {int(n): name for name, n in re.findall(r"#define __NR_(\w+) (\d+)", header.read())}
        # Names of some calls inside the kernel.
        other = {"sendfile": "sendfile64", "umount2": "umount"}
        for number, name in numbers.items():
            if number <= max(calls) and not calls[number].endswith("sys_ni_syscall"):
                self.assertIn(calls[number].removeprefix("__x64_sys_"), (other.get(name, name), f"new{name}", f"{name}_call"), number)
        self.assertGreater(len(calls), 400)

    def test_calls_by_name_and_number(self):
        rest = self.say("sys -c").splitlines()[1:]
        self.assertEqual(self.say("sys -c read").splitlines()[1:], [line for line in rest if "read" in line.split()[1]])
        self.assertEqual(self.say("sys -c 3").splitlines()[1:], [line for line in rest if line.split()[0] == "3"])

    def test_call_lines(self):
        found = re.findall(r"^ *\d+  (\S+) +(\S+): (\d+)$", self.say("sys -c 3") + self.say("sys -c read"), re.M)
        frames = [oracle.Frame(name, self.dump.address(name), "", True) for name, _, _ in found]
        for (name, file, line), theirs in zip(found, oracle.addr2line(self.dump, frames)):
            self.assertEqual(int(line), theirs[-1].line, name)
        self.assertGreater(len(found), 5)


@for_dumps(*BASE, *EXTRA, quick=("k6.1-kdump",))
class Mach(Objects):
    AHEAD = ("mach", "mach -m", "mach -c", "log -c", "log -d", "log", "log -t", "log -a")

    def said(self, label):
        return re.search(rf"^ *{label}: (.*)$", self.say("mach"), re.M)[1]

    def test_memory_map(self):
        """The map that the kernel printed at boot, with its later changes."""
        console = (self.dump.dir / "console.log").read_text(errors="replace")
        first = console[:console.index("NX (Execute")]  # the kdump kernel's map comes later
        theirs = [(int(a, 16), int(b, 16) + 1, kind) for a, b, kind in
                  re.findall(r"BIOS-e820: \[mem 0x(\w+)-0x(\w+)\] +(.+?)\r?$", first, re.M)]
        names = {"usable": "E820_RAM", "reserved": "E820_RESERVED", "ACPI data": "E820_ACPI", "ACPI NVS": "E820_NVS",
                 "device reserved": "E820_RESERVED", "System RAM": "E820_RAM"}
        mine = [(int(a, 16), int(b, 16), kind) for a, b, kind in
                re.findall(r"^([0-9a-f]{16}) - ([0-9a-f]{16})  (\w+)$", self.say("mach -m"), re.M)]
        # Kernels before 7.0 reserve the first page here.
        self.assertEqual([(max(a, 4096), b, kind) for a, b, kind in mine if b > 4096],
                         [(max(a, 4096), b, names[kind]) for a, b, kind in theirs if b > 4096])
        ram = sum(b - a for a, b, kind in mine if kind == "E820_RAM")
        self.assertEqual(self.said("MEMORY SIZE"), f"{ram / 1048576:.1f} MB")

    def test_hz(self):
        timers = self.dump.fact("timer_list")
        jiffies, now = int(re.search(r"jiffies: (\d+)", timers)[1]), int(re.search(r"now at (\d+) nsecs", timers)[1])
        hz = int(self.said("HZ"))
        # jiffies start five minutes before they wrap
        self.assertAlmostEqual((jiffies - 2**32 + 300 * hz) / hz, now / 1e9, delta=LATE)

    def test_areas(self):
        base, vmalloc = int(self.said("KERNEL VIRTUAL BASE"), 16), int(self.said("KERNEL VMALLOC BASE"), 16)
        for task in self.dump.tasks:
            self.assertTrue(base <= task.address < base + int(4 << 30), task)
        for stack in (t.stack for t in self.dump.tasks if t.stack and t.pid > 2):  # they are vmalloc'ed
            self.assertTrue(vmalloc <= stack < vmalloc + (1 << 30), hex(stack))
        self.assertEqual(self.said("KERNEL START MAP"), "ffffffff80000000")
        for module in self.dump.modules:
            self.assertGreaterEqual(module.base, int(self.said("KERNEL MODULES BASE"), 16))
        self.assertEqual(self.said("CPUS"), str(self.dump.cpus))
        self.assertEqual(len(re.findall(r"^ +CPU \d+: [0-9a-f]{16}$", self.say("mach"), re.M)) % self.dump.cpus, 0)

    def test_cpuinfo(self):
        facts = dict(re.findall(r"^(\S.*?)\s*: (.*)$", self.dump.fact("cpuinfo"), re.M))
        blocks = re.split(r"^CPU \d+:\n", self.say("mach -c"), flags=re.M)[1:]
        self.assertEqual(len(blocks), self.dump.cpus)
        for block in blocks:
            for member, field in (("x86", "cpu family"), ("x86_model", "model"), ("x86_stepping", "stepping")):
                self.assertRegex(block, rf"\b{member} = {facts[field]}\b")
            self.assertIn(f'x86_model_id = "{facts["model name"]}"', block)

    def test_log_callers(self):
        """Boot messages come from the first task; the oops from the CPU's interrupt."""
        lines_of = self.say("log -c").splitlines()
        self.assertRegex(lines_of[0], r"^\[ +0\.000000\] \[    T0\] Linux version")
        oops = next(line for line in lines_of if "BUG: kernel NULL pointer" in line)
        self.assertIn(f"] [    C{self.dump.panic_cpu}] BUG", oops)
        self.assertEqual(re.sub(r"(?m)^(\[ *\d+\.\d+\]) \[ *[CT]\d+\]|^ {9}(?= {15})", r"\1", self.say("log -c")).split(),
                         self.say("log").split())

    def test_log_dictionary(self):
        """Each pair follows a message of its subsystem, and nothing else is added."""
        pairs = re.findall(r"\] (.*)\n +SUBSYSTEM=(\S+)\n +DEVICE=(\S+)$", self.say("log -d"), re.M)
        self.assertGreater(len(pairs), 5)
        for text, subsystem, device in pairs:
            self.assertTrue(device.startswith((f"+{subsystem}:", "n", "b", "c")), device)
            if device.startswith("+"):
                self.assertIn(device.split(":", 1)[1], text)
        without = [line for line in self.say("log -d").splitlines() if not re.match(r" +(SUBSYSTEM|DEVICE)=", line)]
        self.assertEqual(without, self.say("log").splitlines())

    def test_no_audit_messages(self):
        self.assertEqual(self.say("log -a"), "kernel audit log is empty\n")


@for_dumps("k5.10-kdump")
class AsCrash(DumpTest):
    SAME = ("runq", "runq -t", "runq -T", "runq -m", "runq -g", "runq -c 1-2", "waitq kauditd_wait", "waitq log_wait", "ipcs",
            "ipcs -M", "ipcs -s", "ipcs -q 0", "ipcs -n 1", "sys -t", "sys -i", "mach -m", "log -d",
            "log -td", "task -R pid,comm,utime 1", "foreach w_pipe w_sleep task -R pid,tgid")

    def test_same_words(self):
        theirs = peers.crash(self.dump, *self.SAME, "mach")
        say = Asked(self.dump, full_core(self.dump))
        say.ahead(*self.SAME)
        for command in self.SAME:
            mine = lines(say(command))
            if command == "runq -g":  # crash omits RT tasks if RT has no groups
                mine = lines(re.sub(r"  ROOT_TASK_GROUP: \w+  RT_RQ.*\n(     \[.*\n)+", "", say(command)))
            # The number of zeros in a zero time differs.
            mine, other = ([re.sub(r"^ +0+  PID", " 0  PID", line) for line in text] for text in (mine, lines(theirs[command])))
            self.assertEqual(mine, other, command)
            self.assertTrue(mine)

    def test_mach(self):
        """Equal except for the machine check stack, which crash does not know."""
        def wanted(text):
            return [line for line in lines(re.sub(r" *\(unknown\) STACK.*| *(MCE|VC2?) STACK.*", "@", text, flags=re.S))]
        theirs = peers.crash(self.dump, *self.SAME, "mach")["mach"]
        self.assertEqual(wanted(Asked(self.dump, full_core(self.dump))("mach")), wanted(theirs))
