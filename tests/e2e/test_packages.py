# SPDX-License-Identifier: GPL-3.0-or-later
"""What users install: the static program and make install."""
import os
import re
import shlex
import shutil
import subprocess
from unittest import mock

from dumps import ROOT, VMSTUB, DumpTest, for_dumps
from patience import limit


def make(*args, **more):
    """Runs make as a user does, not as a part of the make that runs the tests; returns its output."""
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(["make", "-s", *args], cwd=ROOT, env=env, text=True, errors="replace", timeout=limit(300),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    if done.returncode:
        raise AssertionError(f"make {' '.join(args)}: exit {done.returncode}: {done.stdout[-3000:]}")
    return done.stdout


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class WithoutLibraries(DumpTest):
    def test_compiles(self):
        """Sources that choose by library must compile without any that is optional."""
        sources = [path for folder in ("stub", "arch") for path in sorted((ROOT / folder).rglob("*.c")) if "HAVE_" in path.read_text()]
        self.assertGreater(len(sources), 5)
        done = subprocess.run(["gcc", "-std=gnu11", "-fsyntax-only", "-Wall", "-Werror", "-D_GNU_SOURCE", '-DVMSTUB_VERSION="x"', "-I.", *sources], cwd=ROOT,
                              text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit(60))
        self.assertEqual((done.returncode, done.stdout), (0, ""))


@for_dumps("k6.1-kdump")
class Static(DumpTest):
    @classmethod
    def prepare(cls):
        make(f"-j{os.cpu_count()}", "static")
        cls.program = ROOT / "build-static" / "vmstub"

    def run_on(self, command, verbs, core):
        done = subprocess.run([*command, "--exec", verbs, core], cwd=self.dump.dir, text=True, errors="replace",
                              timeout=limit(60), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_needs_no_library(self):
        said = subprocess.run(["readelf", "-W", "-l", "-n", self.program], text=True, stdout=subprocess.PIPE).stdout
        self.assertNotIn("INTERP", said)
        self.assertNotIn("DYNAMIC", said)
        abi = re.search(r"ABI: (\d+)\.(\d+)", said)
        self.assertLessEqual((int(abi[1]), int(abi[2])), (3, 10), said)

    def test_output_of_the_dynamic_program(self):
        verbs = "sys; kbt -l; kbt -a; ps; log; mod; kmem -i; kmem -s; dis -l schedule 20; struct task_struct; net; help"
        for core in ("zlib", "lzo", "snappy", "zstd"):
            path = self.dump.cores[core]
            self.assertEqual(self.run_on([self.program], verbs, path), self.run_on([VMSTUB], verbs, path), core)

    def test_in_an_empty_root(self):
        root = self.new_folder()
        shutil.copy(self.program, root)
        shutil.copy(self.dump.cores["zstd"], root / "vmcore")
        said = self.run_on(["unshare", "-r", "chroot", root, "/vmstub"],
                           "sys; kbt", "/vmcore")
        self.assertIn(f"RELEASE: {self.dump.env['KERNEL_RELEASE']}", said)
        self.assertRegex(said, r"#\d+ \[\w+\] do_idle at ")

    def test_session_of_gdb(self):
        commands = ("bt", "info locals", "p $task->comm", "info threads", "monitor log -t")
        said = {}
        for program in (self.program, VMSTUB):
            done = subprocess.run(["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off", "-ex", "set width 0", "-ex", "set sysroot /",
                                   "-ex", f"target remote | {shlex.quote(str(program))} {shlex.quote(str(self.dump.core))}",
                                   *(word for command in commands for word in ("-ex", command)), "vmlinux"],
                                  cwd=self.dump.dir, text=True, errors="replace", timeout=limit(120), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            said[program] = done.stdout
        self.assertIn("vdev_count_hit", said[self.program])
        self.assertEqual(said[self.program], said[VMSTUB])


def files_below(folder):
    """The files and links below a folder, relative to it."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}


class Install(DumpTest):
    def test_uninstall_leaves_nothing(self):
        folder = self.new_folder()
        make("install", f"DESTDIR={folder}", "PREFIX=/usr")
        files = files_below(folder)
        for wanted in ("usr/bin/vmstub", "usr/bin/vmgdb", "usr/share/vmstub/vmstub.gdb", "usr/share/man/man1/vmgdb.1"):
            self.assertIn(wanted, files)
        make("uninstall", f"DESTDIR={folder}", "PREFIX=/usr")
        self.assertEqual(files_below(folder), set())


class Packages(DumpTest):
    """The packages of this machine; tests/packages/run tries other releases of Debian."""

    def check(self, command):
        done = subprocess.run(command, cwd=ROOT, text=True, errors="replace", timeout=limit(120), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def compare(self, listed, *options):
        """Does the package have what make install installs? Packages compress man pages."""
        folder = self.new_folder()
        make("install", f"DESTDIR={folder}", "PREFIX=/usr", *options)
        got = {re.sub(r"^\.?/|\.gz$", "", name) for name in listed if not name.endswith("/")}
        self.assertEqual(files_below(folder) - got, set())
        self.assertTrue(all(re.match(r"usr/(bin|share|lib/\.build-id)(/|$)", name) for name in got), got)

    def test_deb(self):
        with mock.patch.dict(os.environ, DEB_BUILD_OPTIONS="noopt"):  # test-packages builds it as it is
            deb = make("deb").splitlines()[-1]
        self.check(["lintian", "--allow-root", "--fail-on", "error", deb.replace(".deb", ".changes")])
        rows = self.check(["dpkg-deb", "-c", deb]).splitlines()
        self.compare([row.split(" -> ")[0].split()[-1] for row in rows], "ZSHDIR=/usr/share/zsh/vendor-completions")
        self.assertIn("libdw1", self.check(["dpkg-deb", "-f", deb, "Depends"]))

    def test_rpm(self):
        rpms = [rpm for rpm in make("rpm").splitlines() if rpm.endswith(".rpm")]
        # The status is that of errors; rpmlint's warnings do not count.
        self.check(["rpmlint", "--config", ROOT / "packaging" / "rpmlint.toml", *rpms, ROOT / "packaging" / "vmstub.spec"])
        binary = next(rpm for rpm in rpms if rpm.endswith(".x86_64.rpm"))
        self.compare(self.check(["rpm", "-qpl", binary]).split())
        self.assertIn("libdw.so.1", self.check(["rpm", "-qp", "--requires", binary]))
