// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* devices.h - device numbers and their drivers, and disks. */
#include <stdbool.h>

#include "stub/kernel/record.h"

/* A range of character devices, or a number of block devices, as a driver registered it. */
struct dev_number {
	uint64_t major, minor; /* minor: the first one; 0 for block devices */
	bool known;	       /* both could be read */
	char name[64];	       /* "?": unknown */
	kva_t cdev;	       /* 0: unknown, see cdev_find() */
};
/* All, sorted by number. The caller frees *ret. On failure it holds what was found. */
vs_status dev_numbers_load(struct kernel *k, bool block, struct dev_number **ret, size_t *n,
			   struct err *err);

enum cdev_field { CDEV_OPS };
extern const struct record_def cdev_record;
/* The struct cdev for a device number. If a driver allocated it itself, only the map of device
 * numbers has it. *ret is 0 if there is none. */
vs_status cdev_find(struct kernel *k, const struct dev_number *d, kva_t *ret, struct err *err);

enum disk_field {
	DISK_MAJOR,
	DISK_NAME,
	DISK_QUEUE,
	DISK_FOPS,
	DISK_PART0,
	DISK_PART0_STATS,
	DISK_READS,
	DISK_WRITES,
};
extern const struct record_def disk_record;
/* Each struct gendisk once. The caller frees *ret. On failure it holds what was found. */
vs_status disks_load(struct kernel *k, kva_t **ret, size_t *n, struct err *err);
/* Number of a disk's requests in flight: reads (way 0) or writes (1). */
vs_status disk_in_flight(struct kernel *k, const struct record *disk, unsigned way, uint64_t *ret,
			 struct err *err);
