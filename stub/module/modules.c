// SPDX-License-Identifier: GPL-3.0-or-later
/* modules.c - the list of loaded modules and their memory ranges. */
#include "stub/module/modules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"

#define MAX_MODULES    16384
#define MAX_RANGE_SIZE (1ULL << 30)

typedef VEC(struct module) module_vec;

static void add_range(struct module *m, kva_t base, uint64_t size, bool text)
{
	if (!base || !size || size > MAX_RANGE_SIZE || m->nranges == MOD_RANGES)
		return;
	m->range[m->nranges++] = (struct mod_range){ base, size, text };
	m->size += size;
	if (text && (!m->text_base || base < m->text_base))
		m->text_base = base;
}

/* Since ac3b43283923 (6.4): module.mem[MOD_*]. The first four types are text, data, rodata and
 * ro_after_init; then come the init types, which are freed once the module is live. */
static bool ranges_from_mem(struct kernel *k, struct module *m)
{
	int64_t init_text = 4, text = 0;

	if (kernel_need_types(k, NULL))
		return false;
	types_enumerator(k->types, "MOD_INIT_TEXT", &init_text, NULL);
	types_enumerator(k->types, "MOD_TEXT", &text, NULL);
	for (int64_t i = 0; i < init_text && i < MOD_RANGES; i++) {
		char base[32], size[32];
		uint64_t b, s;

		snprintf(base, sizeof(base), "mem[%d].base", (int)i);
		snprintf(size, sizeof(size), "mem[%d].size", (int)i);
		if (kernel_read_member(k, m->va, "module", base, &b, NULL) ||
		    kernel_read_member(k, m->va, "module", size, &s, NULL))
			return false;
		add_range(m, b, s, i == text);
	}
	return true;
}

/* From 7523e4dc5057 (4.5) to 6.3: core_layout; before that, separate members. */
static const struct layout_names {
	const char *base, *size, *text_size;
} layouts[] = {
	{ "core_layout.base", "core_layout.size", "core_layout.text_size" },
	{ "module_core", "core_size", "core_text_size" },
};

static bool ranges_from_layout(struct kernel *k, struct module *m, const struct layout_names *names)
{
	uint64_t base = 0, size = 0, text = 0;

	if (kernel_read_member(k, m->va, "module", names->base, &base, NULL) ||
	    kernel_read_member(k, m->va, "module", names->size, &size, NULL))
		return false;
	kernel_read_member(k, m->va, "module", names->text_size, &text, NULL);
	if (text && text < size) {
		add_range(m, base, text, true);
		add_range(m, base + text, size - text, false);
	} else {
		add_range(m, base, size, true);
	}
	// In a few configurations (since 5.18) data is separate.
	if (kernel_read_member(k, m->va, "module", "data_layout.base", &base, NULL) == VS_OK &&
	    kernel_read_member(k, m->va, "module", "data_layout.size", &size, NULL) == VS_OK)
		add_range(m, base, size, false);
	return true;
}

static void load_ranges(struct kernel *k, struct module *m)
{
	if (ranges_from_mem(k, m))
		return;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (ranges_from_layout(k, m, &layouts[i]))
			return;
}

static vs_status load_module(struct kernel *k, kva_t va, struct module *ret, struct err *err)
{
	struct module m = { .va = va };
	struct member name;
	vs_status st = kernel_member(k, "module", &name, err, "name", NULL);

	if (st == VS_OK)
		st = mem_read_str(k->mem, va + name.off, m.name, sizeof(m.name), err);
	if (st)
		return fail_ctx(err, st, "module at %#" PRIx64, va);
	for (char *p = m.name; *p; p++)
		if (*p <= 0x20 || *p > 0x7e || *p == '/')
			*p = '?';
	kernel_read_member(k, va, "module", "state", &m.state, NULL);
	kernel_read_member(k, va, "module", "percpu", &m.percpu, NULL);
	kernel_read_member(k, va, "module", "percpu_size", &m.percpu_size, NULL);
	load_ranges(k, &m);
	*ret = m;
	return VS_OK;
}

static vs_status walk_list(struct kernel *k, module_vec *out, struct err *err)
{
	struct member list;
	kva_t head, node;
	vs_status st = kernel_symbol(k, "modules", &head, err);

	if (st == VS_OK)
		st = kernel_member(k, "module", &list, err, "list", NULL);
	if (st == VS_OK)
		st = mem_read_u64(k->mem, head, &node, err);
	for (size_t n = 0; st == VS_OK && node != head; n++) {
		struct module m;

		if (n >= MAX_MODULES)
			return fail(err, VS_CORRUPT, "list does not end after %zu modules", n);
		st = load_module(k, node - list.off, &m, err);
		if (st)
			break;
		// Skip MODULE_STATE_UNFORMED (3), whose members are not set up yet.
		if (m.state != 3 && !vec_push(out, m))
			return fail(err, VS_NOMEM, "module list");
		st = mem_read_u64(k->mem, node, &node, err);
	}
	return st;
}

/* Was the module at va already found? */
static bool is_known(const module_vec *v, kva_t va)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->v[i].va == va)
			return true;
	return false;
}

/* If a lost page breaks the list, finds the modules after it by walking back from the end. */
static void walk_back(struct kernel *k, module_vec *out)
{
	struct member list;
	kva_t head, node;

	if (kernel_symbol(k, "modules", &head, NULL) ||
	    kernel_member(k, "module", &list, NULL, "list", NULL) ||
	    mem_read_u64(k->mem, head + 8, &node, NULL)) // list_head.prev
		return;
	while (node != head && out->n < MAX_MODULES && !is_known(out, node - list.off)) {
		struct module m;

		if (load_module(k, node - list.off, &m, NULL) || m.state == 3 ||
		    !vec_push(out, m) || mem_read_u64(k->mem, node + 8, &node, NULL))
			return;
	}
}

static vs_status load_modules(struct kernel *k, void *owner, struct err *err)
{
	module_vec v = { 0 };
	struct modules *m = calloc(1, sizeof(*m));

	(void)owner;
	if (!m)
		return fail(err, VS_NOMEM, "module list");
	m->stop = walk_list(k, &v, &m->why);
	if (m->stop)
		walk_back(k, &v);
	m->v = v.v;
	m->n = v.n;
	k->modules = m;
	if (m->stop && m->n == 0) {
		if (err)
			*err = m->why;
		return fail_ctx(err, m->stop, "module list");
	}
	return VS_OK;
}

/* The slots of the modules were loaded later, so they are already unloaded. */
static void unload_modules(struct kernel *k, void *owner)
{
	struct modules *m = k->modules;

	(void)owner;
	k->modules = NULL;
	for (size_t i = 0; m && i < m->n; i++) {
		free(m->v[i].path);
		free(m->v[i].debug_path);
	}
	if (m)
		free(m->v);
	free(m);
}

static const struct slot_ops modules_slot_ops = { load_modules, unload_modules };

vs_status kernel_need_modules(struct kernel *k, struct modules **ret, struct err *err)
{
	vs_status st = slot_need(k, &k->modules_slot, &modules_slot_ops, k, err);

	if (st == VS_OK)
		*ret = k->modules;
	return st;
}

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
			return false;
	return *a == *b;
}

struct module *modules_by_name(struct modules *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (same_name(m->v[i].name, name))
			return &m->v[i];
	return NULL;
}

bool module_has(const struct module *m, kva_t va)
{
	for (size_t i = 0; i < m->nranges; i++)
		if (va - m->range[i].base < m->range[i].size)
			return true;
	return false;
}

bool module_has_text(const struct module *m, kva_t va)
{
	for (size_t i = 0; i < m->nranges; i++)
		if (m->range[i].text && va - m->range[i].base < m->range[i].size)
			return true;
	return false;
}

struct module *modules_by_va(struct modules *m, kva_t va)
{
	for (size_t i = 0; i < m->n; i++)
		if (module_has(&m->v[i], va))
			return &m->v[i];
	return NULL;
}

const struct module *modules_text_after(const struct modules *m, kva_t va, kva_t *start, kva_t *end)
{
	const struct module *best = NULL;

	for (size_t i = 0; i < m->n; i++) {
		for (size_t j = 0; j < m->v[i].nranges; j++) {
			const struct mod_range *r = &m->v[i].range[j];

			if (!r->text || r->base + r->size <= va || (best && r->base >= *start))
				continue;
			best = &m->v[i];
			*start = r->base;
			*end = r->base + r->size;
		}
	}
	return best;
}

kva_t module_section_va(const struct module *m, const char *name)
{
	for (size_t i = 0; i < m->nsections; i++)
		if (strcmp(m->sections[i].name, name) == 0)
			return m->sections[i].va;
	return 0;
}
