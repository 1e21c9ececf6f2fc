// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btfcheck.h - finds the types of a BTF blob that gdb can show. */
#include "stub/base/err.h"

struct btftab;

/* Fills t->sizes, t->bad, t->nbad and t->why for the types of t itself, not of its base; their
 * records must lie inside the section. Fails only without memory. */
vs_status btfcheck(struct btftab *t, struct err *err);
