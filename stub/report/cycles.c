// SPDX-License-Identifier: GPL-3.0-or-later
/* cycles.c - tasks that wait for locks, and cycles of tasks that wait for one another. */
#include "stub/kernel/kernel.h"
#include "stub/report/parts.h"
#include "stub/triage/waits.h"
#include "stub/unwind/addrname.h"

struct cycles {
	struct kernel *k;
	const struct waits *w;
	struct crash_report *r;
};

static void take_wait(void *ctx, const struct wait *wait, size_t number, size_t len)
{
	struct cycles *c = ctx;
	const struct task *t = &c->w->tasks[wait->task];
	struct crash_wait v = {
		.pid = t->pid,
		.comm = crash_copy(c->r, t->comm),
		.kind = lock_kind_str(wait->kind),
		.lock = wait->lock,
		.number = number,
		.len = len,
	};
	struct addr_name n;

	if (wait->lock && addr_lookup(c->k, wait->lock, &n))
		v.symbol = n.off ? crash_printf(c->r, "%s+%llu", n.sym->name,
						(unsigned long long)n.off)
				 : crash_copy(c->r, n.sym->name);
	if (!vec_push(&c->r->cycles, (v)))
		c->r->no_memory = true;
}

void crash_take_locks(struct kernel *k, struct crash_report *r)
{
	struct waits w = { 0 };
	struct cycles c = { k, &w, r };
	struct err why;
	vs_status st = kernel_need_types(k, &why);

	if (st == VS_OK) {
		// The tasks that were found count even if the list is broken.
		if (waits_find(k, &w, &why))
			crash_miss(r, "locks", why.msg);
		st = waits_cycles(&w, take_wait, &c, &why);
		r->waiting = w.n;
		r->unknown_waits = w.unknown;
	}
	r->have_waits = st == VS_OK && w.ntasks;
	if (st)
		crash_miss(r, "locks", why.msg);
	waits_free(&w);
}
