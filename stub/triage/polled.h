// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* polled.h - the files for which a task waits in epoll_wait(), select() or poll(). */
#include "stub/triage/waits.h"

struct kernel;

struct polled {
	kva_t file;
	int fd; /* of epoll: when it was added; of the others: one that the task has for the file.
		   -1: unknown */
};

/* The files of a wait whose kind is LOCK_EPOLL or LOCK_POLL, by number. t: the task that waits. The
 * caller frees *ret, which has those that were found if the call fails. */
vs_status polled_files(struct kernel *k, const struct wait *wait, const struct task *t,
		       struct polled **ret, size_t *n, struct err *err);
