# SPDX-License-Identifier: GPL-3.0-or-later
"""Where symbols and types come from: sys -s, --btf, and a vmlinux without debug information."""
import os
import re
import shutil
import subprocess

import btf
import damage
from dumps import VMSTUB, DumpTest, for_dumps, get
from session import gdb, vmstub


def told(*args):
    done = subprocess.run([VMSTUB, "--exec", "sys -s", *map(str, args)], text=True, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    rows = re.findall(r"^ *([A-Z ]+): (.*)$", done.stdout, re.M)
    return {label: [value for name, value in rows if name == label] for label, _ in rows}


@for_dumps("k5.10-kdump", "k6.1-kdump", "k7-kdump", quick=("k6.1-kdump",))
class Told(DumpTest):
    @classmethod
    def prepare(cls):
        cls.home = cls.new_folder()
        cls.core = cls.home / "vmcore"
        shutil.copy(cls.dump.core, cls.core)
        cls.vmlinux = (cls.dump.dir / "vmlinux").resolve()

    def build_id(self, file):
        notes = subprocess.run(["readelf", "-n", file], text=True, check=True, stdout=subprocess.PIPE).stdout
        return re.search(r"Build ID: (\w+)", notes)[1]

    def test_with_everything(self):
        rows = told(self.dump.core)
        self.assertEqual(rows["VMLINUX"], [str(self.vmlinux)])
        self.assertEqual(rows["BUILD ID"], [self.build_id(self.vmlinux)])
        self.assertEqual(rows["MATCHED BY"], ["build-id in the dump's memory"])
        self.assertRegex(rows["SYMBOLS"][0], r"^\d+ of vmlinux$")
        self.assertEqual(rows["TYPES"], ["BTF of vmlinux"])
        self.assertEqual({row.split(":")[0] for row in rows["MODULE"]}, {name for name, *_ in self.dump.modules})

    def test_what_to_install(self):
        other = next(d for d in ("k6.1-kdump", "k7-kdump") if d != self.dump.name)
        shutil.copy(self.dump.dir.parent / other / "vmlinux", self.home / "vmlinux")
        try:
            rows = told(self.core)
        finally:
            (self.home / "vmlinux").unlink()
        self.assertIn("no vmlinux found", rows["VMLINUX"][0])
        # Debian's name for the package that this vmlinux came from.
        self.assertEqual(rows["INSTALL"], [f"apt install linux-image-{rows['RELEASE'][0]}-dbg"])
        self.assertTrue(rows["NOT"][0].startswith(f"{self.home}/vmlinux: build-id "), rows["NOT"])

    def test_only_the_dump(self):
        """--symbols=dump, with vmlinux and modules next to the dump."""
        rows = told("--symbols=dump", self.dump.core)
        self.assertEqual(rows["VMLINUX"], ["(none: --symbols=dump)"])
        self.assertNotIn("INSTALL", rows)
        self.assertRegex(rows["SYMBOLS"][0], r"^\d+ of the dump's kallsyms$")
        self.assertEqual(rows["TYPES"], ["BTF in the dump"])
        self.assertEqual({row.split(": ")[1] for row in rows["MODULE"]}, {"(none)"})
        self.assertEqual(told("--symbols", "full", self.dump.core)["VMLINUX"], [str(self.vmlinux)])

    def test_no_vmlinux(self):
        """--vmlinux none: modules keep their files."""
        rows = told("--vmlinux", "none", self.dump.core)
        self.assertEqual(rows["VMLINUX"], ["(none: --vmlinux none)"])
        self.assertNotIn("INSTALL", rows)
        self.assertRegex(rows["SYMBOLS"][0], r"^\d+ of the dump's kallsyms$")
        self.assertIn(f"l2w: {self.dump.dir}/modules/l2w.ko", rows["MODULE"])
        said = gdb(self.dump, {"where": "bt 1", "type": "ptype struct list_head", "file": "info line schedule"}, vmlinux=None,
                   options="--symbols=dump", core=self.dump.cores.get("lzo-d0"))  # makedumpfile 1.7.2 leaves pages of 7.3 out
        self.assertNotIn("vmstub:", said["connect"])
        self.assertRegex(said["where"], r"in l2w_vdev_lookup \(\) from ")
        self.assertIn("struct list_head *next;", said["type"])
        self.assertIn("No line number information", said["file"])
        for options, message in (("--symbols=none", "'none' is neither dump nor full"),
                                 ("--symbols=dump --vmlinux x", "contradicts --vmlinux, --module-dir and --debuginfod")):
            done = vmstub(*options.split(), "--exec", "sys", self.dump.core)
            self.assertEqual(done.returncode, 2)
            self.assertIn(message, done.stderr)

    def test_build_id_of_the_memory(self):
        """As before 5.9, VMCOREINFO does not have it; or has a wrong one, as in some stable releases."""
        info = self.home / "info"
        elf = self.dump.cores["elf"]
        for line in (b"", b"BUILD-ID=0123456789abcdef0123456789abcdef01234567\n"):
            info.write_bytes(re.sub(rb"BUILD-ID=.*\n", line, damage.vmcoreinfo(elf)))
            rows = told("--vmcoreinfo", info, self.core)
            self.assertEqual(rows["BUILD ID"], [self.build_id(self.vmlinux)])
            rows = told("--vmcoreinfo", info, "--vmlinux", self.vmlinux, self.core)
            self.assertEqual(rows["MATCHED BY"], ["build-id in the dump's memory"])

    def test_vmlinux_without_build_id(self):
        """The banner decides."""
        other = next(d for d in ("k6.1-kdump", "k7-kdump") if d != self.dump.name)
        for folder, name in ((self.dump.dir, "same"), (self.dump.dir.parent / other, "other")):
            file = self.home / name
            subprocess.run(["objcopy", "-g", folder / "vmlinux", file], check=True)
            note = b"GNU\0" + bytes.fromhex(self.build_id(file))
            self.assertIn(b"\3\0\0\0" + note, file.read_bytes())
            file.write_bytes(file.read_bytes().replace(b"\3\0\0\0" + note, b"\x77\0\0\0" + note))
        rows = told("--vmlinux", self.home / "same", self.core)
        self.assertTrue(rows["VMLINUX"][0].startswith(f"{self.home}/same"), rows)
        self.assertTrue(rows["MATCHED BY"][0].startswith("banner in the dump's memory"), rows)
        rows = told("--vmlinux", self.home / "other", self.core)
        banner = "Linux version " + rows["RELEASE"][0]
        self.assertRegex(rows["VMLINUX"][0], rf'other: "Linux version .*", the dump.s kernel is "{re.escape(banner)} ')

    def without_build_id(self, file):
        bare = self.new_folder() / file.name
        subprocess.run(["objcopy", "-R", ".note.gnu.build-id", file, bare], check=True)
        return bare

    def take(self, file, module="l2w"):
        return subprocess.run([VMSTUB, "--exec", f"mod -s {module} {file}; sys -s", self.core], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_module_without_build_id(self):
        """The release and the functions decide."""
        file = self.without_build_id(self.dump.dir / "modules" / "l2w.ko")
        done = self.take(file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"      MODULE: l2w: {file}\n  MATCHED BY: vermagic, names and sizes of functions (the file has no "
                      "build-id)\n", done.stdout)
        other = self.without_build_id(self.dump.dir / "modules" / "qemu_fw_cfg.ko")
        self.assertRegex(self.take(other).stderr, rf"mod: {re.escape(str(other))}: no build-id, and \w+ differs from the module's\n")
        old = get("k6.12-kdump")
        other = self.without_build_id(old.dir / "modules" / "l2w.ko")
        self.assertIn(f"mod: {other}: vermagic {old.env['KERNEL_RELEASE']}, the kernel is {self.dump.env['KERNEL_RELEASE']}\n",
                      self.take(other).stderr)

    def test_module_by_its_source(self):
        """Of a module with a version, the sum of its source decides, too."""
        if self.dump.name.startswith("k7"):
            self.skipTest("its modules have no versions")
        file = self.without_build_id(self.dump.dir / "modules" / "virtio_pci.ko")
        said = re.search(rb"\0srcversion=([0-9A-F]{23})\0", file.read_bytes())[1].decode()
        self.assertIn(f"      MODULE: virtio_pci: {file}\n  MATCHED BY: vermagic, srcversion, names and sizes of functions",
                      self.take(file, "virtio_pci").stdout)
        other = said.translate(str.maketrans("0123456789", "1234567890"))
        file.write_bytes(file.read_bytes().replace(f"srcversion={said}".encode(), f"srcversion={other}".encode()))
        self.assertIn(f"mod: {file}: no build-id, srcversion {other}, the module's is {said}\n", self.take(file, "virtio_pci").stderr)

    def test_btf_from_a_file(self):
        raw = self.home / "raw.btf"
        raw.write_bytes(btf.section(self.vmlinux))
        for file in (raw, self.vmlinux):
            rows = told("--btf", file, self.core)
            self.assertEqual(rows["TYPES"], ["BTF in the dump"])
        rows = told("--btf", "/bin/sh", self.core)
        self.assertNotEqual(rows["TYPES"], ["BTF from --btf"])


@for_dumps("k6.1-kdump")
class Index(DumpTest):
    def test_vmgdb_makes_an_index_once(self):
        home = self.new_folder()
        version = subprocess.run(["gdb", "--version"], text=True, stdout=subprocess.PIPE).stdout.split("\n")[0]
        if not re.search(r" 1[345]\.\d", version):
            self.skipTest(f"{version} needs none")
        for first in (True, False):
            done = subprocess.run([VMSTUB.parent / "gdbscripts/vmgdb", self.dump.core, "--", "-batch", "-ex", "p 1"],
                                  text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  env={**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home)})
            self.assertEqual(f"vmgdb: indexing " in done.stdout, first, done.stdout)
            self.assertEqual(len(list((home / "gdb").glob("*.gdb-index"))), 1)


@for_dumps("k6.1-kdump", "k6.12-kdump", "k7-kdump", quick=("k6.1-kdump",))
class Stripped(DumpTest):
    """gdb gets types, prototypes and per-CPU variables beside a vmlinux that has symbols alone."""

    def test_types_and_values(self):
        home = self.new_folder()
        shutil.copy(self.dump.core, home / "vmcore")
        subprocess.run(["objcopy", "-g", self.dump.dir / "vmlinux", home / "vmlinux"], check=True)
        answers = gdb(self.dump, {"comm": "p init_task.comm", "head": "ptype struct list_head", "type": "whatis runqueues",
                                  "rq": "thread apply all -s p runqueues.cpu", "proto": "ptype schedule_timeout",
                                  "frame": "bt"},
                      core=home / "vmcore", vmlinux=home / "vmlinux", cwd=home,
                      env={"HOME": str(home), "XDG_CACHE_HOME": str(home)})
        self.assertIn('"swapper/0', answers["comm"])
        self.assertIn("struct list_head *next;", answers["head"])
        self.assertEqual(answers["type"], "type = struct rq")
        self.assertEqual({int(thread) - 1: int(cpu) for thread, cpu in
                          re.findall(r"Thread (\d+) .*\n\$\d+ = (\d+)", answers["rq"])},
                         {cpu: cpu for cpu in range(self.dump.cpus)})
        self.assertEqual(answers["proto"], "type = long (long)")
        self.assertIn("call_timer_fn (timer=<optimized out>", answers["frame"])
        self.assertNotIn("warning: .gdb_index", "".join(answers.values()))
