// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* boot.h - facts about the whole system: time, names, memory, load, panic message. */
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

struct boot_times {
	uint64_t now;	 /* seconds since 1970 when the kernel stopped */
	uint64_t uptime; /* seconds since boot; 0: unknown */
	uint64_t nsec;	 /* nanoseconds to add to now; 0: unknown */
};
/* The struct timekeeper, at most a tick old. */
vs_status boot_timekeeper(struct kernel *k, kva_t *ret, struct err *err);
/* Monotonic time of the last tick, in nanoseconds. */
vs_status boot_monotonic(struct kernel *k, uint64_t *ret, struct err *err);
vs_status boot_times_load(struct kernel *k, struct boot_times *ret, struct err *err);

/* A name of struct new_utsname. */
enum boot_name { BOOT_NODENAME, BOOT_RELEASE, BOOT_VERSION, BOOT_MACHINE };
vs_status boot_utsname(struct kernel *k, enum boot_name name, char *dst, size_t cap,
		       struct err *err);
/* Load averages times 100. */
vs_status boot_loadavg(struct kernel *k, uint64_t ret[3], struct err *err);
/* Pages of RAM present on all nodes. */
vs_status boot_memory_pages(struct kernel *k, uint64_t *ret, struct err *err);
/* The message that says why the kernel crashed. VS_NOTFOUND: the log has none. */
vs_status boot_panic_message(struct kernel *k, char *dst, size_t cap, struct err *err);
