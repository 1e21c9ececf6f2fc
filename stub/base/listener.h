// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* listener.h - a TCP port or a unix socket on which vmstub waits for gdb. */
#include <signal.h>
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"

struct listener {
	int fd;
	int helper; /* write end of the pipe to the process that removes the socket's file; -1 */
};

/* Listens at `where`, and appends to *told what a user must know to connect: "port 1234" or
 * "socket PATH". PORT, :PORT and [:]0 (any free port) mean this machine only; HOST:PORT and
 * [ADDRESS]:PORT name an interface; anything else is the path of a unix socket, which only this
 * user may open (mode 0600). A socket that an ended vmstub left behind is replaced. *others: users
 * of other machines may connect. VS_INVAL: not such a text. Call listener_close() after VS_OK. */
vs_status listener_open(const char *where, struct listener *ret, struct buf *told, bool *others,
			struct err *err);
/* Waits for the next client, with the signals of `mask` blocked meanwhile; appends its name to
 * *who. VS_END: a signal arrived. The caller closes *fd. */
vs_status listener_accept(const struct listener *l, const sigset_t *mask, int *fd, struct buf *who,
			  struct err *err);
/* Stops listening. The file of a unix socket is removed, even if this is never called. */
void listener_close(struct listener *l);
