// SPDX-License-Identifier: GPL-3.0-or-later
/* options.h - what the command line asks for. */
#ifndef VMSTUB_OPTIONS_H
#define VMSTUB_OPTIONS_H

#include <stdio.h>

#include "stub/base/vec.h"
#include "stub/gcore.h"
#include "stub/gdb/vmtarget.h"
#include "stub/kernel/kernel.h"
#include "stub/open.h"
#include "stub/reports.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct options {
	struct kernel_options kernel;
	VEC(const char *) module_dirs;
	const char *exec;  /* NULL: none; "-": standard input */
	const char *input; /* -i: a file with commands; NULL: none */
	const char *link_dir;
	const char *listen;
	char *rc; /* ~/.vmstubrc; NULL: there is none, or it is not wanted */
	bool once, no_sandbox, zero_excluded, no_pager, no_rc;
	struct vmtarget_options target;
	struct reports_options reports;
	struct gcore_options gcore;
	struct open_options open;
	FILE *terminal; /* behind the pager, which main() sets; NULL: no pager */
};

/* Is something to be done without gdb? */
static inline bool options_without_gdb(const struct options *o)
{
	return o->exec || o->input || o->reports.format || o->gcore.wanted;
}

/* Parses the command line, and finds out who is at the other end of standard input. What is wrong
 * is printed. Returns -1, and the files begin at argv[optind]; none: only help was asked for. Else
 * what was asked for is done, or cannot be, and the result is the exit code. Strings in o are
 * argv's. Free with options_deinit(). */
int options_parse(int argc, char **argv, struct options *o);

/* Accepts crash's "vmlinux vmcore": if one of several files is a program, it is taken for
 * --vmlinux. Returns the number of other files, which come first. */
int options_take_vmlinux(struct options *o, char **files, int n);

void options_deinit(struct options *o);

#endif
