// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* coremap.h - which parts of a process's memory its core has: segments of an ELF file. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/usercore/process.h"

/* A part of one memory area. */
struct core_segment {
	uint64_t va, len;
	uint32_t flags; /* PF_R, PF_W, PF_X */
	bool saved;	/* false: the core does not have its contents */
	size_t area;	/* in struct process */
};

struct core_map {
	struct core_segment *v;
	size_t n, cap;
	uint64_t bytes;		     /* of all saved segments */
	uint64_t pages[PAGE_STATES]; /* how many there are of each kind */
	uint64_t untouched;	     /* pages of zeros that are not saved: there are too many */
	bool cut;		     /* there is more than a core can have; the rest is not saved */
	struct err missing;	     /* why the first PAGE_MISSING is */
};

/* Looks at each page of the process. The caller frees *ret in any case. VS_NOMEM. */
vs_status core_map_make(struct process *p, struct core_map *ret, struct err *err);
void core_map_free(struct core_map *m);
