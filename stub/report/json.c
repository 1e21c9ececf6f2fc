// SPDX-License-Identifier: GPL-3.0-or-later
/* json.c - a report as one line of JSON, written by jansson. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/report/write.h"

#ifdef HAVE_JANSSON
#include <jansson.h>

/* The version of docs/report.schema.json. Fields are only added; a change of meaning needs a new
 * number. */
#define SCHEMA 1

/* A string, or null. */
static json_t *text(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *known(bool is_known, uint64_t n)
{
	return is_known ? json_integer((json_int_t)n) : json_null();
}

/* Addresses are strings: many readers of JSON keep only 53 bits of a number. */
static json_t *address(kva_t va)
{
	char hex[17];

	snprintf(hex, sizeof(hex), "%016" PRIx64, va);
	return json_string(hex);
}

static json_t *texts(const struct crash_text *v, size_t n)
{
	json_t *o = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(o, v[i].name, text(v[i].text));
	return o;
}

static json_t *strings(const char *const *v, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(a, text(v[i]));
	return a;
}

/* An array of the lines of a text, or null. */
static json_t *lines(const char *s)
{
	json_t *a;

	if (!s)
		return json_null();
	a = json_array();
	while (*s) {
		size_t n = strcspn(s, "\n");

		json_array_append_new(a, json_stringn(s, n));
		s += n + (s[n] == '\n');
	}
	return a;
}

static json_t *frame(const struct crash_frame *f)
{
	json_t *o = json_object();

	json_object_set_new(o, "function", text(f->function));
	json_object_set_new(o, "offset", known(f->function, f->offset));
	json_object_set_new(o, "module", text(f->module));
	json_object_set_new(o, "address", address(f->pc));
	json_object_set_new(o, "times", json_integer((json_int_t)f->times));
	json_object_set_new(o, "in_signature", json_boolean(f->key));
	return o;
}

static json_t *trace(const struct crash_frames *t)
{
	json_t *a;

	if (!t->n)
		return json_null();
	a = json_array();
	for (size_t i = 0; i < t->n; i++)
		json_array_append_new(a, frame(&t->v[i]));
	return a;
}

static json_t *hung_task(const struct crash_hung *h)
{
	json_t *o;

	if (!h->comm)
		return json_null();
	o = json_object();
	json_object_set_new(o, "pid", json_integer(h->pid));
	json_object_set_new(o, "comm", text(h->comm));
	json_object_set_new(o, "seconds", json_integer((json_int_t)h->seconds));
	json_object_set_new(o, "trace", trace(&h->trace));
	json_object_set_new(o, "trace_complete", json_boolean(h->whole));
	return o;
}

static json_t *stalled(const struct crash_stalled *s)
{
	json_t *o;

	if (!s->comm)
		return json_null();
	o = json_object();
	json_object_set_new(o, "cpu", known(s->has_cpu, s->cpu));
	json_object_set_new(o, "pid", json_integer(s->pid));
	json_object_set_new(o, "comm", text(s->comm));
	json_object_set_new(o, "trace", trace(&s->trace));
	json_object_set_new(o, "trace_complete", json_boolean(s->whole));
	return o;
}

/* The place of the crash: the first frame. */
static json_t *rip(const struct crash_report *r)
{
	const struct crash_frame *f = r->trace.n ? &r->trace.v[0] : NULL;
	json_t *o;

	if (!f)
		return json_null();
	o = json_object();
	json_object_set_new(o, "function", text(f->function));
	json_object_set_new(o, "offset", known(f->function, f->offset));
	json_object_set_new(o, "module", text(f->module));
	json_object_set_new(o, "address", address(f->pc));
	return o;
}

static json_t *culprits(const struct crash_report *r)
{
	json_t *a;

	if (!r->have_culprits)
		return json_null();
	a = json_array();
	for (size_t i = 0; i < r->culprits.n; i++) {
		const struct crash_culprit *c = &r->culprits.v[i];
		json_t *o = json_object();

		json_object_set_new(o, "module", text(c->module));
		json_object_set_new(o, "reasons", strings(c->reasons.v, c->reasons.n));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *one_wait(const struct crash_wait *w)
{
	json_t *o = json_object();

	json_object_set_new(o, "pid", json_integer(w->pid));
	json_object_set_new(o, "comm", text(w->comm));
	json_object_set_new(o, "waits_for", text(w->kind));
	json_object_set_new(o, "lock", w->lock ? address(w->lock) : json_null());
	json_object_set_new(o, "symbol", text(w->symbol));
	return o;
}

static json_t *locks(const struct crash_report *r)
{
	json_t *o, *cycles, *cycle = NULL;

	if (!r->have_waits)
		return json_null();
	o = json_object();
	cycles = json_array();
	for (size_t i = 0; i < r->cycles.n; i++) {
		if (r->cycles.v[i].number == 0 || !cycle) {
			cycle = json_array();
			json_array_append_new(cycles, cycle);
		}
		json_array_append_new(cycle, one_wait(&r->cycles.v[i]));
	}
	json_object_set_new(o, "waiting", json_integer((json_int_t)r->waiting));
	json_object_set_new(o, "unknown", json_integer((json_int_t)r->unknown_waits));
	json_object_set_new(o, "cycles", cycles);
	return o;
}

static json_t *hog(const struct crash_hog *h)
{
	json_t *o;

	if (!h->text)
		return json_null();
	o = json_object();
	json_object_set_new(o, "use", text(h->use));
	json_object_set_new(o, "bytes", json_integer((json_int_t)h->bytes));
	json_object_set_new(o, "holder_kind", text(h->kind));
	json_object_set_new(o, "holder", text(h->name));
	json_object_set_new(o, "holder_bytes", known(h->kind != NULL, h->held_bytes));
	json_object_set_new(o, "text", text(h->text));
	return o;
}

static json_t *memory(const struct crash_memory *m)
{
	json_t *o, *by;

	if (!m->known)
		return json_null();
	o = json_object();
	by = json_object();
	for (size_t i = 0; i < m->n; i++)
		json_object_set_new(by, m->by[i].name, known(m->by[i].known, m->by[i].bytes));
	json_object_set_new(o, "total_bytes", json_integer((json_int_t)m->total));
	json_object_set_new(o, "free_bytes", json_integer((json_int_t)m->free));
	json_object_set_new(o, "used_bytes", by);
	json_object_set_new(o, "verdict", text(m->verdict));
	json_object_set_new(o, "hog", hog(&m->hog));
	return o;
}

static json_t *taint(const struct crash_report *r)
{
	json_t *o;

	if (!r->have_taint)
		return json_null();
	o = json_object();
	json_object_set_new(o, "mask", json_integer((json_int_t)r->taint));
	json_object_set_new(o, "letters", text(r->taint_letters));
	json_object_set_new(o, "words", strings(r->taint_words.v, r->taint_words.n));
	return o;
}

static json_t *task(const struct crash_report *r)
{
	json_t *o;

	if (!r->have_task)
		return json_null();
	o = json_object();
	json_object_set_new(o, "pid", json_integer(r->pid));
	json_object_set_new(o, "comm", text(r->comm));
	json_object_set_new(o, "cpu", json_integer((json_int_t)r->cpu));
	return o;
}

static json_t *log_lines(const struct crash_report *r)
{
	json_t *a;
	const char *line;

	if (!r->log_lines)
		return json_null();
	a = json_array();
	for (size_t i = 0; (line = crash_log_line(r, i)); i++)
		json_array_append_new(a, text(line));
	return a;
}

/* Names of files need not be UTF-8, as JSON must be. */
static json_t *file_name(const char *path)
{
	json_t *s = json_string(path);
	struct buf b = { 0 };

	if (s)
		return s;
	for (const char *c = path; *c; c++)
		if (*c >= 0x20 && *c < 0x7f)
			buf_putc(&b, *c);
		else
			buf_printf(&b, "\\x%02x", (unsigned char)*c);
	s = json_string(buf_str(&b));
	buf_deinit(&b);
	return s;
}

static json_t *head(const char *file, bool readable, const char *error)
{
	json_t *o = json_object();

	json_object_set_new(o, "schema", json_integer(SCHEMA));
	json_object_set_new(o, "vmstub", json_string(VMSTUB_VERSION));
	json_object_set_new(o, "file", file_name(file));
	json_object_set_new(o, "readable", json_boolean(readable));
	json_object_set_new(o, "error", text(error));
	return o;
}

static void add_system(json_t *o, const struct crash_report *r)
{
	char time[CRASH_TIME_BYTES];

	crash_time(r->time, time);
	json_object_set_new(o, "format", text(r->format));
	json_object_set_new(o, "incomplete", json_boolean(r->incomplete));
	json_object_set_new(o, "release", text(r->release));
	json_object_set_new(o, "version", text(r->version));
	json_object_set_new(o, "nodename", text(r->nodename));
	json_object_set_new(o, "arch", text(r->arch));
	json_object_set_new(o, "machine", r->dmi.n ? texts(r->dmi.v, r->dmi.n) : json_null());
	json_object_set_new(o, "cpus", known(r->cpus, r->cpus));
	json_object_set_new(o, "time", text(r->time ? time : NULL));
	json_object_set_new(o, "time_unix", known(r->time, r->time));
	json_object_set_new(o, "uptime_seconds", known(r->uptime, r->uptime));
	json_object_set_new(o, "taint", taint(r));
	json_object_set_new(o, "panic", text(r->panic));
}

static void add_crash(json_t *o, const struct crash_report *r)
{
	json_object_set_new(o, "signature", text(r->signature));
	json_object_set_new(o, "signature_text", text(r->signature_text));
	json_object_set_new(o, "kind", text(r->kind));
	json_object_set_new(o, "context", text(r->context));
	json_object_set_new(o, "task", task(r));
	json_object_set_new(o, "rip", rip(r));
	json_object_set_new(o, "trace", trace(&r->trace));
	json_object_set_new(o, "trace_complete", json_boolean(r->trace_whole));
	json_object_set_new(o, "hung_task", hung_task(&r->hung));
	json_object_set_new(o, "stalled", stalled(&r->stalled));
	json_object_set_new(o, "culprits", culprits(r));
	json_object_set_new(o, "explain", lines(r->explain));
	json_object_set_new(o, "locks", locks(r));
	json_object_set_new(o, "memory", memory(&r->mem));
	json_object_set_new(o, "log", log_lines(r));
	json_object_set_new(o, "missing", texts(r->missing.v, r->missing.n));
}

static vs_status put(json_t *o, struct buf *out, struct err *err)
{
	char *line = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	if (!line)
		return fail(err, VS_NOMEM, "out of memory");
	buf_printf(out, "%s\n", line);
	free(line);
	return out->oom ? fail(err, VS_NOMEM, "out of memory") : VS_OK;
}

vs_status crash_report_json(const struct crash_report *r, struct buf *out, struct err *err)
{
	json_t *o = head(r->file, true, NULL);

	add_system(o, r);
	add_crash(o, r);
	return put(o, out, err);
}

vs_status crash_failure_json(const char *file, const char *why, struct buf *out, struct err *err)
{
	struct buf plain = { 0 };
	vs_status st;

	for (const char *c = why; *c; c++)
		buf_putc(&plain, *c >= 0x20 && *c < 0x7f ? *c : '?');
	st = put(head(file, false, buf_str(&plain)), out, err);
	buf_deinit(&plain);
	return st;
}
#else
vs_status crash_report_json(const struct crash_report *r, struct buf *out, struct err *err)
{
	(void)r;
	(void)out;
	return fail(err, VS_UNSUPPORTED, "JSON: built without jansson");
}

vs_status crash_failure_json(const char *file, const char *why, struct buf *out, struct err *err)
{
	(void)file;
	(void)why;
	(void)out;
	return fail(err, VS_UNSUPPORTED, "JSON: built without jansson");
}
#endif
