# SPDX-License-Identifier: GPL-3.0-or-later
"""Thousands of damaged copies of real dumps, in one process (tests/tools/mutate.c says what must hold)."""
import re
import subprocess
import tempfile
from pathlib import Path

from dumps import ROOT, DumpTest, for_dumps, tool
from patience import limit

SEED = 20261124


class MutantTest(DumpTest):
    def mutants(self, format, count, build="build"):
        kind = {"elf": "elf", "qemu-elf": "elf", "flat": "flat", "qemu-kdump": "flat"}.get(format, "kdump")
        done = subprocess.run([tool("mutate", build), kind, self.dump.cores[format], str(count), str(SEED)], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(280))
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        m = re.match(r"(\d+) mutants, 0 wrong; (.*)", done.stdout)
        self.assertEqual(int(m[1]), count)
        parts = dict(zip(m[2].split()[::2], map(int, m[2].split()[1::2])))
        self.assertGreater(min(parts[part] for part in ("header", "data", "cut")), count // 40)


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Few(MutantTest):
    """All formats of pages, also among the quick tests."""

    def test_formats(self):
        for format in ("lzo", "zlib", "zstd", "snappy"):
            with self.subTest(format):
                self.mutants(format, 100)


@for_dumps("k6.1-kdump")
class Mutants(MutantTest):
    def test_lzo(self):
        self.mutants("lzo", 2000)

    def test_zlib(self):
        self.mutants("zlib", 2000)

    def test_zstd(self):
        self.mutants("zstd", 2000)

    def test_flattened(self):
        self.mutants("flat", 500)

    def test_elf(self):
        self.mutants("elf", 500)

    def test_with_sanitizers(self):
        if not (ROOT / "build-san" / "vmstub").exists():
            self.skipTest("make SAN=1 builds it")
        for format, count in (("lzo", 400), ("zlib", 400), ("zstd", 400), ("snappy", 400), ("flat", 100)):
            with self.subTest(format):
                self.mutants(format, count, "build-san")


@for_dumps("k6.1-qemu")
class QemuMutants(MutantTest):
    def test_flattened(self):
        self.mutants("qemu-kdump", 100)

    def test_elf(self):
        self.mutants("qemu-elf", 100)


@for_dumps("k5.10-kdump", "k6.1-kdump", "k6.12-kdump", "k7-kdump")
class Hostile(DumpTest):
    """Memory that gives wrong data to every verb and to gdb's requests: tests/tools/hostile.c says what must hold."""

    def lies(self, first, last, vmlinux=True, build="build"):
        with tempfile.TemporaryDirectory() as temp:
            core = Path(temp) / "vmcore"  # in a folder without vmlinux
            core.symlink_to(self.dump.core)
            done = subprocess.run([tool("hostile", build), core, self.dump.dir / "vmlinux" if vmlinux else "-",
                                   str(first), str(last)], text=True, errors="replace", stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(280))
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        self.assertTrue(done.stdout.startswith(f"{last - first + 1} seeds, "), done.stdout)

    def test_with_vmlinux(self):
        self.lies(1, 4)

    def test_without_vmlinux(self):
        self.lies(1, 8, vmlinux=False)

    def test_with_sanitizers(self):
        if not (ROOT / "build-san" / "vmstub").exists():
            self.skipTest("make SAN=1 builds it")
        self.lies(5, 8, vmlinux=False, build="build-san")
