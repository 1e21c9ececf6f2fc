# SPDX-License-Identifier: GPL-3.0-or-later
"""Completion in real shells: bash with bash-completion, zsh, fish."""
import os
import re
import shutil
import subprocess

from dumps import ROOT, DumpTest
from patience import limit
from terminal import Terminal
from test_packages import make

END = "VMSTUB-END"


def options_of(program, *args):
    """The options in --help."""
    text = subprocess.run([program, "--help", *args], text=True, stdout=subprocess.PIPE, check=True).stdout
    found = set()
    for names in re.findall(r"^ +(-.*?)(?:  .*)?$", text, re.M):
        found.update(name.split()[0].split("[=")[0] for name in names.split(", "))
    return found


class Shell(DumpTest):
    """The installed programs and completions, in a folder of their own."""

    @classmethod
    def prepare(cls):
        cls.home = cls.new_folder()
        make("install", f"DESTDIR={cls.home}", "PREFIX=/usr")
        cls.bin = cls.home / "usr" / "bin"
        cls.share = cls.home / "usr" / "share"
        cls.work = cls.home / "work"
        (cls.work / "folder").mkdir(parents=True)
        (cls.work / "vmcore.zstd").touch()
        cls.env = {"PATH": f"{cls.bin}:{os.environ['PATH']}", "HOME": str(cls.home), "LC_ALL": "C.UTF-8"}
        cls.long = {name for name in options_of(cls.bin / "vmstub") if name.startswith("--")}
        declared = (ROOT / "stub" / "options.c").read_text()
        cls.declared = {f"--{name}" for name in re.findall(r'\{ "([a-z-]+)", (?:no|required|optional)_argument', declared)}

    def need(self, *programs):
        for program in programs:
            if not shutil.which(program):
                self.skipTest(f"{program} is not installed")

    def check(self, complete):
        """complete(line): the words that the shell offers for the end of the line."""
        self.assertEqual(self.long, self.declared)
        self.assertEqual(set(complete("vmstub --")), self.long)
        refused = {"--exec", "--gcore", "--listen", "--once", "--report", "--timeout"}
        self.assertEqual(set(complete("vmgdb --")), self.long - refused | {"--print-launch-json"})
        for option in (*refused, "-j"):
            said = subprocess.run([self.bin / "vmgdb", option], text=True, capture_output=True).stderr
            self.assertIn(f"{option} is an option of vmstub alone", said)
        self.assertEqual(set(complete("vmstub --threads ")), {"cpus", "tasks"})
        self.assertEqual(set(complete("vmstub --log-level ")), {"error", "warn", "info", "debug"})
        self.assertEqual(set(complete("vmstub vmco")), {"vmcore.zstd"})
        self.assertEqual({word.rstrip("/") for word in complete("vmstub --module-dir ")}, {"folder"})
        self.assertEqual({word.rstrip("/") for word in complete("vmgdb --vmlinux ")}, {"folder", "vmcore.zstd"})

    def last_words(self, offered):
        return {re.split(r"[ ;]", word.strip("'\" "))[-1] for word in offered}

    def check_commands(self, complete):
        verbs = subprocess.run([self.bin / "vmstub", "--exec", "help"], text=True, stdout=subprocess.PIPE, check=True).stdout
        verbs = {line.split()[0] for line in verbs.splitlines()}
        self.assertEqual(self.last_words(complete("vmstub --exec s")), {verb for verb in verbs if verb.startswith("s")})
        self.assertEqual(self.last_words(complete("vmstub --exec 'sys; s")), {verb for verb in verbs if verb.startswith("s")})
        self.assertEqual(self.last_words(complete("vmstub --exec 'sys; runq -")), {"-t", "-T", "-m", "-g", "-c", "--json"})


class Bash(Shell):
    def complete(self, line):
        """What the completion's function offers for a line, as bash calls it when Tab is pressed."""
        script = f"""
        . /usr/share/bash-completion/bash_completion
        . {self.share}/bash-completion/completions/vmstub
        compopt() {{ :; }}
        COMP_LINE=$1 COMP_POINT=${{#1}}
        IFS= read -ra COMP_WORDS < <(:)
        COMP_WORDS=("${{@:2}}") COMP_CWORD=$(($# - 2)) COMP_TYPE=9
        _vmstub "$2" "${{@: -1}}" "${{@: -2:1}}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        head, quote, tail = line.partition("'")
        words = head.split(" ") if not quote else [*head.split(" ")[:-1], quote + tail]
        done = subprocess.run(["bash", "--norc", "-c", script, "bash", line, *words], cwd=self.work, env=self.env, text=True,
                              timeout=limit(60), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.stderr, "")
        return done.stdout.split("\n")[:-1] if done.stdout.strip() else []

    def setUp(self):
        if not os.path.exists("/usr/share/bash-completion/bash_completion"):
            self.skipTest("bash-completion is not installed")

    def test_bash_words(self):
        self.check(self.complete)

    def test_bash_commands(self):
        self.check_commands(self.complete)

    def test_bash_tab(self):
        """A Tab in a terminal completes, in a quoted word, too."""
        terminal = Terminal(["bash", "--norc", "-i"], self.work, {**self.env, "PS1": "$ "})
        self.addCleanup(terminal.close)
        terminal.type(f"stty echo; . /usr/share/bash-completion/bash_completion; . {self.share}/bash-completion/completions/vmstub; echo {END[:3]}''{END[3:]}\n")
        self.assertIsNotNone(terminal.wait_for(END), terminal.text)
        for typed, wanted in (("vmgdb --print-l\t", "--print-launch-json"), ("vmstub --exec 'sys; expl\t", "'sys; explain"),
                              ("vmstub --thr\ttas\t", "--threads tasks"), ("vmstub vmco\t", "vmstub vmcore.zstd")):
            terminal.type(typed)
            self.assertIsNotNone(terminal.wait_for(re.escape(wanted), 20), (typed, terminal.text))
            terminal.type("\x15")


class Fish(Shell):
    def complete(self, line):
        script = f"source {self.share}/fish/vendor_completions.d/vmstub.fish; complete -C $argv[1]"
        done = subprocess.run(["fish", "--no-config", "-c", script, line], cwd=self.work, env=self.env, text=True,
                              timeout=limit(60), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.stderr, "")
        return [row.split("\t")[0] for row in done.stdout.splitlines()]

    def test_fish_words(self):
        self.need("fish")
        self.check(self.complete)

    def test_fish_commands(self):
        self.need("fish")
        self.check_commands(self.complete)


class Zsh(Shell):
    """zsh completes only in a terminal: a list of what it offers, one per line."""
    SETUP = ("PS1='$ '; fpath=({share}/zsh/site-functions $fpath); autoload -Uz compinit; compinit -u -D; unsetopt zle_bracketed_paste 2>/dev/null; "
             "setopt no_always_last_prompt; LISTMAX=1000; zstyle ':completion:*' list-separator '  #'; zstyle ':completion:*' verbose no; "
             "bindkey '^Y' list-choices; echo {start}''{end}\n")

    def prepare_terminal(self):
        terminal = Terminal(["zsh", "-f", "-i"], self.work, {**self.env, "COLUMNS": "60", "LINES": "400"})
        self.addCleanup(terminal.close)
        terminal.type(self.SETUP.format(share=self.share, start=END[:3], end=END[3:]))
        self.assertIsNotNone(terminal.wait_for(END + "\n"), terminal.text)
        return terminal

    def test_zsh_tab(self):
        self.need("zsh")
        terminal = self.prepare_terminal()
        for typed, wanted in (("vmgdb --print-l\t", "--print-launch-json"), ("vmstub --exec 'sys; expl\t", "explain"),
                              ("vmstub --threads tas\t", "tasks"), ("vmstub --log-level deb\t", "debug"), ("vmstub vmco\t", "vmcore.zstd"),
                              ("vmstub --module-dir fol\t", "folder"), ("vmstub --exec expl\t", "explain"), ("vmstub --vmli\t", "--vmlinux")):
            terminal.type(typed)
            self.assertIsNotNone(terminal.wait_for(re.escape(wanted), 20), (typed, terminal.text))
            terminal.type("\x15\n")
            terminal.look(0.3)
            terminal.text = ""
