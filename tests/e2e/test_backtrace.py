# SPDX-License-Identifier: GPL-3.0-or-later
"""The backtrace of the crash in a plain gdb, and its frames' registers and variables."""
import re
import subprocess
import unittest

import frames
import oracle
from dumps import BASE, EXTRA, GUESS, ROOT, DumpTest, for_dumps
from patience import limit
from session import gdb, verbs

REGISTERS = "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip".split()

# The first function of a CPU is assembly, with several labels at the same place.
FIRST = re.compile(r"(secondary|common)_startup_64")


@for_dumps(*BASE, *EXTRA, quick=("k6.1-kdump", "k6.12-kdump"))
class Backtrace(DumpTest):
    @classmethod
    def prepare(cls):
        # A kdump stops at the fault, QEMU some calls later, in panic().
        to_fault = [] if cls.dump.is_kdump else ["frame function vdev_count_hit"]
        cls.answers = gdb(cls.dump, {
            "bt": "bt",
            "registers": to_fault + ["info registers " + " ".join(REGISTERS)],
            "cr2": "p/x $cr2",
            "locals": "info locals",
            "list": "list",
            "up": "up",
            "up locals": "info locals",
            "vlan": ["frame function l2w_timer_fn", "p frame.vlan"],
            "tag": "p frame.tag",
        }, preload=cls.dump.sources)
        cls.frames = frames.parse(cls.answers["bt"])
        calls = [f.function for f in cls.frames]
        handlers = [i for i, name in enumerate(calls) if name == frames.HANDLER]
        cls.fault = 0 if cls.dump.is_kdump or not handlers else handlers[0] + 1

    def test_functions_and_lines_as_the_console_and_addr2line(self):
        """From the fault outwards; where the console names an entry stub, gdb prints <signal handler called>."""
        expected = []
        console = oracle.oops(self.dump).frames
        for frame, lines in zip(console, oracle.addr2line(self.dump, console)):
            if frame.entry:
                expected.append((frames.HANDLER, 0))
            elif FIRST.match(frame.function):
                expected.append(("first function", lines[-1].line))
            else:
                expected += [(line.function, line.line) for line in lines]
        got = [("first function" if FIRST.match(f.function) else f.function, f.line)
               for f in self.frames[self.fault:]]
        self.assertEqual(got, expected)

    def test_files_as_addr2line(self):
        console = oracle.oops(self.dump).frames
        expected = [line for frame, lines in zip(console, oracle.addr2line(self.dump, console))
                    for line in ([] if frame.entry else lines)]
        got = [f for f in self.frames[self.fault:] if f.function != frames.HANDLER]
        for mine, theirs in zip(got, expected):
            self.assertTrue(frames.same_file(mine.file, theirs.file), f"{mine} {theirs}")

    def test_addresses_as_the_console(self):
        console = [f.address for f in oracle.oops(self.dump).frames if not f.entry]
        got = [f.address for f in self.frames[self.fault:] if f.address]
        self.assertEqual(got, console)

    def test_panic_is_above_the_fault(self):
        above = [f.function for f in self.frames[:self.fault]]
        if self.dump.is_kdump:
            self.assertEqual(above, [])
        else:
            wanted = ["panic", "oops_end", "page_fault_oops", "exc_page_fault", frames.HANDLER]
            self.assertEqual([name for name in above if name in wanted], wanted)

    def test_ends_cleanly(self):
        self.assertRegex(self.frames[-1].function, FIRST)
        for bad in ("??", "Backtrace stopped", "corrupt stack", "Cannot access"):
            self.assertNotIn(bad, self.answers["bt"])
        numbered = re.findall(r"^#(\d+)", self.answers["bt"], re.M)
        self.assertEqual(numbered, [str(i) for i in range(len(self.frames))])

    def test_registers_as_the_console(self):
        expected = oracle.oops(self.dump).registers
        got = {m[1]: int(m[2], 16) for m in
               re.finditer(r"^(\w+) +0x([0-9a-f]+)", self.answers["registers"], re.M)}
        self.assertEqual({r: hex(got[r]) for r in REGISTERS}, {r: hex(expected[r]) for r in REGISTERS})

    def test_cr2_as_the_console(self):
        if self.dump.is_kdump:
            # kdumps do not save it, and no value is better than a wrong one.
            self.assertIn("<unavailable>", self.answers["cr2"])
            return
        self.assertEqual(self.answers.value("cr2"), oracle.oops(self.dump).registers["cr2"])

    def test_locals_and_source_of_the_fault(self):
        self.assertIn("stats = 0x0", self.answers["locals"])
        self.assertIn("WRITE_ONCE(stats->errors", self.answers["list"])
        self.assertRegex(self.answers["up"], r"(?m)^#\d+ +(0x[0-9a-f]+ in )?l2w_vdev_lookup \(")
        self.assertIn("vlan=204", self.answers["up"])
        self.assertRegex(self.answers["up locals"], r"vdev = 0x[0-9a-f]+ <l2w_vdevs\+64>")

    def test_structure_on_the_stack(self):
        self.assertEqual(self.answers.value("vlan"), 204)
        self.assertIn('"l2w crash frame"', self.answers["tag"])


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))  # what Debian 12's drgn can read
@unittest.skipUnless(oracle.drgn, "no python3-drgn")
class Drgn(DumpTest):
    def test_panic_task(self):
        program = oracle.drgn_program(self.dump)
        trace = [oracle.drgn_lines(f) for f in program.crashed_thread().stack_trace()]
        # drgn 0.0.22 stops at the switch to the IRQ stack.
        trace = [line for line in trace if line.line]
        self.assertGreaterEqual(len(trace), 14)
        self.assertEqual([(f.function, f.line) for f in frames.parse(gdb(self.dump, {"bt": "bt"})["bt"])[:len(trace)]],
                         [(line.function, line.line) for line in trace])


@for_dumps("k6.1-kdump", "k6.12-qemu", *EXTRA, *GUESS)
class Start(DumpTest):
    """Other ways to start gdb give the same stack."""

    @classmethod
    def prepare(cls):
        cls.classic = frames.parse(gdb(cls.dump, {"bt": "bt"})["bt"])

    def same(self, answers):
        self.assertGreater(len(self.classic), 20)
        self.assertEqual(frames.parse(answers["bt"]), self.classic, answers.text)

    def test_without_sysroot(self):
        self.same(gdb(self.dump, {"bt": "bt"}, sysroot=False))

    def test_bare(self):
        self.same(gdb(self.dump, {"bt": "bt"}, vmlinux=None))

    def test_bare_without_sysroot(self):
        """The shortest command line; gdb must not read all of vmlinux through the protocol."""
        self.same(gdb(self.dump, {"bt": "bt"}, vmlinux=None, sysroot=False, timeout=15))

    def test_entry_image_first(self):
        self.same(gdb(self.dump, {"bt": "bt"}, vmlinux=None, options="--entry-image-first"))


@for_dumps("k5.10-probes", "k6.1-probes", "k6.12-probes", "k7-probes")
class HookedReturn(DumpTest):
    """A kretprobe's handler spins on a CPU. Before 5.15, ORC has only an end for the code that functions with such a probe return to."""

    def test_dump_alone(self):
        core = self.new_folder() / "vmcore"
        core.symlink_to(next(iter(self.dump.cores.values())))
        commands = {}
        for cpu in range(self.dump.cpus):
            commands.update({f"thread {cpu}": f"thread {cpu + 1}", f"bt {cpu}": "bt"})
        answers = gdb(self.dump, commands, core=core, vmlinux=None, cwd=core.parent)
        (text,) = [text for text in map(answers.__getitem__, commands) if " returned_handler " in text]
        functions = [f.function for f in frames.parse(text)]
        at = functions.index("l2k_calls_returned")
        self.assertEqual(functions[at:at + 3], ["l2k_calls_returned", "l2k_returned_fn", "kthread"])
        self.assertTrue(functions[-1].startswith("ret_from_fork"))


@for_dumps("k6.1frame-qemu", "k6.1frame-syscall")
class SwitchInC(DumpTest):
    """Frame pointers lead from the IRQ stack down to a task's. gdb would go on through an inlined function, but it knows none."""

    def test_goes_on_below(self):
        file = self.new_folder() / "vmlinux"
        subprocess.run(["objcopy", "--strip-debug", "--keep-section=.debug_frame", self.dump.dir / "vmlinux", file], check=True)
        commands = {}
        for cpu in range(self.dump.cpus):
            commands.update({f"thread {cpu}": f"thread {cpu + 1}", f"bt {cpu}": "bt"})
        answers = gdb(self.dump, commands, vmlinux=file, options="--vmlinux vmlinux")
        switched = 0
        for cpu in range(self.dump.cpus):
            text, told = answers[f"bt {cpu}"], verbs(self.dump, f"kbt -c {cpu}")
            # gdb shows no address of entry code
            called = re.findall(r"^ *#\d+ \[\w+\] (?!asm_|entry_)\S+ at (\w+)", told, re.M)
            shown = re.findall(r"^#\d+ +0x(\w+) in ", text, re.M)
            self.assertEqual([pc for pc in shown if pc in called], called, text)
            self.assertNotIn("Backtrace stopped", text)
            switched += "<IRQ stack>" in told
        self.assertGreater(switched, 1)


@for_dumps("k6.1-kdump", "k7-kdump")
class RulesOfVmgdb(DumpTest):
    def test_vmlinux_comes_first(self):
        """gdb asks vmlinux for its rules before the image whose debug file it is, so kernel_file_rules_first() says no: the image's
        rule for the switch to the IRQ stack would give the frame an alias address."""
        done = subprocess.run([ROOT / "gdbscripts" / "vmgdb", self.dump.core, "--", "-nx", "-batch", "-iex", "set debuginfod enabled off",
                               "-ex", "frame function sysvec_apic_timer_interrupt", "-ex", "info frame", "-ex", "info files"],
                              cwd=self.dump.dir, text=True, capture_output=True, timeout=limit(120))
        self.assertRegex(done.stdout, r"Symbols from \S*/vmstub-\S+/vmlinux")  # the image is the main file
        found = re.search(r"Stack level \d+, frame at (0x\w+):", done.stdout)
        self.assertTrue(found, done.stdout + done.stderr)
        address = int(found[1], 16)
        self.assertFalse(0xffffff8000000000 <= address < 0xffffff9000000000, done.stdout)
