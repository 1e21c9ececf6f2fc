# SPDX-License-Identifier: GPL-3.0-or-later
"""A dump without vmlinux and modules: what still works. For its types see test_types_alone.py."""
import os
import re
import shlex
import shutil
import subprocess

import frames
import oracle
from dumps import FRAME, VMSTUB, DumpTest, for_dumps, served
from patience import limit
from session import gdb, index_options, verbs, vmstub


# Before 6.0, VMCOREINFO does not say where the kernel's own symbols are: vmstub searches for them in 5.10.
@for_dumps("k5.10-kdump", "k6.1-kdump", "k6.12-qemu", "k7-kdump", "k7-qemu")
class Alone(DumpTest):
    @classmethod
    def prepare(cls):
        cls.home = cls.new_folder()
        core = cls.home / "vmcore"
        shutil.copy(cls.dump.core, core)
        fault = cls.dump.l2w["addr.l2w_vdevs"]
        # No vmlinux anywhere: not next to the dump, and not in a cache of the user.
        cls.answers = gdb(cls.dump, {
            "bt": "bt",
            "registers": "info registers rip rsp",
            "memory": f"x/s {fault + 64 + 16:#x}",
            "vlan": f"p *(unsigned short *){fault + 64 + 32:#x}",
            "threads": "info threads",
            "task": "p/x $task",
        }, core=core, vmlinux=None, cwd=cls.home, env={"HOME": str(cls.home), "XDG_CACHE_HOME": str(cls.home)})
        cls.done = vmstub("--exec", "sys; mod; kbt; log", core, cwd=cls.home,
                          env={**os.environ, "HOME": str(cls.home), "XDG_CACHE_HOME": str(cls.home)})

    def test_says_what_is_missing(self):
        notes = subprocess.run(["readelf", "-n", self.dump.dir / "vmlinux"], text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL).stdout
        build_id = re.search(r"Build ID: ([0-9a-f]+)", notes)[1]
        line = next(line for line in self.answers["connect"].splitlines() if "no vmlinux found" in line)
        for wanted in (self.dump.env["KERNEL_RELEASE"], build_id, "--vmlinux"):
            self.assertIn(wanted, line)
        self.assertIn("no vmlinux found", self.done.stdout)  # sys prints it, too

    def test_backtrace_as_the_console(self):
        got = frames.parse(self.answers["bt"])
        console = oracle.oops(self.dump).frames
        got = got[len(got) - len(console):]
        names = {}  # address -> functions that start there; gdb and the kernel may name different ones
        for symbol in self.dump.kallsyms:
            names.setdefault(symbol.address, set()).add(symbol.name)

        def aliases(function):
            return set().union({function}, *(names[s.address] for s in self.dump.by_name.get(function, ())))

        self.assertEqual([aliases(f.function) for f in got],
                         [{frames.HANDLER} if f.entry else aliases(f.function) for f in console], self.answers["bt"])
        self.assertEqual([hex(f.address) for f in got if f.address],
                         [hex(f.address) for f in console if not f.entry])

    def test_memory(self):
        self.assertIn('"vdev-broken"', self.answers["memory"])
        self.assertEqual(self.answers.value("vlan"), 204)

    def test_threads_and_registers(self):
        self.assertEqual(len(re.findall(r"Thread \d+ \"CPU \d", self.answers["threads"])), self.dump.cpus)
        self.assertGreater(self.answers.value("task"), 1 << 63)
        if self.dump.is_kdump:
            rip = int(re.search(r"rip +0x([0-9a-f]+)", self.answers["registers"])[1], 16)
            self.assertEqual(rip, oracle.oops(self.dump).registers["rip"])

    def test_verbs(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        out = self.done.stdout
        self.assertIn(f"RELEASE: {self.dump.env['KERNEL_RELEASE']}", out)
        self.assertIn("[exception RIP: l2w_vdev_lookup+", out)
        for module in self.dump.modules:
            self.assertRegex(out, rf"(?m)^[0-9a-f]{{16}} +{module.name} +{module.base:x} .*\(not loaded\)$")
        self.assertIn("BUG: kernel NULL pointer dereference", out.split("[    0.000000]", 1)[1])


@for_dumps(*FRAME, "k5.10frame-nullcall", "k6.1frame-qemu", "k6.1frame-syscall")
class AloneWithoutTypes(DumpTest):
    """The kernel has frame pointers and no BTF, so nothing describes its structs. What each CPU did is known all the same (for gdb see
    tests/matrix)."""

    def test_stacks_of_the_cpus(self):
        core = self.new_folder() / "vmcore"
        shutil.copy(self.dump.core, core)
        whole = 0
        for cpu in range(self.dump.cpus):
            alone, known = (re.findall(r"^ *#\d+ \[(\w+)\] \S+ at (\w+)\b", text, re.M) for text in (
                vmstub("--exec", f"kbt -c {cpu}", core, cwd=core.parent).stdout, verbs(self.dump, f"kbt -c {cpu}")))
            self.assertEqual(alone, known)
            whole += len(known) > 5
        self.assertGreater(whole, 1)
        console = [f.address for f in oracle.oops(self.dump).frames if not f.entry]
        said = vmstub("--exec", "kbt -a", core, cwd=core.parent).stdout
        self.assertLessEqual(set(console), {int(pc, 16) for pc in re.findall(r" at (\w{16})$| RIP: (\w{16}) ", said, re.M) for pc in pc if pc})


@for_dumps("k6.1-kdump", "k6.12-kdump", "k6.1-qemu", quick=("k6.1-kdump",))
class UserMemory(DumpTest):
    """An address below the kernel's half belongs to the selected thread."""

    def test_greeting_of_the_running_worker(self):
        _, address = self.dump.workers["w_busy"]
        format = "elf" if self.dump.is_kdump else "qemu-elf"
        answers = gdb(self.dump, {
            "worker": ["thread 3", f"x/s {address:#x}"],
            "stack": "x/gx $rsp",
            "code": "x/i $pc",
            "panic": ["thread 4", f"x/s {address:#x}"],
        }, core=self.dump.cores[format], vmlinux=None)
        self.assertIn('"greeting of w_busy"', answers["worker"])
        self.assertNotIn("Cannot access", answers["stack"] + answers["code"])
        self.assertNotIn("greeting of w_busy", answers["panic"])


@for_dumps("k6.1-kdump")
class CrashOrder(DumpTest):
    """The command line in crash's order."""

    def test_vmlinux_among_the_files(self):
        home = self.new_folder()
        shutil.copy(self.dump.core, home / "vmcore")
        vmlinux = str((self.dump.dir / "vmlinux").resolve())
        shutil.copy(vmlinux, home / "kernel")  # a name that vmstub does not search for
        for files in (["kernel", "vmcore"], ["vmcore", "kernel"]):
            done = vmstub("--exec", "sys", *files, cwd=home)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, r"KERNEL: (\S*/)?kernel\n")
        alone = vmstub("--exec", "sys", "kernel", cwd=home)
        self.assertEqual(alone.returncode, 1)
        self.assertIn("is not a core dump", alone.stderr)

    def test_help_without_a_dump(self):
        done = vmstub("--exec", "help bt", cwd=self.new_folder())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.startswith("kbt - "))
        self.assertEqual(vmstub("--exec", "help; sys", cwd=self.new_folder()).returncode, 2)


@for_dumps("k6.1-kdump")
class Slow(DumpTest):
    """Slow disks. A plain gdb waits six seconds for a reply, fourteen for the first; strace makes vmstub's system calls slower."""

    def backtrace(self, slow):
        command = f"target remote | strace -D -o /dev/null {slow} {shlex.quote(str(VMSTUB))} {served(self.dump.cores['zlib'])}"
        done = subprocess.run(["timeout", "-s", "KILL", str(limit(60)), "gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off", *index_options(),
                               "-ex", command, "-ex", "bt", "vmlinux"], cwd=self.dump.dir, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("packet error", done.stdout)
        self.assertIn("#1  l2w_vdev_lookup (", done.stdout)

    def test_to_open(self):
        self.backtrace(f"-P {shlex.quote(str(self.dump.cores['zlib']))} -e inject=pread64:delay_enter=20s:when=1")

    def test_to_say_what_stopped(self):
        self.backtrace("-e inject=readlink:delay_enter=1s:when=1..12")  # those of vmlinux's path, for the reply to "?"
