# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads an ELF core of a process: segments and notes, without any library."""
import struct
from typing import NamedTuple

PT_LOAD, PT_NOTE = 1, 4
NT_PRSTATUS, NT_FPREGSET, NT_PRPSINFO, NT_AUXV = 1, 2, 3, 6
NT_FILE, NT_SIGINFO, NT_X86_XSTATE = 0x46494c45, 0x53494749, 0x202
ORDER = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs").split()


class Segment(NamedTuple):
    start: int
    size: int
    saved: int  # bytes of it in the file
    offset: int
    flags: int


class Core:
    def __init__(self, data):
        self.data = data
        phoff, shoff = struct.unpack_from("<QQ", data, 32)
        phentsize, phnum = struct.unpack_from("<HH", data, 54)
        if phnum == 0xffff:
            phnum = struct.unpack_from("<I", data, shoff + 44)[0]
        headers = [struct.unpack_from("<IIQQQQQQ", data, phoff + i * phentsize) for i in range(phnum)]
        self.loads = [Segment(h[3], h[6], h[5], h[2], h[1]) for h in headers if h[0] == PT_LOAD]
        self.notes = []  # (type, bytes)
        for h in headers:
            at = h[2]
            while h[0] == PT_NOTE and at < h[2] + h[5]:
                name, size, kind = struct.unpack_from("<III", data, at)
                at += 12 + (name + 3 & ~3)
                self.notes.append((kind, data[at:at + size]))
                at += size + 3 & ~3

    def note(self, kind):
        return next(data for number, data in self.notes if number == kind)

    def threads(self):
        """tid -> registers, the first of the core first."""
        return {struct.unpack_from("<i", data, 32)[0]: dict(zip(ORDER, struct.unpack_from("<27Q", data, 112)))
                for kind, data in self.notes if kind == NT_PRSTATUS}

    def files(self):
        """(start, end, offset in bytes, name)"""
        data = self.note(NT_FILE)
        count, page = struct.unpack_from("<QQ", data)
        names = data[16 + 24 * count:].split(b"\0")
        return [(start, end, offset * page, names[i].decode())
                for i, (start, end, offset) in enumerate(struct.iter_unpack("<QQQ", data[16:16 + 24 * count]))]

    def pages(self):
        """Address and bytes of each page that is saved."""
        for load in self.loads:
            for at in range(0, load.saved, 4096):
                yield load.start + at, self.data[load.offset + at:load.offset + at + 4096]

    def missing(self):
        """Addresses of pages that are not."""
        return [load.start + at for load in self.loads for at in range(load.saved, load.size, 4096)]
