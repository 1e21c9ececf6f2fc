// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btfdie.h - the entries of .debug_info for BTF types, unit by unit. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"
#include "stub/base/vec.h"
#include "stub/elf/btftab.h"

enum btfdie_scope {
	/* Every type of the table is defined here; those of its base are declared. */
	BTFDIE_ALL,
	/* Structs and unions with a name are declared, unless there are two of that name. */
	BTFDIE_DECLARED,
};

struct btfdie_patch {
	uint32_t at, id;
};

/* Out of memory is remembered and reported by finish. */
struct btfdie {
	const struct btftab *t;
	struct buf info, str;
	enum btfdie_scope scope;
	size_t unit;	 /* where the unit starts */
	uint32_t *entry; /* by type: its offset in the unit; QUEUED; 0: not needed yet */
	bool *several;	 /* by type: another struct (union, enum) has the same name */
	VEC(uint32_t) queue;
	VEC(struct btfdie_patch) patches;
	bool oom;
};

vs_status btfdie_init(struct btfdie *d, const struct btftab *t, struct err *err);
void btfdie_deinit(struct btfdie *d);

/* Returns where the unit starts, for end. hi != 0: the code of its functions lies in [lo, hi). */
size_t btfdie_begin_unit(struct btfdie *d, const char *name, enum btfdie_scope scope, kva_t lo,
			 kva_t hi);
/* Write the entry of type id, and of all that it needs, before the unit's end. */
void btfdie_need(struct btfdie *d, uint32_t id);
void btfdie_function(struct btfdie *d, const char *name, uint32_t proto, kva_t va, uint64_t size,
		     bool global);
void btfdie_variable(struct btfdie *d, const char *name, uint32_t type, kva_t va, bool global);
void btfdie_end_unit(struct btfdie *d, size_t start);

/* VS_NOMEM, also of earlier calls, or more than 32 bits of offsets. */
vs_status btfdie_finish(struct btfdie *d, struct err *err);
