# SPDX-License-Identifier: GPL-3.0-or-later
"""vmstub's messages outside the protocol appear on gdb's terminal at the right moment, and only once."""
import os
import re
import subprocess

from dumps import DumpTest, for_dumps, server
from patience import limit
from terminal import SETTINGS, Terminal, gdbs

# By then gdb has received much more than 64 KiB, and no longer reads vmstub's standard error.
MUCH = "dump binary memory /dev/null _text _text+262144"


class WithTerminal(DumpTest):
    def start(self, gdb, *commands):
        settings = [word for setting in SETTINGS for word in ("-iex", setting)]
        connect = ["-ex", "target " + server(self.dump.cores['elf'])]
        more = [word for command in commands for word in ("-ex", command)]
        terminal = Terminal([gdb, "-nx", "-q", *settings, *more, *connect, "vmlinux"], self.dump.dir)
        self.addCleanup(terminal.close)
        return terminal


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class AtOnce(WithTerminal):
    def test_on_connecting(self):
        """Before the prompt, however gdb reads vmlinux; over the protocol it reads many bytes."""
        note = "gdb adds the KASLR offset to the addresses of per-CPU variables"
        for name, gdb in gdbs().items():
            for commands in ([], ["set sysroot /"]):
                with self.subTest(gdb=name, commands=commands):
                    terminal = self.start(gdb, *commands)
                    said = terminal.settle()
                    self.assertEqual(said.count(note), 1, said)
                    self.assertNotIn(note, terminal.ask("monitor sys") + terminal.ask("monitor sys"))


@for_dumps("k6.1-kdump")
class AndOnce(WithTerminal):
    def test_lost_slide(self):
        for name, gdb in gdbs().items():
            with self.subTest(gdb=name):
                terminal = self.start(gdb, "set confirm off")
                terminal.settle()
                terminal.ask(MUCH)
                terminal.ask("file vmlinux")
                said = terminal.ask("p linux_banner")
                self.assertEqual(said.count("where the kernel would be without KASLR"), 1, said)
                command = re.search(r"Then type symbol-file, (add-symbol-file \S+ -o 0x[0-9a-f]+), and sharedlibrary", said)
                self.assertIsNotNone(command, said)
                for one in ("symbol-file", command[1], "sharedlibrary"):
                    terminal.ask(one)
                self.assertIn('"Linux version', terminal.ask("p linux_banner"))
                self.assertNotIn("without KASLR", terminal.ask("monitor sys"))

    def test_warning_of_a_verb(self):
        """It stays with the verb's output, so that gdb's pipes and logs have both."""
        for name, gdb in gdbs().items():
            with self.subTest(gdb=name):
                terminal = self.start(gdb)
                terminal.settle()
                terminal.ask(MUCH)
                said = terminal.ask("monitor mod -s l2w /nonexistent/l2w.ko")
                self.assertEqual(said.count("/nonexistent/l2w.ko"), 1, said)

    def test_without_a_terminal(self):
        """Then messages appear with the next monitor command."""
        for name, gdb in gdbs().items():
            with self.subTest(gdb=name):
                done = subprocess.run([gdb, "-nx", "-batch", "-iex", "set debuginfod enabled off", "-ex", "set confirm off", "-ex",
                                       "target " + server(self.dump.cores['elf']), "-ex", MUCH, "-ex", "file vmlinux",
                                       "-ex", "p linux_banner", "-ex", "echo @@\\n", "-ex", "monitor sys", "vmlinux"], cwd=self.dump.dir,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                      timeout=limit(60), env={**os.environ, "TERM": "dumb"})
                before, _, after = done.stdout.partition("@@\n")
                self.assertEqual((before.count("without KASLR"), after.count("without KASLR")), (0, 1), done.stdout)
