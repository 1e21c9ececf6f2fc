# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs in turn, and prints tables of their times."""
import os
import re
import resource
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "build" / "bench" / "pages"


class Table:
    def __init__(self):
        self.lines = []
        self.growth = []

    def add(self, row, work, ours, peers, limit=""):
        """ours and the values of peers: lists of seconds, one per round."""
        mine = statistics.median(ours)
        cells = [row, work, f"{mine * 1000:.0f} ms ±{spread(ours)}"]
        for name, times in peers.items():
            theirs = statistics.median(times)
            cells.append(f"{name} {theirs * 1000:.0f} ms: {theirs / mine:.2f} ×")
        self.say(cells, limit)

    def note(self, row, work, value, limit=""):
        self.say([row, work, value], limit)

    def say(self, cells, limit):
        row, work, ours, *peers = cells
        self.lines.append((row, work, ours, "; ".join(peers), limit))
        print(f"{row:12} {work:52} {ours:18} {'; '.join(peers)}  [{limit}]", flush=True)

    def grows(self, row, work, sizes, times, limit):
        """times: for each of the sizes, smallest first, a list of seconds, one per round."""
        middle = [statistics.median(t) for t in times]
        cells = [row, work, ", ".join(sizes), ", ".join(f"{m * 1000:.1f} ms ±{spread(t)}" for m, t in zip(middle, times)),
                 f"{middle[-1] / middle[0]:.2f} ×", limit]
        self.growth.append(cells)
        print(f"growth: {row:12} {work:44} {cells[2]}: {cells[3]}: {cells[4]}  [{limit}]", flush=True)


def spread(times):
    middle = statistics.median(times)
    return f"{100 * (max(times) - min(times)) / 2 / middle:.0f} %" if middle else "0 %"


def cpu_seconds():
    """CPU time of all children that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(command, cpu=False, **more):
    """Seconds, and the output."""
    before, start = cpu_seconds(), time.monotonic()
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", **({"stdin": subprocess.DEVNULL} if "input" not in more else {}), **more)
    seconds = cpu_seconds() - before if cpu else time.monotonic() - start
    return seconds, done.stdout + done.stderr


def take_turns(rounds, programs):
    """programs: name -> function that returns seconds. Returns name -> list of seconds, without programs that fail."""
    times = {}
    for turn in range(rounds):
        for name, program in programs.items():
            if turn and name not in times:
                continue
            try:
                times.setdefault(name, []).append(program())
            except (AssertionError, OSError) as error:
                times.pop(name, None)
                print(f"    {name}: {str(error).strip().splitlines()[-1] if str(error).strip() else error!r}", flush=True)
    return times


def expecting(text, command, **more):
    """A program that must print the text, or its time is meaningless."""
    def run():
        seconds, output = measure(command, **more)
        assert re.search(text, output), f"not {text!r} but: {output[-300:]}"
        return seconds
    return run


def packet(text):
    return f"${text}#{sum(text.encode()) & 255:02x}"


def run_pages(program, stdin_text):
    """Line name -> (pages, seconds, sum)."""
    done = subprocess.run([str(c) for c in program], input=stdin_text, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr or f"exit {done.returncode}"
    return {f[0]: (int(f[1]), float(f[2]), f[3]) for f in map(str.split, done.stdout.splitlines())}


def list_pages(core):
    """Page frames that are stored, as text."""
    return subprocess.run([PAGES, "list", core], check=True, text=True, stdout=subprocess.PIPE).stdout.split()
