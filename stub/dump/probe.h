// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* probe.h - recognizes the format of a dump by its first bytes; never by its name. */
#include "stub/base/err.h"
#include "stub/dump/format.h"

/* A format that vmstub reads. */
struct probe {
	const char *name;
	const char *one_file; /* what a file of this format is, if it is never one of a set */
	vs_status (*open)(struct file *const *files, size_t n, struct dump_format *out,
			  struct err *err);
	bool memory_beside; /* the memory may be in a second file, which is raw memory */
};

/* Raw memory, which has no magic. */
extern const struct probe probe_raw;

/* *ret has static storage. VS_UNSUPPORTED: a known format that vmstub cannot read; the error names
 * it and a tool that reads or converts it. VS_CORRUPT: an unknown format. */
vs_status probe_file(struct file *f, const struct probe **ret, struct err *err);
