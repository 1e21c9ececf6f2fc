// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btfcheck.h - which types of a BTF blob can be shown. */
#include "stub/base/err.h"

struct btftab;

/* Fills t->sizes, t->bad, t->nbad and t->why for the own types of t, whose records lie inside the
 * section. Only out of memory is a failure. */
vs_status btfcheck(struct btftab *t, struct err *err);
