// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* errpipe.h - standard error of a program that gdb runs on a pipe.
 * Before each byte that it takes from such a program, gdb looks for text on the program's standard
 * error, until that is closed: ser_base_read_error_fd() of gdb/ser-base.c, in all versions from 10
 * to 18. Those calls cost twenty times what the bytes do. So once much has been sent, standard
 * error is closed for gdb. What is written there later goes to gdb's terminal at once, and during a
 * monitor command into its text. Without a terminal it waits for the next monitor command. */
#include <stdbool.h>
#include <stddef.h>

struct buf;

struct errpipe {
	bool wanted;  /* gdb is there, and standard error still its own */
	size_t sent;  /* bytes */
	int terminal; /* borrowed; -1: none */
	int fd;	      /* out of this pipe comes what was kept; -1: standard error is gdb's */
	int in;	      /* into it; -1: not needed any more */
};

/* gdb_on_pipe: gdb itself holds the other ends. Without it, standard error is left alone. terminal:
 * gdb's, or -1. */
void errpipe_init(struct errpipe *e, bool gdb_on_pipe, int terminal);
void errpipe_deinit(struct errpipe *e);
/* n more bytes go to gdb. */
void errpipe_count(struct errpipe *e, size_t n);
/* A monitor command begins, and will take what is written. */
void errpipe_keep(struct errpipe *e);
/* It ends. */
void errpipe_show(struct errpipe *e);
/* Append what was written to standard error and nobody has seen. */
void errpipe_take(struct errpipe *e, struct buf *out);
