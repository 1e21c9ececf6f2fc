// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* listen.h - `vmstub --listen`: serves one gdb after another on a socket. */
#include <signal.h>
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/listener.h"

struct dump;
struct kernel;
struct kernel_options;
struct vmtarget_options;

/* Listens at `where` (listener_open()), says so on standard error, and blocks the signals that end
 * vmstub; *before has those that were blocked before. The sandbox can be entered afterwards. The
 * caller ends with listener_close(). */
vs_status listen_start(const char *where, struct listener *l, sigset_t *before, struct err *err);
/* Serves gdbs until a signal arrives, or only one of them. For each, the kernel is opened anew, so
 * that it finds vmstub as the first one did: *k, which the caller closes, is replaced. Sets in both
 * options whether gdb is on this machine; the kernel has borrowed them. */
vs_status listen_serve(const struct listener *l, const sigset_t *before, bool once,
		       struct dump *dump, struct kernel **k, struct kernel_options *opt,
		       struct vmtarget_options *target, struct err *err);
