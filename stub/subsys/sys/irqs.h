// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* irqs.h - interrupt descriptors and their handlers. */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/base/mem.h"

struct kernel;

struct irq {
	unsigned number;
	kva_t desc;   /* struct irq_desc */
	kva_t action; /* its first struct irqaction; 0: none */
	bool known;   /* action is known */
};

typedef bool (*irq_fn)(void *ctx, const struct irq *irq);
/* Calls fn for all descriptors, in order of numbers, until it returns false. */
vs_status irq_each(struct kernel *k, irq_fn fn, void *ctx, struct err *err);

/* Calls fn for the handlers (struct irqaction) of an interrupt until it returns false. */
vs_status irq_each_action(struct kernel *k, const struct irq *irq,
			  bool (*fn)(void *ctx, kva_t action, const char *name), void *ctx,
			  struct err *err);

/* How often the interrupt occurred on a CPU. */
vs_status irq_count(struct kernel *k, const struct irq *irq, unsigned cpu, uint64_t *ret,
		    struct err *err);
/* Its CPU affinity as a list, "0-3". */
vs_status irq_put_affinity(struct kernel *k, const struct irq *irq, struct buf *out,
			   struct err *err);
/* Names of its chip and flow handler: "IO-APIC", "edge"; "" for none, "?" if unreadable. */
void irq_chip_name(struct kernel *k, const struct irq *irq, char *ret, size_t cap);
void irq_flow_name(struct kernel *k, const struct irq *irq, char *ret, size_t cap);

/* A struct cpumask as a list: "0,2-3", "" for none. */
vs_status cpumask_put(struct kernel *k, kva_t mask, struct buf *out, struct err *err);
