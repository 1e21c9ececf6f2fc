"""Inside a guest: the running kernel through /proc/kcore, the crashed one through /proc/vmcore."""
import re
import subprocess
import tempfile
from pathlib import Path

from dumps import ROOT, VMSTUB, DumpTest, for_dumps


@for_dumps("k6.1-kdump")
class Guest(DumpTest):
    @classmethod
    def prepare(cls):
        cls.temp = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temp.cleanup)
        kernel = (cls.dump.dir / cls.dump.env["KERNEL_DIR"]).resolve()
        done = subprocess.run([ROOT / "tests/e2e/guest_live.sh", kernel, VMSTUB, cls.temp.name], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        log = (Path(cls.temp.name) / "console.log").read_text(errors="replace").replace("\r", "")
        cls.said = dict(re.findall(r"(?ms)^@@ (\w+)\n(.*?)(?=^@@ )", log))
        cls.console = log
        if "vmcore" not in cls.said:
            raise AssertionError(f"{done.stdout}\n{log[-3000:]}")

    def task(self, part, pid):
        """Functions of a task's kbt, innermost first."""
        text = self.said[part].split(f"PID: {pid} ", 1)[1].split("PID: ")[0]
        return re.findall(r"(?m)^ *#\d+ \[\w+\] (\S+) at ", text)

    def test_running_kernel(self):
        text = self.said["kcore"]
        self.assertIn("DUMPFILE: /proc/kcore  [LIVE SYSTEM]\n", text)
        self.assertIn(f"RELEASE: {self.dump.env['KERNEL_RELEASE']}\n", text)
        self.assertRegex(text, r"(?m)^> .* vmstub$")  # who looks is running

    def test_sleeping_task(self):
        """As the kernel's own /proc/PID/stack."""
        pid = self.said["pid"].strip()
        stack = re.findall(r"\[<0>\] (\S+?)\+0x", self.said["stack"])
        functions = self.task("kcore", pid)
        self.assertGreater(len(stack), 3)
        self.assertEqual([f for f in functions if f in stack], stack)
        self.assertEqual(functions[0], "__schedule")

    def test_tasks(self):
        rows = re.findall(r"(?m)^[> ] *(\d+) +(\d+) +\d+  [0-9a-f]{16}  (\w\w) .* (\S+)$", self.said["kcore"])
        names = {int(pid): name for pid, _, _, name in rows}
        self.assertEqual((names[1], names[2], names[int(self.said["pid"])]), ("init", "[kthreadd]", "sleep"))
        self.assertGreater(len(names), 40)
        self.assertEqual(int(re.search(r"TASKS: (\d+)", self.said["kcore"])[1]), len(rows))

    def test_threads_and_memory_now(self):
        replies = re.findall(r"\$([^#]*)#", self.said["rsp"])
        first, second = (int.from_bytes(bytes.fromhex(reply), "little") for reply in replies[:2])
        self.assertGreater(second, first)
        self.assertLess(second - first, 1000 * 60)
        self.assertTrue(replies[2].startswith("T05"), replies)
        # a thread for each task, and none of them one that runs
        self.assertGreater(len(replies[3].split(",")), 40)
        self.assertIn("is running", bytes.fromhex(replies[4]).decode())

    def test_crashed_kernel_from_the_next(self):
        text = self.said["vmcore"]
        self.assertIn("DUMPFILE: /proc/vmcore\n", text)
        self.assertIn('PANIC: "Kernel panic - not syncing: sysrq triggered crash"\n', text)
        trace = self.console.split("Call Trace:")[1].split("RIP: 0033")[0]
        trace = [name for name in re.findall(r"\]  (\w[\w.]*)\+0x", trace) if name != "dump_stack_lvl"]
        functions = self.task("vmcore", 1)
        self.assertEqual([f for f in functions if f in trace], trace)
        self.assertIn("__crash_kexec", functions[0])
