// SPDX-License-Identifier: GPL-3.0-or-later
/* type_path.c - the member at an offset of a struct. */
#include <inttypes.h>

#include "stub/base/buf.h"
#include "stub/symbols/types.h"

#define MAX_DEPTH   16
#define MAX_MEMBERS 4096

static uint64_t size_of(struct types *t, type_ref type)
{
	uint64_t n = 1, bytes = 0;

	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		struct type_info info;

		types_info(t, type, &info);
		bytes = info.kind == TYPE_POINTER ? sizeof(uint64_t) : info.size;
		if (info.kind != TYPE_ARRAY || !info.count)
			break;
		n *= info.count;
		type = types_strip(t, info.target);
	}
	return n * bytes;
}

/* Does f, a member of the outer struct, begin at off and have that size, or a member of f? */
static bool fits(struct types *t, const struct type_field *f, uint64_t bytes, uint64_t off,
		 uint64_t size, int depth, unsigned *budget)
{
	struct type_field inner;
	const char *name;

	if (f->at.off == off && bytes == size)
		return true;
	for (uint32_t i = 0; depth < MAX_DEPTH && *budget &&
			     types_member_at(t, types_strip(t, f->type), i, &inner, &name);
	     i++) {
		uint64_t own = size_of(t, types_strip(t, inner.type));

		--*budget;
		inner.at.off += f->at.off;
		if (off >= inner.at.off && off - inner.at.off < own &&
		    fits(t, &inner, own, off, size, depth + 1, budget))
			return true;
	}
	return false;
}

/* The member that has the byte at off. If several do, as in a union, one that fits the size, else
 * the first. */
static bool member_with(struct types *t, type_ref type, uint64_t off, uint64_t size,
			struct type_field *ret, const char **name)
{
	struct type_field f;
	const char *n;
	unsigned budget = MAX_MEMBERS; // unions in unions could take forever
	bool found = false;

	for (uint32_t i = 0; i < MAX_MEMBERS && types_member_at(t, type, i, &f, &n); i++) {
		uint64_t bytes = size_of(t, types_strip(t, f.type));
		bool fit;

		if (off < f.at.off || off - f.at.off >= (bytes ? bytes : 1))
			continue;
		fit = fits(t, &f, bytes, off, size, 0, &budget);
		if (found && !fit)
			continue;
		*ret = f;
		ret->at.size = bytes;
		*name = n;
		found = true;
		if (fit)
			break;
	}
	return found;
}

/* An index into an array; *off is then the offset in the element. */
static type_ref element_at(struct types *t, const struct type_info *array, uint64_t *off,
			   struct buf *out)
{
	type_ref element = types_strip(t, array->target);
	uint64_t bytes = size_of(t, element);

	if (!bytes || (array->count && *off / bytes >= array->count))
		return 0;
	buf_printf(out, "[%" PRIu64 "]", *off / bytes);
	*off %= bytes;
	return element;
}

bool types_path_at(struct types *t, type_ref type, uint64_t off, uint64_t size, struct buf *out,
		   struct type_field *ret)
{
	size_t start = out->len;

	type = types_strip(t, type);
	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		struct type_info info;
		struct type_field f;
		const char *name;

		types_info(t, type, &info);
		if (info.kind == TYPE_ARRAY) {
			type = element_at(t, &info, &off, out);
			if (!type)
				break;
			*ret = (struct type_field){ .type = type };
			ret->at.size = size_of(t, type);
			continue;
		}
		if ((info.kind != TYPE_STRUCT && info.kind != TYPE_UNION) ||
		    !member_with(t, type, off, size, &f, &name))
			break;
		if (*name)
			buf_printf(out, "%s%s", out->len > start ? "." : "", name);
		off -= f.at.off;
		*ret = f;
		type = types_strip(t, f.type);
	}
	return out->len > start;
}
