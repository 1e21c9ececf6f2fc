// SPDX-License-Identifier: GPL-3.0-or-later
/* dyncode.c - finds code that the kernel generated at run time, and its unwind rules.
 * The kernel's own unwinder uses frame pointers for all code without ORC, and the row of
 * ftrace_call anywhere in a trampoline (orc_find(), orc_ftrace_find()). This is more exact for the
 * first and last instructions of a BPF program, and uses the row of the copied instruction. */
#include "stub/unwind/dyncode.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/unwind/kprobes.h"
#include "stub/unwind/stack.h"

#define MAX_LIST   (1u << 16)
#define MAX_SIZE   (4u << 20)
#define PAGE_SIZE  4096ULL
#define KSYM_NAME  128
#define FTRACE_SYM "ftrace_trampoline"

typedef VEC(struct dyncode) dyncode_vec;

struct loading {
	struct kernel *k;
	dyncode_vec v;
	struct symtab *syms;
};

static const char *const owners[] = { [DYNCODE_BPF] = "bpf",
				      [DYNCODE_FTRACE] = "__builtin__ftrace",
				      [DYNCODE_KPROBE] = "__builtin__kprobes",
				      [DYNCODE_SLOT] = "__builtin__kprobes",
				      [DYNCODE_DETOUR] = "__builtin__kprobes" };

static void add(struct loading *l, struct dyncode d, const char *name)
{
	if (!l->k->arch->is_kernel_va(d.start) || d.end <= d.start || d.end - d.start > MAX_SIZE)
		return;
	if (vec_push(&l->v, d))
		symtab_add(l->syms, name, d.start, d.end - d.start, 't');
}

/* Calls fn for each object on a list. A broken list ends early. */
static void each_of(struct loading *l, kva_t head, const struct member *node,
		    void (*fn)(struct loading *l, kva_t object))
{
	kva_t at;

	if (mem_read_u64(l->k->mem, head, &at, NULL))
		return;
	for (size_t n = 0; n < MAX_LIST && at != head; n++) {
		if (!l->k->arch->is_kernel_va(at))
			return;
		fn(l, at - node->off);
		if (mem_read_u64(l->k->mem, at, &at, NULL))
			return;
	}
}

enum { KSYM_START, KSYM_END, KSYM_NAME_TEXT, KSYM_NODE };
static const struct record_field ksym_fields[] = {
	[KSYM_START] = { { "start" }, RECORD_UINT, "since 5.7" },
	[KSYM_END] = { { "end" }, RECORD_UINT, "since 5.7" },
	[KSYM_NAME_TEXT] = { { "name" }, RECORD_ADDRESS, "since 5.7" },
	[KSYM_NODE] = { { "lnode" }, RECORD_ADDRESS, "since 5.7" },
};
RECORD(ksym_record, "bpf_ksym", ksym_fields);

enum { OPS_CODE, OPS_SIZE, OPS_FLAGS, OPS_NODE };
static const struct record_field ops_fields[] = {
	[OPS_CODE] = { { "trampoline" }, RECORD_UINT, "with dynamic ftrace" },
	[OPS_SIZE] = { { "trampoline_size" }, RECORD_UINT, "with dynamic ftrace" },
	[OPS_FLAGS] = { { "flags" }, RECORD_UINT, "with ftrace" },
	[OPS_NODE] = { { "list" }, RECORD_ADDRESS, "since 5.9, with dynamic ftrace" },
};
RECORD(ftrace_ops_record, "ftrace_ops", ops_fields);

/* struct bpf_ksym (bfea9a8574f3, 5.7): programs, trampolines and dispatchers. */
static void add_bpf(struct loading *l, kva_t va)
{
	struct dyncode d = { .kind = DYNCODE_BPF };
	char text[KSYM_NAME];
	struct member name;

	if (record_field_read(l->k, &ksym_record, va, KSYM_START, &d.start, NULL) ||
	    record_field_read(l->k, &ksym_record, va, KSYM_END, &d.end, NULL) ||
	    record_member(l->k, &ksym_record, KSYM_NAME_TEXT, &name, NULL) ||
	    mem_read_str(l->k->mem, va + name.off, text, sizeof(text), NULL))
		return;
	for (char *p = text; *p; p++)
		if (*p <= 0x20 || *p > 0x7e)
			*p = '?';
	add(l, d, text);
}

/* create_trampoline() copies one of two entry functions and appends a return. */
static void add_ftrace(struct loading *l, kva_t va)
{
	struct dyncode d = { .kind = DYNCODE_FTRACE };
	uint64_t size, flags;
	int64_t save_regs;
	bool with_regs;

	if (record_field_read(l->k, &ftrace_ops_record, va, OPS_CODE, &d.start, NULL) ||
	    record_field_read(l->k, &ftrace_ops_record, va, OPS_SIZE, &size, NULL) ||
	    record_field_read(l->k, &ftrace_ops_record, va, OPS_FLAGS, &flags, NULL) ||
	    types_enumerator(l->k->types, "FTRACE_OPS_FL_SAVE_REGS", &save_regs, NULL))
		return;
	with_regs = flags & (uint64_t)save_regs;
	if (size > MAX_SIZE ||
	    kernel_symbol(l->k, with_regs ? "ftrace_regs_caller" : "ftrace_caller", &d.origin,
			  NULL) ||
	    kernel_symbol(l->k, with_regs ? "ftrace_regs_caller_end" : "ftrace_caller_end",
			  &d.origin_end, NULL))
		d.origin = d.origin_end = 0;
	d.end = d.start + size;
	add(l, d, FTRACE_SYM);
}

static bool add_slot(void *ctx, const struct dyncode *d, const char *name)
{
	add(ctx, *d, name);
	return true;
}

static void load_list(struct loading *l, const char *symbol, const struct record_def *def,
		      unsigned node, void (*fn)(struct loading *l, kva_t object))
{
	struct member m;
	kva_t head;

	if (kernel_symbol(l->k, symbol, &head, NULL) == VS_OK &&
	    record_member(l->k, def, node, &m, NULL) == VS_OK)
		each_of(l, head, &m, fn);
}

static int by_start(const void *a, const void *b)
{
	kva_t x = ((const struct dyncode *)a)->start, y = ((const struct dyncode *)b)->start;

	return x < y ? -1 : x > y;
}

static void drop_overlaps(dyncode_vec *v)
{
	size_t n = 0;

	if (v->n)
		qsort(v->v, v->n, sizeof(v->v[0]), by_start);
	for (size_t i = 0; i < v->n; i++)
		if (n == 0 || v->v[i].start >= v->v[n - 1].end)
			v->v[n++] = v->v[i];
	v->n = n;
}

static vs_status load(struct kernel *k, void *owner, struct err *err)
{
	struct loading l = { .k = k, .syms = symtab_create() };
	struct dyncodes *d = calloc(1, sizeof(*d));

	(void)owner;
	if (!d || !l.syms) {
		free(d);
		symtab_destroy(l.syms);
		return fail(err, VS_NOMEM, "code made at run time");
	}
	if (kernel_need_syms(k, NULL) == VS_OK && kernel_need_types(k, NULL) == VS_OK) {
		load_list(&l, "bpf_kallsyms", &ksym_record, KSYM_NODE, add_bpf);
		load_list(&l, "ftrace_ops_trampoline_list", &ftrace_ops_record, OPS_NODE,
			  add_ftrace);
		(void)kprobe_slots(k, add_slot, &l);
	}
	drop_overlaps(&l.v);
	symtab_seal(l.syms);
	*d = (struct dyncodes){ l.v.v, l.v.n, l.syms };
	k->dyncodes = d;
	return VS_OK;
}

static void unload(struct kernel *k, void *owner)
{
	struct dyncodes *d = k->dyncodes;

	(void)owner;
	k->dyncodes = NULL;
	if (!d)
		return;
	symtab_destroy(d->syms);
	free(d->v);
	free(d);
}

static const struct slot_ops dyncodes_slot_ops = { load, unload };

vs_status kernel_need_dyncodes(struct kernel *k, struct dyncodes **ret, struct err *err)
{
	vs_status st = slot_need(k, &k->dyncodes_slot, &dyncodes_slot_ops, k, err);

	if (st == VS_OK)
		*ret = k->dyncodes;
	return st;
}

const struct dyncode *dyncode_after(struct kernel *k, kva_t va)
{
	struct dyncodes *d;
	size_t lo = 0, hi;

	if (kernel_need_dyncodes(k, &d, NULL))
		return NULL;
	// Invariant: entries below lo end at or before va, entries from hi on end after it.
	for (hi = d->n; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;

		if (d->v[mid].end <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < d->n ? &d->v[lo] : NULL;
}

const struct dyncode *dyncode_at(struct kernel *k, kva_t va)
{
	const struct dyncode *d = dyncode_after(k, va);

	return d && d->start <= va ? d : NULL;
}

const struct symbol *dyncode_symbol(struct kernel *k, kva_t va, const char **owner)
{
	const struct dyncode *d = dyncode_at(k, va);

	if (!d)
		return NULL;
	*owner = owners[d->kind];
	return symtab_lookup(k->dyncodes->syms, d->start);
}

/* The row of the copied instruction; the code appended to the copy returns. */
static vs_status ftrace_rule(struct kernel *k, const struct dyncode *d, kva_t pc,
			     struct unwind_rule *ret, struct err *err)
{
	kva_t copied = d->origin_end - d->origin;
	vs_status st;

	if (!d->origin || copied > d->end - d->start)
		return fail(err, VS_NOTFOUND, "the origin of this trampoline is unknown");
	if (pc - d->start >= copied) {
		*ret = (struct unwind_rule){ .start = d->start + copied,
					     .end = d->end,
					     .kind = RULE_CALL,
					     .cfa_reg = (int16_t)k->arch->sp,
					     .cfa_off = 8 };
		return VS_OK;
	}
	st = kernel_need_unwind(k, err);
	if (st == VS_OK)
		st = k->arch->os->orc->find(&k->orc, d->origin + (pc - d->start), ret, err);
	if (st)
		return st;
	ret->end = ret->end < d->origin_end ? ret->end : d->origin_end;
	ret->start = d->start + (ret->start > d->origin ? ret->start - d->origin : 0);
	ret->end = d->start + (ret->end - d->origin);
	return VS_OK;
}

/* The rule of a copy: it runs in place of the original code, on the same stack. */
static struct unwind_rule copy_rule(const struct kernel *k, kva_t start, kva_t end, kva_t original)
{
	return (struct unwind_rule){ .start = start,
				     .end = end,
				     .kind = RULE_COPY,
				     .cfa_reg = (int16_t)k->arch->sp,
				     .pc = original };
}

/* Moved instructions have the rule of the originals; so has the jump or trap after them. */
static vs_status moved_rule(const struct kernel *k, const struct dyncode *d, kva_t copy, kva_t pc,
			    struct unwind_rule *ret)
{
	kva_t size = d->origin_end - d->origin;

	*ret = pc - copy < size ? copy_rule(k, pc, pc + 1, d->origin + (pc - copy))
				: copy_rule(k, copy + size, d->end, d->origin_end);
	return VS_OK;
}

/* A slot with one instruction: pc is at its start or just after it. */
static vs_status slot_rule(const struct kernel *k, const struct dyncode *d, kva_t pc,
			   struct unwind_rule *ret)
{
	kva_t size = d->origin_end - d->origin;

	if (pc - d->start >= size)
		return moved_rule(k, d, d->start, pc, ret);
	*ret = copy_rule(k, d->start, d->start + size, d->origin);
	return VS_OK;
}

/* The template saves all registers, calls the handler and restores them. */
static vs_status detour_rule(const struct kernel *k, const struct dyncode *d, kva_t pc,
			     struct unwind_rule *ret)
{
	kva_t off = pc - d->start;
	struct pushed at, call;

	if (off >= d->copy)
		return moved_rule(k, d, d->start + d->copy, pc, ret);
	*ret = (struct unwind_rule){ .start = d->start, .end = d->start + d->copy };
	if (!k->arch->pushed(k->mem, d->start, pc, &at) ||
	    !k->arch->pushed(k->mem, d->start, d->start + d->call, &call) ||
	    call.bytes < k->arch->regs_frame_size - 8 || call.bytes > k->arch->regs_frame_size)
		return VS_OK;
	*ret = copy_rule(k, at.start, at.end, d->origin);
	ret->cfa_off = (int16_t)at.bytes;
	if (off >= d->args && at.bytes == call.bytes)
		ret->saved = (uint16_t)call.bytes;
	else
		ret->clobbered = off >= d->call;
	return VS_OK;
}

vs_status dyncode_rule(struct kernel *k, const struct dyncode *d, kva_t pc, struct unwind_rule *ret,
		       struct err *err)
{
	switch (d->kind) {
	case DYNCODE_FTRACE:
		return ftrace_rule(k, d, pc, ret, err);
	case DYNCODE_BPF:
		return k->arch->os->jit_rule(k->mem, d->start, d->end, pc, ret, err);
	case DYNCODE_SLOT:
		return slot_rule(k, d, pc, ret);
	case DYNCODE_DETOUR:
		return detour_rule(k, d, pc, ret);
	case DYNCODE_KPROBE:
	default:
		*ret = (struct unwind_rule){ .start = d->start, .end = d->end };
		return VS_OK;
	}
}

/* Free space among programs, or freed code that the kernel keeps mapped (execmem, 6.13). */
static bool only_traps(struct kernel *k, kva_t page)
{
	uint8_t bytes[PAGE_SIZE];

	if (mem_read(k->mem, page, bytes, sizeof(bytes), NULL))
		return true;
	return all_bytes_are(bytes, sizeof(bytes), k->arch->os->trap_byte);
}

bool dyncode_page(struct kernel *k, kva_t va, kva_t *end)
{
	kva_t page = va & ~(PAGE_SIZE - 1);
	struct walk w = { .size = PAGE_SIZE };

	*end = page + PAGE_SIZE;
	// Programs and trampolines are in the module area, so that short calls reach them.
	if (va < k->arch->os->image_base || va >= k->arch->os->image_end)
		return false;
	if (kmem_walk(k->kmem, 0, page, &w, NULL)) {
		*end = (va | (w.size - 1)) + 1;
		return false;
	}
	if (!k->arch->walk_executable(&w)) {
		*end = (va | (w.size - 1)) + 1;
		return false;
	}
	return !only_traps(k, page);
}
