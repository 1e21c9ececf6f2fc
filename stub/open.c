// SPDX-License-Identifier: GPL-3.0-or-later
/* open.c - opens dumps, and unpacks those that are compressed first if --unpack asks for it. */
#include "stub/open.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "stub/dump/dump.h"
#include "stub/dump/stream.h"

static void show(void *ctx, const char *path, uint64_t bytes)
{
	*(bool *)ctx = true;
	fprintf(stderr, "\rvmstub: unpacking %s: %" PRIu64 " MB\033[K", path, bytes / 1000000);
}

vs_status open_dump(const struct open_options *o, const char *const *paths, size_t n,
		    struct dump **ret, struct err *err)
{
	bool shown = false;
	struct stream_options stream = { .dir = o->dir, .ctx = &shown };
	vs_status st = VS_OK;
	int *fds;

	if (!o->unpack)
		return dump_open(paths, n, ret, err);
	if (!o->quiet && isatty(STDERR_FILENO))
		stream.progress = show;
	fds = calloc(n ? n : 1, sizeof(*fds));
	if (!fds)
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		fds[i] = -1;
	for (size_t i = 0; i < n && st == VS_OK; i++)
		st = stream_unpack(paths[i], &stream, &fds[i], err);
	if (shown)
		fputs("\r\033[K", stderr);
	if (st == VS_OK)
		st = dump_open_fds(paths, fds, n, ret, err);
	else
		for (size_t i = 0; i < n; i++)
			if (fds[i] >= 0)
				close(fds[i]);
	free(fds);
	return st;
}
