// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* exec.h - `vmstub --exec`: runs verbs without gdb, and prints to standard output. */
#include <stdio.h>

#include "stub/base/err.h"

struct vmtarget;

/* What to run, in this order. "-" is standard input, which is read line by line, and NULL none. */
struct exec_input {
	const char *rc;	   /* the user's own file of commands */
	const char *file;  /* -i */
	const char *lines; /* --exec */
	FILE *terminal;	   /* if standard output goes to a pager: what `set scroll off` restores */
};

/* Runs the commands. A `quit` ends all. t may be NULL for `help` alone. A verb's failure is printed
 * on standard error, or in order with its output if both are a terminal's, and does not stop the
 * next one; returns the first one. */
vs_status exec_run(struct vmtarget *t, const struct exec_input *in);
