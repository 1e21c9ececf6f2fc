// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* bpf.h - loaded BPF programs and maps. Callers get addresses and read them with record tables. */
#include <stdbool.h>

#include "stub/kernel/record.h"

enum bpf_prog_field {
	BPF_PROG_AUX,
	BPF_PROG_TYPE,
	BPF_PROG_TAG,
	BPF_PROG_LEN, /* instructions of 8 bytes */
	BPF_PROG_JITED_LEN,
	BPF_PROG_PAGES,
	BPF_PROG_GPL,
	BPF_PROG_FUNC,
};
extern const struct record_def bpf_prog_record;

enum bpf_aux_field {
	BPF_AUX_NAME,
	BPF_AUX_LOAD_TIME, /* nanoseconds after boot */
	BPF_AUX_NMAPS,
	BPF_AUX_MAPS,
};
extern const struct record_def bpf_aux_record;

enum bpf_map_field {
	BPF_MAP_ID,
	BPF_MAP_NAME,
	BPF_MAP_TYPE,
	BPF_MAP_FLAGS,
	BPF_MAP_KEY_SIZE,
	BPF_MAP_VALUE_SIZE,
	BPF_MAP_MAX_ENTRIES,
};
extern const struct record_def bpf_map_record;

#define BPF_MAX_MAPS 64 /* MAX_USED_MAPS: of one program */

/* Calls fn for each struct bpf_prog or bpf_map, in order of IDs, until it returns false. */
typedef bool (*bpf_fn)(void *ctx, uint64_t id, kva_t object);
vs_status bpf_each(struct kernel *k, bool maps, bpf_fn fn, void *ctx, struct err *err);
/* The struct bpf_maps that a program uses (aux: its record), at most BPF_MAX_MAPS. False: there may
 * be more. */
bool bpf_used_maps(const struct record *aux, kva_t ret[BPF_MAX_MAPS], size_t *n);
