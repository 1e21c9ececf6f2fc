# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares stacks: vmstub's kbt with other sources, and gdb's bt with kbt.

A verdict is EQUAL, WRONG, or the reason why the two differ without either being wrong.
"""
import itertools
import json
import os
import re
import subprocess
import tempfile

import kbt
from patience import limit
from guest import dumps

EQUAL, WRONG, UNCHECKED = "equal", "wrong", "no oracle"
USER_END = 1 << 47


def run(*command, cwd=None, env=None):
    return subprocess.run([str(c) for c in command], cwd=cwd, env=env, text=True, errors="replace", timeout=limit(300),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Result:
    """The result of comparing many stacks."""

    def __init__(self, title):
        self.title = title
        self.equal = 0
        self.explained = {}  # reason -> owners of the stacks
        self.wrong = {}  # text that shows the difference -> owners of the stacks
        self.seconds = 0.0

    def add(self, who, verdict, story=""):
        if verdict == EQUAL:
            self.equal += 1
        elif verdict == WRONG:
            self.wrong.setdefault(story, []).append(who)
        else:
            self.explained.setdefault(verdict, []).append(who)

    @property
    def total(self):
        return self.equal + self.explained_count + self.wrong_count

    @property
    def explained_count(self):
        return sum(map(len, self.explained.values()))

    @property
    def wrong_count(self):
        return sum(map(len, self.wrong.values()))


def vmstub_kbt(guest, core, command):
    done = run(dumps.VMSTUB, "--exec", command, core, cwd=guest.dir)
    tasks = kbt.parse(done.stdout)
    if not tasks:
        raise AssertionError(f"{command}: exit {done.returncode}: {done.stderr}")
    return tasks


# ---- kbt compared with the oracles


def drgn_view(guest, core, python):
    """The output of drgn_stacks.py, or why it failed."""
    files = [guest.dir / "vmlinux", *sorted((guest.dir / "modules").glob("*.ko"))]
    done = run(python, dumps.ROOT / "tests" / "matrix" / "drgn_stacks.py", core, *files)
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1]}
    return json.loads(done.stdout)


def side_by_side(title, mine, theirs, show):
    lines = [title]
    for i in range(max(len(mine), len(theirs))):
        left = show(mine[i]) if i < len(mine) else "-"
        right = show(theirs[i]) if i < len(theirs) else "-"
        lines.append(f"  {' ' if left == right else '!'} {left:58} {right}")
    return "\n".join(lines)


def name_of(guest, pc):
    """function+offset of an address, for messages."""
    for symbol in guest.symbols_around(pc):
        if pc - symbol.address < 1 << 16:
            return f"{pc:x} {symbol.name}+{pc - symbol.address:#x}"
    return f"{pc:x}"


def show_places(guest, places):
    if isinstance(places, int):
        return name_of(guest, places)
    return name_of(guest, min(places)) if places else "?"


def places_equal(pcs, places):
    return len(pcs) == len(places) and all(pc in place for pc, place in zip(pcs, places))


def in_order(pcs, places):
    """Is each pc one of the places, in order?"""
    rest = iter(places)
    return all(any(pc in place for place in rest) for pc in pcs)


def frameless_skipped(guest, functions, places):
    """If a function was interrupted outside its frame, unwinding by frame pointers misses its caller. For
    gdb, which has DWARF, that caller is compared, too."""
    if guest.by_name.get("__start_orc_unwind"):
        return False
    rest, skipped = list(places), 0
    for i, frame in enumerate(functions):
        if rest and frame.pc in rest[0]:
            rest.pop(0)
        elif i == 1 or (i > 1 and functions[i - 2].name.startswith("asm_")):
            skipped += 1
        else:
            return False
    return skipped > 0 and not rest


FRAMELESS = "frame pointers miss who called what was interrupted outside of its frame"
HOOKS = ("arch_rethook_trampoline", "__kretprobe_trampoline", "kretprobe_trampoline", "return_to_handler")


def hooks(guest):
    """The addresses with which tracers replace return addresses."""
    return {s.address for name in HOOKS for s in guest.by_name.get(name, ())}


def guessed(guest, pcs, places):
    """Like in_order(), but accepts such an address instead of the original one, and the address after a trap."""
    rest, replaced = iter(places), hooks(guest)
    return all(any(pc in place or pc + 1 in place or place & replaced for place in rest) for pc in pcs)


def functions_around(guest, places):
    """Names of the functions that contain any of the addresses."""
    found = {places} if isinstance(places, int) else places
    return {s.name for pc in found for s in guest.symbols_around(pc)}


def behind_panic(guest, frames):
    """The frames outside panic(): inside it the console and the dump are at different places."""
    last = max((i for i, f in enumerate(frames) if functions_around(guest, f) & {"panic", "vpanic"}), default=-1)
    return frames[last + 1:]


# The kernel then prints every word of the stack that points to code.
GUESSES = "among the kernel's guesses, in their order, down to the last one"


def among_guesses(pcs, guesses):
    """Is each pc a guess, in order, and the last one the last?"""
    return bool(pcs and guesses) and pcs[-1] in guesses[-1] and in_order(pcs, guesses)


def against_console(guest, task, console):
    pcs, frames = [f.pc for f in task.functions], console.frames
    if not console.pc:
        pcs, frames = behind_panic(guest, pcs), behind_panic(guest, frames)
    elif not guest.is_kdump:  # the trace continues into panic()
        pcs = pcs[next((i for i, pc in enumerate(pcs) if pc in frames[0]), len(pcs)):]
    if places_equal(pcs, frames):
        return EQUAL, ""
    if guest.only_guesses and among_guesses(pcs, console.guesses):
        return GUESSES, ""
    if frameless_skipped(guest, task.functions[len(task.functions) - len(pcs):], frames):
        return f"the kernel's {FRAMELESS}", ""
    # The kernel cannot unwind from there and only prints what it found on the stack.
    if len(console.frames) == 1 and not guest.is_text(pcs[0]) and len(pcs) > 2 and in_order(pcs, console.guesses):
        return "called no code: the kernel guessed these functions", ""
    whole = len(frames)
    if places_equal(pcs[:whole], frames) and task.functions[whole - 1].name.startswith("kprobe_") and \
            guessed(guest, pcs[whole:], console.guesses):
        return "the kernel guessed what is below code that a kprobe moved", ""
    return WRONG, side_by_side("kbt / console", pcs, frames, lambda p: show_places(guest, p))


def against_nmi(guest, task, told):
    """For a CPU that printed its stack when another one oopsed, and was stopped in a loop soon after."""
    pcs, frames = [f.pc for f in task.functions], told.frames
    if task.pid != told.pid or not pcs:
        return UNCHECKED, ""
    same_function = functions_around(guest, pcs[0]) & functions_around(guest, frames[0])
    if same_function and places_equal(pcs[1:], frames[1:]):
        return EQUAL, ""
    if not same_function & {"l2w_spin", "l2k_spin"}:
        return UNCHECKED, ""  # it continued to run
    if frameless_skipped(guest, task.functions, frames):
        return f"the kernel's {FRAMELESS}", ""
    if "l2k_spin" in same_function and guessed(guest, pcs[1:], told.guesses):
        return "the kernel guessed some functions, below a probe", ""
    return WRONG, side_by_side("kbt / NMI backtrace", pcs, frames, lambda p: show_places(guest, p))


def against_proc(guest, task, proc, switches):
    if proc.state == "R":
        return UNCHECKED, ""
    pcs = [f.pc for f in task.functions if not guest.is_sched(f.pc)]
    if places_equal(pcs, proc.frames):
        return EQUAL, ""
    if guest.only_guesses and among_guesses(pcs, proc.frames):
        return GUESSES, ""
    hook = next((i for i, place in enumerate(proc.frames) if place & hooks(guest)), None)
    if hook is not None and places_equal(pcs[:hook], proc.frames[:hook]):
        return "the kernel does not follow a replaced return address", ""
    story = side_by_side("kbt / /proc/PID/stack", pcs, proc.frames, lambda p: show_places(guest, p))
    if switches is None or switches == proc.switches:
        return WRONG, story
    return "ran since the guest told its stack", story


def against_drgn(guest, task, said):
    pcs = [f.pc for f in task.functions]
    theirs = [pc for pc in said["frames"]]
    # drgn shows the first frame of user mode, and guesses the rest.
    in_user = next((i for i, pc in enumerate(theirs) if 0x1000 <= pc < USER_END), None)
    if in_user is not None:
        theirs = theirs[:in_user]
    while theirs and theirs[-1] == 0:
        theirs.pop()
    if pcs == theirs:
        return EQUAL, ""
    if pcs and pcs[0] == theirs[0] and not guest.is_text(pcs[0]):
        return "drgn does not unwind from where no code is", ""
    if said["error"]:
        return "drgn: " + re.sub(r"0x[0-9a-f]+|\d+", "N", said["error"]), ""
    story = side_by_side("kbt / drgn", pcs, theirs, lambda p: show_places(guest, p))
    if theirs == pcs[:len(theirs)]:
        return "drgn ends sooner, the same so far", story
    same = next((i for i, (a, b) in enumerate(zip(pcs, theirs)) if a != b), None)
    real = next((i for i, pc in enumerate(theirs) if set(theirs[i:]) <= guest.first_page), len(theirs))
    ended = pcs and guest.is_entry(pcs[-1])  # drgn may continue into the page at 0
    if frameless_skipped(guest, task.functions, [{pc} for pc in (theirs[:real] if ended else theirs)]):
        return f"drgn's {FRAMELESS}", ""
    if real < len(theirs) and theirs[:real] == pcs[:real] and guest.is_end_or_entry(pcs, real):
        return "drgn follows the rbp 0 of entry code into the page at 0", ""
    if same is None:  # kbt's trace ends earlier
        return WRONG, story
    if theirs[same] in hooks(guest):
        return "drgn does not follow a replaced return address", ""
    if same and functions_around(guest, pcs[same - 1]) & set(HOOKS):
        return "drgn does not unwind what functions return to for a tracer", ""
    if theirs[same] == pcs[same] + 1 and guest.is_int3_entry(pcs[same - 1]):
        return "drgn takes an instruction for run that a kprobe's trap is in place of", ""
    if same and task.functions[same - 1].name.startswith("kprobe_"):
        return "drgn does not unwind code that a kprobe moved", ""
    if same and not guest.is_text(pcs[same - 1]) and in_order(theirs, [{pc} for pc in pcs]):
        return "drgn follows rbp through a trampoline, and misses functions", story
    return WRONG, story


def misnamed(guest, task):
    """Frames whose name is not one of the kernel's names for the function at the pc."""
    wrong = []
    for frame in task.functions:
        if frame.name == "(unknown)":
            known = {"(unknown)"} if not guest.is_text(frame.pc) else set()
        elif frame.name == "ftrace_trampoline":  # created after the kernel listed its symbols
            known = {frame.name} if not guest.is_text(frame.pc) else set()
        else:
            # The address after a call can be in the next function.
            known = {s.name for pc in (frame.pc, frame.pc - 1) for s in guest.symbols_around(pc)}
        if frame.name not in known:
            wrong.append(frame)
    return wrong


def combine(verdicts):
    """Combines the verdicts of several oracles: any wrong one counts, else the best."""
    names = [v for v, _ in verdicts]
    if WRONG in names:
        return WRONG
    if EQUAL in names:
        return EQUAL
    return next((n for n in names if n != UNCHECKED), UNCHECKED)


# What kbt correctly prints when there is nothing to unwind.
NO_STACK = ("the task is dead; the kernel freed its stack", "saved no registers)",
            "saved no registers; this is where it last entered the kernel from user mode")
EXCLUDED = "page excluded from the dump"


def no_stack(task):
    return next((reason for reason in NO_STACK if task.says(reason)), None)


def kbt_verdict(guest, task, drgn):
    """The verdict on one task, and details of oracles that disagree."""
    reason = no_stack(task)
    if reason:
        return reason, ""
    if task.says(EXCLUDED) and not task.frames:
        return EXCLUDED, ""
    verdicts = []
    console = guest.console
    said = drgn.get("tasks", {}).get(str(task.address)) if drgn else None
    if console and task.running and task.pid == console.pid and task.cpu == console.cpu:
        verdicts.append(against_console(guest, task, console))
    if task.running and task.cpu in guest.console_cpus:
        verdicts.append(against_nmi(guest, task, guest.console_cpus[task.cpu]))
    proc = guest.proc_stacks.get(task.pid) if task.pid else None
    if proc and not task.running:
        verdicts.append(against_proc(guest, task, proc, said["switches"] if said else None))
    if said:
        verdicts.append(against_drgn(guest, task, said))
    wrong = misnamed(guest, task)
    if wrong:
        verdicts.append((WRONG, "no such name there: " + ", ".join(f"{f.name} {name_of(guest, f.pc)}" for f in wrong)))
    verdict = combine(verdicts)
    stories = [s for v, s in verdicts if v == WRONG]
    return verdict, "\n".join(stories + task.notes)


def all_tasks(guest, core, kbt_command):
    """All tasks, including the idle tasks of CPUs that panic() took offline, which foreach and kbt -a omit."""
    tasks = vmstub_kbt(guest, core, f"foreach {kbt_command}")
    seen = {t.address for t in tasks}
    for cpu in range(guest.cpus):
        (task,) = vmstub_kbt(guest, core, f"{kbt_command} -c {cpu}")
        if task.address not in seen:
            tasks.append(task)
    return tasks


def check_kbt(guest, core, drgn):
    result = Result(f"kbt {core.suffix}")
    tasks = all_tasks(guest, core, "kbt")
    single = {t.address: t for t in vmstub_kbt(guest, core, "; ".join(f"kbt {t.address:x}" for t in tasks))}
    for task in tasks:
        verdict, story = kbt_verdict(guest, task, drgn)
        if single[task.address].frames != task.frames:
            verdict, story = WRONG, "kbt TASK is another than foreach kbt"
        result.add(task.who, verdict, story)
    seen = {t.address for t in tasks}
    missed = [(int(a), said) for a, said in drgn.get("tasks", {}).items() if int(a) not in seen]
    broken = EXCLUDED in run(dumps.VMSTUB, "--exec", "ps", core, cwd=guest.dir).stderr if missed else False
    for address, said in missed:
        result.add(f"PID {said['pid']} {said['comm']}", *missed_verdict(guest, core, address, said, broken))
    return result


def missed_verdict(guest, core, address, said, broken):
    """The verdict on a task that drgn finds and foreach does not: drgn reads the dump with all pages. broken: ps says
    that the task list ends at a page that this dump lacks."""
    done = run(dumps.VMSTUB, "--exec", f"kbt {address:x}", core, cwd=guest.dir)
    if EXCLUDED in done.stderr or (broken and said["pid"]):
        return EXCLUDED, ""
    if said["pid"] or done.returncode:
        return WRONG, f"drgn has it, foreach kbt not: {done.stderr}"
    verdict, story = against_drgn(guest, kbt.parse(done.stdout)[0], said)
    # A task that neither runs nor belongs to an online CPU.
    return ("equal, but only kbt TASK has it", "") if verdict == EQUAL else (verdict, story)


# ---- gdb compared with kbt

MI_FRAME = re.compile(r'frame=\{level="(\d+)",addr="0x([0-9a-f]+)",func="([^"]*)"')
HANDLER = "<signal handler called>"
# ".cold", or "[cold]" since gdb 16
CLONE = re.compile(r"(\.(isra|constprop|part|cold|lto_priv)(\.\d+)?|\[cold\])+$")
COMPLAINTS = re.compile(r"^(?:Backtrace stopped|.*corrupt stack|Cannot access|.*[Ii]nternal.error).*$", re.M)

# The three ways in README.md, the last one with all tasks as threads, and a dump without vmlinux and
# modules.
STARTS = ("classic", "bare", "vmgdb", "tasks", "alone")

# MI prints every frame's address, also of inlined ones; bt says why it stopped. The loop ends with an
# error at the first number that no thread has: in gdb 10 "thread apply all" prints nothing for such commands.
SCRIPT = """set width 0
set height 0
set print frame-arguments none
set $number = 1
while 1
  thread $number
  printf "\\n@@ %lx\\n", (unsigned long)$task
  interpreter-exec mi "-stack-list-frames"
  bt
  set $number = $number + 1
end
"""


def index_options(gdb_name):
    """As in tests/e2e/session.py, a folder for each gdb, as they write different versions. gdb before 12 knows no "enabled"."""
    folder = os.environ.get("GDB_INDEXES")
    return ["-iex", f"set index-cache directory {folder}/{gdb_name}", "-iex", "set index-cache on"] if folder else []


def gdb_command(gdb_name, gdb, start, guest, core, script):
    quiet = ["-nx", "-batch", "-iex", "set debuginfod enabled off"]
    if start in ("vmgdb", "tasks"):
        options = ["--threads=tasks"] if start == "tasks" else []
        return [dumps.ROOT / "gdbscripts" / "vmgdb", *options, core, "--", *quiet, "-x", script]
    connect = ["-ex", "target " + dumps.server(core)]
    return [gdb, *quiet, *index_options(gdb_name), *connect, "-x", script, *([guest.dir / "vmlinux"] if start == "classic" else [])]


def gdb_stacks(gdb_name, gdb, start, guest, core):
    """Address of a thread's task -> ([(pc, function)], complaints), and all the text."""
    with tempfile.NamedTemporaryFile("w", suffix=".gdb") as script, \
            tempfile.TemporaryDirectory(dir=guest.dir) as folder:
        script.write(SCRIPT)
        script.flush()
        if start == "alone":
            os.link(core.resolve(), f"{folder}/vmcore")
            core = f"{folder}/vmcore"
        done = run(*gdb_command(gdb_name, gdb, start, guest, core, script.name), cwd="/",
                   env={**os.environ, "GDB": str(gdb), "VMSTUB": str(dumps.VMSTUB)})
    stacks = {}
    for part in re.split(r"^@@ (?=[0-9a-f]+$)", done.stdout, flags=re.M)[1:]:
        task, text = part.split("\n", 1)
        frames = [(int(m[2], 16), m[3]) for m in MI_FRAME.finditer(text)]
        stacks[int(task, 16)] = (frames, COMPLAINTS.findall(text))
    return stacks, done.stdout + done.stderr


# The first function of a CPU has several labels inside, and gdb uses the one with a size.
FIRST = re.compile(r"(secondary|common)_startup_64")


def same_name(guest, frame, gdb_name):
    mine = CLONE.sub("", frame.name)
    if CLONE.sub("", gdb_name) == mine or FIRST.match(mine) and FIRST.match(gdb_name):
        return True
    if gdb_name == HANDLER:
        return guest.is_entry(frame.pc) or frame.name.startswith("kprobe_")
    if frame.name == "(unknown)":
        return gdb_name == "??"
    # Several labels at one place, as in assembly.
    return gdb_name in {s.name for s in guest.symbols_around(frame.pc)}


def is_tail_call(guest, core, pc):
    """gdb adds functions that are not on the stack because they ended with a jump: a long or a short one before pc."""
    for size in (5, 2):
        if guest.is_kernel_text(pc):
            start = pc - guest.slide  # from the file, because the dump has no init code
            code = run("objdump", "-d", f"--start-address={start - size:#x}", f"--stop-address={start:#x}",
                       guest.dir / "vmlinux").stdout
        else:
            code = run(dumps.VMSTUB, "--exec", f"dis {pc - size:x} 1", core, cwd=guest.dir).stdout
        if re.search(r"\tjmp +", code):
            return True
    return False


def without_tail_calls(guest, core, frames, pcs):
    kept = []
    for frame in frames:
        if frame[0] in pcs or not kept or not is_tail_call(guest, core, frame[0]):
            kept.append(frame)
    return kept


ENDED = "gdb 18 misses an inlined function that ends with the call"


def functions_at(guest, pc):
    """Names of the functions that vmlinux's DWARF has at an address of the kernel, inlined ones first."""
    said = run("addr2line", "-i", "-f", "-e", guest.dir / "vmlinux", f"{pc - guest.slide:#x}").stdout
    return [CLONE.sub("", name) for name in said.splitlines()[::2]]


def ends_with_call(guest, pc, names, shown):
    """Are the names that gdb does not show only of inlined functions whose last instruction is the call before pc? Then DWARF has
    them before pc, and at pc no more."""
    if not shown or names[-len(shown):] != shown or not guest.is_kernel_text(pc):
        return False
    behind = functions_at(guest, pc)
    return len(behind) <= len(shown) and shown[-len(behind):] == behind and functions_at(guest, pc - 1) == names


def without_ended(guest, mine, theirs):
    """The frames of kbt without inlined functions that gdb 18 does not show for that reason."""
    kept, at = [], 0
    for pc, group in itertools.groupby(mine, key=lambda frame: frame.pc):
        frames = list(group)
        names = [CLONE.sub("", frame.name) for frame in frames]
        shown = [name for _, name in itertools.takewhile(lambda frame: frame[0] == pc, theirs[at:])]
        at += len(shown)
        missing = len(names) - len(shown)
        if missing > 0 and all(frame.inlined for frame in frames[:missing]) and ends_with_call(guest, pc, names, shown):
            frames = frames[missing:]
        kept += frames
    return kept


ENTERED = "gdb 18 also shows an inlined function that begins there without an instruction"


def without_entered(guest, mine, theirs):
    """gdb's frames without inlined functions that, by DWARF, begin at the address but have no code there, which kbt therefore lacks."""
    kept = []
    known = {pc: [CLONE.sub("", frame.name) for frame in group] for pc, group in itertools.groupby(mine, key=lambda frame: frame.pc)}
    for pc, group in itertools.groupby(theirs, key=lambda frame: frame[0]):
        frames = list(group)
        shown, names = [name for _, name in frames], known.get(pc, [])
        more = len(shown) - len(names)
        if more > 0 and names and shown[more:] == names and guest.is_kernel_text(pc) and functions_at(guest, pc) == names:
            entered = run(dumps.tool("entrypc"), guest.dir / "vmlinux", f"{pc - guest.slide:#x}").stdout.split()
            if shown[:more] == entered[:more]:
                frames = frames[more:]
        kept += frames
    return kept


NAMELESS = "without types, nothing names the code of modules"


def is_nameless(guest, start, pc, name):
    return start == "alone" and name == "??" and not guest.is_kernel_text(pc) and not guest.by_name.get("__start_BTF")


def gdb_verdict(guest, core, start, task, frames, complaints):
    reason = no_stack(task)
    if reason:
        return (reason, "") if not frames else (WRONG, f"{reason}, but gdb has {frames}")
    # gdb shows one frame of user mode.
    theirs = [f for f in frames if not 0x1000 <= f[0] < USER_END]
    whole = len(theirs)
    # Inlined functions are unknown without debug information.
    mine = task.functions if start == "alone" else task.frames
    theirs = without_tail_calls(guest, core, theirs, {f.pc for f in mine})
    shown, theirs = theirs, without_entered(guest, mine, theirs)
    known, mine = mine, without_ended(guest, mine, theirs)
    nameless = [is_nameless(guest, start, pc, name) for pc, name in theirs]
    same = [a.pc == pc and (no_name or same_name(guest, a, name)) for a, (pc, name), no_name in zip(mine, theirs, nameless)]
    if all(same) and len(mine) == len(theirs) and not complaints:
        if any(nameless):
            return NAMELESS, ""
        if len(theirs) < len(shown):
            return ENTERED, ""
        if len(mine) < len(known):
            return ENDED, ""
        return EQUAL if len(theirs) == whole else "gdb also shows functions that had jumped to the next", ""
    left = [(f.pc, CLONE.sub("", f.name)) for f in mine]
    right = [left[i] if i < len(same) and same[i] else f for i, f in enumerate(theirs)]
    story = side_by_side("kbt -i / gdb", left, right, lambda f: f"{f[0]:x} {f[1]}")
    return WRONG, "\n".join([story, *complaints])


def check_gdb(guest, core, gdb_name, gdb, start, tasks):
    """tasks: the output of kbt -i for all."""
    result = Result(f"gdb {gdb_name} {start}" + (f" {core.suffix}" if core != guest.whole_core else ""))
    stacks, text = gdb_stacks(gdb_name, gdb, start, guest, core)
    for task in tasks if start == "tasks" else [t for t in tasks if t.is_current]:
        if task.address not in stacks and not task.pid and not task.is_current:
            result.add(task.who, "an idle task that does not run is no thread")
            continue
        if task.address not in stacks:
            result.add(task.who, WRONG, f"gdb said nothing of it: {text[-500:]}")
            continue
        result.add(task.who, *gdb_verdict(guest, core, start, task, *stacks[task.address]))
    return result


def kbt_with_inlined(guest, core):
    tasks = all_tasks(guest, core, "kbt -i")
    current = {vmstub_kbt(guest, core, f"kbt -c {cpu}")[0].address for cpu in range(guest.cpus)}
    for task in tasks:
        task.is_current = task.address in current
    return tasks
