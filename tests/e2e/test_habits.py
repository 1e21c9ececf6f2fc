# SPDX-License-Identifier: GPL-3.0-or-later
"""What users of crash type: options, files of commands, pipes, names, each tried in crash where it runs."""
import subprocess

from dumps import VMSTUB, DumpTest, for_dumps
from patience import limit
from session import verbs, vmstub


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

    def test_several_lines(self):
        self.assertEqual(verbs(self.dump, "sym panic\nsym schedule\n# no\nsym -q l2w_vdev_lookup"), self.expected)

    def test_no_task_in_a_state(self):
        done = vmstub("--exec", "foreach UN kbt", self.dump.core)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
