// SPDX-License-Identifier: GPL-3.0-or-later
/* btfkfunc.c - finds the prototypes of functions whose last parameters BTF hides.
 *
 *   FUNC scx_bpf_events       (stats, size)         <- DECL_TAG bpf_kfunc
 *   FUNC scx_bpf_events_impl  (stats, size, aux)    what the function in memory has */
#include "stub/elf/btfkfunc.h"

#include <stdio.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/elf/btftab.h"

#define SUFFIX	 "_impl"
#define MAX_NAME 512

struct named {
	const char *name;
	uint32_t prototype;
};

struct search {
	const struct btftab *t;
	bool (*has_code)(void *ctx, const char *name);
	void *ctx;
	VEC(struct named) whole; /* functions with the suffix */
	VEC(uint32_t) kfuncs;	 /* with repetitions */
};

static void search_deinit(struct search *s)
{
	vec_free(&s->whole);
	vec_free(&s->kfuncs);
}

static bool has_suffix(const char *name)
{
	size_t len = strlen(name), n = strlen(SUFFIX);

	return len > n && strcmp(name + len - n, SUFFIX) == 0;
}

/* Notes a function with the suffix, or one that a tag calls a kfunc. */
static bool see(struct search *s, uint32_t id)
{
	struct btf_record r = btftab_get(s->t, id);
	const char *name = btftab_name(s->t, r.name);

	if (btftab_is_bad(s->t, id))
		return true;
	if (r.kind == BTF_FUNC && has_suffix(name))
		return vec_push(&s->whole, (struct named){ name, r.type });
	if (r.kind == BTF_DECL_TAG && strcmp(name, "bpf_kfunc") == 0 && r.type >= s->t->first &&
	    r.type < s->t->n && btftab_get(s->t, r.type).kind == BTF_FUNC &&
	    !btftab_is_bad(s->t, r.type))
		return vec_push(&s->kfuncs, r.type);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static int by_function(const void *a, const void *b)
{
	uint32_t x = ((const struct btfkfunc_row *)a)->function;
	uint32_t y = ((const struct btfkfunc_row *)b)->function;

	return x < y ? -1 : x > y;
}

/* Is whole the same prototype with more parameters at the end? The types are not compared: those of
 * the shorter one may have tags for the verifier. */
static bool extends(const struct btftab *t, uint32_t whole, uint32_t given)
{
	struct btf_record w = btftab_get(t, whole), g = btftab_get(t, given);

	if (btftab_is_bad(t, whole) || btftab_is_bad(t, given) || w.count <= g.count)
		return false;
	for (uint32_t i = 0; i < g.count; i++) {
		uint32_t name, other;

		btf_parameter_of(&w, i, &name);
		btf_parameter_of(&g, i, &other);
		if (name != other)
			return false;
	}
	return true;
}

static bool find_whole(const struct search *s, uint32_t function, struct btfkfunc *k)
{
	struct btf_record r = btftab_get(s->t, function);
	char name[MAX_NAME];
	struct named key = { .name = name }, *found;
	int len = snprintf(name, sizeof(name), "%s" SUFFIX, btftab_name(s->t, r.name));

	if (len < 0 || (size_t)len >= sizeof(name))
		return true;
	found = bsearch(&key, s->whole.v, s->whole.n, sizeof(key), by_name);
	if (!found || !extends(s->t, found->prototype, r.type) || s->has_code(s->ctx, name))
		return true;
	return vec_push(&k->rows, (struct btfkfunc_row){ function, found->prototype });
}

vs_status btfkfunc_find(const struct btftab *t, bool (*has_code)(void *ctx, const char *name),
			void *ctx, struct btfkfunc *k, struct err *err)
{
	AUTO(search) s = { .t = t, .has_code = has_code, .ctx = ctx };
	bool ok = true;

	for (uint32_t id = t->first; ok && id < t->n; id++)
		ok = see(&s, id);
	if (ok && s.whole.n) {
		qsort(s.whole.v, s.whole.n, sizeof(*s.whole.v), by_name);
		for (size_t i = 0; ok && i < s.kfuncs.n; i++)
			ok = find_whole(&s, s.kfuncs.v[i], k);
	}
	if (k->rows.n)
		qsort(k->rows.v, k->rows.n, sizeof(*k->rows.v), by_function);
	return ok ? VS_OK : fail(err, VS_NOMEM, "prototypes of BTF");
}

void btfkfunc_deinit(struct btfkfunc *k)
{
	vec_free(&k->rows);
}

uint32_t btfkfunc_prototype(const struct btfkfunc *k, uint32_t function, uint32_t given)
{
	struct btfkfunc_row key = { .function = function };
	const struct btfkfunc_row *row =
		k->rows.n ? bsearch(&key, k->rows.v, k->rows.n, sizeof(key), by_function) : NULL;

	return row ? row->prototype : given;
}
