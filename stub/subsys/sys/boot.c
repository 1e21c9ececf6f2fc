// SPDX-License-Identifier: GPL-3.0-or-later
/* boot.c - time, names, memory, load and panic message of the crashed system. */
#include "stub/subsys/sys/boot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/nodes.h"
#include "stub/kernel/record.h"
#include "stub/subsys/sys/report.h"

#define NSEC	1000000000
#define FIXED_1 2048 /* fixed point of avenrun (include/linux/sched/loadavg.h) */

enum { TK_DATA_TIMEKEEPER };
static const struct record_field tk_data_fields[] = {
	[TK_DATA_TIMEKEEPER] = { { "timekeeper" }, RECORD_ADDRESS, "since 6.13" },
};
RECORD(tk_data_record, "tk_data", tk_data_fields);

enum {
	TK_BASE,
	TK_PART,
	TK_SHIFT,
	TK_NOW,
	TK_UPTIME,
	TK_SUSPENDED,
	TK_TO_MONOTONIC,
	TK_TO_MONOTONIC_NSEC
};
static const struct record_field timekeeper_fields[] = {
	[TK_BASE] = { { "tkr_mono.base" }, RECORD_UINT },
	// in struct timekeeper itself, in tkr (3.17), in tkr_mono (4.0)
	[TK_PART] = { { "tkr_mono.xtime_nsec", "tkr.xtime_nsec", "xtime_nsec" }, RECORD_UINT },
	[TK_SHIFT] = { { "tkr_mono.shift", "tkr.shift", "shift" }, RECORD_UINT },
	[TK_NOW] = { { "xtime_sec" }, RECORD_UINT },
	[TK_UPTIME] = { { "ktime_sec" }, RECORD_UINT },
	[TK_SUSPENDED] = { { "offs_boot" }, RECORD_UINT }, // nanoseconds
	[TK_TO_MONOTONIC] = { { "wall_to_monotonic.tv_sec" }, RECORD_UINT },
	[TK_TO_MONOTONIC_NSEC] = { { "wall_to_monotonic.tv_nsec" }, RECORD_UINT },
};
RECORD(timekeeper_record, "timekeeper", timekeeper_fields);

enum { UTS_NS_NAME };
static const struct record_field uts_ns_fields[] = {
	[UTS_NS_NAME] = { { "name" }, RECORD_ADDRESS },
};
RECORD(uts_ns_record, "uts_namespace", uts_ns_fields);

static const struct record_field uts_fields[] = {
	[BOOT_NODENAME] = { { "nodename" }, RECORD_ADDRESS },
	[BOOT_RELEASE] = { { "release" }, RECORD_ADDRESS },
	[BOOT_VERSION] = { { "version" }, RECORD_ADDRESS },
	[BOOT_MACHINE] = { { "machine" }, RECORD_ADDRESS },
};
RECORD(uts_record, "new_utsname", uts_fields);

enum { NODE_PAGES };
static const struct record_field node_fields[] = {
	[NODE_PAGES] = { { "node_present_pages" }, RECORD_UINT },
};
RECORD(node_pages_record, "pglist_data", node_fields);

/* struct timekeeper: the first of timekeeper_data[] (6.17), tk_core.timekeeper since struct tk_data
 * has a name (6.13), before that its copy shadow_timekeeper, at most a tick older. */
vs_status boot_timekeeper(struct kernel *k, kva_t *ret, struct err *err)
{
	kva_t core;

	if ((kernel_symbol(k, "timekeeper_data", &core, NULL) == VS_OK ||
	     kernel_symbol(k, "tk_core", &core, NULL) == VS_OK) &&
	    record_field_read(k, &tk_data_record, core, TK_DATA_TIMEKEEPER, ret, NULL) == VS_OK)
		return VS_OK;
	if (kernel_symbol(k, "shadow_timekeeper", ret, err) == VS_OK)
		return VS_OK;
	return kernel_symbol(k, "timekeeper", ret, err); // 48cdc135d484 (3.10)
}

vs_status boot_monotonic(struct kernel *k, uint64_t *ret, struct err *err)
{
	uint64_t base, part, shift;
	struct record tk;
	kva_t va;
	vs_status st = boot_timekeeper(k, &va, err);

	if (st)
		return st;
	record_read(k, &timekeeper_record, va, RECORD_ALL, &tk);
	st = record_need(&tk, TK_BASE, &base, err);
	if (st == VS_OK)
		st = record_need(&tk, TK_PART, &part, err);
	if (st == VS_OK)
		st = record_need(&tk, TK_SHIFT, &shift, err);
	if (st == VS_OK && shift >= 64)
		st = fail(err, VS_CORRUPT, "timekeeper: a shift of %" PRIu64 " bits", shift);
	if (st == VS_OK)
		*ret = base + (part >> shift);
	return st;
}

/* Before 9e3680b1750b (3.19) the kernel did not store the seconds of the monotonic clock. This adds
 * wall_to_monotonic to the wall clock; both have nanoseconds in a separate member. */
static vs_status uptime_before_3_19(const struct record *tk, uint64_t wall, uint64_t *ret,
				    struct err *err)
{
	uint64_t to_monotonic, nsec = 0, shift = 0, more = 0;
	int64_t sec;
	vs_status st = record_need(tk, TK_TO_MONOTONIC, &to_monotonic, err);

	if (st)
		return st;
	(void)record_get(tk, TK_PART, &nsec);
	(void)record_get(tk, TK_SHIFT, &shift);
	(void)record_get(tk, TK_TO_MONOTONIC_NSEC, &more);
	nsec = (shift < 64 ? nsec >> shift : 0) + more;
	sec = (int64_t)(wall + to_monotonic) + (nsec >= NSEC);
	if (sec < 0)
		return fail(err, VS_CORRUPT, "timekeeper: %" PRId64 " seconds since boot", sec);
	*ret = (uint64_t)sec;
	return VS_OK;
}

vs_status boot_times_load(struct kernel *k, struct boot_times *ret, struct err *err)
{
	uint64_t mono;
	const char *crashtime = vmcoreinfo_str(k->vmci, "CRASHTIME");
	struct boot_times t = { 0 };
	uint64_t boot_offset = 0;
	struct record tk;
	kva_t va;
	vs_status st = boot_timekeeper(k, &va, err);

	if (st == VS_OK) {
		record_read(k, &timekeeper_record, va, RECORD_ALL, &tk);
		st = record_need(&tk, TK_NOW, &t.now, err);
	}
	if (st == VS_OK && (st = record_need(&tk, TK_UPTIME, &t.uptime, err)) == VS_NOTFOUND)
		st = uptime_before_3_19(&tk, t.now, &t.uptime, err);
	// Add the time spent suspended, in nanoseconds.
	if (st == VS_OK && record_get(&tk, TK_SUSPENDED, &boot_offset))
		t.uptime += boot_offset / 1000000000;
	if (st == VS_OK && boot_monotonic(k, &mono, NULL) == VS_OK &&
	    (mono + boot_offset) / 1000000000 == t.uptime)
		t.nsec = (mono + boot_offset) % 1000000000;
	if (crashtime && strtoull(crashtime, NULL, 10)) {
		t.now = strtoull(crashtime, NULL, 10);
		st = VS_OK;
	}
	if (st)
		return fail_ctx(err, st, "time of the crash");
	*ret = t;
	return VS_OK;
}

vs_status boot_utsname(struct kernel *k, enum boot_name name, char *dst, size_t cap,
		       struct err *err)
{
	kva_t ns, names, text;
	vs_status st = kernel_symbol_quick(k, "init_uts_ns", &ns, err);

	if (st == VS_OK)
		st = record_field_read(k, &uts_ns_record, ns, UTS_NS_NAME, &names, err);
	if (st == VS_OK)
		st = record_field_read(k, &uts_record, names, name, &text, err);
	if (st == VS_OK)
		st = mem_read_str(k->mem, text, dst, cap, err);
	for (char *p = dst; st == VS_OK && *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	return st;
}

vs_status boot_loadavg(struct kernel *k, uint64_t ret[3], struct err *err)
{
	uint64_t v[3];
	kva_t va;
	vs_status st = kernel_symbol(k, "avenrun", &va, err);

	if (st == VS_OK)
		st = mem_read(k->mem, va, v, sizeof(v), err);
	for (int i = 0; st == VS_OK && i < 3; i++)
		ret[i] = (v[i] + FIXED_1 / 200) * 100 / FIXED_1;
	return st;
}

vs_status boot_memory_pages(struct kernel *k, uint64_t *ret, struct err *err)
{
	struct kernel_node nodes[KERNEL_NODES_MAX];
	uint64_t total = 0, pages;
	size_t n;
	vs_status st = kernel_nodes(k, nodes, &n, err);

	for (size_t i = 0; st == VS_OK && i < n; i++) { // a partial sum would be wrong
		st = record_field_read(k, &node_pages_record, nodes[i].va, NODE_PAGES, &pages, err);
		if (st == VS_OK)
			total += pages;
	}
	if (st == VS_OK)
		*ret = total;
	return st;
}

vs_status boot_panic_message(struct kernel *k, char *dst, size_t cap, struct err *err)
{
	struct report r;
	vs_status st = report_find(k, &r, err);

	if (st == VS_OK)
		snprintf(dst, cap, "%s", report_headline(&r));
	return st;
}
