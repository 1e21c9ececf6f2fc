// SPDX-License-Identifier: GPL-3.0-or-later
/* pids.c - the struct pid of every PID: in an idr of the namespace since 95846ecf9dac (4.15),
 * before in one hash table of all namespaces. */
#include "stub/task/pids.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"

#define MAX_SHIFT 18	     /* of alloc_large_system_hash() in pidhash_init() */
#define MAX_PIDS  (4u << 20) /* PID_MAX_LIMIT */

enum { PID_NS_TREE };
static const struct record_field pid_ns_fields[] = {
	[PID_NS_TREE] = { { "idr.idr_rt" }, RECORD_ADDRESS, "since 4.15" },
};
RECORD(pid_ns_record, "pid_namespace", pid_ns_fields);

enum { PID_FIRST, PID_NUMBERS };
static const struct record_field pid_fields[] = {
	[PID_FIRST] = { { "tasks[0].first" }, RECORD_POINTER },
	[PID_NUMBERS] = { { "numbers" }, RECORD_ADDRESS },
};
RECORD(pid_record, "pid", pid_fields);

enum { UPID_NS, UPID_CHAIN, UPID_NEXT };
static const struct record_field upid_fields[] = {
	[UPID_NS] = { { "ns" }, RECORD_POINTER },
	[UPID_CHAIN] = { { "pid_chain" }, RECORD_ADDRESS, "before 4.15" },
	[UPID_NEXT] = { { "pid_chain.next" }, RECORD_POINTER, "before 4.15" },
};
RECORD(upid_record, "upid", upid_fields);

struct pid_walk {
	struct kernel *k;
	bool (*fn)(void *ctx, kva_t pid);
	void *ctx;
	kva_t ns;
	size_t chain,
		numbers; /* offsets of the links in struct upid, of its first one in struct pid */
	uint32_t left;	 /* how many more there can be */
	bool lost;
};

static bool pid_of_tree(void *ctx, uint64_t nr, uint64_t last, uint64_t pid)
{
	struct pid_walk *w = ctx;

	(void)nr;
	(void)last;
	return w->fn(w->ctx, pid);
}

/* The struct upid of one bucket; those of other namespaces are in between. False: fn wants no more.
 */
static bool walk_bucket(struct pid_walk *w, kva_t node)
{
	struct walk_cycle seen = { 0 };

	for (; node && !walk_comes_back(&seen, node) && w->left; w->left--) {
		kva_t upid = node - w->chain;
		struct record r;
		uint64_t ns;

		record_read(w->k, &upid_record, upid, RECORD_BIT(UPID_NS) | RECORD_BIT(UPID_NEXT),
			    &r);
		if (!record_get(&r, UPID_NS, &ns) || !record_get(&r, UPID_NEXT, &node))
			break;
		// In the initial namespace, a struct upid is the first one of its struct pid.
		if (ns == w->ns && !w->fn(w->ctx, upid - w->numbers))
			return false;
	}
	w->lost |= node != 0;
	return true;
}

static vs_status walk_hash(struct pid_walk *w, struct err *err)
{
	struct member chain, numbers;
	kva_t at, shift_at, table;
	uint32_t shift;
	vs_status st = record_member(w->k, &upid_record, UPID_CHAIN, &chain, err);

	if (st == VS_OK)
		st = record_member(w->k, &pid_record, PID_NUMBERS, &numbers, err);
	if (st == VS_OK)
		st = kernel_symbol(w->k, "pid_hash", &at, err);
	if (st == VS_OK)
		st = kernel_symbol(w->k, "pidhash_shift", &shift_at, err);
	if (st == VS_OK)
		st = mem_read_u64(w->k->mem, at, &table, err);
	if (st == VS_OK)
		st = mem_read_u32(w->k->mem, shift_at, &shift, err);
	if (st)
		return fail_ctx(err, st, "table of PIDs");
	if (shift > MAX_SHIFT)
		return fail(err, VS_CORRUPT, "table of PIDs: 2^%" PRIu32 " buckets", shift);
	w->chain = chain.off;
	w->numbers = numbers.off;
	w->left = MAX_PIDS;
	for (uint32_t i = 0; i < 1u << shift; i++) {
		kva_t first;

		if (mem_read_u64(w->k->mem, table + i * 8ULL, &first, NULL))
			w->lost = true;
		else if (!walk_bucket(w, first))
			break;
	}
	return w->lost ? fail(err, VS_LOST, "table of PIDs: some cannot be read") : VS_OK;
}

vs_status pids_each(struct kernel *k, bool (*fn)(void *ctx, kva_t pid), void *ctx, struct err *err)
{
	struct pid_walk w = { .k = k, .fn = fn, .ctx = ctx };
	struct member idr;
	vs_status st = kernel_symbol(k, "init_pid_ns", &w.ns, err);

	if (st)
		return st;
	if (record_member(k, &pid_ns_record, PID_NS_TREE, &idr, NULL) == VS_OK)
		return walk_xarray(k, w.ns + idr.off, pid_of_tree, &w, err);
	return walk_hash(&w, err);
}

vs_status pids_first_task(struct kernel *k, size_t *off, struct err *err)
{
	struct member first;
	vs_status st = record_member(k, &pid_record, PID_FIRST, &first, err);

	if (st == VS_OK)
		*off = first.off;
	return st;
}
