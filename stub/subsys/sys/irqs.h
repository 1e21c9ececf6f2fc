// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* irqs.h - interrupt descriptors and what handles them. */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/base/mem.h"

struct kernel;

struct irq {
	unsigned number;
	kva_t desc;   /* struct irq_desc */
	kva_t action; /* its first struct irqaction; 0: none */
	bool known;   /* that could be read */
};

typedef bool (*irq_fn)(void *ctx, const struct irq *irq);
/* All descriptors by number, until fn returns false. */
vs_status irq_each(struct kernel *k, irq_fn fn, void *ctx, struct err *err);

/* Actions of one interrupt, until fn returns false; action: struct irqaction. */
vs_status irq_each_action(struct kernel *k, const struct irq *irq,
			  bool (*fn)(void *ctx, kva_t action, const char *name), void *ctx,
			  struct err *err);

/* How often it came on a CPU. */
vs_status irq_count(struct kernel *k, const struct irq *irq, unsigned cpu, uint64_t *ret,
		    struct err *err);
/* CPUs it may come to, as a list "0-3". */
vs_status irq_put_affinity(struct kernel *k, const struct irq *irq, struct buf *out,
			   struct err *err);
/* Name of its chip and of its flow: "IO-APIC", "edge"; "" for none, "?" when it cannot be read. */
void irq_chip_name(struct kernel *k, const struct irq *irq, char *ret, size_t cap);
void irq_flow_name(struct kernel *k, const struct irq *irq, char *ret, size_t cap);

/* A struct cpumask as a list: "0,2-3", "" for none. */
vs_status cpumask_put(struct kernel *k, kva_t mask, struct buf *out, struct err *err);
