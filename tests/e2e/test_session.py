# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions with gdb: commands that would run the target, searches, MI, and an end that leaves nothing behind."""
import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import frames
from dumps import ROOT, VMSTUB, DumpTest, for_dumps, server
from patience import limit
from session import gdb, index_options


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class CannotRun(DumpTest):
    WORDS = "The kernel in a crash dump cannot run."

    @classmethod
    def prepare(cls):
        cls.answers = gdb(cls.dump, {
            "before": "bt",
            "continue": "continue", "after continue": "bt",
            "stepi": "stepi", "after stepi": "bt",
            "finish": "finish", "after finish": "bt",
            "break": ["break vfs_read", "continue"], "after break": "bt",
            "write": "set var lookups = 5",
            "value": "p lookups",
            "find": 'find &l2w_vdevs, +sizeof(l2w_vdevs), "vdev-down"',
            "find in kernel": f'find /w8 {cls.dump.address("linux_banner"):#x}, +10000, \'L\', \'i\', \'n\', \'u\', \'x\'',
            "find nothing": "find /b &l2w_vdevs, +sizeof(l2w_vdevs), 0x13, 0x57, 0x9b, 0xdf, 0x24",
        })

    def test_says_why_and_stays(self):
        for command in ("continue", "stepi", "finish", "break"):
            with self.subTest(command):
                self.assertEqual(self.answers[command].count(self.WORDS), 1)
                self.assertEqual(frames.parse(self.answers[f"after {command}"]), frames.parse(self.answers["before"]))

    def test_memory_cannot_change(self):
        self.assertRegex(self.answers["write"], "(?i)cannot")
        self.assertEqual(self.answers.value("value"), self.dump.l2w["value.lookups"] + 1)

    def test_find(self):
        # name of the third one: each is 64 bytes, with the name at 16
        expected = self.dump.l2w["addr.l2w_vdevs"] + 2 * 64 + 16
        self.assertRegex(self.answers["find"], rf"(?m)^{expected:#x}\b")
        self.assertIn("1 pattern found", self.answers["find"])
        self.assertIn("Pattern not found", self.answers["find nothing"])


# Which processes started by gdb hold its socket for errors.
HOLDERS = r"""
import os
def parent(pid):
    return int(open(f"/proc/{pid}/stat").read().rsplit(")")[1].split()[1])
mine, all = {os.getppid()}, {}
for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
    try:
        all[pid] = parent(pid)
    except OSError:
        pass
for _ in all:
    mine |= {pid for pid in all if all[pid] in mine}
for pid in mine - {os.getppid()}:
    try:
        if os.readlink(f"/proc/{pid}/fd/2").startswith("socket:"):
            print("holder", open(f"/proc/{pid}/comm").read().strip())
    except OSError:
        pass
"""


@for_dumps("k6.1-kdump")
class MuchMemory(DumpTest):
    def test_reads_of_gdb(self):
        """While a program's standard error is open, gdb reads it before each byte of its standard output."""
        start = self.dump.l2w["addr.page_offset_base"] + (16 << 20)
        size = 4 << 20
        reads = "shell grep syscr /proc/$PPID/io"
        with tempfile.TemporaryDirectory() as folder:
            Path(f"{folder}/holders.py").write_text(HOLDERS)
            answers = gdb(self.dump, {
                "before": reads,
                "dump": f"dump binary memory {folder}/memory {start:#x} {start + size:#x}",
                "after": reads, "holders": f"shell exec python3 {folder}/holders.py", "still there": "monitor eval 6*7"},
                core=self.dump.cores["lzo-d0"])  # with all pages
            self.assertEqual(os.path.getsize(f"{folder}/memory"), size)
        before, after = (int(answers[label].split()[-1]) for label in ("before", "after"))
        self.assertIn("decimal: 42", answers["still there"])
        holders = set(re.findall(r"holder (.+)", answers["holders"]))
        self.assertFalse({name for name in holders if name.startswith("vmstub")}, "vmstub holds gdb's socket for errors")
        if holders:
            self.skipTest(f"gdb's socket for errors is held by {', '.join(sorted(holders))}")
        self.assertLess(after - before, size / 16)


@for_dumps("k6.1-kdump")
class Vmgdb(DumpTest):
    def test_options_with_arguments(self):
        """vmgdb must not take the argument of any option in --help for a dump."""
        usage = subprocess.run([VMSTUB, "--help"], text=True, stdout=subprocess.PIPE).stdout
        options = set(re.findall(r"--([a-z-]+) [A-Z]+\b", usage)) - {"exec", "gcore", "listen", "source", "timeout"}  # --source looks at its folder
        done = subprocess.run([ROOT / "gdbscripts" / "vmgdb", "--vmlinux", "vmlinux", "--module-dir", "modules", "--log-level",
                               "warn", "--threads", "cpus", "--slide", hex(self.dump.slide), self.dump.core, "--",
                               "-batch", "-ex", "bt"], cwd=self.dump.dir, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit(60))
        self.assertIn("l2w_vdev_xmit", done.stdout)
        for option in options:
            done = subprocess.run([ROOT / "gdbscripts" / "vmgdb", f"--{option}", "/nonexistent/argument", "/nonexistent/vmcore"],
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.stdout, "vmgdb: /nonexistent/vmcore: cannot be read\n", option)
        self.assertGreaterEqual(len(options), 8)
        for option in ("--exec", "--listen", "--listen=0", "--once"):
            done = subprocess.run([ROOT / "gdbscripts" / "vmgdb", option, "sys", self.dump.core], text=True, capture_output=True)
            self.assertEqual((done.returncode, done.stderr), (2, f"vmgdb: {option.partition('=')[0]} is an option of vmstub alone: "
                                                                 "vmgdb starts vmstub and gdb\n"))


@for_dumps("k6.1-kdump", "k6.12-qemu")
class Mi(DumpTest):
    """The interface of IDEs."""

    @classmethod
    def prepare(cls):
        commands = ["-gdb-set confirm off", "-gdb-set sysroot /", "-target-select " + server(cls.dump.core),
                    "1-stack-list-frames", "2-thread-info", "3-data-list-register-names",
                    "4-data-list-register-values x", "5-stack-list-variables --thread 4 --frame 2 --simple-values",
                    "6-data-read-memory-bytes &l2w_vdevs 16", "7-thread-select 2", "8-data-evaluate-expression $cpu",
                    "9-exec-continue", "10-stack-info-depth", "-gdb-exit"]
        done = subprocess.run(["gdb", "-nx", "-q", "--interpreter=mi3", "-iex", "set debuginfod enabled off", *index_options(), "vmlinux"],
                              cwd=cls.dump.dir, input="\n".join(commands) + "\n", text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=limit(60))
        cls.text = done.stdout
        cls.results = dict(re.findall(r"^(\d+)\^(.*)$", done.stdout, re.M))

    def test_stack_list_frames(self):
        calls = re.findall(r'frame=\{level="(\d+)".*?func="(.*?)"', self.results["1"])
        self.assertEqual([int(level) for level, _ in calls], list(range(len(calls))))
        self.assertGreater(len(calls), 20)
        plain = frames.parse(gdb(self.dump, {"bt": "bt"})["bt"])
        self.assertEqual([name for _, name in calls], [f.function for f in plain])

    def test_thread_info(self):
        names = dict(re.findall(r'\{id="(\d+)",target-id=.*?name="(.*?)"', self.results["2"]))
        self.assertEqual(set(names), {str(n + 1) for n in range(self.dump.cpus)})
        self.assertTrue(names["3"].startswith("CPU 2 w_busy"), names)
        self.assertIn(f'current-thread-id="{self.dump.panic_cpu + 1}"', self.results["2"])

    def test_registers(self):
        names = re.findall(r'"(.*?)"', self.results["3"].split("[", 1)[1])
        values = dict(re.findall(r'number="(\d+)",value="(.*?)"', self.results["4"]))
        found = {names[int(number)]: value for number, value in values.items()}
        self.assertEqual(found["cpu"], hex(self.dump.panic_cpu))
        self.assertRegex(found["rip"], "^0xffffffff[0-9a-f]{8}$")
        self.assertEqual(found["cs"], "0x10")

    def test_memory_and_expressions(self):
        self.assertIn(f'begin="{self.dump.l2w["addr.l2w_vdevs"]:#018x}"', self.results["6"])
        self.assertIn('value="1"', self.results["8"])

    def test_variables(self):
        self.assertRegex(self.results["5"], r"variables=\[\{")

    def test_running_ends_at_once(self):
        self.assertIn("cannot run", self.text)
        self.assertIn("9", self.results)
        self.assertRegex(self.results["10"], r'depth="\d+"')


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Leftovers(DumpTest):
    """However gdb ends, no process and no folder stays."""

    def folders(self):
        return [p for p in Path(self.temp.name).rglob("vmstub-*")]

    def setUp(self):
        self.temp = tempfile.TemporaryDirectory()
        self.addCleanup(self.temp.cleanup)
        self.env = {**os.environ, "TMPDIR": self.temp.name, "XDG_RUNTIME_DIR": self.temp.name}

    def start(self, options=""):
        gdb_process = subprocess.Popen(
            ["gdb", "-nx", "-q", "-iex", "set debuginfod enabled off", *index_options(), "-ex", "set sysroot /",
             "-ex", "target " + server(self.dump.core, options), "-ex", "bt 1", "-ex", "echo @@ready\\n", "vmlinux"],
            cwd=self.dump.dir, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)
        self.addCleanup(gdb_process.wait)
        self.addCleanup(gdb_process.stdout.close)
        text = ""
        for line in gdb_process.stdout:
            text += line
            if "@@ready" in line:
                return gdb_process, self.children(gdb_process.pid)
        self.fail(text)

    @staticmethod
    def children(pid):
        text = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], text=True, stdout=subprocess.PIPE).stdout
        return [int(word) for word in text.split()]

    @staticmethod
    def gone(pids):
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            alive = [pid for pid in pids if Path(f"/proc/{pid}/cmdline").exists() and
                     Path(f"/proc/{pid}/cmdline").read_bytes()]
            if not alive:
                return True
            time.sleep(0.05)
        return False

    def check_nothing_left(self, children):
        self.assertTrue(self.gone(children), "vmstub lives on")
        self.assertEqual(self.folders(), [])

    def test_quit(self):
        process, children = self.start()
        self.assertEqual(len(children), 1)
        process.stdin.close()
        process.wait(timeout=limit(20))
        self.check_nothing_left(children)

    def test_gdb_killed(self):
        process, children = self.start()
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=limit(20))
        process.stdin.close()
        self.check_nothing_left(children)

    def test_vmstub_terminated(self):
        process, children = self.start()
        os.kill(children[0], signal.SIGTERM)
        process.stdin.close()
        process.wait(timeout=limit(20))
        self.check_nothing_left(children)

    def test_vmstub_killed(self):
        """The process that owns the folder outlives vmstub, and ends."""
        process, children = self.start()
        helpers = self.children(children[0])
        self.assertEqual(len(helpers), 1)
        self.assertEqual(len(self.folders()), 1)
        os.kill(children[0], signal.SIGKILL)
        process.stdin.close()
        process.wait(timeout=limit(20))
        self.assertTrue(self.gone(helpers), "the helper lives on")
        self.check_nothing_left(children)

    def test_rights_dropped(self):
        for options, seccomp in (("", "2"), ("--no-sandbox", "0")):
            process, children = self.start(options)
            status = dict(line.split(":\t", 1) for line in Path(f"/proc/{children[0]}/status").read_text().splitlines())
            process.stdin.close()
            process.wait(timeout=limit(20))
            if seccomp == "2" and status["Seccomp"] == "0":
                self.skipTest("built without libseccomp")
            self.assertEqual((status["Seccomp"], status["NoNewPrivs"]), (seccomp, "1" if options == "" else "0"))

    def test_interrupted(self):
        """Ctrl-C also reaches vmstub; the session continues."""
        process, children = self.start()
        os.kill(children[0], signal.SIGINT)
        process.stdin.write("p 6 * 7\np $cpu\n")
        process.stdin.close()
        text = process.stdout.read()
        process.wait(timeout=limit(20))
        self.assertIn(f"= {self.dump.panic_cpu}", text)
        self.check_nothing_left(children)
