# SPDX-License-Identifier: GPL-3.0-or-later
"""kbt of every task, compared with the stacks that the kernel itself printed and with drgn."""
import re
import struct
from typing import NamedTuple

import damage
import frames
import oracle
import peers
from dumps import BASE, EXTRA, GUESS, DumpTest, for_dumps
from session import gdb, verbs, vmstub

USER_END = 1 << 63


class KbtFrame(NamedTuple):
    number: int
    slot: int
    function: str
    address: int
    module: str
    inlined: bool


FRAME = re.compile(r" ?#(\d+) \[([0-9a-f]{16})\] (\S+) at ([0-9a-f]{16})(?: \[(\w+)\])?( \(inlined\))?$")
# Exactly what crash prints, including blanks.
HEAD = re.compile(r'PID: (-?\d+) +TASK: ([0-9a-f]{16})  CPU: (\d+) +COMMAND: "(.*)"$')
OTHER = (re.compile(r"    \[exception RIP: \S+\+\d+\](?: \[\w+\])?$"), re.compile(r"    [A-Z_]+ ?: ? ?[0-9a-f]+(  ? ?[A-Z0-9_]+: [0-9a-f]+)*$"),
         re.compile(r"    R[A-Z0-9]+: .*"), re.compile(r"--- <.*> ---$"),
         # w_dead, whose stack the kernel has freed
         re.compile(r"    \(no backtrace: the task is dead; the kernel freed its stack\)$"))


def parse_kbt(text):
    return [KbtFrame(int(m[1]), int(m[2], 16), m[3], int(m[4], 16), m[5] or "", bool(m[6]))
            for m in map(FRAME.match, text.splitlines()) if m]


def plain(name):
    """A system call without arguments is one function with several names."""
    return re.sub(r"^__(x64|ia32|do)_sys_", "sys_", name)


def kbt_each(dump, what, tasks, core=None):
    """{pid: text}. Tasks that ended before the crash are missing."""
    tasks = list(tasks)
    done = vmstub("--exec", "; ".join(f"{what} {pid}" for pid in tasks), core or dump.core, cwd=dump.dir)
    missing = {int(pid) for pid in re.findall(r"no task with PID (\d+)", done.stderr)}
    assert len(done.stderr.splitlines()) == len(missing), done.stderr
    parts = re.split(r"^(?=PID: )", done.stdout, flags=re.M)[1:]
    found = [pid for pid in tasks if pid not in missing]
    assert len(parts) == len(found), done.stdout
    return dict(zip(found, parts))


def complete(dump):
    """The core with all pages, if this crash has one."""
    return dump.cores.get("elf", dump.core)


@for_dumps(*BASE, *EXTRA)
class EveryTask(DumpTest):
    @classmethod
    def prepare(cls):
        cls.core = complete(cls.dump)
        cls.pids = [t.pid for t in cls.dump.tasks]
        cls.texts = kbt_each(cls.dump, "kbt", cls.pids, cls.core)
        cls.kbt = {pid: parse_kbt(text) for pid, text in cls.texts.items()}
        cls.sched = (cls.dump.address("__sched_text_start"), cls.dump.address("__sched_text_end"))

    def before_crash(self, pid):
        """Addresses in /proc/PID/stack; a name can have several addresses."""
        return [{s.address + offset for s in self.dump.by_name[name]} for name, offset in self.dump.stacks[pid]]

    def sleeping_part(self, trace):
        """The part that /proc/PID/stack would show: without the scheduler's functions."""
        return [f.address for f in trace if not self.sched[0] <= f.address < self.sched[1]]

    def equals(self, pid):
        mine, guest = self.sleeping_part(self.kbt[pid]), self.before_crash(pid)
        return len(mine) == len(guest) and all(a in places for a, places in zip(mine, guest))

    def explanation(self, pid):
        """Why a stack may differ from the one before the crash; None: it must be equal."""
        task = next(t for t in self.dump.tasks if t.pid == pid)
        if pid not in self.kbt:
            return "ended before the crash" if task.comm in ("sh", "cat", "init") else None
        if pid not in self.dump.stacks:
            if not self.kbt[pid]:
                return "no kernel stack then and now"
            return "was running or had no stack then"
        # These tasks are always busy, and at the crash they do something else than when the facts
        # were written. Their stacks must still have a proper start.
        moving = re.match(r"(init|sh|kworker/.*|rcu_\w+|ksoftirqd/\d|kcompactd\d|kauditd|khungtaskd|kdevtmpfs|kdamond\.\d+)$", task.comm)
        bottom = self.kbt[pid][-1].function if self.kbt[pid] else ""
        if moving and re.match(r"(ret_from_fork|entry_SYSCALL_64)", bottom):
            return f"{moving[1].split('/')[0]} went on"
        return None

    def test_as_before_the_crash(self):
        """Compares address by address, and prints how many agree."""
        equal, explained, wrong = [], {}, []
        for task in self.dump.tasks:
            if task.pid in self.kbt and task.pid in self.dump.stacks and self.equals(task.pid):
                equal.append(task.pid)
                continue
            why = self.explanation(task.pid)
            if why:
                explained.setdefault(why, []).append(task.pid)
            else:
                wrong.append(f"{task}\nkbt: {self.texts.get(task.pid)}\nthen: {self.dump.stacks.get(task.pid)}")
        reasons = "; ".join(f"{len(pids)} {why}" for why, pids in sorted(explained.items()))
        print(f"     {self.dump.name}: {len(self.dump.tasks)} tasks, {len(equal)} equal, "
              f"{sum(map(len, explained.values()))} explained ({reasons}), {len(wrong)} wrong", flush=True)
        self.assertEqual("\n".join(wrong), "")
        self.assertGreater(len(equal), len(self.dump.tasks) * 0.8)

    def test_stacks(self):
        """`stacks -a` shows each task in one group, with its backtrace; groups differ, the largest is first."""
        seen, sizes = {}, []
        for group in verbs(self.dump, "stacks -a", core=self.core).split("\n\n"):
            head, pids, *rows = group.strip("\n").split("\n")
            trace = tuple(re.match(r" ?#\d+ \S+ at ([0-9a-f]+)", row)[1] for row in rows if " at " in row)
            pids = [int(pid) for pid in re.findall(r'(?:^PID: |", )(-?\d+) "', pids)]
            sizes.append(len(pids))
            self.assertEqual(int(head.split()[0]), len(pids))
            self.assertEqual(sum(map(int, re.findall(r"(\d+) [A-Z?]{1,2}\b", head.split(": ")[1]))), len(pids), head)
            for pid in pids:
                seen.setdefault(pid, []).append((trace, tuple(rows)))
        self.assertEqual(sizes, sorted(sizes, reverse=True))
        self.assertEqual(len({rows for found in seen.values() for _, rows in found}), len(sizes))
        for pid in set(self.kbt) - {0}:  # each CPU has an idle task with PID 0
            (trace, _), = seen[pid]
            mine = [f"{f.address:x}" for f in self.kbt[pid]]
            interrupted = [a for a in trace if a not in mine]  # kbt -i alone lists these as frames
            self.assertEqual([a for a in trace if a in mine], mine, pid)
            self.assertLessEqual(len(interrupted), 3, pid)

    def test_known_sleepers(self):
        """Tasks that cannot have moved."""
        sleepers = {t.comm: t.pid for t in self.dump.tasks if t.comm in
                    ("w_pipe", "w_sleep", "w_threads", "w_futex_thread", "w_zombie", "l2w_sleeper")}
        self.assertEqual(len(sleepers), 6)
        for comm, pid in sleepers.items():
            with self.subTest(comm):
                self.assertTrue(self.equals(pid), self.texts[pid])
        names = [f.function for f in self.kbt[sleepers["l2w_sleeper"]]]
        self.assertEqual([n for n in names if n.startswith("l2w")], ["l2w_sleeper_wait", "l2w_sleeper_fn"])

    def test_layout(self):
        for pid, text in self.texts.items():
            lines = text.rstrip().splitlines()
            head = HEAD.match(lines[0])
            self.assertTrue(head, lines[0])
            # as in crash: "CPU: %-3s  COMMAND"
            self.assertRegex(lines[0], r"CPU: [\d ]{3}  COMMAND")
            numbers = []
            for line in lines[1:]:
                m = FRAME.match(line)
                if m:
                    numbers.append(int(m[1]))
                else:
                    self.assertTrue(any(other.match(line) for other in OTHER), line)
            self.assertEqual(numbers, list(range(len(numbers))), text)

    def test_heads(self):
        known = {t.pid: t for t in self.dump.tasks}
        for pid, text in self.texts.items():
            m = HEAD.match(text.splitlines()[0])
            self.assertEqual((int(m[1]), int(m[2], 16), m[4]), (pid, known[pid].address, known[pid].comm))

    def test_slots_are_on_the_stack(self):
        """Frames are in ascending order, within the task's own stack, unless an interrupt had stopped the task."""
        stacks = {t.pid: t.stack for t in self.dump.tasks}
        size = self.dump.l2w["value.thread_size"]
        for pid, trace in self.kbt.items():
            if "--- <" in self.texts[pid]:
                continue
            slots = [f.slot for f in trace]
            self.assertEqual(slots, sorted(slots), self.texts[pid])
            for slot in slots:
                self.assertTrue(stacks[pid] <= slot < stacks[pid] + size, self.texts[pid])

    def test_names_fit_addresses(self):
        """Names match addresses by the kernel's own symbols."""
        for pid, trace in self.kbt.items():
            for f in trace:
                pc = f.address - 1
                fits = any(s.module == f.module and s.address <= pc < s.address + oracle.symbol_size(self.dump, s.address)
                           for s in self.dump.by_name[f.function])
                self.assertTrue(fits, f"{pid}: {f}")


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class EveryTaskDrgn(DumpTest):
    def test_with_inlined_functions(self):
        program = oracle.drgn_program(self.dump)
        if not program:
            self.skipTest("no python3-drgn that reads this dump")
        tasks = {task.pid.value_(): task for task in oracle.for_each_task(program)}
        texts = kbt_each(self.dump, "kbt -i", tasks)
        compared, wrong = 0, []
        for pid, task in tasks.items():
            if pid not in texts:
                wrong.append(f"{pid}: not in the dump for us")
                continue
            mine = parse_kbt(texts[pid])
            if not task.stack.value_():  # dead, and its stack may be reused: drgn guesses
                self.assertEqual(mine, [], texts[pid])
                continue
            try:
                trace = program.stack_trace(task)
            except (ValueError, oracle.drgn.FaultError):  # running or dead
                continue
            theirs = []
            for frame in trace:
                if not frame.pc > USER_END:
                    break
                theirs.append((frame.pc, frame.name))
            # Assembly has no functions in DWARF: drgn prints the address then.
            same = [f.address for f in mine] == [pc for pc, _ in theirs] and \
                all(not name or plain(f.function) == plain(name) for f, (_, name) in zip(mine, theirs))
            if not same:
                wrong.append(f"{texts[pid]}\ndrgn:\n{trace}")
            compared += 1
        print(f"     {self.dump.name}: kbt -i against drgn: {len(tasks)} tasks, {compared} compared, "
              f"{compared - len(wrong)} equal, {len(wrong)} wrong", flush=True)
        self.assertEqual("\n".join(wrong), "")
        self.assertGreater(compared, 60)


@for_dumps(*BASE, *EXTRA, quick=("k6.1-qemu",))
class EveryCpu(DumpTest):
    """The active tasks: gdb's bt and kbt use different data."""

    @classmethod
    def prepare(cls):
        commands = {}
        for n in range(cls.dump.cpus):
            commands[f"thread {n}"] = f"thread {n + 1}"
            commands[f"cpu {n}"] = "bt"
        cls.gdb = gdb(cls.dump, commands)
        cls.kbt = {n: verbs(cls.dump, f"kbt -i -c {n}") for n in range(cls.dump.cpus)}

    def test_gdb_and_kbt_agree(self):
        for cpu, text in self.kbt.items():
            mine = [("<entry>" if f.function == frames.HANDLER else f.function, f.address)
                    for f in frames.parse(self.gdb[f"cpu {cpu}"]) if not f.address or f.address > USER_END]
            theirs = self._as_gdb(text)
            mine = [m for inner, m in zip([("", 0), *mine], mine) if not self._jumped(m, inner[0], theirs)]
            with self.subTest(cpu=cpu):
                self.assertEqual([m[0] for m in mine], [t[0] for t in theirs], self.gdb[f"cpu {cpu}"] + "\n" + text)
                for m, t in zip(mine, theirs):
                    if m[1] and m[0] != "<entry>":
                        self.assertEqual(hex(m[1]), hex(t[1]), text)

    def _jumped(self, frame, inner, theirs):
        """gdb adds functions that ended in a jump to the next one: it knows them from their callers' DWARF, not from the stack. Their
        address is the one after the jump."""
        name, address = frame
        if not address or name in [known for known, _ in theirs]:
            return False
        code = self._linked(address - self.dump.slide - 6, 6)
        if len(code) < 6:
            return False
        jump = code[1] == 0xe9 or code[0] == 0x0f and code[1] & 0xf0 == 0x80
        target = address + int.from_bytes(code[2:6], "little", signed=True)
        return jump and target in [s.address for s in self.dump.by_name.get(inner, [])]

    def _linked(self, address, n):
        """Bytes of vmlinux: the dump has lost the code that ran at boot."""
        with open(self.dump.dir / "vmlinux", "rb") as file:
            head = file.read(64)
            start, count = struct.unpack_from("<Q", head, 32)[0], struct.unpack_from("<H", head, 56)[0]
            file.seek(start)
            for kind, _, offset, va, _, size, _, _ in struct.iter_unpack("<IIQQQQQQ", file.read(56 * count)):
                if kind == 1 and va <= address < va + size:
                    file.seek(offset + address - va)
                    return file.read(n)
        return b""

    @staticmethod
    def _as_gdb(text):
        """Treats an entry stub like gdb, as part of the saved registers; names of the first function differ."""
        theirs = []
        for line in text.splitlines():
            m = FRAME.match(line)
            if m:
                # parts that the compiler split off have their own symbols
                theirs.append((re.sub(r"\.(part|constprop|isra|cold)(\.\d+)?", "", m[3]), int(m[4], 16)))
            elif line.startswith("    RIP: ") and theirs:
                theirs[-1] = ("<entry>", 0)
        if theirs and re.match("(secondary|common)_startup_64", theirs[-1][0]):
            theirs[-1] = ("secondary_startup_64", theirs[-1][1])
        return theirs

    def test_panic_cpu_as_the_console(self):
        text = self.kbt[self.dump.panic_cpu]
        console = oracle.oops(self.dump).frames
        places = [f.address for f in parse_kbt(text) if not f.inlined]
        start = places.index(console[0].address)
        self.assertEqual([hex(a) for a in places[start:]], [hex(f.address) for f in console])

    def test_interrupted_functions(self):
        text = verbs(self.dump, f"kbt -c {self.dump.panic_cpu}")
        said = re.findall(r"\[exception RIP: (\S+)\+(\d+)\](?: \[(\w+)\])?$", text, re.M)
        expected = []
        for f in oracle.oops(self.dump).frames:
            if f.interrupted:
                start = next(s.address for s in self.dump.by_name[f.function] if s.module == f.module)
                expected.append((f.function, str(f.address - start), f.module))
        self.assertEqual(said[-len(expected):], expected)
        self.assertIn("l2w", [module for *_, module in said])

    def test_registers_of_the_fault(self):
        text = verbs(self.dump, f"kbt -c {self.dump.panic_cpu}")
        block = text[text.index("[exception RIP: l2w_vdev_lookup"):].split("ORIG_RAX")[0]
        got = {name.lower(): int(value, 16) for name, value in re.findall(r"\b(R\w\w?): ([0-9a-f]{16})", block)}
        expected = oracle.oops(self.dump).registers
        for name, value in got.items():
            self.assertEqual(hex(value), hex(expected[name]), name)
        self.assertEqual(len(got), 17)

    def test_user_registers_of_busy_worker(self):
        text = verbs(self.dump, "kbt -c 2")
        user = re.search(r"RIP: (0000[0-9a-f]{12}) +RSP: ([0-9a-f]{16})(?s:.*)CS: 0033 +SS: 002b", text)
        self.assertTrue(user, text)
        pid, _ = self.dump.workers["w_busy"]
        maps = [line.split(":", 1)[1].split()[:2] for line in self.dump.fact("maps").splitlines()
                if line.startswith(f"/proc/{pid}/")]
        inside = [permission for area, permission in maps
                  if int(area.split("-")[0], 16) <= int(user[1], 16) < int(area.split("-")[1], 16)]
        self.assertEqual(inside, ["r-xp"])


@for_dumps("k6.1-kdump", "k5.10-kdump", quick=("k6.1-kdump",))
class LostTask(DumpTest):
    """The dump lacks the page with the panicking task's task_struct, but has its CPU's registers and the stack."""

    @classmethod
    def prepare(cls):
        cls.whole = verbs(cls.dump, f"kbt -c {cls.dump.panic_cpu}")
        cls.task = int(HEAD.match(cls.whole.splitlines()[0])[2], 16)
        pid = int(re.search(r"\[(\d+)\] pid_t pid;", verbs(cls.dump, "struct -o task_struct.pid"))[1])
        physical = re.search(rf"^{cls.task + pid:x} +([0-9a-f]+)$", verbs(cls.dump, f"vtop {cls.task + pid:x}"), re.M)[1]
        cls.core = damage.copy(cls.dump.core, cls.new_folder() / "vmcore")
        damage.lose_page(cls.core, int(physical, 16))

    def test_frames_are_as_ever(self):
        for line in ("kbt", f"kbt -c {self.dump.panic_cpu}", f"kbt {self.task:x}"):
            with self.subTest(line):
                done = vmstub("--exec", line, self.core, cwd=self.dump.dir)
                self.assertEqual(done.returncode, 0, done.stderr)
                head, why, *rest = done.stdout.splitlines()
                self.assertEqual(head, f"PID: ?        TASK: {self.task:x}  CPU: {self.dump.panic_cpu:<3}  COMMAND: ?")
                self.assertRegex(why, rf"^    \(task {self.task:#x}: .*: page lost, ")
                # the address of the task's stack is lost, too, so kbt cannot say when it leaves another stack for it
                self.assertEqual([said for said in rest if not said.startswith("---")],
                                 [said for said in self.whole.splitlines()[1:] if not said.startswith("---")])

    def test_gdb_knows_the_address(self):
        answers = gdb(self.dump, {"task": "p/x $task", "bt": "bt"}, core=self.core)
        self.assertIn(f"{self.task:#x}", answers["task"])
        self.assertIn("l2w_vdev_lookup", answers["bt"])


@for_dumps(*GUESS, "k5.10guess-work")
class NoUnwinder(DumpTest):
    """A kernel that only guesses its own stacks: vmlinux's DWARF describes C code, nothing the entry code."""

    def test_whole_or_one_line(self):
        """tests/matrix compares the frames."""
        whole = 0
        for text in re.split(r"^(?=PID: )", verbs(self.dump, "foreach kbt"), flags=re.M)[1:]:
            said = re.findall(r"^    \((?!unknown).*\)$", text, re.M)
            frames_found = parse_kbt(text)
            bottom = frames_found[-1].function if frames_found else ""
            user = re.match(r"    ORIG_RAX: [0-9a-f]+  CS: 0033 ", text.rstrip().splitlines()[-1])
            ended = user or bottom in ("ret_from_fork", "secondary_startup_64_no_verify")
            self.assertEqual(len(said), 0 if ended and len(frames_found) > 1 else 1, text)
            whole += not said
        self.assertGreater(whole, len(self.dump.tasks) * 0.8)


@for_dumps("k6.1-kdump", "k5.10-kdump", quick=("k6.1-kdump",))
class ModuleWithoutOrc(DumpTest):
    """The rows of l2w's ORC say nothing, as for functions that objtool could not follow: its DWARF does."""

    def test_frames_are_as_ever(self):
        module = self.dump.l2w["addr.l2w_module"]
        said = verbs(self.dump, f"struct module.arch.orc_unwind,arch.num_orcs {module:x}")
        rows, count = (int(n, 0) for n in re.search(r"orc_unwind = (0x[0-9a-f]+).*num_orcs = (\d+)", said, re.S).groups())
        core = damage.copy(self.dump.cores["elf"], self.new_folder() / "vmcore")
        for address in range(rows, rows + 6 * count):
            if address == rows or address % damage.PAGE == 0:
                physical = int(re.search(rf"^{address:x} +([0-9a-f]+)$", verbs(self.dump, f"vtop {address:x}"), re.M)[1], 16)
                size = min(rows + 6 * count - address, damage.PAGE - address % damage.PAGE)
                damage.write(core, physical, bytes(size))
        files = ["--vmlinux", self.dump.dir / "vmlinux", "--module-dir", self.dump.dir / "modules"]
        whole, now = (vmstub(*files, "--exec", "kbt -d", c) for c in (self.dump.cores["elf"], core))
        self.assertRegex(whole.stdout, r"l2w_vdev_xmit at .*\{ORC\}")
        self.assertRegex(now.stdout, r"l2w_vdev_xmit at .*\{DWARF\}")
        without = [re.sub(r"  \{.*\}$", "", done.stdout, flags=re.M) for done in (whole, now)]
        self.assertEqual(*without)


@for_dumps("k5.10-probes", "k6.1-probes", "k6.12-probes", "k7-probes")
class Probes(DumpTest):
    """A crash in the handler of an optimized kprobe, which printed its address before."""

    def kbt(self, name):
        return verbs(self.dump, f"foreach {name} kbt", core=next(iter(self.dump.cores.values())))

    def test_probed_place(self):
        text = self.kbt("l2k_crash")
        console = (self.dump.dir / "console.log").read_text(errors="replace")
        place = re.search(r"l2k: probe at ([0-9a-f]{16}), sp ([0-9a-f]{16})", console)
        detour = text.split(" kprobe_optinsn_page at ")[1]
        self.assertEqual(re.search(r"RIP: (\w{16})  RSP: (\w{16}) ", detour).groups(), place.groups())
        # 5 * 3, to which the probed instruction adds, in its register
        self.assertRegex(detour.split("ORIG_RAX")[0], r": 0{15}f\s")

    def functions(self, name):
        return [line.split()[2] for line in self.kbt(name).splitlines()
                if re.match(r" ?#\d", line)]

    def check_callers(self, name, *callers):
        found = self.functions(name)
        at = found.index(callers[0])
        self.assertEqual(tuple(found[at:at + len(callers)]), callers)
        self.assertEqual(found[at + len(callers)], "kthread")

    def test_callers(self):
        self.check_callers("l2k_crash", "l2k_calls_probed", "l2k_crashes", "l2k_crash_fn")
        self.check_callers("l2k_int3", "l2k_pushing_fn")
        self.check_callers("l2k_return", "l2k_calls_returned", "l2k_returned_fn")
        for name in ("l2k_returns", "l2k_graphed"):
            self.check_callers(name, "l2k_sleep", name, name, name, f"{name}_fn")
        self.check_callers("l2k_both", "l2k_sleep", "l2k_graphed", "l2k_graphed", "l2k_both", "l2k_both_fn")


@for_dumps("k5.10-kdump")
class OptionsAsCrash(DumpTest):
    """Sleeping tasks for which crash finds the same frames: compares the output of each option word by word."""

    @classmethod
    def prepare(cls):
        pids = [cls.dump.l2w["sleeper.pid"], 2] + [cls.dump.workers[w][0] for w in
                                                   ("w_pipe", "w_sleep", "w_threads", "w_zombie")]
        cls.commands = [f"bt {option} {pid}".replace("  ", " ") for pid in pids for option in
                        ("", "-t", "-T", "-r", "-f", "-F", "-FF", "-s", "-s -f", "-e", "-g", "-l")] + ["bt -E", "bt -v"]
        cls.theirs = peers.crash(cls.dump, *cls.commands)
        texts = verbs(cls.dump, "; ".join(f"help sys; k{c}" for c in cls.commands))
        head = verbs(cls.dump, "help sys")
        cls.mine = dict(zip(cls.commands, texts.split(head)[1:]))

    def same_word(self, a, b):
        """Symbols without a size can share an address, and several symbols can share a name."""
        def places(word):
            name, _, offset = word.partition("+")
            return {(s.address, offset) for s in self.dump.by_name.get(name, ())}
        return a == b or places(a) & places(b)

    def check_same(self, *options, change=lambda text: text):
        for command in self.commands:
            if command.rsplit(" ", 1)[0] in {f"bt {o}" for o in options}:
                with self.subTest(command):
                    self.assertIn("TASK: ", self.theirs[command])
                    self.assertEqual(change(self.mine[command]), change(self.theirs[command]))

    def test_plain(self):
        for command in self.commands:
            if re.match(r"bt \d", command):
                self.assertEqual(self.mine[command], self.theirs[command])

    def test_text_symbols(self):
        self.check_same("-t", "-T")

    def test_raw(self):
        for command in self.commands:
            if command.startswith("bt -r"):
                pairs = list(zip(self.mine[command].split(), self.theirs[command].split(), strict=True))
                self.assertGreater(len(pairs), 3000)
                self.assertEqual([p for p in pairs if not self.same_word(*p)], [])

    def test_contents(self):
        self.check_same("-f", "-s -f")

    def test_contents_with_symbols(self):
        """Also slab objects: "[task_struct]" and, with -FF, "[ffff9c1e41a1c140:task_struct]"."""
        slabs = {"-F": 0, "-FF": 0}
        for command in self.commands:
            if not command.startswith("bt -F"):
                continue
            with self.subTest(command):
                mine, theirs = self.mine[command].split("\n"), self.theirs[command].split("\n")
                self.assertEqual(len(mine), len(theirs))
                for a, b in zip(mine, theirs):
                    pairs = list(zip(a.split(), b.split()))
                    self.assertEqual([(x, y) for x, y in pairs if not self.same_word(x, y)], [], a)
                slabs[command.split()[1]] += sum(a.count("[") for a in mine if a.startswith("    "))
        self.assertGreater(slabs["-F"], 50)
        self.assertEqual(slabs["-F"], slabs["-FF"])

    def test_offsets(self):
        self.check_same("-s")

    def test_thread_group(self):
        self.check_same("-g", change=lambda text: text.replace("\n\n", "\n"))

    def test_exception_frames(self):
        self.check_same("-e", change=str.strip)

    def test_exception_frames_of_cpus(self):
        mine, theirs = (re.findall(r"(?:CPU (\d+) )?(?:(\w+) STACK:|EXCEPTION FRAME AT: (\w+))", t["bt -E"])
                        for t in (self.mine, self.theirs))
        self.assertIn("fffffe", str(theirs))
        # crash also accepts register frames whose RIP is not code
        no_code = re.findall(r"FRAME AT: (\w+)\n    \[exception RIP: no symbolic", self.theirs["bt -E"])
        missing = {t for t in theirs if t[2] not in no_code} - set(mine)
        self.assertEqual(missing, set(), self.mine["bt -E"])

    def test_lines(self):
        """crash prints the line after the call, and that of the innermost inlined function: files agree, and most lines."""
        places = r"^    (?:.*/)?([\w.]+): (\d+)$"
        same = all_places = 0
        for command in self.commands:
            if not command.startswith("bt -l"):
                continue
            mine, theirs = (re.findall(places, t[command], re.M) for t in (self.mine, self.theirs))
            # crash has lines only of modules that were loaded with mod
            mine = [m for m in mine if not m[0].startswith("l2w")]
            self.assertEqual(len(mine), len(theirs), self.mine[command] + self.theirs[command])
            same += sum(a == b for a, b in zip(mine, theirs))
            all_places += len(mine)
        self.assertGreater(all_places, 20)
        self.assertGreater(same, all_places / 2)

    def test_no_overflow(self):
        self.assertEqual(self.mine["bt -v"], "No stack overflows detected\n")
        self.assertIn("No stack overflows detected", self.theirs["bt -v"])
