// SPDX-License-Identifier: GPL-3.0-or-later
/* stackdepot.c - implements stackdepot.h. A handle has the number of a pool (before 6.3: slab), and
 * a place in it. Every stack's record has its own handle, which proves that it was found. */
#include "stub/subsys/mm/stackdepot.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

#define DEPOT_ALIGN 4 /* DEPOT_STACK_ALIGN: log2 of the bytes that a place counts */
#define MAX_POOLS   (1u << 21)

enum { HANDLE_ALL, HANDLE_POOL, HANDLE_OFFSET, HANDLE_EXTRA };
static const struct record_field handle_fields[] = {
	[HANDLE_ALL] = { { "handle" }, RECORD_UINT, "CONFIG_STACKDEPOT" },
	// 961c949b012f (6.3), 31639fd6cebd (6.9)
	[HANDLE_POOL] = { { "pool_index_plus_1", "pool_index", "slabindex" },
			  RECORD_UINT,
			  "CONFIG_STACKDEPOT" },
	[HANDLE_OFFSET] = { { "offset" }, RECORD_UINT, "CONFIG_STACKDEPOT" },
	[HANDLE_EXTRA] = { { "extra" }, RECORD_UINT, "CONFIG_STACKDEPOT, since 5.18" },
};
RECORD(depot_handle_record, "handle_parts", handle_fields);

enum { STACK_SIZE, STACK_HANDLE, STACK_ENTRIES };
static const struct record_field stack_fields[] = {
	[STACK_SIZE] = { { "size" }, RECORD_UINT, "CONFIG_STACKDEPOT" },
	[STACK_HANDLE] = { { "handle" }, RECORD_ADDRESS, "CONFIG_STACKDEPOT" },
	[STACK_ENTRIES] = { { "entries" }, RECORD_ADDRESS, "CONFIG_STACKDEPOT" },
};
RECORD(depot_stack_record, "stack_record", stack_fields);

/* The array of pools, or since 6.16 a pointer to it. */
static vs_status pools(struct kernel *k, kva_t *ret, struct err *err)
{
	return kernel_symbol(k, "stack_pools", ret, NULL) == VS_OK
		       ? VS_OK
		       : kernel_symbol(k, "stack_slabs", ret, err);
}

/* The handle without what its user added to it. */
static bool same_handle(struct kernel *k, uint64_t a, uint64_t b)
{
	struct member extra;
	uint64_t mask = 0;

	if (record_member(k, &depot_handle_record, HANDLE_EXTRA, &extra, NULL) == VS_OK &&
	    extra.bit_size)
		mask = ((1ULL << extra.bit_size) - 1) << (extra.off * 8 + extra.bit_off);
	return (a & ~mask) == (b & ~mask);
}

/* The record at this place of a pool, if it has the handle. */
static bool is_record(struct kernel *k, kva_t table, uint64_t pool, uint64_t offset,
		      uint64_t handle, kva_t *ret)
{
	uint64_t base, own;

	if (pool >= MAX_POOLS || mem_read_u64(k->mem, table + pool * sizeof(kva_t), &base, NULL) ||
	    !k->arch->is_kernel_va(base))
		return false;
	*ret = base + (offset << DEPOT_ALIGN);
	return record_field_read(k, &depot_stack_record, *ret, STACK_HANDLE, &own, NULL) == VS_OK &&
	       record_field_read(k, &depot_handle_record, own, HANDLE_ALL, &own, NULL) == VS_OK &&
	       same_handle(k, own, handle);
}

/* Since 6.9 the number counts from 1, in some 6.8 too. */
static bool find_record(struct kernel *k, kva_t table, uint64_t pool, uint64_t offset,
			uint64_t handle, kva_t *ret)
{
	return is_record(k, table, pool, offset, handle, ret) ||
	       (pool && is_record(k, table, pool - 1, offset, handle, ret));
}

vs_status depot_stack(struct kernel *k, kva_t at, kva_t *frames, size_t *n, struct err *err)
{
	uint64_t handle, pool, offset, size, entries;
	struct record r;
	kva_t table, record;
	vs_status st = pools(k, &table, err);

	*n = 0;
	if (st)
		return st;
	record_read(k, &depot_handle_record, at, RECORD_ALL, &r);
	st = record_need(&r, HANDLE_ALL, &handle, err);
	if (st == VS_OK)
		st = record_need(&r, HANDLE_POOL, &pool, err);
	if (st == VS_OK)
		st = record_need(&r, HANDLE_OFFSET, &offset, err);
	if (st)
		return st;
	if (!find_record(k, table, pool, offset, handle, &record) &&
	    (mem_read_u64(k->mem, table, &table, NULL) ||
	     !find_record(k, table, pool, offset, handle, &record)))
		return fail(err, VS_CORRUPT, "its stack is not where its handle says");
	record_read(k, &depot_stack_record, record, RECORD_ALL, &r);
	st = record_need(&r, STACK_SIZE, &size, err);
	if (st == VS_OK)
		st = record_need(&r, STACK_ENTRIES, &entries, err);
	if (st == VS_OK && (size == 0 || size > DEPOT_FRAMES))
		st = fail(err, VS_CORRUPT,
			  "the stack of handle %#" PRIx64 " has %" PRIu64 " frames", handle, size);
	for (; st == VS_OK && *n < size; ++*n)
		st = mem_read_u64(k->mem, entries + *n * sizeof(kva_t), &frames[*n], err);
	return st;
}
