// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* userfiles.h - has gdb loaded a file of a user program?
 * Of the files that describe an address, gdb takes the one it loaded first
 * (dwarf2_frame_find_fde() of gdb/dwarf2/frame.c, 10 to 18). So the image with the rule that ends
 * a trace at user mode (images.h) must be the last one, and a program's file that comes later is
 * to be noticed: gdb then offers to look up symbols (qSymbol, remote_new_objfile() of
 * gdb/remote.c), and those of the image and of programs tell what it has. */
#include <stdbool.h>
#include <stdint.h>

struct buf;

/* Names that a program or its libraries have, and no kernel. */
#define USERFILES_NAMES 7

struct userfiles {
	uint64_t user_end;		/* one past the last user address */
	bool have_image;		/* gdb has the image as it is listed now */
	bool spared;			/* one event without a new file is over, see userfiles.c */
	unsigned asked;			/* names of this event */
	uint64_t seen[USERFILES_NAMES]; /* where they were last */
	uint64_t now[USERFILES_NAMES];	/* where they are in this event */
	bool behind;			/* a file was loaded behind the image */
	bool tell;			/* one of a program, as this event told */
};

/* The image was listed under a new name: gdb will load it behind all others. */
void userfiles_renewed(struct userfiles *u);
/* gdb offers to look up symbols (name NULL) or answers about one; value 0: it has none. image is
 * the name of the image's own symbol. Append the next name to look up to ask; none: all is known.
 */
void userfiles_take(struct userfiles *u, const char *image, const char *name, uint64_t value,
		    struct buf *ask);
