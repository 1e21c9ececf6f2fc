// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* cpus.h - what each CPU was doing: its registers, wherever the dump keeps them. */
#include "stub/arch.h"

struct kernel;

/* The CPU that panicked. VS_NOTFOUND when the kernel had not (a live snapshot). */
vs_status cpu_panicked(struct kernel *k, unsigned *ret, struct err *err);

/* Registers of a CPU with the place they come from: frame 0 of its stack. VS_NOTFOUND: the CPU
 * saved none (offline, or hung with interrupts off); err says so. */
vs_status cpu_frame(struct kernel *k, unsigned cpu, struct frame *ret, struct err *err);

/* The nth NT_PRSTATUS of the dump, whichever CPU it is of; no register is known when it cannot be
 * read. VS_NOTFOUND behind the last. */
vs_status cpu_note(struct kernel *k, size_t nth, struct frame *ret);

/* Was the CPU online, also when panic() has then stopped it? stop_this_cpu() clears its bit in
 * cpu_online_mask; the CPU's hotplug state stays what it was. */
bool cpu_was_online(struct kernel *k, unsigned cpu);
/* Was the CPU in use: online, or with registers in the dump? */
bool cpu_in_use(struct kernel *k, unsigned cpu);
