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

/* Since 7fd8329ba502 (4.10) there is a table of struct taint_flag in the order of the bits; before,
 * one of struct tnt (kernel/panic.c), which have the numbers of their bits. */
enum { TAINT_LETTER };
static const struct record_field taint_fields[] = {
	[TAINT_LETTER] = { { "c_true" }, RECORD_UINT, "since 4.10" },
};
RECORD(taint_record, "taint_flag", taint_fields);

enum { OLD_BIT, OLD_LETTER, OLD_CLEAR };
static const struct record_field old_fields[] = {
	[OLD_BIT] = { { "bit" }, RECORD_UINT, "before 4.10" },
	[OLD_LETTER] = { { "true" }, RECORD_UINT, "before 4.10" },
	[OLD_CLEAR] = { { "false" }, RECORD_UINT, "before 4.10" },
};
RECORD(old_record, "tnt", old_fields);

/* The table of then, with its entries in the order of their bits. Nothing tells its length, so it
 * ends where an entry does not continue that order. */
struct old_table {
	char letters[MAX_FLAGS]; /* 0: the table has none for this bit */
};

static vs_status old_load(struct kernel *k, kva_t table, struct old_table *ret, struct err *err)
{
	uint64_t size, least = 0;
	vs_status st = types_size(k->types, "tnt", &size, err);

	*ret = (struct old_table){ 0 };
	for (unsigned i = 0; st == VS_OK && i < MAX_FLAGS; i++) {
		uint64_t bit = 0, letter = 0, clear = 0;
		struct record r;

		record_read(k, &old_record, table + i * size, RECORD_ALL, &r);
		st = record_need(&r, OLD_BIT, &bit, err);
		if (st == VS_OK)
			st = record_need(&r, OLD_LETTER, &letter, err);
		if (st == VS_OK)
			st = record_need(&r, OLD_CLEAR, &clear, err);
		if (st == VS_OK && (bit < least || bit >= MAX_FLAGS || letter < 'A' ||
				    letter > 'Z' || (clear != ' ' && clear != 'G')))
			return i ? VS_OK : fail(err, VS_CORRUPT, "tnts has no entries");
		if (st == VS_OK) {
			ret->letters[bit] = (char)letter;
			least = bit + 1;
		}
	}
	return st;
}

static vs_status put_old(struct kernel *k, kva_t table, uint64_t mask, struct buf *out,
			 struct err *err)
{
	struct old_table t;
	vs_status st = old_load(k, table, &t, err);

	for (unsigned i = 0; st == VS_OK && i < MAX_FLAGS; i++)
		if (mask >> i & 1)
			buf_putc(out, t.letters[i] ? t.letters[i] : '?');
	return st;
}

vs_status taint_put(struct kernel *k, uint64_t mask, struct buf *out, struct err *err)
{
	uint64_t size;
	kva_t table;
	vs_status st = kernel_need_types(k, err);

	if (st == VS_OK && kernel_symbol(k, "tnts", &table, NULL) == VS_OK)
		return put_old(k, table, mask, out, err);
	if (st == VS_OK)
		st = kernel_symbol(k, "taint_flags", &table, err);
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
