// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btfdie.h - writes the entries of .debug_info for BTF types, unit by unit. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"
#include "stub/base/vec.h"
#include "stub/elf/btftab.h"

enum btfdie_scope {
	/* The unit defines every type of the table, and declares those of its base. */
	BTFDIE_ALL,
	/* The unit only declares structs and unions with a unique name. */
	BTFDIE_DECLARED,
};

struct btfdie_patch {
	uint32_t at, id;
};

/* The struct remembers a lack of memory; btfdie_finish() reports it. */
struct btfdie {
	const struct btftab *t;
	struct buf info, str;
	enum btfdie_scope scope;
	size_t unit;	 /* where the unit starts */
	uint32_t *entry; /* by type: its offset in the unit, QUEUED, or 0: not needed yet */
	bool *several;	 /* by type: another struct (union, enum) has the same name */
	VEC(uint32_t) queue;
	VEC(struct btfdie_patch) patches;
	bool oom;
};

vs_status btfdie_init(struct btfdie *d, const struct btftab *t, struct err *err);
void btfdie_deinit(struct btfdie *d);

/* Returns the unit's start, for btfdie_end_unit(). hi != 0: its functions lie in [lo, hi). */
size_t btfdie_begin_unit(struct btfdie *d, const char *name, enum btfdie_scope scope, kva_t lo,
			 kva_t hi);
/* Makes sure that the unit gets an entry for type id and for all types that it needs. */
void btfdie_need(struct btfdie *d, uint32_t id);
void btfdie_function(struct btfdie *d, const char *name, uint32_t proto, kva_t va, uint64_t size,
		     bool global);
void btfdie_variable(struct btfdie *d, const char *name, uint32_t type, kva_t va, bool global);
void btfdie_end_unit(struct btfdie *d, size_t start);

/* VS_NOMEM, also for earlier calls; VS_UNSUPPORTED if offsets need more than 32 bits. */
vs_status btfdie_finish(struct btfdie *d, struct err *err);
