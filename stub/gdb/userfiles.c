// SPDX-License-Identifier: GPL-3.0-or-later
/* userfiles.c - finds out by gdb's symbols whether gdb loaded a program's file after our image. */
#include "stub/gdb/userfiles.h"

#include <string.h>

#include "stub/base/buf.h"

static const char *const names[USERFILES_NAMES] = {
	"main",
	"_start",
	"_init",
	"_fini",
	"__libc_start_main",
	"_DYNAMIC",
	"_GLOBAL_OFFSET_TABLE_",
};

void userfiles_renewed(struct userfiles *u)
{
	u->have_image = u->behind = u->tell = false;
}

/* Handles the answers for all names. gdb loaded a file after the image, or is gdb 10, which also
 * offers symbols at the end of connecting, after it has loaded all libraries. */
static void event_ends(struct userfiles *u)
{
	bool changed = memcmp(u->seen, u->now, sizeof(u->seen)) != 0, program = false;

	for (unsigned i = 0; i < USERFILES_NAMES; i++)
		program |= u->now[i] && u->now[i] < u->user_end;
	memcpy(u->seen, u->now, sizeof(u->seen));
	if (!u->have_image) {
		u->have_image = true;
		return;
	}
	u->behind = true;
	if (changed || u->spared)
		u->tell |= program;
	u->spared = true;
}

void userfiles_take(struct userfiles *u, const char *image, const char *name, uint64_t value,
		    struct buf *ask)
{
	if (!name) {
		buf_puts(ask, image);
		return;
	}
	if (strcmp(name, image) == 0) {
		u->asked = 0;
		// Without the image, all loaded files come before it.
		if (!value)
			return;
	} else if (u->asked < USERFILES_NAMES && strcmp(name, names[u->asked]) == 0) {
		u->now[u->asked++] = value;
	} else {
		return;
	}
	if (u->asked < USERFILES_NAMES)
		buf_puts(ask, names[u->asked]);
	else
		event_ends(u);
}
