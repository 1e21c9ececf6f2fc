// SPDX-License-Identifier: GPL-3.0-or-later
/* record.c - reads kernel structs by tables: looks up rows once, reads objects in few pieces. */
#include "stub/kernel/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/kernel/kernel.h"

#define BUCKETS 128
#define PIECE	2048 /* bytes read at once */
#define GAP	256  /* maximum gap between two members in the same piece */

/* The offsets of a table's rows in this kernel's struct. */
struct layout {
	struct layout *next;
	const struct record_def *def;
	uint64_t have;		   /* rows this kernel has */
	uint8_t name[RECORD_MAX];  /* which of its names the kernel has */
	uint8_t order[RECORD_MAX]; /* rows to read, by offset */
	size_t nordered;
	struct member at[RECORD_MAX];
};

struct records {
	struct layout *bucket[BUCKETS];
};

static vs_status load_records(struct kernel *k, void *owner, struct err *err)
{
	(void)owner;
	k->records = calloc(1, sizeof(*k->records));
	return k->records ? VS_OK : fail(err, VS_NOMEM, "out of memory");
}

static void unload_records(struct kernel *k, void *owner)
{
	struct records *r = k->records;

	(void)owner;
	k->records = NULL;
	for (size_t i = 0; r && i < BUCKETS; i++) {
		while (r->bucket[i]) {
			struct layout *l = r->bucket[i];

			r->bucket[i] = l->next;
			free(l);
		}
	}
	free(r);
}

static const struct slot_ops records_slot_ops = { load_records, unload_records };

static size_t bytes_of_member(const struct member *m)
{
	return m->bit_size ? (m->bit_off + m->bit_size + 7u) / 8 : (size_t)m->size;
}

/* Can the member be decoded? Padding, arrays and structs cannot. */
static bool is_integer(const struct member *m)
{
	size_t n = bytes_of_member(m);

	return m->bit_size ? n <= 8 : n == 1 || n == 2 || n == 4 || n == 8;
}

static void insert_by_offset(struct layout *l, uint8_t row)
{
	size_t i = l->nordered++;

	for (; i && l->at[l->order[i - 1]].off > l->at[row].off; i--)
		l->order[i] = l->order[i - 1];
	l->order[i] = row;
}

static void find_row(struct kernel *k, struct layout *l, uint8_t row)
{
	const struct record_field *f = &l->def->fields[row];

	for (uint8_t i = 0; i < RECORD_NAMES && f->names[i]; i++) {
		struct member *m = &l->at[row];

		if (types_member(k->types, l->def->type, f->names[i], m, NULL))
			continue;
		if (f->kind != RECORD_ADDRESS && !is_integer(m))
			continue;
		l->have |= RECORD_BIT(row);
		l->name[row] = i;
		if (f->kind != RECORD_ADDRESS)
			insert_by_offset(l, row);
		return;
	}
}

/* NULL: no memory, or no types. */
static const struct layout *layout_of(struct kernel *k, const struct record_def *def)
{
	size_t at = ((uintptr_t)def >> 4 ^ (uintptr_t)def >> 11) % BUCKETS;
	struct layout *l;

	if (slot_need(k, &k->records_slot, &records_slot_ops, k, NULL))
		return NULL;
	for (l = k->records->bucket[at]; l; l = l->next)
		if (l->def == def)
			return l;
	if (kernel_need_types(k, NULL))
		return NULL;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->def = def;
	for (size_t i = 0; i < def->n && i < RECORD_MAX; i++)
		find_row(k, l, (uint8_t)i);
	l->next = k->records->bucket[at];
	k->records->bucket[at] = l;
	return l;
}

/* --- reading */

static uint64_t decode(const struct record_field *f, const struct member *m, const uint8_t *p)
{
	size_t n = bytes_of_member(m);
	uint64_t v = 0;
	unsigned bits = m->bit_size ? m->bit_size : (unsigned)n * 8;

	memcpy(&v, p, n);
	v >>= m->bit_size ? m->bit_off : 0;
	if (bits < 64) {
		v &= (1ULL << bits) - 1;
		if (f->kind == RECORD_INT && v >> (bits - 1))
			v |= ~0ULL << bits;
	}
	return v;
}

struct piece {
	size_t first, last; /* indices in layout.order, inclusive */
	uint64_t off;
	size_t len;
};

/* The next wanted rows from order[*i] on that are close together. False: no more. */
static bool next_piece(const struct layout *l, uint64_t wanted, size_t *i, struct piece *ret)
{
	uint64_t end = 0;
	bool any = false;

	for (; *i < l->nordered; ++*i) {
		uint8_t row = l->order[*i];
		const struct member *m = &l->at[row];
		uint64_t row_end = m->off + bytes_of_member(m);

		if (!(wanted & RECORD_BIT(row)))
			continue;
		if (!any) {
			*ret = (struct piece){ .first = *i, .off = m->off };
			any = true;
		} else if (m->off > end + GAP || row_end - ret->off > PIECE) {
			return true;
		}
		ret->last = *i;
		end = row_end > end ? row_end : end;
		ret->len = (size_t)(end - ret->off);
	}
	return any;
}

static void read_piece(struct record *r, const struct layout *l, uint64_t wanted,
		       const struct piece *p)
{
	uint8_t data[PIECE];
	struct mem_got got = r->k->mem->read(r->k->mem, r->va + p->off, data, p->len, NULL);

	for (size_t i = p->first; i <= p->last; i++) {
		uint8_t row = l->order[i], own[8];
		const struct member *m = &l->at[row];
		size_t n = bytes_of_member(m), at = (size_t)(m->off - p->off);
		const uint8_t *from = data + at;

		if (!(wanted & RECORD_BIT(row)))
			continue;
		if (at + n > got.len) {
			// Members after an unreadable page may be readable.
			if (mem_read(r->k->mem, r->va + m->off, own, n, NULL))
				continue;
			from = own;
		}
		r->v[row] = decode(&r->def->fields[row], m, from);
		r->known |= RECORD_BIT(row);
	}
}

void record_read(struct kernel *k, const struct record_def *def, kva_t va, uint64_t wanted,
		 struct record *ret)
{
	const struct layout *l = layout_of(k, def);
	struct piece p;
	size_t i = 0;

	ret->k = k;
	ret->def = def;
	ret->va = va;
	ret->known = 0;
	if (!l)
		return;
	while (next_piece(l, wanted, &i, &p))
		read_piece(ret, l, wanted, &p);
	for (size_t row = 0; row < def->n; row++) {
		if (def->fields[row].kind != RECORD_ADDRESS ||
		    !(wanted & l->have & RECORD_BIT(row)))
			continue;
		ret->v[row] = va + l->at[row].off;
		ret->known |= RECORD_BIT(row);
	}
}

bool record_knows(const struct record *r, unsigned field)
{
	return r->known & RECORD_BIT(field);
}

bool record_get(const struct record *r, unsigned field, uint64_t *ret)
{
	if (!record_knows(r, field))
		return false;
	*ret = r->v[field];
	return true;
}

kva_t record_pointer(const struct record *r, unsigned field)
{
	return record_knows(r, field) ? r->v[field] : 0;
}

bool record_string(const struct record *r, unsigned field, char *dst, size_t cap)
{
	kva_t va = record_pointer(r, field);
	struct member m;

	// An array may lack a terminating NUL.
	if (r->def->fields[field].kind == RECORD_ADDRESS &&
	    record_member(r->k, r->def, field, &m, NULL) == VS_OK && m.size && m.size < cap)
		cap = (size_t)m.size + 1;
	if (!va || mem_read_str(r->k->mem, va, dst, cap, NULL)) {
		memcpy(dst, "?", cap < 2 ? 0 : 2);
		return false;
	}
	for (char *c = dst; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
	return true;
}

vs_status record_need(const struct record *r, unsigned field, uint64_t *ret, struct err *err)
{
	if (record_get(r, field, ret))
		return VS_OK;
	return record_field_read(r->k, r->def, r->va, field, ret, err);
}

/* --- one member */

vs_status record_member(struct kernel *k, const struct record_def *def, unsigned field,
			struct member *ret, struct err *err)
{
	const struct layout *l = layout_of(k, def);

	if (!l) {
		vs_status st = kernel_need_types(k, err);

		return st ? st : fail(err, VS_NOMEM, "layout of %s", def->type);
	}
	if (!(l->have & RECORD_BIT(field))) {
		uint64_t size;
		vs_status st = types_size(k->types, def->type, &size, err);

		return st ? st
			  : fail(err, VS_NOTFOUND, "struct %s has no member %s", def->type,
				 def->fields[field].names[0]);
	}
	*ret = l->at[field];
	return VS_OK;
}

vs_status record_field_read(struct kernel *k, const struct record_def *def, kva_t va,
			    unsigned field, uint64_t *ret, struct err *err)
{
	uint8_t data[8];
	struct member m;
	vs_status st = record_member(k, def, field, &m, err);

	if (st)
		return st;
	if (def->fields[field].kind == RECORD_ADDRESS) {
		*ret = va + m.off;
		return VS_OK;
	}
	st = mem_read(k->mem, va + m.off, data, bytes_of_member(&m), err);
	if (st == VS_OK)
		*ret = decode(&def->fields[field], &m, data);
	return st;
}

const char *record_name(struct kernel *k, const struct record_def *def, unsigned field)
{
	const struct layout *l = layout_of(k, def);

	return l && l->have & RECORD_BIT(field) ? def->fields[field].names[l->name[field]] : NULL;
}

/* --- all tables */

/* The linker defines these symbols for a section whose name is a C identifier. They are weak,
 * because some unit tests have no tables. */
extern const struct record_def *const __start_vmstub_records[] __attribute__((weak));
extern const struct record_def *const __stop_vmstub_records[] __attribute__((weak));

void record_each(void (*fn)(void *ctx, const struct record_def *def), void *ctx)
{
	const struct record_def *const *end = __stop_vmstub_records;

	for (const struct record_def *const *d = __start_vmstub_records; d != end; d++)
		fn(ctx, *d);
}
