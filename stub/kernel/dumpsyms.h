// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* dumpsyms.h - the symbols that the kernel's own memory has. */
#include "stub/base/err.h"

struct kernel;

/* Loads k->dump_syms from kallsyms, whose tables VMCOREINFO names since 6.0 and which are found by
 * their structure before. Of damaged tables it has what could be read. */
vs_status kernel_need_dump_syms(struct kernel *k, struct err *err);
