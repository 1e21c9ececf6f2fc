// SPDX-License-Identifier: GPL-3.0-or-later
/* dwarfcfi.c - unwind rules of vmlinux's and modules' .debug_frame: of the few functions that ORC
 * leaves out (STACK_FRAME_NON_STANDARD(): __crash_kexec(), where the registers of a kdump after
 * panic() are from, and the BPF interpreter), and of all C code where there is no ORC. */
#include "stub/unwind/dwarfcfi.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <inttypes.h>
#include <stdlib.h>

#include "stub/kernel/kernel.h"
#include "stub/module/lines.h"

#define OFFSET_MAX 32760

/* One register and an offset; or the word there, where a function aligned its stack pointer. */
static bool simple_cfa(const struct arch_ops *arch, const Dwarf_Op *ops, size_t n,
		       struct unwind_rule *r)
{
	int64_t off;
	unsigned reg;

	if (n == 2 && ops[1].atom == DW_OP_deref)
		r->cfa_deref = true;
	else if (n != 1)
		return false;
	if (ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31) {
		reg = ops[0].atom - DW_OP_breg0;
		off = (int64_t)ops[0].number;
	} else if (ops[0].atom == DW_OP_bregx) {
		reg = (unsigned)ops[0].number;
		off = (int64_t)ops[0].number2;
	} else {
		return false;
	}
	r->cfa_reg = (int16_t)arch->from_dwarf(reg);
	r->cfa_off = (int16_t)off;
	return r->cfa_reg >= 0 && off >= -OFFSET_MAX && off <= OFFSET_MAX;
}

/* Where a register is saved, counted from the CFA. */
static bool saved_at(const Dwarf_Op *ops, size_t n, int64_t *ret)
{
	if (n < 1 || ops[0].atom != DW_OP_call_frame_cfa)
		return false;
	*ret = 0;
	if (n == 2 && ops[1].atom == DW_OP_plus_uconst)
		*ret = (int64_t)ops[1].number;
	return n == 1 ||
	       (n == 2 && ops[1].atom == DW_OP_plus_uconst && *ret >= -OFFSET_MAX && *ret < 0);
}

/* The same, counted from the frame pointer itself; libdw puts the CFA before the expression. */
static bool beside_bp(const struct arch_ops *arch, const Dwarf_Op *ops, size_t n, int64_t *ret)
{
	if (n != 2 || ops[0].atom != DW_OP_call_frame_cfa ||
	    ops[1].atom != DW_OP_breg0 + arch->cfi_bp)
		return false;
	*ret = (int64_t)ops[1].number;
	return *ret >= -OFFSET_MAX && *ret <= OFFSET_MAX;
}

static bool rule_of_frame(const struct arch_ops *arch, Dwarf_Frame *frame, struct unwind_rule *ret)
{
	struct unwind_rule r = { .kind = RULE_CALL, .how = HOW_DWARF };
	Dwarf_Op mem[3], *ops;
	Dwarf_Addr start, end;
	int64_t off;
	size_t n;
	bool signal;

	if (dwarf_frame_info(frame, &start, &end, &signal) < 0 || signal ||
	    dwarf_frame_cfa(frame, &ops, &n) || !simple_cfa(arch, ops, n, &r))
		return false;
	if (dwarf_frame_register(frame, (int)arch->cfi_ra_column, mem, &ops, &n) ||
	    !saved_at(ops, n, &off) || off != -8)
		return false;
	if (dwarf_frame_register(frame, (int)arch->cfi_bp, mem, &ops, &n))
		return false;
	if (saved_at(ops, n, &off)) {
		r.bp = RULE_BP_AT_CFA;
		r.bp_off = (int16_t)off;
	} else if (beside_bp(arch, ops, n, &off)) {
		r.bp = RULE_BP_AT_BP;
		r.bp_off = (int16_t)off;
	} else if (n) {
		return false; // unchanged is without operations
	}
	r.start = start;
	r.end = end;
	*ret = r;
	return true;
}

vs_status dwarf_rule(struct kernel *k, kva_t pc, struct unwind_rule *ret, struct err *err)
{
	Dwarf_Frame *frame = NULL;
	uint64_t link_pc;
	Dwarf_CFI *cfi;
	Dwarf *dw;
	bool ok;
	vs_status st = lines_dwarf(k, pc, &dw, &link_pc, err);

	if (st)
		return st;
	cfi = dwarf_getcfi(dw);
	if (!cfi || dwarf_cfi_addrframe(cfi, link_pc, &frame))
		return fail(err, VS_NOTFOUND, "no DWARF unwind information for pc %#" PRIx64, pc);
	ok = rule_of_frame(k->arch, frame, ret);
	free(frame);
	if (!ok)
		return fail(err, VS_UNSUPPORTED, "DWARF of pc %#" PRIx64 " is not understood", pc);
	ret->start += pc - link_pc;
	ret->end += pc - link_pc;
	return VS_OK;
}
