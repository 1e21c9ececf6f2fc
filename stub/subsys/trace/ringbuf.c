// SPDX-License-Identifier: GPL-3.0-or-later
/* ringbuf.c - reads the ring buffer of one CPU.
 * The pages are a circular list. A reader swaps its own page, which is outside that list, for the
 * oldest one, the head; the last page with committed events is the commit page, which may also be
 * the reader's. So the order is: the rest of the reader's page, the head and those after it, up to
 * the commit page. The low bits of a pointer to the head page mark it (RB_PAGE_HEAD, and
 * RB_PAGE_UPDATE while the writer overwrites it). */
#include "stub/subsys/trace/ringbuf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

#define FLAGS	   3ULL		/* RB_FLAG_MASK: of pointers in the list */
#define INDEX_MASK 0xfffffULL	/* RB_WRITE_MASK; higher bits count writers, or are flags */
#define MAX_PAGES  (1ULL << 28) /* more than memory has room for */

enum {
	CPU_PAGES,
	CPU_HEAD,
	CPU_TAIL,
	CPU_COMMIT,
	CPU_READER,
	CPU_ENTRIES,
	CPU_OVERRUN,
	CPU_DROPPED,
	CPU_READ,
	CPU_NR_PAGES
};
static const struct record_field cpu_fields[] = {
	[CPU_PAGES] = { { "pages" }, RECORD_POINTER },
	[CPU_HEAD] = { { "head_page" }, RECORD_POINTER },
	[CPU_TAIL] = { { "tail_page" }, RECORD_POINTER },
	[CPU_COMMIT] = { { "commit_page" }, RECORD_POINTER },
	[CPU_READER] = { { "reader_page" }, RECORD_POINTER },
	[CPU_ENTRIES] = { { "entries.a.counter", "entries" }, RECORD_UINT },
	[CPU_OVERRUN] = { { "overrun.a.counter", "overrun" }, RECORD_UINT },
	[CPU_DROPPED] = { { "dropped_events.a.counter", "dropped_events" }, RECORD_UINT },
	[CPU_READ] = { { "read" }, RECORD_UINT },
	[CPU_NR_PAGES] = { { "nr_pages" }, RECORD_UINT },
};
RECORD(ring_cpu_record, "ring_buffer_per_cpu", cpu_fields);

enum { PAGE_NEXT, PAGE_PREV, PAGE_WRITE, PAGE_READ, PAGE_DATA };
static const struct record_field page_fields[] = {
	[PAGE_NEXT] = { { "list.next" }, RECORD_POINTER },
	[PAGE_PREV] = { { "list.prev" }, RECORD_POINTER },
	[PAGE_WRITE] = { { "write.a.counter", "write" }, RECORD_UINT },
	[PAGE_READ] = { { "read" }, RECORD_UINT },
	[PAGE_DATA] = { { "page" }, RECORD_POINTER },
};
RECORD(ring_page_record, "buffer_page", page_fields);

/* Follows the list from the page that the kernel last took for the head to the one that is marked.
 * list is the first member of struct buffer_page. */
static vs_status find_head(struct ring *r, kva_t from, kva_t *ret, struct err *err)
{
	kva_t page = from, prev, next;
	vs_status st = record_field_read(r->k, &ring_page_record, from, PAGE_PREV, &prev, err);

	if (st == VS_OK)
		st = record_field_read(r->k, &ring_page_record, prev & ~FLAGS, PAGE_NEXT, &next,
				       err);
	for (uint64_t i = 0; st == VS_OK && i <= r->counts.pages; i++) {
		if ((next & ~FLAGS) != page && !i)
			return fail(err, VS_CORRUPT, "the list of pages is broken at %#" PRIx64,
				    prev);
		page = next & ~FLAGS;
		if (next & FLAGS) {
			*ret = page;
			return VS_OK;
		}
		st = record_field_read(r->k, &ring_page_record, page, PAGE_NEXT, &next, err);
	}
	return st ? st : fail(err, VS_CORRUPT, "no page of the buffer is marked as the first");
}

/* Does a page have bytes that a writer has reserved but not committed? */
static bool being_written(struct ring *r, kva_t tail)
{
	uint64_t write, data, committed;

	if (tail != r->commit)
		return true;
	if (record_field_read(r->k, &ring_page_record, tail, PAGE_WRITE, &write, NULL) ||
	    record_field_read(r->k, &ring_page_record, tail, PAGE_DATA, &data, NULL) ||
	    mem_read_u64(r->k->mem, data + 8, &committed, NULL))
		return false;
	return (write & INDEX_MASK) > (committed & INDEX_MASK);
}

static void take_counts(const struct record *cpu, struct ring_counts *ret)
{
	uint64_t written = record_pointer(cpu, CPU_ENTRIES);

	ret->overrun = record_pointer(cpu, CPU_OVERRUN);
	ret->dropped = record_pointer(cpu, CPU_DROPPED);
	ret->read = record_pointer(cpu, CPU_READ);
	ret->entries = written - ret->overrun - ret->read;
	if (written < ret->overrun || ret->entries > written)
		ret->entries = 0;
}

vs_status ring_open(struct kernel *k, kva_t va, size_t page_size, struct ring *ret, struct err *err)
{
	struct record cpu;
	uint64_t hint = 0;
	vs_status st;

	*ret = (struct ring){ .k = k, .va = va, .page_size = page_size };
	record_read(k, &ring_cpu_record, va, RECORD_ALL, &cpu);
	take_counts(&cpu, &ret->counts);
	st = record_need(&cpu, CPU_READER, &ret->reader, err);
	if (st == VS_OK)
		st = record_need(&cpu, CPU_COMMIT, &ret->commit, err);
	if (st == VS_OK)
		st = record_need(&cpu, CPU_HEAD, &hint, err);
	if (st == VS_OK)
		st = record_need(&cpu, CPU_NR_PAGES, &ret->counts.pages, err);
	if (st == VS_OK && ret->counts.pages > MAX_PAGES)
		st = fail(err, VS_CORRUPT, "a buffer has %" PRIu64 " pages", ret->counts.pages);
	if (st == VS_OK)
		st = record_field_read(k, &ring_page_record, ret->reader, PAGE_READ,
				       &ret->reader_read, err);
	// Where all is in the reader's page, the list does not matter.
	if (st == VS_OK && ret->commit != ret->reader)
		st = find_head(ret, hint, &ret->head, err);
	if (st)
		return fail_ctx(err, st, "ring_buffer_per_cpu %#" PRIx64, va);
	ret->writing = being_written(ret, record_pointer(&cpu, CPU_TAIL));
	ret->page = ret->reader;
	ret->left = ret->counts.pages + 1;
	return VS_OK;
}

void ring_deinit(struct ring *r)
{
	free(r->data);
	r->data = NULL;
}

static void bad_page(struct ring *r, const struct err *why)
{
	if (!r->bad_pages++)
		r->why = *why;
}

/* Moves to the page after the current one. */
static void advance(struct ring *r)
{
	struct err err;
	uint64_t next;
	kva_t was = r->page;

	r->page = 0;
	if (was == r->commit || !r->left)
		return;
	r->left--;
	if (was == r->reader)
		r->page = r->head;
	else if (record_field_read(r->k, &ring_page_record, was, PAGE_NEXT, &next, &err))
		bad_page(r, &err);
	else
		r->page = next & ~FLAGS;
}

/* Reads what a page has into r->data. */
static vs_status load(struct ring *r, kva_t page, struct err *err)
{
	uint64_t data, committed;
	vs_status st = record_field_read(r->k, &ring_page_record, page, PAGE_DATA, &data, err);

	r->used = r->at = 0;
	if (st == VS_OK)
		st = mem_read(r->k->mem, data, r->data, RING_DATA, err);
	if (st)
		return st;
	committed = load_u64(r->data + 8) & INDEX_MASK;
	if (committed > r->page_size - RING_DATA)
		return fail(err, VS_CORRUPT, "a page of the trace has %" PRIu64 " bytes",
			    committed);
	st = mem_read(r->k->mem, data + RING_DATA, r->data + RING_DATA, (size_t)committed, err);
	if (st)
		return st;
	r->ts = load_u64(r->data);
	r->used = RING_DATA + (size_t)committed;
	r->at = RING_DATA;
	return VS_OK;
}

static vs_status load_next(struct ring *r)
{
	if (!r->data)
		r->data = calloc(1, r->page_size);
	while (r->page && r->data) {
		kva_t page = r->page;
		struct err err;
		vs_status st = load(r, page, &err);

		r->skip = page == r->reader ? RING_DATA + (size_t)(r->reader_read & INDEX_MASK) : 0;
		advance(r);
		if (st == VS_OK)
			return VS_OK;
		bad_page(r, &err);
	}
	return VS_END;
}

/* Event headers: 5 bits of type or length, 27 bits of time since the event before
 * (include/linux/ring_buffer.h). */
enum { TYPE_PADDING = 29, TYPE_TIME_EXTEND, TYPE_TIME_STAMP };
#define DELTA_BITS  27
#define STAMP_BITS  59 /* of TYPE_TIME_STAMP; the others are those of the time before */
#define STAMP_UPPER (~0ULL << STAMP_BITS)

/* rb_fix_abs_ts() */
static uint64_t absolute(uint64_t stamp, uint64_t before)
{
	if (before & STAMP_UPPER) {
		stamp |= before & STAMP_UPPER;
		if (stamp < before)
			stamp += 1ULL << STAMP_BITS;
	}
	return stamp;
}

/* Takes the event at b, which may be padding or a time: then ret->data is NULL. Returns false at
 * the end of the page; b is bad if an event exceeds it. */
static bool take_event(struct ring *r, struct bytes *b, struct ring_event *ret)
{
	uint32_t header = bytes_u32(b), type = header & 31, delta = header >> 5, len;

	ret->data = NULL;
	if (type == TYPE_PADDING && !delta)
		return false;
	if (type == TYPE_PADDING) {
		len = bytes_u32(b);
		bytes_skip(b, len >= 4 ? len - 4 : 0);
		return true;
	}
	if (type == TYPE_TIME_EXTEND) {
		r->ts += ((uint64_t)bytes_u32(b) << DELTA_BITS) + delta;
		return true;
	}
	if (type == TYPE_TIME_STAMP) {
		r->ts = absolute(((uint64_t)bytes_u32(b) << DELTA_BITS) + delta, r->ts);
		return true;
	}
	len = type ? type * 4 : bytes_u32(b);
	if (!type)
		len = len >= 4 ? len - 4 : 0;
	r->ts += delta;
	ret->ts = r->ts;
	ret->len = len;
	ret->data = bytes_take(b, len);
	return true;
}

/* Removes the events that were read from the page. The first one that remains is relative to the
 * time of the last one that goes. */
static void trim(struct ring *r)
{
	uint64_t left;

	while (r->at < r->skip && r->at < r->used) {
		struct bytes b = bytes_of(r->data + r->at, r->used - r->at);
		struct ring_event unused;
		bool more = take_event(r, &b, &unused);

		r->at = more && !b.bad ? r->used - b.left : r->used;
	}
	left = r->used - r->at;
	memmove(r->data + RING_DATA, r->data + r->at, (size_t)left);
	memcpy(r->data, &r->ts, sizeof(r->ts));
	r->used = RING_DATA + (size_t)left;
	r->at = RING_DATA;
}

vs_status ring_next_page(struct ring *r)
{
	uint64_t size;
	vs_status st = load_next(r);

	if (st)
		return st;
	trim(r);
	size = r->used - RING_DATA;
	memcpy(r->data + 8, &size, sizeof(size));
	memset(r->data + r->used, 0, r->page_size - r->used);
	return VS_OK;
}

vs_status ring_next(struct ring *r, struct ring_event *ret)
{
	for (;;) {
		struct bytes b = { 0 };
		size_t start = r->at;

		if (r->at >= r->used) {
			if (load_next(r))
				return VS_END;
			continue;
		}
		b = bytes_of(r->data + r->at, r->used - r->at);
		if (!take_event(r, &b, ret)) {
			r->at = r->used;
			continue;
		}
		r->at = r->used - b.left;
		if (b.bad) {
			struct err err;

			fail(&err, VS_CORRUPT, "an event at %zu exceeds its page", start);
			bad_page(r, &err);
			r->at = r->used;
		} else if (ret->data && start >= r->skip) {
			return VS_OK;
		}
	}
}
