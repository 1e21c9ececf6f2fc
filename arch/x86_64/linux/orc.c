// SPDX-License-Identifier: GPL-3.0-or-later
/* orc.c - decodes the kernel's ORC unwind table, all layouts since 4.14, to unwind rules.
 * A row has 6 bytes: s16 sp_offset, s16 bp_offset, u16 flags; its address is a self-relative s32 in
 * a parallel table (arch/x86/include/asm/orc_types.h). unwind.c follows the rules. */
#include "arch/x86_64/linux/linux.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ORC_ROW_SIZE 6

enum orc_layout {
	ORC_V1, /* up to 6.2: type in bits 8-9, end in bit 10 */
	ORC_V2, /* 6.3: signal in bit 10, end in bit 11 (ffb1b4a41016) */
	ORC_V3, /* 6.4: type in bits 8-10 with UNDEFINED and END, signal in bit 11 (fb799447ae29) */
	ORC_V4, /* 7.1: as V3 with the registers renumbered (1735858caa4b) */
};

/* The register from which a row computes the CFA. */
struct orc_base {
	int8_t reg; /* X86_*, or one of those below */
	bool deref, deref_first;
};
#define BASE_NONE    (-1)
#define BASE_PREV_SP (-2)

// clang-format off
static const struct orc_base base_old[16] = {
	[0] = { BASE_NONE, 0, 0 },    [1] = { BASE_PREV_SP, 0, 0 }, [2] = { X86_RDX, 0, 0 },
	[3] = { X86_RDI, 0, 0 },      [4] = { X86_RBP, 0, 0 },      [5] = { X86_RSP, 0, 0 },
	[6] = { X86_R10, 0, 0 },      [7] = { X86_R13, 0, 0 },      [8] = { X86_RBP, 1, 0 },
	[9] = { X86_RSP, 1, 1 },
	[10 ... 15] = { BASE_NONE, 0, 0 },
};
static const struct orc_base base_new[16] = {
	[0] = { BASE_NONE, 0, 0 },    [1] = { X86_RAX, 0, 0 },      [2] = { X86_RDX, 0, 0 },
	[3] = { X86_RSP, 0, 0 },      [4] = { X86_RBP, 0, 0 },      [5] = { X86_RDI, 0, 0 },
	[6] = { X86_R10, 0, 0 },      [7] = { X86_R13, 0, 0 },      [8] = { BASE_PREV_SP, 0, 0 },
	[9] = { X86_RSP, 1, 1 },      [10] = { X86_RBP, 1, 0 },
	[11 ... 15] = { BASE_NONE, 0, 0 },
};
// clang-format on

/* The first bytes of the hash in .orc_header (scripts/orc_hash.sh, b9f174c811e3). */
static const struct {
	uint8_t start[4];
	enum orc_layout layout;
} header_hashes[] = {
	{ { 0xfe, 0x5d, 0x32, 0xbf }, ORC_V3 },
	{ { 0xdb, 0x84, 0xae, 0xd4 }, ORC_V2 },
	{ { 0x13, 0x7c, 0x36, 0xad }, ORC_V4 },
};

/* orc_fp_entry is a constant CALL row with bp saved relative to the CFA: its type and bp_reg fields
 * show the numbering in use. V1 and V2 look the same there. */
static int layout_from_fp_entry(int flags)
{
	int bp_reg = flags >> 4 & 15;
	int type = flags >> 8 & 7;

	if (type == 2)
		return bp_reg == 8 ? ORC_V4 : bp_reg == 1 ? ORC_V3 : -1;
	return -1;
}

int x86_orc_layout(const uint8_t *header, int fp_entry_flags, const char *release)
{
	unsigned major = 0, minor = 0;
	int layout;

	for (size_t i = 0; header && i < sizeof(header_hashes) / sizeof(header_hashes[0]); i++)
		if (memcmp(header, header_hashes[i].start, 4) == 0)
			return header_hashes[i].layout;
	layout = fp_entry_flags >= 0 ? layout_from_fp_entry(fp_entry_flags) : -1;
	if (layout >= 0)
		return layout;
	// Only the header, which 6.3.0 lacks, distinguishes 6.3 from earlier versions.
	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		return ORC_V1;
	// Type 0 is CALL only before 6.4; other words have a numbering that is not known yet.
	if (fp_entry_flags >= 0 && (fp_entry_flags >> 8 & 7) == 0)
		return major == 6 && minor == 3 ? ORC_V2 : ORC_V1;
	if (major > 7 || (major == 7 && minor >= 1))
		return ORC_V4;
	if (major == 7 || (major == 6 && minor >= 4))
		return ORC_V3;
	return major == 6 && minor == 3 ? ORC_V2 : ORC_V1;
}

static enum rule_kind kind_old(unsigned flags, unsigned sp_reg, bool end)
{
	static const enum rule_kind kinds[4] = { RULE_CALL, RULE_REGS, RULE_REGS_PARTIAL,
						 RULE_UNDEFINED };

	if (sp_reg == 0)
		return end ? RULE_END : RULE_UNDEFINED;
	return kinds[flags >> 8 & 3];
}

static enum rule_kind kind_new(unsigned flags)
{
	static const enum rule_kind kinds[8] = { RULE_UNDEFINED, RULE_END,	    RULE_CALL,
						 RULE_REGS,	 RULE_REGS_PARTIAL, RULE_UNDEFINED,
						 RULE_UNDEFINED, RULE_UNDEFINED };

	return kinds[flags >> 8 & 7];
}

static void decode_row(int layout, const uint8_t row[ORC_ROW_SIZE], struct unwind_rule *ret)
{
	const struct orc_base *bases = layout == ORC_V4 ? base_new : base_old;
	unsigned flags = load_u16(row + 4);
	unsigned sp_reg = flags & 15;
	const struct orc_base *base = &bases[sp_reg];
	const struct orc_base *bp = &bases[flags >> 4 & 15];

	if (layout <= ORC_V2)
		ret->kind = kind_old(flags, sp_reg, flags >> (layout == ORC_V1 ? 10 : 11) & 1);
	else
		ret->kind = kind_new(flags);
	if (layout == ORC_V1) // there is no signal bit: saved registers imply it
		ret->signal = ret->kind == RULE_REGS || ret->kind == RULE_REGS_PARTIAL;
	else
		ret->signal = flags >> (layout == ORC_V2 ? 10 : 11) & 1;
	ret->cfa_reg = base->reg;
	ret->cfa_deref = base->deref;
	ret->deref_first = base->deref_first;
	ret->cfa_off = (int16_t)load_u16(row);
	ret->bp_off = (int16_t)load_u16(row + 2);
	ret->bp = bp->reg == BASE_PREV_SP	     ? RULE_BP_AT_CFA
		  : bp->reg == X86_RBP && !bp->deref ? RULE_BP_AT_BP
						     : RULE_BP_SAME;
	if (base->reg < 0 && ret->kind != RULE_END)
		ret->kind = RULE_UNDEFINED;
}

static vs_status row_start(const struct unwind_table *t, uint32_t i, kva_t *ret, struct err *err)
{
	kva_t at = t->ip_va + (kva_t)i * 4;
	uint32_t rel;
	vs_status st = mem_read_u32(t->mem, at, &rel, err);

	if (st)
		return fail_ctx(err, st, "ORC address table");
	*ret = at + (uint64_t)(int64_t)(int32_t)rel;
	return VS_OK;
}

static vs_status read_row(const struct unwind_table *t, uint32_t i, struct unwind_rule *ret,
			  struct err *err)
{
	uint8_t row[ORC_ROW_SIZE];
	struct unwind_rule r = { 0 };
	vs_status st;

	if (i >= t->n)
		return fail(err, VS_NOTFOUND, "ORC row %u of %u", i, t->n);
	st = row_start(t, i, &r.start, err);
	if (st == VS_OK && i + 1 < t->n)
		st = row_start(t, i + 1, &r.end, err);
	else
		r.end = UINT64_MAX;
	if (st == VS_OK)
		st = mem_read(t->mem, t->rule_va + (kva_t)i * ORC_ROW_SIZE, row, sizeof(row), err);
	if (st)
		return fail_ctx(err, st, "ORC row %u", i);
	decode_row(t->layout, row, &r);
	r.row = i;
	*ret = r;
	return VS_OK;
}

/* Returns where the second row starts. Entry code calls error_entry() when only the CPU's frame is
 * on the stack; error_entry() saves all registers below it. It may end in a jump to sync_regs() (in
 * 6.12; 6.1 calls it), which returns to the entry code with the new stack pointer in rax, for one
 * instruction (520a7e80c96d, 6.0). Only after that does the table say that registers are saved. But
 * they already are at the last byte of the call, where a return address is looked up. So the second
 * row starts there. */
static kva_t border(const struct unwind_table *t, const struct unwind_rule *before,
		    const struct unwind_rule *after)
{
	static const uint8_t mov_rax_rsp[] = { 0x48, 0x89, 0xc4 };
	uint8_t b[5 + sizeof(mov_rax_rsp)];
	size_t end = sizeof(b);
	kva_t at;

	if (before->kind != RULE_REGS_PARTIAL || after->kind != RULE_REGS ||
	    mem_read(t->code, after->start - sizeof(b), b, sizeof(b), NULL))
		return after->start;
	if (memcmp(b + 5, mov_rax_rsp, sizeof(mov_rax_rsp)) == 0)
		end = 5;
	at = after->start - (sizeof(b) - end) - 1;
	return b[end - 5] == 0xe8 && at > before->start ? at : after->start;
}

vs_status x86_orc_row(const struct unwind_table *t, uint32_t i, struct unwind_rule *ret,
		      struct err *err)
{
	struct unwind_rule r, other;
	vs_status st = read_row(t, i, &r, err);

	if (st)
		return st;
	if (r.kind == RULE_REGS && i > 0 && read_row(t, i - 1, &other, NULL) == VS_OK)
		r.start = border(t, &other, &r);
	else if (r.kind == RULE_REGS_PARTIAL && read_row(t, i + 1, &other, NULL) == VS_OK)
		r.end = border(t, &r, &other);
	*ret = r;
	return VS_OK;
}

vs_status x86_orc_find(const struct unwind_table *t, kva_t pc, struct unwind_rule *ret,
		       struct err *err)
{
	uint32_t lo = 0, hi = t->n;
	vs_status st;

	// Invariant: rows below lo start at or before pc, rows from hi on start after it.
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		kva_t start = 0;

		st = row_start(t, mid, &start, err);
		if (st)
			return st;
		if (start <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0)
		return fail(err, VS_NOTFOUND, "no ORC row for %#" PRIx64, pc);
	st = x86_orc_row(t, lo - 1, ret, err);
	return st == VS_OK && pc >= ret->end ? x86_orc_row(t, lo, ret, err) : st;
}
