// SPDX-License-Identifier: GPL-3.0-or-later
/* explain_access.c - the access to memory that failed: which operand, which variable, and where the
 * bad pointer came from. */
#include <inttypes.h>
#include <string.h>

#include "stub/kernel/percpu.h"
#include "stub/monitor/stack/explain.h"
#include "stub/unwind/rules.h"

static bool reg_value(const struct regs *r, int reg, uint64_t *ret)
{
	if (reg < 0 || !regs_has(r, (unsigned)reg))
		return false;
	*ret = r->v[reg];
	return true;
}

/* The address of a memory operand, by registers that hold at that instruction. */
static bool operand_address(struct access *a, const struct insn_mem *mem, uint64_t *ret)
{
	uint64_t base = 0, index = 0, segment = 0;

	if (!mem->any || (mem->base >= 0 && !reg_value(a->regs, mem->base, &base)) ||
	    (mem->index >= 0 && !reg_value(a->regs, mem->index, &index)))
		return false;
	// In the kernel, a segment is the CPU's area of per-CPU variables.
	if (mem->segment >= 0 && percpu_offset(a->x->m->k, a->x->f->task.cpu, &segment, NULL))
		return false;
	*ret = segment + base + index * mem->scale + (uint64_t)mem->disp;
	return true;
}

/* push and call also write below the stack pointer. That failed if the log has this address, or if
 * the stack overflowed and there is no other operand. */
static void choose_stack(struct access *a)
{
	const struct report *r = &a->x->f->report;
	const struct insn_mem below = { .any = true,
					.base = (int)a->x->m->k->arch->sp,
					.index = -1,
					.segment = -1,
					.scale = 1,
					.disp = -(int64_t)a->insn.pushes };
	uint64_t address;

	if (!a->insn.pushes || !operand_address(a, &below, &address))
		return;
	if (r->has_address ? r->address != address
			   : a->insn.mem.any || a->x->f->kind != FAULT_STACK)
		return;
	a->insn.mem = below;
	a->insn.size = a->insn.pushes;
	a->insn.loads = false;
	a->insn.stores = true;
}

/* With two operands, as in a copy, the log tells which one it was. */
static void choose_operand(struct access *a)
{
	const struct report *r = &a->x->f->report;
	uint64_t other;

	choose_stack(a);
	a->known = operand_address(a, &a->insn.mem, &a->address);
	a->confirmed = a->known && r->has_address && r->address == a->address;
	if (!a->insn.two_mems || a->confirmed || !operand_address(a, &a->insn.other, &other))
		return;
	if (r->has_address && r->address == other) {
		a->insn.mem = a->insn.other;
		a->insn.stores = false;
		a->address = other;
		a->confirmed = true;
	} else {
		a->known = false;
	}
}

static const char *access_word(const struct access *a)
{
	const struct report *r = &a->x->f->report;

	if (a->insn.loads && a->insn.stores)
		return !r->has_error_code	? "read or write"
		       : r->error_code >> 1 & 1 ? "write"
						: "read";
	return a->insn.stores ? "write" : "read";
}

/* Is the address that of the base register and a constant? */
static bool base_is_known(const struct access *a, uint64_t *ret)
{
	const struct insn_mem *m = &a->insn.mem;

	return m->index < 0 && m->segment < 0 && reg_value(a->regs, m->base, ret);
}

static void put_fault(struct access *a)
{
	struct explain *x = a->x;
	uint64_t base;

	explain_label(x, "FAULT");
	buf_puts(x->out, access_word(a));
	if (a->insn.size)
		buf_printf(x->out, " of %u byte%s", a->insn.size, a->insn.size > 1 ? "s" : "");
	buf_printf(x->out, " at %" PRIx64 ": ", a->address);
	if (!base_is_known(a, &base) || !explain_put_by_base(base, a->address, x->out))
		explain_put_address(x, a->address);
	buf_puts(x->out, a->confirmed ? "\n       [registers and instruction; the log agrees]\n"
				      : "\n       [registers and instruction]\n");
	explain_fault_code(x);
}

void explain_fault_code(struct explain *x)
{
	const struct report *r = &x->f->report;

	if (!r->has_error_code || x->f->kind != FAULT_PAGE)
		return;
	explain_label(x, "CODE");
	buf_printf(x->out, "%" PRIx64 ": ", r->error_code);
	x->m->k->arch->fault_code(r->error_code, x->out);
	buf_puts(x->out, "\n       [error code in the log]\n");
}

static void put_reg(struct access *a, int reg, const char *sep)
{
	uint64_t v;
	struct buf *out = a->x->out;

	if (reg < 0)
		return;
	buf_printf(out, "%s%s = ", sep, a->x->m->k->arch->reg_names[reg]);
	if (!reg_value(a->regs, reg, &v)) {
		buf_putc(out, '?');
		return;
	}
	buf_printf(out, "%" PRIx64, v);
	if (v)
		cmd_put_symbol(a->x->m, v, out);
}

static void put_insn(struct access *a)
{
	explain_label(a->x, "INSN");
	explain_put_insn(a->x, a->pc);
	if (a->insn.mem.any && (a->insn.mem.base >= 0 || a->insn.mem.index >= 0)) {
		buf_puts(a->x->out, "\n       ");
		put_reg(a, a->insn.mem.base, "");
		put_reg(a, a->insn.mem.index, a->insn.mem.base >= 0 ? ", " : "");
	}
	buf_putc(a->x->out, '\n');
}

static const char *basis_text(const struct expr *e)
{
	return e->basis == EXPR_VARIABLE ? "debug information" : "instructions and types";
}

/* What the operand means: `stats->errors`, and what `stats` is. */
static void put_meaning(struct access *a, const struct expr *e)
{
	struct explain *x = a->x;
	const struct insn_mem *mem = &a->insn.mem;
	struct buf member = { 0 };
	struct type_field f;
	uint64_t base = 0, index = 0;
	int64_t off = mem->disp;
	bool have = reg_value(a->regs, mem->base, &base);

	if (!e->text.len)
		return;
	if (mem->index >= 0)
		have = reg_value(a->regs, mem->index, &index) && have;
	off += (int64_t)(index * mem->scale);
	explain_label(x, "WHAT");
	if (have && expr_member(e, off, a->insn.size, &member, &f))
		buf_printf(x->out, "%s->%s: ", buf_str(&e->text), buf_str(&member));
	if (have) {
		buf_printf(x->out, "%s is ", buf_str(&e->text));
		if (!explain_put_poison(base + (uint64_t)e->off, x->out))
			buf_printf(x->out, "%" PRIx64, base + (uint64_t)e->off);
	} else {
		buf_printf(x->out, "a pointer in %s", buf_str(&e->text));
	}
	if (member.len)
		buf_printf(x->out, ", and %s is at offset %" PRId64 " of %s", buf_str(&member),
			   off - e->off, e->type);
	else if (e->type[0])
		buf_printf(x->out, "; it is a pointer to %s", e->type);
	buf_printf(x->out, "\n       [%s]\n", basis_text(e));
	buf_deinit(&member);
}

static bool start_access(struct explain *x, struct access *a)
{
	const struct frame *f = &x->f->frames[x->f->at];
	struct kernel *k = x->m->k;
	uint8_t code[ARCH_INSN_MAX];
	struct mem_got got;

	*a = (struct access){
		.x = x, .regs = &f->regs, .pc = f->regs.v[k->arch->pc], .frame = x->f->at
	};
	got = k->mem->read(k->mem, a->pc, code, sizeof(code), NULL);
	return got.len && k->arch->insn(code, got.len, a->pc, &a->insn);
}

void explain_access(struct explain *x)
{
	struct access a;
	struct expr e;
	uint64_t base = 0;

	if (!start_access(x, &a)) {
		explain_label(x, "FAULT");
		buf_puts(x->out, "its instruction cannot be read or decoded\n");
		return;
	}
	choose_operand(&a);
	if (a.known && (a.insn.loads || a.insn.stores))
		put_fault(&a);
	put_insn(&a);
	// A stack that is too small has no bad pointer.
	if (!a.known || a.insn.mem.base < 0 || x->f->kind == FAULT_STACK ||
	    !explain_code(x, a.pc, &a.code))
		return;
	expr_of_register(&a.code, a.insn.mem.base, a.pc, &e);
	put_meaning(&a, &e);
	expr_free(&e);
	(void)reg_value(a.regs, a.insn.mem.base, &base);
	if (a.code.flow)
		explain_origin(&a, a.insn.mem.base, a.pc, base);
	flow_close(a.code.flow);
}

/* The register in the name of a thunk, "__x86_indirect_thunk_rax"; -1: none. */
static int register_in_name(const struct kernel *k, const char *name)
{
	size_t len = strlen(name);

	for (unsigned reg = 0; reg < k->arch->nregs; reg++) {
		size_t own = strlen(k->arch->reg_names[reg]);

		if (len > own + 1 && name[len - own - 1] == '_' &&
		    strcmp(name + len - own, k->arch->reg_names[reg]) == 0)
			return (int)reg;
	}
	return -1;
}

/* The register that a call jumped through: its own operand, or that of a thunk. The first thunk has
 * a second name, __x86_indirect_thunk_array. */
static int call_register(struct explain *x, const struct insn *in)
{
	struct kernel *k = x->m->k;
	int reg = -1;

	if (!in->target)
		return in->src;
	if (!code_is_thunk(k, in->target))
		return -1;
	for (size_t i = symtab_above(k->syms, in->target);
	     reg < 0 && i && symtab_at(k->syms, i - 1)->va == in->target; i--)
		reg = register_in_name(k, symtab_at(k->syms, i - 1)->name);
	return reg;
}

static void put_call(struct explain *x, const struct frame *caller)
{
	struct kernel *k = x->m->k;
	kva_t ret = caller->regs.v[k->arch->pc], target;
	unsigned len = k->arch->call_before(k->mem, ret, &target);
	struct access a = {
		.x = x, .regs = &x->f->frames[x->f->at].regs, .pc = ret - len, .frame = x->f->at + 1
	};
	uint64_t value = 0;
	const struct insn *in;
	struct expr e = { 0 };
	int reg;

	if (caller->interrupted || !len || !explain_code(x, a.pc, &a.code))
		return;
	explain_label(x, "CALL");
	explain_put_place(x, a.pc, a.pc);
	buf_puts(x->out, "\n       ");
	explain_put_insn(x, a.pc);
	buf_puts(x->out, "\n       [return address on the stack]\n");
	in = a.code.flow ? flow_insn(a.code.flow, a.pc) : NULL;
	reg = in ? call_register(x, in) : -1;
	if (reg >= 0)
		expr_of_register(&a.code, reg, a.pc, &e);
	else if (in && in->mem.any && !in->target)
		expr_of_load(&a.code, in, a.pc, &e);
	if (e.text.len) {
		explain_label(x, "WHAT");
		buf_printf(x->out, "it called through %s\n       [%s]\n", buf_str(&e.text),
			   basis_text(&e));
	}
	(void)reg_value(a.regs, reg, &value);
	if (reg >= 0)
		explain_origin(&a, reg, a.pc, value);
	expr_free(&e);
	flow_close(a.code.flow);
}

void explain_fetch(struct explain *x)
{
	const struct fault *f = x->f;
	kva_t pc = f->frames[f->at].regs.v[x->m->k->arch->pc];
	const struct report *r = &f->report;

	explain_label(x, "FAULT");
	buf_printf(x->out, "execution at %" PRIx64 ": ", pc);
	explain_put_address(x, pc);
	buf_puts(x->out, r->has_address && r->address == pc
				 ? "\n       [registers; the log agrees]\n"
				 : "\n       [registers]\n");
	explain_fault_code(x);
	if (f->at + 1 < f->n)
		put_call(x, &f->frames[f->at + 1]);
}

/* The variable that it divided by, and where its value came from. */
static void put_divisor(struct access *a, uint64_t value)
{
	struct expr e;

	expr_of_register(&a->code, a->insn.src, a->pc, &e);
	if (e.text.len && !e.off) {
		explain_label(a->x, "WHAT");
		buf_printf(a->x->out, "the divisor is %s\n       [%s]\n", buf_str(&e.text),
			   basis_text(&e));
	}
	expr_free(&e);
	if (a->code.flow)
		explain_origin(a, a->insn.src, a->pc, value);
}

void explain_divide(struct explain *x)
{
	struct access a;
	uint64_t divisor = 0;
	uint64_t mask;
	bool known;

	if (!start_access(x, &a) || a.insn.kind != INSN_DIVIDE)
		return;
	mask = a.insn.size >= 8 ? UINT64_MAX : (1ULL << 8 * a.insn.size) - 1;
	if (a.insn.mem.any)
		known = operand_address(&a, &a.insn.mem, &a.address) &&
			mem_read_u64(x->m->k->mem, a.address, &divisor, NULL) == VS_OK;
	else
		known = reg_value(a.regs, a.insn.src, &divisor);
	explain_label(x, "FAULT");
	if (known && !(divisor & mask))
		buf_puts(x->out, "division by zero");
	else if (known)
		buf_printf(x->out, "division by %" PRIu64 ": the quotient does not fit",
			   divisor & mask);
	else
		buf_puts(x->out, "division error; the divisor is unknown");
	buf_puts(x->out, "\n       [registers and instruction]\n");
	put_insn(&a);
	if (a.insn.mem.any || !explain_code(x, a.pc, &a.code))
		return;
	put_divisor(&a, divisor & mask);
	flow_close(a.code.flow);
}
