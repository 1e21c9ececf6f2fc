# SPDX-License-Identifier: GPL-3.0-or-later
"""What /proc showed of the guest's tasks before it crashed, by PID."""
import functools
import re
from typing import NamedTuple


class Stat(NamedTuple):
    """/proc/PID/task/TID/stat, see proc(5); memory in bytes, times in clock ticks of 10 ms."""
    pid: int
    comm: str
    state: str
    ppid: int
    flags: int
    utime: int
    stime: int
    threads: int
    start: int
    vsize: int
    rss: int
    policy: int


@functools.lru_cache(None)
def stats(dump):
    found = {}
    for line in dump.fact("stat").splitlines():
        m = re.match(r"/proc/\d+/task/\d+/stat:(\d+) \((.*)\) (.*)", line)
        f = m[3].split()
        found[int(m[1])] = Stat(int(m[1]), m[2], f[0], int(f[1]), int(f[6]), int(f[11]), int(f[12]), int(f[17]), int(f[19]),
                                int(f[20]), int(f[21]) * 4096, int(f[38]))
    return found


@functools.lru_cache(None)
def statuses(dump):
    """tid -> {field: text} of /proc/PID/task/TID/status."""
    found = {}
    for line in dump.fact("status").splitlines():
        m = re.match(r"/proc/\d+/task/(\d+)/status:(\w+):\s*(.*)", line)
        found.setdefault(int(m[1]), {})[m[2]] = m[3]
    return found


def workers(dump):
    """name -> Stat of the guest's worker processes, which do nothing after the facts are written."""
    return {name: stats(dump)[pid] for name, (pid, _) in dump.workers.items()}


def full_core(dump):
    """The dump with user pages."""
    return dump.cores.get("elf") or dump.core  # dumps of the matrix have only one file
