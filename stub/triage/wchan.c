// SPDX-License-Identifier: GPL-3.0-or-later
/* wchan.c - finds where a task sleeps, by its stack. The kernel puts the code of the scheduler and
 * of sleeping locks into a section of its own (in_sched_functions() in kernel/sched/core.c). */
#include "stub/triage/wchan.h"

#include "stub/kernel/kernel.h"
#include "stub/unwind/stack.h"
#include "stub/unwind/stack_start.h"

#define MAX_FRAMES 32

vs_status task_wchan(struct kernel *k, const struct task *t, kva_t *ret, struct err *err)
{
	struct frame frames[MAX_FRAMES];
	kva_t low, high;
	size_t n = 0;
	vs_status st = kernel_symbol(k, "__sched_text_start", &low, err);

	if (st == VS_OK)
		st = kernel_symbol(k, "__sched_text_end", &high, err);
	if (st == VS_OK)
		st = stack_of_task(k, t, frames, MAX_FRAMES, &n, err);
	if (!n)
		return st;
	for (size_t i = 0; i < n && !k->arch->regs_user_mode(&frames[i].regs); i++) {
		kva_t pc = frames[i].regs.v[k->arch->pc];

		if (pc - low < high - low)
			continue;
		*ret = pc;
		return VS_OK;
	}
	return fail(err, VS_NOTFOUND, "the stack has no function outside the scheduler");
}
