# SPDX-License-Identifier: GPL-3.0-or-later
"""Slab caches of a kernel with CONFIG_SLAB, compared with crash and with the guest's /proc/slabinfo."""
import re

import peers
from dumps import GUESS, DumpTest, for_dumps
from session import verbs


def caches(text):
    """name -> [address, object size, allocated, total, slabs, slab size]"""
    rows = re.findall(r"^([0-9a-f]{16}) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)k  (\S.*?) *$", text, re.M)
    return {row[-1]: row[:-1] for row in rows}


def slabs(text):
    """Address of a slab's memory -> ([total, allocated, free], {object: in use})"""
    found, slab = {}, None
    for line in text.splitlines():
        # vmstub also has the node.
        if m := re.match(r" *[0-9a-f]{16}  ([0-9a-f]{16}) +(?:\d+ +)?(\d+) +(\d+) +(\d+)$", line):
            slab = found.setdefault(m[1], ([*m.groups()[1:]], {}))
        elif slab and (m := re.match(r" *(\[?)([0-9a-f]{16})", line)):
            slab[1][m[2]] = m[1] == "["
    return found


@for_dumps(*GUESS)
class Slab(DumpTest):
    @classmethod
    def prepare(cls):
        cls.theirs = peers.crash(cls.dump, "kmem -s", "kmem -S")

    def test_caches(self):
        """All but the size of an object: crash shows it with the allocator's padding."""
        theirs, mine = caches(self.theirs["kmem -s"]), caches(verbs(self.dump, "kmem -s"))
        self.assertGreater(len(theirs), 60)
        self.assertEqual({name: row[:1] + row[2:] for name, row in theirs.items()},
                         {name: row[:1] + row[2:] for name, row in mine.items()})

    def test_sizes_and_totals_as_slabinfo(self):
        mine = caches(verbs(self.dump, "kmem -s"))
        told = re.findall(r"^(\S+) +\d+ +(\d+) +(\d+) +(\d+) +(\d+) : .*: slabdata +\d+ +(\d+)", self.dump.fact("slabinfo"), re.M)
        self.assertGreater(len(told), 60)
        same = 0
        for name, total, size, per_slab, pages, slab_count in told:
            _, object_size, _, my_total, my_slabs, slab_size = mine[name]
            self.assertLessEqual(int(object_size), int(size), name)
            self.assertEqual(int(slab_size), 4 * int(pages), name)
            self.assertEqual(int(my_total), int(per_slab) * int(my_slabs), name)
            same += (my_total, my_slabs) == (total, slab_count)
        # The others changed while the facts were written.
        self.assertGreater(same, len(told) * 0.7)

    def test_every_object(self):
        theirs, mine = slabs(self.theirs["kmem -S"]), slabs(verbs(self.dump, "kmem -S"))
        self.assertGreater(len(theirs), 500)
        self.assertGreater(sum(len(objects) for _, objects in theirs.values()), 10000)
        self.assertEqual(theirs, mine)
