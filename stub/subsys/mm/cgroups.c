// SPDX-License-Identifier: GPL-3.0-or-later
/* cgroups.c - memory of cgroups. */
#include "stub/subsys/mm/cgroups.h"

#include <inttypes.h>
#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"
#include "stub/task/cgroup.h"

#define MAX_CGROUPS (1u << 20)

enum { MEMCG_CSS, MEMCG_USAGE, MEMCG_MAX };
static const struct record_field memcg_fields[] = {
	[MEMCG_CSS] = { { "css" }, RECORD_ADDRESS },
	[MEMCG_USAGE] = { { "memory.usage.counter", "memory.count.counter" }, RECORD_UINT },
	// bbec2e15170a (4.18)
	[MEMCG_MAX] = { { "memory.max", "memory.limit" }, RECORD_UINT },
};
RECORD(memcg_record, "mem_cgroup", memcg_fields);

enum { CSS_CGROUP, CSS_SIBLING, CSS_CHILDREN };
static const struct record_field css_fields[] = {
	[CSS_CGROUP] = { { "cgroup" }, RECORD_POINTER },
	[CSS_SIBLING] = { { "sibling" }, RECORD_ADDRESS },
	[CSS_CHILDREN] = { { "children" }, RECORD_ADDRESS },
};
RECORD(css_record, "cgroup_subsys_state", css_fields);

struct list {
	struct kernel *k;
	uint64_t css_off, sibling_off;
	VEC(kva_t) todo; /* struct cgroup_subsys_state, whose children are not listed yet */
	vs_status st;
	struct err why;
};

static bool add_child(void *ctx, kva_t node)
{
	struct list *l = ctx;
	kva_t css = node - l->sibling_off;

	if (l->todo.n < MAX_CGROUPS && vec_push(&l->todo, css))
		return true;
	l->st = fail(&l->why, VS_NOMEM, "%zu cgroups", l->todo.n);
	return false;
}

static vs_status load(struct list *l, kva_t css, struct cgroup_memory *ret, struct err *err)
{
	struct cgroup_memory c = { .va = css - l->css_off };
	uint64_t cgroup = 0;
	struct record r;
	vs_status st;

	record_read(l->k, &memcg_record, c.va, RECORD_ALL, &r);
	st = record_need(&r, MEMCG_USAGE, &c.pages, err);
	if (st == VS_OK)
		st = record_need(&r, MEMCG_MAX, &c.limit, err);
	if (st)
		return st;
	if ((int64_t)c.pages < 0) // changes that are not added up yet
		c.pages = 0;
	if (c.limit >= INT64_MAX >> 12) // PAGE_COUNTER_MAX
		c.limit = CGROUP_NO_LIMIT;
	(void)record_field_read(l->k, &css_record, css, CSS_CGROUP, &cgroup, NULL);
	cgroup_path(l->k, cgroup, c.path, sizeof(c.path));
	*ret = c;
	return VS_OK;
}

static vs_status find_root(struct list *l, kva_t *ret, struct err *err)
{
	struct member css, sibling;
	uint64_t root;
	kva_t va;
	vs_status st = kernel_need_types(l->k, err);

	if (st == VS_OK)
		st = kernel_symbol(l->k, "root_mem_cgroup", &va, err);
	if (st == VS_OK)
		st = record_member(l->k, &memcg_record, MEMCG_CSS, &css, err);
	if (st == VS_OK)
		st = record_member(l->k, &css_record, CSS_SIBLING, &sibling, err);
	if (st == VS_OK)
		st = mem_read_u64(l->k->mem, va, &root, err);
	if (st)
		return st;
	l->css_off = css.off;
	l->sibling_off = sibling.off;
	*ret = root + css.off;
	return root ? VS_OK : fail(err, VS_NOTFOUND, "memory cgroups are off");
}

vs_status cgroup_memory_list(struct kernel *k, struct cgroup_memory **ret, size_t *n,
			     struct err *err)
{
	VEC(struct cgroup_memory) found = { 0 };
	struct list l = { .k = k };
	kva_t root;
	vs_status st = find_root(&l, &root, err);

	*ret = NULL;
	*n = 0;
	if (st)
		return st;
	(void)add_child(&l, root + l.sibling_off);
	for (size_t i = 0; i < l.todo.n; i++) {
		struct cgroup_memory c;
		struct err why;
		uint64_t children;

		if (i > 0) {
			st = load(&l, l.todo.v[i], &c, &why);
			if (st == VS_OK && !vec_push(&found, c))
				st = fail(&why, VS_NOMEM, "%zu cgroups", found.n);
			fail_first(&l.st, &l.why, st, &why);
		}
		st = record_field_read(k, &css_record, l.todo.v[i], CSS_CHILDREN, &children, &why);
		if (st == VS_OK)
			st = walk_list(k, children, add_child, &l, &why);
		fail_first(&l.st, &l.why, st, &why);
	}
	vec_free(&l.todo);
	*ret = found.v;
	*n = found.n;
	if (l.st && err)
		*err = l.why;
	return l.st;
}
