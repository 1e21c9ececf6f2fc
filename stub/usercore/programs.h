// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* programs.h - the program of a process and its libraries: what the process maps of each, and the
 * file here that is the same. */
#include <stddef.h>

#include "stub/elf/elffile.h"
#include "stub/usercore/memprogram.h"
#include "stub/usercore/process.h"

struct program {
	const char *path;   /* as in /proc/PID/maps; borrowed from the process */
	uint64_t start;	    /* where its first segment is in memory */
	struct build_id id; /* in memory; len 0: none, or unknown */
	bool is_32bit;
	int fd; /* the file, or one made from memory if why says why it is missing; -1: none */
	bool stripped; /* the file has no symbol table but that of what it exports */
	struct memprogram
		memory; /* what fd has if it was made from memory because there is no file */
	struct err why;
};

struct programs {
	struct program *v;
	size_t n, cap;
};

/* Lists the ELF files that the process maps, and looks for none. The caller frees *ret in any case;
 * it borrows p. VS_NOMEM. */
vs_status programs_list(struct process *p, struct programs *ret, struct err *err);
/* Looks for the file of each: by its path below --sysroot (or on this machine), by its build-id
 * below /usr/lib/debug there, and among what debuginfod's client fetched before. A file counts only
 * if its build-id is that in memory, or, without one, if its first page is. Of a program whose file
 * is not found, makes a file from what is in memory. */
void programs_find(struct process *p, struct programs *ps);
/* A number that tells sets of files at addresses apart; 0: there are none. */
uint64_t programs_key(const struct programs *ps);
/* Closes the files that are not taken (fd -1). */
void programs_free(struct programs *ps);
