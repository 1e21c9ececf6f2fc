# SPDX-License-Identifier: GPL-3.0-or-later
"""task: gdb gets the program of the task, and bt goes from the kernel into it."""
import re
import shutil
import struct
import subprocess

import damage
from dumps import BASE, EXTRA, ROOT, VMSTUB, DumpTest, for_dumps
from procfacts import full_core
from session import run_commands, verbs
from session import gdb as run_gdb
from terminal import gdbs

VMGDB = ROOT / "gdbscripts" / "vmgdb"
NUMBER = 'eval "thread %d", *(unsigned int *) 0xffffffffffffe000'


class Programs(DumpTest):
    @classmethod
    def prepare(cls):
        cls.root = cls.new_folder() / "root of the guest"
        (cls.root / "bin").mkdir(parents=True)
        shutil.copy(cls.dump.dir / "facts" / "workers.elf", cls.root / "bin" / "workers")
        # In a folder without vmlinux, which gdb would take long to read.
        cls.alone = cls.new_folder() / "vmcore"
        cls.alone.symlink_to(full_core(cls.dump))

    def pid(self, name):
        return self.dump.workers[name][0]

    def plain(self, commands, options=None, core=None):
        options = f"--sysroot '{self.root}'" if options is None else options
        return run_gdb(self.dump, commands, core=core or self.alone, options=options, vmlinux=None, cwd=self.root)

    def vmgdb(self, commands, gdb):
        return run_commands([VMGDB, "--sysroot", self.root, self.alone, "--", "-nx"], commands, self.root, {"GDB": gdb, "VMSTUB": str(VMSTUB)})

    def user_frames(self, trace):
        user = trace.partition("<signal handler called>\n")[2].strip()
        return [re.match(r"#\d+ +(?:0x[0-9a-f]+ in )?(\S+) \(", line)[1] for line in user.splitlines() if line.startswith("#")]


@for_dumps(*BASE, *EXTRA, quick=("k6.1-kdump",))
class Traces(Programs):
    def test_plain_gdb(self):
        """Each task in turn; what vmstub says to type is enough."""
        answers = self.plain({"files": f"monitor task {self.pid('w_files')}", "load": ["sharedlibrary", "thread find w_files", NUMBER],
                              "bt files": "bt", "locals": ["frame function work_files", "info locals"],
                              "threads": [f"monitor task {self.pid('w_threads')}", "thread find w_threads", NUMBER], "bt threads": "bt"})
        self.assertIn("symbols of /bin/workers, at 0x400000\n", answers["files"])
        self.assertIn("Type sharedlibrary to load its symbols.", answers["files"])
        self.assertEqual(self.user_frames(answers["bt files"])[:4], ["pause", "work_files", "become", "main"], answers["bt files"])
        self.assertRegex(answers["locals"], r"ends = \{\d+, \d+\}")
        self.assertNotIn("sharedlibrary", answers["threads"])  # the same program
        self.assertEqual([f for f in self.user_frames(answers["bt threads"]) if f.startswith(("work", "main"))], ["work_threads", "main"])


@for_dumps("k5.10-kdump", "k6.1-kdump", "k7-kdump")
class WithScripts(Programs):
    def test_vmgdb(self):
        """In all gdbs; another program, which is not found, takes the symbols away."""
        for name, gdb in gdbs().items():
            with self.subTest(gdb=name):
                answers = self.vmgdb({"files": f"task {self.pid('w_files')}", "bt files": "bt", "init": "task 1", "bt init": "bt",
                                      "main": "info address main", "again": f"task {self.pid('w_pipe')}", "bt again": "bt"}, gdb)
                self.assertEqual(self.user_frames(answers["bt files"])[:4], ["pause", "work_files", "become", "main"], answers.text)
                self.assertRegex(answers["init"], r"no symbols of /bin/busybox: not found \(build-id [0-9a-f]{40}\)\n")
                self.assertEqual(len(self.user_frames(answers["bt init"])), 1, answers.text)
                self.assertIn('No symbol "main" in current context.', answers["main"])
                self.assertIn("work_pipe", self.user_frames(answers["bt again"]))


@for_dumps("k5.10-user", "k6.1-user", "k6.12-user", "k7-user")
class Kinds(Programs):
    """Programs of other kinds than the workers (tests/dumps/guest/l2u)."""
    KINDS = ("w_pie", "w_shared", "w_stripped", "w_jit", "w_32")

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.root = cls.dump.dir / "programs"

    def asked(self, gdb):
        commands = {}
        for name in self.KINDS:
            commands |= {name: f"task {self.pid(name)}", f"bt {name}": "bt"}
        return self.vmgdb(commands, gdb)

    def files(self, name):
        """(path, address) of each file whose first page the program has, by /proc/PID/maps."""
        return {(path, int(start, 16)) for start, path in
                re.findall(rf"^/proc/{self.pid(name)}/maps:(\w+)-\w+ \S+ 0+ \S+ \d+ +(/.*)$", self.dump.fact("maps"), re.M)}

    def syscall(self, name):
        """Stack pointer and program counter by /proc/PID/syscall."""
        return [int(word, 16) for word in
                re.search(rf"^/proc/{self.pid(name)}/task/\d+/syscall:.* (0x\w+) (0x\w+)$", self.dump.fact("syscalls"), re.M).groups()]

    def told(self, text):
        return {(path, int(at, 16)) for path, at in re.findall(r"^symbols of (\S+), at (0x[0-9a-f]+)", text, re.M)}

    def test_traces(self):
        """bt goes to main in a static PIE and in one with libraries; what is told of the others is where it ends."""
        for gdb_name, gdb in gdbs().items():
            with self.subTest(gdb=gdb_name):
                answers = self.asked(gdb)
                self.assertEqual(self.user_frames(answers["bt w_pie"])[:4], ["pause", "inner", "outer", "main"], answers.text)
                shared = self.user_frames(answers["bt w_shared"])
                self.assertRegex(shared[0], r"^(__libc_)?pause$")
                self.assertEqual(shared[1:5], ["lib_inner", "lib_outer", "middle", "main"], answers.text)
                for name in ("w_pie", "w_shared"):
                    self.assertEqual(self.told(answers[name]), self.files(name), name)
                # Three functions of its own, whose names are gone, and which .eh_frame unwinds.
                stripped = self.user_frames(answers["bt w_stripped"])
                self.assertRegex(stripped[0], r"^(__libc_)?pause$")
                self.assertEqual(stripped[1:4], ["??"] * 3, answers.text)
                self.assertRegex(answers["w_stripped"], r"symbols of /bin/w_stripped, at 0x\w+, which is stripped: without its debug information")
                self.assertRegex(answers["w_shared"], r"(?m)^symbols of /bin/w_shared, at 0x\w+$")
                pc = self.syscall("w_jit")[1]
                self.assertIn(f"its code at {pc:#x} is in memory of no file, as it was generated when it ran: bt ends there\n", answers["w_jit"])
                self.assertEqual(self.user_frames(answers["bt w_jit"]), ["??"])
                self.assertIn("no symbols of /bin/w_32: a 32-bit program, whose symbols are not loaded: bt ends there\n", answers["w_32"])
                for name in self.KINDS[:3] + self.KINDS[4:]:
                    self.assertNotIn("memory of no file", answers[name])
                self.assertNotIn("names of user addresses are wrong", answers.text)

    def test_registers(self):
        """The user's registers are in the frame after the kernel's last, of 32-bit programs as well, with its stack."""
        traces, commands = self.asked("gdb"), {}
        for name in self.KINDS:
            level = int(re.search(r"^#(\d+) +<signal handler called>$", traces[f"bt {name}"], re.M)[1]) + 1
            commands |= {f"{name} task": f"task {self.pid(name)}", f"{name} frame": f"frame {level}", f"{name} pc": "p/x (unsigned long) $pc",
                         f"{name} sp": "p/x (unsigned long) $sp", f"{name} stack": "x/2wx $sp"}
        answers = self.vmgdb(commands, "gdb")
        for name in self.KINDS:
            sp, pc = self.syscall(name)
            self.assertRegex(answers[f"{name} pc"], rf"= {pc:#x}\b", name)
            self.assertRegex(answers[f"{name} sp"], rf"= {sp:#x}\b", name)
            self.assertRegex(answers[f"{name} stack"], rf"^{sp:#x}.*:\s+0x\w+\s+0x\w+(\n|$)", name)

    def test_without_files(self):
        """By what memory has of the files: the same frames, of which functions that are exported have a name."""
        with_files = {gdb_name: self.asked(gdb) for gdb_name, gdb in gdbs().items()}
        root, self.root = self.root, self.new_folder()
        self.addCleanup(setattr, self, "root", root)
        for gdb_name, gdb in gdbs().items():
            with self.subTest(gdb=gdb_name):
                answers = self.asked(gdb)
                self.assertNotIn("warning", answers.text)
                for name in ("w_pie", "w_shared", "w_stripped"):
                    here, there = (re.findall(r"^#\d+ +(0x[0-9a-f]+) in ", a[f"bt {name}"].partition("<signal handler called>")[2], re.M)
                                   for a in (answers, with_files[gdb_name]))
                    self.assertGreaterEqual(len(there), 4)
                    self.assertEqual(here[:len(there)], there, answers.text)
                names = self.user_frames(answers["bt w_shared"])
                self.assertEqual((names[0], names[2]), ("pause", "lib_outer"), answers.text)
                self.assertIn("__libc_start_main", names)
                for path in ("lib/libl2u.so", "lib/x86_64-linux-gnu/libc.so.6"):
                    exported = self.exported(path)
                    self.assertRegex(answers["w_shared"], rf"(?m)^/{path}, at 0x\w+: not found \(build-id \w+\); its memory has {exported} "
                                     rf"exported name{'s' * (exported > 1)}, and how to unwind its functions$")
                self.assertRegex(answers["w_pie"], r"(?m)^/bin/w_pie, at .*; its memory has no names, but how to unwind its functions$")
                # A static program has no index of its .eh_frame.
                self.assertRegex(answers["w_jit"], r"(?m)^no symbols of /bin/w_jit: not found \(build-id \w+\)$")

    def exported(self, path):
        """How many functions and objects the file defines for others."""
        text = subprocess.run(["readelf", "-W", "--dyn-syms", self.dump.dir / "programs" / path], text=True, check=True,
                              stdout=subprocess.PIPE).stdout
        return len(re.findall(r"^ +\d+: \S+ +\S+ (?:FUNC|OBJECT|IFUNC) +\S+ +\S+ +\d+ ", text, re.M))

    def test_values(self):
        answers = self.vmgdb({"pie": f"task {self.pid('w_pie')}", "outer": "frame function outer", "locals": "info locals",
                              "greeting": "p greeting"}, "gdb")
        self.assertRegex(answers["locals"], r"(?m)^kept = 410$")
        self.assertIn('"greeting of w_pie\\000', answers["greeting"])


@for_dumps("k6.1-kdump")
class Others(Programs):
    def test_wrong_file(self):
        """A file with another build-id is not taken."""
        program = self.root / "bin" / "workers"
        data = program.read_bytes()
        note = data.index(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0") + 16  # of 20 bytes
        try:
            program.write_bytes(data[:note] + bytes([data[note] ^ 1]) + data[note + 1:])
            answers = self.plain({"task": f"monitor task {self.pid('w_files')}"})
        finally:
            program.write_bytes(data)
        self.assertIn(f"no symbols of /bin/workers: not found (build-id {data[note:note + 20].hex()})", answers["task"])

    def test_debug_folder(self):
        """By its build-id, if it is not at its path."""
        program = self.root / "bin" / "workers"
        data = program.read_bytes()
        note = data.index(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0") + 16
        id = data[note:note + 20].hex()
        debug = self.root / "usr" / "lib" / "debug" / ".build-id" / id[:2] / f"{id[2:]}.debug"
        debug.parent.mkdir(parents=True)
        program.rename(debug)
        try:
            answers = self.plain({"task": f"monitor task {self.pid('w_files')}", "load": ["sharedlibrary", "thread find w_files", NUMBER],
                                  "bt": "bt"})
        finally:
            debug.rename(program)
            shutil.rmtree(self.root / "usr")
        self.assertEqual(self.user_frames(answers["bt"])[:4], ["pause", "work_files", "become", "main"], answers.text)

    def test_filtered(self):
        """Without the program's pages, vmstub says why, and what would have kept them."""
        answers = self.plain({"task": f"monitor task {self.pid('w_files')}"}, core=self.dump.core)
        self.assertRegex(answers["task"], r"no symbols of /bin/workers: .*page excluded from the dump; makedumpfile -d 17 keeps")

    def test_another_thread(self):
        """gdb has one program's symbols; it is told when a thread with another one is looked at."""
        answers = self.plain({"init": ["monitor task 1", "thread find init", NUMBER], "files": f"monitor task {self.pid('w_files')}",
                              "load": "sharedlibrary", "other": ["thread name", "x/i 0x400000"]})
        self.assertIn("note: gdb has the symbols of PID", answers.text)


@for_dumps("k6.1-user")
class Damaged(Programs):
    """Tables in the memory of a program may say anything: what is wrong is left out, or all of it."""

    @classmethod
    def prepare(cls):
        super().prepare()
        folder = cls.new_folder()
        cls.root = folder / "empty"
        cls.root.mkdir()
        cls.alone = damage.copy(cls.dump.cores["elf"], folder / "vmcore")
        pid = cls.dump.workers["w_shared"][0]
        cls.start = int(re.search(rf"^/proc/{pid}/maps:(\w+)-\w+ \S+ 0+ .*/lib/libl2u.so$", cls.dump.fact("maps"), re.M)[1], 16)
        cls.file = (cls.dump.dir / "programs" / "lib" / "libl2u.so").read_bytes()

    def told(self, changes):
        """The line about the library, with these words at addresses in it."""
        pid = self.pid("w_shared")
        for at, data in changes:
            text = verbs(self.dump, f"vtop -c {pid} {self.start + at:x}", core=self.alone)
            damage.write(self.alone, int(re.search(rf"^{self.start + at:x} +(\w+)$", text, re.M)[1], 16), data)
        text = self.plain({"task": f"monitor task {pid}"})["task"]
        return re.search(r"^.*/lib/libl2u.so.*$", text, re.M)[0]

    def sections(self):
        text = subprocess.run(["readelf", "-SW", self.dump.dir / "programs" / "lib" / "libl2u.so"], text=True, check=True,
                              stdout=subprocess.PIPE).stdout
        return {name: int(at, 16) for name, at in re.findall(r"\] (\.\S+) +\S+ +(\w{16}) ", text)}

    def test_tables(self):
        """Each damage after the ones before it."""
        at = self.sections()
        whole = "its memory has 1 exported name, and how to unwind its functions"
        self.assertIn(whole, self.told([]))
        # Lengths of the hash table, of its chains, and of a symbol's name.
        self.assertIn("its memory has no names, but how to unwind its functions", self.told([(at[".gnu.hash"], b"\xff" * 4)]))
        self.assertIn("no names", self.told([(at[".gnu.hash"], self.file[at[".gnu.hash"]:][:4]), (at[".dynsym"] + 24, b"\xff" * 240)]))
        # Where .eh_frame_hdr is, by its program header.
        header = next(i for i in range(64, 64 + 56 * self.file[56], 56) if self.file[i:i + 4] == struct.pack("<I", 0x6474e550))
        self.assertIn("no symbols of /lib/libl2u.so: not found", self.told([(header + 16, b"\xff" * 7)]))
        # Program headers: their number.
        self.assertIn("no symbols", self.told([(56, b"\xff\xff")]))
