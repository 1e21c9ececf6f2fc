// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* unpack.h - unpacks files compressed with zstd, as modules of many distributions are: libdw may be
 * built without zstd (Debian 12's is). libdw unpacks all other formats. */
#include "stub/base/buf.h"
#include "stub/base/err.h"

/* Unpacks the whole file fd (called path in messages) to out. VS_NOMATCH: not zstd, or vmstub is
 * built without it; VS_CORRUPT: damaged, or more than 1 GiB. */
vs_status unpack_zstd(const char *path, int fd, struct buf *out, struct err *err);
