// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* entrywords.h - words on the stack that gdb reads by vmlinux's own rules for entry code, and that
 * lead it astray there in kernels before 4.2. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/mem.h"

struct kernel;

/* data is the memory at va, len bytes. Two kinds of words in it are changed: by which gdb would not
 * find what an interrupt saved (unless own_rules: rules of ours go before those of vmlinux), and by
 * which it would take a switch of stacks for corruption. Nothing in kernels with ORC. */
void entrywords_show(struct kernel *k, kva_t va, void *data, size_t len, bool own_rules);
