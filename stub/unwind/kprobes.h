// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kprobes.h - where kprobes put the code they moved. */
#include <stdbool.h>

#include "stub/unwind/dyncode.h"

struct kernel;

/* Heads of kprobe_table, and of kretprobe_inst_table: 1 << KPROBE_HASH_BITS. */
#define KPROBE_TABLE_SIZE 64

/* Does a CPU run the handler that comes before the probed instruction at addr: on this task's CPU,
 * or on any (task 0)? */
bool kprobe_pending(struct kernel *k, kva_t task, kva_t addr);
/* Where, on any CPU; 0: nowhere. */
kva_t kprobe_pending_at(struct kernel *k);

/* Each slot in use of kprobe_insn_slots and kprobe_optinsn_slots, as DYNCODE_SLOT or DETOUR, or as
 * DYNCODE_KPROBE when its owner is unknown; with the name of its page. Lists that break off
 * give what they had. fn returns false to end it. */
typedef bool (*kprobe_slot_fn)(void *ctx, const struct dyncode *d, const char *name);
vs_status kprobe_slots(struct kernel *k, kprobe_slot_fn fn, void *ctx);
