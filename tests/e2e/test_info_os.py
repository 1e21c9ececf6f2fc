# SPDX-License-Identifier: GPL-3.0-or-later
"""gdb's `info os`, and the gdb commands for verbs about tasks and objects."""
import re

from dumps import EXTRA, ROOT, DumpTest, for_dumps
from procfacts import full_core
from session import gdb, verbs
from test_verbs_tasks import rows

SCRIPT = ROOT / "gdbscripts" / "vmstub.gdb"
TABLES = ("", "processes", "tasks", "modules", "cpus", "log", "irqs")
COMMANDS = {"ps": "ps {w_pipe}", "files": "files {w_files}", "mount": "mount /proc", "sig": "sig {w_signals}", "runq": "runq -c 2",
            "waitq": "waitq kauditd_wait", "ipcs": "ipcs -s", "mach": "mach -m", "foreach": "foreach w_pipe w_sleep ps"}


@for_dumps("k6.1-kdump", "k6.12-kdump", *EXTRA, quick=("k6.1-kdump",))
class InfoOs(DumpTest):
    @classmethod
    def prepare(cls):
        pids = {w: pid for w, (pid, _) in cls.dump.workers.items()}
        cls.commands = {name: line.format(**pids) for name, line in COMMANDS.items()}
        cls.answers = gdb(cls.dump, {**{f"os {t}": f"info os {t}" for t in TABLES}, **cls.commands,
                                     "task": [f"task {pids['w_pipe']}", "p $pid", "task -R pid,comm", "task -R tgid -x 1",
                                              "p $pid", "task -c 2", "p $cpu"]},
                          core=full_core(cls.dump), preload=("-x", SCRIPT))

    def table(self, name):
        """Rows, split by the columns of the first line; only the last column may contain blanks."""
        lines = self.answers[f"os {name}"].splitlines()
        columns = lines[0].split()
        return [dict(zip(columns, line.split(None, len(columns) - 1))) for line in lines[1:]]

    def test_list(self):
        self.assertEqual([row["Type"] for row in self.table("")], list(TABLES[1:]))

    def test_tasks(self):
        mine = {(int(r["pid"]), int(r["tgid"]), r["command"].strip()) for r in self.table("tasks")}
        theirs = {(t.pid, t.tgid, t.comm) for t in self.dump.tasks if not t.comm.startswith(("kworker", "facts", "sh", "cat"))}
        self.assertLessEqual(len(theirs - mine), 2, theirs - mine)
        self.assertGreater(len(theirs), 40)
        addresses = {int(r["pid"]): int(r["task"], 16) for r in self.table("tasks")}
        for name, (pid, _) in self.dump.workers.items():
            self.assertIn((pid, pid, name), mine)
            self.assertEqual(addresses[pid], next(t.address for t in self.dump.tasks if t.pid == pid))
        self.assertEqual({p for p, tgid, _ in mine if p == tgid}, {int(r["pid"]) for r in self.table("processes")})

    def test_modules(self):
        self.assertEqual([(r["name"], int(r["text"], 16)) for r in self.table("modules")],
                         [(m.name, m.base) for m in self.dump.modules])

    def test_cpus(self):
        table = self.table("cpus")
        self.assertEqual([r["panic"] == "yes" for r in table], [c == self.dump.panic_cpu for c in range(self.dump.cpus)])
        self.assertEqual(table[2]["command"].strip(), "w_busy")

    def test_log(self):
        table = self.table("log")
        first = self.dump.fact("dmesg").splitlines()[0]
        self.assertTrue(first.endswith(table[0]["message"].strip()), table[0])
        self.assertTrue(any(r["message"].startswith("BUG: kernel NULL pointer") for r in table))

    def test_irqs(self):
        """Like /proc/interrupts; the counts may grow until the crash."""
        table = {int(r["irq"]): r for r in self.table("irqs")}
        seen = 0
        for line in self.dump.fact("interrupts").splitlines()[1:]:
            f = line.split()
            if not f[0][:-1].isdigit():
                continue
            row, counts = table[int(f[0][:-1])], sum(int(n) for n in f[1:1 + self.dump.cpus])
            self.assertGreaterEqual(int(row["count"]), counts, line)
            self.assertEqual(row["chip"], f[1 + self.dump.cpus], line)
            self.assertTrue(row["actions"].split()[0].rstrip(",") in line, line)
            seen += 1
        self.assertGreater(seen, 4)

    def test_commands_are_the_verbs(self):
        said = verbs(self.dump, "; ".join(self.commands.values()), core=full_core(self.dump))
        for name in self.commands:
            self.assertTrue(self.answers[name].strip())
        self.assertEqual([line for name in self.commands for line in self.answers[name].splitlines() if line],
                         [line for line in said.splitlines() if line])

    def test_task_selects_unless_it_shows(self):
        pid = self.dump.workers["w_pipe"][0]
        text = self.answers["task"]
        self.assertEqual([int(v) for v in re.findall(r"^\$\d+ = (\d+)$", text, re.M)], [pid, pid, 2])
        self.assertIn(f"  pid = {pid},\n", text)
        self.assertIn("  tgid = 0x1,\n", text)
        self.assertNotIn("No threads match", text)
        self.assertEqual(rows(self.answers["ps"])[0].pid, pid)
