// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* userfiles.h - has gdb loaded a file of a user program?
 * If several files describe an address, gdb takes the one it loaded first
 * (dwarf2_frame_find_fde() in gdb/dwarf2/frame.c, 10 to 18). So the image whose rule ends
 * backtraces at user mode (images.h) must come last, and vmstub must notice when gdb loads a
 * program's file later. gdb then offers to look up symbols (qSymbol, remote_new_objfile() in
 * gdb/remote.c); their addresses show which files it has. */
#include <stdbool.h>
#include <stdint.h>

struct buf;

/* Number of names that only programs and their libraries have, not kernels. */
#define USERFILES_NAMES 7

struct userfiles {
	uint64_t user_end; /* one past the last user address */
	bool have_image;   /* gdb has the image under its current name */
	bool spared;	   /* there was one event without a new file, see userfiles.c */
	unsigned asked;	   /* number of names answered in this event */
	uint64_t seen[USERFILES_NAMES]; /* their addresses in the last event */
	uint64_t now[USERFILES_NAMES];	/* their addresses in this event */
	bool behind;			/* gdb loaded a file after the image */
	bool tell;			/* in this event, a program's file */
};

/* Call it when the image is listed under a new name: gdb will load it after all others. */
void userfiles_renewed(struct userfiles *u);
/* Handles gdb's offer to look up symbols (name is NULL) or its answer; value 0: not found. image is
 * the name of our image's symbol. Appends the next name to look up to ask, if any. */
void userfiles_take(struct userfiles *u, const char *image, const char *name, uint64_t value,
		    struct buf *ask);
