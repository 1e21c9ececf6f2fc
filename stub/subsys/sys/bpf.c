// SPDX-License-Identifier: GPL-3.0-or-later
/* bpf.c - loaded BPF programs and maps (kernel/bpf/syscall.c), each in an idr. */
#include "stub/subsys/sys/bpf.h"

#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"

static const struct record_field prog_fields[] = {
	[BPF_PROG_AUX] = { { "aux" }, RECORD_POINTER },
	[BPF_PROG_TYPE] = { { "type" }, RECORD_UINT },
	[BPF_PROG_TAG] = { { "tag" }, RECORD_UINT },
	[BPF_PROG_LEN] = { { "len" }, RECORD_UINT },
	[BPF_PROG_JITED_LEN] = { { "jited_len" }, RECORD_UINT },
	[BPF_PROG_PAGES] = { { "pages" }, RECORD_UINT },
	[BPF_PROG_GPL] = { { "gpl_compatible" }, RECORD_UINT },
	[BPF_PROG_FUNC] = { { "bpf_func" }, RECORD_POINTER },
};
RECORD(bpf_prog_record, "bpf_prog", prog_fields);

static const struct record_field aux_fields[] = {
	[BPF_AUX_NAME] = { { "name" }, RECORD_ADDRESS },
	[BPF_AUX_LOAD_TIME] = { { "load_time" }, RECORD_UINT },
	[BPF_AUX_NMAPS] = { { "used_map_cnt" }, RECORD_UINT },
	[BPF_AUX_MAPS] = { { "used_maps" }, RECORD_POINTER },
};
RECORD(bpf_aux_record, "bpf_prog_aux", aux_fields);

static const struct record_field map_fields[] = {
	[BPF_MAP_ID] = { { "id" }, RECORD_UINT },
	[BPF_MAP_NAME] = { { "name" }, RECORD_ADDRESS },
	[BPF_MAP_TYPE] = { { "map_type" }, RECORD_UINT },
	[BPF_MAP_FLAGS] = { { "map_flags" }, RECORD_UINT },
	[BPF_MAP_KEY_SIZE] = { { "key_size" }, RECORD_UINT },
	[BPF_MAP_VALUE_SIZE] = { { "value_size" }, RECORD_UINT },
	[BPF_MAP_MAX_ENTRIES] = { { "max_entries" }, RECORD_UINT },
};
RECORD(bpf_map_record, "bpf_map", map_fields);

struct each {
	bpf_fn fn;
	void *ctx;
};

static bool give(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	const struct each *e = ctx;

	(void)last;
	return e->fn(e->ctx, first, entry);
}

vs_status bpf_each(struct kernel *k, bool maps, bpf_fn fn, void *ctx, struct err *err)
{
	struct each e = { fn, ctx };

	return walk_idr(k, maps ? "map_idr" : "prog_idr", give, &e, err);
}

bool bpf_used_maps(const struct record *aux, kva_t ret[BPF_MAX_MAPS], size_t *n)
{
	uint64_t count, table;

	*n = 0;
	if (!record_get(aux, BPF_AUX_NMAPS, &count) || !record_get(aux, BPF_AUX_MAPS, &table) ||
	    count > BPF_MAX_MAPS)
		return false;
	for (; *n < count; ++*n)
		if (mem_read_u64(aux->k->mem, table + 8 * *n, &ret[*n], NULL))
			return false;
	return true;
}
