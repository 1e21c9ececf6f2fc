// SPDX-License-Identifier: GPL-3.0-or-later
/* timers.c - timer wheels (kernel/time/timer.c) and high-resolution timers (kernel/time/hrtimer.c).
 */
#include "stub/subsys/sys/timers.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/buf.h"
#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/sys/boot.h"

#define MAX_BASES 8
#define MAX_LISTS 256 /* in a vector, before 4.8 */

/* The first two rows of both tables are the same. */
enum { TIMER_EXPIRES, TIMER_FUNCTION, TIMER_SOFT };
static const struct record_field timer_fields[] = {
	[TIMER_EXPIRES] = { { "expires" }, RECORD_UINT },
	[TIMER_FUNCTION] = { { "function" }, RECORD_POINTER },
};
RECORD(timer_record, "timer_list", timer_fields);

static const struct record_field hrtimer_fields[] = {
	[TIMER_EXPIRES] = { { "node.expires" }, RECORD_UINT },
	[TIMER_FUNCTION] = { { "function" }, RECORD_POINTER },
	[TIMER_SOFT] = { { "_softexpires" }, RECORD_UINT },
};
RECORD(hrtimer_record, "hrtimer", hrtimer_fields);

enum { BASE_VECTORS };
static const struct record_field base_fields[] = {
	[BASE_VECTORS] = { { "vectors" }, RECORD_ADDRESS },
};
RECORD(timer_base_record, "timer_base", base_fields);

enum { CPU_BASE_CLOCKS };
static const struct record_field cpu_base_fields[] = {
	[CPU_BASE_CLOCKS] = { { "clock_base" }, RECORD_ADDRESS },
};
RECORD(hrtimer_cpu_record, "hrtimer_cpu_base", cpu_base_fields);

enum { CLOCK_ACTIVE, CLOCK_GET_TIME, CLOCK_ID, CLOCK_OFFSET };
static const struct record_field clock_fields[] = {
	[CLOCK_ACTIVE] = { { "active" }, RECORD_ADDRESS },
	// e3ff9c3678b4 (6.18): the kernel switches by clockid
	[CLOCK_GET_TIME] = { { "get_time" }, RECORD_POINTER, "before 6.18" },
	[CLOCK_ID] = { { "clockid" }, RECORD_INT },
	[CLOCK_OFFSET] = { { "offset" }, RECORD_UINT },
};
RECORD(hrtimer_clock_record, "hrtimer_clock_base", clock_fields);

struct collect {
	struct kernel *k;
	const struct record_def *def;
	VEC(struct timer) v;
	bool oom;
};

static bool add(void *ctx, kva_t node)
{
	struct collect *c = ctx;
	struct timer t = { .va = node };
	struct record r;

	record_read(c->k, c->def, node, RECORD_ALL, &r);
	t.known = record_get(&r, TIMER_EXPIRES, &t.expires) &&
		  record_get(&r, TIMER_FUNCTION, &t.function) &&
		  (c->def == &timer_record || record_get(&r, TIMER_SOFT, &t.soft));
	c->oom = !vec_push(&c->v, t);
	return !c->oom;
}

static int by_expiry(const void *a, const void *b)
{
	const struct timer *x = a, *y = b;

	return x->expires < y->expires ? -1 : x->expires > y->expires ? 1 : x->va < y->va ? -1 : 1;
}

/* Passes the timers to the caller; st: how the walk ended. */
static vs_status collected(struct collect *c, vs_status st, struct timer **ret, size_t *n,
			   struct err *err)
{
	if (c->oom)
		st = fail(err, VS_NOMEM, "%zu timers", c->v.n);
	if (c->v.n)
		qsort(c->v.v, c->v.n, sizeof(*c->v.v), by_expiry);
	*ret = c->v.v;
	*n = c->v.n;
	return st;
}

/* --- wheels */

/* Before 4.8, each CPU has the struct itself, or in older kernels (RHEL 7) a pointer to it. */
static vs_status old_wheel(struct kernel *k, unsigned cpu, struct timer_wheels *ret,
			   struct err *err)
{
	struct timer_wheels w = { .n = 1, .vectors = true };
	struct type_info info = { 0 };
	type_ref type;
	vs_status st = percpu_symbol(k, "tvec_bases", cpu, &w.first, err);

	if (st == VS_OK)
		st = types_size(k->types, "tvec_base", &w.size, err);
	if (st)
		return st;
	type = types_variable(k->types, "tvec_bases");
	if (!type)
		return fail(err, VS_NOTFOUND, "the type of tvec_bases is unknown");
	types_info(k->types, types_strip(k->types, type), &info);
	if (info.kind == TYPE_POINTER)
		st = mem_read_u64(k->mem, w.first, &w.first, err);
	*ret = w;
	return st;
}

vs_status timer_wheels(struct kernel *k, unsigned cpu, struct timer_wheels *ret, struct err *err)
{
	struct timer_wheels w = { 0 };
	struct type_info info = { 0 };
	kva_t va;
	vs_status st = kernel_need_types(k, err);

	if (st)
		return st;
	if (kernel_symbol(k, "timer_bases", &va, NULL) &&
	    kernel_symbol(k, "tvec_bases", &va, NULL) == VS_OK)
		return old_wheel(k, cpu, ret, err);
	st = percpu_symbol(k, "timer_bases", cpu, &w.first, err);
	if (st == VS_OK)
		st = types_size(k->types, "timer_base", &w.size, err);
	if (st)
		return st;
	// The type of the variable tells their number: 2, and 3 since 6.9.
	types_info(k->types, types_strip(k->types, types_variable(k->types, "timer_bases")), &info);
	w.n = info.kind == TYPE_ARRAY && info.count >= 1 && info.count <= MAX_BASES
		      ? (unsigned)info.count
		      : 2;
	*ret = w;
	return VS_OK;
}

/* The names are macros; since 6.9 they are LOCAL, GLOBAL and DEF (a184d9835a0a). */
static const char *wheel_name(unsigned i, unsigned n)
{
	if (i == 0)
		return n > 2 ? "BASE_LOCAL" : "BASE_STD";
	return i == n - 1 ? "BASE_DEF" : "BASE_GLOBAL";
}

void timer_wheel_label(const struct timer_wheels *w, unsigned cpu, unsigned i, struct buf *out)
{
	if (w->vectors)
		buf_printf(out, "TVEC_BASES[%u]", cpu);
	else
		buf_printf(out, "TIMER_BASES[%u][%s]", cpu, wheel_name(i, w->n));
}

/* Fails if this kernel lacks the members: no timer could be read. */
static vs_status check_layout(struct kernel *k, const struct record_def *def, struct err *err)
{
	struct member m;
	vs_status st = VS_OK;

	for (unsigned i = 0; st == VS_OK && i < def->n; i++)
		st = record_member(k, def, i, &m, err);
	return st;
}

/* Walks all lists of a vector: hlist_heads, or in older kernels (RHEL 7) list_heads. */
static vs_status walk_vector(struct kernel *k, kva_t base, type_ref type, const char *path,
			     struct collect *c, struct err *err)
{
	struct type_info array, head;
	struct type_field f;
	bool ring;
	vs_status st = types_field(k->types, type, path, &f, err);

	if (st)
		return st;
	types_info(k->types, types_strip(k->types, f.type), &array);
	types_info(k->types, types_strip(k->types, array.target), &head);
	ring = strcmp(head.name, "list_head") == 0;
	if (array.kind != TYPE_ARRAY || (!ring && strcmp(head.name, "hlist_head") != 0) ||
	    array.count > MAX_LISTS)
		return fail(err, VS_UNSUPPORTED, "struct tvec_base: %s is not an array of lists",
			    path);
	for (uint64_t i = 0; st == VS_OK && i < array.count; i++) {
		kva_t at = base + f.at.off + i * head.size;

		st = ring ? walk_list(k, at, add, c, err) : walk_hlist(k, at, add, c, err);
	}
	return st;
}

static vs_status walk_vectors(struct kernel *k, kva_t base, struct collect *c, struct err *err)
{
	static const char *const paths[] = { "tv1.vec", "tv2.vec", "tv3.vec", "tv4.vec",
					     "tv5.vec" };
	type_ref type;
	vs_status st = types_find(k->types, "struct tvec_base", &type, err);

	for (size_t i = 0; st == VS_OK && i < sizeof(paths) / sizeof(paths[0]); i++)
		st = walk_vector(k, base, type, paths[i], c, err);
	return st;
}

vs_status timers_of_wheel(struct kernel *k, const struct timer_wheels *w, unsigned i,
			  struct timer **ret, size_t *n, struct err *err)
{
	struct collect c = { .k = k, .def = &timer_record };
	kva_t base = w->first + i * w->size;
	struct member vectors = { 0 };
	vs_status st = check_layout(k, c.def, err);

	if (st == VS_OK && w->vectors)
		st = walk_vectors(k, base, &c, err);
	else if (st == VS_OK)
		st = record_member(k, &timer_base_record, BASE_VECTORS, &vectors, err);
	for (uint64_t off = 0; st == VS_OK && off < vectors.size; off += 8)
		st = walk_hlist(k, base + vectors.off + off, add, &c, err);
	return collected(&c, st, ret, n, err);
}

/* --- clocks */

vs_status timer_clocks(struct kernel *k, unsigned cpu, kva_t *cpu_base, kva_t *ret, unsigned *n,
		       uint64_t *size, struct err *err)
{
	struct member clocks;
	vs_status st = percpu_symbol(k, "hrtimer_bases", cpu, cpu_base, err);

	if (st == VS_OK)
		st = record_member(k, &hrtimer_cpu_record, CPU_BASE_CLOCKS, &clocks, err);
	if (st == VS_OK)
		st = types_size(k->types, "hrtimer_clock_base", size, err);
	if (st == VS_OK && !*size)
		st = fail(err, VS_CORRUPT, "struct hrtimer_clock_base is empty");
	if (st)
		return st;
	*ret = *cpu_base + clocks.off;
	*n = (unsigned)(clocks.size / *size);
	return VS_OK;
}

void timer_clock_load(struct kernel *k, kva_t base, struct timer_clock *ret)
{
	struct timer_clock c = { 0 };
	struct record r;

	record_read(k, &hrtimer_clock_record, base, RECORD_ALL, &r);
	c.get_time = record_pointer(&r, CLOCK_GET_TIME);
	c.knows_id = record_get(&r, CLOCK_ID, &c.id);
	c.knows_offset = record_get(&r, CLOCK_OFFSET, &c.offset);
	*ret = c;
}

vs_status timers_of_clock(struct kernel *k, kva_t base, struct timer **ret, size_t *n,
			  struct err *err)
{
	struct collect c = { .k = k, .def = &hrtimer_record };
	struct member active;
	vs_status st = check_layout(k, c.def, err);

	if (st == VS_OK)
		st = record_member(k, &hrtimer_clock_record, CLOCK_ACTIVE, &active, err);
	// A timerqueue_head starts with its rb_root and a timer with its rb_node.
	if (st == VS_OK)
		st = walk_rbtree(k, base + active.off, add, &c, err);
	return collected(&c, st, ret, n, err);
}
