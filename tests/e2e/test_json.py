# SPDX-License-Identifier: GPL-3.0-or-later
"""`VERB --json` on real dumps: for each command that docs/json.md lists, the document has exactly the keys documented there,
and its cells are those of the text, all of them and in the same order."""
import functools
import json
import re
import time

from dumps import BASE, EXTRA, ROOT, DumpTest, for_dumps
from session import vmstub

LOCKS_LAYOUT = (r"spinlock|HELD BY|PID|TASK|COMMAND|locked|pending|last in the queue|CPU|SPINNING|stack and registers|\(it has no owner\)|"
                r"\(only its program knows\)|WATCHES|FD|FILE|WAITING|last ran|s ago|bit|of process|; the last one that took it|"
                r"DEADLOCK|a cycle of|tasks?|waits for|held by the next one|\(unknown address\)|in(?= )|\?")
# What the text has besides cells. A command's arguments, which docs/json.md leaves out.
LAYOUT = {
    "dev -d": r"MAJOR|GENDISK|NAME|REQUEST_QUEUE|TOTAL|READ|WRITE",
    "dev -i": r"RESOURCE|RANGE|NAME",
    "dev -p": r"ROOT BUS|BUSNAME|PCI DEV|DO:BU:SL.FN|CLASS|PCI_ID|TYPE",
    "dev": r"CHRDEV|BLKDEV|NAME|CDEV|GENDISK|OPERATIONS|\(none\)",
    "files -c": r"PID|TASK|CPU|COMMAND|ROOT|CWD|FD|INODE|I_MAPPING|NRPAGES|TYPE|PATH",
    "files -d": r"DENTRY|INODE|SUPERBLK|TYPE|PATH",
    "files": r"PID|TASK|CPU|COMMAND|ROOT|CWD|FD|FILE|DENTRY|INODE|TYPE|PATH",
    "fuser": r"PID|TASK|COMM|USAGE",
    "hang": r"TASKS: \d+ in uninterruptible sleep|PID|TASK|COMMAND|s(?=[ ,])|bit|waits|for|sleeps in|held by|readers|, the last one that took it|"
            r"which|: a deadlock|CPUS|CPU|\d+ idle|idle|(?:more )?runnable|its clock stood still|STUCK: the watchdog's thread has not run for|limit|s\)|s$|"
            r"WORK|pool|unbound|pending|busy|of|workers|no progress|in|last ran|s ago|none|TIMERS|none is late|late by|RCU|"
            r"(?:expedited )?grace period in progress|no grace period in progress|began|; its thread was last active|waits for(?: CPU)?|"
            r"which ran|preempted in a critical section|asleep for a spinlock in a critical section|"
            r"I/O|no request is with a driver|request|tag|bytes at sector|with the driver for|s\n|runs on|\?",
    "irq -a": r"IRQ|NAME|AFFINITY",
    "irq -b": r"SOFTIRQ_VEC|ACTION",
    "irq -d": r"(?!)",
    "irq -s": r"CPU\d+",
    "irq": r"IRQ|IRQ_DESC/_DATA|IRQACTION|NAME|\(unused\)",
    "kmem -i": r"PAGES|TOTAL|PERCENTAGE|USED BY|----|of",
    "kmem -f": r"ZONE|NAME|SIZE|FREE|MEM_MAP|START_PADDR|START_MAPNR|AREA|FREE_AREA_STRUCT|BLOCKS|PAGES|nr_free_pages: \d+|\((?:verified|the lists have others)\)",
    "kmem -g": r"PAGE-FLAG|BIT|VALUE",
    "kmem -n": r"NODE|ZONE|NAME|SIZE|PGLIST_DATA|PRESENT|MEM_MAP|START_PADDR|START_MAPNR",
    "kmem -o": r"PER-CPU OFFSET VALUES|CPU",
    "kmem -p": r"PAGE|PHYSICAL|MAPPING|INDEX|CNT|FLAGS",
    "kmem -S": r"CACHE|OBJSIZE|ALLOCATED|TOTAL|SLABS|SSIZE|NAME|SLAB|MEMORY|NODE|FREE|/",
    "kmem -V": r"VM_STAT|VM_(?:ZONE|NODE)_STAT|VM_EVENT_STATES",
    "kmem -s": r"CACHE|OBJSIZE|ALLOCATED|TOTAL|SLABS|SSIZE|NAME",
    "kmem -v": r"VMAP_AREA|VM_STRUCT|ADDRESS RANGE|SIZE",
    "kmem -z": r"NODE|ZONE|ADDR|NAME|SIZE|PRESENT|MANAGED|MIN/LOW/HIGH|VM_STAT|\[unpopulated\]",
    "locks -u": LOCKS_LAYOUT,
    "locks": LOCKS_LAYOUT,
    "mod -t": r"NAME|TAINTS",
    "mod": r"MODULE|NAME|TEXT_BASE|SIZE|OBJECT FILE",
    "mount -f -i": r"MOUNT|SUPERBLK|TYPE|DEVNAME|DIRNAME|OPEN FILES:(?: .none.)?|DENTRY|INODE|PATH|DIRTY INODES:(?: .none.)?",
    "mount": r"MOUNT|SUPERBLK|TYPE|DEVNAME|DIRNAME",
    "net -a": r"NEIGHBOUR|IP ADDRESS|HW TYPE|HW ADDRESS|DEVICE|STATE",
    "net -s": r"PID|TASK|CPU|COMMAND|FD|SOCKET|SOCK|FAMILY:TYPE|SOURCE-PORT|DESTINATION-PORT",
    "net": r"NET_DEVICE|NAME|IP ADDRESS\(ES\)",
    "oom": r"PAGES|TOTAL|PERCENTAGE|----|of|NODE|ZONE|MANAGED|MIN|LOW|FREE|CPU LISTS|FREE BLOCKS OF ORDER 0, 1, 2...|SLAB CACHES|kB|SLABS|OBJECTS|RECLAIMABLE|NAME|VMALLOC|AREAS|CALLER|PAGE OWNERS|COUNT|ORDER|FLAGS, AND THE STACK THAT ALLOCATED THEM|PROCESSES|PID|RSS|SWAP|COMM|FILES|TYPE|PATH|CGROUPS|LIMIT",
    "ps -s": r"PID|PPID|CPU|KSTACKP|ST|%MEM|VSZ|RSS|COMM|--",
    "ps": r"PID|PPID|CPU|TASK|ST|%MEM|VSZ|RSS|COMM",
    "runq -T": r"CPU|secs",
    "runq -m": r"CPU|PID|TASK|COMMAND",
    "runq -t": r"CPU|PID|TASK|COMMAND|0+(?=\d)",
    "runq": r"CPU|RUNQUEUE|CURRENT|PID|TASK|COMMAND|no tasks queued",
    "stacks": r"tasks?|PID|#|at",
    "sys -c": r"NUM|SYSTEM CALL|FILE AND LINE NUMBER",
    "sys -i": r"(?!)",
    "sys -r": r"STRUCT|MEMBER|OFFSET|READ AS|bits|from bit|not in this kernel",
    "sys -t": r"TAINTED_MASK",
    "swap": r"SWAP_INFO_STRUCT|TYPE|SIZE|USED|PCT|PRI|FILENAME",
    "sys": r"KERNEL|none:|DUMPFILE|CPUS|DATE|UPTIME|LOAD AVERAGE|TASKS|NODENAME|RELEASE|VERSION|MACHINE|MEMORY|PANIC|ACTIVE|PID|COMMAND|TASK|THREAD_INFO: [0-9a-f]+|1 of \d+|CPU|STATE|unavailable",
    "timer -r": r"CPU|HRTIMER_CPU_BASE|CLOCK|HRTIMER_CLOCK_BASE|CURRENT|SOFTEXPIRES|EXPIRES|TTE|HRTIMER|FUNCTION|\(empty\)",
    "timer": r"JIFFIES\n\d+|EXPIRES|TTE|TIMER_LIST|FUNCTION|\(none\)",
    "trace -l": r"INSTANCE|TRACER|ON|CLOCK|KIB|EVENTS|OVERWRITTEN|DROPPED|READ",
    "vm": r"PID|TASK|CPU|COMMAND|MM|PGD|RSS|TOTAL_VM|VMA|START|END|FLAGS|FILE",
}
ARGUMENTS = {
    "net -s": lambda dump: user_task(dump, "w_sockets"),
    "fuser": lambda dump: "/",
    "kmem -p": lambda dump: "init_task",
    "kmem -S": lambda dump: "task_struct",
    "hang": lambda dump: "-a",
    "stacks": lambda dump: "-a",
    "vm": lambda dump: user_task(dump),
    "files": lambda dump: user_task(dump),
    "files -c": lambda dump: user_task(dump),
    "files -d": lambda dump: next(row["files"][-1]["dentry"] for task in (user_task(dump), "1")
                                  for row in run(dump, f"files {task} --json")[0]["rows"] if row["files"]),
}
# Rows without the cells that the text lacks.
SHOWN = {
    "hang": lambda row: hang_text(row),
    "kmem -n": lambda row: without(row, "node") if "zone" in row else row,
    "kmem -V": lambda row: without(row, "table"),
    "kmem -S": lambda row: {**without(row, "memory_kb"), "contents": [{**slab, "objects": [without(one, "free") for one in slab["objects"]]} for slab in row["contents"]]},
    "stacks": lambda row: known({**row, "members": [without(task, "task") for task in row["members"]]}),
    "sys -c": lambda row: known(row),
    "sys -r": lambda row: known(row),
    "locks": lambda row: locks_text(row),
    "locks -u": lambda row: locks_text(row),
    "kmem -s": lambda row: without(row, "memory_kb"),
    "trace -l": lambda row: {**row, "on": "on" if row["on"] else "off"},
    "oom": lambda row: oom_text(row),
    "dev": lambda row: {"major": row["major"], "name": row["name"]} if "0x0" in row.values() else row,
    "net -s": lambda row: {**row, "sockets": [{key: value for key, value in s.items() if value is not None} for s in row["sockets"]]},
    "files -c": lambda row: {**row, "files": [without(file, "file") for file in row["files"]]},
    "sys": lambda row: sys_text(row),
    "runq -T": lambda row: {**row, "lag_ns": Number(f"{int(row['lag_ns']) / 1e9:.2f}")},
    "runq -m": lambda row: {**row, "ran_ms": clock(int(row["ran_ms"]))},
    "timer -r": lambda row: {**row, "clocks": [with_functions(clock) if clock["timers"] else without(clock, "current") for clock in row["clocks"]]},
    "timer": lambda row: with_functions(without(row, "jiffies", "cpu")),
    "irq -s": lambda row: {**row, "counts": [without(count, "cpu") for count in row["counts"]]},
    "irq -d": lambda row: without(row, "handler") if row["function"] else without(row, "function"),
    "irq -b": lambda row: row if row["function"] else without(row, "function"),
    "irq": lambda row: row if row["used"] is None else without(row, "used"),
    "kmem -i": lambda row: {key: size(int(value)) if key == "bytes" else value
                            for key, value in row.items() if value is not None},
    "kmem -f": lambda row: without(row, "node"),
    "kmem -g": lambda row: {**row, "value": Number(f"{int(row['value'], 16):07x}")},
    "kmem -z": lambda row: row if row["counters"] else {key: row[key] for key in ("node", "zone", "address", "name")},
}


UNKNOWN = r"\?|--|\(not loaded\)"
WORD_END, NUMBER_END = "(?![0-9A-Za-z_])", "(?![0-9])"


def documented():
    """{command: {table: keys}}"""
    found = {}
    for row in re.findall(r"^\| `(.*?)` \| `(.*?)` \| (.*) \|$", (ROOT / "docs" / "json.md").read_text(), re.M):
        found.setdefault(row[0], {})[row[1]] = re.findall(r"`(\w+)`", row[2])
    return found


def documents(text):
    """The documents in a text; numbers remain text."""
    decoder, at, found = json.JSONDecoder(parse_int=Number, parse_float=Number), 0, []
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        found.append(document)
        at += len(text[at:]) - len(text[at:].lstrip("\n"))
    return found


class Number(str):
    """A number as JSON wrote it."""


def clock(ms):
    """Milliseconds as runq -m shows them."""
    return f"{ms // 86400000} {ms // 3600000 % 24:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def size(n):
    """Bytes as kmem -i shows them."""
    for unit, name in ((1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB")):
        if n >= unit:
            return Number(f"{(n * 10 + unit // 2) // unit / 10:.1f}".removesuffix(".0") + " " + name)
    return Number(f"{n >> 10} KB" if n else "0")


def tables(rows, name):
    """{name of a table: its rows}, also of tables in rows."""
    found = {name: list(rows)}
    for row in rows:
        for key, value in row.items():
            if isinstance(value, list):
                for inner, more in tables(value, f"{name}.{key}").items():
                    found.setdefault(inner, []).extend(more)
    return found


def cells(rows):
    """The cells of rows in order, tables in rows at their place."""
    for row in rows:
        for value in row.values():
            if isinstance(value, list):
                yield from cells(value)
            else:
                yield value


def oom_text(row):
    """A row of any of oom's tables as its text has it."""
    row = {key: size(int(value)) if key == "bytes" and value else value for key, value in row.items()
           if value is not None or key not in ("percent", "of")}
    if "reclaimable" in row:
        row["reclaimable"] = "yes" if row["reclaimable"] else "no"
    if "free_blocks" in row:
        row["free_blocks"] = [without(block, "order") for block in row["free_blocks"]]
    if "limit_kb" in row and row["limit_kb"] is None:
        row["limit_kb"] = "max"
    if "inode" in row:
        row["path"] = row["path"] or f"no name; inode {row['inode'][2:]}"
    return without(row, "inode")


def seconds(ns):
    """Nanoseconds as seconds with three digits, cut and not rounded."""
    return Number(f"{int(ns) // 10**9}.{int(ns) % 10**9 // 10**6:03}")


def known(row):
    """A row, and the rows in it, without what is null."""
    return {key: [known(one) for one in value] if isinstance(value, list) else value for key, value in row.items() if value is not None}


def hang_text(row):
    """A row of any of hang's tables as its text has it, which only counts idle CPUs."""
    if row.get("idle") and row["watchdog_s"] is None and row["waiting_tasks"] is None:
        return {}
    row = {key: [hang_text(one) for one in value] if isinstance(value, list) else value for key, value in row.items()}
    for key in row:
        if key.endswith("_ns") and row[key] is not None:
            row[key] = seconds(row[key])
    if row.get("access"):
        row["access"] = f"to {row['access']}"
    if "expedited" in row or "preempted" in row or "reads" in row or "unbound" in row or "idle" in row:
        row = without(row, "expedited", "preempted", "reads", "deadlock", "unbound", "idle")
    row["place"] = "could run" if row.get("place") == "runnable" else None
    return {key: value for key, value in row.items() if value is not None and not (key == "task")}


def locks_text(row):
    """A row of any of locks' tables as its text has it; the text lacks what does not apply."""
    row = {key: [locks_text(one) for one in value] if isinstance(value, list) else value for key, value in row.items()}
    for flag in ("locked", "pending"):
        if row.get(flag) is not None:
            row[flag] = "yes" if row[flag] else "no"
    if row.get("access"):
        row["access"] = f"TO {row['access'].upper()}"
    if row.get("held_by") == "task":
        row["held_by"] = None
    if row.get("last_ran_ns"):
        row["last_ran_ns"] = seconds(row["last_ran_ns"])
    return {key: value for key, value in row.items() if value is not None}


def with_functions(row):
    """A row with timers: one whose structure is not in the dump has no symbol in the text, not even "?"."""
    return {**row, "timers": [timer if timer["function"] else without(timer, "symbol") for timer in row["timers"]]}


def sys_text(row):
    """The banner's values with the text's units; what is unknown is among the notes."""
    when = row["unix_time"] and time.strftime("%a %b %e %H:%M:%S %Z %Y", time.localtime(int(row["unix_time"])))
    up = row["uptime_s"] and int(row["uptime_s"])
    days, clock = (0, None) if up is None else (up // 86400, f"{up % 86400 // 3600:02}:{up % 3600 // 60:02}:{up % 60:02}")
    megabytes = row["memory_bytes"] and int(row["memory_bytes"]) * 10 // (1 << 20)
    memory = megabytes and (f"{megabytes / 10:.1f} MB" if megabytes < 10240 else f"{megabytes * 10 // 10240 / 10:.1f} GB")
    marks = {"live": "LIVE SYSTEM", "partial": "PARTIAL DUMP", "incomplete": "INCOMPLETE"}
    shown = {**row, "unix_time": when, "uptime_s": f"{days} days, {clock}" if days else clock,
             "mhz": row["mhz"] and f"{row['mhz']} Mhz", "memory_bytes": memory,
             **{key: mark if row[key] else None for key, mark in marks.items()},
             "offline_cpus": None if row["offline_cpus"] == "0" else f"OFFLINE: {row['offline_cpus']}"}
    return {key: value for key, value in shown.items() if value is not None}


def run(dump, line):
    """The documents of a line, also if it fails."""
    return documents(vmstub("--exec", line, dump.core, cwd=dump.dir).stdout)


def user_task(dump, name="w_files"):
    """The PID of a program, w_files with many open files; of init in a dump without it."""
    return next((row["pid"] for row in run(dump, f"ps --json {name}")[0]["rows"]), "1")


def without(row, *keys):
    return {name: value for name, value in row.items() if name not in keys}


def pattern(cell):
    """A cell in text. False is blank, and true a mark."""
    if cell is None:
        return UNKNOWN
    if isinstance(cell, bool):
        return ">" if cell else ""
    if isinstance(cell, Number):
        return re.escape(cell)
    if re.fullmatch("0x[0-9a-f]+", cell):
        return "0*" + cell[2:]
    return re.escape(cell)


def compare(rows, text, layout):
    """Where the text does not have the cells, or has more; None: it agrees."""
    remarks = any("remark" in row for table in tables(rows, "").values() for row in table)
    gap = re.compile(rf"(?:{layout}|{UNKNOWN if remarks else layout}|[\s\[\]<>\"':,.()/%k-])*?")
    at = 0
    for cell in cells(rows):
        if cell is None and remarks:  # the text may have the remark in its place
            continue
        match = re.compile(f"{gap.pattern}(?:{pattern(cell)}){NUMBER_END if isinstance(cell, Number) else WORD_END}" if pattern(cell) else "").match(text, at)
        if not match:
            return f"{cell!r} is not at {text[at:at + 200]!r}"
        at = match.end()
    return None if re.fullmatch(gap.pattern, text[at:]) else f"the document lacks {text[at:at + 200]!r}"


def unless_damaged(test):
    """Leaves out dumps that lack tasks, whose errors come besides those that the test expects."""
    @functools.wraps(test)
    def tested(self):
        if run(self.dump, "ps --json")[0]["error"]:
            self.skipTest("the dump lacks tasks")
        test(self)
    return tested


def check_cells(test, command, core):
    """The document of a command has its documented keys, and the cells of its text."""
    keys = documented()[command]
    line = f"{command} {ARGUMENTS[command](test.dump) if command in ARGUMENTS else ''}"
    done = vmstub("--exec", line, core, cwd=test.dump.dir)
    text, (document,) = done.stdout, documents(vmstub("--exec", f"{line} --json", core, cwd=test.dump.dir).stdout)
    test.assertEqual(document["verb"], command.split()[0])
    test.assertEqual(f"vmstub: {document['verb']}: {document['error']}\n" if document["error"] else "", done.stderr)
    arrays = {key: value for key, value in document.items() if key not in ("verb", "notes", "error")}
    found = {}
    for name, rows in arrays.items():
        found.update(tables(rows, name))
    for name, rows in found.items():
        for row in rows:
            test.assertEqual([key for key, value in row.items() if not isinstance(value, list) and key != "remark"], keys[name])
    test.assertTrue(found.keys() <= keys.keys(), found.keys() - keys.keys())
    test.assertTrue(any(found.values()) or document["error"] or document["notes"], f"{command}: no rows")
    for note in document["notes"]:
        test.assertIn(note, text)
    rows = [SHOWN.get(command, dict)(row) for rows in arrays.values() for row in rows]
    test.assertIsNone(compare(rows, text, "|".join([*map(re.escape, document["notes"]), LAYOUT[command]])))
    return arrays


@for_dumps(*BASE, *EXTRA)
class Json(DumpTest):
    def test_cells(self):
        """Keys and cells of all documented commands."""
        for command in documented():
            with self.subTest(command):
                check_cells(self, command, self.dump.core)

    @unless_damaged
    def test_lists(self):
        """Each command of a list has its document, a failure too; what is no table, or a wrong option, has none."""
        done = vmstub("--exec", "ps --json 1; kbt --json; ps nosuch --json; ps --json --; ps -p --json; ps -! --json", self.dump.core,
                      cwd=self.dump.dir)
        first, failed, all_tasks = documents(done.stdout)
        self.assertEqual([row["pid"] for row in first["rows"]], ["1"])
        self.assertEqual((failed["rows"], failed["error"]), ([], "nosuch: no such task"))
        self.assertGreater(len(all_tasks["rows"]), 20)
        self.assertEqual(done.stderr.splitlines(), [
            "vmstub: kbt: --json: not a table", "vmstub: ps: nosuch: no such task", "vmstub: ps: -p with --json: not a table",
            'vmstub: ps: unknown option -!; see "help ps"'])


    @unless_damaged
    def test_foreach(self):
        """foreach has one document, whichever of the two verbs has the option; what is no table is refused once."""
        done = vmstub("--exec", "foreach user files --json; foreach --json user files; foreach user kbt --json; foreach --json user ps",
                      self.dump.core, cwd=self.dump.dir)
        files, same, tasks = documents(done.stdout)
        self.assertEqual(files, same)
        self.assertEqual([row["task"] for row in files["rows"]], [row["task"] for row in tasks["rows"]])
        self.assertGreater(sum(bool(row["files"]) for row in files["rows"]), 1)
        self.assertEqual(done.stderr, "vmstub: foreach: kbt: --json: not a table\n")


@for_dumps("k5.10-locks", "k6.1-locks", "k6.1rt-locks", "k6.12-locks", "k7-locks")
class JsonOfLocks(DumpTest):
    """Dumps with tasks that wait for locks (the module l2q), and a deadlock; on PREEMPT_RT one of spinlocks, too."""
    def test_cells(self):
        core = next(iter(self.dump.cores.values()))
        rt = self.dump.name == "k6.1rt-locks"
        tables = check_cells(self, "locks", core)
        self.assertEqual({lock["kind"] for lock in tables["locks"]},
                         {"mutex", "rw_semaphore", "semaphore", "completion", "rt_mutex", "percpu_rw_semaphore", "bit of", "page"} |
                         ({"spinlock", "rwlock"} if rt else set()))
        self.assertEqual([len(cycle["tasks"]) for cycle in tables["cycles"]], [2] * (1 + rt))
        hang = check_cells(self, "hang", core)
        self.assertCountEqual([task["command"] for task in hang["tasks"] if any(one["deadlock"] for one in task["chain"])],
                              ["l2q_ab", "l2q_ba"] + ["rcub/0", "l2q_xy", "l2q_yx"] * rt)
        self.assertIn("l2q_wq", [worker["workqueue"] for pool in hang["pools"] for worker in pool["busy_workers"]])
        self.assertEqual([request["disk"] for request in hang["requests"]], ["l2q_disk"])
        self.assertGreater(len(check_cells(self, "locks -u", core)["locks"]), len(tables["locks"]))


@for_dumps("k5.10-faults", "k6.1-faults", "k6.12-faults", "k7-faults")
class JsonOfHangs(DumpTest):
    """Dumps with a spinlock that nobody releases, a stalled reader of RCU, and a task that hung (the module l2f)."""
    def test_cells(self):
        tables = check_cells(self, "locks", self.dump.cores["softlockup"])
        self.assertEqual([(spin["symbol"], spin["locked"], len(spin["cpus"])) for spin in tables["spinlocks"]], [("l2f_lock", True, 1)])
        stuck = [cpu["cpu"] for cpu in check_cells(self, "hang", self.dump.cores["softlockup"])["cpus"] if cpu["watchdog_s"]]
        self.assertLessEqual(set(stuck), {"1", "2"})  # the holder and the waiter of hangs.c
        (period,) = check_cells(self, "hang", self.dump.cores["rcu"])["rcu"]
        self.assertEqual([waited["command"] for waited in period["waits_for"]], ["l2f_reader"])


class Documentation(DumpTest):
    def test_commands(self):
        """docs/json.md lists the commands that are tested."""
        self.assertEqual(set(documented()), set(LAYOUT))
