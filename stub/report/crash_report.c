// SPDX-License-Identifier: GPL-3.0-or-later
/* crash_report.c - fills a crash report. Other files in this folder read its parts. */
#include "stub/report/crash_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/report/parts.h"
#include "stub/subsys/sys/printk.h"
#include "stub/task/cpus.h"
#include "stub/triage/fault.h"

static const char *keep(struct crash_report *r, const char *s, size_t len)
{
	char *copy = arena_strndup(&r->memory, s, len);

	if (!copy) {
		r->no_memory = true;
		return "";
	}
	for (char *c = copy; *c; c++)
		if ((*c < 0x20 && *c != '\n' && *c != '\t') || *c > 0x7e)
			*c = '?';
	return copy;
}

const char *crash_copy(struct crash_report *r, const char *s)
{
	return keep(r, s, strlen(s));
}

const char *crash_printf(struct crash_report *r, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return crash_copy(r, text);
}

void crash_miss(struct crash_report *r, const char *field, const char *why)
{
	if (!vec_push(&r->missing, ((struct crash_text){ field, crash_copy(r, why) })))
		r->no_memory = true;
}

/* --- the log */

static const char *log_line(struct crash_report *r, const struct log_record *rec, const char *text,
			    size_t len)
{
	char line[1024];
	int n = 0;

	if (rec->has_time)
		n = snprintf(line, sizeof(line), "[%5llu.%06llu] ",
			     (unsigned long long)(rec->ts_nsec / 1000000000),
			     (unsigned long long)(rec->ts_nsec / 1000 % 1000000));
	snprintf(line + n, sizeof(line) - (size_t)n, "%.*s", (int)(len < 4096 ? len : 4096), text);
	return keep(r, line, strlen(line));
}

/* The texts of mm/oom_kill.c that say that a process had to be killed. */
static bool is_oom(const char *text, size_t len)
{
	static const char *const marks[] = { "invoked oom-killer", "Out of memory: Kill" };
	char line[256];

	snprintf(line, sizeof(line), "%.*s", (int)(len < 255 ? len : 255), text);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strstr(line, marks[i]))
			return true;
	return false;
}

/* The lines of all records are only remembered by their place: most of them are dropped. */
struct log_pass {
	struct crash_report *r;
	size_t seen, skip; /* lines of the log, and those before the last ones */
	bool count;	   /* this pass only counts */
};

static void take_record(void *ctx, const struct log_record *rec)
{
	struct log_pass *p = ctx;
	size_t start = 0;

	for (size_t i = 0; i <= rec->len; i++) {
		if (i < rec->len && rec->text[i] != '\n')
			continue;
		if (p->count)
			p->r->oom_killed |= is_oom(rec->text + start, i - start);
		else if (p->seen >= p->skip)
			p->r->log[p->r->log_lines++ % CRASH_LOG_LINES] =
				log_line(p->r, rec, rec->text + start, i - start);
		p->seen++;
		start = i + 1;
	}
}

static void take_log(struct kernel *k, struct crash_report *r)
{
	struct log_pass count = { .r = r, .count = true }, keep_last = { .r = r };
	struct err why;
	vs_status st = printk_each(k, take_record, &count, &why);

	if (st)
		crash_miss(r, "log", why.msg);
	keep_last.skip = count.seen > CRASH_LOG_LINES ? count.seen - CRASH_LOG_LINES : 0;
	(void)printk_each(k, take_record, &keep_last, NULL);
}

const char *crash_log_line(const struct crash_report *r, size_t i)
{
	size_t n = r->log_lines < CRASH_LOG_LINES ? r->log_lines : CRASH_LOG_LINES;

	return i < n ? r->log[(r->log_lines - n + i) % CRASH_LOG_LINES] : NULL;
}

/* --- the crash */

static void no_crash(struct crash_report *r, const char *why)
{
	static const char *const fields[] = { "task", "kind", "trace", "signature" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		crash_miss(r, fields[i], why);
}

static void take_crash(struct kernel *k, struct crash_report *r)
{
	struct fault f = { .kind = FAULT_NONE };
	struct err why;
	unsigned cpu;
	kva_t task;
	vs_status st = cpu_panicked(k, &cpu, &why);

	if (st == VS_OK)
		st = task_current(k, cpu, &task, &why);
	if (st == VS_OK)
		st = fault_find(k, task, true, &f, &why);
	if (st) {
		no_crash(r, why.msg);
		return;
	}
	r->have_task = task_knows(&f.task, TASK_PID);
	r->pid = f.task.pid;
	r->comm = crash_copy(r, f.task.comm);
	r->cpu = cpu;
	crash_take_trace(k, &f, r);
	crash_take_hung(k, &f, r);
	crash_take_stalled(k, &f, r);
	crash_take_signature(r);
	free(f.frames);
}

void crash_report_make(struct kernel *k, const char *explain, const struct err *why_not,
		       struct crash_report *ret)
{
	struct crash_report *r = ret;

	*r = (struct crash_report){ 0 };
	crash_take_system(k, r);
	take_log(k, r);
	take_crash(k, r);
	crash_take_culprits(k, r);
	if (explain && *explain)
		r->explain = crash_copy(r, explain);
	else
		crash_miss(r, "explain", why_not ? why_not->msg : "it said nothing");
	crash_take_locks(k, r);
	crash_take_memory(k, r);
}

void crash_report_deinit(struct crash_report *r)
{
	vec_free(&r->dmi);
	vec_free(&r->taint_words);
	vec_free(&r->trace);
	vec_free(&r->hung.trace);
	vec_free(&r->stalled.trace);
	for (size_t i = 0; i < r->culprits.n; i++)
		vec_free(&r->culprits.v[i].reasons);
	vec_free(&r->culprits);
	vec_free(&r->cycles);
	vec_free(&r->missing);
	arena_deinit(&r->memory);
}
