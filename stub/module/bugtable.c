// SPDX-License-Identifier: GPL-3.0-or-later
/* bugtable.c - file and line of a BUG() or WARN() (include/asm-generic/bug.h, lib/bug.c).
 * Members are displacements: of the address from the entry, and of the texts from the entry, too,
 * or from the member itself (since 5.19). The texts tell which it is. */
#include "stub/module/bugtable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/module/module_record.h"
#include "stub/module/modules.h"
#include "stub/symbols/types.h"

#define MAX_TABLE      (16 << 20) /* bytes; that of 6.1 has some 300 KiB */
#define FLAG_WARNING   1	  /* BUGFLAG_WARNING */
#define LONGEST_SUFFIX 5

enum { BUG_ADDR, BUG_FORMAT, BUG_FILE, BUG_LINE, BUG_FLAGS };
static const struct record_field bug_fields[] = {
	[BUG_ADDR] = { { "bug_addr_disp" },
		       RECORD_INT,
		       "with CONFIG_GENERIC_BUG_RELATIVE_POINTERS" },
	[BUG_FORMAT] = { { "format_disp" }, RECORD_INT, "since 6.19" },
	[BUG_FILE] = { { "file_disp" }, RECORD_INT, "with CONFIG_DEBUG_BUGVERBOSE" },
	[BUG_LINE] = { { "line" }, RECORD_UINT, "with CONFIG_DEBUG_BUGVERBOSE" },
	[BUG_FLAGS] = { { "flags" }, RECORD_UINT },
};
RECORD(bug_record, "bug_entry", bug_fields);

static vs_status table_of(struct kernel *k, kva_t pc, kva_t *start, uint64_t *bytes, uint64_t size,
			  struct err *err)
{
	struct modules *mods;
	const struct module *m;
	struct record r;
	uint64_t n;
	kva_t end;
	vs_status st;

	if (kernel_need_modules(k, &mods, NULL) == VS_OK && (m = modules_by_va(mods, pc))) {
		record_read(k, &module_record, m->va,
			    RECORD_BIT(MODULE_BUG_TABLE) | RECORD_BIT(MODULE_NUM_BUGS), &r);
		st = record_need(&r, MODULE_BUG_TABLE, start, err);
		if (st == VS_OK)
			st = record_need(&r, MODULE_NUM_BUGS, &n, err);
		if (st == VS_OK && n > MAX_TABLE / size)
			st = fail(err, VS_CORRUPT, "module %s: %llu bugs", m->name,
				  (unsigned long long)n);
		if (st == VS_OK)
			*bytes = n * size;
		return st;
	}
	st = kernel_symbol(k, "__start___bug_table", start, err);
	if (st == VS_OK)
		st = kernel_symbol(k, "__stop___bug_table", &end, err);
	if (st == VS_OK && (end < *start || end - *start > MAX_TABLE))
		st = fail(err, VS_CORRUPT, "the bug table ends at %llx", (unsigned long long)end);
	if (st == VS_OK)
		*bytes = end - *start;
	return st;
}

/* A text of printable characters at va. *whole: it begins there. */
static bool text_at(struct kernel *k, kva_t va, char *dst, size_t cap, bool *whole)
{
	char before = 'x';

	if (mem_read_str(k->mem, va, dst, cap, NULL) || !*dst)
		return false;
	for (const char *p = dst; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			return false;
	*whole = mem_read(k->mem, va - 1, &before, 1, NULL) == VS_OK && !before;
	return true;
}

static bool file_at(struct kernel *k, kva_t va, char *dst, size_t cap, bool *whole)
{
	const char *dot;

	if (!text_at(k, va, dst, cap, whole))
		return false;
	dot = strrchr(dst, '.');
	return dot && dot[1] && strlen(dot) <= LONGEST_SUFFIX && !strpbrk(dot, "/ ");
}

/* One of the two places has the name, and the other one its tail, or what is in front of it. Only
 * the first name in a section may have something else than a NUL in front. */
static void take_file(struct kernel *k, kva_t entry, uint64_t disp, uint64_t off, char *dst,
		      size_t cap)
{
	struct member format;
	char old[256], late[256];
	bool whole_old = false, whole_late = false;
	// All kernels that have formats are newer.
	bool is_old = record_member(k, &bug_record, BUG_FORMAT, &format, NULL) &&
		      file_at(k, entry + disp, old, sizeof(old), &whole_old);
	bool is_late = file_at(k, entry + off + disp, late, sizeof(late), &whole_late);

	if (is_old && is_late) {
		is_old = whole_old;
		is_late = whole_late;
	}
	if (is_old != is_late)
		snprintf(dst, cap, "%s", is_old ? old : late);
}

static void take(struct kernel *k, kva_t va, struct bug *b)
{
	struct member file, format;
	struct record r;
	bool whole;
	uint64_t v;

	b->va = va;
	record_read(k, &bug_record, va, RECORD_ALL, &r);
	if (record_get(&r, BUG_FLAGS, &v))
		b->warning = v & FLAG_WARNING;
	if (record_get(&r, BUG_FILE, &v) &&
	    record_member(k, &bug_record, BUG_FILE, &file, NULL) == VS_OK && v)
		take_file(k, va, v, file.off, b->file, sizeof(b->file));
	if (record_get(&r, BUG_LINE, &v))
		b->line = (unsigned)v;
	if (record_get(&r, BUG_FORMAT, &v) &&
	    record_member(k, &bug_record, BUG_FORMAT, &format, NULL) == VS_OK && v &&
	    !text_at(k, va + format.off + v, b->format, sizeof(b->format), &whole))
		b->format[0] = '\0';
}

vs_status bug_find(struct kernel *k, kva_t pc, struct bug *ret, struct err *err)
{
	AUTO_FREE uint8_t *table = NULL;
	uint64_t size = 0, bytes = 0;
	struct member addr;
	kva_t start;
	struct bug b = { 0 };
	vs_status st = kernel_need_types(k, err);

	if (st == VS_OK)
		st = types_size(k->types, bug_record.type, &size, err);
	if (st == VS_OK)
		st = record_member(k, &bug_record, BUG_ADDR, &addr, err);
	if (st == VS_OK && (addr.size != sizeof(int32_t) || addr.off + addr.size > size))
		st = fail(err, VS_UNSUPPORTED, "struct bug_entry has an unknown layout");
	if (st == VS_OK)
		st = table_of(k, pc, &start, &bytes, size, err);
	if (st == VS_OK && bytes) {
		table = malloc(bytes);
		st = table ? mem_read(k->mem, start, table, bytes, err)
			   : fail(err, VS_NOMEM, "out of memory");
	}
	if (st)
		return st;
	for (uint64_t i = 0; i + size <= bytes; i += size) {
		int32_t disp;

		memcpy(&disp, table + i + addr.off, sizeof(disp));
		if (start + i + addr.off + (uint64_t)(int64_t)disp != pc)
			continue;
		take(k, start + i, &b);
		*ret = b;
		return VS_OK;
	}
	return fail(err, VS_NOTFOUND, "no entry of the bug table is for it");
}
