// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* vmss.h - private to stub/dump/vmss*.c: VMware's suspend and snapshot files, .vmss and .vmsn. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/dump/notes.h"

#define VMSS_INDEXES_MAX 3
#define VMSS_VALUE_MAX	 8

/* An item of a group: `NAME[index]... = value`. */
struct vmss_item {
	char name[256];
	unsigned nindexes;
	uint32_t index[VMSS_INDEXES_MAX];
	uint64_t value; /* the first 8 bytes of it, if it is short; else 0 */
	bool packed;	/* the data is compressed */
	uint64_t off;	/* of the data in the file */
	uint64_t len;	/* of the data there */
};

struct vmss_cpus;

/* Registers, as they are found. NULL without memory. */
struct vmss_cpus *vmss_cpus_new(void);
void vmss_cpus_destroy(struct vmss_cpus *c); /* NULL is fine */
/* Takes an item of the group `cpu`; others than registers are ignored. VS_CORRUPT: it has an
 * impossible number of CPUs. */
vs_status vmss_cpus_take(struct vmss_cpus *c, struct file *f, const struct vmss_item *item,
			 struct err *err);
/* Adds notes of the CPUs whose registers are complete, and warns of others. */
vs_status vmss_cpus_add(const struct vmss_cpus *c, struct file *f, struct notes *ns,
			struct err *err);
