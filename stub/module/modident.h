// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* modident.h - recognizes a module's file without a build-id. */
#include "stub/module/modsect.h"

/* Is this the file of the loaded module, judged by what both have besides a build-id: the release
 * in vermagic, srcversion, and names and sizes of all functions in the module's symbol table in
 * memory? *source: both have a srcversion. VS_NOMATCH: err says what differs. VS_NOTFOUND: nothing
 * could be compared. */
vs_status modident_matches(struct kernel *k, struct module *m, struct elffile *f, bool *source,
			   struct err *err);
