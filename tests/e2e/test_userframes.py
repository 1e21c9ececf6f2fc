# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a user program after those of the kernel, if gdb has the program's file, whenever it was loaded."""
import re

from dumps import ROOT, VMSTUB, DumpTest, for_dumps, server
from session import run_commands
from terminal import gdbs

VMGDB = ROOT / "gdbscripts" / "vmgdb"
PROGRAM = "facts/workers.elf"
HINT = "type sharedlibrary"


DUMPS = ("k6.1-kdump", "k6.1-qemu", "k6.12-qemu", "k5.10-kdump", "k7-kdump")


class Frames(DumpTest):
    def gdbs(self):
        """All versions on the first dump; on each of the others some, so that each version has two dumps."""
        turn, all_gdbs = DUMPS.index(self.dump.name), gdbs()
        return {name: gdb for i, (name, gdb) in enumerate(all_gdbs.items())
                if turn == 0 or len(all_gdbs) == 1 or i % (len(DUMPS) - 1) == turn - 1}

    def run_gdb(self, gdb, commands, start="classic", before=()):
        """gdb's threads are w_files and the CPUs."""
        core = self.dump.cores.get("elf") or self.dump.core
        pid = self.dump.workers["w_files"][0]
        connect = ["-ex", "target " + server(core)] if start == "classic" else []
        args = ["-nx", "-iex", "set confirm off"]
        args += [word for one in before for word in ("-ex", one)] + connect
        args += ["-ex", f"monitor task {pid}", "-ex", "thread find w_files",
                 "-ex", 'eval "thread %d", *(unsigned int *) 0xffffffffffffe000']
        program = [gdb, *args, "vmlinux"] if start == "classic" else [VMGDB, core, "--", *args]
        return run_commands(program, commands, self.dump.dir, {"GDB": gdb, "VMSTUB": str(VMSTUB)})

    def check_kernel_alone(self, trace):
        """The trace ends with the place in user mode, without a guessed frame."""
        user = trace.partition("<signal handler called>\n")[2].strip().splitlines()
        self.assertEqual(len(user), 1, trace)
        self.assertRegex(user[0], r"^#\d+ +0x[0-9a-f]{16} in (\?\?|pause) \(\)$")

    def check_whole(self, trace):
        user = trace.partition("<signal handler called>\n")[2].strip()
        names = [re.match(r"#\d+ +(?:0x[0-9a-f]+ in )?(\w+) \(", line)[1] for line in user.splitlines() if line.startswith("#")]
        # libc may add frames outside main().
        self.assertEqual(names[:4], ["pause", "work_files", "become", "main"], trace)
        self.assertNotIn("??", user)
        self.assertNotIn("Backtrace stopped", user)

    def check_locals(self, text):
        """work_files() has opened these."""
        opened = self.dump.fact("fds").partition(f"/proc/{self.dump.workers['w_files'][0]}/fd:\n")[2].partition("\n\n")[0]
        fds = re.findall(r" (\d+) -> pipe:", opened)
        ends = re.search(r"ends = \{(\d+), (\d+)\}", text)
        self.assertIsNotNone(ends, text)
        self.assertEqual(sorted(ends.groups(), key=int), sorted(fds, key=int))


@for_dumps(*DUMPS, quick=("k6.1-kdump",))
class LoadedLater(Frames):
    def test_loaded_after_connecting(self):
        """gdb uses the rule of the file it loaded first; after sharedlibrary vmstub's comes after the program's."""
        for name, gdb in self.gdbs().items():
            with self.subTest(gdb=name):
                answers = self.run_gdb(gdb, {"alone": "bt", "load": f"add-symbol-file {PROGRAM}", "again": "sharedlibrary", "whole": "bt",
                                             "frame": "frame function work_files", "locals": "info locals",
                                             "stray": "thread 1", "kernel": "bt"})
                self.check_kernel_alone(answers["alone"])
                self.check_whole(answers["whole"])
                self.check_locals(answers["locals"])


@for_dumps(*DUMPS)
class Otherwise(Frames):
    def test_loaded_before_connecting(self):
        for name, gdb in self.gdbs().items():
            with self.subTest(gdb=name):
                answers = self.run_gdb(gdb, {"whole": "bt", "say": "monitor sig -l"}, before=[f"add-symbol-file {PROGRAM}"])
                self.check_whole(answers["whole"])
                self.assertNotIn(HINT, answers.text)

    def test_scripts_do_it(self):
        for name, gdb in self.gdbs().items():
            with self.subTest(gdb=name):
                answers = self.run_gdb(gdb, {"alone": "backtrace", "load": f"add-symbol-file {PROGRAM}", "whole": "backtrace",
                                             "say": "monitor sig -l"}, start="vmgdb")
                self.check_kernel_alone(answers["alone"])
                self.check_whole(answers["whole"])
                self.assertNotIn(HINT, answers.text)

    def test_says_what_to_type(self):
        """Not for a file of the kernel; once for each program's file, with the next verb at the latest."""
        steps = [f"add-symbol-file {self.dump.module_file('l2w')} 0xffffffffff000000", f"add-symbol-file {PROGRAM}", "sharedlibrary",
                 f"add-symbol-file {PROGRAM} -o 0x10000000"]
        for name, gdb in self.gdbs().items():
            with self.subTest(gdb=name):
                answers = self.run_gdb(gdb, {label: command for i, step in enumerate(steps)
                                             for label, command in ((f"step {i}", step), (f"bt {i}", "bt"), (f"say {i}", "monitor sig -l"))})
                said = [(answers[f"step {i}"] + answers[f"bt {i}"] + answers[f"say {i}"]).count(HINT) for i in range(len(steps))]
                self.assertEqual(said, [0, 1, 0, 1])
