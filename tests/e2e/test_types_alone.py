# SPDX-License-Identifier: GPL-3.0-or-later
"""Types from the BTF of a dump alone: gdb prints them as with vmlinux's debug information.

This tests a sample of all names of one kernel. VMSTUB_TYPES=all tests all names of all kernels."""
import collections
import math
import os
import re
import shutil
import subprocess
from pathlib import Path

import btf
from dumps import VMSTUB, DumpTest, for_dumps, server
from session import gdb, index_options

ALL = os.environ.get("VMSTUB_TYPES") == "all"


def sample(names, n):
    names = sorted(names)
    return names if ALL else names[7::len(names) // n]


def as_btf_has_it(text):
    """Removes differences that BTF cannot express: pahole flattens arrays of several dimensions, and turns [0] into []."""
    def one(match):
        product = math.prod(int(n or 0) for n in re.findall(r"\[(\d*)\]", match[0]))
        return f"[{product or ''}]"
    return re.sub(r"(\[\d*\])+", one, text).strip()


def ask(names, commands, folder, args, first=(), program="gdb"):
    """name -> gdb's output for the commands about it; they go to its standard input, because errors would end a script."""
    lines = ["set width 0", "set height 0", "set confirm off", *first]
    for name in names:
        lines += [f"echo \\n@@ {name}\\n", *(command.format(name) for command in commands)]
    lines.append("echo \\n@@ end\\n")
    command = [program, "-nx", "-q", "-iex", "set debuginfod enabled off", "-iex", "set sysroot /",
               *(index_options() or ["-iex", "set index-cache enabled on"]), *args]
    home = {**os.environ, "HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
    if args:
        # The first gdb makes an index of the file, without which gdb 13 reads every unit that defines a type.
        subprocess.run([*command, "-batch"], env=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    done = subprocess.run(command, input="\n".join(lines) + "\n", cwd=folder, text=True, errors="replace", env=home,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = re.sub(r"^\$\d+ = ", "= ", done.stdout.replace("(gdb) ", ""), flags=re.M)
    parts = re.split(r"^@@ (.*)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


@for_dumps("k6.1-kdump", *(("k5.10-kdump", "k6.12-kdump", "k7-kdump") if ALL else ()))
class Types(DumpTest):
    @classmethod
    def prepare(cls):
        cls.home = cls.new_folder()
        cls.core = cls.home / "vmcore"
        shutil.copy(cls.dump.core, cls.core)
        cls.types, cls.functions = btf.names(btf.section(cls.dump.dir / "vmlinux"))
        cls.connect = ["target " + server(cls.core)]

    def compare(self, names, commands):
        alone = ask(names, commands, self.home, [], self.connect)
        full = ask(names, commands, self.home, [str(self.dump.dir / "vmlinux")])
        differ, equal = [], 0
        for name in names:
            if as_btf_has_it(alone[name]) == as_btf_has_it(full[name]):
                equal += 1
            else:
                differ.append((name, alone[name], full[name]))
        return equal, differ

    def test_every_name_as_with_vmlinux(self):
        names = sample(self.types, 50)
        equal, differ = self.compare(names, ("ptype/o {}", "whatis {}", "p sizeof({})"))
        for name, alone, full in differ:
            # Types that several units define differently, perhaps as struct and enum: each gdb picks one. Types
            # defined in a function have no name outside it for a gdb that knows where they are from.
            tags = re.findall(r"(?:struct|union|enum) (\w+)(?= \{)", full.split("\n")[0]) + name.split()[-1:]
            several = any(sum(self.types[keyword + tag] for keyword in ("struct ", "union ", "enum ")) > 1
                          for tag in tags) or self.types[name] > 1
            inside = re.match(r"No (struct|union|enum) type named|No symbol ", full)
            self.assertTrue(several or inside, f"{name}:\n{alone}\nbut with vmlinux:\n{full}")
        self.assertGreater(equal, len(names) * 0.95)

    def test_functions_as_with_vmlinux(self):
        once = [name for name in self.functions
                if len(self.dump.by_name.get(name, [])) == 1 and self.functions[name] == 1]
        # The BTF of 5.10 lacks functions that ftrace cannot trace, such as __schedule.
        known = [name for name in ("schedule_timeout", "vfs_read", "__schedule") if name in self.functions]
        self.assertGreaterEqual(len(known), 2)
        names = [*known, *sample(once, 60)]
        equal, differ = self.compare(names, ("ptype {}", "whatis {}"))
        # gdb 13 misses some functions of vmlinux: more functions in BTF are not a difference.
        self.assertEqual([], [found for found in differ if "no debug info" not in found[2]])
        self.assertGreater(equal, len(names) * 0.9)


@for_dumps("k5.10-kdump", "k6.1-kdump", "k6.12-kdump", "k7-kdump")
class Globals(DumpTest):
    """Variables that BTF does not type."""

    def test_types_as_in_dwarf(self):
        home = self.new_folder()
        shutil.copy(self.dump.core, home / "vmcore")
        table = (Path(VMSTUB).parent / "stub/gdb/globals.c").read_text()
        names = re.findall(r'^\t\{ "(\w+)", "', table, re.M)
        alone = ask(names, ("whatis {}",), home, [], ["target " + server(home / "vmcore")])
        full = ask(names, ("whatis {}",), home, [str(self.dump.dir / "vmlinux")])
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
        commands = ("ptype/o {}", "whatis {}", "p sizeof({})")
        checked = 0
        for debug in sorted((self.dump.dir / "modules").glob("*.ko.debug")):
            types, functions = self.names(debug.with_suffix(""), debug)
            alone = ask(types + functions, commands, self.home, [], connect)
            if any("No struct type named" in alone[name] for name in types):
                # Its BTF went with pages that makedumpfile left out: then all types are gone, and gdb says so.
                self.assertEqual([], [name for name in types if "type = struct" in alone[name]])
                continue
            full = ask(types + functions, commands, self.home, [str(debug)])
            # Functions of .init sections are gone; gdb 13 misses some of a file's own.
            differ = {name: (alone[name], full[name]) for name in types + functions
                      if as_btf_has_it(alone[name]) != as_btf_has_it(full[name]) and
                      not alone[name].startswith("No symbol ") and "no debug info" not in full[name]}
            self.assertEqual({}, differ, debug.name)
            checked += len(types) + len(functions) - len(differ)
        self.assertGreater(checked, 20)


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
