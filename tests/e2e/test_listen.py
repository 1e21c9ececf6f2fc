# SPDX-License-Identifier: GPL-3.0-or-later
"""vmstub --listen: real gdbs that connect to a port or a unix socket."""
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import time
import unittest

from dumps import VMSTUB, DumpTest, for_dumps, served
from patience import limit
from session import index_options

FIRST = r"#0 +0x[0-9a-f]+ in vdev_count_hit \(len=1514, vdev=0x[0-9a-f]+ <l2w_vdevs\+64>\)"
LOCAL = "attempting to access files from local filesystem"


class Listening:
    """A vmstub --listen."""

    def __init__(self, dump, where, *options, core=None, **more):
        self.process = subprocess.Popen([VMSTUB, "--listen", where, *options, core or dump.cores["lzo"]], cwd=dump.dir, text=True,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
        self.said = ""
        while not self.said.count("Listening on "):
            line = self.process.stderr.readline()
            if not line:
                raise AssertionError(f"vmstub ended: {self.said}")
            self.said += line
        self.at = re.search(r"Listening on (?:port|socket) (\S+)", self.said)[1]
        self.at = f"localhost:{self.at}" if self.at.isdigit() else self.at

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def end(self, sig=None):
        """Returns the exit code and everything it said."""
        if sig:
            self.process.send_signal(sig)
        _, rest = self.process.communicate(timeout=limit(20))
        return self.process.returncode, self.said + rest


def gdb(dump, where, *commands, vmlinux="vmlinux"):
    args = ["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off", *index_options(), "-ex", "set width 0",
            "-ex", f"target {'' if 'extended' in where else 'remote '}{where}"]
    for command in commands:
        args += ["-ex", command]
    return subprocess.run([*args, *([vmlinux] if vmlinux else [])], cwd=dump.dir, text=True, errors="replace", timeout=limit(60),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


@for_dumps("k6.1-kdump")
class Listen(DumpTest):
    def test_one_gdb_after_another(self):
        with Listening(self.dump, "0") as server:
            self.assertRegex(server.at, r"^localhost:[1-9]\d*$")
            for start, vmlinux in (("classic", "vmlinux"), ("bare", None), ("extended", "vmlinux")):
                with self.subTest(start=start):
                    where = f"extended-remote {server.at}" if start == "extended" else server.at
                    said = gdb(self.dump, where, "bt 1", "mod -s nothing", "monitor sym panic", "info symbol panic", "detach", vmlinux=vmlinux)
                    self.assertRegex(said, FIRST)
                    self.assertRegex(said, r"[0-9a-f]{16} \(T\) panic")
                    self.assertIn("panic in section .text", said)
                    # A gdb on this machine opens vmlinux itself.
                    self.assertIn(LOCAL, said)
            code, said = server.end(signal.SIGTERM)
        self.assertEqual(code, 0)
        self.assertEqual(said.count("Remote debugging from host 127.0.0.1, port "), 3)
        self.assertNotIn("warning", said)

    def test_unix_socket(self):
        path = str(self.new_folder() / "sock")
        for again in (False, True):
            with Listening(self.dump, path, "--once") as server:
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
                said = gdb(self.dump, path, "bt 1")
                self.assertRegex(said, FIRST)
                self.assertIn(LOCAL, said)
                self.assertEqual(server.end()[0], 0)
            self.assert_gone(path)
            # One that another vmstub left behind is replaced, another file is not.
            left = socket.socket(socket.AF_UNIX)
            left.bind(path)
            left.close()
        os.unlink(path)
        with open(path, "w", encoding="ascii") as file:
            file.write("mine")
        done = subprocess.run([VMSTUB, "--listen", path, self.dump.cores["lzo"]], text=True, stderr=subprocess.PIPE, timeout=limit(20))
        self.assertEqual((done.returncode, done.stderr), (1, f"vmstub: --listen: cannot listen on {path}: Address already in use\n"))

    def test_killed_vmstub_leaves_no_socket(self):
        path = str(self.new_folder() / "sock")
        with Listening(self.dump, path) as server:
            server.process.kill()
        self.assert_gone(path)

    def assert_gone(self, path):
        end = time.monotonic() + limit(10)
        while os.path.exists(path):
            self.assertLess(time.monotonic(), end, f"{path} is still there")
            time.sleep(0.01)

    def test_gdb_that_is_killed(self):
        with Listening(self.dump, "localhost:0") as server:
            first = subprocess.Popen(["gdb", "-nx", "-batch", "-ex", f"target remote {server.at}", "-ex", "echo <here>\\n", "-ex", "shell sleep 1000"],
                                     cwd=self.dump.dir, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, start_new_session=True)
            while "<here>" not in (line := first.stdout.readline()):
                self.assertTrue(line, "gdb ended")
            os.killpg(first.pid, signal.SIGKILL)
            first.wait()
            first.stdout.close()
            self.assertRegex(gdb(self.dump, server.at, "bt 1"), FIRST)
            # In a session, too, a signal ends it cleanly.
            with socket.create_connection(server.at.split(":")) as idle:
                while "port" not in server.process.stderr.readline():
                    pass
                idle.sendall(b"$?#3f")
                self.assertEqual(idle.recv(1), b"+")
                self.assertEqual(server.end(signal.SIGINT)[0], 0)

    @unittest.skipUnless(shutil.which("socat"), "no socat")
    def test_distant_gdb_gets_files(self):
        """Through a forwarded port, gdb cannot open files by itself: it gets them from vmstub."""
        path = str(self.new_folder() / "sock")
        with Listening(self.dump, path, "--vmlinux", "/dev/null") as server:
            relay = subprocess.Popen(["socat", "-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1", f"UNIX-CONNECT:{path}"], text=True,
                                     stderr=subprocess.PIPE)
            try:
                while not (port := re.search(r"listening on .*:(\d+)$", relay.stderr.readline())):
                    pass
                said = gdb(self.dump, f"localhost:{port[1]}", "bt 2", "info sharedlibrary l2w", vmlinux=None)
            finally:
                relay.kill()
                relay.communicate()
            self.assertNotIn(LOCAL, said)
            self.assertRegex(said, r"Reading \S*vmlinux\.symbols from remote target")
            self.assertRegex(said, FIRST)
            self.assertRegex(said, r"(?m)^0x[0-9a-f]+ .*target:\S*l2w")
            self.assertEqual(server.end(signal.SIGTERM)[0], 0)

    def test_distant_gdb_is_spared_vmlinux(self):
        """Without a vmlinux of its own it gets the symbols in the dump: the same frames and values as a local gdb, but no lines."""
        asked = ["bt", "p $task->comm", "p jiffies", "thread apply all -q p runqueues.nr_running", "ptype struct mutex", "monitor kbt -l"]

        def say(command, asked, *files):
            words = [word for one in [f"target remote | {command}", *(f"echo @@\\n\n{a}".split("\n") for a in asked)] for word in
                     (("-ex", one) if isinstance(one, str) else ("-ex", one[0], "-ex", one[1]))]
            done = subprocess.run(["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off", "-ex", "set width 0", *words, *files], cwd=self.dump.dir,
                                  text=True, errors="replace", timeout=limit(120), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            return done.stdout.split("@@\n")
        core = self.dump.cores["lzo"]
        far, near = say(f"cat | {served(core)} | cat", asked), say(served(core, "--symbols=dump"), asked)
        with_file = say(f"cat | {served(core)} | cat", asked[:1], "vmlinux")
        self.assertIn("note: gdb is on another machine", far[0])
        self.assertNotRegex(far[0], r"Reading \S*/vmlinux from remote")
        self.assertNotIn("note: gdb is on another machine", with_file[0])
        self.assertIn("kernel/softirq.c", with_file[1])

        def frames(text):  # those of the kernel: a module's file has inlined ones
            return [f for f in re.findall(r"^#\d+ +(0x\w+) in (\w+) ", text, re.M) if int(f[0], 16) < 0xffffffffc0000000]
        self.assertGreater(len(frames(near[1])), 8)
        self.assertEqual(frames(far[1]), frames(near[1]))
        self.assertEqual(far[2:-1], near[2:-1])
        self.assertRegex(far[-1], r"\.[ch]: \d+\n")  # verbs have the lines

    def test_progress_of_vmlinux(self):
        """A quarter of vmlinux is read as gdb reads it, over vFile."""
        errors = self.new_folder() / "errors"
        vmlinux = os.path.realpath(self.dump.dir / "vmlinux")
        size = os.path.getsize(vmlinux)
        with open(errors, "wb") as file, subprocess.Popen([VMSTUB, "--symbols=full", self.dump.cores["lzo"]], cwd=self.dump.dir,
                                                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file) as server:
            def ask(packet):
                data = packet.encode("ascii")
                server.stdin.write(b"+$%s#%02x" % (data, sum(data) % 256))
                server.stdin.flush()
                reply = b""
                while reply[-3:-2] != b"#":
                    reply += os.read(server.stdout.fileno(), 1 << 20)
                return reply.partition(b"$")[2][:-3]
            ask("qSupported:multiprocess+;swbreak+;qXfer:features:read+")
            name = ask("qXfer:exec-file:read::0,fff")[1:]
            self.assertEqual(os.path.realpath(name), vmlinux.encode())
            opened = ask(f"vFile:open:{name.hex()},0,0")
            self.assertRegex(opened, rb"^F\d$")
            at = 0
            while at < size // 4:
                at += int(ask(f"vFile:pread:{opened[1:].decode()},1f000,{at:x}")[1:].partition(b";")[0], 16)
            server.stdin.close()
        told = re.findall(r"vmstub: gdb has (\d+) of (\d+) MB of vmlinux\n", errors.read_text())
        self.assertEqual([total for _, total in told], [str(size >> 20)] * 2)
        for tenth, (sent, _) in enumerate(told, 1):
            self.assertTrue(0 <= int(sent) - (size * tenth // 10 >> 20) <= 1, told)

    def test_warns_of_other_machines(self):
        for where, warned in (("0", False), (":0", False), ("localhost:0", False), ("127.0.0.1:0", False), ("0.0.0.0:0", True)):
            with self.subTest(where=where), Listening(self.dump, where, "--once") as server:
                code, said = server.end(signal.SIGHUP)
                self.assertEqual(code, 0)
                self.assertEqual("everybody who can reach" in said, warned)

    def test_errors(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            for args, code, said in ((["--listen", str(port)], 1, f"vmstub: --listen: cannot listen on {port}: Address already in use"),
                                     (["--listen", "65536"], 2, "vmstub: --listen: 65536: 65536 is no port: the highest is 65535"),
                                     (["--listen", "no.such.host.invalid:0"], 2, "vmstub: --listen: no.such.host.invalid:0: "),
                                     (["--listen", "/no/such/sock"], 1, "vmstub: --listen: cannot listen on /no/such/sock: No such file"),
                                     (["--listen", ""], 2, "vmstub: --listen: '' is neither [HOST:]PORT nor a path"),
                                     (["--listen", "0", "--exec", "sys"], 2, "vmstub: --listen: --exec and -i need no gdb"),
                                     (["--once"], 2, "vmstub: --once: only useful with --listen")):
                with self.subTest(args=args):
                    done = subprocess.run([VMSTUB, *args, self.dump.cores["lzo"]], text=True, stderr=subprocess.PIPE, timeout=limit(20),
                                          stdin=subprocess.DEVNULL)
                    self.assertEqual(done.returncode, code)
                    self.assertIn(said, done.stderr)
