# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are not dumps, or only half of one: one clear line, an exit code, and gdb's prompt returns."""
import gzip
import os
import re
import shlex
import shutil
import struct
import subprocess
from pathlib import Path

from dumps import ROOT, VMSTUB, DumpTest, for_dumps, get
from patience import limit
from session import gdb, vmstub
from test_verbs import build_id


class BadInput(DumpTest):
    quick = True

    @classmethod
    def prepare(cls):
        cls.good = get("k6.1-kdump")
        cls.dir = cls.new_folder()

    def write(self, name, data):
        (self.dir / name).write_bytes(data)
        return self.dir / name

    def refused(self, path, *words, run=vmstub, code=1):
        """Checks both ways to use vmstub: a verb, and gdb."""
        done = run("--exec", "sys", path)
        self.assertEqual(done.returncode, code, done)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(str(path), done.stderr)
        self.assertTrue(done.stderr.startswith("vmstub: "), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        return done.stderr.strip()

    def refused_by_gdb(self, path, line):
        answers = gdb(self.good, {"prompt": "p 6 * 7"}, core=path, vmlinux=None)
        self.assertIn(line, answers["connect"].splitlines())
        self.assertEqual(answers.value("prompt"), 42)

    def test_text(self):
        path = self.write("text", b"this is no dump at all\n")
        self.refused_by_gdb(path, self.refused(path, "not a crash dump"))

    def test_noise(self):
        self.refused(self.write("noise", bytes(i * 7919 % 251 for i in range(1 << 20))), "not a crash dump")

    def test_empty(self):
        path = self.write("empty", b"")
        self.refused_by_gdb(path, self.refused(path, "size 0"))

    def test_directory(self):
        path = self.dir / "folder"
        path.mkdir()
        self.refused_by_gdb(path, self.refused(path, "directory"))

    def test_fifo(self):
        """Without a writer, a blocking open would wait forever."""
        path = self.dir / "fifo"
        os.mkfifo(path)
        self.refused_by_gdb(path, self.refused(path, "FIFO", "save the stream to a file first"))

    def test_character_device(self):
        self.refused("/dev/zero", "neither a regular file nor a block device")

    def test_no_such_file(self):
        path = self.dir / "nosuch"
        self.refused_by_gdb(path, self.refused(path, "No such file"))

    def test_no_permission(self):
        if os.getuid() == 0 and not shutil.which("setpriv"):
            self.skipTest("root reads everything, and there is no setpriv")
        path = self.write("secret", b"KDUMP   ")
        path.chmod(0)
        self.dir.chmod(0o755)
        program = shutil.copy(VMSTUB, self.dir / "vmstub")  # where any user can run it

        def as_nobody(*args):
            drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
            return subprocess.run([*drop, program, *map(str, args)], text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=limit(20))
        self.refused(path, "Permission denied", run=as_nobody)

    def test_gzipped(self):
        head = self.good.core.read_bytes()[:100000]
        path = self.write("vmcore.gz", gzip.compress(head, 1))
        self.refused_by_gdb(path, self.refused(path, "gzip"))

    def test_ordinary_program(self):
        self.refused(Path("/bin/sh").resolve(), "ELF")

    def elf(self, name, bits=2, machine=62, kind=4):
        ident = b"\x7fELF" + bytes([bits, 1, 1]) + bytes(9)
        if bits == 2:
            head = struct.pack("<HHIQQQIHHHHHH", kind, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
        else:
            head = struct.pack("<HHIIIIIHHHHHH", kind, machine, 1, 0, 52, 0, 0, 52, 32, 1, 0, 0, 0)
        return self.write(name, ident + head + bytes(4096))

    def test_core_of_32_bits(self):
        self.refused(self.elf("core32", bits=1, machine=3), "32")

    def test_core_of_another_machine(self):
        self.refused(self.elf("arm64", machine=183), "183")

    def test_headers_cut_off(self):
        for format in ("lzo", "elf", "flat"):
            with self.subTest(format):
                with self.good.cores[format].open("rb") as f:
                    self.refused(self.write(f"cut.{format}", f.read(60)), "truncated")


class Malformed(DumpTest):
    """Runs vmstub on every case of tests/malformed/: it prints an answer or one clear error, and never crashes."""
    quick = True

    @classmethod
    def prepare(cls):
        cls.dir = cls.new_folder()
        subprocess.run([ROOT / "build" / "unit" / "test_malformed", cls.dir], cwd=ROOT, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def sets(self):
        """Case -> its files."""
        files = {}
        for path in sorted(self.dir.iterdir()):
            files.setdefault(path.stem, []).append(path)
        return files

    def run_on_all(self, program):
        for name, files in self.sets().items():
            with self.subTest(name):
                done = subprocess.run([program, "--exec", "sys; log; mod; kbt -a; sym 0", *reversed(files)], text=True,
                                      errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, timeout=limit(20))
                self.assertIn(done.returncode, (0, 1), done)
                for line in done.stderr.splitlines():
                    self.assertTrue(line.startswith("vmstub: "), done.stderr)
                if done.returncode:
                    self.assertTrue(done.stderr, "failed without a message")

    def test_program(self):
        self.assertGreater(len(self.sets()), 100)
        self.run_on_all(VMSTUB)


class MalformedSanitized(Malformed):
    quick = False

    def test_program(self):
        program = ROOT / "build-san" / "vmstub"
        if not program.exists():
            self.skipTest("make SAN=1 builds it")
        self.run_on_all(program)


class Truncated(DumpTest):
    """vmstub opens half a dump, and says that it is incomplete."""

    @classmethod
    def prepare(cls):
        cls.good = get("k6.1-kdump")
        cls.dir = cls.new_folder()

    def cut(self, format, part):
        source = self.good.cores[format]
        path = self.dir / f"cut-{part}.{format}"
        with source.open("rb") as f, path.open("wb") as out:
            left = int(source.stat().st_size * part)
            while left:
                block = f.read(min(left, 1 << 24))
                left -= len(block)
                out.write(block)
        return path

    def test_half(self):
        for format in ("lzo", "zlib", "elf", "flat"):
            with self.subTest(format):
                path = self.cut(format, 0.5)
                done = vmstub("--vmlinux", self.good.dir / "vmlinux", "--exec", "sys", path)
                self.assertEqual(done.returncode, 0, f"exit {done.returncode}: {done.stderr}")
                self.assertRegex(done.stderr + done.stdout, "(?i)incomplete|pages are lost")
                self.assertIn(self.good.env["KERNEL_RELEASE"], done.stdout)
                path.unlink()

    def test_facts_are_whole_or_missing(self):
        """However much is left, each line of sys is the same as for the whole dump, or says what is missing."""
        def facts(path):
            said = vmstub("--vmlinux", self.good.dir / "vmlinux", "--exec", "sys", path).stdout
            return dict(re.findall(r"(?m)^ *([A-Z ]+): (.*)$", said))

        whole = facts(self.good.cores["lzo"])
        self.assertGreater(len(whole), 15)
        for percent in (5, 20, 35, 50, 65, 80, 85, 90, 95, 99):
            path = self.cut("lzo", percent / 100)
            for label, said in facts(path).items():
                with self.subTest(f"{percent} % {label}"):
                    if label == "TASKS" and said[0].isdigit() and said != whole[label]:
                        self.assertRegex(said, r"^\d+ \(.*past the end")
                        self.assertLess(int(said.split()[0]), int(whole[label]))
                    elif label != "DUMPFILE" and not said.startswith("(unavailable"):
                        self.assertEqual(said, whole.get(label))
            path.unlink()

    def test_almost_all(self):
        """The end of memory is lost; the crash is not. How much can be lost depends on where the guest had the module's pages."""
        for part in (0.995, 0.998, 0.9995, 0.9999):
            path = self.cut("lzo", part)
            answers = gdb(self.good, {"bt": "bt"}, core=path, options=shlex.join(["--module-dir", f"{self.good.dir}/modules"]))
            path.unlink()
            if "in vdev_count_hit (" in answers["bt"]:
                break
        self.assertIn("in vdev_count_hit (", answers["bt"])
        self.assertIn("secondary_startup_64", answers["bt"])

    def test_registers_and_prompt_of_a_quarter(self):
        for format in ("lzo", "elf"):
            with self.subTest(format):
                path = self.cut(format, 0.25)
                answers = gdb(self.good, {"rip": "p/x $rip", "sys": "monitor sys"}, core=path)
                self.assertRegex(answers["rip"], r"= 0x[0-9a-f]+")
                self.assertIn("INCOMPLETE", answers["sys"])
                path.unlink()


class Usage(DumpTest):
    quick = True

    @classmethod
    def prepare(cls):
        cls.good = get("k6.1-kdump")

    def wrong(self, *args, words):
        done = vmstub(*args, cwd=self.good.dir)
        self.assertEqual(done.returncode, 2, done)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_unknown_option(self):
        self.wrong("--frobnicate", self.good.core, words=["frobnicate", "--help"])

    def test_unknown_verb(self):
        self.wrong("--exec", "frobnicate", self.good.core, words=["frobnicate", "help"])

    def test_unknown_option_of_verb(self):
        self.wrong("--exec", "kbt -z", self.good.core, words=["kbt", "-z"])

    def test_no_dump_named(self):
        self.wrong("--exec", "sys", words=["vmcore"])

    def test_help(self):
        done = vmstub("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for option in ("--vmlinux", "--module-dir", "--exec", "--version", "target remote"):
            self.assertIn(option, done.stdout)

    def test_version(self):
        done = vmstub("--version")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^vmstub \d+\.\d+\.\d+\n$")

    def test_help_of_each_verb(self):
        verbs = [line.split()[0] for line in vmstub("--exec", "help", self.good.core).stdout.splitlines()]
        self.assertGreaterEqual(set(verbs), {"sys", "mod", "kbt", "log", "sym", "dis", "help"})
        done = vmstub("--exec", "; ".join(f"help {verb}" for verb in verbs), self.good.core)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class WrongVmlinux(DumpTest):
    @classmethod
    def prepare(cls):
        cls.wrong = get("k6.12-kdump").dir / "vmlinux"

    def test_names_both_build_ids_and_goes_on(self):
        done = vmstub("--vmlinux", self.wrong, "--exec", "sys", self.dump.core, cwd=self.dump.dir)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for wanted in (str(self.wrong), build_id(self.wrong), build_id(self.dump.dir / "vmlinux")):
            self.assertIn(wanted, done.stderr)
        self.assertIn(f"RELEASE: {self.dump.env['KERNEL_RELEASE']}", done.stdout)

    def test_is_not_used(self):
        """Neither with --vmlinux nor where vmstub searches: addresses come from the dump itself."""
        folder = self.new_folder()
        (folder / "vmlinux").symlink_to(self.wrong.resolve())
        (folder / "vmcore").symlink_to(self.dump.core)
        for options, core in ((("--vmlinux", self.wrong), self.dump.core), ((), folder / "vmcore")):
            done = vmstub(*options, "--exec", "sym linux_banner; sym panic; sys", core, cwd=folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"{self.dump.address('linux_banner'):016x} ", done.stdout)
            self.assertIn(f"{self.dump.address('panic'):016x} (T) panic", done.stdout)
            self.assertNotIn(str(self.wrong.resolve()), done.stdout)


@for_dumps("k6.1-kdump")
class WrongVmlinuxInGdb(DumpTest):
    @classmethod
    def prepare(cls):
        cls.wrong = get("k6.12-kdump").dir / "vmlinux"

    def test_gdb_with_the_wrong_vmlinux_warns(self):
        """gdb itself compares the build-ids, if it can read the right file."""
        for sysroot in (False, True):
            with self.subTest("set sysroot /" if sysroot else "default sysroot"):
                answers = gdb(self.dump, {"rip": "p/x $rip"}, vmlinux=str(self.wrong), sysroot=sysroot)
                self.assertRegex(answers["connect"], r"(?i)build.?id|mismatch")
                self.assertRegex(answers["rip"], r"= 0xffffffff[0-9a-f]+")
