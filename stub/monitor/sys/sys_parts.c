// SPDX-License-Identifier: GPL-3.0-or-later
/* sys_parts.c - sys -c, -t, -i. */
#include "stub/monitor/sys/sys_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/module/lines.h"
#include "stub/subsys/sys/dmi.h"
#include "stub/subsys/sys/taint.h"

#define MAX_CALLS 1024 /* x86_64 has less than 500 */

static void put_call(struct monitor *m, const char *number, const char *name, kva_t va,
		     struct buf *out)
{
	struct line_pos pos;

	buf_printf(out, "%3s  %-26s", number, name);
	if (lines_find(m->k, va, &pos, NULL) == VS_OK)
		buf_printf(out, " %s: %d", pos.file, pos.line);
	buf_putc(out, '\n');
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

static void put_header(unsigned *n, struct buf *out)
{
	if (!(*n)++)
		buf_puts(out, "NUM  SYSTEM CALL                FILE AND LINE NUMBER\n");
}

/* For a kernel without the table (since 6.9 it exists only for tracing): names without numbers. */
static unsigned put_functions(struct monitor *m, const char *which, struct buf *out)
{
	size_t count = symtab_count(m->k->syms);
	unsigned n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct symbol *s = symtab_at(m->k->syms, i);

		if (strncmp(s->name, "__x64_sys_", 10) != 0 || (which && !strstr(s->name, which)))
			continue;
		put_header(&n, out);
		put_call(m, "-", s->name, s->va, out);
	}
	return n;
}

vs_status sys_put_calls(struct monitor *m, const char *which, struct buf *out, struct err *err)
{
	const struct symbol *table;
	uint64_t number;
	bool by_number = which && cmd_number(which, &number);
	unsigned n = 0;
	vs_status st = kernel_need_syms(m->k, err);

	if (st)
		return st;
	table = symtab_find(m->k->syms, "sys_call_table");
	if (!table && put_functions(m, by_number ? NULL : which, out)) {
		buf_puts(out, "(numbers unknown: this kernel has no sys_call_table)\n");
		return VS_OK;
	}
	for (unsigned i = 0; table && i < MAX_CALLS; i++) {
		struct addr_name at;
		const char *name;
		char text[16];
		uint64_t fn;

		// The table ends where the next symbol begins.
		if (symtab_lookup(m->k->syms, table->va + i * 8ULL) != table)
			break;
		st = mem_read_u64(m->k->mem, table->va + i * 8ULL, &fn, err);
		if (st)
			return fail_ctx(err, st, "sys_call_table[%u]", i);
		if (!cmd_lookup(m, fn, &at) || at.off)
			continue;
		name = native_name(m, at.sym);
		if (by_number ? i != number : which && !strstr(name, which))
			continue;
		put_header(&n, out);
		snprintf(text, sizeof(text), "%u", i);
		put_call(m, text, name, fn, out);
	}
	return n ? VS_OK
		 : fail(err, VS_NOTFOUND, "no system call %s", which ? which : "in the dump");
}

vs_status sys_put_taints(struct monitor *m, struct buf *out, struct err *err)
{
	uint64_t mask;
	vs_status st = taint_mask(m->k, &mask, err);

	if (st)
		return st;
	buf_printf(out, "TAINTED_MASK: %" PRIx64 "  ", mask);
	st = taint_put(m->k, mask, out, err);
	buf_putc(out, '\n');
	return st;
}

struct dmi_print {
	struct buf *out;
	unsigned n;
};

static void put_string(void *ctx, const char *name, const char *text)
{
	struct dmi_print *p = ctx;

	buf_printf(p->out, "%25s: %s\n", name, text);
	p->n++;
}

vs_status sys_put_dmi(struct monitor *m, struct buf *out, struct err *err)
{
	struct dmi_print p = { .out = out };
	vs_status st = dmi_each(m->k, put_string, &p, err);

	if (st == VS_OK && !p.n)
		buf_puts(out, "(no DMI strings from the firmware)\n");
	return st;
}
