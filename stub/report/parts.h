// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* parts.h - the parts of a report; private to stub/report. Each fills its fields of *r, or says in
 * r->missing why it cannot. */
#include "stub/report/crash_report.h"

struct fault;
struct frame;
struct task;

/* A copy of the text that lives as long as the report; unprintable bytes of a text from the dump
 * become '?'. "" without memory, and then r->no_memory. */
const char *crash_copy(struct crash_report *r, const char *s);
const char *crash_printf(struct crash_report *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Records that a field is unknown, and why. */
void crash_miss(struct crash_report *r, const char *field, const char *why);

/* The trace, and from it the kind of crash and its context: trace.c */
void crash_take_trace(struct kernel *k, const struct fault *f, struct crash_report *r);
/* Unwinds the stack of a task. *ret: *n frames, the caller's to free, also after a failure, when
 * they are those before it. */
vs_status crash_unwind(struct kernel *k, const struct task *t, struct frame **ret, size_t *n,
		       struct err *err);
/* Adds the frames [from, n) of a stack to *to, up to user mode; false: not all had room. */
bool crash_add_frames(struct kernel *k, const struct frame *frames, size_t from, size_t n,
		      struct crash_report *r, struct crash_frames *to);
/* The task that hung, if that is why the kernel panicked; must follow crash_take_trace(): hung.c */
void crash_take_hung(struct kernel *k, const struct fault *f, struct crash_report *r);
/* The task that a watchdog on another CPU found to be stuck; must follow crash_take_trace():
 * stalled.c */
void crash_take_stalled(struct kernel *k, const struct fault *f, struct crash_report *r);
/* Must follow all of these: signature.c */
void crash_take_signature(struct crash_report *r);
/* Is this function part of the ways in which the kernel panics, or enters and leaves contexts, so
 * that it says nothing about the cause? name: without suffixes. *context: if not NULL, set for a
 * function that begins a context. */
bool crash_is_generic(const char *name, const char **context);
/* The modules that may have to do with it: culprits.c. Must follow crash_take_trace(). */
void crash_take_culprits(struct kernel *k, struct crash_report *r);
/* usage.c */
void crash_take_memory(struct kernel *k, struct crash_report *r);
/* cycles.c */
void crash_take_locks(struct kernel *k, struct crash_report *r);
/* system.c */
void crash_take_system(struct kernel *k, struct crash_report *r);
