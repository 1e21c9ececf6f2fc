// SPDX-License-Identifier: GPL-3.0-or-later
/* usersp.c - finds what the fast path of a system call saves.
 * The SYSCALL instruction does not change the stack pointer, so entry code keeps it in a per-CPU
 * variable until it has a stack; __switch_to() moves it to thread.usersp. Since 4.1 (263042e4630a)
 * entry code saves it with the other registers. Kernels with mitigations against speculation save
 * all registers before the call (RHEL 7: SAVE_REST, CLEAR_EXTRA_REGS). */
#include "stub/unwind/usersp.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/text.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/task/task_record.h"
#include "stub/task/tasks.h"

#define MAX_ENTRY 4096 /* from the start of system_call to its call */

bool user_sp_is_apart(struct kernel *k)
{
	kva_t va;

	return kernel_symbol(k, "old_rsp", &va, NULL) == VS_OK;
}

vs_status user_sp(struct kernel *k, kva_t task, uint64_t *ret)
{
	kva_t current, va;

	if (!task)
		return VS_NOTFOUND;
	for (unsigned cpu = 0; cpu < percpu_ncpus(k); cpu++) {
		if (task_current(k, cpu, &current, NULL) || current != task)
			continue;
		if (percpu_symbol(k, "old_rsp", cpu, &va, NULL) == VS_OK &&
		    mem_read_u64(k->mem, va, ret, NULL) == VS_OK)
			return VS_OK;
		return VS_NOTFOUND;
	}
	return record_field_read(k, &task_record, task, TASK_USER_SP, ret, NULL) == VS_OK
		       ? VS_OK
		       : VS_NOTFOUND;
}

static bool is_fast_path(const char *name)
{
	return begins_with(name, "system_call") || begins_with(name, "entry_SYSCALL_64");
}

bool user_fast_call(struct kernel *k, kva_t pc, bool *saves_all)
{
	static const char *const starts[] = { "system_call", "entry_SYSCALL_64" };
	const struct symbol *s = k->syms ? symtab_lookup(k->syms, pc) : NULL;
	AUTO_FREE uint8_t *code = NULL;
	kva_t start = 0;

	*saves_all = false;
	if (!s || !is_fast_path(s->name))
		return false;
	for (size_t i = 0; !start && i < sizeof(starts) / sizeof(starts[0]); i++)
		(void)kernel_symbol(k, starts[i], &start, NULL);
	if (!start || start >= pc || pc - start > MAX_ENTRY)
		return true;
	code = malloc(pc - start);
	*saves_all = code && mem_read(k->mem, start, code, pc - start, NULL) == VS_OK &&
		     k->arch->os->entry_frames->saves_all_regs(code, pc - start);
	return true;
}
