// SPDX-License-Identifier: GPL-3.0-or-later
/* exec.c - `vmstub --exec`: runs verbs without gdb.
 * In: a list of commands, a file of them, or standard input. Out: standard output. */
#include "stub/exec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/gdb/vmtarget.h"
#include "stub/monitor/monitor.h"

/* Text is printed in pieces of this size. */
#define PRINT_BYTES 4096

/* Prints a verb's text as it comes. Returns false, which ends the verb, if nobody can read it. */
static bool print_lines(void *ctx, const char *text, size_t len)
{
	struct buf_drain *d = ctx;

	if (len < PRINT_BYTES)
		return false;
	fwrite(text, 1, len, stdout);
	d->stopped = ferror(stdout);
	return true;
}

/* Prints the rest of a verb's output and why it failed, in order with other verbs. */
static void print_verb(void *ctx, vs_status st, const struct err *why)
{
	struct buf *out = ctx;

	fwrite(buf_str(out), 1, out->len, stdout);
	buf_reset(out);
	fflush(stdout);
	if (ferror(stdout))
		out->drain->stopped = true;
	else if (st)
		fprintf(stderr, "vmstub: %s\n", why->msg);
}

static vs_status run_lines(struct vmtarget *t, const char *lines, struct buf *out)
{
	struct monitor no_dump = { .k = NULL };
	struct err err;

	return t ? vmtarget_exec(t, lines, out, print_verb, out, &err)
		 : monitor_run_list(&no_dump, lines, out, print_verb, out, &err);
}

/* Each line runs when it arrives: a program may write the next one after it has read the answer. */
static vs_status run_file(struct vmtarget *t, const char *path, struct buf *out)
{
	AUTO_FREE char *line = NULL;
	vs_status first = VS_OK;
	size_t cap = 0;
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");

	if (!f) {
		log_error("%s: %s", path, strerror(errno));
		return VS_IO;
	}
	while (!buf_stopped(out) && !vmtarget_quit(t) && getline(&line, &cap, f) > 0) {
		vs_status st = run_lines(t, line, out);

		first = first ? first : st;
	}
	if (f != stdin)
		fclose(f);
	return first;
}

vs_status exec_run(struct vmtarget *t, const char *input, const char *lines)
{
	struct buf_drain drain = { .take = print_lines, .ctx = &drain };
	struct buf out = { .drain = &drain };
	vs_status first = VS_OK, st = VS_OK;

	if (input)
		first = run_file(t, input, &out);
	if (lines && !(t && vmtarget_quit(t)))
		st = t && strcmp(lines, "-") == 0 ? run_file(t, lines, &out)
						  : run_lines(t, lines, &out);
	buf_deinit(&out);
	if (ferror(stdout)) {
		// It is no error worth a message if the reader has closed the pipe.
		if (errno != EPIPE)
			fputs("vmstub: cannot write to standard output\n", stderr);
		return VS_IO;
	}
	return first ? first : st;
}
