# SPDX-License-Identifier: GPL-3.0-or-later
"""Every format of a dump gives the same bytes, which are those that drgn reads."""
import subprocess
import tempfile
from pathlib import Path

import oracle
from dumps import EXTRA, DumpTest, for_dumps, tool
from rsp import Rsp
from session import gdb, verbs

PAGE = 4096


def areas(dump):
    """name -> (address, size): all kinds of kernel memory."""
    l2w = dump.l2w
    sleeper = next(t for t in dump.tasks if t.comm == "l2w_sleeper")
    return {
        "kernel text": (dump.address("_stext"), 16 * PAGE),
        "kernel rodata": (dump.address("linux_banner") & -PAGE, 2 * PAGE),
        "kernel data": (l2w["addr.init_task"], 8192),
        "kernel bss": (dump.address("__bss_start"), 4 * PAGE),
        "page tables": (dump.address("init_top_pgt"), PAGE),
        "module text": (dump.sections["l2w", ".text"], 1024),
        "module data": (dump.sections["l2w", ".data"], 512),
        "stack (vmalloc)": (sleeper.stack, l2w["value.thread_size"]),
        "task (slab)": (sleeper.address, 2048),
        "per-CPU area": (l2w["cpu2.addr.l2w_counter"] & -PAGE, 4 * PAGE),
        "direct map": (l2w["addr.page_offset_base"] + 0x1000000, 64 * PAGE),
        "vmemmap": (l2w["addr.vmemmap_base"], 4 * PAGE),
    }


def read_pages(dump, core):
    """(area, page) -> bytes, without pages that cannot be read."""
    found = {}
    with Rsp(dump, core) as stub:
        for name, (start, size) in areas(dump).items():
            at = start
            while at < start + size:
                part = min(PAGE - at % PAGE, start + size - at)
                data = stub.read(at, part)
                if len(data) == part:
                    found[name, at] = data
                at += part
    return found


@for_dumps("k6.1-kdump", "k6.1-qemu", "k6.12-kdump", "k6.12-qemu", *EXTRA, quick=("k6.1-kdump",))
class Formats(DumpTest):
    @classmethod
    def prepare(cls):
        cls.pages = {format: read_pages(cls.dump, core) for format, core in cls.dump.cores.items()}
        # This format has all of the guest's pages.
        cls.full = next(f for f in ("elf", "qemu-elf") if f in cls.pages)

    def test_full_core_has_all_areas(self):
        got = {name for name, _ in self.pages[self.full]}
        self.assertEqual(got, set(areas(self.dump)))

    def test_same_bytes(self):
        for format, pages in self.pages.items():
            with self.subTest(format):
                different = [key for key, data in pages.items() if data != self.pages[self.full].get(key)]
                self.assertEqual(different, [])

    def test_same_pages(self):
        if self.dump.name not in ("k6.1-kdump", "k6.1-qemu", "k6.12-qemu"):
            return  # makedumpfile 1.7.2 drops pages of newer kernels by mistake
        for format, pages in self.pages.items():
            with self.subTest(format):
                # free pages are excluded on purpose
                missing = [key for key in self.pages[self.full] if key not in pages and key[0] not in
                           ("direct map", "vmemmap", "page tables")]
                self.assertEqual(missing, [])

    def test_same_answers(self):
        answers = {}
        for format, core in self.dump.cores.items():
            answers[format] = verbs(self.dump, "kbt -a; mod; log", core=core)
        for format, answer in answers.items():
            with self.subTest(format):
                self.assertEqual(answer, answers[self.full])

    def test_every_page_of_every_format(self):
        others = [core for format, core in self.dump.cores.items() if format != self.full]
        done = subprocess.run([tool("pagecmp"), self.dump.cores[self.full], *others], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Drgn(DumpTest):
    """gdb's own "dump memory" from the compressed file, drgn from the ELF file."""

    def test_areas(self):
        program = oracle.drgn_program(self.dump)
        if not program:
            self.skipTest("no python3-drgn that reads this dump")
        wanted = {k: v for k, v in areas(self.dump).items() if k not in ("direct map", "vmemmap")}
        with tempfile.TemporaryDirectory() as temp:
            files = {name: Path(temp) / str(i) for i, name in enumerate(wanted)}
            gdb(self.dump, {name: f"dump binary memory {files[name]} {start:#x} {start + size:#x}"
                            for name, (start, size) in wanted.items()})
            for name, (start, size) in wanted.items():
                with self.subTest(name):
                    self.assertTrue(files[name].exists(), "gdb could not read it")
                    self.assertEqual(files[name].read_bytes(), program.read(start, size))
