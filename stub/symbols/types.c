// SPDX-License-Identifier: GPL-3.0-or-later
/* types.c - resolves member paths with any source of types. */
#include "stub/symbols/types.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/arena.h"
#include "stub/base/bytes.h"
#include "stub/symbols/types_ops.h"

#define MAX_PART 64

/* A cached answer: the same few lookups come for every task, and a lookup in DWARF scans it from
 * its start, to its end if it fails. */
struct answer {
	struct answer *next;
	enum question { ASK_SIZE, ASK_MEMBER, ASK_ENUMERATOR } question;
	vs_status st;
	struct member at; /* a size is in .size, an enumerator's value in .off */
	const char *type, *path;
};

#define BUCKETS 256

struct types {
	const struct types_ops *ops;
	void *ctx;
	struct arena arena;
	struct answer *answers[BUCKETS];
};

static struct answer **bucket(struct types *t, const char *type, const char *path)
{
	uint32_t h = 2166136261u; // FNV-1a

	for (; *type; type++)
		h = (h ^ (unsigned char)*type) * 16777619u;
	for (; *path; path++)
		h = (h ^ (unsigned char)*path) * 16777619u;
	return &t->answers[h % BUCKETS];
}

static const struct answer *recall(struct types *t, enum question q, const char *type,
				   const char *path)
{
	const struct answer *a = *bucket(t, type, path);

	while (a && (a->question != q || strcmp(a->type, type) != 0 || strcmp(a->path, path) != 0))
		a = a->next;
	return a;
}

/* Caches an answer; without memory, the lookup is just repeated. */
static void remember(struct types *t, enum question q, const char *type, const char *path,
		     vs_status st, const struct member *at)
{
	struct answer *a = arena_alloc(&t->arena, sizeof(*a)), **b = bucket(t, type, path);

	if (!a)
		return;
	*a = (struct answer){
		*b, q, st, *at, arena_strdup(&t->arena, type), arena_strdup(&t->arena, path)
	};
	if (a->type && a->path)
		*b = a;
}

/* The failure for a kernel whose types could not be loaded. */
static vs_status no_types(struct err *err)
{
	return fail(err, VS_NOTFOUND, "no type information");
}

struct types *types_create(const struct types_ops *ops, void *ctx)
{
	struct types *t = malloc(sizeof(*t));

	if (t)
		*t = (struct types){ .ops = ops, .ctx = ctx };
	return t;
}

const void *types_context(const struct types *t, const struct types_ops *ops)
{
	return t && t->ops == ops ? t->ctx : NULL;
}

void types_destroy(struct types *t)
{
	if (!t)
		return;
	t->ops->destroy(t->ctx);
	arena_deinit(&t->arena);
	free(t);
}

const char *types_source(const struct types *t)
{
	return t->ops->name;
}

const void *types_raw_btf(const struct types *t, size_t *len)
{
	return t && t->ops->raw_btf ? t->ops->raw_btf(t->ctx, len) : NULL;
}

vs_status types_size(struct types *t, const char *type, uint64_t *ret, struct err *err)
{
	const struct answer *a = t ? recall(t, ASK_SIZE, type, "") : NULL;
	struct member at = { 0 };
	vs_status st = a ? a->st : VS_OK;

	if (!t)
		return no_types(err);
	if (a) {
		at = a->at;
	} else {
		type_ref ref = t->ops->find(t->ctx, type, FIND_COMPOSITE);

		st = ref ? VS_OK : VS_NOTFOUND;
		at.size = ref ? t->ops->size(t->ctx, ref) : 0;
		remember(t, ASK_SIZE, type, "", st, &at);
	}
	if (st)
		return fail(err, st, "%s has no type \"%s\"", t->ops->name, type);
	*ret = at.size;
	return VS_OK;
}

/* Split "mem[2].base" into the next name and an optional index. */
static bool next_part(const char **path, char part[MAX_PART], long *index)
{
	size_t n = strcspn(*path, ".[");

	if (n == 0 || n >= MAX_PART)
		return false;
	memcpy(part, *path, n);
	part[n] = '\0';
	*path += n;
	*index = -1;
	if (**path == '[') {
		char *end;

		*index = strtol(*path + 1, &end, 10);
		if (*end != ']' || *index < 0)
			return false;
		*path = end + 1;
	}
	if (**path == '.')
		(*path)++;
	return true;
}

/* An array without a size in the types may have any number of elements. */
static bool is_beyond(struct types *t, type_ref array, long index)
{
	struct type_info info;

	types_info(t, array, &info);
	return info.count && (uint64_t)index >= info.count;
}

static bool descend(struct types *t, type_ref *ref, const char *part, long index, struct member *at)
{
	struct type_field f;
	uint64_t skip;

	if (!t->ops->field(t->ctx, t->ops->resolve(t->ctx, *ref), part, &f))
		return false;
	at->off += f.at.off;
	at->bit_off = f.at.bit_off;
	at->bit_size = f.at.bit_size;
	*ref = f.type;
	if (index >= 0) {
		type_ref array = t->ops->resolve(t->ctx, f.type);

		*ref = t->ops->element(t->ctx, array);
		if (!*ref || is_beyond(t, array, index) ||
		    mul_ovf(t->ops->size(t->ctx, *ref), (uint64_t)index, &skip))
			return false;
		at->off += skip;
	}
	at->size = t->ops->size(t->ctx, *ref);
	return true;
}

static vs_status follow_path(struct types *t, const char *path, struct type_field *f)
{
	const char *p = path;

	while (f->type && *p) {
		char part[MAX_PART];
		long index;

		if (!next_part(&p, part, &index) || !descend(t, &f->type, part, index, &f->at))
			return VS_NOTFOUND;
	}
	return f->type ? VS_OK : VS_NOTFOUND;
}

static vs_status find_member(struct types *t, const char *type, const char *path,
			     struct member *ret)
{
	struct type_field f = { .type = t->ops->find(t->ctx, type, FIND_COMPOSITE) };
	vs_status st = follow_path(t, path, &f);

	*ret = f.at;
	return st;
}

vs_status types_field(struct types *t, type_ref type, const char *path, struct type_field *ret,
		      struct err *err)
{
	struct type_field f = { .type = type };
	struct type_info info;

	if (!t)
		return no_types(err);
	if (follow_path(t, path, &f)) {
		types_info(t, types_strip(t, type), &info);
		return fail(err, VS_NOTFOUND, "%s has no member %s",
			    info.name[0] ? info.name : "this type", path);
	}
	*ret = f;
	return VS_OK;
}

vs_status types_find(struct types *t, const char *name, type_ref *ret, struct err *err)
{
	static const struct {
		const char *word;
		enum find_kind kind;
	} words[] = { { "struct ", FIND_STRUCT },
		      { "union ", FIND_UNION },
		      { "enum ", FIND_ENUM } };
	enum find_kind kind = FIND_ANY;
	const char *bare = name;
	type_ref ref;

	if (!t)
		return no_types(err);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i].word);

		if (strncmp(name, words[i].word, n) == 0) {
			kind = words[i].kind;
			bare = name + n;
		}
	}
	ref = *bare ? t->ops->find(t->ctx, bare, kind) : 0;
	if (!ref)
		return fail(err, VS_NOTFOUND, "%s has no type \"%s\"", t->ops->name, name);
	*ret = ref;
	return VS_OK;
}

type_ref types_strip(struct types *t, type_ref type)
{
	return t ? t->ops->resolve(t->ctx, type) : type;
}

void types_info(struct types *t, type_ref type, struct type_info *ret)
{
	*ret = (struct type_info){ .kind = TYPE_VOID, .name = "" };
	if (t && type)
		t->ops->info(t->ctx, type, ret);
}

bool types_member_at(struct types *t, type_ref type, uint32_t i, struct type_field *ret,
		     const char **name)
{
	return t && t->ops->member_at(t->ctx, type, i, ret, name);
}

bool types_enumerator_at(struct types *t, type_ref type, uint32_t i, const char **name,
			 int64_t *value)
{
	return t && t->ops->enumerator_at(t->ctx, type, i, name, value);
}

bool types_parameter_at(struct types *t, type_ref type, uint32_t i, type_ref *ret)
{
	return t && t->ops->parameter_at(t->ctx, type, i, ret);
}

type_ref types_next(struct types *t, type_ref type)
{
	return t && t->ops->next ? t->ops->next(t->ctx, type) : 0;
}

type_ref types_variable(struct types *t, const char *name)
{
	return t ? t->ops->variable(t->ctx, name) : 0;
}

vs_status types_member(struct types *t, const char *type, const char *path, struct member *ret,
		       struct err *err)
{
	const struct answer *a = t ? recall(t, ASK_MEMBER, type, path) : NULL;
	struct member at = { 0 };
	vs_status st;

	if (!t)
		return no_types(err);
	if (a) {
		st = a->st;
		at = a->at;
	} else {
		st = find_member(t, type, path, &at);
		remember(t, ASK_MEMBER, type, path, st, &at);
	}
	if (st) {
		uint64_t size;

		st = types_size(t, type, &size, err);
		return st ? st : fail(err, VS_NOTFOUND, "struct %s has no member %s", type, path);
	}
	*ret = at;
	return VS_OK;
}

vs_status types_enumerator(struct types *t, const char *name, int64_t *ret, struct err *err)
{
	const struct answer *a = t ? recall(t, ASK_ENUMERATOR, name, "") : NULL;
	struct member at = { 0 };
	int64_t value = 0;
	vs_status st;

	if (!t)
		return no_types(err);
	if (a) {
		st = a->st;
		at = a->at;
	} else {
		st = t->ops->enumerator(t->ctx, name, &value) ? VS_OK : VS_NOTFOUND;
		at.off = (uint64_t)value;
		remember(t, ASK_ENUMERATOR, name, "", st, &at);
	}
	if (st)
		return fail(err, st, "%s has no enumerator %s", t->ops->name, name);
	*ret = (int64_t)at.off;
	return VS_OK;
}

uint64_t types_flag(struct types *t, const char *name)
{
	int64_t v;

	return types_enumerator(t, name, &v, NULL) == VS_OK ? (uint64_t)v : 0;
}

uint64_t types_flag_of_bit(struct types *t, const char *name)
{
	int64_t bit;

	return types_enumerator(t, name, &bit, NULL) == VS_OK && bit >= 0 && bit < 64
		       ? UINT64_C(1) << bit
		       : 0;
}
