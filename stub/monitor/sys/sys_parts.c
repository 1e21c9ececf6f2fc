// SPDX-License-Identifier: GPL-3.0-or-later
/* sys_parts.c - sys -c, -t, -i and config. */
#include "stub/monitor/sys/sys_parts.h"

#include <stdio.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/module/lines.h"
#include "stub/subsys/sys/dmi.h"
#include "stub/subsys/sys/ikconfig.h"
#include "stub/subsys/sys/taint.h"

#define MAX_CALLS 1024 /* x86_64 has less than 500 */

static const struct table_def call_table = {
	.name = "rows",
	.heading = "NUM  SYSTEM CALL                FILE AND LINE NUMBER\n",
	.if_rows = true,
	.columns = {
		{ "number", "", 3, COLUMN_NUMBER },
		{ "name", "  ", -26, COLUMN_TEXT },
		{ "file", " ", 0, COLUMN_TEXT },
		{ "line", ": ", 0, COLUMN_NUMBER },
	},
};

/* number: -1 unknown */
static void put_call(struct monitor *m, int number, const char *name, kva_t va, struct table *t)
{
	struct line_pos pos;

	if (number < 0) {
		table_show(t, "-");
		table_unknown(t);
	} else {
		table_int(t, number);
	}
	table_text(t, name);
	if (lines_find(m->k, va, &pos, NULL) == VS_OK) {
		table_text(t, pos.file);
		table_int(t, pos.line);
	} else {
		table_skip(t);
		table_skip(t);
	}
	table_end_row(t);
}

/* A call without arguments has one function for all interfaces, with several names. */
static const char *native_name(struct monitor *m, const struct symbol *s)
{
	const char *call = strstr(s->name, "sys_");
	const struct symbol *native;
	char name[128];

	if (!call)
		return s->name;
	snprintf(name, sizeof(name), "__x64_%s", call);
	native = symtab_find(m->k->syms, name);
	return native && native->va == s->va ? native->name : s->name;
}

/* For a kernel without the table (since 6.9 it exists only for tracing): names without numbers. */
static void put_functions(struct monitor *m, const char *which, struct table *t)
{
	size_t count = symtab_count(m->k->syms);

	for (size_t i = 0; i < count; i++) {
		const struct symbol *s = symtab_at(m->k->syms, i);

		if (strncmp(s->name, "__x64_sys_", 10) == 0 && (!which || strstr(s->name, which)))
			put_call(m, -1, s->name, s->va, t);
	}
}

static vs_status put_table(struct monitor *m, const struct symbol *table, const char *which,
			   struct table *t, struct err *err)
{
	uint64_t number;
	bool by_number = which && cmd_number(which, &number);

	// The table ends where the next symbol begins.
	for (unsigned i = 0;
	     i < MAX_CALLS && symtab_lookup(m->k->syms, table->va + i * 8ULL) == table; i++) {
		struct addr_name at;
		const char *name;
		uint64_t fn;
		vs_status st = mem_read_u64(m->k->mem, table->va + i * 8ULL, &fn, err);

		if (st)
			return fail_ctx(err, st, "sys_call_table[%u]", i);
		if (!cmd_lookup(m, fn, &at) || at.off)
			continue;
		name = native_name(m, at.sym);
		if (by_number ? i == number : !which || strstr(name, which))
			put_call(m, (int)i, name, fn, t);
	}
	return VS_OK;
}

vs_status sys_put_calls(struct monitor *m, const char *which, struct buf *out, struct err *err)
{
	const struct symbol *table;
	uint64_t number;
	struct table t;
	size_t n;
	vs_status st = kernel_need_syms(m->k, err);

	if (st)
		return st;
	table = symtab_find(m->k->syms, "sys_call_table");
	table_begin(&t, &call_table, m, out);
	if (table)
		st = put_table(m, table, which, &t, err);
	else
		put_functions(m, which && cmd_number(which, &number) ? NULL : which, &t);
	n = t.rows;
	table_end(&t);
	if (n && !table)
		buf_puts(out, "(numbers unknown: this kernel has no sys_call_table)\n");
	if (st || n)
		return st;
	return fail(err, VS_NOTFOUND, "no system call %s", which ? which : "in the dump");
}

static const struct table_def taint_table = {
	.name = "rows",
	.columns = {
		{ "mask", "TAINTED_MASK: ", 0, COLUMN_ADDRESS },
		{ "letters", "  ", 0, COLUMN_TEXT },
	},
};

vs_status sys_put_taints(struct monitor *m, struct buf *out, struct err *err)
{
	AUTO(buf) letters = { 0 };
	struct table t;
	uint64_t mask;
	vs_status st = taint_mask(m->k, &mask, err);

	if (st)
		return st;
	st = taint_put(m->k, mask, &letters, err);
	table_begin(&t, &taint_table, m, out);
	table_uint(&t, mask);
	table_text(&t, buf_str(&letters));
	table_end_row(&t);
	table_end(&t);
	return st;
}

static const struct table_def dmi_table = {
	.name = "rows",
	.columns = {
		{ "name", "", 25, COLUMN_TEXT },
		{ "value", ": ", 0, COLUMN_TEXT },
	},
};

static void put_string(void *ctx, const char *name, const char *text)
{
	struct table *t = ctx;

	table_text(t, name);
	table_text(t, text);
	table_end_row(t);
}

vs_status sys_put_dmi(struct monitor *m, struct buf *out, struct err *err)
{
	struct table t;
	vs_status st;
	size_t n;

	table_begin(&t, &dmi_table, m, out);
	st = dmi_each(m->k, put_string, &t, err);
	n = t.rows;
	table_end(&t);
	if (st == VS_OK && !n)
		buf_puts(out, "(no DMI strings from the firmware)\n");
	return st;
}

/* With CONFIG_IKCONFIG=m it is in the module configs, if that is loaded. */
vs_status sys_put_config(struct monitor *m, struct buf *out, struct err *err)
{
	struct err why;
	kva_t data;
	vs_status st = cmd_address(m, "kernel_config_data", &data, NULL);

	if (st)
		st = ikconfig_find(m->k, &data, &why);
	if (st == VS_NOTFOUND && m->k->release[0])
		return fail(err, st, "%s; distributions install it as /boot/config-%s", why.msg,
			    m->k->release);
	if (st)
		return fail(err, st, "%s", why.msg);
	return ikconfig_read(m->k, data, out, err);
}
