// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_log.c - log: the kernel's messages, as dmesg prints them. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "stub/subsys/sys/audit.h"
#include "stub/subsys/sys/boot.h"
#include "stub/subsys/sys/printk.h"
#include "stub/monitor/cmd.h"
#include "stub/monitor/trace.h"

struct log_print {
	struct monitor *m;
	struct buf *out;
	bool lines; /* -l */
	struct trace_found found;
	bool no_time, wall_time, level, caller, dict;
	int64_t boot; /* time of day at time 0 of the log, seconds; 0 unknown */
};

static void put_prefix(struct log_print *p, const struct log_record *r)
{
	uint64_t sec = r->ts_nsec / 1000000000, usec = r->ts_nsec / 1000 % 1000000;

	if (p->wall_time && p->boot && r->has_time) {
		time_t t = (time_t)(p->boot + (int64_t)sec);
		char text[64];
		struct tm tm;

		localtime_r(&t, &tm);
		strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Z %Y", &tm);
		buf_printf(p->out, "[%s] ", text);
	} else if (!p->no_time && r->has_time) {
		buf_printf(p->out, "[%5" PRIu64 ".%06" PRIu64 "] ", sec, usec);
	}
	if (p->caller && r->has_caller) {
		char who[16];

		snprintf(who, sizeof(who), "%c%u", r->caller_id & 0x80000000 ? 'C' : 'T',
			 r->caller_id & 0x7fffffff);
		buf_printf(p->out, "[%6s] ", who);
	}
	if (p->level && r->only_text)
		buf_puts(p->out, "<?>");
	else if (p->level)
		buf_printf(p->out, "<%u>", r->level);
}

/* The log is untrusted text: it must not send control characters to the terminal. */
static void put_text(struct buf *out, const char *text, size_t len, size_t indent)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		buf_putc(out, isprint(c) || c == '\t' || c == '\n' || c >= 0x80 ? (char)c : '?');
		if (c == '\n')
			buf_printf(out, "%*s", (int)indent, "");
	}
}

/* The text, and after each of its lines file and line of the entries of a trace in it. */
static void put_with_lines(struct log_print *p, const char *text, size_t len, size_t indent)
{
	for (size_t at = 0, n; at <= len; at += n + 1) {
		const char *end = memchr(text + at, '\n', len - at);

		n = end ? (size_t)(end - text) - at : len - at;
		if (at)
			buf_printf(p->out, "%*s", (int)indent, "");
		put_text(p->out, text + at, n, indent);
		buf_putc(p->out, '\n');
		trace_put_lines(p->m, text + at, n, &p->found, p->out);
	}
}

static void print_record(void *ctx, const struct log_record *r)
{
	struct log_print *p = ctx;
	size_t start = p->out->len, indent;

	put_prefix(p, r);
	indent = p->out->len - start;
	if (p->lines) {
		put_with_lines(p, r->text, r->len, indent);
	} else {
		put_text(p->out, r->text, r->len, indent);
		buf_putc(p->out, '\n');
	}
	for (size_t at = 0; p->dict && at < r->dict_len;) {
		size_t len = strnlen(r->dict + at, r->dict_len - at);

		buf_printf(p->out, "%*s", (int)indent, "");
		put_text(p->out, r->dict + at, len, indent);
		buf_putc(p->out, '\n');
		at += len + 1;
	}
}

struct audit_print {
	struct buf *out;
	size_t n;
};

static void print_audit(void *ctx, const struct audit_record *r)
{
	struct audit_print *p = ctx;

	p->n++;
	buf_printf(p->out, "type=%u ", r->type);
	put_text(p->out, r->text, r->len, 0);
	buf_putc(p->out, '\n');
}

static vs_status print_audits(struct monitor *m, struct buf *out, struct err *err)
{
	struct audit_print p = { .out = out };
	vs_status st = audit_each(m->k, print_audit, &p, err);

	if (st == VS_OK && !p.n)
		buf_puts(out, "kernel audit log is empty\n");
	return st;
}

static vs_status cmd_log(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct log_print p = {
		.m = m,
		.out = out,
		.lines = cmd_has(a, "l"),
		.no_time = cmd_has(a, "t"),
		.wall_time = cmd_has(a, "T"),
		.level = cmd_has(a, "m"),
		.caller = cmd_has(a, "c"),
		.dict = cmd_has(a, "d"),
	};
	struct boot_times times;
	vs_status st;

	if (cmd_has(a, "a"))
		return print_audits(m, out, err);
	if (p.wall_time && boot_times_load(m->k, &times, NULL) == VS_OK)
		p.boot = (int64_t)(times.now - times.uptime);
	st = printk_each(m->k, print_record, &p, err);
	// A log without a trace is whole.
	return st || !p.lines || !p.found.entries ? st : trace_end(&p.found, err);
}

static const struct cmd_opt options[] = {
	{ "t", .help = "without timestamps" },
	{ "T", .help = "with the time of day" },
	{ "m", .help = "with the level as <N>" },
	{ "c", .help = "with the caller: T and a PID, or C and a CPU outside tasks" },
	{ "d", .help = "with the subsystem and device of the driver" },
	{ "l", .help = "with file and line of each entry of a trace (see lines)" },
	{ "a", .help = "instead, audit messages that no daemon has read" },
	{ 0 },
};

const struct cmd verb_log = {
	.name = "log",
	.run = cmd_log,
	.brief = "the kernel's log buffer",
	.synopsis = "log [-T] [-t] [-m] [-c] [-d] [-l]\n"
		    "  log -a",
	.example = "  log -T\n"
		   "  [Mon Nov 23 03:44:01 UTC 2026] Linux version 6.1.0\n",
	.options = options,
};
