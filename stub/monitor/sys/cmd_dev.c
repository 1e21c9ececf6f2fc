// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_dev.c - dev: character and block devices, PCI, I/O ports and memory, disks. */
#include <inttypes.h>
#include <stdio.h>
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
	struct table t;
};

/* --- numbers and their operations */

static const struct table_def chrdev_table = {
	.name = "chrdevs",
	.heading = "CHRDEV    NAME                 CDEV        OPERATIONS\n",
	.columns = {
		{ "major", "", 4, COLUMN_NUMBER },
		{ "name", "      ", -13, COLUMN_TEXT, " " },
		{ "cdev", "", 16, COLUMN_ADDRESS },
		{ "operations", "  ", 0, COLUMN_TEXT },
	},
};
static const struct table_def blkdev_table = {
	.name = "blkdevs",
	.heading = "\nBLKDEV    NAME                GENDISK      OPERATIONS\n",
	.columns = {
		{ "major", "", 4, COLUMN_NUMBER },
		{ "name", "      ", -13, COLUMN_TEXT, " " },
		{ "gendisk", "", 16, COLUMN_ADDRESS },
		{ "operations", "  ", 0, COLUMN_TEXT },
	},
};

/* The operations of object, a cdev or gendisk, which its member `field` points to. */
static void put_ops(struct dev *d, const struct record_def *def, unsigned field, kva_t object)
{
	struct addr_name name;
	struct record r;
	char text[32];
	uint64_t ops;

	if (!object) {
		table_layout(&d->t, "     (none)");
		table_hide(&d->t, true);
	}
	table_uint(&d->t, object);
	record_read(d->m->k, def, object, RECORD_BIT(field), &r);
	if (!object || !record_get(&r, field, &ops)) {
		table_unknown(&d->t);
	} else if (ops && cmd_lookup(d->m, ops, &name) && !name.off) {
		table_text(&d->t, name.sym->name);
	} else {
		snprintf(text, sizeof(text), "%#" PRIx64, ops);
		table_show(&d->t, "%" PRIx64, ops);
		table_text(&d->t, text);
	}
	table_end_row(&d->t);
}

static void put_number(struct dev *d, const struct dev_number *n)
{
	table_known(&d->t, n->known, n->major);
	table_text(&d->t, n->name);
}

static vs_status put_chrdevs(struct dev *d, struct err *err)
{
	AUTO_FREE struct dev_number *all = NULL;
	size_t n;
	vs_status st = dev_numbers_load(d->m->k, false, &all, &n, err);

	table_begin(&d->t, &chrdev_table, d->m, d->out);
	for (size_t i = 0; i < n; i++) {
		kva_t cdev;
		struct err why;

		put_number(d, &all[i]);
		if (cdev_find(d->m->k, &all[i], &cdev, &why)) {
			table_unknown(&d->t);
			table_remark(&d->t, "  ", "%s", why.msg);
			table_end_row(&d->t);
		} else {
			put_ops(d, &cdev_record, CDEV_OPS, cdev);
		}
	}
	table_end(&d->t);
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

static const struct table_def disk_table = {
	.name = "rows",
	.heading = "MAJOR GENDISK            NAME       REQUEST_QUEUE      TOTAL  READ WRITE\n",
	.columns = {
		{ "major", "", 5, COLUMN_NUMBER },
		{ "gendisk", " ", 16, COLUMN_ADDRESS },
		{ "name", "   ", -10, COLUMN_TEXT },
		{ "request_queue", " ", 16, COLUMN_ADDRESS },
		{ "total", "  ", 5, COLUMN_NUMBER },
		{ "read", " ", 5, COLUMN_NUMBER },
		{ "write", " ", 5, COLUMN_NUMBER },
	},
};

static vs_status put_disks(struct dev *d, struct err *err)
{
	AUTO_FREE struct disk_row *rows = NULL;
	struct kernel *k = d->m->k;
	size_t n;
	vs_status st = disk_rows(k, &rows, &n, err);

	table_begin(&d->t, &disk_table, d->m, d->out);
	for (size_t i = 0; i < n; i++) {
		const struct record *disk = &rows[i].disk;
		uint64_t r = 0, w = 0;
		bool reads = disk_in_flight(k, disk, 0, &r, NULL) == VS_OK,
		     writes = disk_in_flight(k, disk, 1, &w, NULL) == VS_OK;

		table_field(&d->t, disk, DISK_MAJOR);
		table_uint(&d->t, disk->va);
		table_text(&d->t, rows[i].name);
		table_field(&d->t, disk, DISK_QUEUE);
		table_known(&d->t, reads && writes, r + w);
		table_known(&d->t, reads, r);
		table_known(&d->t, writes, w);
		table_end_row(&d->t);
	}
	table_end(&d->t);
	return st;
}

static vs_status put_blkdevs(struct dev *d, struct err *err)
{
	AUTO_FREE struct disk_row *rows = NULL;
	AUTO_FREE struct dev_number *all = NULL;
	size_t n, count;
	vs_status st = dev_numbers_load(d->m->k, true, &all, &count, err), disks;

	disks = disk_rows(d->m->k, &rows, &n, st ? NULL : err);
	table_begin(&d->t, &blkdev_table, d->m, d->out);
	for (size_t i = 0; i < count; i++) {
		kva_t disk = 0;
		uint64_t major;

		for (size_t j = 0; j < n && !disk && all[i].known; j++)
			if (record_get(&rows[j].disk, DISK_MAJOR, &major) && major == all[i].major)
				disk = rows[j].disk.va;
		put_number(d, &all[i]);
		put_ops(d, &disk_record, DISK_FOPS, disk);
	}
	table_end(&d->t);
	return st ? st : disks;
}

/* --- -i */

static const struct table_def port_table = {
	.name = "ports",
	.heading = "    RESOURCE        RANGE    NAME\n",
	.columns = {
		{ "resource", "", 16, COLUMN_ADDRESS },
		{ "start", "  ", 4, COLUMN_ADDRESS0 },
		{ "end", "-", 4, COLUMN_ADDRESS0 },
		{ "name", "  ", 0, COLUMN_TEXT },
	},
};
static const struct table_def memory_table = {
	.name = "memory",
	.heading = "    RESOURCE            RANGE        NAME\n",
	.columns = {
		{ "resource", "", 16, COLUMN_ADDRESS },
		{ "start", "  ", 8, COLUMN_ADDRESS0 },
		{ "end", "-", 8, COLUMN_ADDRESS0 },
		{ "name", "  ", 0, COLUMN_TEXT },
	},
};

static bool put_resource(void *ctx, const struct record *r)
{
	struct dev *d = ctx;
	char name[64] = "";

	// A missing name is not an error.
	if (!record_knows(r, RESOURCE_NAME) || record_pointer(r, RESOURCE_NAME))
		(void)record_string(r, RESOURCE_NAME, name, sizeof(name));
	table_uint(&d->t, r->va);
	table_uint(&d->t, r->v[RESOURCE_START]);
	table_uint(&d->t, r->v[RESOURCE_END]);
	table_text(&d->t, name);
	table_end_row(&d->t);
	return true;
}

static vs_status put_resources(struct dev *d, const char *symbol, const struct table_def *def,
			       struct err *err)
{
	vs_status st;

	table_begin(&d->t, def, d->m, d->out);
	st = resources_each(d->m->k, symbol, put_resource, d, err);
	table_end(&d->t);
	return st;
}

/* --- -p */

/* Device/port type of the PCI Express capability; other devices count as endpoints, as in crash.
 * NULL: unknown. */
static const char *pcie_type(const struct record *dev)
{
	static const char *const names[] = { "ENDPOINT",    "LEG_END",	NULL,	      NULL,
					     "ROOT_PORT",   "UPSTREAM", "DOWNSTREAM", "PCI_BRIDGE",
					     "PCIE_BRIDGE", "RC_END",	"RC_EC" };
	uint64_t type;

	if (!record_get(dev, PCI_DEV_EXPRESS, &type))
		return NULL;
	type = type >> 4 & 15;
	return type < sizeof(names) / sizeof(names[0]) && names[type] ? names[type] : "UNKNOWN";
}

static const struct table_def bus_table = {
	.name = "buses",
	.heading = "    ROOT BUS     BUSNAME\n",
	.columns = {
		{ "bus", "", 16, COLUMN_ADDRESS },
		{ "name", " ", 0, COLUMN_TEXT },
	},
};
static const struct table_def pci_table = {
	.name = "devices",
	.heading = "      PCI DEV      DO:BU:SL.FN  CLASS   PCI_ID      TYPE\n",
	.columns = {
		{ "pci_dev", "  ", 16, COLUMN_ADDRESS },
		{ "domain", " ", 4, COLUMN_ADDRESS0 },
		{ "bus", ":", 2, COLUMN_ADDRESS0 },
		{ "slot", ":", 2, COLUMN_ADDRESS0 },
		{ "function", ".", 0, COLUMN_ADDRESS },
		{ "class", "  ", 4, COLUMN_ADDRESS0 },
		{ "vendor", "  ", 4, COLUMN_ADDRESS0 },
		{ "device", ":", 4, COLUMN_ADDRESS0 },
		{ "type", "  ", 0, COLUMN_TEXT },
	},
};

static bool put_pci_dev(void *ctx, const struct pci_bus *bus, const struct record *dev)
{
	struct dev *d = ctx;
	uint64_t fn = record_pointer(dev, PCI_DEV_FN);

	table_uint(&d->t, dev->va);
	table_known(&d->t, bus->knows_domain, bus->domain);
	table_known(&d->t, bus->knows_number, bus->number);
	table_known(&d->t, record_knows(dev, PCI_DEV_FN), fn >> 3 & 31);
	table_known(&d->t, record_knows(dev, PCI_DEV_FN), fn & 7);
	table_known(&d->t, record_knows(dev, PCI_DEV_CLASS),
		    record_pointer(dev, PCI_DEV_CLASS) >> 8);
	table_field(&d->t, dev, PCI_DEV_VENDOR);
	table_field(&d->t, dev, PCI_DEV_DEVICE);
	table_text(&d->t, pcie_type(dev));
	table_end_row(&d->t);
	return true;
}

static bool put_pci_root(void *ctx, const struct pci_bus *bus)
{
	struct dev *d = ctx;

	table_uint(&d->t, bus->va);
	table_text(&d->t, bus->name);
	table_end_row(&d->t);
	return true;
}

static vs_status put_pci(struct dev *d, struct err *err)
{
	vs_status st, devs;

	table_begin(&d->t, &bus_table, d->m, d->out);
	st = pci_each_bus(d->m->k, true, put_pci_root, d, err);
	table_end(&d->t);
	if (st == VS_NOTFOUND)
		return st;
	table_begin(&d->t, &pci_table, d->m, d->out);
	devs = pci_each_dev(d->m->k, put_pci_dev, d, st ? NULL : err);
	table_end(&d->t);
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
		st = put_resources(&d, "ioport_resource", &port_table, err);
		buf_putc(out, '\n');
		second = put_resources(&d, "iomem_resource", &memory_table, st ? NULL : err);
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
	.json = true,
};
