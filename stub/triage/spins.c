// SPDX-License-Identifier: GPL-3.0-or-later
/* spins.c - implements spins.h. */
#include "stub/triage/spins.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/module/modules.h"
#include "stub/task/cpus.h"
#include "stub/triage/flow.h"
#include "stub/unwind/addrname.h"
#include "stub/unwind/stack.h"

/* Since 69f9cae90907 (4.2). With 16384 CPUs or more, pending is one bit and the tail has more. */
enum { SPIN_LOCKED, SPIN_PENDING, SPIN_TAIL };
static const struct record_field qspinlock_fields[] = {
	[SPIN_LOCKED] = { { "locked" }, RECORD_UINT },
	[SPIN_PENDING] = { { "pending" }, RECORD_UINT },
	[SPIN_TAIL] = { { "tail" }, RECORD_UINT },
};
RECORD(qspinlock_record, "qspinlock", qspinlock_fields);

/* The tail is (CPU + 1) << 2 | how deeply its interrupts are nested. */
#define TAIL_CPU_SHIFT 2

static bool in_function(struct kernel *k, const struct frame *f, const char *part)
{
	kva_t pc = f->regs.v[k->arch->pc];
	struct addr_name n;

	return addr_lookup(k, f->interrupted ? pc : pc - 1, &n) && strstr(n.sym->name, part);
}

/* Queued spinlocks wait in a function of their own, ticket locks (before 4.2) in all that lock. */
static const char *waiting_name(struct kernel *k)
{
	kva_t va;

	return kernel_symbol(k, "native_queued_spin_lock_slowpath", &va, NULL) == VS_OK ||
			       kernel_symbol(k, "queued_spin_lock_slowpath", &va, NULL) == VS_OK
		       ? "queued_spin_lock_slowpath"
		       : "spin_lock";
}

/* The register that still has the function's first argument. */
static bool first_argument(struct kernel *k, const struct frame *f, uint64_t *ret)
{
	kva_t pc = f->regs.v[k->arch->pc];
	struct addr_name n;
	struct flow *flow;
	bool known = false;

	if (!addr_lookup(k, pc, &n) ||
	    flow_open(k, n.sym->va, symtab_end(n.mod ? n.mod->syms : k->syms, n.sym), &flow, NULL))
		return false;
	for (unsigned reg = 0; reg < k->arch->nregs && !known; reg++) {
		struct flow_source s = flow_source(flow, (int)reg, pc);

		known = s.kind == FLOW_ENTRY && k->arch->argument(s.reg) == 0 &&
			regs_has(&f->regs, reg);
		if (known)
			*ret = f->regs.v[reg];
	}
	flow_close(flow);
	return known;
}

bool spin_of_stack(struct kernel *k, const struct frame *frames, size_t n, struct spin *ret)
{
	const char *name = waiting_name(k);
	size_t i = 0;

	while (i < n && !(frames[i].interrupted && in_function(k, &frames[i], name)))
		i++;
	if (i + 1 >= n)
		return false;
	*ret = (struct spin){ .lock = 0 };
	(void)first_argument(k, &frames[i], &ret->lock);
	while (i + 1 < n && in_function(k, &frames[i], "spin_lock"))
		i++;
	ret->caller = frames[i].regs.v[k->arch->pc];
	ret->interrupted = frames[i].interrupted;
	return true;
}

bool spin_of_cpu(struct kernel *k, unsigned cpu, struct spin *ret)
{
	AUTO_FREE struct frame *frames = calloc(STACK_MAX_FRAMES, sizeof(*frames));
	struct frame first;
	struct err why;
	size_t n = 0;
	kva_t task;

	if (!frames || task_current(k, cpu, &task, NULL) || cpu_frame(k, cpu, &first, NULL))
		return false;
	// What was found before the walk stopped counts.
	(void)stack_unwind(k, task, &first, frames, STACK_MAX_FRAMES, &n, NULL);
	if (!spin_of_stack(k, frames, n, ret))
		return false;
	ret->cpu = cpu;
	// What the dump lacks of the task does not change what its stack shows.
	return task_load_running(k, task, &ret->task, &why) == VS_OK;
}

struct spin_word spin_word(struct kernel *k, kva_t lock)
{
	struct spin_word w = { .known = false };
	uint64_t locked, pending, tail;
	struct record r;

	record_read(k, &qspinlock_record, lock, RECORD_ALL, &r);
	w.known = record_get(&r, SPIN_LOCKED, &locked) && record_get(&r, SPIN_PENDING, &pending) &&
		  record_get(&r, SPIN_TAIL, &tail);
	if (!w.known)
		return w;
	w.locked = locked != 0;
	w.pending = pending != 0;
	w.queue = tail >> TAIL_CPU_SHIFT != 0;
	w.tail = w.queue ? (unsigned)(tail >> TAIL_CPU_SHIFT) - 1 : 0;
	return w;
}
