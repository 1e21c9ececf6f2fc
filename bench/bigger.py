# SPDX-License-Identifier: GPL-3.0-or-later
"""Dumps of larger machines, made from a real one: the same guest, with more memory after its own.

The kernel in them does not know about the added memory, so a verb touches the same data.
"""
import struct

PHDR = struct.Struct("<IIQQQQQQ")  # Elf64_Phdr
PT_LOAD = 1
TEXT_MAP = 0xffffffff80000000


def rebuild(source, target, half, max_pfn, times):
    """The kdump with bitmaps of `half` bytes each, in which its pages are repeated `times` times."""
    data = source.read_bytes()
    block, sub_blocks, bitmap_blocks = struct.unpack_from("<III", data, 428)
    start, old = (1 + sub_blocks) * block, bitmap_blocks * block
    maps = [data[start:start + old // 2], data[start + old // 2:start + old]]
    stored = sum(bin(b).count("1") for b in maps[1])
    head = bytearray(data[:start])
    struct.pack_into("<II", head, 436, 2 * half // block, min(max_pfn, 0xffffffff))
    struct.pack_into("<Q", head, block + 96, max_pfn)
    # All copies of a page share its data.
    table = bytearray(data[start + old:start + old + 24 * stored])
    shift = 2 * half - old + 24 * stored * (times - 1)
    for at in range(0, len(table), 24):
        struct.pack_into("<Q", table, at, struct.unpack_from("<Q", table, at)[0] + shift)
    with open(target, "wb") as out:
        out.write(head)
        for i, bits in enumerate(maps):
            out.seek(start + i * half)
            out.write(bits * times)
        out.seek(start + 2 * half)
        for _ in range(times):
            out.write(table)
        out.write(data[start + old + 24 * stored:])
    return 4 * old  # page frames from one copy to the next


def inflate_kdump(source, target, memory):
    """The same pages in a bitmap for `memory` bytes: sparse."""
    return rebuild(source, target, -(-(memory // 4096 // 8) // 4096) * 4096, memory // 4096, 1)


def repeat_kdump(source, target, times):
    """`times` times the memory, all of it stored. Returns the number of page frames from one copy to the next."""
    half = int.from_bytes(source.read_bytes()[436:440], "little") * 4096 // 2
    return rebuild(source, target, half * times, half * times * 8, times)


def repeat_elf(source, target, times):
    """The same for an ELF core: PT_LOADs of the added memory share the bytes of the first copy."""
    data = bytearray(source.read_bytes())
    offset, = struct.unpack_from("<Q", data, 32)
    count, = struct.unpack_from("<H", data, 56)
    headers = [PHDR.unpack_from(data, offset + i * PHDR.size) for i in range(count)]
    loads = [h for h in headers if h[0] == PT_LOAD and h[3] < TEXT_MAP]
    step = 1 << max(h[4] + h[6] for h in loads).bit_length()
    for i in range(1, times):
        headers += [(*h[:3], h[3] + i * step, h[4] + i * step, *h[5:]) for h in loads]
    struct.pack_into("<Q", data, 32, len(data))
    struct.pack_into("<H", data, 56, len(headers))
    with open(target, "wb") as out:
        out.write(data)
        for h in headers:
            out.write(PHDR.pack(*h))
    return step // 4096


def pad_flattened(source, target, size, record=64 << 10):
    """A container of `size` bytes: the flattened dump, followed by records of zeros, stored as holes."""
    data = source.read_bytes()
    with open(target, "wb") as out:
        out.write(data[:-16])
        at, logical = len(data) - 16, 1 << 40
        while at < size:
            out.seek(at)
            out.write(logical.to_bytes(8, "big") + record.to_bytes(8, "big"))
            at += 16 + record
            logical += record
        out.seek(at)
        out.write(b"\xff" * 16)
