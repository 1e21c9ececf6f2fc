# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs groups of tests in separate processes, one more than CPUs; all report to one tally."""
import multiprocessing
import multiprocessing.connection
import os

fork = multiprocessing.get_context("fork")


class Reporter:
    """Stands for the tally in a worker process: forwards all calls to the parent's tally."""

    def __init__(self, pipe):
        self.pipe = pipe

    def __getattr__(self, method):
        return lambda *args, **named: self.pipe.send((method, args, named))


def _work(todo, pipe, groups, run):
    while (index := todo.get()) is not None:
        pipe.send(("begin", (index,), {}))
        run(groups[index], Reporter(pipe))
    pipe.send(("end", (), {}))


def run_groups(groups, run, tally, processes=None):
    """Calls run(group, reporter) for each group, in the given order as processes become free. If a process dies,
    the test run fails and names the group that it ran."""
    # One more than CPUs, because tests of terminals and guests wait now and then.
    processes = min(processes or (os.cpu_count() or 1) + 1, len(groups))
    todo = fork.SimpleQueue()
    for index in [*range(len(groups)), *[None] * processes]:
        todo.put(index)
    workers = {}
    for _ in range(processes):
        here, there = fork.Pipe(duplex=False)
        process = fork.Process(target=_work, args=(todo, there, groups, run))
        process.start()
        there.close()
        workers[here] = [process, None]
    while workers:
        for pipe in multiprocessing.connection.wait(list(workers)):
            try:
                method, args, named = pipe.recv()
            except EOFError:
                process, at = workers.pop(pipe)
                process.join()
                tally.fail("tests/run", f"a process ended with {process.exitcode}, at {groups[at] if at is not None else 'no test'}")
                continue
            if method == "begin":
                workers[pipe][1] = args[0]
            elif method == "end":
                workers.pop(pipe)[0].join()
            else:
                getattr(tally, method)(*args, **named)
