/* types_btf.c - types from BTF, through libbpf (Documentation/bpf/btf.rst). */
#include "stub/kernel/types_ops.h"

#include "stub/base/hash.h"

#ifdef HAVE_LIBBPF
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NESTING 8	       /* anonymous members inside each other */
#define MAX_VISITED (1u << 20) /* members looked at in one lookup */

struct btf_types {
	struct btf *btf;
	uint32_t *buckets; /* type id of the first struct, union or typedef of a hash chain */
	uint32_t *chain;   /* by type id */
	uint32_t nbuckets;
};

static bool is_composite(const struct btf_type *t)
{
	return btf_is_struct(t) || btf_is_union(t);
}

/* Index by name; structs before typedefs of the same name, so they are inserted last. */
static bool build_index(struct btf_types *b)
{
	uint32_t n = btf__type_cnt(b->btf);

	b->nbuckets = 1;
	while (b->nbuckets < n)
		b->nbuckets *= 2;
	b->buckets = calloc(b->nbuckets, sizeof(*b->buckets));
	b->chain = calloc(n, sizeof(*b->chain));
	if (!b->buckets || !b->chain)
		return false;
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t id = n - 1; id > 0; id--) {
			const struct btf_type *t = btf__type_by_id(b->btf, id);
			const char *name = btf__name_by_offset(b->btf, t->name_off);
			uint32_t *bucket;

			if (!name || !*name || (pass == 0 ? !btf_is_typedef(t) : !is_composite(t)))
				continue;
			bucket = &b->buckets[hash_str(name) & (b->nbuckets - 1)];
			b->chain[id] = *bucket;
			*bucket = id;
		}
	}
	return true;
}

static void btf_destroy(void *ctx)
{
	struct btf_types *b = ctx;

	btf__free(b->btf);
	free(b->buckets);
	free(b->chain);
	free(b);
}

static type_ref btf_find(void *ctx, const char *name)
{
	struct btf_types *b = ctx;
	uint32_t id = b->buckets[hash_str(name) & (b->nbuckets - 1)];

	for (; id; id = b->chain[id]) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);

		if (strcmp(btf__name_by_offset(b->btf, t->name_off), name) == 0)
			return id;
	}
	return 0;
}

static type_ref btf_resolve(void *ctx, type_ref type)
{
	struct btf_types *b = ctx;
	const struct btf_type *t;

	// Ids may be invalid, and modifiers may form a cycle.
	for (int i = 0; i < 64; i++) {
		t = btf__type_by_id(b->btf, (uint32_t)type);
		if (!t || !(btf_is_mod(t) || btf_is_typedef(t)))
			break;
		type = t->type;
	}
	return type;
}

static uint64_t btf_size(void *ctx, type_ref type)
{
	struct btf_types *b = ctx;
	int64_t size = btf__resolve_size(b->btf, (uint32_t)type);

	return size < 0 ? 0 : (uint64_t)size;
}

/* left bounds the work: anonymous members of damaged types can hold each other many times over. */
static bool field_at_depth(struct btf_types *b, type_ref type, const char *name, int depth,
			   unsigned *left, struct type_field *ret)
{
	const struct btf_type *t = btf__type_by_id(b->btf, (uint32_t)type);
	const struct btf_member *m;

	if (!t || !is_composite(t) || depth > MAX_NESTING)
		return false;
	m = btf_members(t);
	for (uint32_t i = 0; i < btf_vlen(t) && *left; i++) {
		const char *mname = btf__name_by_offset(b->btf, m[i].name_off);
		uint32_t bits = btf_member_bit_offset(t, i);
		uint32_t width = btf_member_bitfield_size(t, i);

		--*left;
		if (mname && *mname) {
			if (strcmp(mname, name) != 0)
				continue;
			*ret = (struct type_field){ .type = m[i].type };
			ret->at.off = bits / 8;
			ret->at.bit_off = bits % 8;
			ret->at.bit_size = (uint8_t)width;
			return true;
		}
		if (field_at_depth(b, btf_resolve(b, m[i].type), name, depth + 1, left, ret)) {
			ret->at.off += bits / 8;
			return true;
		}
	}
	return false;
}

static bool btf_field(void *ctx, type_ref type, const char *name, struct type_field *ret)
{
	unsigned left = MAX_VISITED;

	return field_at_depth(ctx, type, name, 0, &left, ret);
}

static type_ref btf_element(void *ctx, type_ref type)
{
	struct btf_types *b = ctx;
	const struct btf_type *t = btf__type_by_id(b->btf, (uint32_t)type);

	return t && btf_is_array(t) ? btf_array(t)->type : 0;
}

/* Enumerator i of an enum: 64-bit ones have a kind of their own (6089fb325cf7, 6.0). */
static uint32_t enumerator_at(const struct btf_type *t, uint32_t i, int64_t *value)
{
	if (btf_is_enum64(t)) {
		*value = (int64_t)btf_enum64_value(&btf_enum64(t)[i]);
		return btf_enum64(t)[i].name_off;
	}
	*value = btf_enum(t)[i].val;
	return btf_enum(t)[i].name_off;
}

static bool btf_enumerator(void *ctx, const char *name, int64_t *ret)
{
	struct btf_types *b = ctx;
	uint32_t n = btf__type_cnt(b->btf);

	for (uint32_t id = 1; id < n; id++) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);

		if (!btf_is_any_enum(t))
			continue;
		for (uint32_t i = 0; i < btf_vlen(t); i++) {
			int64_t value;
			const char *ename =
				btf__name_by_offset(b->btf, enumerator_at(t, i, &value));

			if (ename && strcmp(ename, name) == 0) {
				*ret = value;
				return true;
			}
		}
	}
	return false;
}

static const struct types_ops btf_ops = {
	.name = "BTF",
	.destroy = btf_destroy,
	.find = btf_find,
	.resolve = btf_resolve,
	.size = btf_size,
	.field = btf_field,
	.element = btf_element,
	.enumerator = btf_enumerator,
};

vs_status types_from_btf(const void *data, size_t len, struct types **ret, struct err *err)
{
	struct btf_types *b = calloc(1, sizeof(*b));
	struct types *t;

	if (!b)
		return fail(err, VS_NOMEM, "BTF of %zu bytes", len);
	libbpf_set_print(NULL);
	if (len < UINT32_MAX)
		b->btf = btf__new(data, (uint32_t)len);
	if (!b->btf || libbpf_get_error(b->btf)) {
		b->btf = NULL;
		btf_destroy(b);
		return fail(err, VS_CORRUPT, "BTF of %zu bytes is damaged", len);
	}
	t = build_index(b) ? types_create(&btf_ops, b) : NULL;
	if (!t) {
		btf_destroy(b);
		return fail(err, VS_NOMEM, "BTF of %zu bytes", len);
	}
	*ret = t;
	return VS_OK;
}

#else

vs_status types_from_btf(const void *data, size_t len, struct types **ret, struct err *err)
{
	(void)data, (void)ret;
	return fail(err, VS_UNSUPPORTED, "BTF of %zu bytes: built without libbpf", len);
}

#endif
