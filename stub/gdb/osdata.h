// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* osdata.h - the tables of gdb's `info os`: tasks, modules, CPUs, the log, interrupts. */
#include "stub/base/buf.h"
#include "stub/base/err.h"

struct kernel;

/* Appends the table as gdb's osdata XML; annex "": the list of tables. VS_NOTFOUND: no such table.
 * A table that cannot be read completely is cut short. */
vs_status osdata_put(struct kernel *k, const char *annex, struct buf *out, struct err *err);
