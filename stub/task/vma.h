// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* vma.h - a process's memory areas. */
#include <stdbool.h>

#include "stub/base/mem.h"

struct kernel;

struct vma {
	kva_t va; /* struct vm_area_struct */
	uint64_t start, end, flags;
	uint64_t pgoff; /* in pages of the file */
	kva_t file;	/* 0: none */
	kva_t ops;	/* struct vm_operations_struct; 0: anonymous */
	bool knows_flags, knows_pgoff, knows_file, knows_ops; /* if false, the member is 0 */
};

typedef bool (*vma_fn)(void *ctx, const struct vma *v);
/* Calls fn for the areas of a struct mm_struct in order of addresses, until it returns false. */
vs_status vma_each(struct kernel *k, kva_t mm, vma_fn fn, void *ctx, struct err *err);
