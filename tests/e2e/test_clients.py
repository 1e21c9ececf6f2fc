# SPDX-License-Identifier: GPL-3.0-or-later
"""Real front-ends of gdb that use more of it than its command line."""
import functools
import json
import os
import re
import shutil
import subprocess
import unittest

from dap import Dap
from dumps import ROOT, VMSTUB, DumpTest, for_dumps, served, server
from patience import limit
from session import vmstub
from terminal import Terminal, gdbs
from test_listen import Listening

CANNOT_RUN = "The kernel in a crash dump cannot run."
FIRST = r"#0 +0x[0-9a-f]+ in vdev_count_hit \(len=1514, vdev=0x[0-9a-f]+ <l2w_vdevs\+64>\) at .*/vdev.c:50"


@for_dumps("k6.1-kdump")
class NonStop(DumpTest):
    """Non-stop mode in gdb's machine interface."""

    def talk(self, gdb, start):
        settings = ["-nx", "-q", "-i=mi", "-iex", "set debuginfod enabled off", "-iex", "set width 0"]
        if start == "vmgdb":
            command = [ROOT / "gdbscripts" / "vmgdb", self.dump.cores["elf"], "--", *settings, "-iex", "set non-stop on"]
            connect = []
        else:
            command = [gdb, *settings, "vmlinux"]
            connect = ["-gdb-set non-stop 1", "-target-select " + server(self.dump.cores['elf'])]
        asked = [*connect, "-thread-info", "backtrace 3", "info threads", "-exec-continue --all", "echo <went on>\\n",
                 "-exec-interrupt --all", "monitor sym panic", "info symbol panic", "x/i panic", "-stack-info-frame", "-gdb-exit"]
        done = subprocess.run([*map(str, command)], cwd=self.dump.dir, input="\n".join(asked) + "\n", text=True, errors="replace",
                              env={**os.environ, "GDB": gdb, "VMSTUB": str(VMSTUB)}, timeout=limit(60),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.replace('\\"', '"').replace("\\n", "\n")

    def test_all_starts(self):
        for name, gdb in gdbs().items():
            for start in ("classic", "vmgdb"):
                with self.subTest(gdb=name, start=start):
                    said = self.talk(gdb, start)
                    self.assertNotIn("internal-error", said)
                    errors = re.findall(r'\^error,msg="([^"]*)', said)
                    self.assertIn("gdb is in non-stop mode", said)
                    self.assertRegex(said, FIRST)
                    self.assertRegex(said, r'threads=\[\{id="1".*state="stopped"')
                    self.assertRegex(said, r"\* 1 .*PANIC\)")
                    self.assertIn(CANNOT_RUN, said)
                    self.assertRegex(said, r'\^done,frame=\{level="0",addr="0x[0-9a-f]+",func="vdev_count_hit"')
                    at = re.search(r"([0-9a-f]{16}) \(T\) panic", said)[1]
                    if start == "classic":  # an error, not a value from elsewhere
                        self.assertEqual([e.partition(" 0x")[0] for e in errors], ["Cannot access memory at address"])
                        self.assertRegex(said, r"Then type symbol-file, add-symbol-file \S+ -o 0x[0-9a-f]+, and sharedlibrary")
                    else:
                        self.assertEqual(errors, [])
                        self.assertIn("panic in section .text", said)
                        self.assertIn(f"0x{at} <panic>", said)


@for_dumps("k6.1-kdump")
@unittest.skipUnless(shutil.which("emacs"), "no emacs")
class Emacs(DumpTest):
    """M-x gdb, as Emacs sets it up with older and newer versions of gdb."""

    def session(self, non_stop):
        out = self.new_folder()
        # Emacs' own time limit ends the wait before ours.
        terminal = Terminal(["emacs", "-nw", "-Q", "-l", ROOT / "tests" / "e2e" / "emacs.el"], self.dump.dir, {
            "TERM": "vt100", "DEBUGINFOD_URLS": "", "OUT": str(out), "NON_STOP": non_stop, "LIMIT": str(limit(20)),
            "GDB_COMMAND": f"gdb -nx -i=mi {self.dump.dir}/vmlinux",
            "CONNECT": "target " + server(self.dump.cores['elf'])})
        try:
            terminal.look(limit(100))
        except AssertionError:
            pass  # it has ended
        finally:
            terminal.close()
        return {f.name: f.read_text(errors="replace") for f in out.iterdir()}

    def test_gdb_mode(self):
        for non_stop in ("nil", "t"):
            with self.subTest(non_stop=non_stop):
                said = self.session(non_stop)
                self.assertRegex(said["gud"], FIRST)
                self.assertIn("<done>", said["gud"])
                self.assertRegex(said["stack"], r"(?s)0 +in vdev_count_hit of .*vdev.c:50.*in l2w_vdev_xmit of .*vdev.c:\d+")
                threads = re.findall(r"Thread \d+ stopped in (\S+)", said["threads"])
                self.assertIn("vdev_count_hit", threads)
                if non_stop == "t":
                    self.assertEqual(len(threads), 1)
                    self.assertIn("gdb is in non-stop mode", said["gud"])
                    self.assertIn(CANNOT_RUN, said["gud"])
                else:
                    self.assertEqual(len(threads), self.dump.cpus)
                    self.assertNotIn("non-stop", said["gud"])


def adapters():
    """{name: program} of gdbs that speak the Debug Adapter Protocol: those that are here, and those that $GDBS selects."""
    found = dict(gdbs())
    for name in ("trixie", "sid"):
        where = subprocess.run([ROOT / "tests" / "matrix" / "gdbs", "--dir", name], text=True, stdout=subprocess.PIPE, check=True)
        found[name] = where.stdout.strip() + "/gdb"

    def speaks(program):
        return os.path.exists(program) and subprocess.run([program, "-nx", "-q", "-i", "dap"], stdin=subprocess.DEVNULL, timeout=limit(60),
                                                          capture_output=True).returncode == 0
    return {name: program for name, program in found.items() if program and speaks(program)}


@for_dumps("k6.1-kdump")
class DebugAdapter(DumpTest):
    """gdb -i dap, which Neovim, Zed and Emacs' dape start."""

    def attach(self, gdb, *options):
        """A session that has stopped in the crashed thread."""
        client = Dap([gdb, "-nx", "-q", *options, "-iex", "set debuginfod enabled off", "-iex", "set width 0"], self.dump.dir)
        try:
            client.ask("initialize", adapterID="gdb", linesStartAt1=True, columnsStartAt1=True)
            attached = client.send("attach", program=f"{self.dump.dir}/vmlinux", target=f"| {served(self.dump.cores['elf'])}")
            client.event("initialized")
            client.ask("configurationDone")
            self.assertTrue(client.reply(attached)["success"])
            self.assertEqual(client.event("stopped")["body"]["threadId"], self.dump.panic_cpu + 1)
            client.events.clear()
        except BaseException:
            client.__exit__()
            raise
        return client

    def frames(self, client, thread):
        return [frame["name"] for frame in client.ask("stackTrace", threadId=thread)["stackFrames"]]

    def test_threads_of_tasks(self):
        adapters_here = adapters()
        if not adapters_here:
            self.skipTest("no gdb with DAP")
        cpus = self.dump.cpus
        for name, gdb in adapters_here.items():
            with self.subTest(gdb=name), self.attach(gdb, "--interpreter=dap", "-x", ROOT / "gdbscripts" / "vmstub.gdb") as client:
                for i, (pid, comm) in enumerate(((1, "init"), (2, "kthreadd"))):
                    self.assertIn(f"thread {cpus + 1 + i}: pid {pid}, IN, {comm}", client.repl(f"task {pid}"))
                    self.assertEqual(client.event("stopped")["body"]["threadId"], cpus + 1 + i)
                    self.assertRegex(client.repl("bt"), rf'COMMAND: "{comm}"\n#0 .*context_switch .*\n#1 .*__schedule ')
                self.assertIn("thread 1: pid 0", client.repl("task 0"))
                self.assertEqual(len(client.ask("threads")["threads"]), cpus + 2)
                for thread in (cpus + 1, cpus + 2):
                    self.assertEqual(self.frames(client, thread)[:2], ["context_switch", "__schedule"])
                self.assertEqual(self.frames(client, self.dump.panic_cpu + 1)[0], "vdev_count_hit")

    def test_monitor_task(self):
        """Without vmstub.gdb the user must cause the stop."""
        for name, gdb in adapters().items():
            with self.subTest(gdb=name), self.attach(gdb, "-i", "dap") as client:
                self.assertIn("Type stepi to select it.", client.repl("monitor task 1"))
                self.assertIn("vdev_count_hit", client.repl("bt 1"))
                self.assertNotIn("kthreadd", client.repl("info threads"))
                client.repl("monitor task 2")  # instead of 1
                client.repl("stepi")
                new = client.event("stopped")["body"]["threadId"]
                self.assertEqual(new, self.dump.cpus + 1)
                self.assertEqual(self.frames(client, new)[:2], ["context_switch", "__schedule"])
                self.assertRegex(client.repl("info threads"), r'(?m)^\* 5 .*"kthreadd" ')
                self.assertIn("kthreadd", client.repl("p $task->comm"))

    def test_says_that_nothing_runs(self):
        """In the console. What gdb prints while it starts a request, its adapter drops (to_string in
        exec_and_expect_stop()), so there the text may be lost."""
        for name, gdb in adapters().items():
            with self.subTest(gdb=name), self.attach(gdb, "-i=dap") as client:
                self.assertIn(CANNOT_RUN, client.repl("continue"))
                client.event("stopped")
                for request in ("continue", "next", "stepIn", "stepOut"):
                    client.ask(request, threadId=self.dump.panic_cpu + 1)
                    client.event("stopped")
                    self.assertEqual(self.frames(client, self.dump.panic_cpu + 1)[0], "vdev_count_hit")


@for_dumps("k6.1-kdump")
class StopReplies(DumpTest):
    """How each kind of client is told that nothing runs: once on connecting where the answer to a request is lost, and with the
    stop that it shows most quietly."""
    NOTE = "note: this is a crash dump: continue and step stop again at once where they are"

    def say(self, program, *options, asked=(), core=None):
        connect = "target " + server(core or self.dump.cores['elf'])
        done = subprocess.run([program, "-nx", "-q", "-iex", "set debuginfod enabled off", "-iex", "set width 0", "-iex", "set sysroot /", *options,
                               "vmlinux"], cwd=self.dump.dir, input="\n".join([connect, *asked]) + "\n", text=True, errors="replace",
                              timeout=limit(60), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout

    def test_console(self):
        for name, program in gdbs().items():
            with self.subTest(gdb=name):
                said = self.say(program, asked=("continue", "next", "stepi", "finish"))
                self.assertNotIn(self.NOTE, said)
                self.assertEqual(said.count(CANNOT_RUN), 4)
                self.assertNotIn("received signal", said)

    def test_machine_interface(self):
        """The C/C++ extension of VS Code takes SIGTRAP for the end of a pause, and shows a box for any other signal
        (HandleBreakModeEvent() of its MIEngine)."""
        for name, program in gdbs().items():
            with self.subTest(gdb=name):
                said = self.say(program, "-i=mi", asked=("-exec-continue", "-exec-finish", "-exec-next", "-exec-step-instruction", "-gdb-exit"))
                self.assertEqual(said.count(self.NOTE), 1)
                self.assertEqual(said.count('@"' + CANNOT_RUN), 4)
                self.assertEqual(re.findall(r'signal-name="(\w+)"', said), ["SIGTRAP", "0", "0", "0"])  # gdb steps out of the inlined function
                self.assertNotIn("^error", said)

    @unittest.skipUnless(shutil.which("cgdb"), "no cgdb")
    def test_cgdb(self):
        """It loses what the target prints, but not what is printed on connecting."""
        cgdb = Terminal(["cgdb", "-d", "gdb", "-nx", "-q", "-iex", "set debuginfod enabled off", "-ex", "set sysroot /", "-ex", "set width 0",
                         "-ex", "target " + server(self.dump.cores['elf']), "vmlinux"], self.dump.dir, {"TERM": "xterm"}, size=(60, 200))
        try:
            self.assertIsNotNone(cgdb.wait_for("this is a crash dump", limit(60)), cgdb.text[-2000:])
            self.assertIsNotNone(cgdb.wait_for(r"\(gdb\)", limit(60)), cgdb.text[-2000:])
            cgdb.type("continue\n")
            self.assertIsNotNone(cgdb.wait_for("stopped", limit(60)), cgdb.text[-2000:])
        finally:
            cgdb.close()


VMGDB = ROOT / "gdbscripts" / "vmgdb"


def in_vim():
    done = shutil.which("vim") and subprocess.run(["vim", "--version"], text=True, capture_output=True)
    return bool(done) and "+terminal" in done.stdout


@for_dumps("k6.1-kdump")
@unittest.skipUnless(in_vim(), "no vim with +terminal")
class Termdebug(DumpTest):
    """Vim's Termdebug with vmgdb in gdb's place."""

    def test_source_and_message(self):
        out = self.new_folder()
        vim = Terminal(["vim", "-Nu", "NONE", "-S", ROOT / "tests" / "e2e" / "termdebug.vim"], self.dump.dir, {
            "TERM": "xterm", "OUT": str(out), "VMGDB": str(VMGDB), "DUMP": str(self.dump.cores["elf"]), "VMSTUB": str(VMSTUB),
            "DEBUGINFOD_URLS": "", "LINES": "50", "COLUMNS": "150"})
        try:
            vim.look(limit(30))
        except AssertionError:
            pass  # it has ended
        finally:
            vim.close()
        self.assertTrue((out / "windows").exists(), vim.text[-3000:])
        self.assertRegex((out / "windows").read_text(), r"(?m)/vdev\.c:50$")
        self.assertIn(CANNOT_RUN, (out / "text").read_text())


@functools.lru_cache(None)
def cdt_adapter():
    """Eclipse's cdt-gdb-adapter from npm, in the cache; None if there is no npm or no network."""
    folder = f"{os.environ['VMSTUB_CACHE']}/npm"
    adapter = f"{folder}/node_modules/cdt-gdb-adapter/dist/debugTargetAdapter.js"
    if not os.path.exists(adapter) and shutil.which("npm") and shutil.which("node"):
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "cdt-gdb-adapter@1.7.0"], cwd=folder,
                       env={**os.environ, "HOME": os.environ["USERS_HOME"]}, capture_output=True, timeout=limit(120))
    return adapter if os.path.exists(adapter) and shutil.which("node") else None


@for_dumps("k6.1-kdump")
class LaunchJson(DumpTest):
    """vmgdb --print-launch-json, and vmgdb as the gdb of an IDE."""

    def printed(self, *args):
        done = subprocess.run([VMGDB, "--print-launch-json", *args, "vmcore.elf"], cwd=self.dump.dir, text=True, timeout=limit(60),
                              env={**os.environ, "VMSTUB": str(VMSTUB), "DEBUGINFOD_URLS": ""}, capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return {one["type"]: one for one in json.loads(done.stdout)["configurations"]}

    def test_text(self):
        odd = self.new_folder() / "a 'b\"\\c"
        (odd / "kernel").mkdir(parents=True)
        printed = self.printed("--module-dir", str(odd), "--source", str(odd))
        self.assertEqual(set(printed), {"cppdbg", "gdbtarget", "gdb"})
        program = os.path.realpath(self.dump.dir / "vmlinux")
        self.assertEqual([printed["cppdbg"]["program"], printed["gdbtarget"]["program"], printed["gdb"]["executable"]], [program] * 3)
        self.assertIn(str(odd), printed["cppdbg"]["sourceFileMap"].values())
        # The command line, as the shell that gdb starts sees it.
        shown = subprocess.run(["sh", "-c", "printf '%s\\n'" + printed["gdb"]["target"].lstrip("|")], text=True, capture_output=True)
        self.assertEqual(shown.stdout.splitlines(), [str(VMSTUB), "--module-dir", str(odd), "--source", str(odd), "vmcore.elf"])
        done = subprocess.run([VMGDB, "--print-launch-json"], text=True, capture_output=True, timeout=limit(20))
        self.assertEqual(done.returncode, 2)

    def talk(self, config, commands, gdb_options=("--interpreter=mi",)):
        """The machine interface as an IDE uses it; config is a printed configuration."""
        gdb = config.get("miDebuggerPath") or config["gdbpath"]
        done = subprocess.run([gdb, *gdb_options, "-nx"], cwd=config["cwd"], text=True, errors="replace", timeout=limit(60),
                              input="\n".join([*commands, "-gdb-exit"]) + "\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "VMSTUB": str(VMSTUB), "DEBUGINFOD_URLS": ""})
        return done.stdout

    def test_dialogues(self):
        """What the C/C++ extension and Native Debug send, as their sources have it."""
        printed = self.printed()
        cpp, native = printed["cppdbg"], printed["gdb"]
        look = ["-thread-info", "-stack-list-frames --thread 4 0 1000", "-stack-list-variables --thread 4 --frame 0 0",
                '-var-create --thread 4 --frame 0 - * "vdev"', '-interpreter-exec console "sym panic"']
        for config, commands, options in (
                (cpp, ["-gdb-set mi-async on", *(f'-interpreter-exec console "{c["text"]}"' for c in cpp["setupCommands"]),
                       f"-environment-cd {cpp['cwd']}", "-gdb-set stop-on-solib-events 1", f"-file-exec-and-symbols {cpp['program']}",
                       f"-target-select remote {cpp['miDebuggerServerAddress']}"], ("--interpreter=mi", "--tty=/dev/null")),
                (native, ["-gdb-set mi-async on", f"-environment-directory \"{native['cwd']}\"", f"-file-exec-and-symbols \"{native['executable']}\"",
                          f"-target-select remote {native['target']}"], ("-q", "--interpreter=mi2"))):
            with self.subTest(type=config["type"]):
                said = self.talk(config, [*commands, *look], options)
                self.assertNotIn("^error", said)
                self.assertRegex(said, r'\^done,threads=\[\{id="1".*state="stopped"')
                self.assertRegex(said, r'level="0",addr="0x[0-9a-f]+",func="vdev_count_hit".*level="24"')
                self.assertRegex(said, r'name="stats",value="0x0"|name="stats"')
                self.assertRegex(said, r'\^done,name="var1",numchild="\d+",value="0x[0-9a-f]+ <l2w_vdevs\+64>"')
                self.assertRegex(said, r"[0-9a-f]{16} \(T\) panic")

    def test_dump_as_argument(self):
        """An IDE that only lets gdb's arguments be given."""
        done = subprocess.run([VMGDB, "-i=mi", "-nx", "vmlinux", "vmcore.elf"], cwd=self.dump.dir, text=True, errors="replace",
                              input="-stack-list-frames 0 0\n-gdb-exit\n", timeout=limit(60), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={**os.environ, "VMSTUB": str(VMSTUB), "DEBUGINFOD_URLS": ""})
        self.assertRegex(done.stdout, r'\^done,stack=\[frame=\{level="0",addr="0x[0-9a-f]+",func="vdev_count_hit"')

    def test_version_is_of_gdb(self):
        said = subprocess.run([VMGDB, "--version"], text=True, capture_output=True, timeout=limit(20)).stdout.splitlines()
        self.assertRegex(said[0], r"^GNU gdb .* \d+\.\d+")
        self.assertRegex(said[1], r"^vmstub \d")

    def test_cdt_adapter(self):
        if not cdt_adapter():
            self.skipTest("cdt-gdb-adapter of npm is not available")
        config = {key: value for key, value in self.printed()["gdbtarget"].items() if key not in ("name", "type", "request")}
        with Dap(["node", cdt_adapter()], self.dump.dir, {"VMSTUB": str(VMSTUB), "DEBUGINFOD_URLS": ""}) as client:
            client.ask("initialize", adapterID="gdbtarget", linesStartAt1=True, columnsStartAt1=True, pathFormat="path")
            attached = client.send("attach", **config)
            client.event("initialized")
            client.ask("configurationDone")
            self.assertTrue(client.reply(attached)["success"])
            panic = self.dump.panic_cpu + 1
            self.assertEqual(client.event("stopped")["body"]["threadId"], panic)
            frames = client.ask("stackTrace", threadId=panic)["stackFrames"]
            self.assertEqual([f["name"] for f in frames][:3], ["vdev_count_hit", "l2w_vdev_lookup", "l2w_vdev_xmit"])
            self.assertEqual(frames[0]["line"], 50)
            scopes = client.ask("scopes", frameId=frames[0]["id"])["scopes"]
            variables = client.ask("variables", variablesReference=scopes[0]["variablesReference"])["variables"]
            self.assertIn(("stats", "0x0"), [(v["name"], v["value"]) for v in variables])
            client.ask("evaluate", expression="> sym $pc", context="repl", frameId=frames[0]["id"])
            client.wait_for_output("l2w_vdev_lookup+")
            client.ask("continue", threadId=panic)
            client.wait_for_output(CANNOT_RUN)
            self.assertEqual(client.event("stopped")["body"]["reason"], "SIGTRAP")


@for_dumps("k6.1-kdump")
@unittest.skipUnless(shutil.which("lldb"), "no lldb")
class Lldb(DumpTest):
    def session(self, *commands):
        """What lldb prints for these commands after connecting."""
        with Listening(self.dump, "0", "--once") as server:
            asked = ["target create vmlinux", f"gdb-remote {server.at}", *commands, "process detach"]
            done = subprocess.run(["lldb", "--no-lldbinit", "-b", *(word for one in asked for word in ("-o", one))], cwd=self.dump.dir,
                                  text=True, errors="replace", timeout=limit(60), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            self.assertEqual(server.end()[0], 0)
        self.assertIn("detached", done.stdout)
        return done.stdout

    def idle_thread(self):
        """A CPU that was halted, as lldb takes minutes to analyse some other functions, such as ktime_get()."""
        others = [cpu for cpu in range(self.dump.cpus) if cpu != self.dump.panic_cpu]
        for number, cpu in enumerate(others, 2):  # lldb counts from the stopped one
            said = vmstub("--exec", f"kbt -c {cpu}", self.dump.core, cwd=self.dump.dir).stdout
            if "[exception RIP: native_safe_halt+" in said.splitlines()[1]:
                return number
        self.skipTest("no CPU of this dump was halted")

    def test_symbols(self):
        said = self.session("register read kaslr_offset", f"target modules load --file vmlinux --slide {self.dump.slide:#x}",
                            f"thread select {self.idle_thread()}", "bt 3")
        self.assertIn(f"kaslr_offset = {self.dump.slide:#018x}", said)
        self.assertRegex(said, r"frame #0: 0x[0-9a-f]+ vmlinux`native_safe_halt at irqflags.h:52")
        self.assertRegex(said, r"frame #\d: 0x[0-9a-f]+ vmlinux`default_idle_call at idle.c:109|frame #\d: 0x[0-9a-f]+ vmlinux`amd_e400_idle")

    def test_session(self):
        said = self.session("thread list", "continue", "thread step-inst", "process plugin packet monitor sym panic")
        threads = re.findall(r"^[* ] thread #(\d+)", said.split("(lldb) thread list")[1].split("(lldb)")[0], re.M)
        self.assertEqual([int(n) for n in threads], list(range(1, self.dump.cpus + 1)))
        # It stops again, where gdb's kind of stop makes lldb continue forever.
        self.assertLess(said.count(CANNOT_RUN), 10)
        self.assertIn("stop reason = signal SIGINT", said)
        self.assertRegex(said, r"[0-9a-f]{16} \(T\) panic")
