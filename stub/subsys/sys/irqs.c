/* irqs.c - interrupt descriptors (kernel/irq/irqdesc.c): a radix tree until 6.4, then a maple tree
 * (721255b9826b, 6.5). */
#include "stub/subsys/sys/irqs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/walk.h"

#define MAX_IRQS (1u << 20)

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
	kernel_read_member(e->k, entry, "irq_desc", "action", &irq.action, NULL);
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

struct actions {
	struct kernel *k;
	bool (*fn)(void *ctx, kva_t action, const char *name);
	void *ctx;
};

static bool give_action(void *ctx, kva_t action)
{
	const struct actions *a = ctx;
	char name[64] = "";
	uint64_t va;

	if (kernel_read_member(a->k, action, "irqaction", "name", &va, NULL) == VS_OK && va)
		(void)mem_read_str(a->k->mem, va, name, sizeof(name), NULL);
	return a->fn(a->ctx, action, name);
}

vs_status irq_each_action(struct kernel *k, const struct irq *irq,
			  bool (*fn)(void *ctx, kva_t action, const char *name), void *ctx,
			  struct err *err)
{
	struct actions a = { k, fn, ctx };
	struct member next;
	vs_status st = kernel_member(k, "irqaction", &next, err, "next", NULL);

	if (st == VS_OK)
		st = walk_chain(k, irq->action, next.off, 0, give_action, &a, err);
	return st ? fail_ctx(err, st, "IRQ %u", irq->number) : VS_OK;
}

vs_status irq_count(struct kernel *k, const struct irq *irq, unsigned cpu, uint64_t *ret,
		    struct err *err)
{
	uint64_t counters, off;
	vs_status st = kernel_read_member(k, irq->desc, "irq_desc", "kstat_irqs", &counters, err);

	if (st == VS_OK && !counters) {
		*ret = 0;
		return VS_OK;
	}
	if (st == VS_OK)
		st = percpu_offset(k, cpu, &off, err);
	// 86d2a2f51fba (6.10): struct irqstat begins with the count.
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

vs_status irq_put_affinity(struct kernel *k, const struct irq *irq, struct buf *out,
			   struct err *err)
{
	struct member m;
	uint64_t mask;
	vs_status st = kernel_member(k, "irq_desc", &m, err, "irq_common_data.affinity", NULL);

	if (st)
		return st;
	// cpumask_var_t: a pointer with CONFIG_CPUMASK_OFFSTACK, else the mask itself.
	if (m.size != 8)
		return cpumask_put(k, irq->desc + m.off, out, err);
	st = mem_read_u64(k->mem, irq->desc + m.off, &mask, err);
	return st ? st : cpumask_put(k, mask, out, err);
}

void irq_chip_name(struct kernel *k, const struct irq *irq, char *ret, size_t cap)
{
	uint64_t chip, name;

	ret[0] = '\0';
	if (kernel_read_member(k, irq->desc, "irq_desc", "irq_data.chip", &chip, NULL) || !chip ||
	    kernel_read_member(k, chip, "irq_chip", "name", &name, NULL) || !name)
		return;
	if (mem_read_str(k->mem, name, ret, cap, NULL))
		ret[0] = '\0';
}

void irq_flow_name(struct kernel *k, const struct irq *irq, char *ret, size_t cap)
{
	uint64_t name;

	ret[0] = '\0';
	if (kernel_read_member(k, irq->desc, "irq_desc", "name", &name, NULL) || !name)
		return;
	if (mem_read_str(k->mem, name, ret, cap, NULL))
		ret[0] = '\0';
}
