# SPDX-License-Identifier: GPL-3.0-or-later
"""A minimal RSP client, for tests that need no gdb."""
import os
import subprocess

from dumps import VMSTUB
from patience import limit


class Rsp:
    def __init__(self, dump, core, options=(), env=None):
        self.process = subprocess.Popen([VMSTUB, *options, core], cwd=dump.dir, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        env={**os.environ, **(env or {})})
        # gdb's order: it sends the features first.
        self.ask("qSupported:multiprocess+;swbreak+;qXfer:features:read+")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=limit(10))

    def ask(self, packet):
        data = packet.encode("latin-1")
        self.process.stdin.write(b"$%s#%02x" % (data, sum(data) % 256))
        self.process.stdin.flush()
        while self._byte() != b"$":
            pass  # the acknowledgement
        reply = b""
        while (byte := self._byte()) != b"#":
            if byte == b"*":  # repeats of the byte before it
                reply += reply[-1:] * (self._byte()[0] - 29)
            else:
                reply += byte
        self._byte(), self._byte()
        self.process.stdin.write(b"+")
        self.process.stdin.flush()
        return reply.decode("latin-1")

    def _byte(self):
        byte = self.process.stdout.read(1)
        if not byte:
            raise EOFError("vmstub ended")
        return byte

    def read(self, address, size):
        """The bytes that can be read at address: fewer than size, or none, if pages are missing."""
        reply = self.ask(f"m{address:x},{size:x}")
        return b"" if reply.startswith("E") else bytes.fromhex(reply)
