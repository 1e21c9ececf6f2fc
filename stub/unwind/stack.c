// SPDX-License-Identifier: GPL-3.0-or-later
/* stack.c - stacks: their places, and unwinding. */
#include "stub/unwind/stack.h"

#include <inttypes.h>
#include <string.h>

#include "stub/task/cpus.h"
#include "stub/task/tasks.h"
#include "stub/unwind/found.h"
#include "stub/unwind/framep.h"
#include "stub/unwind/rules.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"

#define PAGE_SIZE 4096ULL

/* --- stacks */

static bool irq_stack(struct kernel *k, unsigned cpu, struct stack_id *ret)
{
	return k->arch->os->stack(k, cpu, 0, ret) && ret->kind == STACK_IRQ;
}

size_t stack_list(struct kernel *k, unsigned cpu, struct stack_id *ret, size_t max)
{
	size_t n = 0;

	for (unsigned i = 0; i < k->arch->os->nstacks && n < max; i++)
		if (k->arch->os->stack(k, cpu, i, &ret[n]) && ret[n].kind != STACK_ENTRY)
			n++;
	return n;
}

struct stack_id stack_identify(struct kernel *k, unsigned cpu, kva_t task, kva_t sp)
{
	struct stack_id id;
	uint64_t size = task_stack_size(k);
	uint64_t stack;

	if (task && task_stack(k, task, &stack, NULL) == VS_OK && sp >= stack && sp <= stack + size)
		return (struct stack_id){ STACK_TASK, "task", stack, stack + size };
	for (unsigned i = 0; i < k->arch->os->nstacks; i++)
		if (k->arch->os->stack(k, cpu, i, &id) && sp >= id.low && sp <= id.high)
			return id;
	return (struct stack_id){ STACK_NONE, "unknown", 0, 0 };
}

kva_t stack_regs_va(struct kernel *k, kva_t stack)
{
	return stack + task_stack_size(k) - k->arch->os->stack_padding(k) -
	       k->arch->regs_frame_size;
}

/* --- addresses that show words of another stack */

/* If C code switched stacks by inline assembly, gdb continues past the new stack's top: the guard
 * page above it shows the words above the saved stack pointer. */
static bool guard_page(struct kernel *k, unsigned cpu, kva_t va, kva_t *ret)
{
	struct stack_id irq;
	uint64_t saved;
	kva_t link;

	if (!irq_stack(k, cpu, &irq) || va < irq.high || va - irq.high >= PAGE_SIZE)
		return false;
	link = irq.high - k->arch->os->irq_link;
	if (mem_read_u64(k->mem, link, &saved, NULL) || saved % 8 ||
	    !k->arch->is_kernel_va(saved) || saved - irq.high < PAGE_SIZE)
		return false;
	*ret = saved + (va - link);
	return true;
}

/* An alias has the low bits of an address on the stack of the task that a CPU was running. */
static bool alias_word(struct kernel *k, unsigned cpu, kva_t va, kva_t *ret)
{
	uint64_t stack, off;
	kva_t task;

	if (task_current(k, cpu, &task, NULL) || task_stack(k, task, &stack, NULL))
		return false;
	off = (va - k->arch->os->alias_base - stack) & k->arch->os->alias_mask;
	*ret = stack + off;
	return off < task_stack_size(k);
}

/* If frames depend on frame pointers, the whole chain on a stack must consist of aliases. Changes
 * each word that points further up this stack and is followed by a return address. */
static void alias_frames(struct kernel *k, kva_t real, void *data, size_t len)
{
	for (size_t at = (8 - real % 8) % 8; at + 8 <= len; at += 8) {
		uint64_t bp, pc;
		kva_t target;

		memcpy(&bp, (char *)data + at, 8);
		if (bp <= real + at || bp - (real + at) > task_stack_size(k) || bp % 8 ||
		    mem_read_u64(k->mem, real + at + 8, &pc, NULL) || !code_is_any(k, pc) ||
		    !k->arch->call_before(k->mem, pc, &target))
			continue;
		bp = k->arch->os->alias_base + (bp & k->arch->os->alias_mask);
		memcpy((char *)data + at, &bp, 8);
	}
}

/* lldb reads memory in lines of this size, and version 14 crashes when it gets only the start of
 * one. */
#define CLIENT_LINE 512

/* The interrupted stack ends somewhere in the guard page that shows it, before its own guard page:
 * zeros fill the last line. A page of it that the dump lacks stays missing. */
static void fill_line(struct kernel *k, kva_t va, kva_t real, void *dst, size_t len,
		      struct mem_got *got)
{
	kva_t at = va + got->len;
	size_t into = at % CLIENT_LINE, fill = CLIENT_LINE - into;
	uint8_t byte;

	// Reads from within the zeros get them, too, if the line has anything else.
	if (got->len == len || got->why != VS_UNMAPPED || !into ||
	    mem_read(k->mem, real + got->len - into, &byte, sizeof(byte), NULL))
		return;
	if (fill > len - got->len)
		fill = len - got->len;
	memset((char *)dst + got->len, 0, fill);
	got->len += fill;
	if (got->len == len)
		got->why = VS_OK;
}

static bool stack_overlay(void *ctx, kva_t va, void *dst, size_t len, struct mem_got *got)
{
	struct kernel *k = ctx;
	bool alias = va - k->arch->os->alias_base <= k->arch->os->alias_mask;
	unsigned n = percpu_ncpus(k);
	kva_t real;

	for (unsigned cpu = 0; cpu < n; cpu++) {
		if (!(alias ? alias_word : guard_page)(k, cpu, va, &real))
			continue;
		*got = k->mem->read(k->mem, real, dst, len, NULL);
		if (alias && framep_kernel(k))
			alias_frames(k, real, dst, got->len);
		else if (!alias)
			fill_line(k, va, real, dst, len, got);
		return got->len > 0;
	}
	return false;
}

void stack_install_overlay(struct kernel *k)
{
	kmem_set_overlay(k->kmem, stack_overlay, k);
}

/* --- walk */

/* Was there a frame with the same pc and stack pointer? Compares all, because frames are few. */
static bool was_before(const struct kernel *k, const struct frame *f, size_t n, size_t *ret)
{
	for (*ret = 0; *ret < n; ++*ret)
		if (f[*ret].regs.v[k->arch->pc] == f[n].regs.v[k->arch->pc] &&
		    f[*ret].regs.v[k->arch->sp] == f[n].regs.v[k->arch->sp])
			return true;
	return false;
}

vs_status stack_unwind(struct kernel *k, kva_t task, const struct frame *start, struct frame *ret,
		       size_t max, size_t *n, struct err *err)
{
	struct unwind_env env;
	vs_status st = VS_OK;
	size_t first;

	stack_unwind_env(k, task, &env);
	ret[0] = *start;
	*n = 1;
	while (st == VS_OK) {
		if (*n == max)
			return fail(err, VS_CORRUPT, "more than %zu frames", max);
		st = k->arch->unwind_step(&env, &ret[*n - 1], &ret[*n], err);
		if (st == VS_OK && was_before(k, ret, *n, &first))
			return fail(err, VS_CORRUPT, "the stack leads back to frame %zu", first);
		if (st == VS_OK)
			++*n;
	}
	return st == VS_END ? VS_OK : st;
}
