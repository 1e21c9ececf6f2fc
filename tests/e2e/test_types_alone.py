# SPDX-License-Identifier: GPL-3.0-or-later
"""Types from the BTF of a dump alone: gdb prints them as with vmlinux's debug information.

This tests a sample of all names of one kernel. tests/matrix/run --types tests all names of all kernels in all gdbs."""
import collections
import re
import shutil
import subprocess
from pathlib import Path

import btf
from dumps import VMSTUB, DumpTest, for_dumps, server
from session import gdb, index_options, vmstub
from typetext import Gdb, Names, as_btf_has_it, compare, function_commands


OPTIONS = ("-iex", "set index-cache enabled on")


def sample(names, n):
    names = sorted(names)
    return names[7::len(names) // n]


def all_commands(name):
    if name.startswith("enum "):
        return [f"ptype {name}", f"whatis {name}", f"p sizeof({name})"]
    return [f"ptype/o {name}", f"whatis {name}", f"p sizeof({name})"]


def gdb_of(folder, args, first=()):
    return Gdb(folder, args, first, options=index_options() or OPTIONS)


def indexed(names, commands, folder, args, first=()):
    return gdb_of(folder, args, first).ask([(0, name, commands(name)) for name in names])


@for_dumps("k6.1-kdump")
class Types(DumpTest):
    @classmethod
    def prepare(cls):
        cls.home = cls.new_folder()
        cls.core = cls.home / "vmcore"
        shutil.copy(cls.dump.core, cls.core)
        cls.names = Names(cls.dump)

    def compare(self, names, commands):
        """gdb searches all units, as at its prompt without a frame."""
        alone = gdb_of(self.home, [], ["target " + server(self.core)])
        return compare(names, commands, {}, alone, gdb_of(self.home, [str(self.dump.dir / "vmlinux")]))

    def test_every_name_as_with_vmlinux(self):
        names = sample(self.names.types, 50)
        equal, differ = self.compare(names, all_commands)
        for name, alone, full, reason in self.names.explain(differ, self.names.type_differs, {}):
            self.assertTrue(reason, f"{name}:\n{alone}\nbut with vmlinux:\n{full}")
        self.assertGreater(equal, len(names) * 0.95)

    def test_functions_as_with_vmlinux(self):
        # The BTF of 5.10 lacks functions that ftrace cannot trace, such as __schedule.
        known = [name for name in ("schedule_timeout", "vfs_read", "__schedule") if name in self.names.functions]
        self.assertGreaterEqual(len(known), 2)
        names = [*known, *sample(self.names.functions, 60)]
        equal, differ = self.compare(names, function_commands)
        # gdb 13 misses some functions of vmlinux: more functions in BTF are not a difference.
        self.assertEqual([], [found for found in self.names.explain(differ, self.names.function_differs, {}) if not found[3]])
        self.assertGreater(equal, len(names) * 0.9)


@for_dumps("k5.10-kdump", "k6.1-kdump", "k6.12-kdump", "k7-kdump")
class Globals(DumpTest):
    """Variables that BTF does not type."""

    def test_types_as_in_dwarf(self):
        home = self.new_folder()
        shutil.copy(self.dump.core, home / "vmcore")
        table = (Path(VMSTUB).parent / "stub/gdb/globals.c").read_text()
        names = re.findall(r'^\t\{ "(\w+)", "', table, re.M)
        alone = indexed(names, function_commands, home, [], ["target " + server(home / "vmcore")])
        full = indexed(names, function_commands, home, [str(self.dump.dir / "vmlinux")])
        there = [name for name in names if not full[name].startswith("No symbol ")]
        self.assertEqual({name: alone[name] for name in there}, {name: full[name] for name in there})
        self.assertGreater(len(there), len(names) * 0.9)


@for_dumps("k6.1-kdump", "k6.12-kdump", "k7-kdump")
class ModuleTypes(DumpTest):
    """Those that a module brings, out of what the kernel keeps of its BTF, against the module's own DWARF."""

    @classmethod
    def prepare(cls):
        cls.home = cls.new_folder()
        cls.core = cls.home / "vmcore"
        shutil.copy(cls.dump.core, cls.core)
        cls.strings = btf.strings_length(btf.section(cls.dump.dir / "vmlinux"))

    def names(self, ko, debug):
        """Its own types, and its functions that have one address; none without BTF, as in a module built apart."""
        data, base = btf.section(ko), btf.section(ko, ".BTF.base")
        if data is None:
            return [], []
        types, functions = btf.names(data, btf.strings_length(base) if base else self.strings)
        symbols = subprocess.run(["nm", debug], check=True, text=True, stdout=subprocess.PIPE).stdout
        code = collections.Counter(re.findall(r" [tT] (\S+)$", symbols, re.M))
        return [name for name, n in types.items() if n == 1], [name for name in functions if code[name] == 1]

    def test_as_in_its_debug_file(self):
        connect = ["target " + server(self.core)]
        commands = all_commands
        checked = 0
        for debug in self.dump.debug_files():
            types, functions = self.names(debug.with_suffix(""), debug)
            alone = indexed(types + functions, commands, self.home, [], connect)
            if any("No struct type named" in alone[name] for name in types):
                # Its BTF went with pages that makedumpfile left out: then all types are gone, and gdb says so.
                self.assertEqual([], [name for name in types if "type = struct" in alone[name]])
                continue
            full = indexed(types + functions, commands, self.home, [str(debug)])
            # Functions of .init sections are gone; gdb 13 misses some of a file's own.
            differ = {name: (alone[name], full[name]) for name in types + functions
                      if as_btf_has_it(alone[name]) != as_btf_has_it(full[name]) and
                      not alone[name].startswith("No symbol ") and "no debug info" not in full[name]}
            self.assertEqual({}, differ, debug.name)
            checked += len(types) + len(functions) - len(differ)
        self.assertGreater(checked, 20)


@for_dumps("k6.1-kdump")
class ModuleValues(DumpTest):
    """README's example: an object of virtio_blk, through the disk that it serves."""

    def test_disks(self):
        home = self.new_folder()
        shutil.copy(self.dump.core, home / "vmcore")
        disks = re.findall(r"^ *\d+ ([0-9a-f]{16}) +vd", vmstub("--exec", "dev -d", home / "vmcore").stdout, re.M)
        self.assertGreater(len(disks), 1)
        asked = {}
        for disk in disks:
            device = f"((struct virtio_blk *)((struct gendisk *)0x{disk})->private_data)"
            asked[disk] = [f"p/x (long){device}->disk", f"p {device}->vqs[0].name"]
        said = gdb(self.dump, asked, core=home / "vmcore", vmlinux=None, cwd=home, env={"HOME": str(home), "XDG_CACHE_HOME": str(home)})
        for disk in disks:
            self.assertRegex(said[disk], rf'^\$\d+ = 0x{disk}\n\$\d+ = "req\.0\\000')


@for_dumps("k6.1-kdump", "k6.12-kdump", "k7-kdump", "k6.12-qemu", quick=("k6.1-kdump",))
class Values(DumpTest):
    @classmethod
    def prepare(cls):
        home = cls.new_folder()
        shutil.copy(cls.dump.core, home / "vmcore")
        cls.alone = gdb(cls.dump, {
            "task": "thread apply all -s p/x $task",
            "comm": "thread apply all -s p $task->comm",
            "pid": "thread apply all -s p $task->pid",
            "rq": "thread apply all -s p runqueues.cpu",
            "type": "whatis runqueues",
            "frame": "bt",
            "init": "p ((struct task_struct *)&init_task)->comm",
            "head": "ptype struct list_head",
        }, core=home / "vmcore", vmlinux=None, cwd=home, env={"HOME": str(home), "XDG_CACHE_HOME": str(home)})

    def each(self, label):
        """CPU -> the value."""
        return {int(thread) - 1: value for thread, value in
                re.findall(r"Thread (\d+) .*\n\$\d+ = (.*)", self.alone[label])}

    def test_tasks_as_the_guest_saw_them(self):
        known = {task.address: task for task in self.dump.tasks}
        comms, pids = self.each("comm"), self.each("pid")
        seen = 0
        for cpu, address in self.each("task").items():
            task = known.get(int(address, 16))
            if task and task.pid:
                self.assertEqual((int(pids[cpu]), comms[cpu].split("\\000")[0].strip('"')), (task.pid, task.comm))
                seen += 1
        self.assertGreater(seen, 0)
        self.assertIn('"swapper/0', self.alone["init"])

    def test_variable_of_each_cpu(self):
        self.assertEqual(self.alone["type"], "type = struct rq")
        self.assertEqual(self.each("rq"), {cpu: str(cpu) for cpu in range(self.dump.cpus)})

    def test_types(self):
        self.assertEqual(self.alone["head"].split("\n}")[0] + "\n}", "type = struct list_head {\n    struct list_head *next;\n"
                                             "    struct list_head *prev;\n}")

    def test_parameters_are_named(self):
        # static void call_timer_fn(struct timer_list *timer, void (*fn)(struct timer_list *), unsigned long baseclk)
        self.assertIn("call_timer_fn (timer=<optimized out>, fn=<optimized out>, baseclk=<optimized out>)",
                      self.alone["frame"])
