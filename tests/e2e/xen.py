# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes memory and registers of QEMU's dump as `xl dump-core` does of an HVM guest, by docs/misc/dump-core-format.txt of Xen."""
import struct

REGS = ("r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi")


def context(cpu):
    """struct vcpu_guest_context of public/arch-x86/xen.h."""
    seg = cpu["segments"]
    kernel = seg["cs"][0] & 3 == 0
    regs = struct.pack("<15QIIQHHBBBBQQ", *(cpu[name] for name in REGS), 0, 0, cpu["rip"], seg["cs"][0], 0, 0, 0, 0, 0, cpu["rflags"], cpu["rsp"])
    regs += b"".join(struct.pack("<Q", seg[name][0]) for name in ("ss", "es", "ds", "fs", "gs"))
    bases = seg["fs"][1], *((seg["gs"][1], cpu["kernel_gs"]) if kernel else (cpu["kernel_gs"], seg["gs"][1]))
    out = bytes(512) + struct.pack("<Q", 0) + regs + bytes(4096) + bytes(8 * (2 + 16 + 1 + 2)) + struct.pack("<8Q", *cpu["cr"], 0, 0, 0)
    out += bytes(8 * 8 + 8 * 4) + struct.pack("<3Q", *bases)
    assert len(out) == 5168
    return out


def note(kind, desc):
    return struct.pack("<III4s", 4, len(desc), kind, b"Xen\0") + desc


def write(path, pieces, cpus):
    """pieces: (address, bytes) in the order in which they are in the file."""
    npages = sum(len(data) for _, data in pieces) // 4096
    notes = note(0x2000000, b"") + note(0x2000001, struct.pack("<4Q", 0xf00febee, len(cpus), npages, 4096)) + \
        note(0x2000002, bytes(1272)) + note(0x2000003, struct.pack("<Q", 1))
    pfns = b"".join(struct.pack(f"<{len(data) >> 12}Q", *range(pa >> 12, pa + len(data) >> 12)) for pa, data in pieces)
    parts = {"": b"", ".shstrtab": b"", ".note.Xen": notes, ".xen_prstatus": b"".join(map(context, cpus)), ".xen_shared_info": bytes(4096),
             ".xen_pages": None, ".xen_pfn": pfns}
    parts[".shstrtab"] = b"".join(name.encode() + b"\0" for name in parts)
    at, name_at, headers = 64 + 64 * len(parts), 0, b""
    for name, data in parts.items():
        size = npages * 4096 if data is None else len(data)
        at += -at % 4096 if data is None else 0
        kind = {"": 0, ".shstrtab": 3, ".note.Xen": 7}.get(name, 1)
        headers += struct.pack("<IIQQQQIIQQ", name_at, kind, 0, 0, at if name else 0, size, 0, 0, 0, 0)
        name_at += len(name) + 1
        at += size
    with path.open("wb") as out:
        out.write(b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 0, 64, 0, 64, 56, 0, 64, len(parts), 1) + headers)
        for name, data in parts.items():
            if data is None:
                out.seek(-out.tell() % 4096, 1)
                for _, piece in pieces:
                    out.write(piece)
            else:
                out.write(data)
