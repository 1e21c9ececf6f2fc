// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_mach.c - mach: the machine, the layout of kernel memory, and each CPU's stacks. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/subsys/sys/machine.h"
#include "stub/kernel/addressmap.h"
#include "stub/kernel/percpu.h"
#include "stub/unwind/stack.h"
#include "stub/monitor/data/object.h"

#define PAGE_SIZE  4096
#define MAX_STACKS 16

static void put_label(struct buf *out, const char *label)
{
	buf_printf(out, "%22s: ", label);
}

static void put_number(struct buf *out, const char *label, vs_status st, unsigned v,
		       const char *unit, const struct err *why)
{
	put_label(out, label);
	if (st)
		buf_printf(out, "(unavailable: %s)\n", why->msg);
	else
		buf_printf(out, "%u%s\n", v, unit);
}

static void put_base(struct monitor *m, struct buf *out, const char *label,
		     vs_status (*get)(struct kernel *k, kva_t *ret, struct err *err))
{
	struct err why;
	kva_t base;
	vs_status st = get(m->k, &base, &why);

	put_label(out, label);
	if (st)
		buf_printf(out, "(unavailable: %s)\n", why.msg);
	else
		buf_printf(out, "%016" PRIx64 "\n", base);
}

static bool add_ram(void *ctx, const struct machine_range *r)
{
	if (strcmp(r->type, "E820_RAM") == 0 && r->end > r->start)
		*(uint64_t *)ctx += r->end - r->start;
	return true;
}

static void put_machine(struct monitor *m, struct buf *out)
{
	unsigned hz = 0, mhz = 0;
	uint64_t ram = 0;
	struct err why;
	vs_status st;

	put_label(out, "MACHINE TYPE");
	buf_printf(out, "%s\n", m->k->arch->name);
	put_label(out, "MEMORY SIZE");
	st = machine_each_range(m->k, add_ram, &ram, &why);
	if (st)
		buf_printf(out, "(unavailable: %s)\n", why.msg);
	else if (ram >> 30)
		buf_printf(out, "%.1f GB\n", (double)ram / (1 << 30));
	else
		buf_printf(out, "%.1f MB\n", (double)ram / (1 << 20));
	put_number(out, "CPUS", VS_OK, percpu_ncpus(m->k), "", &why);
	st = machine_mhz(m->k, &mhz, &why);
	put_number(out, "PROCESSOR SPEED", st, mhz, " Mhz", &why);
	st = machine_hz(m->k, &hz, &why);
	put_number(out, "HZ", st, hz, "", &why);
	put_number(out, "PAGE SIZE", VS_OK, PAGE_SIZE, "", &why);
	put_base(m, out, "KERNEL VIRTUAL BASE", addressmap_direct);
	put_base(m, out, "KERNEL VMALLOC BASE", addressmap_vmalloc);
	put_base(m, out, "KERNEL VMEMMAP BASE", addressmap_vmemmap);
	put_label(out, "KERNEL START MAP");
	buf_printf(out, "%016" PRIx64 "\n", m->k->arch->os->image_base);
	put_label(out, "KERNEL MODULES BASE");
	buf_printf(out, "%016" PRIx64 "\n",
		   m->k->arch->os->image_base + m->k->arch->os->image_limit);
	put_number(out, "KERNEL STACK SIZE", VS_OK, (unsigned)task_stack_size(m->k), "", &why);
}

/* One kind of stack on all CPUs; kind comes from stack_list() for CPU 0. */
static void put_stacks(struct monitor *m, const struct stack_id *kind, struct buf *out)
{
	unsigned ncpus = percpu_ncpus(m->k);
	char label[64];

	snprintf(label, sizeof(label), "%s STACK SIZE", kind->name);
	put_label(out, label);
	buf_printf(out, "%" PRIu64 "\n", kind->high - kind->low);
	snprintf(label, sizeof(label), "%s STACKS", kind->name);
	buf_printf(out, "%22s:\n", label);
	for (unsigned cpu = 0; cpu < ncpus; cpu++) {
		struct stack_id list[MAX_STACKS];
		size_t n = stack_list(m->k, cpu, list, MAX_STACKS);

		for (size_t i = 0; i < n; i++)
			if (strcmp(list[i].name, kind->name) == 0)
				buf_printf(out, "%*sCPU %u: %016" PRIx64 "\n",
					   cpu < 10    ? 17
					   : cpu < 100 ? 16
						       : 15,
					   "", cpu, list[i].low);
	}
}

static bool put_range(void *ctx, const struct machine_range *r)
{
	buf_printf(ctx, "%016" PRIx64 " - %016" PRIx64 "  %s\n", r->start, r->end, r->type);
	return true;
}

static vs_status put_cpuinfo(struct monitor *m, bool hex, struct buf *out, struct err *err)
{
	struct object_style style = { .hex = hex };
	unsigned ncpus = percpu_ncpus(m->k);
	struct type_spec spec;
	vs_status st = type_spec_parse(m, "struct ", m->k->arch->os->cpu_info_type, &spec, err);

	if (st)
		return st;
	for (unsigned cpu = 0; cpu < ncpus && st == VS_OK; cpu++) {
		kva_t va;

		buf_printf(out, "%sCPU %u:\n", cpu ? "\n" : "", cpu);
		st = percpu_symbol(m->k, m->k->arch->os->cpu_info, cpu, &va, err);
		if (st == VS_OK)
			st = type_spec_put(m, &spec, m->k->mem, va, &style, out, err);
	}
	type_spec_deinit(&spec);
	return st;
}

static vs_status cmd_mach(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct stack_id kinds[MAX_STACKS];
	size_t n;

	if (cmd_has(a, "m")) {
		buf_puts(out, "      PHYSICAL ADDRESS RANGE         TYPE\n");
		return machine_each_range(m->k, put_range, out, err);
	}
	if (cmd_has(a, "c"))
		return put_cpuinfo(m, cmd_has(a, "x"), out, err);
	put_machine(m, out);
	n = stack_list(m->k, 0, kinds, MAX_STACKS);
	for (size_t i = 0; i < n; i++)
		put_stacks(m, &kinds[i], out);
	return VS_OK;
}

static const struct cmd_opt options[] = {
	{ "m", .help = "the firmware's memory map" },
	{ "c", .help = "the struct cpuinfo_x86 of each CPU" },
	{ "x", .help = "with -c: integers in hexadecimal" },
	{ "d", .help = "with -c: integers in decimal (default)" },
	{ 0 },
};

const struct cmd verb_mach = {
	.name = "mach",
	.run = cmd_mach,
	.brief = "the machine",
	.synopsis = "mach [-m | -c [-x | -d]]",
	.help = "Print memory size, clocks, the start of the kernel's memory areas, and each CPU's "
		"stacks.\n",
	.example = "  mach -m\n"
		   "        PHYSICAL ADDRESS RANGE         TYPE\n"
		   "  0000000000001000 - 000000000009fc00  E820_RAM\n",
	.options = options,
};
