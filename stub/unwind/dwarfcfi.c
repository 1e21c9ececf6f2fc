// SPDX-License-Identifier: GPL-3.0-or-later
/* dwarfcfi.c - unwind rules from .debug_frame of vmlinux and modules: for the few functions without
 * ORC (STACK_FRAME_NON_STANDARD(): __crash_kexec(), where kdump saves the registers after panic(),
 * and the BPF interpreter), and for all C code in kernels without ORC. */
#include "stub/unwind/dwarfcfi.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <inttypes.h>
#include <stdlib.h>

#include "stub/kernel/kernel.h"
#include "stub/module/lines.h"

#define OFFSET_MAX 32760

/* Parses a CFA of a register and an offset, or the word there if a function aligned its stack. */
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

/* The offset from the CFA where a register is saved. */
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

/* The same, relative to the frame pointer; libdw puts the CFA before the expression. */
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
		return false; // an unchanged register has no operations
	}
	r.start = start;
	r.end = end;
	*ret = r;
	return true;
}

/* The rules at pc, which the caller frees; *bias: by how much the code was moved. */
static vs_status frame_at(struct kernel *k, kva_t pc, Dwarf_Frame **ret, uint64_t *bias,
			  struct err *err)
{
	uint64_t link_pc;
	Dwarf_CFI *cfi;
	Dwarf *dw;
	vs_status st = lines_dwarf(k, pc, &dw, &link_pc, err);

	if (st)
		return st;
	cfi = dwarf_getcfi(dw);
	if (!cfi || dwarf_cfi_addrframe(cfi, link_pc, ret))
		return fail(err, VS_NOTFOUND, "no DWARF unwind information for pc %#" PRIx64, pc);
	*bias = pc - link_pc;
	return VS_OK;
}

vs_status dwarf_rule(struct kernel *k, kva_t pc, struct unwind_rule *ret, struct err *err)
{
	Dwarf_Frame *frame;
	uint64_t bias;
	bool ok;
	vs_status st = frame_at(k, pc, &frame, &bias, err);

	if (st)
		return st;
	ok = rule_of_frame(k->arch, frame, ret);
	free(frame);
	if (!ok)
		return fail(err, VS_UNSUPPORTED, "DWARF for pc %#" PRIx64 " is not supported", pc);
	ret->start += bias;
	ret->end += bias;
	return VS_OK;
}

bool dwarf_is_entry(struct kernel *k, kva_t pc)
{
	Dwarf_Addr start, end;
	Dwarf_Frame *frame;
	bool signal = false;
	uint64_t bias;

	if (frame_at(k, pc, &frame, &bias, NULL))
		return false;
	signal = dwarf_frame_info(frame, &start, &end, &signal) >= 0 && signal;
	free(frame);
	return signal;
}

/* Parses a CFA of the word at the stack pointer plus a number (DW_CFA_def_cfa_expression of
 * SAVE_ARGS_IRQ). */
static bool cfa_by_word(const struct arch_ops *arch, const Dwarf_Op *ops, size_t n, int64_t *ret)
{
	if (n != 4 || ops[0].atom != DW_OP_breg0 + arch->cfi_sp || ops[0].number != 0 ||
	    ops[1].atom != DW_OP_deref || ops[2].atom < DW_OP_const1u ||
	    ops[2].atom > DW_OP_consts || ops[3].atom != DW_OP_plus)
		return false;
	*ret = (int64_t)ops[2].number;
	return *ret >= 0 && *ret <= OFFSET_MAX;
}

vs_status dwarf_saved_by_word(struct kernel *k, kva_t pc, unsigned reg, int64_t *ret)
{
	Dwarf_Op mem[3], *ops;
	Dwarf_Frame *frame;
	int64_t cfa, off;
	uint64_t bias;
	size_t n;
	bool ok;

	if (frame_at(k, pc, &frame, &bias, NULL))
		return VS_NOTFOUND;
	ok = dwarf_frame_cfa(frame, &ops, &n) == 0 && cfa_by_word(k->arch, ops, n, &cfa) &&
	     dwarf_frame_register(frame, (int)reg, mem, &ops, &n) == 0 && saved_at(ops, n, &off);
	free(frame);
	if (!ok)
		return VS_NOTFOUND;
	*ret = cfa + off;
	return VS_OK;
}
