# SPDX-License-Identifier: GPL-3.0-or-later
"""Every task's stack as drgn sees it, as JSON: drgn_stacks.py CORE FILE-WITH-DEBUG-INFO...

Run this with a python3 whose drgn can read the dump. Inlined functions are omitted.
"""
import json
import sys

import drgn
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.percpu import per_cpu
from drgn.helpers.linux.pid import for_each_task


def current_tasks(program):
    """CPU -> address of its task_struct; the place of "current" changed in 6.2 and 6.15."""
    try:
        read = {c: per_cpu(program["pcpu_hot"], c).current_task for c in for_each_possible_cpu(program)}
    except (KeyError, LookupError, AttributeError):
        read = {c: per_cpu(program["current_task"], c) for c in for_each_possible_cpu(program)}
    return {c: t.value_() for c, t in read.items()}


def frames(trace):
    found = []
    for frame in trace:
        try:
            pc = frame.pc
        except LookupError:
            break
        if not frame.is_inline:
            found.append(pc)
    return found


def describe(program, task):
    said = {"pid": task.pid.value_(), "comm": task.comm.string_().decode(errors="replace"),
            "switches": task.nvcsw.value_() + task.nivcsw.value_(), "frames": [], "error": ""}
    try:
        said["frames"] = frames(program.stack_trace(task))
    except Exception as error:  # many kinds, which affect only one task
        said["error"] = str(error)
    return said


def main(core, files):
    program = drgn.Program()
    program.set_core_dump(core)
    program.load_debug_info(files)
    current = current_tasks(program)
    tasks = {t.value_(): t for t in for_each_task(program)}
    for cpu in current:  # the idle tasks are in no list
        idle = per_cpu(program["runqueues"], cpu).idle
        tasks[idle.value_()] = idle
    json.dump({"version": drgn.__version__, "current": current,
               "tasks": {address: describe(program, t) for address, t in tasks.items()}}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
