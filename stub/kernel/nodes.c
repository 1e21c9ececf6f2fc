// SPDX-License-Identifier: GPL-3.0-or-later
/* nodes.c - reads node_data[]. Ids may have gaps, whose entries are NULL, so its length must be
 * known: VMCOREINFO has it, else nr_node_ids (mm/page_alloc.c) is enough, else the symbol's size.
 */
#include "stub/kernel/nodes.h"

#include <inttypes.h>

static vs_status table_length(struct kernel *k, uint64_t *ret, struct err *err)
{
	const struct symbol *s = symtab_find(k->syms, "node_data");
	kva_t va;

	if (!vmcoreinfo_length(k->vmci, "node_data", ret) &&
	    (kernel_symbol(k, "nr_node_ids", &va, NULL) || mem_read_uint(k->mem, va, 4, ret, NULL)))
		*ret = s && s->size ? s->size / 8 : 0;
	if (*ret >= 1 && *ret <= KERNEL_NODES_MAX)
		return VS_OK;
	return fail(err, VS_NOTFOUND, "the length of node_data is unknown");
}

vs_status kernel_nodes(struct kernel *k, struct kernel_node *ret, size_t *n, struct err *err)
{
	vs_status st = kernel_need_syms(k, err);
	uint64_t length = 0;
	kva_t table, va;

	*n = 0;
	if (st == VS_OK && kernel_symbol(k, "node_data", &table, NULL)) {
		st = kernel_symbol(k, "contig_page_data", &ret->va, err);
		ret->id = 0;
		*n = st == VS_OK;
		return st;
	}
	if (st == VS_OK)
		st = table_length(k, &length, err);
	for (uint64_t i = 0; st == VS_OK && i < length; i++) {
		st = mem_read_u64(k->mem, table + 8 * i, &va, err);
		if (st == VS_OK && va && !k->arch->is_kernel_va(va))
			st = fail(err, VS_CORRUPT, "it is %#" PRIx64, va);
		if (st)
			return fail_ctx(err, st, "node_data[%" PRIu64 "]", i);
		if (va)
			ret[(*n)++] = (struct kernel_node){ (unsigned)i, va };
	}
	if (st == VS_OK && !*n)
		st = fail(err, VS_NOTFOUND, "node_data has no nodes");
	return st;
}
