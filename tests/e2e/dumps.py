# SPDX-License-Identifier: GPL-3.0-or-later
"""The dumps that tests/dumps/make makes, and what the guest recorded about itself before it crashed."""
import fcntl
import functools
import os
import re
import shlex
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
MAKE = ROOT / "tests" / "dumps" / "make"
VMSTUB = Path(os.environ.get("VMSTUB_PROGRAM", ROOT / "vmstub"))


def served(core, options=""):
    """The command that serves a dump, for a shell: any path can have a space. options: as typed in a shell."""
    return f"{shlex.quote(str(VMSTUB))} {options} {shlex.quote(str(core))}"


def server(core, options=""):
    """What follows gdb's `target` to open a dump. gdb gives the command to a shell."""
    return f"remote | {served(core, options)}"


BASE = ("k6.1-kdump", "k6.1-qemu", "k6.12-kdump", "k6.12-qemu")
EXTRA = ("k5.10-kdump", "k7-kdump", "k7-qemu")
# A kernel that does not know its own stacks (CONFIG_UNWINDER_GUESS), with the SLAB allocator, names of functions alone
# in kallsyms, and without BTF.
GUESS = ("k5.10guess-qemu",)
# A kernel with frame pointers in place of ORC, which knows who allocated each page (CONFIG_PAGE_OWNER).
FRAME = ("k5.10frame-qemu",)

# Where the linker of x86_64 kernels puts _text before KASLR (CONFIG_PHYSICAL_START).
LINK_TEXT = 0xffffffff81000000


class Task(NamedTuple):
    address: int
    pid: int
    tgid: int
    cpu: int
    stack: int
    comm: str


class Module(NamedTuple):
    name: str
    size: int
    base: int


class Symbol(NamedTuple):
    address: int
    kind: str
    name: str
    module: str  # "" for the kernel itself


class Dump:
    def __init__(self, name):
        self.name = name
        made = subprocess.run([MAKE, "--dir", name], check=True, text=True, stdout=subprocess.PIPE)
        self.dir = Path(made.stdout.strip())

    @property
    def made(self):
        return (self.dir / "vmlinux").exists()

    @functools.cached_property
    def env(self):
        return dict(line.split("=", 1) for line in (self.dir / "env").read_text().splitlines())

    @property
    def is_kdump(self):
        return self.env["WAY"] == "kdump"

    @property
    def cpus(self):
        return int(self.env["CPUS"])

    @property
    def panic_cpu(self):
        return int(self.env["PANIC_CPU"])

    @functools.cached_property
    def cores(self):
        """Format name -> file."""
        return {p.name.split(".", 1)[1]: p for p in sorted(self.dir.glob("vmcore.*"))}

    @property
    def core(self):
        """The file that most tests use: the format that users have most often."""
        for format in ("lzo", "qemu-kdump"):
            if format in self.cores:
                return self.cores[format]
        raise FileNotFoundError(f"no vmcore in {self.dir}")

    @functools.cached_property
    def sources(self):
        """Options with which gdb finds the module's sources if the cache has moved since the dump was made."""
        text = subprocess.run(["readelf", "-W", "--debug-dump=info", self.dir / "modules" / "l2w.ko"], text=True, errors="replace", check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        built = re.search(r"DW_AT_(?:name|comp_dir) .*: (/.*/l2w)(?:/\w+\.c)?$", text, re.M)[1]
        return ["-ex", f"set substitute-path {shlex.quote(built)} {shlex.quote(str((self.dir / 'vmlinux').resolve().parent / 'l2w'))}"]

    def debug_files(self):
        """Of the modules of the distribution that are loaded."""
        loaded = {module.name for module in self.modules}
        return [file for file in sorted((self.dir / "modules").glob("*.ko.debug")) if file.name.split(".")[0].replace("-", "_") in loaded]

    def fact(self, name):
        return (self.dir / "facts" / name).read_text(errors="replace")

    @functools.cached_property
    def crashed(self):
        """Seconds since boot of the kernel's report of its crash, by the console's own stamp."""
        console = (self.dir / "console.log").read_text(errors="replace")
        return float(re.search(r"\[ *(\d+\.\d+)\] BUG: ", console)[1])

    @property
    def at_most_since_facts(self):
        """Seconds between any fact and the crash: /proc/uptime is one of the first facts. A busy host takes long for them, so
        no constant fits."""
        return self.crashed - float(self.fact("uptime").split()[0])

    @functools.cached_property
    def l2w(self):
        """/proc/l2w_facts, numbers as integers."""
        facts = {}
        for line in self.fact("l2w").splitlines():
            key, value = line.split("=", 1)
            facts[key] = int(value, 0)
        return facts

    @functools.cached_property
    def tasks(self):
        tasks = []
        for line in self.fact("tasks").splitlines():
            if line.startswith("#"):
                continue
            task, pid, tgid, cpu, stack, _mm, _active, comm = line.split(" ", 7)
            tasks.append(Task(int(task, 16), int(pid), int(tgid), int(cpu), int(stack, 16), comm))
        return tasks

    @functools.cached_property
    def modules(self):
        return [Module(f[0], int(f[1]), int(f[5], 16))
                for f in (line.split() for line in self.fact("modules").splitlines())]

    @functools.cached_property
    def sections(self):
        """(module, section) -> address, for sections that the kernel still has."""
        found = {}
        for line in self.fact("sections").splitlines():
            path, address = line.rsplit(":", 1)
            _, _, _, module, _, section = path.split("/")
            found[module, section] = int(address, 16)
        return found

    def module_file(self, name):
        """The file with the module's debug information."""
        for suffix in (".ko.debug", ".ko"):
            if (self.dir / "modules" / (name + suffix)).exists():
                return self.dir / "modules" / (name + suffix)
        raise FileNotFoundError(name)

    @functools.cached_property
    def kallsyms(self):
        symbols = []
        for line in self.fact("kallsyms").splitlines():
            address, kind, name, *module = line.split()
            symbols.append(Symbol(int(address, 16), kind, name, module[0].strip("[]") if module else ""))
        return symbols

    @functools.cached_property
    def by_name(self):
        """Name -> symbols with this name, lowest address first."""
        names = {}
        for symbol in sorted(self.kallsyms):
            names.setdefault(symbol.name, []).append(symbol)
        return names

    def address(self, name):
        return self.by_name[name][0].address

    @functools.cached_property
    def slide(self):
        return self.address("_text") - LINK_TEXT

    @functools.cached_property
    def stacks(self):
        """pid -> what /proc/PID/stack said: [(function, offset)]"""
        stacks = {}
        for line in self.fact("stacks").splitlines():
            m = re.match(r"/proc/\d+/task/(\d+)/stack:\[<0>\] (\S+?)\+0x([0-9a-f]+)/", line)
            if m:
                stacks.setdefault(int(m[1]), []).append((m[2], int(m[3], 16)))
        return stacks

    @functools.cached_property
    def workers(self):
        """name -> (pid, address of its greeting)"""
        return {name: (int(pid), int(address, 16)) for name, pid, address in
                (line.split() for line in self.fact("workers").splitlines())}


@functools.lru_cache(None)
def get(name):
    return Dump(name)


def tool(name, build="build"):
    """The program of tests/tools/NAME.c; one process at a time builds it, from the objects in a build folder."""
    (ROOT / build).mkdir(exist_ok=True)
    with open(ROOT / build / "tools.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "-s", *(["SAN=1"] if build == "build-san" else []), f"{build}/tools/{name}"], cwd=ROOT,
                       check=True)
    return ROOT / build / "tools" / name


def for_dumps(*names, quick=()):
    """Turns a test class into one class per dump, with the dump as self.dump.

    Dumps of the base set must exist. Others are used if they exist."""
    def expand(cls):
        import sys
        module = sys.modules[cls.__module__]
        for name in names:
            if name not in BASE and not get(name).made:
                continue
            attributes = {"dump": get(name), "quick": name in quick, "__module__": cls.__module__}
            sub = type(f"{cls.__name__}_{re.sub('[^a-z0-9]', '_', name)}", (cls,), attributes)
            setattr(module, sub.__name__, sub)
        return None  # the base itself is no test
    return expand


class DumpTest(unittest.TestCase):
    maxDiff = None
    quick = False
    dump = None

    @classmethod
    def setUpClass(cls):
        if cls.dump and not cls.dump.made:
            raise AssertionError(f"{cls.dump.name} is not made: tests/dumps/make {cls.dump.name}")
        cls.prepare()

    @classmethod
    def prepare(cls):
        """Sets up what all tests of the class share, such as a gdb session."""

    @classmethod
    def new_folder(cls, in_cache=False):
        """A folder that is removed after the tests of the class. in_cache: where dumps can be linked into it."""
        temp = tempfile.TemporaryDirectory(dir=os.environ["VMSTUB_CACHE"] if in_cache else None)
        cls.addClassCleanup(temp.cleanup)
        return Path(temp.name)

    def title(self):
        module = type(self).__module__.replace("test_", "", 1)
        name = f" [{self.dump.name}]" if self.dump else ""
        return f"e2e {module}{name} {self._testMethodName.replace('test_', '', 1)}"
