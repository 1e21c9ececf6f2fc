# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares what gdb says of every type and function with the dump alone and with vmlinux."""
import shutil
import tempfile
from pathlib import Path

from checks import WRONG, Result

import typetext

# gdb 10 calls the second one "set index-cache on", and only says so of the first.
OPTIONS = ("-iex", "set index-cache enabled on", "-iex", "set index-cache on")
SHOWN = 5


def check_types(guest, gdb_name, gdb, part=slice(None)):
    """The types, then the functions: two results. part: of the sorted names."""
    names = typetext.Names(guest)
    with tempfile.TemporaryDirectory() as folder:
        # Alone in a folder, so that vmstub finds no vmlinux.
        core = Path(folder) / "vmcore"
        shutil.copy(guest.core, core)
        alone = typetext.Gdb(folder, [], ["target " + typetext.server(core)], gdb, OPTIONS)
        full = typetext.Gdb(folder, [str(guest.dir / "vmlinux")], [], gdb, OPTIONS)
        for what, asked, commands, why in (("types", sorted(names.types)[part], typetext.type_commands, names.type_differs),
                                           ("functions", sorted(names.functions)[part], typetext.function_commands, names.function_differs)):
            result = Result(f"{what}, {gdb_name}")
            found = typetext.definitions(guest.dir / "vmlinux", {key for name in asked for key in typetext.own_keys(name)})
            result.equal, differ = typetext.compare(asked, commands, found, alone, full)
            shown = 0
            for name, ours, theirs, reason in names.explain(differ, why, found):
                shown += not reason
                result.add(name, reason or WRONG, f"the dump alone:\n{ours}\nwith vmlinux:\n{theirs}" if shown <= SHOWN else "more of these")
            yield result
