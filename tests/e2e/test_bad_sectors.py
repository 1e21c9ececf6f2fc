# SPDX-License-Identifier: GPL-3.0-or-later
"""Dumps on disks with bad sectors, in a guest: a read error loses only the pages it affects, and is reported."""
import mmap
import re
import string
import struct
import subprocess

import damage
import inguest
from dumps import VMSTUB, DumpTest, for_dumps

PAGE = 4096
SIZE = 512 << 20  # of every disk; more address space than UNMAPPED leaves
UNMAPPED = "ulimit -v 450000"
LINES = "sys; kbt -a; ps"


def logical_bytes(data):
    """The file inside a flattened file, the place of each of its bytes, and the places of the record headers."""
    out, places, heads, at = bytearray(), [], [], PAGE
    while True:
        offset, size = struct.unpack_from(">qq", data, at)
        if offset == -1:
            return bytes(out), places, heads
        out += bytes(max(0, offset + size - len(out)))
        out[offset:offset + size] = data[at + 16:at + 16 + size]
        places.append((offset, size, at + 16))
        heads.append(at)
        at += 16 + size


def place(places, offset):
    return next(at + offset - start for start, size, at in reversed(places) if start <= offset < start + size)


@for_dumps("k6.1-kdump")
class BadSectors(DumpTest):
    @classmethod
    def prepare(cls):
        cls.dir = cls.new_folder()
        cls.disks, cls.commands = {}, []
        phys_base = int(re.search(rb"NUMBER\(phys_base\)=(-?\d+)", damage.vmcoreinfo(cls.dump.core))[1])
        # kernel text, which no verb needs
        cls.pfn = (cls.dump.address("_stext") - 0xffffffff80000000 + phys_base + (5 << 20)) // PAGE
        cls.prepare_kdump()
        cls.prepare_elf()
        cls.prepare_flat()
        cls.prepare_heads()
        cls.run_guest()

    @classmethod
    def disk(cls, name, format, *offsets):
        path = damage.copy(cls.dump.cores[format], cls.dir / name)
        with path.open("r+b") as f:
            f.truncate(SIZE)
        cls.disks[name] = path, offsets, f"/dev/vd{string.ascii_lowercase[len(cls.disks)]}"

    @classmethod
    def ask(cls, name, disk, lines, limit="true"):
        cls.commands.append(f"say {name} sh -c '{limit}; vmstub --exec \"{lines}\" {cls.disks[disk][2]}'")

    @classmethod
    def ask_pages(cls, disk, pfns):
        for pfn in pfns:
            cls.ask(f"{disk}_{pfn:x}", disk, f"rd -p {pfn * PAGE:x} 512")

    @classmethod
    def prepare_kdump(cls):
        """A block of page data and one of descriptors."""
        with cls.dump.cores["lzo"].open("rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            kdump = damage.Kdump(m)
            stored = [pfn for pfn in range(cls.pfn - 400, cls.pfn + 2000) if kdump.stored(pfn)]
            where = {pfn: struct.unpack_from("<qI", m, kdump.descriptor(pfn)) for pfn in stored}
            data = where[cls.pfn][0] // PAGE * PAGE
            table = kdump.descriptor(cls.pfn + 1024) // PAGE * PAGE
            cls.lost = {pfn for pfn, (offset, size) in where.items() if offset < data + PAGE and offset + size > data}
            cls.nameless = {pfn for pfn in stored if table - 24 < kdump.descriptor(pfn) < table + PAGE}
            # The fourth block of the bitmap; the kernel's text may be before or after it.
            cls.bitmap_block = kdump.bitmap + 3 * PAGE
            cls.low = next(pfn for pfn in range(0x1000, 3 * PAGE * 8) if kdump.stored(pfn))
            assert len(cls.lost) > 1 and len(cls.nameless) > 100
        cls.disk("lzo", "lzo", data, table)
        cls.ask("lzo_verbs", "lzo", LINES)
        cls.ask_pages("lzo", range(min(cls.lost) - 1, max(cls.lost) + 2))
        cls.ask_pages("lzo", (min(cls.nameless) - 1, min(cls.nameless), max(cls.nameless), max(cls.nameless) + 1))
        cls.ask("lzo_unmapped", "lzo", f"rd -p {cls.pfn * PAGE:x}", UNMAPPED)
        cls.ask("lzo_why", "lzo", f"why -p {cls.pfn * PAGE:x}")

    @classmethod
    def prepare_elf(cls):
        with cls.dump.cores["elf"].open("rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            data = damage.elf_offset(m, cls.pfn * PAGE)
            assert data % PAGE == 0
            cls.word = m[data + PAGE + 80:data + PAGE + 88][::-1].hex()  # of the next page
        cls.disk("elf", "elf", data + 512)
        cls.ask("elf_verbs", "elf", LINES)
        cls.ask_pages("elf", range(cls.pfn - 1, cls.pfn + 2))
        around = f"rd -p {(cls.pfn - 1) * PAGE:x} 1536"
        cls.ask("elf_across", "elf", around)
        cls.ask("elf_across_unmapped", "elf", around, UNMAPPED)
        cls.ask("elf_search", "elf", f"search -p -s {(cls.pfn - 1) * PAGE:x} -e {(cls.pfn + 2) * PAGE:x} {cls.word}")

    @classmethod
    def prepare_flat(cls):
        """In the data of one record, and in the header of another."""
        logical, places, heads = logical_bytes(cls.dump.cores["flat"].read_bytes())
        kdump = damage.Kdump(logical)
        data = place(places, struct.unpack_from("<q", logical, kdump.descriptor(cls.pfn))[0]) // PAGE * PAGE
        assert not [head for head in heads if data - 16 < head < data + PAGE]
        cls.disk("flat", "flat", data)
        cls.ask("flat_verbs", "flat", LINES)
        cls.ask_pages("flat", (cls.pfn - 9, cls.pfn, cls.pfn + 9))
        cls.ask("flat_unmapped", "flat", f"rd -p {cls.pfn * PAGE:x}", UNMAPPED)
        cls.cut = heads[len(heads) * 9 // 10]
        cls.disk("flat_head", "flat", cls.cut)
        cls.last = max(pfn for pfn in range(SIZE // PAGE) if kdump.stored(pfn))
        cls.ask_pages("flat_head", (cls.pfn, cls.last))

    @classmethod
    def prepare_heads(cls):
        cls.disk("bitmap", "lzo", cls.bitmap_block)
        cls.high = 3 * PAGE * 8 + 0x1000
        cls.ask_pages("bitmap", (cls.low, cls.high))
        cls.disk("header", "lzo", 0)
        cls.ask("header", "header", LINES)

    @classmethod
    def run_guest(cls):
        (cls.dir / "disks").write_text("".join(f"{path} {' '.join(str(at // 512) for at in offsets)}\n"
                                               for path, offsets, _ in cls.disks.values()))
        (cls.dir / "commands").write_text("\n".join(cls.commands) + "\n")
        done, log = inguest.run("guest_disks.sh", cls.dump, cls.dir)
        said = re.findall(r"(?ms)^@@ (\w+)\n(.*?)^@@ exit (\d+)$", log)
        cls.said = {name: (text.replace(cls.disks[name.split("_")[0]][2], "DISK"), int(code)) for name, text, code in said}
        if len(said) != len(cls.commands):
            raise AssertionError(f"{done.stdout}\n{log[-3000:]}")

    def good(self, format, lines):
        """The output for the whole file on the host, without the names of file and kernel."""
        done = subprocess.run([VMSTUB, "--exec", lines, self.dir / format], text=True, cwd=self.dir, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def check_verbs(self, format):
        """Output that does not need the bad page is unchanged."""
        text, code = self.said[f"{format}_verbs"]
        self.assertEqual(code, 0, text)
        clean = [re.sub("(?m)^ *(DUMPFILE|KERNEL): .*\n", "", part) for part in (text, self.good(format, LINES))]
        self.assertEqual(clean[0].splitlines(), clean[1].splitlines())
        self.assertIn("l2w_vdev_lookup", text)

    def check_good(self, format, pfn, disk=None, warning=""):
        text, code = self.said[f"{disk or format}_{pfn:x}"]
        want = warning + self.good(format, f"rd -p {pfn * PAGE:x} 512")
        self.assertTrue((text, code) == (want, 0), f"{pfn:#x}: {text[:500]}")

    def check_bad(self, name, pfn, what, disk="DISK"):
        """Expects one line with the page, the file and the place in it."""
        text, code = self.said[name]
        self.assertRegex(text, rf"^vmstub: rd: pfn {pfn:#x}: {what}{disk}: read of \d+ bytes at 0x[0-9a-f]+: Input/output error\n$")
        self.assertEqual(code, 1)

    def test_kdump_verbs(self):
        self.check_verbs("lzo")

    def test_kdump_pages(self):
        """Exactly the pages that have data in the bad block are lost."""
        for pfn in range(min(self.lost) - 1, max(self.lost) + 2):
            with self.subTest(f"{pfn:x}"):
                if pfn in self.lost:
                    self.check_bad(f"lzo_{pfn:x}", pfn, "")
                else:
                    self.check_good("lzo", pfn)
        self.check_bad("lzo_unmapped", self.pfn, "")

    def test_kdump_descriptors(self):
        first, last = min(self.nameless), max(self.nameless)
        self.check_good("lzo", first - 1)
        self.check_bad(f"lzo_{first:x}", first, "descriptor: ")
        self.check_bad(f"lzo_{last:x}", last, "descriptor: ")
        self.check_good("lzo", last + 1)

    def test_why(self):
        text, code = self.said["lzo_why"]
        self.assertEqual(code, 0)
        self.assertRegex(text, rf"pfn {self.pfn:#x}: DISK: read of \d+ bytes at 0x[0-9a-f]+: Input/output error")

    def test_elf(self):
        self.check_verbs("elf")
        self.check_good("elf", self.pfn - 1)
        self.check_bad(f"elf_{self.pfn:x}", self.pfn, "")
        self.check_good("elf", self.pfn + 1)

    def test_elf_up_to_the_bad_sector(self):
        """A long read returns the bytes before the bad sector, through the mapping and through pread."""
        before = self.good("elf", f"rd -p {(self.pfn - 1) * PAGE:x} 512").splitlines()
        for name in ("elf_across", "elf_across_unmapped"):
            with self.subTest(name):
                text, code = self.said[name]
                self.assertEqual(code, 1)
                # standard error comes first, because it is unbuffered
                lines = [line for line in text.splitlines() if not line.startswith("vmstub: ")]
                errors = [line for line in text.splitlines() if line.startswith("vmstub: ")]
                self.assertEqual(lines, before)
                self.assertEqual(len(errors), 1)
                self.assertRegex(errors[0], rf"rd: pfn {self.pfn:#x}: DISK: read of \d+ bytes .*: Input/output error$")

    def test_elf_search(self):
        """The search continues after the bad page."""
        text, _ = self.said["elf_search"]
        self.assertIn(f"{(self.pfn + 1) * PAGE + 80:x}: {self.word}", text)

    def test_flattened(self):
        self.check_verbs("flat")
        self.check_bad(f"flat_{self.pfn:x}", self.pfn, "")
        self.check_bad("flat_unmapped", self.pfn, "")
        self.check_good("flat", self.pfn - 9)
        self.check_good("flat", self.pfn + 9)

    def test_flattened_head(self):
        """Without the header the next record cannot be found: the file ends there, and not before."""
        text, code = self.said[f"flat_head_{self.pfn:x}"]
        device = self.disks["flat_head"][2]
        warning = f"vmstub: {device}: flattened file ends early: record at {self.cut:#x}: Input/output error\n"
        self.assertTrue(text.startswith(warning), text[:500])
        # vmstub also reports that the page of the registers is after it
        rest = re.sub("(?m)^vmstub: the dump has no registers: .* page lost, .*\n", "", text[len(warning):])
        self.assertTrue((rest, code) == (self.good("flat", f"rd -p {self.pfn * PAGE:x} 512"), 0), rest[:500])
        text, code = self.said[f"flat_head_{self.last:x}"]
        self.assertRegex(text.splitlines()[-1], f"^vmstub: rd: pfn {self.last:#x}: page lost")
        self.assertEqual(code, 1)

    def test_bitmap(self):
        """The index of a stored page is known before the bad block of the bitmap and unknown after it. Which parts of the
        kernel are after it differs from guest to guest."""
        text, code = self.said[f"bitmap_{self.high:x}"]
        *warnings, error = text.splitlines(keepends=True)
        for warning in warnings:
            self.assertRegex(warning, "^vmstub: DISK: top page table at .*: read error; reading .* without it\n$|"
                             "^vmstub: the dump has no registers: .*: bitmap: DISK: read of .*: Input/output error; pc is shown as 0\n$")
        self.assertRegex(error, rf"^vmstub: rd: pfn {self.high:#x}: bitmap: DISK: read of \d+ bytes at 0x[0-9a-f]+: Input/output error\n$")
        self.assertEqual(code, 1)
        self.check_good("lzo", self.low, "bitmap", "".join(warnings))

    def test_header(self):
        self.assertEqual(self.said["header"], ("vmstub: DISK: read: Input/output error\n", 1))
