// SPDX-License-Identifier: GPL-3.0-or-later
/* framerules.c - turns frame pointers into rules for gdb, which can only depend on registers. */
#include "stub/unwind/framerules.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/text.h"
#include "stub/kernel/kernel.h"
#include "stub/module/modules.h"
#include "stub/unwind/framep.h"
#include "stub/unwind/rules.h"

#define MAX_FUNCTION (64u << 10)
#define MAX_RULES    (1u << 20)

struct making {
	struct kernel *k;
	const struct entry_rules *e;
	rule_vec *out;
	const struct module *module; /* NULL: the kernel itself */
	bool full;
	bool overrides; /* gdb prefers these rules to those of vmlinux */
};

static void add(struct making *m, kva_t start, kva_t end, struct unwind_rule r)
{
	if (start >= end)
		return;
	r.start = start;
	r.end = end;
	if (m->out->n >= MAX_RULES || !vec_push(m->out, r))
		m->full = true;
}

/* A copy of a function's code, and memory that reads from it without page walks. */
struct body {
	kva_t start, end;
	struct mem_array mem;
	uint8_t *code;
};

static bool read_body(struct kernel *k, kva_t start, kva_t end, struct body *ret)
{
	if (end - start > MAX_FUNCTION)
		return false;
	ret->code = malloc(end - start);
	if (!ret->code || mem_read(k->mem, start, ret->code, end - start, NULL))
		return false;
	ret->start = start;
	ret->end = end;
	mem_array_init(&ret->mem, start, ret->code, end - start);
	return true;
}

/* --- entry code: the functions that it calls find saved registers */

/* Is target the start of a function? A call found by chance inside an instruction would not lead to
 * one. */
static bool is_called(struct kernel *k, kva_t target)
{
	const struct symbol *s =
		kernel_is_core_text(k, target) ? symtab_lookup(k->syms, target) : NULL;

	return s && s->va == target;
}

static bool is_indirect(struct kernel *k, kva_t target)
{
	const struct symbol *s = target ? symtab_lookup(k->syms, target) : NULL;

	return !s || k->arch->os->is_thunk(s->name);
}

/* The rule of a call. *sure: it is right even if vmlinux's own DWARF differs. */
static struct unwind_rule call_rule(struct making *m, const struct body *b, kva_t call,
				    kva_t target, bool *sure)
{
	struct unwind_rule r = { .kind = RULE_REGS,
				 .cfa_reg = (int16_t)m->k->arch->sp,
				 .encoded = true,
				 .signal = true };

	*sure = false;
	if (!framep_encodes(m->k))
		r = m->k->arch->os->entry_frames->old_entry_call(&b->mem.mem, call, sure);
	if (is_indirect(m->k, target))
		r.kind = RULE_END;
	return r;
}

/* Adds rules for return addresses, starting at the last byte of the call, with which gdb looks them
 * up. A call through a register calls the function of a kernel thread, which is the last frame. */
static void add_calls(struct making *m, const struct body *b, bool sure_only)
{
	kva_t done = b->start;

	for (kva_t at = b->start + 2; at <= b->end; at++) {
		struct unwind_rule r;
		kva_t target;
		unsigned len = at <= done ? 0 : m->k->arch->call_before(&b->mem.mem, at, &target);
		bool sure;

		if (!len || (target && !is_called(m->k, target)))
			continue;
		r = call_rule(m, b, at - len, target, &sure);
		if (sure || !sure_only)
			add(m, at - 1, at < b->end ? at + 1 : at, r);
		done = at;
	}
}

/* --- functions with a frame */

/* Is there a return at `at`? It must not be the last byte of a call, with which gdb looks up return
 * addresses. */
static bool is_return(const struct making *m, const struct body *b, kva_t at,
		      struct unwind_rule *ret)
{
	kva_t target;

	*ret = m->k->arch->frame_rule(&b->mem.mem, b->start, at);
	return ret->kind == RULE_CALL && ret->cfa_reg == (int16_t)m->k->arch->sp &&
	       !(at + 1 < b->end && m->k->arch->call_before(&b->mem.mem, at + 1, &target));
}

/* The frame is set up at from, and gone at each return. */
static void add_set_up(struct making *m, const struct body *b, kva_t from)
{
	struct unwind_rule r;

	for (kva_t at = from; at < b->end; at++) {
		if (!is_return(m, b, at, &r))
			continue;
		add(m, from, at, m->k->arch->framed(from, at));
		add(m, at, at + 1, r);
		from = at + 1;
	}
	add(m, from, b->end, m->k->arch->framed(from, b->end));
}

static void add_framed(struct making *m, const struct body *b)
{
	kva_t at = b->start;
	struct unwind_rule r = m->k->arch->frame_rule(&b->mem.mem, b->start, at);

	while (r.kind == RULE_CALL && r.cfa_reg == (int16_t)m->k->arch->sp && r.end > at) {
		add(m, at, r.end < b->end ? r.end : b->end, r);
		at = r.end;
		if (at >= b->end)
			return;
		r = m->k->arch->frame_rule(&b->mem.mem, b->start, at);
	}
	add_set_up(m, b, at);
}

/* --- code that does not begin by setting up a frame */

#define WINDOW_STEP 8 /* keeps_frame() looks at some bytes only */

/* Where a function begins to set up its frame that does so later, on some paths; b->end: nowhere.
 */
static kva_t late_frame(const struct making *m, const struct body *b)
{
	for (kva_t at = b->start; at < b->end; at += WINDOW_STEP)
		if (m->k->arch->keeps_frame(&b->mem.mem, at))
			return at;
	return b->end;
}

/* Adds rules for code up to end that has no frame. Where it makes a call it has one after all,
 * because C code (objtool ensures that) and assembly that calls C code set one up. */
static void add_frameless(struct making *m, const struct body *b, kva_t end)
{
	const struct arch_ops *arch = m->k->arch;
	struct unwind_rule r = arch->no_frame(b->start);
	kva_t from = b->start;

	for (kva_t at = b->start + 2; at <= end; at++) {
		kva_t target;

		if (!arch->call_before(&b->mem.mem, at, &target) || !target ||
		    !is_called(m->k, target))
			continue;
		add(m, from, at - 1, r);
		add(m, at - 1, at, arch->framed(at - 1, at));
		from = at;
	}
	add(m, from, end, r);
}

/* A cold part is what the compiler moved out of a function because it is seldom run: it begins
 * where the function had set up its frame, unless it sets up one itself. */
static void add_unframed(struct making *m, struct body *b, bool cold)
{
	kva_t late = late_frame(m, b);

	if (late < b->end || !cold)
		add_frameless(m, b, late);
	else
		add_set_up(m, b, b->start);
	b->start = late;
	if (late < b->end)
		add_framed(m, b);
}

/* --- all code */

static void add_function(struct making *m, const struct symbol *s, kva_t end)
{
	struct body b = { 0 };
	struct unwind_rule last = { .kind = RULE_END };

	// The code that starts a CPU clears rbp and jumps to the first function.
	if (m->k->arch->os->starts_cpu(s->name)) {
		add(m, s->va, end, last);
		return;
	}
	if (read_body(m->k, s->va, end, &b)) {
		if (m->k->arch->keeps_frame(&b.mem.mem, s->va)) {
			add_framed(m, &b);
		} else if (begins_with(s->name, "ret_from_fork")) {
			// A task that never ran is here, and nothing called this.
			add(m, s->va, s->va + 1, last);
			add_calls(m, &b, false);
		} else if (s->va >= m->e->entry_start && s->va < m->e->entry_end) {
			add_calls(m, &b, false);
		} else if (framep_kernel(m->k)) {
			// assembly of other kernels calls without a frame
			add_unframed(m, &b, strstr(s->name, ".cold"));
		}
	}
	free(b.code);
}

/* Adds rules for entry code before 4.9 that vmlinux describes, partly wrong: up to 4.1 its CFA
 * after the switch to the IRQ stack is one word too low. */
static void add_override(struct making *m, const struct symbol *s, kva_t end)
{
	struct body b = { 0 };

	if (s->va < m->e->entry_start || s->va >= m->e->entry_end || framep_encodes(m->k))
		return;
	if (read_body(m->k, s->va, end, &b))
		add_calls(m, &b, true);
	free(b.code);
}

/* Adds rules for each function of a symbol table for which inside() is true. */
static void add_all(struct making *m, const struct symtab *syms, const struct fde_spans *fdes,
		    bool (*inside)(const struct making *m, kva_t va))
{
	size_t n = symtab_count(syms), next;

	for (size_t i = 0; i < n && !m->full; i = next) {
		const struct symbol *s = symtab_at(syms, i);
		const struct fde_span *known = fdes ? fde_span_from(fdes, s->va) : NULL;
		bool described = known && known->start <= s->va;
		kva_t end;

		for (next = i + 1; next < n && symtab_at(syms, next)->va == s->va; next++)
			;
		if (!strchr("tTwW", s->type) || !inside(m, s->va) || (described && !m->overrides))
			continue;
		end = next < n ? symtab_at(syms, next)->va : s->va + s->size;
		if (s->size && s->va + s->size < end)
			end = s->va + s->size;
		if (!described && known && known->start < end)
			end = known->start;
		if (described)
			add_override(m, s, end);
		else
			add_function(m, s, end);
	}
}

static bool in_kernel(const struct making *m, kva_t va)
{
	return kernel_is_core_text(m->k, va);
}

static bool in_module(const struct making *m, kva_t va)
{
	return module_has_text(m->module, va);
}

vs_status frame_rules(struct kernel *k, const struct fde_spans *fdes, const struct entry_rules *e,
		      bool overrides, rule_vec *out, struct err *err)
{
	struct making m = { .k = k, .e = e, .out = out, .overrides = overrides };
	kva_t start, end;

	add_all(&m, k->syms, fdes, in_kernel);
	// Boot code was freed, so its frames cannot be checked; assume frame pointers.
	if (!fdes->s.n && kernel_symbol(k, "_sinittext", &start, NULL) == VS_OK &&
	    kernel_symbol(k, "_einittext", &end, NULL) == VS_OK)
		add(&m, start, end, k->arch->framed(start, end));
	return m.full ? fail(err, VS_NOMEM, "rules of frames") : VS_OK;
}

vs_status frame_module_rules(struct kernel *k, struct module *module, struct unwind_rule **ret,
			     size_t *n, struct err *err)
{
	struct entry_rules none = { 0 };
	rule_vec out = { 0 };
	struct making m = { .k = k, .e = &none, .out = &out, .module = module };
	vs_status st = kernel_need_unwind(k, NULL) == VS_OK || !framep_kernel(k)
			       ? fail(err, VS_NOTFOUND, "this kernel has no frame pointers")
			       : module_need_syms(k, module, err);

	if (st)
		return st;
	add_all(&m, module->syms, NULL, in_module);
	if (m.full) {
		vec_free(&out);
		return fail(err, VS_NOMEM, "rules of frames");
	}
	*ret = out.v;
	*n = out.n;
	return VS_OK;
}
