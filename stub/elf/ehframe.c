// SPDX-License-Identifier: GPL-3.0-or-later
/* ehframe.c - writes unwind rules as .eh_frame.
 * There are two CIEs: one for frames that called, one (augmentation "S") for interrupted frames,
 * where gdb looks up pc and not pc - 1. Addresses are absolute and have 8 bytes, the default
 * without a 'z' augmentation. */
#include "stub/elf/ehframe.h"

#include <dwarf.h>
#include <string.h>

#include "stub/base/cleanup.h"

struct frame_writer {
	const struct arch_ops *arch;
	struct buf out;	     /* .eh_frame */
	size_t cie[2];	     /* offset of each CIE; [1] has augmentation "S" */
	struct buf insns[2]; /* of the open FDE and of the current rule, alternating */
	unsigned turn;	     /* which of them belongs to the open FDE */
	kva_t start, end;    /* of the open FDE; equal if none is open */
	bool signal;
};

static void frame_writer_deinit(struct frame_writer *w)
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
static size_t put_cie(struct frame_writer *w, const char *augmentation)
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

static void close_fde(struct frame_writer *w)
{
	const struct buf *insns = &w->insns[w->turn];
	struct buf *b = &w->out;
	size_t from = b->len;

	if (w->start == w->end)
		return;
	put_u32(b, 0);
	put_u32(b, (uint32_t)(b->len - w->cie[w->signal])); // back from here to the CIE
	put_u64(b, w->start);
	put_u64(b, w->end - w->start);
	buf_put(b, insns->p, insns->len);
	finish_entry(b, from);
	w->start = w->end;
}

static bool same_insns(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

static void put_rule(struct frame_writer *w, const struct unwind_rule *rule)
{
	struct buf *insns = &w->insns[!w->turn];
	bool signal = false;

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
	close_fde(w);
	w->turn = !w->turn;
	w->start = rule->start;
	w->end = rule->end;
	w->signal = signal;
}

static vs_status put_frames(struct frame_writer *w, const struct unwind_rule *rules, size_t n,
			    struct err *err)
{
	w->cie[0] = put_cie(w, "");
	w->cie[1] = put_cie(w, "S");
	for (size_t i = 0; i < n; i++)
		if (rules[i].start < rules[i].end)
			put_rule(w, &rules[i]);
	close_fde(w);
	put_u32(&w->out, 0); // terminator
	if (w->out.oom)
		return fail(err, VS_NOMEM, "no memory for the frames of %zu rules", n);
	// CIE pointers are 32 bits wide.
	if (w->out.len > INT32_MAX)
		return fail(err, VS_UNSUPPORTED, "%zu rules are too many", n);
	return VS_OK;
}

vs_status ehframe_build(const struct arch_ops *arch, const struct unwind_rule *rules, size_t n,
			struct buf *out, struct err *err)
{
	AUTO(frame_writer) frames = { .arch = arch };
	vs_status st = put_frames(&frames, rules, n, err);

	if (st)
		return st;
	buf_deinit(out);
	*out = frames.out;
	frames.out = (struct buf){ 0 };
	return VS_OK;
}
