# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes copies of real dumps with one thing removed. This parses the formats independently of vmstub."""
import mmap
import struct
import subprocess
from pathlib import Path

PAGE = 4096


def copy(source, path):
    """A copy that tests may change; holes stay holes."""
    subprocess.run(["cp", "--sparse=always", "--reflink=auto", source, path], check=True)
    Path(path).chmod(0o644)
    return Path(path)


def vmcoreinfo(path):
    """Text of the first VMCOREINFO note that is in the file uncompressed."""
    with open(path, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
        for at in find_notes(m):
            size = struct.unpack_from("<I", m, at + 4)[0]
            return m[at + 24:at + 24 + size].split(b"\0")[0]
    raise AssertionError(f"{path}: no VMCOREINFO note")


def find_notes(m, start=0):
    """Offsets of VMCOREINFO notes: {11, size, 0, name, OSRELEASE=...}."""
    while (at := m.find(b"VMCOREINFO\0\0OSRELEASE=", start)) >= 0:
        start = at + 1
        if struct.unpack_from("<I", m, at - 12)[0] == 11:
            yield at - 12


def hide_note(path, everywhere=False):
    """Removes the VMCOREINFO note from the dump's notes; everywhere: from its memory, too."""
    with open(path, "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
        if m[:8] == b"KDUMP   ":
            m[PAGE + 32:PAGE + 48] = bytes(16)  # offset_vmcoreinfo, size_vmcoreinfo
        notes = list(find_notes(m))
        for at in notes if everywhere else notes[:1]:
            m[at + 12:at + 22] = b"xmcoreinfo"
        return len(notes)


def loads(m):
    """PT_LOADs of an ELF file: (offset, address, size in the file)."""
    phoff, = struct.unpack_from("<Q", m, 32)
    count, = struct.unpack_from("<H", m, 56)
    for i in range(count):
        kind, _flags, offset, _va, pa, filesz, _memsz, _align = struct.unpack_from("<IIQQQQQQ", m, phoff + 56 * i)
        if kind == 1:
            yield offset, pa, filesz


def elf_offset(m, address):
    for offset, pa, size in loads(m):
        if pa <= address < pa + size:
            return offset + address - pa
    raise AssertionError(f"no segment has {address:#x}")


class Kdump:
    """The layout of a compressed dump that is not flattened."""

    def __init__(self, m):
        self.m = m
        self.block, sub, bitmaps = struct.unpack_from("<iiI", m, 428)
        self.bitmap = (1 + sub + bitmaps // 2) * self.block
        self.bits = m[self.bitmap:self.bitmap + bitmaps // 2 * self.block]
        self.descriptors = (1 + sub + bitmaps) * self.block

    def stored(self, pfn):
        return self.bits[pfn // 8] >> pfn % 8 & 1

    def descriptor(self, pfn):
        """Offset of the page's descriptor."""
        assert self.stored(pfn), f"{pfn:#x} is not stored"
        below = int.from_bytes(self.bits[:pfn // 8], "little").bit_count()
        below += (self.bits[pfn // 8] & (1 << pfn % 8) - 1).bit_count()
        return self.descriptors + 24 * below


def lose_page(path, address):
    """Makes the dump look as if the writer had run out of space before this page."""
    with open(path, "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
        at = Kdump(m).descriptor(address // PAGE)
        m[at:at + 24] = bytes(24)


PRSTATUS = struct.pack("<III", 5, 336, 1) + b"CORE\0"
QEMU_STATE = struct.pack("<III", 5, 440, 0) + b"QEMU\0"


def write(path, address, data):
    """Other bytes at a physical address of an ELF file."""
    with open(path, "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
        at = elf_offset(m, address)
        m[at:at + len(data)] = data


def saved_registers(path):
    """Physical addresses of the registers that the kernel itself saved for its CPUs, in an ELF file."""
    with open(path, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
        for offset, pa, size in loads(m):
            at = m.find(PRSTATUS, offset, offset + size)
            while at >= 0:
                yield pa + at - offset
                at = m.find(PRSTATUS, at + 1, offset + size)


def blank_registers(path, zero=False):
    """Makes the dump look as if no CPU had saved registers: removes the notes of an ELF file (zero: leaves notes full of
    zeros, as crash's snap writes one), and what the kernel itself saved in memory (crash_notes). Returns the number of
    notes in the file."""
    with open(path, "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
        end = min(offset for offset, _pa, _size in loads(m))
        found = 0
        for pattern in PRSTATUS, QEMU_STATE:
            at = m.find(pattern, 0, end)
            while at >= 0:
                if zero and pattern == PRSTATUS:
                    m[at + 20:at + 20 + 336] = bytes(336)
                else:
                    m[at + 12:at + 16] = b"NONE"
                found += 1
                at = m.find(pattern, at + 1, end)
        at = m.find(PRSTATUS, end)
        while at >= 0:
            m[at:at + 20 + 336] = bytes(20 + 336)
            at = m.find(PRSTATUS, at)
    return found
