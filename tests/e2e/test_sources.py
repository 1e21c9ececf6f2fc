# SPDX-License-Identifier: GPL-3.0-or-later
"""Source text of a kernel that was built elsewhere: vmgdb --source, and dis -s."""
import re
import subprocess

from dumps import VMSTUB, DumpTest, for_dumps

VMGDB = VMSTUB.parent / "gdbscripts" / "vmgdb"


@for_dumps("k6.1-kdump", "k7-kdump")
class Source(DumpTest):
    @classmethod
    def prepare(cls):
        # Every line of this tree says where it is.
        cls.tree = cls.new_folder() / "a tree"
        for name in ("kernel/sched/core.c", "kernel/time/timer.c", "arch/x86/kernel/head_64.S"):
            file = cls.tree / name
            file.parent.mkdir(parents=True)
            file.write_text("".join(f"{name} {n}\n" for n in range(1, 12000)))

    def vmgdb(self, *commands):
        args = [word for command in commands for word in ("-ex", command)]
        done = subprocess.run([VMGDB, "--source", self.tree, self.dump.core, "--", "-batch", *args], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout

    def addr2line(self, name):
        """file, line: binutils reads vmlinux on its own."""
        out = subprocess.run(["addr2line", "-e", self.dump.dir / "vmlinux", f"{self.dump.address(name) - self.dump.slide:x}"],
                             text=True, check=True, stdout=subprocess.PIPE).stdout
        path, line = re.match(r"(.*):(\d+)", out).groups()
        return re.search(r"(?:^|/)((?:kernel|arch)/.*)", path)[1], int(line)

    def test_gdb_lists_lines(self):
        for name in ("schedule", "run_timer_softirq", "secondary_startup_64"):
            file, line = self.addr2line(name)
            out = self.vmgdb(f"list *{self.dump.address(name):#x}", "info source")
            self.assertIn(f"\n{line}\t{file} {line}\n", out)
            self.assertIn(f"Located in {self.tree}/{file}\n", out)

    def test_frames_of_an_ide(self):
        """The full name in MI, by which an IDE opens the file."""
        out = self.vmgdb("interpreter-exec mi \"-stack-list-frames\"")
        self.assertIn(f'fullname="{self.tree}/kernel/time/timer.c"', out)

    def test_dis(self):
        file, line = self.addr2line("schedule")
        done = subprocess.run([VMSTUB, "--source", self.tree, "--exec", "dis -s schedule", self.dump.core], text=True,
                              check=True, stdout=subprocess.PIPE)
        self.assertRegex(done.stdout, rf"\n\* {line} +{file} {line}\n")

    def test_wrong_folders(self):
        out = subprocess.run([VMGDB, "--source", "/nosuch", self.dump.core], text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
        self.assertEqual((out.returncode, out.stdout), (1, "vmgdb: --source /nosuch: not a folder\n"))
