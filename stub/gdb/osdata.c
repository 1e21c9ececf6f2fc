// SPDX-License-Identifier: GPL-3.0-or-later
/* osdata.c - the tables of gdb's `info os`, as XML that gdb formats. */
#include "stub/gdb/osdata.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/task/cpus.h"
#include "stub/kernel/kernel.h"
#include "stub/module/modules.h"
#include "stub/kernel/percpu.h"
#include "stub/subsys/sys/irqs.h"
#include "stub/subsys/sys/printk.h"
#include "stub/task/taskinfo.h"
#include "stub/task/tasks.h"

static void put_column(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, "<column name=\"%s\">", name);
	buf_xml(out, text);
	buf_puts(out, "</column>");
}

static void put_number(struct buf *out, const char *name, const char *format, uint64_t v)
{
	char text[32];

	if (strcmp(format, "hex") == 0)
		snprintf(text, sizeof(text), "%#" PRIx64, v);
	else
		snprintf(text, sizeof(text), "%" PRId64, (int64_t)v);
	put_column(out, name, text);
}

static void put_known(struct buf *out, bool known, const char *name, const char *format, uint64_t v)
{
	if (known)
		put_number(out, name, format, v);
	else
		put_column(out, name, "?");
}

/* --- tasks */

static void put_task(struct kernel *k, const struct task *t, struct buf *out)
{
	int32_t ppid = 0;
	kva_t parent;
	// Idle tasks have no parent.
	bool parent_known = t->pid == 0 || task_parent(k, t->va, &parent, &ppid, NULL) == VS_OK;

	buf_puts(out, "<item>");
	put_number(out, "pid", "dec", (uint64_t)(int64_t)t->pid);
	put_known(out, task_knows(t, TASK_TGID), "tgid", "dec", (uint64_t)(int64_t)t->tgid);
	put_known(out, parent_known, "ppid", "dec", (uint64_t)(int64_t)ppid);
	put_known(out, task_knows(t, TASK_CPU), "cpu", "dec", t->cpu);
	put_number(out, "task", "hex", t->va);
	put_column(out, "state", task_state_str(t));
	put_column(out, "command", t->comm);
	buf_puts(out, "</item>\n");
}

static vs_status put_tasks(struct kernel *k, bool leaders, struct buf *out, struct err *err)
{
	AUTO_FREE kva_t *list = NULL;
	size_t n = 0;
	struct err why;

	(void)err;
	if (tasks_list(k, &list, &n, &why))
		log_warn("info os: some tasks are missing: %s", why.msg);
	for (size_t i = 0; i < n; i++) {
		struct task t;

		if (task_load(k, list[i], &t, NULL) == VS_OK && (!leaders || t.pid == t.tgid))
			put_task(k, &t, out);
	}
	return VS_OK;
}

static vs_status put_processes(struct kernel *k, struct buf *out, struct err *err)
{
	return put_tasks(k, true, out, err);
}

static vs_status put_threads(struct kernel *k, struct buf *out, struct err *err)
{
	return put_tasks(k, false, out, err);
}

/* --- modules, CPUs, log */

static vs_status put_modules(struct kernel *k, struct buf *out, struct err *err)
{
	struct modules *mods;
	vs_status st = kernel_need_modules(k, &mods, err);

	if (st)
		return st;
	for (size_t i = 0; i < mods->n; i++) {
		buf_puts(out, "<item>");
		put_column(out, "name", mods->v[i].name);
		put_number(out, "text", "hex", mods->v[i].text_base);
		put_number(out, "size", "dec", mods->v[i].size);
		put_number(out, "module", "hex", mods->v[i].va);
		buf_puts(out, "</item>\n");
	}
	return VS_OK;
}

static vs_status put_cpus(struct kernel *k, struct buf *out, struct err *err)
{
	unsigned ncpus = percpu_ncpus(k), panicked = ncpus;

	(void)err;
	if (cpu_panicked(k, &panicked, NULL))
		panicked = ncpus;
	for (unsigned cpu = 0; cpu < ncpus; cpu++) {
		struct task t = { .comm = "?" };
		kva_t va = 0;
		bool current = task_current(k, cpu, &va, NULL) == VS_OK,
		     task = current && task_load(k, va, &t, NULL) == VS_OK;

		buf_puts(out, "<item>");
		put_number(out, "cpu", "dec", cpu);
		put_column(out, "online", cpu_was_online(k, cpu) ? "yes" : "no");
		put_column(out, "panic", cpu == panicked ? "yes" : "no");
		put_known(out, task, "pid", "dec", (uint64_t)(int64_t)t.pid);
		put_known(out, current, "task", "hex", va);
		put_column(out, "command", t.comm);
		buf_puts(out, "</item>\n");
	}
	return VS_OK;
}

static void put_record(void *ctx, const struct log_record *r)
{
	AUTO(buf) text = { 0 };
	struct buf *out = ctx;
	char time[32];

	snprintf(time, sizeof(time), "%" PRIu64 ".%06" PRIu64, r->ts_nsec / 1000000000,
		 r->ts_nsec / 1000 % 1000000);
	buf_put(&text, r->text, r->len);
	buf_puts(out, "<item>");
	put_column(out, "time", time);
	put_number(out, "level", "dec", r->level);
	put_column(out, "message", buf_str(&text));
	buf_puts(out, "</item>\n");
}

static vs_status put_log(struct kernel *k, struct buf *out, struct err *err)
{
	return printk_each(k, put_record, out, err);
}

/* --- interrupts */

struct irqs {
	struct kernel *k;
	struct buf *out;
};

/* Counts the interrupt on all CPUs together. Returns false if a CPU's count is unreadable. */
static bool all_counts(struct kernel *k, const struct irq *irq, uint64_t *ret)
{
	unsigned ncpus = percpu_ncpus(k);

	*ret = 0;
	for (unsigned cpu = 0; cpu < ncpus; cpu++) {
		uint64_t n;

		if (irq_count(k, irq, cpu, &n, NULL))
			return false;
		*ret += n;
	}
	return true;
}

static bool add_action(void *ctx, kva_t action, const char *name)
{
	struct buf *names = ctx;

	(void)action;
	buf_printf(names, "%s%s", names->len ? ", " : "", name);
	return true;
}

static bool put_irq(void *ctx, const struct irq *irq)
{
	AUTO(buf) names = { 0 };
	struct irqs *s = ctx;
	uint64_t count;
	char chip[64];
	bool counted;

	if (irq->known && !irq->action)
		return true;
	if (!irq->known || irq_each_action(s->k, irq, add_action, &names, NULL))
		buf_puts(&names, names.len ? ", ?" : "?");
	counted = all_counts(s->k, irq, &count);
	irq_chip_name(s->k, irq, chip, sizeof(chip));
	buf_puts(s->out, "<item>");
	put_number(s->out, "irq", "dec", irq->number);
	put_known(s->out, counted, "count", "dec", count);
	put_column(s->out, "chip", chip);
	put_column(s->out, "actions", buf_str(&names));
	put_number(s->out, "irq_desc", "hex", irq->desc);
	buf_puts(s->out, "</item>\n");
	return true;
}

static vs_status put_irqs(struct kernel *k, struct buf *out, struct err *err)
{
	struct irqs s = { .k = k, .out = out };

	return irq_each(k, put_irq, &s, err);
}

static const struct {
	const char *type, *description;
	vs_status (*put)(struct kernel *k, struct buf *out, struct err *err);
} tables[] = {
	{ "processes", "Processes, one line each", put_processes },
	{ "tasks", "All tasks: processes and their threads", put_threads },
	{ "modules", "Loaded kernel modules", put_modules },
	{ "cpus", "CPUs and what runs on them", put_cpus },
	{ "log", "The kernel's log buffer", put_log },
	{ "irqs", "Interrupts in use", put_irqs },
};

#define NTABLES (sizeof(tables) / sizeof(tables[0]))

static void put_types(struct buf *out)
{
	for (size_t i = 0; i < NTABLES; i++) {
		buf_puts(out, "<item>");
		put_column(out, "Type", tables[i].type);
		put_column(out, "Description", tables[i].description);
		put_column(out, "Title", tables[i].type);
		buf_puts(out, "</item>\n");
	}
}

vs_status osdata_put(struct kernel *k, const char *annex, struct buf *out, struct err *err)
{
	struct err why;
	size_t i = 0;

	while (annex[0] && i < NTABLES && strcmp(annex, tables[i].type) != 0)
		i++;
	if (i == NTABLES)
		return fail(err, VS_NOTFOUND, "no table %s", annex);
	buf_printf(out,
		   "<?xml version=\"1.0\"?>\n<!DOCTYPE osdata SYSTEM \"osdata.dtd\">\n"
		   "<osdata type=\"%s\">\n",
		   annex[0] ? annex : "types");
	if (!annex[0])
		put_types(out);
	// gdb does not show a target's error text here, so log it and return an incomplete table.
	else if (tables[i].put(k, out, &why))
		log_warn("info os %s: %s", annex, why.msg);
	buf_puts(out, "</osdata>\n");
	return VS_OK;
}
