// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* stream.h - dumps that are compressed, or come through a pipe: copies them into a temporary file,
 * because a dump must be seekable. */
#include <stdint.h>

#include "stub/base/err.h"

struct stream_options {
	const char *dir; /* where the temporary file is; NULL: $TMPDIR, else /var/tmp */
	/* Called now and then with the bytes written; may be NULL. */
	void (*progress)(void *ctx, const char *path, uint64_t bytes);
	void *ctx;
};

/* Sets *fd to a file with the unpacked contents, which has no name, so that it is gone when the
 * last descriptor is closed; the caller closes it. path "-": standard input. *fd is -1 if the file
 * is a plain seekable one, which needs no copy. Pages of zeros become holes. */
vs_status stream_unpack(const char *path, const struct stream_options *o, int *fd, struct err *err);
