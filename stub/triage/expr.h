// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* expr.h - what a register's value is called in the source: a variable, or how a chain of members
 * led to it. */
#include "stub/base/buf.h"
#include "stub/symbols/types.h"
#include "stub/triage/flow.h"

struct kernel;

enum expr_basis {
	EXPR_VARIABLE, /* debug information says which variable is in the register */
	EXPR_FLOW,     /* the function's instructions loaded it from there */
};

struct expr {
	struct buf text; /* "vdev->stats"; empty: no name is known */
	enum expr_basis basis;
	int64_t off; /* the expression is the register's value plus this */
	struct types *types;
	type_ref points_to; /* what it points to; 0: unknown */
	char type[128];	    /* the same in words: "struct l2w_stats"; "" unknown */
};

/* A function with an instruction of interest. */
struct code_at {
	struct kernel *k;
	kva_t start, end;  /* of the function */
	const char *name;  /* its symbol */
	struct flow *flow; /* NULL: not decoded */
};

/* The expression for register reg, just before the instruction at va. The caller frees it with
 * expr_free(); its text is empty if there is none. */
void expr_of_register(const struct code_at *c, int reg, kva_t va, struct expr *ret);
/* The same by the instructions alone, for the memory operand of an instruction at va that loads a
 * pointer. */
void expr_of_load(const struct code_at *c, const struct insn *in, kva_t va, struct expr *ret);
/* The member at this offset of what the expression points to; size: of the access, or 0. Appends
 * "->member" to out, and its name to member. */
bool expr_member(const struct expr *e, int64_t off, unsigned size, struct buf *member,
		 struct type_field *ret);
/* The part of a variable of known type at an address: "l2w_vdevs[1].stats". */
bool expr_of_address(struct kernel *k, kva_t va, unsigned size, struct buf *out);
void expr_free(struct expr *e);
