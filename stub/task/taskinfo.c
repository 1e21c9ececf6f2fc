/* taskinfo.c - what a task has used and may use. */
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

/* 34e55232e59f (2.6.34) to f1a7941243c1 (6.2): each thread kept its last few changes. */
static void add_threads_rss(struct kernel *k, kva_t task, const char *path, int64_t *sum)
{
	AUTO_FREE kva_t *threads = NULL;
	struct member m;
	size_t n = 0;

	if (kernel_member(k, "task_struct", &m, NULL, path, NULL))
		return;
	(void)task_threads(k, task, &threads, &n, NULL);
	for (size_t i = 0; i < n; i++) {
		uint64_t v;

		if (kernel_read_at(k, threads[i], &m, &v, NULL) == VS_OK)
			*sum += m.size == 4 ? (int32_t)v : (int64_t)v;
	}
}

/* One counter of mm->rss_stat by the name of its number. */
static vs_status rss_counter(struct kernel *k, const struct task *t, const char *name, int64_t *sum,
			     struct err *err)
{
	char path[64], cached[64];
	struct member m;
	int64_t number;
	uint64_t v;
	vs_status st = types_enumerator(k->types, name, &number, err);

	if (st)
		return st;
	// f1a7941243c1 (6.2): struct percpu_counter rss_stat[].
	snprintf(path, sizeof(path), "rss_stat[%" PRId64 "]", number);
	if (kernel_member(k, "mm_struct", &m, NULL, path, NULL) == VS_OK) {
		int64_t n = 0;

		st = percpu_counter_sum(k, t->mm + m.off, &n, err);
		*sum += n;
		return st;
	}
	snprintf(path, sizeof(path), "rss_stat.count[%" PRId64 "].counter", number);
	snprintf(cached, sizeof(cached), "rss_stat.count[%" PRId64 "]", number);
	st = kernel_read_member(k, t->mm, "mm_struct", path, &v, err);
	if (st)
		return st;
	*sum += (int64_t)v;
	add_threads_rss(k, t->va, cached, sum);
	return VS_OK;
}

vs_status task_memory_load(struct kernel *k, const struct task *t, struct task_memory *ret,
			   struct err *err)
{
	static const char *const counters[] = { "MM_FILEPAGES", "MM_ANONPAGES", "MM_SHMEMPAGES" };
	struct task_memory mem = { 0 };
	int64_t sum = 0;
	vs_status st = kernel_need_types(k, err);

	if (st)
		return st;
	if (task_is_kernel(t) || !t->mm) {
		*ret = mem;
		return VS_OK;
	}
	st = kernel_read_member(k, t->mm, "mm_struct", "total_vm", &mem.total_vm, err);
	for (size_t i = 0; st == VS_OK && i < sizeof(counters) / sizeof(counters[0]); i++)
		st = rss_counter(k, t, counters[i], &sum, err);
	if (st)
		return fail_ctx(err, st, "memory of task %#" PRIx64, t->va);
	mem.rss = sum > 0 ? (uint64_t)sum : 0;
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

vs_status task_times_load(struct kernel *k, kva_t task, struct task_times *ret, struct err *err)
{
	struct task_times t;
	struct member start;
	// 5613fda9a503 (4.11): all three in nanoseconds.
	vs_status st = kernel_read_member(k, task, "task_struct", "utime", &t.utime, err);

	if (st == VS_OK)
		st = kernel_read_member(k, task, "task_struct", "stime", &t.stime, err);
	// cf25e24db61c (5.5): "real_start_time" became "start_boottime"; /proc shows that one.
	if (st == VS_OK)
		st = kernel_member(k, "task_struct", &start, err, "start_boottime",
				   "real_start_time", "start_time", NULL);
	if (st == VS_OK)
		st = kernel_read_at(k, task, &start, &t.start, err);
	if (st == VS_OK)
		*ret = t;
	return st;
}

vs_status task_last_run(struct kernel *k, kva_t task, uint64_t *ret, struct err *err)
{
	return kernel_read_member(k, task, "task_struct", "sched_info.last_arrival", ret, err);
}

vs_status task_cpu_clock(struct kernel *k, unsigned cpu, uint64_t *ret, struct err *err)
{
	kva_t rq;
	vs_status st = percpu_symbol(k, "runqueues", cpu, &rq, err);

	return st ? st : kernel_read_member(k, rq, "rq", "clock", ret, err);
}

/* --- family, limits, policy */

vs_status task_parent(struct kernel *k, kva_t task, kva_t *ret, int32_t *pid, struct err *err)
{
	uint64_t parent, v;
	vs_status st = kernel_read_member(k, task, "task_struct", "real_parent", &parent, err);

	if (st == VS_OK && !parent)
		return fail(err, VS_NOTFOUND, "task %#" PRIx64 " has no parent", task);
	if (st == VS_OK)
		st = kernel_read_member(k, parent, "task_struct", "tgid", &v, err);
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
	vs_status st = kernel_read_member(k, task, "task_struct", "signal", &signal, err);

	if (st == VS_OK && !signal)
		return fail(err, VS_NOTFOUND, "task %#" PRIx64 " has no limits", task);
	if (st == VS_OK)
		st = kernel_member(k, "signal_struct", &rlim, err, "rlim", NULL);
	if (st == VS_OK && rlim.size != sizeof(raw))
		return fail(err, VS_UNSUPPORTED, "signal_struct.rlim has %" PRIu64 " bytes",
			    rlim.size);
	if (st == VS_OK)
		st = mem_read(k->mem, signal + rlim.off, raw, sizeof(raw), err);
	for (unsigned i = 0; st == VS_OK && i < TASK_NLIMITS; i++)
		ret[i] = (struct task_limit){ raw[2 * i], raw[2 * i + 1] };
	return st;
}

/* RLIMIT_* (include/uapi/asm-generic/resource.h), an interface to programs and so fixed. */
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
	vs_status st = kernel_read_member(k, task, "task_struct", "mm", &mm, err);

	if (st == VS_OK)
		st = task_page_root(k, task, &root, err);
	if (st == VS_OK)
		st = kernel_read_member(k, mm, "mm_struct", env ? "env_start" : "arg_start", &start,
					err);
	if (st == VS_OK)
		st = kernel_read_member(k, mm, "mm_struct", env ? "env_end" : "arg_end", &end, err);
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
