// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* rethook.h - return addresses on the stack that a tracer replaced, so that the function returns to
 * the tracer first: kretprobes (and other users of rethook), and the function graph tracer. The
 * original ones are in lists of the task. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/arch.h"

struct kernel;

/* *pc was read from slot, on a stack of this task (0: unknown). VS_OK: *pc is now the original
 * return address (usually unchanged). VS_NOTFOUND: it was replaced, and none of the kernel's lists
 * has the original. */
vs_status rethook_return(struct kernel *k, kva_t task, kva_t slot, uint64_t *pc, struct err *err);

/* The rule in a tracer's code where ORC has none: the caller is the function's original caller.
 * VS_NOTFOUND: pc is elsewhere. */
vs_status rethook_rule(struct kernel *k, kva_t pc, struct unwind_rule *ret);

/* The same for gdb, which reads the return address from the stack: END where rethook_show() does
 * not show it. */
vs_status rethook_gdb_rule(struct kernel *k, kva_t pc, struct unwind_rule *ret);

/* Where the i-th tracer's code begins; 0: this kernel has none. False: there is no i-th. */
bool rethook_code(struct kernel *k, unsigned i, kva_t *ret);

/* rethook_return() for memory that gdb reads: replaces such words in data, len bytes from va on, if
 * the original is known. */
void rethook_show(struct kernel *k, kva_t va, void *data, size_t len);
