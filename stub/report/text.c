// SPDX-License-Identifier: GPL-3.0-or-later
/* text.c - a report as text. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "stub/report/write.h"

#define LABEL_WIDTH 9

void crash_time(uint64_t seconds, char ret[CRASH_TIME_BYTES])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(ret, CRASH_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm))
		ret[0] = '\0';
}

static void label(struct buf *out, const char *name)
{
	buf_printf(out, "%*s: ", LABEL_WIDTH, name);
}

/* Labels the first line of several; the others are indented below it. */
static void label_first(struct buf *out, const char *name, size_t i)
{
	if (i)
		buf_printf(out, "%*s  ", LABEL_WIDTH, "");
	else
		label(out, name);
}

static const char *why_missing(const struct crash_report *r, const char *field)
{
	for (size_t i = 0; i < r->missing.n; i++)
		if (strcmp(r->missing.v[i].name, field) == 0)
			return r->missing.v[i].text;
	return "unknown";
}

/* A line with the text, or with the reason why there is none. */
static void put_text(const struct crash_report *r, struct buf *out, const char *name,
		     const char *field, const char *text)
{
	label(out, name);
	if (text)
		buf_printf(out, "%s\n", text);
	else
		buf_printf(out, "(unavailable: %s)\n", why_missing(r, field));
}

static void put_machine(const struct crash_report *r, struct buf *out)
{
	static const char *const shown[] = { "sys_vendor", "product_name", "bios_version" };
	bool any = false;

	label(out, "MACHINE");
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		for (size_t j = 0; j < r->dmi.n; j++)
			if (strcmp(r->dmi.v[j].name, shown[i]) == 0) {
				buf_printf(out, "%s%s", any ? ", " : "", r->dmi.v[j].text);
				any = true;
			}
	if (any)
		buf_putc(out, '\n');
	else
		buf_printf(out, "(unavailable: %s)\n", why_missing(r, "machine"));
}

static void put_times(const struct crash_report *r, struct buf *out)
{
	char text[CRASH_TIME_BYTES];

	crash_time(r->time, text);
	put_text(r, out, "TIME", "time", r->time ? text : NULL);
	label(out, "UPTIME");
	if (r->uptime)
		buf_printf(out, "%" PRIu64 " s\n", r->uptime);
	else
		buf_printf(out, "(unavailable: %s)\n", why_missing(r, "uptime_seconds"));
}

static void put_taint(const struct crash_report *r, struct buf *out)
{
	if (r->have_taint && !r->taint) {
		put_text(r, out, "TAINT", "taint", "none");
		return;
	}
	if (!r->taint_letters) {
		put_text(r, out, "TAINT", "taint", NULL);
		return;
	}
	label(out, "TAINT");
	buf_puts(out, r->taint_letters);
	for (size_t i = 0; i < r->taint_words.n; i++)
		buf_printf(out, "%s%s", i ? ", " : ": ", r->taint_words.v[i]);
	buf_putc(out, '\n');
}

static void put_frame(const struct crash_frame *f, struct buf *out)
{
	if (f->function)
		buf_printf(out, "%s+%" PRIu64, f->function, f->offset);
	else
		buf_printf(out, "%016" PRIx64, f->pc);
	if (f->module)
		buf_printf(out, " [%s]", f->module);
	if (f->times > 1)
		buf_printf(out, "  (%u frames)", f->times);
}

static void put_trace(const struct crash_report *r, struct buf *out)
{
	for (size_t i = 0; i < r->trace.n; i++) {
		label_first(out, "TRACE", i);
		put_frame(&r->trace.v[i], out);
		buf_putc(out, '\n');
	}
	if (!r->trace.n)
		put_text(r, out, "TRACE", "trace", NULL);
	else if (!r->trace_whole)
		buf_printf(out, "%*s  (more frames are not shown)\n", LABEL_WIDTH, "");
}

static void put_stack(const struct crash_frames *t, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		buf_printf(out, "%*s  ", LABEL_WIDTH, "");
		put_frame(&t->v[i], out);
		buf_putc(out, '\n');
	}
}

static void put_hung(const struct crash_report *r, struct buf *out)
{
	const struct crash_hung *h = &r->hung;

	if (!r->kind || strcmp(r->kind, "hung-task") != 0)
		return;
	if (!h->comm || !h->trace.n)
		put_text(r, out, "HUNG", "hung_task", NULL);
	if (!h->comm)
		return;
	label_first(out, "HUNG", h->trace.n ? 0 : 1);
	buf_printf(out, "%d \"%s\", for more than %lu s\n", h->pid, h->comm, h->seconds);
	put_stack(&h->trace, out);
}

static void put_stalled(const struct crash_report *r, struct buf *out)
{
	const struct crash_stalled *s = &r->stalled;

	if (!s->comm)
		return;
	label(out, "STUCK");
	buf_printf(out, "%d \"%s\"", s->pid, s->comm);
	if (s->has_cpu)
		buf_printf(out, " on CPU %u", s->cpu);
	buf_putc(out, '\n');
	put_stack(&s->trace, out);
}

static void put_culprits(const struct crash_report *r, struct buf *out)
{
	if (!r->have_culprits || !r->culprits.n)
		put_text(r, out, "CULPRITS", "culprits", r->have_culprits ? "none" : NULL);
	for (size_t i = 0; i < r->culprits.n; i++) {
		const struct crash_culprit *c = &r->culprits.v[i];

		label_first(out, "CULPRITS", i);
		buf_puts(out, c->module);
		for (size_t j = 0; j < c->reasons.n; j++)
			buf_printf(out, "%s%s", j ? ", " : ": ", c->reasons.v[j]);
		buf_putc(out, '\n');
	}
}

static void put_locks(const struct crash_report *r, struct buf *out)
{
	label(out, "LOCKS");
	if (!r->have_waits) {
		buf_printf(out, "(unavailable: %s)\n", why_missing(r, "locks"));
		return;
	}
	buf_printf(out, "%zu tasks wait for locks", r->waiting);
	if (r->unknown_waits)
		buf_printf(out, " (unknown for %zu)", r->unknown_waits);
	buf_puts(out, r->cycles.n ? "\n" : "; no deadlock was found\n");
	for (size_t i = 0; i < r->cycles.n; i++) {
		const struct crash_wait *w = &r->cycles.v[i];

		if (w->number == 0)
			buf_printf(out, "%*s  deadlock, a cycle of %zu:\n", LABEL_WIDTH, "",
				   w->len);
		buf_printf(out, "%*s  %d \"%s\" waits for %s %s, held by the next one\n",
			   LABEL_WIDTH, "", w->pid, w->comm, w->kind,
			   w->symbol ? w->symbol : "(no symbol)");
	}
}

static void put_memory(const struct crash_report *r, struct buf *out)
{
	label(out, "MEMORY");
	if (!r->mem.known) {
		buf_printf(out, "(unavailable: %s)\n", why_missing(r, "memory"));
		return;
	}
	buf_printf(out, "%" PRIu64 " MiB, %" PRIu64 " MiB free", r->mem.total >> 20,
		   r->mem.free >> 20);
	for (size_t i = 0; i < r->mem.n; i++)
		if (r->mem.by[i].known)
			buf_printf(out, ", %s %" PRIu64, r->mem.by[i].name,
				   r->mem.by[i].bytes >> 20);
	buf_printf(out, "\n%*s  %s\n", LABEL_WIDTH, "",
		   r->mem.verdict ? r->mem.verdict : why_missing(r, "memory.verdict"));
	buf_printf(out, "%*s  %s\n", LABEL_WIDTH, "",
		   r->mem.hog.text ? r->mem.hog.text : why_missing(r, "memory.hog"));
}

void crash_report_text(const struct crash_report *r, struct buf *out)
{
	const char *line;

	label(out, "FILE");
	buf_printf(out, "%s%s\n", r->file, r->incomplete ? "  [INCOMPLETE]" : "");
	put_text(r, out, "SIGNATURE", "signature", r->signature);
	if (r->signature_text)
		buf_printf(out, "%*s  %s\n", LABEL_WIDTH, "", r->signature_text);
	put_text(r, out, "RELEASE", "release", r->release);
	put_text(r, out, "VERSION", "version", r->version);
	put_text(r, out, "NODENAME", "nodename", r->nodename);
	put_machine(r, out);
	put_times(r, out);
	put_taint(r, out);
	put_text(r, out, "PANIC", "panic", r->panic);
	if (r->have_task) {
		label(out, "TASK");
		buf_printf(out, "%d \"%s\" on CPU %u\n", r->pid, r->comm, r->cpu);
	}
	put_trace(r, out);
	put_hung(r, out);
	put_stalled(r, out);
	put_culprits(r, out);
	put_locks(r, out);
	put_memory(r, out);
	label(out, "EXPLAIN");
	buf_printf(out, "%s%s", r->explain ? "\n" : "", r->explain ? r->explain : "");
	if (!r->explain)
		buf_printf(out, "(unavailable: %s)\n", why_missing(r, "explain"));
	label(out, "LOG");
	buf_putc(out, '\n');
	for (size_t i = 0; (line = crash_log_line(r, i)); i++)
		buf_printf(out, "%s\n", line);
}

void crash_failure_text(const char *file, const char *why, struct buf *out)
{
	label(out, "FILE");
	buf_printf(out, "%s\n", file);
	label(out, "ERROR");
	buf_printf(out, "%s\n", why);
}
