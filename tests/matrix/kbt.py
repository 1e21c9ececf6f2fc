# SPDX-License-Identifier: GPL-3.0-or-later
"""Parses the output of vmstub's kbt."""
import re
from typing import NamedTuple

TASK_LINE = re.compile(r"^PID: (\d+|\?) +TASK: ([0-9a-f]+) +CPU: (\d+) +COMMAND: (?:\"(.*)\"|\?)$")
FRAME_LINE = re.compile(r"^ ?#(\d+) \[([0-9a-f]{16})\] (\S+) at ([0-9a-f]+)(?: \[(\w+)\])?( \(inlined\))?$")
RIP_LINE = re.compile(r"^    RIP: ([0-9a-f]{16}) ")
EXCEPTION_LINE = re.compile(r"^    \[exception RIP: (?:(\S+)\+\d+|unknown or invalid address)\](?: \[\w+\])?$")
KNOWN_LINES = re.compile(r"^(    [A-Z_0-9]+: |--- <.*> ---$|$)")


class Frame(NamedTuple):
    pc: int
    name: str
    inlined: bool = False


class Task:
    def __init__(self, pid, address, cpu, comm):
        self.pid, self.address, self.cpu, self.comm = pid, address, cpu, comm
        self.frames = []
        self.is_current = False  # current task of a CPU; set by callers that run more than one kbt
        self.running = False  # on a CPU: the trace starts with that CPU's registers
        self.user = False  # the trace ends with registers of user mode
        self.notes = []  # lines in parentheses: why it stopped
        self.block = -1  # number of frames when a block of registers last described a frame

    @property
    def who(self):
        return f"PID {self.pid} {self.comm}" if self.pid else self.comm

    def says(self, text):
        return any(text in note for note in self.notes)

    @property
    def functions(self):
        return [f for f in self.frames if not f.inlined]


def parse(text):
    """All tasks in the output, in order."""
    tasks = []
    exception = None  # name of a register block that is still to come
    for line in text.splitlines():
        header, frame = TASK_LINE.match(line), FRAME_LINE.match(line)
        if header:
            tasks.append(Task(-1 if header[1] == "?" else int(header[1]), int(header[2], 16), int(header[3]), header[4]))
            exception = None
            continue
        if not tasks:
            continue
        task = tasks[-1]
        if EXCEPTION_LINE.match(line):
            exception = EXCEPTION_LINE.match(line)[1] or "(unknown)"
        elif RIP_LINE.match(line):
            if not task.frames:
                task.running = True
            if exception:
                task.frames.append(Frame(int(RIP_LINE.match(line)[1], 16), exception))
                task.block = len(task.frames)
            else:
                task.user = True
            exception = None
        elif frame:
            _add(task, Frame(int(frame[4], 16), frame[3], bool(frame[6])))
        elif line.startswith("    ("):
            task.notes.append(line.strip())
        elif not KNOWN_LINES.match(line):
            raise AssertionError(f"kbt printed an unknown line: {line!r}")
    return tasks


def _add(task, frame):
    """A frame with a block of registers may also have numbered lines, with all functions inlined in it."""
    if task.block == len(task.frames) and task.frames[-1].pc == frame.pc:
        task.frames.pop()
    task.block = -1
    task.frames.append(frame)
