// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* errpipe.h - standard error of a program that gdb runs on a pipe.
 * Before each byte that it reads from such a program, gdb checks the program's standard error,
 * until that is closed: ser_base_read_error_fd() of gdb/ser-base.c, in all versions from 10 to 18.
 * These checks cost twenty times as much as the bytes. So after much output vmstub closes standard
 * error for gdb. Later messages go to gdb's terminal at once, or during a monitor command into its
 * output. Without a terminal they wait for the next monitor command. */
#include <stdbool.h>
#include <stddef.h>

struct buf;

struct errpipe {
	bool wanted;  /* gdb is on the pipe, and still reads standard error */
	size_t sent;  /* bytes */
	int terminal; /* borrowed; -1: none */
	int fd; /* read end of the pipe that collects messages; -1: gdb reads standard error */
	int in; /* its write end; -1: no longer needed */
};

/* gdb_on_pipe: gdb itself holds the other ends; if false, standard error is left alone. terminal:
 * gdb's terminal, or -1. */
void errpipe_init(struct errpipe *e, bool gdb_on_pipe, int terminal);
void errpipe_deinit(struct errpipe *e);
/* Account for n more bytes sent to gdb. */
void errpipe_count(struct errpipe *e, size_t n);
/* A monitor command starts: collect messages for errpipe_take(). */
void errpipe_keep(struct errpipe *e);
/* The monitor command ends. */
void errpipe_show(struct errpipe *e);
/* Append the messages on standard error that were not yet shown. */
void errpipe_take(struct errpipe *e, struct buf *out);
