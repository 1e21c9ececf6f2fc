# SPDX-License-Identifier: GPL-3.0-or-later
"""The output of crash and of drgn's crash commands for a dump; the verbs have their names and columns.

Both run on the dump that has all pages. tests/matrix/gdbs installs a drgn that is new enough."""
import functools
import os
import re
import shutil
import subprocess
import unittest

import kept
from dumps import ROOT
from patience import limit

ASK = """
import os, sys, drgn
from drgn.commands import run_command
core, *rest = sys.argv[1:]
files, commands = rest[:rest.index("--")], rest[rest.index("--") + 1:]
program = drgn.Program()
program.set_core_dump(core)
program.load_debug_info(files)
for command in commands:
    print("@@@", command, flush=True)
    try:
        if command.startswith("py "):
            exec(command[3:], {"prog": program})
        else:
            run_command(program, "crash " + command)
    except (Exception, SystemExit) as error:
        print("!!", type(error).__name__, error, flush=True)
"""


def _split(text):
    parts = re.split(r"^@@@ (.*)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


@functools.lru_cache(None)
def _crash(core, directory, commands, program="crash", seconds=120):
    script = "".join(f"echo @@@ {c}\n{c}\n" for c in commands) + "quit\n"  # else it ends with a failure
    vmlinux = os.path.join(directory, "vmlinux")
    return _split(kept.run([program, "-s", vmlinux, core], [shutil.which(program), vmlinux, core], input=script, cwd=directory,
                           timeout=limit(seconds)))


def crash(dump, *commands):
    """{command: text} of the installed crash, which supports kernels up to 6.1, and on 6.1 finds no sleeping tasks."""
    if not shutil.which("crash"):
        raise unittest.SkipTest("crash is not installed")
    if dump.env["KERNEL_KEY"] not in ("5.10", "5.10guess", "5.10frame", "6.1"):
        raise unittest.SkipTest(f"the installed crash does not know {dump.env['KERNEL_KEY']}")
    core = dump.cores.get("elf") or dump.core
    return _crash(str(core), str(dump.dir), commands)


def new_crash(dump, *commands):
    """The same for the crash that tests/matrix/gdbs builds, without commands that it lacks; {} if it does not start."""
    made = subprocess.run([ROOT / "tests" / "matrix" / "gdbs", "--dir", "crash"], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    program = made.stdout.strip() + "/crash"
    if not os.path.exists(program):
        raise unittest.SkipTest("tests/matrix/gdbs crash has not been run")
    return _crash(str(dump.cores.get("elf") or dump.core), str(dump.dir), commands, program, 600)


@functools.lru_cache(None)
def drgn_python():
    made = subprocess.run([ROOT / "tests" / "matrix" / "gdbs", "--dir", "drgn"], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    python = made.stdout.strip() + "/python3"
    return python if os.path.exists(python) else None


@functools.lru_cache(None)
def _drgn(core, files, commands):
    return _split(kept.run([drgn_python(), "-c", ASK, core, *files, "--", *commands], [drgn_python(), core, *files],
                           timeout=limit(120)))


def drgn(dump, *commands):
    """{command: text} of drgn's crash commands; "py ..." is Python."""
    if not drgn_python():
        raise unittest.SkipTest("tests/matrix/gdbs drgn has not been run")
    core = dump.cores.get("elf") or dump.cores.get("qemu-elf")
    if not core:
        raise unittest.SkipTest("no ELF dump for drgn")
    files = [os.path.realpath(dump.dir / "vmlinux"), *(str(dump.module_file(m.name)) for m in dump.modules)]
    return _drgn(str(core), tuple(files), commands)


def drgn_program(dump, program):
    """What a program of several lines prints in drgn, which has `prog`."""
    line = f"py exec(bytes.fromhex('{program.encode().hex()}').decode())"
    return drgn(dump, line)[line]
