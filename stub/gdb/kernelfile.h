// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kernelfile.h - how gdb comes by vmlinux: as its main file, beside an image of ours that is its
 * main file, or as the debug file of such an image. */
#include <stdbool.h>

struct kernel;
struct linkdir;

enum kernel_file {
	KERNEL_FILE_NONE, /* there is no vmlinux */
	KERNEL_FILE_MAIN, /* gdb's main file; gdb asks for the offsets of its segments */
	/* The two where an image of ours is the main file, and its unwind rules go first. */
	KERNEL_FILE_LIBRARY, /* a library at its true address */
	KERNEL_FILE_DEBUG,   /* the debug file of the main one, see kernelimage.h */
};

/* KERNEL_FILE_DEBUG, when gdb finds vmlinux by its build-id: through links, when that folder is
 * gdb's debug-file-directory, or where the distribution's packages put it. *fd is then the
 * descriptor of vmlinux that the link leads to, which the caller closes at the end, or -1.
 * entry_first: gdb has no vmlinux of its own; otherwise that is found out. debug_allowed: this gdb
 * takes it well. links may be NULL. */
enum kernel_file kernel_file_choose(struct kernel *k, bool entry_first, bool debug_allowed,
				    struct linkdir *links, int *fd);

/* Does gdb add the slide to the addresses of a zero-based per-CPU section, too? */
bool kernel_file_moves_percpu(enum kernel_file f);
