// SPDX-License-Identifier: GPL-3.0-or-later
/* machine.c - facts about the machine that the kernel ran on. */
#include "stub/subsys/sys/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/subsys/sys/boot.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

#define MAX_RANGES 65536

static vs_status read_var(struct kernel *k, const char *name, size_t size, uint64_t *ret,
			  struct err *err)
{
	kva_t va;
	vs_status st = kernel_symbol(k, name, &va, err);

	return st ? st : mem_read_uint(k->mem, va, size, ret, err);
}

/* The HZ value for which jiffies and the uptime agree. Jiffies start 300 seconds before they wrap
 * at 32 bits (INITIAL_JIFFIES). */
static unsigned hz_from_jiffies(uint64_t jiffies, uint64_t uptime)
{
	static const unsigned rates[] = { 100, 250, 300, 1000 };

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		uint64_t ran = jiffies - ((1ULL << 32) - 300ULL * rates[i]);

		if (ran / rates[i] <= uptime + uptime / 50 + 2 &&
		    ran / rates[i] + uptime / 50 + 2 >= uptime)
			return rates[i];
	}
	return 0;
}

vs_status machine_hz(struct kernel *k, unsigned *ret, struct err *err)
{
	uint64_t lpj, khz, jiffies, hz = 0;
	struct boot_times times;

	// lpj_fine is the number of TSC ticks per timer tick, rounded down, if delays use the TSC
	// (determine_cpu_tsc_frequencies()).
	if (read_var(k, "lpj_fine", 8, &lpj, NULL) == VS_OK && lpj &&
	    read_var(k, "tsc_khz", 4, &khz, NULL) == VS_OK)
		hz = (khz * 1000 + lpj / 2) / lpj;
	else if (read_var(k, "jiffies_64", 8, &jiffies, NULL) == VS_OK &&
		 boot_times_load(k, &times, NULL) == VS_OK)
		hz = hz_from_jiffies(jiffies, times.uptime);
	if (hz == 0 || hz > 100000)
		return fail(err, VS_NOTFOUND,
			    "cannot determine HZ: lpj_fine and jiffies_64 are not available");
	*ret = (unsigned)hz;
	return VS_OK;
}

vs_status machine_mhz(struct kernel *k, unsigned *ret, struct err *err)
{
	uint64_t khz;
	vs_status st = read_var(k, "cpu_khz", 4, &khz, err);

	if (st)
		return st;
	if (khz == 0) // seen in QEMU without a steady TSC
		return fail(err, VS_NOTFOUND, "cpu_khz is 0: the kernel did not measure it");
	*ret = (unsigned)(khz / 1000);
	return VS_OK;
}

/* Prints E820_TYPE_RAM as E820_RAM, like crash and kernels before 4.12. */
static void type_name(struct kernel *k, uint64_t value, char dst[32])
{
	type_ref types;
	const char *name;
	int64_t v;

	static const char *const older[] = { "RAM", "RESERVED", "ACPI", "NVS", "UNUSABLE" };

	snprintf(dst, 32, "type %" PRIu64, value);
	if (value - 1 < sizeof(older) / sizeof(older[0])) // the same numbers as macros before 4.12,
							  // from the firmware's interface
		snprintf(dst, 32, "E820_%s", older[value - 1]);
	if (types_find(k->types, "enum e820_type", &types, NULL))
		return;
	for (uint32_t i = 0; types_enumerator_at(k->types, types, i, &name, &v); i++) {
		if ((uint32_t)v != (uint32_t)value)
			continue;
		if (strncmp(name, "E820_TYPE_", 10) == 0)
			name += 10;
		snprintf(dst, 32, "E820_%s", name);
		return;
	}
}

/* Since 544a0f47e780 (4.12) the pointer e820_table points to a struct e820_table. */
enum { TABLE_COUNT, TABLE_ENTRIES };
static const struct record_field table_fields[] = {
	[TABLE_COUNT] = { { "nr_entries" }, RECORD_UINT, "since 4.12" },
	[TABLE_ENTRIES] = { { "entries" }, RECORD_ADDRESS, "since 4.12" },
};
RECORD(e820_table_record, "e820_table", table_fields);

enum { ENTRY_ADDR, ENTRY_SIZE, ENTRY_TYPE };
static const struct record_field entry_fields[] = {
	[ENTRY_ADDR] = { { "addr" }, RECORD_UINT, "since 4.12" },
	[ENTRY_SIZE] = { { "size" }, RECORD_UINT, "since 4.12" },
	[ENTRY_TYPE] = { { "type" }, RECORD_UINT, "since 4.12" },
};
RECORD(e820_entry_record, "e820_entry", entry_fields);

/* Before that, the variable e820 is a struct e820map, or since 4.10 a pointer to one. */
static const struct record_field old_table_fields[] = {
	[TABLE_COUNT] = { { "nr_map" }, RECORD_UINT, "until 4.11" },
	[TABLE_ENTRIES] = { { "map" }, RECORD_ADDRESS, "until 4.11" },
};
RECORD(e820map_record, "e820map", old_table_fields);

static const struct record_field old_entry_fields[] = {
	[ENTRY_ADDR] = { { "addr" }, RECORD_UINT, "until 4.11" },
	[ENTRY_SIZE] = { { "size" }, RECORD_UINT, "until 4.11" },
	[ENTRY_TYPE] = { { "type" }, RECORD_UINT, "until 4.11" },
};
RECORD(e820entry_record, "e820entry", old_entry_fields);

static const struct e820_form {
	const struct record_def *table, *entry;
	const char *entry_name;
} e820_forms[] = {
	{ &e820_table_record, &e820_entry_record, "e820_entry" },
	{ &e820map_record, &e820entry_record, "e820entry" },
};

static vs_status find_e820(struct kernel *k, kva_t *ret, const struct e820_form **form,
			   struct err *err)
{
	kva_t va;
	uint64_t word;
	vs_status st = read_var(k, "e820_table", 8, ret, err);

	if (st != VS_NOTFOUND || kernel_symbol(k, "e820", &va, NULL))
		return st;
	st = mem_read_u64(k->mem, va, &word, err);
	// The struct itself begins with a small number, so a kernel address is a pointer to it.
	*ret = k->arch->is_kernel_va(word) ? word : va;
	*form = &e820_forms[1];
	return st;
}

vs_status machine_each_range(struct kernel *k, bool (*fn)(void *ctx, const struct machine_range *r),
			     void *ctx, struct err *err)
{
	const struct e820_form *form = &e820_forms[0];
	uint64_t table, entries = 0, n = 0, step = 0;
	vs_status st = find_e820(k, &table, &form, err);

	if (st == VS_OK)
		st = record_field_read(k, form->table, table, TABLE_COUNT, &n, err);
	if (st == VS_OK)
		st = record_field_read(k, form->table, table, TABLE_ENTRIES, &entries, err);
	if (st == VS_OK)
		st = types_size(k->types, form->entry_name, &step, err);
	if (st == VS_OK && n > MAX_RANGES)
		return fail(err, VS_CORRUPT, "memory map of %" PRIu64 " ranges", n);
	for (uint64_t i = 0; st == VS_OK && i < n; i++) {
		struct machine_range r;
		struct record entry;
		uint64_t v;

		record_read(k, form->entry, entries + i * step, RECORD_ALL, &entry);
		st = record_need(&entry, ENTRY_ADDR, &r.start, err);
		if (st == VS_OK)
			st = record_need(&entry, ENTRY_SIZE, &r.end, err);
		if (st == VS_OK)
			st = record_need(&entry, ENTRY_TYPE, &v, err);
		if (st)
			return fail_ctx(err, st, "memory map, range %" PRIu64, i);
		r.end += r.start;
		type_name(k, v, r.type);
		if (!fn(ctx, &r))
			return VS_OK;
	}
	return st;
}
