#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time limits: what an idle, fast machine needs many times over, scaled by the speed and the load of this machine.

As a program, prints a limit in whole seconds, for scripts: patience.py SECONDS
"""
import functools
import os
import sys
import time

LOOPS = 100_000
FAST = 0.005  # seconds that a fast machine takes for LOOPS


@functools.lru_cache(maxsize=1)
def _measured(_period):
    """How many times longer than on a fast machine some work takes now, with the waiting for a CPU."""
    start = time.perf_counter()
    total = 0
    for i in range(LOOPS):
        total += i * i
    return (time.perf_counter() - start) / FAST


def slowness():
    """1.0 on a fast, idle machine. Measured once in ten seconds; the load average knows of waits that one measurement misses."""
    return max(1.0, _measured(time.monotonic() // 10), 2 * os.getloadavg()[0] / os.cpu_count())


def limit(seconds):
    return seconds * slowness()


if __name__ == "__main__":
    print(round(limit(float(sys.argv[1]))))
