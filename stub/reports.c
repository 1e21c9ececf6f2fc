// SPDX-License-Identifier: GPL-3.0-or-later
/* reports.c - `vmstub --report`: opens each dump in a process of its own, and prints what it
 * reports. stub/report collects and writes the report of one dump. */
#include "stub/reports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arch/archs.h"
#include "stub/base/io.h"
#include "stub/base/log.h"
#include "stub/base/pool.h"
#include "stub/base/sandbox.h"
#include "stub/base/vec.h"
#include "stub/dump/dump.h"
#include "stub/dump/splitset.h"
#include "stub/gdb/vmtarget.h"
#include "stub/kernel/kernel.h"
#include "stub/report/write.h"

#define DEFAULT_SECONDS 300
#define MAX_JOBS	1024
#define MAX_BYTES	(16u << 20) /* of one report, usually some 20 KiB */

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };
/* How a worker ends: its text is a report, or why there is none. */
enum { WORKER_REPORT, WORKER_FAILED };

static bool number(const char *option, const char *arg, unsigned long max, unsigned *ret)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(arg, &end, 10);
	*ret = (unsigned)n;
	if (!errno && end != arg && !*end && *arg != '-' && n >= 1 && n <= max)
		return true;
	fprintf(stderr, "vmstub: %s: '%s' is not a number from 1 to %lu\n", option, arg, max);
	return false;
}

int reports_take_option(int c, const char *arg, struct reports_options *o)
{
	switch (c) {
	case REPORTS_FORMAT:
		o->format = arg && strcmp(arg, "json") == 0 ? REPORTS_JSON : REPORTS_TEXT;
		if (!arg || o->format == REPORTS_JSON || strcmp(arg, "text") == 0)
			return -1;
		fprintf(stderr, "vmstub: --report: '%s' is neither text nor json\n", arg);
		return EXIT_USAGE;
	case REPORTS_TIMEOUT:
		return number("--timeout", arg, 1000000, &o->seconds) ? -1 : EXIT_USAGE;
	case 'j':
		return number("-j", arg, MAX_JOBS, &o->jobs) ? -1 : EXIT_USAGE;
	default:
		return -2;
	}
}

bool reports_bad_usage(const struct reports_options *o, bool other_mode)
{
	if (o->format && other_mode)
		fputs("vmstub: --report: not together with --exec, -i or --listen\n", stderr);
	else if (!o->format && (o->jobs || o->seconds))
		fputs("vmstub: -j, --timeout: only useful with --report\n", stderr);
	else
		return false;
	return true;
}

struct reports {
	const struct reports_options *o;
	const struct kernel_options *kernel;
	bool no_sandbox;
	char *const *paths;
	size_t *first; /* of each dump: the index of its first path; and the number of all paths */
	size_t n, done, failed; /* dumps */
	bool progress;		/* on standard error */
	bool write_failed;
};

/* --- in the process of one dump */

static vs_status put_report(struct reports *r, struct kernel *k, struct buf *out, struct err *err)
{
	const struct vmtarget_options alone = { .terminal = -1 };
	struct vmtarget *t = vmtarget_create(k, &alone);
	struct crash_report report;
	struct buf explain = { 0 };
	struct err why = { 0 };
	vs_status st = VS_OK;

	if (!t)
		return fail(err, VS_NOMEM, "out of memory");
	(void)vmtarget_exec(t, "explain", &explain, NULL, NULL, &why);
	crash_report_make(k, explain.len ? buf_str(&explain) : NULL, &why, &report);
	if (report.no_memory)
		st = fail(err, VS_NOMEM, "out of memory");
	else if (r->o->format == REPORTS_JSON)
		st = crash_report_json(&report, out, err);
	else
		crash_report_text(&report, out);
	return st;
}

static vs_status open_and_put(struct reports *r, size_t job, struct buf *out, struct err *err)
{
	const char *const *paths = (const char *const *)r->paths + r->first[job];
	struct dump *dump = NULL;
	struct kernel *k = NULL;
	const struct arch_ops *arch;
	struct err why;
	struct open_options o = r->o->open;
	vs_status st;

	o.quiet = r->n > 1;
	st = open_dump(&o, paths, r->first[job + 1] - r->first[job], &dump, err);

	if (st == VS_OK)
		st = arch_of_dump(dump_info(dump), &arch, err);
	if (st == VS_OK)
		st = kernel_open(dump, arch, r->kernel, &k, err);
	if (st)
		return st;
	if (!r->no_sandbox && sandbox_enter(&why))
		log_info("no sandbox: %s", why.msg);
	return put_report(r, k, out, err);
}

/* The process ends after this, so nothing is freed: that takes as long as opening a file. */
static int run_job(void *ctx, size_t job, int fd)
{
	struct reports *r = ctx;
	struct buf out = { 0 };
	struct err err;
	vs_status st;

	// What a dump lacks is in its report; hundreds of dumps would fill the terminal.
	log_set_level(LOG_ERROR);
	st = open_and_put(r, job, &out, &err);
	if (st == VS_OK)
		return write_all(fd, buf_str(&out), out.len) ? WORKER_REPORT : WORKER_FAILED;
	(void)write_all(fd, err.msg, strlen(err.msg));
	return WORKER_FAILED;
}

/* --- in the first process */

static void clear_progress(const struct reports *r)
{
	if (r->progress)
		fputs("\r\033[K", stderr);
}

static void put_progress(const struct reports *r)
{
	if (r->progress && r->done < r->n)
		fprintf(stderr, "\r%zu of %zu dumps, %zu failed\033[K", r->done, r->n, r->failed);
}

/* Why there is no report: the worker's own words, or how it ended. */
static const char *why_failed(const struct reports *r, const struct pool_result *res,
			      char text[128])
{
	switch (res->end) {
	case POOL_EXITED:
		return res->len ? res->text : "its process failed without a message";
	case POOL_KILLED:
		snprintf(text, 128, "its process was killed by signal %d (%s)", res->detail,
			 strsignal(res->detail));
		return text;
	case POOL_LATE:
		snprintf(text, 128, "it took longer than %u seconds (--timeout)",
			 r->o->seconds ? r->o->seconds : DEFAULT_SECONDS);
		return text;
	case POOL_LONG:
	default:
		return "its report is too long";
	}
}

static bool take_result(void *ctx, const struct pool_result *res)
{
	struct reports *r = ctx;
	struct buf out = { 0 };
	bool ok = res->end == POOL_EXITED && res->detail == WORKER_REPORT;
	char text[128];

	r->done++;
	r->failed += !ok;
	clear_progress(r);
	if (r->o->format == REPORTS_TEXT && r->done > 1)
		buf_putc(&out, '\n');
	if (ok)
		buf_put(&out, res->text, res->len);
	else if (r->o->format == REPORTS_JSON)
		(void)crash_failure_json(r->paths[r->first[res->job]], why_failed(r, res, text),
					 &out, NULL);
	else
		crash_failure_text(r->paths[r->first[res->job]], why_failed(r, res, text), &out);
	// One line in one piece, so that a reader at the other end of a pipe never sees half of it.
	fwrite(buf_str(&out), 1, out.len, stdout);
	r->write_failed = fflush(stdout) != 0;
	buf_deinit(&out);
	put_progress(r);
	return !r->write_failed;
}

struct members {
	struct split_member **v;
	size_t n, cap;
};

static void forget(struct members *set)
{
	while (set->n)
		split_member_free(set->v[--set->n]);
}

static bool belongs(const struct members *set, const struct split_member *m)
{
	for (size_t i = 0; i < set->n; i++)
		if (!split_member_same(set->v[i], m))
			return false;
	return set->n > 0;
}

/* Members of a split set that follow each other are one dump. */
static bool find_dumps(struct reports *r, size_t npaths)
{
	struct members set = { 0 };
	bool ok = true;

	r->first = calloc(npaths + 1, sizeof(*r->first));
	if (!r->first)
		return false;
	for (size_t i = 0; ok && i < npaths; i++) {
		struct split_member *m = npaths > 1 ? split_member_read(r->paths[i]) : NULL;

		if (!belongs(&set, m)) {
			forget(&set);
			r->first[r->n++] = i;
		}
		ok = !m || vec_push(&set, m);
	}
	forget(&set);
	vec_free(&set);
	r->first[r->n] = npaths;
	return ok;
}

/* Says at once that this build has no JSON, and not for each dump. */
static bool can_write(const struct reports *r)
{
	struct buf probe = { 0 };
	struct err err;
	bool ok = r->o->format != REPORTS_JSON ||
		  crash_failure_json("", "", &probe, &err) != VS_UNSUPPORTED;

	if (!ok)
		log_error("--report: %s", err.msg);
	buf_deinit(&probe);
	return ok;
}

int reports_run(const struct reports_options *o, const struct kernel_options *kernel,
		bool no_sandbox, char *const *paths, size_t n)
{
	struct reports r = {
		.o = o,
		.kernel = kernel,
		.no_sandbox = no_sandbox,
		.paths = paths,
	};
	const struct pool pool = {
		.workers = o->jobs ? o->jobs : 1,
		.seconds = o->seconds ? o->seconds : DEFAULT_SECONDS,
		.max_bytes = MAX_BYTES,
		.run = run_job,
		.done = take_result,
		.ctx = &r,
	};
	vs_status st = VS_OK;
	struct err err;

	if (!can_write(&r))
		return EXIT_FAILED;
	if (!find_dumps(&r, n))
		st = fail(&err, VS_NOMEM, "out of memory");
	r.progress = r.n > 1 && isatty(STDERR_FILENO);
	if (st == VS_OK)
		st = pool_run(&pool, r.n, &err);
	free(r.first);
	if (st) {
		log_error("--report: %s", err.msg);
		return EXIT_FAILED;
	}
	return r.failed || r.write_failed ? EXIT_FAILED : 0;
}
