# SPDX-License-Identifier: GPL-3.0-or-later
"""vmlinux and modules whose debug information is in a separate file, or which are compressed: as objcopy, gzip, xz and zstd
make them."""
import itertools
import os
import re
import shutil
import subprocess

from dumps import ROOT, VMSTUB, DumpTest, for_dumps
from session import gdb, vmstub

VERBS = "sys -s; kbt -l 1; kbt -li 2; dis -l schedule 8"


@for_dumps("k6.1-kdump")
class Files(DumpTest):
    @classmethod
    def prepare(cls):
        cls.home = cls.new_folder(in_cache=True)
        cls.full = (cls.dump.dir / "vmlinux").resolve()
        cls.stripped, cls.debug = cls.home / "stripped", cls.home / "only-debug"
        cls.objcopy("-g", cls.full, cls.stripped)
        cls.objcopy("--only-keep-debug", cls.full, cls.debug)
        cls.want, _ = cls.run_verbs(cls.dump.core)

    @staticmethod
    def objcopy(*args, cwd=None):
        subprocess.run(["objcopy", *map(str, args)], check=True, cwd=cwd)

    @classmethod
    def run_verbs(cls, *args, verbs=VERBS):
        done = subprocess.run([VMSTUB, "--exec", verbs, *map(str, args)], text=True, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env={**os.environ, "HOME": str(cls.home)})
        return re.split(r"(?=^PID: )", done.stdout, maxsplit=1, flags=re.M), done.stderr

    def folder(self):
        """A new one with the dump alone."""
        folder = self.new_folder(in_cache=True)
        (folder / "vmcore").symlink_to(self.dump.core)
        return folder

    def check(self, folder, name, *args):
        (files, text), stderr = self.run_verbs(*args, folder / "vmcore")
        self.assertRegex(files, rf"VMLINUX: {folder}/{name}\n")
        self.assertEqual(text, self.want[1])
        self.assertEqual(stderr, "")

    def test_separate_file_by_name(self):
        for name in ("vmlinux.debug", f"vmlinux-{self.dump.env['KERNEL_RELEASE']}.debug"):
            folder = self.folder()
            os.link(self.debug, folder / name)
            self.check(folder, name)
            os.link(self.stripped, folder / "vmlinux")
            self.check(folder, name)

    def test_sysroot(self):
        """Files of the crashed machine, copied or mounted here: found below the folder, however vmstub is told of it."""
        release = self.dump.env["KERNEL_RELEASE"]
        root, folder = self.new_folder(in_cache=True), self.folder()
        places = {"vmlinux": [f"usr/lib/debug/boot/vmlinux-{release}", f"boot/vmlinux-{release}", f"lib/modules/{release}/build/vmlinux"],
                  "l2w.ko": [f"lib/modules/{release}/extra/l2w.ko", f"usr/lib/debug/lib/modules/{release}/l2w.ko.debug"]}
        for vmlinux, module in itertools.product(places["vmlinux"], places["l2w.ko"]):
            shutil.rmtree(root)
            for name, source in ((vmlinux, self.full), (module, self.dump.dir / "modules" / "l2w.ko")):
                (root / name).parent.mkdir(parents=True)
                os.link(source.resolve(), root / name)
            for told in (["--sysroot", root], [f"--sysroot={root}/"]):
                files, _ = self.run_verbs(*told, folder / "vmcore", verbs="sys -s; mod -s l2w")
                self.assertRegex(files[0], rf" VMLINUX: {root}/+{vmlinux}\n")
                self.assertRegex(files[0], rf" MODULE: l2w: {root}/+{module}\n")
            done = vmstub("--exec", "sys -s", folder / "vmcore", env={**os.environ, "VMSTUB_SYSROOT": str(root)})
            self.assertIn(f" MODULE: l2w: {root}/{module}\n", done.stdout)
        # A debug link leads to the same folder below the sysroot's /usr/lib/debug.
        shutil.rmtree(root)
        stripped, debug = root / "opt/k/vmlinux", root / "usr/lib/debug/opt/k/vm.dbg"
        for path, source in ((stripped, self.stripped), (debug, self.debug)):
            path.parent.mkdir(parents=True)
            shutil.copy(source, path)
        self.objcopy(f"--add-gnu-debuglink={debug}", stripped, cwd=debug.parent)
        files, _ = self.run_verbs("--sysroot", root, "--vmlinux", stripped, folder / "vmcore")
        self.assertIn(f" VMLINUX: {debug}\n", files[0])
        missing = vmstub("--sysroot", root / "none", "--exec", "sys", folder / "vmcore")
        self.assertEqual((missing.returncode, missing.stderr), (1, f"vmstub: --sysroot: {root}/none: No such file or directory\n"))

    def test_separate_file_by_link(self):
        for place in ("", ".debug/"):
            folder = self.folder()
            (folder / place).mkdir(exist_ok=True)
            os.link(self.debug, folder / place / "vm.dbg")
            shutil.copy(self.stripped, folder / "vm")
            self.objcopy(f"--add-gnu-debuglink={place}vm.dbg", "vm", cwd=folder)
            self.check(folder, f"{place}vm.dbg", "--vmlinux", folder / "vm")

    def test_link_to_another_kernel(self):
        folder = self.folder()
        shutil.copy(self.stripped, folder / "vm")
        os.link((self.dump.dir.parent / "k7-kdump" / "vmlinux").resolve(), folder / "vm.dbg")
        self.objcopy("--add-gnu-debuglink=vm.dbg", "vm", cwd=folder)
        (files, _), stderr = self.run_verbs("--vmlinux", folder / "vm", folder / "vmcore")
        self.assertIn(f"VMLINUX: {folder}/vm  (stripped: ", files)

    def test_none_says_why_there_are_no_lines(self):
        folder = self.folder()
        os.link(self.stripped, folder / "vmlinux")
        (files, text), stderr = self.run_verbs(folder / "vmcore")
        self.assertIn("(stripped: no lines", files)
        self.assertNotIn("core.c", text)
        self.assertEqual(stderr, f"vmstub: no lines: {folder}/vmlinux has no debug information (sys -s says what to install)\n")

    def test_compressed(self):
        count = re.search(r"SYMBOLS: .*", self.want[0])[0]
        for suffix, command in (("gz", ["gzip", "-1"]), ("xz", ["xz", "-0"]), ("zst", ["zstd", "-q", "-1"])):
            folder = self.folder()
            name = f"vmlinux-{self.dump.env['KERNEL_RELEASE']}.{suffix}"
            with open(folder / name, "wb") as out, open(self.stripped, "rb") as file:
                subprocess.run(command, check=True, stdin=file, stdout=out)
            (files, _), _ = self.run_verbs(folder / "vmcore")
            self.assertIn(f"VMLINUX: {folder}/{name}", files)
            self.assertIn(count, files)

    def test_compressed_with_lines(self):
        folder = self.folder()
        with open(folder / "vmlinux.zst", "wb") as out:
            subprocess.run(["zstd", "-q", "-1", "-c", self.full], check=True, stdout=out)
        self.check(folder, "vmlinux.zst")
        env = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
        commands = {"bt": "bt", "main": "info line schedule", "value": "p init_task.comm"}
        alone = gdb(self.dump, commands, core=folder / "vmcore", vmlinux=None, cwd=folder, env=env)
        full = gdb(self.dump, commands, core=folder / "vmcore", vmlinux=self.full, cwd=folder, env=env)
        for label in commands:
            self.assertEqual(re.sub(r"vmstub-\w+-\w+", "", alone[label]), re.sub(r"vmstub-\w+-\w+", "", full[label]))
        self.assertIn("kernel/sched/core.c", alone["main"])

    def test_damaged(self):
        folder = self.folder()
        (folder / "vmlinux.gz").write_bytes(b"\x1f\x8b\x08\0" + bytes(1000))
        (folder / "vmlinux.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(1000))
        (folder / "vmlinux.xz").write_bytes(b"\xfd7zXZ\0" + bytes(1000))
        (files, _), _ = self.run_verbs(folder / "vmcore")
        for suffix in ("gz", "zst", "xz"):
            self.assertRegex(files, rf"NOT: {folder}/vmlinux.{suffix}: ")

    def test_module_by_link(self):
        folder = self.folder()
        shutil.copy(self.dump.dir / "modules" / "l2w.ko", folder / "full.dbg")
        self.objcopy("--only-keep-debug", "full.dbg", "other-name.dbg", cwd=folder)
        self.objcopy("-g", "full.dbg", "l2w.ko", cwd=folder)
        self.objcopy("--add-gnu-debuglink=other-name.dbg", "l2w.ko", cwd=folder)
        (folder / "full.dbg").unlink()
        address = next(s.address for s in self.dump.kallsyms if s.name == "l2w_vdev_lookup")
        (text, *_), _ = self.run_verbs("--vmlinux", self.full, folder / "vmcore", verbs=f"sym {address:x}; sys -s")
        self.assertIn("vdev.c: ", text)
        self.assertIn(f"MODULE: l2w: {folder}/l2w.ko, {folder}/other-name.dbg\n", text)


class Shared(DumpTest):
    """DWARF that is not all in vmlinux: the synthetic kernel, whose types come from DWARF."""
    quick = True

    VERBS = "ps; kbt -li 1; dis -l do_nap; struct task_struct; struct mm_struct; whatis init_task; vm 1"

    @classmethod
    def prepare(cls):
        cls.built = ROOT / "build" / "kernel"
        cls.want, cls.said = cls.run_verbs(cls.built / "vmlinux.dwarf")
        assert "worm" in cls.want and "struct task_struct {" in cls.want, cls.want

    @classmethod
    def run_verbs(cls, vmlinux, folder=None):
        done = subprocess.run([VMSTUB, "--vmlinux", vmlinux, "--exec", cls.VERBS, (folder or cls.built) / "vmcore"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.stdout, done.stderr

    def test_dwz(self):
        """Types are in the file that two kernels have in common, in units without a language."""
        folder = self.new_folder()
        for name in ("vmlinux", "second"):
            shutil.copy(self.built / "vmlinux.dwarf", folder / name)
        subprocess.run(["dwz", "-m", "common.dbg", "-M", "common.dbg", "vmlinux", "second"], check=True, cwd=folder)
        units = subprocess.run(["readelf", "--debug-dump=info", folder / "common.dbg"], text=True, check=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        self.assertIn("DW_TAG_partial_unit", units)
        self.assertEqual(self.run_verbs(folder / "vmlinux"), (self.want, self.said))
        (folder / "common.dbg").unlink()
        self.assertIn(f"{folder}/vmlinux: names in its debug information are in common.dbg, which is missing\n",
                      self.run_verbs(folder / "vmlinux")[1])

    def test_split(self):
        """Types and functions are in a .dwo file."""
        folder = self.new_folder()
        subprocess.run([ROOT / "tests" / "kernel" / "make", folder, "601", "-gsplit-dwarf"], check=True)
        self.assertTrue((folder / "kernel.dwo").exists())
        self.assertEqual(self.run_verbs(folder / "vmlinux.dwarf", folder), (self.want, self.said))

    def test_split_functions(self):
        """Inlined functions are in the .dwo file, lines in vmlinux: this one has code where the dump's kernel is."""
        folder = self.new_folder()
        (folder / "t.c").write_text("static inline int inner(volatile int *p)\n{\n\t*p += 1;\n\treturn *p;\n}\n\n"
                                    "int _stext(volatile int *p)\n{\n\treturn inner(p) + inner(p + 1);\n}\n")
        texts = []
        for option in ("-gno-split-dwarf", "-gsplit-dwarf"):
            subprocess.run(["gcc", "-O2", "-g", option, "-mcmodel=kernel", "-fno-pic", "-fcf-protection=none", "-c", "t.c"],
                           check=True, cwd=folder)
            subprocess.run(["ld", "-z", "noexecstack", "-Ttext=0xffffffff81000000", "-e", "0", "-o", "vmlinux", "t.o"], check=True,
                           cwd=folder)
            done = subprocess.run([VMSTUB, "--vmlinux", folder / "vmlinux", "--exec", "dis -s _stext", self.built / "vmcore"],
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            texts.append(done.stdout)
        self.assertTrue((folder / "t.dwo").exists())
        self.assertRegex(texts[0], r"LINE: 3\n\n(.*\n)*\* 3 +\t\*p \+= 1;")  # in inner(), not in _stext()
        self.assertEqual(texts[0], texts[1])
