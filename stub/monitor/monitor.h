// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* monitor.h - the kernel engineer's verbs: a line of text in, text out. No gdb needed.
 * A verb is one file, cmd_NAME.c, with its table at the foot; verbs.c lists them. */
#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;
struct module;

/* What the verbs act on. The owner sets the selection before each line. */
struct monitor {
	struct kernel *k;
	kva_t task;   /* of the selected thread, 0 unknown */
	unsigned cpu; /* of the selected thread */
	kva_t pc;     /* of the selected thread, 0 unknown: marks `=>` in dis */
	/* A module's file, or whether gdb is to see it, changed; may be NULL. */
	void (*module_changed)(void *ctx, struct module *mod);
	/* Make a task a thread of gdb; *number is gdb's number of it. May be NULL. */
	vs_status (*choose_task)(void *ctx, kva_t task, unsigned *number, struct err *err);
	void *ctx;
};

#define MONITOR_MAX_ARGS 64

/* Run one line ("verb arg ..."; quotes as in gdb). Text goes to out, also when it fails.
 * VS_INVAL: unknown verb or wrong usage. */
vs_status monitor_run(struct monitor *m, const char *line, struct buf *out, struct err *err);
/* How one line of a list ended: its status and, unless VS_OK, why. */
typedef void (*monitor_done)(void *ctx, vs_status st, const struct err *why);
/* Several lines separated by ';', all of them, whatever happens to one. Their text goes to out, and
 * after each done(), which may be NULL, may take it from there. Returns the first failure. */
vs_status monitor_run_list(struct monitor *m, const char *lines, struct buf *out, monitor_done done,
			   void *ctx, struct err *err);
