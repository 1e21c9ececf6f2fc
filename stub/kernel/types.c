/* types.c - member paths over any source of types. */
#include "stub/kernel/types.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/kernel/types_ops.h"

#define MAX_PART 64

struct types {
	const struct types_ops *ops;
	void *ctx;
};

struct types *types_create(const struct types_ops *ops, void *ctx)
{
	struct types *t = malloc(sizeof(*t));

	if (t)
		*t = (struct types){ ops, ctx };
	return t;
}

void types_destroy(struct types *t)
{
	if (!t)
		return;
	t->ops->destroy(t->ctx);
	free(t);
}

const char *types_source(const struct types *t)
{
	return t->ops->name;
}

vs_status types_size(struct types *t, const char *type, uint64_t *ret, struct err *err)
{
	type_ref ref = t->ops->find(t->ctx, type);

	if (!ref)
		return fail(err, VS_NOTFOUND, "%s has no type \"%s\"", t->ops->name, type);
	*ret = t->ops->size(t->ctx, ref);
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
		*ref = t->ops->element(t->ctx, t->ops->resolve(t->ctx, f.type));
		if (!*ref || mul_ovf(t->ops->size(t->ctx, *ref), (uint64_t)index, &skip))
			return false;
		at->off += skip;
	}
	at->size = t->ops->size(t->ctx, *ref);
	return true;
}

vs_status types_member(struct types *t, const char *type, const char *path, struct member *ret,
		       struct err *err)
{
	type_ref ref = t->ops->find(t->ctx, type);
	struct member at = { 0 };
	const char *p = path;

	if (!ref)
		return fail(err, VS_NOTFOUND, "%s has no type \"%s\"", t->ops->name, type);
	while (*p) {
		char part[MAX_PART];
		long index;

		if (!next_part(&p, part, &index) || !descend(t, &ref, part, index, &at))
			return fail(err, VS_NOTFOUND, "struct %s has no member %s", type, path);
	}
	*ret = at;
	return VS_OK;
}

vs_status types_enumerator(struct types *t, const char *name, int64_t *ret, struct err *err)
{
	if (!t->ops->enumerator(t->ctx, name, ret))
		return fail(err, VS_NOTFOUND, "%s has no enumerator %s", t->ops->name, name);
	return VS_OK;
}
