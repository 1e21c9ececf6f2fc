// SPDX-License-Identifier: GPL-3.0-or-later
/* sys_records.c - sys -r: the members of kernel structs that vmstub reads, and which of them the
 * opened kernel has. On a new or unusual kernel this shows which columns will be unknown. */
#include <stdlib.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/record.h"
#include "stub/monitor/sys/sys_parts.h"

struct tables {
	VEC(const struct record_def *) list;
};

static void add_table(void *ctx, const struct record_def *def)
{
	struct tables *t = ctx;

	(void)vec_push(&t->list, def);
}

static int by_type(const void *a, const void *b)
{
	const struct record_def *x = *(const struct record_def *const *)a,
				*y = *(const struct record_def *const *)b;
	int by_name = strcmp(x->type, y->type);

	// Two readers may each have a table for the same struct.
	return by_name ? by_name : strcmp(x->fields[0].names[0], y->fields[0].names[0]);
}

static const char *kind_name(enum record_kind kind)
{
	switch (kind) {
	case RECORD_UINT:
		return "unsigned";
	case RECORD_INT:
		return "signed";
	case RECORD_POINTER:
		return "pointer";
	case RECORD_ADDRESS:
		return "address";
	}
	return "?";
}

static const struct table_def record_table = {
	.name = "rows",
	.heading = "STRUCT                     MEMBER                         OFFSET  READ AS\n",
	.if_rows = true,
	.columns = {
		{ "struct", "", -26, COLUMN_TEXT },
		{ "member", " ", -30, COLUMN_TEXT },
		{ "offset", " ", 6, COLUMN_NUMBER },
		{ "read_as", "  ", 0, COLUMN_TEXT },
		{ "bits", ", ", 0, COLUMN_NUMBER, " bits" },
		{ "first_bit", " from bit ", 0, COLUMN_NUMBER },
		{ "only", " (", 0, COLUMN_TEXT, ")" },
	},
};

static bool put_row(struct monitor *m, const struct record_def *def, unsigned row, struct table *t)
{
	const struct record_field *f = &def->fields[row];
	const char *name = record_name(m->k, def, row);
	struct member at = { 0 };
	bool found = name && record_member(m->k, def, row, &at, NULL) == VS_OK;

	table_text(t, def->type);
	table_text(t, name ? name : f->names[0]);
	if (found) {
		table_uint(t, at.off);
		table_text(t, kind_name(f->kind));
	} else {
		table_show(t, "-");
		table_unknown(t);
		if (f->only) {
			table_layout(t, " ");
			table_skip(t);
		} else {
			table_show(t, "not in this kernel");
			table_unknown(t);
		}
	}
	for (int i = 0; i < 2; i++)
		if (at.bit_size)
			table_uint(t, i ? at.bit_off : at.bit_size);
		else
			table_skip(t);
	if (f->only)
		table_text(t, f->only);
	else
		table_skip(t);
	table_end_row(t);
	return found;
}

vs_status sys_put_records(struct monitor *m, const char *type, struct buf *out, struct err *err)
{
	struct tables t = { 0 };
	struct table out_table;
	size_t rows = 0, found = 0;
	vs_status st = kernel_need_types(m->k, err);

	if (st)
		return st;
	record_each(add_table, &t);
	if (t.list.n)
		qsort(t.list.v, t.list.n, sizeof(t.list.v[0]), by_type);
	table_begin(&out_table, &record_table, m, out);
	for (size_t i = 0; i < t.list.n; i++) {
		if (type && strcmp(t.list.v[i]->type, type) != 0)
			continue;
		for (size_t row = 0; row < t.list.v[i]->n; row++, rows++)
			found += put_row(m, t.list.v[i], (unsigned)row, &out_table);
	}
	table_end(&out_table);
	vec_free(&t.list);
	if (!rows)
		return fail(err, VS_NOTFOUND, "vmstub does not read struct %s", type ? type : "?");
	buf_printf(out, "%zu of %zu members are in this kernel (%s)\n", found, rows,
		   types_source(m->k->types));
	return VS_OK;
}
