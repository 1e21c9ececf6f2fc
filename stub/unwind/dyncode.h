// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* dyncode.h - code that the kernel generated at run time: BPF programs and trampolines, copies of
 * ftrace's entry, slots of kprobes. It belongs to no module and has no ORC. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/arch.h"
#include "stub/symbols/symtab.h"

struct kernel;

enum dyncode_kind {
	DYNCODE_BPF,	/* has a frame pointer */
	DYNCODE_FTRACE, /* a copy of assembly that has ORC */
	DYNCODE_KPROBE, /* a slot for moved instructions of unknown use */
	DYNCODE_SLOT,	/* one instruction that a kprobe moved to single-step it */
	DYNCODE_DETOUR, /* the target of an optimized kprobe's jump: a copy of
			   optprobe_template_entry, followed by the moved instructions */
};

struct dyncode {
	kva_t start, end;
	enum dyncode_kind kind;
	kva_t origin, origin_end;  /* DYNCODE_FTRACE: the original code; 0: unknown. DYNCODE_SLOT
				      and DETOUR: the place of the moved instructions */
	uint16_t args, call, copy; /* DYNCODE_DETOUR: offsets of where registers are saved, of the
				      handler's call, and of the moved instructions */
};

struct dyncodes {
	struct dyncode *v; /* ascending, without overlaps */
	size_t n;
	struct symtab *syms;
};

/* Load, once, the code on the kernel's lists (bpf_kallsyms, ftrace_ops_trampoline_list, the pages
 * of both kprobe_insn_cache); a list that cannot be read counts as empty. */
vs_status kernel_need_dyncodes(struct kernel *k, struct dyncodes **ret, struct err *err);

/* The one that contains va, or NULL. */
const struct dyncode *dyncode_at(struct kernel *k, kva_t va);
/* The first one that ends above va, or NULL. */
const struct dyncode *dyncode_after(struct kernel *k, kva_t va);
/* The name in /proc/kallsyms, and the owner that is in brackets there: "bpf". NULL: none. */
const struct symbol *dyncode_symbol(struct kernel *k, kva_t va, const char **owner);

/* The unwind rule for pc in d, valid from ret->start to ret->end. */
vs_status dyncode_rule(struct kernel *k, const struct dyncode *d, kva_t pc, struct unwind_rule *ret,
		       struct err *err);

/* Is the page of va executable and not just filled with traps? Executable code that belongs to no
 * module and no known dyncode can only be a classic BPF filter; the kernel records no name for
 * those. The answer is valid at least up to *end. */
bool dyncode_page(struct kernel *k, kva_t va, kva_t *end);
