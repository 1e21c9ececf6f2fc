// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* taskvar.h - makes a typed variable $task, the selected thread's struct task_struct. */
#include "stub/base/err.h"
#include "stub/base/mem.h"
#include "stub/elf/btfdwarf.h"

/* Makes debug information for a variable "$task" at va, a pointer to struct task_struct, which is
 * only declared here. gdb looks up a name with a dollar first among its registers and convenience
 * variables, and then among symbols, as here. VS_NOMEM. */
vs_status taskvar_build(kva_t va, struct btfdwarf *ret, struct err *err);
