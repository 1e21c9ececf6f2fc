// SPDX-License-Identifier: GPL-3.0-or-later
/* exec.c - `vmstub --exec`: runs verbs without gdb.
 * In: a list of commands, files of them, or standard input. Out: standard output, or a pager. */
#include "stub/exec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/gdb/vmtarget.h"
#include "stub/monitor/monitor.h"

/* Text is printed in pieces of this size. */
#define PRINT_BYTES 4096

/* Where the verbs' text goes. */
struct printer {
	struct buf_drain drain;
	struct buf out;
	const struct vmtarget *t;
	FILE *to, *errors;
	FILE *terminal; // behind the pager; NULL: there is none, or it has begun
	int error;	// errno of the first write that failed, because later calls change errno
};

/* Writes text. After a failure the drain is stopped, which ends the verb. */
static void print(struct printer *p, const char *text, size_t len, bool flush)
{
	if (p->error)
		return;
	if (len)
		p->terminal = NULL;
	if (fwrite(text, 1, len, p->to) < len || (flush && fflush(p->to))) {
		p->error = errno ? errno : EIO;
		p->drain.stopped = true;
	}
}

/* Prints a verb's text as it comes. */
static bool print_lines(void *ctx, const char *text, size_t len)
{
	if (len < PRINT_BYTES)
		return false;
	print(ctx, text, len, false);
	return true;
}

/* Prints the rest of a verb's output and why it failed, in order with other verbs. */
static void print_verb(void *ctx, vs_status st, const struct err *why)
{
	struct printer *p = ctx;

	print(p, buf_str(&p->out), p->out.len, true);
	buf_reset(&p->out);
	if (p->terminal && vmtarget_scroll_off(p->t)) {
		if (p->errors == p->to)
			p->errors = p->terminal;
		p->to = p->terminal;
	}
	if (st && !p->error) {
		fprintf(p->errors, "vmstub: %s\n", why->msg);
		fflush(p->errors);
	}
}

static vs_status run_lines(struct vmtarget *t, const char *lines, struct printer *p)
{
	struct monitor no_dump = { .k = NULL };
	struct err err;

	return t ? vmtarget_exec(t, lines, &p->out, print_verb, p, &err)
		 : monitor_run_list(&no_dump, lines, &p->out, print_verb, p, &err);
}

/* Each line runs when it arrives: a program may write the next one after it has read the answer. */
static vs_status run_file(struct vmtarget *t, const char *path, struct printer *p)
{
	AUTO_FREE char *line = NULL;
	vs_status first = VS_OK;
	size_t cap = 0;
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");

	if (!f) {
		log_error("%s: %s", path, strerror(errno));
		return VS_IO;
	}
	while (!buf_stopped(&p->out) && !vmtarget_quit(t) && getline(&line, &cap, f) > 0) {
		vs_status st = run_lines(t, line, p);

		first = first ? first : st;
	}
	if (f != stdin)
		fclose(f);
	return first;
}

vs_status exec_run(struct vmtarget *t, const struct exec_input *in)
{
	const char *const files[] = { in->rc, in->file };
	struct printer p = { .drain = { .take = print_lines, .ctx = &p },
			     .out = { .drain = &p.drain },
			     .t = t,
			     .to = stdout,
			     .errors = in->terminal && isatty(STDERR_FILENO) ? stdout : stderr,
			     .terminal = t ? in->terminal : NULL };
	vs_status first = VS_OK, st = VS_OK;

	for (size_t i = 0; t && i < 2 && !vmtarget_quit(t); i++) {
		st = files[i] ? run_file(t, files[i], &p) : VS_OK;
		first = first ? first : st;
	}
	st = VS_OK;
	if (in->lines && !(t && vmtarget_quit(t)))
		st = t && strcmp(in->lines, "-") == 0 ? run_file(t, in->lines, &p)
						      : run_lines(t, in->lines, &p);
	buf_deinit(&p.out);
	if (p.error) {
		// It is no error worth a message if the reader has closed the pipe.
		if (p.error != EPIPE)
			fprintf(stderr, "vmstub: cannot write to standard output: %s\n",
				strerror(p.error));
		return VS_IO;
	}
	return first ? first : st;
}
