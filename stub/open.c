// SPDX-License-Identifier: GPL-3.0-or-later
/* open.c - opens dumps, and unpacks those that are compressed first if --unpack asks for it. */
#include "stub/open.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "stub/dump/dump.h"
#include "stub/dump/stream.h"

#define SHOW_EVERY (UINT64_C(64) << 20)

/* What is shown on the terminal meanwhile. */
struct shown {
	bool any;
	uint64_t next;
};

static void show(void *ctx, const char *path, uint64_t bytes)
{
	((struct shown *)ctx)->any = true;
	fprintf(stderr, "\rvmstub: unpacking %s: %" PRIu64 " MB\033[K", path, bytes / 1000000);
}

static void show_pass(void *ctx, const char *path, uint64_t done, uint64_t total)
{
	struct shown *s = ctx;

	if (done < s->next && done >= SHOW_EVERY)
		return;
	s->next = done + SHOW_EVERY;
	if (done < SHOW_EVERY) // most files take less than a moment
		return;
	s->any = true;
	fprintf(stderr, "\rvmstub: reading %s: %" PRIu64 " of %" PRIu64 " MB\033[K", path,
		done / 1000000, total / 1000000);
}

static void wipe(struct shown *s)
{
	if (s->any)
		fputs("\r\033[K", stderr);
	s->any = false;
}

static vs_status open_fds(const struct open_options *o, const char *const *paths, const int *fds,
			  size_t n, struct dump **ret, struct err *err)
{
	struct shown shown = { .any = false };
	struct dump_options d = { .fds = fds, .ctx = &shown };
	vs_status st;

	if (o->ram_map.n)
		d.ram_map = &o->ram_map;
	if (!o->quiet && isatty(STDERR_FILENO))
		d.progress = show_pass;
	st = dump_open_with(paths, n, &d, ret, err);
	wipe(&shown);
	return st;
}

vs_status open_dump(const struct open_options *o, const char *const *paths, size_t n,
		    struct dump **ret, struct err *err)
{
	struct shown shown = { .any = false };
	struct stream_options stream = { .dir = o->dir, .ctx = &shown };
	vs_status st = VS_OK;
	int *fds;

	if (!o->unpack)
		return open_fds(o, paths, NULL, n, ret, err);
	if (!o->quiet && isatty(STDERR_FILENO))
		stream.progress = show;
	fds = calloc(n ? n : 1, sizeof(*fds));
	if (!fds)
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		fds[i] = -1;
	for (size_t i = 0; i < n && st == VS_OK; i++)
		st = stream_unpack(paths[i], &stream, &fds[i], err);
	wipe(&shown);
	if (st == VS_OK)
		st = open_fds(o, paths, fds, n, ret, err);
	else
		for (size_t i = 0; i < n; i++)
			if (fds[i] >= 0)
				close(fds[i]);
	free(fds);
	return st;
}
