# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C at any moment of a monitor command: each later request of gdb gets its own reply."""
import os
import shutil
import subprocess
import time

from dumps import ROOT, VMSTUB, DumpTest, for_dumps, server
from patience import limit
from session import index_options
from terminal import SETTINGS, Terminal, gdbs

# Long-running verbs of each kind: with much text, little at a time, or none.
VERBS = ["kmem -S", "foreach bt", "ps -m", "kbt -a", "search -p 1badd00d2badd00d", "rd _text 30000"]
PROBES = ["x/2gx $rsp", "output jiffies", "monitor sym panic", "x/2i panic", "output init_task.comm", "bt", "info threads"]
CTRL_C = "\x03"


class Interrupting(DumpTest):
    def start(self, gdb, start):
        settings = [word for setting in SETTINGS for word in ("-iex", setting)] + index_options()
        if start == "vmgdb":
            command = [ROOT / "gdbscripts" / "vmgdb", self.dump.cores["elf"], "--", "-nx", *settings]
        else:
            command = [gdb, "-nx", "-q", *settings, "-ex", "target " + server(self.dump.cores['elf']), "vmlinux"]
        terminal = Terminal(command, self.dump.dir, {"GDB": gdb, "VMSTUB": str(VMSTUB)})
        self.addCleanup(terminal.close)
        return terminal

    @staticmethod
    def probe(terminal):
        return {command: terminal.ask(command) for command in PROBES}

    @staticmethod
    def moments(took):
        """(name, what to do between the start and the end of the command) for a command that takes `took` seconds."""
        def press(*waits):
            def keys(terminal):
                for wait in waits:
                    terminal.look(wait)
                    terminal.type(CTRL_C)
            return keys

        def at_text(terminal):
            terminal.wait_for(r"(?s).{500}", took)  # some verbs say less
            terminal.type(CTRL_C)
        yield "at once", press(0)
        yield "at the first text", at_text
        yield "twice", press(took / 3, 0)
        yield "and again", press(0.001, 0.02, 0.05)
        for part in (0.02, 0.1, 0.4, 0.8, 0.97, 1.0):
            yield f"after {part:.0%}", press(took * part)

    def interrupt_all(self, terminal, verbs, moments, enough):
        """Tries a sample of the moments. enough: how many verbs must be ended by Ctrl-C."""
        terminal.settle()
        before = self.probe(terminal)
        self.assertIn("vdev_count_hit", before["bt"])
        self.assertRegex(before["monitor sym panic"], r"(?m)^[0-9a-f]{16} \(T\) panic")
        self.assertIn("<panic", before["x/2i panic"])
        stopped = 0
        for verb in verbs:
            began = time.monotonic()
            whole = terminal.ask(f"monitor {verb}")
            took = time.monotonic() - began
            for moment, keys in list(self.moments(took))[::moments]:
                terminal.type(f"monitor {verb}\n")
                keys(terminal)
                said = terminal.settle()
                stopped += "Quit" in said and len(said) < len(whole)
                self.assertEqual(self.probe(terminal), before, f"{verb}, Ctrl-C {moment}")
            self.assertEqual(terminal.ask(f"monitor {verb}"), whole)
        self.assertGreater(stopped, enough)


@for_dumps("k6.1-kdump")
class Interrupted(Interrupting):
    def test_any_moment(self):
        """In each gdb all moments with one start, and a third of them with the other; in this machine's with all verbs, in others
        with the one that says most and two more."""
        for i, (name, gdb) in enumerate(gdbs().items()):
            verbs = [VERBS[0], *sorted({VERBS[1 + i % 5], VERBS[1 + (i + 2) % 5]})] if i else VERBS
            for start, step, enough in zip(("classic", "vmgdb"), *(((1, 3), (20, 6)) if i % 2 else ((3, 1), (6, 20)))):
                with self.subTest(gdb=name, start=start):
                    self.interrupt_all(self.start(gdb, start), verbs, step, enough * len(verbs) // len(VERBS))


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class InterruptedOnce(Interrupting):
    """A sample for the quick tests: this machine's gdb, with much text and with none."""

    def test_some_moments(self):
        self.interrupt_all(self.start(shutil.which("gdb"), "classic"), (VERBS[0], VERBS[4]), 4, 0)


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Acknowledged(DumpTest):
    """Acknowledgements stay on whatever gdb's settings: without them gdb cannot recognize an old reply."""

    def test_all_settings(self):
        for name, gdb in gdbs().items():
            texts = []
            for setting in ("auto", "off", "on"):
                done = subprocess.run([gdb, "-nx", "-batch", "-iex", "set debuginfod enabled off", *index_options(), "-ex", f"set remote noack-packet {setting}",
                                       "-ex", "target " + server(self.dump.cores['elf']), "-ex", "echo @@\\n", "-ex", "monitor kmem -S", "vmlinux"],
                                      cwd=self.dump.dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      timeout=limit(60))
                texts.append(done.stdout.partition(b"@@\n")[2])
            with self.subTest(name):
                self.assertGreater(len(texts[0]), 400000)
                self.assertEqual(texts[1], texts[0])
                self.assertEqual(texts[2], texts[0])


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class ClosedPipe(DumpTest):
    """--exec ends quietly when the reader closes the pipe."""

    def test_head(self):
        # A shell script may have run: trap '' PIPE. Where the write fails depends on how far the reader was.
        for ignored in (False, *(True,) * 10):
            trap = "trap '' PIPE; " if ignored else ""
            done = subprocess.run(["sh", "-c", f"{trap}\"$0\" --exec 'foreach kbt; kmem -S; ps' \"$1\" | head -n 1", VMSTUB, self.dump.cores["elf"]],
                                  cwd=self.dump.dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  timeout=limit(60))
            self.assertRegex(done.stdout, "^PID: ")
            self.assertEqual(done.stderr, "")

    def test_ctrl_c(self):
        """SIGINT ends --exec like any program."""
        terminal = Terminal([VMSTUB, "--exec", "foreach kbt; kmem -S; foreach kbt; kmem -S; foreach kbt -f; kmem -S", self.dump.cores["elf"]],
                            self.dump.dir)
        self.assertIsNotNone(terminal.wait_for("PID: "))
        terminal.type(CTRL_C)
        pid, status = os.waitpid(terminal.pid, 0)
        os.close(terminal.fd)
        self.assertEqual(os.WTERMSIG(status), 2)
