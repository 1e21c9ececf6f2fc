# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs gdb on a terminal and types into it."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

from patience import limit

SECONDS = 60  # of an idle machine
# No colours, no pager. Confirmation stays on, or gdb answers "Stop debugging it?" with yes by itself.
SETTINGS = ["set debuginfod enabled off", "set width 0", "set height 0", "set style enabled off",
            "set editing off"]


class Terminal:
    def __init__(self, command, cwd, env=None, size=None):
        """size: lines and columns of the terminal."""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            try:
                os.chdir(cwd)
                os.execvpe(command[0], list(map(str, command)), {**os.environ, "TERM": "dumb", **(env or {})})
            finally:
                os._exit(127)
        if size:
            fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        mode = termios.tcgetattr(self.fd)
        mode[3] &= ~termios.ECHO
        termios.tcsetattr(self.fd, termios.TCSANOW, mode)
        self.text, self.marks = "", 0

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)

    def type(self, text):
        os.write(self.fd, text.encode())

    def take(self, seconds):
        """Reads one piece of output, if there is any in time: the program may be waiting for us to read it."""
        if not select.select([self.fd], [], [], max(seconds, 0))[0]:
            return False
        try:
            self.text += os.read(self.fd, 65536).decode(errors="replace").replace("\r", "")
        except OSError:
            raise AssertionError(f"gdb ended: {self.text[-2000:]}") from None
        return True

    def look(self, seconds):
        """Reads output for that time, so that the program need not wait for us."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 or select.select([self.fd], [], [], 0)[0]:
            if not self.take(left):
                return
            if left < -limit(SECONDS):
                raise AssertionError(f"no end of text: {self.text[-2000:]}")

    def wait_for(self, pattern, seconds=None):
        """Removes and returns the text up to a match of pattern; None: no match in time."""
        end = time.monotonic() + (limit(SECONDS) if seconds is None else seconds)
        while not (found := re.search(pattern, self.text)):
            if time.monotonic() > end:
                return None
            self.take(0.005)
        before, self.text = self.text[:found.start()], self.text[found.end():]
        return before

    def ask(self, command):
        """What gdb prints for a command."""
        self.marks += 1
        self.type(f"echo <{self.marks}\\n\n{command}\necho \\n>{self.marks}\\n\n")
        text = self.wait_for(rf"\n>{self.marks}\n")
        if text is None:
            raise AssertionError(f"no end of {command!r}: {self.text[-2000:]}")
        return text.rsplit(f"<{self.marks}\n", 1)[-1].replace("(gdb) ", "")

    def settle(self):
        """Waits for the prompt after a Ctrl-C, which also discards typed input that was not read. Returns what was
        printed."""
        end = time.monotonic() + limit(SECONDS)
        said, patience = "", 0.1
        while time.monotonic() < end:
            self.marks += 1
            self.type(f"echo \\n>{self.marks}\\n\n")
            text = self.wait_for(rf"\n>{self.marks}\n|\(y or n\) ?", patience)
            patience = min(2 * patience, 2)
            if text is not None:
                said += text
                if not self.text.startswith("Please answer") and self.wait_for(r"\(y or n\) ?", 0.02) is None:
                    return said
                self.type("n\n")
        raise AssertionError(f"no prompt: {self.text[-2000:]}")


def gdbs():
    """{name: program} of the versions of gdb that $GDBS selects."""
    import shutil
    import subprocess

    from dumps import ROOT
    tool = ROOT / "tests" / "matrix" / "gdbs"
    found = {}
    for name in (os.environ.get("GDBS") or "machine").replace("all", "machine,bullseye,trixie,sid,minimal").split(","):
        if name == "machine":
            found[name] = shutil.which("gdb")
        else:
            subprocess.run([tool, name], check=True)
            found[name] = subprocess.run([tool, "--dir", name], check=True, text=True, stdout=subprocess.PIPE).stdout.strip() + "/gdb"
    return found
