// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_why.c - why: explains why memory can or cannot be read. */
#include <inttypes.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/swap.h"
#include "stub/subsys/swap/swapped.h"
#include "stub/monitor/cmd.h"

#define PAGE_BYTES (1ULL << PAGE_SHIFT)

/* makedumpfile -d */
static const struct {
	int bit;
	const char *what;
} levels[] = {
	{ 1, "zero" }, { 2, "cache" }, { 4, "cache with private data" },
	{ 8, "user" }, { 16, "free" },
};

static void put_level(int level, struct buf *out)
{
	const char *sep = " (filtered:";

	if (level <= 0)
		return;
	buf_printf(out, ", dump level %d", level);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!(level & levels[i].bit))
			continue;
		buf_printf(out, "%s %s", sep, levels[i].what);
		sep = ",";
	}
	buf_puts(out, " pages)");
}

/* What the page was used for, decided as makedumpfile's filters do. */
static const char *page_kind(struct kernel *k, kva_t page)
{
	struct page_state state;
	kva_t head = page_head(k, page);
	enum page_use use;

	if (page_use(k, head, &use, NULL))
		return NULL;
	if (use == PAGE_SLAB)
		return "slab memory of the kernel";
	if (use == PAGE_BUDDY)
		return "a free page";
	if (use == PAGE_OFFLINE)
		return "an offline page";
	if (!page_state(k, head, &state))
		return NULL;
	// later pages of a larger free block have no type; their count is 0
	if (state.refs == 0)
		return "a free page";
	// PAGE_MAPPING_ANON (include/linux/page-flags.h)
	if (state.mapping & 1)
		return "memory of a process";
	if (state.flags & types_flag_of_bit(k->types, "PG_lru"))
		return state.flags & types_flag_of_bit(k->types, "PG_private")
			       ? "page cache with private data"
			       : "page cache";
	return "memory of the kernel";
}

static void put_kind(struct kernel *k, pfn_t pfn, struct buf *out)
{
	const char *kind;
	kva_t page;

	if (page_of_pfn(k, pfn, &page, NULL))
		return;
	kind = page_kind(k, page);
	if (kind)
		buf_printf(out, "; it was %s", kind);
}

/* Is the page in the dump? */
static vs_status put_physical(struct kernel *k, pa_t pa, struct buf *out)
{
	const struct dump_info *info = dump_info(k->dump);
	pfn_t pfn = pa >> PAGE_SHIFT;
	vs_status st = dump_page_state(k->dump, pfn);
	AUTO_FREE uint8_t *page = malloc(PAGE_BYTES);
	struct err why = { .msg = "out of memory" };

	buf_printf(out, "  physical %" PRIx64 ": ", pa);
	if (st == VS_OK && page)
		st = mem_read(dump_mem(k->dump), pfn << PAGE_SHIFT, page, PAGE_BYTES, &why);
	else if (page)
		(void)mem_read(dump_mem(k->dump), pa, page, 1, &why);
	if (!page) {
		buf_puts(out, why.msg);
	} else if (st == VS_OK) {
		bool zero = all_bytes_are(page, PAGE_BYTES, 0);

		buf_puts(out, zero ? "stored in the dump, all zeros" : "stored in the dump");
	} else if (st == VS_EXCLUDED) {
		buf_puts(out, vs_status_str(st));
		put_level(info->dump_level, out);
		put_kind(k, pfn, out);
	} else if (st == VS_HOLE) {
		buf_puts(out, vs_status_str(st));
	} else { // lost or damaged: the message says where in the file
		buf_puts(out, why.msg);
	}
	buf_putc(out, '\n');
	return st;
}

static void put_swapped(struct kernel *k, const struct walk *w, struct buf *out)
{
	struct swap_areas areas = { 0 };
	unsigned type;
	uint64_t offset;

	if (w->nsteps && k->arch->swap_entry(w->step[w->nsteps - 1].entry, &type, &offset)) {
		buf_puts(out, "  ");
		swap_put_place(k, &areas, type, offset, out);
		swapped_put_all(k, type, offset, out);
		buf_putc(out, '\n');
	}
}

static void put_virtual(struct kernel *k, pa_t root, uint64_t va, struct buf *out)
{
	struct walk w = { 0 };
	struct err why = { 0 };
	vs_status st = kmem_walk(k->kmem, root, va, &w, &why);
	uint8_t byte;

	buf_printf(out, "%" PRIx64 ": ", va);
	if (st == VS_OK) {
		buf_printf(out,
			   "mapped by %d entries, the last is %" PRIx64 " at %" PRIx64
			   ", page size %" PRIu64 " KiB\n",
			   w.nsteps, w.step[w.nsteps - 1].entry, w.step[w.nsteps - 1].entry_pa,
			   w.size >> 10);
		put_physical(k, w.pa, out);
		return;
	}
	buf_printf(out, "%s\n", why.msg);
	if (st == VS_SWAPPED)
		put_swapped(k, &w, out);
	else if (kmem_read_as(k->kmem, root, va, &byte, 1, NULL).len)
		buf_puts(out, "  but readable: the kernel's layout tells where it is\n");
}

static vs_status cmd_why(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	bool physical = cmd_has(a, "p");
	pa_t root = 0;
	kva_t task;

	if (!physical &&
	    (cmd_selected_task(m, &task, NULL) || task_page_root(m->k, task, &root, NULL)))
		root = 0;
	for (int i = 0; i < a->argc; i++) {
		uint64_t address;
		vs_status st = physical ? cmd_hex_number(a->argv[i], &address, err)
					: cmd_address(m, a->argv[i], &address, err);

		if (st)
			return st;
		if (physical)
			put_physical(m->k, address, out);
		else
			put_virtual(m->k, root, address, out);
	}
	return VS_OK;
}

static const struct cmd_opt options[] = {
	{ "p", .help = "ADDRESS is physical" },
	{ 0 },
};

const struct cmd verb_why = {
	.name = "why",
	.run = cmd_why,
	.brief = "why memory can or cannot be read",
	.synopsis = "why [-p] ADDRESS...",
	.help = "Print how an address is mapped, and whether its page is in the dump: stored, "
		"all zeros,\n"
		"excluded (by which filter, and what it held), lost, no RAM, not mapped or "
		"swapped out.\n",
	.example = "  why linux_banner\n"
		   "  ffffffff9f71ffe0: mapped by 4 entries, the last is 80000000072001e1 at "
		   "7c167d8, "
		   "page size 2048 KiB\n"
		   "    physical 731ffe0: stored in the dump\n",
	.options = options,
	.operands = OPERANDS(1, OPERANDS_ANY),
};
