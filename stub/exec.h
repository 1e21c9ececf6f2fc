// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* exec.h - `vmstub --exec`: runs verbs without gdb, and prints to standard output. */
#include "stub/base/err.h"

struct vmtarget;

/* Runs the commands in the file `input`, then those of `lines`; "-" is standard input, which is
 * read line by line, and NULL none. A `quit` ends both. t may be NULL for `help` alone. A verb's
 * failure is printed on standard error and does not stop the next one; returns the first one. */
vs_status exec_run(struct vmtarget *t, const char *input, const char *lines);
