// SPDX-License-Identifier: GPL-3.0-or-later
/* entryrules.c - ORC rules for code that DWARF does not describe. */
#include "stub/unwind/entryrules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/task/cpus.h"
#include "stub/base/log.h"
#include "stub/unwind/dyncode.h"
#include "stub/unwind/fdespans.h"
#include "stub/unwind/found.h"
#include "stub/unwind/framep.h"
#include "stub/unwind/framerules.h"
#include "stub/kernel/kernel.h"
#include "stub/module/modules.h"
#include "stub/unwind/orccopy.h"
#include "stub/kernel/percpu.h"
#include "stub/unwind/rethook.h"
#include "stub/unwind/stack.h"
#include "stub/unwind/stack_start.h"

#define MAX_RULES (1u << 20)
#define NULL_AREA 4096 /* never mapped for a user program: a call to NULL leads here */

/* Advances from the row before start to the row that covers start, without a search. */
static vs_status next_row(struct kernel *k, kva_t start, struct unwind_rule *row, struct err *err)
{
	vs_status st = VS_OK;

	while (st == VS_OK && row->end <= start)
		st = k->arch->os->orc->row(&k->orc, row->row + 1, row, err);
	return st;
}

static vs_status add_rules(struct kernel *k, kva_t start, kva_t end, rule_vec *out, struct err *err)
{
	struct unwind_rule row, r;
	vs_status st = start < end ? k->arch->os->orc->find(&k->orc, start, &row, err) : VS_OK;

	while (st == VS_OK && start < end) {
		st = next_row(k, start, &row, err);
		if (st)
			break;
		r = row;
		if (r.kind == RULE_UNDEFINED || r.kind == RULE_END) {
			struct unwind_rule hook = { .end = r.end };

			if (rethook_gdb_rule(k, start, &hook) == VS_OK)
				r = hook;
		}
		r.start = start;
		if (r.end > end)
			r.end = end;
		start = r.end;
		if (r.kind == RULE_UNDEFINED) // gdb may have its own rule
			continue;
		if (out->n >= MAX_RULES || !vec_push(out, r))
			return fail(err, VS_NOMEM, "ORC rules");
	}
	return st;
}

static bool is_code(const struct symbol *s)
{
	return strchr("tTwW", s->type) && strncmp(s->name, "__pfx_", 6) != 0 &&
	       strncmp(s->name, "__cfi_", 6) != 0;
}

/* Adds rules for functions in assembly, which have symbols but no FDE; gaps may also be padding. */
static vs_status rules_without_fde(struct kernel *k, const struct fde_spans *fdes, kva_t stext,
				   kva_t etext, rule_vec *out, struct err *err)
{
	kva_t done = stext;

	for (size_t i = 0; i < symtab_count(k->syms); i++) {
		const struct symbol *s = symtab_at(k->syms, i);
		const struct fde_span *next;
		kva_t end;
		vs_status st;

		if (s->va < done || s->va >= etext || !is_code(s))
			continue;
		next = fde_span_from(fdes, s->va);
		if (next && next->start <= s->va)
			continue;
		end = next && next->start < etext ? next->start : etext;
		st = add_rules(k, s->va, end, out, err);
		if (st)
			return st;
		done = end;
	}
	return VS_OK;
}

/* The start of the next symbol after va; va: it is the last one. */
static kva_t next_symbol(struct kernel *k, kva_t va)
{
	size_t i = symtab_above(k->syms, va);

	return i < symtab_count(k->syms) ? symtab_at(k->syms, i)->va : va;
}

/* Adds rules for the code that tracers let functions return to, where ORC has only an end. */
static vs_status rules_of_hooks(struct kernel *k, rule_vec *out, struct err *err)
{
	vs_status st = VS_OK;
	kva_t start;

	for (unsigned i = 0; st == VS_OK && rethook_code(k, i, &start); i++)
		if (start)
			st = add_rules(k, start, next_symbol(k, start), out, err);
	return st;
}

/* Adds the rows that correct DWARF: the CFA is a word at the stack pointer. */
static vs_status rules_of_switches(struct kernel *k, const struct orc_copy *table, rule_vec *out,
				   struct err *err)
{
	for (uint32_t i = 0; i < orc_copy_rows(table); i++) {
		struct unwind_rule r;

		if (orc_copy_row(k, table, i, &r) && orc_switches_stack(&r) && !vec_push(out, r))
			return fail(err, VS_NOMEM, "ORC rules");
	}
	return VS_OK;
}

/* Rules of one program or trampoline, piece by piece. */
static vs_status rules_of_dyncode(struct kernel *k, const struct dyncode *d, kva_t end,
				  rule_vec *out, struct err *err)
{
	kva_t at = d->start;

	while (at < end) {
		struct unwind_rule r;

		// Without a rule, END makes gdb stop there.
		if (dyncode_rule(k, d, at, &r, NULL) || r.end <= at || r.kind == RULE_UNDEFINED)
			r = (struct unwind_rule){ .end = end, .kind = RULE_END };
		r.start = at;
		r.end = r.end < end ? r.end : end;
		if (out->n >= MAX_RULES || !vec_push(out, r))
			return fail(err, VS_NOMEM, "rules");
		at = r.end;
	}
	return VS_OK;
}

/* Did a lost page break the list of modules? */
static bool modules_lost(struct kernel *k)
{
	struct modules *mods;
	kva_t va;

	if (kernel_need_modules(k, &mods, NULL))
		return kernel_symbol(k, "modules", &va, NULL) == VS_OK;
	return mods->stop != VS_OK;
}

/* Rules for gaps between modules, programs and trampolines: executable pages are code with a frame
 * pointer; only a call through a bad pointer leads to the rest. */
static vs_status rules_of_gap(struct kernel *k, kva_t at, kva_t end, rule_vec *out, struct err *err)
{
	struct unwind_rule call = { .kind = RULE_CALL,
				    .cfa_reg = (int16_t)k->arch->sp,
				    .cfa_off = 8 };
	struct unwind_rule framed = { .kind = RULE_CALL,
				      .cfa_reg = (int16_t)k->arch->bp,
				      .cfa_off = 16,
				      .bp = RULE_BP_AT_CFA,
				      .bp_off = -16 };
	bool was_code = false;
	kva_t next;

	// It may be code of an unknown module: make gdb stop, unless that has a frame pointer, too.
	if (modules_lost(k) && !framep_kernel(k))
		framed = (struct unwind_rule){ .kind = RULE_END };

	for (kva_t start = at; at < end; at = next) {
		bool code = dyncode_page(k, at, &next);
		struct unwind_rule *last = &out->v[out->n - 1];

		if (next <= at || next > end)
			next = end;
		if (at != start && code == was_code) {
			last->end = next;
			continue;
		}
		was_code = code;
		framed.start = call.start = at;
		framed.end = call.end = next;
		if (out->n >= MAX_RULES || !vec_push(out, code ? framed : call))
			return fail(err, VS_NOMEM, "rules");
	}
	return VS_OK;
}

static vs_status rules_between_modules(struct kernel *k, kva_t at, kva_t end, rule_vec *out,
				       struct err *err)
{
	vs_status st = VS_OK;

	while (st == VS_OK && at < end) {
		const struct dyncode *d = dyncode_after(k, at);
		kva_t stop = !d || d->start > end ? end : d->start;

		if (at < stop)
			st = rules_of_gap(k, at, stop, out, err);
		at = stop;
		if (st || !d || at >= end)
			break;
		stop = d->end < end ? d->end : end;
		st = rules_of_dyncode(k, d, stop, out, err);
		at = stop;
	}
	return st;
}

/* Rules for addresses outside the code of the kernel and modules, so that gdb does not guess frames
 * from the stack. Such a pc means code made at run time, or a call through a bad pointer: then the
 * return address is on top of the stack. */
static vs_status rules_of_the_void(struct kernel *k, rule_vec *out, struct err *err)
{
	struct unwind_rule call = { .start = 0,
				    .end = NULL_AREA,
				    .kind = RULE_CALL,
				    .cfa_reg = (int16_t)k->arch->sp,
				    .cfa_off = 8 };
	struct modules none = { 0 }, *mods;
	vs_status st = VS_OK;
	kva_t at, end;

	if (!vec_push(out, call))
		return fail(err, VS_NOMEM, "rules");
	if (kernel_need_modules(k, &mods, NULL))
		mods = &none;
	if (kernel_symbol(k, "_end", &at, NULL))
		return VS_OK;
	at = (at + (2 << 20)) & ~((2ULL << 20) - 1);
	for (; st == VS_OK && at < k->arch->os->image_end; at = end) {
		kva_t start;

		if (!modules_text_after(mods, at, &start, &end))
			start = end = k->arch->os->image_end;
		st = rules_between_modules(k, at, start, out, err);
	}
	return st;
}

static int by_rule_start(const void *a, const void *b)
{
	kva_t x = ((const struct unwind_rule *)a)->start;
	kva_t y = ((const struct unwind_rule *)b)->start;

	return x < y ? -1 : x > y;
}

/* Sorts the rules, and keeps one at each address. */
static void sort_rules(rule_vec *v)
{
	size_t out = 0;

	if (v->n)
		qsort(v->v, v->n, sizeof(v->v[0]), by_rule_start);
	for (size_t i = 0; i < v->n; i++)
		if (v->v[i].start < v->v[i].end && (out == 0 || v->v[i].start >= v->v[out - 1].end))
			v->v[out++] = v->v[i];
	v->n = out;
}

/* Replaces the rules for some bytes of code by r. Those of the table give way anyway. */
static bool override(rule_vec *out, struct unwind_rule r)
{
	for (size_t i = 0, n = out->n; i < n; i++) {
		struct unwind_rule rest = out->v[i];

		if (r.start < rest.start || r.start >= rest.end)
			continue;
		out->v[i].end = r.start; // keep its part before r, which may be empty
		rest.start = r.end;
		if (!vec_push(out, rest))
			return false;
	}
	return vec_push(out, r);
}

/* Frame 0 of a CPU as gdb gets it. */
static vs_status cpu_start(struct kernel *k, unsigned cpu, struct frame *ret)
{
	struct task t = { .cpu = cpu };
	vs_status st = task_current(k, cpu, &t.va, NULL);

	if (st == VS_OK)
		st = stack_start(k, &t, ret, NULL);
	if (st == VS_OK)
		stack_gdb_start(k, ret);
	return st;
}

/* Where a CPU saved its registers in __crash_kexec(), which has no ORC, the call on the stack shows
 * how far up the caller is. Without vmlinux the trace would end there. */
static vs_status rules_of_cpus(struct kernel *k, rule_vec *out, struct err *err)
{
	for (unsigned cpu = 0; cpu < percpu_ncpus(k); cpu++) {
		struct frame f, caller;
		struct unwind_env env;
		struct unwind_rule r;
		kva_t pc;

		stack_unwind_env(k, 0, &env);
		if (cpu_start(k, cpu, &f) || k->arch->unwind_step(&env, &f, &caller, NULL) ||
		    caller.how != HOW_CALLER)
			continue;
		pc = f.regs.v[k->arch->pc];
		r = (struct unwind_rule){ .start = pc, .end = pc + 1, .kind = RULE_CALL };
		r.cfa_reg = (int16_t)k->arch->sp;
		r.cfa_off = (int16_t)(caller.regs.v[k->arch->sp] - f.regs.v[k->arch->sp]);
		if (!override(out, r))
			return fail(err, VS_NOMEM, "rules");
	}
	return VS_OK;
}

/* If a CPU's walk breaks and resumes at entry code further up the same stack, lets gdb continue
 * there as if that code had made the call. */
static vs_status rule_of_break(struct kernel *k, const struct frame *broken,
			       const struct frame *next, rule_vec *out, struct err *err)
{
	const struct arch_ops *arch = k->arch;
	uint64_t up = next->regs.v[arch->sp] - broken->regs.v[arch->sp];
	kva_t pc = broken->regs.v[arch->pc] - (broken->interrupted ? 0 : 1);
	struct unwind_rule r = { .start = pc,
				 .end = pc + 1,
				 .kind = RULE_CALL,
				 .cfa_reg = (int16_t)arch->sp,
				 .cfa_off = (int16_t)up };

	if (up > INT16_MAX || override(out, r))
		return VS_OK;
	return fail(err, VS_NOMEM, "rules");
}

/* If modules are lost, CPUs may lack frames. gdb cannot say that, so this prints a warning. */
static vs_status rules_of_breaks(struct kernel *k, rule_vec *out, struct err *err)
{
	AUTO_FREE struct frame *frames = calloc(STACK_MAX_FRAMES + 1, sizeof(*frames));
	vs_status st = VS_OK;

	if (!frames)
		return fail(err, VS_NOMEM, "rules");
	for (unsigned cpu = 0; st == VS_OK && cpu < percpu_ncpus(k); cpu++) {
		struct frame f, next;
		struct err why;
		size_t n = 0;
		kva_t task;

		if (!cpu_in_use(k, cpu) || task_current(k, cpu, &task, NULL) ||
		    cpu_start(k, cpu, &f) ||
		    stack_unwind(k, task, &f, frames, STACK_MAX_FRAMES, &n, &why) == VS_OK)
			continue;
		log_warn("CPU %u: frames are missing after frame %zu: %s; kbt shows more", cpu,
			 n - 1, why.msg);
		if (found_resume(k, cpu, task, &frames[n - 1], &next) == VS_OK)
			st = rule_of_break(k, &frames[n - 1], &next, out, err);
	}
	return st;
}

struct unwind_rule entry_rule_of_user_mode(struct kernel *k)
{
	return (struct unwind_rule){ .start = NULL_AREA,
				     .end = k->arch->user_end,
				     .kind = RULE_END };
}

/* Gets the range of entry code, and where the kernel's code begins and ends. */
static vs_status code_bounds(struct kernel *k, struct entry_rules *e, kva_t *stext, kva_t *etext,
			     struct err *err)
{
	vs_status st = kernel_symbol_quick(k, "_stext", stext, err);

	if (st == VS_OK)
		st = kernel_symbol(k, "_etext", etext, err);
	if (st == VS_OK)
		st = kernel_symbol(k, "__entry_text_start", &e->entry_start, err);
	if (st == VS_OK)
		st = kernel_symbol(k, "__entry_text_end", &e->entry_end, err);
	if (st == VS_OK &&
	    (e->entry_end <= e->entry_start || e->entry_start < *stext || e->entry_end > *etext))
		st = fail(err, VS_CORRUPT, "entry text from %#" PRIx64 " to %#" PRIx64,
			  e->entry_start, e->entry_end);
	return st;
}

/* Adds all rules but those of a table that stands for itself. */
static vs_status load_rules(struct kernel *k, bool overrides, const struct fde_spans *fdes,
			    kva_t stext, kva_t etext, struct entry_rules *e, rule_vec *rules,
			    struct err *err)
{
	bool orc = kernel_need_unwind(k, NULL) == VS_OK;
	vs_status st = VS_OK;

	if (orc && (overrides || !fdes->s.n))
		st = orc_copy_load(k, &e->table, err);
	if (st)
		return st;
	if (!orc)
		st = frame_rules(k, fdes, e, overrides, rules, err);
	else if (fdes->s.n)
		st = rules_without_fde(k, fdes, stext, etext, rules, err);
	else
		st = rules_of_hooks(k, rules, err);
	if (st == VS_OK && orc && !fdes->s.n)
		st = rules_of_cpus(k, rules, err);
	if (st == VS_OK)
		st = rules_of_the_void(k, rules, err);
	if (st == VS_OK && modules_lost(k))
		st = rules_of_breaks(k, rules, err);
	if (st == VS_OK && orc && fdes->s.n && overrides)
		st = rules_of_switches(k, e->table, rules, err);
	if (fdes->s.n) {
		orc_copy_free(e->table);
		e->table = NULL;
	}
	return st;
}

vs_status entry_rules_load(struct kernel *k, bool overrides, bool alone, struct entry_rules *ret,
			   struct err *err)
{
	AUTO(entry_rules) e = { 0 };
	struct fde_spans fdes = { 0 };
	rule_vec rules = { 0 };
	kva_t stext, etext;
	vs_status st = kernel_can_unwind(k, err);

	if (st == VS_OK)
		st = code_bounds(k, &e, &stext, &etext, err);
	if (st)
		return st;
	if (!alone)
		fde_spans_load(k, &fdes);
	st = load_rules(k, overrides, &fdes, stext, etext, &e, &rules, err);
	vec_free(&fdes.s);
	sort_rules(&rules);
	e.rules = rules.v;
	e.n = rules.n;
	if (st)
		return st;
	*ret = e;
	e = (struct entry_rules){ 0 };
	return VS_OK;
}

void entry_rules_deinit(struct entry_rules *e)
{
	free(e->rules);
	orc_copy_free(e->table);
}
