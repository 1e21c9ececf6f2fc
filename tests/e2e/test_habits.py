# SPDX-License-Identifier: GPL-3.0-or-later
"""What users of crash type: options, files of commands, pipes, names, each tried in crash where it runs."""
import json
import os
import re
import shutil
import subprocess
import unittest

from dumps import ROOT, VMSTUB, DumpTest, for_dumps, server, tool
from patience import limit
from peers import crash
from session import gdb, verbs, vmstub
from terminal import Terminal, gdbs

# What all tests here ask crash, in one start of it.
ASKED = ("kmem -f", "kmem -g", "kmem -g 4000000000010200", "dis -b 4 schedule")
SCRIPT = ("-x", ROOT / "gdbscripts" / "vmstub.gdb")


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class CommandFiles(DumpTest):
    TEXT = "# don't; sys\nsym panic; sym schedule\n\n   # another\nnosuch\nsym -q l2w_vdev_lookup\n quit\nsys\n"

    @classmethod
    def prepare(cls):
        cls.file = cls.new_folder() / "commands"
        cls.file.write_text(cls.TEXT, encoding="ascii")
        cls.expected = verbs(cls.dump, "sym panic; sym schedule; sym -q l2w_vdev_lookup")

    def run_with(self, *args, text=""):
        return subprocess.run([VMSTUB, *args], cwd=self.dump.dir, text=True, input=text, timeout=limit(60), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)

    def test_file(self):
        for args in (["-s", "-i", self.file, "vmlinux", self.dump.core], ["-i", self.file, "--exec", "sys", self.dump.core],
                     ["-si", self.file, self.dump.core]):
            done = self.run_with(*args)
            self.assertEqual((done.stdout, done.returncode), (self.expected, 2))
            self.assertEqual(done.stderr, 'vmstub: nosuch: unknown command; "help" lists them\n')
        done = self.run_with("-i", "/no/such/file", self.dump.core)
        self.assertEqual((done.stderr, done.returncode), ("vmstub: /no/such/file: No such file or directory\n", 1))

    def test_standard_input(self):
        done = self.run_with("--exec", "-", self.dump.core, text=self.TEXT)
        self.assertEqual((done.stdout, done.returncode), (self.expected, 2))
        # The file first, then standard input.
        self.file.with_name("first").write_text("sym panic\n", encoding="ascii")
        done = self.run_with("-i", self.file.with_name("first"), "--exec", "-", self.dump.core, text="sym schedule; sym -q l2w_vdev_lookup")
        self.assertEqual((done.stdout, done.returncode), (self.expected, 0))

    def test_one_answer_before_the_next_command(self):
        with subprocess.Popen([VMSTUB, "--exec", "-", self.dump.core], cwd=self.dump.dir, text=True, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as talk:
            for line in self.expected.splitlines(keepends=True):
                name = line.split()[2]
                talk.stdin.write(f"sym {name}\n")
                talk.stdin.flush()
                self.assertIn(f") {name}", talk.stdout.readline())
            talk.stdin.close()
            self.assertEqual(talk.wait(timeout=limit(20)), 0)

    def test_vmgdb(self):
        """crash -s -i FILE vmlinux vmcore, with vmgdb's name; then gdb's prompt, which ends at once here."""
        script = self.file.with_name("script")
        script.write_text("sym panic\nsym schedule\n# no\nsym -q l2w_vdev_lookup\n", encoding="ascii")
        done = subprocess.run([ROOT / "gdbscripts" / "vmgdb", "-s", "-nx", "-i", script, "vmlinux", self.dump.core], cwd=self.dump.dir,
                              text=True, input="", timeout=limit(60), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "VMSTUB": str(VMSTUB), "DEBUGINFOD_URLS": ""})
        self.assertIn(self.expected, done.stdout)

    def test_rc(self):
        """~/.vmstubrc comes first, in vmgdb, too; not one in the current folder."""
        home = self.new_folder()
        (home / ".vmstubrc").write_text("set scroll off\nsym panic\n", encoding="ascii")
        env = {**os.environ, "HOME": str(home), "VMSTUB": str(VMSTUB), "DEBUGINFOD_URLS": "",
               "XDG_CACHE_HOME": f"{os.environ['HOME']}/.cache"}  # gdb's index

        def run(program, *args):
            return subprocess.run([program, *args], cwd=home, text=True, input="", timeout=limit(60), env=env, capture_output=True)
        core = self.dump.dir / self.dump.core
        panic, schedule = verbs(self.dump, "sym panic"), verbs(self.dump, "sym schedule")
        self.assertEqual(run(VMSTUB, "--exec", "sym schedule", core).stdout, panic + schedule)
        self.assertEqual(run(VMSTUB, "--no-rc", "--exec", "sym schedule", core).stdout, schedule)
        for options, times in (((), 1), (("--no-rc",), 0), (("-nx",), 0)):
            done = run(ROOT / "gdbscripts" / "vmgdb", *options, "-batch", core)
            self.assertEqual((done.stdout + done.stderr).count(panic), times, options)
            self.assertNotIn("scroll", done.stdout + done.stderr)
        env["HOME"] = str(self.dump.dir)
        self.assertEqual(run(VMSTUB, "--exec", "sym schedule", core).stdout, schedule)

    def test_several_lines(self):
        self.assertEqual(verbs(self.dump, "sym panic\nsym schedule\n# no\nsym -q l2w_vdev_lookup"), self.expected)

    def test_no_task_in_a_state(self):
        done = vmstub("--exec", "foreach UN kbt", self.dump.core)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Help(unittest.TestCase):
    """gdb's help and apropos know the verbs, without a target."""
    # Verbs whose names gdb has for its own commands.
    OTHER = {"eval": "keval", "p": "kp", "search": "ksearch", "trace": "ktrace", "whatis": "kwhatis"}

    def gdb(self, program, *commands):
        args = [word for command in commands for word in ("-ex", "echo @@\\n", "-ex", command)]
        done = subprocess.run([program, "-nx", "-batch", "-ex", "set width 0", "-ex", "set confirm off", *SCRIPT, *SCRIPT, *args], text=True, timeout=limit(60),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        before, *answers = done.stdout.split("@@\n")
        self.assertEqual(before, "")
        return answers

    def test_help_in_gdb(self):
        verbs_tool = tool("verbs")
        listed = [line.split("\t") for line in subprocess.check_output([verbs_tool], text=True).splitlines()]
        names = {name: self.OTHER.get(name, name) for name, _ in listed if name not in ("help", "set")}
        self.assertGreater(len(names), 45)
        for label, program in gdbs().items():
            version = int(re.search(r" (\d+)\.", subprocess.check_output([program, "--version"], text=True))[1])
            overview, found, *helps = self.gdb(program, "help vmstub", "apropos deadlocks", *(f"help {name}" for name in names.values()))
            for name, brief in listed:
                if name in names:
                    self.assertRegex(overview, rf"(?m)^{names[name]} +-- {re.escape(brief)}$")
            for name, command in (*self.OTHER.items(), ("list", "klist"), ("set", "task"), ("help", "help vmstub")):
                self.assertRegex(overview, rf"(?m)^  {name} .* {command}\b")
            for own in self.gdb(program, *(f"help {name}" for name in (*self.OTHER, "list", "set", "help"))):
                self.assertNotIn("vmstub", own)
                self.assertNotIn("monitor", own)
            for (name, command), text in zip(names.items(), helps):
                with self.subTest(gdb=label, verb=name):
                    if version < 13 and name not in ("dis", "mod", "task"):  # it cannot document an alias, and shows what it is
                        self.assertRegex(text, rf"\b{command}\b")
                        continue
                    title, _, rest = subprocess.check_output([verbs_tool, "help", name], text=True).partition("\n")
                    rest = re.sub(rf"(?m)^  {name}(?= |$)", f"  {command}", rest)
                    self.assertIn(title.removeprefix(f"{name} - ") + "\n" + rest, text)
            if version >= 13:
                self.assertIn("locks -- who waits for locks, who holds them, and deadlocks\n", found)


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Tab(DumpTest):
    """What gdb completes behind verbs, without Python; docs/habits.md has this list."""
    COMPLETED = {"kme": "kmem", "rd jiffies_6": "rd jiffies_64", "sym init_tas": "sym init_task", "dis default_idle_c": "dis default_idle_call",
                 "klist -h init_tas": "klist -h init_task", "struct mutex_wai": "struct mutex_waiter", "kwhatis mutex_wai": "kwhatis mutex_waiter",
                 "p init_task.pi": "p init_task.pid", "ptype struct mutex_wai": "ptype struct mutex_waiter", "bt panic_pri": "bt panic_print"}

    def test_tab(self):
        asked = [word for text in self.COMPLETED for word in ("-ex", f"echo @@{text}\\n", "-ex", f"complete {text}")]
        for label, program in gdbs().items():
            for files, core in ((["vmlinux"], self.dump.core), ([], self.dump.core)):
                with self.subTest(gdb=label, files=files):
                    options = "" if files else "--symbols=dump"
                    done = subprocess.run([program, "-nx", "-batch", "-iex", "set debuginfod enabled off", *SCRIPT, "-ex", "target " + server(core, options),
                                           *asked, *files], cwd=self.dump.dir, text=True, errors="replace", timeout=limit(60), stdin=subprocess.DEVNULL,
                                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                    said = dict(part.split("\n", 1) for part in done.stdout.split("@@")[1:])
                    for text, completed in self.COMPLETED.items():
                        self.assertIn(completed, said[text].splitlines(), text)


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Expressions(DumpTest):
    """gdb's registers, history and variables as arguments of verbs."""

    @classmethod
    def prepare(cls):
        panic = cls.dump.panic_cpu + 1
        cls.said = gdb(cls.dump, {
            "rsp": "p/x $rsp", "rd": "rd $rsp 4", "x": "x/4gx $rsp", "pipe": "pipe rd $rsp 4 | head -1", "pc": "info symbol $pc", "sym": "sym $pc",
            "up": ["up 4", "info symbol $pc", "sym $pc"], "up rsp": "rd $rsp 1", "up x": "x/1gx $rsp", "dis": "dis $pc",
            "jiffies": "p/x (unsigned long) &jiffies", "vtop": "vtop &jiffies", "sum": "sym &jiffies+0",
            "history": ["p &init_task", "struct task_struct.pid,comm $", "kmem $"],
            "task": ["thread 1", "struct task_struct.pid $task", "p $pid", "p/x $task", "struct task_struct.comm $task"],
            "all": "thread apply all -q sym $pc", "monitor": "monitor sym $pc",
            "back": [f"thread {panic}", "rd $rsp 4"], "many": "sym $pc panic &panic schedule $pc do_exit $pc $pc",
            "more": "sym panic schedule do_exit kfree panic schedule do_exit kfree panic schedule",
        }, preload=SCRIPT)

    def test_registers(self):
        words = [w for line in self.said["x"].splitlines() for w in re.findall(r"\t0x([0-9a-f]{16})", line)]
        self.assertEqual(len(words), 4)
        self.assertEqual([w for line in self.said["rd"].splitlines() for w in line.split(":", 1)[1].split()[:2]], words)
        self.assertTrue(self.said["rd"].startswith(f"{self.said.value('rsp'):x}:"))
        self.assertEqual(self.said["back"].splitlines()[-2:], self.said["rd"].splitlines())
        self.assertEqual(self.said["pipe"], self.said["rd"].splitlines()[0])

    def test_selected_frame(self):
        for label in ("sym", "up"):
            symbol = re.search(r"^(\S+) \+ (\d+) in section", self.said["pc"] if label == "sym" else self.said["up"], re.M)
            self.assertIn(f") {symbol[1]}+{symbol[2]} ", self.said[label])
        self.assertNotEqual(self.said["sym"], self.said["up"].splitlines()[-1])
        self.assertIn(re.search(r"\t0x([0-9a-f]{16})", self.said["up x"])[1], self.said["up rsp"])
        self.assertIn(self.said["up"].splitlines()[-1].split()[0], self.said["dis"])

    def test_variables(self):
        address = f"{self.said.value('jiffies'):x}"
        self.assertEqual(self.said["vtop"].splitlines()[1].split()[0], address)
        self.assertIn(f"{address} (", self.said["sum"])
        self.assertRegex(self.said["history"], r'(?s)pid = 0,.*comm = "swapper/0.*init_task.*task_struct')

    def test_thread(self):
        self.assertRegex(self.said["task"], r'(?s)pid = 0,.*= 0\n.*comm = "swapper/0')
        self.assertEqual(len(set(self.said["all"].splitlines())), len({line.split()[0] for line in self.said["all"].splitlines()}))
        self.assertEqual(len(self.said["all"].splitlines()), self.dump.cpus)

    def test_many(self):
        names = re.findall(r"\) ([\w.]+)", self.said["many"])
        self.assertEqual([n for i, n in enumerate(names) if i not in (0, 4, 6, 7)], ["panic", "panic", "schedule", "do_exit"])
        self.assertEqual(len(set(self.said["many"].splitlines())), 4)
        self.assertEqual(re.findall(r"\(T\) (\w+)", self.said["more"]), ["panic", "schedule", "do_exit", "kfree"] * 2 + ["panic", "schedule"])

    def test_plain_gdb_is_told(self):
        self.assertIn("only gdb knows $pc; p/x $pc shows its value", self.said["monitor"])


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Backtraces(DumpTest):
    """bt of vmstub.gdb takes gdb's arguments and crash's."""

    OF_GDB = ("", "full 1", "-full 1", "-1", "999999", "-frame-arguments all 2", "full", "-past-main on 2")
    OF_CRASH = ("-a", "-c 2", "-l", "-f 1", "-lf 1", "-FF", "-e", "-c0", "1 2", "-t")

    @classmethod
    def prepare(cls):
        init = next(t for t in cls.dump.tasks if t.pid == 1)
        cls.task = f"{init.address:x}"
        asked = {f"bt {a}": f"bt {a}" for a in (*cls.OF_GDB, *cls.OF_CRASH, "1", cls.task)}
        asked |= {f"backtrace {a}": f"backtrace {a}" for a in cls.OF_GDB}
        asked |= {f"kbt {a}": f"monitor kbt {a}" for a in (*cls.OF_CRASH, "1")}
        cls.said = gdb(cls.dump, {**asked, "after": "bt 999998"}, preload=SCRIPT)

    def test_of_gdb(self):
        for arguments in self.OF_GDB:
            head, _, frames = self.said[f"bt {arguments}"].partition("\n")
            self.assertRegex(head, r"^PID: 0 .*swapper")
            self.assertEqual(frames, self.said[f"backtrace {arguments}"], arguments)
        self.assertIn("vdev_count_hit", self.said["after"])

    def test_of_crash(self):
        for arguments in self.OF_CRASH:
            self.assertEqual(self.said[f"bt {arguments}"], self.said[f"kbt {arguments}"])
            self.assertNotIn("unknown", self.said[f"bt {arguments}"])
            # A task in user mode has registers, and no frame in the kernel.
            self.assertRegex(self.said[f"bt {arguments}"], r" #0 \[|CS: 0033" if arguments not in ("-e", "-t") else r"\[|CS: 0033")

    def test_task(self):
        told, _, stack = self.said["bt 1"].partition("\n")
        self.assertEqual(told, "(this is PID 1; to limit the number of frames, type backtrace 1)")
        self.assertEqual(stack, self.said["kbt 1"])
        self.assertEqual(self.said[f"bt {self.task}"], self.said["kbt 1"])
        self.assertIn('COMMAND: "init"', stack)


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Pipes(DumpTest):
    """With vmstub.gdb, | and > do what they do in crash."""

    PIPES = ("ps | grep init", "log | tail -5", "ps|grep -c swapper", "ps -k | grep kworker | wc -l", "foreach UN kbt | head -2",
             "mod | grep l2w", "dis panic 4 | tail -1", "ps | awk '{print $1}' | head -3", "sys | head -2 | tail -1")
    FILES = ("foreach kbt > {}", "ps >> {}", "ps >>{}", "sym panic >{}", "rd $rsp 4 > {}")

    @classmethod
    def prepare(cls):
        cls.folder = cls.new_folder()
        for n in range(len(cls.FILES)):
            (cls.folder / str(n)).write_text("old\n", encoding="ascii")
        asked = {line: line for line in cls.PIPES}
        asked |= {line: line.format(cls.folder / str(n)) for n, line in enumerate(cls.FILES)}
        asked |= {"rd": "rd $rsp 4", "rd | tail -1": "rd $rsp 4 | tail -1", "bt": "bt", "bt | head -3": "bt | head -3", "bt > FILE": f"bt > {cls.folder / 'bt'}",
                  "bt -a | grep -c PID": "bt -a | grep -c PID", "after": "sym panic", "two files": f"log > {cls.folder / 'a'} > {cls.folder / 'b'}",
                  "quoted": f"ps '|' | cat >{cls.folder / 'c'}", "no verb": "keval 1 | 2"}
        cls.said = gdb(cls.dump, asked, preload=SCRIPT)

    def test_pipes(self):
        for line in self.PIPES:
            with self.subTest(line):
                verb, _, shell = line.partition("|")
                expected = subprocess.run(["sh", "-c", shell], input=verbs(self.dump, verb), text=True, stdout=subprocess.PIPE).stdout
                self.assertEqual(self.said[line], expected.rstrip("\n"))
        self.assertTrue(self.said["mod | grep l2w"])
        self.assertEqual(self.said["rd | tail -1"], self.said["rd"].splitlines()[-1])

    def test_files(self):
        for n, line in enumerate(self.FILES):
            with self.subTest(line):
                self.assertEqual(self.said[line], "")
                verb, sign = re.match("(.*?) ?(>+)", line).groups()
                expected = self.said["rd"] + "\n" if verb.startswith("rd") else verbs(self.dump, verb)
                self.assertEqual((self.folder / str(n)).read_text(), ("old\n" if sign == ">>" else "") + expected)

    def test_backtraces(self):
        self.assertEqual(self.said["bt | head -3"].splitlines(), self.said["bt"].splitlines()[:3])
        self.assertEqual((self.folder / "bt").read_text().splitlines(), self.said["bt"].splitlines())
        self.assertEqual(self.said["bt -a | grep -c PID"], str(self.dump.cpus))
        self.assertIn("(T) panic", self.said["after"])

    def test_others(self):
        """One line says what to type."""
        self.assertIn('in gdb, type "pipe log | cat > ', self.said["two files"])
        self.assertIn("in gdb, type", self.said["quoted"])
        self.assertEqual(sorted(f.name for f in self.folder.iterdir() if not f.name.isdigit()), ["bt"])
        self.assertIn("decimal: 3", self.said["no verb"])


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Values(DumpTest):
    """p of --exec prints what gdb's own p prints."""

    EXPRESSIONS = ("jiffies", "init_task.pid", "init_task.comm", "init_task.tasks.next", "init_task.active_mm->pgd", "init_task.mm",
                   "*init_task.cred", "modules", "modules.next->next", "init_task.sched_reset_on_fork", "init_task.se",
                   "init_uts_ns.name.release", "init_task.se.load", "init_task.comm[1]", "init_task.cpus_mask", "init_task.parent->comm",
                   "*init_task.parent->cred->user")

    @classmethod
    def prepare(cls):
        asked = {e: f"p {e}" for e in cls.EXPRESSIONS}
        asked |= {"address": "p/x (unsigned long) &init_task.comm", "hex": "p/x init_task.se.load"}
        for cpu in range(cls.dump.cpus):
            asked[f"cpu {cpu}"] = [f"thread {cpu + 1}", "p runqueues.nr_running", "p runqueues.curr->comm"]
        cls.said = gdb(cls.dump, {"set": "set print pretty on", **asked})

    def test_as_gdb(self):
        for expression in self.EXPRESSIONS:
            value = re.sub(r"^\$\d+ = (\([^)]*\) )?", "", self.said[expression])
            self.assertEqual(verbs(self.dump, f"p {expression}").rstrip("\n"), f"{expression} = {value}")

    def test_styles(self):
        self.assertEqual(verbs(self.dump, "p &init_task.comm"), f"&init_task.comm = {self.said.value('address'):#x}\n")
        self.assertEqual(verbs(self.dump, "p -x init_task.se.load").split(" = ", 1)[1].rstrip("\n"), self.said["hex"].split(" = ", 1)[1])

    def test_per_cpu(self):
        running = verbs(self.dump, "p runqueues.nr_running:a").splitlines()
        names = verbs(self.dump, "p runqueues.curr->comm:a").splitlines()
        self.assertEqual(len(running), self.dump.cpus)
        for cpu in range(self.dump.cpus):
            theirs = re.findall(r"^\$\d+ = (.*)", self.said[f"cpu {cpu}"], re.M)
            self.assertEqual(theirs, [running[cpu].split(" = ", 1)[1], names[cpu].split(" = ", 1)[1]])
        self.assertEqual(verbs(self.dump, "p runqueues.nr_running"), running[self.dump.panic_cpu] + "\n")

    def test_errors(self):
        for text, said in (("nosuch", "nosuch: no such symbol"), ("1+2", "eval computes numbers"), ("init_task->pid", "not a pointer"),
                           ("init_task.nosuch", "task_struct has no member nosuch"), ("init_task.", "a member is missing"),
                           ("init_task.parent->", "a member is missing"), ("*init_task.pid", "not a pointer"), ("*", "not a variable"),
                           ("jiffies:a", "jiffies is not a per-CPU variable"), ("runqueues:99", "no such CPU: 99"),
                           ("&init_task.sched_reset_on_fork", "a bit field has no address"), ("init_task.real_cred->uid->val", "not a pointer")):
            done = vmstub("--exec", f"p {text}", self.dump.core)
            self.assertNotEqual(done.returncode, 0, text)
            self.assertIn(said, done.stderr, text)
            self.assertEqual(done.stdout, "")


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class NamesOfTasks(DumpTest):
    """A verb that takes a PID takes a command's name, if just one process has it."""

    def test_names(self):
        processes = {}
        for task in self.dump.tasks:
            processes.setdefault(task.comm, set()).add(task.tgid)
        alone = [t for t in self.dump.tasks if len(processes[t.comm]) == 1 and t.pid == t.tgid and t.pid and re.fullmatch("w_[a-z]+", t.comm)]
        self.assertTrue(alone)
        for task in alone[:3]:
            for verb in ("files", "kbt", "sig", "vm", "net -s", "set", "mount -n"):
                self.assertEqual(verbs(self.dump, f"{verb} {task.comm}"), verbs(self.dump, f"{verb} {task.pid}"))
        self.assertEqual(verbs(self.dump, "foreach init files"), verbs(self.dump, "files init"))

    def test_namesakes(self):
        # The threads of two processes, or two processes, that a guest of several CPUs always has.
        names = [t.comm for t in self.dump.tasks if t.pid and t.pid == t.tgid]
        twice = next((n for n in names if names.count(n) > 1), None)
        if not twice:
            self.skipTest("no two processes have the same name")
        done = vmstub("--exec", f"files '{twice}'", self.dump.core)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{names.count(twice)} processes have this name: PID ", done.stderr)

    def test_nobody(self):
        done = vmstub("--exec", "files nosuch", self.dump.core)
        self.assertEqual((done.returncode, done.stderr), (2, "vmstub: files: nosuch: neither a PID, a task address nor a task's name\n"))

    def test_names_in_gdb(self):
        said = gdb(self.dump, {"bt": "bt init", "kbt": "kbt init", "files": "files init"}, preload=SCRIPT)
        self.assertIn('COMMAND: "init"', said["bt"])
        self.assertEqual(said["bt"], said["kbt"])
        self.assertIn("/dev/console", said["files"])


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class LogWithLines(DumpTest):
    def test_as_log_and_lines(self):
        """Without the lines of source it is the log, and these lines are those of lines."""
        plain, both = verbs(self.dump, "log -t"), verbs(self.dump, "log -t -l")
        rest = iter(both.splitlines())
        for line in plain.splitlines():
            self.assertIn(line, rest)  # in this order: `in` consumes the iterator
        source = [line for line in both.splitlines() if re.match(r"    \S+ at \S+: \d+", line)]
        self.assertGreater(len(source), 10)
        self.assertEqual(source, [line for line in verbs(self.dump, "lines").splitlines() if re.match(r"    \S+ at \S+: \d+", line)])
        self.assertEqual(len(both.splitlines()) - len(source) - len(plain.splitlines()),
                         len([line for line in verbs(self.dump, "lines").splitlines() if line.startswith("    ")]) - len(source))


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class WithoutUserMemory(DumpTest):
    def test_no_user_memory(self):
        for verb in ("rd -u 401000", "rd 401000"):
            done = vmstub("--exec", f"set 2; {verb}", self.dump.core)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn('the selected task, PID 2 (kthreadd), has no user memory; "set PID" selects another one, in gdb "task PID"', done.stderr)


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class FreeListsAndFlags(DumpTest):
    LIST = r"^ *(\d+) +(\d+)k +([0-9a-f]+) +(\d+) +(\d+)$"
    FLAG = r"^ *(PG_\w+) +(\d+) +([0-9a-f]+)$"

    @classmethod
    def prepare(cls):
        cls.theirs = crash(cls.dump, *ASKED)

    def test_free_lists(self):
        ours = verbs(self.dump, "kmem -f")
        lists = re.findall(self.LIST, ours, re.M)
        self.assertGreater(len(lists), 50)
        self.assertEqual(lists, re.findall(self.LIST, self.theirs["kmem -f"], re.M))
        self.assertEqual(ours.splitlines()[-1], self.theirs["kmem -f"].splitlines()[-1])

    def test_page_flags(self):
        for command in ("kmem -g", "kmem -g 4000000000010200"):
            ours = re.findall(self.FLAG, verbs(self.dump, command), re.M)
            self.assertTrue(ours)
            self.assertEqual(ours, re.findall(self.FLAG, self.theirs[command], re.M))
        done = vmstub("--exec", "kmem -g word", self.dump.core)
        self.assertEqual((done.returncode, done.stdout), (2, ""))


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class DisOptions(DumpTest):
    def test_bug_bytes(self):
        """crash shows the bytes of each instruction from the same addresses."""
        ours = re.findall(r"^0x([0-9a-f]+) ", verbs(self.dump, "dis -b 4 schedule"), re.M)
        self.assertEqual(ours, re.findall(r"^0x([0-9a-f]+) ", crash(self.dump, *ASKED)["dis -b 4 schedule"], re.M))
        self.assertNotEqual(ours, re.findall(r"^0x([0-9a-f]+) ", verbs(self.dump, "dis schedule"), re.M))
        self.assertEqual(vmstub("--exec", "dis -b 1000 schedule", self.dump.core).returncode, 2)

    def test_user_code(self):
        """The code where init entered the kernel, as gdb's own disassembler shows it in that task."""
        core = self.dump.cores["elf"]
        pc = re.search(r"RIP: 0*([0-9a-f]+)", verbs(self.dump, "kbt 1", core=core))[1]
        ours = re.findall(r"^0x(\S+):\t(\w+)", vmstub("--exec", f"set 1; dis -u {pc} 4", core).stdout, re.M)
        said = gdb(self.dump, {"code": ["task 1", f"x/4i 0x{pc}"]}, core=core, preload=SCRIPT)
        self.assertEqual(ours, re.findall(r"^ +0x([0-9a-f]+)[^:\n]*:\t(\w+)", said["code"], re.M)[-4:])
        self.assertEqual(len(ours), 4)


USER = re.compile(r'^ *(\d+) +([0-9a-f]{16}) +"([^ "]*)"? +(\w[\w ]*?) *$', re.M)


@for_dumps("k6.1-kdump", "k5.10-kdump", "k6.12-kdump", "k7-kdump", quick=("k6.1-kdump",))
class Fuser(DumpTest):
    @classmethod
    def prepare(cls):
        """{name: {pid: uses}} of the workers, from /proc before the crash."""
        cls.workers = {pid for pid, _ in cls.dump.workers.values()}
        cls.uses, section = {}, None

        def add(name, pid, use):
            if pid in cls.workers:
                cls.uses.setdefault(name, {}).setdefault(pid, set()).add(use)
        for line in cls.dump.fact("fds").splitlines():
            if m := re.match(r"/proc/(\d+)/fd:$", line):
                section = int(m[1])
            elif m := re.match(r".* /proc/(\d+)/(cwd|root) -> (.*)$", line):
                add(m[3], int(m[1]), m[2])
            elif section and (m := re.match(r".* \d+ -> (.*)$", line)):
                add(m[1], section, "fd")
        for pid, name in re.findall(r"^/proc/(\d+)/maps:\S+ \S+ \S+ \S+ [1-9]\d* +(/.*)$", cls.dump.fact("maps"), re.M):
            add(name, int(pid), "mmap")

    def say(self, line):
        """Of the file with all pages: makedumpfile 1.7.2 drops some used pages as free."""
        return verbs(self.dump, line, core=self.dump.cores["lzo-d0"])

    def of_workers(self, what):
        out = self.say(f"fuser '{what}'")
        return {int(pid): set(uses.split()) for pid, _, _, uses in USER.findall(out) if int(pid) in self.workers}

    def test_fuser_as_proc(self):
        kinds = {"/": 0, "pipe:": 0, "socket:": 0}
        for name, uses in self.uses.items():
            if name.startswith("anon_inode:"):  # of all tasks that have one
                continue
            with self.subTest(name):
                self.assertEqual(self.of_workers(name), uses)
            kinds[next(kind for kind in kinds if name.startswith(kind))] += 1
        self.assertTrue(all(kinds.values()), kinds)

    def test_fuser_of_socket(self):
        """The name that a unix socket is bound to; its inode is in /proc/net/unix."""
        inode, path = re.search(r" (\d+) (/\S+)$", self.dump.fact("net-unix"), re.M).groups()
        self.assertEqual(self.of_workers(path), self.uses[f"socket:[{inode}]"])

    def test_fuser_of_inode(self):
        pid = self.dump.workers["w_files"][0]
        inode = re.search(r"^ *\d+ \w+ \w+ (\w+) REG +/tmp/w_plain$", self.say(f"files {pid}"), re.M)[1]
        self.assertEqual(self.of_workers(inode), self.uses["/tmp/w_plain"])

    def test_no_fuser(self):
        self.assertEqual(self.say("fuser /no/such"), "No users of /no/such found\n")
        self.assertEqual(vmstub("--exec", "fuser no_such_symbol", self.dump.core).returncode, 1)


@for_dumps("k5.10-kdump")
class FuserOfCrash(DumpTest):
    """The installed crash fails at the areas of 6.1."""

    def test_fuser_as_crash(self):
        commands = [f"fuser {name}" for name in ("/", "/tmp", "/tmp/w_plain", "/bin/workers", "/bin/busybox", "/no/such")]
        theirs = crash(self.dump, *commands)
        found = 0
        for command in commands:
            with self.subTest(command):
                # crash cuts a long name and its quote.
                rows = [(pid, task, name[:14], uses) for pid, task, name, uses in USER.findall(verbs(self.dump, command))]
                self.assertEqual(rows, [(pid, task, name[:14], uses) for pid, task, name, uses in USER.findall(theirs[command])])
                found += len(rows)
        self.assertGreater(found, 50)


@for_dumps("k6.1-kdump", "k7-qemu", quick=("k6.1-kdump",))
class Sorted(DumpTest):
    """--sort prints the rows of the same command, the largest first."""

    def rows(self, line):
        return json.loads(vmstub("--exec", line + " --json", self.dump.core).stdout)["rows"]

    @staticmethod
    def known(value):
        """A dump may lack the page of a number, whose row comes last."""
        return -1 if value is None else value

    def test_ps(self):
        for option, key in (("size", "rss_kb"), ("rss", "rss_kb"), ("vsz", "vsz_kb"), ("pid", "pid")):
            expected = sorted(self.rows("ps"), key=lambda row: -self.known(row[key]))
            self.assertEqual(self.rows(f"ps --sort={option}"), expected)
            self.assertGreater(len({row[key] for row in expected}), 5)
        lines = verbs(self.dump, "ps").splitlines()
        self.assertEqual(verbs(self.dump, "ps --sort rss").splitlines(), lines[:1] + sorted(lines[1:], key=lambda line: -int(line[59:68].replace("?", "-1"))))
        self.assertEqual(self.rows("foreach user ps --sort=size"),
                         sorted(self.rows("foreach user ps"), key=lambda row: -self.known(row["rss_kb"])))

    def test_slabs(self):
        rows = self.rows("kmem -s")
        for row in rows:
            self.assertEqual(row["memory_kb"], row["slabs"] * row["slab_kb"])
        for option, key in (("size", "memory_kb"), ("allocated", "allocated")):
            self.assertEqual(self.rows(f"kmem -s --sort={option}"), sorted(rows, key=lambda row: -row[key]))

    def test_wrong_use(self):
        for line, said in (("ps --sort=nosuch", "nosuch: no column of numbers: pid, ppid, cpu, mem_percent, vsz_kb, rss_kb"),
                           ("ps --sort=comm", "comm: no column of numbers"), ("ps -t --sort=size", "--sort with -t: not the table of tasks"),
                           ("kmem -i --sort=size", "--sort is an option of -s"), ("ps --sort", "option --sort needs an argument: COLUMN")):
            done = vmstub("--exec", line, self.dump.core)
            self.assertIn(said, done.stderr)
            self.assertEqual(done.returncode, 2)


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class Paged(DumpTest):
    """Long output on a terminal goes through a pager."""

    def start(self, *args, **env):
        return Terminal([VMSTUB, *args, self.dump.core], self.dump.dir, {"TERM": "xterm", "LINES": "24", "COLUMNS": "80", **env})

    def run_to_end(self, *args, keys="", **env):
        """The text on the terminal, and the exit code."""
        terminal = self.start(*args, **env)
        try:
            terminal.type(keys)
            terminal.look(limit(30))
        except AssertionError:
            pass  # it has ended
        os.close(terminal.fd)
        return terminal.text, os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1])

    def test_pager_of_the_user(self):
        counted = len(verbs(self.dump, "ps").splitlines())
        for args in (("--exec", "ps"), ("-i", self.commands("ps\n"))):
            self.assertEqual(self.run_to_end(*args, PAGER="wc -l; echo paged"), (f"{counted}\npaged\n", 0))
        # What fails is in order with the rest, and still the exit code.
        self.assertEqual(self.run_to_end("--exec", "nosuch; sym panic", PAGER="grep -c .; echo paged"), ("2\npaged\n", 2))

    def commands(self, text):
        file = self.new_folder() / "commands"
        file.write_text(text, encoding="ascii")
        return file

    def test_no_pager(self):
        text = verbs(self.dump, "ps")
        for args, env in ((("--no-pager", "--exec", "ps"), {"PAGER": "wc -l"}), (("-s", "--exec", "ps"), {"PAGER": "wc -l"}),
                          (("--exec", "ps"), {"PAGER": ""}), (("--exec", "ps"), {"PAGER": "cat"}), (("--exec", "ps"), {"TERM": "dumb"}),
                          (("--exec", "set scroll off; ps"), {"PAGER": "wc -l"}), (("-i", self.commands("set scroll off\nps\n")), {"PAGER": "wc -l"})):
            self.assertEqual(self.run_to_end(*args, **env), (text, 0), (args, env))

    def test_pager_that_does_not_start(self):
        said, code = self.run_to_end("--exec", "ps", PAGER="/no/such/pager")
        self.assertIn("/no/such/pager: not found", said)
        self.assertEqual((said.partition("\n")[2], code), (verbs(self.dump, "ps"), 0))

    @unittest.skipUnless(shutil.which("less"), "no less")
    def test_less(self):
        said, code = self.run_to_end("--exec", "ps", keys="q")
        self.assertIn("PPID", said)
        self.assertLess(len(said.splitlines()), 30)  # it stops at a full screen, and q is no failure
        self.assertEqual(code, 0)
        said, code = self.run_to_end("--exec", "sym panic")  # short: it does not wait for a key
        self.assertIn(" (T) panic ", said)
        self.assertEqual(code, 0)

    def test_interrupt(self):
        """Ctrl-C ends the work; the pager still shows what there was."""
        terminal = self.start("--exec", "sym panic; search -p -t deadbeefdeadbeef; search -p deadbeefdeadbeef; search deadbeef12345678", PAGER="trap : INT; cat; echo paged")
        try:
            self.assertIsNotNone(terminal.wait_for(r"\(T\) panic"))
            terminal.type("\x03")
            terminal.look(limit(30))
        except AssertionError:
            pass
        os.close(terminal.fd)
        self.assertIn(os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1]), (130, 0))  # 0: it had ended before
        self.assertIn("paged", terminal.text)

    def test_without_terminal(self):
        done = vmstub("--exec", "set scroll on; sym panic", self.dump.core, env={**os.environ, "PAGER": "wc -l", "TERM": "xterm"})
        self.assertEqual(done.stdout, verbs(self.dump, "sym panic"))
