# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests of libkdumpfile, with vmstub in its place: all its x86_64 dumps, every page as these tests expect it.

Left out are those of virtual addresses (xlat-*, elf-vmcoreinfo, early-version-code), which have no kernel around them, and of Xen."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from dumps import ROOT, tool

# each with the number of attributes that it checks at least
SCRIPTS = {"diskdump-basic-raw": 2, "diskdump-basic-zlib": 2, "diskdump-basic-lzo": 2, "diskdump-basic-snappy": 2,
           "diskdump-basic-zstd": 2, "diskdump-flat-raw": 2, "diskdump-excluded": 2, "diskdump-split": 0,
           "diskdump-split-flat": 0, "diskdump-multiread": 0, "elf-basic": 0, "elf-empty-x86_64": 1,
           "elf-eraseinfo": 1, "elf-fractional": 0, "elf-le": 0, "elf-multiread": 0, "elf-nonexistent": 0, "elf-overlap": 3,
           "elf-prstatus-x86_64": 29}


class Libkdumpfile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temp = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temp.cleanup)
        cls.dir = Path(cls.temp.name)
        done = subprocess.run([ROOT / "tests/e2e/libkdumpfile.sh", tool("dumpdata"), cls.dir], text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode == 77:
            raise unittest.SkipTest(done.stdout.strip())
        if done.returncode:
            raise AssertionError(done.stdout)

    def script(self, name):
        done = subprocess.run(["bash", f"tests/{name}"], cwd=self.dir, env={**os.environ, "srcdir": "tests"}, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def test_scripts(self):
        for name, attributes in SCRIPTS.items():
            with self.subTest(name):
                code, text = self.script(name)
                self.assertEqual(code, 0, text)
                counts = [int(line.split()[1]) for line in text.splitlines() if line.startswith("checked ")]
                self.assertGreaterEqual(sum(counts), attributes, text)

    def test_dump_without_memory(self):
        code, text = self.script("diskdump-empty-x86_64")
        self.assertNotEqual(code, 0)
        self.assertIn("max_mapnr 0: no memory in the dump", text)

    def test_part_of_a_page(self):
        """libkdumpfile reads zeros where the file has a part of a page; vmstub says that it does not know."""
        code, text = self.script("elf-partial")
        self.assertNotEqual(code, 0, text)
        got = (self.dir / "out/elf-partial.result").read_text().split()
        want = (self.dir / "tests/partial.expect").read_text().split()
        self.assertEqual(len(got), len(want))
        self.assertEqual({(a, b) for a, b in zip(got, want) if a != b}, {("??", "00")})
        self.assertEqual([b for b in got if b != "??"], ["55"] * 0x200 + ["AA"] * 0x200)

    def test_virtual_and_physical_address(self):
        """A segment whose physical address is another's virtual one."""
        self.script("elf-virt-phys-clash")
        done = subprocess.run(["./dumpdata", "out/elf-virt-phys-clash.dump", "0x200", "16"], cwd=self.dir, text=True,
                              stdout=subprocess.PIPE, check=True)
        self.assertEqual(done.stdout, (self.dir / "tests/elf-virt-phys-clash.expect").read_text().splitlines()[0] + "\n")
