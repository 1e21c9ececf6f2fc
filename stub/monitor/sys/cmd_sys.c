// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_sys.c - sys: crash's banner. A line without data says why; the others are still printed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/sys/boot.h"
#include "stub/subsys/sys/machine.h"
#include "stub/task/cpus.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/sys/sys_parts.h"
#include "stub/monitor/table.h"

void sys_put_label(struct buf *out, const char *label)
{
	buf_printf(out, "%12s: ", label);
}

/* The banner being written. Its cells are those of one row in JSON, which has no text of its own:
 * the text is layout with crash's labels and units. */
struct banner {
	struct monitor *m;
	struct buf *out; /* what is unavailable, which --json keeps as notes */
	struct table t;
};

static const struct table_def banner_table = {
	.name = "rows",
	.columns = {
		{ "kernel", NULL, 0, COLUMN_TEXT },
		{ "dumpfile", NULL, 0, COLUMN_TEXT },
		{ "live", NULL, 0, COLUMN_FLAG },
		{ "partial", NULL, 0, COLUMN_FLAG },
		{ "incomplete", NULL, 0, COLUMN_FLAG },
		{ "cpus", NULL, 0, COLUMN_NUMBER },
		{ "offline_cpus", NULL, 0, COLUMN_NUMBER },
		{ "unix_time", NULL, 0, COLUMN_NUMBER },
		{ "uptime_s", NULL, 0, COLUMN_NUMBER },
		{ "load_1", NULL, 0, COLUMN_REAL2 },
		{ "load_5", NULL, 0, COLUMN_REAL2 },
		{ "load_15", NULL, 0, COLUMN_REAL2 },
		{ "tasks", NULL, 0, COLUMN_NUMBER },
		{ "nodename", NULL, 0, COLUMN_TEXT },
		{ "release", NULL, 0, COLUMN_TEXT },
		{ "version", NULL, 0, COLUMN_TEXT },
		{ "machine", NULL, 0, COLUMN_TEXT },
		{ "mhz", NULL, 0, COLUMN_NUMBER },
		{ "memory_bytes", NULL, 0, COLUMN_NUMBER },
		{ "panic", NULL, 0, COLUMN_TEXT },
		{ "pid", NULL, 0, COLUMN_NUMBER },
		{ "command", NULL, 0, COLUMN_TEXT },
		{ "task", NULL, 0, COLUMN_ADDRESS },
		{ "cpu", NULL, 0, COLUMN_NUMBER },
		{ "state", NULL, 0, COLUMN_TEXT },
	},
};

static void put_label(struct banner *b, const char *label)
{
	table_layout(&b->t, "%12s: ", label);
}

/* A row that the dump does not tell, with its number of cells. */
static void put_missing(struct banner *b, const char *label, unsigned cells, const struct err *why)
{
	sys_put_label(b->out, label);
	buf_printf(b->out, "(unavailable: %s)\n", why->msg);
	while (cells--)
		table_unknown(&b->t);
}

static void put_uptime(struct banner *b, uint64_t up)
{
	table_known(&b->t, up, up);
	put_label(b, "UPTIME");
	if (!up) {
		table_layout(&b->t, "(unavailable)\n");
		return;
	}
	if (up >= 86400)
		table_layout(&b->t, "%" PRIu64 " days, ", up / 86400);
	table_layout(&b->t, "%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 "\n", up % 86400 / 3600,
		     up % 3600 / 60, up % 60);
}

static void put_times(struct banner *b)
{
	struct boot_times t;
	char text[64];
	struct err why;
	struct tm tm;
	time_t now;

	if (boot_times_load(b->m->k, &t, &why)) {
		put_missing(b, "DATE", 2, &why);
		return;
	}
	table_uint(&b->t, t.now);
	now = (time_t)t.now;
	localtime_r(&now, &tm);
	strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Z %Y", &tm);
	put_label(b, "DATE");
	table_layout(&b->t, "%s\n", text);
	put_uptime(b, t.uptime);
}

static void put_load(struct banner *b)
{
	uint64_t load[3];
	struct err why;

	if (boot_loadavg(b->m->k, load, &why)) {
		put_missing(b, "LOAD AVERAGE", 3, &why);
		return;
	}
	put_label(b, "LOAD AVERAGE");
	for (int i = 0; i < 3; i++) {
		table_real(&b->t, (double)load[i] / 100);
		table_layout(&b->t, "%s%" PRIu64 ".%02" PRIu64, i ? ", " : "", load[i] / 100,
			     load[i] % 100);
	}
	table_layout(&b->t, "\n");
}

static void put_tasks(struct banner *b)
{
	kva_t *list = NULL;
	struct err why;
	size_t n = 0;
	vs_status st = tasks_list(b->m->k, &list, &n, &why);

	free(list);
	table_known(&b->t, st == VS_OK, n);
	if (st && n == 0) {
		put_missing(b, "TASKS", 0, &why);
		return;
	}
	if (st) {
		sys_put_label(b->out, "TASKS");
		buf_printf(b->out, "%zu (%s)\n", n, why.msg);
		return;
	}
	put_label(b, "TASKS");
	table_layout(&b->t, "%zu\n", n);
}

static void put_uts(struct banner *b, const char *label, enum boot_name name)
{
	char text[65];
	struct err why;

	if (boot_utsname(b->m->k, name, text, sizeof(text), &why)) {
		if (name != BOOT_RELEASE || !b->m->k->release[0]) {
			put_missing(b, label, 1, &why);
			return;
		}
		snprintf(text, sizeof(text), "%s", b->m->k->release);
	}
	table_text(&b->t, text);
	put_label(b, label);
	table_layout(&b->t, "%s%s", text, name == BOOT_MACHINE ? "" : "\n");
}

static void put_mhz(struct banner *b)
{
	unsigned mhz;

	if (machine_mhz(b->m->k, &mhz, NULL) == VS_OK) {
		table_uint(&b->t, mhz);
		table_layout(&b->t, "  (%u Mhz)\n", mhz);
	} else {
		table_unknown(&b->t);
		table_layout(&b->t, "  (unknown Mhz)\n");
	}
}

static void put_names(struct banner *b)
{
	put_uts(b, "NODENAME", BOOT_NODENAME);
	put_uts(b, "RELEASE", BOOT_RELEASE);
	put_uts(b, "VERSION", BOOT_VERSION);
	put_uts(b, "MACHINE", BOOT_MACHINE);
	put_mhz(b);
}

static void put_memory(struct banner *b)
{
	uint64_t pages, mb10;
	struct err why;

	if (boot_memory_pages(b->m->k, &pages, &why)) {
		put_missing(b, "MEMORY", 1, &why);
		return;
	}
	table_uint(&b->t, pages << PAGE_SHIFT);
	put_label(b, "MEMORY");
	mb10 = pages * 10 / 256; // tenths of MB
	if (mb10 >= 10240)
		table_layout(&b->t, "%" PRIu64 ".%" PRIu64 " GB\n", mb10 / 10240,
			     mb10 % 10240 * 10 / 10240);
	else
		table_layout(&b->t, "%" PRIu64 ".%" PRIu64 " MB\n", mb10 / 10, mb10 % 10);
}

static void put_files(struct banner *b)
{
	const struct dump_info *info = dump_info(b->m->k->dump);
	struct err why;

	if (kernel_need_vmlinux(b->m->k, &why) == VS_OK) {
		table_text(&b->t, b->m->k->vmlinux_name);
		put_label(b, "KERNEL");
		table_layout(&b->t, "%s\n", b->m->k->vmlinux_name);
	} else {
		table_unknown(&b->t);
		sys_put_label(b->out, "KERNEL");
		buf_printf(b->out, "(none: %s)\n", why.msg);
	}
	table_text(&b->t, info->path);
	table_flag(&b->t, info->live);
	table_flag(&b->t, info->partial);
	table_flag(&b->t, info->incomplete);
	put_label(b, "DUMPFILE");
	table_layout(&b->t, "%s%s%s\n", info->path,
		     info->live	     ? "  [LIVE SYSTEM]"
		     : info->partial ? "  [PARTIAL DUMP]"
				     : "",
		     info->incomplete ? "  [INCOMPLETE]" : "");
}

static void put_cpus(struct banner *b)
{
	unsigned online = 0, ncpus = percpu_ncpus(b->m->k);

	for (unsigned i = 0; i < ncpus; i++)
		online += cpu_was_online(b->m->k, i);
	table_uint(&b->t, ncpus);
	table_uint(&b->t, ncpus - online);
	put_label(b, "CPUS");
	table_layout(&b->t, "%u", ncpus);
	if (online < ncpus)
		table_layout(&b->t, " [OFFLINE: %u]", ncpus - online);
	table_layout(&b->t, "\n");
}

static void put_panic(struct banner *b)
{
	char panic[256];
	struct err why;

	if (boot_panic_message(b->m->k, panic, sizeof(panic), &why)) {
		put_missing(b, "PANIC", 1, &why);
		return;
	}
	table_text(&b->t, panic);
	put_label(b, "PANIC");
	table_layout(&b->t, "\"%s\"\n", panic);
}

static void put_task(struct banner *b)
{
	AUTO(buf) text = { 0 };
	struct task task;
	unsigned cpu;
	kva_t va;
	struct err why;
	// Without a panic (a live snapshot), use the task of the selected thread.
	vs_status st = cpu_panicked(b->m->k, &cpu, NULL) ? cmd_selected_task(b->m, &va, &why)
							 : task_current(b->m->k, cpu, &va, &why);

	if (st || task_load(b->m->k, va, &task, &why) || cmd_put_context(b->m, va, &text, &why)) {
		put_missing(b, "TASK", 5, &why);
		return;
	}
	table_int(&b->t, task.pid);
	table_text(&b->t, task.comm);
	table_uint(&b->t, task.va);
	table_known(&b->t, task_knows(&task, TASK_CPU), task.cpu);
	table_text(&b->t, task_state_long(&task));
	table_layout(&b->t, "%s", buf_str(&text));
}

static void put_system(struct monitor *m, struct buf *out)
{
	struct banner b = { .m = m, .out = out };

	table_begin(&b.t, &banner_table, m, out);
	put_files(&b);
	put_cpus(&b);
	put_times(&b);
	put_load(&b);
	put_tasks(&b);
	put_names(&b);
	put_memory(&b);
	put_panic(&b);
	put_task(&b);
	table_end_row(&b.t);
	table_end(&b.t);
}

static vs_status cmd_sys(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	char form = cmd_last(a, "ctirs");

	if (!form && a->argc && strcmp(a->argv[0], "config") != 0)
		return fail(err, VS_INVAL, "unexpected argument %s; see \"help sys\"", a->argv[0]);
	if (!form && a->argc && a->json)
		return fail(err, VS_INVAL, "config with --json: not a table");
	if (!form && a->argc)
		return sys_put_config(m, out, err);
	if (form == 'c')
		return sys_put_calls(m, a->argv[0], out, err);
	if (form == 'r')
		return sys_put_records(m, a->argv[0], out, err);
	if (form == 's')
		return sys_put_symbols(m, out, err);
	if (form)
		return form == 't' ? sys_put_taints(m, out, err) : sys_put_dmi(m, out, err);
	put_system(m, out);
	return VS_OK;
}

static const struct cmd_opt options[] = {
	{ "c", .help = "the system call table, or the calls whose name contains NAME",
	  OPERANDS(0, 1) },
	{ "t", .help = "the taint mask and its letters", OPERANDS(0, 0) },
	{ "i", .help = "the machine's DMI strings", OPERANDS(0, 0) },
	{ "r", .help = "kernel struct members that vmstub reads, and which of them this kernel has",
	  OPERANDS(0, 1) },
	{ "s", .help = "files that symbols, types and lines come from; what to install",
	  OPERANDS(0, 0), .plain = true, .word = "-symbols" },
	{ 0 },
};

const struct cmd verb_sys = {
	.name = "sys",
	.run = cmd_sys,
	.brief = "the system: kernel, dump, uptime, panic",
	.synopsis = "sys [config | -c [NUMBER | NAME] | -t | -i | -r [STRUCT] | -s]",
	.help = "config prints the kernel's own copy of its configuration, if it has one.\n",
	.example = "  sys -t\n"
		   "  TAINTED_MASK: 3000  OE\n",
	.options = options,
	.operands = OPERANDS(0, 1),
	.json = true,
};
