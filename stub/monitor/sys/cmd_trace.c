// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_trace.c - trace: the events that ftrace recorded. */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/kernel/percpu.h"
#include "stub/module/modules.h"
#include "stub/monitor/cmd.h"
#include "stub/monitor/sys/trace_list.h"
#include "stub/monitor/cpulist.h"
#include "stub/subsys/trace/comms.h"
#include "stub/subsys/trace/context.h"
#include "stub/subsys/trace/events.h"
#include "stub/subsys/trace/eventtext.h"
#include "stub/subsys/trace/merge.h"
#include "stub/subsys/trace/tracedat.h"

struct trace {
	struct monitor *m;
	struct args *a;
	struct buf *out;
	struct trace_instance *instances;
	size_t n;
	struct event_types types;
	struct event_common common;
	struct context_flags flags;
	struct trace_comms *comms;
	struct event_texts *texts;
	const struct event_type **by_id; /* EVENT_MAX_ID + 1 */
	bool *wanted;			 /* by ID, if -e was given */
	bool named;			 /* lines start with the name of the instance */
	size_t shown;
};

static bool find_symbol(void *ctx, kva_t va, struct event_symbol *ret)
{
	struct trace *t = ctx;
	struct addr_name n;

	if (!cmd_lookup(t->m, va, &n))
		return false;
	*ret = (struct event_symbol){ n.sym->name, n.owner, n.sym->va };
	return true;
}

/* --- selection */

static bool wants_instance(const struct trace *t, const struct trace_instance *i)
{
	const char *name = cmd_value(t->a, "i");

	return !name || strcmp(name, i->name) == 0;
}

static bool wants_cpu(const struct trace *t, unsigned cpu)
{
	const char *list = cmd_value(t->a, "c");
	bool bad = false;

	return !list || cpulist_has(list, cpu, &bad);
}

static bool wants_pid(const struct trace *t, int32_t pid)
{
	bool any = false;

	for (size_t i = 0; i < t->a->given.n; i++) {
		const struct cmd_given *g = &t->a->given.v[i];

		if (strcmp(g->opt->name, "p") != 0)
			continue;
		any = true;
		if (strtol(g->arg, NULL, 10) == pid)
			return true;
	}
	return !any;
}

/* Is it of an event that a -e names: NAME, SYSTEM:NAME or SYSTEM:, with wildcards? */
static bool names_type(const char *pattern, const struct event_type *type)
{
	const char *colon = strchr(pattern, ':');
	char system[EVENT_NAME_MAX];

	if (!colon)
		return fnmatch(pattern, type->name, 0) == 0;
	snprintf(system, sizeof(system), "%.*s", (int)(colon - pattern), pattern);
	return fnmatch(system, type->system, 0) == 0 &&
	       (!colon[1] || fnmatch(colon + 1, type->name, 0) == 0);
}

static vs_status select_types(struct trace *t, const char *pattern, struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < t->types.n; i++)
		if (names_type(pattern, &t->types.v[i]))
			any = t->wanted[t->types.v[i].id] = true;
	return any ? VS_OK : fail(err, VS_NOTFOUND, "%s: this kernel has no such event", pattern);
}

static vs_status check_selection(struct trace *t, struct err *err)
{
	const char *cpus = cmd_value(t->a, "c");
	bool bad = false, found = false;
	vs_status st = VS_OK;
	uint64_t pid;

	if (cpus)
		(void)cpulist_has(cpus, 0, &bad);
	if (bad)
		return fail(err, VS_INVAL, "%s: not a list of CPUs", cpus);
	for (size_t i = 0; st == VS_OK && i < t->a->given.n; i++) {
		const struct cmd_given *g = &t->a->given.v[i];

		if (strcmp(g->opt->name, "p") == 0 && !cmd_number(g->arg, &pid))
			st = fail(err, VS_INVAL, "%s: not a PID", g->arg);
	}
	for (size_t i = 0; i < t->n; i++)
		found |= wants_instance(t, &t->instances[i]);
	if (st == VS_OK && !found)
		st = fail(err, VS_NOTFOUND, "there is no instance %s",
			  cmd_value(t->a, "i") ? cmd_value(t->a, "i") : "");
	return st;
}

/* --- events */

static const struct event_type *type_of(const struct trace *t, const struct ring_event *e)
{
	return t->by_id[load_u16(e->data + t->common.type)];
}

static void put_event(struct trace *t, const struct merge_source *s)
{
	const struct ring_event *e = &s->event;
	struct event_context c = { .cpu = s->cpu, .ts = e->ts, .ns = s->instance->clock_ns };
	const struct event_type *type;
	uint16_t id;

	if (e->len < t->common.size) {
		if (!t->wanted)
			buf_printf(t->out, "# %s, CPU %u: a damaged event of %zu bytes\n",
				   s->instance->name, s->cpu, e->len);
		return;
	}
	id = load_u16(e->data + t->common.type);
	c.pid = (int32_t)load_u32(e->data + t->common.pid);
	if ((t->wanted && !t->wanted[id]) || !wants_pid(t, c.pid))
		return;
	t->shown++;
	c.comm = trace_comms_get(t->comms, c.pid);
	c.flags = e->data[t->common.flags];
	c.preempt_count = e->data[t->common.preempt_count];
	if (t->named)
		buf_printf(t->out, "%-8s ", s->instance->name);
	event_context_put(&t->flags, &c, t->out);
	type = type_of(t, e);
	if (type)
		event_text_put(t->texts, type, e->data, e->len, t->out);
	else
		buf_printf(t->out, "(unknown event %u of %zu bytes)\n", id, e->len);
}

/* Says what is missing from a CPU's buffer, before its events. */
static void put_lost(const struct trace *t, const struct merge_source *s)
{
	const struct ring_counts *c = &s->ring.counts;

	if (c->overrun)
		buf_printf(t->out, "# %s, CPU %u: newer events have overwritten %" PRIu64 "\n",
			   s->instance->name, s->cpu, c->overrun);
	if (c->dropped)
		buf_printf(t->out, "# %s, CPU %u: there was no room for %" PRIu64 " events\n",
			   s->instance->name, s->cpu, c->dropped);
	if (c->read)
		buf_printf(t->out, "# %s, CPU %u: a reader took %" PRIu64 " events\n",
			   s->instance->name, s->cpu, c->read);
}

/* The same, behind them. */
static void put_damage(const struct trace *t, const struct merge_source *s)
{
	if (s->ring.writing)
		buf_printf(t->out, "# %s, CPU %u: an event was being written and is not shown\n",
			   s->instance->name, s->cpu);
	if (s->ring.bad_pages)
		buf_printf(t->out, "# %s, CPU %u: %" PRIu64 " pages with events are missing: %s\n",
			   s->instance->name, s->cpu, s->ring.bad_pages, s->ring.why.msg);
}

static void add_instance(struct trace *t, struct merge *m, const struct trace_instance *i)
{
	unsigned ncpus = percpu_ncpus(t->m->k);
	struct err err;

	if (i->st) {
		buf_printf(t->out, "# %s: %s\n", i->name, i->why.msg);
		return;
	}
	if (i->on)
		buf_printf(t->out, "# %s: was recording until the kernel stopped\n", i->name);
	for (unsigned cpu = 0; cpu < ncpus; cpu++) {
		kva_t va = wants_cpu(t, cpu) ? trace_cpu_buffer(t->m->k, i, cpu) : 0;

		if (va && merge_add(m, t->m->k, i, cpu, va, &err))
			buf_printf(t->out, "# %s, CPU %u: %s\n", i->name, cpu, err.msg);
	}
}

/* Shows the instances whose times can be compared. */
static void show_clock(struct trace *t, const char *clock)
{
	struct merge m = { 0 };
	const struct merge_source *s;

	for (size_t i = 0; i < t->n; i++)
		if (wants_instance(t, &t->instances[i]) &&
		    strcmp(t->instances[i].clock, clock) == 0)
			add_instance(t, &m, &t->instances[i]);
	for (size_t i = 0; i < m.n; i++)
		put_lost(t, m.v[i]);
	while (!buf_stopped(t->out) && (s = merge_next(&m)))
		put_event(t, s);
	for (size_t i = 0; i < m.n; i++)
		put_damage(t, m.v[i]);
	merge_deinit(&m);
}

static bool is_first_with_clock(const struct trace *t, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (wants_instance(t, &t->instances[j]) &&
		    strcmp(t->instances[j].clock, t->instances[i].clock) == 0)
			return false;
	return wants_instance(t, &t->instances[i]);
}

static vs_status show_events(struct trace *t)
{
	size_t clocks = 0;

	for (size_t i = 0; i < t->n; i++)
		clocks += is_first_with_clock(t, i);
	t->named = t->n > 1 && !cmd_value(t->a, "i");
	for (size_t i = 0; i < t->n && !buf_stopped(t->out); i++) {
		if (!is_first_with_clock(t, i))
			continue;
		if (clocks > 1)
			buf_printf(t->out, "# clock: %s\n", t->instances[i].clock);
		show_clock(t, t->instances[i].clock);
	}
	if (!t->shown)
		buf_puts(t->out, "(no events)\n");
	return VS_OK;
}

static vs_status prepare(struct trace *t, struct err *err)
{
	struct kernel *k = t->m->k;
	vs_status st = event_types_load(k, &t->types, err);

	if (st == VS_OK)
		st = event_common_load(k, &t->common, err);
	if (st == VS_OK)
		st = event_texts_create(k, &t->types, find_symbol, t, &t->texts, err);
	if (st)
		return st;
	context_flags_load(k, &t->flags);
	t->comms = trace_comms_create(k);
	t->by_id = calloc(EVENT_MAX_ID + 1, sizeof(*t->by_id));
	if (cmd_has(t->a, "e"))
		t->wanted = calloc(EVENT_MAX_ID + 1, sizeof(*t->wanted));
	if (!t->comms || !t->by_id || (cmd_has(t->a, "e") && !t->wanted))
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; i < t->types.n; i++)
		t->by_id[t->types.v[i].id] = &t->types.v[i];
	for (size_t i = 0; st == VS_OK && i < t->a->given.n; i++)
		if (strcmp(t->a->given.v[i].opt->name, "e") == 0)
			st = select_types(t, t->a->given.v[i].arg, err);
	return st;
}

/* --- a file */

static bool is_code(const struct symbol *s)
{
	return strchr("tTwW", s->type) != NULL;
}

static void put_table(const struct symtab *syms, const char *module, struct buf *out)
{
	for (size_t i = 0; i < symtab_count(syms); i++) {
		const struct symbol *s = symtab_at(syms, i);

		if (is_code(s))
			buf_printf(out, "%016" PRIx64 " %c %s%s%s%s\n", s->va, s->type, s->name,
				   module ? "\t[" : "", module ? module : "", module ? "]" : "");
	}
}

static void put_symbols(void *ctx, struct buf *out)
{
	const struct trace *t = ctx;
	struct kernel *k = t->m->k;
	struct modules *mods;

	if (kernel_need_syms(k, NULL) == VS_OK)
		put_table(k->syms, NULL, out);
	if (kernel_need_modules(k, &mods, NULL))
		return;
	for (size_t i = 0; i < mods->n; i++)
		if (module_need_syms(k, &mods->v[i], NULL) == VS_OK)
			put_table(mods->v[i].syms, mods->v[i].name, out);
}

/* The file has one clock, so instances with another than the first one's are left out. */
static vs_status dump_file(struct trace *t, struct err *err)
{
	AUTO_FREE const struct trace_instance **chosen = calloc(t->n, sizeof(*chosen));
	struct trace_dat d = { .k = t->m->k, .types = &t->types, .ctx = t };
	vs_status st = event_types_load(t->m->k, &t->types, err);

	t->comms = trace_comms_create(t->m->k);
	if (!chosen || !t->comms)
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; i < t->n; i++) {
		const struct trace_instance *in = &t->instances[i];

		if (!wants_instance(t, in) || in->st)
			continue;
		if (d.n && (strcmp(in->clock, chosen[0]->clock) != 0 ||
			    in->page_size != chosen[0]->page_size))
			log_warn("instance %s has another clock or page size than %s and is left "
				 "out; -i %s writes it alone",
				 in->name, chosen[0]->name, in->name);
		else
			chosen[d.n++] = in;
	}
	if (st == VS_OK && !d.n)
		st = fail(err, VS_NOTFOUND, "no instance has a buffer that can be read");
	if (st)
		return st;
	d.instances = chosen;
	d.comms = t->comms;
	d.ncpus = percpu_ncpus(t->m->k);
	d.put_symbols = put_symbols;
	return trace_dat_write(&d, t->out, err);
}

static vs_status check_dump(const struct trace *t, struct err *err)
{
	const char *file = cmd_value(t->a, "o");

	if (t->a->argc == 0)
		return file ? fail(err, VS_INVAL, "-o is for trace dump -o -") : VS_OK;
	if (strcmp(t->a->argv[0], "dump") != 0)
		return fail(err, VS_INVAL, "unexpected argument %s; see \"help trace\"",
			    t->a->argv[0]);
	if (!file || strcmp(file, "-") != 0)
		return fail(err, VS_INVAL,
			    "vmstub writes no files: vmstub --exec 'trace dump -o -' vmcore "
			    ">trace.dat");
	if (!t->m->alone)
		return fail(err, VS_INVAL, "trace dump works only with --exec, not in gdb");
	if (cmd_has(t->a, "l") || cmd_has(t->a, "e") || cmd_has(t->a, "c") || cmd_has(t->a, "p"))
		return fail(err, VS_INVAL, "trace dump takes only -i and -o");
	return VS_OK;
}

static vs_status cmd_trace(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct trace t = { .m = m, .a = a, .out = out };
	struct err broken;
	vs_status listed = trace_instances(m->k, &t.instances, &t.n, &broken), st = VS_OK;

	st = a->json && !cmd_has(a, "l") ? fail(err, VS_INVAL, "--json: not a table without -l")
					 : check_dump(&t, err);
	if (t.n && st == VS_OK)
		st = check_selection(&t, err);
	if (t.n && st == VS_OK && a->argc)
		st = dump_file(&t, err);
	else if (t.n && st == VS_OK && cmd_has(a, "l"))
		trace_list(m, t.instances, t.n, cmd_value(a, "i"), out);
	else if (t.n && st == VS_OK) {
		st = prepare(&t, err);
		if (st == VS_OK)
			st = show_events(&t);
	}
	event_texts_destroy(t.texts);
	trace_comms_destroy(t.comms);
	event_types_deinit(&t.types);
	free(t.by_id);
	free(t.wanted);
	free(t.instances);
	if (st == VS_OK && listed) {
		if (err)
			*err = broken;
		return listed;
	}
	return st;
}

static const struct cmd_opt options[] = {
	{ "l", .help = "only list the instances and what their buffers have" },
	{ "i", "INSTANCE", .help = "only this instance; \"top\" is that of the whole system" },
	{ "e", "EVENT",
	  .help = "only this event; NAME or SYSTEM:NAME, with wildcards; repeatable" },
	{ "c", "CPUS", .help = "only these CPUs: 1,3-5" },
	{ "p", "PID", .help = "only events of this thread; repeatable" },
	{ "o", "-", .help = "where `trace dump` writes: to standard output" },
	{ 0 },
};

const struct cmd verb_trace = {
	.name = "trace",
	.run = cmd_trace,
	.brief = "events that ftrace recorded",
	.synopsis = "trace [-i INSTANCE] [-e EVENT]... [-c CPUS] [-p PID]...\n"
		    "trace -l [-i INSTANCE]\n"
		    "trace dump [-i INSTANCE] -o -",
	.help = "Show the events and functions in the ring buffers of ftrace, of all instances and "
		"CPUs, by time, as\n"
		"the file `trace` of tracefs has them. With several instances, each line starts "
		"with "
		"the instance's name.\n"
		"Lines with # say what is missing. A task that ftrace has no name of is shown with "
		"the name that it\n"
		"had when the kernel stopped.\n"
		"`vmstub --exec 'trace dump -o -' vmcore >trace.dat` writes a file for trace-cmd "
		"and KernelShark; it has one\n"
		"clock, so instances with another than the first are left out.\n",
	.example = "  trace -e 'irq:*' -c 1\n"
		   "            w_busy-131     [001] ..s..    36.805789: softirq_entry: vec=9 "
		   "[action=RCU]\n",
	.options = options,
	.operands = OPERANDS(0, 1),
	.json = true,
};
