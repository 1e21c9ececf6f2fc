// SPDX-License-Identifier: GPL-3.0-or-later
/* modules.c - the list of loaded modules and their memory ranges. */
#include "stub/module/modules.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/module/module_record.h"

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

/* The first four types of module.mem[] are text, data, rodata and ro_after_init; then come the init
 * types, which are freed once the module is live. */
static bool ranges_from_mem(struct kernel *k, struct module *m)
{
	int64_t init_text = 4, text = 0;
	struct member mem;
	uint64_t size;

	if (record_member(k, &module_record, MODULE_MEM, &mem, NULL) ||
	    types_size(k->types, "module_memory", &size, NULL))
		return false;
	types_enumerator(k->types, "MOD_INIT_TEXT", &init_text, NULL);
	types_enumerator(k->types, "MOD_TEXT", &text, NULL);
	for (int64_t i = 0; i < init_text && i < MOD_RANGES; i++) {
		struct record r;
		uint64_t base, len;

		record_read(k, &module_memory_record, m->va + mem.off + (uint64_t)i * size,
			    RECORD_ALL, &r);
		if (!record_get(&r, MEMORY_BASE, &base) || !record_get(&r, MEMORY_SIZE, &len))
			return false;
		add_range(m, base, len, i == text);
	}
	return true;
}

static void ranges_from_layout(struct module *m, const struct record *r)
{
	uint64_t base, size, text = 0;

	if (!record_get(r, MODULE_CORE, &base) || !record_get(r, MODULE_CORE_SIZE, &size))
		return;
	record_get(r, MODULE_CORE_TEXT, &text);
	if (text && text < size) {
		add_range(m, base, text, true);
		add_range(m, base + text, size - text, false);
	} else {
		add_range(m, base, size, true);
	}
	// In a few configurations (since 5.18) data is separate.
	if (record_get(r, MODULE_DATA, &base) && record_get(r, MODULE_DATA_SIZE, &size))
		add_range(m, base, size, false);
}

static vs_status load_module(struct kernel *k, kva_t va, struct module *ret, struct err *err)
{
	struct module m = { .va = va };
	struct member name;
	struct record r;
	vs_status st = record_member(k, &module_record, MODULE_NAME, &name, err);

	if (st == VS_OK)
		st = mem_read_str(k->mem, va + name.off, m.name, sizeof(m.name), err);
	if (st)
		return fail_ctx(err, st, "module at %#" PRIx64, va);
	for (char *p = m.name; *p; p++)
		if (*p <= 0x20 || *p > 0x7e || *p == '/')
			*p = '?';
	record_read(k, &module_record, va, RECORD_ALL, &r);
	record_get(&r, MODULE_STATE, &m.state);
	record_get(&r, MODULE_PERCPU, &m.percpu);
	record_get(&r, MODULE_PERCPU_SIZE, &m.percpu_size);
	if (!ranges_from_mem(k, &m))
		ranges_from_layout(&m, &r);
	*ret = m;
	return VS_OK;
}

static vs_status walk_list(struct kernel *k, module_vec *out, struct err *err)
{
	struct member list;
	kva_t head, node;
	vs_status st = kernel_symbol(k, "modules", &head, err);

	if (st == VS_OK)
		st = record_member(k, &module_record, MODULE_LIST, &list, err);
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
	    record_member(k, &module_record, MODULE_LIST, &list, NULL) ||
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

enum { MODULE_TAINTS };
static const struct record_field taints_fields[] = {
	[MODULE_TAINTS] = { { "taints" }, RECORD_UINT },
};
RECORD(module_taints_record, "module", taints_fields);

vs_status module_taints(struct kernel *k, const struct module *m, uint64_t *ret, struct err *err)
{
	return record_field_read(k, &module_taints_record, m->va, MODULE_TAINTS, ret, err);
}

/* Since 6.0 a struct that begins with the name; before, an array of characters. */
bool modules_last_unloaded(struct kernel *k, char *name, size_t cap)
{
	kva_t va;

	if (kernel_symbol(k, "last_unloaded_module", &va, NULL) ||
	    mem_read_str(k->mem, va, name, cap, NULL))
		return false;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-')
			return false;
	return name[0];
}
