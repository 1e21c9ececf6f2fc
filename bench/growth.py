# SPDX-License-Identifier: GPL-3.0-or-later
"""What the same work costs on larger dumps: the cost must depend on the data touched, not on the dump's size."""
import random
import subprocess
import tempfile
from pathlib import Path

import dumps
from bigger import inflate_kdump, pad_flattened, repeat_elf, repeat_kdump
from timing import PAGES, expecting, list_pages, packet, run_pages, take_turns

TIMES = (1, 10, 100)
FLAT_SIZES = (100 << 20, 1 << 30, 10 << 30)
SEARCHED = 64 << 20
NOWHERE = "no-such-words-in-memory"


def verb(core, line, text):
    return expecting(text, [dumps.VMSTUB, "--exec", line, core], cpu=True)


def first_reply(core):
    return expecting("PacketSize", [dumps.VMSTUB, core], cpu=True, input="+" + packet("qSupported") + packet("k"))


def find(core, start):
    ask = packet(f"qSearch:memory:{start:x};{SEARCHED:x};{NOWHERE}")
    return expecting(r"\$0#30", [dumps.VMSTUB, core], cpu=True, input="+" + ask + "+" + packet("k"))


def read_pages(mode, core, pfns):
    text = "\n".join(map(str, pfns))

    def run():
        n, seconds, _ = run_pages([PAGES, mode, core], text)[mode]
        assert n == len(pfns), f"{n} of {len(pfns)} pages read"
        return seconds
    return run


def works(dump, core, period, times, stored):
    """Row and work -> program: the same amount of work on every core."""
    start = dump.l2w["addr.page_offset_base"]
    picks = random.Random(1).sample([p + copy * period for p in stored for copy in range(times)], len(stored))
    return {
        ("first reply", "qSupported answered"): first_reply(core),
        ("shell", "kbt of the panic"): verb(core, "kbt", "l2w_vdev_xmit"),
        ("pages", f"{len(stored)} random pages of all memory"): read_pages("read", core, picks),
        ("walk", "the guest's pages through the direct map"): read_pages("direct", core, stored),
        ("find", "64 MiB, qSearch:memory"): find(core, start),
        ("search", "64 MiB, a word"): verb(core, f"search -s {start:x} -e {start + SEARCHED:x} 1badd00d2badd00d", "^$"),
        ("all stacks", "foreach kbt"): verb(core, "foreach kbt", "COMMAND"),
        ("ps", "ps"): verb(core, "ps", "COMM"),
        ("kmem -s", "all slab caches"): verb(core, "kmem -s", "task_struct"),
    }


def memory(table, rounds):
    """One guest with 1, 10 and 100 times the memory."""
    dump = dumps.get("k6.1-kdump")
    for name, source, repeat in (("kdump of lzo", dump.cores["lzo"], repeat_kdump), ("ELF", dump.cores["elf"], repeat_elf)):
        stored = list(map(int, list_pages(source)))
        with tempfile.TemporaryDirectory(dir=dump.dir) as folder:
            programs = []
            for times in TIMES:
                core = Path(folder) / f"vmcore.{times}"
                period = repeat(source, core, times)
                programs.append(works(dump, core, period, times, stored))
            for (row, work) in programs[0]:
                taken = take_turns(rounds, {times: p[row, work] for times, p in zip(TIMES, programs)})
                if len(taken) == len(TIMES):
                    table.grows(row, f"{work}; {name}", [f"{t} × memory" for t in TIMES], list(taken.values()), "1.25 ×")


def huge(table, rounds):
    dump = dumps.get("k6.1-kdump")
    with tempfile.TemporaryDirectory(dir=dump.dir) as folder:
        core = Path(folder) / "vmcore"
        inflate_kdump(dump.cores["lzo"], core, 12 << 40)
        for row, work, make in (("first reply", "qSupported answered", first_reply),
                                ("shell", "kbt of the panic", lambda core: verb(core, "kbt", "l2w_vdev_xmit"))):
            taken = take_turns(rounds, {"0.5 GB": make(dump.cores["lzo"]), "12 TiB": make(core)})
            table.grows(row, f"{work}; kdump of lzo", list(taken), list(taken.values()), "1.25 ×")


def tasks(table, rounds):
    """Two guests of one kernel: the cost per task must not rise."""
    few, many = dumps.get("k6.1-qemu"), dumps.get("k6.1-many")
    if not (few.made and many.made):
        return
    cores = [d.cores["qemu-elf"] for d in (few, many)]
    counts = [subprocess.run([dumps.VMSTUB, "--exec", "ps", core], text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL).stdout.count("\n") - 1 for core in cores]
    most = counts[1] / counts[0]
    for row, line, text, limit in (("shell", "kbt", "#0", "1.25 ×"), ("ps", "ps", "COMM", f"{most:.0f} ×"),
                                   ("all stacks", "foreach kbt", "COMMAND", f"{most:.0f} ×"),
                                   ("kmem -s", "kmem -s", "task_struct", f"{most:.0f} ×")):
        taken = take_turns(rounds, {n: verb(core, line, text) for n, core in zip(counts, cores)})
        table.grows(row, line + "; QEMU's ELF", [f"{n} tasks" for n in counts], list(taken.values()), limit)


def flattened(table, rounds):
    dump = dumps.get("k6.1-kdump")
    with tempfile.TemporaryDirectory(dir=dump.dir) as folder:
        programs = {}
        for size in FLAT_SIZES:
            core = Path(folder) / f"vmcore.{size}"
            pad_flattened(dump.cores["flat"], core, size)
            programs[f"{size / (1 << 30):.1f} GiB"] = verb(core, "sys", "RELEASE")
        taken = take_turns(rounds, programs)
        table.grows("flattened", "open and sys: each record's header is read", list(taken), list(taken.values()),
                    f"{FLAT_SIZES[-1] // FLAT_SIZES[0]} ×")


def growth(table, rounds):
    for part in (memory, huge, tasks, flattened):
        part(table, rounds)
