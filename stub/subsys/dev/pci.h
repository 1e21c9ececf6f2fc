// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* pci.h - PCI buses and devices. */
#include <stdbool.h>

#include "stub/kernel/record.h"

enum pci_dev_field {
	PCI_DEV_LIST,
	PCI_DEV_FN, /* slot << 3 | function */
	PCI_DEV_CLASS,
	PCI_DEV_VENDOR,
	PCI_DEV_DEVICE,
	PCI_DEV_EXPRESS, /* flags of its PCI Express capability; bits 4 to 7 are its type */
};
extern const struct record_def pci_dev_record;

struct pci_bus {
	kva_t va;
	uint64_t domain, number;
	bool knows_domain, knows_number;
	char name[64]; /* name of its bridge, or its own: "0000:00" */
};

typedef bool (*pci_bus_fn)(void *ctx, const struct pci_bus *bus);
typedef bool (*pci_dev_fn)(void *ctx, const struct pci_bus *bus, const struct record *dev);
/* Calls fn for root buses only, or also for those behind bridges, until it returns false. */
vs_status pci_each_bus(struct kernel *k, bool roots, pci_bus_fn fn, void *ctx, struct err *err);
/* All devices, bus by bus. */
vs_status pci_each_dev(struct kernel *k, pci_dev_fn fn, void *ctx, struct err *err);
