// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* sandbox.h - permanently drops privileges that reading a dump does not need. */
#include <stdbool.h>

#include "stub/base/err.h"

/* From here on this process may read files, use open descriptors, and use memory (up to a limit).
 * Starting programs or processes, opening sockets, writing, creating, renaming or removing files,
 * and making memory executable is fatal (SIGSYS); other system calls that vmstub does not need
 * fail with ENOSYS. VS_UNSUPPORTED: this build or kernel has no seccomp; the rest of the privileges
 * is dropped nevertheless. */
vs_status sandbox_enter(struct err *err);
