// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel.c - the made-up kernel, all of it: one object file. */
#include "place.h"
#include "types.h"
#include "objects.h"

#include "boot.h"
#include "memory.h"
#include "tasks.h"
