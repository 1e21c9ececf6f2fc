// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel.c - the whole synthetic kernel in one object file, besides faults.s. */
#include "place.h"
#include "types.h"
#include "objects.h"

#include "boot.h"
#include "memory.h"
#include "tasks.h"
#include "files.h"
#include "net.h"
#include "ipc.h"
#include "devices.h"
#include "mm.h"
#include "modules.h"
#include "stacks.h"
#include "faults.h"
#include "sched.h"
#include "system.h"
