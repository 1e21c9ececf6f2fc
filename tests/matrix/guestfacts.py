# SPDX-License-Identifier: GPL-3.0-or-later
"""The guest's /proc before it crashed and the verbs' output for the same, in comparable lines."""
import re

from procfacts import stats, statuses


def _lines(rows):
    return "\n".join(sorted(" ".join(map(str, row)) for row in rows))


def _settled(dump):
    """Tasks that did nothing after the facts were written."""
    return {pid: s for pid, s in stats(dump).items() if s.comm.startswith("w_") and s.comm not in ("w_busy", "w_int80")
            and not s.comm.startswith(("w_bpf_", "w_unborn", "w_many"))}


def ps(dump, say):
    states = {"S": "IN", "Z": "ZO", "D": "UN", "I": "ID", "R": "RU"}
    found = re.findall(r"^[> ] *(\d+) +(-?\d+) +\d+  \S+ +(\w\w) +[\d.?]+ +(\d+) +\d+  (\S.*)$", say("ps"), re.M)
    settled = _settled(dump)
    yield "ps", (_lines(row for row in found if int(row[0]) in settled),
                 _lines((s.pid, s.ppid, states[s.state], s.vsize // 1024, s.comm) for s in settled.values()))


def modules(dump, say):
    found = re.findall(r"^[0-9a-f]{16} +(\w+) +([0-9a-f]{16}) +\d+ ", say("mod"), re.M)
    yield "mod", (_lines(found), _lines((m.name, f"{m.base:016x}") for m in dump.modules))


def signals(dump, say):
    for worker in ("w_signals", "w_pipe"):
        status = statuses(dump)[dump.workers[worker][0]]
        text = say(f"sig {worker}")
        blocked = re.search(r"BLOCKED: (\S+)", text)
        handlers = re.findall(r"^ ?\[(\d+)\] [0-9a-f]{16} +(\S+) ", text, re.M)
        ignored = sum(1 << (int(n) - 1) for n, h in handlers if h == "SIG_IGN")
        caught = sum(1 << (int(n) - 1) for n, h in handlers if not h.startswith("SIG_"))
        yield f"sig {worker}", (_lines([("blocked", blocked[1]), ("ignored", f"{ignored:016x}"), ("caught", f"{caught:016x}")]),
                                _lines([("blocked", status["SigBlk"]), ("ignored", status["SigIgn"]), ("caught", status["SigCgt"])]))


def files(dump, say):
    for worker in ("w_files", "w_sockets"):
        pid = dump.workers[worker][0]
        opened = dump.fact("fds").partition(f"/proc/{pid}/fd:\n")[2].partition("\n\n")[0]
        found = re.findall(r"^ *(\d+) +(?:[0-9a-f]{16} +){3}\w+ +(?:(?:TCP|UDP|UNIX|UNIX-STREAM) +)?(\S.*)$", say(f"files {worker}"), re.M)
        yield f"files {worker}", (_lines(found), _lines(re.findall(r" (\d+) -> (.*)$", opened, re.M)))


def swap(dump, say):
    found = re.findall(r"^[0-9a-f]{16} +(\w+) +(\d+)k +(\d+)k +\d+% +(-?\d+) +(\S+)$", say("swap"), re.M)
    theirs = [line.split() for line in dump.fact("swaps").splitlines()[1:]]
    yield "swap", (_lines((name, kind.lower(), size, used, priority) for kind, size, used, priority, name in found),
                   _lines((name, kind, size, used, priority) for name, kind, size, used, priority in theirs))


def ipc(dump, say):
    found = re.findall(r"^[0-9a-f]{16} +([0-9a-f]{8}) +(\d+) +(\d+) +(\d+) +(\d+)", say("ipcs"), re.M)
    theirs = []
    for fact, value in (("shm", 3), ("sem", 3), ("msg", 3)):
        for line in dump.fact(f"sysvipc-{fact}").splitlines()[1:]:
            words = line.split()
            theirs.append((f"{int(words[0]) & 0xffffffff:08x}", words[1], words[2], words[value]))
    yield "ipcs", (_lines((key, number, perms, size) for key, number, _, perms, size in found), _lines(theirs))


def log(dump, say):
    """Everything that dmesg printed is still there, in the same order."""
    def texts(lines):
        # dmesg puts the time before each line of a record.
        return [re.sub(r"^\[[^]]*\] *|^ +", "", line) for line in lines]
    mine, theirs = texts(say("log").splitlines()), texts(dump.fact("dmesg").splitlines())
    yield "log", ("\n".join(mine[:len(theirs)]), "\n".join(theirs))


def mounts(dump, say):
    found = re.findall(r"^[0-9a-f]{16} +[0-9a-f]{16} +(\S+) +(\S+) +(\S+) *$", say("mount"), re.M)
    yield "mount", (_lines(found), _lines((f[2], f[0], f[1]) for f in (line.split() for line in dump.fact("mounts").splitlines())))


def interrupts(dump, say):
    def rows(text):
        # Counts change after the facts; the text after them does not.
        return [(m[1], " ".join(m[2].split()[dump.cpus:][-1:])) for m in re.finditer(r"^ *(\d+): +(.*)$", text, re.M)]
    yield "irq -s", (_lines(rows(say("irq -s"))), _lines(rows(dump.fact("interrupts"))))


def pairs(dump, say):
    """(verb, (ours, theirs))."""
    for facts in (ps, modules, signals, files, swap, ipc, log, mounts, interrupts):
        yield from facts(dump, say)
