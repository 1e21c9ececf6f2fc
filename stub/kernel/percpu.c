// SPDX-License-Identifier: GPL-3.0-or-later
/* percpu.c - per-CPU areas and the number of CPUs. */
#include "stub/kernel/percpu.h"

#include <inttypes.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

static unsigned count_prstatus(struct kernel *k)
{
	size_t n;
	const struct dump_note *notes = dump_notes(k->dump, &n);
	unsigned cpus = 0;

	for (size_t i = 0; i < n; i++)
		cpus += strcmp(notes[i].name, "CORE") == 0 && notes[i].type == 1;
	return cpus > MAX_CPUS ? MAX_CPUS : cpus;
}

/* 0: unknown. Without SMP nr_cpu_ids is a macro with the value 1. */
static uint32_t cpu_ids(struct kernel *k)
{
	uint32_t n;
	kva_t va;

	return kernel_symbol(k, "nr_cpu_ids", &va, NULL) == VS_OK &&
			       mem_read_u32(k->mem, va, &n, NULL) == VS_OK && n <= MAX_CPUS
		       ? n
		       : 0;
}

unsigned percpu_ncpus(struct kernel *k)
{
	unsigned n = cpu_ids(k), notes;

	if (n)
		return n;
	notes = count_prstatus(k);
	return notes ? notes : 1;
}

bool percpu_may_exist(struct kernel *k, uint64_t cpu)
{
	uint32_t n = cpu_ids(k);

	return cpu < (n ? n : MAX_CPUS);
}

/* The CPU's bit in a mask; `missing` if the mask is unknown. 4b804c85dc37 (4.5) made the masks
 * plain variables; before, their bits were separate variables. */
static bool in_mask(struct kernel *k, unsigned cpu, const char *name, const char *old, bool missing)
{
	uint64_t word;
	kva_t mask;

	if ((kernel_symbol(k, name, &mask, NULL) && kernel_symbol(k, old, &mask, NULL)) ||
	    mem_read_u64(k->mem, mask + cpu / 64 * 8, &word, NULL))
		return missing;
	return word >> cpu % 64 & 1;
}

bool percpu_is_online(struct kernel *k, unsigned cpu)
{
	return in_mask(k, cpu, "__cpu_online_mask", "cpu_online_bits", true);
}

bool percpu_is_active(struct kernel *k, unsigned cpu)
{
	return in_mask(k, cpu, "__cpu_active_mask", "cpu_active_bits", false);
}

vs_status percpu_offset(struct kernel *k, unsigned cpu, uint64_t *ret, struct err *err)
{
	kva_t table;
	vs_status st;

	if (cpu >= MAX_CPUS)
		return fail(err, VS_INVAL, "CPU %u", cpu);
	st = kernel_symbol(k, "__per_cpu_offset", &table, err);
	if (st == VS_OK)
		st = mem_read_u64(k->mem, table + cpu * 8ULL, ret, err);
	return st ? fail_ctx(err, st, "per-CPU area of CPU %u", cpu) : VS_OK;
}

vs_status percpu_symbol(struct kernel *k, const char *name, unsigned cpu, kva_t *ret,
			struct err *err)
{
	uint64_t off;
	kva_t va;
	vs_status st = kernel_symbol(k, name, &va, err);

	if (st == VS_OK)
		st = percpu_offset(k, cpu, &off, err);
	if (st == VS_OK)
		*ret = va + off;
	return st;
}

enum { COUNTER_COUNT, COUNTER_SHARES };
static const struct record_field counter_fields[] = {
	[COUNTER_COUNT] = { { "count" }, RECORD_INT },
	[COUNTER_SHARES] = { { "counters" }, RECORD_POINTER, "with SMP" },
};
RECORD(percpu_counter_record, "percpu_counter", counter_fields);

vs_status percpu_counter_sum(struct kernel *k, kva_t va, int64_t *ret, struct err *err)
{
	unsigned ncpus = percpu_ncpus(k);
	uint64_t count, counters;
	struct record counter;
	kva_t offsets;
	vs_status st;

	record_read(k, &percpu_counter_record, va, RECORD_ALL, &counter);
	st = record_need(&counter, COUNTER_COUNT, &count, err);
	// Without SMP there is only the count.
	if (st == VS_OK && record_name(k, &percpu_counter_record, COUNTER_SHARES))
		st = record_need(&counter, COUNTER_SHARES, &counters, err);
	else
		counters = 0;
	if (st == VS_OK && counters) {
		st = kernel_symbol(k, "__per_cpu_offset", &offsets, err);
		// A CPU that went offline normally has added its share to the count and left 0.
		for (unsigned cpu = 0; st == VS_OK && cpu < ncpus; cpu++) {
			uint64_t off;
			uint32_t v;

			st = mem_read_u64(k->mem, offsets + cpu * 8ULL, &off, err);
			if (st == VS_OK)
				st = mem_read_u32(k->mem, counters + off, &v, err);
			if (st == VS_OK)
				count += (uint64_t)(int32_t)v;
		}
	}
	if (st)
		return fail_ctx(err, st, "per-CPU counter at %#" PRIx64, va);
	*ret = (int64_t)count;
	return VS_OK;
}

vs_status percpu_gdb_window(struct kernel *k, bool moved, struct percpu_window *ret,
			    struct err *err)
{
	struct percpu_window w = { 0 };
	vs_status st = kernel_symbol(k, "__per_cpu_start", &w.start, err);

	if (st == VS_OK)
		st = kernel_symbol(k, "__per_cpu_end", &w.end, err);
	if (st)
		return st;
	if (w.end <= w.start || w.end - w.start > 1ULL << 30)
		return fail(err, VS_CORRUPT, "per-CPU section from %#" PRIx64 " to %#" PRIx64,
			    w.start, w.end);
	if (moved && w.start < k->arch->os->image_base) {
		w.bias = k->slide;
		w.start += k->slide;
		w.end += k->slide;
	}
	*ret = w;
	return VS_OK;
}
