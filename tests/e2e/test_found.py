# SPDX-License-Identifier: GPL-3.0-or-later
"""Things that vmstub finds although the data that leads to them is lost: backtraces of CPUs that saved no registers, or
past lost pages, and the log without its descriptor. They are compared with the whole dump."""
import re
import shlex

import damage
import frames
from dumps import BASE, EXTRA, DumpTest, for_dumps
from session import gdb, verbs, vmstub
from test_kbt import FRAME

FOUND = re.compile(r"    \(its CPU saved no registers; found on its stack: a call of (\w+)\(\), which never returns\)$")
REGS = re.compile(r"    RIP: ([0-9a-f]{16})  RSP: ([0-9a-f]{16})")


def trace(text):
    """(stack pointer or slot, address, function) from the innermost frame on. Saved registers are a separate
    frame, and the first numbered line repeats those of frame 0."""
    found = []
    for line in text.splitlines():
        if m := FRAME.match(line):
            if found and found[-1][:2] == (int(m[2], 16), int(m[4], 16)):
                found.pop()
            found.append((int(m[2], 16), int(m[4], 16), m[3]))
        elif m := REGS.match(line):
            found.append((int(m[2], 16), int(m[1], 16), ""))
    return [(slot, address) for slot, address, _ in found], [name for *_, name in found if name]


def by_cpu(text):
    parts = re.split(r"^(?=PID: )", text, flags=re.M)[1:]
    return {int(re.search(r"CPU: (\d+)", part)[1]): part for part in parts}


def outer(a, b):
    """How many frames two traces share, counted from the outermost."""
    n = 0
    while n < min(len(a), len(b)) and a[-1 - n] == b[-1 - n]:
        n += 1
    return n


def file_of(dump):
    return dump.cores.get("elf") or dump.cores["qemu-elf"]


@for_dumps(*BASE, *EXTRA, quick=("k6.1-kdump", "k6.12-qemu"))
class WithoutRegisters(DumpTest):
    @classmethod
    def prepare(cls):
        whole = file_of(cls.dump)
        cls.core = damage.copy(whole, cls.new_folder() / "vmcore")
        if damage.blank_registers(cls.core) < cls.dump.cpus:
            raise AssertionError("the dump has no registers to remove")
        cls.whole = by_cpu(verbs(cls.dump, "kbt -a", core=whole))
        cls.blank = by_cpu(verbs(cls.dump, "kbt -a", core=cls.core))

    def test_notes_of_zeros(self):
        zeros = damage.copy(file_of(self.dump), self.new_folder() / "vmcore")
        damage.blank_registers(zeros, zero=True)
        self.assertEqual(verbs(self.dump, "kbt -a", core=zeros), "".join(self.blank[cpu] for cpu in sorted(self.blank)))

    def test_kbt(self):
        """From the call that was found outwards, each frame equals that of the whole dump."""
        self.assertEqual(sorted(self.blank), list(range(self.dump.cpus)))
        self.assertEqual(sorted(self.whole), sorted(self.blank))
        for cpu, text in self.blank.items():
            with self.subTest(cpu=cpu):
                said = FOUND.match(text.splitlines()[1])
                self.assertTrue(said, text)
                (found, names), (true, true_names) = trace(text), trace(self.whole[cpu])
                same = outer(found, true)
                if self.dump.is_kdump:
                    # The kernel saves the interrupted registers; the later calls are still on the stack.
                    self.assertEqual(same, len(true), text)
                    self.assertGreater(len(found), len(true))
                else:
                    # In the whole dump the function is at a later place, and has called others.
                    self.assertGreaterEqual(same, len(found) - 1, text)
                    self.assertIn(names[0], true_names)
                self.assertNotIn("stopped", text)
                self.assertIn(said[1], ("machine_kexec", "crash_nmi_callback", "panic", "vpanic", "stop_this_cpu"))

    def test_gdb(self):
        commands = {"threads": "info threads"}
        for cpu in range(self.dump.cpus):
            commands[str(cpu)] = [f"thread {cpu + 1}", "bt"]
        options = shlex.join(["--module-dir", f"{self.dump.dir}/modules"])
        found, true = (gdb(self.dump, commands, core=c, options=options) for c in (self.core, file_of(self.dump)))
        for cpu in range(self.dump.cpus):
            with self.subTest(cpu=cpu):
                # "thread" also shows the first frame.
                mine, whole = ([f.function for f in frames.parse(a[str(cpu)])][1:] for a in (found, true))
                same = outer(mine, whole)
                # Which functions are inlined in the first frame depends on the place in it.
                self.assertGreaterEqual(same, len(whole) if self.dump.is_kdump else len(mine) - 2, found[str(cpu)])
                self.assertGreaterEqual(len(mine), 5, found[str(cpu)])
                said = FOUND.match(self.blank[cpu].splitlines()[1])
                self.assertRegex(found["threads"], rf"CPU {cpu}.*; found on its stack: a call of {said[1]}\(\), which never returns")


@for_dumps("k5.10-kdump", "k6.1-kdump", "k6.12-kdump", "k7-kdump", quick=("k6.12-kdump",))
class LostPages(DumpTest):
    """The pages where the kernel saved its CPUs' registers are lost; the notes of the file are not."""

    def test_notes(self):
        core = damage.copy(self.dump.core, self.new_folder() / "vmcore")
        places = list(damage.saved_registers(self.dump.cores["elf"]))
        self.assertEqual(len(places), self.dump.cpus)
        for page in {place // damage.PAGE for place in places}:
            damage.lose_page(core, page * damage.PAGE)
        lost, whole = vmstub("--exec", "kbt -a", core, cwd=self.dump.dir), verbs(self.dump, "kbt -a")
        self.assertEqual(lost.stdout, whole)
        self.assertEqual(lost.stderr, "")
        self.assertIn("{prstatus}", vmstub("--exec", "kbt -d -c 0", core, cwd=self.dump.dir).stdout)


@for_dumps("k6.1-kdump", "k6.12-kdump", "k7-kdump", quick=("k6.1-kdump",))
class ByHand(DumpTest):
    """-S and -I with the values of any frame show the rest of the trace."""

    def test_given(self):
        core = file_of(self.dump)
        for cpu, text in by_cpu(verbs(self.dump, "kbt -a", core=core)).items():
            lines = [m for m in map(FRAME.match, text.splitlines()) if m]
            true, _ = trace(text)
            if not lines:
                continue  # it was in user mode
            # Frame 0 was interrupted: kbt shows its address and stack pointer.
            asked = [f"kbt -c {cpu} -I {lines[0][4]} -S {lines[0][2]}"]
            asked += [f"kbt -c {cpu} -S {m[2]}" for m in lines[1:]]
            for line, answer in zip(asked, verbs(self.dump, "; ".join(asked), core=core).split("PID: ")[1:]):
                with self.subTest(line):
                    found, _ = trace(answer)
                    if "(stopped: " in answer:  # needs rbp, which only a trace from an inner frame restores
                        self.assertIn("whose value is unknown)", answer)
                        self.assertIn(found[0], true)
                        continue
                    self.assertEqual(outer(found, true), len(found), answer)
                    self.assertIn(line.split()[-1], "%016x" % found[0][0])

    def test_refused(self):
        for line, text in (("kbt -I schedule", "-I needs -S"), ("kbt -a -S ffffffff81000000", "-S works for one task only"),
                           ("kbt -S 1000", "1000 is not an aligned kernel address"),
                           ("kbt -S init_task", "is not a return address; use -I")):
            done = vmstub("--exec", line, file_of(self.dump), cwd=self.dump.dir)
            self.assertIn(text, done.stdout + done.stderr)


def lose_module(dump, name, core):
    """A copy of the dump without the page of a module's struct."""
    va = next(line.split()[0] for line in verbs(dump, "mod").splitlines() if line.split()[1] == name)
    place = re.search(rf"^{va}  ([0-9a-f]+)$", verbs(dump, f"vtop {va}"), re.M)
    damage.lose_page(damage.copy(dump.core, core), int(place[1], 16))
    return core


@for_dumps("k6.1-kdump", "k6.12-kdump", "k7-kdump", "k5.10-kdump", "k6.1-nullcall", quick=("k6.1-kdump",))
class LostModule(DumpTest):
    """The page of the crashed module's struct is lost, and with it the rules to unwind its functions."""

    @classmethod
    def prepare(cls):
        cls.core = lose_module(cls.dump, "l2w", cls.new_folder() / "vmcore")
        cls.text = vmstub("--exec", "kbt -p", cls.core, cwd=cls.dump.dir).stdout

    def test_goes_on(self):
        before, _, behind = self.text.partition("    (frames are missing here: ")
        true, _ = trace(verbs(self.dump, "kbt -p"))
        inner, _ = trace(before)
        found, _ = trace(behind)
        self.assertEqual(inner, true[:len(inner)])
        self.assertEqual(outer(found, true), len(found), self.text)
        self.assertLess(len(inner) + len(found), len(true))
        self.assertGreaterEqual(len(inner), 1)
        self.assertGreaterEqual(len(found), 2)
        self.assertNotIn("stopped", self.text)

    def test_other_modules(self):
        names = [[line.split()[1] for line in out.splitlines()[1:]]
                 for out in (verbs(self.dump, "mod"), vmstub("--exec", "mod", self.core, cwd=self.dump.dir).stdout)]
        self.assertEqual(sorted(names[1]), sorted(set(names[0]) - {"l2w"}))

    def test_gdb(self):
        """gdb shows no wrong frame, and vmstub says which are missing."""
        found, true = (gdb(self.dump, {"bt": "bt", "said": "monitor sym panic"}, core=c) for c in (self.core, None))
        mine, whole = ([f.address for f in frames.parse(a["bt"])] for a in (found, true))
        self.assertEqual([a for a in mine if a not in whole], [], found["bt"])
        self.assertRegex(found.text, r"vmstub: CPU \d+: frames are missing after frame \d+: ")
        if self.dump.name == "k6.1-nullcall":  # everything is on one stack, so gdb can continue
            self.assertGreater(len(mine), 2, found["bt"])


@for_dumps("k5.10-kdump", "k6.1-kdump", "k6.12-kdump", "k7-kdump", quick=("k6.1-kdump",))
class LostLog(DumpTest):
    """The page with the log's descriptor is lost, its data is not."""

    def lost(self, descriptors):
        core = damage.copy(self.dump.core, self.new_folder() / "vmcore")
        ring = verbs(self.dump, "rd prb").split()[1]
        pages = [int(ring, 16) & -4096]
        if descriptors:
            start = self.dump.address("_printk_rb_static_descs") & -4096
            pages += range(start, start + 64 * 4096, 4096)
        for page in sorted(set(pages)):
            place = re.search(rf"^{page:x}  ([0-9a-f]+)$", verbs(self.dump, f"vtop {page:x}"), re.M)
            damage.lose_page(core, int(place[1], 16))
        done = vmstub("--exec", "log", core, cwd=self.dump.dir)
        self.assertIn("records found in the ring's data; others may be missing", done.stderr)
        return done.stdout.splitlines()

    @staticmethod
    def text(line):
        return re.sub(r"^\[ *[\d.]+\] |^ {15}", "", line)

    def check(self, found, least):
        whole = verbs(self.dump, "log").splitlines()
        texts = {self.text(line) for line in whole}
        for line in found:
            if line.startswith("[") and re.match(r"\[ *\d+\.\d{6}\] ", line):
                self.assertIn(line, whole)  # with the record's time
            else:
                doubtful = re.sub(r"\[(.)\1\?\]$", "", line)
                self.assertTrue(self.text(line) in texts or doubtful != line and
                                any(t.startswith(self.text(doubtful)) for t in texts), line)
        self.assertGreater(len(found), len(whole) * 0.95)
        self.assertGreaterEqual(len(set(found) & set(whole)), len(whole) * least)

    def test_descriptor(self):
        self.check(self.lost(False), 0.8)

    def test_all_descriptors(self):
        self.check(self.lost(True), 0)
