// SPDX-License-Identifier: GPL-3.0-or-later
/* hog.c - who holds memory. */
#include "stub/triage/hog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/subsys/fs/cached.h"
#include "stub/subsys/mm/slab.h"
#include "stub/subsys/mm/slab_free.h"
#include "stub/subsys/mm/vmalloc.h"
#include "stub/subsys/sys/oomlog.h"
#include "stub/unwind/addrname.h"

#define MAX_FILES 64

static int by_pages(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->pages != y->pages)
		return x->pages < y->pages ? 1 : -1;
	return strcmp(x->name, y->name);
}

vs_status hog_slab_caches(struct kernel *k, struct holder **ret, size_t *n, uint64_t *sum,
			  struct err *err)
{
	AUTO_FREE struct slab_cache *caches = NULL;
	struct holder *v;
	size_t count = 0;
	vs_status st = slab_caches(k, &caches, &count, err);

	*ret = NULL;
	*n = 0;
	*sum = 0;
	if (!count)
		return st;
	v = calloc(count, sizeof(*v));
	if (!v)
		return fail(err, VS_NOMEM, "%zu slab caches", count);
	for (size_t i = 0; i < count; i++) {
		struct slab_size size;
		struct err why;
		vs_status one = slab_cache_size(k, &caches[i], &size, &why);

		fail_first(&st, err, one, &why);
		if (one)
			continue;
		v[*n] = (struct holder){ .pages = size.pages,
					 .number = size.slabs,
					 .objects = size.total,
					 .reclaimable = caches[i].reclaimable,
					 .va = caches[i].va };
		snprintf(v[*n].name, sizeof(v->name), "%s", caches[i].name);
		*sum += size.pages;
		++*n;
	}
	qsort(v, *n, sizeof(*v), by_pages);
	*ret = v;
	return st;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct holder *)a)->name, ((const struct holder *)b)->name);
}

/* Makes one entry of those with the same name; returns their number. */
static size_t merge(struct holder *v, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(v, n, sizeof(*v), by_name);
	for (size_t i = 0; i < n; i++) {
		if (kept && strcmp(v[kept - 1].name, v[i].name) == 0) {
			v[kept - 1].pages += v[i].pages;
			v[kept - 1].number += v[i].number;
		} else {
			v[kept++] = v[i];
		}
	}
	return kept;
}

vs_status hog_vmalloc_callers(struct kernel *k, struct holder **ret, size_t *n, uint64_t *sum,
			      struct err *err)
{
	AUTO_FREE struct vmap_area *areas = NULL;
	VEC(struct holder) found = { 0 };
	size_t count = 0;
	vs_status st = vmap_areas(k, &areas, &count, err);

	*sum = 0;
	for (size_t i = 0; i < count; i++) {
		struct holder h = { .number = 1 };
		struct vmap_pages p;
		struct addr_name name;
		struct err why;
		vs_status one = vmap_pages_load(k, &areas[i], &p, &why);

		fail_first(&st, err, one, &why);
		if (one || !p.pages)
			continue;
		h.pages = p.pages;
		*sum += p.pages;
		if (addr_lookup(k, p.caller, &name))
			snprintf(h.name, sizeof(h.name), name.owner ? "%s [%s]" : "%s",
				 name.sym->name, name.owner);
		else
			snprintf(h.name, sizeof(h.name), "%" PRIx64, p.caller);
		if (!vec_push(&found, h))
			break;
	}
	found.n = merge(found.v, found.n);
	if (found.n)
		qsort(found.v, found.n, sizeof(*found.v), by_pages);
	*ret = found.v;
	*n = found.n;
	return st;
}

static int by_mm(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	// the first thread of the process, if it still has its memory
	if ((x->pid == x->tgid) != (y->pid == y->tgid))
		return x->pid == x->tgid ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static int by_memory(const void *a, const void *b)
{
	const struct hog_process *x = a, *y = b;
	uint64_t m = x->memory.rss + x->memory.swap, n = y->memory.rss + y->memory.swap;

	if (m != n)
		return m < n ? 1 : -1;
	return x->task.pid < y->task.pid ? -1 : x->task.pid > y->task.pid;
}

vs_status hog_processes(struct kernel *k, struct hog_process **ret, size_t *n, struct err *err)
{
	AUTO_FREE kva_t *list = NULL;
	VEC(struct task) users = { 0 };
	VEC(struct hog_process) found = { 0 };
	size_t count = 0;
	vs_status st = tasks_list(k, &list, &count, err);

	for (size_t i = 0; i < count; i++) {
		struct task t;
		struct err why;
		vs_status one = task_load(k, list[i], &t, &why);

		fail_first(&st, err, one, &why);
		if (one == VS_OK && t.mm && !task_is_kernel(&t) && !vec_push(&users, t))
			break;
	}
	if (users.n)
		qsort(users.v, users.n, sizeof(*users.v), by_mm);
	for (size_t i = 0; i < users.n; i++) {
		struct hog_process p = { .task = users.v[i] };
		struct err why;
		vs_status one;

		if (i && users.v[i - 1].mm == p.task.mm)
			continue;
		one = task_memory_load(k, &p.task, &p.memory, &why);
		fail_first(&st, err, one, &why);
		if (one == VS_OK && !vec_push(&found, p))
			break;
	}
	vec_free(&users);
	if (found.n)
		qsort(found.v, found.n, sizeof(*found.v), by_memory);
	*ret = found.v;
	*n = found.n;
	return st;
}

/* --- the verdict */

static void name_slab(struct kernel *k, struct hog *h)
{
	AUTO_FREE struct holder *v = NULL;
	uint64_t sum;
	size_t n;

	// A cache that cannot be counted might be the largest one.
	if (hog_slab_caches(k, &v, &n, &sum, NULL) || !n)
		return;
	h->kind = "slab cache";
	h->held = v[0].pages;
	snprintf(h->name, sizeof(h->name), "%s", v[0].name);
	h->basis = "the number of the cache's slabs";
}

static void name_caller(struct kernel *k, struct hog *h)
{
	AUTO_FREE struct holder *v = NULL;
	uint64_t sum;
	size_t n;

	if (hog_vmalloc_callers(k, &v, &n, &sum, NULL) || !n)
		return;
	h->kind = "vmalloc() for";
	h->held = v[0].pages;
	snprintf(h->name, sizeof(h->name), "%s", v[0].name);
	h->basis = "the list of vmalloc areas";
}

static void name_process(struct kernel *k, struct hog *h)
{
	AUTO_FREE struct hog_process *v = NULL;
	size_t n;

	if (hog_processes(k, &v, &n, NULL) || !n)
		return;
	h->kind = "process";
	h->held = v[0].memory.rss;
	snprintf(h->name, sizeof(h->name), "%d \"%s\"", v[0].task.pid, v[0].task.comm);
	h->basis = "the counters of its address space";
}

static void name_file(struct kernel *k, bool shmem, struct hog *h)
{
	struct cached_file files[MAX_FILES];
	AUTO(buf) path = { 0 };
	size_t n, i = 0;

	if (cached_files(k, files, MAX_FILES, &n, NULL))
		return;
	while (i < n && files[i].shmem != shmem)
		i++;
	if (i == n)
		return;
	if (!cached_put_path(k, &files[i], &path))
		buf_printf(&path, "inode %" PRIx64, files[i].inode);
	h->kind = "file";
	h->held = files[i].pages;
	snprintf(h->name, sizeof(h->name), "%s (%s)", buf_str(&path), files[i].type);
	h->basis = "the number of its pages";
}

static void name_holder(struct kernel *k, struct hog *h)
{
	switch (h->use) {
	case USE_SLAB:
		name_slab(k, h);
		break;
	case USE_VMALLOC:
		name_caller(k, h);
		break;
	case USE_ANON:
		name_process(k, h);
		break;
	case USE_SHMEM:
	case USE_FILES:
		name_file(k, h->use == USE_SHMEM, h);
		break;
	case USE_COUNT:
		h->basis = "all pages in use, minus the kernel's counters";
		break;
	default:
		break;
	}
}

vs_status hog_find(struct kernel *k, const struct mem_usage *u, const struct oom_log *oom,
		   struct hog *ret, struct err *err)
{
	struct hog h = { .use = USE_COUNT, .basis = "the kernel's counters" };

	if (u->total.st || u->rest.st) {
		if (err)
			*err = u->total.st ? u->total.why : u->rest.why;
		return u->total.st ? u->total.st : u->rest.st;
	}
	h.total = u->total.pages;
	h.pages = u->rest.pages;
	for (unsigned i = 0; i < USE_COUNT; i++)
		if (u->by[i].st == VS_OK && u->by[i].pages > h.pages) {
			h.use = i;
			h.pages = u->by[i].pages;
		}
	if (oom && oom->panicked && oom->has_limit && oom->cgroup[0]) {
		h.kind = "cgroup";
		h.limited = true;
		h.held = oom->usage_kb >> 2;
		snprintf(h.name, sizeof(h.name), "%s", oom->cgroup);
		h.basis = "the log";
	} else {
		name_holder(k, &h);
	}
	*ret = h;
	return VS_OK;
}

static void put_amount(uint64_t pages, uint64_t total, struct buf *out)
{
	buf_printf(out, "%" PRIu64 " MiB, %" PRIu64 "%% of memory", pages >> 8,
		   total ? pages * 100 / total : 0);
}

void hog_put(const struct hog *h, struct buf *out)
{
	if (h->limited) {
		buf_printf(out, "cgroup %s reached its limit: it holds ", h->name);
		put_amount(h->held, h->total, out);
		return;
	}
	if (h->kind && h->held * 2 >= h->pages) {
		buf_printf(out, "%s %s holds ", h->kind, h->name);
		put_amount(h->held, h->total, out);
		return;
	}
	if (h->use == USE_COUNT) {
		put_amount(h->pages, h->total, out);
		buf_puts(out, ", is in no counter, as are pages that code takes from the page "
			      "allocator for itself");
		return;
	}
	buf_printf(out, "the largest use of memory is %s with ", mem_use_name(h->use));
	put_amount(h->pages, h->total, out);
	if (h->kind) {
		buf_printf(out, "; its largest part, %" PRIu64 " MiB, is %s %s", h->held >> 8,
			   h->kind, h->name);
	}
}
