# SPDX-License-Identifier: GPL-3.0-or-later
"""Dumps of machines with 12 TiB: opening and reading them costs as much as with a small one."""
import os
import random
import re
import struct
import subprocess
import tempfile
from pathlib import Path

from dumps import VMSTUB, DumpTest, for_dumps, tool

PAGE = 4096
PAGES = 12 << 40 >> 12
LINES = "sys; kbt -a; mod"


def enlarge(source, target, dense):
    """A copy of a compressed dump for 12 TiB of memory: mostly holes, and so is the file. The last page is
    stored, filled with 0xa5; below it are `dense` bytes of bitmap with all bits set, but without page
    descriptors."""
    data = source.read_bytes()
    block, sub, bitmaps = struct.unpack_from("<iiI", data, 428)
    assert block == PAGE
    old_bitmap = bitmaps // 2 * PAGE
    old_desc = (1 + sub + bitmaps) * PAGE
    bits = data[(1 + sub) * PAGE + old_bitmap:old_desc]
    stored = int.from_bytes(bits, "little").bit_count()
    new_bitmap = -(-PAGES // 8 // PAGE) * PAGE
    new_desc = (1 + sub) * PAGE + 2 * new_bitmap
    head = bytearray(data[:(1 + sub) * PAGE])
    struct.pack_into("<II", head, 436, 2 * new_bitmap // PAGE, PAGES & 0xffffffff)
    struct.pack_into("<Q", head, PAGE + 96, PAGES)
    dense_at = new_bitmap // 2 // PAGE * PAGE
    count = stored + dense * 8 + 1
    new_data = new_desc + 24 * count
    last = new_data + len(data) - old_desc - 24 * stored
    with target.open("wb") as out:
        def put(at, what):
            out.seek(at)
            out.write(what)
        put(0, head)
        for n, start in enumerate(((1 + sub) * PAGE, (1 + sub) * PAGE + old_bitmap)):
            at = (1 + sub) * PAGE + n * new_bitmap
            put(at, data[start:start + old_bitmap])
            put(at + dense_at, b"\xff" * dense)
            put(at + (PAGES - 1) // 8, bytes([1 << (PAGES - 1) % 8]))
        descriptors = bytearray(data[old_desc:old_desc + 24 * stored])
        for at in range(0, len(descriptors), 24):
            offset, = struct.unpack_from("<q", descriptors, at)
            struct.pack_into("<q", descriptors, at, offset - old_desc - 24 * stored + new_data)
        put(new_desc, descriptors)
        put(new_data - 24, struct.pack("<qIIQ", last, PAGE, 0, 0))
        put(new_data, data[old_desc + 24 * stored:])
        put(last, b"\xa5" * PAGE)


class MeasuredTest(DumpTest):
    @classmethod
    def prepare(cls):
        cls.dir = cls.new_folder()

    def verbs(self, lines, core, before=(), **more):
        return self.measure(*before, VMSTUB, "--vmlinux", self.dump.dir / "vmlinux", "--module-dir", self.dump.dir / "modules",
                            "--exec", lines, core, **more)

    def measure(self, *command, code=0):
        """Output without the file's name, page faults, and peak memory in bytes. If code is not 0, the output is one
        line of standard error."""
        # start it from a small process, because a child's peak includes its parent's memory at fork
        program = """
import os, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(done.returncode, usage.ru_minflt + usage.ru_majflt, usage.ru_maxrss << 10, file=sys.stderr)
"""
        done = subprocess.run(["python3", "-S", "-c", program, *map(str, command)], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        *said, last = done.stderr.splitlines()
        got, faults, memory = map(int, last.split())
        self.assertEqual((got, len(said)), (code, 1 if code else 0), done.stderr)
        return said[0] if code else re.sub("(?m)^ *DUMPFILE.*", "", done.stdout), faults, memory


@for_dumps("k6.1-kdump")
class Huge(MeasuredTest):
    @classmethod
    def prepare(cls):
        super().prepare()
        cls.huge = cls.dir / "vmcore"
        enlarge(cls.dump.core, cls.huge, 16 << 20)

    def test_sizes(self):
        self.assertGreater(self.huge.stat().st_size, 700 << 20)
        self.assertLess(self.huge.stat().st_blocks * 512, 200 << 20)

    def test_opening(self):
        """Touches about as many pages as with a small dump."""
        _, small, _ = self.verbs("help", self.dump.core)
        _, huge, memory = self.verbs("help", self.huge)
        self.assertLess(huge, small + 64)
        self.assertLess(memory, 64 << 20)

    def test_verbs(self):
        want, small, _ = self.verbs(LINES, self.dump.core)
        got, huge, memory = self.verbs(LINES, self.huge)
        self.assertEqual(got.splitlines(), want.splitlines())
        self.assertLess(huge, small + small // 4 + 200)
        self.assertLess(memory, (64 + 8) << 20)  # and the cache

    def test_last_page(self):
        """Finding its descriptor takes the whole bitmap, in pieces."""
        out, faults, memory = self.measure(tool("pagecmp"), "-p", PAGES - 1, self.huge)
        self.assertEqual(out.strip(), "a5" * PAGE)
        self.assertLess(memory, 64 << 20)


@for_dumps("k6.1-kdump")
class HugeFlattened(DumpTest):
    def test_progress(self):
        """vmstub reads all record headers of a large file before it answers gdb, and reports progress."""
        with tempfile.TemporaryDirectory() as temp:
            path = Path(temp) / "flat"
            data = self.dump.core.read_bytes()
            with path.open("wb") as out:
                out.write(b"makedumpfile\0\0\0\0" + struct.pack(">QQ", 1, 1) + bytes(4096 - 32))
                out.write(struct.pack(">qq", 0, len(data)) + data)
                at = len(data) + PAGE
                for _ in range(128):
                    out.write(struct.pack(">qq", at, 64 << 20))
                    out.seek(64 << 20, os.SEEK_CUR)
                    at += 64 << 20
                out.write(struct.pack(">qq", -1, -1))
            done = subprocess.run([VMSTUB, "--vmlinux", self.dump.dir / "vmlinux", "--exec", "kbt -a", path], text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("flattened file of 8 GiB: reading all its record headers first", done.stderr)
            shares = [int(n) for n in re.findall(r": (\d+)% read", done.stderr)]
            self.assertEqual(shares, sorted(shares))
            self.assertIn(len(shares), (8, 9, 10))
            good = subprocess.run([VMSTUB, "--vmlinux", self.dump.dir / "vmlinux", "--exec", "kbt -a", self.dump.core], text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self.assertEqual(done.stdout, good.stdout)


def tiny_records(path, data, order):
    """A flattened file with records of one byte. order: the order of the bytes in each group of 256."""
    data += bytes(-len(data) % 65536)
    n = len(order)
    records = bytearray(17 * 256 * n)  # of 64 KiB of data
    records[15::17] = b"\1" * (256 * n)
    records[7::17] = bytes(order) * 256
    for i in range(n):
        records[6 + 17 * i::17 * n] = bytes(range(256))
    with path.open("wb") as out:
        out.write(b"makedumpfile\0\0\0\0" + struct.pack(">QQ", 1, 1) + bytes(4096 - 32))
        for at in range(0, len(data), 65536):
            for byte in (4, 5):
                records[byte::17] = bytes([at >> 8 * (7 - byte) & 255]) * (256 * n)
            for i, start in enumerate(order):
                records[16 + 17 * i::17 * n] = data[at + start:at + 65536:256]
            out.write(records)
        out.write(struct.pack(">qq", -1, -1))


@for_dumps("k6.1-kdump")
class TinyRecords(MeasuredTest):
    """Like row 42 of the malformed inputs, but larger: 17 million records of one byte, 300 MB."""

    def run_on(self, order, code=0):
        path = self.dir / "flat"
        tiny_records(path, self.dump.cores["zstd"].read_bytes(), order)
        # Limit the data size, because peak memory includes pages of the mapped file. The index may take
        # 64 MiB in addition to the caches of pages and of record headers, 8 MiB each.
        out, _, _ = self.verbs(LINES, path, ("prlimit", f"--data={80 << 20}"), code=code)
        path.unlink()
        return out

    def check_answers(self, order):
        want, _, _ = self.verbs(LINES, self.dump.cores["zstd"])
        self.assertEqual(self.run_on(order).splitlines(), want.splitlines())

    def test_in_order(self):
        self.check_answers(range(256))

    def test_out_of_order(self):
        self.check_answers(random.Random(1).sample(range(256), 256))

    def test_scattered(self):
        """vmstub refuses a file whose index does not fit in 64 MiB, and says what helps."""
        said = self.run_on(range(0, 256, 2), code=1)
        self.assertRegex(said, r"^vmstub: (/.*): flattened records too scattered to index, \d+ so far; "
                               r"rearrange it first: makedumpfile -R out < \1$")
