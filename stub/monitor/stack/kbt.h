// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kbt.h - backtraces as text; private to cmd_kbt.c, kbt_frames.c and kbt_raw.c. */
#include "stub/unwind/stack.h"
#include "stub/monitor/cmd.h"

struct kbt_opts {
	bool inlined, lines, offsets, how;
	int contents;	   /* 1: -f, 2: -F, 3: -FF */
	bool raw;	   /* -r */
	char text_symbols; /* 't', 'T' or 0 */
	bool exceptions;   /* -e */
	bool have_ip, have_sp;
	kva_t ip, sp; /* -I, -S */
};

struct kbt_print {
	struct monitor *m;
	const struct kbt_opts *o;
	const struct task *t;
	struct buf *out;
	int number;
};

/* The frames of p->t. Fails if nothing could be shown. */
vs_status kbt_put_frames(struct kbt_print *p, struct err *err);
/* crash's block for a saved register frame. */
void kbt_put_exception(struct kbt_print *p, const struct frame *f);

/* Stack words [low, high), two per line, as crash's -r, -f, -F and -FF show them. All but -f
 * print "func+12" for kernel text and data addresses; -F and -FF also name slab caches. */
enum kbt_words { KBT_WORDS_RAW, KBT_WORDS_FRAME, KBT_WORDS_SLABS, KBT_WORDS_SLABS_AT };
void kbt_put_words(struct kbt_print *p, kva_t low, kva_t high, enum kbt_words style);
/* -r, -t, -T, -e of one task. */
vs_status kbt_put_raw(struct kbt_print *p, struct err *err);
vs_status kbt_put_text_symbols(struct kbt_print *p, struct err *err);
vs_status kbt_put_exceptions(struct kbt_print *p, struct err *err);
/* -E: the interrupt and exception stacks of a CPU. */
void kbt_put_cpu_exceptions(struct kbt_print *p, unsigned cpu);
/* -v: tasks whose stack's end marker was overwritten. */
vs_status kbt_put_overflows(struct monitor *m, struct buf *out, struct err *err);
