# SPDX-License-Identifier: GPL-3.0-or-later
"""Other sources on a dump: the crashing kernel's own console, addr2line, drgn."""
import functools
import os
import re
import shutil
from bisect import bisect_right
from typing import NamedTuple

import kept
from patience import limit

try:
    import drgn
    from drgn.helpers.linux.pid import for_each_task
except ImportError:
    drgn = None


class Frame(NamedTuple):
    """One function on a stack, without functions inlined into it."""
    function: str
    address: int
    module: str  # "" for the kernel
    interrupted: bool  # the address is the next instruction, not a return address
    entry: bool = False  # assembly that saved the registers of the frame after it


class Line(NamedTuple):
    function: str
    file: str
    line: int


FUNCTION = r"(?P<function>[A-Za-z_][\w.]*)\+0x(?P<offset>[0-9a-f]+)/0x(?P<size>[0-9a-f]+)(?: \[(?P<module>\w+)\])?"


class Oops:
    """What the kernel printed when it crashed."""

    def __init__(self, dump):
        self.dump = dump
        text = (dump.dir / "console.log").read_text(errors="replace").replace("\r", "")
        self.lines = []
        for line in text[text.index("BUG: kernel NULL pointer"):].splitlines():
            line = re.sub(r"^\[ *\d+\.\d+\] ?", "", line)
            self.lines.append(line)
            # After it come the end of the panic, or another kernel's boot.
            if line.startswith("Modules linked in:"):
                break

    @functools.cached_property
    def registers(self):
        """Registers at the fault, by gdb's names."""
        found = {}
        for line in self.lines[:self.lines.index("Call Trace:")]:
            for name, value in re.findall(r"\b(R[A-Z0-9]{2}|CR[0-9]|EFLAGS): (?:0018:)?([0-9a-f]{8,16})\b", line):
                # The console says R08 where gdb says r8.
                found[re.sub(r"^r0", "r", name.lower())] = int(value, 16)
        found["rip"] = self.frames[0].address
        return found

    @functools.cached_property
    def frames(self):
        """From the fault outwards, without the "? function" entries, which are guesses."""
        frames = []
        for line in self.lines:
            m = re.match(r"(?:RIP: 0010:| )" + FUNCTION + "$", line)
            if m:
                interrupted = line.startswith("RIP")
                if interrupted and frames:
                    frames[-1] = frames[-1]._replace(entry=True)
                frames.append(self._frame(m, interrupted))
        return frames

    def _frame(self, m, interrupted):
        module = m["module"] or ""
        for symbol in self.dump.by_name[m["function"]]:
            # Several functions can have the same name.
            if symbol.module == module and symbol_size(self.dump, symbol.address) == int(m["size"], 16):
                return Frame(m["function"], symbol.address + int(m["offset"], 16), module, interrupted)
        raise AssertionError(f"kallsyms has no {m[0]}")


@functools.lru_cache(None)
def oops(dump):
    return Oops(dump)


@functools.lru_cache(None)
def _addresses(dump):
    return sorted({s.address for s in dump.kallsyms})


def symbol_size(dump, address):
    """The size up to the next symbol, as the kernel itself prints it."""
    addresses = _addresses(dump)
    return addresses[bisect_right(addresses, address)] - address


def addr2line(dump, frames):
    """For each frame its functions, inlined ones first, as [Line]."""
    places = {}
    for frame in frames:
        # A call can be the last instruction of its function or line.
        pc = frame.address - (0 if frame.interrupted else 1)
        if frame.module:
            section = _section_of(dump, frame.module, pc)
            where = (dump.module_file(frame.module), section, pc - dump.sections[frame.module, section])
        else:
            where = (dump.dir / "vmlinux", None, pc - dump.slide)
        places.setdefault(where[:2], []).append((where[2], frame))
    answers = {}
    for (file, section), wanted in places.items():
        found = _addr2line(file, section, [address for address, _ in wanted])
        answers.update(zip((frame for _, frame in wanted), found))
    return [answers[frame] for frame in frames]


def _section_of(dump, module, address):
    inside = [(start, section) for (name, section), start in dump.sections.items()
              if name == module and start <= address and section.startswith((".text", ".noinstr"))]
    return max(inside)[1]


def _addr2line(file, section, addresses):
    args = ["addr2line", "-a", "-i", "-f", "-e", str(file)] + (["-j", section] if section else [])
    said = kept.run(args, [shutil.which("addr2line"), file], stderr=None, timeout=limit(60), input="".join(f"{a:#x}\n" for a in addresses))
    answers = []
    lines = iter(said.splitlines())
    for line in lines:
        if line.startswith("0x"):
            answers.append([])
            continue
        file, _, number = next(lines).split(" (disc")[0].rpartition(":")
        answers[-1].append(Line(line, os.path.normpath(file), int(number) if number.isdigit() else 0))
    return answers


@functools.lru_cache(None)
def drgn_program(dump):
    """The drgn program, or None if this machine's drgn cannot read the dump."""
    if not drgn or "elf" not in dump.cores:
        return None
    program = drgn.Program()
    program.set_core_dump(str(dump.cores["elf"]))
    try:
        program.load_debug_info([str(dump.dir / "vmlinux"), *(str(dump.module_file(m.name)) for m in dump.modules)])
        sum(1 for _ in for_each_task(program))
    except Exception:  # a kernel newer than this drgn fails in many ways
        return None
    return program


def drgn_lines(frame):
    """[Line] of one drgn frame, which is one function, inlined or not."""
    try:
        file, line, _ = frame.source()
    except LookupError:
        return Line(frame.name, "", 0)
    return Line(frame.name, os.path.normpath(file), line)
