// SPDX-License-Identifier: GPL-3.0-or-later
/* coremap.c - divides the memory of a process into segments that are saved, and others that are
 * not. What is zeros is saved: it takes no room in a file with holes. A page that is not in the
 * dump must not look like zeros, so it ends a segment. */
#include "stub/usercore/coremap.h"

#include <elf.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"

/* A damaged process must not fill a disk, nor take forever: so many segments, and so many pages
 * more than fit into memory, as a page can be mapped more than once. */
#define MAX_SEGMENTS (1u << 20)
#define MAX_FOLD     4
#define MAX_MORE     (1u << 16)
/* Pages of zeros: 16 GiB. A program can reserve much more that it never touches. */
#define MAX_ZEROS (4u << 20)

static uint32_t flags_of(const struct vma *v)
{
	return (v->flags & 1 ? PF_R : 0) | (v->flags & 2 ? PF_W : 0) | (v->flags & 4 ? PF_X : 0);
}

/* Appends part of an area to the last segment, or to a new one. */
static bool add(struct core_map *m, const struct process *p, size_t area, uint64_t va, uint64_t len,
		bool saved)
{
	struct core_segment *last = m->n ? &m->v[m->n - 1] : NULL;

	if (last && last->area == area && last->saved == saved) {
		last->len += len;
		return true;
	}
	return vec_push(
		m, ((struct core_segment){ va, len, flags_of(&p->area[area].vma), saved, area }));
}

/* What is left of the limits. */
struct left {
	uint64_t pages, zeros;
};

/* Looks at the pages from va on that are alike. *end is the first one after them. */
static bool look(struct process *p, size_t area, uint64_t va, struct left *left, struct core_map *m,
		 uint64_t *end)
{
	const struct process_area *a = &p->area[area];
	enum process_page state = PAGE_RESERVED;
	uint8_t page[PROCESS_PAGE];
	struct err why = { 0 };
	uint64_t pages;
	bool saved;

	*end = a->vma.end;
	m->cut |= !left->pages || m->n >= MAX_SEGMENTS;
	if (!m->cut) {
		left->pages--;
		state = process_read_page(p, a, va, page, end, &why);
	}
	pages = (*end - va) / PROCESS_PAGE;
	saved = state == PAGE_SAVED || (state == PAGE_ZEROS && pages <= left->zeros);
	if (state == PAGE_ZEROS && !saved)
		m->untouched += pages;
	else
		m->pages[state] += pages;
	if (state == PAGE_ZEROS && saved)
		left->zeros -= pages;
	if (state == PAGE_MISSING && !m->missing.msg[0])
		m->missing = why;
	m->bytes += saved ? pages * PROCESS_PAGE : 0;
	return add(m, p, area, va, *end - va, saved);
}

vs_status core_map_make(struct process *p, struct core_map *ret, struct err *err)
{
	struct left left = { dump_info(p->k->dump)->max_pfn * MAX_FOLD + MAX_MORE, MAX_ZEROS };

	*ret = (struct core_map){ .n = 0 };
	for (size_t i = 0; i < p->nareas; i++)
		for (uint64_t va = p->area[i].vma.start, end; va < p->area[i].vma.end; va = end)
			if (!look(p, i, va, &left, ret, &end))
				return fail(err, VS_NOMEM, "out of memory");
	return VS_OK;
}

void core_map_free(struct core_map *m)
{
	vec_free(m);
}
