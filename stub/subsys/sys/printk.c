// SPDX-License-Identifier: GPL-3.0-or-later
/* printk.c - log records from the lockless ring (896fbe20b4e2, 5.10: symbol prb), or from its data
 * alone; printk_old.c reads older formats. The ring is documented in
 * Documentation/admin-guide/kdump/vmcoreinfo.rst. */
#include "stub/subsys/sys/printk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/subsys/sys/printk_old.h"

#define MAX_TEXT 65536 /* printk_info.text_len is 16 bits wide */
#define MAX_DICT 256

enum { RING_COUNT_BITS, RING_DESCS, RING_INFOS, RING_HEAD, RING_TAIL, RING_SIZE_BITS, RING_DATA };
static const struct record_field ring_fields[] = {
	[RING_COUNT_BITS] = { { "desc_ring.count_bits" }, RECORD_UINT, "since 5.10" },
	[RING_DESCS] = { { "desc_ring.descs" }, RECORD_POINTER, "since 5.10" },
	[RING_INFOS] = { { "desc_ring.infos" }, RECORD_POINTER, "since 5.10" },
	[RING_HEAD] = { { "desc_ring.head_id.counter" }, RECORD_UINT, "since 5.10" },
	[RING_TAIL] = { { "desc_ring.tail_id.counter" }, RECORD_UINT, "since 5.10" },
	[RING_SIZE_BITS] = { { "text_data_ring.size_bits" }, RECORD_UINT, "since 5.10" },
	[RING_DATA] = { { "text_data_ring.data" }, RECORD_POINTER, "since 5.10" },
};
RECORD(printk_ring_record, "printk_ringbuffer", ring_fields);

enum { DESC_STATE, DESC_BEGIN, DESC_NEXT };
static const struct record_field desc_fields[] = {
	[DESC_STATE] = { { "state_var.counter" }, RECORD_UINT, "since 5.10" },
	[DESC_BEGIN] = { { "text_blk_lpos.begin" }, RECORD_UINT, "since 5.10" },
	[DESC_NEXT] = { { "text_blk_lpos.next" }, RECORD_UINT, "since 5.10" },
};
RECORD(prb_desc_record, "prb_desc", desc_fields);

enum {
	INFO_TIME,
	INFO_TEXT_LEN,
	INFO_FACILITY,
	INFO_LEVEL, /* every kernel with the ring has the rows up to here */
	INFO_CALLER,
	INFO_SUBSYSTEM,
	INFO_DEVICE,
};
static const struct record_field info_fields[] = {
	[INFO_TIME] = { { "ts_nsec" }, RECORD_UINT, "since 5.10" },
	[INFO_TEXT_LEN] = { { "text_len" }, RECORD_UINT, "since 5.10" },
	[INFO_FACILITY] = { { "facility" }, RECORD_UINT, "since 5.10" },
	[INFO_LEVEL] = { { "level" }, RECORD_UINT, "since 5.10" },
	[INFO_CALLER] = { { "caller_id" }, RECORD_UINT, "since 5.10" },
	// 74caba7f2a06 (5.10) replaced the dictionary's text by these members.
	[INFO_SUBSYSTEM] = { { "dev_info.subsystem" }, RECORD_ADDRESS, "since 5.10" },
	[INFO_DEVICE] = { { "dev_info.device" }, RECORD_ADDRESS, "since 5.10" },
};
RECORD(printk_info_record, "printk_info", info_fields);

struct prb {
	uint64_t count_bits, descs, infos, head_id, tail_id;
	uint64_t size_bits, data;
	uint64_t desc_size, info_size;
	bool pairs; /* this kernel has both strings of dev_info */
};

static vs_status prb_ring(struct kernel *k, kva_t rb, struct prb *p, struct err *err)
{
	uint64_t *const to[] = {
		[RING_COUNT_BITS] = &p->count_bits,
		[RING_DESCS] = &p->descs,
		[RING_INFOS] = &p->infos,
		[RING_HEAD] = &p->head_id,
		[RING_TAIL] = &p->tail_id,
		[RING_SIZE_BITS] = &p->size_bits,
		[RING_DATA] = &p->data,
	};
	struct record r;

	record_read(k, &printk_ring_record, rb, RECORD_ALL, &r);
	for (unsigned i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		vs_status st = record_need(&r, i, to[i], err);

		if (st)
			return fail_ctx(err, st, "log");
	}
	if (p->count_bits > 22 || p->size_bits > 30)
		return fail(err, VS_CORRUPT, "log: 2^%" PRIu64 " records in 2^%" PRIu64 " bytes",
			    p->count_bits, p->size_bits);
	return VS_OK;
}

static vs_status prb_layout(struct kernel *k, struct prb *p, struct err *err)
{
	struct member m;
	vs_status st = types_size(k->types, "prb_desc", &p->desc_size, err);

	if (st == VS_OK)
		st = types_size(k->types, "printk_info", &p->info_size, err);
	for (unsigned i = 0; st == VS_OK && i <= DESC_NEXT; i++)
		st = record_member(k, &prb_desc_record, i, &m, err);
	for (unsigned i = 0; st == VS_OK && i <= INFO_LEVEL; i++)
		st = record_member(k, &printk_info_record, i, &m, err);
	p->pairs = record_name(k, &printk_info_record, INFO_SUBSYSTEM) &&
		   record_name(k, &printk_info_record, INFO_DEVICE);
	return st;
}

/* Appends one of the two strings to dict, with its key. */
static size_t put_pair(const struct record *info, unsigned field, const char *key, char *dict,
		       size_t cap)
{
	char value[64];
	struct member m;
	int n;

	if (record_member(info->k, info->def, field, &m, NULL) || !m.size ||
	    m.size > sizeof(value) ||
	    mem_read_str(info->k->mem, info->va + m.off, value, m.size, NULL) || !value[0])
		return 0;
	n = snprintf(dict, cap, "%s=%s", key, value);
	return n > 0 && (size_t)n < cap ? (size_t)n + 1 : 0;
}

static void prb_dict(const struct prb *p, const struct record *info, char *dict,
		     struct log_record *r)
{
	size_t n = 0;

	if (p->pairs) {
		n = put_pair(info, INFO_SUBSYSTEM, "SUBSYSTEM", dict, MAX_DICT);
		n += put_pair(info, INFO_DEVICE, "DEVICE", dict + n, MAX_DICT - n);
	}
	r->dict = dict;
	r->dict_len = n ? n - 1 : 0; // without the last NUL
}

/* Reads one record. VS_NOTFOUND: it has no finished text. */
static vs_status prb_record(struct kernel *k, const struct prb *p, uint64_t id, char *text,
			    struct log_record *r)
{
	uint64_t mask = (1ULL << p->count_bits) - 1, size = 1ULL << p->size_bits;
	struct record desc, info;
	uint64_t state, begin, next, len, v = 0;

	record_read(k, &prb_desc_record, p->descs + (id & mask) * p->desc_size, RECORD_ALL, &desc);
	record_read(k, &printk_info_record, p->infos + (id & mask) * p->info_size, RECORD_ALL,
		    &info);
	if (!record_get(&desc, DESC_STATE, &state) || !record_get(&desc, DESC_BEGIN, &begin) ||
	    !record_get(&desc, DESC_NEXT, &next) || !record_get(&info, INFO_TEXT_LEN, &len) ||
	    !record_get(&info, INFO_TIME, &r->ts_nsec))
		return VS_NOTFOUND;
	// State in the top two bits: 1 committed, 2 finalized (enum desc_state).
	if ((state >> 62 != 1 && state >> 62 != 2) || ((state ^ id) & ~(3ULL << 62)))
		return VS_NOTFOUND;
	if (begin & 1) // NO_LPOS, FAILED_LPOS: a record without data
		len = 0;
	// A block that would cross the end of the ring starts over at its beginning.
	if (begin >> p->size_bits != (next - 1) >> p->size_bits && next & (size - 1))
		begin = 0;
	begin = (begin & (size - 1)) + 8; // skip the block's id
	if (len >= MAX_TEXT)
		return VS_NOTFOUND;
	if (len && (begin >= size || len > size - begin ||
		    mem_read(k->mem, p->data + begin, text, len, NULL)))
		return VS_NOTFOUND;
	if (record_get(&info, INFO_FACILITY, &v))
		r->facility = (unsigned)v;
	if (record_get(&info, INFO_LEVEL, &v))
		r->level = (unsigned)v;
	r->caller_id = 0;
	r->has_caller = record_get(&info, INFO_CALLER, &v);
	if (r->has_caller)
		r->caller_id = (uint32_t)v;
	r->has_time = true;
	r->text = text;
	r->len = len;
	prb_dict(p, &info, text + MAX_TEXT, r);
	return VS_OK;
}

/* --- the ring's data without its descriptor */

#define BLOCK_STEP  64	 /* largest gap between ids: records without text have no block */
#define MAX_BLOCK   4096 /* longer texts are not found */
#define PRB_ID_BITS 62

/* struct prb_data_block: unsigned long id; char data[]; 8-aligned. */
struct block {
	int64_t order; /* position of its id among the others */
	uint64_t id;
	size_t at, end;
};

struct data_ring {
	kva_t va;
	uint64_t len;
	char *text;
	VEC(struct block) v;
};

static uint64_t id_distance(uint64_t from, uint64_t to)
{
	return (to - from) & ((1ULL << PRB_ID_BITS) - 1);
}

/* Is the id after this one somewhere from start to end? */
static bool has_next(const struct data_ring *r, size_t start, size_t end, uint64_t id)
{
	for (size_t next = start; next + 8 <= r->len && next <= end; next += 8)
		if (id_distance(id, load_u64(r->text + next)) == 1)
			return true;
	return false;
}

/* Does the next id appear soon after the one at `at`? Then both are ids and not text. */
static bool has_successor(const struct data_ring *r, size_t at)
{
	return has_next(r, at + 16, at + MAX_BLOCK, load_u64(r->text + at));
}

/* Could a block begin here although its id does not follow that of the last one? Not if the last
 * one's successor comes later: then this is the end of a text, such as "3\n", which looks like an
 * id when the ids are near 0. */
static bool begins_anew(const struct data_ring *r, size_t at, const struct block *last)
{
	return has_successor(r, at) &&
	       !(last && has_next(r, at + 8, last->at + MAX_BLOCK, last->id));
}

/* Could these eight bytes be an id that is followed by text? Ids start near the top of 62 bits. */
static bool could_be_block(const char *p)
{
	size_t printable = 0;

	for (size_t i = 0; i < 8; i++)
		printable += p[i] >= ' ' && p[i] < 0x7f;
	return printable < 8 && load_u64(p) >> PRB_ID_BITS == 0 &&
	       ((unsigned char)p[8] >= ' ' || p[8] == '\t' || p[8] == '\n');
}

static int64_t id_order(uint64_t from, uint64_t id)
{
	return (int64_t)(id_distance(from, id) << 2) >> 2;
}

static int by_order(const void *a, const void *b)
{
	int64_t x = ((const struct block *)a)->order, y = ((const struct block *)b)->order;

	return x < y ? -1 : x > y;
}

/* The median id of blocks that have a successor: all ids in the ring are near it. */
static bool middle_id(struct data_ring *r, uint64_t *ret)
{
	for (size_t at = 0; at + 16 <= r->len; at += 8) {
		struct block b = { .id = load_u64(r->text + at) };

		if (!could_be_block(r->text + at) || !has_successor(r, at))
			continue;
		b.order = id_order(r->v.n ? r->v.v[0].id : b.id, b.id);
		if (!vec_push(&r->v, b))
			break;
	}
	if (!r->v.n)
		return false;
	qsort(r->v.v, r->v.n, sizeof(r->v.v[0]), by_order);
	*ret = r->v.v[r->v.n / 2].id;
	r->v.n = 0;
	return true;
}

static void find_blocks(struct data_ring *r)
{
	int64_t most = (int64_t)(r->len / 16); // 16: minimum size of a block
	uint64_t middle;

	if (!middle_id(r, &middle))
		return;
	for (size_t at = 0; at + 16 <= r->len; at += 8) {
		const struct block *last = r->v.n ? &r->v.v[r->v.n - 1] : NULL;
		struct block b = { .id = load_u64(r->text + at), .at = at, .end = r->len };
		bool follows = last && at - last->at <= MAX_BLOCK &&
			       id_distance(last->id + 1, b.id) < BLOCK_STEP;

		b.order = id_order(middle, b.id);
		if (!could_be_block(r->text + at) || b.order > most || b.order < -most ||
		    (!follows && !begins_anew(r, at, last)))
			continue;
		if (last)
			r->v.v[r->v.n - 1].end = at;
		if (!vec_push(&r->v, b))
			return;
	}
}

/* The text of a block. printk_sprint() removes a level ("\0016") at the start by moving the text,
 * which leaves a second copy of its last two bytes at the end, or only "\001c"; then come the
 * newline and the NUL. Two equal bytes at the end may also belong to a text without a level:
 * "12[00?]" shows that. */
static size_t block_text(const char *text, size_t max, char *out)
{
	size_t n = strnlen(text, max < MAX_TEXT - 8 ? max : MAX_TEXT - 8);

	if (n && text[n - 1] == '\n')
		n--;
	memcpy(out, text, n);
	if (n >= 1 && text[n - 1] == 1)
		return n - 1;
	if (n >= 2 && text[n - 2] == 1)
		return n - 2;
	if (n < 4 || memcmp(text + n - 2, text + n - 4, 2) != 0)
		return n;
	n -= 2;
	if (text[n] != text[n + 1])
		return n;
	return n + (size_t)snprintf(out + n, 8, "[%c%c?]", text[n], text[n]);
}

/* The static ring's data is a separate variable, whose size is used if log_buf_len is lost. */
static bool static_data(struct kernel *k, struct data_ring *r)
{
	const struct symbol *s;
	size_t i;

	if (kernel_symbol(k, "__log_buf", &r->va, NULL))
		return false;
	s = symtab_lookup(k->syms, r->va);
	if (!s || s->va != r->va)
		return false;
	r->len = s->size;
	for (i = symtab_index(k->syms, s); !r->len && i < symtab_count(k->syms); i++)
		r->len = symtab_at(k->syms, i)->va - r->va;
	while (r->len & (r->len - 1)) // there may be a gap before the next variable
		r->len &= r->len - 1;
	return r->len >= 4096;
}

/* Finds the data without the ring's descriptor: log_buf is a copy of the pointer for VMCOREINFO. */
static vs_status find_data(struct kernel *k, struct data_ring *r, struct err *err)
{
	vs_status st = printk_buffer(k, &r->va, &r->len, err);

	if (st)
		return static_data(k, r) ? VS_OK : st;
	if (r->len < 4096 || r->len > MAX_LOG || r->len & (r->len - 1))
		return fail(err, VS_CORRUPT, "log of %" PRIu64 " bytes", r->len);
	return VS_OK;
}

/* The static ring's descriptors, which are a separate variable. False: this is another ring. */
static bool static_descriptors(struct kernel *k, const struct data_ring *r, struct prb *p)
{
	kva_t buf;

	if (kernel_symbol(k, "__log_buf", &buf, NULL) || buf != r->va ||
	    kernel_symbol(k, "_printk_rb_static_descs", &p->descs, NULL) ||
	    kernel_symbol(k, "_printk_rb_static_infos", &p->infos, NULL))
		return false;
	p->data = r->va;
	while (1ULL << p->size_bits < r->len)
		p->size_bits++;
	p->count_bits = p->size_bits - 5; // PRB_AVGBITS
	return prb_layout(k, p, NULL) == VS_OK;
}

/* If the page of the ring's descriptor is lost, finds records in its data, oldest first. Records of
 * the static ring have their descriptors elsewhere; of others only the text is known. */
static vs_status each_block(struct kernel *k, void (*fn)(void *, const struct log_record *),
			    void *ctx, struct err *err)
{
	AUTO_FREE char *record = malloc(MAX_TEXT + MAX_DICT), *text = NULL;
	struct data_ring r = { 0 };
	struct prb p = { 0 };
	bool described;
	vs_status st = find_data(k, &r, err);

	if (st)
		return st;
	text = calloc(1, r.len + 8);
	if (!text || !record)
		return fail(err, VS_NOMEM, "log");
	r.text = text;
	for (uint64_t at = 0; at < r.len; at += 4096) // lost pages stay zero
		(void)mem_read(k->mem, r.va + at, text + at, 4096, NULL);
	find_blocks(&r);
	if (r.v.n)
		qsort(r.v.v, r.v.n, sizeof(r.v.v[0]), by_order);
	described = static_descriptors(k, &r, &p);
	for (size_t i = 0; i < r.v.n; i++) {
		const struct block *b = &r.v.v[i];
		struct log_record rec = { 0 };

		if (!described || prb_record(k, &p, b->id, record, &rec)) {
			rec = (struct log_record){ .only_text = true, .text = record };
			rec.len = block_text(text + b->at + 8, b->end - b->at - 8, record);
		}
		if (rec.len || !rec.only_text)
			fn(ctx, &rec);
	}
	vec_free(&r.v);
	return VS_OK;
}

static vs_status each_prb(struct kernel *k, kva_t rb, void (*fn)(void *, const struct log_record *),
			  void *ctx, struct err *err)
{
	const uint64_t id_mask = ~(3ULL << 62);
	AUTO_FREE char *text = NULL;
	struct prb p = { 0 };
	vs_status st = prb_ring(k, rb, &p, err);

	if (st == VS_OK)
		st = prb_layout(k, &p, err);
	if (st)
		return st;
	text = malloc(MAX_TEXT + MAX_DICT);
	if (!text)
		return fail(err, VS_NOMEM, "log");
	for (uint64_t id = p.tail_id & id_mask, n = 0; n < 1ULL << p.count_bits; n++) {
		struct log_record r = { 0 };

		if (prb_record(k, &p, id, text, &r) == VS_OK)
			fn(ctx, &r);
		if (id == (p.head_id & id_mask))
			break;
		id = (id + 1) & id_mask;
	}
	return VS_OK;
}

vs_status printk_each(struct kernel *k, void (*fn)(void *ctx, const struct log_record *r),
		      void *ctx, struct err *err)
{
	kva_t prb, rb;
	vs_status st;

	if (kernel_symbol_quick(k, "prb", &prb, NULL)) {
		if (kernel_symbol_quick(k, "log_first_idx", &rb, NULL) &&
		    kernel_symbol_quick(k, "log_end", &rb, NULL) == VS_OK)
			return printk_each_plain(k, fn, ctx, err);
		return printk_each_old(k, fn, ctx, err);
	}
	st = mem_read_u64(k->mem, prb, &rb, err);
	if (st == VS_OK)
		st = kernel_need_types(k, err);
	if (st == VS_OK)
		st = each_prb(k, rb, fn, ctx, err);
	else
		fail_ctx(err, st, "log");
	if (st && st != VS_NOMEM && each_block(k, fn, ctx, NULL) == VS_OK)
		return fail_ctx(err, st, "records found in the ring's data; others may be missing");
	return st;
}
