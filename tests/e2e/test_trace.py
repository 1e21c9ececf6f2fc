# SPDX-License-Identifier: GPL-3.0-or-later
"""`trace`, compared line by line with the files `trace` of tracefs, which the guest copied before it crashed. The guest's
start.sh (tests/dumps/guest/l2e) says which events its instances record."""
import ctypes
import re
import subprocess
import tempfile
from pathlib import Path

from dumps import VMSTUB, DumpTest, for_dumps
from session import verbs, vmstub

TRACED = ("k5.10-trace", "k6.1-trace", "k6.12-trace", "k7-trace")
HASHED = re.compile(r"\b(0{8}[0-9a-f]{8}|0{16})\b")  # how the guest prints a pointer
MODULE = re.compile(r" \[l2e\](?=$|[ +:])")


def lines(text):
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def list_as_numbers(m):
    return " ".join(str(int(word, 16)) for word in m[1].split(",") if word)


def hexadecimal(m):
    return f": {int(m[1], 16):x}"


def of_guest(line):
    """A line of the guest, as libtraceevent would write it: it shows no sizes of functions, arrays as numbers, and system
    calls by the formats of their events."""
    line = re.sub(r"\+0x([0-9a-f]+)/0x[0-9a-f]+", r"+0x\1", line)
    line = re.sub(r"words=\{([0-9a-fx,]*)\}", lambda m: "words=" + list_as_numbers(m), line)
    line = re.sub(r": sys_(\w+)\((.*)\)$", r": sys_enter_\1: \2", line)
    line = re.sub(r": sys_(\w+) -> 0x", r": sys_exit_\1: 0x", line)
    return MODULE.sub("", line)


def of_vmstub(line):
    """vmstub names the modules of functions everywhere, the kernel in some places."""
    m = re.search(r": sys_enter_\w+: ", line)
    if m:
        line = line[:m.end()] + re.sub(r": 0x([0-9a-f]+)", hexadecimal, line[m.end():])
    return MODULE.sub("", line).replace("(nil)", "0" * 16)


class TraceTest(DumpTest):
    @classmethod
    def prepare(cls):
        cls.core = next(iter(cls.dump.cores.values()))

    def run_verb(self, line):
        return verbs(self.dump, line, core=self.core)

    def guest(self, instance):
        return self.dump.fact(f"trace-{instance}")


@for_dumps(*TRACED)
class Lines(TraceTest):
    def is_same(self, theirs, ours, pointers):
        if theirs == ours:
            return True
        parts = HASHED.split(theirs)
        m = re.fullmatch("".join(r"(?:0x)?([0-9a-f]+)" if i % 2 else re.escape(part) for i, part in enumerate(parts)), ours)
        # The guest prints hashes of pointers, but the same for the same pointer.
        return bool(m) and all(pointers.setdefault(h, p) == p for h, p in zip(parts[1::2], m.groups()))

    def compare(self, instance):
        """Returns how many lines are the same."""
        theirs, ours = lines(self.guest(instance)), lines(self.run_verb(f"trace -i {instance}"))
        self.assertEqual(len(theirs), len(ours))
        pointers, n = {}, 0
        for a, b in zip(theirs, ours):
            a, b = of_guest(a), of_vmstub(b)
            if self.is_other_by_design(a, b):
                continue
            # 5.10 prints no hashes
            self.assertTrue(self.is_same(a, b.replace("=0xff", "=ff").replace(" 0xff", " ff"), pointers), f"\n{a}\n{b}")
            n += 1
        self.assertEqual(len(set(pointers.values())), len(pointers))
        return n, len(theirs)

    def is_other_by_design(self, theirs, ours):
        head, _, text = ours.partition(": l2e_write: ")
        if text == "number %d of %s, %llx, %c":  # a conversion that libtraceevent does not know
            return theirs.startswith(head) and ": l2e_write: number " in theirs
        head, _, text = ours.partition(": sys_enter_")
        if text and self.dump.name.startswith("k7"):  # 7.3 adds flags and strings, libtraceevent has only numbers
            return theirs.startswith(head) and f": sys_enter_{text.split(':')[0]}: " in theirs
        return False

    def test_top(self):
        same, n = self.compare("top")
        self.assertGreater(n, 2000)
        self.assertGreater(same, n * 0.98)

    def test_part_was_read(self):
        same, n = self.compare("foo")
        self.assertGreater(n, 30)
        text = self.run_verb("trace -i foo")
        taken = sum(map(int, re.findall(r"(?m)^# foo, CPU \d: a reader took (\d+) events$", text)))
        self.assertEqual(taken, sum(map(int, re.findall("read events: (\\d+)", self.dump.fact("trace-stats-foo")))))
        self.assertGreater(taken, 0)

    def test_functions(self):
        same, n = self.compare("fn")
        self.assertGreater(n, 100)
        self.assertEqual(same, n)

    def test_module(self):
        """The source of l2e says what the fields of its event are."""
        text = self.run_verb("trace -e l2e:* -i foo")
        self.assertEqual(re.findall(r"nr=(\d) small=(-?\d) big=(\w+) ", text),
                         [(str(i), str(-i), f"{0x123456789abcdef + i:x}") for i in range(9)])
        self.assertIn("nr=3 small=-3 big=123456789abcdf2 half=1 flags=ONE|TWO color=red fn=l2e_write [l2e] text=octets name= "
                      "octets=a3 a3 a3 a3", text)
        text = self.run_verb("trace -i top -e ftrace:bprint")
        for i, name in enumerate(("zero", "first", "the second one")):
            self.assertIn(f"l2e_write [l2e]: {name} has {i} of 0xabcdef12 in l2e_write [l2e]\n", text)


@for_dumps(*TRACED)
class Selections(TraceTest):
    def counts(self, instance):
        text = self.dump.fact(f"trace-stats-{instance}")
        return {key: sum(map(int, re.findall(rf":{key}: (\d+)", text))) for key in ("entries", "overrun", "read events")}

    def test_list(self):
        text = self.run_verb("trace -l")
        rows = {row[0]: row[1:] for row in map(str.split, text.splitlines()[1:])}
        self.assertEqual(list(rows), ["top", "foo", "fn", "live"])
        for name in ("top", "foo", "fn"):
            tracer, on, clock, _kib, events, overwritten, _dropped, read = rows[name]
            want = self.counts(name)
            self.assertEqual((int(events), int(overwritten), int(read)), (want["entries"], want["overrun"], want["read events"]))
            self.assertEqual(on, "off")
            self.assertIn(f"[{clock}]", self.dump.fact(f"trace-clock-{name}"))
            self.assertEqual(tracer, "function" if name == "fn" else "nop")
        self.assertEqual(rows["live"][1:3], ["on", "x86-tsc"])

    def test_overwritten_is_said(self):
        said = re.findall(r"(?m)^# top, CPU (\d): newer events have overwritten (\d+)$", self.run_verb("trace -i top"))
        want = re.findall(r"cpu(\d)/stats:overrun: (\d+)", self.dump.fact("trace-stats-top"))
        self.assertEqual(said, [w for w in want if w[1] != "0"])
        self.assertTrue(said)

    def test_still_recording(self):
        text = self.run_verb("trace -i live")
        events = int(next(row.split()[5] for row in self.run_verb("trace -l").splitlines() if row.startswith("live ")))
        self.assertIn("# live: was recording until the kernel stopped\n", text)
        shown = lines(text)
        self.assertLessEqual(abs(len(shown) - events), self.dump.cpus)
        times = [int(re.search(r" (\d{9,}): (?:sched|irq|softirq)_", line)[1]) for line in shown]
        self.assertEqual(times, sorted(times))

    def test_filters(self):
        every = lines(self.run_verb("trace -i top"))
        head = re.compile(r"^ *(\S.*)-(\d+) +\[(\d+)\] \S+ +[\d.]+: (\w+)")
        events = [(m, line) for m, line in ((head.match(line), line) for line in every) if m]
        pid = max((m[2] for m, _ in events), key=[m[2] for m, _ in events].count)
        for options, keep in (("-e sched_switch", lambda m: m[4] == "sched_switch"),
                              ("-e irq:soft*", lambda m: m[4].startswith("softirq_")),
                              ("-e kmalloc -e kmem:kfree", lambda m: m[4] in ("kmalloc", "kfree")),
                              ("-c 1,3", lambda m: m[3] in ("001", "003")),
                              (f"-p {pid}", lambda m: m[2] == pid)):
            want = [line for m, line in events if keep(m)]
            got = [line for line in lines(self.run_verb(f"trace -i top {options}")) if head.match(line)]
            self.assertTrue(want, options)
            self.assertEqual(got, want, options)

    def test_all_instances(self):
        """By time; those with another clock come apart."""
        text = self.run_verb("trace")
        self.assertEqual(re.findall(r"(?m)^# clock: (\S+)$", text)[-1], "x86-tsc")
        merged = [line for line in lines(text) if re.match(r"(top|foo|fn) ", line)]
        for name in ("top", "foo", "fn"):
            own = [line for line in lines(self.run_verb(f"trace -i {name}")) if not line.startswith(" => ")]
            self.assertEqual([line[9:] for line in merged if line.startswith(name + " ")], own)

    def test_mistakes(self):
        for line, said in (("trace -i nothing", "there is no instance nothing"), ("trace -e nothing", "no such event"),
                           ("trace -c x", "not a list of CPUs"), ("trace -p x", "not a PID")):
            done = vmstub("--exec", line, self.core, cwd=self.dump.dir)
            self.assertIn(done.returncode, (1, 2), line)
            self.assertIn(said, done.stderr)


@for_dumps("k5.10-kdump", "k6.1-kdump", "k6.12-kdump", "k7-kdump", quick=("k6.1-kdump",))
class Nothing(TraceTest):
    def test_no_events(self):
        """An oops turns the instance of the whole system off."""
        self.assertEqual(self.run_verb("trace"), "(no events)\n")
        self.assertRegex(self.run_verb("trace -l").splitlines()[1], r"^top +nop +off +(local|global) +\d+ +0 +0 +0 +0$")


@for_dumps("k5.10guess-qemu")
class WithoutTypes(TraceTest):
    def test_without_btf(self):
        self.assertEqual(self.run_verb("trace"), "(no events)\n")


@for_dumps(*TRACED)
class File(TraceTest):
    """`trace dump`, read by trace-cmd and by KernelShark's library."""
    EVENT = re.compile(r"^(?:(\w+): )? *(\S.{0,15}?)-(\d+) +\[(\d+)\] +(\d+\.\d+): +(\w+):", re.M)
    OURS = re.compile(r"^(?:(\w+) )? *(\S.{0,15}?)-(\d+) +\[(\d+)\] \S+ +(\d+\.\d+): ", re.M)

    def write(self, folder, options=""):
        path = Path(folder) / "trace.dat"
        with open(path, "wb") as out:
            done = subprocess.run([VMSTUB, "--exec", f"trace dump {options} -o -", self.core], stdout=out,
                                  stderr=subprocess.PIPE, check=True)
        return path, done.stderr.decode()

    def report(self, path):
        done = subprocess.run(["trace-cmd", "report", "-i", path], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.stdout.decode(errors="replace")

    def test_trace_cmd(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("top", "foo", "fn"):
                path, said = self.write(folder, f"-i {name}")
                self.assertEqual(said, "")
                theirs = [m.group(2, 3, 4, 5) for m in self.EVENT.finditer(self.report(path))]
                ours = [m.group(2, 3, 4, 5) for m in self.OURS.finditer(self.run_verb(f"trace -i {name}"))]
                known = [(a, b) for a, b in zip(theirs, ours) if a[0] != "<...>"]
                self.assertEqual(len(theirs), len(ours), name)
                self.assertEqual([a for a, _ in known], [b for _, b in known], name)

    def test_names_of_events(self):
        with tempfile.TemporaryDirectory() as folder:
            text = self.report(self.write(folder, "-i foo")[0])
        self.assertEqual(re.findall(r"l2e_all: +nr=(\d) .* fn=l2e_write ", text), [str(i) for i in range(9)])

    def test_kernelshark(self):
        """Its rows are the events, and one for each CPU that lost some."""
        shark = ctypes.CDLL("libkshark.so.2")
        shark.kshark_instance.argtypes = [ctypes.POINTER(ctypes.c_void_p)]
        shark.kshark_open.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        shark.kshark_close.argtypes = [ctypes.c_void_p, ctypes.c_int]
        shark.kshark_load_entries.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_void_p)]
        shark.kshark_load_entries.restype = ctypes.c_ssize_t
        context, rows = ctypes.c_void_p(), ctypes.c_void_p()
        shark.kshark_instance(ctypes.byref(context))
        listed = {row.split()[0]: row.split() for row in self.run_verb("trace -l").splitlines()}
        with tempfile.TemporaryDirectory() as folder:
            for name in ("top", "foo", "fn"):
                stream = shark.kshark_open(context, bytes(self.write(folder, f"-i {name}")[0]))
                self.assertGreaterEqual(stream, 0)
                n = shark.kshark_load_entries(context, stream, ctypes.byref(rows))
                lost = self.run_verb(f"trace -i {name}").count("newer events have overwritten")
                self.assertEqual(n, int(listed[name][5]) + lost)
                shark.kshark_close(context, stream)

    def test_all_instances(self):
        """Those with the clock of the first one are in one file; the others are named."""
        clocks = {row.split()[0]: row.split()[3] for row in self.run_verb("trace -l").splitlines()[1:]}
        with tempfile.TemporaryDirectory() as folder:
            path, said = self.write(folder)
            text = self.report(path)
        for name in ("foo", "fn", "live"):
            same = clocks[name] == clocks["top"]
            self.assertEqual(f"instance {name} has another clock" in said, not same)
            self.assertEqual(re.search(rf"(?m)^ *{name}: ", text) is not None, same)
