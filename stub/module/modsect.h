// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* modsect.h - parts of modules.h that need the module's file or its sysfs attributes; private to
 * modules.c, modsect.c, modfile.c and modsyms.c. */
#include "stub/module/modules.h"

/* A symbol of the table that a module has in memory (struct mod_kallsyms). */
struct mod_symbol {
	char name[128];
	kva_t va;
	uint64_t size;
	char type; /* nm letter */
};

/* Calls fn for each symbol of that table until it returns false. Fails at an unreadable part. */
vs_status modsyms_each(struct kernel *k, const struct module *m,
		       bool (*fn)(void *ctx, const struct mod_symbol *s), void *ctx,
		       struct err *err);

bool modsect_add(struct module *m, const char *name, kva_t va);
/* Fill m->id from the sysfs attributes of its notes, once. */
void modsect_find_id(struct kernel *k, struct module *m);
/* Does the loaded module have this build-id (of a candidate file)? Without the attributes, this
 * searches the module's memory for the bytes. */
bool modsect_id_in_memory(struct kernel *k, struct module *m, const struct build_id *id);
