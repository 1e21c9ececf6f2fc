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

/* The folder of a file with this real path, as seen from root. */
static const char *below(const char *root, const char *real)
{
	AUTO_FREE char *top = root && *root ? realpath(root, NULL) : NULL;
	size_t n = top ? strlen(top) : 0;

	return n > 1 && strncmp(real, top, n) == 0 && real[n] == '/' ? real + n : real;
}

bool debuglink_each(struct elffile *f, const char *path, const char *root,
		    bool (*fn)(void *ctx, const char *path), void *ctx)
{
	const char *name = link_name(f);
	AUTO_FREE char *real = realpath(path, NULL);
	bool done = false;

	for (size_t i = 0; name && real && i < 3 && !done; i++) {
		const char *folder = i < 2 ? real : below(root, real);
		AUTO(buf) b = { 0 };

		if (i == 2)
			buf_printf(&b, "%s/usr/lib/debug", root ? root : "");
		buf_printf(&b, "%.*s%s%s", (int)(strrchr(folder, '/') - folder) + 1, folder,
			   i == 1 ? ".debug/" : "", name);
		done = fn(ctx, buf_str(&b));
	}
	return done;
}
