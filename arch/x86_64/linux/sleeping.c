// SPDX-License-Identifier: GPL-3.0-or-later
/* sleeping.c - reads what the context switch left on the stack of a sleeping task. */
#include "arch/x86_64/linux/linux.h"

#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

#define MAX_FUNCTION (64u << 10)

/* 0100301bfdf5 (4.9): __switch_to_asm() pushes these. */
enum { SAVED_R15, SAVED_R14, SAVED_R13, SAVED_R12, SAVED_BX, SAVED_BP, SAVED_PC };
static const struct record_field inactive_fields[] = {
	[SAVED_R15] = { { "r15" }, RECORD_UINT, "since 4.9" },
	[SAVED_R14] = { { "r14" }, RECORD_UINT, "since 4.9" },
	[SAVED_R13] = { { "r13" }, RECORD_UINT, "since 4.9" },
	[SAVED_R12] = { { "r12" }, RECORD_UINT, "since 4.9" },
	[SAVED_BX] = { { "bx" }, RECORD_UINT, "since 4.9" },
	[SAVED_BP] = { { "bp" }, RECORD_UINT, "since 4.9" },
	[SAVED_PC] = { { "ret_addr" }, RECORD_UINT, "since 4.9" },
};
RECORD(inactive_record, "inactive_task_frame", inactive_fields);

vs_status linux_x86_regs_from_inactive(struct kernel *k, kva_t sp, struct regs *ret,
				       struct err *err)
{
	static const unsigned order[] = {
		[SAVED_R15] = X86_R15, [SAVED_R14] = X86_R14, [SAVED_R13] = X86_R13,
		[SAVED_R12] = X86_R12, [SAVED_BX] = X86_RBX,  [SAVED_BP] = X86_RBP,
		[SAVED_PC] = X86_RIP,
	};
	struct regs r = { .known = 0 };
	uint64_t size;
	vs_status st = kernel_need_types(k, err);

	if (st == VS_OK)
		st = types_size(k->types, "inactive_task_frame", &size, err);
	if (st)
		return st;
	for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		struct member m;
		uint64_t v;

		st = record_member(k, &inactive_record, i, &m, err);
		if (st)
			return st;
		st = mem_read_u64(k->mem, sp + m.off, &v, err);
		if (st)
			return fail_ctx(err, st, "inactive_task_frame at %#" PRIx64, sp);
		regs_set(&r, order[i], v);
	}
	regs_set(&r, X86_RSP, sp + size);
	*ret = r;
	return VS_OK;
}

/* --- before 4.9, when the scheduler inlined switch_to() */

/* Finds the address just after the only call to __switch_to() in a function. */
static bool find_call(struct kernel *k, const char *function, kva_t switch_to, kva_t *ret)
{
	AUTO_FREE uint8_t *code = NULL;
	const struct symbol *s;
	struct mem_array copy;
	kva_t start, end, target;

	*ret = 0;
	if (kernel_symbol(k, function, &start, NULL) || !kernel_is_core_text(k, start) ||
	    !(s = symtab_lookup(k->syms, start)))
		return false;
	start = s->va;
	end = symtab_end(k->syms, s);
	if (end <= start || end - start > MAX_FUNCTION || !(code = malloc(end - start)) ||
	    mem_read(k->mem, start, code, end - start, NULL))
		return false;
	mem_array_init(&copy, start, code, end - start);
	for (kva_t at = start + 5; at < end; at++) {
		if (k->arch->call_before(&copy.mem, at, &target) == 0 || target != switch_to)
			continue;
		if (*ret)
			return false;
		*ret = at;
	}
	return *ret;
}

static vs_status load_switch(struct kernel *k, void *owner, struct err *err)
{
	kva_t switch_to;
	vs_status st = kernel_symbol(k, "__switch_to", &switch_to, err);

	(void)owner;
	if (st)
		return st;
	if (find_call(k, "__schedule", switch_to, &k->switch_pc) ||
	    find_call(k, "schedule", switch_to, &k->switch_pc))
		return VS_OK;
	return fail(err, VS_NOTFOUND, "cannot find the scheduler's call to __switch_to()");
}

static const struct slot_ops switch_slot_ops = { load_switch, NULL };

/* Reads what "pushf; push %rbp" in switch_to() saved (arch/x86/include/asm/switch_to.h). pc is
 * right after its call. */
static vs_status regs_of_switch(const struct mem *mem, kva_t sp, kva_t pc, struct regs *ret,
				struct err *err)
{
	struct regs r = { .known = 0 };
	uint64_t bp;
	vs_status st = mem_read_u64(mem, sp, &bp, err);

	if (st)
		return fail_ctx(err, st, "saved frame pointer at %#" PRIx64, sp);
	regs_set(&r, X86_RBP, bp);
	regs_set(&r, X86_RIP, pc);
	regs_set(&r, X86_RSP, sp + 16);
	*ret = r;
	return VS_OK;
}

/* A task that never ran will start at ret_from_fork(), at the bottom of its stack. */
vs_status linux_x86_regs_from_switch(struct kernel *k, kva_t sp, kva_t user_regs, struct regs *ret,
				     struct err *err)
{
	struct regs r = { .known = 0 };
	kva_t pc;
	vs_status st;

	if (sp != user_regs) {
		st = slot_need(k, &k->switch_slot, &switch_slot_ops, k, err);
		return st ? st : regs_of_switch(k->mem, sp, k->switch_pc, ret, err);
	}
	st = kernel_symbol(k, "ret_from_fork", &pc, err);
	if (st)
		return st;
	regs_set(&r, X86_RIP, pc);
	regs_set(&r, X86_RSP, sp);
	*ret = r;
	return VS_OK;
}
