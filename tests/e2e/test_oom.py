# SPDX-License-Identifier: GPL-3.0-or-later
"""`oom`: every line on dumps of kernels without memory (tests/dumps/guest/l2o), compared with what the module did, the
kernel's own report in the log, and /proc just before; and on dumps that have memory, with the guest's /proc."""
import json
import re
import subprocess

from dumps import BASE, EXTRA, DumpTest, for_dumps
from session import verbs, vmstub

LABEL = r"TOTAL MEM|FREE|ANONYMOUS|SHMEM|FILES|BUFFERS|SLAB|PAGE TABLES|KERNEL STACKS|VMALLOC|PER-CPU|HUGE PAGES|CPU LISTS|OTHER"
SIZE = r"\d[\d.]*(?: [KMGT]B)?"
USE = re.compile(rf"^ *({LABEL}) +(\d+) +{SIZE} +(?:----|\d+% of TOTAL MEM)$")
VERDICTS = {
    "slab": re.compile(r"slab cache l2o_leak holds (\d+) MiB, (\d+)% of memory"),
    "shmem": re.compile(r"file /hog/file \(tmpfs\) holds (\d+) MiB, (\d+)% of memory"),
    "anon": re.compile(r'process \d+ "dd" holds (\d+) MiB, (\d+)% of memory'),
    "cgroup": re.compile(r"cgroup /hog reached its limit: it holds (\d+) MiB, (\d+)% of memory"),
    "pages": re.compile(r"(\d+) MiB, (\d+)% of memory, is in no counter, as are pages that code takes from the page allocator "
                        r"for itself"),
}
BASIS = {"slab": "the number of the cache's slabs", "shmem": "the number of its pages",
         "anon": "the counters of its address space", "cgroup": "the log", "pages": "all pages in use, minus the kernel's counters"}


class Output:
    """The parts of the verb's text; a line that fits none of them is an error."""

    def __init__(self, text):
        lines = text.splitlines()
        self.verdict = re.fullmatch(r"VERDICT: (.+)", lines[0])[1]
        self.basis = re.fullmatch(r" {9}\[(.+)\]", lines[1])[1]
        at = lines.index("")
        self.log = lines[2:at]
        sections = "\n".join(lines[at + 1:]).split("\n\n")
        usage, *tables = [section.splitlines() for section in sections]
        assert usage[0] == "                 PAGES        TOTAL      PERCENTAGE", usage[0]
        self.notes = [line for line in usage[1:] if line.startswith("  (")]
        self.uses = {}
        for line in usage[1:]:
            if line not in self.notes:
                label, pages = USE.match(line).groups()
                self.uses[label] = int(pages)
        self.tables = {table[0].split()[0].rstrip(":"): table[1:] for table in tables}
        assert list(self.tables) == ["NODE", "SLAB", "VMALLOC", "PROCESSES", "FILES", "CGROUPS"], list(self.tables)
        self.zones = [line.split() for line in self.tables["NODE"]]
        *rows, self.slab_sum = self.tables["SLAB"]
        self.slabs = {row[6]: row for row in map(str.split, rows)}
        *rows, self.vmalloc_sum = self.tables["VMALLOC"]
        self.vmalloc = {" ".join(row[3:]): tuple(map(int, row[:3])) for row in map(str.split, rows)}
        self.processes = {int(row[0]): row for row in map(str.split, self.tables["PROCESSES"])}
        self.files = {row[3]: row for row in (line.split(maxsplit=3) for line in self.tables["FILES"])}
        self.cgroups = {row[2]: row for row in map(str.split, self.tables["CGROUPS"])}


class Parts(DumpTest):
    """What holds for every dump."""

    def check_sum(self, out):
        parts = dict(out.uses)
        self.assertEqual(parts.pop("TOTAL MEM"), sum(parts.values()))
        self.assertEqual(len(parts), 13)

    def check_kmem(self, out, core):
        """`kmem -i` has the same numbers."""
        theirs = dict(re.findall(rf"^ *({LABEL}) +(\d+) ", verbs(self.dump, "kmem -i", core=core), re.M))
        self.assertEqual({label: int(pages) for label, pages in theirs.items()}, out.uses)

    def check_notes(self, out, meminfo):
        """CMA and a balloon as in /proc/meminfo, and nothing of them where there are none."""
        notes = "\n".join(out.notes)
        theirs = {name: int(kb) // 4 for name, kb in re.findall(r"^(CmaTotal|CmaFree|Balloon): +(\d+) kB$", meminfo, re.M)}
        cma = re.findall(r"^  \((\d+) pages are of CMA, which only movable pages may use; (\d+) of them are free\)$", notes, re.M)
        self.assertEqual([int(total) for total, _ in cma], [theirs["CmaTotal"]] if theirs.get("CmaTotal") else [])
        for total, free in cma:
            self.assertLessEqual(int(free), int(total))
        self.assertEqual("with a balloon" in notes, bool(theirs.get("Balloon")))

    def check_zones(self, out, zoneinfo, close):
        theirs = {}
        for zone in re.split(r"^Node \d+, zone +", zoneinfo, flags=re.M)[1:]:
            theirs[zone.split()[0]] = {k: int(v) for k, v in re.findall(r"^ +(min|low|managed|boost) +(\d+)$", zone, re.M)}
        for node, name, *numbers in out.zones:
            managed, low_mark, low, free, lists, *blocks = map(int, numbers)
            self.assertEqual((node, managed), ("0", theirs[name]["managed"]))
            if close:
                boost = theirs[name].get("boost", 0)  # there, but not here, a part of both
                self.assertEqual((low_mark, low), (theirs[name]["min"] - boost, theirs[name]["low"] - boost))
            self.assertEqual(len(blocks), 11)
            # The counter of free pages lags behind the lists by what CPUs have not added yet.
            self.assertAlmostEqual(sum(n << i for i, n in enumerate(blocks)), free, delta=4 * 125)
        self.assertEqual(sum(int(zone[2]) for zone in out.zones), out.uses["TOTAL MEM"])
        self.assertEqual(sum(int(zone[5]) for zone in out.zones), out.uses["FREE"])
        self.assertEqual(sum(int(zone[6]) for zone in out.zones), out.uses["CPU LISTS"])

    def check_slabs(self, out, slabinfo):
        """Caches as in slabinfo, but for the hog, and those that the last programs of the guest changed."""
        theirs = {m[0]: (int(m[1]), int(m[2]) * int(m[3])) for m in
                  re.findall(r"^(\S+) +\d+ +(\d+) +\d+ +\d+ +(\d+) : .*: slabdata +\d+ +(\d+)", slabinfo, re.M)}
        same = seen = 0
        for name, (_, pages, kb, *_) in out.slabs.items():
            self.assertEqual(int(kb), int(pages) * 4)
            if name in theirs and name != "l2o_leak":
                seen += 1
                same += abs(theirs[name][1] - int(pages)) <= max(16, int(pages) // 4)
        # Before some dumps more programs ran, and wrote the facts to disk.
        self.assertGreaterEqual(same, seen * 0.6)
        self.assertGreater(seen, 5)
        count, pages, rest = re.fullmatch(r"  (\d+) caches have (\d+) pages; the other (\d+) of SLAB are of no cache, as those of a "
                                          r"large kmalloc\(\)", out.slab_sum).groups()
        self.assertGreaterEqual(int(count), len(theirs))
        self.assertEqual(int(pages) + int(rest), out.uses["SLAB"])
        self.assertLess(int(rest), 1000)
        names = {"inode_cache", "dentry", "proc_inode_cache", "radix_tree_node"}
        for name, row in out.slabs.items():
            if name in names or name in ("kernfs_node_cache", "task_struct", "shmem_inode_cache", "l2o_leak"):
                self.assertEqual(row[5], "yes" if name in names else "no", name)

    def check_reclaimable(self, core):
        """All caches that the kernel can reclaim, and its counter of their pages."""
        rows = [row.split() for row in Output(verbs(self.dump, "oom -a", core=core)).tables["SLAB"][:-1]]
        counter = int(re.search(r"NR_SLAB_RECLAIMABLE(?:_B)?: (\d+)", verbs(self.dump, "kmem -V", core=core))[1])
        self.assertAlmostEqual(sum(int(row[1]) for row in rows if row[5] == "yes"), counter, delta=260)

    def check_vmalloc(self, out, info):
        theirs = {}
        for caller, pages in re.findall(r"^\S+ +\d+ (\S+)\+0x\S+/\S+ .*?pages=(\d+) vmalloc", info, re.M):
            theirs[caller] = theirs.get(caller, 0) + int(pages)
        same = [name for name, (pages, kb, _) in out.vmalloc.items() if theirs.get(name) == pages and kb == pages * 4]
        # Stacks come and go; pages of per-CPU chunks are not in vmallocinfo.
        differ = set(out.vmalloc) - set(same) - {"kernel_clone", "pcpu_create_chunk", "fork_idle"}
        self.assertLessEqual(len(differ), 2, differ)
        self.assertGreaterEqual(len(same), 3)
        callers, pages = re.fullmatch(r"  (\d+) callers have (\d+) pages, kernel stacks included", out.vmalloc_sum).groups()
        self.assertGreaterEqual(int(pages), sum(row[0] for row in out.vmalloc.values()))
        self.assertGreaterEqual(int(callers), len(out.vmalloc))


@for_dumps("k6.1-oom", "k6.12-oom", "k7-oom")
class Hogs(Parts):
    @classmethod
    def prepare(cls):
        cls.out, cls.console = {}, {}
        for hog, core in cls.dump.cores.items():
            cls.out[hog] = Output(verbs(cls.dump, "oom", core=core))
            log = (cls.dump.dir / f"console-{hog}.log").read_text(errors="replace").replace("\r", "")
            cls.console[hog] = re.sub(r"^\[ *[0-9.]+\] ", "", log, flags=re.M)

    def fact(self, hog, name):
        return "\n".join(re.findall(rf"^fact {name}: (.*)", self.console[hog], re.M))

    def limit(self, hog):
        return tuple(map(int, re.search(r"^memory: usage (\d+)kB, limit (\d+)kB", self.console[hog], re.M).groups()))

    def test_verdict(self):
        for hog, out in self.out.items():
            mib, percent = map(int, VERDICTS[hog].fullmatch(out.verdict).groups())
            self.assertEqual(out.basis, BASIS[hog])
            pages = {"slab": lambda o=out: int(o.slabs["l2o_leak"][1]),
                     "shmem": lambda o=out: int(o.files["/hog/file"][0]),
                     "anon": lambda o=out: max(int(row[1]) for row in o.processes.values()) // 4,
                     "cgroup": lambda h=hog: self.limit(h)[0] // 4, "pages": lambda o=out: o.uses["OTHER"]}[hog]()
            self.assertEqual((mib, percent), (pages * 4096 >> 20, pages * 100 // out.uses["TOTAL MEM"]))
            if hog != "cgroup":
                self.assertGreater(percent, 60)

    def test_leak_is_what_the_module_took(self):
        for hog, out in self.out.items():
            core = self.dump.cores[hog]
            objects, pages = (int(verbs(self.dump, f"rd -d {name}", core=core).split()[1]) for name in ("l2o_objects", "l2o_pages"))
            self.assertEqual(bool(objects), hog == "slab")
            self.assertEqual(bool(pages), hog == "pages")
            if hog == "slab":
                row = out.slabs["l2o_leak"]
                # 4 objects of 1000 bytes a page; slabs of up to 8 pages, of each CPU, may have free ones.
                self.assertTrue(0 <= int(row[4]) - objects <= 5 * 32, (row, objects))
                self.assertEqual(int(row[1]), -(-int(row[4]) // 4))
            if hog == "pages":
                self.assertTrue(0 <= out.uses["OTHER"] - pages < 4000, (out.uses["OTHER"], pages))

    def test_log(self):
        for hog, out in self.out.items():
            comm, gfp, order = re.search(r"^(.+) invoked oom-killer: gfp_mask=0x\w+\((.+?)\), order=(\d+)", self.console[hog], re.M).groups()
            pid = re.search(rf"CPU: \d+ (?:UID: 0 )?PID: (\d+) Comm: {comm} ", self.console[hog])[1]
            first, *more = out.log
            self.assertRegex(first, rf'^    OOM: PID {pid} \("{comm}"\) asked for {4 << int(order)} kB \(order {order}\) with '
                             rf"{re.escape(gfp)}, when the kernel was up for \d+ s$")
            limit = []
            if hog == "cgroup":
                limit = ["         cgroup /hog had {} kB, and may have {} kB".format(*self.limit(hog))]
                self.assertEqual(self.limit(hog)[1], 40960)
            self.assertEqual(more, [*limit, "         [the log]"])

    def test_sum(self):
        for hog, out in self.out.items():
            self.check_sum(out)
            self.check_kmem(out, self.dump.cores[hog])
            self.check_notes(out, self.fact(hog, "meminfo"))

    def test_uses_are_those_of_the_report(self):
        """Mem-Info of the log, written just before the panic."""
        for hog, out in self.out.items():
            if hog == "cgroup":
                continue  # the report is about the cgroup
            said = dict(re.findall(r"(\w+):(\d+)", re.search(r"^active_anon:(?:.*\n)+?.*free_pcp:.*", self.console[hog], re.M)[0]))
            said = {name: int(pages) for name, pages in said.items()}
            for label, pages in (("SLAB", said["slab_reclaimable"] + said["slab_unreclaimable"]), ("SHMEM", said["shmem"]),
                                 ("ANONYMOUS", said["active_anon"] + said["inactive_anon"] - said["shmem"]),
                                 ("PAGE TABLES", said["pagetables"])):
                self.assertAlmostEqual(out.uses[label], pages, delta=1200 if label == "SLAB" else 700, msg=f"{hog} {label}")
            # The kernel empties the lists of the CPUs when it finds no memory.
            self.assertAlmostEqual(out.uses["FREE"] + out.uses["CPU LISTS"], said["free"] + said["free_pcp"], delta=1000)

    def test_uses_are_those_of_proc(self):
        for hog, out in self.out.items():
            info = {k: int(v) for k, v in re.findall(r"^(\S+): +(\d+)", self.fact(hog, "meminfo"), re.M)}
            self.assertEqual(out.uses["TOTAL MEM"] * 4, info["MemTotal"])
            for label, kb, much in (("PAGE TABLES", info["PageTables"], 1000), ("KERNEL STACKS", info["KernelStack"], 200),
                                    ("VMALLOC", info["VmallocUsed"] - info["KernelStack"], 200), ("PER-CPU", info["Percpu"], 300),
                                    ("FILES", info["Cached"] - info["Shmem"], 2000), ("BUFFERS", info["Buffers"], 2000)):
                self.assertAlmostEqual(out.uses[label] * 4, kb, delta=much, msg=f"{hog} {label}")
            # What the hog took since.
            grown = {"slab": ("SLAB", "Slab"), "shmem": ("SHMEM", "Shmem"), "anon": ("ANONYMOUS", "AnonPages"),
                     "cgroup": ("ANONYMOUS", "AnonPages"), "pages": (None, None)}[hog]
            for label, name in (("SLAB", "Slab"), ("SHMEM", "Shmem"), ("ANONYMOUS", "AnonPages")):
                more = out.uses[label] * 4 - info[name]
                low, high = (12000, info["MemFree"] + 12000) if (label, name) == grown else (-4000, 4000)
                self.assertTrue(low <= more <= high, (hog, label, more))

    def test_tables(self):
        for hog, out in self.out.items():
            self.check_zones(out, self.fact(hog, "zoneinfo"), True)
            self.check_slabs(out, self.fact(hog, "slabinfo"))
            self.check_vmalloc(out, self.fact(hog, "vmallocinfo"))
            self.check_reclaimable(self.dump.cores[hog])

    def test_processes(self):
        """As in the report's table of tasks."""
        for hog, out in self.out.items():
            rows = re.findall(r"^\[ *(\d+)\] +\d+ +\d+ +\d+ +(\d+) .*?(\d+) +-?\d+ (\S+)$", self.console[hog], re.M)
            theirs = {int(pid): (int(rss), int(swap), comm) for pid, rss, swap, comm in rows}
            for pid, (_, rss, swap, comm) in out.processes.items():
                if pid == 1 or not theirs or pid not in theirs:
                    continue  # init cannot be killed; nor are processes outside a cgroup that lacks memory
                # Since 6.2 the report leaves out what CPUs have not added yet.
                self.assertAlmostEqual(int(rss) // 4, theirs[pid][0], delta=600)
                self.assertEqual((int(swap) // 4, comm), theirs[pid][1:])
            sizes = [int(row[1]) for row in out.processes.values()]
            self.assertEqual(sizes, sorted(sizes, reverse=True))
            self.assertEqual(len(sizes), 10)

    def test_files(self):
        for hog, out in self.out.items():
            self.assertEqual("/hog/file" in out.files, hog == "shmem")
            for pages, kb, kind, _ in out.files.values():
                self.assertEqual(int(kb), int(pages) * 4)
                self.assertIn(kind, ("rootfs", "tmpfs", "devtmpfs"))
            if hog == "shmem":
                shmem = int(re.search(r"^Shmem: +(\d+)", self.fact(hog, "meminfo"), re.M)[1])
                pages = int(out.files["/hog/file"][0])
                self.assertEqual(pages % 256, 0)  # dd wrote whole MiB
                self.assertTrue(0 <= shmem - pages * 4 < 8000)
            for name in ("busybox", "workers"):
                size = (self.dump.dir / "facts" / f"{name}.elf").stat().st_size if name == "workers" else 0
                pages = int(out.files[f"/bin/{name}"][0])
                self.assertTrue(not size or pages == -(-size // 4096))

    def test_cgroups(self):
        for hog, out in self.out.items():
            self.assertEqual(list(out.cgroups), ["/hog"])
            used, limit, _ = out.cgroups["/hog"]
            self.assertEqual(int(limit) * 1024, int(re.search(r"memory.max:(\d+)", self.fact(hog, "cgroup"))[1]))
            self.assertAlmostEqual(int(used), 40960 if hog == "cgroup" else 0, delta=300)

    def test_explain_and_report_agree(self):
        for hog, out in self.out.items():
            core = self.dump.cores[hog]
            self.assertIn(f"\n  HOG: {out.verdict}\n       [{out.basis}]\n", verbs(self.dump, "explain", core=core))
            done = vmstub("--report=json", core, cwd=self.dump.dir)
            memory = json.loads(done.stdout)["memory"]
            self.assertEqual(memory["hog"]["text"], out.verdict)
            used = memory["used_bytes"]
            self.assertEqual(used["unaccounted"], out.uses["OTHER"] * 4096)
            self.assertEqual(used["slab_reclaimable"] + used["slab_unreclaimable"], out.uses["SLAB"] * 4096)
            name = {"slab": "l2o_leak", "cgroup": "/hog", "pages": None, "shmem": "/hog/file (tmpfs)"}
            if hog in name:
                self.assertEqual(memory["hog"]["holder"], name[hog])
            self.assertEqual(memory["hog"]["use"], {"pages": "unaccounted", "anon": "anonymous", "cgroup": "anonymous"}.get(hog, hog))
            text = subprocess.run([*done.args[:1], "--report=text", core], text=True, stdout=subprocess.PIPE, check=True).stdout
            self.assertIn(out.verdict, text)


@for_dumps(*BASE, *EXTRA)
class WithMemory(Parts):
    """The same verb where memory did not run out."""

    def setUp(self):
        self.core = self.dump.cores.get("elf") or self.dump.cores.get("qemu-elf") or self.dump.core
        self.out = Output(verbs(self.dump, "oom", core=self.core))

    def test_all(self):
        out = self.out
        self.assertEqual(out.log, ["    OOM: the log does not say that memory ran out"])
        self.check_sum(out)
        self.check_kmem(out, self.core)
        self.check_notes(out, self.dump.fact("meminfo"))
        self.check_zones(out, self.dump.fact("zoneinfo"), False)
        self.check_slabs(out, self.dump.fact("slabinfo"))
        self.check_vmalloc(out, self.dump.fact("vmallocinfo"))
        self.check_reclaimable(self.core)
        self.assertEqual(out.cgroups, {})
        pages, label = max((pages, label) for label, pages in out.uses.items() if label not in ("TOTAL MEM", "FREE"))
        held = re.fullmatch(r"file (\S+) \((\w+)\) holds (\d+) MiB, (\d+)% of memory", out.verdict)
        if held:  # more than half of the largest use
            self.assertEqual(label, "SHMEM")
            self.assertGreaterEqual(int(out.files[held[1]][0]) * 2, pages)
            self.assertEqual(out.files[held[1]][2], held[2])
            pages = int(out.files[held[1]][0])
        self.assertRegex(out.verdict, rf"\b{pages >> 8} MiB, {pages * 100 // out.uses['TOTAL MEM']}% of memory")

    def test_processes(self):
        """RSS as in `ps`, which other tests compare; swap as in /proc/PID/status of tasks that slept on."""
        swapped = {int(pid): int(kb) for pid, kb in
                   re.findall(r"^/proc/\d+/task/(\d+)/status:VmSwap:\s+(\d+) kB$", self.dump.fact("status"), re.M)}
        sizes = {int(row[0].lstrip(">")): int(row[-2]) for row in
                 (line.lstrip(">").split() for line in verbs(self.dump, "ps -u -G", core=self.core).splitlines()[1:]) if row[0].isdigit()}
        seen = 0
        for pid, (_, rss, swap, comm) in self.out.processes.items():
            self.assertEqual(int(rss), sizes[pid])
            if comm.startswith("w_"):
                seen += 1
                self.assertEqual(int(swap), swapped[pid])
        self.assertGreater(seen, 5)
        self.assertGreater(max(int(row[2]) for row in self.out.processes.values()), 100)


@for_dumps("k5.10frame-qemu", "k6.12checks-qemu")
class WithoutHugePages(DumpTest):
    """A kernel without huge pages has none, and all of its memory is accounted for."""

    def test_sum(self):
        self.assertNotIn("HugePages_Total", self.dump.fact("meminfo"))
        usage = verbs(self.dump, "oom").split("\nNODE ")[0]
        uses = {label: int(pages) for label, pages in (m.groups() for m in map(USE.match, usage.splitlines()) if m)}
        self.assertEqual((len(uses), uses["HUGE PAGES"]), (14, 0))
        self.assertEqual(uses.pop("TOTAL MEM"), sum(uses.values()))
        self.assertNotIn("unknown", usage)
