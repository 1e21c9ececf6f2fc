// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* keyed.h - waiters that share a hash table's lists with waiters for other things, so that their
 * own struct names what they wait for: bits of words and pages, futexes, and files. */
#include "stub/kernel/record.h"
#include "stub/triage/waits.h"

struct kernel;

/* Rows of a keyed waiter's table; the first two are those of enum waiter_field. */
enum keyed_field { KEYED_LINK, KEYED_TASK, KEYED_KEY, KEYED_BIT };

/* Kind i of waiters whose struct may be in the frame of a function; NULL: there are no more, and
 * *kind is unchanged. idle: also futexes and files. */
const struct record_def *keyed_of_function(const char *function, bool idle, size_t i,
					   enum lock_kind *kind);
/* Sets what the wait is for, by its kind and its waiter's struct. */
void keyed_read(struct kernel *k, struct wait *wait);
