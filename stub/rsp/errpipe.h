#pragma once
/* errpipe.h - standard error of a program that gdb runs on a pipe.
 * Before each byte that it takes from such a program, gdb looks for text on the program's standard
 * error, until that is closed: ser_base_read_error_fd() of gdb/ser-base.c, in all versions from 10
 * to 18. Those calls cost twenty times what the bytes do. So once much has been sent, standard
 * error is closed for gdb; what is written there later waits for the next monitor command. */
#include <stdbool.h>
#include <stddef.h>

struct buf;

struct errpipe {
	bool wanted; /* gdb is there, and standard error still its own */
	size_t sent; /* bytes */
	int fd;	     /* what is written to standard error now; -1: that is gdb's */
};

/* gdb_on_pipe: gdb itself holds the other ends. Without it, standard error is left alone. */
void errpipe_init(struct errpipe *e, bool gdb_on_pipe);
void errpipe_deinit(struct errpipe *e);
/* n more bytes go to gdb. */
void errpipe_count(struct errpipe *e, size_t n);
/* Append what was written to standard error since the last call, unless gdb saw it itself. */
void errpipe_take(struct errpipe *e, struct buf *out);
