# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's own scripts for gdb (scripts/gdb of its source: lx-ps and others) read the dump as they read a running guest."""
import re
import shutil
import subprocess

import peers
from dumps import FRAME, ROOT, VMSTUB, DumpTest, for_dumps
from session import index_options, run_commands

INCLUDE = ("arch/x86/include", "arch/x86/include/generated", "include", "arch/x86/include/uapi", "arch/x86/include/generated/uapi", "include/uapi",
           "include/generated/uapi")
COMMANDS = {"version": "lx-version", "ps": "lx-ps", "modules": "lx-lsmod", "cpus": "lx-cpus", "cmdline": "lx-cmdline", "mounts": "lx-mounts",
            "log": "lx-dmesg", "current": "p $lx_current()->pid", "cpu": "p $lx_per_cpu(\"runqueues\", 2).cpu",
            "task": "p $lx_task_by_pid(1).comm", "module": "p $lx_module(\"l2w\").name"}
TASKS = """
from drgn.helpers.linux.pid import for_each_task
for task in for_each_task(prog):
    print(f"{task.value_():x} {task.pid.value_()}")
"""


@for_dumps(*FRAME)
class KernelScripts(DumpTest):
    @classmethod
    def prepare(cls):
        tree = cls.dump.dir.parent.parent / "kernels" / "5.10frame.tree"
        cls.folder = cls.new_folder()
        scripts = cls.folder / "scripts" / "gdb"
        shutil.copytree(tree / "scripts" / "gdb", scripts)
        shutil.copy(scripts / "vmlinux-gdb.py", cls.folder)
        # As the kernel's build does with CONFIG_GDB_SCRIPTS.
        text = subprocess.run(["gcc", "-E", "-x", "c", "-P", *(f"-I{path}" for path in INCLUDE), "-include", "include/linux/kconfig.h",
                               "-include", "include/linux/compiler_types.h", "-D__KERNEL__", "scripts/gdb/linux/constants.py.in"], cwd=tree, check=True,
                              text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
        # In this release some constants are still written as in C, which Python cannot read.
        python = re.sub(r"\b(\d+)UL\b", r"\1", text.partition("<!-- end-c-headers -->")[2])
        (scripts / "linux" / "constants.py").write_text(python)
        cls.said = run_commands([ROOT / "gdbscripts" / "vmgdb", cls.dump.core, "--", "-nx", *index_options()],
                                {"scripts": f"source {cls.folder}/vmlinux-gdb.py", **COMMANDS}, cls.dump.dir, {"VMSTUB": str(VMSTUB)})

    def test_tasks(self):
        """All that drgn finds, and swapper/0, which it leaves out."""
        found = {(int(address, 16), int(pid)) for address, pid in re.findall(r"(?m)^(0x[0-9a-f]{16}) +(\d+) +\S", self.said["ps"])}
        there = {(int(address, 16), int(pid)) for address, pid in (line.split() for line in peers.drgn_program(self.dump, TASKS).splitlines())}
        self.assertGreater(len(there), 40)
        self.assertEqual({task for task in found if task[1]}, there)
        self.assertIn((self.dump.address("init_task"), 0), found)
        self.assertIn('"init', self.said["task"])

    def test_modules(self):
        rows = re.findall(r"(?m)^(0x[0-9a-f]{16}) (\S+) +(\d+) ", self.said["modules"])
        self.assertEqual([(int(base, 16), name, int(size)) for base, name, size in rows], [(m.base, m.name, m.size) for m in self.dump.modules])
        self.assertIn('"l2w"', self.said["module"])

    def test_system(self):
        self.assertEqual(self.said["version"], self.dump.fact("version").strip())
        self.assertEqual(self.said["cmdline"], self.dump.fact("cmdline").strip())
        self.assertIn(f"Present CPUs  : {list(range(self.dump.cpus))}", self.said["cpus"])
        for line in self.dump.fact("mounts").splitlines():
            device, folder, kind = line.split()[:3]
            self.assertRegex(self.said["mounts"], rf"(?m) {device} {re.escape(folder)} {kind} ")

    def test_log(self):
        def texts(lines):  # the script rounds the times
            return [re.sub(r"^\[ *\d+\.\d+\] ", "", line) for line in lines]
        guest = texts(self.dump.fact("dmesg").splitlines())
        self.assertGreater(len(guest), 50)
        self.assertEqual(texts(self.said["log"].splitlines())[:len(guest)], guest)

    def test_per_cpu(self):
        """Of the CPU that gdb has selected: the one that crashed, which idled."""
        self.assertEqual(self.said.value("current"), 0)
        self.assertEqual(self.said.value("cpu"), 2)
