// SPDX-License-Identifier: GPL-3.0-or-later
/* slot.c - loads slots once, remembers failures, unloads in reverse order. */
#include "stub/kernel/slot.h"

#include <stdlib.h>
#include <string.h>

#include "stub/kernel/kernel.h"

static void keep_outcome(struct slot *s, vs_status st, const char *why)
{
	char *text = st ? strdup(why) : NULL;

	free(s->why);
	s->why = text;
	s->st = st;
}

vs_status slot_need(struct kernel *k, struct slot *s, const struct slot_ops *ops, void *owner,
		    struct err *err)
{
	struct err why = { .msg = "" };

	if (!s->tried) {
		s->tried = true; // before load(), so that a slot that needs itself fails and does
				 // not recurse
		keep_outcome(s, VS_NOTFOUND, "being loaded");
		s->ops = ops;
		s->owner = owner;
		keep_outcome(s, ops->load(k, owner, &why), why.msg);
		// Link it after the slots that load() has loaded.
		s->before = k->last_slot;
		k->last_slot = s;
	}
	if (s->st)
		return fail(err, s->st, "%s", s->why ? s->why : "out of memory");
	return VS_OK;
}

static void unload(struct kernel *k, struct slot *s)
{
	if (s->ops && s->ops->unload)
		s->ops->unload(k, s->owner);
	free(s->why);
	*s = (struct slot){ .tried = false };
}

void slot_forget(struct kernel *k, struct slot *s)
{
	for (struct slot **at = &k->last_slot; *at; at = &(*at)->before)
		if (*at == s) {
			*at = s->before;
			unload(k, s);
			return;
		}
}

void slot_fill(struct kernel *k, struct slot *s, vs_status st, const char *why)
{
	slot_forget(k, s);
	s->tried = true;
	keep_outcome(s, st, why);
	s->before = k->last_slot;
	k->last_slot = s;
}

void slots_unload(struct kernel *k)
{
	while (k->last_slot) {
		struct slot *s = k->last_slot;

		k->last_slot = s->before;
		unload(k, s);
	}
}
