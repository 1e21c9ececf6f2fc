// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* dumpsyms.h - the symbols that the kernel's own memory has. */
#include "stub/base/err.h"

struct kernel;
struct symtab;

/* Adds the symbols of kallsyms, whose tables VMCOREINFO names since 6.0 and which are found by
 * their structure before. VS_NOTFOUND: there are none, or what was found is wrong; after any other
 * failure t has those that could be read. */
vs_status dumpsyms_load(struct kernel *k, struct symtab *t, struct err *err);
