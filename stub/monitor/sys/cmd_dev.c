// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_dev.c - dev: character and block devices, PCI, I/O ports and memory, disks. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/cmd.h"
#include "stub/subsys/dev/devices.h"
#include "stub/subsys/dev/pci.h"
#include "stub/subsys/dev/resources.h"

struct dev {
	struct monitor *m;
	struct buf *out;
	int width; /* -i: digits of an address */
};

/* --- numbers and their operations */

/* Prints the operations of object, a cdev or gendisk, which its member `field` points to. */
static void put_ops(struct dev *d, const struct record_def *def, unsigned field, kva_t object)
{
	struct addr_name name;
	struct record r;
	uint64_t ops;

	if (!object) {
		buf_puts(d->out, "     (none)\n");
		return;
	}
	buf_printf(d->out, "%16" PRIx64 "  ", object);
	record_read(d->m->k, def, object, RECORD_BIT(field), &r);
	if (record_get(&r, field, &ops) && ops && cmd_lookup(d->m, ops, &name) && !name.off)
		buf_puts(d->out, name.sym->name);
	else
		cmd_put_field(d->out, &r, field, "%" PRIx64);
	buf_putc(d->out, '\n');
}

static void put_number(struct dev *d, const struct dev_number *n)
{
	buf_put_known(d->out, n->known, "%4" PRIu64, n->major);
	buf_printf(d->out, "      %-13s ", n->name);
}

static vs_status put_chrdevs(struct dev *d, struct err *err)
{
	AUTO_FREE struct dev_number *all = NULL;
	size_t n;
	vs_status st = dev_numbers_load(d->m->k, false, &all, &n, err);

	buf_puts(d->out, "CHRDEV    NAME                 CDEV        OPERATIONS\n");
	for (size_t i = 0; i < n; i++) {
		kva_t cdev;
		struct err why;

		put_number(d, &all[i]);
		if (cdev_find(d->m->k, &all[i], &cdev, &why))
			buf_printf(d->out, "%16s  (%s)\n", "?", why.msg);
		else
			put_ops(d, &cdev_record, CDEV_OPS, cdev);
	}
	return st;
}

/* --- disks */

struct disk_row {
	struct record disk;
	char name[40];
};

static int by_name(const void *a, const void *b)
{
	const struct disk_row *x = a, *y = b;
	uint64_t i = record_pointer(&x->disk, DISK_MAJOR), j = record_pointer(&y->disk, DISK_MAJOR);

	return i != j ? (i < j ? -1 : 1) : strcmp(x->name, y->name);
}

/* Disks, sorted by name. The caller frees *ret. */
static vs_status disk_rows(struct kernel *k, struct disk_row **ret, size_t *n, struct err *err)
{
	AUTO_FREE kva_t *disks = NULL;
	size_t count;
	vs_status st = disks_load(k, &disks, &count, err);

	*n = 0;
	*ret = calloc(count + 1, sizeof(**ret));
	if (!*ret)
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct disk_row *r = &(*ret)[(*n)++];

		record_read(k, &disk_record, disks[i], RECORD_ALL, &r->disk);
		(void)record_string(&r->disk, DISK_NAME, r->name, sizeof(r->name));
	}
	if (*n)
		qsort(*ret, *n, sizeof(**ret), by_name);
	return st;
}

static vs_status put_disks(struct dev *d, struct err *err)
{
	AUTO_FREE struct disk_row *rows = NULL;
	struct kernel *k = d->m->k;
	size_t n;
	vs_status st = disk_rows(k, &rows, &n, err);

	buf_puts(d->out,
		 "MAJOR GENDISK            NAME       REQUEST_QUEUE      TOTAL  READ WRITE\n");
	for (size_t i = 0; i < n; i++) {
		const struct record *disk = &rows[i].disk;
		uint64_t r = 0, w = 0;
		bool reads = disk_in_flight(k, disk, 0, &r, NULL) == VS_OK,
		     writes = disk_in_flight(k, disk, 1, &w, NULL) == VS_OK;

		cmd_put_field(d->out, disk, DISK_MAJOR, "%5" PRIu64);
		buf_printf(d->out, " %16" PRIx64 "   %-10s", disk->va, rows[i].name);
		cmd_put_field(d->out, disk, DISK_QUEUE, " %16" PRIx64);
		buf_put_known(d->out, reads && writes, "  %5" PRIu64, r + w);
		buf_put_known(d->out, reads, " %5" PRIu64, r);
		buf_put_known(d->out, writes, " %5" PRIu64, w);
		buf_putc(d->out, '\n');
	}
	return st;
}

static vs_status put_blkdevs(struct dev *d, struct err *err)
{
	AUTO_FREE struct disk_row *rows = NULL;
	AUTO_FREE struct dev_number *all = NULL;
	size_t n, count;
	vs_status st = dev_numbers_load(d->m->k, true, &all, &count, err), disks;

	disks = disk_rows(d->m->k, &rows, &n, st ? NULL : err);
	buf_puts(d->out, "\nBLKDEV    NAME                GENDISK      OPERATIONS\n");
	for (size_t i = 0; i < count; i++) {
		kva_t disk = 0;
		uint64_t major;

		for (size_t j = 0; j < n && !disk && all[i].known; j++)
			if (record_get(&rows[j].disk, DISK_MAJOR, &major) && major == all[i].major)
				disk = rows[j].disk.va;
		put_number(d, &all[i]);
		put_ops(d, &disk_record, DISK_FOPS, disk);
	}
	return st ? st : disks;
}

/* --- -i */

static bool put_resource(void *ctx, const struct record *r)
{
	const struct dev *d = ctx;
	char name[64] = "";

	// A missing name is not an error.
	if (!record_knows(r, RESOURCE_NAME) || record_pointer(r, RESOURCE_NAME))
		(void)record_string(r, RESOURCE_NAME, name, sizeof(name));
	buf_printf(d->out, "%16" PRIx64 "  %0*" PRIx64 "-%0*" PRIx64 "  %s\n", r->va, d->width,
		   r->v[RESOURCE_START], d->width, r->v[RESOURCE_END], name);
	return true;
}

static vs_status put_resources(struct dev *d, const char *symbol, int width, struct err *err)
{
	d->width = width;
	buf_printf(d->out, "    RESOURCE        %*sRANGE%*sNAME\n", width > 4 ? 4 : 0, "",
		   width > 4 ? 8 : 4, "");
	return resources_each(d->m->k, symbol, put_resource, d, err);
}

/* --- -p */

/* Device/port type of the PCI Express capability; other devices count as endpoints, as in crash. */
static const char *pcie_type(const struct record *dev)
{
	static const char *const names[] = { "ENDPOINT",    "LEG_END",	NULL,	      NULL,
					     "ROOT_PORT",   "UPSTREAM", "DOWNSTREAM", "PCI_BRIDGE",
					     "PCIE_BRIDGE", "RC_END",	"RC_EC" };
	uint64_t type;

	if (!record_get(dev, PCI_DEV_EXPRESS, &type))
		return "?";
	type = type >> 4 & 15;
	return type < sizeof(names) / sizeof(names[0]) && names[type] ? names[type] : "UNKNOWN";
}

static bool put_pci_dev(void *ctx, const struct pci_bus *bus, const struct record *dev)
{
	const struct dev *d = ctx;
	uint64_t fn = record_pointer(dev, PCI_DEV_FN);

	buf_printf(d->out, "  %16" PRIx64, dev->va);
	buf_put_known(d->out, bus->knows_domain, " %04" PRIx64, bus->domain);
	buf_put_known(d->out, bus->knows_number, ":%02" PRIx64, bus->number);
	buf_put_known(d->out, record_knows(dev, PCI_DEV_FN), ":%02" PRIx64, fn >> 3 & 31);
	buf_put_known(d->out, record_knows(dev, PCI_DEV_FN), ".%" PRIx64, fn & 7);
	buf_put_known(d->out, record_knows(dev, PCI_DEV_CLASS), "  %04" PRIx64,
		      record_pointer(dev, PCI_DEV_CLASS) >> 8);
	cmd_put_field(d->out, dev, PCI_DEV_VENDOR, "  %04" PRIx64);
	cmd_put_field(d->out, dev, PCI_DEV_DEVICE, ":%04" PRIx64);
	buf_printf(d->out, "  %s\n", pcie_type(dev));
	return true;
}

static bool put_pci_root(void *ctx, const struct pci_bus *bus)
{
	const struct dev *d = ctx;

	buf_printf(d->out, "%16" PRIx64 " %s\n", bus->va, bus->name);
	return true;
}

static vs_status put_pci(struct dev *d, struct err *err)
{
	vs_status st, devs;

	buf_puts(d->out, "    ROOT BUS     BUSNAME\n");
	st = pci_each_bus(d->m->k, true, put_pci_root, d, err);
	if (st == VS_NOTFOUND)
		return st;
	buf_puts(d->out, "      PCI DEV      DO:BU:SL.FN  CLASS   PCI_ID      TYPE\n");
	devs = pci_each_dev(d->m->k, put_pci_dev, d, st ? NULL : err);
	return st ? st : devs;
}

static vs_status cmd_dev(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct dev d = { .m = m, .out = out };
	vs_status st = kernel_need_types(m->k, err), second;

	if (st)
		return st;
	switch (cmd_last(a, "pid")) {
	case 'p':
		return put_pci(&d, err);
	case 'd':
		return put_disks(&d, err);
	case 'i':
		st = put_resources(&d, "ioport_resource", 4, err);
		buf_putc(out, '\n');
		second = put_resources(&d, "iomem_resource", 8, st ? NULL : err);
		return st ? st : second;
	}
	st = put_chrdevs(&d, err);
	second = put_blkdevs(&d, st ? NULL : err);
	return st ? st : second;
}

static const struct cmd_opt options[] = {
	{ "p", .help = "PCI devices" },
	{ "i", .help = "I/O ports and memory" },
	{ "d", .help = "disks with requests in flight" },
	{ 0 },
};

const struct cmd verb_dev = {
	.name = "dev",
	.run = cmd_dev,
	.brief = "character and block devices, PCI, I/O ports",
	.synopsis = "dev [-p | -i | -d]",
	.help = "Without options, list major numbers with their cdev or gendisk and operations.\n",
	.example = "  dev -d\n"
		   "  MAJOR GENDISK            NAME       REQUEST_QUEUE      TOTAL  READ WRITE\n"
		   "    254 ff40e9128213e000   vda        ff40e912821b0790       0     0     0\n",
	.options = options,
};
