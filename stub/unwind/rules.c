// SPDX-License-Identifier: GPL-3.0-or-later
/* rules.c - the ordered list of sources of unwind rules. */
#include "stub/unwind/rules.h"

#include <inttypes.h>

#include "stub/base/log.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/module/modules.h"
#include "stub/unwind/dwarfcfi.h"
#include "stub/unwind/dyncode.h"
#include "stub/unwind/framep.h"
#include "stub/unwind/kprobes.h"
#include "stub/unwind/rethook.h"
#include "stub/unwind/stack.h"

/* --- ORC */

#define MAX_ORC_ROWS (16u << 20)

static int orc_layout(struct kernel *k)
{
	uint8_t header[20], entry[6];
	kva_t start, stop, fp;
	bool have_header = false;
	int flags = -1;

	// b9f174c811e3 (6.4) put a hash of the row's layout between these two.
	if (kernel_symbol(k, "__start_orc_header", &start, NULL) == VS_OK &&
	    kernel_symbol(k, "__stop_orc_header", &stop, NULL) == VS_OK && stop - start >= 20)
		have_header = mem_read(k->mem, start, header, 20, NULL) == VS_OK;
	if (kernel_symbol(k, "orc_fp_entry", &fp, NULL) == VS_OK &&
	    mem_read(k->mem, fp, entry, sizeof(entry), NULL) == VS_OK)
		flags = load_u16(entry + 4);
	return k->arch->os->orc->layout(have_header ? header : NULL, flags, k->release);
}

static vs_status load_orc(struct kernel *k, void *owner, struct err *err)
{
	kva_t ip, ip_end, rules;
	vs_status st = k->arch->os->orc ? kernel_symbol(k, "__start_orc_unwind_ip", &ip, err)
					: fail(err, VS_NOTFOUND, "not on %s", k->arch->name);

	(void)owner;
	if (st == VS_OK)
		st = kernel_symbol(k, "__stop_orc_unwind_ip", &ip_end, err);
	if (st == VS_OK)
		st = kernel_symbol(k, "__start_orc_unwind", &rules, err);
	if (st)
		return fail_ctx(err, st, "no ORC unwind table");
	if (ip_end <= ip || (ip_end - ip) / 4 > MAX_ORC_ROWS)
		return fail(err, VS_CORRUPT, "ORC table from %#" PRIx64 " to %#" PRIx64, ip,
			    ip_end);
	k->orc = (struct unwind_table){
		k->mem, k->mem, ip, rules, (uint32_t)((ip_end - ip) / 4), orc_layout(k)
	};
	return VS_OK;
}

static const struct slot_ops unwind_slot_ops = { load_orc, NULL };

vs_status kernel_need_unwind(struct kernel *k, struct err *err)
{
	return slot_need(k, &k->unwind_slot, &unwind_slot_ops, k, err);
}

/* --- which code contains an address */

/* Does vmlinux describe C code? */
static bool has_call_frames(struct kernel *k)
{
	struct elf_section sec;

	return kernel_need_vmlinux(k, NULL) == VS_OK &&
	       elffile_section(k->vmlinux, ".debug_frame", &sec) == VS_OK;
}

vs_status kernel_can_unwind(struct kernel *k, struct err *err)
{
	vs_status st = kernel_need_unwind(k, err);

	if (st == VS_NOTFOUND && (framep_kernel(k) || has_call_frames(k)))
		return VS_OK;
	return st;
}

static struct module *module_of_text(struct kernel *k, kva_t va)
{
	struct modules *mods;

	if (kernel_need_modules(k, &mods, NULL))
		return NULL;
	for (size_t i = 0; i < mods->n; i++)
		if (module_has_text(&mods->v[i], va))
			return &mods->v[i];
	return NULL;
}

bool kernel_is_text(struct kernel *k, kva_t va)
{
	return kernel_is_core_text(k, va) || module_of_text(k, va);
}

bool code_is_boot(struct kernel *k, kva_t va)
{
	kva_t start, end;

	return kernel_symbol(k, "_sinittext", &start, NULL) == VS_OK &&
	       kernel_symbol(k, "_einittext", &end, NULL) == VS_OK && va >= start && va < end;
}

/* The start of the function that contains pc. */
bool code_is_thunk(struct kernel *k, kva_t va)
{
	const struct symbol *s = k->syms ? symtab_lookup(k->syms, va) : NULL;

	return s && k->arch->os->is_thunk(s->name);
}

kva_t code_function(struct kernel *k, kva_t pc)
{
	const struct symtab *t = k->syms;
	const struct symbol *s;
	struct module *m = NULL;

	if (!kernel_is_core_text(k, pc)) {
		m = module_of_text(k, pc);
		if (!m || module_need_syms(k, m, NULL))
			return 0;
		t = m->syms;
	}
	s = t ? symtab_lookup(t, pc) : NULL;
	return s ? s->va : 0;
}

/* --- the sources of rules */

/* The code for which a rule is needed. */
struct place {
	struct kernel *k;
	kva_t task;
	const struct frame *cur; /* NULL: any frame in it */
	kva_t pc;
	bool core; /* in the kernel itself, including boot code */
	struct module *module;
	const struct dyncode *dyn;
};

static vs_status from_dyncode(const struct place *p, struct unwind_rule *ret, struct err *err)
{
	return p->dyn ? dyncode_rule(p->k, p->dyn, p->pc, ret, err) : VS_NOTFOUND;
}

/* With ORC, this is only used for functions without ORC, such as those that objtool could not
 * follow. */
static vs_status from_dwarf(const struct place *p, struct unwind_rule *ret, struct err *err)
{
	if (!p->core && !p->module)
		return VS_NOTFOUND;
	return dwarf_rule(p->k, p->pc, ret, err) == VS_OK ? VS_OK : VS_NOTFOUND;
}

enum { ORC_SP_OFFSET, ORC_END, ORC_SIGNAL };
static const struct record_field orc_fields[] = {
	[ORC_SP_OFFSET] = { { "sp_offset" }, RECORD_INT, "with ORC" },
	[ORC_END] = { { "end" }, RECORD_UINT, "4.18 to 6.3" },
	[ORC_SIGNAL] = { { "signal" }, RECORD_UINT, "since 6.3" },
};
RECORD(orc_record, "orc_entry", orc_fields);

/* Before 4.18 the table did not distinguish the end of a stack from code that it
 * does not describe. What the kernel's own unwinder takes for both is the end where nothing but the
 * registers at the bottom of the stack is left. */
static bool ends_unmarked(const struct place *p)
{
	struct kernel *k = p->k;

	return p->core && p->cur && record_name(k, &orc_record, ORC_SP_OFFSET) &&
	       !record_name(k, &orc_record, ORC_END) && !record_name(k, &orc_record, ORC_SIGNAL) &&
	       framep_ends(k, p->task, p->cur->regs.v[k->arch->sp]);
}

static vs_status from_orc(const struct place *p, struct unwind_rule *ret, struct err *err)
{
	struct kernel *k = p->k;
	struct unwind_rule hook;
	vs_status st = kernel_need_unwind(k, err);

	if (st == VS_NOTFOUND || (!p->core && !p->module))
		return VS_NOTFOUND;
	if (st == VS_OK && p->module)
		st = module_need_orc(k, p->module, err);
	// A module may have been built without a table. That does not mean that there is no code:
	// do not let the caller guess.
	if (st == VS_NOTFOUND && p->module && from_dwarf(p, ret, NULL) == VS_OK)
		return VS_OK;
	if (st)
		return st == VS_NOTFOUND ? VS_UNSUPPORTED : st;
	st = k->arch->os->orc->find(p->module ? &p->module->orc : &k->orc, p->pc, ret, err);
	if (st == VS_OK && ret->kind == RULE_UNDEFINED && ends_unmarked(p))
		ret->kind = RULE_END;
	// If a tracer's code has no rule, or a trace would end in it, use the next source.
	if (st == VS_OK && ret->kind == RULE_END && p->core &&
	    rethook_rule(k, p->pc, &hook) == VS_OK)
		ret->kind = RULE_UNDEFINED;
	return st;
}

static vs_status from_hook(const struct place *p, struct unwind_rule *ret, struct err *err)
{
	(void)err;
	return p->core ? rethook_rule(p->k, p->pc, ret) : VS_NOTFOUND;
}

static vs_status from_frame_pointer(const struct place *p, struct unwind_rule *ret, struct err *err)
{
	if ((!p->core && !p->module) || kernel_need_unwind(p->k, NULL) == VS_OK)
		return VS_NOTFOUND;
	return framep_rule(p->k, p->task, p->cur, p->pc, ret, err);
}

/* The sources in order; the first one that does not return VS_NOTFOUND decides. */
static const struct {
	const char *name;
	vs_status (*rule)(const struct place *p, struct unwind_rule *ret, struct err *err);
} sources[] = {
	{ "code made at run time", from_dyncode }, { "ORC", from_orc },
	{ "tracers' return hooks", from_hook },	   { "DWARF", from_dwarf },
	{ "frame pointers", from_frame_pointer },
};

static vs_status rule_for(const struct unwind_env *env, const struct frame *cur, kva_t pc,
			  struct unwind_rule *ret, struct err *err)
{
	struct place p = { .k = env->ctx, .task = env->task, .cur = cur, .pc = pc };
	vs_status best = VS_NOTFOUND;
	struct err why;

	p.core = kernel_is_core_text(p.k, pc) || code_is_boot(p.k, pc);
	p.module = p.core ? NULL : module_of_text(p.k, pc);
	p.dyn = p.core || p.module ? NULL : dyncode_at(p.k, pc);
	if (!p.core && !p.module && !p.dyn)
		return fail(err, VS_NOTFOUND,
			    "%#" PRIx64 " is not in kernel, module or generated code", pc);
	fail(&why, VS_NOTFOUND, "no unwind information for pc %#" PRIx64, pc);
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct unwind_rule r = { 0 };
		struct err no;
		vs_status st = sources[i].rule(&p, &r, &no);

		if (st == VS_OK && r.kind != RULE_UNDEFINED) {
			*ret = r;
			return VS_OK;
		}
		if (st == VS_OK) {
			*ret = r;
			best = VS_OK;
		} else if (st != VS_NOTFOUND) {
			log_debug("%s: %s", sources[i].name, no.msg);
			if (err)
				*err = no;
			return st;
		}
	}
	if (best && err)
		*err = why;
	return best;
}

bool code_is_any(struct kernel *k, kva_t va)
{
	kva_t end;

	return kernel_is_text(k, va) || code_is_boot(k, va) || dyncode_at(k, va) ||
	       dyncode_page(k, va, &end);
}

static bool is_text(void *ctx, kva_t va)
{
	return code_is_any(ctx, va);
}

static kva_t function_start(void *ctx, kva_t pc)
{
	return code_function(ctx, pc);
}

static vs_status return_address(void *ctx, kva_t task, kva_t slot, uint64_t *pc, struct err *err)
{
	return rethook_return(ctx, task, slot, pc, err);
}

static bool trapped(void *ctx, kva_t task, kva_t entry, kva_t trap)
{
	struct kernel *k = ctx;
	const struct symbol *s =
		kernel_is_core_text(k, entry) ? symtab_lookup(k->syms, entry) : NULL;

	return s && k->arch->os->is_trap(s->name) && kprobe_pending(k, task, trap);
}

/* Does the stack end at slot? (With ORC, a rule says so.) */
static bool ends(void *ctx, kva_t task, kva_t slot)
{
	return kernel_need_unwind(ctx, NULL) && framep_ends(ctx, task, slot);
}

void stack_unwind_env(struct kernel *k, kva_t task, struct unwind_env *ret)
{
	*ret = (struct unwind_env){ k->mem,	    rule_for, is_text, k,   function_start,
				    return_address, trapped,  task,    ends };
}
