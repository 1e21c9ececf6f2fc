# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs' output, compared with the guest's own, addr2line, and gdb."""
import os
import re
import subprocess

import frames
import oracle
import peers
from dumps import BASE, EXTRA, FRAME, GUESS, VMSTUB, DumpTest, Module, for_dumps, get
from patience import limit
from session import Asked, gdb, verbs, vmstub


def build_id(file):
    notes = subprocess.run(["readelf", "-n", file], check=True, text=True, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL).stdout
    return re.search(r"Build ID: ([0-9a-f]+)", notes)[1]


def sample(dump, count):
    """Addresses in functions all over the kernel and in all modules: (address, module)."""
    # For functions made by macros, the line table has the macro's file and addr2line prints the
    # user's; the padding before functions (__pfx_) is not code.
    text = sorted({(s.address, s.module) for s in dump.kallsyms
                   if s.kind in "tT" and not re.search("trac|probe|__pfx_", s.name) and dump.address("_stext") <= s.address and
                   (s.module or s.address < dump.address("_etext"))})
    kernel = [t for t in text if not t[1]]
    chosen = kernel[50::len(kernel) // count]
    for module in dump.modules:
        inside = [t for t in text if t[1] == module.name and
                  t[0] >= dump.sections.get((module.name, ".text"), 1 << 64) and
                  t[0] < module.base + module.size]
        chosen += inside[::max(1, len(inside) // 4)]
    # Also in the middle of a function.
    return [(address + 4 * (i % 3), module) for i, (address, module) in enumerate(chosen)]


ENTRY = r"(RIP: 0010:)?([\w.]+)\+0x([0-9a-f]+)/0x([0-9a-f]+)(?: \[(\w+)\])?"


@for_dumps(*BASE, *EXTRA, quick=("k6.1-kdump",))
class TraceLines(DumpTest):
    """lines: file and line of each entry in the console's traces, as addr2line tells them."""

    @classmethod
    def prepare(cls):
        cls.said = verbs(cls.dump, "lines -f console.log")

    def entries(self):
        """[(line of the console, what was said about it)]"""
        found = []
        for line in self.said.splitlines():
            if line.startswith("    ") and not re.search(ENTRY, line):
                found[-1][1].append(line.strip())
            else:
                found.append((line, []))
        return found

    def test_as_addr2line(self):
        entries = [(re.search(ENTRY, line), said) for line, said in self.entries()]
        self.assertEqual(len(entries), len(re.findall(ENTRY, (self.dump.dir / "console.log").read_text(errors="replace"))))
        wanted = []
        for m, _ in entries:
            symbols = [s for s in self.dump.by_name[m[2]] if s.module == (m[5] or "")]
            wanted.append(oracle.Frame(m[2], symbols[0].address + int(m[3], 16), m[5] or "", bool(m[1]) or m[3] == "0") if len(symbols) == 1 else None)
        known = [(frame, said) for frame, (_, said) in zip(wanted, entries) if frame]
        self.assertGreater(len(known), len(entries) // 2)
        checked = 0
        for (frame, said), lines in zip(known, oracle.addr2line(self.dump, [frame for frame, _ in known])):
            if not lines[0].line:
                continue
            got = [re.fullmatch(r"(\S+) at (\S+): (\d+)( \(inlined\))?", one) for one in said]
            self.assertTrue(all(got), said)
            self.assertEqual([(int(g[3]), bool(g[4])) for g in got], [(one.line, one is not lines[-1]) for one in lines], (frame, said))
            for g, one in zip(got, lines):
                self.assertTrue(frames.same_file(os.path.normpath(g[2]), one.file), (g[2], one.file))
            self.assertEqual([g[1] for g in got[:-1]], [one.function for one in lines[:-1]])
            self.assertEqual(got[-1][1], frame.function)
            checked += 1
        self.assertGreater(checked, 10)

    def test_log(self):
        """The log has the lines of the console."""
        from_log = {re.search(ENTRY, line)[0] for line in verbs(self.dump, "lines").splitlines() if re.search(ENTRY, line)}
        self.assertTrue({re.search(ENTRY, line)[0] for line, _ in self.entries()} >= from_log)
        self.assertIn("l2w_vdev_lookup", "".join(from_log))

    def test_other_build(self):
        entry = next(m for m in (re.search(ENTRY, line) for line, _ in self.entries()) if m[2] == "l2w_vdev_xmit")
        size = int(entry[4], 16)
        for text, said in ((f"l2w_vdev_xmit+0x{entry[3]}/0x{size + 64:x} [l2w]", r"l2w_vdev_xmit has 0x[0-9a-f]+ bytes in this kernel and"),
                           (f"l2w_vdev_xmit+0x{entry[3]}/0x{size - 32:x} [l2w]", r"l2w_vdev_xmit has 0x[0-9a-f]+ bytes in this kernel and"),
                           ("l2w_nosuch+0x1/0x2 [l2w]", "l2w_nosuch of module l2w: no such function in this kernel"),
                           ("nosuch+0x1/0x2", "nosuch: no such function in this kernel$")):
            self.assertRegex(verbs(self.dump, f"lines {text}").strip(), said)
        # Typed without the module, from RIP and from a call.
        for text in (f"RIP: 0010:{entry[2]}+0x{entry[3]}/0x{entry[4]}", f"{entry[2]}+0x{entry[3]}/0x{entry[4]}"):
            self.assertRegex(verbs(self.dump, f"lines {text}"), r"^    l2w_vdev_xmit at \S*/vdev.c: \d+\n$")

    def test_input(self):
        done = subprocess.run([VMSTUB, "--exec", "lines -f -", self.dump.core], cwd=self.dump.dir, text=True, timeout=limit(60),
                              input=(self.dump.dir / "console.log").read_text(errors="replace"), stdout=subprocess.PIPE)
        self.assertEqual(done.stdout, self.said)
        done = vmstub("--exec", "lines nothing", self.dump.core)
        self.assertEqual((done.returncode, done.stderr), (1, "vmstub: lines: no entry such as schedule+0x36/0x70 found\n"))
        self.assertIn("only --exec can read standard input", gdb(self.dump, {"a": "monitor lines -f -"})["a"])


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class SymbolLists(DumpTest):
    """sym -l, -M, -m, -q, -p and -n, compared with the guest's kallsyms and with crash."""

    def listed(self, text):
        found = re.findall(r"^([0-9a-f]+) \((.)\) (\S+)(?: \[(\w+)\])?$", text, re.M)
        self.assertEqual(len(found) + len(re.findall("MODULE (?:START|END): ", text)), len(text.splitlines()))
        return [(int(address, 16), name) for address, _, name, _ in found]

    def test_all(self):
        said = verbs(self.dump, "sym -l")
        listed = self.listed(said)
        expected = {(s.address, s.name) for s in self.dump.kallsyms if s.module in ("", *(m.name for m in self.dump.modules))}
        names = {name for _, name in listed}
        self.assertGreater(len(expected), 50000)
        self.assertEqual({name for _, name in expected if not name.startswith(("__init", "init_module"))} - names, set())
        for module in self.dump.modules:
            inside = said.split(f"MODULE START: {module.name}\n")[1].split(f"MODULE END: {module.name}\n")[0]
            self.assertEqual(inside.splitlines()[:-1], verbs(self.dump, f"sym -m {module.name}").splitlines()[1:-1])
        self.assertEqual(verbs(self.dump, "sym -M"), said[said.index(said[said.index(" MODULE START") - 16:]):])

    def test_as_crash(self):
        asked = ("sym -p schedule", "sym -n schedule", "sym -p -n l2w_vdev_xmit", "sym -q l2w_vdev")
        theirs = peers.crash(self.dump, *asked)
        for one in asked:
            def short(text):
                return re.findall(r"^([0-9a-f]{16}) \([^)]\) (\S+)", text, re.M)
            self.assertTrue(short(theirs[one]), one)
            self.assertEqual(short(verbs(self.dump, one)), short(theirs[one]), one)

    def test_errors(self):
        for line, said in (("sym -q nothing_like_this", "no symbol contains nothing_like_this"), ("sym -m nothing", "nothing: no such module"),
                           ("sym", "an argument is missing"), ("sym -l schedule", "unexpected argument schedule")):
            done = vmstub("--exec", line, self.dump.core)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(said, done.stderr)


@for_dumps(*BASE, *EXTRA, *GUESS, quick=("k6.1-kdump",))
class Lines(DumpTest):
    @classmethod
    def prepare(cls):
        cls.frames = [oracle.Frame("", address, module, True) for address, module in sample(cls.dump, 40)]
        cls.expected = {}
        for frame, lines in zip(cls.frames, oracle.addr2line(cls.dump, cls.frames)):
            if lines and lines[0].line:
                cls.expected[frame.address] = lines[0]

    def test_sym(self):
        out = verbs(self.dump, "sym " + "; sym ".join(f"{f.address:x}" for f in self.frames))
        wrong = []
        for line in out.splitlines():
            m = re.match(r"([0-9a-f]{16}) \(.\) (\S+)(?: \[(\w+)\])?(?: (\S+): (\d+))?$", line)
            self.assertTrue(m, line)
            theirs = self.expected.get(int(m[1], 16))
            if theirs and (not m[5] or int(m[5]) != theirs.line or not frames.same_file(os.path.normpath(m[4]), theirs.file)):
                wrong.append(f"{line}: addr2line says {theirs.file}:{theirs.line}")
        self.assertEqual(wrong, [])
        self.assertEqual(len(out.splitlines()), len(self.frames))

    def test_sym_names(self):
        """Symbol, offset and module equal those of kallsyms."""
        out = verbs(self.dump, "sym " + "; sym ".join(f"{f.address:x}" for f in self.frames))
        for line, frame in zip(out.splitlines(), self.frames):
            m = re.match(r"[0-9a-f]{16} \((.)\) ([\w.]+)(?:\+(\d+))?(?: \[(\w+)\])?", line)
            start = frame.address - int(m[3] or 0)
            names = {(s.name, s.module, s.address) for s in self.dump.by_name.get(m[2], [])}
            self.assertIn((m[2], m[4] or "", start), names, line)

    def test_info_line(self):
        """The result equals that of addr2line, or of a gdb without target, which has only the files: addr2line also
        uses lines where gdb would not put a breakpoint, and gdb misplaces the modules of 6.12."""
        wanted = [f for f in self.frames if f.address in self.expected]
        mine = gdb(self.dump, {f"{f.address:#x}": f"info line *{f.address:#x}" for f in wanted})
        commands = {"modules": [
            f"add-symbol-file {self.dump.module_file(name)}" +
            "".join(f" -s {section} {address:#x}" for (module, section), address in self.dump.sections.items()
                    if module == name and section.startswith((".text", ".rodata", ".data", ".bss", ".exit", ".init")))
            for name, _, _ in self.dump.modules]}
        for f in wanted:
            linked = f.address if f.module else f.address - self.dump.slide
            commands[f"{f.address:#x}"] = f"info line *{linked:#x}"
        theirs = gdb(self.dump, commands, connect=False, files=[self.dump.module_file(name) for name, _, _ in self.dump.modules])

        def place(text):
            m = re.search(r'Line \d+ of ".*?"', text)
            return m[0] if m else text
        self.assertGreater(len(wanted), 30)
        for f in wanted:
            said, other = place(mine[f"{f.address:#x}"]), place(theirs[f"{f.address:#x}"])
            if said.startswith(f"Line {self.expected[f.address].line} of"):
                continue
            if f.module and other.startswith("No line number"):  # though there are some
                self.assertIn(int(said.split()[1]), self.table_lines(f), hex(f.address))
            else:
                self.assertEqual(said, other, hex(f.address))

    def table_lines(self, frame):
        """Lines of the last rows before this address of a module, in binutils' reading of its line table."""
        file = self.dump.module_file(frame.module)
        start = max((s for s in self.dump.kallsyms if s.module == frame.module and s.address <= frame.address), key=lambda s: s.address)
        values = subprocess.run(["nm", file], text=True, check=True, stdout=subprocess.PIPE).stdout
        value = int(re.search(rf"^([0-9a-f]+) \w {re.escape(start.name)}$", values, re.M)[1], 16) + frame.address - start.address
        table = subprocess.run(["objdump", "--dwarf=decodedline", file], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        rows = [(int(address, 16), int(line)) for line, address in re.findall(r"^\S+ +(\d+) +(0x[0-9a-f]+)(?: |$)", table, re.M)]
        found, begin = set(), 0
        for i in range(1, len(rows) + 1):  # each run of rising addresses may be another section
            if i < len(rows) and rows[i][0] >= rows[i - 1][0]:
                continue
            run, begin = rows[begin:i], i
            last = max((address for address, _ in run if address <= value), default=None)
            if run[-1][0] >= value:
                found |= {line for address, line in run if address == last}
        return found


@for_dumps(*BASE, *EXTRA, quick=("k6.1-kdump",))
class Verbs(DumpTest):
    @classmethod
    def prepare(cls):
        cls.answers = gdb(cls.dump, {
            "libraries": "info sharedlibrary",
            "mod": "monitor mod",
            "sys": "monitor sys",
            "own sym": "monitor sym l2w_timer_fn",
            "dis": ["monitor dis l2w_vdev_xmit 12", "monitor dis schedule 12", "monitor dis vfs_read 20"],
            "x/i": ["x/12i l2w_vdev_xmit", "x/12i schedule", "x/20i vfs_read"],
            # now without the module's file, and then with it again
            "forgotten": ["monitor mod -d l2w", "sharedlibrary", "info line l2w_vdev_lookup", "monitor mod"],
            "remembered": ["monitor mod -s l2w", "sharedlibrary", "info line l2w_vdev_lookup"],
        })
        cls.sys = dict(re.findall(r"^ *([A-Z ]+): (.*)$", cls.answers["sys"], re.M))

    def test_libraries_are_the_modules(self):
        listed = {}
        for start, end, name in re.findall(r"^0x([0-9a-f]+) +0x([0-9a-f]+) +Yes.*/([^/\n]+)$",
                                           self.answers["libraries"], re.M):
            listed[name.split(".ko")[0]] = (int(start, 16), int(end, 16))
        # Images with rules and with names of BPF programs, which are not modules.
        listed = {name: at for name, at in listed.items() if not re.match(r"vmlinux.entry$|user.entry$|dyncode.symbols", name)}
        self.assertEqual(sorted(listed), sorted(m.name for m in self.dump.modules))
        for name, (start, end) in listed.items():
            kept = [address for (module, section), address in self.dump.sections.items()
                    if module == name and not section.startswith((".init", ".symtab", ".strtab"))]
            text = self.dump.sections[name, ".text"]
            # Since 6.4 code and data of a module can be far from each other.
            self.assertTrue(min(kept) <= start <= text < end, (name, hex(start), hex(end)))
            if min(kept) == text:
                self.assertEqual(hex(start), hex(text), name)

    def test_mod(self):
        listed = [Module(m[1], int(m[3]), int(m[2], 16)) for m in
                  re.finditer(r"^[0-9a-f]{16} +(\w+) +([0-9a-f]{16}) +(\d+) ", self.answers["mod"], re.M)]
        bases = [(m.name, m.base) for m in self.dump.modules]
        self.assertEqual([(m.name, m.base) for m in listed], bases)
        if self.dump.env["KERNEL_KEY"] in ("5.10", "6.1"):  # later /proc/modules counts more than the core
            self.assertEqual(listed, self.dump.modules)

    def test_mod_addresses_of_struct_module(self):
        for module in self.dump.modules:
            address = self.dump.sections[module.name, ".gnu.linkonce.this_module"]
            self.assertRegex(self.answers["mod"], rf"(?m)^{address:x} +{module.name} ")

    def test_mod_s_takes_the_right_file(self):
        file = self.dump.dir / "modules" / "l2w.ko"
        self.assertIn(str(file), verbs(self.dump, f"mod -s l2w {file}"))

    def test_mod_d_forgets(self):
        """The dump's own names stay, line information is gone."""
        file = str(self.dump.module_file("l2w"))
        sym = f"sym {self.dump.by_name['l2w_vdev_lookup'][0].address:x}"
        said = verbs(self.dump, f"{sym}; mod; mod -d l2w; {Asked.MARK}; {sym}; mod; mod -s l2w; {Asked.MARK}; {sym}; mod")
        before, after, again = said.split(Asked.SAID)
        for text in (before, again):
            self.assertRegex(text, r"(?m) l2w_vdev_lookup \[l2w\] .*vdev\.c: 56$")
            self.assertRegex(text, rf"(?m)^[0-9a-f]+  l2w .* {re.escape(file)}$")
        self.assertRegex(after, r"(?m) l2w_vdev_lookup \[l2w\]$")
        self.assertRegex(after, r"(?m)^[0-9a-f]+  l2w .* \(not loaded\)$")
        self.assertEqual(after.count("(not loaded)"), 1)

    def test_mod_d_forgets_in_gdb(self):
        self.assertNotIn("vdev.c", self.answers["forgotten"])
        self.assertIn("<l2w_vdev_lookup>", self.answers["forgotten"])
        self.assertRegex(self.answers["forgotten"], r"(?m)^[0-9a-f]+  l2w .* \(not loaded\)$")
        self.assertIn("vdev.c", self.answers["remembered"])

    def test_exec_goes_on_behind_a_failure(self):
        done = vmstub("--exec", "rd 0; nonsense; eval 6*7", self.dump.core, cwd=self.dump.dir)
        self.assertEqual(done.returncode, 1)
        self.assertIn("decimal: 42", done.stdout)
        self.assertEqual([line.split(": ")[:2] for line in done.stderr.splitlines()],
                         [["vmstub", "rd"], ["vmstub", "nonsense"]])

    def test_mod_s_refuses_another_build(self):
        other = get("k6.12-kdump" if self.dump.env["KERNEL_KEY"] != "6.12" else "k6.1-kdump")
        file = other.dir / "modules" / "l2w.ko"
        # A core with all pages: the build-id of the module is in its memory.
        core = self.dump.cores.get("elf", self.dump.core)
        done = vmstub("--exec", f"mod -s l2w {file}", core, cwd=self.dump.dir)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for wanted in (str(file), build_id(file), build_id(self.dump.dir / "modules" / "l2w.ko")):
            self.assertIn(wanted, done.stderr)

    def test_dis_as_gdb(self):
        def instructions(text):
            found = []
            for line in text.splitlines():
                m = re.match(r"(?:=>)? *0x([0-9a-f]+) <([^>]+)>:\t(.*?)(?: *#.*)?$", line)
                if m:
                    found.append((m[1], m[2].replace("+0", "+0"), re.sub(r"\s+", " ", m[3]).strip()))
            return found
        mine, theirs = instructions(self.answers["dis"]), instructions(self.answers["x/i"])
        self.assertEqual(len(mine), 44)
        # gdb prints <f>; dis prints <f+0>, like crash
        self.assertEqual(mine, [(a, f if "+" in f else f + "+0", i) for a, f, i in theirs])

    def test_dis_s_of_inlined_code(self):
        """Each instruction of a function with two others inlined: the innermost one's file, line and text."""
        file = self.dump.dir / "modules" / "l2w.ko"
        names = subprocess.run(["nm", "-S", file], check=True, text=True, stdout=subprocess.PIPE).stdout
        start, size = (int(n, 16) for n in re.search(r"(?m)^(\S+) (\S+) t l2w_vdev_lookup$", names).groups())
        offsets = range(start, start + size, 5)
        lines = subprocess.run(["addr2line", "-f", "-j", ".text", "-e", file, *map(hex, offsets)], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.splitlines()
        wanted = zip(lines[::2], lines[1::2])
        base = self.dump.sections["l2w", ".text"]
        functions = set()
        for at, (function, place) in zip(offsets, wanted):
            source, line = place.split(" (")[0].rsplit(":", 1)
            if not os.path.exists(source):
                self.skipTest(f"the cache has moved since this dump was made: no {source}")
            said = verbs(self.dump, f"dis -s {base + at:x}")
            self.assertEqual(re.search(r"FILE: (.*)\nLINE: (\d+)", said).groups(), (source, line), hex(at))
            text = open(source).read().splitlines()
            shown = dict((int(no), rest) for no, rest in re.findall(r"^[ *] (\d+) +(.*)$", said, re.M))
            self.assertEqual(re.findall(r"^\* (\d+) ", said, re.M), [line], said)
            for no, rest in shown.items():
                self.assertEqual(rest.strip(), text[no - 1].strip())
            self.assertIn(f"{function}(", text[min(shown) - 1], said)
            functions.add(function)
        self.assertIn("vdev_count_hit", functions)

    def test_sys(self):
        uname = self.dump.fact("uname").split()
        self.assertEqual(self.sys["NODENAME"], uname[1])
        self.assertEqual(self.sys["RELEASE"], uname[2])
        self.assertTrue(self.sys["MACHINE"].startswith("x86_64 "))
        self.assertIn(self.sys["VERSION"], self.dump.fact("uname"))
        # panic() stops the others, but a kdump is taken before that; crash prints the same
        self.assertEqual(self.sys["CPUS"].split(),
                         [str(self.dump.cpus)])  # including those that panic() has stopped
        self.assertEqual(self.sys["PID"], "0")
        self.assertEqual(self.sys["COMMAND"], f'"swapper/{self.dump.panic_cpu}"')
        self.assertEqual(self.sys["CPU"], str(self.dump.panic_cpu))
        self.assertIn(oracle.oops(self.dump).lines[0], self.sys["PANIC"])
        self.assertTrue(self.sys["KERNEL"].endswith("/vmlinux"))
        self.assertIn(self.dump.core.name, self.sys["DUMPFILE"])

    def test_uptime(self):
        h, m, s = map(int, self.sys["UPTIME"].split(":"))
        self.assertAlmostEqual(h * 3600 + m * 60 + s, self.dump.crashed, delta=2)

    def test_date(self):
        said = subprocess.run(["date", "-d", self.sys["DATE"], "+%s"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        # two seconds for rounding, and for what panic() does before the dump is taken
        self.assertTrue(0 <= int(said) - int(self.dump.fact("date")) < self.dump.at_most_since_facts + 2, self.sys["DATE"])

    def test_memory(self):
        """What the kernel counted at boot, minus what it reserved later."""
        console = (self.dump.dir / "console.log").read_text(errors="replace")
        kib = int(re.search(r"Memory: \d+K/(\d+)K available", console)[1])
        self.assertTrue(self.sys["MEMORY"].endswith(" MB"), self.sys["MEMORY"])
        self.assertAlmostEqual(float(self.sys["MEMORY"].split()[0]), kib / 1024, delta=1)

    def test_number_of_tasks(self):
        """On the dump with all pages; tasks of the script that wrote the facts are gone."""
        core = self.dump.cores.get("elf") or self.dump.core
        said = re.search(r"TASKS: (\d+)(.*)", verbs(self.dump, "sys", core=core))
        self.assertEqual(said[2], "")
        # and the idle task of every CPU, which /proc does not count
        self.assertAlmostEqual(int(said[1]), len(self.dump.tasks) + self.dump.cpus, delta=5)


def records(text):
    """Lines without timestamps: dmesg prints them before each line, log before each record."""
    return [re.sub(r"^(\[ *\d+\.\d+\] | {15})", "", line).rstrip() for line in text.splitlines()]


@for_dumps(*GUESS, *FRAME)
class Config(DumpTest):
    def test_whole_text_as_it_was_built(self):
        built = self.dump.dir.parent.parent / "kernels" / f"{self.dump.env['KERNEL_KEY']}.tree" / ".config"
        self.assertEqual(verbs(self.dump, "sys config"), built.read_text())


@for_dumps(*BASE, *EXTRA, *GUESS, quick=("k6.1-kdump",))
class Log(DumpTest):
    @classmethod
    def prepare(cls):
        cls.text = verbs(cls.dump, "log")

    def test_begins_as_dmesg(self):
        before = records(self.dump.fact("dmesg"))
        self.assertEqual(records(self.text)[:len(before)], before)

    def test_timestamps(self):
        stamps = re.findall(r"^\[ *\d+\.\d+\]", self.dump.fact("dmesg"), re.M)
        mine = re.findall(r"^\[ *\d+\.\d+\]", self.text, re.M)
        self.assertTrue(set(stamps) - set(mine) == set(), sorted(set(stamps) - set(mine))[:5])

    def test_has_the_oops(self):
        oops = [line.rstrip() for line in oracle.oops(self.dump).lines]
        mine = records(self.text)
        start = mine.index(oops[0])
        self.assertEqual(mine[start:start + len(oops)], oops)

    def test_ends_with_the_oops(self):
        if self.dump.is_kdump:
            self.assertTrue(records(self.text)[-1].startswith("CR2: "), self.text[-200:])
        else:
            self.assertIn("end Kernel panic", records(self.text)[-1])

    def test_options(self):
        plain = verbs(self.dump, "log -t").splitlines()
        self.assertEqual(len(plain), len(self.text.splitlines()))
        self.assertNotRegex(plain[0], r"^\[")
        dated = verbs(self.dump, "log -T").splitlines()
        self.assertRegex(dated[-1], r"^\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \w+ \d{4}\] ")
        self.assertRegex(verbs(self.dump, "log -m"), r"(?m)^\[ *\d+\.\d+\] <\d>|^<\d>")
