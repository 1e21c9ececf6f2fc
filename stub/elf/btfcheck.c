// SPDX-License-Identifier: GPL-3.0-or-later
/* btfcheck.c - finds the types of a BTF blob that gdb can show.
 * gdb follows references recursively, and prints members inside members: a cycle, or a chain of
 * thousands, crashes it. C has cycles only through pointers to structs. So two depth-first walks
 * visit every type once:
 *   NAMING    what gdb must read to read a type: pointer, array, qualifier, prototype -> its types
 *   CONTENT   what an object holds: struct -> members, array -> element. Also computes sizes. */
#include "stub/elf/btfcheck.h"

#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/elf/btftab.h"

/* C programs have chains of about 20; gdb needs a few hundred bytes of stack for each link. */
#define MAX_CHAIN   200
#define MAX_OBJECT  (UINT64_C(1) << 40)
#define MAX_ALIGNED 16
#define ON_STACK    UINT16_MAX

enum walk { NAMING, CONTENT };

struct step {
	uint32_t id, child;
	uint16_t below; /* the longest chain that starts at a child */
};

struct check {
	struct btftab *t;
	enum walk walk;
	uint16_t *chain; /* by type - first: 0 is new, ON_STACK, else the longest chain from it */
	struct step stack[MAX_CHAIN];
};

static void mark_bad(struct btftab *t, uint32_t id, const char *why)
{
	struct btf_record r = btftab_get(t, id);

	if (t->bad[id - t->first])
		return;
	t->bad[id - t->first] = true;
	if (!t->nbad++)
		fail(&t->why, VS_CORRUPT, "type %" PRIu32 " %.80s %s", id, btftab_name(t, r.name),
		     why);
}

/* Is this kind a type that others may refer to? */
static bool is_type(enum btf_kind kind)
{
	return kind != BTF_FUNC && kind != BTF_VAR && kind != BTF_DATASEC && kind != BTF_DECL_TAG;
}

/* Gets the i-th type that r refers to in this walk. Returns false if there are no more. */
static bool child_at(const struct check *c, const struct btf_record *r, uint32_t i, uint32_t *ret)
{
	uint32_t unused;

	switch (r->kind) {
	case BTF_TYPEDEF:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		*ret = r->type;
		return i == 0;
	case BTF_ARRAY:
		*ret = btf_element_of(r, &unused);
		return i == 0;
	case BTF_PTR:
	case BTF_VAR:
	case BTF_FUNC:
		*ret = r->type;
		return i == 0 && c->walk == NAMING;
	case BTF_FUNC_PROTO:
		if (c->walk != NAMING || i > r->count)
			return false;
		*ret = i == 0 ? r->type : btf_parameter_of(r, i - 1, &unused);
		return true;
	case BTF_STRUCT:
	case BTF_UNION:
		if (c->walk != CONTENT || i >= r->count)
			return false;
		*ret = btftab_member(c->t, r, i).type;
		return true;
	default:
		return false;
	}
}

static bool power_of_two_upto(uint32_t n, uint32_t max)
{
	return n && n <= max && (n & (n - 1)) == 0;
}

/* Only "..." has no type; it must come last. */
static const char *check_parameters(const struct btf_record *r)
{
	uint32_t name;

	for (uint32_t i = 0; i + 1 < r->count; i++)
		if (!btf_parameter_of(r, i, &name))
			return "has a void parameter";
	return NULL;
}

/* Checks the fields of this type by themselves. Returns what is wrong, or NULL. */
static const char *check_words(const struct btftab *t, const struct btf_record *r)
{
	switch (r->kind) {
	case BTF_INT:
		return power_of_two_upto(r->size, MAX_ALIGNED) ? NULL : "has a bad integer size";
	case BTF_FLOAT:
		return r->size && r->size <= MAX_ALIGNED ? NULL : "has a bad float size";
	case BTF_ENUM:
	case BTF_ENUM64:
		return power_of_two_upto(r->size, 8) ? NULL : "has a bad enum size";
	case BTF_TYPEDEF:
	case BTF_FWD:
		return *btftab_name(t, r->name) ? NULL : "has no name";
	case BTF_FUNC:
		return r->type && r->type < t->n && btftab_get(t, r->type).kind == BTF_FUNC_PROTO
			       ? NULL
			       : "has no prototype";
	case BTF_FUNC_PROTO:
		return check_parameters(r);
	default:
		return NULL;
	}
}

/* Do all members fit inside? */
static const char *check_members(const struct btftab *t, const struct btf_record *r)
{
	uint64_t bits = r->size * UINT64_C(8);

	for (uint32_t i = 0; i < r->count; i++) {
		struct btf_member_at m = btftab_member(t, r, i);
		uint64_t size = btftab_size(t, m.type);

		if (!m.type)
			return "has a void member";
		if (m.width ? m.width > size * 8 || !range_ok(m.bit, m.width, bits)
			    : m.bit % 8 || !range_ok(m.bit, size * 8, bits))
			return "has a member outside of it";
	}
	return NULL;
}

/* Computes the size of a type once those of its contents are known. */
static const char *measure(struct btftab *t, uint32_t id, const struct btf_record *r)
{
	uint64_t *ret = &t->sizes[id - t->first];
	uint32_t element, count;

	switch (r->kind) {
	case BTF_INT:
	case BTF_FLOAT:
	case BTF_ENUM:
	case BTF_ENUM64:
		*ret = r->size;
		return NULL;
	case BTF_PTR:
		*ret = 8;
		return NULL;
	case BTF_STRUCT:
	case BTF_UNION:
		*ret = r->size;
		return check_members(t, r);
	case BTF_ARRAY:
		element = btf_element_of(r, &count);
		if (btftab_size(t, element) > MAX_OBJECT / (count ? count : 1))
			return "is too large";
		*ret = btftab_size(t, element) * count;
		return element ? NULL : "has void elements";
	case BTF_TYPEDEF:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		*ret = btftab_size(t, r->type);
		return NULL;
	default:
		return NULL;
	}
}

/* Finishes the type on top of the stack. why says what is wrong with it, or NULL. */
static void leave(struct check *c, uint32_t *depth, const char *why)
{
	const struct step *s = &c->stack[--*depth];
	struct btf_record r = btftab_get(c->t, s->id);
	bool *bad = &c->t->bad[s->id - c->t->first];

	if (!why && s->below + 1 > MAX_CHAIN)
		why = "is part of too long a chain";
	// The fields of a bad type may point anywhere; its size stays 0.
	if (!why && !*bad && c->walk == CONTENT) {
		why = check_words(c->t, &r);
		if (!why)
			why = measure(c->t, s->id, &r);
	}
	if (why)
		mark_bad(c->t, s->id, why);
	// gdb never sees what a bad type refers to: chains end there.
	c->chain[s->id - c->t->first] = *bad ? 1 : s->below + 1;
	if (*depth && c->stack[*depth - 1].below < c->chain[s->id - c->t->first])
		c->stack[*depth - 1].below = c->chain[s->id - c->t->first];
}

static void enter(struct check *c, uint32_t *depth, uint32_t id)
{
	c->stack[(*depth)++] = (struct step){ .id = id };
	c->chain[id - c->t->first] = ON_STACK;
}

/* Everything below root. */
static void walk_from(struct check *c, uint32_t root)
{
	struct btftab *t = c->t;
	uint32_t depth = 0;

	enter(c, &depth, root);
	while (depth) {
		struct step *s = &c->stack[depth - 1];
		struct btf_record r = btftab_get(t, s->id);
		uint32_t child;

		if (!child_at(c, &r, s->child++, &child))
			leave(c, &depth, NULL);
		else if (child >= t->n || !is_type(btftab_get(t, child).kind))
			leave(c, &depth, "refers to something that is not a type");
		else if (child < t->first)
			continue; // void, or a type of the kernel in a module's BTF
		else if (c->chain[child - t->first] == ON_STACK)
			leave(c, &depth, "contains or refers to itself");
		else if (c->chain[child - t->first] && s->below < c->chain[child - t->first])
			s->below = c->chain[child - t->first];
		else if (!c->chain[child - t->first] && depth == MAX_CHAIN)
			leave(c, &depth, "is part of too long a chain");
		else if (!c->chain[child - t->first])
			enter(c, &depth, child);
	}
}

static vs_status walk_all(struct btftab *t, enum walk walk, struct err *err)
{
	AUTO_FREE struct check *c = calloc(1, sizeof(*c));
	AUTO_FREE uint16_t *chain = calloc(t->n - t->first + 1, sizeof(*chain));

	if (!c || !chain)
		return fail(err, VS_NOMEM, "BTF");
	c->t = t;
	c->walk = walk;
	c->chain = chain;
	for (uint32_t id = t->first; id < t->n; id++)
		if (!chain[id - t->first])
			walk_from(c, id);
	return VS_OK;
}

vs_status btfcheck(struct btftab *t, struct err *err)
{
	vs_status st = walk_all(t, NAMING, err);

	return st ? st : walk_all(t, CONTENT, err);
}
