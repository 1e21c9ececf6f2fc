# SPDX-License-Identifier: GPL-3.0-or-later
"""All types, functions and variables that gdb gets with the dump alone, against the compiler's debug information: sizes, members with
their places and types, enumerators, prototypes with the names of parameters, and addresses. No gdb is needed: build/tools/dwarfcmp reads both.

What gdb makes of them: test_types_alone.py and tests/matrix/run --types."""
import re
import shutil
import subprocess
from pathlib import Path

import btf
from dumps import DumpTest, for_dumps, tool
from rsp import Rsp


def whole(rsp, object):
    text, more = "", "m"
    while more == "m":
        reply = rsp.ask(f"qXfer:{object}:read::{len(text):x},ffff")
        more, text = reply[0], text + reply[1:]
    return text


def save_images(dump, folder):
    """Copies the files that vmstub makes for gdb if there is nothing but a dump; name without suffix -> file."""
    core = folder / "vmcore"
    core.symlink_to(dump.core)
    files = {}
    with Rsp(dump, core, ["--symbols=dump"]) as rsp:
        for path in map(Path, [whole(rsp, "exec-file"), *re.findall(r'name="([^"]*)"', whole(rsp, "libraries"))]):
            files[path.stem] = folder / path.name
            shutil.copy(path, files[path.stem])
    return files


def has_types(image):
    return ".debug_info" in subprocess.run(["readelf", "-SW", image], check=True, text=True, stdout=subprocess.PIPE).stdout


@for_dumps("k5.10-kdump", "k6.1-kdump", "k6.12-kdump", "k7-kdump")
class AllTypes(DumpTest):
    @classmethod
    def prepare(cls):
        cls.images = save_images(cls.dump, cls.new_folder())
        cls.old = cls.dump.env["KERNEL_KEY"].startswith("5.")

    def compare(self, image, file, *options):
        """Numbers of names compared, and of functions among them; name -> lines about one that differs."""
        said = subprocess.run([tool("dwarfcmp"), *options, image, file], text=True, stdout=subprocess.PIPE).stdout
        *differ, count = re.split(r"\n(?! )", said.strip())
        compared, functions = map(int, re.fullmatch(r"(\d+) compared, (\d+) functions, \d+ equal", count).groups())
        return compared, functions, dict(line.split(": ", 1) for line in differ)

    def expected(self, name, story):
        """May this differ, because BTF does not have what is missing?"""
        kind, name = name.split()
        ours, theirs = re.findall(r"^  (?:image|file): +(.*)$", story, re.M)[:2] if story.count("\n") > 1 else ("", "")
        if kind == "enum" and self.old:  # before 6.0, values have four bytes
            return ours == "enum 8 { }" and theirs.startswith("enum 8 {")
        # Parameters that the verifier passes, of a kfunc that older BPF programs call by another function, NAME_impl.
        return kind == "function" and f"{name}_impl" in self.dump.by_name and theirs.startswith(ours[:-1])

    def test_kernel(self):
        signs = ["-u"] if self.old else []  # before 6.0, BTF does not say whether an enum is signed
        compared, functions, differ = self.compare(self.images["vmlinux"], self.dump.dir / "vmlinux", "-s", hex(self.dump.slide), *signs)
        self.assertEqual({}, {name: story for name, story in differ.items() if not self.expected(name, story)})
        self.assertLess(len(differ), 10)
        types, known = btf.names(btf.section(self.dump.dir / "vmlinux"))
        # Those in data, where assembly code may be, have no type. Each address has one name.
        code = {symbols[0].address for name, n in known.items() if n == 1 and len(symbols := self.dump.by_name.get(name, [])) == 1
                and self.is_code(symbols[0])}
        self.assertGreaterEqual(functions, len(code))
        self.assertGreater(compared - functions, len(types))

    def is_code(self, symbol):
        start, end, init, init_end = map(self.dump.address, ("_stext", "_etext", "_sinittext", "__init_end"))
        return symbol.kind in "tT" and (start <= symbol.address < end or init <= symbol.address < init_end)

    def test_modules(self):
        compared = 0
        for debug in self.dump.debug_files():
            image = self.images[debug.stem.removesuffix(".ko")]
            if has_types(image):  # else pages with its BTF are not in the dump, or the kernel keeps none
                count, _, differ = self.compare(image, debug)
                self.assertEqual({}, differ, debug.name)
                compared += count
        if not self.old:  # 5.10 keeps no BTF of modules
            self.assertGreater(compared, 40)
