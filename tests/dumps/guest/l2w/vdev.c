// SPDX-License-Identifier: GPL-2.0
/*
 * The devices of l2w, and the bug: one of them has no statistics, and the
 * lookup counts a hit without asking.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "l2w.h"

/* .data, global and static; the values are told in /proc/l2w_facts. */
static struct l2w_stats good_stats = { .packets = 41, .bytes = 4100, .errors = 1 };

struct l2w_vdev l2w_vdevs[] = {
	{ .name = "vdev-good",
	  .vlan = 100,
	  .state = L2W_VDEV_UP,
	  .mtu = 1500,
	  .stats = &good_stats },
	{ .name = "vdev-broken",
	  .vlan = 204,
	  .state = L2W_VDEV_LEARNING,
	  .mtu = 9000,
	  .promisc = 1 },
	{ .name = "vdev-down",
	  .vlan = 300,
	  .state = L2W_VDEV_DOWN,
	  .mtu = 1280,
	  .stats = &good_stats },
};
unsigned int l2w_vdev_count = ARRAY_SIZE(l2w_vdevs);

/* .bss */
static struct hlist_head vdev_hash[L2W_VDEV_BUCKETS];
static u64 lookups;

/* Inlined into its callers: shows as a frame of its own in a good backtrace. */
static __always_inline unsigned int vdev_bucket(u16 vlan)
{
	return (vlan ^ (vlan >> 4)) % L2W_VDEV_BUCKETS;
}

/* Inlined as well, and the place of the fault. */
static __always_inline void vdev_count_hit(struct l2w_vdev *vdev, u32 len)
{
	struct l2w_stats *stats = vdev->stats;

	WRITE_ONCE(stats->errors, READ_ONCE(stats->errors) + (len > vdev->mtu));
	stats->bytes += len;
}

/* The sum of what it walked is returned through walked, to keep it alive past the fault. */
static noinline __noclone struct l2w_vdev *l2w_vdev_lookup(u16 vlan, u32 len, unsigned int *walked)
{
	unsigned int bucket = vdev_bucket(vlan);
	struct l2w_vdev *vdev;

	lookups++;
	hlist_for_each_entry(vdev, &vdev_hash[bucket], hash_node)
	{
		(*walked)++;
		if (vdev->vlan != vlan)
			continue;
		vdev_count_hit(vdev, len);
		return vdev;
	}
	return NULL;
}

noinline __noclone int l2w_vdev_xmit(struct l2w_frame *frame)
{
	unsigned int walked = 0;
	struct l2w_vdev *vdev = l2w_vdev_lookup(frame->vlan, frame->len, &walked);

	if (!vdev)
		return -ENODEV;
	pr_info("l2w: %s took %s after %u steps\n", vdev->name, frame->tag, walked);
	return 0;
}

int l2w_vdev_init(void)
{
	unsigned int i;

	for (i = 0; i < l2w_vdev_count; i++) {
		l2w_vdevs[i].peer = &l2w_vdevs[(i + 1) % l2w_vdev_count];
		hlist_add_head(&l2w_vdevs[i].hash_node, &vdev_hash[vdev_bucket(l2w_vdevs[i].vlan)]);
	}
	return 0;
}

void l2w_facts_vdev(struct seq_file *m)
{
	seq_printf(m, "addr.l2w_vdevs=0x%px\n", l2w_vdevs);
	seq_printf(m, "addr.good_stats=0x%px\n", &good_stats);
	seq_printf(m, "addr.vdev_hash=0x%px\n", vdev_hash);
	seq_printf(m, "addr.lookups=0x%px\n", &lookups);
	seq_printf(m, "value.l2w_vdev_count=%u\n", l2w_vdev_count);
	seq_printf(m, "value.good_stats.bytes=%llu\n", good_stats.bytes);
	seq_printf(m, "value.lookups=%llu\n", lookups);
}
