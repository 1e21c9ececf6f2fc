// SPDX-License-Identifier: GPL-3.0-or-later
/* errpipe.c - closes standard error for gdb, and collects its text. */
#include "stub/rsp/errpipe.h"

#include <fcntl.h>
#include <unistd.h>

#include "stub/base/buf.h"

/* Close it after this many bytes. A backtrace takes a tenth of that, so users still see messages at
 * once; gdb's extra calls up to then take less than 0.1 s. */
#define ENOUGH (64 * 1024)
/* More than a Linux pipe holds; writes to a full pipe are dropped. */
#define MAX_TEXT (1024 * 1024)

void errpipe_init(struct errpipe *e, bool gdb_on_pipe, int terminal)
{
	*e = (struct errpipe){ .wanted = gdb_on_pipe, .terminal = terminal, .fd = -1, .in = -1 };
}

void errpipe_deinit(struct errpipe *e)
{
	if (e->fd >= 0)
		close(e->fd);
	if (e->in >= 0)
		close(e->in);
	e->fd = e->in = -1;
}

void errpipe_count(struct errpipe *e, size_t n)
{
	int fds[2];

	e->sent += n;
	if (!e->wanted || e->sent < ENOUGH)
		return;
	e->wanted = false;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		return; // leave it open: slow, but no message is lost
	if (dup2(e->terminal >= 0 ? e->terminal : fds[1], STDERR_FILENO) != STDERR_FILENO) {
		close(fds[0]);
		close(fds[1]);
		return;
	}
	e->fd = fds[0];
	e->in = fds[1];
}

void errpipe_keep(struct errpipe *e)
{
	if (e->fd >= 0 && e->terminal >= 0)
		dup2(e->in, STDERR_FILENO);
}

void errpipe_take(struct errpipe *e, struct buf *out)
{
	char text[1024];
	size_t all = 0;
	ssize_t n;

	while (e->fd >= 0 && all < MAX_TEXT && (n = read(e->fd, text, sizeof(text))) > 0) {
		buf_put(out, text, (size_t)n);
		all += (size_t)n;
	}
}

void errpipe_show(struct errpipe *e)
{
	if (e->fd >= 0 && e->terminal >= 0)
		dup2(e->terminal, STDERR_FILENO);
}
