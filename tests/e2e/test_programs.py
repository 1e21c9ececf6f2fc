# SPDX-License-Identifier: GPL-3.0-or-later
"""task: gdb gets the program of the task, and bt goes from the kernel into it."""
import os
import re
import shutil
import subprocess

from dumps import BASE, EXTRA, ROOT, VMSTUB, DumpTest, for_dumps
from patience import limit
from procfacts import full_core
from session import Answers
from session import gdb as run_gdb
from terminal import gdbs

VMGDB = ROOT / "gdbscripts" / "vmgdb"
NUMBER = 'eval "thread %d", *(unsigned int *) 0xffffffffffffe000'


class Programs(DumpTest):
    @classmethod
    def prepare(cls):
        cls.root = cls.new_folder() / "root of the guest"
        (cls.root / "bin").mkdir(parents=True)
        shutil.copy(cls.dump.dir / "facts" / "workers.elf", cls.root / "bin" / "workers")
        # In a folder without vmlinux, which gdb would take long to read.
        cls.alone = cls.new_folder() / "vmcore"
        cls.alone.symlink_to(full_core(cls.dump))

    def pid(self, name):
        return self.dump.workers[name][0]

    def plain(self, commands, options=None, core=None):
        options = f"--sysroot '{self.root}'" if options is None else options
        return run_gdb(self.dump, commands, core=core or self.alone, options=options, vmlinux=None, cwd=self.root)

    def vmgdb(self, commands, gdb):
        args = ["-nx", "-batch", "-iex", "set debuginfod enabled off", "-iex", "set width 0"]
        for label, one in commands.items():
            args += ["-ex", f"echo \\n@@ {label}\\n", "-ex", one]
        done = subprocess.run([VMGDB, "--sysroot", self.root, self.alone, "--", *args], cwd=self.root,
                              text=True, errors="replace", timeout=limit(60), env={**os.environ, "GDB": gdb, "VMSTUB": str(VMSTUB)},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return Answers(done.stdout)

    def user_frames(self, trace):
        user = trace.partition("<signal handler called>\n")[2].strip()
        return [re.match(r"#\d+ +(?:0x[0-9a-f]+ in )?(\S+) \(", line)[1] for line in user.splitlines() if line.startswith("#")]


@for_dumps(*BASE, *EXTRA, quick=("k6.1-kdump",))
class Traces(Programs):
    def test_plain_gdb(self):
        """Each task in turn; what vmstub says to type is enough."""
        answers = self.plain({"files": f"monitor task {self.pid('w_files')}", "load": ["sharedlibrary", "thread find w_files", NUMBER],
                              "bt files": "bt", "locals": ["frame function work_files", "info locals"],
                              "threads": [f"monitor task {self.pid('w_threads')}", "thread find w_threads", NUMBER], "bt threads": "bt"})
        self.assertIn("symbols of /bin/workers, at 0x400000\n", answers["files"])
        self.assertIn("Type sharedlibrary to load its symbols.", answers["files"])
        self.assertEqual(self.user_frames(answers["bt files"])[:4], ["pause", "work_files", "become", "main"], answers["bt files"])
        self.assertRegex(answers["locals"], r"ends = \{\d+, \d+\}")
        self.assertNotIn("sharedlibrary", answers["threads"])  # the same program
        self.assertEqual([f for f in self.user_frames(answers["bt threads"]) if f.startswith(("work", "main"))], ["work_threads", "main"])


@for_dumps("k5.10-kdump", "k6.1-kdump", "k7-kdump")
class WithScripts(Programs):
    def test_vmgdb(self):
        """In all gdbs; another program, which is not found, takes the symbols away."""
        for name, gdb in gdbs().items():
            with self.subTest(gdb=name):
                answers = self.vmgdb({"files": f"task {self.pid('w_files')}", "bt files": "bt", "init": "task 1", "bt init": "bt",
                                      "main": "info address main", "again": f"task {self.pid('w_pipe')}", "bt again": "bt"}, gdb)
                self.assertEqual(self.user_frames(answers["bt files"])[:4], ["pause", "work_files", "become", "main"], answers.text)
                self.assertRegex(answers["init"], r"no symbols of /bin/busybox: not found \(build-id [0-9a-f]{40}\)\n")
                self.assertEqual(len(self.user_frames(answers["bt init"])), 1, answers.text)
                self.assertIn('No symbol "main" in current context.', answers["main"])
                self.assertIn("work_pipe", self.user_frames(answers["bt again"]))


@for_dumps("k6.1-kdump")
class Others(Programs):
    def test_wrong_file(self):
        """A file with another build-id is not taken."""
        program = self.root / "bin" / "workers"
        data = program.read_bytes()
        note = data.index(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0") + 16  # of 20 bytes
        try:
            program.write_bytes(data[:note] + bytes([data[note] ^ 1]) + data[note + 1:])
            answers = self.plain({"task": f"monitor task {self.pid('w_files')}"})
        finally:
            program.write_bytes(data)
        self.assertIn(f"no symbols of /bin/workers: not found (build-id {data[note:note + 20].hex()})", answers["task"])

    def test_debug_folder(self):
        """By its build-id, if it is not at its path."""
        program = self.root / "bin" / "workers"
        data = program.read_bytes()
        note = data.index(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0") + 16
        id = data[note:note + 20].hex()
        debug = self.root / "usr" / "lib" / "debug" / ".build-id" / id[:2] / f"{id[2:]}.debug"
        debug.parent.mkdir(parents=True)
        program.rename(debug)
        try:
            answers = self.plain({"task": f"monitor task {self.pid('w_files')}", "load": ["sharedlibrary", "thread find w_files", NUMBER],
                                  "bt": "bt"})
        finally:
            debug.rename(program)
            shutil.rmtree(self.root / "usr")
        self.assertEqual(self.user_frames(answers["bt"])[:4], ["pause", "work_files", "become", "main"], answers.text)

    def test_filtered(self):
        """Without the program's pages, vmstub says why, and what would have kept them."""
        answers = self.plain({"task": f"monitor task {self.pid('w_files')}"}, core=self.dump.core)
        self.assertRegex(answers["task"], r"no symbols of /bin/workers: .*page excluded from the dump; makedumpfile -d 17 keeps")

    def test_another_thread(self):
        """gdb has one program's symbols; it is told when a thread with another one is looked at."""
        answers = self.plain({"init": ["monitor task 1", "thread find init", NUMBER], "files": f"monitor task {self.pid('w_files')}",
                              "load": "sharedlibrary", "other": ["thread name", "x/i 0x400000"]})
        self.assertIn("note: gdb has the symbols of PID", answers.text)
