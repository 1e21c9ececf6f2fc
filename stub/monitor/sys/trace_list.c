// SPDX-License-Identifier: GPL-3.0-or-later
/* trace_list.c - trace -l: the table of ftrace's instances. */
#include "stub/monitor/sys/trace_list.h"

#include <string.h>

#include "stub/kernel/percpu.h"
#include "stub/subsys/trace/instances.h"
#include "stub/subsys/trace/ringbuf.h"

static const struct table_def instance_table = {
	.name = "rows",
	.heading = "INSTANCE         TRACER         ON  CLOCK         KIB    EVENTS OVERWRITTEN   "
		   "DROPPED      READ\n",
	.columns = {
		{ "instance", "", -16, COLUMN_TEXT },
		{ "tracer", " ", -14, COLUMN_TEXT },
		{ "on", " ", -3, COLUMN_FLAG },
		{ "clock", " ", -8, COLUMN_TEXT },
		{ "buffer_kib", " ", 8, COLUMN_NUMBER },
		{ "events", " ", 9, COLUMN_NUMBER },
		{ "overwritten", " ", 11, COLUMN_NUMBER },
		{ "dropped", " ", 9, COLUMN_NUMBER },
		{ "read", " ", 9, COLUMN_NUMBER },
	},
};

/* Sums up what the kernel counted; false: a CPU's buffer could not be read. */
static bool sum_counts(struct kernel *k, const struct trace_instance *i, struct ring_counts *ret)
{
	unsigned ncpus = percpu_ncpus(k);
	bool all = true;

	*ret = (struct ring_counts){ 0 };
	for (unsigned cpu = 0; cpu < ncpus; cpu++) {
		kva_t va = trace_cpu_buffer(k, i, cpu);
		struct ring r;

		if (!va)
			continue;
		all &= ring_open(k, va, i->page_size, &r, NULL) == VS_OK;
		ret->entries += r.counts.entries;
		ret->overrun += r.counts.overrun;
		ret->dropped += r.counts.dropped;
		ret->read += r.counts.read;
		ret->pages += r.counts.pages;
		ring_deinit(&r);
	}
	return all;
}

static void put_counts(struct kernel *k, const struct trace_instance *i, struct table *row)
{
	struct ring_counts c;
	bool all = sum_counts(k, i, &c);

	table_uint(row, c.pages * i->page_size / 1024);
	table_uint(row, c.entries);
	table_uint(row, c.overrun);
	table_uint(row, c.dropped);
	table_uint(row, c.read);
	if (!all)
		table_remark(row, " ", "not all can be read");
}

static void put_instance(struct kernel *k, const struct trace_instance *i, struct table *row)
{
	table_text(row, i->name);
	table_text(row, i->tracer);
	if (i->known_on) {
		table_show(row, "%s", i->on ? "on" : "off");
		table_flag(row, i->on);
	} else {
		table_unknown(row);
	}
	table_text(row, i->clock);
	if (i->st)
		table_remark(row, " ", "%s", i->why.msg);
	else
		put_counts(k, i, row);
	table_end_row(row);
}

void trace_list(struct monitor *m, const struct trace_instance *v, size_t n, const char *only,
		struct buf *out)
{
	struct table t;

	table_begin(&t, &instance_table, m, out);
	for (size_t i = 0; i < n; i++)
		if (!only || strcmp(only, v[i].name) == 0)
			put_instance(m->k, &v[i], &t);
	table_end(&t);
}
