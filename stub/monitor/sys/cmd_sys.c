// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_sys.c - sys: crash's banner. A line without data says why; the others are still printed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stub/subsys/sys/boot.h"
#include "stub/subsys/sys/machine.h"
#include "stub/task/cpus.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/sys/sys_parts.h"

void sys_put_label(struct buf *out, const char *label)
{
	buf_printf(out, "%12s: ", label);
}

static void put_missing(struct buf *out, const struct err *why)
{
	buf_printf(out, "(unavailable: %s)\n", why->msg);
}

static void put_uptime(uint64_t up, struct buf *out)
{
	sys_put_label(out, "UPTIME");
	if (!up) {
		buf_puts(out, "(unavailable)\n");
		return;
	}
	if (up >= 86400)
		buf_printf(out, "%" PRIu64 " days, ", up / 86400);
	buf_printf(out, "%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 "\n", up % 86400 / 3600,
		   up % 3600 / 60, up % 60);
}

static void put_times(struct monitor *m, struct buf *out)
{
	struct boot_times t;
	uint64_t load[3];
	char text[64];
	struct err why;
	struct tm tm;
	time_t now;

	sys_put_label(out, "DATE");
	if (boot_times_load(m->k, &t, &why) == VS_OK) {
		now = (time_t)t.now;
		localtime_r(&now, &tm);
		strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Z %Y", &tm);
		buf_printf(out, "%s\n", text);
		put_uptime(t.uptime, out);
	} else {
		put_missing(out, &why);
	}
	sys_put_label(out, "LOAD AVERAGE");
	if (boot_loadavg(m->k, load, &why)) {
		put_missing(out, &why);
		return;
	}
	for (int i = 0; i < 3; i++)
		buf_printf(out, "%s%" PRIu64 ".%02" PRIu64, i ? ", " : "", load[i] / 100,
			   load[i] % 100);
	buf_putc(out, '\n');
}

static void put_tasks(struct monitor *m, struct buf *out)
{
	kva_t *list = NULL;
	struct err why;
	size_t n = 0;

	sys_put_label(out, "TASKS");
	if (tasks_list(m->k, &list, &n, &why) == VS_OK)
		buf_printf(out, "%zu\n", n);
	else
		buf_printf(out, "%zu (%s)\n", n, why.msg);
	free(list);
}

static void put_uts(struct monitor *m, struct buf *out)
{
	static const struct {
		const char *label;
		enum boot_name name;
	} rows[] = { { "NODENAME", BOOT_NODENAME },
		     { "RELEASE", BOOT_RELEASE },
		     { "VERSION", BOOT_VERSION },
		     { "MACHINE", BOOT_MACHINE } };
	unsigned mhz;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[65];
		struct err why;

		sys_put_label(out, rows[i].label);
		if (boot_utsname(m->k, rows[i].name, text, sizeof(text), &why)) {
			if (rows[i].name == BOOT_RELEASE && m->k->release[0])
				buf_printf(out, "%s\n", m->k->release);
			else
				put_missing(out, &why);
			continue;
		}
		buf_puts(out, text);
		if (rows[i].name == BOOT_MACHINE && machine_mhz(m->k, &mhz, NULL) == VS_OK)
			buf_printf(out, "  (%u Mhz)", mhz);
		else if (rows[i].name == BOOT_MACHINE)
			buf_puts(out, "  (unknown Mhz)");
		buf_putc(out, '\n');
	}
}

static void put_memory(struct monitor *m, struct buf *out)
{
	uint64_t pages, mb10;
	struct err why;

	sys_put_label(out, "MEMORY");
	if (boot_memory_pages(m->k, &pages, &why)) {
		put_missing(out, &why);
		return;
	}
	mb10 = pages * 10 / 256; // tenths of MB
	if (mb10 >= 10240)
		buf_printf(out, "%" PRIu64 ".%" PRIu64 " GB\n", mb10 / 10240,
			   mb10 % 10240 * 10 / 10240);
	else
		buf_printf(out, "%" PRIu64 ".%" PRIu64 " MB\n", mb10 / 10, mb10 % 10);
}

static void put_system(struct monitor *m, struct buf *out)
{
	const struct dump_info *info = dump_info(m->k->dump);
	unsigned online = 0, ncpus = percpu_ncpus(m->k), cpu;
	kva_t va;
	char panic[256];
	struct err why;

	sys_put_label(out, "KERNEL");
	if (kernel_need_vmlinux(m->k, &why) == VS_OK)
		buf_printf(out, "%s\n", m->k->vmlinux_name);
	else
		buf_printf(out, "(none: %s)\n", why.msg);
	sys_put_label(out, "DUMPFILE");
	buf_printf(out, "%s%s%s\n", info->path,
		   info->live	   ? "  [LIVE SYSTEM]"
		   : info->partial ? "  [PARTIAL DUMP]"
				   : "",
		   info->incomplete ? "  [INCOMPLETE]" : "");
	for (unsigned i = 0; i < ncpus; i++)
		online += cpu_was_online(m->k, i);
	sys_put_label(out, "CPUS");
	buf_printf(out, "%u", ncpus);
	if (online < ncpus)
		buf_printf(out, " [OFFLINE: %u]", ncpus - online);
	buf_putc(out, '\n');
	put_times(m, out);
	put_tasks(m, out);
	put_uts(m, out);
	put_memory(m, out);
	sys_put_label(out, "PANIC");
	if (boot_panic_message(m->k, panic, sizeof(panic), &why) == VS_OK)
		buf_printf(out, "\"%s\"\n", panic);
	else
		put_missing(out, &why);
	// Without a panic (a live snapshot), use the task of the selected thread.
	if ((cpu_panicked(m->k, &cpu, NULL) ? cmd_selected_task(m, &va, &why)
					    : task_current(m->k, cpu, &va, &why)) ||
	    cmd_put_context(m, va, out, &why)) {
		sys_put_label(out, "TASK");
		put_missing(out, &why);
	}
}

static vs_status cmd_sys(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	char form = cmd_last(a, "ctirs");

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
	  OPERANDS(0, 0), .word = "-symbols" },
	{ 0 },
};

const struct cmd verb_sys = {
	.name = "sys",
	.run = cmd_sys,
	.brief = "the system: kernel, dump, uptime, panic",
	.synopsis = "sys [-c [NUMBER | NAME] | -t | -i | -r [STRUCT] | -s]",
	.example = "  sys -t\n"
		   "  TAINTED_MASK: 3000  OE\n",
	.options = options,
};
