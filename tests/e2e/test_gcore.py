# SPDX-License-Identifier: GPL-3.0-or-later
"""--gcore: the process in a core is the one that the guest described before it crashed."""
import hashlib
import os
import re
import shutil
import struct
import subprocess
import unittest

import peers
from corefile import NT_AUXV, NT_FPREGSET, NT_PRPSINFO, NT_SIGINFO, Core
from dumps import BASE, EXTRA, VMSTUB, DumpTest, for_dumps
from patience import limit
from procfacts import full_core
from session import vmstub
from terminal import gdbs

DUMPS = (*BASE, *EXTRA)
# Each page of the writable memory of a process as drgn reads it: address and hash.
PAGES = """
import hashlib
from drgn.helpers.linux.mm import access_remote_vm
from drgn.helpers.linux.pid import find_task
mm = find_task(prog, {pid}).mm
for start, end in {ranges}:
    for va in range(start, end, 4096):
        try:
            print(hex(va), hashlib.sha1(access_remote_vm(mm, va, 4096)).hexdigest())
        except Exception as error:
            print(hex(va), "!", type(error).__name__)
"""


class Gcore(DumpTest):
    @classmethod
    def prepare(cls):
        cls.folder = cls.new_folder()
        cls.program = (cls.dump.dir / "facts" / "workers.elf").read_bytes()
        cls.cores = {}

    def pid(self, name):
        return self.dump.workers[name][0]

    def make(self, pid, core=None):
        """The file of a process's core, and what vmstub said."""
        core = core or full_core(self.dump)
        if (pid, core) not in self.cores:
            file = self.folder / f"{core.name}-{pid}"
            done = vmstub("--gcore", pid, "-o", file, core, cwd=self.dump.dir)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.cores[pid, core] = file, done.stderr
        return self.cores[pid, core]

    def parsed(self, name, core=None):
        return Core(self.make(self.pid(name), core)[0].read_bytes())

    def maps(self, pid):
        """(start, end, protection, offset, path) by /proc/PID/maps."""
        return [(int(m[1], 16), int(m[2], 16), m[3], int(m[4], 16), m[5]) for m in
                re.finditer(rf"^/proc/{pid}/maps:(\w+)-(\w+) (\S+) (\w+) \S+ \d+ *(.*)$", self.dump.fact("maps"), re.M)]


@for_dumps("k5.10-user", "k6.1-user", "k6.12-user", "k7-user")
class AsTheKernel(Gcore):
    """w_twin forked, and its child raised SIGABRT in the same function: the kernel's core of the child is that of a
    process with the same memory, but for the frames below that function, and what libc and the kernel keep of a process."""

    def both(self):
        return Core((self.dump.dir / "facts" / "core").read_bytes()), self.parsed("w_twin")

    def test_areas(self):
        kernel, own = self.both()
        areas = [[(load.start, load.size, load.flags) for load in core.loads] for core in (kernel, own)]
        self.assertEqual(areas[0], areas[1])
        self.assertEqual(kernel.files(), own.files())
        self.assertEqual(kernel.note(NT_AUXV), own.note(NT_AUXV))
        # Of the kinds of notes, only the layout of xsave (6.12 and newer) is missing.
        self.assertLessEqual({kind for kind, _ in kernel.notes} - {0x205}, {kind for kind, _ in own.notes})
        infos = [core.note(NT_PRPSINFO) for core in (kernel, own)]
        self.assertEqual(infos[0][16:24], infos[1][16:24])  # uid and gid
        self.assertEqual(infos[0][40:].rstrip(b"\0 "), infos[1][40:].rstrip(b"\0 "))  # name, arguments

    def test_memory(self):
        kernel, own = self.both()
        (child,), pages, same = kernel.threads(), dict(own.pages()), 0
        parent = self.pid("w_twin")
        symbols = {name: (int(at, 16), int(size, 16)) for at, size, name in
                   re.findall(r"^(\w+) (\w+) . (\w+)$", subprocess.run(["nm", "-S", self.dump.dir / "programs" / "bin" / "w_twin"], text=True,
                                                                    check=True, stdout=subprocess.PIPE).stdout, re.M)}
        generation, main = symbols["__fork_generation"][0], range(symbols["main"][0], sum(symbols["main"]))
        stack = next((start, end) for start, end, _, _, path in self.maps(parent) if path == "[stack]")
        # Where outer() returns to main(): both are the same from there on.
        sp = next(iter(own.threads().values()))["rsp"]
        kept = next(at for at in range(sp, stack[1], 8) if struct.unpack_from("<Q", pages[at & ~4095], at & 4095)[0] in main)
        of_kernel = {va for start, end, _, _, path in self.maps(parent) if path.startswith("[vvar") for va in range(start, end, 4096)}
        self.assertEqual({va for va, _ in kernel.pages()} - set(pages), of_kernel)
        counters = []  # where the CPU is that each runs on: two words of the thread's rseq
        for va, page in kernel.pages():
            if va in of_kernel:
                continue
            for at in range(0, 4096, 4):
                word, other = page[at:at + 4], pages[va][at:at + 4]
                if word == other or va + at == generation or stack[0] <= va + at < kept:
                    continue
                values = tuple(int.from_bytes(data, "little") for data in (word, other))
                if max(values) < self.dump.cpus:
                    counters.append(va + at)
                else:
                    self.assertEqual(values, (child, parent), hex(va + at))
            same += 1
        self.assertIn(counters, ([], [min(counters, default=0), min(counters, default=0) + 4]))
        self.assertGreater(same, 80)

    def test_registers(self):
        """Those that functions save, and those that the kernel sets for a process."""
        (kernel,), (own,) = (core.threads().values() for core in self.both())
        for name in "rbx r12 r13 r14 r15 cs ss ds es fs gs fs_base gs_base".split():
            self.assertEqual(kernel[name], own[name], name)


@for_dumps(*DUMPS, quick=("k6.1-kdump",))
class AsTheGuest(Gcore):
    def test_registers(self):
        """/proc/PID/syscall has a sleeping thread's stack pointer, pc and arguments."""
        found = 0
        for name in ("w_files", "w_threads", "w_signals"):
            threads = self.parsed(name).threads()
            self.assertEqual(next(iter(threads)), self.pid(name))
            for m in re.finditer(rf"^/proc/{self.pid(name)}/task/(\d+)/syscall:(\d+) (.*)$", self.dump.fact("syscalls"), re.M):
                regs = threads[int(m[1])]
                told = [regs[r] for r in "orig_rax rdi rsi rdx r10 r8 r9 rsp rip".split()]
                self.assertEqual(told, [int(m[2]), *(int(word, 16) for word in m[3].split())], f"thread {m[1]}")
                self.assertEqual((regs["cs"], regs["ss"]), (0x33, 0x2b))
                found += 1
        self.assertGreaterEqual(found, 5)  # three of them are threads of w_threads

    def test_areas(self):
        """The segments are the areas; their protection and files, too."""
        for name in ("w_files", "w_threads", "w_ipc"):
            core, maps = self.parsed(name), [m for m in self.maps(self.pid(name)) if m[4] != "[vsyscall]"]
            flags = {r: 4 * ("r" in r) + 2 * ("w" in r) + ("x" in r) for _, _, r, _, _ in maps}
            areas = {(start, end): flags[r] for start, end, r, _, _ in maps}
            joined = {}
            for load in core.loads:
                area = next((a for a in areas if a[0] <= load.start and load.start + load.size <= a[1]), None)
                self.assertIsNotNone(area, load)
                self.assertEqual(load.flags, areas[area], load)
                joined[area] = joined.get(area, 0) + load.size
            self.assertEqual(joined, {a: a[1] - a[0] for a in areas})
            self.assertEqual(core.files(), [(start, end, offset, path) for start, end, _, offset, path in maps if path.startswith("/")])

    def test_program(self):
        """Pages that cannot be written are those of the program's file."""
        same = 0
        core = self.parsed("w_files")
        saved = dict(core.pages())
        for start, end, protection, offset, path in self.maps(self.pid("w_files")):
            if path == "/bin/workers" and "w" not in protection:
                for va in range(start, end, 4096):
                    want = self.program[offset + va - start:offset + va - start + 4096]
                    # The end of the file's page is zeros. RELRO is written by the program itself, so it is left out.
                    if va in saved and protection == "r-xp":
                        self.assertEqual(saved[va], want.ljust(4096, b"\0"), hex(va))
                        same += 1
        self.assertGreater(same, 100)

    def test_greeting(self):
        for name in ("w_files", "w_threads", "w_pipe", "w_busy"):
            pages, address = dict(self.parsed(name).pages()), self.dump.workers[name][1]
            text = f"greeting of {name}\0".encode()
            self.assertEqual(pages[address & ~4095][address & 4095:][:len(text)], text)

    def test_process(self):
        core, pid = self.parsed("w_files"), self.pid("w_files")
        info = core.note(NT_PRPSINFO)
        self.assertEqual(info[1:2], b"S")
        self.assertEqual(struct.unpack_from("<4i", info, 24)[0], pid)
        self.assertEqual(info[40:56].rstrip(b"\0"), b"w_files")
        arguments = next(line.split(" ", 1)[1] for line in self.dump.fact("cmdlines").splitlines() if line.startswith(f"{pid} "))
        self.assertEqual(info[56:].rstrip(b"\0").decode(), arguments.replace("|", " ").strip())
        self.assertEqual(core.note(NT_SIGINFO), bytes(128))
        auxv = dict(struct.iter_unpack("<QQ", core.note(NT_AUXV)))
        entry, phoff = struct.unpack_from("<QQ", self.program, 24)
        self.assertEqual((auxv[9], auxv[6], auxv[3]), (entry, 4096, 0x400000 + phoff))
        self.assertEqual(auxv[33], next(start for start, _, _, _, path in self.maps(pid) if path == "[vdso]"))
        control, = struct.unpack_from("<H", core.note(NT_FPREGSET))
        self.assertEqual(control, 0x37f)  # which the program does not change

    def test_pages_as_drgn(self):
        """Writable memory, byte by byte."""
        core, pid = self.parsed("w_threads"), self.pid("w_threads")
        writable = [(load.start, load.start + min(load.size, 1 << 20)) for load in core.loads if load.flags & 2]
        # One line, as the commands are told apart by lines.
        code = "py exec(" + repr(PAGES.format(pid=pid, ranges=writable)) + ")"
        said = dict(re.findall(r"^(0x\w+) ([0-9a-f]{40})$", peers.drgn(self.dump, code)[code], re.M))
        saved, same = dict(core.pages()), 0
        for address, digest in said.items():
            self.assertEqual(hashlib.sha1(saved[int(address, 16)]).hexdigest(), digest, address)
            same += 1
        self.assertGreater(same, 10)


@for_dumps(*DUMPS)
class InTools(Gcore):
    def test_gdb(self):
        for name, gdb in gdbs().items():
            with self.subTest(gdb=name):
                file, _ = self.make(self.pid("w_threads"))
                done = subprocess.run([gdb, "-nx", "-batch", "-iex", "set debuginfod enabled off", "-iex", "set width 0", "-ex",
                                       "thread apply all bt", "-ex", "x/s greeting", self.dump.dir / "facts" / "workers.elf", file], text=True,
                                      timeout=limit(60), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                self.assertIn('"greeting of w_threads"', done.stdout)
                self.assertEqual(len(re.findall(r"^#\d+ .* wait_on_futex \(", done.stdout, re.M)), 2, done.stdout)
                self.assertEqual(len(re.findall(r"^#\d+ .* main \(", done.stdout, re.M)), 1, done.stdout)
                self.assertNotIn("not in executable format", done.stdout)

    def test_eu_stack(self):
        if not shutil.which("eu-stack"):
            raise unittest.SkipTest("eu-stack is not installed")
        file, _ = self.make(self.pid("w_threads"))
        done = subprocess.run(["eu-stack", "--core", file, "-e", self.dump.dir / "facts" / "workers.elf"], text=True, timeout=limit(60),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(len(re.findall(r"^TID ", done.stdout, re.M)), 3, done.stdout)
        self.assertEqual(done.stdout.count(" wait_on_futex\n"), 2, done.stdout)
        self.assertEqual(done.stdout.count(" main\n"), 1, done.stdout)

    def test_drgn(self):
        python = peers.drgn_python()
        if not python:
            raise unittest.SkipTest("tests/matrix/gdbs drgn has not been run")
        file, _ = self.make(self.pid("w_threads"))
        code = ("import drgn, sys; p = drgn.Program(); p.set_core_dump(sys.argv[1])\n"
                "print(len(list(p.threads())), p.read(int(sys.argv[2]), 21))")
        done = subprocess.run([python, "-c", code, file, str(self.dump.workers["w_threads"][1])], text=True, timeout=limit(60),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.stdout.strip(), "3 b'greeting of w_threads'")


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Files(Gcore):
    def test_sparse(self):
        """Zeros take no room; a pipe gets the same bytes."""
        file, _ = self.make(self.pid("w_threads"))
        info = os.stat(file)
        self.assertLess(info.st_blocks * 512, info.st_size / 4)  # stacks of 8 MiB are hardly used
        self.assertEqual(info.st_mode & 0o777, 0o600)
        piped = subprocess.run([VMSTUB, "--gcore", str(self.pid("w_threads")), full_core(self.dump)], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, timeout=limit(60))
        self.assertEqual(hashlib.sha1(piped.stdout).digest(), hashlib.sha1(file.read_bytes()).digest())

    def test_filtered(self):
        """What the dump lacks is not saved, and counted; it does not look like zeros."""
        full, part = self.parsed("w_files"), self.parsed("w_files", self.dump.core)
        _, said = self.make(self.pid("w_files"), self.dump.core)
        full_pages = dict(full.pages())
        for address, data in part.pages():
            self.assertEqual(data, full_pages[address], hex(address))
        lost = set(part.missing()) - set(full.missing())
        m = re.search(r"not saved: (\d+) pages that the dump's filter left out \(makedumpfile -d 17 ", said)
        self.assertIsNotNone(m, said)
        self.assertEqual(len(lost), int(m[1]))
        self.assertGreater(len(lost), 100)

    def test_no_process(self):
        dead = next(task.pid for task in self.dump.tasks if task.comm == "w_dead")
        for pid, why in ((2, "kthreadd, has no memory: it is a kernel thread"), (dead, "has no memory: it is dead"),
                         (4000000, "no task with PID 4000000")):
            file = self.folder / "none"
            done = vmstub("--gcore", pid, "-o", file, self.dump.core)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, rf"^vmstub: --gcore: .*{why}\n$")
            self.assertEqual(file.stat().st_size, 0)

    def test_the_dump_is_not_overwritten(self):
        copy = self.folder / "vmcore"
        shutil.copy(self.dump.core, copy)
        before = hashlib.sha1(copy.read_bytes()).digest()
        (self.folder / "link").symlink_to(copy)
        for name in (copy, self.folder / "link"):
            done = vmstub("--gcore", self.pid("w_files"), "-o", name, copy)
            self.assertEqual((done.returncode, done.stderr), (1, f"vmstub: {name}: this is the dump, which is not overwritten\n"))
        self.assertEqual(hashlib.sha1(copy.read_bytes()).digest(), before)

    def test_usage(self):
        for args in (("--gcore", "x", "v"), ("--gcore", "0", "v"), ("-o", "f", "v"), ("--gcore", "1", "--exec", "ps", "v"),
                     ("--gcore", "1", "--report", "v")):
            done = vmstub(*args)
            self.assertEqual(done.returncode, 2, args)
            self.assertRegex(done.stderr, r"^vmstub: (--gcore|-o|--report): ")

    def test_disk_full(self):
        done = vmstub("--gcore", self.pid("w_files"), "-o", "/dev/full", full_core(self.dump))
        self.assertEqual((done.returncode, done.stderr), (1, "vmstub: --gcore: /dev/full: cannot write: No space left on device\n"))
