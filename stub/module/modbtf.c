// SPDX-License-Identifier: GPL-3.0-or-later
/* modbtf.c - the BTF that the kernel keeps of a loaded module, listed in btf_modules and under an
 * id in btf_idr. A module's own .BTF section is gone once it is loaded; the kernel's copy is
 * checked and, where the module was built against another vmlinux (".BTF.base", 6.11), already
 * refers to this kernel's types. */
#include "stub/module/modbtf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"
#include "stub/module/modules.h"

#define MAX_MODULE_BTF (16u << 20) /* BTF_MAX_SIZE in include/linux/btf.h */

/* kernel/bpf/btf.c */
enum { BTF_NAME, BTF_KERNEL, BTF_DATA, BTF_DATA_SIZE, BTF_START_STRING };
static const struct record_field btf_fields[] = {
	[BTF_NAME] = { { "name" }, RECORD_ADDRESS, "5.11 and newer" },
	[BTF_KERNEL] = { { "kernel_btf" }, RECORD_UINT, "5.11 and newer" },
	[BTF_DATA] = { { "data" }, RECORD_POINTER },
	[BTF_DATA_SIZE] = { { "data_size" }, RECORD_UINT },
	[BTF_START_STRING] = { { "start_str_off" }, RECORD_UINT, "5.11 and newer" },
};
RECORD(btf_record_def, "btf", btf_fields);

enum { BTF_MODULE_LIST, BTF_MODULE_BTF };
static const struct record_field btf_module_fields[] = {
	[BTF_MODULE_LIST] = { { "list" }, RECORD_ADDRESS, "5.11 and newer" },
	[BTF_MODULE_BTF] = { { "btf" }, RECORD_POINTER, "5.11 and newer" },
};
RECORD(btf_module_record, "btf_module", btf_module_fields);

struct search {
	struct kernel *k;
	const char *name;
	uint64_t node_off; /* of the list_head in struct btf_module */
	struct record btf; /* of that name; va 0: not found */
	bool lost;	   /* there are some that cannot be read */
};

/* False: this struct btf is the module's. */
static bool is_another(struct search *s, kva_t btf)
{
	char name[sizeof(((struct module *)0)->name)];
	struct record r;
	uint64_t of_kernel;

	record_read(s->k, &btf_record_def, btf, RECORD_ALL, &r);
	if (!record_get(&r, BTF_KERNEL, &of_kernel)) {
		s->lost = true;
		return true;
	}
	// User programs bring BTF of any name.
	if (!of_kernel || !record_string(&r, BTF_NAME, name, sizeof(name)) ||
	    strcmp(name, s->name) != 0)
		return true;
	s->btf = r;
	return false;
}

static bool listed(void *ctx, kva_t node)
{
	struct search *s = ctx;
	uint64_t btf;

	if (record_field_read(s->k, &btf_module_record, node - s->node_off, BTF_MODULE_BTF, &btf,
			      NULL)) {
		s->lost = true;
		return true;
	}
	return is_another(s, btf);
}

static bool numbered(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	(void)first;
	(void)last;
	return is_another(ctx, entry);
}

/* A lost page breaks a list, seldom from both ends and the tree of ids as well. */
static vs_status find(struct kernel *k, const struct module *m, struct record *ret, struct err *err)
{
	struct search s = { .k = k, .name = m->name };
	struct member list;
	kva_t head;
	vs_status st = kernel_symbol(k, "btf_modules", &head, err);

	if (st == VS_OK)
		st = record_member(k, &btf_module_record, BTF_MODULE_LIST, &list, err);
	if (st)
		return st;
	s.node_off = list.off;
	if (walk_list(k, head, listed, &s, NULL))
		s.lost = true;
	if (!s.btf.va && s.lost)
		walk_list_back(k, head, listed, &s, NULL);
	if (!s.btf.va && s.lost)
		walk_idr(k, "btf_idr", numbered, &s, NULL);
	*ret = s.btf;
	if (s.btf.va)
		return VS_OK;
	return fail(err, VS_NOTFOUND,
		    s.lost ? "its BTF is on pages that are not in the dump"
			   : "the kernel has no BTF of it");
}

/* How far the kernel's own BTF counts: the module's goes on from there. */
static vs_status check_start(struct kernel *k, const struct record *btf, const char *name,
			     struct err *err)
{
	uint64_t strings, want;
	size_t len;
	const void *base = types_raw_btf(k->types, &len);
	vs_status st;

	if (!base || len < 24)
		return fail(err, VS_NOTFOUND, "the kernel's types are not from BTF");
	want = load_u32((const uint8_t *)base + 20); // str_len of struct btf_header
	st = record_need(btf, BTF_START_STRING, &strings, err);
	if (st == VS_OK && strings != want)
		st = fail(err, VS_CORRUPT,
			  "BTF of module %s: its strings start at %" PRIu64
			  ", the kernel's end at %" PRIu64,
			  name, strings, want);
	return st;
}

vs_status module_btf(struct kernel *k, const struct module *m, void **ret, size_t *len,
		     struct err *err)
{
	AUTO_FREE void *data = NULL;
	uint64_t from, size;
	struct record btf = { 0 };
	vs_status st = kernel_need_types(k, err);

	if (st == VS_OK)
		st = find(k, m, &btf, err);
	if (st)
		return st;
	if ((st = check_start(k, &btf, m->name, err)) ||
	    (st = record_need(&btf, BTF_DATA, &from, err)) ||
	    (st = record_need(&btf, BTF_DATA_SIZE, &size, err)))
		return st;
	if (size == 0 || size > MAX_MODULE_BTF)
		return fail(err, VS_CORRUPT, "BTF of module %s: %" PRIu64 " bytes", m->name, size);
	data = malloc(size);
	if (!data)
		return fail(err, VS_NOMEM, "BTF of module %s", m->name);
	st = mem_read(k->mem, from, data, size, err);
	if (st)
		return fail_ctx(err, st, "BTF of module %s", m->name);
	*ret = data;
	*len = size;
	data = NULL;
	return VS_OK;
}
