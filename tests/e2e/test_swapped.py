# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages in zram, zswap and the swap cache have the bytes that their programs wrote before they were swapped out."""
import mmap
import re
import shlex
import struct

import damage
import swapped
from corefile import Core
from dumps import DumpTest, for_dumps
from session import gdb, verbs, vmstub

USER = ("k5.10-user", "k6.1-user", "k6.12-user", "k7-user")
# Kernels whose dumps of makedumpfile have all pages of the kernel; that of the guest is older than the others.
FILTERED = ("k5.10-user", "k6.1-user")
ROW = re.compile(r"^\s*([0-9a-f]+):  ([0-9a-f]{16}) ([0-9a-f]{16})  ", re.M)
NUMBER = 'eval "thread %d", *(unsigned int *) 0xffffffffffffe000'


class Swapped(DumpTest):
    @classmethod
    def prepare(cls):
        cls.core = cls.dump.cores["elf"]
        cls.programs = {name: where for name, where in cls.dump.workers.items() if name.startswith(("w_zram", "w_zswap"))}

    def shown(self, name, core=None, options=(), pages=range(swapped.PAGES)):
        """index -> bytes, of the pages that rd shows."""
        pid, start = self.programs[name]
        done = vmstub(*options, "--exec", f"set {pid}; " + "; ".join(f"rd {start + i * swapped.PAGE:#x} 512" for i in pages),
                      core or self.core, cwd=self.dump.dir)
        found = {}
        for at, low, high in ROW.findall(done.stdout):
            found.setdefault((int(at, 16) - start) // swapped.PAGE, bytearray()).extend(struct.pack("<QQ", int(low, 16), int(high, 16)))
        return found, done.stderr

    def places(self, name):
        """index -> (device, offset, what vm -p says of its content)."""
        pid, start = self.programs[name]
        lines = re.findall(r"^([0-9a-f]+)  SWAP: (\S+)  OFFSET: (\d+)(?:  (.*))?$", verbs(self.dump, f"vm -p {pid}", core=self.core), re.M)
        return {(int(at, 16) - start) // swapped.PAGE: (device, int(offset), text) for at, device, offset, text in lines
                if 0 <= int(at, 16) - start < swapped.PAGES * swapped.PAGE}

    def zram(self, name, file):
        return re.search(rf"^/sys/block/{name}/{file}:\s*(.*)$", self.dump.fact("zram"), re.M)[1]

    def assert_all(self, found, said):
        self.assertEqual(len(found), swapped.PAGES, said)
        self.assertEqual([i for i in found if found[i] != swapped.page(i)], [])


@for_dumps(*USER)
class Content(Swapped):
    def test_rd(self):
        self.assertGreaterEqual(len(self.programs), 3)
        for name in self.programs:
            with self.subTest(program=name):
                self.assert_all(*self.shown(name))

    def test_dump_alone(self):
        """By the types that the kernel has of itself and its modules; 5.10 has none of modules."""
        for name in self.programs:
            with self.subTest(program=name):
                found, said = self.shown(name, options=("--symbols=dump",), pages=range(60, 66))
                if self.dump.name.startswith("k5.10"):
                    self.assertRegex(said, rf"is swapped out: z{name[3:]}: the layout of zram is unknown: .*no type \"zram\"")
                else:
                    self.assertEqual(found, {i: swapped.page(i) for i in range(60, 66)}, said)

    def test_types(self):
        """The types of a module by the kernel's BTF are those of its debug information."""
        if not self.dump.name.startswith("k5.10"):
            line = "struct -o zram; struct -o zram_table_entry; struct zcomp_strm"
            alone, files = (verbs(self.dump, line, core=self.core, options=options) for options in (("--symbols=dump",), ()))
            self.assertEqual(alone, files)
            self.assertIn("struct zs_pool *mem_pool;", alone)

    def test_core(self):
        folder = self.new_folder()
        for name, (pid, start) in self.programs.items():
            with self.subTest(program=name):
                done = vmstub("--gcore", pid, "-o", folder / name, self.core, cwd=self.dump.dir)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn("in swap", done.stderr)
                pages = dict(Core((folder / name).read_bytes()).pages())
                self.assert_all({i: pages[start + i * swapped.PAGE] for i in range(swapped.PAGES)}, "")

    def test_gdb(self):
        name = max(self.programs)
        pid, start = self.programs[name]
        folder = self.new_folder()  # without vmlinux, which gdb would take long to read
        file, alone = folder / "pages", folder / "vmcore"
        alone.symlink_to(self.core)
        answers = gdb(self.dump, {"task": [f"monitor task {pid}", f"thread find {name}", NUMBER],
                                  "dump": f"dump binary memory {file} {start:#x} {start + swapped.PAGES * swapped.PAGE:#x}"},
                      core=alone, vmlinux=None, cwd=folder, options=f"--module-dir {shlex.quote(str(self.dump.dir / 'modules'))}")
        self.assertTrue(file.exists(), answers.text)
        self.assertEqual(file.read_bytes(), b"".join(map(swapped.page, range(swapped.PAGES))))

    def test_search(self):
        for name, (pid, start) in self.programs.items():
            text = verbs(self.dump, f"set {pid}; search -u -s {start:#x} -l {swapped.PAGES * swapped.PAGE:#x} -c 'line at 0 of page'",
                         core=self.core)
            found = [int(at, 16) for at in re.findall(r"^([0-9a-f]+): line", text, re.M)]
            self.assertEqual(found, [start + i * swapped.PAGE for i in range(2, swapped.PAGES, 6)], name)


@for_dumps(*USER)
class Places(Swapped):
    def test_as_the_guest(self):
        """The device and offset that /proc/PID/pagemap told."""
        for name in self.programs:
            told = struct.unpack(f"<{swapped.PAGES}Q", (self.dump.dir / "facts" / f"pagemap-{name}").read_bytes())
            areas = [line.split()[0] for line in self.dump.fact("swaps").splitlines()[1:]]
            self.assertEqual({i: place[:2] for i, place in self.places(name).items()},
                             {i: (areas[entry & 31], entry >> 5 & (1 << 50) - 1) for i, entry in enumerate(told)}, name)

    def test_kinds(self):
        """Each page by what it has, and in all as many as the device counted, with its header's page."""
        for name in self.programs:
            disk = name[2:]
            places = {i: text for i, (device, _, text) in self.places(name).items() if device == f"/dev/{disk}"}
            if not disk.startswith("zram"):
                continue
            algorithm = re.search(r"\[(.*)\]", self.zram(disk, "comp_algorithm"))[1]
            original, compressed, _, _, _, same, _, huge, *_ = map(int, self.zram(disk, "mm_stat").split())
            words = sum("all words are" in text for text in places.values())
            sizes = [int(m[1]) for m in (re.fullmatch(rf"ZRAM: {algorithm}, (\d+) bytes", text) for text in places.values()) if m]
            plain = sum(text == "ZRAM: not compressed" for text in places.values())
            zeros = sum(text == "ZEROS" for text in places.values())
            self.assertEqual(words + len(sizes) + plain + zeros, len(places), places)
            self.assertEqual((words, plain), (same, huge), disk)
            self.assertEqual(len(places) - zeros, original // swapped.PAGE - 1, disk)
            self.assertIn(compressed - sum(sizes) - plain * swapped.PAGE, range(1, 400), disk)
            for i, text in places.items():
                if i % 6 == 1:
                    word, = struct.unpack_from("<Q", swapped.page(i))
                    self.assertEqual(text, f"ZRAM: all words are {word:x}")
                elif i % 6 == 0:
                    self.assertIn(text, ("ZEROS", "ZRAM: all words are 0"))

    def test_verbs(self):
        """vtop, pte and why say the same."""
        for name, (pid, start) in self.programs.items():
            places = self.places(name)
            for i in (2, 3, 4):
                device, offset, text = places[i]
                line = f"SWAP: {device}  OFFSET: {offset}" + (f"  {text}" if text else "")
                self.assertIn(line, verbs(self.dump, f"vtop -c {pid} {start + i * swapped.PAGE:#x}", core=self.core))
                self.assertIn(line, verbs(self.dump, f"set {pid}; why {start + i * swapped.PAGE:#x}", core=self.core))

    def test_zswap(self):
        if "w_zswap" in self.programs:
            sizes = [re.fullmatch(r"ZSWAP: (\S+), (\d+) bytes", text) for _, _, text in self.places("w_zswap").values() if text != "ZEROS"]
            self.assertTrue(all(sizes))
            self.assertEqual({m[1] for m in sizes}, set(re.findall(r"compressor:(\S+)", self.dump.fact("zswap"))))
            self.assertGreater(len(sizes), 100)


@for_dumps(*FILTERED)
class Filtered(Swapped):
    def cached(self, name):
        """Those on the disk, which writes later than zram."""
        pid, start = self.programs[name]
        found = {i for i, (device, _, _) in self.places(name).items() if "zram" not in device}
        for i in found:
            self.assertRegex(verbs(self.dump, f"set {pid}; why {start + i * swapped.PAGE:#x}", core=self.core), r"OFFSET: \d+  CACHED: [0-9a-f]+\n")
        return found

    def test_rd(self):
        """A dump without pages of programs has those in zram, which are the kernel's; not those in the swap cache."""
        for name in self.programs:
            cached = self.cached(name)
            found, said = self.shown(name, core=self.dump.cores["lzo"])
            self.assertEqual([i for i in found if found[i] != swapped.page(i)], [], name)
            self.assertEqual(set(found), set(range(swapped.PAGES)) - cached, said)
            self.assertEqual(len(re.findall("is swapped out: in the swap cache: pfn .*: page excluded from the dump", said)), len(cached))

    def test_cached(self):
        """Somewhere there is such a page, so that this is tested."""
        self.assertTrue(any(map(self.cached, self.programs)))


@for_dumps("k6.1-user")
class Damaged(Swapped):
    """What is damaged on the way to a page is named, and never shown as its bytes."""

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.folder = cls.new_folder()
        cls.core = damage.copy(cls.dump.cores["elf"], cls.folder / "vmcore")
        (cls.folder / "vmlinux").symlink_to(cls.dump.dir / "vmlinux")
        (cls.folder / "modules").symlink_to(cls.dump.dir / "modules")

    def verbs(self, line):
        return verbs(self.dump, line, core=self.core)

    def member(self, path, address):
        return int(re.search(r"= (\w+)", self.verbs(f"struct {path} {address:x}"))[1], 0)

    def physical(self, address):
        return int(re.search(rf"^{address:x} +(\w+)$", self.verbs(f"vtop {address:x}"), re.M)[1], 16)

    def entry(self, offset):
        """Address of an entry of zram0's table."""
        at = int(re.search(r"^(\w+) .*/dev/zram0$", self.verbs("swap"), re.M)[1], 16)
        for path in ("swap_info_struct.bdev", "block_device.bd_disk", "gendisk.private_data", "zram.table"):
            at = self.member(path, at)
        return at + 24 * offset

    def changed(self, physical, data, index):
        """What rd says of a page while these bytes are others."""
        with open(self.core, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            at = damage.elf_offset(m, physical)
            before = m[at:at + len(data)]
        damage.write(self.core, physical, data)
        try:
            found, said = self.shown("w_zram0", pages=[index])
        finally:
            damage.write(self.core, physical, before)
        return bytes(found.get(index, b"")), said

    def test_words(self):
        index = next(i for i, place in self.places("w_zram0").items() if place[0] == "/dev/zram0" and "lzo-rle, " in place[2])
        offset = self.places("w_zram0")[index][1]
        entry = self.entry(offset)
        handle = self.member("zram_table_entry.handle", entry)
        word = self.physical(handle)
        with open(self.core, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            value, = struct.unpack_from("<Q", m, damage.elf_offset(m, word))
            frame = value >> 24 << 12
            page = m[damage.elf_offset(m, frame):][:4096]
        head = page.index(struct.pack("<Q", handle | 1))  # zsmalloc puts it before the data
        for what, physical, data, said in (
                ("no handle", self.physical(entry), bytes(8), f"zram0 has no page {offset}"),
                ("a false handle", self.physical(entry), struct.pack("<Q", 0x123456), "zsmalloc handle 123456"),
                ("no size", self.physical(entry + 8), bytes(8), f"zram0, page {offset}: it has 0 bytes"),
                ("a size of more than a page", self.physical(entry + 8), struct.pack("<Q", 5000), "it has 5000 bytes"),
                ("written back", self.physical(entry + 8), struct.pack("<Q", 1 << 15 | 100), "is not present"),
                ("a false place", word, struct.pack("<Q", value ^ 1 << 40), "leads to no object of it"),
                ("a place behind all memory", word, struct.pack("<Q", 1 << 63), "leads to no object of it"),
                ("another index", word, struct.pack("<Q", value ^ 2), "leads to no object of it"),
                ("another head", frame + head, bytes(8), "leads to no object of it"),
                ("other data", frame + head + 8, bytes(range(0x40, 0x60)), "lzo data")):
            with self.subTest(what):
                shown, text = self.changed(physical, data, index)
                self.assertIn(said, text)
                self.assertEqual(shown, b"")
        self.assertEqual(self.changed(word, struct.pack("<Q", value), index), (swapped.page(index), ""))
