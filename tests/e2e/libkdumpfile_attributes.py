#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks "KEY = TYPE:VALUE" lines in standard input against what dumpdata says of a dump: checkattr FILE.
Ignores keys of which vmstub does not know anything, such as libkdumpfile's cache."""
import re
import subprocess
import sys


def value(text):
    kind, _, rest = (part.strip() for part in text.partition(":"))
    if kind == "bitmap":
        # one number without 0x is hexadecimal, too
        return bytes(int(byte, 16) for byte in rest.split()).rstrip(b"\0")
    return int(rest, 0) if kind == "number" and rest else rest


said = dict(line.split(" = ", 1) for line in subprocess.run(["./dumpdata", "-a", *sys.argv[1:]], check=True, text=True,
                                                            stdout=subprocess.PIPE).stdout.splitlines())
# gdb's names
said = {key.replace(".reg.eflags", ".reg.rflags"): text for key, text in said.items()}
bad = checked = 0
for key, want in re.findall(r"(?m)^(\S+) = (.*)$", sys.stdin.read().replace("\\\n", "")):
    if key not in said or want.rstrip(":") in ("directory", "number", "string"):
        continue
    checked += 1
    want = value(want)
    if key.endswith((".reg.cs", ".reg.ss")):
        want &= 0xffff  # a selector has 16 bits, but these are text
    if value(said[key]) != want:
        print(f"{key}: {said[key]}, expected {want}", file=sys.stderr)
        bad += 1
print(f"checked {checked}")
sys.exit(bad != 0)
