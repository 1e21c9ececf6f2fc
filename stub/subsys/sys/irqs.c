// SPDX-License-Identifier: GPL-3.0-or-later
/* irqs.c - interrupt descriptors (kernel/irq/irqdesc.c): a radix tree until 6.4, then a maple tree
 * (721255b9826b, 6.5). */
#include "stub/subsys/sys/irqs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"

#define MAX_IRQS (1u << 20)

enum { DESC_ACTION, DESC_COUNTS, DESC_AFFINITY, DESC_CHIP, DESC_FLOW };
static const struct record_field desc_fields[] = {
	[DESC_ACTION] = { { "action" }, RECORD_POINTER },
	// 86d2a2f51fba (6.10): struct irqstat, whose first member is the count
	[DESC_COUNTS] = { { "kstat_irqs" }, RECORD_POINTER },
	// 9df872faa7e1 (4.3)
	[DESC_AFFINITY] = { { "irq_common_data.affinity", "irq_data.affinity" },
			    RECORD_ADDRESS,
			    "CONFIG_SMP" },
	[DESC_CHIP] = { { "irq_data.chip" }, RECORD_POINTER },
	[DESC_FLOW] = { { "name" }, RECORD_POINTER },
};
RECORD(irq_desc_record, "irq_desc", desc_fields);

enum { ACTION_NAME, ACTION_NEXT };
static const struct record_field action_fields[] = {
	[ACTION_NAME] = { { "name" }, RECORD_POINTER },
	[ACTION_NEXT] = { { "next" }, RECORD_POINTER },
};
RECORD(irqaction_record, "irqaction", action_fields);

enum { CHIP_NAME };
static const struct record_field chip_fields[] = { [CHIP_NAME] = { { "name" }, RECORD_POINTER } };
RECORD(irq_chip_record, "irq_chip", chip_fields);

struct each {
	struct kernel *k;
	irq_fn fn;
	void *ctx;
};

static bool give(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	const struct each *e = ctx;
	struct irq irq = { .number = (unsigned)first, .desc = entry };

	(void)last;
	if (first > MAX_IRQS)
		return false;
	irq.known = record_field_read(e->k, &irq_desc_record, entry, DESC_ACTION, &irq.action,
				      NULL) == VS_OK;
	return e->fn(e->ctx, &irq);
}

vs_status irq_each(struct kernel *k, irq_fn fn, void *ctx, struct err *err)
{
	struct each e = { k, fn, ctx };
	kva_t tree;
	vs_status st;

	if (kernel_symbol(k, "sparse_irqs", &tree, NULL) == VS_OK)
		st = walk_maple(k, tree, give, &e, err);
	else {
		st = kernel_symbol(k, "irq_desc_tree", &tree, err);
		if (st == VS_OK)
			st = walk_xarray(k, tree, give, &e, err);
	}
	return st ? fail_ctx(err, st, "interrupt descriptors") : VS_OK;
}

/* Gives "" for a NULL pointer and "?" for one that cannot be read. */
static void put_string(const struct record *r, unsigned field, char *ret, size_t cap)
{
	if (record_knows(r, field) && !record_pointer(r, field))
		ret[0] = '\0';
	else
		(void)record_string(r, field, ret, cap);
}

struct actions {
	struct kernel *k;
	bool (*fn)(void *ctx, kva_t action, const char *name);
	void *ctx;
};

static bool give_action(void *ctx, kva_t action)
{
	const struct actions *a = ctx;
	char name[64];
	struct record r;

	record_read(a->k, &irqaction_record, action, RECORD_BIT(ACTION_NAME), &r);
	put_string(&r, ACTION_NAME, name, sizeof(name));
	return a->fn(a->ctx, action, name);
}

vs_status irq_each_action(struct kernel *k, const struct irq *irq,
			  bool (*fn)(void *ctx, kva_t action, const char *name), void *ctx,
			  struct err *err)
{
	struct actions a = { k, fn, ctx };
	struct member next;
	vs_status st = record_member(k, &irqaction_record, ACTION_NEXT, &next, err);

	if (st == VS_OK)
		st = walk_chain(k, irq->action, next.off, 0, give_action, &a, err);
	return st ? fail_ctx(err, st, "IRQ %u", irq->number) : VS_OK;
}

vs_status irq_count(struct kernel *k, const struct irq *irq, unsigned cpu, uint64_t *ret,
		    struct err *err)
{
	uint64_t counters, off;
	vs_status st =
		record_field_read(k, &irq_desc_record, irq->desc, DESC_COUNTS, &counters, err);

	if (st == VS_OK && !counters) {
		*ret = 0;
		return VS_OK;
	}
	if (st == VS_OK)
		st = percpu_offset(k, cpu, &off, err);
	return st ? st : mem_read_uint(k->mem, counters + off, 4, ret, err);
}

vs_status cpumask_put(struct kernel *k, kva_t mask, struct buf *out, struct err *err)
{
	unsigned ncpus = percpu_ncpus(k), first = 0, cpu;
	const char *sep = "";
	bool in = false;
	uint64_t word = 0;

	for (cpu = 0; cpu <= ncpus; cpu++) {
		bool set;

		if (cpu < ncpus && cpu % 64 == 0) {
			vs_status st = mem_read_u64(k->mem, mask + cpu / 8, &word, err);

			if (st)
				return st;
		}
		set = cpu < ncpus && word >> cpu % 64 & 1;
		if (set && !in)
			first = cpu;
		if (!set && in) {
			buf_printf(out, "%s%u", sep, first);
			if (cpu - 1 > first)
				buf_printf(out, "-%u", cpu - 1);
			sep = ",";
		}
		in = set;
	}
	return VS_OK;
}

/* A cpumask_var_t is a pointer with CONFIG_CPUMASK_OFFSTACK, else the mask itself, an array of one
 * element. With up to 64 CPUs both have 8 bytes, so the type must tell. */
static bool is_pointer(struct kernel *k, const char *type, const char *path)
{
	struct type_field f = { 0 };
	struct type_info info;
	type_ref ref;

	if (types_find(k->types, type, &ref, NULL) == VS_OK)
		(void)types_field(k->types, ref, path, &f, NULL);
	types_info(k->types, types_strip(k->types, f.type), &info);
	return info.kind == TYPE_POINTER;
}

vs_status irq_put_affinity(struct kernel *k, const struct irq *irq, struct buf *out,
			   struct err *err)
{
	struct member m;
	uint64_t mask;
	vs_status st = record_member(k, &irq_desc_record, DESC_AFFINITY, &m, err);

	if (st)
		return st;
	if (!is_pointer(k, "struct irq_desc", record_name(k, &irq_desc_record, DESC_AFFINITY)))
		return cpumask_put(k, irq->desc + m.off, out, err);
	st = mem_read_u64(k->mem, irq->desc + m.off, &mask, err);
	return st ? st : cpumask_put(k, mask, out, err);
}

void irq_chip_name(struct kernel *k, const struct irq *irq, char *ret, size_t cap)
{
	struct record desc, chip;

	record_read(k, &irq_desc_record, irq->desc, RECORD_BIT(DESC_CHIP), &desc);
	record_read(k, &irq_chip_record, record_pointer(&desc, DESC_CHIP), RECORD_ALL, &chip);
	put_string(&chip, CHIP_NAME, ret, cap);
}

void irq_flow_name(struct kernel *k, const struct irq *irq, char *ret, size_t cap)
{
	struct record desc;

	record_read(k, &irq_desc_record, irq->desc, RECORD_BIT(DESC_FLOW), &desc);
	put_string(&desc, DESC_FLOW, ret, cap);
}
