// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* monitor.h - the verbs for kernel engineers: a line of text in, text out; gdb is not needed.
 * Each verb has a file, cmd_NAME.c, that ends with its table; verbs.c lists them. */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct document;
struct kernel;
struct module;

/* The state that verbs use. The owner sets the selection before each line. */
struct monitor {
	struct kernel *k;
	kva_t task;	 /* of the selected thread, 0 unknown */
	unsigned cpu;	 /* of the selected thread */
	bool quit;	 /* a list of lines has ended with `quit`; the owner may reset it */
	bool scroll_off; /* `set scroll off`: the owner shows no pager */
	bool alone;	 /* --exec: no gdb, so standard input is not the protocol */
	kva_t pc;	 /* of the selected thread, 0 unknown; dis marks it with `=>` */
	/* Called when a module's file, or whether gdb should see it, changed; may be NULL. */
	void (*module_changed)(void *ctx, struct module *mod);
	/* Make a task a thread in gdb; *number is gdb's number for it. Appends lines about the
	 * files of its program. May be NULL. */
	vs_status (*choose_task)(void *ctx, kva_t task, unsigned *number, struct buf *about,
				 struct err *err);
	void *ctx;
	struct document *json; /* of the verb that runs with --json; NULL: text */
};

#define MONITOR_MAX_ARGS 64

/* Run one line ("verb arg ..."; quotes as in gdb). It may write to out even if it fails.
 * VS_INVAL: unknown verb or wrong usage. */
vs_status monitor_run(struct monitor *m, const char *line, struct buf *out, struct err *err);
/* What follows a verb for a shell, as in crash: `ps | grep init`, `log > file`. */
enum monitor_shell {
	SHELL_NONE,
	SHELL_PIPE,	  /* "| COMMAND", and no other '|' before it */
	SHELL_FILE,	  /* the last two words are "> FILE" or ">> FILE" */
	SHELL_FILE_JOINED /* the last word is ">FILE" or ">>FILE" */
};
/* Which of these is in the line? Others, such as `log>a >b`, which monitor_run() refuses with a
 * hint as it does these, are SHELL_NONE. */
enum monitor_shell monitor_shell(const char *line);
/* Are these arguments of kbt and not of gdb's backtrace: crash's options, and tasks that exist?
 * *number: only a number, which gdb would take for a COUNT. */
bool monitor_is_kbt(struct monitor *m, const char *arguments, bool *number);
/* How one line of a list ended: its status and, unless VS_OK, why. */
typedef void (*monitor_done)(void *ctx, vs_status st, const struct err *why);
/* Run several lines separated by ';' or newlines, up to `q`, `quit` or `exit`, even if one fails.
 * Lines that start with '#' are comments. Their output goes to out; done(), called
 * after each line unless NULL, may take it from there. Returns the first failure. */
vs_status monitor_run_list(struct monitor *m, const char *lines, struct buf *out, monitor_done done,
			   void *ctx, struct err *err);
