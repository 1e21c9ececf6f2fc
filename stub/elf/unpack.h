// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* unpack.h - files compressed with zstd: modules of many distributions, whose libdw may be built
 * without zstd (Debian 12's is); the other compressions are libdw's. */
#include "stub/base/buf.h"
#include "stub/base/err.h"

/* Unpack the whole file fd (named path in messages) into out. VS_NOMATCH: not zstd, or built
 * without it; VS_CORRUPT: damaged, or more than 1 GiB. */
vs_status unpack_zstd(const char *path, int fd, struct buf *out, struct err *err);
