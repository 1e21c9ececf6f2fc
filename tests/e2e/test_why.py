# SPDX-License-Identifier: GPL-3.0-or-later
"""`why`: where a page is, or why it is missing. What it was used for is compared with the guest's /proc/kpageflags."""
import collections
import mmap
import random
import re
import struct
import tempfile
from pathlib import Path

import damage
from dumps import DumpTest, for_dumps
from session import verbs, vmstub

# KPF_ bits of include/uapi/linux/kernel-page-flags.h
LRU, BUDDY, ANON = 5, 10, 12


def bitmaps(core):
    """The bitmaps of existing RAM and of stored pages, by frame number."""
    with open(core, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
        kdump = damage.Kdump(m)
        ram = m[kdump.bitmap - len(kdump.bits):kdump.bitmap]
        return ([bool(byte >> bit & 1) for byte in ram for bit in range(8)],
                [bool(byte >> bit & 1) for byte in kdump.bits for bit in range(8)])


@for_dumps("k5.10-kdump", "k6.1-kdump", "k6.12-kdump", "k7-kdump")
class Why(DumpTest):
    @classmethod
    def prepare(cls):
        cls.core = cls.dump.cores.get("lzo") or cls.dump.core
        cls.ram, cls.stored = bitmaps(cls.core)

    def why(self, frames):
        lines = []
        for i in range(0, len(frames), 60):
            words = " ".join(f"{frame * 4096:x}" for frame in frames[i:i + 60])
            lines += verbs(self.dump, f"why -p {words}", core=self.core).splitlines()
        self.assertEqual(len(lines), len(frames))
        return lines

    def some(self, wanted, n=300):
        return random.Random(1).sample([i for i, _ in enumerate(self.ram) if wanted(self.ram[i], self.stored[i])], n)

    def test_states(self):
        for line in self.why(self.some(lambda ram, stored: stored)):
            self.assertRegex(line, ": stored in the dump(, all zeros)?$")
        for line in self.why(self.some(lambda ram, stored: ram and not stored)):
            self.assertRegex(line, r": page excluded from the dump, dump level 31 \(filtered: zero, cache, cache with "
                                   r"private data, user, free pages\); it was \w")
        for line in self.why([len(self.ram) + 5, 1 << 35]):
            self.assertTrue(line.endswith(": no RAM at this address"), line)

    def test_what_excluded_pages_were(self):
        """Memory changed a little between the guest's record and the crash."""
        flags = (self.dump.dir / "facts/kpageflags").read_bytes()
        frames = [frame for frame in self.some(lambda ram, stored: ram and not stored, 2000) if frame * 8 < len(flags)]
        seen = collections.Counter()
        for frame, line in zip(frames, self.why(frames)):
            word, = struct.unpack_from("<Q", flags, frame * 8)
            kind = line.split("; it was ")[1]
            want = ("a free page" if word >> BUDDY & 1 else "memory of a process" if word >> ANON & 1
                    else "page cache" if word >> LRU & 1 else None)
            if want:
                seen[kind.replace(" with private data", "") == want] += 1
        self.assertGreater(seen[True], 1000)
        self.assertLess(seen[False], seen[True] / 25, seen)

    def test_zeros(self):
        """Pages of zeros share their data; a page that the guest's pattern did not fill is among them."""
        lines = self.why(self.some(lambda ram, stored: stored, 1000))
        self.assertGreater(sum(line.endswith(", all zeros") for line in lines), 5)

    def test_virtual(self):
        text = verbs(self.dump, "why linux_banner")
        m = re.match(rf"{self.dump.address('linux_banner'):x}: mapped by (\d) entries, .* page size (2048|4) KiB\n"
                     r"  physical [0-9a-f]+: stored in the dump\n$", text)
        self.assertTrue(m, text)
        levels = int(self.dump.env["PAGE_TABLE_LEVELS"])
        self.assertEqual(int(m[1]), levels - (m[2] == "2048"))
        # a hole in the kernel's address range, and a non-canonical address
        self.assertRegex(verbs(self.dump, "why fffffffffffff000"), "is not mapped|is not present")
        self.assertIn("not a canonical address", verbs(self.dump, "why 8000000000000000"))

    def test_swapped(self):
        """The same place as in `vm -p`, which another test compares with the kernel's own count."""
        if "w_swap" not in self.dump.workers:
            self.skipTest("the guest did not swap")
        pid, _ = self.dump.workers["w_swap"]
        whole = self.dump.cores["elf"]  # makedumpfile 1.7.2 drops pages of newer kernels by mistake
        rows = re.findall(r"(?m)^([0-9a-f]+) +(SWAP: .*)$", verbs(self.dump, f"vm -p {pid}", core=whole))
        self.assertGreater(len(rows), 10)
        for address, place in rows[:5]:
            text = verbs(self.dump, f"set {pid}; why {address}", core=whole)
            self.assertRegex(text, rf"(?m)^{address}: .* is not present \(level 1 entry is 0x[0-9a-f]+\)\n  {re.escape(place)}(  CACHED: [0-9a-f]+)?$")

    def test_lost(self):
        with tempfile.TemporaryDirectory() as temp:
            core = damage.copy(self.core, Path(temp) / "vmcore")
            frame = self.some(lambda ram, stored: stored, 1)[0]
            damage.lose_page(core, frame * 4096)
            done = vmstub("--vmlinux", self.dump.dir / "vmlinux", "--exec", f"why -p {frame * 4096:x}", core)
            self.assertIn(f"pfn {frame:#x}: page lost, its descriptor was never written\n", done.stdout)

    def test_wrong_usage(self):
        for line in ("why", "why -p", "why -p xyz", "why -q 0"):
            self.assertEqual(vmstub("--exec", line, self.core).returncode, 2, line)
