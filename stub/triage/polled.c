// SPDX-License-Identifier: GPL-3.0-or-later
/* polled.c - reads the tree of fs/eventpoll.c and the tables of fs/select.c. */
#include "stub/triage/polled.h"

#include <stdlib.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/fs/fs.h"

#define PAGE_SIZE 4096

struct files {
	struct kernel *k;
	VEC(struct polled) v;
	bool no_memory;
};

static void add(struct files *f, kva_t file, int fd)
{
	if (!vec_push(&f->v, ((struct polled){ file, fd })))
		f->no_memory = true;
}

static int by_number(const void *a, const void *b)
{
	const struct polled *x = a, *y = b;

	if (x->fd != y->fd)
		return x->fd < y->fd ? -1 : 1;
	return x->file < y->file ? -1 : x->file > y->file;
}

/* --- epoll */

enum { EPOLL_ITEMS };
static const struct record_field epoll_fields[] = {
	[EPOLL_ITEMS] = { { "rbr" }, RECORD_ADDRESS },
};
RECORD(epoll_table_record, "eventpoll", epoll_fields);

enum { ITEM_NODE, ITEM_FILE, ITEM_FD };
static const struct record_field item_fields[] = {
	[ITEM_NODE] = { { "rbn" }, RECORD_ADDRESS },
	[ITEM_FILE] = { { "ffd.file" }, RECORD_POINTER },
	[ITEM_FD] = { { "ffd.fd" }, RECORD_INT },
};
RECORD(item_record, "epitem", item_fields);

struct items {
	struct files *files;
	uint64_t node;
};

static bool take_item(void *ctx, kva_t node)
{
	struct items *i = ctx;
	struct record r;
	uint64_t fd;

	record_read(i->files->k, &item_record, node - i->node,
		    RECORD_BIT(ITEM_FILE) | RECORD_BIT(ITEM_FD), &r);
	if (record_pointer(&r, ITEM_FILE))
		add(i->files, record_pointer(&r, ITEM_FILE),
		    record_get(&r, ITEM_FD, &fd) ? (int)fd : -1);
	return !i->files->no_memory;
}

static vs_status take_epoll(struct files *f, kva_t epoll, struct err *err)
{
	struct items items = { .files = f };
	struct member root, node;
	vs_status st = record_member(f->k, &epoll_table_record, EPOLL_ITEMS, &root, err);

	if (st == VS_OK)
		st = record_member(f->k, &item_record, ITEM_NODE, &node, err);
	if (st)
		return st;
	items.node = node.off;
	return walk_rbtree(f->k, epoll + root.off, take_item, &items, err);
}

/* --- select and poll */

enum { POLL_TABLE, POLL_INLINE, POLL_ENTRIES };
static const struct record_field poll_fields[] = {
	[POLL_TABLE] = { { "table" }, RECORD_POINTER },
	[POLL_INLINE] = { { "inline_index" }, RECORD_UINT },
	[POLL_ENTRIES] = { { "inline_entries" }, RECORD_ADDRESS },
};
RECORD(poll_table_record, "poll_wqueues", poll_fields);

/* A page with more entries, up to the one at `entry`. */
enum { PAGE_NEXT, PAGE_END, PAGE_ENTRIES };
static const struct record_field page_fields[] = {
	[PAGE_NEXT] = { { "next" }, RECORD_POINTER },
	[PAGE_END] = { { "entry" }, RECORD_POINTER },
	[PAGE_ENTRIES] = { { "entries" }, RECORD_ADDRESS },
};
RECORD(poll_page_record, "poll_table_page", page_fields);

enum { ENTRY_FILE };
static const struct record_field entry_fields[] = {
	[ENTRY_FILE] = { { "filp" }, RECORD_POINTER },
};
RECORD(poll_entry_record, "poll_table_entry", entry_fields);

static vs_status take_entries(struct files *f, kva_t first, uint64_t n, uint64_t size,
			      struct err *err)
{
	for (uint64_t i = 0; i < n; i++) {
		uint64_t file;
		vs_status st = record_field_read(f->k, &poll_entry_record, first + i * size,
						 ENTRY_FILE, &file, err);

		if (st)
			return st;
		if (file)
			add(f, file, -1);
	}
	return VS_OK;
}

struct pages {
	struct files *files;
	uint64_t size; /* of an entry */
	vs_status st;
	struct err why;
};

static bool take_page(void *ctx, kva_t page)
{
	struct pages *p = ctx;
	struct record r;
	kva_t first, end;

	record_read(p->files->k, &poll_page_record, page, RECORD_ALL, &r);
	first = record_pointer(&r, PAGE_ENTRIES);
	end = record_pointer(&r, PAGE_END);
	if (end < first || end - page > PAGE_SIZE)
		p->st = fail(&p->why, VS_CORRUPT, "a page of poll()'s table has a bad end");
	else
		p->st = take_entries(p->files, first, (end - first) / p->size, p->size, &p->why);
	return p->st == VS_OK;
}

static vs_status take_poll(struct files *f, kva_t poll, struct err *err)
{
	struct pages pages = { .files = f };
	uint64_t n, entries;
	struct member inline_entries, next;
	struct record r;
	vs_status st = types_size(f->k->types, "poll_table_entry", &pages.size, err);

	record_read(f->k, &poll_table_record, poll, RECORD_ALL, &r);
	if (st == VS_OK)
		st = record_need(&r, POLL_INLINE, &n, err);
	if (st == VS_OK)
		st = record_need(&r, POLL_ENTRIES, &entries, err);
	if (st == VS_OK)
		st = record_member(f->k, &poll_table_record, POLL_ENTRIES, &inline_entries, err);
	if (st == VS_OK)
		st = record_member(f->k, &poll_page_record, PAGE_NEXT, &next, err);
	if (st)
		return st;
	if (!pages.size || n > inline_entries.size / pages.size)
		return fail(err, VS_CORRUPT, "poll()'s table has a bad number of entries");
	st = take_entries(f, entries, n, pages.size, err);
	if (st)
		return st;
	st = walk_chain(f->k, record_pointer(&r, POLL_TABLE), next.off, 0, take_page, &pages, err);
	if (pages.st && err)
		*err = pages.why;
	return pages.st ? pages.st : st;
}

static int by_file(const void *a, const void *b)
{
	const struct polled *x = a, *y = b;

	return x->file < y->file ? -1 : x->file > y->file;
}

/* Sets the lowest number that the task has for each file; they are by file. */
static bool take_fd(void *ctx, unsigned fd, kva_t file)
{
	struct files *f = ctx;
	struct polled key = { .file = file };
	struct polled *found = bsearch(&key, f->v.v, f->v.n, sizeof(key), by_file);

	if (found && found->fd < 0)
		found->fd = (int)fd;
	return true;
}

/* A file may be in several lists of waiters. */
static void find_numbers(struct files *f, kva_t task)
{
	size_t n = 0;

	qsort(f->v.v, f->v.n, sizeof(*f->v.v), by_file);
	for (size_t i = 0; i < f->v.n; i++)
		if (!n || f->v.v[n - 1].file != f->v.v[i].file)
			f->v.v[n++] = f->v.v[i];
	f->v.n = n;
	(void)fs_each_fd(f->k, task, take_fd, f, NULL);
}

vs_status polled_files(struct kernel *k, const struct wait *wait, const struct task *t,
		       struct polled **ret, size_t *n, struct err *err)
{
	struct files f = { .k = k };
	vs_status st;

	*ret = NULL;
	*n = 0;
	if (!wait->lock)
		return fail(err, VS_NOTFOUND, "the address is unknown");
	st = wait->kind == LOCK_EPOLL ? take_epoll(&f, wait->lock, err)
				      : take_poll(&f, wait->lock, err);
	if (f.v.n && wait->kind == LOCK_POLL)
		find_numbers(&f, t->va);
	if (f.v.n)
		qsort(f.v.v, f.v.n, sizeof(*f.v.v), by_number);
	*ret = f.v.v;
	*n = f.v.n;
	return f.no_memory ? fail(err, VS_NOMEM, "out of memory") : st;
}
