// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kmem.h - the parts of the verb kmem; private to stub/monitor. */
#include "stub/monitor/cmd.h"
#include "stub/monitor/table.h"

/* The next cell is a number of bytes; in text it is as crash shows it: "276.3 MB". */
void kmem_show_size(uint64_t bytes, struct table *t);

struct mem_count;
struct mem_usage;
/* The rows of kmem -i. */
extern const struct table_def kmem_count_table;
/* A row of kmem -i: pages, size, and their share of `of` (NULL: none). */
void kmem_put_count(const char *label, const struct mem_count *l, const char *of_label,
		    const struct mem_count *of, struct table *t);
/* A row for each use of memory, and OTHER for the rest. */
void kmem_put_uses(const struct mem_usage *u, const char *of_label, const struct mem_count *of,
		   struct table *t);
/* kmem -i: kmem_info.c */
vs_status kmem_summary(struct monitor *m, struct buf *out, struct err *err);
/* kmem -z, -n, -V: kmem_zone.c */
vs_status kmem_zones(struct monitor *m, struct buf *out, struct err *err);
vs_status kmem_nodes(struct monitor *m, struct buf *out, struct err *err);
vs_status kmem_counters(struct monitor *m, struct buf *out, struct err *err);
/* kmem -p [ADDRESS...]: kmem_page.c */
vs_status kmem_pages(struct monitor *m, struct args *a, struct buf *out, struct err *err);
/* The struct page for v, which may be the address of a struct page, a physical or a virtual
 * address. */
vs_status kmem_page_of(struct monitor *m, uint64_t v, kva_t *ret, struct err *err);
/* The row of one struct page, with the heading, and before them a text. If it cannot be read,
 * prints nothing. */
vs_status kmem_put_page(struct monitor *m, kva_t page, const char *before, struct buf *out,
			struct err *err);
/* kmem -s, -S [CACHE...]: kmem_slab.c */
vs_status kmem_slabs(struct monitor *m, struct args *names, bool contents, struct buf *out,
		     struct err *err);
/* The slab and object at va, as `kmem ADDRESS` shows them. VS_NOTFOUND: va is not in a slab. */
vs_status kmem_slab_object(struct monitor *m, kva_t va, struct buf *out, struct err *err);
/* kmem -f, -g [FLAGS]: kmem_free.c */
vs_status kmem_free_lists(struct monitor *m, struct buf *out, struct err *err);
vs_status kmem_page_flags(struct monitor *m, const char *flags, struct buf *out, struct err *err);
/* If the kernel records who allocated pages: the stacks with the most pages, up to max, as oom
 * shows them; else nothing. kmem_owner.c */
void kmem_put_owners(struct monitor *m, size_t max, struct buf *out);
/* The same for one page, by its struct page, as `kmem ADDRESS` shows it. */
void kmem_put_owner(struct monitor *m, kva_t page, struct buf *out);
