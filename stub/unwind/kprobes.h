// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kprobes.h - the code that kprobes moved, and running handlers. */
#include <stdbool.h>

#include "stub/unwind/dyncode.h"

struct kernel;

/* Heads of kprobe_table, and of kretprobe_inst_table: 1 << KPROBE_HASH_BITS. */
#define KPROBE_TABLE_SIZE 64

/* Is a CPU running the handler for the probe at addr, before the probed instruction: this task's
 * CPU, or any (task 0)? */
bool kprobe_pending(struct kernel *k, kva_t task, kva_t addr);
/* The address of such a probe on any CPU; 0: none. */
kva_t kprobe_pending_at(struct kernel *k);

/* Calls fn for each used slot of kprobe_insn_slots and kprobe_optinsn_slots, as DYNCODE_SLOT or
 * DETOUR, or as DYNCODE_KPROBE if its owner is unknown, with the name of its page, until fn returns
 * false. Broken lists end early. */
typedef bool (*kprobe_slot_fn)(void *ctx, const struct dyncode *d, const char *name);
vs_status kprobe_slots(struct kernel *k, kprobe_slot_fn fn, void *ctx);
