// SPDX-License-Identifier: GPL-3.0-or-later
/* culprits.c - modules that may have to do with the crash, each with the reasons: facts about the
 * module, which prove nothing. */
#include <string.h>

#include "stub/base/buf.h"
#include "stub/kernel/kernel.h"
#include "stub/module/modules.h"
#include "stub/report/parts.h"
#include "stub/subsys/sys/taint.h"

static void add_reason(struct crash_report *r, struct crash_culprit *c, const char *reason)
{
	if (!vec_push(&c->reasons, reason))
		r->no_memory = true;
}

/* The innermost frame of the module; NULL: none. */
static const struct crash_frame *frame_in(const struct crash_frames *t,
					  const struct crash_culprit *c)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].module && strcmp(t->v[i].module, c->module) == 0)
			return &t->v[i];
	return NULL;
}

static const char *name_of(const struct crash_frame *f)
{
	return f->function ? f->function : "unknown function";
}

/* Where the module is in the trace, and in the stack of the task that hung. */
static void reasons_of_trace(struct crash_report *r, struct crash_culprit *c)
{
	const struct crash_frame *f = frame_in(&r->trace, c), *hung = frame_in(&r->hung.trace, c),
				 *stalled = frame_in(&r->stalled.trace, c);

	if (f == r->trace.v && f)
		add_reason(r, c, crash_printf(r, "the crash is in its function %s", name_of(f)));
	else if (f)
		add_reason(r, c, crash_printf(r, "its function %s is in the trace", name_of(f)));
	if (stalled)
		add_reason(r, c,
			   crash_printf(r, "its function %s is in the stack of what was stuck",
					name_of(stalled)));
	if (hung)
		add_reason(r, c,
			   crash_printf(r, "its function %s is in the stack of the task that hung",
					name_of(hung)));
}

/* Why it taints the kernel: it is out of tree, unsigned, proprietary ... */
static vs_status reasons_of_taint(struct kernel *k, const struct module *m, struct crash_report *r,
				  struct crash_culprit *c, struct err *err)
{
	struct buf letters = { 0 };
	uint64_t mask;
	vs_status st = module_taints(k, m, &mask, err);

	if (st == VS_OK && mask)
		st = taint_put(k, mask, &letters, err);
	for (const char *l = buf_str(&letters); st == VS_OK && *l; l++)
		add_reason(r, c,
			   taint_words(*l) ? taint_words(*l)
					   : crash_printf(r, "unknown taint flag %c", *l));
	buf_deinit(&letters);
	return st;
}

void crash_take_culprits(struct kernel *k, struct crash_report *r)
{
	struct modules *mods;
	struct err why;
	vs_status st = kernel_need_modules(k, &mods, &why);

	r->have_culprits = st == VS_OK;
	for (size_t i = 0; st == VS_OK && i < mods->n; i++) {
		struct crash_culprit c = { .module = crash_copy(r, mods->v[i].name) };
		struct err taint_why;

		reasons_of_trace(r, &c);
		if (reasons_of_taint(k, &mods->v[i], r, &c, &taint_why))
			crash_miss(r, "culprits", taint_why.msg);
		if (!c.reasons.n)
			continue;
		if (!vec_push(&r->culprits, (c))) {
			vec_free(&c.reasons);
			r->no_memory = true;
		}
	}
	if (st || mods->stop)
		crash_miss(r, "culprits", st ? why.msg : mods->why.msg);
}
