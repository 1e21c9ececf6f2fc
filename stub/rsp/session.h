// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* session.h - serves one gdb over a pair of file descriptors until it detaches, kills or
 * disconnects. */
#include "stub/base/err.h"

struct rsp_target;

/* in_fd and out_fd may be the same (a socket) or stdin/stdout (gdb's `target remote | vmstub`).
 * Returns VS_OK if gdb detached, killed or closed the connection, else the failure. Does not close
 * the descriptors. The caller must ignore SIGPIPE. */
vs_status rsp_serve(const struct rsp_target *target, int in_fd, int out_fd, struct err *err);
