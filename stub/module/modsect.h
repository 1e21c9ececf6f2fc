// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* modsect.h - parts of modules.h that need the module's file or its sysfs attributes; private to
 * modules.c, modsect.c, modfile.c and modsyms.c. */
#include "stub/module/modules.h"

/* A symbol of the table a module carries in memory (struct mod_kallsyms). */
struct mod_symbol {
	char name[128];
	kva_t va;
	uint64_t size;
	char type; /* nm letter */
};

/* Walk it until fn returns false. Unreadable parts end the walk with a failure. */
vs_status modsyms_each(struct kernel *k, const struct module *m,
		       bool (*fn)(void *ctx, const struct mod_symbol *s), void *ctx,
		       struct err *err);

bool modsect_add(struct module *m, const char *name, kva_t va);
/* Fill m->id from the sysfs attributes of its notes, once. */
void modsect_find_id(struct kernel *k, struct module *m);
/* Does the loaded module have this build-id (of a candidate file)? Without the attributes, the
 * bytes are looked for in the module's memory. */
bool modsect_id_in_memory(struct kernel *k, struct module *m, const struct build_id *id);
