// SPDX-License-Identifier: GPL-3.0-or-later
/* entrywords.c - changes words that were left on the stack at stack switches, in kernels without
 * ORC, for a gdb that loaded vmlinux before any image of vmstub and so uses vmlinux's rules.
 *
 * Before 4.2 an interrupt pushes a pointer to its saved registers on the IRQ stack and makes a call
 * (SAVE_ARGS_IRQ in arch/x86/kernel/entry_64.S). vmlinux's rules are relative to that word, but
 * assume a frame that is a word larger (EMPTY_FRAME adds 8 that INTR_FRAME already counted), so gdb
 * reads everything one word too low. This adds the difference between vmlinux's rules and the saved
 * registers to that word.
 *
 * call_softirq keeps the old stack pointer in rbp, which the function that it calls pushes; where
 * C code switches stacks (5.12), rbp is its frame pointer. gdb treats an older frame at a lower
 * address as corruption, but not one at an alias of that address.
 */
#include "stub/unwind/entrywords.h"

#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/task/cpus.h"
#include "stub/task/tasks.h"
#include "stub/unwind/dwarfcfi.h"
#include "stub/unwind/framep.h"
#include "stub/unwind/rules.h"
#include "stub/unwind/stack.h"

/* The range of entry code, from vmlinux's symbols. */
struct entry_text {
	kva_t start, end;
};

static bool is_entry_return(struct kernel *k, const struct entry_text *t, kva_t pc)
{
	kva_t target;

	return pc > t->start && pc < t->end && k->arch->call_before(k->mem, pc, &target);
}

/* Changes a word that was pushed before the call that returns to pc. */
static void show_interrupt(struct kernel *k, kva_t pc, uint64_t *word)
{
	int64_t pc_off, sp_off;
	kva_t pc_at, sp_at;

	if (!k->arch->os->entry_frames->old_irq_saved(k->mem, *word, &pc_at, &sp_at) ||
	    dwarf_saved_by_word(k, pc - 1, k->arch->cfi_ra_column, &pc_off) ||
	    dwarf_saved_by_word(k, pc - 1, k->arch->cfi_sp, &sp_off))
		return;
	if (pc_at - (*word + (uint64_t)pc_off) == sp_at - (*word + (uint64_t)sp_off))
		*word = pc_at - (uint64_t)pc_off;
}

/* Does entry code that keeps the old stack pointer in rbp call what returns to pc? Where vmlinux
 * does not describe it, as since 4.2, or is missing, its instructions tell. */
static bool switched_by_entry(struct kernel *k, const struct entry_text *t, kva_t pc)
{
	struct unwind_rule rule;
	kva_t start;

	if (!is_entry_return(k, t, pc))
		return false;
	if (dwarf_rule(k, pc - 1, &rule, NULL) == VS_OK)
		return rule.kind == RULE_CALL && rule.cfa_reg == (int16_t)k->arch->bp;
	start = framep_kernel(k) ? code_function(k, pc - 1) : 0;
	return start && k->arch->keeps_frame(k->mem, start);
}

/* Since 951c2a51ae75 (5.12) C code switches stacks: it leaves its stack pointer in the top word of
 * the new one, and calls. Is slot where the called function pushed the frame pointer bp? */
static bool switched_by_c(struct kernel *k, const struct stack_id *irq, kva_t slot, uint64_t bp)
{
	kva_t link = irq->high - k->arch->os->irq_link;
	uint64_t sp;

	return slot + 16 == link && mem_read_u64(k->mem, link, &sp, NULL) == VS_OK && sp <= bp &&
	       bp - sp < task_stack_size(k);
}

/* Changes the frame pointer at slot, below the return address pc, if it leads down from an IRQ
 * stack to the stack of a task. */
static void show_frame_pointer(struct kernel *k, const struct entry_text *t, kva_t slot, kva_t pc,
			       uint64_t *word)
{
	bool by_entry = switched_by_entry(k, t, pc);
	struct stack_id irq;
	kva_t task;

	for (unsigned cpu = 0; cpu < percpu_ncpus(k); cpu++) {
		if (!k->arch->os->stack(k, cpu, 0, &irq) || irq.kind != STACK_IRQ ||
		    slot < irq.low || slot >= irq.high ||
		    !(by_entry || switched_by_c(k, &irq, slot, *word)) ||
		    task_current(k, cpu, &task, NULL) ||
		    stack_identify(k, cpu, task, *word).kind != STACK_TASK)
			continue;
		*word = k->arch->os->alias_base + (*word & k->arch->os->alias_mask);
		return;
	}
}

/* Can this word be a frame pointer that a function pushed at slot, called from the code at pc? */
static bool maybe_frame_pointer(struct kernel *k, kva_t slot, uint64_t word, kva_t pc)
{
	kva_t target;

	return word % 8 == 0 && word <= slot && k->arch->is_kernel_va(word) &&
	       kernel_is_core_text(k, pc) && k->arch->call_before(k->mem, pc, &target);
}

static uint64_t word_at(struct kernel *k, kva_t va, const void *data, kva_t start, size_t len)
{
	uint64_t word = 0;

	if (va >= start && len >= 8 && va - start <= len - 8)
		memcpy(&word, (const char *)data + (va - start), 8);
	else if (mem_read_u64(k->mem, va, &word, NULL))
		return 0;
	return word;
}

void entrywords_show(struct kernel *k, kva_t va, void *data, size_t len, bool own_rules)
{
	struct entry_text text;
	uint64_t below = 0, word, shown;

	if (len < 8 || kernel_need_unwind(k, NULL) == VS_OK ||
	    kernel_symbol(k, "__entry_text_start", &text.start, NULL) ||
	    kernel_symbol(k, "__entry_text_end", &text.end, NULL))
		return;
	for (size_t at = (8 - va % 8) % 8; at + 8 <= len; at += 8, below = word) {
		kva_t above;

		memcpy(&word, (char *)data + at, 8);
		if (at < 8)
			below = word_at(k, va + at - 8, data, va, len);
		above = word_at(k, va + at + 8, data, va, len);
		shown = word;
		if (!own_rules && is_entry_return(k, &text, below))
			show_interrupt(k, below, &shown);
		else if (maybe_frame_pointer(k, va + at, word, above))
			show_frame_pointer(k, &text, va + at, above, &shown);
		if (shown != word)
			memcpy((char *)data + at, &shown, 8);
	}
}
