/* SPDX-License-Identifier: GPL-2.0 */
/* l2q.h - threads for which others wait, a disk that never answers and a workqueue whose worker
 * sleeps. */
#pragma once

#include <linux/types.h>

struct l2q_thread {
	int (*fn)(void *unused);
	const char *name;
};

/* Starts threads one after the other, so that they wait in this order. */
int l2q_run(const struct l2q_thread *thread, size_t n);
int l2q_stuck_start(void);
