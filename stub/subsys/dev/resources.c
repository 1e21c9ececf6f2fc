// SPDX-License-Identifier: GPL-3.0-or-later
/* resources.c - trees of struct resource (kernel/resource.c). */
#include "stub/subsys/dev/resources.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"

#define MAX_RESOURCES 65536

static const struct record_field resource_fields[] = {
	[RESOURCE_START] = { { "start" }, RECORD_UINT },
	[RESOURCE_END] = { { "end" }, RECORD_UINT },
	[RESOURCE_NAME] = { { "name" }, RECORD_POINTER },
	[RESOURCE_PARENT] = { { "parent" }, RECORD_POINTER },
	[RESOURCE_SIBLING] = { { "sibling" }, RECORD_POINTER },
	[RESOURCE_CHILD] = { { "child" }, RECORD_POINTER },
};
RECORD(resource_record, "resource", resource_fields);

/* The entry after one without children: its sibling, or that of the nearest ancestor that has one.
 * 0: the end. */
static vs_status behind(struct record *at, kva_t root, size_t *n, kva_t *ret, struct err *err)
{
	*ret = 0;
	while (at->va != root && (*n)++ <= MAX_RESOURCES) {
		uint64_t parent;
		vs_status st = record_need(at, RESOURCE_SIBLING, ret, err);

		if (st || *ret)
			return st;
		st = record_need(at, RESOURCE_PARENT, &parent, err);
		if (st || !parent)
			return st;
		record_read(at->k, &resource_record, parent, RECORD_ALL, at);
	}
	return VS_OK;
}

/* Walks the tree by pointers to parent, sibling and first child. It checks each entry's parent
 * pointer, so that none is visited twice. */
vs_status resources_each(struct kernel *k, const char *symbol, resource_fn fn, void *ctx,
			 struct err *err)
{
	kva_t root, next;
	size_t n = 0;
	vs_status st = kernel_symbol(k, symbol, &root, err);

	for (next = root; st == VS_OK && next;) {
		struct record r;
		uint64_t v;
		kva_t at = next;

		if (n++ > MAX_RESOURCES)
			return fail(err, VS_CORRUPT, "%s does not end after %d entries", symbol,
				    MAX_RESOURCES);
		record_read(k, &resource_record, at, RECORD_ALL, &r);
		st = record_need(&r, RESOURCE_START, &v, err);
		if (st == VS_OK)
			st = record_need(&r, RESOURCE_END, &v, err);
		if (st == VS_OK && !fn(ctx, &r))
			return VS_OK;
		if (st == VS_OK)
			st = record_need(&r, RESOURCE_CHILD, &next, err);
		if (st == VS_OK && next) {
			st = record_field_read(k, &resource_record, next, RESOURCE_PARENT, &v, err);
			if (st == VS_OK && v != at)
				return fail(err, VS_CORRUPT,
					    "%s: %" PRIx64 " is not a child of %" PRIx64, symbol,
					    next, at);
		} else if (st == VS_OK) {
			st = behind(&r, root, &n, &next, err);
		}
	}
	return st ? fail_ctx(err, st, "%s after %zu entries", symbol, n ? n - 1 : 0) : VS_OK;
}
