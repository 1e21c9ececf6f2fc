// SPDX-License-Identifier: GPL-3.0-or-later
/* explain_oom.c - a panic because memory ran out: the verdict of `oom`. */
#include "stub/monitor/stack/explain.h"
#include "stub/subsys/mm/usage.h"
#include "stub/subsys/sys/oomlog.h"
#include "stub/triage/hog.h"

void explain_oom(struct explain *x)
{
	struct mem_usage u;
	struct oom_log log;
	struct hog h;

	if (kernel_need_types(x->m->k, NULL))
		return;
	mem_usage_load(x->m->k, &u);
	(void)oom_log_find(x->m->k, &log, NULL);
	if (hog_find(x->m->k, &u, &log, &h, NULL))
		return;
	explain_label(x, "HOG");
	hog_put(&h, x->out);
	buf_printf(x->out, "\n       [%s]\n", h.basis);
}
