# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory that QEMU saves in other ways than as a dump: raw memory and streams, which do not say where it was."""
import mmap
import re
import shutil
import struct
import subprocess

import damage
import inguest
import vmware
import xen
from dumps import for_dumps, tool
from session import vmstub
from test_formats import FormatTest

MIB = 1 << 20
MAP = "0:0x8000000@0,0x100000000:0x10000000@0x8000000"
VERBS = "ps; mod; log; mount; kmem -s; sys"


def said(core, lines, *options):
    done = vmstub(*options, "--exec", lines, core)
    return re.sub("(?m)^ *DUMPFILE.*", "", done.stdout), done.stderr, done.returncode


class Stream:
    """A migration stream of QEMU, put together in the simplest way."""

    def __init__(self, stream):
        self.blocks, self.pages, self.sent = {}, {}, 0  # sizes by name; the last content by name and address; pages of RAM sent
        self.ram = stream.index(b"\1\0\0\0\2\3ram" + bytes(7) + b"\4")
        at, name = self.ram + 17, None
        while True:
            word, = struct.unpack_from(">Q", stream, at)
            at, flags, addr = at + 8, word & 4095, word & ~4095
            if flags & 0x10:  # the end of a section: a footer, and the next part of the same, or another
                if stream[at + 5] not in (2, 3):
                    break
                at += 10
            elif flags & 4:  # sizes of blocks
                while addr:
                    size, = struct.unpack_from(">Q", stream, at + 1 + stream[at])
                    self.blocks[stream[at + 1:at + 1 + stream[at]]] = size
                    at, addr = at + 9 + stream[at], addr - size
            else:
                if not flags & 0x20:
                    name, at = stream[at + 1:at + 1 + stream[at]], at + 1 + stream[at]
                size = 1 if flags & 2 else 4096
                self.pages[name, addr] = bytes(4096) if size == 1 else stream[at:at + size]
                self.sent += name == b"ram"
                at += size
        self.head, self.devices = stream[:self.ram], stream[at + 5:]

    def memory(self):
        return b"".join(self.pages[b"ram", addr] for addr in range(0, self.blocks[b"ram"], 4096))

    def write_mapped(self, path, before=b""):
        """As QEMU 9.0 and newer do with the capability mapped-ram. before: what another program wrote at the start of the file."""
        def text(name):
            return bytes([len(name)]) + name
        section = struct.pack(">I", 2)
        with path.open("wb") as out:
            out.write(before + self.head + b"\5" + text(b"configuration/capabilities") + struct.pack(">II", 1, 1) + text(b"mapped-ram"))
            out.write(b"\1" + section + text(b"ram") + struct.pack(">IIQ", 0, 4, sum(self.blocks.values()) | 4))
            for name, size in self.blocks.items():
                out.write(text(name) + struct.pack(">Q", size))
                bitmap = out.tell() + 28
                pages = bitmap + (size // 4096 + 63) // 64 * 8
                pages += -pages % MIB
                bits = bytearray(pages - bitmap)
                for addr in range(0, size, 4096):
                    page = self.pages.get((name, addr), bytes(4096))
                    if page != bytes(4096):
                        bits[addr >> 15] |= 1 << (addr >> 12 & 7)
                        out.seek(pages + addr)
                        out.write(page)
                out.seek(bitmap - 28)
                out.write(struct.pack(">IQQQ", 1, 4096, bitmap, pages) + bits)
                out.seek(pages + size)
            for kind in (b"", b"\2", b"\3"):
                out.write((kind + section if kind else b"") + struct.pack(">Q", 0x10) + b"\x7e" + section)
            out.write(self.devices)


@for_dumps("k6.1-qemu", "k7-qemu")
class WithoutHole(FormatTest):
    """The memory of QEMU's dump as pmemsave and memory-backend-file write it for a machine with less than 2 GiB."""

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.elf, cls.raw = cls.dump.cores["qemu-elf"], cls.dir / "raw"
        cls.options = ["--vmlinux", cls.dump.dir / "vmlinux", "--module-dir", cls.dump.dir / "modules"]
        with cls.elf.open("rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            offset, _, cls.size = next(load for load in damage.loads(m) if load[1] == 0)
            cls.raw.write_bytes(m[offset:offset + cls.size])

    def test_pages(self):
        line = self.pagecmp(self.raw, self.elf)[-1]
        self.assertRegex(line, f": {self.size // 4096} same, 0 differ, 0 only in the first, 0 unreadable$")

    def test_verbs(self):
        want = said(self.elf, VERBS, *self.options)
        got = said(self.raw, VERBS, *self.options)
        self.assertEqual((got[0], got[2]), (want[0], 0))
        self.assertRegex(got[1], "^vmstub: .*: raw memory: offsets are addresses, as the page tables show\n"
                                 "vmstub: .*: no VMCOREINFO note; found one in memory at 0x[0-9a-f]+\n$")

    def test_map_from_the_user(self):
        want = said(self.elf, VERBS, *self.options)
        got = said(self.raw, VERBS, "--ram-map", f"0:{self.size}@0", *self.options)
        self.assertEqual((got[0], got[2]), (want[0], 0))
        self.assertNotIn("raw memory", got[1])
        wrong = said(self.raw, "rd -p 200000 512", "--ram-map", f"2M:{self.size}@0")
        words = [re.findall(r" ([0-9a-f]{16})(?= )", text) for text in (wrong[0], said(self.elf, "rd -p 0 512")[0])]
        self.assertEqual(words[0], words[1])
        self.assertEqual(len(words[0]), 512)
        self.assertRegex(wrong[1], "none matches the memory(.|\n)*only physical memory can be read")


    def test_core_of_the_virtual_machine(self):
        """A core of QEMU itself, as gcore writes it: its largest mapping is the guest's memory."""
        core, memory = self.dir / "core", self.raw.read_bytes()
        pieces = [b"program" * 1000, memory, b"stack" * 1000]
        heads, at = b"", 4096
        for number, piece in enumerate(pieces):
            heads += struct.pack("<IIQQQQQQ", 1, 6, at, 0x7f0000000000 + (number << 36), 0, len(piece), len(piece), 4096)
            at += len(piece) + -len(piece) % 4096
        note = struct.pack("<III", 5, 336, 1) + b"CORE\0\0\0\0" + bytes(336)  # a thread of QEMU
        heads += struct.pack("<IIQQQQQQ", 4, 0, at, 0, 0, len(note), 0, 4)
        with core.open("wb") as f:
            f.write(b"\x7fELF\2\1\1".ljust(16, b"\0") +
                    struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, len(pieces) + 1, 0, 0, 0))
            f.write(heads)
            for piece in pieces:
                f.seek(-f.tell() % 4096, 1)
                f.write(piece)
            f.seek(-f.tell() % 4096, 1)
            f.write(note)
        want = said(self.elf, VERBS, *self.options)
        got = said(core, VERBS, *self.options)
        self.assertEqual((got[0], got[2]), (want[0], 0))
        self.assertRegex(got[1], "^vmstub: .*: core of a virtual machine's process: offsets are addresses, as the page tables show\n"
                                 "vmstub: .*: no VMCOREINFO note; found one in memory at 0x[0-9a-f]+\n$")
        line = self.pagecmp(core, self.elf)[-1]
        self.assertRegex(line, f": {self.size // 4096} same, 0 differ, 0 only in the first, 0 unreadable$")
        core.unlink()


@for_dumps("k6.1-kdump", "k7-kdump")
class WithHole(FormatTest):
    """A guest with 128 MiB below the hole and 256 MiB above it, saved by QEMU in several ways at one moment."""

    @classmethod
    def prepare(cls):
        super().prepare()
        done, log = inguest.run("guest_memory.sh", cls.dump, cls.dir)
        if done.returncode:
            raise AssertionError(f"{done.stdout}\n{log[-3000:]}")
        cls.trace = log
        cls.elf, cls.ram = cls.dir / "elf", cls.dir / "ram"
        with cls.elf.open("rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            cls.loads = [load for load in damage.loads(m) if load[1] in (0, 4096 * MIB)]
        cls.options = ["--vmlinux", cls.dump.dir / "vmlinux"]
        cls.want = said(cls.elf, VERBS, *cls.options)

    def test_pages(self):
        lines = self.pagecmp("-m", MAP, "-s", self.ram, self.ram, self.elf)
        self.assertEqual(lines[0], lines[1])
        self.assertEqual(lines[0].split()[0], str(384 * 256))

    def test_hole_is_found(self):
        got = said(self.ram, VERBS, *self.options)
        self.assertEqual((got[0], got[2]), (self.want[0], 0))
        self.assertRegex(got[1], f"^vmstub: .*/ram: raw memory: the page tables show --ram-map {MAP}\n"
                                 "vmstub: .*: no VMCOREINFO note; found one in memory at 0x[0-9a-f]+\n$")

    def test_several_files(self):
        """One file for each NUMA node: they follow each other, and may end anywhere."""
        nodes, memory = [self.dir / f"node{n}" for n in range(3)], self.ram.read_bytes()
        for node, start, end in zip(nodes, (0, 100, 200), (100, 200, 384)):
            node.write_bytes(memory[start * MIB:end * MIB])
        for options in ([], ["--ram-map", MAP]):
            done = vmstub(*self.options, *options, "--exec", VERBS, *nodes)
            self.assertEqual((re.sub("(?m)^ *DUMPFILE.*", "", done.stdout), done.returncode), (self.want[0], 0))
            found = "" if options else f"vmstub: .*/node0: raw memory, several files: the page tables show --ram-map {MAP}\n"
            self.assertRegex(done.stderr, f"^{found}vmstub: .*: no VMCOREINFO note; found one in memory at 0x[0-9a-f]+\n$")
        lines = self.pagecmp("-m", MAP, "-s", self.ram, self.ram, self.joined(nodes))
        self.assertEqual(lines[0], lines[1])
        for node in nodes:
            node.unlink()

    def test_all_addresses(self):
        """As pmemsave writes all of the physical memory, with the hole."""
        path = self.dir / "physical"
        with self.elf.open("rb") as f, path.open("wb") as out:
            for offset, pa, size in self.loads:
                f.seek(offset)
                out.seek(pa)
                out.write(f.read(size))
        self.assertEqual(path.stat().st_size, 4096 * MIB + 256 * MIB)
        got = said(path, VERBS, *self.options)
        self.assertEqual((got[0], got[2]), (self.want[0], 0))
        self.assertIn("raw memory: offsets are addresses, as the page tables show\n", got[1])
        path.unlink()

    def test_memory_below_the_hole_alone(self):
        """With pmemsave, whose file is a part of the memory, addresses are right in any case."""
        low = self.dir / "low"
        line = self.pagecmp("-m", "0:128M", low, self.elf)[-1]
        self.assertRegex(line, f": {128 * 256} same, 0 differ, 0 only in the first, 0 unreadable$")
        self.assertEqual(said(low, "rd -p 7f0000 512", "--ram-map", "0:128M")[0], said(self.elf, "rd -p 7f0000 512")[0])

    def test_crash(self):
        text = said(self.ram, "kbt")[0]
        names = inguest.kbt_functions(text, re.match(r"PID: (\d+) ", text)[1])
        trace = [name for name in re.findall(r"\]  (\w[\w.]*)\+0x", self.trace.split("<NMI>")[1].split("RIP:")[0])
                 if not name.startswith("dump_stack")]
        self.assertIn("exc_nmi", trace)
        self.assertEqual([name for name in names if name in trace], trace)

    def test_stream(self):
        """QEMU's migration to a file: the same memory, and the registers as in its dump."""
        stream = self.dir / "stream"
        lines = self.pagecmp("-m", MAP, "-s", self.ram, self.ram, stream)
        self.assertEqual(lines[0], lines[1])
        got = said(stream, f"{VERBS}; kbt -a; bt -c 1", *self.options)
        self.assertEqual((got[0], got[2]), said(self.elf, f"{VERBS}; kbt -a; bt -c 1", *self.options)[::2])
        self.assertRegex(got[1], f"^vmstub: .*/stream: QEMU stream: the page tables show --ram-map {MAP}\n"
                                 "vmstub: .*: no VMCOREINFO note; found one in memory at 0x[0-9a-f]+\n$")

    def test_stream_of_a_running_guest(self):
        """Pages that changed are in the stream several times; the last one counts.

        Compared with the stream itself, put together in the simplest way: under TCG, QEMU now and then misses a change, so
        that its dump of that moment differs from the stream in some pages."""
        live, whole = self.dir / "stream.live", self.dir / "whole"
        stream = Stream(live.read_bytes())
        self.assertGreater(stream.sent, 384 * 256 + 100)
        whole.write_bytes(stream.memory())
        lines = self.pagecmp("-m", MAP, "-s", whole, whole, live)
        self.assertEqual(lines[0], lines[1])
        whole.unlink()

    def test_mapped_ram(self):
        """The stream in the form of newer QEMU, where each page has its place: plain, in libvirt's file, and not finished."""
        mapped, stream = self.dir / "mapped", Stream((self.dir / "stream").read_bytes())
        xml = b"<domstatus/>".ljust(4096 - 92, b"\0")
        lines = f"{VERBS}; kbt -a; bt -c 1"
        for before in (b"", b"LibvirtQemudSave" + struct.pack("<5I", 2, len(xml), 1, 6, 0) + bytes(56) + xml):
            stream.write_mapped(mapped, before)
            digests = self.pagecmp("-m", MAP, "-s", self.ram, self.ram, mapped)
            self.assertEqual(digests[0], digests[1])
            got = said(mapped, lines, *self.options)
            self.assertEqual((got[0], got[2]), said(self.elf, lines, *self.options)[::2])
            self.assertRegex(got[1], f"^vmstub: .*/mapped: QEMU stream: the page tables show --ram-map {MAP}\n"
                                     "vmstub: .*: no VMCOREINFO note; found one in memory at 0x[0-9a-f]+\n$")
        with mapped.open("r+b") as f:  # QEMU writes the bitmaps last, and they say which pages are zeros
            f.truncate(mapped.stat().st_size - len(stream.devices) - 3)
        done = subprocess.run([tool("pagecmp"), "-m", MAP, mapped, self.elf], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertRegex(done.stderr, "^vmstub: .*; what follows is lost\n$")
        self.assertRegex(done.stdout, r": [1-9]\d{3,} same, 0 differ, 0 only in the first, 0 unreadable$")
        mapped.unlink()

    def test_stream_of_libvirt(self):
        """The same behind the header of `virsh save`, and its beginning alone, as of a full disk."""
        saved, xml = self.dir / "saved", b"<domstatus/>\0"
        header = b"LibvirtQemudSave" + struct.pack("<5I", 2, len(xml), 1, 0, 0) + bytes(56)
        stream = (self.dir / "stream").read_bytes()
        saved.write_bytes(header + xml + stream)
        lines = self.pagecmp("-m", MAP, "-s", self.ram, self.ram, saved)
        self.assertEqual(lines[0], lines[1])
        saved.write_bytes(stream[:30 * MIB])
        done = subprocess.run([tool("pagecmp"), "-m", MAP, saved, self.elf], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        self.assertRegex(done.stderr, "^vmstub: .*(page cut to|reach past the end).*; what follows is lost\n$")
        self.assertRegex(done.stdout, r": [1-9]\d{3,} same, 0 differ, 0 only in the first, 0 unreadable$")

    def test_vmware(self):
        """The same memory and registers as VMware writes them: in one file, and in two, of which either may be named."""
        with self.elf.open("rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            cpus = vmware.registers(m)
        regions, memory = [(0, 128 * MIB), (4096 * MIB, 256 * MIB)], self.ram.read_bytes()
        state, vmem, snapshot = self.dir / "guest.vmss", self.dir / "guest.vmem", self.dir / "snapshot.vmsn"
        vmem.symlink_to(self.ram)
        vmware.write(state, regions, cpus)
        vmware.write(snapshot, regions[::-1], cpus, memory=memory[128 * MIB:] + memory[:128 * MIB], blocks=True)
        lines = f"{VERBS}; kbt -a; bt -c 1"
        selectors = re.compile(r"CS: .*  SS: .*")  # those of the CPUs are unknown
        want = selectors.sub("", said(self.elf, lines, *self.options)[0])
        for cores in ((state,), (vmem,), (snapshot,), (vmem, state)):
            with self.subTest(cores):
                digests = self.pagecmp("-m", MAP, "-s", self.ram, self.ram) + self.pagecmp("-s", self.joined(cores), self.joined(cores))
                self.assertEqual(len(set(digests)), 1, digests)
                done = vmstub(*self.options, "--exec", lines, *cores)
                self.assertEqual(selectors.sub("", re.sub("(?m)^ *DUMPFILE.*", "", done.stdout)), want)
                self.assertEqual(selectors.search(done.stdout)[0], "CS: ?  SS: ?")
                self.assertRegex(done.stderr, "^vmstub: .*: no VMCOREINFO note; found one in memory at 0x[0-9a-f]+\n$")
        # crash reads the file, too
        if shutil.which("crash") and self.dump.name == "k6.1-kdump":
            done = subprocess.run(["crash", "-s", self.dump.dir / "vmlinux", state], input="help -r\nquit\n", text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            values = [int(value, 16) for value in re.findall(r"\b(?:R[A-Z0-9]{1,2}|CR[0234]): +([0-9a-f]+)", done.stdout)]
            names = "rax rbx rcx rdx rsi rdi rsp rbp r8 r9 r10 r11 r12 r13 r14 r15 rip".split()
            self.assertEqual(values, [value for cpu in cpus for value in [*(cpu[name] for name in names), cpu["cr"][0], *cpu["cr"][2:]]])
        vmem.unlink()
        done = vmstub("--exec", "sys", state)
        self.assertEqual((done.returncode, done.stderr),
                         (1, f"vmstub: {state}: VMware file without memory: that is in a .vmem file, which must be beside it or be named "
                             "after it\n"))
        snapshot.unlink()

    def test_xen(self):
        """The same memory and registers as `xl dump-core` writes them of an HVM guest."""
        with self.elf.open("rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            cpus = vmware.registers(m)
        core, memory = self.dir / "hvm.core", self.ram.read_bytes()
        xen.write(core, [(4096 * MIB, memory[128 * MIB:]), (0, memory[:128 * MIB])], cpus)
        digests = self.pagecmp("-m", MAP, "-s", self.ram, self.ram) + self.pagecmp("-s", core, core)
        self.assertEqual(len(set(digests)), 1, digests)
        got = said(core, f"{VERBS}; kbt -a; bt -c 1", *self.options)
        self.assertEqual((got[0], got[2]), said(self.elf, f"{VERBS}; kbt -a; bt -c 1", *self.options)[::2])
        self.assertRegex(got[1], "^vmstub: .*: no VMCOREINFO note; found one in memory at 0x[0-9a-f]+\n$")
        core.unlink()

    def test_running_guest(self):
        """Its memory file is a live dump: no registers, and memory is read anew each time."""
        text = (self.dir / "live").read_text()
        self.assertIn("/ram  [LIVE SYSTEM]\n", text)
        self.assertRegex(text, r"(?m)^ +1 +0 +\d  [0-9a-f]{16}  IN .* init$")
        self.assertRegex(text, r"(?m)^ #0 \[[0-9a-f]{16}\] __schedule at ")
        ticks = [int(value, 16) for value in re.findall(r"(?m)^[0-9a-f]{16}:  ([0-9a-f]{16}) ", text)]
        self.assertEqual(len(ticks), 20)
        self.assertGreater(ticks[-1], ticks[0])
        self.assertNotIn("LIVE", vmstub("--exec", "sys", self.ram).stdout)
