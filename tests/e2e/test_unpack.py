# SPDX-License-Identifier: GPL-3.0-or-later
"""--unpack: compressed dumps and standard input, and what it says of damaged ones."""
import gzip
import lzma
import os
import pty
import subprocess
import time

from dumps import VMSTUB, DumpTest, get
from patience import limit

LOG = ["--no-debuginfod", "--exec", "sys -t; log -t"]


def run(*arguments, stdin=subprocess.DEVNULL, **options):
    return subprocess.run([VMSTUB, *map(str, arguments)], text=True, capture_output=True, stdin=stdin, timeout=limit(300), **options)


class Unpack(DumpTest):
    @classmethod
    def setUpClass(cls):
        cls.core = get("k6.1-kdump").cores["zlib"]
        cls.folder = cls.new_folder()
        cls.tmp = cls.folder / "tmp"
        cls.tmp.mkdir()
        data = cls.core.read_bytes()
        half = len(data) // 2
        cls.files = {}
        # two streams one after the other, as `cat a.gz b.gz` makes them
        cls.write("gz", gzip.compress(data[:half], 1) + gzip.compress(data[half:], 1))
        cls.write("xz", lzma.compress(data[:half], preset=0) + lzma.compress(data[half:], preset=0))
        cls.files["zst"] = cls.folder / "vmcore.zst"
        with open(cls.files["zst"], "wb") as f:
            for part in (data[:half], data[half:]):
                f.write(subprocess.run(["zstd", "-q", "-1", "-c"], input=part, stdout=subprocess.PIPE, check=True).stdout)
        cls.want = run(*LOG, cls.core).stdout

    @classmethod
    def write(cls, suffix, data):
        cls.files[suffix] = cls.folder / f"vmcore.{suffix}"
        cls.files[suffix].write_bytes(data)

    def test_formats(self):
        self.assertIn("l2w_vdev_lookup", self.want)
        for suffix, file in self.files.items():
            done = run(f"--unpack={self.tmp}", *LOG, file)
            self.assertEqual((done.stdout, done.returncode), (self.want, 0), f"{suffix}: {done.stderr}")
            self.assertEqual(os.listdir(self.tmp), [])

    def test_without_the_option(self):
        """As before, a line that says what to do."""
        for suffix, program in (("gz", "gzip"), ("xz", "xz"), ("zst", "zstd")):
            file = self.files[suffix]
            done = run(*LOG, file)
            self.assertEqual((done.stdout, done.returncode), ("", 1))
            self.assertIn(f"unpack it first: {program} -d {file}, or use --unpack", done.stderr)
        with open(self.core) as f:
            self.assertEqual(run(*LOG, "-", stdin=f).returncode, 2)

    def test_standard_input(self):
        for file in (self.core, self.files["gz"]):
            for source in ({"args": ["cat", file]}, None):
                with (subprocess.Popen(**source, stdout=subprocess.PIPE).stdout if source else open(file, "rb")) as f:
                    done = run(f"--unpack={self.tmp}", *LOG, "-", stdin=f)
                self.assertEqual((done.stdout, done.returncode), (self.want, 0), done.stderr)
        # It has no other use, for gdb's requests or verbs.
        for arguments in (["--unpack", "-"], ["--unpack", "--exec", "-", "-"]):
            done = run(*arguments)
            self.assertEqual((done.stdout, done.returncode), ("", 2))
            self.assertIn("standard input", done.stderr)

    def test_plain_files_are_not_copied(self):
        done = run("--unpack=/nonexistent", *LOG, self.core)
        self.assertEqual((done.stdout, done.returncode), (self.want, 0))
        done = run("--unpack=/nonexistent", *LOG, self.files["gz"])
        self.assertEqual((done.stdout, done.returncode), ("", 1))
        self.assertIn("/nonexistent: No such file or directory", done.stderr)

    def test_zeros_become_holes(self):
        """1 GB of zeros behind a dump take no space; a terminal sees the progress."""
        big, socket = self.folder / "big.gz", self.folder / "socket"
        with open(big, "wb") as f:
            f.write(gzip.compress(self.core.read_bytes(), 1))
            f.write(gzip.compress(b"\0" * (1 << 26), 1) * 16)
        terminal, its_end = pty.openpty()
        with subprocess.Popen([VMSTUB, f"--unpack={self.tmp}", "--listen", socket, big], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=its_end) as stub:
            os.close(its_end)
            end = time.monotonic() + 120
            while not socket.exists() and stub.poll() is None and time.monotonic() < end:
                time.sleep(0.1)
            copies = [os.stat(f"/proc/{stub.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{stub.pid}/fd")
                      if os.readlink(f"/proc/{stub.pid}/fd/{fd}").startswith(str(self.tmp))]
            said = os.read(terminal, 65536).decode()
            stub.terminate()
        os.close(terminal)
        size = self.core.stat().st_size
        self.assertEqual([copy.st_size for copy in copies], [size + (1 << 30)])
        self.assertLess(copies[0].st_blocks * 512, size + (1 << 20))
        self.assertIn(f"unpacking {big}: ", said)
        self.assertEqual(os.listdir(self.tmp), [])

    def test_damaged(self):
        """A cut file, and one with a changed byte, are not taken for dumps; a stopped copy leaves nothing behind."""
        for suffix, file in self.files.items():
            data = bytearray(file.read_bytes())
            cut = self.folder / f"cut.{suffix}"
            cut.write_bytes(data[:len(data) * 3 // 4])
            done = run(f"--unpack={self.tmp}", *LOG, cut)
            self.assertEqual((done.stdout, done.returncode), ("", 1), suffix)
            self.assertRegex(done.stderr, f"vmstub: {cut}: compressed file is cut: it ends after \\d+ bytes")
            for at in range(len(data) // 4, len(data) // 4 + 64):
                data[at] ^= 0x5a
            cut.write_bytes(data)
            done = run(f"--unpack={self.tmp}", *LOG, cut)
            self.assertEqual((done.stdout, done.returncode), ("", 1), suffix)
            self.assertRegex(done.stderr, f"vmstub: {cut}: .*damaged")
        self.assertEqual(os.listdir(self.tmp), [])

    def test_disk_full(self):
        done = subprocess.run(["sh", "-c", 'ulimit -f 4096; trap "" XFSZ; exec "$@"', "sh", VMSTUB, f"--unpack={self.tmp}", *LOG,
                               self.files["gz"]], text=True, capture_output=True, timeout=limit(300))
        self.assertEqual((done.stdout, done.returncode), ("", 1))
        self.assertIn("File too large", done.stderr)

    def test_report(self):
        done = run("--report", "--no-debuginfod", f"--unpack={self.tmp}", *self.files.values())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("SIGNATURE: v1:"), 3)
