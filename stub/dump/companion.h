// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* companion.h - private to stub/dump: dumps that are two files, one with registers and one with
 * memory: VMware's .vmss or .vmsn, and .vmem. */
#include "stub/base/err.h"

struct file;

/* Opens the file beside this one that has the same name with another ending: .vmem beside .vmss and
 * .vmsn, and one of these beside .vmem. *ret is NULL if there is none. */
vs_status companion_open(const char *path, struct file **ret, struct err *err);
