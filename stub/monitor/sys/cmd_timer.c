/* cmd_timer.c - timer: the timer wheels of each CPU; -r: high-resolution timers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/vec.h"
#include "stub/subsys/sys/boot.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/walk.h"
#include "stub/monitor/data/object.h"

#define MAX_BASES 8

struct entry {
	kva_t va;
	uint64_t expires, soft, function;
};

struct timers {
	struct monitor *m;
	VEC(struct entry) v;
	struct member expires, soft, function;
	struct buf *out;
	uint64_t now;
	vs_status st;
	struct err why;
};

static int by_expiry(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->expires < y->expires ? -1 : x->expires > y->expires ? 1 : x->va < y->va ? -1 : 1;
}

static bool add(void *ctx, kva_t node)
{
	struct timers *t = ctx;
	struct entry e = { .va = node };
	vs_status st = kernel_read_at(t->m->k, node, &t->expires, &e.expires, &t->why);

	if (st == VS_OK)
		st = kernel_read_at(t->m->k, node, &t->function, &e.function, &t->why);
	if (st == VS_OK && t->soft.size)
		st = kernel_read_at(t->m->k, node, &t->soft, &e.soft, &t->why);
	t->st = st;
	return st == VS_OK && vec_push(&t->v, e);
}

/* How the walk ended, or the timer that ended it. */
static vs_status collected(const struct timers *t, vs_status st, struct err *err)
{
	if (st || !t->st)
		return st;
	if (err)
		*err = t->why;
	return t->st;
}

static void put_function(struct timers *t, const struct entry *e)
{
	struct addr_name name;

	buf_printf(t->out, "  %16" PRIx64, e->function);
	if (cmd_lookup(t->m, e->function, &name)) {
		buf_printf(t->out, "  <%s>", name.sym->name);
		cmd_put_owner(t->out, &name);
	}
	buf_putc(t->out, '\n');
}

/* --- wheels */

/* The names are macros; BASE_GLOBAL came between in 6.9 (a184d9835a0a). How many there are the type
 * of the variable tells. */
static unsigned wheels_of_cpu(struct kernel *k)
{
	struct type_info info = { 0 };

	types_info(k->types, types_strip(k->types, types_variable(k->types, "timer_bases")), &info);
	return info.kind == TYPE_ARRAY && info.count >= 1 && info.count <= MAX_BASES
		       ? (unsigned)info.count
		       : 2;
}

static const char *wheel_name(unsigned i, unsigned n)
{
	return i == 0 ? "BASE_STD" : i == n - 1 ? "BASE_DEF" : "BASE_GLOBAL";
}

static vs_status put_wheel(struct timers *t, kva_t base, const char *label, struct err *err)
{
	struct member vectors;
	vs_status st = kernel_member(t->m->k, "timer_base", &vectors, err, "vectors", NULL);

	if (st)
		return st;
	t->v.n = 0;
	t->st = VS_OK;
	for (uint64_t off = 0; off < vectors.size && st == VS_OK; off += 8)
		st = walk_hlist(t->m->k, base + vectors.off + off, add, t, err);
	if (t->v.n)
		qsort(t->v.v, t->v.n, sizeof(*t->v.v), by_expiry);
	buf_printf(t->out, "%s: %" PRIx64 "\n", label, base);
	if (t->v.n)
		buf_puts(t->out, "     EXPIRES          TTE        TIMER_LIST          FUNCTION\n");
	else if (st == VS_OK)
		buf_puts(t->out, "  (none)\n");
	for (size_t i = 0; i < t->v.n; i++) {
		const struct entry *e = &t->v.v[i];

		buf_printf(t->out, "%12" PRIu64 " %12" PRId64 "  %16" PRIx64, e->expires,
			   (int64_t)(e->expires - t->now), e->va);
		put_function(t, e);
	}
	st = collected(t, st, err);
	return st;
}

static vs_status put_wheels(void *ctx, unsigned cpu, struct err *err)
{
	struct timers *t = ctx;
	unsigned n = wheels_of_cpu(t->m->k);
	uint64_t size = 0;
	char label[64];
	kva_t base;
	vs_status st = percpu_symbol(t->m->k, "timer_bases", cpu, &base, err);

	if (st == VS_OK)
		st = types_size(t->m->k->types, "timer_base", &size, err);
	for (unsigned i = 0; st == VS_OK && i < n; i++) {
		snprintf(label, sizeof(label), "TIMER_BASES[%u][%s]", cpu, wheel_name(i, n));
		st = put_wheel(t, base + i * size, label, err);
	}
	buf_putc(t->out, '\n');
	return st;
}

/* --- high-resolution timers */

/* Monotonic time of the last tick, in nanoseconds; each clock adds its offset. */
static vs_status clock_now(struct kernel *k, uint64_t *ret, struct err *err)
{
	kva_t tk;
	vs_status st = boot_timekeeper(k, &tk, err);

	return st ? st : kernel_read_member(k, tk, "timekeeper", "tkr_mono.base", ret, err);
}

static vs_status put_clock(struct timers *t, kva_t base, unsigned i, struct err *err)
{
	struct member active;
	uint64_t fn, offset = 0, now;
	struct addr_name name;
	vs_status st = kernel_member(t->m->k, "hrtimer_clock_base", &active, err, "active", NULL);

	if (st)
		return st;
	t->v.n = 0;
	t->st = VS_OK;
	// A head begins with its rb_root, a timer with its rb_node, whatever leads to them.
	st = walk_rbtree(t->m->k, base + active.off, add, t, err);
	st = collected(t, st, err);
	buf_printf(t->out, "  CLOCK: %u  HRTIMER_CLOCK_BASE: %" PRIx64, i, base);
	// e3ff9c3678b4: until 6.17 a function tells which clock it is
	if (kernel_read_member(t->m->k, base, "hrtimer_clock_base", "get_time", &fn, NULL) ==
		    VS_OK &&
	    cmd_lookup(t->m, fn, &name))
		buf_printf(t->out, "  [%s]", name.sym->name);
	else if (kernel_read_member(t->m->k, base, "hrtimer_clock_base", "clockid", &fn, NULL) ==
		 VS_OK)
		buf_printf(t->out, "  [clock %" PRIu64 "]", fn);
	buf_putc(t->out, '\n');
	if (!t->v.n) {
		buf_puts(t->out, st ? "" : "  (empty)\n\n");
		return st;
	}
	kernel_read_member(t->m->k, base, "hrtimer_clock_base", "offset", &offset, NULL);
	now = t->now + offset;
	buf_printf(t->out, "    CURRENT\n  %12" PRIu64 "\n", now);
	buf_puts(t->out, "  SOFTEXPIRES         EXPIRES             TTE           HRTIMER          "
			 " FUNCTION\n");
	for (size_t j = 0; j < t->v.n; j++) {
		const struct entry *e = &t->v.v[j];

		buf_printf(t->out, "  %12" PRIu64 "  %14" PRIu64 "  %14" PRId64 "  %16" PRIx64,
			   e->soft, e->expires, (int64_t)(e->expires - now), e->va);
		put_function(t, e);
	}
	buf_putc(t->out, '\n');
	return st;
}

static vs_status put_clocks(void *ctx, unsigned cpu, struct err *err)
{
	struct timers *t = ctx;
	struct member clocks;
	uint64_t size = 0;
	kva_t base;
	vs_status st = percpu_symbol(t->m->k, "hrtimer_bases", cpu, &base, err);

	if (st == VS_OK)
		st = kernel_member(t->m->k, "hrtimer_cpu_base", &clocks, err, "clock_base", NULL);
	if (st == VS_OK)
		st = types_size(t->m->k->types, "hrtimer_clock_base", &size, err);
	if (st == VS_OK && !size)
		st = fail(err, VS_CORRUPT, "struct hrtimer_clock_base is empty");
	if (st)
		return st;
	buf_printf(t->out, "CPU: %u  HRTIMER_CPU_BASE: %" PRIx64 "\n", cpu, base);
	for (unsigned i = 0; i < clocks.size / size && st == VS_OK; i++)
		st = put_clock(t, base + clocks.off + i * size, i, err);
	return st;
}

/* --- the verb */

static vs_status load_members(struct timers *t, bool high, struct err *err)
{
	const char *type = high ? "hrtimer" : "timer_list";
	struct kernel *k = t->m->k;
	vs_status st =
		kernel_member(k, type, &t->expires, err, high ? "node.expires" : "expires", NULL);

	if (st == VS_OK)
		st = kernel_member(k, type, &t->function, err, "function", NULL);
	if (st == VS_OK && high)
		st = kernel_member(k, type, &t->soft, err, "_softexpires", NULL);
	return st;
}

vs_status cmd_timer(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct timers t = { .m = m, .out = out };
	struct opt_state o = { 0 };
	const char *cpus = "a";
	bool high = false;
	kva_t jiffies;
	vs_status st;
	int c;

	cmd_permute(a, "rC:");
	while ((c = cmd_option(a, &o, "rC:", err)) > 0) {
		high |= c == 'r';
		cpus = c == 'C' ? o.arg : cpus;
	}
	if (c < 0)
		return VS_INVAL;
	cmd_operands(a, &o);
	if (a->argc)
		return fail(err, VS_INVAL, "usage: timer [-r] [-C CPUS]");
	st = load_members(&t, high, err);
	if (st == VS_OK && high)
		st = clock_now(m->k, &t.now, err);
	else if (st == VS_OK)
		st = kernel_symbol(m->k, "jiffies", &jiffies, err);
	if (st == VS_OK && !high)
		st = mem_read_u64(m->k->mem, jiffies, &t.now, err);
	if (st == VS_OK && !high)
		buf_printf(out, "JIFFIES\n%" PRIu64 "\n\n", t.now);
	if (st == VS_OK)
		st = cpu_list_each(m, cpus, high ? put_clocks : put_wheels, &t, err);
	vec_free(&t.v);
	return st;
}
