// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kern.h - a struct kernel whose memory is the fuzzer's input at address 0, so that small numbers
 * in it are pointers. */
#include "stub/kernel/kernel.h"
#include "stub/module/lines.h"
#include "stub/module/modules.h"
#include "tests/unit/kernfix.h"

struct fuzz_kernel {
	struct mem_array array;
	struct fix_kernel fk;
};

/* add() creates the types, once for all kernels, which only borrow them. */
static inline void fuzz_kernel_init(struct fuzz_kernel *f, const uint8_t *data, size_t size,
				    const char *vmcoreinfo, void (*add)(struct btf *b))
{
	static struct types *types;

	if (!types && add) {
		struct btf *b = fix_btf_new();

		add(b);
		types = fix_btf_types(b);
	}
	fix_kernel_init(&f->fk, vmcoreinfo);
	mem_array_init(&f->array, 0, data, size);
	f->fk.k.mem = &f->array.mem;
	if (types)
		fix_kernel_types(&f->fk, types);
}

static inline void fuzz_kernel_deinit(struct fuzz_kernel *f)
{
	f->fk.k.types = NULL; // borrowed
	fix_kernel_deinit(&f->fk);
}
