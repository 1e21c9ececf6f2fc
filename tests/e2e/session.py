# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs gdb and vmstub, and splits their output into answers."""
import os
import re
import shutil
import subprocess

import kept
from dumps import VMSTUB, server
from patience import limit



def index_options():
    """Options with which gdb keeps its index of each vmlinux, as reading one takes four times as long without. The quick tier
    keeps them for the next run; the whole tier begins with none, so that the first gdb on each vmlinux does without."""
    folder = os.environ.get("GDB_INDEXES")
    return ["-iex", f"set index-cache directory {folder}", "-iex", "set index-cache enabled on"] if folder else []


class Answers(dict):
    """label -> what gdb printed for it. "connect" is everything before the first label."""

    def __init__(self, text):
        super().__init__()
        self.text = text
        label = "connect"
        for part in re.split(r"^(@@ .*)\n", text, flags=re.M):
            if part.startswith("@@ "):
                label = part[3:]
                self[label] = ""
            else:
                self[label] = (self.get(label, "") + part).strip("\n")

    def value(self, label):
        """The integer in an answer such as "$1 = 0x10" or "$1 = (int *) 0x10 <x>"."""
        m = re.search(r"\$\d+ = (?:\([^)]*\) )?(-?(?:0x[0-9a-f]+|\d+))", self[label])
        if not m:
            raise AssertionError(f"{label}: no number in: {self[label]}")
        return int(m[1], 0)


def run_commands(arguments, commands, cwd, env=None):
    """Like gdb(), for a program that connects by itself, such as vmgdb. arguments: what is before the commands of gdb."""
    script = ["-batch", "-iex", "set debuginfod enabled off", "-iex", "set width 0"]
    for label, command in commands.items():
        script += ["-ex", f"echo \\n@@ {label}\\n", "-ex", command]
    done = subprocess.run([*map(str, arguments), *script], cwd=cwd, text=True, errors="replace", timeout=limit(60), env={**os.environ, **(env or {})},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return Answers(done.stdout)


def gdb(dump, commands, core=None, vmlinux="vmlinux", sysroot=True, options="", cwd=None, connect=True,
        timeout=60, env=None, preload=(), files=()):
    """One gdb on a dump. commands: {label: command or list of commands}. files: what it reads without vmstub (connect=False),
    beside vmlinux."""
    core = core or dump.core
    args = ["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off", *index_options(), "-ex", "set width 0",
            "-ex", "set confirm off", "-ex", "set height 0"]
    if sysroot:
        args += ["-ex", "set sysroot /"]
    args += map(str, preload)
    if connect:
        args += ["-ex", "target " + server(core, options)]
    for label, command in commands.items():
        args += ["-ex", f"echo \\n@@ {label}\\n"]
        for one in [command] if isinstance(command, str) else command:
            args += ["-ex", one]
    if vmlinux:
        args.append(vmlinux)
    if not connect:
        return Answers(kept.run(args, [shutil.which("gdb"), dump.dir / "vmlinux", *files], cwd=cwd or dump.dir, timeout=limit(timeout),
                                env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL))
    # One pipe for both, so that gdb's errors stay next to the command.
    done = subprocess.run(args, cwd=cwd or dump.dir, text=True, errors="replace", timeout=limit(timeout), env={**os.environ, **(env or {})},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return Answers(done.stdout)


def vmstub(*args, cwd=None, **more):
    """Runs vmstub without gdb; returns the finished process with stdout and stderr."""
    return subprocess.run([VMSTUB, *map(str, args)], cwd=cwd, text=True, errors="replace", timeout=limit(60),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def verbs(dump, lines, core=None, options=()):
    """What vmstub --exec prints."""
    done = vmstub(*options, "--exec", lines, core or dump.core, cwd=dump.dir)
    if done.returncode or done.stderr:
        raise AssertionError(f"--exec '{lines}': exit {done.returncode}: {done.stderr}")
    return done.stdout


class Asked:
    """What vmstub --exec prints for each of several lines; runs the lines known in advance in one process."""
    MARK = "sig -s c000000000000000"
    SAID = "SIGRTMAX-1 SIGRTMAX\n"

    def __init__(self, dump, core=None):
        self.dump, self.core, self.known = dump, core, {}

    def ahead(self, *lines):
        texts = verbs(self.dump, "; ".join(f"{line}; {self.MARK}" for line in lines), core=self.core).split(self.SAID)
        self.known.update(zip(lines, texts))

    def __call__(self, line):
        if line not in self.known:
            self.known[line] = verbs(self.dump, line, core=self.core)
        return self.known[line]
