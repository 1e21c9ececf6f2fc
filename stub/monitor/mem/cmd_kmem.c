// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_kmem.c - kmem: memory management, and what an address belongs to. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/module/modules.h"
#include "stub/subsys/mm/pages.h"
#include "stub/kernel/addressmap.h"
#include "stub/kernel/percpu.h"
#include "stub/subsys/mm/slab.h"
#include "stub/subsys/mm/swap.h"
#include "stub/subsys/mm/vmalloc.h"
#include "stub/monitor/mem/kmem.h"
#include "stub/monitor/table.h"

/* --- -v */

static const struct table_def area_table = {
	.name = "rows",
	.heading = "   VMAP_AREA         VM_STRUCT                 ADDRESS RANGE                "
		   "SIZE\n",
	.if_rows = true,
	.columns = {
		{ "vmap_area", "", 16, COLUMN_ADDRESS },
		{ "vm_struct", "  ", 16, COLUMN_ADDRESS },
		{ "start", "  ", 16, COLUMN_ADDRESS },
		{ "end", " - ", 16, COLUMN_ADDRESS },
		{ "size_bytes", "  ", 7, COLUMN_NUMBER },
	},
};

static void put_area(const struct vmap_area *a, struct table *t)
{
	table_uint(t, a->va);
	table_uint(t, a->vm);
	table_uint(t, a->start);
	table_uint(t, a->end);
	table_uint(t, a->end - a->start);
	table_end_row(t);
}

static vs_status put_areas(struct monitor *m, struct buf *out, struct err *err)
{
	AUTO_FREE struct vmap_area *v = NULL;
	struct table t;
	size_t n;
	vs_status st = vmap_areas(m->k, &v, &n, err);

	table_begin(&t, &area_table, m, out);
	for (size_t i = 0; i < n; i++)
		if (v[i].vm) // like crash, skip areas without a vm_struct
			put_area(&v[i], &t);
	table_end(&t);
	return st;
}

/* --- -o */

static const struct table_def offset_table = {
	.name = "rows",
	.heading = "PER-CPU OFFSET VALUES:\n",
	.columns = {
		{ "cpu", "  CPU ", 0, COLUMN_NUMBER },
		{ "offset", ": ", 0, COLUMN_ADDRESS },
	},
};

static vs_status put_offsets(struct monitor *m, struct buf *out, struct err *err)
{
	struct table t;
	vs_status st = VS_OK;

	table_begin(&t, &offset_table, m, out);
	for (unsigned cpu = 0; st == VS_OK && cpu < percpu_ncpus(m->k); cpu++) {
		uint64_t off;

		st = percpu_offset(m->k, cpu, &off, err);
		if (st)
			break;
		table_uint(&t, cpu);
		table_uint(&t, off);
		table_end_row(&t);
	}
	table_end(&t);
	return st;
}

/* --- ADDRESS */

static bool put_symbol(struct monitor *m, kva_t va, struct buf *out)
{
	struct addr_name name;

	if (!cmd_lookup(m, va, &name))
		return false;
	buf_printf(out, "%" PRIx64 " (%c) ", va, name.sym->type);
	buf_puts(out, name.sym->name);
	if (name.off)
		buf_printf(out, "+%" PRIu64, name.off);
	if (name.mod)
		buf_printf(out, " [%s]", name.mod->name);
	buf_puts(out, "\n\n");
	return true;
}

static bool put_task(struct monitor *m, kva_t va, struct buf *out)
{
	AUTO_FREE kva_t *list = NULL;
	uint64_t stack = task_stack_size(m->k), size = 0;
	bool found = false;
	char cache[64];
	size_t n = 0;
	kva_t object;

	(void)tasks_list(m->k, &list, &n, NULL);
	(void)types_size(m->k->types, "task_struct", &size, NULL);
	// The kernel allocates less than the type's size: boot code determines what the FPU needs.
	if (slab_cache_name(m->k, va, cache, sizeof(cache), &object) == VS_OK)
		size = va - object + 1;
	for (size_t i = 0; i < n; i++) {
		struct task t;

		if (task_load(m->k, list[i], &t, NULL))
			continue;
		if (va - t.va < size)
			buf_printf(out, "task_struct+%" PRIu64 " of:\n", va - t.va);
		else if (va - t.stack < stack)
			buf_printf(out, "kernel stack+%" PRIu64 " of:\n", va - t.stack);
		else
			continue;
		cmd_task_line(&t, out);
		buf_putc(out, '\n');
		found = true;
	}
	return found;
}

static bool put_percpu(struct monitor *m, kva_t va, struct buf *out)
{
	kva_t start, end;

	if (kernel_symbol(m->k, "__per_cpu_start", &start, NULL) ||
	    kernel_symbol(m->k, "__per_cpu_end", &end, NULL))
		return false;
	for (unsigned cpu = 0; cpu < percpu_ncpus(m->k); cpu++) {
		const struct symbol *s;
		uint64_t off;

		if (percpu_offset(m->k, cpu, &off, NULL) || va - off < start || va - off >= end)
			continue;
		buf_printf(out, "per-CPU area of CPU %u: ", cpu);
		s = symtab_lookup(m->k->syms, va - off);
		if (s)
			buf_printf(out, "%s+%" PRIu64 "\n\n", s->name, va - off - s->va);
		else
			buf_printf(out, "offset %" PRIx64 "\n\n", va - off);
		return true;
	}
	return false;
}

static bool put_vmalloc(struct monitor *m, kva_t va, struct buf *out)
{
	AUTO_FREE struct vmap_area *v = NULL;
	const struct vmap_area *a;
	struct table t;
	size_t n;

	(void)vmap_areas(m->k, &v, &n, NULL);
	a = vmap_find(v, n, va);
	if (!a)
		return false;
	table_begin(&t, &area_table, m, out);
	put_area(a, &t);
	table_end(&t);
	buf_putc(out, '\n');
	return true;
}

static vs_status identify(struct monitor *m, const char *text, struct buf *out, struct err *err)
{
	bool known = false;
	struct err why;
	uint64_t v;
	kva_t page, base;
	vs_status st = cmd_address(m, text, &v, err);

	if (st)
		return st;
	// Treat a physical address as its address in the direct map.
	if (!m->k->arch->is_kernel_va(v)) {
		st = addressmap_direct(m->k, &base, err);
		if (st)
			return st;
		v += base;
	}
	if (pfn_of_page(m->k, v, &(pfn_t){ 0 }, NULL)) {
		known = put_symbol(m, v, out);
		known |= put_percpu(m, v, out);
		st = kmem_slab_object(m, v, out, &why);
		if (st == VS_OK)
			buf_putc(out, '\n');
		else if (st != VS_NOTFOUND && st != VS_UNMAPPED)
			buf_printf(out, "(%s)\n", why.msg);
		known |= st == VS_OK;
		known |= put_task(m, v, out);
		known |= put_vmalloc(m, v, out);
	}
	st = kmem_page_of(m, v, &page, err);
	if (st == VS_OK)
		st = kmem_put_page(m, page, "", out, err);
	if (st == VS_OK)
		kmem_put_owner(m, page, out);
	return known ? VS_OK : st;
}

/* --- the verb */

static vs_status cmd_kmem(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	char what;
	vs_status st = cmd_one_of(a, "isSpvznoVfg", &what, err);

	if (st)
		return st;
	if (cmd_has(a, "-sort") && what != 's')
		return fail(err, VS_INVAL, "--sort is an option of -s");
	switch (what) {
	case 'i':
		return kmem_summary(m, out, err);
	case 's':
	case 'S':
		return kmem_slabs(m, a, what == 'S', out, err);
	case 'p':
		return kmem_pages(m, a, out, err);
	case 'v':
		return put_areas(m, out, err);
	case 'z':
		return kmem_zones(m, out, err);
	case 'n':
		return kmem_nodes(m, out, err);
	case 'o':
		return put_offsets(m, out, err);
	case 'V':
		return kmem_counters(m, out, err);
	case 'f':
		return kmem_free_lists(m, out, err);
	case 'g':
		return kmem_page_flags(m, a->argv[0], out, err);
	}
	if (a->json)
		return fail(err, VS_INVAL, "ADDRESS with --json: not a table");
	for (int i = 0; i < a->argc && st == VS_OK; i++)
		st = identify(m, a->argv[i], out, err);
	return st;
}

static const struct cmd_opt options[] = {
	{ "i", .help = "memory usage; SHARED counts mapped pages of files", OPERANDS(0, 0) },
	{ "s", .help = "slab caches; objects that CPUs hold in reserve are not ALLOCATED",
	  OPERANDS(0, OPERANDS_ANY) },
	{ "-sort", "COLUMN",
	  .help = "with -s, the largest first, by size (of all slabs), allocated, total or slabs" },
	{ "S", .help = "like -s, with slabs on lists and their objects, allocated ones in brackets",
	  OPERANDS(0, OPERANDS_ANY) },
	{ "p", .help = "the struct page of each address, or of all memory",
	  OPERANDS(0, OPERANDS_ANY) },
	{ "v", .help = "vmalloc areas", OPERANDS(0, 0) },
	{ "z", .help = "zones and their counters", OPERANDS(0, 0) },
	{ "n", .help = "nodes and zones", OPERANDS(0, 0) },
	{ "o", .help = "per-CPU offsets", OPERANDS(0, 0) },
	{ "f", .help = "lists of free blocks of each zone, and whether their pages add up",
	  OPERANDS(0, 0) },
	{ "g", .help = "names of the flags of pages, or of those set in FLAGS (hexadecimal)",
	  OPERANDS(0, 1) },
	{ "V", .help = "all counters of zones, nodes and events", OPERANDS(0, 0) },
	{ 0 },
};

const struct cmd verb_kmem = {
	.name = "kmem",
	.run = cmd_kmem,
	.brief = "memory management, and what an address belongs to",
	.synopsis = "kmem -i | -s [--sort COLUMN] [CACHE...] | -S [CACHE...] | -p [ADDRESS...] | "
		    "-v | -z | -f | -g [FLAGS] | "
		    "-n | -o | -V | "
		    "ADDRESS...",
	.help = "For ADDRESS, print the symbol, per-CPU variable, slab object and its cache, task, "
		"vmalloc area\n"
		"and page there, and who allocated the page, if the kernel recorded that "
		"(page_owner=on). A\n"
		"physical address stands for its address in the direct map.\n",
	.example = "  kmem -s task_struct\n"
		   "  CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME\n"
		   "  ff4a5aa2c11bcf00     8328         88       117     39    32k  task_struct\n",
	.options = options,
	.operands = OPERANDS(1, OPERANDS_ANY),
	.json = true,
};
