// SPDX-License-Identifier: GPL-3.0-or-later
/* hot.c - finds per-CPU data that is in struct pcpu_hot in some kernels: the current task and the
 * interrupt stack. */
#include "arch/x86_64/linux/linux.h"

#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"

#define PAGE_SIZE 4096ULL

/* e57ef2ed97c1 (6.2) to c6a0918072ea (6.15); 7443b296e699 added the stack */
enum { HOT_CURRENT, HOT_IRQ_STACK };
static const struct record_field hot_fields[] = {
	[HOT_CURRENT] = { { "current_task" }, RECORD_POINTER, "6.2 to 6.14" },
	[HOT_IRQ_STACK] = { { "hardirq_stack_ptr" }, RECORD_POINTER, "6.2 to 6.14" },
};
RECORD(hot_record, "pcpu_hot", hot_fields);

vs_status linux_x86_current_task(struct kernel *k, unsigned cpu, kva_t *ret, struct err *err)
{
	struct member m = { 0 };
	kva_t va;
	bool own = kernel_symbol(k, "current_task", &va, NULL) == VS_OK;
	vs_status st = percpu_symbol(k, own ? "current_task" : "pcpu_hot", cpu, &va, err);

	if (st == VS_OK && !own)
		st = record_member(k, &hot_record, HOT_CURRENT, &m, err);
	return st ? st : mem_read_u64(k->mem, va + m.off, ret, err);
}

/* Since 951c2a51ae75 (5.12) the pointer is 8 bytes lower; from 7443b296e699 (6.2) to c6a0918072ea
 * (6.15) it was in struct pcpu_hot. */
vs_status linux_x86_irq_stack_top(struct kernel *k, unsigned cpu, kva_t *ret)
{
	static const char *const names[] = { "hardirq_stack_ptr", "irq_stack_ptr" };
	kva_t va, top = 0;

	for (size_t i = 0; i < 2 && !top; i++)
		if (percpu_symbol(k, names[i], cpu, &va, NULL) ||
		    mem_read_u64(k->mem, va, &top, NULL))
			top = 0;
	if (!top && (percpu_symbol(k, "pcpu_hot", cpu, &va, NULL) ||
		     record_field_read(k, &hot_record, va, HOT_IRQ_STACK, &top, NULL) || !top))
		return VS_NOTFOUND;
	*ret = (top + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	return VS_OK;
}
