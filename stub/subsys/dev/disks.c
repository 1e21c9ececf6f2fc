// SPDX-License-Identifier: GPL-3.0-or-later
/* disks.c - disks (block/genhd.c) and their counters. */
#include <stdlib.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/dev/devices.h"
#include "stub/subsys/dev/kobj_map.h"
#include "stub/subsys/fs/fs_record.h"

static const struct record_field disk_fields[] = {
	[DISK_MAJOR] = { { "major" }, RECORD_INT },
	[DISK_NAME] = { { "disk_name" }, RECORD_ADDRESS },
	[DISK_QUEUE] = { { "queue" }, RECORD_POINTER },
	[DISK_FOPS] = { { "fops" }, RECORD_POINTER },
	// 0d02129e76ed (5.11): a pointer to its struct block_device, which has the counters
	[DISK_PART0] = { { "part0" }, RECORD_POINTER, "since 5.11" },
	[DISK_PART0_STATS] = { { "part0.dkstats" }, RECORD_POINTER, "before 5.11" },
	[DISK_READS] = { { "part0.in_flight[0].counter" }, RECORD_UINT, "until 4.20" },
	[DISK_WRITES] = { { "part0.in_flight[1].counter" }, RECORD_UINT, "until 4.20" },
};
RECORD(disk_record, "gendisk", disk_fields);

enum { BDEV_DISK, BDEV_STATS };
static const struct record_field bdev_fields[] = {
	[BDEV_DISK] = { { "bd_disk" }, RECORD_POINTER },
	[BDEV_STATS] = { { "bd_stats" }, RECORD_POINTER, "since 5.11" },
};
RECORD(bdev_record, "block_device", bdev_fields);

enum { BDEV_INODE_BDEV, BDEV_INODE_INODE };
static const struct record_field bdev_inode_fields[] = {
	[BDEV_INODE_BDEV] = { { "bdev" }, RECORD_ADDRESS },
	[BDEV_INODE_INODE] = { { "vfs_inode" }, RECORD_ADDRESS },
};
RECORD(bdev_inode_record, "bdev_inode", bdev_inode_fields);

enum { STATS_READS, STATS_WRITES };
static const struct record_field stats_fields[] = {
	[STATS_READS] = { { "in_flight[0].a.counter" }, RECORD_UINT },
	[STATS_WRITES] = { { "in_flight[1].a.counter" }, RECORD_UINT },
};
RECORD(disk_stats_record, "disk_stats", stats_fields);

struct disks {
	struct kernel *k;
	uint64_t inode_off, bdev_off;
	size_t unknown;
	VEC(kva_t) v;
};

static bool add_disk(struct disks *d, kva_t disk)
{
	for (size_t i = 0; i < d->v.n; i++)
		if (d->v.v[i] == disk)
			return true;
	return !d->k->arch->is_kernel_va(disk) || vec_push(&d->v, disk);
}

static bool add_inode(void *ctx, kva_t node)
{
	struct disks *d = ctx;
	kva_t bdev = node - d->inode_off + d->bdev_off;
	uint64_t disk;

	if (record_field_read(d->k, &bdev_record, bdev, BDEV_DISK, &disk, NULL) == VS_OK)
		return add_disk(d, disk);
	d->unknown++;
	return true;
}

/* Since 5.11 every disk has a struct block_device (22ae8ce8b892), next to its inode. */
static vs_status disks_of_inodes(struct disks *d, struct err *err)
{
	struct member inodes, list, vfs, bdev;
	kva_t va, sb;
	vs_status st = kernel_symbol(d->k, "blockdev_superblock", &va, err);

	if (st == VS_OK)
		st = mem_read_u64(d->k->mem, va, &sb, err);
	if (st == VS_OK)
		st = record_member(d->k, &sb_record, SB_INODES, &inodes, err);
	if (st == VS_OK)
		st = record_member(d->k, &inode_record, INODE_SB_LIST, &list, err);
	if (st == VS_OK)
		st = record_member(d->k, &bdev_inode_record, BDEV_INODE_INODE, &vfs, err);
	if (st == VS_OK)
		st = record_member(d->k, &bdev_inode_record, BDEV_INODE_BDEV, &bdev, err);
	if (st)
		return st;
	d->inode_off = list.off + vfs.off;
	d->bdev_off = bdev.off;
	st = walk_list(d->k, sb + inodes.off, add_inode, d, err);
	if (st == VS_OK && d->unknown)
		st = fail(err, VS_LOST, "%zu block devices cannot be read", d->unknown);
	return st;
}

static bool add_probe(void *ctx, const struct kobj_probe *p)
{
	struct disks *d = ctx;
	struct record r;
	char name[40];

	// Other probes load modules: their data is NULL or a number.
	if (!p->known || !d->k->arch->is_kernel_va(p->data)) {
		d->unknown += !p->known;
		return true;
	}
	record_read(d->k, &disk_record, p->data, RECORD_BIT(DISK_NAME), &r);
	return !record_string(&r, DISK_NAME, name, sizeof(name)) || !name[0] ||
	       add_disk(d, p->data);
}

vs_status disks_load(struct kernel *k, kva_t **ret, size_t *n, struct err *err)
{
	struct disks d = { .k = k };
	kva_t map;
	// Older kernels have a map of all device numbers.
	vs_status st = kernel_symbol(k, "bdev_map", &map, NULL) == VS_OK
			       ? kobj_map_each(k, map, -1, add_probe, &d, err)
			       : disks_of_inodes(&d, err);

	*ret = d.v.v;
	*n = d.v.n;
	return st;
}

/* Counters are per-CPU: in a struct of the disk up to 5.10, then of its block device. Old kernels
 * have one counter for all CPUs. */
vs_status disk_in_flight(struct kernel *k, const struct record *disk, unsigned way, uint64_t *ret,
			 struct err *err)
{
	struct member m;
	uint64_t base, part0, sum = 0;
	vs_status st;

	if (record_member(k, &disk_record, DISK_READS, &m, NULL) == VS_OK)
		return record_need(disk, way ? DISK_WRITES : DISK_READS, ret, err);
	if (record_member(k, &disk_record, DISK_PART0_STATS, &m, NULL) == VS_OK) {
		st = record_need(disk, DISK_PART0_STATS, &base, err);
	} else {
		st = record_need(disk, DISK_PART0, &part0, err);
		if (st == VS_OK)
			st = record_field_read(k, &bdev_record, part0, BDEV_STATS, &base, err);
	}
	for (unsigned cpu = 0; st == VS_OK && cpu < percpu_ncpus(k); cpu++) {
		uint64_t off, v = 0;

		st = percpu_offset(k, cpu, &off, err);
		if (st == VS_OK)
			st = record_field_read(k, &disk_stats_record, base + off,
					       way ? STATS_WRITES : STATS_READS, &v, err);
		sum += v;
	}
	// One CPU may complete what another started, so only the sum is meaningful.
	if (st == VS_OK)
		*ret = (int64_t)sum < 0 ? 0 : sum;
	return st;
}
