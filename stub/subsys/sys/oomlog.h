// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* oomlog.h - what the log says about the last time that memory ran out: mm/oom_kill.c. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/err.h"

struct kernel;

struct oom_log {
	bool found;
	bool panicked; /* the kernel panicked for that */
	bool has_time;
	uint64_t ts_nsec; /* of its first line, since boot */
	/* Who asked for memory: its name and, if the log has it, PID. */
	char comm[17];
	bool has_pid;
	int pid;
	char gfp[256]; /* "GFP_KERNEL|__GFP_ZERO"; since 4.4 */
	bool has_order;
	int order; /* of 2^order pages; -1: a user asked for it with sysrq */
	/* The cgroup whose limit was reached: "" if it is not known, or it was all memory that ran
	 * out. Numbers in kB. */
	char cgroup[256];
	bool has_limit;
	uint64_t usage_kb, limit_kb;
	/* The last task that was killed for it. */
	bool killed;
	int killed_pid;
	char killed_comm[64];
	uint64_t killed_anon_kb, killed_file_kb, killed_shmem_kb;
	bool has_killed_sizes;
};

/* Takes one more line of the log, without its time, the oldest first; *l is zero at the start.
 * Returns true if the line begins a report. */
bool oom_log_add_line(struct oom_log *l, const char *line);
/* From the dump's log. l->found is false if the log has no such report. */
vs_status oom_log_find(struct kernel *k, struct oom_log *l, struct err *err);
