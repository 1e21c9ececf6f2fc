# SPDX-License-Identifier: GPL-3.0-or-later
"""The guest's own information about its stacks: the oops on its console, and /proc/PID/stack shortly before.

A frame is a set of addresses here, because a name, an offset and a size can match several functions.
"""
import functools
import mmap
import re
import struct
import sys
from bisect import bisect_right
from pathlib import Path
from typing import NamedTuple, Optional

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
import damage  # noqa: E402
import dumps  # noqa: E402

PLACE = r"(?P<function>[A-Za-z_][\w.]*)\+0x(?P<offset>[0-9a-f]+)/0x(?P<size>[0-9a-f]+)(?: \[(?P<module>\w+)\])?"
# Older kernels print "(E)" and the like after the module.
TRACE_LINE = re.compile(r"^ {1,2}(?P<guess>\? )?" + PLACE + r"\s*$")
# The console shows no name for code made at run time.
RAW_LINE = re.compile(r"^ {1,2}(?P<guess>\? )?0x(?P<raw>[0-9a-f]+)\s*$")
RIP_LINE = re.compile(r"^RIP: (?P<cs>[0-9a-f]{4}):(?:(?P<raw>0x[0-9a-f]+)|" + PLACE + r")\s*$")
WHO_LINE = re.compile(r"^CPU: (\d+) (?:UID: \d+ )?PID: (\d+) ")
NMI_LINE = re.compile(r"^NMI backtrace for cpu (\d+)")
# Functions with which the kernel prints a stack without an exception; the caller comes after them.
DUMPERS = re.compile(r"__?show_stack|dump_stack.*|nmi_.*backtrace.*")


class Console(NamedTuple):
    pid: int
    cpu: int
    frames: list  # of sets of addresses, from the fault outwards
    guesses: list  # the same including the "? function" lines, which the kernel only found on the stack
    pc: bool  # the first frame is where an exception or interrupt occurred


class ProcStack(NamedTuple):
    state: str
    switches: int
    frames: list


class Guest(dumps.Dump):
    def _core_of(self, *formats):
        return next(self.cores[f] for f in formats if f in self.cores)

    @property
    def core(self):
        return self._core_of("lzo", "qemu-kdump", "elf")

    @property
    def whole_core(self):
        """The file with all pages, if there is one."""
        return self._core_of("elf", "qemu-elf", "lzo")

    @property
    def only_guesses(self):
        """CONFIG_UNWINDER_GUESS: the kernel does not know its own stacks."""
        return self.env["KERNEL_KEY"].endswith("guess")

    @functools.cached_property
    def first_page(self):
        """The words in physical page 0, which QEMU's dump has: interrupt vectors of the BIOS. drgn reads them at address 0."""
        path = self.cores.get("qemu-elf")
        if not path:
            return set()
        with open(path, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            at = damage.elf_offset(m, 0)
            return {0, *struct.unpack("<512Q", m[at:at + damage.PAGE])}

    @functools.cached_property
    def starts(self):
        return sorted({s.address for s in self.kallsyms})

    @functools.cached_property
    def _by_address(self):
        found = {}
        for symbol in self.kallsyms:
            found.setdefault(symbol.address, []).append(symbol)
        return found

    def symbols_around(self, address):
        """The symbols of the function or variable at an address; none for an address below all symbols."""
        at = bisect_right(self.starts, address) - 1
        return self._by_address[self.starts[at]] if at >= 0 else []

    def _size(self, address):
        """The size up to the next symbol, as the kernel itself computes it."""
        at = bisect_right(self.starts, address)
        return self.starts[at] - address if at < len(self.starts) else 0

    def places(self, match):
        """The addresses that match function+offset/size [module]."""
        module, offset, size = match["module"] or "", int(match["offset"], 16), int(match["size"], 16)
        found = [s.address for s in self.by_name.get(match["function"], ())
                 if s.module == module or not module and s.module == "bpf"]
        exact = [a for a in found if self._size(a) == size]
        return frozenset(a + offset for a in exact or found)

    def is_sched(self, address):
        """Is it a __sched function, which /proc/PID/stack omits?"""
        return self.address("__sched_text_start") <= address < self.address("__sched_text_end")

    def is_kernel_text(self, address):
        return (self.address("_stext") <= address < self.address("_etext") or
                self.address("_sinittext") <= address < self.address("_einittext"))

    def is_text(self, address):
        return self.is_kernel_text(address) or any(start <= address < end for start, end in self._module_texts)

    @functools.cached_property
    def _module_texts(self):
        """Text ranges in whole pages, from functions: since 6.4 /proc/modules also counts parts that are elsewhere."""
        functions = {}
        for symbol in self.kallsyms:
            if symbol.module and symbol.kind in "tT":
                functions.setdefault(symbol.module, []).append(symbol.address)
        return [(min(found), (max(found) | 4095) + 1) for found in functions.values()]

    def is_entry(self, address):
        return self.address("__entry_text_start") <= address <= self.address("__entry_text_end")

    def is_end_or_entry(self, pcs, count):
        """Do the first frames of a stack reach its end, or entry code?"""
        return count == len(pcs) or count > 0 and self.is_entry(pcs[count - 1])

    def is_int3_entry(self, address):
        return any(s.name == "asm_exc_int3" for s in self.symbols_around(address))

    @functools.cached_property
    def console_lines(self):
        text = (self.dir / "console.log").read_text(errors="replace").replace("\r", "")
        text = text[text.index("vmstub-guest: first kernel"):]
        text = re.split(r"^\[ *0\.\d+\] Linux version ", text, flags=re.M)[0]  # of the kernel that saves the dump
        lines = (re.sub(r"^\[ *\d+\.\d+\] ?", "", line) for line in text.splitlines())
        # On a busy host it may appear in the middle of the handler's own output.
        return [line for line in lines if not line.startswith("INFO: NMI handler (")]

    @functools.cached_property
    def console(self) -> Optional[Console]:
        """The first oops or panic; a later one comes from the panic itself, or from the kernel that saves the dump."""
        lines = self.console_lines
        start = next((i for i, line in enumerate(lines) if WHO_LINE.match(line) and
                      not NMI_LINE.match(lines[i - 1])), None)
        return self._stack_from(start) if start is not None else None

    @functools.cached_property
    def console_cpus(self):
        """CPU -> Console, for CPUs that printed their stack in an NMI when another one oopsed."""
        lines = self.console_lines
        found = {}
        for i in range(1, len(lines)):
            if NMI_LINE.match(lines[i - 1]) and WHO_LINE.match(lines[i]):
                told = self._stack_from(i)
                # The CPU without a fault or interrupt is the one that requests the others' stacks.
                if told.frames and told.pc:
                    found[told.cpu] = told
        return found

    def _stack_from(self, start):
        """The fault's RIP comes before the trace, and that of interrupted code inside it, in this order."""
        lines = self.console_lines
        cpu, pid = map(int, WHO_LINE.match(lines[start]).groups())
        frames, guesses, pc = [], [], False
        for line in lines[start + 1:]:
            match = RIP_LINE.match(line)
            if (line.startswith("Modules linked in:") or WHO_LINE.match(line)) and frames:
                break
            # User mode; or any selector, if an NMI came while entry code was copying the registers of user mode.
            if match and match["cs"] != "0010":
                break
            if match:
                guess, pc = False, pc or not frames
                places = frozenset([int(match["raw"], 16)]) if match["raw"] else self.places(match)
            else:
                match = TRACE_LINE.match(line) or RAW_LINE.match(line)
                if not match:
                    continue
                guess = match["guess"]
                places = self.places(match) if match.re is TRACE_LINE else frozenset([int(match["raw"], 16)])
                if not frames and not guess and match.re is TRACE_LINE and DUMPERS.match(match["function"]):
                    continue
            guesses.append(places)
            if not guess:
                frames.append(places)
        return Console(pid, cpu, frames, guesses, pc)

    @functools.cached_property
    def proc_stacks(self):
        """pid -> ProcStack of tasks that slept."""
        found = {}
        states = dict(re.findall(r"^/proc/\d+/task/(\d+)/stat:\d+ \(.*\) (\S) ", self.fact("stat"), re.M))
        switches = {}
        if (self.dir / "facts" / "switches").exists():
            for pid, count in re.findall(r"^/proc/\d+/task/(\d+)/status:\w+ctxt_switches:\s+(\d+)",
                                         self.fact("switches"), re.M):
                switches[int(pid)] = switches.get(int(pid), 0) + int(count)
        for pid, place in re.findall(r"^/proc/\d+/task/(\d+)/stack:\[<0>\] (.*)$", self.fact("stacks"), re.M):
            pid = int(pid)
            entry = found.setdefault(pid, ProcStack(states.get(str(pid), "?"), switches.get(pid, -1), []))
            match = re.match(PLACE, place)
            entry.frames.append(self.places(match) if match else frozenset([int(place, 16)]))
        return found
