# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables, per-CPU variables and registers of threads, compared with what the guest recorded."""
import re

from dumps import BASE, EXTRA, GUESS, DumpTest, for_dumps
from session import gdb


def per_thread(text):
    """{thread: answer} for "thread apply all"."""
    found = {}
    for thread, value in re.findall(r"^Thread (\d+) .*?:\n\$\d+ = (.*)$", text, re.M):
        found[int(thread)] = value
    return found


def member(task, name):
    """Address of a member of a task. Not ((struct task_struct *)TASK)->NAME: to find the type
    by name, gdb 13 reads all files that only declare it, for 13 s, with any target or none."""
    return f"(char *){task} + ((long)&init_task.{name} - (long)&init_task)"


@for_dumps(*BASE, *EXTRA, *GUESS, quick=("k6.1-kdump",))
class Values(DumpTest):
    @classmethod
    def prepare(cls):
        def every(what):
            return f"thread apply all {what}"

        has_hot = "pcpu_hot" in cls.dump.by_name
        cls.answers = gdb(cls.dump, {
            "counter": every("p/x l2w_counter"),
            "bytes": every("p cpu_stats.bytes"),
            "this_cpu_off": every("p/x this_cpu_off"),
            "cpu_number": every("p pcpu_hot.cpu_number" if has_hot else "p cpu_number"),
            "task": every("p/x $task"),
            "cpu": every("p $cpu"),
            "pid": every("p $pid"),
            "comm": every(f"p *(char (*)[16])({member('$task', 'comm')})"),
            "threads": "info threads",
            "one thread": ["thread 2", "p/x l2w_counter"],
            "current": "thread",
            "init_task": "p/x &init_task",
            "vdevs": "p/x &l2w_vdevs",
            "vdev": "p l2w_vdevs[1]",
            "good_stats": "p/x &good_stats",
            "good bytes": "p good_stats.bytes",
            "hash": "p/x &vdev_hash",
            "lookups": "p lookups",
            "crash_timer": "p/x &crash_timer",
            "timer_fn": "p/x (long)&l2w_timer_fn",
            "sleeper_fn": "p/x (long)&l2w_sleeper_fn",
            "sleeper": "p/x sleeper",
            "rodata": "p situations[0].name",
            "count": "p l2w_vdev_count",
            "page_offset": "p/x page_offset_base",
            "vmalloc": "p/x vmalloc_base",
            "vmemmap": "p/x vmemmap_base",
            "phys_base": "p/x phys_base",
            "jiffies": "p jiffies_64",
            "banner": ["set print elements 0", "p linux_banner"],
            "release": "p init_uts_ns.name.release",
            "module": "p/x &__this_module",
            "cr3": every("p/x $cr3"),
        })

    def check_per_cpu(self, label, key):
        expected = {cpu + 1: self.dump.l2w[f"cpu{cpu}.{key}"] for cpu in range(self.dump.cpus)}
        got = {thread: int(value, 0) for thread, value in per_thread(self.answers[label]).items()}
        self.assertEqual(got, expected, self.answers[label])

    def check_value(self, label, key):
        self.assertEqual(hex(self.answers.value(label)), hex(self.dump.l2w[key]), self.answers[label])

    def test_per_cpu_variable_of_module(self):
        self.check_per_cpu("counter", "l2w_counter")

    def test_static_per_cpu_variable_of_module(self):
        self.check_per_cpu("bytes", "cpu_stats.bytes")

    def test_per_cpu_offset(self):
        self.check_per_cpu("this_cpu_off", "per_cpu_offset")

    def test_per_cpu_variable_of_kernel(self):
        if "pcpu_hot" not in self.dump.by_name and "No symbol" in self.answers["cpu_number"]:
            self.skipTest("this kernel has no CPU number of this name")
        got = per_thread(self.answers["cpu_number"])
        self.assertEqual(got, {cpu + 1: str(cpu) for cpu in range(self.dump.cpus)})

    def test_one_selected_thread(self):
        self.assertEqual(self.answers.value("one thread"), self.dump.l2w["cpu1.l2w_counter"])

    def test_task_of_each_thread(self):
        running = {int(value, 0) for value in per_thread(self.answers["task"]).values()}
        self.assertEqual(len(running), self.dump.cpus)
        self.assertIn(self.dump.l2w["addr.init_task"], running | {self.dump.l2w["addr.init_task"]})
        known = {t.address: t for t in self.dump.tasks}
        comms, pids = per_thread(self.answers["comm"]), per_thread(self.answers["pid"])
        for thread, task in per_thread(self.answers["task"]).items():
            comm = re.match(r'"(.*?)(?:\\000.*)?"', comms[thread])[1]
            task = int(task, 0)
            if task in known:
                self.assertEqual((comm, pids[thread]), (known[task].comm, str(known[task].pid)))
            else:  # /proc does not show the idle tasks
                self.assertEqual((comm, pids[thread]), (f"swapper/{thread - 1}", "0"))

    def test_cpu_of_each_thread(self):
        self.assertEqual(per_thread(self.answers["cpu"]), {n + 1: str(n) for n in range(self.dump.cpus)})

    def test_busy_worker_is_on_its_cpu(self):
        pid, _ = self.dump.workers["w_busy"]
        self.assertEqual(per_thread(self.answers["pid"])[3], str(pid))

    def test_names_of_threads(self):
        for cpu in range(self.dump.cpus):
            self.assertRegex(self.answers["threads"], rf'(?m)^[* ] {cpu + 1} +Thread {cpu + 1} "CPU {cpu} \S+" \(')
        panic = [line for line in self.answers["threads"].splitlines() if "PANIC" in line]
        self.assertEqual(len(panic), 1)
        self.assertIn(f'"CPU {self.dump.panic_cpu} swapper/{self.dump.panic_cpu}"', panic[0])

    def test_panicking_cpu_is_selected(self):
        before = re.search(r'@@ counter', self.answers.text).start()
        self.assertNotIn("[Switching to", self.answers.text[:before])
        # "thread apply all" runs in gdb's order, and does not change the selection
        line = next(line for line in self.answers["threads"].splitlines() if line.startswith("*"))
        self.assertIn("PANIC", line)

    def test_addresses_of_module_variables(self):
        for label, key in (("vdevs", "addr.l2w_vdevs"), ("good_stats", "addr.good_stats"), ("hash", "addr.vdev_hash"),
                           ("crash_timer", "addr.crash_timer"), ("timer_fn", "addr.l2w_timer_fn"),
                           ("sleeper_fn", "addr.l2w_sleeper_fn"), ("module", "addr.l2w_module")):
            with self.subTest(label):
                self.check_value(label, key)

    def test_values_of_module_variables(self):
        self.check_value("good bytes", "value.good_stats.bytes")
        self.check_value("count", "value.l2w_vdev_count")
        self.check_value("sleeper", "sleeper.task")
        # One more lookup, which crashed, came after the facts were written.
        self.assertEqual(self.answers.value("lookups"), self.dump.l2w["value.lookups"] + 1)
        self.assertIn('"softirq_null"', self.answers["rodata"])

    def test_structure_of_module(self):
        for part in ('name = "vdev-broken', "vlan = 204", "state = L2W_VDEV_LEARNING", "mtu = 9000", "promisc = 1",
                     "stats = 0x0"):
            self.assertIn(part, self.answers["vdev"])

    def test_values_of_kernel_variables(self):
        self.check_value("init_task", "addr.init_task")
        self.check_value("page_offset", "addr.page_offset_base")
        self.check_value("vmalloc", "addr.vmalloc_base")
        self.check_value("vmemmap", "addr.vmemmap_base")
        self.check_value("phys_base", "value.phys_base")
        self.assertIn(self.dump.fact("version").strip(), self.answers["banner"])
        self.assertIn(f'"{self.dump.env["KERNEL_RELEASE"]}', self.answers["release"])

    def test_jiffies_went_on(self):
        passed = self.answers.value("jiffies") - self.dump.l2w["value.jiffies"]
        # two seconds for what panic() does before the dump is taken
        self.assertTrue(0 < passed < (self.dump.at_most_since_facts + 2) * self.dump.l2w["value.hz"], passed)


@for_dumps("k6.1-kdump")
class ByTypeName(DumpTest):
    def test_comm_of_each_thread(self):
        answers = gdb(self.dump, {"comm": "thread apply all p $task->comm"})
        comms = {thread: value.split("\\000")[0].strip('"') for thread, value in per_thread(answers["comm"]).items()}
        self.assertEqual(comms, {1: "swapper/0", 2: "swapper/1", 3: "w_busy", 4: "swapper/3"})
