# SPDX-License-Identifier: GPL-3.0-or-later
"""`explain`: every line that it prints about the crashes of the test modules, compared with the kernel's report, with
objdump, addr2line and gdb on the module's file, and with what the guest told about itself."""
import re
import subprocess

from dumps import BASE, EXTRA, DumpTest, for_dumps
from session import gdb, verbs, vmstub

VDEV = ("k6.1-nmi", "k6.1-hardirq", "k6.1-syscall", "k6.1-entry", "k6.1-bpf", "k6.12-nmi", "k6.12-hardirq",
        "k6.12-syscall", "k6.12-bpf", "k5.10-nmi", "k5.10-syscall", "k5.10-entry", "k5.10-bpf", "k7-nmi", "k7-entry",
        "k7-bpf")
CALLS = ("k5.10-nullcall", "k6.1-nullcall", "k6.12-nullcall", "k7-nullcall", "k6.1-datacall", "k6.1-freedcall",
         "k6.12-freedcall", "k7-freedcall")
OVERFLOWS = ("k5.10-overflow", "k6.1-overflow", "k6.12-overflow", "k7-overflow")
TASK = r" TASK: PID: (\d+) +TASK: ([0-9a-f]{16})  CPU: (\d+) +COMMAND: \"(\S+)\"\n"


def tool(*command):
    return subprocess.run([str(c) for c in command], check=True, text=True, stdout=subprocess.PIPE).stdout


class Explained(DumpTest):
    @classmethod
    def prepare(cls):
        cls.core = next(iter(cls.dump.cores.values()))
        cls.text = verbs(cls.dump, "explain", core=cls.core)
        # The console lacks what was printed in an NMI; other tests compare the log with the guest's.
        cls.log = re.sub(r"^\[ *[0-9.]+\] ", "", verbs(cls.dump, "log", core=cls.core), flags=re.M)

    def rip(self):
        """Function and offset in the last report."""
        name, offset = re.findall(r"RIP: 0010:([\w.]+)\+(0x[0-9a-f]+)/", self.report())[0]
        return name, int(offset, 16)

    def report(self):
        """The log from the first line that reports the crash."""
        last = list(re.finditer(r"^(BUG: |kernel BUG at|Oops: int3)", self.log, re.M))[-1]
        return self.log[last.start():]

    def instructions(self, function):
        """Offset -> text, by objdump."""
        module = self.dump.dir / "modules" / "l2w.ko"
        listing = tool("objdump", "-dr", "--no-show-raw-insn", f"--disassemble={function}", module)
        found, start = {}, None
        for line in listing.splitlines():
            if m := re.match(r" *([0-9a-f]+):\t(\S.*)", line):
                start = int(m[1], 16) if start is None else start
                found[int(m[1], 16) - start] = m[2].rstrip()
        return found

    def line_of(self, function, offset):
        module = self.dump.dir / "modules" / "l2w.ko"
        at, = [int(f[1], 16) for f in (line.split() for line in tool("readelf", "-sW", module).splitlines())
               if len(f) == 8 and f[7] == function and f[3] == "FUNC"]
        return tool("addr2line", "-e", module, "-j", ".text", f"{at + offset:#x}").split()[0].rsplit(":", 1)

    def place(self, function, offset):
        path, line = self.line_of(function, offset)
        return rf"{re.escape(function)}\+{offset} \[l2w\]\n       {re.escape(path)}: {line}"

    def code(self):
        """What the kernel's own words for the error code come to."""
        words = re.search(r"#PF: (supervisor|user) (read|write|instruction fetch) .*\n#PF: error_code\(0x([0-9a-f]+)\) - "
                          r"(not-present page|permissions violation)", self.report())
        if not words or "guard page" in self.report():
            return ""
        access = {"read": "a read", "write": "a write"}.get(words[2], "an instruction fetch")
        why = "no page is there" if words[4].startswith("not") else "a page is there, but does not allow it"
        return (rf" CODE: {int(words[3], 16):x}: {access} in {'kernel' if words[1] == 'supervisor' else 'user'} mode; {why}\n"
                r"       \[error code in the log\]\n")

    def log_line(self):
        return re.escape(self.report().split("\n", 1)[0].rstrip())


@for_dumps(*BASE, *EXTRA, *VDEV, quick=("k6.1-kdump", "k6.12-qemu"))
class MissingStatistics(Explained):
    """vdev.c of the guest's module: vdev_count_hit() does not ask whether vdev->stats is there."""

    def offset_of(self, member):
        module = self.dump.dir / "modules" / "l2w.ko"
        return int(tool("gdb", "-nx", "-batch", "-ex", f"p/d (long)&((struct {member.replace('.', '*)0)->')}",
                        module).split("=")[1])

    def test_every_line(self):
        function, offset = self.rip()
        code = self.instructions(function)
        fault = code[offset]
        base = re.search(r"0x10\(%(\w+)\)", fault)[1]
        loads = {at: text for at, text in code.items() if at < offset and text.endswith(f",%{base}")}
        load = max(loads)
        slot = self.dump.l2w["addr.l2w_vdevs"] + self.offset_of("l2w_vdev.stats") + self.size_of_vdev()
        self.assertEqual(self.offset_of("l2w_stats.errors"), 16)
        want = (TASK + rf"  LOG: {self.log_line()}\n(  LOG: Kernel panic - not syncing: Fatal exception.*\n)?"
                rf"   AT: {self.place(function, offset)} in vdev_count_hit\(\), inlined\n"
                r"FAULT: read of 4 bytes at 10: 16 bytes after NULL\n"
                rf"       \[registers and instruction; the log agrees\]\n{self.code()}"
                rf" INSN: {re.escape(fault)}\n       {base} = 0\n"
                r" WHAT: stats->errors: stats is NULL, and errors is at offset 16 of struct l2w_stats\n"
                r"       \[debug information\]\n"
                rf" FROM: {function}\+{load}: {re.escape(code[load])}\n       which loaded vdev->stats\n"
                rf"       from {slot:x} \(l2w_vdevs\[1\]\.stats\), which still holds that value\n"
                r"       \[instructions\]\n")
        self.assertRegex(self.text, rf"\A{want}\Z")

    def size_of_vdev(self):
        module = self.dump.dir / "modules" / "l2w.ko"
        return int(tool("gdb", "-nx", "-batch", "-ex", "p sizeof(struct l2w_vdev)", module).split("=")[1])

    def test_without_debug_information(self):
        """The instructions alone tell where the pointer was; no name is claimed."""
        folder = self.new_folder()
        core = folder / "vmcore"
        core.symlink_to(self.core)
        done = vmstub("--exec", "explain", core, cwd=folder)
        want = self.text.replace(f"       {self.line_of(*self.rip())[0]}: {self.line_of(*self.rip())[1]} in "
                                 "vdev_count_hit(), inlined\n", "")
        want = re.sub(r" WHAT: .*\n.*\n", "", want).replace("       which loaded vdev->stats\n", "")
        want = want.replace("(l2w_vdevs[1].stats)", f"<l2w_vdevs+{self.offset_of('l2w_vdev.stats') + self.size_of_vdev()}>")
        self.assertEqual(done.stdout, want)

    def test_in_gdb(self):
        self.assertIn(self.text.strip("\n"), gdb(self.dump, {"why": "monitor explain"}, core=self.core)["why"])


@for_dumps(*CALLS)
class BadCalls(Explained):
    def unloaded(self):
        """What the kernel printed in its oops."""
        console = (self.dump.dir / "console.log").read_text(errors="replace")
        found = re.findall(r"\[last unloaded: (\w+)", console)
        return found[-1] if found else None

    def test_every_line(self):
        value, where = {
            "nullcall": ("0", "NULL"),
            "datacall": (None, "mapped, not executable"),
            "freedcall": (None, f"in the area of modules, but in none that is loaded; the last one that was unloaded is {self.unloaded()}"),
        }[self.dump.name.split("-")[1]]
        rip = re.search(r"RIP: 0010:0x([0-9a-f]+)", self.report())[1]
        agrees = "" if "int3" in self.report().split("\n")[0] else "; the log agrees"
        code = self.instructions("call_target")
        load = min(at for at, text in code.items() if text.startswith("mov ") and "(%rip),%rax" in text)
        call = min(at for at, text in code.items() if at > load and text.startswith("call"))
        target = next(s.address for s in self.dump.by_name["target"] if s.module == "l2w")
        want = (TASK + rf"  LOG: {self.log_line()}\n"
                rf"FAULT: execution at {value or rip}: {where}\n       \[registers{agrees}\]\n{self.code()}"
                rf" CALL: {self.place('call_target', call)}\n       call   0x[0-9a-f]+ <__x86_indirect_thunk_array>\n"
                r"       \[return address on the stack\]\n"
                r" WHAT: it called through target\n       \[instructions and types\]\n"
                rf" FROM: call_target\+{load}: mov    -?0x[0-9a-f]+\(%rip\),%rax        # {target:#x} <target>\n"
                rf"       from {target:x} <target>, which still holds that value\n       \[instructions\]\n")
        self.assertRegex(self.text, rf"\A{want}\Z")


@for_dumps(*OVERFLOWS)
class Overflow(Explained):
    def test_every_line(self):
        function, offset = self.rip()
        code = self.instructions(function)
        m = re.match(TASK + rf"  LOG: {self.log_line()}\n   AT: {self.place(function, offset)}\n"
                     r"FAULT: write of (\d) bytes? at ([0-9a-f]+): the guard page below the stack of PID 1, (\d+) bytes "
                     rf"too low\n       \[registers and instruction\]\n INSN: {re.escape(code[offset])}\n"
                     r"       (.*)\nSTACK: of PID 1, ([0-9a-f]+)-([0-9a-f]+): (?:the stack pointer is (\d+) bytes below "
                     r"it|(\d+) bytes are left)\n((?:       \d+ bytes in \d+ frames? of \S+\n)+)\Z", self.text)
        self.assertTrue(m, self.text)
        address, low, high = int(m[6], 16), int(m[9], 16), int(m[10], 16)
        self.assertEqual((low - address, high - low), (int(m[7]), 16384))
        init = next(task for task in self.dump.tasks if task.pid == 1)
        self.assertEqual((int(m[2], 16), low), (init.address, init.stack))
        below = int(m[11]) if m[11] else -int(m[12])
        displacement = re.search(r"(-?0x[0-9a-f]+)\(", code[offset])
        before = -8 if re.match(r"push|call", code[offset]) else int(displacement[1], 16) if displacement else 0
        self.check_registers(m[8], address - before, low - below)
        self.check_shares(m[13], high - low + below)

    def check_registers(self, text, address, sp):
        """The registers in the log."""
        report = dict(reversed(re.findall(r"\b(R\w\w): ?([0-9a-f]{16})", self.report())))
        report["RSP"] = re.search(r"RSP: 0018:([0-9a-f]{16})", self.report())[1]
        self.assertEqual(sp, int(report["RSP"], 16))
        total = 0
        for name, value in re.findall(r"(\w+) = ([0-9a-f]+)", text):
            self.assertEqual(int(value, 16), int(report[name.upper()], 16), name)
            total += int(value, 16)
        self.assertEqual(address, total)  # a base, and maybe an index with scale 1

    def check_shares(self, text, used):
        """gdb's frames of the recursive function; no more bytes than there are."""
        shares = re.findall(r"(\d+) bytes in (\d+) frames? of (\S+)", text)
        self.assertLessEqual(sum(int(n) for n, *_ in shares), used)
        self.assertGreater(int(shares[0][0]), used * 0.8)
        self.assertEqual(shares[0][2], "l2w_recurse")
        trace = gdb(self.dump, {"bt": "bt"}, core=self.core)["bt"]
        self.assertEqual(int(shares[0][1]), len(re.findall(r"^#\d+ .*\bl2w_recurse \(", trace, re.M)))


@for_dumps("k5.10-work", "k6.1-work", "k6.12-work", "k7-work")
class Bug(Explained):
    def test_every_line(self):
        function, offset = self.rip()
        want = (TASK + rf"  LOG: {self.log_line()}\n   AT: {self.place(function, offset)}\n"
                rf"FAULT: BUG\(\) at {self.bug_file()}: {self.line_of(function, offset)[1]}\n"
                r"       \[the kernel's table of bugs\]\n")
        self.assertRegex(self.text, rf"\A{want}\Z")

    def bug_file(self):
        """As the report has it, which the kernel takes from the same table."""
        return re.escape(re.match(r"kernel BUG at (\S+):\d+!", self.report())[1])

    def test_banner(self):
        self.assertRegex(verbs(self.dump, "sys", core=self.core), rf'\n +PANIC: "{self.log_line()}"\n')


@for_dumps("k5.10-panic", "k6.1-panic", "k5.10-locks", "k6.1-locks", "k6.1rt-locks", "k6.12-locks", "k7-locks", "k6.12-mce", "k7-mce")
class Panic(Explained):
    def test_every_line(self):
        said = re.findall(r"Kernel panic - not syncing: .*", self.log)[-1]
        caller = r"mce_panic\+\d+" if self.dump.name.endswith("mce") else r"l2w_hrtimer_fn(\.cold)?\+\d+ \[l2w\]"
        errors = re.findall(r"^mce: .*(?: Bank |RIP|TSC|PROCESSOR|Machine check).*", self.log, re.M)
        log = "".join(f"{'       ' if i else '  LOG: '}{line}\n" for i, line in enumerate(errors))
        # l2w_machine_check() of the module sets these bits in bank 1.
        bank = (" BANK: 1 of CPU 3: valid, not corrected, reporting enabled, processor context corrupt, error code 0\n"
                "       [status in the log]\n") if self.dump.name.endswith("mce") else ""
        want = (TASK + rf"{re.escape(log)}  LOG: {re.escape(said)}\n"
                rf"PANIC: panic\(\) was called by {caller}\n       \S+: \d+.*\nWHILE: \S+\+\d+.*\n       \S+: \d+.*\n"
                rf"{re.escape(bank)}")
        self.assertRegex(self.text, rf"\A{want}\Z")
        self.assertIn("l2w_machine_check" if self.dump.name.endswith("mce") else "halt", self.text)


@for_dumps("k6.1-kdump")
class Broken(Explained):
    def test_arguments(self):
        for words, code, said in (("1 2", 2, "unexpected argument 2"), ("nosuch", 2, "neither a PID, a task address nor a task's name"),
                                  ("4194304", 1, "no task with PID 4194304")):
            done = vmstub("--exec", f"explain {words}", self.core, cwd=self.dump.dir)
            self.assertEqual((done.returncode, done.stdout), (code, ""))
            self.assertIn(said, done.stderr)

    def test_tasks(self):
        pid, address, cpu, _ = re.match(TASK, self.text).groups()
        for word in (address, pid) if pid != "0" else (address,):
            self.assertEqual(verbs(self.dump, f"explain {word}", core=self.core), self.text)
        # Each CPU has a task with PID 0; the report is about one of them.
        if pid == "0" and cpu != "0":
            idle = verbs(self.dump, "explain 0", core=self.core)
            self.assertRegex(idle, rf"\A{TASK}neither a fault nor a call of panic\(\)")
        # init sleeps in a system call.
        init = verbs(self.dump, "explain 1", core=self.core)
        self.assertRegex(init, rf"\A{TASK}neither a fault nor a call of panic\(\) was found on its stack\n\Z")
