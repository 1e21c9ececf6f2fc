// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btfkfunc.h - finds the prototypes of functions whose last parameters BTF hides. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/base/vec.h"

struct btftab;

struct btfkfunc_row {
	uint32_t function, prototype; /* numbers of types */
};

struct btfkfunc {
	VEC(struct btfkfunc_row) rows; /* sorted by function */
};

/* The build of newer kernels hides the parameters of a kfunc that only the BPF verifier fills in.
 * BTF then has the whole prototype under the name with "_impl" behind it, of which there is no code
 * (KF_IMPLICIT_ARGS, seen in 7.3). Where there is code of that name, too, it is another function,
 * whose parameters have other types. Finds these in t itself, not in its base. has_code: is there a
 * function of this name in memory? Fails only without memory; deinit in any case. */
vs_status btfkfunc_find(const struct btftab *t, bool (*has_code)(void *ctx, const char *name),
			void *ctx, struct btfkfunc *k, struct err *err);
void btfkfunc_deinit(struct btfkfunc *k);
/* Returns the whole prototype of this function, or the one that BTF gives it. */
uint32_t btfkfunc_prototype(const struct btfkfunc *k, uint32_t function, uint32_t given);
