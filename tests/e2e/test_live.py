# SPDX-License-Identifier: GPL-3.0-or-later
"""Inside a guest: the running kernel through /proc/kcore, the crashed one through /proc/vmcore."""
import re

import inguest
from dumps import DumpTest, for_dumps


@for_dumps("k6.1-kdump")
class Guest(DumpTest):
    @classmethod
    def prepare(cls):
        done, log = inguest.run("guest_live.sh", cls.dump, cls.new_folder())
        cls.said = dict(re.findall(r"(?ms)^@@ (\w+)\n(.*?)(?=^@@ )", log))
        cls.console = log
        if "vmcore" not in cls.said:
            raise AssertionError(f"{done.stdout}\n{log[-3000:]}")

    def task(self, part, pid):
        return inguest.kbt_functions(self.said[part], pid)

    def test_running_kernel(self):
        text = self.said["kcore"]
        self.assertIn("DUMPFILE: /proc/kcore  [LIVE SYSTEM]\n", text)
        self.assertIn(f"RELEASE: {self.dump.env['KERNEL_RELEASE']}\n", text)
        self.assertRegex(text, r"(?m)^> .* vmstub$")  # vmstub itself is running

    def test_sleeping_task(self):
        """The stack equals /proc/PID/stack."""
        pid = self.said["pid"].strip()
        stack = re.findall(r"\[<0>\] (\S+?)\+0x", self.said["stack"])
        functions = self.task("kcore", pid)
        self.assertGreater(len(stack), 3)
        self.assertEqual([f for f in functions if f in stack], stack)
        self.assertEqual(functions[0], "__schedule")

    def test_files_waited_for(self):
        """`locks -u` has the files that pollers.c said it would wait for, and `locks` does not."""
        plain, text = self.said["polled"].split("no task was found that waits for a lock\n")
        self.assertEqual(plain, "")
        said = {}
        for kind, files, pid in re.findall(r"(?m)^(epoll|select or poll) [0-9a-f]{16}.*\n((?:   WATCHES.*\n)+)   WAITING: PID: (\d+)  ", text):
            said[pid] = (kind, re.findall(r"WATCHES: FD: (\d+)  FILE: [0-9a-f]{16}  (?:UNIX-STREAM )?(.*)", files))
        want = {pid: ("epoll" if name == "epoll" else "select or poll", [tuple(f.split("=")) for f in files.split()])
                for name, pid, files in re.findall(r"(?m)^poller (\w+) (\d+) (.*)$", self.console)}
        self.assertEqual(sorted(len(files) for _, files in want.values()), [4, 4, 40])
        self.assertEqual({pid: said.get(pid) for pid in want}, want)

    def test_tasks(self):
        rows = re.findall(r"(?m)^[> ] *(\d+) +(\d+) +\d+  [0-9a-f]{16}  (\w\w) .* (\S+)$", self.said["kcore"])
        names = {int(pid): name for pid, _, _, name in rows}
        self.assertEqual((names[1], names[2], names[int(self.said["pid"])]), ("init", "[kthreadd]", "sleep"))
        self.assertGreater(len(names), 40)
        self.assertEqual(int(re.search(r"TASKS: (\d+)", self.said["kcore"])[1]), len(rows))

    def test_threads_and_memory_now(self):
        # Run-length encoding: "*" and how often the character before it comes again, plus 29.
        replies = [re.sub(r"(?s)(.)\*(.)", lambda m: m[1] * (ord(m[2]) - 28), reply)
                   for reply in re.findall(r"\$([^#]*)#", self.said["rsp"])]
        # Seconds are between the first packet and the last: vmstub may start too late for one second.
        first, last = (int.from_bytes(bytes.fromhex(reply), "little") for reply in (replies[0], replies[4]))
        self.assertGreater(last, first)
        self.assertLess(last - first, 1000 * 60)
        self.assertTrue(replies[1].startswith("T05"), replies)
        # a thread for each task except running ones
        self.assertGreater(len(replies[2].split(",")), 40)
        self.assertIn("is running", bytes.fromhex(replies[3]).decode())

    def test_crashed_kernel_from_the_next(self):
        text = self.said["vmcore"]
        self.assertIn("DUMPFILE: /proc/vmcore\n", text)
        self.assertIn('PANIC: "Kernel panic - not syncing: sysrq triggered crash"\n', text)
        trace = inguest.crash_trace(self.console)
        functions = self.task("vmcore", 1)
        self.assertEqual([f for f in functions if f in trace], trace)
        self.assertIn("__crash_kexec", functions[0])
