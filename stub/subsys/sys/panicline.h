// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* panicline.h - the line of the kernel log that says why the kernel crashed. */
#include <stdbool.h>

/* What the lines so far have said; starts as { 0 }. */
struct panic_lines {
	char panic[256]; /* "Kernel panic - not syncing", or "" */
	char oops[256];	 /* the first line of the last report of a fault, or "" */
	bool told_where; /* that report has come to its registers or stack */
};

/* Takes the log's next line: one line of printable characters, without its time. */
void panic_lines_add(struct panic_lines *p, const char *line);
