# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes memory and registers of QEMU's dump as VMware does; there is no VMware to write them. The layout is that which
crash's vmware_vmss.c and Volatility's vmware.py read."""
import struct

GPRS = ("rax", "rcx", "rdx", "rbx", "rbp", "rsp", "rsi", "rdi", *(f"r{n}" for n in range(8, 16)))
QEMU = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rsp", "rbp", *(f"r{n}" for n in range(8, 16)), "rip", "rflags")

SEGMENTS = ("cs", "ds", "es", "fs", "gs", "ss")


def registers(m):
    """Of each CPU, from the QEMU notes of an ELF dump."""
    cpus = []
    phoff, = struct.unpack_from("<Q", m, 32)
    phnum, = struct.unpack_from("<H", m, 56)
    for n in range(phnum):
        kind, _, offset, _, _, size = struct.unpack_from("<IIQQQQ", m, phoff + 56 * n)
        at, end = offset, offset + size
        while kind == 4 and at < end:
            namesz, descsz, _ = struct.unpack_from("<III", m, at)
            name, desc = m[at + 12:at + 12 + namesz].rstrip(b"\0"), at + 12 + (namesz + 3 & ~3)
            if name == b"QEMU":
                cpu = dict(zip(QEMU, struct.unpack_from("<18Q", m, desc + 8)))
                cpu["segments"] = {seg: struct.unpack_from("<I12xQ", m, desc + 152 + 24 * i) for i, seg in enumerate(SEGMENTS)}
                cpu["kernel_gs"], = struct.unpack_from("<Q", m, desc + 432)
                cpu["idt"], = struct.unpack_from("<Q", m, desc + 384)
                cpu["cr"] = struct.unpack_from("<5Q", m, desc + 392)
                cpus.append(cpu)
            at = desc + (descsz + 3 & ~3)
    return cpus


def item(name, *indexes, value):
    return struct.pack(f"<BB{len(name)}s{len(indexes)}I", len(indexes) << 6 | len(value), len(name), name.encode(), *indexes) + value


def block(name, *indexes, data, size=None, packed=False, pad=0):
    """data None: the caller writes the block's bytes."""
    size = len(data) if data is not None else size
    return struct.pack(f"<BB{len(name)}s{len(indexes)}IQQH", len(indexes) << 6 | 63 - packed, len(name), name.encode(), *indexes,
                       size, size, pad) + bytes(pad) + (data or b"")


def cpu_items(cpus, blocks):
    """As Workstation writes registers, one by one, or in blocks."""
    out = [item("cpu:numVCPUs", value=struct.pack("<I", len(cpus))), item("hotSet", 0, value=b"\1")]
    for n, cpu in enumerate(cpus):
        if blocks:
            out.append(block("gpregs", n, data=struct.pack("<16Q", *(cpu[name] for name in GPRS))))
            out.append(block("CR64", n, data=struct.pack("<9Q", *cpu["cr"], 0, 0, 0, 0)))
        else:
            out += [item(name, n, value=struct.pack("<Q", cpu[name])) for name in GPRS]
            out += [item("CR64", n, i, value=struct.pack("<Q", value)) for i, value in enumerate(cpu["cr"])]
        out += [item("IDTR", n, i, value=struct.pack("<I", value)) for i, value in
                enumerate((4095, cpu["idt"] & 0xffffffff, cpu["idt"] >> 32))]
        out.append(block("FPstate", n, data=bytes(512), pad=3))
        out.append(item("rip", n, value=struct.pack("<Q", cpu["rip"])))
        out.append(item("eflags", n, value=struct.pack("<I", cpu["rflags"])))
    return b"".join(out) + b"\0\0"


def write(path, regions, cpus, memory=None, blocks=False, packed=False):
    """regions: (address, bytes) in the order in which they are in the file. memory: written into the file, else it is elsewhere."""
    items, at = [item("align_mask", 0, value=struct.pack("<I", 4095))], 0
    for n, (pa, size) in enumerate(regions):
        items += [item("regionPageNum", n, value=struct.pack("<I", at >> 12)), item("regionPPN", n, value=struct.pack("<I", pa >> 12)),
                  item("regionSize", n, value=struct.pack("<I", size >> 12))]
        at += size
    items.append(item("regionsCount", value=struct.pack("<I", len(regions))))
    names = ("Checkpoint", "cpu", "memory")
    start = 12 + 80 * len(names)
    checkpoint = item("fileversion", value=struct.pack("<I", 8)) + b"\0\0"
    registers = cpu_items(cpus, blocks)
    head = b"".join(items)
    if memory is not None:
        where = start + len(checkpoint) + len(registers) + len(head)
        name = block("Memory", 0, 0, data=None, size=0)
        pad = -(where + len(name)) % 65536
        head += block("Memory", 0, 0, data=None, size=len(memory), packed=packed, pad=pad)
    with path.open("wb") as out:
        out.write(struct.pack("<III", 0xbed2bed2, 8, len(names)))
        for name, part in zip(names, (checkpoint, registers, head)):
            out.write(struct.pack("<64sQQ", name.encode(), start, 0 if name == "memory" else len(part)))
            start += len(part)
        out.write(checkpoint + registers + head + (memory or b"") + b"\0\0" + bytes(32768))  # real files are longer
