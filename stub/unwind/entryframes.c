// SPDX-License-Identifier: GPL-3.0-or-later
/* entryframes.c - writes the rules of the entry image, and among them those of the ORC table. */
#include "stub/base/cleanup.h"
#include "stub/elf/ehframe.h"
#include "stub/kernel/kernel.h"
#include "stub/unwind/entryrules.h"
#include "stub/unwind/kprobes.h"
#include "stub/unwind/orccopy.h"

struct writer {
	struct kernel *k;
	const struct entry_rules *e;
	size_t next; /* the next of its rules */
	kva_t done;  /* end of what is written */
	kva_t trap;  /* of a pending probe, or 0 */
	uint64_t slide;
	struct ehframe *out;
};

/* Until 5.12 assembly switched to the IRQ stack and kept the old stack pointer in rbp
 * (asm_call_on_stack). */
static bool switches_by_bp(const struct writer *w, const struct unwind_rule *r)
{
	return r->kind == RULE_CALL && r->cfa_reg == (int16_t)w->k->arch->bp &&
	       r->start >= w->e->entry_start && r->start < w->e->entry_end;
}

/* Is this entry code of traps, which has saved the registers of a pending probe? Its rule has room
 * for only one trap. */
static bool trapped(const struct writer *w, const struct unwind_rule *r)
{
	const struct symbol *s =
		w->trap && r->kind == RULE_REGS ? symtab_lookup(w->k->syms, r->start) : NULL;

	return s && w->k->arch->os->is_trap(s->name);
}

static void put(struct writer *w, struct unwind_rule r)
{
	if (r.start >= r.end || r.start < w->done)
		return;
	w->done = r.end;
	if (switches_by_bp(w, &r))
		r.alias = true;
	if (trapped(w, &r))
		r.pc = w->trap;
	r.start -= w->slide;
	r.end -= w->slide;
	ehframe_put(w->out, &r);
}

/* Writes the other rules that begin before end. */
static void put_others(struct writer *w, kva_t end)
{
	while (w->next < w->e->n && w->e->rules[w->next].start < end)
		put(w, w->e->rules[w->next++]);
}

/* Writes a row of the table where no other rule is. */
static void put_row(struct writer *w, struct unwind_rule r)
{
	kva_t end = r.end;

	if (r.kind == RULE_UNDEFINED) // without vmlinux gdb would guess from the first instructions
		r.kind = RULE_END;
	put_others(w, r.start + 1);
	for (r.start = r.start < w->done ? w->done : r.start; r.start < end; r.start = w->done) {
		bool split = w->next < w->e->n && w->e->rules[w->next].start < end;

		r.end = split ? w->e->rules[w->next].start : end;
		put(w, r);
		if (!split)
			break;
		put_others(w, r.end + 1);
	}
}

vs_status entry_rules_frames(struct kernel *k, const struct entry_rules *e, uint64_t slide,
			     struct buf *out, struct err *err)
{
	AUTO(ehframe) frames = { 0 };
	struct writer w = { .k = k, .e = e, .slide = slide, .out = &frames };

	w.trap = kprobe_pending_at(k);
	ehframe_init(&frames, k->arch);
	for (uint32_t i = 0; e->table && i < orc_copy_rows(e->table); i++) {
		struct unwind_rule r;

		if (orc_copy_row(k, e->table, i, &r))
			put_row(&w, r);
	}
	put_others(&w, UINT64_MAX);
	return ehframe_take(&frames, out, err);
}
