// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* reports.h - `vmstub --report`: a report for each of many dumps. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/open.h"

struct kernel_options;

enum reports_format { REPORTS_NONE, REPORTS_TEXT, REPORTS_JSON };

struct reports_options {
	enum reports_format format;
	unsigned jobs;	  /* at a time; 0: not given */
	unsigned seconds; /* for one dump; 0: not given */
	struct open_options open;
};

/* What getopt_long() returns for the options; -j is 'j'. */
enum { REPORTS_FORMAT = 256, REPORTS_TIMEOUT };

/* Returns -1 if it took the option, -2 if it is another one, else an exit code, after a message. */
int reports_take_option(int c, const char *arg, struct reports_options *o);
/* Are its options combined with others that exclude them? Prints why. */
bool reports_bad_usage(const struct reports_options *o, bool other_mode);
/* Prints a report of each file, as each is ready. Returns the exit code: 0 if all dumps could be
 * read. */
int reports_run(const struct reports_options *o, const struct kernel_options *kernel,
		bool no_sandbox, char *const *paths, size_t n);
