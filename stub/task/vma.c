// SPDX-License-Identifier: GPL-3.0-or-later
/* vma.c - a process's memory areas: a maple tree since 6.1 (763ecb035029), a list before. */
#include "stub/task/vma.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"
#include "stub/task/task_record.h"

struct walker {
	struct kernel *k;
	vma_fn fn;
	void *ctx;
};

enum { VMA_START, VMA_END, VMA_FLAGS, VMA_PGOFF, VMA_FILE, VMA_OPS, VMA_NEXT };
static const struct record_field vma_fields[] = {
	[VMA_START] = { { "vm_start" }, RECORD_UINT },
	[VMA_END] = { { "vm_end" }, RECORD_UINT },
	// 7.0 keeps flags in a bitmap (vma_flags_t), in a union with the old word.
	[VMA_FLAGS] = { { "vm_flags", "flags" }, RECORD_UINT },
	[VMA_PGOFF] = { { "vm_pgoff" }, RECORD_UINT },
	[VMA_FILE] = { { "vm_file" }, RECORD_POINTER },
	[VMA_OPS] = { { "vm_ops" }, RECORD_POINTER },
	[VMA_NEXT] = { { "vm_next" }, RECORD_POINTER, "before 6.1" },
};
RECORD(vma_record, "vm_area_struct", vma_fields);

static bool give(const struct walker *w, kva_t va)
{
	struct vma v = { .va = va };
	struct record r;

	record_read(w->k, &vma_record, va, RECORD_ALL & ~RECORD_BIT(VMA_NEXT), &r);
	if (!record_get(&r, VMA_START, &v.start) || !record_get(&r, VMA_END, &v.end))
		return true; // skip this one; others may be readable
	v.knows_flags = record_get(&r, VMA_FLAGS, &v.flags);
	v.knows_pgoff = record_get(&r, VMA_PGOFF, &v.pgoff);
	v.knows_file = record_get(&r, VMA_FILE, &v.file);
	v.knows_ops = record_get(&r, VMA_OPS, &v.ops);
	return w->fn(w->ctx, &v);
}

static bool give_entry(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	(void)first, (void)last;
	return give(ctx, entry);
}

static bool give_node(void *ctx, kva_t node)
{
	return give(ctx, node);
}

vs_status vma_each(struct kernel *k, kva_t mm, vma_fn fn, void *ctx, struct err *err)
{
	struct walker w = { k, fn, ctx };
	struct member m, next;
	uint64_t first;
	vs_status st;

	if (record_member(k, &mm_record, MM_TREE, &m, NULL) == VS_OK)
		st = walk_maple(k, mm + m.off, give_entry, &w, err);
	else {
		st = record_field_read(k, &mm_record, mm, MM_LIST, &first, err);
		if (st == VS_OK)
			st = record_member(k, &vma_record, VMA_NEXT, &next, err);
		if (st == VS_OK)
			st = walk_chain(k, first, next.off, 0, give_node, &w, err);
	}
	return st ? fail_ctx(err, st, "memory areas of mm_struct %" PRIx64, mm) : VS_OK;
}
