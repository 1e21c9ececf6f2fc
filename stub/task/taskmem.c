// SPDX-License-Identifier: GPL-3.0-or-later
/* taskmem.c - the address space of one task. */
#include "stub/task/taskmem.h"

#include "stub/kernel/kernel.h"
#include "stub/task/tasks.h"

static struct mem_got read_task(const struct mem *mem, uint64_t va, void *dst, size_t len,
				struct err *err)
{
	const struct task_mem *m = mem->ctx;

	return kmem_read_as(m->k->kmem, m->root, va, dst, len, err);
}

vs_status task_mem_init(struct task_mem *m, struct kernel *k, kva_t task, struct err *err)
{
	vs_status st;

	*m = (struct task_mem){ .mem = { read_task, m }, .k = k };
	st = task_page_root(k, task, &m->root, err);
	return st == VS_NOTFOUND ? VS_OK : st;
}
