# SPDX-License-Identifier: GPL-3.0-or-later
"""Events while vmstub serves: files that change, gdbs that die, memory that runs out."""
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

import damage
from dumps import VMSTUB, DumpTest, for_dumps, tool, server
from patience import limit
from rsp import Rsp
from session import index_options


class RobustTest(DumpTest):
    @classmethod
    def prepare(cls):
        cls.dir = cls.new_folder()
        cls.runtime = cls.dir / "run"
        cls.runtime.mkdir()
        cls.env = {"XDG_RUNTIME_DIR": str(cls.runtime), "TMPDIR": str(cls.runtime)}

    def folders(self):
        return list(self.runtime.iterdir())

    def check_nothing_left(self, pid):
        """Neither folders nor the process that owns them."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            helpers = [p for p in Path("/proc").glob("[0-9]*/stat") if self.is_helper(p, pid)]
            if not self.folders() and not helpers:
                return
            time.sleep(0.02)
        self.fail(f"left behind: {self.folders()} {helpers}")

    @staticmethod
    def is_helper(stat, pid):
        try:
            return stat.read_text().split()[3] == str(pid)
        except OSError:
            return False


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class FileChanges(RobustTest):
    def serve(self, format):
        path = damage.copy(self.dump.cores[format], self.dir / f"vmcore.{format}")
        rsp = Rsp(self.dump, path, env=self.env)
        self.addCleanup(rsp.__exit__)
        banner = rsp.read(self.dump.address("linux_banner"), 14)
        self.assertEqual(banner, b"Linux version ")
        return path, rsp

    def ends_well(self, rsp):
        """vmstub still answers, and ends when told to."""
        self.assertTrue(rsp.ask("?").startswith("T05"))
        self.assertEqual(rsp.ask("vMustReplyEmpty"), "")
        rsp.process.stdin.close()
        self.assertEqual(rsp.process.wait(timeout=limit(10)), 0)
        self.check_nothing_left(rsp.process.pid)

    def test_shrinks(self):
        for format in ("lzo", "elf", "flat"):
            with self.subTest(format):
                path, rsp = self.serve(format)
                os.truncate(path, 4096)
                # cached pages may still be readable, but not this many
                got = [rsp.read(self.dump.address("_stext") + at, 4096) for at in range(0, 16 << 20, 1 << 20)]
                self.assertIn(b"", got)
                self.assertEqual([data for data in got if data not in (b"",) and len(data) < 4096], [])
                os.truncate(path, 0)
                self.assertEqual(rsp.read(self.dump.address("init_task") & ~0xfff, 8)[8:], b"")
                self.ends_well(rsp)

    def test_grows_back(self):
        """The file is cut and written again, as by a copy that starts over: its zeros must not be read as memory."""
        path, rsp = self.serve("lzo")
        size = path.stat().st_size
        os.truncate(path, 0)
        os.truncate(path, size)
        self.assertEqual(rsp.read(self.dump.address("_stext") + (7 << 20), 64), b"")
        self.ends_well(rsp)

    def test_replaced(self):
        """vmstub keeps reading the old file, which it has open."""
        path, rsp = self.serve("lzo")
        (self.dir / "new").write_bytes(b"something else")
        os.replace(self.dir / "new", path)
        where = self.dump.address("_stext") + (5 << 20)
        with Rsp(self.dump, self.dump.core) as good:
            self.assertEqual(rsp.read(where, 4096), good.read(where, 4096))
        self.ends_well(rsp)

    def test_removed(self):
        path, rsp = self.serve("elf")
        path.unlink()
        self.assertEqual(len(rsp.read(self.dump.address("_stext") + (3 << 20), 4096)), 4096)
        self.ends_well(rsp)

    def test_overwritten_with_noise(self):
        path, rsp = self.serve("lzo")
        with path.open("r+b") as f:
            f.seek(16384)
            f.write(os.urandom(4 << 20))
        for at in range(0, 8 << 20, 1 << 20):
            rsp.read(self.dump.address("_stext") + at, 4096)
        self.ends_well(rsp)


# What gdb sends when it connects, and some later requests.
CONVERSATION = ["qSupported:multiprocess+;swbreak+;qXfer:features:read+", "vMustReplyEmpty", "QStartNoAckMode", "Hg0",
                "qXfer:features:read:target.xml:0,1000", "qTStatus", "?", "qXfer:threads:read::0,1000", "qAttached",
                "qXfer:exec-file:read::0,1000", "Hc-1", "qOffsets", "g", "qXfer:libraries:read::0,20000",
                "mffffffff81000000,40", "qSymbol::", "qRcmd,6b6274202d61", "vCont?", "D"]


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class GdbDies(RobustTest):
    @staticmethod
    def stream():
        """All packets as bytes, and the offsets where each ends."""
        data, ends = b"", []
        for packet in CONVERSATION:
            text = packet.encode()
            data += b"+$%s#%02x" % (text, sum(text) % 256)
            ends.append(len(data))
        return data, ends

    def start(self):
        return subprocess.Popen([VMSTUB, self.dump.core], cwd=self.dump.dir, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env={**os.environ, **self.env})

    def test_at_any_packet(self):
        """All pipes close at once, as when gdb is killed: after each packet, and inside it."""
        data, ends = self.stream()
        for cut in sorted({*ends, *(end - 1 for end in ends), *(end - 4 for end in ends), 0, 1}):
            with self.subTest(cut):
                process = self.start()
                process.stdin.write(data[:cut])
                process.stdin.flush()
                if cut in ends[::3]:  # in the other cases the pipes close while vmstub still works
                    time.sleep(0.05)
                for pipe in (process.stdin, process.stdout):
                    pipe.close()
                said = process.stderr.read()
                process.stderr.close()
                self.assertIn(process.wait(timeout=limit(20)), (0, 1), said)
                self.check_nothing_left(process.pid)

    def test_that_does_not_read(self):
        """Replies pile up, then the reading end closes: EPIPE, and no signal."""
        process = self.start()
        os.set_blocking(process.stdin.fileno(), False)
        for i in range(200):  # all different, because a copy of the previous request gets no reply
            text = b"m%x,1000" % (self.dump.address("_stext") + i * 4096)
            try:
                os.write(process.stdin.fileno(), b"+$%s#%02x" % (text, sum(text) % 256))
            except BlockingIOError:
                break
        time.sleep(0.3)
        process.stdout.close()
        self.assertIn(process.wait(timeout=limit(20)), (0, 1))
        process.stdin.close()
        process.stderr.close()
        self.check_nothing_left(process.pid)

    def test_no_output_to_write_to(self):
        for line in ("sys", "log; log; log"):
            read, write = os.pipe()
            os.close(read)
            done = subprocess.run([VMSTUB, "--exec", line, self.dump.core], stdout=write, stderr=subprocess.PIPE, timeout=limit(20))
            os.close(write)
            self.assertIn(done.returncode, (1, -signal.SIGPIPE))
        with open("/dev/full", "w") as full:
            done = subprocess.run([VMSTUB, "--exec", "log", self.dump.core], stdout=full, stderr=subprocess.PIPE, text=True,
                                  timeout=limit(20))
        self.assertEqual((done.returncode, done.stderr), (1, "vmstub: cannot write to standard output: No space left on device\n"))


@for_dumps("k6.1-kdump")
class RealGdbDies(RobustTest):
    def test_killed_at_any_time(self):
        for delay in (0.02, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 1.8):
            with self.subTest(delay):
                gdb = subprocess.Popen(["gdb", "-nx", "-q", "-batch", "-iex", "set debuginfod enabled off", *index_options(),
                                        "-ex", "target " + server(self.dump.core), "-ex", "bt", "-ex", "info threads",
                                        "-ex", "info sharedlibrary", "vmlinux"], cwd=self.dump.dir, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **self.env})
                time.sleep(delay)
                children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(gdb.pid)], text=True, stdout=subprocess.PIPE).stdout
                gdb.kill()
                gdb.wait()
                for pid in map(int, children.split()):
                    deadline = time.monotonic() + 10
                    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
                        self.assertLess(time.monotonic(), deadline, "vmstub lives on")
                        time.sleep(0.02)
                    self.check_nothing_left(pid)


@for_dumps("k6.1-kdump")
class MemoryEnds(RobustTest):
    LINES = "sys; mod; kbt -a; log"

    def run_with(self, megabytes):
        """Without vmlinux, because libdw ends the program when it runs out of memory."""
        def lower():
            resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))
        return subprocess.run([VMSTUB, "--exec", self.LINES, self.core], text=True, errors="replace", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=lower, timeout=limit(60))

    def test_limits(self):
        self.core = self.dir / "vmcore"
        self.core.symlink_to(self.dump.core)
        good = self.run_with(1024)
        self.assertEqual(good.returncode, 0)
        refused = 0
        for megabytes in (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 24, 32, 48, 64, 96, 256):
            with self.subTest(megabytes):
                done = self.run_with(megabytes)
                if "error while loading shared libraries" in done.stderr:
                    continue
                self.assertIn(done.returncode, (0, 1), f"{megabytes} MiB: {done.stderr}")
                for line in done.stderr.splitlines():
                    self.assertTrue(line.startswith("vmstub: "), done.stderr)
                if done.returncode:
                    self.assertTrue(done.stderr)
                    refused += 1
        self.assertGreater(refused, 0)
        self.assertEqual(self.run_with(256).stdout, good.stdout)

    def test_any_allocation_fails(self):
        """Fails vmstub's nth own allocation, for many n (tests/tools/nomem.c)."""
        done = subprocess.run([tool("nomem"), self.dump.core, self.LINES, "100"], text=True, errors="replace",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(120))
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        self.assertRegex(done.stdout, r"^100 of \d+ allocations failed, one at a time\n$")
