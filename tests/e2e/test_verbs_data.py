# SPDX-License-Identifier: GPL-3.0-or-later
"""Verbs about types, objects and lists, compared with crash, drgn's crash commands, and the guest's own records."""
import re
import unittest

import peers
from dumps import BASE, EXTRA, DumpTest, for_dumps
from session import verbs, vmstub

# Types that are big or nested, or have bit fields, unions and function pointers.
DEFINITIONS = ("task_struct", "mm_struct", "super_block", "zone", "page", "module", "sched_class", "kmem_cache",
               "workqueue_struct", "net_device", "hrtimer", "inode", "file_operations", "rq")
OBJECTS = ("task_struct init_task", "file_operations pipefifo_fops", "uts_namespace init_uts_ns",
           "user_namespace init_user_ns", "pid_namespace init_pid_ns", "rq runqueues:2",
           "cpuinfo_x86 boot_cpu_data", "task_struct.comm,pid,tasks,thread_info init_task", "list_head modules -x",
           "task_struct -x init_task")


def expand(text):
    """Writes out repeats as crash does, and removes symbol names, of which crash lacks some."""
    def times(m):
        return ", ".join([m[1]] * int(m[2]))
    text = re.sub(r"((?:0x)?[\w-]+) <repeats (\d+) times>", times, text)
    # "text", '\000' <repeats 12 times>
    def join(m):
        return m[1] + m[2] * int(m[3]) + '"'
    text = re.sub(r"""("(?:[^"\\]|\\.)*)", '(\\?[^']+)' <repeats (\d+) times>""", join, text)
    text = re.sub(r"""'(\\?[^']+)' <repeats (\d+) times>""", lambda m: '"' + m[1] * int(m[2]) + '"', text)
    text = re.sub(r" <[A-Za-z_.][\w.]*(?:\+\d+)?>", "", text)
    return [line.rstrip() for line in text.strip().splitlines()]


class Compared(DumpTest):
    def same(self, theirs, mine, what):
        self.assertEqual(expand(theirs), expand(mine), what)


@for_dumps("k6.1-kdump", "k5.10-kdump", "k6.1-qemu", quick=("k6.1-kdump",))
class AsCrash(Compared):
    """The same text, if the installed crash reads the dump."""

    @classmethod
    def prepare(cls):
        cls.definitions = [f"struct {name}" for name in DEFINITIONS] + [f"struct -o {name}" for name in DEFINITIONS]
        cls.objects = [f"struct {what}" for what in OBJECTS] + [f"struct module {cls.dump.l2w['addr.l2w_module']:x}"]
        cls.others = ["whatis task_struct.comm", "whatis pid_t", "eval 0x100 + 5", "eval -5", "eval 4g",
                      "struct sched_info -o ffffffff00000000", "struct rq.nr_running runqueues:a",
                      "struct list_head -l 8 init_task 2"]
        cls.lists = ["task_struct.tasks -h init_task", "module.list -H modules -s module.name,state",
                     "-o super_block.s_list -H super_blocks -s super_block.s_id,s_magic -x",
                     "-o super_block.s_list -H super_blocks -r", "net_device.dev_list -s net_device.name -H init_net"]
        cls.theirs = peers.crash(cls.dump, *cls.definitions, *cls.objects, *cls.others,
                                 *(f"list {what}" for what in cls.lists), "tree -t rbtree -o vmap_area.rb_node -l vmap_area_root")
        cls.core = cls.dump.cores.get("elf") or cls.dump.core

    def mine(self, line):
        done = vmstub("--exec", line, self.core, cwd=self.dump.dir)
        return done.stdout + done.stderr

    def test_definitions(self):
        for line in self.definitions:
            # in BTF, [0] and flexible arrays cannot be distinguished
            theirs = self.theirs[line].replace("[0];", "[];")
            if "invalid data structure" not in theirs:
                self.same_definition(theirs, self.mine(line), line)

    def same_definition(self, theirs, mine, what):
        """crash omits the offsets in an anonymous struct, and says where a struct has no members."""
        theirs, mine = ([line.rstrip() for line in text.strip().splitlines() if "<no data fields>" not in line]
                        for text in (theirs, mine))
        self.assertEqual(len(theirs), len(mine), what)
        for one, other in zip(theirs, mine):
            if not one.strip().startswith("["):
                other = re.sub(r"^( *)(\[\d+\])", lambda m: m[1] + " " * len(m[2]), other)
            self.assertEqual(one, other.rstrip(), what)

    def test_objects(self):
        for line in self.objects:
            # gdb shows the address of a flexible array of bytes
            theirs = re.sub(r'(?m)(extended_state_area) = 0x[0-9a-f]+.* ""$', r"\1 = {}", self.theirs[line])
            self.same(theirs, self.mine(line), line)

    def test_others(self):
        for line in self.others:
            self.same(self.theirs[line], self.mine(line), line)

    def test_lists(self):
        for what in self.lists[:4]:
            self.same(self.theirs[f"list {what}"], self.mine(f"klist {what}"), what)

    def test_tree(self):
        line = "tree -t rbtree -o vmap_area.rb_node -l vmap_area_root"
        self.same(self.theirs[line], self.mine(line), line)
        self.assertGreater(len(self.mine(line).splitlines()), 50)


@for_dumps(*BASE, *EXTRA, quick=("k6.12-kdump",))
class AsGuest(DumpTest):
    def test_counter_of_each_cpu(self):
        out = verbs(self.dump, "percpu -x l2w_counter", core=self.core())
        mine = {int(cpu): int(value, 16) for cpu, value in
                re.findall(r"^per_cpu\(l2w_counter, (\d+)\) = (0x[0-9a-f]+)$", out, re.M)}
        self.assertEqual(mine, {cpu: self.dump.l2w[f"cpu{cpu}.l2w_counter"] for cpu in range(self.dump.cpus)})

    def core(self):
        return self.dump.cores.get("elf") or self.dump.cores.get("qemu-elf") or self.dump.core

    def test_struct_of_a_module(self):
        out = verbs(self.dump, "struct l2w_stats cpu_stats:1", core=self.core())
        self.assertIn(f"[1]: {self.dump.l2w['cpu1.addr.cpu_stats']:x}\n", out)
        self.assertRegex(out, rf"(?m)^  bytes = {self.dump.l2w['cpu1.cpu_stats.bytes']},$")

    def test_strings(self):
        uname = self.dump.fact("uname").split()
        out = verbs(self.dump, "struct uts_namespace.name init_uts_ns")
        self.assertIn(f'sysname = "Linux", ', out)
        self.assertIn(f'release = "{uname[2]}", ', out)

    def test_tasks_on_the_list(self):
        listed = verbs(self.dump, "klist task_struct.tasks -h init_task", core=self.core()).split()
        leaders = {f"{t.address:x}" for t in self.dump.tasks if t.pid == t.tgid}
        # The script that wrote the facts started some programs, which are gone.
        self.assertLess(len(leaders - set(listed)), 4)
        self.assertLess(len(set(listed) - leaders), 5)

    def test_pids_in_the_idr(self):
        out = verbs(self.dump, "tree -t xarray -r pid_namespace.idr.idr_rt -p init_pid_ns", core=self.core())
        numbers = {int(n) for n in re.findall(r"^index: (\d+) ", out, re.M)}
        pids = {t.pid for t in self.dump.tasks}
        self.assertLess(len(pids - numbers), 4)

    def test_areas_in_the_maple_tree(self):
        if self.dump.env["KERNEL_KEY"] == "5.10":
            self.assertIn("mm_mt", vmstub("--exec", "whatis mm_struct.mm_mt", self.core()).stderr)
            return
        pid, _ = self.dump.workers["w_sleep"]
        mm = re.search(r"mm = 0x([0-9a-f]+)", verbs(self.dump, f"struct task_struct.mm {self.task(pid):x}", core=self.core()))[1]
        out = verbs(self.dump, f"tree -t maple -p -r mm_struct.mm_mt {mm}", core=self.core())
        mine = [(int(a, 16), int(b, 16) + 1) for a, b in re.findall(r"^index: 0x([0-9a-f]+)-0x([0-9a-f]+) ", out, re.M)]
        maps = [tuple(int(x, 16) for x in m) for m in
                re.findall(rf"^/proc/{pid}/maps:([0-9a-f]+)-([0-9a-f]+) (?!.*vsyscall)", self.dump.fact("maps"), re.M)]
        self.assertEqual(mine, maps)

    def task(self, pid):
        return next(t.address for t in self.dump.tasks if t.pid == pid)

    def test_size_is_the_types_own(self):
        out = verbs(self.dump, "whatis -r 16 -m \"struct list_head *\"")
        self.assertRegex(out, r"(?m)^  16  struct list_head$")


@for_dumps("k6.12-kdump", "k7-kdump")
class AsDrgn(Compared):
    """drgn's crash commands: members and their offsets, on kernels that the installed crash does not support."""

    def test_offsets(self):
        names = ("task_struct", "mm_struct", "zone", "kmem_cache", "module", "inode")
        text = "".join(peers.drgn(self.dump, "py for n in %r:\n for m in prog.type('struct ' + n).members:\n"
                                  "  if m.name: print('.', n, m.bit_offset // 8, m.name)" % (names,)).values())
        for name in names:
            mine = set()
            for offset, declaration in re.findall(r"^ *\[(\d+)\] (\S.*);$", verbs(self.dump, f"struct -o {name}"), re.M):
                m = re.search(r"\(\*+(?:const )?(\w+)(?:\[\d*\])?\)\(|(\w+)(?:\[\d*\])*(?: : \d+)?$", declaration)
                mine.add((offset, m[1] or m[2]))
            theirs = set(re.findall(rf"^\. {name} (\d+) (\w+)$", text, re.M))
            self.assertTrue(theirs, text[:2000])
            self.assertEqual(theirs - mine, set(), name)


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Damage(DumpTest):
    def says(self, line):
        done = vmstub("--exec", line, self.dump.core, cwd=self.dump.dir)
        self.assertIn(done.returncode, (1, 2), line)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        return done.stdout, done.stderr

    def test_a_list_that_is_none(self):
        out, err = self.says("klist -H linux_banner")
        self.assertIn("after 0 entries", err)

    def test_unknown_type_and_member(self):
        self.assertIn('"nonesuch"', self.says("struct nonesuch")[1])
        self.assertIn("task_struct has no member nope", self.says("struct task_struct.nope")[1])

    def test_unmapped_object(self):
        self.assertIn("list_head at ffff", self.says("struct list_head fffff00000000000")[1])

    def test_bad_expressions(self):
        for line in ("eval 1 +", "eval (1", "eval 1)", "eval 1 / 0", "eval 1 2", "eval"):
            self.says(line)


if __name__ == "__main__":
    unittest.main()
