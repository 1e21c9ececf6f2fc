// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* xencore.h - private to stub/dump: dumps of a Xen guest by `xl dump-core`. */
#include <elf.h>

#include "stub/dump/format.h"

/* Does an ELF file without program headers have Xen's sections? */
bool xencore_is(struct file *f, const Elf64_Ehdr *h);
/* Opens it. */
vs_status xencore_open(struct file *f, const Elf64_Ehdr *h, struct dump_format *out,
		       struct err *err);
