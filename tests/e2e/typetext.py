# SPDX-License-Identifier: GPL-3.0-or-later
"""What gdb prints about types, with the dump alone and with vmlinux, and why the two may differ without either being wrong."""
import math
import os
import re
import subprocess
from collections import Counter

import btf
from dumps import server, tool


def type_commands(name):
    """ptype/o prints all that ptype and sizeof do. Each command that names a tag takes gdb 20 ms, because it looks for a file of that name."""
    if name.startswith("enum "):
        return [f"ptype {name}", f"p sizeof({name})"]
    return [f"ptype/o {name}", *([] if " " in name else [f"whatis {name}", f"p sizeof({name})"])]


def plain_type_commands(name):
    """For structs whose ptype/o gdb refuses."""
    return [f"ptype {name}", f"p sizeof({name})"]


def function_commands(name):
    """whatis prints the whole prototype, without the members of its types."""
    return [f"whatis {name}"]


def as_btf_has_it(text):
    """Removes differences that BTF cannot express: pahole flattens arrays of several dimensions, and turns [0] into []."""
    def one(match):
        product = math.prod(int(n or 0) for n in re.findall(r"\[(\d*)\]", match[0]))
        return f"[{product or ''}]"
    return re.sub(r"(\[\d*\])+", one, text).strip()


def is_same(alone, full):
    return as_btf_has_it(alone) == as_btf_has_it(full)


def is_refused(full):
    """Newer gdbs refuse ptype/o for a struct with a flexible array in vmlinux."""
    return re.search("ptype/o does not work with (this dynamic type|dynamic types)", full)


class Gdb:
    """Asks a gdb about names, in a folder of its own. args: what gdb opens; first: its first commands."""

    def __init__(self, folder, args, first=(), program="gdb", options=()):
        self.command = [program, "-nx", "-q", "-iex", "set debuginfod enabled off", "-iex", "set sysroot /", *options, *args]
        self.first = ["set width 0", "set height 0", "set confirm off", *first]
        self.folder = folder
        self.home = {**os.environ, "HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
        if args:
            # The first gdb makes an index of the file, without which gdb 13 reads every unit that defines a type.
            subprocess.run([*self.command, "-batch"], env=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(self, questions):
        """question -> answer. questions: (unit, question, commands), asked in this order; unit: address of code in the unit in which gdb
        is to look first, or 0. They go to gdb's standard input, because errors would end a script."""
        lines, unit = [*self.first], 0
        for wanted, question, commands in questions:
            if wanted and wanted != unit:
                lines.append(f"list *{wanted:#x}")
                unit = wanted
            lines += [f"echo \\n@@ {question}\\n", *commands, "echo \\n@@ \\n"]
        done = subprocess.run(self.command, input="\n".join(lines) + "\n", cwd=self.folder, text=True, errors="replace", env=self.home,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        text = re.sub(r"^\$\d+ = ", "= ", done.stdout.replace("(gdb) ", ""), flags=re.M)
        parts = re.split(r"^@@ (.*)\n", text, flags=re.M)
        return {question: answer for question, answer in zip(parts[1::2], parts[2::2]) if question}


def as_unsigned(text):
    return re.sub(r"-(\d+)", lambda match: str((1 << 32) - int(match[1])), text)


class Names:
    """All types and functions that a kernel's BTF names, and why gdb may say something else about one with vmlinux.

    test_types_all.py shows that the image defines each of them as vmlinux's debug information does, in one of its units."""

    def __init__(self, dump):
        self.by_name = dump.by_name
        self.vmlinux = dump.dir / "vmlinux"
        self.without_signs = dump.env["KERNEL_KEY"].startswith("5.")
        self.types, functions = btf.names(btf.section(self.vmlinux))
        # Those with one prototype and one address: of others, each gdb chooses one.
        self.functions = [name for name, n in functions.items() if n == 1 and len(dump.by_name.get(name, [])) == 1]

    def explain(self, differ, why, found):
        """(name, text of the dump alone, with vmlinux, reason or None) of each; why: one of the methods below."""
        asked = {key for name, _, full in differ for key in keys_of(name, full)}
        found = {**definitions(self.vmlinux, asked - set(found)), **found} if asked else found
        return [(name, alone, full, why(name, alone, full, [found.get(key, {}) for key in keys_of(name, full)]))
                for name, alone, full in differ]

    def type_differs(self, name, alone, full, defined):
        """The reason, or None if the difference is an error. defined: what vmlinux has of it, and of tags in gdb's answer."""
        if any(len(texts) > 1 for texts in defined) or (defined[0] and any(defined[len(defined) - len(others(name)):])):
            return "several units define it differently; gdb picks one"
        if re.match(r"\W*No (struct|union|enum) type named|No symbol ", full) and defined[0]:
            return "defined in a function: gdb knows no name for it with vmlinux"
        if re.match(r"type = enum \w+ \{\}\n", full) and defined[0]:
            return "gdb finds only a declaration with vmlinux"
        if re.match(r"type = enum \w+ \{\}\n= 0\s*$", alone) and "No enum type named" in full and not defined[0]:
            return "only declared: gdb with vmlinux says the same once it has read a unit that declares it"
        if self.without_signs and full.startswith("type = enum ") and as_unsigned(alone) == as_unsigned(full):
            return "BTF before 6.0 does not say whether an enum is signed"
        if self.without_signs and re.match(r"type = enum \w+ \{\s*(<no enum values>\s*)?\}\n", alone) and "= 8\n" in alone:
            return "BTF before 6.0 has no enumerators of 64 bits"
        return None

    def function_differs(self, name, alone, full, defined):
        if "no debug info" in full:
            return "gdb does not know the function with vmlinux"
        if any(len(texts) > 1 for texts in defined):
            return "several files define it differently; gdb picks one"
        mine, theirs = (Counter(re.split(r"[(),]\s*", text)) for text in (alone, full))
        if mine == theirs:
            return "gcc lists the parameters of a specialized copy in another order"
        if set(mine) == set(theirs) and mine < theirs:
            return "gcc lists a parameter of a specialized copy twice"
        if name.startswith("rust_helper_") and full.strip() == "type = int":
            return "gdb takes Rust's declaration of a C function for int"
        if f"{name}_impl" in self.by_name and full.startswith(alone.strip()[:-1] + ", "):
            return "BTF hides the last arguments of a kfunc, which only the verifier passes"
        if "(" not in full and alone.strip() == "type = void (void)":
            return "assembly code that another file declares as data"
        return None


def keys_of(name, full):
    """What dwarfcmp calls this name of a type or function, and the structs, unions and enums that gdb's answer begins with."""
    return own_keys(name) + re.findall(r"(?:struct|union|enum) \w+(?= \{)", full.split("\n")[0]) + others(name)


def own_keys(name):
    return [name] if " " in name else [f"type {name}", f"function {name}"]


def others(name):
    """The other kinds of types of the same tag: C has one name space for the three, but each unit its own."""
    return [f"{keyword} {name.split()[1]}" for keyword in ("struct", "union", "enum") if " " in name and not name.startswith(keyword)]


def definitions(vmlinux, keys):
    """Key -> its distinct definitions in the debug information -> address of code in a unit that has it, or 0."""
    said = subprocess.run([tool("dwarfcmp"), "-l", vmlinux], input="\n".join(sorted(keys)) + "\n", check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    found = {}
    for key, unit, text in (line.split("\t", 2) for line in said.splitlines()):
        found.setdefault(key, {})[text] = int(unit, 16)
    return found


AT_ONCE = 12000  # questions to one gdb, which keeps all units that it has read


def ask_in_units(full, asked, found):
    """name -> gdb's answers with vmlinux. asked: name -> commands."""
    # Without a unit that has code, gdb searches them all.
    questions = sorted({(unit, name) for name in asked for unit in [*{u for key in own_keys(name) for u in found.get(key, {}).values()}] or [0]})
    answers = {}
    for start in range(0, len(questions), AT_ONCE):
        part = questions[start:start + AT_ONCE]
        said = full.ask([(unit, f"{name} @{unit:#x}", asked[name]) for unit, name in part])
        for question, answer in said.items():
            answers.setdefault(question.rpartition(" @")[0], []).append(answer)
    return answers


def compare(names, commands, found, alone, full):
    """Number of names of which both say the same, and (name, text of the dump alone, text with vmlinux) of the others.

    found: definitions() of these names. A gdb with vmlinux is asked in a unit that has the definition, as in one of its frames: a
    search of all units takes it a hundred times as long. Of several definitions the dump has one."""
    asked = {name: commands(name) for name in names}
    theirs = ask_in_units(full, asked, found)
    plain = {name: plain_type_commands(name) for name, answers in theirs.items() if any(map(is_refused, answers))}
    if plain:
        asked.update(plain)
        theirs.update(ask_in_units(full, plain, found))
    ours = alone.ask([(0, name, lines) for name, lines in asked.items()])
    nothing = "gdb ended before it answered"
    differ = [(name, ours.get(name, nothing), theirs.get(name, [nothing])[0]) for name in names
              if name not in ours or not any(is_same(ours[name], answer) for answer in theirs.get(name, []))]
    return len(names) - len(differ), differ
