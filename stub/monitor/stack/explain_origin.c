// SPDX-License-Identifier: GPL-3.0-or-later
/* explain_origin.c - where a bad value came from: the load of it, or the caller that passed it. */
#include <inttypes.h>

#include "stub/kernel/percpu.h"
#include "stub/monitor/stack/explain.h"

#define MAX_VALUES  4
#define MAX_CALLERS 4

void explain_put_insn(struct explain *x, kva_t va)
{
	struct kernel *k = x->m->k;
	uint8_t code[ARCH_INSN_MAX];
	struct mem_got got = k->mem->read(k->mem, va, code, sizeof(code), NULL);

	if (got.len)
		k->arch->disassemble(code, got.len, va, cmd_put_target, x->m, x->out);
}

static bool value_at(struct access *a, int reg, kva_t va, int depth, uint64_t *ret);

/* The address of the memory operand of an earlier instruction at va. */
static bool address_at(struct access *a, const struct insn_mem *m, kva_t va, int depth,
		       uint64_t *ret)
{
	uint64_t base = 0, index = 0, segment = 0;

	if (!m->any || (m->base >= 0 && !value_at(a, m->base, va, depth, &base)) ||
	    (m->index >= 0 && !value_at(a, m->index, va, depth, &index)))
		return false;
	if (m->segment >= 0 && percpu_offset(a->x->m->k, a->x->f->task.cpu, &segment, NULL))
		return false;
	*ret = segment + base + index * m->scale + (uint64_t)m->disp;
	return true;
}

/* What the register had before the instruction at va: it still has that value, or instructions set
 * it to what can be computed. Memory is taken as it is now. */
static bool value_at(struct access *a, int reg, kva_t va, int depth, uint64_t *ret)
{
	struct flow_source s;
	uint64_t at;

	if (reg >= 0 && regs_has(a->regs, (unsigned)reg) &&
	    flow_unchanged(a->code.flow, reg, va, a->pc)) {
		*ret = a->regs->v[reg];
		return true;
	}
	if (depth >= MAX_VALUES)
		return false;
	s = flow_source(a->code.flow, reg, va);
	switch (s.kind) {
	case FLOW_VALUE:
		*ret = s.insn.value;
		return true;
	case FLOW_ADDRESS:
		return address_at(a, &s.insn.mem, s.at, depth + 1, ret);
	case FLOW_LOAD:
		a->by_memory = true;
		return s.insn.size == sizeof(*ret) &&
		       address_at(a, &s.insn.mem, s.at, depth + 1, &at) &&
		       mem_read_u64(a->x->m->k->mem, at, ret, NULL) == VS_OK;
	default:
		return false;
	}
}

/* Where the word was that the instruction at s->at loaded, and what is there in the dump. Returns
 * false if that is unknown. */
static bool put_loaded_from(struct access *a, const struct flow_source *s, uint64_t value,
			    uint64_t *at)
{
	struct explain *x = a->x;
	uint64_t mask = s->insn.size < 8 ? (1ULL << 8 * s->insn.size) - 1 : UINT64_MAX;
	uint64_t now;
	struct buf name = { 0 };
	vs_status st;

	if (!s->insn.size || !address_at(a, &s->insn.mem, s->at, 0, at))
		return false;
	st = mem_read_uint(x->m->k->mem, *at, s->insn.size, &now, NULL);
	// Pointers that memory has now are those of then only if they lead to the same value.
	if (a->by_memory && (st || now != (value & mask)))
		return false;
	buf_printf(x->out, "\n       from %" PRIx64, *at);
	if (expr_of_address(x->m->k, *at, s->insn.size, &name))
		buf_printf(x->out, " (%s)", buf_str(&name));
	else
		cmd_put_symbol(x->m, *at, x->out);
	buf_deinit(&name);
	if (st)
		buf_puts(x->out, ", which cannot be read");
	else if (now == (value & mask))
		buf_puts(x->out, ", which still holds that value");
	else
		buf_printf(x->out, ", which now holds %" PRIx64, now);
	return true;
}

/* The caller passed the value in this register. */
static void put_passed(struct access *a, int reg, uint64_t value)
{
	const struct fault *f = a->x->f;
	struct kernel *k = a->x->m->k;
	struct access up = { .x = a->x, .frame = a->frame + 1 };
	kva_t target, ret;
	unsigned len;

	if (k->arch->argument(reg) < 0 || up.frame >= f->n || f->frames[up.frame].interrupted ||
	    up.frame - f->at > MAX_CALLERS)
		return;
	up.regs = &f->frames[up.frame].regs;
	ret = up.regs->v[k->arch->pc];
	len = k->arch->call_before(k->mem, ret, &target);
	// A function that was reached by a jump has another caller.
	if (!len || target != a->code.start || !explain_code(a->x, ret - len, &up.code))
		return;
	up.pc = ret;
	if (up.code.flow)
		explain_origin(&up, reg, ret - len, value);
	flow_close(up.code.flow);
}

/* One step back: how the register got its value. */
void explain_origin(struct access *a, int reg, kva_t va, uint64_t value)
{
	struct explain *x = a->x;
	struct flow_source s = flow_source(a->code.flow, reg, va);
	struct expr e = { 0 };
	bool found = false;
	uint64_t at = 0;
	kva_t target;

	if (s.kind == FLOW_UNKNOWN)
		return;
	explain_label(x, "FROM");
	switch (s.kind) {
	case FLOW_LOAD:
		expr_of_load(&a->code, &s.insn, s.at, &e);
		buf_printf(x->out, "%s+%" PRIu64 ": ", a->code.name, s.at - a->code.start);
		explain_put_insn(x, s.at);
		// The instruction's text names a variable at a fixed address.
		if (e.text.len && s.insn.mem.base >= 0)
			buf_printf(x->out, "\n       which loaded %s", buf_str(&e.text));
		found = put_loaded_from(a, &s, value, &at);
		break;
	case FLOW_ENTRY:
		buf_printf(x->out, "%s+0: the caller passed it in %s", a->code.name,
			   x->m->k->arch->reg_names[s.reg]);
		break;
	case FLOW_RESULT:
		target = s.insn.target;
		buf_printf(x->out, "%s+%" PRIu64 ": returned by a call of ", a->code.name,
			   s.at - a->code.start);
		if (target)
			cmd_put_target(x->m, target, x->out);
		else
			buf_puts(x->out, "a function through a pointer");
		break;
	default:
		buf_printf(x->out, "%s+%" PRIu64 ": ", a->code.name, s.at - a->code.start);
		explain_put_insn(x, s.at);
		break;
	}
	buf_printf(x->out, "\n       [instructions%s]\n",
		   found && a->by_memory ? ", and what memory holds now" : "");
	expr_free(&e);
	if (found)
		explain_slab(x, at);
	if (s.kind == FLOW_ENTRY)
		put_passed(a, s.reg, value);
}
