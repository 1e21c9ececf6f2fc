// SPDX-License-Identifier: GPL-3.0-or-later
/* ehframe.c - writes unwind rules as .eh_frame.
 * There are two CIEs: one for frames that called, one (augmentation "S") for interrupted frames,
 * where gdb looks up pc and not pc - 1. Addresses are absolute and have 8 bytes, the default
 * without a 'z' augmentation. Rules of calls that follow one another share an FDE, one row each: a
 * kernel without vmlinux has half a million of them, and gdb reads the head of every FDE first. */
#include "stub/elf/ehframe.h"

#include <dwarf.h>
#include <string.h>

#include "stub/base/cleanup.h"

#define MAX_ROWS 64 /* of an FDE: gdb carries out all rows before the one it looks for */

void ehframe_deinit(struct ehframe *w)
{
	buf_deinit(&w->out);
	buf_deinit(&w->insns[0]);
	buf_deinit(&w->insns[1]);
}

static void put_u32(struct buf *b, uint32_t v)
{
	buf_put(b, &v, sizeof(v));
}

static void put_u64(struct buf *b, uint64_t v)
{
	buf_put(b, &v, sizeof(v));
}

#define FDE_RANGE 16 /* offset in an FDE: after length, CIE pointer and start */

/* Fills in the length field at from, now that the entry is complete. */
static void finish_entry(struct buf *b, size_t from)
{
	uint32_t len;

	while ((b->len - from) % 8 && !b->oom)
		buf_putc(b, DW_CFA_nop);
	if (b->oom)
		return;
	len = (uint32_t)(b->len - from - sizeof(len));
	memcpy(b->p + from, &len, sizeof(len));
}

/* Uses the alignment factors that arch->rule_cfi expects, and no initial instructions: each FDE has
 * the whole rule. */
static size_t put_cie(struct ehframe *w, const char *augmentation)
{
	struct buf *b = &w->out;
	size_t from = b->len;

	put_u32(b, 0);
	put_u32(b, 0); // CIE id in .eh_frame
	buf_putc(b, 1);
	buf_put(b, augmentation, strlen(augmentation) + 1);
	buf_putc(b, 1);				   // code alignment
	buf_putc(b, -8 & 0x7f);			   // data alignment, sleb128
	buf_putc(b, (char)w->arch->cfi_ra_column); // a byte in version 1
	finish_entry(b, from);
	return from;
}

static void close_fde(struct ehframe *w)
{
	uint64_t len = w->end - w->start;

	if (w->start == w->end)
		return;
	if (!w->out.oom)
		memcpy(w->out.p + w->fde + FDE_RANGE, &len, sizeof(len));
	finish_entry(&w->out, w->fde);
	w->start = w->end;
}

static void open_fde(struct ehframe *w, kva_t start, bool signal)
{
	struct buf *b = &w->out;

	close_fde(w);
	w->fde = b->len;
	w->start = w->row = start;
	w->rows = 0;
	w->signal = signal;
	put_u32(b, 0);
	put_u32(b, (uint32_t)(b->len - w->cie[signal])); // back from here to the CIE
	put_u64(b, start);
	put_u64(b, 0); // close_fde() fills it in
}

/* The distance from one row to the next; the code alignment is 1. */
static void put_advance(struct buf *b, uint32_t distance)
{
	size_t len = distance <= UINT8_MAX ? 1 : distance <= UINT16_MAX ? 2 : 4;

	if (distance < 1u << 6) {
		buf_putc(b, (char)(DW_CFA_advance_loc | distance));
		return;
	}
	buf_putc(b, len == 1   ? DW_CFA_advance_loc1
		    : len == 2 ? DW_CFA_advance_loc2
			       : DW_CFA_advance_loc4);
	buf_put(b, &distance, len); // little endian
}

static bool same_insns(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

/* Can the rule be a further row of the open FDE? Registers that a signal frame saves would remain
 * saved in the next row. */
static bool extends_fde(const struct ehframe *w, const struct unwind_rule *rule, bool signal)
{
	return w->start != w->end && w->end == rule->start && !w->signal && !signal &&
	       w->rows < MAX_ROWS && rule->start - w->row <= UINT32_MAX;
}

void ehframe_put(struct ehframe *w, const struct unwind_rule *rule)
{
	struct buf *insns = &w->insns[!w->turn];
	bool signal = false;

	if (rule->start >= rule->end)
		return;
	buf_reset(insns);
	if (!w->arch->rule_cfi(rule, insns, &signal)) {
		close_fde(w);
		return;
	}
	w->out.oom |= insns->oom;
	if (w->start != w->end && w->end == rule->start && w->signal == signal &&
	    same_insns(insns, &w->insns[w->turn])) {
		w->end = rule->end;
		return;
	}
	if (!extends_fde(w, rule, signal))
		open_fde(w, rule->start, signal);
	else
		put_advance(&w->out, (uint32_t)(rule->start - w->row));
	buf_put(&w->out, insns->p, insns->len);
	w->turn = !w->turn;
	w->row = rule->start;
	w->end = rule->end;
	w->rows++;
}

void ehframe_init(struct ehframe *w, const struct arch_ops *arch)
{
	*w = (struct ehframe){ .arch = arch };
	w->cie[0] = put_cie(w, "");
	w->cie[1] = put_cie(w, "S");
}

vs_status ehframe_take(struct ehframe *w, struct buf *out, struct err *err)
{
	close_fde(w);
	put_u32(&w->out, 0); // terminator
	if (w->out.oom)
		return fail(err, VS_NOMEM, "no memory for the frames");
	// CIE pointers are 32 bits wide.
	if (w->out.len > INT32_MAX)
		return fail(err, VS_UNSUPPORTED, "%zu bytes of frames are too many", w->out.len);
	buf_deinit(out);
	*out = w->out;
	w->out = (struct buf){ 0 };
	return VS_OK;
}

vs_status ehframe_build(const struct arch_ops *arch, const struct unwind_rule *rules, size_t n,
			struct buf *out, struct err *err)
{
	AUTO(ehframe) frames = { 0 };

	ehframe_init(&frames, arch);
	for (size_t i = 0; i < n; i++)
		ehframe_put(&frames, &rules[i]);
	return ehframe_take(&frames, out, err);
}
