// SPDX-License-Identifier: GPL-3.0-or-later
/* pci.c - PCI buses and devices (drivers/pci/probe.c). */
#include "stub/subsys/dev/pci.h"

#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"

#define MAX_BUSES 4096

static const struct record_field dev_fields[] = {
	[PCI_DEV_LIST] = { { "bus_list" }, RECORD_ADDRESS },
	[PCI_DEV_FN] = { { "devfn" }, RECORD_UINT },
	[PCI_DEV_CLASS] = { { "class" }, RECORD_UINT },
	[PCI_DEV_VENDOR] = { { "vendor" }, RECORD_UINT },
	[PCI_DEV_DEVICE] = { { "device" }, RECORD_UINT },
	[PCI_DEV_EXPRESS] = { { "pcie_flags_reg" }, RECORD_UINT },
};
RECORD(pci_dev_record, "pci_dev", dev_fields);

enum { BUS_NODE, BUS_CHILDREN, BUS_DEVICES, BUS_SYSDATA, BUS_NUMBER, BUS_BRIDGE, BUS_NAME };
static const struct record_field bus_fields[] = {
	[BUS_NODE] = { { "node" }, RECORD_ADDRESS },
	[BUS_CHILDREN] = { { "children" }, RECORD_ADDRESS },
	[BUS_DEVICES] = { { "devices" }, RECORD_ADDRESS },
	[BUS_SYSDATA] = { { "sysdata" }, RECORD_POINTER },
	[BUS_NUMBER] = { { "number" }, RECORD_UINT },
	[BUS_BRIDGE] = { { "bridge" }, RECORD_POINTER },
	[BUS_NAME] = { { "name" }, RECORD_ADDRESS },
};
RECORD(pci_bus_record, "pci_bus", bus_fields);

enum { SYSDATA_DOMAIN };
static const struct record_field sysdata_fields[] = {
	[SYSDATA_DOMAIN] = { { "domain" }, RECORD_INT },
};
RECORD(pci_sysdata_record, "pci_sysdata", sysdata_fields);

enum { DEVICE_NAME };
static const struct record_field device_fields[] = {
	[DEVICE_NAME] = { { "kobj.name" }, RECORD_POINTER },
};
RECORD(device_record, "device", device_fields);

struct buses {
	uint64_t off; /* of the node in struct pci_bus */
	VEC(kva_t) v;
};

static bool add_bus(void *ctx, kva_t node)
{
	struct buses *b = ctx;

	return b->v.n < MAX_BUSES && vec_push(&b->v, node - b->off);
}

static void load_bus(struct kernel *k, kva_t va, struct pci_bus *ret)
{
	struct pci_bus bus = { .va = va };
	struct record r, bridge;
	uint64_t sysdata;

	record_read(k, &pci_bus_record, va, RECORD_ALL, &r);
	bus.knows_number = record_get(&r, BUS_NUMBER, &bus.number);
	if (record_get(&r, BUS_SYSDATA, &sysdata))
		bus.knows_domain =
			!sysdata || record_field_read(k, &pci_sysdata_record, sysdata,
						      SYSDATA_DOMAIN, &bus.domain, NULL) == VS_OK;
	record_read(k, &device_record, record_pointer(&r, BUS_BRIDGE), RECORD_ALL, &bridge);
	if (!record_string(&bridge, DEVICE_NAME, bus.name, sizeof(bus.name)))
		(void)record_string(&r, BUS_NAME, bus.name, sizeof(bus.name));
	if (strncmp(bus.name, "pci", 3) == 0)
		memmove(bus.name, bus.name + 3, strlen(bus.name) - 2);
	*ret = bus;
}

vs_status pci_each_bus(struct kernel *k, bool roots, pci_bus_fn fn, void *ctx, struct err *err)
{
	struct buses b = { 0 };
	struct member node, children;
	kva_t head;
	vs_status st = kernel_symbol(k, "pci_root_buses", &head, err);

	if (st == VS_OK)
		st = record_member(k, &pci_bus_record, BUS_NODE, &node, err);
	if (st == VS_OK)
		st = record_member(k, &pci_bus_record, BUS_CHILDREN, &children, err);
	if (st)
		return st;
	b.off = node.off;
	st = walk_list(k, head, add_bus, &b, err);
	// add_bus() appends buses behind bridges while this loop runs.
	for (size_t i = 0; i < b.v.n; i++) {
		struct pci_bus bus;
		struct err why;
		vs_status one;

		load_bus(k, b.v.v[i], &bus);
		if (!fn(ctx, &bus))
			break;
		one = roots ? VS_OK : walk_list(k, bus.va + children.off, add_bus, &b, &why);
		if (one && st == VS_OK) {
			st = one;
			if (err)
				*err = why;
		}
	}
	vec_free(&b.v);
	return st;
}

struct devices {
	struct kernel *k;
	const struct pci_bus *bus;
	uint64_t node_off, list_off;
	pci_dev_fn fn;
	void *ctx;
	bool stopped;
	vs_status st;
	struct err why;
};

static bool give_dev(void *ctx, kva_t node)
{
	struct devices *d = ctx;
	struct record r;

	record_read(d->k, &pci_dev_record, node - d->node_off, RECORD_ALL, &r);
	d->stopped = !d->fn(d->ctx, d->bus, &r);
	return !d->stopped;
}

static bool devices_of_bus(void *ctx, const struct pci_bus *bus)
{
	struct devices *d = ctx;
	struct err why;
	vs_status st;

	d->bus = bus;
	st = walk_list(d->k, bus->va + d->list_off, give_dev, d, &why);
	if (st && d->st == VS_OK) {
		d->st = st;
		d->why = why;
	}
	return !d->stopped;
}

vs_status pci_each_dev(struct kernel *k, pci_dev_fn fn, void *ctx, struct err *err)
{
	struct devices d = { .k = k, .fn = fn, .ctx = ctx };
	struct member node, list;
	vs_status st = record_member(k, &pci_dev_record, PCI_DEV_LIST, &node, err);

	if (st == VS_OK)
		st = record_member(k, &pci_bus_record, BUS_DEVICES, &list, err);
	if (st)
		return st;
	d.node_off = node.off;
	d.list_off = list.off;
	st = pci_each_bus(k, false, devices_of_bus, &d, err);
	if (st == VS_OK && d.st && err)
		*err = d.why;
	return st ? st : d.st;
}
