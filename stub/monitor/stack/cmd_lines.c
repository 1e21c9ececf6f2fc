// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_lines.c - lines: the log, or a trace copied from one, with file and line of each entry. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/cmd.h"
#include "stub/monitor/trace.h"
#include "stub/subsys/sys/printk.h"

struct lines_print {
	struct monitor *m;
	struct trace_found found;
	struct buf *out;
};

/* Prints a line that has entries, and their lines. */
static void put_line(struct lines_print *p, const char *text, size_t len)
{
	size_t before = p->found.entries;
	AUTO(buf) entries = { 0 };

	trace_put_lines(p->m, text, len, &p->found, &entries);
	if (p->found.entries == before)
		return;
	for (size_t i = 0; i < len; i++)
		buf_putc(p->out, text[i] == '\t' || (unsigned char)text[i] >= ' ' ? text[i] : '?');
	buf_putc(p->out, '\n');
	buf_put(p->out, entries.p, entries.len);
}

static void put_log_line(void *ctx, const struct log_record *r, const char *text, size_t len)
{
	(void)r;
	put_line(ctx, text, len);
}

static vs_status put_file(struct lines_print *p, const char *path, struct err *err)
{
	AUTO_FREE char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *f;

	// In gdb, standard input is the protocol.
	if (strcmp(path, "-") == 0 && !p->m->alone)
		return fail(err, VS_INVAL, "only --exec can read standard input");
	f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	if (!f)
		return fail(err, VS_IO, "%s: %s", path, strerror(errno));
	while (!buf_stopped(p->out) && (n = getline(&line, &cap, f)) > 0) {
		while (n && isspace((unsigned char)line[n - 1]))
			n--;
		put_line(p, line, (size_t)n);
	}
	if (f != stdin)
		fclose(f);
	return VS_OK;
}

static void put_words(struct lines_print *p, const struct args *a)
{
	AUTO(buf) text = { 0 };

	for (int i = 0; i < a->argc; i++)
		buf_printf(&text, "%s%s", i ? " " : "", a->argv[i]);
	trace_put_lines(p->m, buf_str(&text), text.len, &p->found, p->out);
}

static vs_status cmd_lines(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct lines_print p = { .m = m, .out = out };
	const char *path = cmd_value(a, "f");
	vs_status st = VS_OK;

	if (path)
		st = put_file(&p, path, err);
	else if (a->argc)
		put_words(&p, a);
	else
		st = printk_each_line(m->k, put_log_line, &p, err);
	return st ? st : trace_end(&p.found, err);
}

static const struct cmd_opt options[] = {
	{ "f", "FILE", .help = "the text in FILE; - is the standard input of --exec",
	  OPERANDS(0, 0) },
	{ 0 },
};

const struct cmd verb_lines = {
	.name = "lines",
	.run = cmd_lines,
	.brief = "file and line of each entry in a trace of the kernel",
	.synopsis = "lines [-f FILE | TEXT...]",
	.help = "Print the lines of the log, or of FILE or TEXT copied from one, that name code as "
		"in\n"
		"schedule+0x36/0x70, with inlined functions, file and line. In a call trace that "
		"is\n"
		"the line of the call, behind RIP: the line of the instruction. An entry whose\n"
		"function has another size in this kernel is from another build.\n",
	.example = "  lines RIP: 0010:l2w_vdev_lookup+0x52/0x70 [l2w]\n"
		   "      vdev_count_hit at /root/l2w/vdev.c: 50 (inlined)\n"
		   "      l2w_vdev_lookup at /root/l2w/vdev.c: 66\n",
	.options = options,
	.operands = OPERANDS(0, OPERANDS_ANY),
	.verbatim = true,
	.operators = true,
};
