// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* slot.h - something that is loaded once, when it is first asked for. Its outcome is remembered
 * with the reason, and what was loaded is unloaded when the kernel is closed, the last one first,
 * so that whatever a loader used is still there when its own work is undone. */
#include <stdbool.h>

#include "stub/base/err.h"

struct kernel;

/* owner is whatever the caller passes to slot_need(): the kernel itself, or a part of it. */
struct slot_ops {
	vs_status (*load)(struct kernel *k, void *owner, struct err *err);
	/* Undoes load, also one that failed half way. NULL: nothing to undo. */
	void (*unload)(struct kernel *k, void *owner);
};

/* All zero: not yet asked for. */
struct slot {
	bool tried;
	vs_status st;
	char *why; /* owned; NULL when loaded */
	const struct slot_ops *ops;
	void *owner;
	struct slot *before; /* loaded before this one */
};

/* Runs ops->load unless it has run, and gives its outcome, with the same text every time. A loader
 * that needs its own slot is told VS_NOTFOUND. ops and owner must outlive the kernel. */
vs_status slot_need(struct kernel *k, struct slot *s, const struct slot_ops *ops, void *owner,
		    struct err *err);
/* Unloads it; the next slot_need() loads it anew. */
void slot_forget(struct kernel *k, struct slot *s);
/* For whoever has put there by other means what load would have, or has found that there is
 * nothing: gives st from now on, with the text why unless it is VS_OK. */
void slot_fill(struct kernel *k, struct slot *s, vs_status st, const char *why);
/* Unloads all of the kernel's slots. */
void slots_unload(struct kernel *k);
