# SPDX-License-Identifier: GPL-3.0-or-later
"""Real front-ends of gdb that use more of it than its command line."""
import os
import re
import shutil
import subprocess
import unittest

from dumps import ROOT, VMSTUB, DumpTest, for_dumps
from patience import limit
from terminal import Terminal, gdbs

CANNOT_RUN = "The kernel in a crash dump cannot run."
FIRST = r"#0 +0x[0-9a-f]+ in vdev_count_hit \(len=1514, vdev=0x[0-9a-f]+ <l2w_vdevs\+64>\) at .*/vdev.c:50"


@for_dumps("k6.1-kdump")
class NonStop(DumpTest):
    """Non-stop mode in gdb's machine interface."""

    def talk(self, gdb, start):
        settings = ["-nx", "-q", "-i=mi", "-iex", "set debuginfod enabled off", "-iex", "set width 0"]
        if start == "vmgdb":
            command = [ROOT / "gdbscripts" / "vmgdb", self.dump.cores["elf"], "--", *settings, "-iex", "set non-stop on"]
            connect = []
        else:
            command = [gdb, *settings, "vmlinux"]
            connect = ["-gdb-set non-stop 1", f"-target-select remote | {VMSTUB} {self.dump.cores['elf']}"]
        asked = [*connect, "-thread-info", "bt 3", "info threads", "-exec-continue --all", "echo <went on>\\n",
                 "-exec-interrupt --all", "monitor sym panic", "info symbol panic", "x/i panic", "-stack-info-frame", "-gdb-exit"]
        done = subprocess.run([*map(str, command)], cwd=self.dump.dir, input="\n".join(asked) + "\n", text=True, errors="replace",
                              env={**os.environ, "GDB": gdb, "VMSTUB": str(VMSTUB)}, timeout=limit(60),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.replace('\\"', '"').replace("\\n", "\n")

    def test_all_starts(self):
        for name, gdb in gdbs().items():
            for start in ("classic", "vmgdb"):
                with self.subTest(gdb=name, start=start):
                    said = self.talk(gdb, start)
                    self.assertNotIn("internal-error", said)
                    errors = re.findall(r'\^error,msg="([^"]*)', said)
                    self.assertIn("gdb is in non-stop mode", said)
                    self.assertRegex(said, FIRST)
                    self.assertRegex(said, r'threads=\[\{id="1".*state="stopped"')
                    self.assertRegex(said, r"\* 1 .*PANIC\)")
                    self.assertIn(CANNOT_RUN, said)
                    self.assertRegex(said, r'\^done,frame=\{level="0",addr="0x[0-9a-f]+",func="vdev_count_hit"')
                    at = re.search(r"([0-9a-f]{16}) \(T\) panic", said)[1]
                    if start == "classic":  # an error, not a value from elsewhere
                        self.assertEqual([e.partition(" 0x")[0] for e in errors], ["Cannot access memory at address"])
                        self.assertRegex(said, r"Then type symbol-file, add-symbol-file \S+ -o 0x[0-9a-f]+, and sharedlibrary")
                    else:
                        self.assertEqual(errors, [])
                        self.assertIn("panic in section .text", said)
                        self.assertIn(f"0x{at} <panic>", said)


@for_dumps("k6.1-kdump")
@unittest.skipUnless(shutil.which("emacs"), "no emacs")
class Emacs(DumpTest):
    """M-x gdb, as Emacs sets it up with older and newer versions of gdb."""

    def session(self, non_stop):
        out = self.new_folder()
        # Emacs' own time limit ends the wait before ours.
        terminal = Terminal(["emacs", "-nw", "-Q", "-l", ROOT / "tests" / "e2e" / "emacs.el"], self.dump.dir, {
            "TERM": "vt100", "DEBUGINFOD_URLS": "", "OUT": str(out), "NON_STOP": non_stop, "LIMIT": str(limit(20)),
            "GDB_COMMAND": f"gdb -nx -i=mi {self.dump.dir}/vmlinux",
            "CONNECT": f"target remote | {VMSTUB} {self.dump.cores['elf']}"})
        try:
            terminal.look(limit(100))
        except AssertionError:
            pass  # it has ended
        finally:
            terminal.close()
        return {f.name: f.read_text(errors="replace") for f in out.iterdir()}

    def test_gdb_mode(self):
        for non_stop in ("nil", "t"):
            with self.subTest(non_stop=non_stop):
                said = self.session(non_stop)
                self.assertRegex(said["gud"], FIRST)
                self.assertIn("<done>", said["gud"])
                self.assertRegex(said["stack"], r"(?s)0 +in vdev_count_hit of .*vdev.c:50.*in l2w_vdev_xmit of .*vdev.c:\d+")
                threads = re.findall(r"Thread \d+ stopped in (\S+)", said["threads"])
                self.assertIn("vdev_count_hit", threads)
                if non_stop == "t":
                    self.assertEqual(len(threads), 1)
                    self.assertIn("gdb is in non-stop mode", said["gud"])
                    self.assertIn(CANNOT_RUN, said["gud"])
                else:
                    self.assertEqual(len(threads), self.dump.cpus)
                    self.assertNotIn("non-stop", said["gud"])
