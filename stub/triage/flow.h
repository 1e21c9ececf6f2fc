// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* flow.h - where a register's value came from: follows it back through a function's instructions,
 * as far as all ways to a place agree. */
#include "stub/linux_arch.h"

struct kernel;
struct flow;

enum flow_kind {
	FLOW_UNKNOWN,
	FLOW_ENTRY,   /* an argument: register reg, at the function's entry */
	FLOW_LOAD,    /* the instruction loaded it from memory */
	FLOW_ADDRESS, /* the instruction computed the address of its memory operand */
	FLOW_VALUE,   /* the instruction has a constant */
	FLOW_RESULT,  /* the called function returned it */
};

struct flow_source {
	enum flow_kind kind;
	int reg;
	kva_t at; /* of the instruction */
	struct insn insn;
};

/* Decodes the function [start, end). The caller closes *ret. VS_UNSUPPORTED: built without a
 * disassembler. */
vs_status flow_open(struct kernel *k, kva_t start, kva_t end, struct flow **ret, struct err *err);
void flow_close(struct flow *f);

/* The instruction at va; NULL: none starts there. */
const struct insn *flow_insn(const struct flow *f, kva_t va);

/* What the register holds just before the instruction at va. Moves between registers are followed,
 * and reg is then the register at the source. */
struct flow_source flow_source(const struct flow *f, int reg, kva_t va);
/* Has the register, just before the instruction at `late`, the value that it had before the one at
 * `early`, from which `late` is reached? */
bool flow_unchanged(const struct flow *f, int reg, kva_t early, kva_t late);
