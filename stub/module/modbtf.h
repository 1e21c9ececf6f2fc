// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* modbtf.h - the BTF that the kernel keeps of a loaded module (36e68442d1af, Linux 5.11). */
#include <stddef.h>

#include "stub/base/err.h"

struct kernel;
struct module;

/* Split BTF of the module, which counts types and strings on from the kernel's own BTF
 * (types_raw_btf()). *ret is malloced, the caller's. VS_NOTFOUND: the kernel has none for this
 * module. VS_CORRUPT: it does not continue the kernel's. Others: its memory cannot be read. */
vs_status module_btf(struct kernel *k, const struct module *m, void **ret, size_t *len,
		     struct err *err);
