// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_vtop.c - vtop: translates virtual addresses. */
#include <inttypes.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/mm/pages.h"
#include "stub/monitor/mem/kmem.h"
#include "stub/monitor/mem/pte.h"

#define PAGE_BYTES (1ULL << PAGE_SHIFT)

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
		pte_put(m, last->entry, st == VS_OK ? w.size == PAGE_BYTES : false, out);
	}
	if (st == VS_OK && page_of_pfn(m->k, w.pa >> PAGE_SHIFT, &page, NULL) == VS_OK)
		(void)kmem_put_page(m, page, "\n", out, NULL);
	return st;
}

static vs_status cmd_vtop(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	const char *who = cmd_value(a, "c");
	char half;
	pa_t root = 0;
	kva_t task;
	vs_status st = cmd_one_of(a, "uk", &half, err);

	if (st)
		return st;
	st = who ? cmd_find_task(m, who, &task, err) : cmd_selected_task(m, &task, err);
	if (st == VS_OK)
		st = task_page_root(m->k, task, &root, err);
	if (st && (half == 'u' || who))
		return st;
	for (int i = 0; i < a->argc; i++) {
		uint64_t va;

		st = cmd_address(m, a->argv[i], &va, err);
		if (st)
			return st;
		if (half == 'u' && m->k->arch->is_kernel_va(va))
			return fail(err, VS_INVAL, "%s is not a user address", a->argv[i]);
		if (half == 'k' && !m->k->arch->is_kernel_va(va))
			return fail(err, VS_INVAL, "%s is not a kernel address", a->argv[i]);
		// translate() prints why an address is not mapped.
		(void)translate(m, root, va, i == 0, out);
	}
	return VS_OK;
}

static const struct cmd_opt options[] = {
	{ "c", "PID | TASK", .help = "user addresses of this task (default: the selected one)" },
	{ "u", .help = "only user addresses" },
	{ "k", .help = "only kernel addresses" },
	{ 0 },
};

const struct cmd verb_vtop = {
	.name = "vtop",
	.run = cmd_vtop,
	.brief = "virtual to physical address",
	.synopsis = "vtop [-c PID | TASK] [-u | -k] ADDRESS...",
	.help = "Print each level of the page tables, the flags of the last entry, and the page.\n"
		"Of a page that is swapped out, print where it is, and how zram or zswap stores "
		"it.\n",
	.example = "  vtop ff80d501c0000000\n"
		   "  VIRTUAL           PHYSICAL\n"
		   "  ff80d501c0000000  1f402000\n\n"
		   "     PGD: 10a10ff0 => 1000067\n"
		   "  ...\n",
	.options = options,
	.operands = OPERANDS(1, OPERANDS_ANY),
};
