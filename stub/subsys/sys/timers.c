// SPDX-License-Identifier: GPL-3.0-or-later
/* timers.c - timer wheels (kernel/time/timer.c) and high-resolution timers (kernel/time/hrtimer.c).
 */
#include "stub/subsys/sys/timers.h"

#include <stdlib.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/sys/boot.h"

#define MAX_BASES 8

/* Of both tables the first two rows. */
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

/* Hands the timers over; st: how their walk ended. */
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

vs_status timer_wheels(struct kernel *k, unsigned cpu, kva_t *ret, unsigned *n, uint64_t *size,
		       struct err *err)
{
	struct type_info info = { 0 };
	vs_status st = percpu_symbol(k, "timer_bases", cpu, ret, err);

	if (st == VS_OK)
		st = kernel_need_types(k, err);
	if (st == VS_OK)
		st = types_size(k->types, "timer_base", size, err);
	if (st)
		return st;
	// How many there are the type of the variable tells: 2, and 3 since 6.9.
	types_info(k->types, types_strip(k->types, types_variable(k->types, "timer_bases")), &info);
	*n = info.kind == TYPE_ARRAY && info.count >= 1 && info.count <= MAX_BASES
		     ? (unsigned)info.count
		     : 2;
	return VS_OK;
}

/* The names are macros; since 6.9 they are LOCAL, GLOBAL and DEF (a184d9835a0a). */
const char *timer_wheel_name(unsigned i, unsigned n)
{
	if (i == 0)
		return n > 2 ? "BASE_LOCAL" : "BASE_STD";
	return i == n - 1 ? "BASE_DEF" : "BASE_GLOBAL";
}

/* A kernel without these members has no timer that could be told of. */
static vs_status check_layout(struct kernel *k, const struct record_def *def, struct err *err)
{
	struct member m;
	vs_status st = VS_OK;

	for (unsigned i = 0; st == VS_OK && i < def->n; i++)
		st = record_member(k, def, i, &m, err);
	return st;
}

vs_status timers_of_wheel(struct kernel *k, kva_t base, struct timer **ret, size_t *n,
			  struct err *err)
{
	struct collect c = { .k = k, .def = &timer_record };
	struct member vectors;
	vs_status st = check_layout(k, c.def, err);

	if (st == VS_OK)
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
	// A head begins with its rb_root, a timer with its rb_node, whatever leads to them.
	if (st == VS_OK)
		st = walk_rbtree(k, base + active.off, add, &c, err);
	return collected(&c, st, ret, n, err);
}
