// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* tracedat.h - writes ring buffers as a file that trace-cmd and KernelShark open: trace.dat,
 * version 6 (man page trace-cmd.dat.v6). */
#include "stub/base/buf.h"
#include "stub/subsys/trace/comms.h"
#include "stub/subsys/trace/events.h"
#include "stub/subsys/trace/instances.h"

struct kernel;

struct trace_dat {
	struct kernel *k;
	const struct trace_instance *const
		*instances; /* with the same clock; the first is the main one */
	size_t n;
	unsigned ncpus;
	const struct event_types *types;
	struct trace_comms *comms;
	/* Appends the symbols of functions, as /proc/kallsyms has them. */
	void (*put_symbols)(void *ctx, struct buf *out);
	void *ctx;
};

vs_status trace_dat_write(const struct trace_dat *d, struct buf *out, struct err *err);
