// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* devices.h - device numbers and their drivers, and disks. */
#include <stdbool.h>

#include "stub/kernel/record.h"

/* A range of character devices, or a number of block devices, as a driver registered it. */
struct dev_number {
	uint64_t major, minor; /* minor: the first; 0 of block devices */
	bool known;	       /* both could be read */
	char name[64];	       /* "?": unknown */
	kva_t cdev;	       /* 0: not told here, see cdev_find() */
};
/* By number; *ret is malloced, the caller's. On failure it has what was found. */
vs_status dev_numbers_load(struct kernel *k, bool block, struct dev_number **ret, size_t *n,
			   struct err *err);

enum cdev_field { CDEV_OPS };
extern const struct record_def cdev_record;
/* The struct cdev for a device number: drivers that made it themselves are in the map of device
 * numbers alone. *ret is 0 when there is none. */
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
/* Each struct gendisk once; *ret is malloced, the caller's. On failure it has what was found. */
vs_status disks_load(struct kernel *k, kva_t **ret, size_t *n, struct err *err);
/* Requests of a disk that are under way: reads (way 0) or writes (1). */
vs_status disk_in_flight(struct kernel *k, const struct record *disk, unsigned way, uint64_t *ret,
			 struct err *err);
