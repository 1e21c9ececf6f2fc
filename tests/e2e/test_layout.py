# SPDX-License-Identifier: GPL-3.0-or-later
"""Dumps that do not say where the kernel is in memory: that must cost nothing else."""
import mmap
import re
import struct

import damage
from dumps import DumpTest, for_dumps, get
from session import vmstub

LINES = "sys; kbt -a; mod; log"


class LayoutTest(DumpTest):
    @classmethod
    def prepare(cls):
        cls.dir = cls.new_folder()
        cls.files = ["--vmlinux", cls.dump.dir / "vmlinux", "--module-dir", cls.dump.dir / "modules"]
        cls.info = cls.info_of(cls.core())
        cls.undamaged = {}

    @classmethod
    def core(cls):
        for format in ("elf", "qemu-elf"):
            if format in cls.dump.cores:
                return cls.dump.cores[format]
        raise AssertionError("no ELF dump")

    @staticmethod
    def info_of(core):
        text = damage.vmcoreinfo(core).decode()
        return dict(line.split("=", 1) for line in text.splitlines())

    def number(self, key):
        return int(self.info[f"NUMBER({key})"], 0)

    @property
    def root(self):
        return int(self.info["SYMBOL(swapper_pg_dir)" if "SYMBOL(swapper_pg_dir)" in self.info else
                             "SYMBOL(init_top_pgt)"], 16) - 0xffffffff80000000 + self.number("phys_base")

    def copy(self, source=None):
        path = damage.copy(source or self.core(), self.dir / "vmcore")
        self.addCleanup(path.unlink)
        return path

    def run_verbs(self, core, *options, lines=LINES):
        done = vmstub(*options, "--exec", lines, core, cwd=self.dir)
        self.assertEqual(done.returncode, 0, done.stderr)
        return re.sub(r"(?m)^ *DUMPFILE: .*\n", "", done.stdout), done.stderr

    def expect_same(self, core, *options, says, files=True):
        options = [*options, *(self.files if files else [])]
        if files not in self.undamaged:
            self.undamaged[files] = self.run_verbs(self.core(), *(self.files if files else ["--vmlinux", "/dev/null"]))[0]
            self.assertGreater(len(self.undamaged[files]), 10000)
        got, stderr = self.run_verbs(core, *options)
        self.assertEqual(len(stderr.splitlines()), 1 if says else 0, stderr)
        self.assertRegex(stderr, says or "^$")
        self.assertEqual(got.splitlines(), self.undamaged[files].splitlines())


@for_dumps("k5.10-kdump", "k6.1-kdump", "k6.1-qemu", "k6.12-kdump", "k7-kdump", "k7-qemu")
class NoNote(LayoutTest):
    def test_note_found_in_memory(self):
        core = self.copy()
        self.assertGreaterEqual(damage.hide_note(core), 2)
        self.expect_same(core, says=r"no VMCOREINFO note; found one in memory at 0x[0-9a-f]+000\n")

    def test_given_by_hand(self):
        core = self.copy()
        damage.hide_note(core, everywhere=True)
        info = self.dir / "info"
        info.write_bytes(damage.vmcoreinfo(self.core()))
        self.expect_same(core, "--vmcoreinfo", info, says="")

    def test_none_in_memory_either(self):
        """Then control registers, or the segments of /proc/vmcore, and vmlinux must do."""
        core = self.copy()
        damage.hide_note(core, everywhere=True)
        got, stderr = self.run_verbs(core, *self.files)
        self.assertEqual(stderr, f"vmstub: {core}: no VMCOREINFO note, and no VMCOREINFO in memory\n")
        self.expect_equal_but_time(got)

    def expect_equal_but_time(self, got):
        """VMCOREINFO had the time of the crash; that of timekeeping is at most some ticks older."""
        want = self.run_verbs(self.core(), *self.files)[0]
        time = r"(?m)^ *DATE: .*$"
        self.assertEqual(re.sub(time, "", got).splitlines(), re.sub(time, "", want).splitlines())

    def test_root_alone(self):
        core = self.copy()
        damage.hide_note(core, everywhere=True)
        self.strip_segments(core)
        got, _ = self.run_verbs(core, "--root", hex(self.root), *self.files)
        self.expect_equal_but_time(got)

    def test_phys_base_and_slide(self):
        core = self.copy()
        damage.hide_note(core, everywhere=True)
        self.strip_segments(core)
        got, _ = self.run_verbs(core, "--phys-base", self.number("phys_base"), "--slide",
                                "0x" + self.info["KERNELOFFSET"], *self.files)
        self.expect_equal_but_time(got)

    def test_nothing_at_all(self):
        core = self.copy()
        damage.hide_note(core, everywhere=True)
        self.strip_segments(core)
        done = vmstub("--exec", "sys", core, *self.files)
        self.assertRegex(done.stderr, "use --vmcoreinfo, --root or --phys-base; only physical memory can be read")
        # what the kernel's memory would tell is unknown
        self.assertRegex(done.stdout, r"(?m)^ *PANIC: \(unavailable: .*page tables are unknown\)$")
        self.assertRegex(done.stdout, r"(?m)^ *TASKS: \(unavailable: .*page tables are unknown\)$")
        failed = vmstub("--exec", "ps; kbt; log", core, *self.files)
        self.assertEqual(failed.returncode, 1)
        report = vmstub("--report=json", core)
        self.assertEqual(report.returncode, 1)
        self.assertIn('"readable":false', report.stdout)

    @staticmethod
    def strip_segments(core):
        """Removes the virtual addresses in PT_LOADs, and QEMU's notes."""
        with core.open("r+b") as f, mmap.mmap(f.fileno(), 0) as m:
            phoff, = struct.unpack_from("<Q", m, 32)
            count, = struct.unpack_from("<H", m, 56)
            for i in range(count):
                kind, _, offset, _, pa, size = struct.unpack_from("<IIQQQQ", m, phoff + 56 * i)
                struct.pack_into("<Q", m, phoff + 56 * i + 16, pa)
                at = offset
                while kind == 4 and (at := m.find(b"QEMU\0", at, offset + size)) >= 0:
                    m[at:at + 4] = b"XEMU"


@for_dumps("k6.1-kdump", "k6.12-kdump", "k5.10-kdump")
class NoNoteInKdump(LayoutTest):
    def test_note_found_in_memory(self):
        core = self.copy(self.dump.cores["lzo"])
        damage.hide_note(core)
        want = self.run_verbs(self.dump.cores["lzo"], *self.files)[0]
        got, stderr = self.run_verbs(core, *self.files)
        self.assertRegex(stderr, "found one in memory at 0x")
        self.assertEqual(got.splitlines(), want.splitlines())


@for_dumps("k6.1-qemu", "k7-qemu")
class NoteInImage(LayoutTest):
    def test_note_that_starts_no_page(self):
        """As before 4.13: the note is an array somewhere in the kernel's data."""
        self.expect_note_taken()

    def test_note_that_does_not_say_where_its_kernel_is(self):
        """As before 4.10: it has the address of phys_base, not the value."""
        self.expect_note_taken(lambda text: re.sub(rb"NUMBER\(phys_base\)=.*\n", b"SYMBOL(phys_base)=ffffffff82010000\n", text))

    def expect_note_taken(self, change=lambda text: text):
        core = self.copy()
        text = damage.vmcoreinfo(core)
        damage.hide_note(core, everywhere=True)
        self.assertIn(b"NUMBER(phys_base)=", text)
        stext = int(self.info["SYMBOL(_stext)"], 16) - 0xffffffff80000000 + self.number("phys_base")
        with core.open("r+b") as f, mmap.mmap(f.fileno(), 0) as m:
            start = damage.elf_offset(m, stext)
            room = next(at for at in range(start, start + (32 << 20), 4096) if m[at:at + 0x4000] == bytes(0x4000))
            at = room + 0x1f04
            text = change(text)
            note = struct.pack("<III", 11, len(text), 0) + b"VMCOREINFO\0\0" + text
            m[at:at + len(note)] = note
        self.expect_same(core, says=r"no VMCOREINFO note; found one in memory at 0x[0-9a-f]+f04\n")


@for_dumps("k6.1-kdump", "k6.1-qemu")
class TwoKernels(LayoutTest):
    """Memory often holds the note of a second kernel: the one that wrote the dump, or an earlier one."""

    def prepare_copy(self, pages):
        """A dump without the note, whose first empty pages are replaced by `pages`."""
        core = self.copy()
        damage.hide_note(core)
        with core.open("r+b") as f, mmap.mmap(f.fileno(), 0) as m:
            loads = list(damage.loads(m))
            offset, pa, size = max(loads, key=lambda load: load[2])
            # the kernel's image is in two segments
            empty = [pa + at for at in range(1 << 20, size, 4096)
                     if m[offset + at:offset + at + 4096] == bytes(4096)
                     and sum(first <= pa + at < first + length for _, first, length in loads) == 1]
            places = empty[:len(pages)]
            for place, make in zip(places, pages):
                at = offset + place - pa
                m[at:at + 4096] = make(m, places)[:4096].ljust(4096, b"\0")
        return core, places

    def note(self, text):
        return struct.pack("<III", 11, len(text), 0) + b"VMCOREINFO\0\0" + text

    def text(self, m, root=None, crashtime=True):
        text = damage.vmcoreinfo(self.core())
        if not crashtime:
            text = re.sub(rb"CRASHTIME=.*\n", b"", text)
        if root is not None:
            symbol = root + 0xffffffff80000000 - self.number("phys_base")
            text = re.sub(rb"(SYMBOL\((?:swapper_pg_dir|init_top_pgt)\))=.*", b"\\1=%x" % (symbol & (1 << 64) - 1), text)
        return text

    def page(self, m, address):
        at = damage.elf_offset(m, address)
        return m[at:at + 4096]

    def test_note_of_another_memory_is_not_taken(self):
        """Its page tables are not in the dump."""
        core, _ = self.prepare_copy([lambda m, places: self.note(self.text(m, root=places[0]))])
        self.expect_same(core, says="found one in memory")

    def test_the_one_that_crashed_is_taken(self):
        """Both have valid page tables."""
        if not self.dump.is_kdump:
            self.skipTest("no CRASHTIME")
        core, places = self.prepare_copy([
            lambda m, places: self.note(self.text(m, root=places[1], crashtime=False)),
            lambda m, places: self.page(m, self.root)])
        got = self.run_verbs(core, *self.files)
        self.assertNotIn(hex(places[0]), got[1])
        self.expect_same(core, says="found one in memory")

    def test_the_one_in_use_is_taken(self):
        """No CRASHTIME, but QEMU's notes have the address of a CPU's page tables."""
        if self.dump.is_kdump:
            self.skipTest("no control registers")
        core, _ = self.prepare_copy([
            lambda m, places: self.note(self.text(m, root=places[1])),
            lambda m, places: self.page(m, self.root)])
        done = vmstub("--exec", "sys", core, *self.files)
        # If every CPU uses the page tables of a task, the user has to choose.
        if done.returncode:
            self.assertRegex(done.stderr, f"2 kernels in memory; choose one:.* --root {self.root:#x} ")
            self.expect_same(core, "--root", hex(self.root), says="found one in memory")
        else:
            self.expect_same(core, says="found one in memory")

    def test_the_user_chooses(self):
        core, places = self.prepare_copy([
            lambda m, places: self.note(self.text(m, root=places[1])),
            lambda m, places: self.page(m, self.root)])
        _, stderr = self.run_verbs(core, "--root", hex(places[1]), *self.files)
        self.assertIn(f"found one in memory at {places[0]:#x}\n", stderr)


@for_dumps("k6.1-kdump", "k6.12-kdump", "k5.10-kdump", quick=("k6.1-kdump",))
class NoTopPageTable(LayoutTest):
    """Text and direct map are where phys_base and page_offset_base say."""

    def lost(self):
        core = self.copy(self.dump.cores["lzo"])
        damage.lose_page(core, self.root)
        return core

    def test_what_needs_no_tables(self):
        want = self.run_verbs(self.dump.cores["lzo"], *self.files, lines="sys; log")[0]
        got, stderr = self.run_verbs(self.lost(), *self.files, lines="sys; log")
        self.assertRegex(stderr, f"top page table at {self.root:#x}: page lost")
        self.assertEqual(got.splitlines(), want.splitlines())

    def test_without_vmlinux(self):
        want = self.run_verbs(self.dump.cores["lzo"], lines="log")[0]
        self.assertEqual(self.run_verbs(self.lost(), lines="log")[0], want)

    def test_what_needs_them_says_so(self):
        """Stacks are in vmalloc'ed memory."""
        got, _ = self.run_verbs(self.lost(), *self.files, lines="kbt 1")
        self.assertRegex(got, rf"level \d page table of 0x[0-9a-f]+: pfn {self.root >> 12:#x}: page lost")


class Options(DumpTest):
    quick = True

    def test_bad_values(self):
        for option, value in (("--root", "0x1001"), ("--slide", "many"), ("--phys-base", ""), ("--root", "1 2")):
            done = vmstub(option, value, "--exec", "sys", "vmcore")
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(option, done.stderr)

    def test_older_than_any_that_was_checked(self):
        """By the release alone: the kernel is the same, and so are the answers."""
        dump, info = get("k6.1-kdump"), self.new_folder() / "info"
        for release, warned in ((b"2.6.32-754.el6.x86_64", True), (b"3.2.0-4-amd64", True), (b"3.10.0-862.el7.x86_64", False), (b"4.4.0", False)):
            info.write_bytes(re.sub(rb"OSRELEASE=.*", b"OSRELEASE=" + release, damage.vmcoreinfo(dump.core)))
            done = vmstub("--vmcoreinfo", info, "--vmlinux", dump.dir / "vmlinux", "--exec", "ps 1", dump.core)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"(?m)^>? +1 .* init$")
            self.assertEqual([release.decode() in line for line in done.stderr.splitlines() if "is older than 3.10" in line],
                             [True] if warned else [])

    def test_vmcoreinfo_that_is_none(self):
        core = get("k6.1-kdump").core
        for path, says in (("/nosuch", "cannot be read"), ("/etc/passwd", "no OSRELEASE=")):
            done = vmstub("--vmcoreinfo", path, "--exec", "sys", core)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn(f"--vmcoreinfo {path}: {says}", done.stderr)
