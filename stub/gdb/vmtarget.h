// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* vmtarget.h - the crashed kernel as an rsp_target; here all layers meet. */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/peer.h"
#include "stub/monitor/monitor.h"

struct beacon;
struct kernel;
struct linkdir;
struct rsp_target;
struct vmtarget;

struct vmtarget_options {
	bool entry_first; /* --entry-image-first: gdb has no vmlinux yet */
	bool gdb_on_pipe; /* standard error is a pipe that gdb reads */
	int terminal;	  /* gdb's, borrowed; -1: none. See rsp_target */
	bool all_tasks;	  /* --threads=tasks */
	/* gdb runs on this machine: it opens files itself, many times faster than through vFile. */
	bool local_gdb;
	/* Of gdb. With the Debug Adapter Protocol: see choose_task() in vmtarget.c. */
	enum peer_front_end front_end;
	struct linkdir *links; /* borrowed; NULL: see images_create() */
	struct beacon *beacon; /* borrowed; may be NULL */
};

/* k must outlive the result. NULL without memory. */
struct vmtarget *vmtarget_create(struct kernel *k, const struct vmtarget_options *opt);
void vmtarget_destroy(struct vmtarget *t);

/* Valid as long as t. */
const struct rsp_target *vmtarget_rsp(struct vmtarget *t);

/* Has a `quit` ended the lines that vmtarget_exec() ran? */
bool vmtarget_quit(const struct vmtarget *t);
/* Was the last `set scroll` among them "off"? */
bool vmtarget_scroll_off(const struct vmtarget *t);
/* Runs monitor verbs without gdb, for the thread that gdb would start with: monitor_run_list(). */
vs_status vmtarget_exec(struct vmtarget *t, const char *lines, struct buf *out, monitor_done done,
			void *ctx, struct err *err);
