// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* probe.h - which dump format a file is, by its first bytes; never by its name. */
#include "stub/base/err.h"
#include "stub/dump/format.h"

/* A format vmstub reads. */
struct probe {
	const char *name;
	vs_status (*open)(struct file *const *files, size_t n, struct dump_format *out,
			  struct err *err);
};

/* *ret has static storage. VS_UNSUPPORTED names a format that is known but not read, with the tool
 * that does or converts it; VS_CORRUPT: nothing known. */
vs_status probe_file(struct file *f, const struct probe **ret, struct err *err);
