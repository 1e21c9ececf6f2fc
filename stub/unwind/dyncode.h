// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* dyncode.h - code that the kernel wrote itself at run time: BPF programs and trampolines, copies
 * of ftrace's entry, slots of kprobes. It is in no module and has no ORC. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/arch.h"
#include "stub/symbols/symtab.h"

struct kernel;

enum dyncode_kind {
	DYNCODE_BPF,	/* keeps a frame pointer */
	DYNCODE_FTRACE, /* a copy of assembly that has ORC */
	DYNCODE_KPROBE, /* room for moved instructions: nothing is known of it */
	DYNCODE_SLOT,	/* one instruction that a kprobe moved, to run it alone */
	DYNCODE_DETOUR, /* what an optimized kprobe jumps to: a copy of optprobe_template_entry,
			   and behind it the moved instructions */
};

struct dyncode {
	kva_t start, end;
	enum dyncode_kind kind;
	kva_t origin, origin_end;  /* DYNCODE_FTRACE: what it is a copy of; 0: unknown. DYNCODE_SLOT
				      and DETOUR: the instructions that were moved */
	uint16_t args, call, copy; /* DYNCODE_DETOUR: offsets of where registers are saved, of the
				      handler's call, and of the moved instructions */
};

struct dyncodes {
	struct dyncode *v; /* rising, not overlapping */
	size_t n;
	struct symtab *syms;
};

/* All that the kernel's lists name (bpf_kallsyms, ftrace_ops_trampoline_list, the pages of both
 * kprobe_insn_cache), loaded once; a list that cannot be read counts as empty. */
vs_status kernel_need_dyncodes(struct kernel *k, struct dyncodes **ret, struct err *err);

/* The one that va lies in, or NULL. */
const struct dyncode *dyncode_at(struct kernel *k, kva_t va);
/* The first one that ends above va, or NULL. */
const struct dyncode *dyncode_after(struct kernel *k, kva_t va);
/* Its name as in /proc/kallsyms, and there in brackets the owner: "bpf". NULL: none. */
const struct symbol *dyncode_symbol(struct kernel *k, kva_t va, const char **owner);

/* How the caller of a frame at pc in d is found; ret->start and end say how far that holds. */
vs_status dyncode_rule(struct kernel *k, const struct dyncode *d, kva_t pc, struct unwind_rule *ret,
		       struct err *err);

/* Is the page of va executable and not only filled with traps? Such code, when neither the kernel
 * nor a module nor a dyncode, is a BPF program that the kernel has no name for: a classic filter.
 * *end: how far the answer holds at least. */
bool dyncode_page(struct kernel *k, kva_t va, kva_t *end);
