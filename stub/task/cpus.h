// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* cpus.h - the registers of each CPU, wherever the dump has them. */
#include "stub/arch.h"

struct kernel;

/* The CPU that panicked. Fails if the kernel had not panicked (a live snapshot), or if that cannot
 * be read; err says which. */
vs_status cpu_panicked(struct kernel *k, unsigned *ret, struct err *err);

/* Registers of a CPU, as frame 0 of its stack, with their source. VS_NOTFOUND: the CPU saved none
 * (offline, or hung with interrupts off); err says so. */
vs_status cpu_frame(struct kernel *k, unsigned cpu, struct frame *ret, struct err *err);

/* The nth NT_PRSTATUS of the dump, of any CPU; if it cannot be read, no register is known.
 * VS_NOTFOUND: there are fewer. */
vs_status cpu_note(struct kernel *k, size_t nth, struct frame *ret);

/* Was the CPU online before panic() stopped it? stop_this_cpu() clears its bit in cpu_online_mask,
 * but does not change the CPU's hotplug state. */
bool cpu_was_online(struct kernel *k, unsigned cpu);
/* Was the CPU in use: online, or with registers in the dump? */
bool cpu_in_use(struct kernel *k, unsigned cpu);
