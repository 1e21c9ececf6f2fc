// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* raw.h - private to stub/dump: files that are nothing but memory. */
#include "stub/dump/format.h"

/* Can the file be raw memory, by its size? */
bool raw_possible(struct file *f);
/* Opens it by out->ram_map. Without that, VS_CORRUPT unless a kernel is in it. */
vs_status raw_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err);
/* The same for a part of a file; format is its name, of static storage. */
vs_status raw_open_part(struct file *f, uint64_t base, uint64_t size, const char *format,
			struct dump_format *out, struct err *err);
