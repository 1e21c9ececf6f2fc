# SPDX-License-Identifier: GPL-3.0-or-later
"""`vmstub --report`: a report of each dump. What it says is compared with the console and with what the guest recorded;
the signatures of one crash are compared across kernels and boots."""
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import jsonschema

import damage
from dumps import MAKE, ROOT, VMSTUB, DumpTest, for_dumps, get
from patience import limit
from session import verbs

SCHEMA = jsonschema.Draft7Validator(json.loads((ROOT / "docs/report.schema.json").read_text()))
KERNELS = ("k5.10", "k6.1", "k6.12", "k7")
# Crashes that have one cause, by dumps' names after the kernel's: two for each cause if there are two boots of it.
# On 7.3, freed code reads as int3, so that crash is another one there.
CAUSES = [("kdump", "qemu"), ("work",), ("nullcall",), ("nmi", "entry"), ("overflow",), ("freedcall",), ("datacall",), ("hardirq",),
          ("syscall",), ("bpf",), ("panic", "locks"), ("mce",), ("probes",)]
EXCEPT = {"k7-freedcall"}


LISTED = subprocess.run([MAKE, "--list"], check=True, text=True, capture_output=True).stdout.split()


def made(kernels, names):
    """Those of these dumps that exist."""
    return [get(name) for name in (f"{k}-{n}" for k in kernels for n in names) if name in LISTED and get(name).made]


def core(dump):
    return next(dump.cores[f] for f in ("lzo", "elf", "qemu-kdump") if f in dump.cores)


def run(*arguments, **options):
    return subprocess.run([VMSTUB, "--no-debuginfod", *map(str, arguments)], text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=limit(300), **options)


def reports(files, *options):
    """The reports of these files, which must have the schema, in their order; and the exit status."""
    done = run("--report=json", *options, *files)
    by_file = {}
    for line in done.stdout.splitlines():
        report = json.loads(line)
        if len(by_file) < 100:  # it takes longer than the report
            SCHEMA.validate(report)
        by_file[report["file"]] = report
    return [by_file[str(f)] for f in files], done.returncode


def crash_trace(dump):
    """The functions of the console's last trace of the crashed kernel, without guesses and without those below the crash."""
    text = dump.dir.joinpath("console.log").read_text(errors="replace")
    text = re.sub(r"^\[ *\d+\.\d+\] ", "", text.replace("\r", ""), flags=re.M)
    last = list(re.finditer(r"^RIP: 0010:(\w[\w.]*)\+0x.*?^Call Trace:\n(.*?)^Modules linked in", text, re.M | re.S))[0]
    return [last[1]] + re.findall(r"^ ([\w.]+)\+0x", last[2], re.M)


@for_dumps("k5.10-kdump", "k6.1-kdump", "k6.12-kdump", "k7-kdump", "k6.1-qemu", "k6.12-qemu", quick=("k6.1-kdump",))
class Facts(DumpTest):
    @classmethod
    def prepare(cls):
        (cls.report,), cls.status = reports([core(cls.dump)])

    def test_system(self):
        report, uname = self.report, self.dump.fact("uname").split()
        self.assertEqual(self.status, 0)
        self.assertIn(report["release"], uname)
        self.assertEqual(report["cpus"], self.dump.cpus)
        self.assertEqual(report["task"]["cpu"], self.dump.panic_cpu)
        self.assertGreaterEqual(report["uptime_seconds"], int(float(self.dump.fact("uptime").split()[0])))
        # kdump starts before the oops sets its own flag.
        died = 0 if self.dump.is_kdump else 1 << 7
        self.assertEqual(report["taint"]["mask"], int(self.dump.fact("sys-kernel-tainted")) | died)
        self.assertEqual(report["taint"]["letters"], "DOE" if died else "OE")

    def test_machine(self):
        """The firmware's strings, by /sys/class/dmi/id."""
        facts = dict(re.findall(r"^/sys/class/dmi/id/(\w+):(.*)$", self.dump.fact("dmi"), re.M))
        compared = 0
        for name, text in self.report["machine"].items():
            if name in facts:
                self.assertEqual(text.strip(), facts[name].strip(), name)
                compared += 1
        self.assertGreater(compared, 5)

    def test_memory(self):
        facts = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in self.dump.fact("meminfo").splitlines()
                 if line.endswith("kB")}
        memory = self.report["memory"]
        self.assertEqual(memory["total_bytes"], facts["MemTotal"])
        self.assertLess(abs(memory["free_bytes"] - facts["MemFree"]), facts["MemTotal"] // 10)
        self.assertEqual(memory["verdict"], "no zone is below its min watermark")

    def test_crash(self):
        report = self.report
        self.assertEqual(report["panic"], "BUG: kernel NULL pointer dereference, address: 0000000000000010")
        self.assertEqual((report["kind"], report["context"]), ("null", "softirq"))
        self.assertEqual((report["rip"]["function"], report["rip"]["module"]), ("l2w_vdev_lookup", "l2w"))
        # The console's stack: the trace has it all, in this order, with what the console does not list besides.
        functions = [f["function"] for f in report["trace"]]
        at = 0
        for function in crash_trace(self.dump):
            if function.startswith("asm_call_"):  # several names at one address
                continue
            self.assertIn(function, functions[at:])
            at = functions.index(function, at)
        self.assertTrue(report["trace_complete"])
        self.assertEqual([c for c in report["culprits"] if c["module"] == "l2w"], [
            {"module": "l2w", "reasons": ["the crash is in its function l2w_vdev_lookup",
                                          "module out of the kernel's tree", "unsigned module"]}])
        self.assertEqual([c["module"] for c in report["culprits"]], ["l2w"])
        self.assertIn("FAULT: read of 4 bytes at 10: 16 bytes after NULL", report["explain"])

    def test_log(self):
        """The last 50 lines, as the verb prints them."""
        done = run("--exec", "log", core(self.dump))
        self.assertEqual([line.strip() for line in self.report["log"]],
                         [re.sub("^ +", "", line).rstrip() for line in done.stdout.splitlines()[-50:]])

    def test_text_says_the_same(self):
        text = run("--report", core(self.dump)).stdout
        for field in ("release", "version", "time", "panic", "signature", "signature_text"):
            self.assertIn(self.report[field], text)
        for frame in self.report["trace"]:
            self.assertIn(f"{frame['function']}+{frame['offset']}", text)


class Signatures(unittest.TestCase):
    title = DumpTest.title
    dump = None

    def test_same_cause_same_signature(self):
        """Each cause on all kernels and in all boots has one signature, and no other cause has the same."""
        files, cause_of = [], {}
        for cause in CAUSES:
            for dump in made(KERNELS, cause):
                if dump.name not in EXCEPT:
                    files.append(core(dump))
                    cause_of[str(files[-1])] = cause
        if len(files) < 40:
            self.skipTest("the matrix's dumps are not made")
        found, status = reports(files, "-j2")
        self.assertEqual(status, 0)
        signatures = {}
        for report in found:
            signatures.setdefault(cause_of[report["file"]], set()).add((report["signature"], report["signature_text"]))
        self.assertEqual(len(signatures), len(CAUSES))
        for cause, seen in signatures.items():
            self.assertEqual(len(seen), 1, f"{cause}: {seen}")
        self.assertEqual(len(set().union(*signatures.values())), len(CAUSES))
        for report in found:
            self.assertTrue(report["signature"].startswith("v1:"))
            self.assertFalse(re.search(r"\.(isra|constprop|part|cold)|0x|[0-9a-f]{12}", report["signature_text"]),
                             report["signature_text"])

    def test_hung_task(self):
        """The signature of a panic for a hung task is of that task: the one and the functions that the kernel printed, on all kernels."""
        signatures, lines = set(), r"INFO: task (\S+):(\d+) blocked for more than (\d+) seconds"
        for dump in made(KERNELS, ["faults"]):
            (report,), _ = reports([dump.dir / "vmcore.hung"])
            console = re.sub(r"^\[ *\d+\.\d+\] ", "", (dump.dir / "console-hung.log").read_text(errors="replace").replace("\r", ""), flags=re.M)
            comm, pid, seconds = re.search(lines, console).groups()
            hung = report["hung_task"]
            self.assertEqual((hung["comm"], hung["pid"], hung["seconds"], hung["trace_complete"]), (comm, int(pid), int(seconds), True))
            printed = re.search(rf"{lines}.*?^Call Trace:\n(.*?)^ </TASK>|{lines}.*?^Call Trace:\n(.*?)^(?! )", console, re.M | re.S)
            functions = re.findall(r"^ {1,2}([\w.]+)\+0x", printed[4] or printed[8], re.M)
            self.assertEqual([frame["function"] for frame in hung["trace"]], functions)
            self.assertEqual([frame["function"] for frame in hung["trace"] if frame["in_signature"]], ["blocked"])
            self.assertFalse(any(frame["in_signature"] for frame in report["trace"]))
            self.assertIn("its function blocked is in the stack of the task that hung",
                          next(c for c in report["culprits"] if c["module"] == "l2f")["reasons"])
            signatures.add((report["signature"], report["signature_text"]))
            others, _ = reports([dump.dir / "vmcore.softlockup"])
            self.assertEqual([other["hung_task"] for other in others], [None])
            self.assertFalse({other["signature"] for other in others} & {report["signature"]})
            self.assertIn(f'HUNG: {pid} "{comm}", for more than {seconds} s\n', run("--report", dump.dir / "vmcore.hung").stdout)
        if not signatures:
            self.skipTest("the dumps of faults are not made")
        self.assertEqual({text for _, text in signatures}, {"hung-task process blocked@l2f"})
        self.assertEqual(len(signatures), 1)

    def test_formats_have_one_signature(self):
        """All formats of one dump, and a dump without any debug information."""
        files = [core for format, core in get("k6.1-kdump").cores.items()]
        found, _ = reports(files)
        with tempfile.TemporaryDirectory() as folder:
            alone = Path(folder) / "vmcore"
            os.link(get("k6.1-kdump").cores["lzo"], alone) if os.stat(folder).st_dev == os.stat(
                files[0]).st_dev else alone.symlink_to(get("k6.1-kdump").cores["lzo"])
            found += reports([alone])[0]
        self.assertEqual(len({report["signature"] for report in found}), 1)

    def test_boot_code(self):
        """The first task's return addresses are in code that the kernel freed after boot; its trace on the console names them."""
        for dump in made(("k6.1",), ["stuck"]):
            (report,), _ = reports([dump.cores["nmi"]])
            console = dump.dir.joinpath("console-nmi.log").read_text(errors="replace").split("Kernel panic - not syncing")[1]
            want = re.findall(r"^\[ *\d+\.\d+\] {1,2}(\w+)\+0x(\w+)/", console, re.M)
            said = [(f["function"], f["offset"]) for f in report["trace"]]
            self.assertIn("start_kernel", [name for name, _ in said])
            self.assertEqual(said[-6:], [(name, int(offset, 16)) for name, offset in want][-6:])

    def test_deadlock(self):
        """The cycle of the l2q module's two threads, and on PREEMPT_RT that of its spinlocks."""
        for dump in made((*KERNELS, "k6.1rt"), ["locks"]):
            (report,), _ = reports([core(dump)])
            cycles = report["locks"]["cycles"]
            wanted = [{("l2q_ab", "mutex", "l2q_b"), ("l2q_ba", "mutex", "l2q_a")}]
            if dump.name == "k6.1rt-locks":
                wanted.append({("l2q_xy", "spinlock", "l2q_y"), ("l2q_yx", "spinlock", "l2q_x")})
            found = [{(w["comm"], w["waits_for"], w["symbol"]) for w in cycle} for cycle in cycles]
            self.assertCountEqual(found, wanted, dump.name)


class Bad(unittest.TestCase):
    title = DumpTest.title
    dump = None

    def test_bad_files_stop_nothing(self):
        good = core(get("k6.1-kdump"))
        with tempfile.TemporaryDirectory() as folder:
            text, empty, cut = (Path(folder) / name for name in ("text", "empty", "cut"))
            text.write_text("no dump\n" * 100)
            empty.touch()
            cut.write_bytes(good.read_bytes()[:100])
            files = [text, good, empty, Path(folder) / "none", cut]
            found, status = reports(files, "-j2")
            self.assertEqual(status, 1)
            self.assertEqual([report["readable"] for report in found], [False, True, False, False, False])
            for report, file in zip(found, files):
                if not report["readable"]:
                    self.assertIn(file.name, report["error"])
            done = run("--report", *files)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stdout.count("ERROR: "), 4)
            self.assertIn("SIGNATURE: v1:", done.stdout)

    def test_lost_pages_cost_fields(self):
        """A dump whose second half is gone: the report says what is missing, and why."""
        whole = core(get("k6.1-kdump"))
        with tempfile.TemporaryDirectory() as folder:
            cut = Path(folder) / "vmcore"
            data = whole.read_bytes()
            for part in (3, 6):
                cut.write_bytes(data[:len(data) * part // 8])
                (report,), status = reports([cut])
                self.assertEqual(status, 0)
                self.assertEqual(report["release"], reports([whole])[0][0]["release"])
                for field in ("machine", "time", "taint", "panic", "trace", "signature", "locks", "memory", "explain", "culprits"):
                    if report[field] is None:
                        self.assertIn(field, report["missing"])
                        self.assertTrue(report["missing"][field])

    def test_lost_task(self):
        """Without the PID and the name of the task that panicked, the trace and its signature are the same."""
        dump = get("k6.1-work")
        if not dump.made:
            self.skipTest("k6.1-work is not made")
        core = dump.cores["lzo"]
        ((whole,), _) = reports([core])
        task = re.search(r"TASK: ([0-9a-f]+)", whole["explain"][0].split("PID: ")[1])[1]
        said = verbs(dump, f"struct task_struct.pid,comm {task} -o", core=core)
        pages = set()
        for offset in re.findall(r"^ *\[([0-9a-f]+)\]", said, re.M):
            at = f"{int(offset, 16):x}"
            pages.add(int(re.search(rf"^{at} +([0-9a-f]+)$", verbs(dump, f"vtop {at}", core=core), re.M)[1], 16) & ~0xfff)
        with tempfile.TemporaryDirectory(dir=core.parent) as folder:
            lost = damage.copy(core, Path(folder) / "vmcore")
            for page in pages:
                damage.lose_page(lost, page)
            ((report,), _) = reports([lost])
        self.assertIsNone(report["task"])
        self.assertEqual((report["signature"], report["trace"]), (whole["signature"], whole["trace"]))

    def test_usage(self):
        for arguments in (["--report=yaml", "x"], ["--report", "-j0", "x"], ["--report", "-jx", "x"], ["-j2", "x"],
                          ["--report", "--exec", "sys", "x"], ["--report", "--timeout", "-1", "x"], ["--report"]):
            done = run(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn("vmstub: ", done.stderr)


class Many(unittest.TestCase):
    title = DumpTest.title
    dump = None

    def test_a_thousand(self):
        """Hard links of dumps, with a bad file among them; each report takes little time."""
        cores = [core(dump) for dump in made(("k6.1", "k6.12", "k7"), ("nmi", "work", "nullcall"))] or [core(get("k6.1-kdump"))]
        with tempfile.TemporaryDirectory(dir=cores[0].parent.parent) as folder:
            files = []
            for i in range(1000):
                files.append(Path(folder) / f"vmcore-{i:04}")
                if i == 500:
                    files[-1].write_text("no dump")
                else:
                    os.link(cores[i % len(cores)], files[-1])
            found, status = reports(files, "-j2")
        self.assertEqual(status, 1)
        self.assertEqual([i for i, report in enumerate(found) if not report["readable"]], [500])
        by_core = {}
        for i, report in enumerate(found):
            if i != 500:
                by_core.setdefault(i % len(cores), set()).add(report["signature"])
        self.assertTrue(all(len(seen) == 1 and None not in seen for seen in by_core.values()), by_core)
