// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* explain.h - parts of the verb explain; private to cmd_explain.c and explain_*.c. */
#include "stub/monitor/cmd.h"
#include "stub/triage/expr.h"
#include "stub/triage/fault.h"

struct explain {
	struct monitor *m;
	const struct fault *f;
	struct buf *out;
};

/* The instruction with the fault. */
struct access {
	struct explain *x;
	const struct regs *regs; /* they hold before pc; some may be unknown */
	kva_t pc;
	size_t frame;	/* index of its frame */
	bool by_memory; /* a value was read from memory, which may have changed since */
	struct code_at code;
	struct insn insn;
	bool known; /* the registers give the address */
	uint64_t address;
	bool confirmed; /* and the log has the same */
};

/* A line's label, in front of its text: "FAULT: ". */
void explain_label(struct explain *x, const char *label);
/* "func+82 [mod]  file.c: 50". pc: of the instruction, or the one to look up for a call. */
void explain_put_place(struct explain *x, kva_t pc, kva_t shown);
/* The function around va; its flow is NULL if it cannot be decoded. Close c->flow with
 * flow_close(). Returns false if no function is there. */
bool explain_code(struct explain *x, kva_t va, struct code_at *c);

/* What kind of address this is, as text: "NULL", "16 bytes after NULL", "an address of user
 * space". */
void explain_put_address(struct explain *x, uint64_t va);
/* Is a pointer with this value certainly bad, and what is it? Appends to out: "NULL",
 * "ERR_PTR(-2)", "list poison". Returns false, and appends nothing, for other values. */
bool explain_put_poison(uint64_t value, struct buf *out);
/* An address that a base register with an error code or NULL led to: "8 bytes after ERR_PTR(-22)",
 * "36 bytes before NULL", "2 bytes after NULL, or 4 bytes after ERR_PTR(-2)"; alone, the address
 * would mean another error code, or only NULL. Returns false, and appends
 * nothing, for others. */
bool explain_put_by_base(uint64_t base, uint64_t address, struct buf *out);

/* The text of the instruction at va. */
void explain_put_insn(struct explain *x, kva_t va);
/* How the register, before the instruction at va, got its value: the instruction that set it, and
 * where that is the call of the function, what the caller passed. */
void explain_origin(struct access *a, int reg, kva_t va, uint64_t value);
/* The access to memory that failed. */
void explain_access(struct explain *x);
/* A jump or call to an address without code. */
void explain_fetch(struct explain *x);
/* The slab object at va, if it is in one, and all lists of free objects can be read. */
void explain_slab(struct explain *x, kva_t va);
/* A stack that is too small: which functions fill it. */
void explain_stack(struct explain *x);
/* What the error code of a page fault means, if the log has it. */
void explain_fault_code(struct explain *x);
/* A division that failed. */
void explain_divide(struct explain *x);

/* What the kernel's watchdogs found. */
void explain_lockup(struct explain *x);
void explain_nmi(struct explain *x);
void explain_stall(struct explain *x);
void explain_hung(struct explain *x);
void explain_machine_check(struct explain *x);
/* Who holds the memory that ran out: explain_oom.c */
void explain_oom(struct explain *x);
