# SPDX-License-Identifier: GPL-3.0-or-later
"""Verbs about interrupts, timers, devices and networks, compared with /proc before the crash, and with crash."""
import mmap
import re
import struct
import tempfile
import unittest
from collections import defaultdict

import damage
import peers
from dumps import BASE, EXTRA, DumpTest, for_dumps
from session import verbs, vmstub


class Devices(DumpTest):
    def core(self):
        return self.dump.cores.get("elf") or self.dump.cores.get("qemu-elf") or self.dump.core

    def verbs(self, line):
        return verbs(self.dump, line, core=self.core())

    def pid(self, worker):
        return self.dump.workers[worker][0]


@for_dumps(*BASE, *EXTRA, quick=("k6.12-kdump",))
class AsGuest(Devices):
    def interrupts(self):
        """number -> (counts, the text after them) of /proc/interrupts."""
        found = {}
        for number, rest in re.findall(r"^ *(\d+): +(.*)$", self.dump.fact("interrupts"), re.M):
            words = rest.split(None, self.dump.cpus)
            found[int(number)] = ([int(w) for w in words[:self.dump.cpus]], words[self.dump.cpus].split())
        return found

    def test_interrupt_counts(self):
        mine = {}
        for number, rest in re.findall(r"^ *(\d+): +(.*)$", self.verbs("irq -s"), re.M):
            words = rest.split(None, self.dump.cpus)
            mine[int(number)] = ([int(w) for w in words[:self.dump.cpus]], words[self.dump.cpus].split())
        theirs = self.interrupts()
        self.assertEqual(sorted(mine), sorted(theirs))
        for number, (counts, names) in theirs.items():
            # Interrupts since then: from writing the facts to disk, and from the console.
            for before, after in zip(counts, mine[number][0]):
                self.assertTrue(before <= after <= before + 20000, (number, counts, mine[number][0]))
            self.assertEqual(names[-1], mine[number][1][-1])
            self.assertTrue(mine[number][1][0].startswith(names[0].split("-edge")[0][:4]), (names, mine[number][1]))
        self.assertGreater(sum(sum(c) for c, _ in mine.values()), 100)

    def test_interrupt_affinity(self):
        theirs = dict(re.findall(r"^/proc/irq/(\d+)/smp_affinity_list:(\S*)$", self.dump.fact("affinity"), re.M))
        mine = dict(re.findall(r"^ *(\d+) \S+ +(\S*)$", self.verbs("irq -a"), re.M))
        self.assertGreater(len(mine), 5)
        for number, cpus in mine.items():
            self.assertEqual(cpus, theirs[number], number)

    def test_softirqs(self):
        """As many as in /proc/softirqs, each with a different function."""
        functions = re.findall(r"<(\w+)>$", self.verbs("irq -b"), re.M)
        self.assertEqual(len(functions), len(self.dump.fact("softirqs").splitlines()) - 1)
        self.assertEqual(functions[1], "run_timer_softirq")

    def test_gates(self):
        gates = dict(re.findall(r"^ *\[(\d+)\] (\S+)$", self.verbs("irq -d"), re.M))
        self.assertEqual(len(gates), 256)
        self.assertEqual(gates["14"], "asm_exc_page_fault")
        self.assertEqual(gates["236"], "asm_sysvec_apic_timer_interrupt")

    def test_known_timer(self):
        """The timer that crashed the guest has run; the watchdog's and the tick's are queued."""
        out = self.verbs("timer -r")
        self.assertRegex(out, r"<(tick_sched_timer|tick_nohz_handler)>")
        # The last tick, and the kernel's last messages.
        now = re.search(r"CLOCK: 0 .*\n +CURRENT\n +(\d+)\n", out)[1]
        last = re.findall(r"^\[ *(\d+\.\d+)\]", self.verbs("log"), re.M)[-1]
        self.assertAlmostEqual(int(now) / 1e9, float(last), delta=0.2)
        wheels = self.verbs("timer")
        self.assertIn("[0][BASE_STD]" if self.dump.env["KERNEL_KEY"] in ("5.10", "6.1") else "[0][BASE_LOCAL]", wheels)
        self.assertRegex(wheels, r"<delayed_work_timer_fn>")
        self.assertEqual(len(set(re.findall(r"TIMER_BASES\[(\d+)\]", wheels))), self.dump.cpus)

    def test_timers_of_timer_list(self):
        """/proc/timer_list printed expiry times of w_timers' timers, which are hours away."""
        theirs = re.findall(r"#\d+: <\S+>, (\w+),.*\n # expires at (\d+)-(\d+) nsecs", self.dump.fact("timer_list"))
        far = {(fn, int(e)) for fn, _, e in theirs if int(e) > 3000 * 10**9}
        mine = {(fn, int(e)) for e, fn in
                re.findall(r"^ +\d+ +(\d+) +-?\d+  [0-9a-f]{16}  [0-9a-f]{16}  <(\w+)>$", self.verbs("timer -r"), re.M)}
        self.assertGreaterEqual(len(far), 2, theirs)
        self.assertEqual(far - mine, set())

    def test_majors(self):
        char, block = self.dump.fact("devices").split("\nBlock devices:\n")
        out = self.verbs("dev")
        mine_char, mine_block = out.split("BLKDEV")
        def rows(text):
            return sorted(re.findall(r"^ *(\d+) +(\S+)", text, re.M))
        self.assertEqual(rows(mine_char), rows(char))
        self.assertEqual(rows(mine_block), rows(block))

    def test_resources(self):
        """/proc/ioports and iomem do not show the root."""
        out = self.verbs("dev -i")
        mine = re.findall(r"^[0-9a-f]{16}  0*([0-9a-f]+)-0*([0-9a-f]+)  (.*)$", out, re.M)
        theirs = []
        for fact in ("ioports", "iomem"):
            theirs += re.findall(r"^ *0*([0-9a-f]+)-0*([0-9a-f]+) : (.*)$", self.dump.fact(fact), re.M)
        self.assertEqual([m for m in mine if m[2] not in ("PCI IO", "PCI mem")], theirs)

    def test_pci(self):
        devices = {}
        for address, what, value in re.findall(r"/devices/([0-9a-f:.]+)/(\w+):0x([0-9a-f]+)", self.dump.fact("pci")):
            devices.setdefault(address, {})[what] = value
        mine = re.findall(r"^  [0-9a-f]{16} (\S+)  (\w{4})  (\w{4}):(\w{4}) ", self.verbs("dev -p"), re.M)
        self.assertEqual(sorted(mine), sorted((a, d["class"][:4], d["vendor"], d["device"]) for a, d in devices.items()))

    def test_disks(self):
        names = [line.split()[2] for line in self.dump.fact("diskstats").splitlines()]
        mine = re.findall(r"^ *\d+ [0-9a-f]{16}   (\S+)", self.verbs("dev -d"), re.M)
        self.assertEqual(sorted(mine), sorted(names))

    def test_network_devices(self):
        theirs = re.findall(r"^\d+: (\S+?):", self.dump.fact("ip-addr"), re.M)
        rows = re.findall(r"^[0-9a-f]{16}  (\S+) +(.*)$", self.verbs("net"), re.M)
        self.assertEqual([name for name, _ in rows], theirs)
        addresses = re.findall(r"inet6? ([0-9a-f.:]+)/", self.dump.fact("ip-addr"))
        self.assertEqual(rows[0][1].split(", "), addresses)

    def test_sockets(self):
        """The sockets of w_sockets equal those of /proc/net/tcp and udp."""
        def ends(text):
            found = set()
            for a, ap, b, bp in re.findall(r"^ *\d+: ([0-9A-F]{8}):(\w{4}) ([0-9A-F]{8}):(\w{4})", text, re.M):
                dotted = [".".join(str(x) for x in reversed(bytes.fromhex(h))) for h in (a, b)]
                found.add((f"{dotted[0]}-{int(ap, 16)}", f"{dotted[1]}-{int(bp, 16)}"))
            return found
        out = self.verbs(f"net -s {self.pid('w_sockets')}")
        for kind, fact in (("STREAM", "net-tcp"), ("DGRAM", "net-udp")):
            mine = set(re.findall(rf"INET:{kind} (\S+) (\S+)$", out, re.M))
            self.assertTrue(mine)
            self.assertEqual(mine, ends(self.dump.fact(fact)), fact)
        paths = re.findall(r" (/\S+)$", self.dump.fact("net-unix"), re.M)
        self.assertTrue(paths)
        # Not connected, so that there is no second name.
        self.assertEqual(re.findall(r"UNIX:STREAM (.*)$", out, re.M), paths)
        self.assertIn("No open sockets.", self.verbs(f"net -s {self.pid('w_sleep')}"))

    def test_bpf(self):
        """The programs and maps that w_bpf loaded."""
        out = self.verbs("bpf -P")
        self.assertRegex(out, r"(?m)^ +\d+  [0-9a-f]{16} [0-9a-f]{16} SOCKET_FILTER +[0-9a-f]{16} ")
        self.assertIn('XLATED: 16', out)
        self.assertIn('GPL_COMPATIBLE: yes  NAME: "w_prog"', out)
        out = self.verbs("bpf -M")
        self.assertRegex(out, r"HASH +0{8}\n     KEY_SIZE: 4  VALUE_SIZE: 8  MAX_ENTRIES: 77\n     NAME: \"w_map\"")


@for_dumps("k6.1-kdump", quick=("k6.1-kdump",))
class UnixNames(DumpTest):
    """Names that no guest has, written over the one that it has. net/unix/af_unix.c, unix_seq_show(): a name that begins with
    a NUL is abstract, is as long as `len` says, and has '@' for each NUL."""

    @classmethod
    def prepare(cls):
        cls.core = damage.copy(cls.dump.cores["elf"], cls.new_folder() / "vmcore")
        # Where these members of {refcount_t refcnt; int len; struct sockaddr_un name[]} are.
        cls.found, at, real = [], -1, struct.pack("<iH", 16, 1) + b"/tmp/w_socket\0"
        with open(cls.core, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            while (at := m.find(real, at + 1)) >= 0:
                cls.found.append(at)

    def shown(self, length, name):
        """The row of the socket with a struct unix_address of this length and name."""
        self.assertTrue(self.found)
        with open(self.core, "r+b") as f:
            for at in self.found:
                f.seek(at)
                f.write(struct.pack("<iH", length, 1) + name)
        out = verbs(self.dump, "net -s w_sockets", self.core)
        return re.findall(r"UNIX:STREAM ?(.*)$", out, re.M)

    def test_unix_names(self):
        for length, name, expected in ((15, b"\0tmp/w_socket", "@tmp/w_socket"), (16, b"\0a\0b\0/w_socket", "@a@b@/w_socket"),
                                       (6, b"\0a\0b", "@a@b"), (13, b"/tmp/a\x1b[2J\0", "/tmp/a?[2J"),
                                       (-1, b"/tmp/w_socket\0", "?"), (112, b"/tmp/w_socket\0", "?"), (1, b"/tmp", "?"), (2, b"/tmp", "*")):
            with self.subTest(name=name, length=length):
                self.assertEqual(self.shown(length, name), [expected])


@for_dumps("k6.1-bpf")
class UnixPeers(DumpTest):
    def test_unix_pair(self):
        """socketpair() in w_bpf_loop: two sockets without names, connected to each other."""
        out = verbs(self.dump, "net -s w_bpf_loop")
        self.assertEqual(re.findall(r"UNIX:DGRAM ?(.*)$", out, re.M), ["* *", "* *"])


@for_dumps("k6.12-kdump", "k7-kdump", quick=("k6.12-kdump",))
class LostNodes(Devices):
    """If nodes of the interrupt tree are not in the dump, only what is below them is lost."""

    def core(self):
        """The file with all pages: makedumpfile 1.7.2 drops some used pages as free."""
        return self.dump.cores["lzo-d0"]

    def leaves_by_page(self):
        """Page frame -> numbers of the leaves in it, except for the root's page frame."""
        def page(address):
            return int(re.search(rf"^{address:x} +([0-9a-f]+)$", self.verbs(f"vtop {address:x}"), re.M)[1], 16) >> 12

        text = self.verbs("struct maple_tree.ma_root sparse_irqs -x")
        root = int(re.search(r"0x([0-9a-f]+)", text)[1], 16) & ~255
        slots = self.verbs(f"rd {root + 80:x} 10")
        leaves = [int(w, 16) & ~255 for line in slots.splitlines() for w in line.split(":")[1].split()[:2]
                  if re.match("ff[0-9a-f]{14}$", w)]
        found = defaultdict(list)
        for i, leaf in enumerate(leaves):
            found[page(leaf)].append(i)
        found.pop(page(root), None)
        return found

    def test_lost_leaves(self):
        whole = self.verbs("irq").splitlines()
        pages = self.leaves_by_page()
        if not pages:
            self.skipTest("the root of the interrupt tree and all its leaves are in one page of this dump")
        for frame, leaves in pages.items():
            with tempfile.NamedTemporaryFile(dir=self.dump.dir, suffix=".lost") as core:
                damage.copy(self.core(), core.name)
                damage.lose_page(core.name, frame << 12)
                done = vmstub("--exec", "irq", core.name, cwd=self.dump.dir)
            what = "a lost node" if len(leaves) == 1 else f"{len(leaves)} lost nodes"
            self.assertRegex(done.stderr, f"entries below {what} are missing.*maple_node 0x")
            found = done.stdout.splitlines()
            self.assertLess(len(found), len(whole))
            # A leaf has at most 16 slots (MAPLE_RANGE64_SLOTS).
            self.assertLessEqual(len(whole) - len(found), 16 * len(leaves))
            self.assertEqual([line for line in found if line not in whole], [])


@for_dumps("k6.12-kdump", "k7-kdump", quick=("k6.12-kdump", "k7-kdump"))
class LeftOut(DumpTest):
    """makedumpfile 1.7.2 drops used pages of these kernels as free: what was in them prints as "?", not as nothing."""

    def ask(self, line, core=None):
        return vmstub("--exec", line, core or self.dump.core, cwd=self.dump.dir).stdout

    def whole(self, line):
        """The same of the file with all pages."""
        return self.ask(line, self.dump.cores["lzo-d0"])

    def test_interrupts(self):
        def rows(text):
            return {int(n): more for n, more in re.findall(r"(?m)^ *(\d+)   \S+ +(.*)$", text)}

        taken = {int(n) for n in re.findall(r"^ *(\d+): ", self.dump.fact("interrupts"), re.M)}
        full = rows(self.whole("irq"))
        shown = {number: text for number, text in rows(self.ask("irq")).items() if number in taken}
        if not shown:  # the tree's root is lost
            said = vmstub("--exec", "irq", self.dump.core, cwd=self.dump.dir).stderr
            self.assertRegex(said, r"^vmstub: irq: interrupt descriptors: .*: page excluded from the dump\n$")
            return
        for number, text in shown.items():
            if "?" not in text and not text.endswith(": page excluded from the dump)"):
                self.assertEqual(text, full[number])
            self.assertNotIn("unused", text, number)
            self.assertNotIn('""', text, number)
        counted = {int(n) for n in re.findall(r"^ *(\d+): ", self.ask("irq -s"), re.M)}
        self.assertLessEqual(shown.keys(), counted)

    def test_addresses(self):
        """The guest's loopback has both."""
        for core in (self.dump.core, self.dump.cores["lzo-d0"]):
            lo, = [line for line in self.ask("net", core).splitlines() if "  lo " in line]
            for address in ("127.0.0.1", "::1"):
                self.assertTrue(address in lo or "excluded" in lo, lo)
        self.assertNotIn("excluded", lo)

    def test_files(self):
        """What has no type in the whole dump are only anonymous inodes; what else differs is unknown, or says which page it lacks."""
        full = self.whole("foreach files").splitlines()
        self.assertGreater(sum(" CHR " in line for line in full), 10)
        self.assertEqual([line for line in full if " UNKN " in line and "UNKN anon_inode:" not in line], [])
        known = set(full)
        others = [line for line in self.ask("foreach files").splitlines() if line not in known]
        self.assertEqual([line for line in others if "excluded" not in line and " ? " not in line], [])


@for_dumps("k6.1-kdump", "k5.10-kdump", quick=("k6.1-kdump",))
class AsCrash(Devices):
    SAME = ("irq", "irq -b", "irq -d", "timer", "dev", "dev -d", "bpf")

    @classmethod
    def prepare(cls):
        cls.theirs = peers.crash(cls.dump, *cls.SAME, "irq -s", "timer -r", "dev -p", "dev -i")

    def rows(self, text, keep=r"\d|TIMER"):
        return [" ".join(line.split()) for line in text.splitlines() if line.strip() and re.search(keep, line)]

    def test_same(self):
        for line in self.SAME:
            # "(unused) (unused)": no such interrupt. Which disk represents a driver is arbitrary, and so is the
            # order of timers that expire together. crash prints a heading for some empty timer bases.
            def chosen(text):
                return sorted(row for row in self.rows(text)
                              if not re.search(r"\(unused\) \(unused\)|virtblk|^EXPIRES +TTE", row))
            self.assertEqual(chosen(self.theirs[line]), chosen(self.verbs(line)), line)

    def test_counts(self):
        def rows(text):
            return [line.split() for line in text.splitlines() if re.match(r" *\d+:", line)]
        self.assertEqual(rows(self.theirs["irq -s"]), rows(self.verbs("irq -s")))

    def test_high_resolution_timers(self):
        def rows(text):
            return re.findall(r"^ +(\d+) +(\d+) +-?\d+ +([0-9a-f]{16}) +([0-9a-f]{16}) +<(\w+)>", text, re.M)
        self.assertEqual(rows(self.theirs["timer -r"]), rows(self.verbs("timer -r")))
        self.assertTrue(rows(self.theirs["timer -r"]))

    def test_pci(self):
        self.assertEqual(self.rows(self.theirs["dev -p"]), self.rows(self.verbs("dev -p")))

    def test_resources(self):
        self.assertEqual(self.rows(self.theirs["dev -i"]), self.rows(self.verbs("dev -i")))


if __name__ == "__main__":
    unittest.main()
