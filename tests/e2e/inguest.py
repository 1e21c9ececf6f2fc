# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs small guests with guest_*.sh, and reads their consoles."""
import re
import subprocess
from pathlib import Path

from dumps import ROOT, VMSTUB


def run(script, dump, folder):
    """Runs a guest with the dump's kernel. Returns the script's output and the guest's console."""
    kernel = (dump.dir / dump.env["KERNEL_DIR"]).resolve()
    done = subprocess.run([ROOT / "tests/e2e" / script, kernel, VMSTUB, folder], text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    console = Path(folder) / "console.log"
    log = console.read_text(errors="replace").replace("\r", "") if console.exists() else ""
    return done, log


def crash_trace(log):
    """The reliable names in the trace of a crash by sysrq, in order."""
    trace = log.split("Call Trace:")[1].split("RIP: 0033")[0]
    return [name for name in re.findall(r"\]  (\w[\w.]*)\+0x", trace) if name != "dump_stack_lvl"]


def kbt_functions(text, pid):
    """Functions of a task's kbt, innermost first."""
    return re.findall(r"(?m)^ *#\d+ \[\w+\] (\S+) at ", text.split(f"PID: {pid} ", 1)[1].split("PID: ")[0])
