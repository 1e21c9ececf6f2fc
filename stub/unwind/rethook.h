// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* rethook.h - return addresses that a tracer replaced on the stack, so that the function returns to
 * it first: kretprobes (and what is built on rethook), and the function graph tracer. The true ones
 * are in lists of the task. */
#include <stddef.h>

#include "stub/arch.h"

struct kernel;

/* *pc was read from slot, on a stack of this task (0: not known). VS_OK: *pc is the true return
 * address; most are from the start. VS_NOTFOUND: it was replaced, and none of the kernel's lists
 * has the original. */
vs_status rethook_return(struct kernel *k, kva_t task, kva_t slot, uint64_t *pc, struct err *err);

/* In the code that such an address leads to, where ORC says nothing: the caller is the one that the
 * function would have returned to. VS_NOTFOUND: pc is elsewhere. */
vs_status rethook_rule(struct kernel *k, kva_t pc, struct unwind_rule *ret);

/* The same for gdb, which reads the return address from its place: END where it is not shown. */
vs_status rethook_gdb_rule(struct kernel *k, kva_t pc, struct unwind_rule *ret);

/* rethook_return() for memory read for gdb, which unwinds by itself: replaces such words in data,
 * len bytes from va on, where they are known. */
void rethook_show(struct kernel *k, kva_t va, void *data, size_t len);
