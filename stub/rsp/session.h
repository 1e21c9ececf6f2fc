// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* session.h - serves one gdb over a pair of file descriptors until it detaches, kills or vanishes.
 */
#include "stub/base/err.h"

struct rsp_target;

/* in_fd and out_fd may be the same (a socket) or stdin/stdout (gdb's `target remote | vmstub`).
 * Returns VS_OK when gdb detached, killed or closed the connection, else what broke. Does not close
 * the descriptors. SIGPIPE must be ignored by the caller. */
vs_status rsp_serve(const struct rsp_target *target, int in_fd, int out_fd, struct err *err);
