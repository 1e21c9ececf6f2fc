// SPDX-License-Identifier: GPL-3.0-or-later
/* vmss_cpu.c - registers in VMware's suspend and snapshot files.
 * In: items of the group `cpu`: numbers such as rax[CPU] and CR64[CPU][N], or blocks gpregs[CPU]
 * and CR64[CPU] with all of them (crash's vmware_vmss.c reads both). Out: notes. Nothing public
 * says how segment registers are stored, so they are unknown. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/log.h"
#include "stub/dump/cpunotes.h"
#include "stub/dump/file.h"
#include "stub/dump/vmss.h"

#define CPUS_MAX 4096u

/* Bits of what is known of a CPU. */
#define KNOWN_RIP   (UINT32_C(1) << GPRS)
#define KNOWN_FLAGS (UINT32_C(1) << (GPRS + 1))
#define KNOWN_CR(n) (UINT32_C(1) << (GPRS + 2 + (n)))
#define NEEDED	    (KNOWN_RIP | ((UINT32_C(1) << GPRS) - 1)) /* with all general registers */

struct cpu {
	struct cpu_state state;
	uint32_t known;
};

struct vmss_cpus {
	uint32_t n;
	struct cpu *v;
};

/* The order in a block of general registers. */
static const struct {
	const char *name;
	uint8_t no;
} gprs[GPRS] = {
	{ "rax", GPR_RAX }, { "rcx", GPR_RCX }, { "rdx", GPR_RDX }, { "rbx", GPR_RBX },
	{ "rbp", GPR_RBP }, { "rsp", GPR_RSP }, { "rsi", GPR_RSI }, { "rdi", GPR_RDI },
	{ "r8", 8 },	    { "r9", 9 },	{ "r10", 10 },	    { "r11", 11 },
	{ "r12", 12 },	    { "r13", 13 },	{ "r14", 14 },	    { "r15", 15 },
};

struct vmss_cpus *vmss_cpus_new(void)
{
	return calloc(1, sizeof(struct vmss_cpus));
}

void vmss_cpus_destroy(struct vmss_cpus *c)
{
	if (c)
		free(c->v);
	free(c);
}

static vs_status take_number(struct vmss_cpus *c, struct file *f, const struct vmss_item *item,
			     struct err *err)
{
	if (c->n)
		return VS_OK;
	if (!item->value || item->value > CPUS_MAX)
		return fail(err, VS_CORRUPT, "%s: VMware file: cpu:numVCPUs %" PRIu64, file_path(f),
			    item->value);
	c->v = calloc((size_t)item->value, sizeof(*c->v));
	if (!c->v)
		return fail(err, VS_NOMEM, "%s: no memory for CPUs", file_path(f));
	c->n = (uint32_t)item->value;
	for (uint32_t i = 0; i < c->n; i++)
		c->v[i].state.no_segments = true;
	return VS_OK;
}

static void set_gpr(struct cpu *cpu, size_t i, uint64_t value)
{
	cpu->state.gpr[gprs[i].no] = value;
	cpu->known |= UINT32_C(1) << gprs[i].no;
}

static void set_cr(struct cpu *cpu, uint32_t no, uint64_t value)
{
	if (no >= 5)
		return;
	cpu->state.cr[no] = value;
	cpu->known |= KNOWN_CR(no);
}

/* A block of one of the two kinds. */
static void take_block(struct cpu *cpu, struct file *f, const struct vmss_item *item)
{
	uint64_t word[GPRS];
	bool all = strcmp(item->name, "gpregs") == 0 && item->len == sizeof(word);
	size_t n = all ? GPRS : 5;

	if (item->packed || item->len < n * sizeof(word[0]) ||
	    file_read(f, item->off, word, n * sizeof(word[0]), NULL))
		return;
	for (uint32_t i = 0; i < n; i++) {
		if (all)
			set_gpr(cpu, i, word[i]);
		else if (strcmp(item->name, "CR64") == 0)
			set_cr(cpu, i, word[i]);
	}
}

static void take_value(struct cpu *cpu, const struct vmss_item *item)
{
	for (size_t i = 0; i < GPRS; i++)
		if (strcmp(item->name, gprs[i].name) == 0)
			set_gpr(cpu, i, item->value);
	if (strcmp(item->name, "rip") == 0) {
		cpu->state.rip = item->value;
		cpu->known |= KNOWN_RIP;
	} else if (strcmp(item->name, "eflags") == 0 || strcmp(item->name, "EFLAGS") == 0) {
		cpu->state.rflags |= item->value & UINT32_MAX;
		cpu->known |= KNOWN_FLAGS;
	} else if (strcmp(item->name, "CR64") == 0 && item->nindexes > 1) {
		set_cr(cpu, item->index[1], item->value);
	}
}

vs_status vmss_cpus_take(struct vmss_cpus *c, struct file *f, const struct vmss_item *item,
			 struct err *err)
{
	if (strcmp(item->name, "cpu:numVCPUs") == 0)
		return take_number(c, f, item, err);
	if (!item->nindexes || item->index[0] >= c->n)
		return VS_OK;
	if (item->len > VMSS_VALUE_MAX)
		take_block(&c->v[item->index[0]], f, item);
	else
		take_value(&c->v[item->index[0]], item);
	return VS_OK;
}

vs_status vmss_cpus_add(const struct vmss_cpus *c, struct file *f, struct notes *ns,
			struct err *err)
{
	const uint32_t tables = KNOWN_CR(3) | KNOWN_CR(4);
	uint32_t lacking = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		const struct cpu *cpu = &c->v[i];
		bool complete = (cpu->known & NEEDED) == NEEDED;
		bool more = (cpu->known & tables) == tables;

		lacking += !complete;
		if (complete && !(more ? cpunotes_add(ns, i, &cpu->state)
				       : cpunotes_add_basic(ns, i, &cpu->state)))
			return fail(err, VS_NOMEM, "%s: no memory for notes", file_path(f));
	}
	if (lacking)
		log_warn("%s: VMware file: registers of %" PRIu32 " of %" PRIu32
			 " CPUs are incomplete, and not used",
			 file_path(f), lacking, c->n);
	return VS_OK;
}
