# SPDX-License-Identifier: GPL-3.0-or-later
"""The symbols of the dump's kallsyms: every one as /proc/kallsyms of the guest had it, wherever its tables are found."""
import re
import shlex
import subprocess

import damage
from dumps import DumpTest, for_dumps, server
from session import vmstub


@for_dumps("k5.10-kdump", "k6.1-qemu", "k6.12-kdump", "k7-kdump")
class Names(DumpTest):
    @classmethod
    def prepare(cls):
        cls.home = cls.new_folder()
        cls.core = cls.home / "vmcore"
        cls.core.symlink_to(cls.dump.core)
        cls.want = {(s.name, s.address) for s in cls.dump.kallsyms if not s.module}

    def symbols(self, *options):
        """What gdb has of the kernel: {(name, address)}, in the image where a symbol has its true address."""
        out = self.home / "symbols"
        command = "target " + server(self.core, shlex.join(map(str, options)))
        done = subprocess.run(["gdb", "-nx", "-q", "-batch", "-iex", "set sysroot /", "-ex", command, "-ex",
                               f"maint print msymbols -objfile vmlinux.symbols {out}"], cwd=self.home, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertIn("using symbols from the dump", done.stdout)
        return {(name, int(address, 16)) for address, name in
                re.findall(r"^\[ *\d+\] \w 0x([0-9a-f]+) (\S+) ", out.read_text(), re.M)}

    def check(self, got):
        """Per-CPU symbols are elsewhere for gdb, and it gets none that is behind the image."""
        places = {name: address for name, address in self.want if name in ("_text", "_end")}
        want, got = ({(name, address) for name, address in symbols if places["_text"] <= address < places["_end"]}
                     for symbols in (self.want, got))
        self.assertGreater(len(want), 60000)
        self.assertEqual(want ^ got, set())

    def test_where_vmcoreinfo_says(self):
        if self.dump.env["KERNEL_KEY"] == "5.10":
            self.assertNotIn(b"kallsyms", damage.vmcoreinfo(self.core))
        self.check(self.symbols())

    def test_found_by_their_structure(self):
        info = self.home / "info"
        lines = damage.vmcoreinfo(self.core).splitlines()
        info.write_bytes(b"\n".join(line for line in lines if b"kallsyms" not in line) + b"\n")
        self.check(self.symbols("--vmcoreinfo", info))

    def test_without_vmlinux_or_vmcoreinfo(self):
        """Control registers or the segments of /proc/vmcore tell where the image is, and that what its symbols are."""
        elf = self.dump.cores.get("elf") or self.dump.cores["qemu-elf"]
        core = damage.copy(elf, self.home / "hidden")
        damage.hide_note(core, everywhere=True)
        done, want = (vmstub("--exec", "sys; kbt -a; ps", *args, cwd=self.home)
                      for args in ((core,), ("--vmlinux", "/dev/null", elf)))
        self.assertIn("no VMCOREINFO in memory", done.stderr)
        drop = r"(?m)^ *(DUMPFILE|DATE|KERNEL): .*$"
        self.assertEqual(re.sub(drop, "", done.stdout), re.sub(drop, "", want.stdout))
        self.assertIn("l2w_vdev_lookup", done.stdout)
