// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* usermem.h - the user memory of the selected task, for verbs that take a user address. */
#include "stub/monitor/monitor.h"
#include "stub/task/taskmem.h"

/* Fails if the selected task has none, and then says how to select another one. */
vs_status user_mem_init(struct monitor *m, struct task_mem *ret, struct err *err);
