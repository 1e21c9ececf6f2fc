// SPDX-License-Identifier: GPL-3.0-or-later
/* debuglink.c - follows .gnu_debuglink: a file name, NUL, padding, and a CRC-32, which is not used
 * here, because build-ids are better evidence. */
#include "stub/elf/debuglink.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/elf/elffile.h"

static const char *link_name(struct elffile *f)
{
	struct elf_section s;
	const void *data;
	size_t len, n;

	if (elffile_section(f, ".gnu_debuglink", &s) || elffile_data(f, s.index, &data, &len, NULL))
		return NULL;
	n = strnlen(data, len);
	// The name comes from the file, so it must not lead to another folder.
	return n > 0 && n < len && n < NAME_MAX && !memchr(data, '/', n) ? data : NULL;
}

bool debuglink_each(struct elffile *f, const char *path, bool (*fn)(void *ctx, const char *path),
		    void *ctx)
{
	static const char *const places[][2] = { { "", "" },
						 { "", ".debug/" },
						 { "/usr/lib/debug", "" } };
	const char *name = link_name(f);
	AUTO_FREE char *real = realpath(path, NULL);
	bool done = false;

	for (size_t i = 0; name && real && i < 3 && !done; i++) {
		AUTO(buf) b = { 0 };

		buf_printf(&b, "%s%.*s%s%s", places[i][0], (int)(strrchr(real, '/') - real) + 1,
			   real, places[i][1], name);
		done = fn(ctx, buf_str(&b));
	}
	return done;
}
