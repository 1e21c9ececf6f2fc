// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* open.h - opens dumps as the command line says. */
#include <stddef.h>
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/dump/ram_map.h"

struct dump;

struct open_options {
	bool unpack;	 /* --unpack: compressed files and "-", standard input */
	const char *dir; /* for the unpacked copies; NULL: a usual place */
	bool quiet;	 /* no progress on standard error */
	/* --ram-map: the file is nothing but memory; with no pieces: it is not given. */
	struct ram_map ram_map;
};

/* Like dump_open(). */
vs_status open_dump(const struct open_options *o, const char *const *paths, size_t n,
		    struct dump **ret, struct err *err);
