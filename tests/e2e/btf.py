# SPDX-License-Identifier: GPL-3.0-or-later
"""Parses the names in a .BTF section: include/uapi/linux/btf.h."""
import collections
import struct
import subprocess
import tempfile
from pathlib import Path

STRUCT, UNION, ENUM, TYPEDEF, FUNC, ENUM64 = 4, 5, 6, 8, 12, 19
KEYWORD = {STRUCT: "struct ", UNION: "union ", ENUM: "enum ", ENUM64: "enum ", TYPEDEF: ""}
# Bytes that follow the common 12: fixed, and per element.
MORE = {1: (4, 0), 3: (12, 0), 4: (0, 12), 5: (0, 12), 6: (0, 8), 13: (0, 8), 14: (4, 0), 15: (0, 12), 17: (4, 0),
        19: (0, 12)}


def section(file, name=".BTF"):
    """The bytes of the section, or None."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "btf"
        subprocess.run(["objcopy", "--dump-section", f"{name}={out}", file, "/dev/null"], stderr=subprocess.DEVNULL)
        return out.read_bytes() if out.exists() else None


def strings_length(data):
    return struct.unpack_from("<I", data, 20)[0]


def names(data, base=0):
    """("struct x", "union x", "enum x", or the name of a typedef) -> count; and the same for functions.

    base: number of bytes of strings that precede the section's own, in a module."""
    head, type_off, type_len, str_off = struct.unpack_from("<IIII", data, 4)
    strings, at = head + str_off, head + type_off
    types, functions = collections.Counter(), collections.Counter()
    while at < head + type_off + type_len:
        name_off, info = struct.unpack_from("<II", data, at)
        kind, count = info >> 24 & 31, info & 0xffff
        start = strings + name_off - base
        name = data[start:data.index(b"\0", start)].decode() if name_off >= base else ""
        if name and kind in KEYWORD:
            types[KEYWORD[kind] + name] += 1
        elif name and kind == FUNC:
            functions[name] += 1
        fixed, each = MORE.get(kind, (0, 0))
        at += 12 + fixed + each * count
    return types, functions
