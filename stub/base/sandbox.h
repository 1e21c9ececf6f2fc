// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* sandbox.h - give up, for good, what reading a dump does not need. */
#include <stdbool.h>

#include "stub/base/err.h"

/* From here on this process may read files, talk over what is open, and use memory (up to a limit);
 * it may start no program or process, open no socket, write, create, rename or remove no file, and
 * make no memory executable. What would is ended by SIGSYS; system calls that nothing here needs
 * fail with ENOSYS. VS_UNSUPPORTED: this build or this kernel cannot; privileges are dropped all
 * the same. */
vs_status sandbox_enter(struct err *err);
