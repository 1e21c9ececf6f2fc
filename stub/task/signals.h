// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* signals.h - a task's signal handlers, and its blocked, pending and queued signals. Signal numbers
 * are 1 to 64. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

#define SIGNALS 64

struct signal_action {
	kva_t va; /* its struct k_sigaction */
	uint64_t handler, mask, flags;
};

struct task_signals {
	kva_t signal; /* struct signal_struct */
	uint64_t nr_threads;
	uint64_t blocked;
	uint64_t private_pending, shared_pending; /* bit n - 1: signal n */
	kva_t private_list, shared_list;	  /* struct list_head of struct sigqueue */
};

/* VS_NOTFOUND: the task is dead and has no signals any more. */
vs_status signals_load(struct kernel *k, kva_t task, struct task_signals *ret, struct err *err);
vs_status signals_actions(struct kernel *k, kva_t task, struct signal_action ret[SIGNALS],
			  struct err *err);
/* Numbers and struct siginfo of queued signals; stores at most cap, *n is their number. */
struct signal_queued {
	uint64_t number;
	bool known; /* the number is known */
	kva_t info;
};
vs_status signals_queue(struct kernel *k, kva_t list, struct signal_queued *ret, size_t cap,
			size_t *n, struct err *err);
/* "SIGHUP", ..., "SIGRTMIN+4"; NULL for an invalid number. */
const char *signal_name(unsigned number);
/* "(SA_RESTORER|SA_RESTART)", "" for none. */
void signal_put_flags(uint64_t flags, struct buf *out);
