# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/fleet.md: its commands are run as they are written there, with real Slurm, GNU parallel and SQLite. A report over
HTTP fetches little of a large dump."""
import collections
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import textwrap
import time
import unittest
from pathlib import Path

from dumps import ROOT, VMSTUB, DumpTest, get
from patience import limit
from webserver import WebServer

FLEET = (ROOT / "docs/fleet.md").read_text()
HOST = subprocess.run(["hostname", "-s"], text=True, capture_output=True).stdout.strip()


def block(language, containing=""):
    return next(text for text in re.findall(rf"^```{language}\n(.*?)^```", FLEET, re.M | re.S) if containing in text)


def wait_until(what):
    seconds = limit(60)
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise AssertionError(f"not so after {seconds} s")
        time.sleep(0.2)


class Fleet(unittest.TestCase):
    title = DumpTest.title
    dump = None

    def setUp(self):
        """A folder of dumps: some of each of two causes, and a file that is none."""
        temp = tempfile.TemporaryDirectory(dir=get("k6.1-kdump").dir.parent)
        self.addCleanup(temp.cleanup)
        self.folder = Path(temp.name)
        self.dumps = self.folder / "dumps"
        self.dumps.mkdir()
        for i in range(5):
            os.link(get("k6.1-kdump").cores["lzo"], self.dumps / f"vmcore-a{i}")
        (self.dumps / "vmcore-bad").write_text("no dump")
        for i in range(2):
            os.link(get("k6.12-kdump").cores["lzo"], self.dumps / f"vmcore-b{i}")
        (self.folder / "bin").mkdir()
        (self.folder / "bin/vmstub").symlink_to(VMSTUB)
        self.env = {**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "DUMPS": str(self.dumps), "OUT": str(self.folder)}

    def sh(self, script, **env):
        return subprocess.run(["sh", "-c", script], cwd=self.folder, env={**self.env, **env}, text=True,
                              capture_output=True, timeout=limit(200))

    def check_lines(self):
        """All dumps have one line each, in the files that the commands wrote."""
        reports = [json.loads(line) for file in self.folder.glob("reports*.jsonl") for line in file.read_text().splitlines()]
        self.assertEqual(sorted(Path(report["file"]).name for report in reports), sorted(os.listdir(self.dumps)))
        self.assertEqual([Path(report["file"]).name for report in reports if not report["readable"]], ["vmcore-bad"])

    def test_parallel(self):
        if not shutil.which("parallel"):
            self.skipTest("GNU parallel is not installed")
        command = block("sh", "parallel").replace("/dumps", str(self.dumps))
        self.assertEqual(self.sh(command).returncode, 1)
        self.check_lines()

    def test_kubernetes(self):
        """Its pods, one after the other."""
        script = textwrap.dedent(re.search(r"- \|\n((?: {10}.*\n)+)", block("yaml"))[1])
        for i in range(3):
            done = self.sh(script, JOB_COMPLETION_INDEX=str(i), PODS="3")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(list(self.folder.glob("reports-*.jsonl"))), 3)
        self.check_lines()

    def test_top_signatures(self):
        """Of dumps whose time is shifted to now, and of older ones."""
        if not shutil.which("sqlite3"):
            self.skipTest("sqlite3 is not installed")
        done = self.sh('vmstub --no-debuginfod --report=json "$DUMPS"/*')
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        now = int(time.time())
        with open(self.folder / "reports-1.jsonl", "w") as f:
            for report in reports:
                for age in (1, 6, 8, 300):
                    f.write(json.dumps({**report, **({"time_unix": now - age * 86400} if report["readable"] else {})}) + "\n")
        self.assertEqual(self.sh(block("sh", "sqlite3")).returncode, 0)
        done = self.sh(f"sqlite3 -json reports.db <<'END'\n{block('sql')}\nEND\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        counts = collections.Counter(report["signature"] for report in reports if report["readable"])
        self.assertEqual([(row["signature"], row["crashes"]) for row in json.loads(done.stdout)],
                         [(signature, 2 * n) for signature, n in counts.most_common()])
        unread = re.search(r"`(SELECT [^`]* WHERE NOT [^`]*)`", FLEET)[1]
        self.assertIn("vmcore-bad", self.sh(f"sqlite3 reports.db <<'END'\n{unread};\nEND\n").stdout)

    def start(self, *command):
        with open(self.folder / "daemons.log", "a") as log:
            process = subprocess.Popen(command, env=self.env, cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

        def end():
            process.terminate()
            process.wait(limit(30))
        self.addCleanup(end)

    def start_slurm(self):
        """One node, without systemd."""
        folder = self.folder
        key = folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        folder.chmod(0o755)
        me = subprocess.run(["id", "-un"], text=True, capture_output=True).stdout.strip()
        settings = {
            "ClusterName": "test", "SlurmctldHost": f"{HOST}(127.0.0.1)", "SlurmUser": me, "SlurmdUser": me,
            "AuthType": "auth/munge", "AuthInfo": f"socket={folder}/munge.socket", "StateSaveLocation": folder / "state",
            "SlurmdSpoolDir": folder / "spool", "SlurmctldPidFile": folder / "slurmctld.pid", "SlurmdPidFile": folder / "slurmd.pid",
            "SlurmctldPort": 20000 + os.getpid() % 10000, "SlurmdPort": 30001 + os.getpid() % 10000,
            "ProctrackType": "proctrack/linuxproc", "TaskPlugin": "task/none", "SelectType": "select/cons_tres",
            "SelectTypeParameters": "CR_Core", "ReturnToService": 2, "MpiDefault": "none",
        }
        (folder / "slurm.conf").write_text("\n".join(f"{key}={value}" for key, value in settings.items()) + f"""
NodeName={HOST} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} State=UNKNOWN
PartitionName=p Nodes=ALL Default=YES State=UP
""")
        for name in ("state", "spool"):
            (folder / name).mkdir()
        self.env["SLURM_CONF"] = str(folder / "slurm.conf")
        self.start("munged", "-F", "--force", f"--key-file={key}", f"--socket={folder}/munge.socket",
                   f"--pid-file={folder}/munge.pid", f"--log-file={folder}/munge.log", f"--seed-file={folder}/munge.seed")
        wait_until((folder / "munge.socket").exists)
        self.start("slurmctld", "-D")
        self.start("slurmd", "-D")
        wait_until(lambda: self.sh("sinfo -h -o %T").stdout.strip() == "idle")

    def test_slurm(self):
        if os.geteuid() != 0 or not shutil.which("slurmctld") or not shutil.which("munged"):
            self.skipTest("needs slurm-wlm and munge, and to be root")
        try:
            self.start_slurm()
        except AssertionError:  # not vmstub's fault: a name of this machine that Slurm cannot use, no cgroups
            said = (self.folder / "daemons.log").read_text(errors="replace").strip().splitlines() or ["nothing"]
            self.skipTest(f"Slurm does not start here; it said last: {said[-1]}")
        (self.folder / "report.sbatch").write_text(block("sbatch"))
        done = self.sh("sbatch --wait --array=0-2 report.sbatch")
        self.assertEqual(len(list(self.folder.glob("reports-*.jsonl"))), 3, done.stdout + done.stderr)
        self.check_lines()
        # One task had the bad file.
        self.assertEqual(done.returncode, 123, done.stderr)


def enlarge(path, to, size):
    """A copy of an ELF dump with one more segment, of memory that nothing uses: a hole of the file up to this size."""
    shutil.copyfile(path, to)
    with open(to, "r+b") as f:
        head = bytearray(f.read(64))
        table, count = struct.unpack_from("<Q", head, 32)[0], struct.unpack_from("<H", head, 56)[0]
        f.seek(table)
        segments = [list(struct.unpack("<IIQQQQQQ", f.read(56))) for _ in range(count)]
        assert min(s[2] for s in segments) >= table + 56 * (count + 1), "no room for one more program header"
        last = max((s for s in segments if s[0] == 1), key=lambda s: s[4])
        start = -(-os.path.getsize(path) // 4096) * 4096
        physical = 1 << 32
        segment = (1, 7, start, last[3] - last[4] + physical & (1 << 64) - 1, physical, size - start, size - start, 0)
        f.write(struct.pack("<IIQQQQQQ", *segment))
        struct.pack_into("<H", head, 56, count + 1)
        f.seek(0)
        f.write(head)
        f.truncate(size)


class OverHttp(unittest.TestCase):
    title = DumpTest.title
    dump = None

    def test_bytes_of_a_report(self):
        """A report of a dump of 5 GB fetches less than 2 % of it, and says the same as of the local file."""
        if not shutil.which("httpdirfs") or not os.access("/dev/fuse", os.W_OK):
            self.skipTest("needs httpdirfs and /dev/fuse")
        with tempfile.TemporaryDirectory(dir=get("k6.1-kdump").dir.parent) as name:
            folder, mount = Path(name) / "www", Path(name) / "mount"
            folder.mkdir()
            mount.mkdir()
            enlarge(get("k6.1-kdump").cores["elf"], folder / "vmcore", 5 << 30)
            with WebServer(folder) as web:
                fuse = subprocess.Popen(["httpdirfs", "-f", web.url, mount], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    wait_until(lambda: (mount / "vmcore").exists() or fuse.poll() is not None)
                    if fuse.poll() is not None:
                        self.skipTest("httpdirfs cannot mount here")
                    web.sent = 0
                    there, here = (subprocess.run([VMSTUB, "--no-debuginfod", "--report", path / "vmcore"], text=True, timeout=limit(300),
                                                  capture_output=True).stdout for path in (mount, folder))
                    sent = web.sent
                finally:
                    subprocess.run(["fusermount", "-u", mount], stderr=subprocess.DEVNULL)
                    fuse.terminate()
                    fuse.wait(limit(30))
            self.assertEqual(there.replace(str(mount), ""), here.replace(str(folder), ""))
            self.assertIn("SIGNATURE: v1:", there)
            self.assertLess(sent, (5 << 30) * 0.02)
            self.assertGreater(sent, 1 << 20)
