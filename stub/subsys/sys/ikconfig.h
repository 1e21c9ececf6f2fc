// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* ikconfig.h - the kernel's own copy of its configuration (CONFIG_IKCONFIG, kernel/configs.c):
 * .config, packed with gzip, between the marks IKCFG_ST and IKCFG_ED in read-only data. */
#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

/* Searches the kernel's image for the first mark, because the symbol kernel_config_data is data,
 * which kallsyms lacks without CONFIG_KALLSYMS_ALL. *ret: the address of the mark. VS_NOTFOUND:
 * there is none. */
vs_status ikconfig_find(struct kernel *k, kva_t *ret, struct err *err);

/* Appends the text of .config. data: where kernel_config_data is, before or (since 5.1) behind the
 * first mark. VS_CORRUPT: no copy of a configuration, or a damaged one. */
vs_status ikconfig_read(struct kernel *k, kva_t data, struct buf *out, struct err *err);
