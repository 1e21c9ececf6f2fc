// SPDX-License-Identifier: GPL-3.0-or-later
/* taskstack.c - where a task's kernel stack is.
 * The types say where task_struct has the pointer. A kernel without BTF, whose vmlinux is missing,
 * has no types; then the stacks of the tasks that ran on the CPUs show it. */
#include "stub/task/tasks.h"

#include <inttypes.h>

#include "stub/base/bytes.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"

#define STACK_END_MAGIC	 0x57ac6e9d /* include/uapi/linux/magic.h */
#define STACK_ALIGNMENT	 4096	    /* at least */
#define SEARCHED	 2048	    /* bytes of a task_struct: the pointer is near its start */
#define STACK_SIZE_GUESS 16384

/* Is this the low end of the task's stack? There the kernel keeps a magic number, or, before
 * c65eacbe290b (4.9), struct thread_info, which begins with a pointer to the task. */
static bool is_low_end(struct kernel *k, kva_t task, uint64_t va)
{
	uint64_t word;

	return va && va % STACK_ALIGNMENT == 0 && k->arch->is_kernel_va(va) &&
	       mem_read_u64(k->mem, va, &word, NULL) == VS_OK &&
	       (word == STACK_END_MAGIC || word == task);
}

/* Finds the only place that holds a pointer to a stack, in all running tasks whose stack did not
 * overflow into its low end. */
static vs_status find_pointer(struct kernel *k, void *owner, struct err *err)
{
	size_t found = SIZE_MAX;

	(void)owner;
	for (unsigned cpu = 0; cpu < percpu_ncpus(k); cpu++) {
		uint8_t data[SEARCHED];
		kva_t task;
		size_t len;

		if (task_current(k, cpu, &task, NULL))
			continue;
		len = k->mem->read(k->mem, task, data, sizeof(data), NULL).len;
		for (size_t at = 0; at + 8 <= len; at += 8) {
			if (!is_low_end(k, task, load_u64(data + at)))
				continue;
			if (found != SIZE_MAX && found != at)
				return fail(err, VS_NOTFOUND,
					    "both offsets %#zx and %#zx of struct task_struct may "
					    "hold the stack",
					    found, at);
			found = at;
		}
	}
	if (found == SIZE_MAX)
		return fail(err, VS_NOTFOUND, "no task shows where its stack is");
	k->stack_pointer_off = found;
	return VS_OK;
}

static const struct slot_ops pointer_slot_ops = { find_pointer, NULL };

vs_status task_stack(struct kernel *k, kva_t task, kva_t *ret, struct err *err)
{
	vs_status st = record_field_read(k, &task_record, task, TASK_STACK, ret, err);

	if (st == VS_OK || kernel_need_types(k, NULL) == VS_OK ||
	    slot_need(k, &k->stack_pointer_slot, &pointer_slot_ops, k, NULL))
		return st;
	return mem_read_u64(k->mem, task + k->stack_pointer_off, ret, err);
}

static bool is_stack_size(uint64_t size)
{
	return size >= 4096 && size <= 1 << 20 && (size & (size - 1)) == 0;
}

uint64_t task_stack_size(struct kernel *k)
{
	static const char *const symbols[] = { "init_stack", "init_thread_union" };
	const struct symbol *s;
	uint64_t size;

	// union thread_union { ... unsigned long stack[THREAD_SIZE / sizeof(long)]; }
	if (kernel_need_types(k, NULL) == VS_OK &&
	    types_size(k->types, "thread_union", &size, NULL) == VS_OK && is_stack_size(size))
		return size;
	// Some vmlinux lack that type. Use the size of a symbol, which only vmlinux has.
	for (size_t i = 0; i < 2 && kernel_need_syms(k, NULL) == VS_OK; i++)
		if ((s = symtab_find(k->syms, symbols[i])) && is_stack_size(s->size))
			return s->size;
	return STACK_SIZE_GUESS;
}
