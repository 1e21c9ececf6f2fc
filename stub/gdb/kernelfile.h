// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kernelfile.h - how gdb gets vmlinux: as its main file, beside one of our images as the main file,
 * or as the debug file of such an image. */
#include <stdbool.h>

struct kernel;
struct linkdir;

enum kernel_file {
	KERNEL_FILE_NONE, /* there is no vmlinux */
	KERNEL_FILE_MAIN, /* gdb's main file; gdb asks for the offsets of its segments */
	/* In these two, one of our images is the main file. */
	KERNEL_FILE_LIBRARY, /* a library at its true address */
	KERNEL_FILE_DEBUG,   /* the debug file of the main one, see kernelimage.h */
};

/* Chooses KERNEL_FILE_DEBUG if gdb will find vmlinux by its build-id: through links, if that folder
 * is gdb's debug-file-directory, or where packages put it. *fd is then the descriptor of vmlinux
 * for the link, which the caller closes at the end, or -1. entry_first: gdb cannot have it.
 * debug_allowed: vmlinux may be a debug file. links may be NULL. */
enum kernel_file kernel_file_choose(struct kernel *k, bool entry_first, bool debug_allowed,
				    struct linkdir *links, int *fd);

/* Does gdb use our unwind rules where vmlinux has others? It asks its files in the order in which
 * it loaded them, but a debug file before the file that it belongs to. */
bool kernel_file_rules_first(enum kernel_file f);

/* Does gdb add the slide to the addresses of a zero-based per-CPU section, too? */
bool kernel_file_moves_percpu(enum kernel_file f);
