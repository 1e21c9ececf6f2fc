// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* hungtask.h - the task that the kernel's detector of hung tasks reported in the log. */
#include <stdbool.h>

struct hung_task {
	int pid;
	char comm[32];
	unsigned long seconds; /* it was blocked for longer */
};

/* Reads "INFO: task NAME:PID blocked for more than N seconds." or "INFO: task NAME:PID blocked in
 * I/O wait for more than N seconds." (kernel/hung_task.c); false: it is another line. */
bool hung_task_parse(const char *line, struct hung_task *ret);
