// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* taskvar.h - $task, the selected thread's struct task_struct, as a variable with a type. */
#include "stub/base/err.h"
#include "stub/base/mem.h"
#include "stub/elf/btfdwarf.h"

/* Debug information of a variable "$task" at va, a pointer to struct task_struct, which is declared
 * here and defined wherever gdb finds it. gdb looks a name with a dollar up among its registers and
 * convenience variables first, and then, as here, among symbols. VS_NOMEM. */
vs_status taskvar_build(kva_t va, struct btfdwarf *ret, struct err *err);
