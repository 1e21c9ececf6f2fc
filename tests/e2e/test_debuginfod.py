# SPDX-License-Identifier: GPL-3.0-or-later
"""Debug files by build-id from a real debuginfod server on this machine."""
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import damage
from dumps import VMSTUB, DumpTest, for_dumps
from patience import limit
from session import vmstub


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@for_dumps("k6.1-kdump", "k7-kdump", quick=("k6.1-kdump",))
class Debuginfod(DumpTest):
    @classmethod
    def prepare(cls):
        cls.home = cls.new_folder()
        cls.core = cls.home / "vmcore"
        shutil.copy(cls.dump.core, cls.core)
        files = cls.home / "files"
        files.mkdir()
        os.symlink((cls.dump.dir / "vmlinux").resolve(), files / "vmlinux")
        cls.debug = cls.dump.debug_files()
        for file in cls.debug:
            os.symlink(file, files / file.name)
        port = free_port()
        cls.url = f"http://127.0.0.1:{port}"
        cls.server = subprocess.Popen(["debuginfod", "-L", "-F", "-p", str(port), "-d", cls.home / "index", files],
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                      env={**os.environ, "DEBUGINFOD_URLS": ""})
        cls.addClassCleanup(cls.stop)
        cls.wait_for_scan()

    @classmethod
    def stop(cls):
        cls.server.terminate()
        cls.server.wait()

    @classmethod
    def wait_for_scan(cls):
        ids = []
        for file in (cls.dump.dir / "vmlinux", *cls.debug):
            notes = subprocess.run(["readelf", "-n", file], text=True, check=True, stdout=subprocess.PIPE).stdout
            ids.append(notes.split("Build ID: ")[1].split()[0])
            cls.wait_for(ids[-1])
        cls.build_id = ids[0]

    @classmethod
    def wait_for(cls, build_id):
        end = time.monotonic() + limit(120)
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{cls.url}/buildid/{build_id}/debuginfo", timeout=limit(60)).close()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.5)
        raise AssertionError(f"debuginfod did not find {build_id} in its folder")

    def told(self, *options, url=None, core=None):
        env = {**os.environ, "HOME": str(self.home), "XDG_CACHE_HOME": "", "DEBUGINFOD_URLS": self.url if url is None else url,
               "DEBUGINFOD_CACHE_PATH": str(self.home / "cache")}
        return subprocess.run([VMSTUB, *options, "--exec", "sys --symbols", core or self.core], text=True, env=env, timeout=limit(120),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_files_come_from_the_server_once(self):
        self.assertIn("VMLINUX: (none", self.told("--no-debuginfod").stdout)
        self.assertIn("VMLINUX: (none", self.told(url="").stdout)
        first = self.told()
        self.assertIn("debuginfod: looking for vmlinux", first.stderr)
        self.assertIn(f"VMLINUX: {self.home}/cache/{self.build_id}/debuginfo\n", first.stdout)
        for file in self.debug:
            self.assertRegex(first.stdout, rf"MODULE: {file.name.split('.')[0]}: {self.home}/cache/\w+/debuginfo\n")
        # What was fetched is used without a server, unless that is forbidden.
        again = self.told(url="")
        self.assertEqual((again.stdout, again.stderr), (first.stdout, ""))
        self.assertIn("VMLINUX: (none", self.told("--no-debuginfod").stdout)
        self.check_without_attributes(first.stdout)

    def check_without_attributes(self, told):
        """Without the pages that say where a module's notes are, the build-id is found in its data."""
        full = self.dump.cores["lzo-d0"]
        def say(line):
            return vmstub("--exec", line, full, cwd=self.dump.dir).stdout
        with tempfile.NamedTemporaryFile(dir=self.home) as lost:
            damage.copy(full, lost.name)
            for name in {file.name.split(".")[0] for file in self.debug}:
                module, = re.findall(rf"^(\w+)  {name} ", say("mod"), re.M)
                attrs = int(re.search(r"0x(\w+)", say(f"struct module.notes_attrs {module} -x"))[1], 16)
                page = int(re.search(rf"^{attrs:x} +(\w+)$", say(f"vtop {attrs:x}"), re.M)[1], 16) & ~0xfff
                damage.lose_page(lost.name, page)
            found = self.told(url="", core=lost.name).stdout
        for file in self.debug:
            line, = re.findall(rf"MODULE: {file.name.split('.')[0]}: .*", told)
            self.assertIn(line, found)

    def test_a_server_that_is_not_there(self):
        shutil.rmtree(self.home / "cache", ignore_errors=True)
        done = self.told(url=f"http://127.0.0.1:{free_port()}")
        self.assertEqual(done.returncode, 0)
        self.assertIn("debuginfod: no server has vmlinux", done.stderr)
        self.assertIn("VMLINUX: (none", done.stdout)
        done = self.told("--debuginfod", url="")
        self.assertEqual((done.returncode, done.stderr), (2, "vmstub: --debuginfod: DEBUGINFOD_URLS is not set\n"))
