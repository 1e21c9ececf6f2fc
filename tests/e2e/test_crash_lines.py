# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/habits.md: what crash users type, each line tried in crash, in gdb with vmstub.gdb, and with --exec."""
import re
import subprocess
from pathlib import Path

from dumps import ROOT, VMSTUB, DumpTest, for_dumps
from patience import limit
from peers import crash
from session import gdb

SCRIPT = ("-x", ROOT / "gdbscripts" / "vmstub.gdb")
TASK = r'^PID: (\d+) +TASK: (\w+) +CPU: (\d+) +COMMAND: (".*")'
FRAMES = r"^ *#\d+ \[(\w+)\] ([\w.]+) at (\w+)"
ROW = r"^(>| ) +(\d+) +(\d+) +(\d+) +(\w{16}) +(\w\w) .* (\S+)$"

# The line in crash: what must be in all three answers, in this order.
LINES = {
    "sys": r"^ +(CPUS|DATE|UPTIME|TASKS|NODENAME|RELEASE|VERSION): (.*)$",
    "log | tail -5": r"^\[ *(\d+\.\d+\] .*)$",
    "ps | grep init": ROW,
    "ps init": ROW,
    "ps -k": ROW,
    "foreach bt > FILE": TASK,
    "ps >> FILE": ROW,
    "foreach UN ps": r"^(.*PPID.*)$",
    "bt": TASK,
    "bt 1": TASK + "|" + FRAMES,
    "bt -a": TASK,
    "bt -c 2": TASK,
    "bt -l 1": TASK + "|" + FRAMES,
    "bt -f 1": TASK + "|" + FRAMES,
    "set 1": r"^ +PID: (1)$|: pid (1),",
    "files 1": r"^ *(\d+) (\w{16}) (\w{16}) (\w{16}) (\w+)",
    "vm 1": r"^(\w{16}) +([0-9a-f]+) +([0-9a-f]+) +([0-9a-f]+)",
    "sig 1": r"^ *\[(\d+)\] +(\w{16}) +(\w+)",
    "sym schedule": r"^(\w{16}) \((\w)\) (schedule)",
    "sym -q l2w_vdev": r"^(\w{16}) \(\S\) (\S+)",
    "dis panic 4": r"^(0x\w+) <([^>]*?)(?:\+0)?>:\s+(\w+)",
    "rd jiffies": r"^(\w{16}): +(\w{16})",
    "rd -8 linux_banner 8": r"^(\w{16}): +(.*?) *$",
    "rd -s init_task 2": r"^(\w{16}): +(\S.*?) *$",
    "struct task_struct.pid,comm init_task": r"(pid|comm) = (\S*)",
    "p jiffies": r"= (\d+)$",
    "p runqueues:0": r"(nr_running|clock) = (\d+)",
    "whatis list_head": r"struct list_head \*(\w+);",
    "list -H modules": r"^([0-9a-f]{16})$",
    "search -s linux_banner -l 64 -c Linux": r"^(\w{16}): (Linux version \S+)",
    "eval 1 << 44": r"(hexadecimal|decimal|octal|binary): (\d+)",
    "kmem -i": r"(TOTAL MEM|FREE) +(\d+)",
    "kmem -s task_struct": r"^(\w{16}) +(\d+) +(\d+) +(\d+) +(\d+) .* (task_struct)",
    "kmem ADDRESS": r"^(\w{16}) +(\d+) +(\d+) +(\d+) +(\d+) .* (task_struct)",
    "vtop ADDRESS": r"^(\w{16}) +([0-9a-f]+) *$",
    "mod | grep l2w": r"^(\w{16}) +(l2w) +(\w{16}) ",
    "mount | grep proc": r"^(\w{16}) (\w{16}) (\S+) +(\S+) +(\S+)",
    "net": r"^(\w{16}) +(\w+) +([\d.]+)",
    "irq 1": r"^ *(\d+) +(\w{16}) +(\w{16}) +(\"\w+\")",
    "runq": r"CURRENT: PID: (\d+) +TASK: (\w+)",
    "swap": r"^(\w{16}) +(\w+) +(\w+) +(\w+)",
    "ipcs -m": r"^(\w{16}) +(\w+) +(\d+)",
    "dev -d": r"^ *(\d+) (\w{16}) +(\w+) +(\w{16})",
    "timer": r"^TIMER_BASES\[\d+\]\[\w+\]: (\w+)",
    "btop 512a000": r"(\w+): (\w+)",
    "pte d8e067": r"^(\w+) +(\w+) +\((\S+)\)",
}


def table():
    """{line in crash: (in vmgdb, with --exec)} of docs/habits.md."""
    rows = {}
    for line in (ROOT / "docs" / "habits.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`").replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and cells[0] not in ("crash", "---"):
            rows[cells[0]] = [cells[0] if cell == "the same" else cell for cell in cells[1:3]]
    return rows


@for_dumps("k5.10-kdump")
class CrashLines(DumpTest):
    @classmethod
    def prepare(cls):
        folder = cls.new_folder()
        cls.rows = table()
        init = next(task.address for task in cls.dump.tasks if task.pid == 1)

        def of(line, who):
            return line.replace("ADDRESS", f"{init:x}").replace("FILE", f"{folder}/{who}-{'out' if '>>' in line else 'bt'}")
        crash(cls.dump)  # skips if it is not here
        cls.answers = {"crash": dict(zip(LINES, cls.in_crash([of(line, "crash") for line in LINES])))}
        cls.answers["vmgdb"] = gdb(cls.dump, {line: of(cls.rows[line][0], "vmgdb") for line in LINES}, preload=SCRIPT, timeout=120)
        cls.answers["exec"] = {line: cls.shell(of(cls.rows[line][1], "exec")) for line in LINES}
        for who, answers in cls.answers.items():
            for line in LINES:
                if "FILE" in line:
                    answers[line] = Path(of(line, who).split()[-1]).read_text(encoding="utf-8", errors="replace")

    @classmethod
    def in_crash(cls, lines):
        """Its answers. The shell prints the marks, as the pipe of a line would take crash's own echo, too."""
        script = "".join(f"!echo @@@\n{line}\n" for line in lines)
        done = subprocess.run(["crash", "-s", "vmlinux", cls.dump.cores.get("elf") or cls.dump.core], cwd=cls.dump.dir, text=True, errors="replace",
                              input=script + "quit\n", timeout=limit(120), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.split("@@@\n")[1:]

    @classmethod
    def shell(cls, line):
        """What `vmstub --exec 'VERB' vmcore | COMMAND` prints; the table leaves out all but VERB and the rest."""
        verb, _, rest = re.match(r"([^|>]*?) *($|(?=[|>]))(.*)", line).groups()
        if "<<" in line or "->" in line:
            verb, rest = line, ""
        command = f"'{VMSTUB}' --exec '{verb}' {cls.dump.core} {rest}"
        return subprocess.run(["sh", "-c", command], cwd=cls.dump.dir, text=True, errors="replace", timeout=limit(60), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout

    def test_all_lines_are_in_the_table(self):
        self.assertEqual(list(self.rows), list(LINES))

    def test_lines(self):
        for line, pattern in LINES.items():
            with self.subTest(line):
                theirs = self.found(pattern, "crash", line)
                if line != "foreach UN ps":
                    self.assertTrue(theirs, line + self.answers["crash"][line][:500])
                for who in ("vmgdb", "exec"):
                    self.assertEqual(self.found(pattern, who, line), theirs, f"{line}: {who}: {self.answers[who][line][:300]}")

    def found(self, pattern, who, line):
        """crash names some things twice."""
        found = re.findall(pattern, self.answers[who][line], re.M)
        return list(dict.fromkeys(tuple(filter(None, one)) if isinstance(one, tuple) else one for one in found))
