/* vma.c - a process's memory areas: a maple tree since 6.1 (763ecb035029), a list before. */
#include "stub/task/vma.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"

struct walker {
	struct kernel *k;
	vma_fn fn;
	void *ctx;
};

static bool give(const struct walker *w, kva_t va)
{
	static const char type[] = "vm_area_struct";
	struct vma v = { .va = va };
	struct member m;

	if (kernel_read_member(w->k, va, type, "vm_start", &v.start, NULL) ||
	    kernel_read_member(w->k, va, type, "vm_end", &v.end, NULL))
		return true; // it cannot be read, the others may
	// 7.0 keeps flags in a bitmap (vma_flags_t), in a union with the old word.
	if (kernel_member(w->k, type, &m, NULL, "vm_flags", "flags", NULL) == VS_OK && m.size == 8)
		kernel_read_at(w->k, va, &m, &v.flags, NULL);
	kernel_read_member(w->k, va, type, "vm_pgoff", &v.pgoff, NULL);
	kernel_read_member(w->k, va, type, "vm_file", &v.file, NULL);
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

	if (kernel_member(k, "mm_struct", &m, NULL, "mm_mt", NULL) == VS_OK)
		st = walk_maple(k, mm + m.off, give_entry, &w, err);
	else {
		st = kernel_read_member(k, mm, "mm_struct", "mmap", &first, err);
		if (st == VS_OK)
			st = kernel_member(k, "vm_area_struct", &next, err, "vm_next", NULL);
		if (st == VS_OK)
			st = walk_chain(k, first, next.off, 0, give_node, &w, err);
	}
	return st ? fail_ctx(err, st, "memory areas of mm_struct %" PRIx64, mm) : VS_OK;
}
