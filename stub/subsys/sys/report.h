// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* report.h - the kernel's last report of a fault or panic, from its log. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/err.h"

struct kernel;

enum report_kind {
	REPORT_NONE,
	REPORT_FAULT,	/* an exception, or BUG() */
	REPORT_SYSRQ,	/* a crash that a user asked for */
	REPORT_WARNING, /* WARN() */
	REPORT_CHECKER, /* KASAN, KFENCE, KCSAN, KMSAN, UBSAN */
	REPORT_SOFT_LOCKUP,
	REPORT_HARD_LOCKUP,
	REPORT_RCU_STALL,
	REPORT_HUNG_TASK,
	REPORT_OOM,
	REPORT_MCE,
	REPORT_NMI, /* that nobody had expected: a button, or hardware */
	REPORT_KINDS
};

struct report {
	enum report_kind kind;
	uint64_t nr;	 /* its place among the reports of the log; 0: none */
	char cause[256]; /* the message of a WARN(), or what a check found before its BUG(), or ""
			  */
	char fault[256]; /* the first line: "BUG: kernel NULL pointer dereference, address: ..." */
	char panic[256]; /* "Kernel panic - not syncing: ..." */
	char more[4096]; /* for some kinds: the lines between the first one and the registers or
			    stack, then those in which KASAN describes the object; each ends in
			    a newline */
	bool told_where; /* the report has come to its registers or stack */
	bool tells_object; /* and then to the object that KASAN found */
	char rip[128];	   /* what follows "RIP: 0010:" in the report: "func+0x52/0x70 [mod]" */
	bool has_address;
	uint64_t address; /* that the report of a page fault names */
	bool has_error_code;
	uint64_t error_code;
	bool has_time;
	uint64_t ts_nsec; /* of the first line, since boot */
	bool has_pid;
	int pid; /* of the task with the fault, and its CPU: each has a task 0 */
	unsigned long cpu;
};

/* The last report of each kind. */
struct report_log {
	struct report last[REPORT_KINDS];
	enum report_kind open; /* the kind that the next lines belong to */
	uint64_t count;	       /* reports */
	char panic[256];
	char before[256];   /* the last line but for "cut here" */
	unsigned since_cut; /* lines since "cut here", itself included; 0: none */
	bool one_cpu;	    /* only soft lockups of this CPU count */
	unsigned long cpu;
};

/* Takes one more line of the log, without its time, the oldest first; *l is zero at the start. */
void report_add_line(struct report_log *l, const char *line);
/* The report that led to the panic. If the panic does not say which, it is the last fault or
 * lockup. Texts that the log does not have are empty. */
void report_choose(const struct report_log *l, struct report *ret);
/* Both, from the dump's log. VS_NOTFOUND: it has no report. */
vs_status report_find(struct kernel *k, struct report *ret, struct err *err);
/* The CPU that a line about a soft or hard lockup says is stuck. False: the line is another one. */
bool report_lockup_cpu(const char *line, unsigned long *ret);
/* The last report of a soft lockup of this CPU: several CPUs may report at a time, and mix their
 * lines. VS_NOTFOUND, and *ret is unchanged. */
vs_status report_find_lockup(struct kernel *k, unsigned long cpu, struct report *ret,
			     struct err *err);
/* The line that says why the kernel crashed; "" if there is none. */
const char *report_headline(const struct report *r);
