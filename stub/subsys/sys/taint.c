// SPDX-License-Identifier: GPL-3.0-or-later
/* taint.c - why the kernel or a module is tainted. */
#include "stub/subsys/sys/taint.h"

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

#define MAX_FLAGS 32 /* TAINT_FLAGS_COUNT is 20 in 7.0 */

vs_status taint_mask(struct kernel *k, uint64_t *ret, struct err *err)
{
	kva_t va;
	vs_status st = kernel_symbol(k, "tainted_mask", &va, err);

	return st ? st : mem_read_u64(k->mem, va, ret, err);
}

/* Since 7fd8329ba502 (4.10) there is a table of struct taint_flag in the order of the bits. */
enum { TAINT_LETTER };
static const struct record_field taint_fields[] = {
	[TAINT_LETTER] = { { "c_true" }, RECORD_UINT, "since 4.10" },
};
RECORD(taint_record, "taint_flag", taint_fields);

vs_status taint_put(struct kernel *k, uint64_t mask, struct buf *out, struct err *err)
{
	uint64_t size;
	kva_t table;
	vs_status st = kernel_symbol(k, "taint_flags", &table, err);

	if (st == VS_OK)
		st = kernel_need_types(k, err);
	if (st == VS_OK)
		st = types_size(k->types, "taint_flag", &size, err);
	for (unsigned i = 0; st == VS_OK && i < MAX_FLAGS; i++) {
		uint64_t c = 0;

		if (!(mask >> i & 1))
			continue;
		st = record_field_read(k, &taint_record, table + i * size, TAINT_LETTER, &c, err);
		if (st == VS_OK)
			buf_putc(out, c > 0x20 && c < 0x7f ? (char)c : '?');
	}
	return st;
}

const char *taint_words(char letter)
{
	// Documentation/admin-guide/tainted-kernels.rst; letters keep their meaning.
	static const struct {
		char letter;
		const char *words;
	} flags[] = {
		{ 'P', "proprietary module" },
		{ 'F', "module was force loaded" },
		{ 'S', "kernel runs on hardware out of its specification" },
		{ 'R', "module was force unloaded" },
		{ 'M', "processor reported a machine check" },
		{ 'B', "bad page or unexpected page flags" },
		{ 'U', "taint requested by user space" },
		{ 'D', "kernel died before: oops or BUG" },
		{ 'A', "ACPI table was overridden" },
		{ 'W', "kernel issued a warning" },
		{ 'C', "staging driver" },
		{ 'I', "workaround for a bug in the firmware" },
		{ 'O', "module out of the kernel's tree" },
		{ 'E', "unsigned module" },
		{ 'L', "soft lockup occurred before" },
		{ 'K', "kernel was live patched" },
		{ 'X', "auxiliary taint of the distribution" },
		{ 'T', "structs with randomized layout" },
		{ 'N', "in-kernel test" },
		{ 'J', "command of fwctl that changes the device" },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].letter == letter)
			return flags[i].words;
	return NULL;
}
