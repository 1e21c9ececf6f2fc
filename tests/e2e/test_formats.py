# SPDX-License-Identifier: GPL-3.0-or-later
"""The same memory in every format and container: the same pages, the same bytes."""
import ctypes
import functools
import itertools
import json
import mmap
import random
import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

import crc32c

import damage
import inguest
from dumps import ROOT, DumpTest, for_dumps, tool
from session import gdb, verbs, vmstub


def makedumpfile():
    """The makedumpfile with zstd that tests/dumps/make uses."""
    said = subprocess.run(["makedumpfile", "-v"], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    cache = subprocess.run([ROOT / "tests/dumps/make", "--dir", "k6.1-kdump"], text=True, stdout=subprocess.PIPE).stdout
    other = Path(cache.strip()).parent.parent / "tools/makedumpfile-trixie/usr/bin/makedumpfile"
    return other if not re.search("zstd.*enabled", said) and other.exists() else "makedumpfile"


def convert(*args, **more):
    done = subprocess.run([makedumpfile(), *map(str, args)], stderr=subprocess.PIPE, **{"stdout": subprocess.DEVNULL, **more})
    if done.returncode:
        raise AssertionError(f"makedumpfile {args}: {done.stderr.decode(errors='replace')}")


def flatten(source, target, step=30000, end=True, seed=1):
    """Flattens a file in a way that `makedumpfile -F` cannot: members of a split set, records of one size, out of order."""
    data = source.read_bytes()
    offsets = list(range(0, len(data), step))
    random.Random(seed).shuffle(offsets)
    with target.open("wb") as out:
        out.write(b"makedumpfile\0\0\0\0" + struct.pack(">QQ", 1, 1) + bytes(4096 - 32))
        for at in offsets:
            piece = data[at:at + step]
            if piece.strip(b"\0"):  # skip the unused descriptors of a split set, which are a hole
                out.write(struct.pack(">qq", at, len(piece)) + piece)
        if end:
            out.write(struct.pack(">qq", -1, -1))
    return target


def framed_snappy(data):
    """As framing_format.txt of snappy says; what does not become smaller is stored."""
    library = ctypes.CDLL("libsnappy.so.1")
    out, chunks = ctypes.create_string_buffer(80000), [b"\xff\6\0\0sNaPpY"]
    for at in range(0, len(data), 65536):
        part, size = data[at:at + 65536], ctypes.c_size_t(80000)
        if library.snappy_compress(part, ctypes.c_size_t(len(part)), out, ctypes.byref(size)):
            raise AssertionError("snappy_compress")
        sum = crc32c.crc32c(part)
        sum = ((sum >> 15 | sum << 17) + 0xa282ead8) & 0xffffffff
        kind, body = (0, out.raw[:size.value]) if size.value < len(part) * 7 // 8 else (1, part)
        chunks.append(struct.pack("<II", kind | len(body) + 4 << 8, sum) + body)
    return b"".join(chunks)


class FormatTest(DumpTest):
    @classmethod
    def prepare(cls):
        cls.dir = cls.new_folder()

    def pagecmp(self, *args, says=""):
        done = subprocess.run([tool("pagecmp"), *map(str, args)], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stderr, says or "^$")
        return done.stdout.splitlines()

    @staticmethod
    def joined(paths):
        return ",".join(map(str, paths))


@for_dumps("k6.1-kdump", "k5.10-kdump")
class EveryFormat(FormatTest):
    @classmethod
    def prepare(cls):
        super().prepare()
        cls.elf = cls.dump.cores["elf"]

    @functools.cached_property
    def split(self):
        return self.make_split()

    def make_split(self, parts=4, block=16, level=31):
        """With small blocks the members start anywhere, not just at multiples of 64 pages."""
        paths = [self.dir / f"part{parts}-{block}-{i}" for i in range(parts)]
        if not paths[0].exists():
            convert("-l", "-d", level, "--split", "--splitblock-size", block, self.elf, *paths)
        return paths

    def test_digests(self):
        # Level 30 instead of 31 for ELF, which omits pages of zeros where other formats store one for all.
        made = {}
        for name, options in (("raw", ["-d", 31]), ("elf-30", ["-E", "-d", 30]), ("elf-0", ["-E", "-d", 0]),
                              ("zlib-0", ["-c", "-d", 0])):
            made[name] = self.dir / name
            convert(*options, self.elf, made[name])
        made["flattened-elf"] = self.dir / "flattened-elf"
        with made["flattened-elf"].open("wb") as out:
            convert("-F", "-E", "-d", 30, self.elf, stdout=out)
        made["shuffled"] = flatten(self.dump.cores["lzo"], self.dir / "shuffled")
        parts = self.split
        made["split"] = self.joined(parts)
        made["split, last first"] = self.joined(reversed(parts))
        flat = [flatten(part, self.dir / f"{part.name}.flat", seed=i) for i, part in enumerate(parts)]
        made["split, flattened"] = self.joined(flat)
        made["split, mixed"] = self.joined([flat[0], parts[1], flat[2], parts[3]])
        made["split into 9"] = self.joined(self.make_split(9, 4))
        whole = self.dir / "reassembled"
        convert("--reassemble", *parts, whole)
        made["reassembled"] = whole
        made.update(self.dump.cores)
        wanted = self.pagecmp("-s", self.dump.cores["lzo"], self.elf)[0]
        self.assertGreater(int(wanted.split()[0]), 5000)
        for name, path in made.items():
            with self.subTest(name):
                self.assertEqual(self.pagecmp("-s", self.dump.cores["lzo"], path), [wanted])

    def test_kdumps_of_one_level_store_the_same_pages(self):
        lines = [self.pagecmp(core)[1] for format, core in self.dump.cores.items()
                 if format in ("lzo", "zlib", "zstd", "snappy", "flat")]
        lines.append(self.pagecmp(self.joined(self.split))[1])
        self.assertEqual(len({re.search(r"(\d+ pages, .* digest \w+)", line)[1] for line in lines}), 1, lines)

    def test_split_set_answers(self):
        whole = re.sub("(?m)^ *DUMPFILE.*", "", verbs(self.dump, "sys; kbt -a; log"))
        for order in itertools.islice(itertools.permutations(self.split), 0, 24, 5):
            done = vmstub("--vmlinux", self.dump.dir / "vmlinux", "--exec", "sys; kbt -a; log", *order)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(re.sub("(?m)^ *DUMPFILE.*", "", done.stdout), whole)

    def test_report_of_sets(self):
        """Members that follow each other are one dump, also beside another set of the same crash and whole dumps."""
        def report(*files):
            done = vmstub("--report=json", "--no-debuginfod", "--vmlinux", self.dump.dir / "vmlinux", *files)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            return [json.loads(line) for line in done.stdout.splitlines()]

        parts, others, whole = self.split, self.make_split(3, 8), self.dump.cores["lzo"]
        found = report(*parts, whole, *others, *reversed(parts))
        self.assertEqual([one["file"] for one in found], [str(name) for name in (parts[0], whole, others[0], parts[-1])])
        for one in found:
            self.assertEqual((one["signature"], one["trace"], one["registers"] if "registers" in one else None),
                             (found[1]["signature"], found[1]["trace"], found[1].get("registers")))

    def test_missing_member_costs_its_range(self):
        parts = self.split
        ranges = [struct.unpack_from("<QQ", part.read_bytes()[:8192], 4096 + 80) for part in parts]
        for lost in range(len(parts)):
            rest = [part for i, part in enumerate(parts) if i != lost]
            lines = subprocess.run([tool("pagecmp"), self.elf, self.joined(rest)], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(lines.returncode, 0, lines.stdout)
            done = vmstub("--exec", "help", *rest)
            start, end = ranges[lost]
            self.assertIn(f"split member for pfn {start:#x}..{end:#x} is missing".replace("0x0..", "0.."), done.stderr)
        # and each alone
        for part, (start, end) in zip(parts, ranges):
            first, second = self.pagecmp(part, says="^(vmstub: split member for pfn .* is missing.*\n)+$")
            self.assertIn("kdump-compressed", first)
            self.assertGreater(int(re.search(r": (\d+) pages", second)[1]), 0)
            self.assertIn(" 0 unreadable", second)

    def test_set_that_is_none(self):
        parts = self.split
        other = self.make_split(3, 8)
        for wrong, says in (([parts[0], other[0]], "overlaps another member"), ([parts[0], parts[0]], "are the same file"),
                            ([parts[0], self.dump.cores["zlib"]], "split is 0"), ([parts[0], self.elf], "not parts of one dump")):
            done = vmstub("--exec", "sys", *wrong)
            self.assertEqual(done.returncode, 1)
            self.assertIn(says, done.stderr)

    def test_flattened_without_its_end(self):
        """As when the transfer over the network was interrupted."""
        path = flatten(self.dump.cores["lzo"], self.dir / "endless", end=False)
        done = vmstub("--vmlinux", self.dump.dir / "vmlinux", "--exec", "sys; kbt -a; log", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("flattened file ends early", done.stderr)
        self.assertEqual(re.sub("(?m)^ *DUMPFILE.*", "", done.stdout),
                         re.sub("(?m)^ *DUMPFILE.*", "", verbs(self.dump, "sys; kbt -a; log", core=self.dump.cores["lzo"])))

    def test_header_versions(self):
        """As written by older makedumpfiles: 5 has no 64-bit page frames, 3 no notes, 2 no VMCOREINFO."""
        want = re.sub("(?m)^ *DUMPFILE.*", "", verbs(self.dump, "sys; kbt -a", core=self.dump.cores["lzo"]))
        for magic, version in ((b"DISKDUMP", 1), *((b"KDUMP   ", version) for version in range(6))):
            with self.subTest(f"{magic} {version}"):
                path = damage.copy(self.dump.cores["lzo"], self.dir / "old")
                with path.open("r+b") as f:
                    f.write(magic + struct.pack("<i", version))
                done = vmstub("--vmlinux", self.dump.dir / "vmlinux", "--exec", "sys; kbt -a", path)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertRegex(done.stderr, "^$" if version > 2 else "^vmstub: .*no VMCOREINFO note; found one.*\n$")
                self.assertEqual(re.sub("(?m)^ *DUMPFILE.*", "", done.stdout), want)

    def test_many_program_headers(self):
        """More than 65535, so their number is elsewhere (PN_XNUM). One segment per page, in descending order."""
        path = damage.copy(self.elf, self.dir / "xnum")
        with path.open("r+b") as f:
            with mmap.mmap(f.fileno(), 0) as m:
                phoff, = struct.unpack_from("<Q", m, 32)
                count, = struct.unpack_from("<H", m, 56)
                notes = [m[at:at + 56] for at in range(phoff, phoff + 56 * count, 56) if m[at:at + 4] == b"\4\0\0\0"]
                pages = [struct.pack("<IIQQQQQQ", 1, 7, offset + at, 0, pa + at, 4096, 4096, 0)
                         for offset, pa, size in damage.loads(m) for at in range(0, size, 4096)]
            headers = notes + pages[::-1]
            self.assertGreater(len(headers), 0xffff)
            end = f.seek(0, 2)
            f.write(struct.pack("<IIQQQQIIQQ", 0, 0, 0, 0, 0, 0, 0, len(headers), 0, 0) + b"".join(headers))
            f.seek(32)
            f.write(struct.pack("<QQ", end + 64, end))  # e_phoff, e_shoff
            f.seek(56)
            f.write(struct.pack("<HHH", 0xffff, 64, 1))  # e_phnum, e_shentsize, e_shnum
        lines = self.pagecmp("-s", self.dump.cores["lzo"], self.elf, path)
        self.assertEqual(lines[0], lines[1])
        self.assertEqual(re.sub("(?m)^ *DUMPFILE.*", "", verbs(self.dump, "sys; kbt -a", core=path)),
                         re.sub("(?m)^ *DUMPFILE.*", "", verbs(self.dump, "sys; kbt -a", core=self.elf)))

    def test_zero_excluded(self):
        """Only pages that were filtered out read as zeros, and only with the option."""
        with self.dump.cores["lzo"].open("rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            kdump = damage.Kdump(m)
            ram = m[kdump.bitmap - len(kdump.bits):kdump.bitmap]
            stored = [pfn for pfn in range(len(kdump.bits) * 8) if kdump.stored(pfn)]
            excluded = [pfn for pfn in range(len(ram) * 8) if ram[pfn // 8] >> pfn % 8 & 1 and not kdump.stored(pfn)]

        def read(*pfns, options=()):
            return vmstub(*options, "--exec", "; ".join(f"rd -p {pfn * 4096:x} 512" for pfn in pfns), self.dump.cores["lzo"])
        pick = random.Random(1)
        excluded, stored = pick.sample(excluded, 20), pick.sample(stored, 20)
        for pfn in excluded[:3]:
            done = read(pfn)
            self.assertEqual((done.returncode, done.stderr), (1, f"vmstub: rd: pfn {pfn:#x}: page excluded from the dump\n"))
        done = read(*excluded, options=["--zero-excluded"])
        self.assertEqual((done.returncode, done.stderr, len(done.stdout.splitlines())), (0, "", 256 * len(excluded)))
        self.assertEqual(set(re.findall(r"[0-9a-f]{16}(?= )", done.stdout)), {"0" * 16})
        for pfns, code in ((stored, 0), ([len(ram) * 8 + 1], 1)):
            plain, zero = read(*pfns), read(*pfns, options=["--zero-excluded"])
            self.assertEqual((zero.stdout, zero.stderr, zero.returncode), (plain.stdout, plain.stderr, code))

    def test_out_of_space(self):
        """makedumpfile marks a file that it could not finish; its content is correct."""
        mount = self.dir / "small"
        mount.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=9m", "none", mount], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("no right to mount a small file system")
        try:
            for name, options in (("kdump", ["-l", "-d", 31]), ("elf", ["-E", "-d", 31])):
                with self.subTest(name):
                    path = mount / name
                    subprocess.run([makedumpfile(), *map(str, options), self.elf, path], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
                    self.assertGreater(path.stat().st_size, 5 << 20)
                    self.pagecmp_is_right(path)
                    done = vmstub("--vmlinux", self.dump.dir / "vmlinux", "--exec", "sys", path)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertIn("[INCOMPLETE]", done.stdout)
                    path.unlink()
        finally:
            subprocess.run(["umount", mount], check=True)

    def pagecmp_is_right(self, path):
        done = subprocess.run([tool("pagecmp"), path, self.elf], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r" [1-9]\d* same, 0 differ")


@for_dumps("k6.1-qemu", "k6.12-qemu", "k7-qemu", quick=("k6.1-qemu",))
class Qemu(FormatTest):
    def test_digests(self):
        kdump, elf = self.dump.cores["qemu-kdump"], self.dump.cores["qemu-elf"]
        plain = self.dir / "rearranged"
        with kdump.open("rb") as source:
            convert("-R", plain, stdin=source)
        lines = self.pagecmp("-s", kdump, kdump, elf, plain)
        self.assertEqual(len(set(lines)), 1, lines)
        self.assertGreater(int(lines[0].split()[0]), 100000)


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Wrapped(DumpTest):
    """vmstub recognizes files compressed by other programs, and prints the command that unpacks them."""

    def test_wrapped(self):
        with tempfile.TemporaryDirectory() as temp:
            part = Path(temp) / "vmcore"
            with self.dump.core.open("rb") as f:
                part.write_bytes(f.read(1 << 20))
            tried = 0
            for program in ("gzip", "xz", "zstd", "bzip2", "lzop", "lz4"):
                if not shutil.which(program):
                    continue
                wrapped = Path(temp) / f"wrapped-by-{program}"
                with wrapped.open("wb") as out:
                    subprocess.run([program, "-1", "-c", part], stdout=out, check=True)
                done = vmstub("--exec", "sys", wrapped)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(f"unpack it first: {program} -d {wrapped}", done.stderr)
                tried += 1
            self.assertGreater(tried, 1)


@for_dumps("k6.1-qemu", "k6.12-qemu", "k7-qemu")
class Lime(FormatTest):
    """The memory of QEMU's dump behind the headers of LiME: without notes, so without registers and VMCOREINFO."""

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.elf, cls.lime = cls.dump.cores["qemu-elf"], cls.dir / "lime"
        with cls.elf.open("rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m, cls.lime.open("wb") as out:
            for offset, pa, size in damage.loads(m):
                out.write(struct.pack("<IIQQQ", 0x4c694d45, 1, pa, pa + size - 1, 0) + m[offset:offset + size])

    def test_pages(self):
        line = self.pagecmp(self.lime, self.elf)[-1]
        self.assertRegex(line, r": \d+ same, 0 differ, 0 only in the first, 0 unreadable$")

    def test_verbs(self):
        """All that needs no registers is as in QEMU's dump; the crash is found on its stack."""
        said = []
        for core in (self.lime, self.elf):
            done = vmstub("--vmlinux", self.dump.dir / "vmlinux", "--module-dir", self.dump.dir / "modules", "--exec",
                          "ps; mod; log; mount; kmem -s; sys", core)
            self.assertEqual(done.returncode, 0, done.stderr)
            said.append(re.sub("(?m)^ *DUMPFILE.*", "", done.stdout))
        self.assertEqual(*said)
        trace = vmstub("--vmlinux", self.dump.dir / "vmlinux", "--module-dir", self.dump.dir / "modules", "--exec", "kbt", self.lime)
        self.assertRegex(trace.stderr, "^vmstub: .*lime: no VMCOREINFO note; found one in memory at 0x[0-9a-f]+\n$")
        # With registers the frames before the exception are others: those of panic() going on.
        frames = [re.sub(r"(?m)^ *#\d+", "#", text[text.index(" asm_exc_page_fault "):])
                  for text in (trace.stdout, verbs(self.dump, "kbt", core=self.elf))]
        self.assertEqual(*frames)


@for_dumps("k6.1-qemu")
class Avml(FormatTest):
    """The compressed form of AVML: framed snappy, in blocks of 16 MiB."""

    def test_avml(self):
        elf, avml, block = self.dump.cores["qemu-elf"], self.dir / "avml", 16 << 20
        with elf.open("rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m, avml.open("wb") as out:
            for offset, pa, size in damage.loads(m):
                for at in range(0, size, block):
                    part = m[offset + at:offset + min(at + block, size)]
                    packed = framed_snappy(part)
                    out.write(struct.pack("<4sIQQQ", b"AVML", 2, pa + at, pa + at + len(part) - 1, 0) + packed +
                              struct.pack("<Q", len(packed)))
        self.assertLess(avml.stat().st_size, elf.stat().st_size / 2)
        line = self.pagecmp(avml, elf)[-1]
        self.assertRegex(line, r": \d{5,} same, 0 differ, 0 only in the first, 0 unreadable$")
        lines = "ps; log; kmem -s; sys"
        self.assertEqual(*(re.sub("(?m)^ *DUMPFILE.*", "", vmstub("--vmlinux", self.dump.dir / "vmlinux", "--exec", lines, core).stdout)
                           for core in (avml, elf)))
        # damage costs its chunk only, here the first 64 KiB by their checksum
        with avml.open("r+b") as f:
            f.seek(32 + 10 + 4)
            byte = f.read(1)[0]
            f.seek(-1, 1)
            f.write(bytes([byte ^ 4]))
        done = subprocess.run([tool("pagecmp"), avml, elf], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertRegex(done.stdout, r": \d{5,} same, 0 differ, 0 only in the first, 16 unreadable$")
        self.assertIn("wrong checksum", done.stderr)
        avml.unlink()


@for_dumps("k6.1-qemu")
class NoKernel(FormatTest):
    """The first 640 KiB of memory, where there is no kernel: the rest of the machine's memory is not in the file."""

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.low = cls.dir / "low"
        with cls.dump.cores["qemu-elf"].open("rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            offset, pa, size = next(load for load in damage.loads(m) if load[1] == 0)
            size = min(size, 640 << 10)
            cls.low.write_bytes(struct.pack("<IIQQQ", 0x4c694d45, 1, pa, pa + size - 1, 0) + m[offset:offset + size])
            # the longest text that is once in this memory
            cls.text = max((text for text in re.findall(rb"[ -~]{8,24}", m[offset:offset + size]) if m[offset:offset + size].count(text) == 1),
                           key=len).decode()

    def test_physical_memory(self):
        lines = "rd -p 1000 64; rd -8 -p 9fff0 16; why -p 2000"
        done = vmstub("--exec", lines, self.low)
        self.assertEqual((done.returncode, done.stdout), (0, verbs(self.dump, lines)))
        self.assertRegex(done.stderr, "cannot find the page tables; .*; only physical memory can be read, with rd -p, search -p and why -p\n")
        found = vmstub("--exec", f"search -p -c '{self.text}'", self.low).stdout
        self.assertEqual(len(found.splitlines()), 1, found)
        self.assertIn(found.split()[0], verbs(self.dump, f"search -p -c '{self.text}'"))

    def test_each_verb_says_why_not(self):
        for verb in ("ps", "kbt", "log", "mod", "kmem -s", "mount", "rd linux_banner", "explain", "hang", "struct page"):
            done = vmstub("--exec", verb, self.low)
            self.assertRegex(done.stderr.splitlines()[-1], "no kernel symbols|page tables are unknown|no such symbol", verb)
            self.assertEqual(done.returncode, 1, verb)

    def test_gdb(self):
        answers = gdb(self.dump, {"rd": "monitor rd -p 1000 2", "bt": "bt", "continue": "continue", "rip": "p $pc"}, core=self.low, vmlinux=None,
                      cwd=self.dir)
        self.assertEqual(answers["rd"], verbs(self.dump, "rd -p 1000 2").strip("\n"))
        self.assertEqual(answers.text.count("pc is shown as 0"), 1)
        self.assertIn("cannot run", answers["continue"])


@for_dumps("k6.1-kdump")
class BlockDevice(DumpTest):
    def test_dump_on_a_device(self):
        """As when kdump writes to a raw partition, which is longer than the dump."""
        with tempfile.TemporaryDirectory() as temp:
            for format in ("lzo", "flat"):
                image = Path(temp) / format
                shutil.copy(self.dump.cores[format], image)
                with image.open("r+b") as f:
                    f.truncate((image.stat().st_size + (8 << 20)) >> 12 << 12)
                made = subprocess.run(["losetup", "-r", "-f", "--show", image], text=True, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE)
                if made.returncode:
                    self.skipTest(f"no loop device: {made.stderr.strip()}")
                device = made.stdout.strip()
                try:
                    done = vmstub("--vmlinux", self.dump.dir / "vmlinux", "--exec", "sys; kbt -a; log", device)
                finally:
                    subprocess.run(["losetup", "-d", device], check=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                want = verbs(self.dump, "sys; kbt -a; log", core=self.dump.cores[format])
                self.assertEqual(re.sub("(?m)^ *DUMPFILE.*", "", done.stdout), re.sub("(?m)^ *DUMPFILE.*", "", want))


@for_dumps("k6.1-kdump")
class QemuPaging(FormatTest):
    """dump-guest-memory -p: one segment per mapping, with its virtual address."""

    def test_guest(self):
        done, log = inguest.run("guest_paging.sh", self.dump, self.dir)
        self.assertEqual(done.returncode, 0, done.stdout)
        paging, plain = self.dir / "paging", self.dir / "plain"
        with paging.open("rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            pages = [page for _, pa, size in damage.loads(m) for page in range(pa, pa + size, 4096)]
            self.assertGreater(len(pages), len(set(pages)) + 1000)  # mapped more than once
        line = self.pagecmp(paging, plain)[-1]
        self.assertRegex(line, f": {len(set(pages))} same, 0 differ, 0 only in the first, 0 unreadable$")
        said = [re.sub("(?m)^ *DUMPFILE.*", "", vmstub("--exec", "sys; kbt -a; ps; mod", path).stdout) for path in (paging, plain)]
        self.assertEqual(said[0], said[1])
        trace = inguest.crash_trace(log)
        functions = inguest.kbt_functions(said[0], 1)
        self.assertEqual([name for name in functions if name in trace], trace)
        self.assertIn("panic", trace)
