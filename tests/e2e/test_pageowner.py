# SPDX-License-Identifier: GPL-3.0-or-later
"""Who allocated pages, which a kernel with CONFIG_PAGE_OWNER and page_owner=on records: `oom` and `kmem ADDRESS`, compared with
drgn, which has its own reader of the kernel's stacks."""
import json
import re

import peers
from dumps import BASE, DumpTest, for_dumps
from session import verbs, vmstub

# Of all frames; the entries of a section are read at once.
PROGRAM = """
import struct
from collections import Counter
from drgn import Object
from drgn.helpers.linux.stackdepot import stack_depot_fetch
size, at = prog["page_ext_size"].value_(), prog["page_owner_ops"].offset.value_()
owner = prog.type("struct page_owner")
place = {m.name: m.offset for m in owner.members}
bit = prog["PAGE_EXT_OWNER_ALLOCATED"].value_()
per_section, per_root = 1 << 15, 4096 // prog.type("struct mem_section").size
pages, count, sample = Counter(), Counter(), {}
for number in range((prog["max_pfn"].value_() + per_section - 1) // per_section):
    root = prog["mem_section"][number // per_root]
    if not root or not root[number % per_root].page_ext:
        continue
    first = number * per_section
    data = prog.read(root[number % per_root].page_ext.value_() + first * size, per_section * size)
    for i in range(per_section):
        flags, = struct.unpack_from("<Q", data, i * size)
        order, = struct.unpack_from("<H", data, i * size + at + place["order"])
        gfp, = struct.unpack_from("<I", data, i * size + at + place["gfp_mask"])
        handle, = struct.unpack_from("<I", data, i * size + at + place["handle"])
        if flags >> bit & 1 and handle and (first + i) % (1 << order) == 0:
            pages[handle, order, gfp] += 1 << order
            count[handle, order, gfp] += 1
            sample[handle, order, gfp] = first + i
for key in pages:
    handle, order, gfp = key
    frames = stack_depot_fetch(Object(prog, "depot_stack_handle_t", handle))
    print("stack", pages[key], count[key], order, hex(gfp), sample[key], *(hex(frame.pc) for frame in frames if not frame.is_inline))
"""


@for_dumps("k5.10frame-qemu", "k6.12checks-qemu")
class PageOwners(DumpTest):
    def drgn(self):
        """(pages, allocations, order, flags, addresses of the stack) of each, and the last page of each."""
        text = peers.drgn_program(self.dump, PROGRAM)
        self.assertNotIn("!!", text)
        found = {}
        for line in re.findall("^stack (.*)$", text, re.M):
            pages, count, order, gfp, pfn, *frames = line.split()
            found[int(pages), int(count), int(order), int(gfp, 16), tuple(int(f, 16) for f in frames)] = int(pfn)
        return found

    def test_all_stacks(self):
        want = self.drgn()
        document = json.loads(verbs(self.dump, "oom -a --json"))
        said = [(row["pages"], row["allocations"], row["order"], int(row["gfp"], 16), tuple(int(f["address"], 16) for f in row["stack"]))
                for row in document["page_owners"]]
        self.assertGreater(len(said), 100)
        self.assertEqual(len(set(said)), min(len(want), 1000))
        self.assertLessEqual(set(said), set(want))
        self.assertEqual([s[0] for s in said], sorted((w[0] for w in want), reverse=True)[:1000])
        self.assertIn(f"  {len(want)} stacks have {sum(w[0] for w in want)} pages\n", verbs(self.dump, "oom"))

    def test_names(self):
        """Functions by the guest's kallsyms, flags as the kernel writes them into its own reports."""
        names = {"0xcc0": "GFP_KERNEL", "0x100cca": "GFP_HIGHUSER_MOVABLE", "0x140cca": "GFP_HIGHUSER_MOVABLE|__GFP_COMP",
                 "0xdc0": "GFP_KERNEL|__GFP_ZERO", "0x0": "0"}
        document = json.loads(verbs(self.dump, "oom -a --json"))
        # Since 5.19 pages of tmpfs are folios.
        shmem = "0x100cca" if self.dump.name.startswith("k5") else "0x140cca"
        self.assertLess({"0xcc0", shmem}, {f"{int(row['gfp'], 16):#x}" for row in document["page_owners"]})
        for row in document["page_owners"]:
            gfp = f"{int(row['gfp'], 16):#x}"
            self.assertEqual(row["gfp_names"], names.get(gfp, row["gfp_names"]))
            for frame in row["stack"]:
                if re.fullmatch("ffffffffc[0-9a-f]{7}", frame["function"]):  # a module's code for its start, which is gone
                    continue
                name, offset = re.match(r"([\w.]+)(?:\+(\d+))?", frame["function"]).groups()
                self.assertIn(int(frame["address"], 16) - int(offset or 0), [s.address for s in self.dump.by_name[name]])

    def test_one_page(self):
        chosen = list(self.drgn().items())[:20]
        text = verbs(self.dump, "; ".join(f"kmem {pfn << 12:x}" for _, pfn in chosen))
        said = re.findall(r"^PAGE OWNER: allocated with order (\d+), \S+\n((?:      (?!PAGE ).*\n)*)", text, re.M)
        self.assertEqual([(int(order), len(stack.splitlines())) for order, stack in said],
                         [(order, len(frames)) for (_, _, order, _, frames), _ in chosen])

    def test_image(self):
        """It is of no allocation."""
        self.assertNotIn("PAGE OWNER", verbs(self.dump, "kmem init_task"))


@for_dumps(*BASE, quick=("k6.1-kdump",))
class NoOwners(DumpTest):
    def test_nothing_is_said(self):
        self.assertNotIn("OWNER", verbs(self.dump, "oom; kmem jiffies"))
        self.assertNotIn("page_owners", vmstub("--exec", "oom --json", self.dump.core, cwd=self.dump.dir).stdout)
