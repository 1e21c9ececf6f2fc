# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of other programs (crash, drgn, addr2line, a gdb without vmstub) about files that never change, kept from one run
of the quick tier to the next. The whole tier asks them anew."""
import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

FOLDER = os.environ.get("KEPT_ANSWERS")


def _state(path):
    """What changes when a file does."""
    status = os.stat(path)
    return os.path.realpath(path), status.st_size, status.st_mtime_ns


def run(args, files, **more):
    """subprocess.run() of a program that only reads files; files: all that it reads, itself too. Answers of a program that
    failed are not kept."""
    def ask():
        return subprocess.run(args, text=True, errors="replace", stdout=subprocess.PIPE, **{"stderr": subprocess.STDOUT, **more})
    if not FOLDER:
        return ask().stdout
    key = repr([[str(a) for a in args], str(more.get("input")), [_state(f) for f in files]])
    path = Path(FOLDER) / hashlib.sha256(key.encode()).hexdigest()
    if path.exists():
        return path.read_text()
    done = ask()
    if done.returncode == 0:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            file.write(done.stdout)
        os.replace(file.name, path)
    return done.stdout
