// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* crash_report.h - the facts about one crash that `vmstub --report` prints. docs/report.md
 * describes each field. A piece that cannot be found costs only its field: it is then empty, and
 * `missing` says why. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/arena.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"
#include "stub/base/vec.h"

struct kernel;

#define CRASH_LOG_LINES 50
#define CRASH_FRAMES	64

/* One or more equal frames. */
struct crash_frame {
	const char *function; /* NULL: no symbol */
	const char *plain;    /* the same without the compiler's suffixes; NULL: no symbol */
	const char *module;   /* or "bpf" and the like; NULL: the kernel itself, or unknown */
	uint64_t offset;      /* of pc in the function */
	kva_t pc;
	unsigned times; /* adjacent frames of this function; pc is the innermost one's */
	bool exact;	/* pc is of an interrupted instruction, and no return address */
	bool code;	/* pc is in code of the kernel, a module or generated code */
	bool key;	/* the signature uses it */
};

struct crash_frames {
	struct crash_frame *v;
	size_t n, cap;
};

/* A module that may have to do with the crash. */
struct crash_culprit {
	const char *module;
	VEC(const char *) reasons;
};

/* A task in a cycle of tasks that wait for one another; the next one holds the lock. */
struct crash_wait {
	int pid;
	const char *comm;
	const char *kind;   /* "mutex" */
	kva_t lock;	    /* its address */
	const char *symbol; /* NULL: it is no variable */
	size_t number, len; /* place in its cycle, from 0, and the cycle's length */
};

struct crash_memory {
	uint64_t total, free; /* bytes; valid if known */
	bool known;
	struct crash_memory_use {
		const char *name; /* "anonymous" */
		uint64_t bytes;
		bool known;
	} by[24];
	size_t n;
	const char *verdict; /* NULL: unknown */
	/* The largest use, or a cgroup that reached its limit. */
	struct crash_hog {
		const char *use;  /* "slab"; "unaccounted": in no counter */
		const char *kind; /* of its largest holder, "slab cache", or NULL */
		const char *name;
		uint64_t bytes, held_bytes; /* of the use, and of the holder */
		const char *text;	    /* a sentence; NULL: unknown */
	} hog;
};

/* A string from the machine's firmware: "DMI_SYS_VENDOR" is named "sys_vendor". */
struct crash_text {
	const char *name, *text;
};

struct crash_report {
	struct arena memory; /* owns the strings */
	bool no_memory;	     /* strings were lost */
	const char *file, *format;
	bool incomplete, live;
	const char *release, *version, *nodename, *arch; /* NULL: unknown */
	VEC(struct crash_text) dmi;
	unsigned cpus;	 /* 0: unknown */
	uint64_t time;	 /* seconds since 1970; 0: unknown */
	uint64_t uptime; /* seconds; 0: unknown */
	bool have_taint;
	uint64_t taint;
	const char *taint_letters;
	VEC(const char *) taint_words;
	const char *panic; /* the log's line that says why the kernel crashed */
	bool have_task;	   /* the task that panicked */
	int pid;
	const char *comm;
	unsigned cpu;
	const char *kind;    /* "null", "soft-lockup"; NULL: unknown */
	const char *context; /* "process", "softirq", "hardirq", "nmi"; NULL: unknown */
	struct crash_frames trace;
	bool trace_whole;
	/* The task that the kernel reported as hung, in a panic for that. */
	struct crash_hung {
		const char *comm; /* NULL: another panic, or unknown */
		int pid;
		unsigned long seconds;	   /* it was blocked for longer */
		struct crash_frames trace; /* its stack; empty: unknown */
		bool whole;
	} hung;
	/* The task that stalled RCU, or that the CPU with a hard lockup ran, if another CPU than
	 * its own panicked for that. */
	struct crash_stalled {
		const char *comm; /* NULL: another panic, or unknown */
		int pid;
		bool has_cpu; /* the log names its CPU, and not the task */
		unsigned cpu;
		struct crash_frames trace; /* from where it was interrupted or preempted */
		bool whole;
	} stalled;
	VEC(struct crash_culprit) culprits;
	bool have_culprits;
	const char *explain; /* lines; NULL: none */
	bool have_waits;
	size_t waiting, unknown_waits; /* tasks that wait for locks, and that cannot be judged */
	VEC(struct crash_wait) cycles;
	struct crash_memory mem;
	const char *log[CRASH_LOG_LINES]; /* a ring; see crash_log_line() */
	size_t log_lines;		  /* seen */
	bool oom_killed;		  /* the log says that the OOM killer ran */
	const char *signature;		  /* "v1:0123456789abcdef"; NULL: unknown */
	const char *signature_text;	  /* of which it is the hash */
	VEC(struct crash_text) missing;	  /* field and reason */
};

/* Fills *ret. explain: the text of the verb, or NULL with why_not. The caller frees *ret with
 * crash_report_deinit(). */
void crash_report_make(struct kernel *k, const char *explain, const struct err *why_not,
		       struct crash_report *ret);
void crash_report_deinit(struct crash_report *r);
/* The i-th of the last lines, from 0; NULL: there is none. */
const char *crash_log_line(const struct crash_report *r, size_t i);
