// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* entrywords.h - corrects words on the stack that mislead gdb in kernels without ORC: where the
 * stack is switched, and, before 4.2, where vmlinux's own rules for entry code are wrong. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/mem.h"

struct kernel;

/* data is the memory at va, len bytes. Changes two kinds of words in it: those by which gdb finds
 * an interrupt's saved registers (unless own_rules: vmstub's rules override vmlinux's), and those
 * that make a stack switch look like corruption to gdb. Does nothing for kernels with ORC. */
void entrywords_show(struct kernel *k, kva_t va, void *data, size_t len, bool own_rules);
