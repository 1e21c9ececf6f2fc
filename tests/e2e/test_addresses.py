# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of the kernel's symbols in gdb: of per-CPU variables, and of all symbols after gdb loaded them again."""
import re
import subprocess
import unittest

from dumps import DumpTest, ROOT, for_dumps, server
from session import gdb, run_commands

VMGDB = ROOT / "gdbscripts" / "vmgdb"


def arithmetic(dump, pointer):
    """Does what the kernel's per_cpu_ptr() does: run queues and tasks of all CPUs."""
    asked = {}
    for cpu in range(dump.cpus):
        base = f"(__per_cpu_offset[{cpu}] + {pointer})"
        asked[f"rq {cpu}"] = f"p ((struct rq *){base})->cpu"
        asked[f"comm {cpu}"] = f"p ((struct rq *){base})->curr->comm"
    return asked


class Common(DumpTest):
    def check_queues(self, answers):
        for cpu in range(self.dump.cpus):
            self.assertEqual(answers.value(f"rq {cpu}"), cpu, answers.text)
        tasks = {t.cpu: t.comm for t in self.dump.tasks if t.comm.startswith("w_busy")}
        for cpu, comm in tasks.items():
            self.assertIn(f'"{comm}', answers[f"comm {cpu}"])


@for_dumps("k6.1-kdump", "k6.12-kdump", "k5.10-kdump", "k7-kdump", quick=("k6.1-kdump",))
class Vmgdb(Common):
    """vmlinux is the debug file of an image that vmstub makes."""
    @classmethod
    def prepare(cls):
        vmlinux = cls.dump.dir / "vmlinux"
        cls.answers = run_commands([VMGDB, cls.dump.core, "--"], {
            "runqueues": "p &runqueues",
            "selected": "thread apply all -q p runqueues.cpu",
            **arithmetic(cls.dump, "(unsigned long)&runqueues"),
            "module": "p (unsigned long)&l2w_vdevs",
            "where": "info symbol panic",
            "data": "info symbol &linux_banner",
            "file": f"file {vmlinux}",
            "file banner": "p linux_banner",
            "file cpu": "p runqueues.cpu",
            "none": "symbol-file",
            "symbol-file": f"symbol-file {vmlinux}",
            "banner": "p linux_banner",
            "cpu": "p runqueues.cpu",
            "address": "p &runqueues",
            "module again": "p (unsigned long)&l2w_vdevs",
        }, cls.dump.dir)

    def test_variable_is_where_the_kernel_has_it(self):
        self.assertEqual(self.answers.value("runqueues"), self.dump.address("runqueues"))

    def test_selected_thread(self):
        self.assertEqual([int(n) for n in re.findall(r"= (\d+)", self.answers["selected"])],
                         list(reversed(range(self.dump.cpus))))

    def test_arithmetic(self):
        self.check_queues(self.answers)

    def test_other_symbols(self):
        self.assertRegex(self.answers["where"], r"^panic in section \.text")
        self.assertRegex(self.answers["data"], r"^linux_banner in section \.rodata")

    def test_symbols_loaded_again(self):
        for banner, cpu in (("file banner", "file cpu"), ("banner", "cpu")):
            self.assertIn(f'{self.dump.address("linux_banner"):#x} <linux_banner> "Linux version', self.answers[banner])
            self.assertEqual(self.answers.value(cpu), self.dump.panic_cpu)
        self.assertEqual(self.answers.value("address"), self.dump.address("runqueues"))
        self.assertEqual(self.answers.value("module again"), self.answers.value("module"))


@for_dumps("k6.1-kdump", "k7-kdump")
class Classic(Common):
    """gdb moves everything in vmlinux by the same offset."""
    @classmethod
    def prepare(cls):
        offset = "" if cls.dump.address("runqueues") > 1 << 63 else " - $kaslr_offset"
        cls.answers = gdb(cls.dump, {
            "offset": "p/x $kaslr_offset",
            **arithmetic(cls.dump, f"(unsigned long)&runqueues{offset}"),
            "lost": ["file vmlinux", "p linux_banner"],
            "said": "monitor sys -t",
            "again": ["symbol-file", f"add-symbol-file vmlinux -o {cls.dump.slide:#x}", "sharedlibrary", "p linux_banner"],
        }, options="--log-level warn")

    def test_offset(self):
        self.assertEqual(self.answers.value("offset"), self.dump.slide)

    def test_arithmetic(self):
        self.check_queues(self.answers)

    def test_says_so(self):
        """vmstub prints the hint with the first verb at the latest."""
        zero_based = self.dump.address("runqueues") < 1 << 63
        self.assertEqual("&VARIABLE - $kaslr_offset" in self.answers.text, zero_based)
        text = self.answers["lost"] + self.answers["said"]
        self.assertIn(f"add-symbol-file {(self.dump.dir / 'vmlinux').resolve()} -o {self.dump.slide:#x}", text)

    def test_what_it_says_helps(self):
        self.assertIn('"Linux version', self.answers["again"])


@for_dumps("k6.1-kdump")
class BareInstalled(Common):
    """vmlinux is where the distribution's package puts it: gdb itself finds it by build-id."""
    def test_arithmetic(self):
        notes = subprocess.run(["readelf", "-n", "vmlinux"], cwd=self.dump.dir, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL).stdout
        build_id = re.search(r"Build ID: ([0-9a-f]+)", notes)[1]
        folder = f"/usr/lib/debug/.build-id/{build_id[:2]}"
        link = f"ln -s {(self.dump.dir / 'vmlinux').resolve()} {folder}/{build_id[2:]}.debug"
        # In a private mount namespace.
        setup = f"mount -t tmpfs none /usr/lib/debug && mkdir -p {folder} && {link} && "
        probe = subprocess.run(["unshare", "-rm", "sh", "-c", "mkdir -p /usr/lib/debug; " + setup + "true"],
                               stderr=subprocess.PIPE, text=True)
        if probe.returncode:
            raise unittest.SkipTest(f"no mount namespaces here: {probe.stderr.strip()}")
        answers = run_commands(["unshare", "-rm", "sh", "-c", setup + 'exec gdb -nx -ex "$0" "$@"',
                       "target " + server(self.dump.core)],
                      {"runqueues": "p &runqueues", **arithmetic(self.dump, "(unsigned long)&runqueues"), "bt": "bt"},
                      self.new_folder())
        self.assertEqual(answers.value("runqueues"), self.dump.address("runqueues"))
        self.check_queues(answers)
        self.assertIn("at kernel/", answers["bt"])
        self.assertNotIn("$kaslr_offset", answers.text)
