// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_vtop.c - addresses: vtop, ptov, pte, btop, ptob. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/mm/pages.h"
#include "stub/kernel/percpu.h"
#include "stub/subsys/mm/swap.h"
#include "stub/monitor/data/object.h"

#define PAGE_BYTES (1ULL << PAGE_SHIFT)

/* Hexadecimal, with or without 0x. */
static vs_status hex_number(const char *text, uint64_t *ret, struct err *err)
{
	char *end;

	*ret = strtoull(text, &end, 16);
	return *end || end == text ? fail(err, VS_INVAL, "%s: not a hexadecimal number", text)
				   : VS_OK;
}

static const char *size_name(uint64_t size)
{
	return size == 1ULL << 30 ? "  (1GB)" : size == 2ULL << 20 ? "  (2MB)" : "";
}

/* Each entry that the walk read, and the page it led to. */
static void put_steps(struct monitor *m, const struct walk *w, vs_status st, struct buf *out)
{
	const struct paging *pg = kmem_paging(m->k->kmem);

	for (int i = 0; i < w->nsteps; i++)
		buf_printf(out, "   %s: %" PRIx64 " => %" PRIx64 "\n",
			   m->k->arch->level_name(pg, i), w->step[i].entry_pa, w->step[i].entry);
	if (st == VS_OK)
		buf_printf(out, "  PAGE: %" PRIx64 "%s\n", w->pa & ~(w->size - 1),
			   size_name(w->size));
}

static void put_entry(struct monitor *m, uint64_t entry, bool leaf, struct buf *out)
{
	char text[24];
	int width = snprintf(text, sizeof(text), "%" PRIx64, entry);
	struct swap_areas areas = { 0 };
	unsigned type;
	uint64_t offset;

	if (width < 3)
		width = 3;
	buf_printf(out, "%*s", (width + 3) / 2, "PTE");
	buf_pad_to(out, (size_t)width + 2);
	buf_printf(out, "PHYSICAL  FLAGS\n%*s  ", width, text);
	if (m->k->arch->swap_entry(entry, &type, &offset)) {
		buf_puts(out, "          ");
		swap_put_place(m->k, &areas, type, offset, out);
		buf_putc(out, '\n');
		return;
	}
	buf_printf(out, "%8" PRIx64 "  ", entry & m->k->arch->pte_addr);
	m->k->arch->pte_flags(entry, leaf, out);
	buf_putc(out, '\n');
}

static vs_status translate(struct monitor *m, pa_t root, uint64_t va, bool first, struct buf *out)
{
	struct walk w = { 0 };
	struct err why;
	vs_status st = kmem_walk(m->k->kmem, root, va, &w, &why);
	kva_t page;

	if (!first)
		buf_putc(out, '\n');
	buf_puts(out, "VIRTUAL           PHYSICAL\n");
	if (st == VS_OK)
		buf_printf(out, "%-16" PRIx64 "  %" PRIx64 "\n\n", va, w.pa);
	else
		buf_printf(out, "%-16" PRIx64 "  (%s)\n\n", va,
			   st == VS_UNMAPPED  ? "not mapped"
			   : st == VS_SWAPPED ? "swapped out"
					      : why.msg);
	put_steps(m, &w, st, out);
	if (w.nsteps) {
		const struct walk_step *last = &w.step[w.nsteps - 1];

		buf_putc(out, '\n');
		put_entry(m, last->entry, st == VS_OK ? w.size == PAGE_BYTES : false, out);
	}
	if (st == VS_OK && page_of_pfn(m->k, w.pa >> PAGE_SHIFT, &page, NULL) == VS_OK) {
		AUTO(buf) line = { 0 };

		if (page_put_line(m->k, page, true, &line, NULL) == VS_OK)
			buf_printf(out, "\n%s", buf_str(&line));
	}
	return st;
}

vs_status cmd_vtop(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct opt_state o = { 0 };
	const char *who = NULL;
	bool user = false, kernel = false;
	pa_t root = 0;
	vs_status st = VS_OK;
	kva_t task;
	int c;

	cmd_permute(a, "ukc:");
	while ((c = cmd_option(a, &o, "ukc:", err)) > 0) {
		user |= c == 'u';
		kernel |= c == 'k';
		who = c == 'c' ? o.arg : who;
	}
	if (c < 0)
		return VS_INVAL;
	cmd_operands(a, &o);
	if (!a->argc || (user && kernel))
		return fail(err, VS_INVAL, "usage: vtop [-c PID | TASK] [-u | -k] ADDRESS...");
	st = who ? cmd_find_task(m, who, &task, err) : cmd_selected_task(m, &task, err);
	if (st == VS_OK)
		st = task_page_root(m->k, task, &root, err);
	if (st && (user || who))
		return st;
	for (int i = 0; i < a->argc; i++) {
		uint64_t va;

		st = cmd_address(m, a->argv[i], &va, err);
		if (st)
			return st;
		if (user && m->k->arch->is_kernel_va(va))
			return fail(err, VS_INVAL, "%s is not a user address", a->argv[i]);
		if (kernel && !m->k->arch->is_kernel_va(va))
			return fail(err, VS_INVAL, "%s is not a kernel address", a->argv[i]);
		// What is not mapped has been said in its place.
		(void)translate(m, root, va, i == 0, out);
	}
	return VS_OK;
}

vs_status cmd_pte(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	if (!a->argc)
		return fail(err, VS_INVAL, "usage: pte ENTRY...");
	for (int i = 0; i < a->argc; i++) {
		uint64_t entry;
		vs_status st = hex_number(a->argv[i], &entry, err);

		if (st)
			return st;
		put_entry(m, entry, false, out);
	}
	return VS_OK;
}

struct percpu_out {
	struct monitor *m;
	uint64_t off;
	struct buf *out;
};

static vs_status put_percpu(void *ctx, unsigned cpu, struct err *err)
{
	const struct percpu_out *p = ctx;
	uint64_t base;
	vs_status st = percpu_offset(p->m->k, cpu, &base, err);

	if (st == VS_OK)
		buf_printf(p->out, "%*s[%u]  %" PRIx64 "\n", cpu < 10 ? 2 : 1, "", cpu,
			   base + p->off);
	return st;
}

static vs_status ptov_one(struct monitor *m, char *text, struct buf *out, struct err *err)
{
	char *colon = strchr(text, ':');
	uint64_t v;
	kva_t base;
	vs_status st;

	if (colon)
		*colon = '\0';
	st = hex_number(text, &v, err);
	if (st)
		return st;
	if (colon) {
		buf_printf(out, "PER-CPU OFFSET: %" PRIx64 "\n  CPU    VIRTUAL\n", v);
		return cpu_list_each(m, colon + 1, put_percpu, &(struct percpu_out){ m, v, out },
				     err);
	}
	st = page_offset(m->k, &base, err);
	if (st == VS_OK)
		buf_printf(out, "VIRTUAL           PHYSICAL\n%-16" PRIx64 "  %" PRIx64 "\n",
			   base + v, v);
	return st;
}

vs_status cmd_ptov(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	vs_status st = VS_OK;

	if (!a->argc)
		return fail(err, VS_INVAL, "usage: ptov ADDRESS | OFFSET:CPUS ...");
	for (int i = 0; i < a->argc && st == VS_OK; i++)
		st = ptov_one(m, a->argv[i], out, err);
	return st;
}

vs_status cmd_btop(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	(void)m;
	if (!a->argc)
		return fail(err, VS_INVAL, "usage: btop ADDRESS...");
	for (int i = 0; i < a->argc; i++) {
		uint64_t v;
		vs_status st = hex_number(a->argv[i], &v, err);

		if (st)
			return st;
		buf_printf(out, "%" PRIx64 ": %" PRIx64 "\n", v, v >> PAGE_SHIFT);
	}
	return VS_OK;
}

vs_status cmd_ptob(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	(void)m;
	if (!a->argc)
		return fail(err, VS_INVAL, "usage: ptob PAGE...");
	for (int i = 0; i < a->argc; i++) {
		uint64_t v;
		vs_status st = hex_number(a->argv[i], &v, err);

		if (st == VS_OK && v >> (64 - PAGE_SHIFT))
			st = fail(err, VS_INVAL, "%s: too large for a page number", a->argv[i]);
		if (st)
			return st;
		buf_printf(out, "%" PRIx64 ": %" PRIx64 "\n", v, v << PAGE_SHIFT);
	}
	return VS_OK;
}
