# SPDX-License-Identifier: GPL-3.0-or-later
"""Parses gdb's backtraces."""
import os
import re
from typing import NamedTuple, Optional

HANDLER = "<signal handler called>"


class GdbFrame(NamedTuple):
    number: int
    address: Optional[int]  # inlined frames have none
    function: str
    file: str
    line: int
    args: str


def parse(text):
    """The frames printed by "bt" or "frame", without other lines."""
    frames = []
    for line in text.splitlines():
        m = re.match(r"#(\d+) +(?:0x([0-9a-f]+) in )?(<signal handler called>|\S+)(?: \((.*)\))?"
                     r"(?: at (\S+):(\d+)| from \S+)?$", line)
        if m:
            frames.append(GdbFrame(int(m[1]), int(m[2], 16) if m[2] else None, m[3],
                                   os.path.normpath(m[5]) if m[5] else "", int(m[6] or 0), m[4] or ""))
    return frames


def same_file(gdb_file, full):
    """gdb prints file names as the compiler got them; others put the folder before them."""
    return full == gdb_file or full.endswith("/" + gdb_file)
