// SPDX-License-Identifier: GPL-3.0-or-later
/* kbt_raw.c - the contents of a stack without unwinding: words, text addresses, register frames.
 * They help when the frames are not enough, but they are not a call chain. */
#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/stack/kbt.h"
#include "stub/unwind/stack_start.h"

#define STACK_END_MAGIC 0x57AC6E9D /* include/uapi/linux/magic.h */
#define MAX_STACKS	16
#define MAX_STACK_SIZE	(1u << 20)

void kbt_put_words(struct kbt_print *p, kva_t low, kva_t high, enum kbt_words style)
{
	enum cmd_slabs slabs = style == KBT_WORDS_SLABS	     ? CMD_SLABS_NAME
			       : style == KBT_WORDS_SLABS_AT ? CMD_SLABS_ADDRESS
							     : CMD_SLABS_NONE;

	for (kva_t va = low; va < high; va += 8) {
		AUTO(buf) text = { 0 };
		uint64_t word;

		if ((va - low) % 16 == 0)
			buf_printf(p->out,
				   style == KBT_WORDS_RAW ? "%016" PRIx64 ":  "
							  : "    %016" PRIx64 ": ",
				   va);
		if (mem_read_u64(p->m->k->mem, va, &word, NULL))
			buf_puts(p->out, "(unreadable)    ");
		else if (style != KBT_WORDS_FRAME && cmd_put_pointer(p->m, word, slabs, &text))
			buf_printf(p->out, "%-16s ", buf_str(&text));
		else
			buf_printf(p->out, "%016" PRIx64 " ", word);
		if ((va - low) % 16 == 8 || va + 8 >= high)
			buf_putc(p->out, '\n');
	}
}

static vs_status stack_of(struct kbt_print *p, kva_t *low, kva_t *high, struct err *err)
{
	if (!p->t->stack || p->t->stack % 8)
		return fail(err, VS_NOTFOUND, "the task has no stack");
	*low = p->t->stack;
	*high = p->t->stack + task_stack_size(p->m->k);
	return VS_OK;
}

vs_status kbt_put_raw(struct kbt_print *p, struct err *err)
{
	kva_t low = 0, high = 0;
	vs_status st = stack_of(p, &low, &high, err);

	if (st == VS_OK)
		kbt_put_words(p, low, high, KBT_WORDS_RAW);
	return st;
}

static void put_text_words(struct kbt_print *p, kva_t low, kva_t high)
{
	for (kva_t va = low; va < high; va += 8) {
		struct addr_name n;
		uint64_t word;

		if (mem_read_u64(p->m->k->mem, va, &word, NULL) ||
		    !p->m->k->arch->is_kernel_va(word) || !kernel_is_text(p->m->k, word) ||
		    !cmd_lookup(p->m, word, &n))
			continue;
		buf_printf(p->out, "  [%016" PRIx64 "] ", va);
		if (p->o->offsets)
			cmd_put_name(p->out, &n, false);
		else
			buf_puts(p->out, n.sym->name);
		buf_printf(p->out, " at %" PRIx64, word);
		cmd_put_owner(p->out, &n);
		buf_putc(p->out, '\n');
	}
}

vs_status kbt_put_text_symbols(struct kbt_print *p, struct err *err)
{
	struct frame start;
	struct addr_name n;
	struct stack_id on;
	kva_t low = 0, high = 0, sp;
	vs_status st = stack_of(p, &low, &high, err);

	if (st)
		return st;
	if (p->o->text_symbols == 't' && stack_start(p->m->k, p->t, &start, NULL) == VS_OK &&
	    !p->m->k->arch->regs_user_mode(&start.regs)) {
		sp = start.how == HOW_INACTIVE ? start.slot_va : start.regs.v[p->m->k->arch->sp];
		buf_puts(p->out, "              START: ");
		if (cmd_lookup(p->m, start.regs.v[p->m->k->arch->pc], &n))
			buf_puts(p->out, n.sym->name);
		else
			buf_puts(p->out, "(unknown)");
		buf_printf(p->out, " at %" PRIx64, start.regs.v[p->m->k->arch->pc]);
		cmd_put_owner(p->out, &n);
		buf_putc(p->out, '\n');
		on = stack_identify(p->m->k, p->t->cpu, p->t->va, sp);
		if (on.kind != STACK_NONE && on.kind != STACK_TASK) {
			put_text_words(p, sp, on.high);
			buf_printf(p->out, "--- <%s stack> ---\n", on.name);
		} else if (on.kind == STACK_TASK) {
			low = sp;
		}
	}
	put_text_words(p, low, high);
	if (stack_user_regs(p->m->k, p->t, &start))
		kbt_put_exception(p, &start);
	return VS_OK;
}

/* Prints every place in [low, high) that holds plausible saved registers. Returns how many bytes
 * are missing from the dump, where there may be more. */
static size_t put_plausible(struct kbt_print *p, kva_t low, kva_t high)
{
	const struct arch_ops *arch = p->m->k->arch;
	size_t lost = 0;

	for (kva_t va = low; va < high; va += 8) {
		struct frame f = { .regs_va = va, .how = HOW_EVIDENCE };
		uint64_t word;
		bool user;
		vs_status st = mem_read_u64(p->m->k->mem, va, &word, NULL);

		// A stack that this machine does not use is not mapped; that is no loss.
		lost += st && st != VS_UNMAPPED ? 8 : 0;
		if (va + arch->regs_frame_size > high ||
		    arch->regs_from_frame(p->m->k->mem, va, false, &f.regs, NULL) ||
		    !arch->regs_plausible(&f.regs))
			continue;
		user = arch->regs_user_mode(&f.regs);
		if (!user && !kernel_is_text(p->m->k, f.regs.v[arch->pc]))
			continue;
		buf_printf(p->out, "\n  %s-MODE EXCEPTION FRAME AT: %" PRIx64 "\n",
			   user ? "USER" : "KERNEL", va);
		kbt_put_exception(p, &f);
	}
	return lost;
}

vs_status kbt_put_exceptions(struct kbt_print *p, struct err *err)
{
	kva_t low = 0, high = 0;
	vs_status st = stack_of(p, &low, &high, err);
	size_t lost = st == VS_OK ? put_plausible(p, low, high) : 0;

	if (lost)
		buf_printf(p->out, "    (%zu bytes of the stack are not in the dump)\n", lost);
	return st;
}

void kbt_put_cpu_exceptions(struct kbt_print *p, unsigned cpu)
{
	struct stack_id stacks[MAX_STACKS];
	size_t n = stack_list(p->m->k, cpu, stacks, MAX_STACKS);

	for (size_t i = 0; i < n; i++) {
		size_t before, lost = 0;

		buf_printf(p->out, "CPU %u %s %sSTACK:", cpu, stacks[i].name,
			   stacks[i].kind == STACK_EXCEPTION ? "EXCEPTION " : "");
		before = buf_total(p->out);
		if (stacks[i].high - stacks[i].low <= MAX_STACK_SIZE)
			lost = put_plausible(p, stacks[i].low, stacks[i].high);
		if (buf_total(p->out) == before)
			buf_puts(p->out, " (none found)\n");
		if (lost)
			buf_printf(p->out, "    (%zu bytes of the stack are not in the dump)\n",
				   lost);
		buf_putc(p->out, '\n');
	}
}

vs_status kbt_put_overflows(struct monitor *m, struct buf *out, struct err *err)
{
	AUTO_FREE kva_t *list = NULL;
	size_t n = 0, bad = 0;
	vs_status st = tasks_list(m->k, &list, &n, err);

	for (size_t i = 0; i < n; i++) {
		struct task t;
		uint64_t magic;

		// end_of_stack() is the lowest word since thread_info moved into the task (4.9).
		if (task_load(m->k, list[i], &t, NULL) || !t.stack ||
		    mem_read_u64(m->k->mem, t.stack, &magic, NULL) || magic == STACK_END_MAGIC)
			continue;
		cmd_task_line(&t, out);
		buf_printf(out,
			   "  possible stack overflow: stack end %" PRIx64 " holds %016" PRIx64
			   ", not %x\n\n",
			   t.stack, magic, STACK_END_MAGIC);
		bad++;
	}
	if (!bad)
		buf_puts(out, "No stack overflows detected\n");
	return st;
}
