// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* report.h - the kernel's last report of a fault or panic, from its log. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/err.h"

struct kernel;

struct report {
	char fault[256]; /* the first line: "BUG: kernel NULL pointer dereference, address: ..." */
	char panic[256]; /* "Kernel panic - not syncing: ..." */
	bool told_where; /* the report has come to its registers or stack */
	char rip[128];	 /* what follows "RIP: 0010:" in the report: "func+0x52/0x70 [mod]" */
	bool has_address;
	uint64_t address; /* that the report of a page fault names */
	bool has_error_code;
	uint64_t error_code;
	bool has_pid;
	int pid; /* of the task with the fault, and its CPU: each has a task 0 */
	unsigned long cpu;
};

/* Takes one more line of the log, without its time, the oldest first; *r is zero at the start. */
void report_add_line(struct report *r, const char *line);
/* Texts that the log does not have are empty. VS_NOTFOUND: it has none of them. */
vs_status report_find(struct kernel *k, struct report *ret, struct err *err);
/* The line that says why the kernel crashed; "" if there is none. */
const char *report_headline(const struct report *r);
