// SPDX-License-Identifier: GPL-3.0-or-later
/* nomem.c - lets single allocations fail, one per run.
 *   nomem FILE LINES COUNT
 * Runs LINES on the dump COUNT times; each time another allocation of the project's own code fails
 * (linker's --wrap; libraries are not affected). Asserts that nothing crashes and that errors have
 * a message. Built with sanitizers it also finds leaks on error paths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/log.h"
#include "stub/dump/dump.h"
#include "stub/kernel/kernel.h"
#include "stub/rsp/target.h"
#include "stub/gdb/vmtarget.h"

static unsigned long n, fail_at;

static int now(void)
{
	return ++n == fail_at;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t k, size_t size);
void *__wrap_calloc(size_t k, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
char *__wrap_strdup(const char *s);

void *__wrap_malloc(size_t size)
{
	return now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t k, size_t size)
{
	return now() ? NULL : __real_calloc(k, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return now() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s)
{
	return now() ? NULL : __real_strdup(s);
}

static void need_text(const char *what, vs_status st, const struct err *err)
{
	if (!st || err->msg[0])
		return;
	fprintf(stderr, "allocation %lu: %s fails without a message\n", fail_at, what);
	exit(1);
}

static void session(struct vmtarget *t, const char *lines)
{
	const struct rsp_target *r = vmtarget_rsp(t);
	struct err err = { 0 };
	struct buf out = { 0 };
	vs_status st = r->ops->xfer(r->ctx, "libraries", "", &out, &err);

	need_text("the list of libraries", st, &err);
	buf_deinit(&out);
	err.msg[0] = '\0';
	st = vmtarget_exec(t, lines, &out, NULL, NULL, &err);
	need_text(lines, st, &err);
	buf_deinit(&out);
}

static void run(const char *path, const char *lines)
{
	static const struct kernel_options opt;
	static const struct vmtarget_options topt;
	struct err err = { 0 };
	struct dump *d = NULL;
	struct kernel *k = NULL;
	vs_status st;

	n = 0;
	st = dump_open(&path, 1, &d, &err);
	if (st == VS_OK)
		st = kernel_open(d, &arch_x86_64, &opt, &k, &err);
	need_text("opening", st, &err);
	if (st == VS_OK) {
		struct vmtarget *t = vmtarget_create(k, &topt);

		if (t)
			session(t, lines);
		vmtarget_destroy(t);
	}
	kernel_close(k);
	dump_close(d);
}

int main(int argc, char **argv)
{
	unsigned long all, count, done = 0;

	if (argc != 4) {
		fputs("usage: nomem FILE LINES COUNT\n", stderr);
		return 2;
	}
	log_set_level(LOG_ERROR);
	if (!getenv("NOMEM_VERBOSE") &&
	    !freopen("/dev/null", "w", stderr)) // "out of memory", many times
		return 2;
	run(argv[1], argv[2]);
	all = n;
	count = strtoul(argv[3], NULL, 0);
	// a third of them one by one from the start, the rest spread over all
	for (unsigned long i = 1; i <= count; i++) {
		fail_at = i <= count / 3 ? i : count / 3 + (i - count / 3) * (all / (count + 1));
		run(argv[1], argv[2]);
		done++;
	}
	printf("%lu of %lu allocations failed, one at a time\n", done, all);
	return 0;
}
