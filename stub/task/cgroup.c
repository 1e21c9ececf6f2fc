// SPDX-License-Identifier: GPL-3.0-or-later
/* cgroup.c - names of cgroups. */
#include "stub/task/cgroup.h"

#include <stdio.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

#define MAX_DEPTH 64

enum { CGROUP_NODE };
static const struct record_field cgroup_fields[] = { [CGROUP_NODE] = { { "kn" }, RECORD_POINTER } };
RECORD(cgroup_record, "cgroup", cgroup_fields);

enum { KERNFS_PARENT, KERNFS_NAME };
static const struct record_field kernfs_fields[] = {
	// 633488947ef6 (6.15)
	[KERNFS_PARENT] = { { "__parent", "parent" }, RECORD_POINTER },
	[KERNFS_NAME] = { { "name" }, RECORD_POINTER },
};
RECORD(kernfs_record, "kernfs_node", kernfs_fields);

void cgroup_name(struct kernel *k, kva_t cgroup, char *dst, size_t cap)
{
	uint64_t node = 0;
	struct record r;

	if (cgroup && record_field_read(k, &cgroup_record, cgroup, CGROUP_NODE, &node, NULL)) {
		snprintf(dst, cap, "?");
	} else if (!node) {
		dst[0] = '\0';
	} else {
		record_read(k, &kernfs_record, node, RECORD_BIT(KERNFS_NAME), &r);
		(void)record_string(&r, KERNFS_NAME, dst, cap);
	}
}

/* Fills the path from its end. */
void cgroup_path(struct kernel *k, kva_t cgroup, char *dst, size_t cap)
{
	char text[512], name[256];
	size_t at = sizeof(text) - 1;
	uint64_t node = 0;

	text[at] = '\0';
	if (cgroup)
		(void)record_field_read(k, &cgroup_record, cgroup, CGROUP_NODE, &node, NULL);
	for (unsigned depth = 0; node && depth < MAX_DEPTH; depth++) {
		struct record r;
		uint64_t parent;
		size_t len;

		record_read(k, &kernfs_record, node, RECORD_ALL, &r);
		if (!record_get(&r, KERNFS_PARENT, &parent) ||
		    !record_string(&r, KERNFS_NAME, name, sizeof(name)))
			break;
		if (!parent) { // the root, whose name is empty
			snprintf(dst, cap, "%s", text[at] ? text + at : "/");
			return;
		}
		len = strlen(name);
		if (len + 1 > at || sizeof(text) - at + len + 5 > cap)
			break;
		at -= len + 1;
		text[at] = '/';
		memcpy(text + at + 1, name, len);
		node = parent;
	}
	snprintf(dst, cap, "...%s", text + at);
}
