# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks as threads: `task PID` and --threads=tasks, compared with what the guest recorded about its tasks."""
import re

from dumps import EXTRA, GUESS, ROOT, DumpTest, for_dumps
from frames import parse
from session import gdb

SCRIPT = ROOT / "gdbscripts" / "vmstub.gdb"
# These sleep during the guest's whole life, so that its facts are still true at the crash.
SLEEPERS = ("w_pipe", "w_sleep", "w_threads", "w_zombie")


@for_dumps("k6.1-kdump", "k6.12-kdump", *EXTRA, quick=("k6.1-kdump",))
class TaskOnDemand(DumpTest):
    """The verb makes single tasks threads, and the script selects them."""

    @classmethod
    def prepare(cls):
        commands = {}
        for name in SLEEPERS:
            pid, greeting = cls.dump.workers[name]
            commands[name] = f"task {pid}"
            commands[f"{name} bt"] = "bt"
            commands[f"{name} regs"] = ["p $pid", "p/x $task", "p $cpu"]
            commands[f"{name} user"] = f"x/s {greeting:#x}"
        commands["threads"] = "info threads"
        commands["by address"] = [f"task {cls.dump.workers['w_pipe'][0]}", "task -c 1", "p $cpu"]
        commands["selected"] = ["thread 3", "thread apply 1 -s p $cpu", "bt -1", "thread apply 1 -s p $cpu", "p $task", "monitor set"]
        commands["nobody"] = "monitor task 4000000"
        # User pages are only in the unfiltered file.
        cls.answers = gdb(cls.dump, commands, core=cls.dump.cores.get("elf") or cls.dump.cores["qemu-elf"], preload=("-x", SCRIPT))

    def test_registers_name_the_task(self):
        tasks = {t.pid: t for t in self.dump.tasks}
        for name in SLEEPERS:
            pid, _ = self.dump.workers[name]
            numbers = re.findall(r"^\$\d+ = (\S+)", self.answers[f"{name} regs"], re.M)
            self.assertEqual(int(numbers[0]), pid)
            self.assertEqual(int(numbers[1], 16), tasks[pid].address)

    def test_verbs_after_thread_apply(self):
        text = self.answers["selected"]
        self.assertRegex(text, r"(?m)^PID: .* CPU: 2 ")
        # A verb needs a read of memory before it.
        self.assertRegex(text, r"(?m)^ *CPU: 2$")

    def test_frames_as_the_guest_saw_them(self):
        for name in SLEEPERS:
            pid, _ = self.dump.workers[name]
            theirs = [function for function, _ in self.dump.stacks[pid]]
            text = self.answers[f"{name} bt"]
            kernel = text.split("<signal handler called>")[0]
            names = [f.function for f in parse(kernel)]
            # /proc/PID/stack starts after the scheduler's own frames and ends with the entry code.
            theirs = [f.split(".")[0] for f in theirs if not f.startswith("entry_")]
            positions = [names.index(f) for f in theirs]
            self.assertEqual(positions, sorted(positions), f"{name}: {names} against {theirs}")

    def test_ends_at_user_mode(self):
        for name in SLEEPERS:
            text = self.answers[f"{name} bt"]
            self.assertRegex(text, r"<signal handler called>\n#\d+ +0x[0-9a-f]+ in \?\? \(\)$", name)
            self.assertNotIn("Backtrace stopped", text)

    def test_user_memory_is_the_tasks(self):
        for name in SLEEPERS:
            self.assertIn(f'"greeting of {name}"', self.answers[f"{name} user"])

    def test_threads_are_numbered_as_promised(self):
        for name in SLEEPERS:
            pid, _ = self.dump.workers[name]
            number = re.search(r"^thread (\d+): pid (\d+)", self.answers[name], re.M)
            self.assertEqual(int(number[2]), pid)
            self.assertRegex(self.answers["threads"], rf'(?m)^[* ] {number[1]} +Thread \d+ "{name}" \(pid {pid},')

    def test_running_tasks_are_their_cpus(self):
        self.assertIn("= 1", self.answers["by address"])

    def test_nobody(self):
        self.assertIn("no task with PID 4000000", self.answers["nobody"])


@for_dumps("k6.1-kdump", "k6.12-kdump", *EXTRA, *GUESS)
class AllTasks(DumpTest):
    @classmethod
    def prepare(cls):
        cls.answers = gdb(cls.dump, {"threads": "info threads", "bt": "thread apply all -q bt -1"},
                          core=cls.dump.cores.get("elf") or cls.dump.cores["qemu-elf"], options="--threads=tasks")

    def test_every_task_is_a_thread_once(self):
        pids = [int(p) for p in re.findall(r"\(pid (\d+),", self.answers["threads"])]
        sleeping = [p for p in pids if p]
        self.assertEqual(len(sleeping), len(set(sleeping)))
        # A few kworkers and short-lived processes come and go between the facts and the crash.
        missing = {t.pid for t in self.dump.tasks if t.pid} - set(sleeping)
        self.assertLessEqual(len(missing), 3, missing)

    def test_no_stack_is_garbage(self):
        self.assertNotIn("corrupt stack", self.answers["bt"])
        self.assertNotIn("Cannot access memory", self.answers["bt"])
