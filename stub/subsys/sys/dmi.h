// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* dmi.h - the machine's vendor and model as its firmware describes them, from the kernel's copy. */
#include "stub/base/err.h"

struct kernel;

/* Calls fn for each DMI string with the name of its enumerator of enum dmi_field, such as
 * "DMI_SYS_VENDOR". The text is printable; if it cannot be read, it says why in parentheses. */
typedef void (*dmi_fn)(void *ctx, const char *name, const char *text);
vs_status dmi_each(struct kernel *k, dmi_fn fn, void *ctx, struct err *err);
