// SPDX-License-Identifier: GPL-3.0-or-later
/* walk_tree.c - the kernel's trees of slots: xarray (lib/xarray.c), before 4.20 radix tree
 * (lib/radix-tree.c), and maple tree (lib/maple_tree.c). Every node points to its parent and has
 * its slot there; the walk checks that, so it can visit no node twice. */
#include <inttypes.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"

#define XA_MAX_LEVELS 12 /* 64 bits in steps of 6 and a bit */
#define XA_MAX_SLOTS  64
#define MT_MAX_LEVELS 31 /* MAPLE_HEIGHT_MAX */
#define MT_MAX_SLOTS  32

/* Internal entries end in binary 10; those up to 4096 are marks and not nodes (xa_is_node()). */
static bool is_node(uint64_t entry)
{
	return (entry & 3) == 2 && entry > 4096;
}

static bool is_internal(uint64_t entry)
{
	return (entry & 3) == 2;
}

/* A tree without entries, or with just one at index 0, has no node. */
static bool is_leaf(uint64_t entry, walk_entry_fn fn, void *ctx)
{
	if (is_node(entry))
		return false;
	if (entry && !is_internal(entry))
		fn(ctx, 0, 0, entry);
	return true;
}

/* Nodes that could not be read: what is below them is missing. The rest keeps its indices, which
 * come from the parents. */
struct lost {
	unsigned n;
	vs_status st; /* of the first one */
	struct err why;
};

static void lose(struct lost *l, vs_status st, const struct err *why)
{
	if (l->n++ == 0) {
		l->st = st;
		l->why = *why;
	}
}

static vs_status lost_status(const struct lost *l, struct err *err)
{
	if (l->n == 1)
		return fail(err, l->st, "entries below a lost node are missing: %s", l->why.msg);
	return l->n ? fail(err, l->st, "entries below %u lost nodes are missing; the first: %s",
			   l->n, l->why.msg)
		    : VS_OK;
}

/* --- xarray */

struct xa_layout {
	uint64_t head;			     /* in struct xarray */
	struct member shift, offset, parent; /* in struct xa_node; parent.size 0: there is none */
	struct member path; /* in place of shift and offset, if its size is not 0 */
	bool path_has_offset;
	uint64_t slots;
	unsigned nslots, bits;
	unsigned node_bits; /* lowest two bits of an entry that is a node */
};

static const struct record_field xarray_fields[] = {
	{ { "xa_head" }, RECORD_POINTER, "since 4.20" },
};
RECORD(xarray_record, "xarray", xarray_fields);
static const struct record_field radix_fields[] = {
	{ { "rnode" }, RECORD_POINTER, "before 4.20" },
};
RECORD(radix_record, "radix_tree_root", radix_fields);

enum { NODE_SHIFT, NODE_OFFSET, NODE_PARENT, NODE_SLOTS, NODE_PATH, NODE_HEIGHT };
static const struct record_field xa_node_fields[] = {
	[NODE_SHIFT] = { { "shift" }, RECORD_UINT, "since 4.20" },
	[NODE_OFFSET] = { { "offset" }, RECORD_UINT, "since 4.20" },
	[NODE_PARENT] = { { "parent" }, RECORD_POINTER, "since 4.20" },
	[NODE_SLOTS] = { { "slots" }, RECORD_ADDRESS, "since 4.20" },
};
RECORD(xa_node_record, "xa_node", xa_node_fields);
static const struct record_field radix_node_fields[] = {
	[NODE_SHIFT] = { { "shift" }, RECORD_UINT, "before 4.20, since 4.7" },
	[NODE_OFFSET] = { { "offset" }, RECORD_UINT, "before 4.20, since 4.7" },
	[NODE_PARENT] = { { "parent" }, RECORD_POINTER, "before 4.20, since 3.4" },
	[NODE_SLOTS] = { { "slots" }, RECORD_ADDRESS, "before 4.20" },
	[NODE_PATH] = { { "path" }, RECORD_UINT, "before 4.7, since 3.15" },
	[NODE_HEIGHT] = { { "height" }, RECORD_UINT, "before 3.15" },
};
RECORD(radix_node_record, "radix_tree_node", radix_node_fields);

/* Before 4.20 entries that point to nodes ended in binary 01. */
static const struct {
	const struct record_def *root, *node;
	unsigned node_bits;
} xa_kinds[] = {
	{ &xarray_record, &xa_node_record, 2 },
	{ &radix_record, &radix_node_record, 1 },
};

/* Before 4.7 nodes have a height, 1 for the lowest; from 3.15 on with the slot in the parent above
 * it (RADIX_TREE_HEIGHT_SHIFT: 12 with 64 slots, 17 with 16). */
static vs_status load_place(struct kernel *k, const struct record_def *node, struct xa_layout *l,
			    struct err *err)
{
	vs_status st;

	l->path = l->parent = (struct member){ 0 };
	if (node == &radix_node_record && !record_name(k, node, NODE_SHIFT)) {
		l->path_has_offset = record_name(k, node, NODE_PATH);
		if (record_name(k, node, NODE_PARENT))
			(void)record_member(k, node, NODE_PARENT, &l->parent, NULL);
		return record_member(k, node, l->path_has_offset ? NODE_PATH : NODE_HEIGHT,
				     &l->path, err);
	}
	if ((st = record_member(k, node, NODE_SHIFT, &l->shift, err)) ||
	    (st = record_member(k, node, NODE_OFFSET, &l->offset, err)))
		return st;
	return record_member(k, node, NODE_PARENT, &l->parent, err);
}

static vs_status load_xa_layout(struct kernel *k, struct xa_layout *l, struct err *err)
{
	struct member m;
	size_t i = record_name(k, &xarray_record, 0) ? 0 : 1;
	const struct record_def *node = xa_kinds[i].node;
	vs_status st = record_member(k, xa_kinds[i].root, 0, &m, err);

	if (st)
		return st;
	l->node_bits = xa_kinds[i].node_bits;
	l->head = m.off;
	if ((st = load_place(k, node, l, err)) ||
	    (st = record_member(k, node, NODE_SLOTS, &m, err)))
		return st;
	l->slots = m.off;
	l->nslots = (unsigned)(m.size / 8);
	if (l->nslots != 16 && l->nslots != 64) // XA_CHUNK_SIZE
		return fail(err, VS_UNSUPPORTED, "%s.slots has %u entries", node->type, l->nslots);
	l->bits = l->nslots == 64 ? 6 : 4;
	return VS_OK;
}

/* An entry in the encoding of the xarray: before 4.20 the bits for nodes and values were swapped.
 */
static uint64_t xa_entry(const struct xa_layout *l, uint64_t entry)
{
	uint64_t bits = entry & 3;

	return l->node_bits == 1 && (bits == 1 || bits == 2) ? entry ^ 3 : entry;
}

struct xa_level {
	kva_t va;
	unsigned shift, slot; /* next slot to look at */
	uint64_t base;	      /* index of its first slot */
	uint64_t slots[XA_MAX_SLOTS];
};

/* Where a node is: the shift of its slots, its slot in its parent, and its parent. What the kernel
 * does not record is as expected. */
struct xa_place {
	uint64_t shift, offset, parent;
};

static vs_status read_place(struct kernel *k, const struct xa_layout *l, kva_t va,
			    struct xa_place *p, struct err *err)
{
	unsigned height_bits = (64 + l->bits - 1) / l->bits + 1;
	uint64_t path, height;
	vs_status st = VS_OK;

	if (l->parent.size)
		st = kernel_read_at(k, va, &l->parent, &p->parent, err);
	if (st)
		return st;
	if (!l->path.size) {
		st = kernel_read_at(k, va, &l->shift, &p->shift, err);
		return st ? st : kernel_read_at(k, va, &l->offset, &p->offset, err);
	}
	st = kernel_read_at(k, va, &l->path, &path, err);
	if (st)
		return st;
	height = l->path_has_offset ? path & ((1ULL << height_bits) - 1) : path;
	if (height == 0 || height > XA_MAX_LEVELS)
		return fail(err, VS_CORRUPT, "height %" PRIu64, height);
	p->shift = (height - 1) * l->bits;
	if (l->path_has_offset)
		p->offset = path >> height_bits;
	return VS_OK;
}

/* Slots in the encoding of the xarray. Before 4.7 pointers to nodes had no mark below the root. */
static vs_status read_slots(struct kernel *k, const struct xa_layout *l, struct xa_level *at,
			    struct err *err)
{
	vs_status st = mem_read(k->mem, at->va + l->slots, at->slots, 8ULL * l->nslots, err);

	for (unsigned i = 0; st == VS_OK && i < l->nslots; i++) {
		at->slots[i] = xa_entry(l, at->slots[i]);
		if (l->path.size && at->shift && at->slots[i] && (at->slots[i] & 3) == 0)
			at->slots[i] |= 2;
	}
	return st;
}

static vs_status enter_xa_node(struct kernel *k, const struct xa_layout *l, struct xa_level *at,
			       const struct xa_level *above, uint64_t entry, struct err *err)
{
	unsigned slot = above ? above->slot - 1 : 0;
	struct xa_place p = { .offset = slot, .parent = above ? above->va : 0 };
	vs_status st;

	at->va = entry - 2;
	at->slot = 0;
	at->base = 0;
	st = read_place(k, l, at->va, &p, err);
	at->shift = (unsigned)p.shift;
	if (st == VS_OK)
		st = read_slots(k, l, at, err);
	if (st)
		return fail_ctx(err, st, "xa_node %#" PRIx64, at->va);
	if (above) {
		if (p.parent != above->va || p.offset != slot || p.shift + l->bits != above->shift)
			return fail(err, VS_CORRUPT,
				    "xa_node %#" PRIx64 " is not in slot %u of %#" PRIx64
				    ", which points to it",
				    at->va, slot, above->va);
		at->base = above->base + ((uint64_t)slot << above->shift);
	} else if (p.shift >= 64 || p.shift % l->bits) {
		return fail(err, VS_CORRUPT, "xa_node %#" PRIx64 ": shift %u", at->va, at->shift);
	}
	return VS_OK;
}

/* Number of slots after `slot` that repeat it (xa_is_sibling()): one entry covers several. */
static unsigned siblings(const struct xa_layout *l, const struct xa_level *at, unsigned slot)
{
	unsigned n = 0;

	while (slot + 1 + n < l->nslots && at->slots[slot + 1 + n] == (slot << 2 | 2))
		n++;
	return n;
}

/* Finds the layout, and the entry in the head: the only one, or the root node. */
static vs_status xa_open(struct kernel *k, kva_t xa, struct xa_layout *l, uint64_t *ret,
			 struct err *err)
{
	vs_status st = load_xa_layout(k, l, err);

	if (st == VS_OK)
		st = mem_read_u64(k->mem, xa + l->head, ret, err);
	if (st == VS_OK)
		*ret = xa_entry(l, *ret);
	return st;
}

vs_status walk_xarray(struct kernel *k, kva_t xa, walk_entry_fn fn, void *ctx, struct err *err)
{
	struct xa_level level[XA_MAX_LEVELS];
	struct lost lost = { 0 };
	struct err why;
	struct xa_layout l;
	uint64_t entry;
	int depth = 0;
	vs_status st = xa_open(k, xa, &l, &entry, err);

	if (st)
		return st;
	if (is_leaf(entry, fn, ctx))
		return VS_OK;
	st = enter_xa_node(k, &l, &level[0], NULL, entry, err);
	if (st)
		return st;
	while (depth >= 0) {
		struct xa_level *at = &level[depth];
		unsigned slot = at->slot, more;

		if (slot == l.nslots) {
			depth--;
			continue;
		}
		at->slot++;
		entry = at->slots[slot];
		if (is_node(entry) && at->shift) {
			if (depth + 1 == XA_MAX_LEVELS)
				return fail(err, VS_CORRUPT, "deeper than %d levels", depth + 1);
			st = enter_xa_node(k, &l, &level[depth + 1], at, entry, &why);
			if (st)
				lose(&lost, st, &why);
			else
				depth++;
		} else if (entry && !is_internal(entry)) {
			more = siblings(&l, at, slot);
			if (!fn(ctx, at->base + ((uint64_t)slot << at->shift),
				at->base + ((uint64_t)(slot + more + 1) << at->shift) - 1, entry))
				return VS_OK;
		}
	}
	return lost_status(&lost, err);
}

/* The entry in the slot for this index. A slot that repeats another one has the other's number. */
static uint64_t entry_for(const struct xa_layout *l, struct xa_level *at, uint64_t index)
{
	unsigned slot = (unsigned)(index >> at->shift) & (l->nslots - 1);
	uint64_t entry = at->slots[slot];

	if (is_internal(entry) && !is_node(entry) && entry >> 2 < slot)
		entry = at->slots[entry >> 2];
	at->slot = slot + 1;
	return entry;
}

vs_status xarray_entry(struct kernel *k, kva_t xa, uint64_t index, uint64_t *ret, struct err *err)
{
	struct xa_level level[2], *at = &level[0];
	struct xa_layout l;
	uint64_t entry;
	vs_status st = xa_open(k, xa, &l, &entry, err);

	*ret = 0;
	if (st)
		return st;
	if (!is_node(entry)) {
		*ret = !index && !is_internal(entry) ? entry : 0;
		return VS_OK;
	}
	st = enter_xa_node(k, &l, at, NULL, entry, err);
	if (st)
		return st;
	if (at->shift + l.bits < 64 && index >> (at->shift + l.bits))
		return VS_OK;
	while (is_node(entry = entry_for(&l, at, index)) && at->shift) {
		struct xa_level *below = at == level ? &level[1] : &level[0];

		st = enter_xa_node(k, &l, below, at, entry, err);
		if (st)
			return st;
		at = below;
	}
	*ret = is_internal(entry) ? 0 : entry;
	return VS_OK;
}

/* --- maple tree */

/* One type of node: pivots are the upper bounds of the slots; the last slot has none. */
struct mt_shape {
	uint64_t pivots, slots;
	unsigned npivots, nslots;
};

struct mt_layout {
	uint64_t root; /* in struct maple_tree */
	int64_t leaf_64, range_64, arange_64, dense;
	struct mt_shape r64, a64, dns;
};

static const struct record_field maple_fields[] = {
	{ { "ma_root" }, RECORD_POINTER, "since 6.1" },
};
RECORD(maple_record, "maple_tree", maple_fields);

enum { MAPLE_SLOTS, MAPLE_PIVOTS };
static const struct record_field range_fields[] = {
	[MAPLE_SLOTS] = { { "slot" }, RECORD_ADDRESS, "since 6.1" },
	[MAPLE_PIVOTS] = { { "pivot" }, RECORD_ADDRESS, "since 6.1" },
};
RECORD(maple_range_record, "maple_range_64", range_fields);
RECORD(maple_arange_record, "maple_arange_64", range_fields);
static const struct record_field dense_fields[] = {
	[MAPLE_SLOTS] = { { "slot" }, RECORD_ADDRESS, "since 6.1" },
};
RECORD(maple_node_record, "maple_node", dense_fields);

static vs_status load_shape(struct kernel *k, const struct record_def *def, struct mt_shape *s,
			    struct err *err)
{
	struct member pivot = { 0 }, slot;
	vs_status st = record_member(k, def, MAPLE_SLOTS, &slot, err);

	if (st == VS_OK && def->n > MAPLE_PIVOTS)
		st = record_member(k, def, MAPLE_PIVOTS, &pivot, err);
	if (st)
		return st;
	*s = (struct mt_shape){ pivot.off, slot.off, (unsigned)(pivot.size / 8),
				(unsigned)(slot.size / 8) };
	if (s->nslots > MT_MAX_SLOTS || s->npivots > s->nslots)
		return fail(err, VS_UNSUPPORTED, "%s has %u slots", def->type, s->nslots);
	return VS_OK;
}

static vs_status load_mt_layout(struct kernel *k, struct mt_layout *l, struct err *err)
{
	struct member m;
	vs_status st = record_member(k, &maple_record, 0, &m, err);

	if (st)
		return st;
	l->root = m.off;
	if ((st = types_enumerator(k->types, "maple_dense", &l->dense, err)) ||
	    (st = types_enumerator(k->types, "maple_leaf_64", &l->leaf_64, err)) ||
	    (st = types_enumerator(k->types, "maple_range_64", &l->range_64, err)) ||
	    (st = types_enumerator(k->types, "maple_arange_64", &l->arange_64, err)) ||
	    (st = load_shape(k, &maple_range_record, &l->r64, err)) ||
	    (st = load_shape(k, &maple_arange_record, &l->a64, err)) ||
	    (st = load_shape(k, &maple_node_record, &l->dns, err)))
		return st;
	return VS_OK;
}

struct mt_level {
	kva_t va;
	bool leaf;
	unsigned nslots, slot;
	uint64_t min, max, first; /* of the node; of the next slot */
	uint64_t last[MT_MAX_SLOTS], slots[MT_MAX_SLOTS];
};

/* A struct maple_node has 256 bytes and is aligned: bits 3 to 6 of a pointer to it are its type. In
 * its pointer to the parent they are the slot there; a root's pointer has bit 0 set. */
static vs_status check_parent(struct kernel *k, const struct mt_level *at,
			      const struct mt_level *above, struct err *err)
{
	uint64_t parent;
	vs_status st = mem_read_u64(k->mem, at->va, &parent, err);

	if (st || !above)
		return st;
	if ((parent & ~0xffULL) != above->va || (parent & 0xf8) >> 3 != above->slot - 1)
		return fail(err, VS_CORRUPT,
			    "it is not in slot %u of %#" PRIx64 ", which points to it",
			    above->slot - 1, above->va);
	return VS_OK;
}

/* Computes the bounds of the slots; a pivot of 0, or one beyond the node's own range, is the end.
 */
static vs_status read_mt_slots(struct kernel *k, const struct mt_shape *s, struct mt_level *at,
			       struct err *err)
{
	vs_status st = mem_read(k->mem, at->va + s->slots, at->slots, 8ULL * s->nslots, err);

	if (st == VS_OK && s->npivots)
		st = mem_read(k->mem, at->va + s->pivots, at->last, 8ULL * s->npivots, err);
	if (st)
		return st;
	at->nslots = 0;
	for (uint64_t first = at->min; at->nslots < s->nslots;) {
		uint64_t *last = &at->last[at->nslots++];

		if (!s->npivots) // maple_dense: one index per slot
			*last = first;
		else if (at->nslots > s->npivots || (*last == 0 && at->nslots > 1))
			*last = at->max;
		if (*last >= at->max || *last < first) {
			*last = at->max;
			break;
		}
		first = *last + 1;
	}
	return VS_OK;
}

static vs_status enter_mt_node(struct kernel *k, const struct mt_layout *l, struct mt_level *at,
			       const struct mt_level *above, uint64_t enode, struct err *err)
{
	int64_t type = (int64_t)(enode >> 3 & 0xf);
	const struct mt_shape *s = type == l->leaf_64 || type == l->range_64 ? &l->r64
				   : type == l->arange_64		     ? &l->a64
				   : type == l->dense			     ? &l->dns
									     : NULL;
	vs_status st;

	at->va = enode & ~0xffULL;
	at->slot = 0;
	at->leaf = type == l->leaf_64 || type == l->dense;
	at->min = above ? above->first : 0;
	at->max = above ? above->last[above->slot - 1] : UINT64_MAX;
	at->first = at->min;
	if (!s)
		return fail(err, VS_CORRUPT, "maple_node %#" PRIx64 " of type %d", at->va,
			    (int)type);
	st = check_parent(k, at, above, err);
	if (st == VS_OK)
		st = read_mt_slots(k, s, at, err);
	return st ? fail_ctx(err, st, "maple_node %#" PRIx64, at->va) : VS_OK;
}

vs_status walk_maple(struct kernel *k, kva_t mt, walk_entry_fn fn, void *ctx, struct err *err)
{
	struct mt_level level[MT_MAX_LEVELS];
	struct lost lost = { 0 };
	struct err why;
	struct mt_layout l;
	uint64_t entry;
	int depth = 0;
	vs_status st = load_mt_layout(k, &l, err);

	if (st == VS_OK)
		st = mem_read_u64(k->mem, mt + l.root, &entry, err);
	if (st || is_leaf(entry, fn, ctx))
		return st;
	st = enter_mt_node(k, &l, &level[0], NULL, entry, err);
	if (st)
		return st;
	while (depth >= 0) {
		struct mt_level *at = &level[depth];
		unsigned slot = at->slot;

		if (slot)
			at->first = at->last[slot - 1] + 1;
		if (slot == at->nslots) {
			depth--;
			continue;
		}
		at->slot++;
		entry = at->slots[slot];
		if (!at->leaf && entry) {
			if (depth + 1 == MT_MAX_LEVELS)
				return fail(err, VS_CORRUPT, "deeper than %d levels", depth + 1);
			st = enter_mt_node(k, &l, &level[depth + 1], at, entry, &why);
			if (st)
				lose(&lost, st, &why);
			else
				depth++;
		} else if (entry && !is_internal(entry)) {
			if (!fn(ctx, at->first, at->last[slot], entry))
				return VS_OK;
		}
	}
	return lost_status(&lost, err);
}
