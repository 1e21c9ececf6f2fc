// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* slot.h - something that is loaded once, when it is first needed. The slot remembers the outcome
 * with the reason. When the kernel is closed, slots are unloaded in reverse order, so that whatever
 * a loader used still exists when it is unloaded. */
#include <stdbool.h>

#include "stub/base/err.h"

struct kernel;

/* owner is whatever the caller passes to slot_need(): the kernel itself, or a part of it. */
struct slot_ops {
	vs_status (*load)(struct kernel *k, void *owner, struct err *err);
	/* Undoes load, even one that failed halfway. NULL: nothing to undo. */
	void (*unload)(struct kernel *k, void *owner);
};

/* All zero: not loaded yet. */
struct slot {
	bool tried;
	vs_status st;
	char *why; /* owned; NULL if loaded */
	const struct slot_ops *ops;
	void *owner;
	struct slot *before; /* loaded before this one */
};

/* Runs ops->load unless it has run, and returns its outcome, with the same text every time. A
 * loader that needs its own slot gets VS_NOTFOUND. ops and owner must outlive the kernel. */
vs_status slot_need(struct kernel *k, struct slot *s, const struct slot_ops *ops, void *owner,
		    struct err *err);
/* Unloads the slot; the next slot_need() loads it again. */
void slot_forget(struct kernel *k, struct slot *s);
/* Sets the outcome without load(), because the data was set by other means or does not exist: from
 * now on slot_need() returns st, with the text why unless it is VS_OK. */
void slot_fill(struct kernel *k, struct slot *s, vs_status st, const char *why);
/* Unloads all of the kernel's slots. */
void slots_unload(struct kernel *k);
