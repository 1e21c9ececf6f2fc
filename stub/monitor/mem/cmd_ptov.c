// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_ptov.c - ptov: the address of physical memory in the direct map. */
#include <inttypes.h>
#include <string.h>

#include "stub/kernel/addressmap.h"
#include "stub/kernel/percpu.h"
#include "stub/subsys/mm/pages.h"
#include "stub/monitor/data/object.h"

struct percpu_out {
	struct monitor *m;
	uint64_t off;
	struct buf *out;
};

static vs_status put_percpu(void *ctx, unsigned cpu, struct err *err)
{
	const struct percpu_out *p = ctx;
	uint64_t base;
	vs_status st = percpu_offset(p->m->k, cpu, &base, err);

	if (st == VS_OK)
		buf_printf(p->out, "%*s[%u]  %" PRIx64 "\n", cpu < 10 ? 2 : 1, "", cpu,
			   base + p->off);
	return st;
}

static vs_status ptov_one(struct monitor *m, char *text, struct buf *out, struct err *err)
{
	char *colon = strchr(text, ':');
	uint64_t v;
	kva_t base;
	vs_status st;

	if (colon)
		*colon = '\0';
	st = cmd_hex_number(text, &v, err);
	if (st)
		return st;
	if (colon) {
		buf_printf(out, "PER-CPU OFFSET: %" PRIx64 "\n  CPU    VIRTUAL\n", v);
		return cpu_list_each(m, colon + 1, put_percpu, &(struct percpu_out){ m, v, out },
				     err);
	}
	st = addressmap_direct(m->k, &base, err);
	if (st == VS_OK)
		buf_printf(out, "VIRTUAL           PHYSICAL\n%-16" PRIx64 "  %" PRIx64 "\n",
			   base + v, v);
	return st;
}

static vs_status cmd_ptov(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	vs_status st = VS_OK;

	for (int i = 0; i < a->argc && st == VS_OK; i++)
		st = ptov_one(m, a->argv[i], out, err);
	return st;
}

const struct cmd verb_ptov = {
	.name = "ptov",
	.run = cmd_ptov,
	.brief = "physical to virtual address",
	.synopsis = "ptov ADDRESS | OFFSET:CPUS ...",
	.help = "Print the address in the direct map. With :CPUS (a: all), print the address of a "
		"per-CPU\n"
		"offset on these CPUs.\n",
	.example = "  ptov 1000000\n"
		   "  VIRTUAL           PHYSICAL\n"
		   "  ff4a5aa2c1000000  1000000\n",
	.operands = OPERANDS(1, OPERANDS_ANY),
};
