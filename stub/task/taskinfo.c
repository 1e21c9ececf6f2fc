// SPDX-License-Identifier: GPL-3.0-or-later
/* taskinfo.c - a task's resource usage, limits and arguments. */
#include "stub/task/taskinfo.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/task/tasks.h"

#define MAX_STRINGS (2u << 20) /* more than MAX_ARG_STRINGS' usual share of the stack limit */

/* --- memory */

/* The place of a counter: its number is the index in an array (of int, long or struct
 * percpu_counter), or just past the end for a counter that is a separate member. */
struct place {
	unsigned first, all, apart;
};

static const struct place of_task = { TASK_RSS_CACHED, TASK_RSS_ALL, TASK_RSS_SHMEM };
static const struct place of_mm = { MM_RSS, MM_RSS_ALL, MM_RSS };
static const struct place of_mm_atomic = { MM_RSS_ATOMIC, MM_RSS_ALL, MM_RSS_SHMEM };

/* Finds the offset of a counter. VS_NOTFOUND: this kernel has no such array. */
static vs_status counter_at(struct kernel *k, const struct record_def *def, const struct place *p,
			    int64_t number, uint64_t *off, struct err *err)
{
	struct member first, all, apart;
	vs_status st = record_member(k, def, p->first, &first, err);

	if (st == VS_OK)
		st = record_member(k, def, p->all, &all, err);
	if (st)
		return st;
	if (number >= 0 && first.size && (uint64_t)number < all.size / first.size) {
		*off = first.off + (uint64_t)number * first.size;
		return VS_OK;
	}
	if (p->apart == p->first || first.size == 0 || (uint64_t)number != all.size / first.size ||
	    record_member(k, def, p->apart, &apart, NULL))
		return fail(err, VS_CORRUPT, "counter %" PRId64 " is outside rss_stat", number);
	*off = apart.off;
	return VS_OK;
}

enum { RSS_COUNTERS = 4 };

/* Adds what each thread kept of its last few changes, from 34e55232e59f (2.6.34) to f1a7941243c1
 * (6.2). number: of n counters. */
static vs_status add_threads_rss(struct kernel *k, kva_t task, const int64_t *number, size_t n,
				 int64_t *sum, struct err *err)
{
	AUTO_FREE kva_t *threads = NULL;
	uint64_t off[RSS_COUNTERS] = { 0 };
	size_t count = 0;
	vs_status st = VS_OK;

	for (size_t i = 0; st == VS_OK && i < n; i++)
		st = counter_at(k, &task_record, &of_task, number[i], &off[i], err);
	if (st == VS_NOTFOUND)
		return VS_OK; // this kernel has counters only in the mm
	if (st == VS_OK)
		st = task_threads(k, task, &threads, &count, err);
	for (size_t i = 0; st == VS_OK && i < count * n; i++) {
		uint32_t v;

		st = mem_read_u32(k->mem, threads[i / n] + off[i % n], &v, err);
		if (st == VS_OK)
			sum[i % n] += (int32_t)v;
	}
	return st;
}

/* One counter of mm->rss_stat. *per_thread: threads may have parts of it. */
static vs_status rss_counter(struct kernel *k, kva_t mm, int64_t number, int64_t *ret,
			     bool *per_thread, struct err *err)
{
	uint64_t v, off;
	vs_status st = counter_at(k, &mm_record, &of_mm, number, &off, err);

	*per_thread = false;
	if (st == VS_OK)
		return percpu_counter_sum(k, mm + off, ret, err);
	*per_thread = true;
	if (st == VS_NOTFOUND)
		st = counter_at(k, &mm_record, &of_mm_atomic, number, &off, err);
	if (st == VS_OK)
		st = mem_read_u64(k->mem, mm + off, &v, err);
	if (st == VS_OK)
		*ret = (int64_t)v;
	return st;
}

/* Pages in RAM and in swap. */
static vs_status count_rss(struct kernel *k, const struct task *t, struct task_memory *ret,
			   struct err *err)
{
	static const char *const names[RSS_COUNTERS] = { "MM_SWAPENTS", "MM_FILEPAGES",
							 "MM_ANONPAGES", "MM_SHMEMPAGES" };
	int64_t number[RSS_COUNTERS], sum[RSS_COUNTERS] = { 0 }, rss = 0;
	bool per_thread = false;
	vs_status st = VS_OK;
	size_t n;

	for (n = 0; st == VS_OK && n < RSS_COUNTERS; n++) {
		st = types_enumerator(k->types, names[n], &number[n], err);
		// Before eca56ff906bd (4.5) shared memory is counted among files.
		if (st && n + 1 == RSS_COUNTERS) {
			st = VS_OK;
			break;
		}
		if (st == VS_OK)
			st = rss_counter(k, t->mm, number[n], &sum[n], &per_thread, err);
	}
	if (st == VS_OK && per_thread)
		st = add_threads_rss(k, t->va, number, n, sum, err);
	for (size_t i = 1; i < n; i++)
		rss += sum[i];
	ret->rss = rss > 0 ? (uint64_t)rss : 0;
	ret->swap = sum[0] > 0 ? (uint64_t)sum[0] : 0;
	return st;
}

vs_status task_memory_load(struct kernel *k, const struct task *t, struct task_memory *ret,
			   struct err *err)
{
	struct task_memory mem = { 0 };
	uint64_t mm;
	vs_status st = kernel_need_types(k, err);

	if (st)
		return st;
	if (task_knows(t, TASK_FLAGS) && task_is_kernel(t)) {
		*ret = mem;
		return VS_OK;
	}
	// If it is unknown, reading it again gives the reason.
	st = task_knows(t, TASK_MM) ? VS_OK
				    : record_field_read(k, &task_record, t->va, TASK_MM, &mm, err);
	if (st == VS_OK && !t->mm) {
		*ret = mem;
		return VS_OK;
	}
	if (st == VS_OK)
		st = record_field_read(k, &mm_record, t->mm, MM_TOTAL_VM, &mem.total_vm, err);
	if (st == VS_OK)
		st = count_rss(k, t, &mem, err);
	if (st)
		return fail_ctx(err, st, "memory of task %#" PRIx64, t->va);
	*ret = mem;
	return VS_OK;
}

vs_status memory_total_pages(struct kernel *k, uint64_t *ret, struct err *err)
{
	kva_t va;
	// ca79b0c211af (5.0): "totalram_pages" became the atomic "_totalram_pages".
	vs_status st = kernel_symbol(k, "_totalram_pages", &va, NULL);

	if (st)
		st = kernel_symbol(k, "totalram_pages", &va, err);
	return st ? st : mem_read_u64(k->mem, va, ret, err);
}

/* --- time */

/* Returns when a task started, in nanoseconds since boot. */
static vs_status start_time(const struct record *r, uint64_t *ret, struct err *err)
{
	uint64_t sec, nsec;

	if (!record_get(r, TASK_START_SEC, &sec) || !record_get(r, TASK_START_NSEC, &nsec))
		return record_need(r, TASK_START, ret, err);
	*ret = sec * 1000000000 + nsec;
	return VS_OK;
}

vs_status task_times_load(struct kernel *k, kva_t task, struct task_times *ret, struct err *err)
{
	struct task_times t;
	struct record r;
	vs_status st;

	record_read(k, &task_record, task,
		    RECORD_BIT(TASK_UTIME) | RECORD_BIT(TASK_STIME) | RECORD_BIT(TASK_START) |
			    RECORD_BIT(TASK_START_SEC) | RECORD_BIT(TASK_START_NSEC),
		    &r);
	st = record_need(&r, TASK_UTIME, &t.utime, err);
	if (st == VS_OK)
		st = record_need(&r, TASK_STIME, &t.stime, err);
	if (st == VS_OK)
		st = start_time(&r, &t.start, err);
	if (st == VS_OK)
		*ret = t;
	return st;
}

vs_status task_last_run(struct kernel *k, kva_t task, uint64_t *ret, struct err *err)
{
	return record_field_read(k, &task_record, task, TASK_LAST_ARRIVAL, ret, err);
}

enum { RQ_CLOCK };
static const struct record_field rq_fields[] = { [RQ_CLOCK] = { { "clock" }, RECORD_UINT } };
RECORD(rq_clock_record, "rq", rq_fields);

vs_status task_cpu_clock(struct kernel *k, unsigned cpu, uint64_t *ret, struct err *err)
{
	kva_t rq;
	vs_status st = percpu_symbol(k, "runqueues", cpu, &rq, err);

	return st ? st : record_field_read(k, &rq_clock_record, rq, RQ_CLOCK, ret, err);
}

/* --- family, limits, policy */

vs_status task_parent(struct kernel *k, kva_t task, kva_t *ret, int32_t *pid, struct err *err)
{
	uint64_t parent, v;
	vs_status st = record_field_read(k, &task_record, task, TASK_REAL_PARENT, &parent, err);

	if (st == VS_OK && !parent)
		return fail(err, VS_NOTFOUND, "task %#" PRIx64 " has no parent", task);
	if (st == VS_OK)
		st = record_field_read(k, &task_record, parent, TASK_TGID, &v, err);
	if (st)
		return st;
	*ret = parent;
	*pid = (int32_t)v;
	return VS_OK;
}

vs_status task_limits_load(struct kernel *k, kva_t task, struct task_limit ret[TASK_NLIMITS],
			   struct err *err)
{
	struct member rlim;
	uint64_t signal, raw[2 * TASK_NLIMITS];
	vs_status st = record_field_read(k, &task_record, task, TASK_SIGNAL, &signal, err);

	if (st == VS_OK && !signal)
		return fail(err, VS_NOTFOUND, "task %#" PRIx64 " has no limits", task);
	if (st == VS_OK)
		st = record_member(k, &signal_record, SIGNAL_RLIM, &rlim, err);
	if (st == VS_OK && rlim.size != sizeof(raw))
		return fail(err, VS_UNSUPPORTED, "signal_struct.rlim has %" PRIu64 " bytes",
			    rlim.size);
	if (st == VS_OK)
		st = mem_read(k->mem, signal + rlim.off, raw, sizeof(raw), err);
	for (unsigned i = 0; st == VS_OK && i < TASK_NLIMITS; i++)
		ret[i] = (struct task_limit){ raw[2 * i], raw[2 * i + 1] };
	return st;
}

/* RLIMIT_* (include/uapi/asm-generic/resource.h), a fixed user-space interface. */
const char *task_limit_name(unsigned i)
{
	static const char *const names[TASK_NLIMITS] = {
		"CPU",	   "FSIZE", "DATA",  "STACK",	   "CORE",     "RSS",  "NPROC",	 "NOFILE",
		"MEMLOCK", "AS",    "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME",
	};

	return i < TASK_NLIMITS ? names[i] : "?";
}

vs_status task_policy_parse(const char *text, unsigned *ret)
{
	// SCHED_* of include/uapi/linux/sched.h; EXT since f0e1a0643a59 (6.12).
	static const char *const names[] = { "NORMAL", "FIFO", "RR",	   "BATCH",
					     "ISO",    "IDLE", "DEADLINE", "EXT" };
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (isdigit((unsigned char)*text) && !*end && n < 32) {
		*ret = (unsigned)n;
		return VS_OK;
	}
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(text, names[i]) == 0) {
			*ret = i;
			return VS_OK;
		}
	}
	return VS_NOTFOUND;
}

vs_status task_strings(struct kernel *k, kva_t task, bool env, struct buf *out, struct err *err)
{
	uint64_t mm, start, end;
	struct mem_got got;
	pa_t root;
	vs_status st = record_field_read(k, &task_record, task, TASK_MM, &mm, err);

	if (st == VS_OK)
		st = task_page_root(k, task, &root, err);
	if (st == VS_OK)
		st = record_field_read(k, &mm_record, mm, env ? MM_ENV_START : MM_ARG_START, &start,
				       err);
	if (st == VS_OK)
		st = record_field_read(k, &mm_record, mm, env ? MM_ENV_END : MM_ARG_END, &end, err);
	if (st)
		return st;
	if (end < start || end - start > MAX_STRINGS)
		return fail(err, VS_CORRUPT, "strings from %#" PRIx64 " to %#" PRIx64, start, end);
	if (!buf_reserve(out, end - start))
		return fail(err, VS_NOMEM, "out of memory");
	got = kmem_read_as(k->kmem, root, start, out->p + out->len, end - start, err);
	out->len += got.len;
	return got.why;
}
