# SPDX-License-Identifier: GPL-3.0-or-later
"""ccat: files of the guest as they were."""
import re
import subprocess

from dumps import BASE, EXTRA, VMSTUB, DumpTest, for_dumps
from patience import limit
from procfacts import full_core
from session import verbs, vmstub


@for_dumps(*BASE, *EXTRA, quick=("k6.1-kdump",))
class Ccat(DumpTest):
    def test_text(self):
        self.assertEqual(verbs(self.dump, "ccat /tmp/w_plain", core=full_core(self.dump)), "plain file\n")  # as workers.c writes it
        self.assertRegex(verbs(self.dump, "ccat -x /tmp/w_plain", core=full_core(self.dump)),
                         r"^ *0: +70 6c 61 69 6e 20 66 69 6c 65 0a +plain file\.\n$")

    def test_inode(self):
        """The address of a struct inode, as files prints it."""
        line = re.search(r"^ *\d+ \w+ \w+ (\w+) REG +/tmp/w_plain$", verbs(self.dump, f"files {self.dump.workers['w_files'][0]}",
                                                                          core=full_core(self.dump)), re.M)
        self.assertEqual(verbs(self.dump, f"ccat {line[1]}", core=full_core(self.dump)), "plain file\n")

    def test_program(self):
        """All bytes of a program."""
        done = subprocess.run([VMSTUB, "--exec", "ccat -r /bin/workers", full_core(self.dump)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=limit(60))
        self.assertEqual(done.stderr, b"")
        self.assertTrue(done.stdout == (self.dump.dir / "facts" / "workers.elf").read_bytes())

    def test_shared_memory(self):
        """What has no place in a directory; a page that nobody wrote is zeros, and bytes that are no text are octal."""
        text = verbs(self.dump, 'ccat "/SYSV6c327701 (deleted)"', core=full_core(self.dump))
        self.assertTrue(text.startswith("w_ipc shared\\000\\000"), text[:40])
        self.assertEqual(text.splitlines()[1:], ["(page 1: zeros)"])


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Missing(DumpTest):
    def test_filtered(self):
        """The pages that the dump's filter left out are named, and counted."""
        size = (self.dump.dir / "facts" / "workers.elf").stat().st_size
        done = vmstub("--exec", "ccat /bin/workers", self.dump.core)
        pages = -(-size // 4096)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(re.findall(r"^\(page \d+: .*: page excluded from the dump\)$", done.stdout, re.M)), pages)
        self.assertRegex(done.stderr, rf"^vmstub: ccat: {pages} of {pages} pages are missing; the first: .*excluded")

    def test_not_there(self):
        done = vmstub("--exec", "ccat /bin/none", self.dump.core)
        self.assertEqual((done.returncode, done.stderr), (1, "vmstub: ccat: /bin/none: no file with this path is in memory\n"))
