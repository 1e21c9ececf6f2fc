/* cmd_dev.c - dev: character and block devices, PCI, I/O ports and memory, disks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/vec.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/walk.h"
#include "stub/monitor/cmd.h"

#define HASH_SIZE     255 /* CHRDEV_MAJOR_HASH_SIZE, BLKDEV_MAJOR_HASH_SIZE */
#define MAX_RESOURCES 65536
#define MAX_BUSES     4096

struct dev {
	struct monitor *m;
	struct buf *out;
};

static void text(struct kernel *k, kva_t va, const char *type, const char *path, char *ret,
		 size_t cap)
{
	struct member m;

	ret[0] = '\0';
	if (kernel_member(k, type, &m, NULL, path, NULL) ||
	    mem_read_str(k->mem, va + m.off, ret, cap < m.size + 1 ? cap : m.size + 1, NULL))
		ret[0] = '\0';
}

/* --- majors: both tables are 255 chains of structs with next, major and name */

struct major {
	uint64_t major, minor;
	char name[64];
	kva_t object; /* cdev */
};

struct majors {
	struct kernel *k;
	const char *type;
	VEC(struct major) v;
};

static bool add_major(void *ctx, kva_t va)
{
	struct majors *t = ctx;
	struct major m = { .major = kernel_word(t->k, va, t->type, "major"),
			   .minor = kernel_word(t->k, va, t->type, "baseminor"),
			   .object = kernel_word(t->k, va, t->type, "cdev") };

	text(t->k, va, t->type, "name", m.name, sizeof(m.name));
	return vec_push(&t->v, m);
}

static int by_major(const void *a, const void *b)
{
	const struct major *x = a, *y = b;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	return x->minor < y->minor ? -1 : x->minor > y->minor;
}

static vs_status load_majors(struct majors *t, const char *symbol, struct err *err)
{
	struct member next;
	kva_t table, first;
	vs_status st = kernel_symbol(t->k, symbol, &table, err);

	if (st == VS_OK)
		st = kernel_member(t->k, t->type, &next, err, "next", NULL);
	for (unsigned i = 0; i < HASH_SIZE && st == VS_OK; i++) {
		st = mem_read_u64(t->k->mem, table + 8 * i, &first, err);
		if (st == VS_OK)
			st = walk_chain(t->k, first, next.off, 0, add_major, t, err);
	}
	if (t->v.n)
		qsort(t->v.v, t->v.n, sizeof(*t->v.v), by_major);
	return st;
}

static void put_ops(struct dev *d, kva_t object, uint64_t ops, struct buf *out)
{
	struct addr_name name;

	if (!object) {
		buf_puts(out, "     (none)\n");
		return;
	}
	buf_printf(out, "%16" PRIx64 "  ", object);
	if (ops && cmd_lookup(d->m, ops, &name) && !name.off)
		buf_printf(out, "%s\n", name.sym->name);
	else
		buf_printf(out, "%" PRIx64 "\n", ops);
}

struct cdev_search {
	struct kernel *k;
	uint64_t number; /* dev_t */
	kva_t found;
};

static bool match_cdev(void *ctx, kva_t probe)
{
	struct cdev_search *s = ctx;
	uint64_t first = kernel_word(s->k, probe, "probe", "dev"),
		 range = kernel_word(s->k, probe, "probe", "range");
	uint64_t data = kernel_word(s->k, probe, "probe", "data");

	// The chain is sorted by range: the first that fits is the narrowest.
	if (s->number < first || s->number - first >= range || !s->k->arch->is_kernel_va(data))
		return true;
	s->found = data;
	return false;
}

/* Drivers that made their cdev themselves are in the map of device numbers alone. */
static kva_t cdev_of(struct kernel *k, const struct major *m)
{
	struct cdev_search s = { k, m->major << 20 | m->minor, 0 };
	struct member next, probes;
	kva_t va, map, first;

	if (kernel_symbol(k, "cdev_map", &va, NULL) || mem_read_u64(k->mem, va, &map, NULL) ||
	    kernel_member(k, "probe", &next, NULL, "next", NULL) ||
	    kernel_member(k, "kobj_map", &probes, NULL, "probes", NULL) ||
	    mem_read_u64(k->mem, map + probes.off + 8 * (m->major % HASH_SIZE), &first, NULL))
		return 0;
	(void)walk_chain(k, first, next.off, 0, match_cdev, &s, NULL);
	return s.found;
}

static vs_status put_chrdevs(struct dev *d, struct err *err)
{
	struct majors t = { .k = d->m->k, .type = "char_device_struct" };
	vs_status st = load_majors(&t, "chrdevs", err);

	buf_puts(d->out, "CHRDEV    NAME                 CDEV        OPERATIONS\n");
	for (size_t i = 0; i < t.v.n; i++) {
		const struct major *m = &t.v.v[i];
		kva_t cdev;

		buf_printf(d->out, "%4" PRIu64 "      %-13s ", m->major, m->name);
		cdev = m->object ? m->object : cdev_of(t.k, m);
		put_ops(d, cdev, cdev ? kernel_word(t.k, cdev, "cdev", "ops") : 0, d->out);
	}
	vec_free(&t.v);
	return st;
}

/* --- disks */

struct disks {
	struct kernel *k;
	uint64_t inode_off, bdev_off;
	VEC(kva_t) v;
};

static bool add_disk(struct disks *d, kva_t disk)
{
	for (size_t i = 0; i < d->v.n; i++)
		if (d->v.v[i] == disk)
			return true;
	return !d->k->arch->is_kernel_va(disk) || vec_push(&d->v, disk);
}

static bool add_inode(void *ctx, kva_t node)
{
	struct disks *d = ctx;
	kva_t bdev = node - d->inode_off + d->bdev_off;

	return add_disk(d, kernel_word(d->k, bdev, "block_device", "bd_disk"));
}

/* Since 5.11 every disk has its struct block_device (22ae8ce8b892), beside its inode. */
static vs_status disks_of_inodes(struct disks *d, struct err *err)
{
	struct member inodes, list, vfs;
	kva_t va, sb;
	vs_status st = kernel_symbol(d->k, "blockdev_superblock", &va, err);

	if (st == VS_OK)
		st = mem_read_u64(d->k->mem, va, &sb, err);
	if (st == VS_OK)
		st = kernel_member(d->k, "super_block", &inodes, err, "s_inodes", NULL);
	if (st == VS_OK)
		st = kernel_member(d->k, "inode", &list, err, "i_sb_list", NULL);
	if (st == VS_OK)
		st = kernel_member(d->k, "bdev_inode", &vfs, err, "vfs_inode", NULL);
	if (st)
		return st;
	d->inode_off = list.off + vfs.off;
	return walk_list(d->k, sb + inodes.off, add_inode, d, err);
}

static bool add_probe(void *ctx, kva_t probe)
{
	struct disks *d = ctx;
	kva_t disk = kernel_word(d->k, probe, "probe", "data");
	char name[40];

	// Other probes load modules: their data is none, or a number.
	if (!d->k->arch->is_kernel_va(disk))
		return true;
	text(d->k, disk, "gendisk", "disk_name", name, sizeof(name));
	return !name[0] || add_disk(d, disk);
}

/* Before, a map of all device numbers (drivers/base/map.c). */
static vs_status disks_of_map(struct disks *d, kva_t va, struct err *err)
{
	struct member next, probes;
	kva_t map, first;
	vs_status st = mem_read_u64(d->k->mem, va, &map, err);

	if (st == VS_OK)
		st = kernel_member(d->k, "probe", &next, err, "next", NULL);
	if (st == VS_OK)
		st = kernel_member(d->k, "kobj_map", &probes, err, "probes", NULL);
	for (uint64_t off = 0; st == VS_OK && off < probes.size; off += 8) {
		st = mem_read_u64(d->k->mem, map + probes.off + off, &first, err);
		if (st == VS_OK)
			st = walk_chain(d->k, first, next.off, 0, add_probe, d, err);
	}
	return st;
}

static vs_status load_disks(struct disks *d, struct err *err)
{
	kva_t map;

	return kernel_symbol(d->k, "bdev_map", &map, NULL) == VS_OK ? disks_of_map(d, map, err)
								    : disks_of_inodes(d, err);
}

/* Fields of a disk's counters: in a struct of its own until 5.10 (part0.dkstats), then the block
 * device's (bd_stats); per-CPU. */
static uint64_t in_flight(struct kernel *k, kva_t disk, unsigned way)
{
	struct member stats, m;
	uint64_t base = 0, part0, sum = 0;
	char path[48];

	if (kernel_member(k, "gendisk", &stats, NULL, "part0.dkstats", NULL) == VS_OK)
		mem_read_u64(k->mem, disk + stats.off, &base, NULL);
	else if ((part0 = kernel_word(k, disk, "gendisk", "part0")))
		base = kernel_word(k, part0, "block_device", "bd_stats");
	snprintf(path, sizeof(path), "in_flight[%u].a.counter", way);
	if (!base || kernel_member(k, "disk_stats", &m, NULL, path, NULL))
		return 0;
	for (unsigned cpu = 0; cpu < percpu_ncpus(k); cpu++) {
		uint64_t off, v;

		if (percpu_offset(k, cpu, &off, NULL) == VS_OK &&
		    kernel_read_at(k, base + off, &m, &v, NULL) == VS_OK)
			sum += v;
	}
	// A CPU may have ended what another began: only the sum means something.
	return (int64_t)sum < 0 ? 0 : sum;
}

struct disk_row {
	uint64_t major;
	kva_t va;
	char name[40];
};

static int by_name(const void *a, const void *b)
{
	const struct disk_row *x = a, *y = b;

	return x->major != y->major ? (x->major < y->major ? -1 : 1) : strcmp(x->name, y->name);
}

/* Sorted; *ret is malloced, the caller's. */
static vs_status disk_rows(struct kernel *k, struct disk_row **ret, size_t *n, struct err *err)
{
	struct disks d = { .k = k };
	vs_status st = load_disks(&d, err);

	*n = 0;
	*ret = calloc(d.v.n + 1, sizeof(**ret));
	for (size_t i = 0; *ret && i < d.v.n; i++) {
		struct disk_row *r = &(*ret)[(*n)++];

		r->va = d.v.v[i];
		r->major = kernel_word(k, r->va, "gendisk", "major");
		text(k, r->va, "gendisk", "disk_name", r->name, sizeof(r->name));
	}
	if (*n)
		qsort(*ret, *n, sizeof(**ret), by_name);
	vec_free(&d.v);
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
		uint64_t r = in_flight(k, rows[i].va, 0), w = in_flight(k, rows[i].va, 1);

		buf_printf(d->out,
			   "%5" PRIu64 " %16" PRIx64 "   %-10s %16" PRIx64 "  %5" PRIu64
			   " %5" PRIu64 " %5" PRIu64 "\n",
			   rows[i].major, rows[i].va, rows[i].name,
			   kernel_word(k, rows[i].va, "gendisk", "queue"), r + w, r, w);
	}
	return st;
}

static vs_status put_blkdevs(struct dev *d, struct err *err)
{
	AUTO_FREE struct disk_row *rows = NULL;
	struct majors t = { .k = d->m->k, .type = "blk_major_name" };
	size_t n;
	vs_status st = load_majors(&t, "major_names", err), disks;

	disks = disk_rows(d->m->k, &rows, &n, st ? NULL : err);
	buf_puts(d->out, "\nBLKDEV    NAME                GENDISK      OPERATIONS\n");
	for (size_t i = 0; i < t.v.n; i++) {
		const struct major *m = &t.v.v[i];
		kva_t disk = 0;

		for (size_t j = 0; j < n && !disk; j++)
			if (rows[j].major == m->major)
				disk = rows[j].va;
		buf_printf(d->out, "%4" PRIu64 "      %-13s ", m->major, m->name);
		put_ops(d, disk, disk ? kernel_word(t.k, disk, "gendisk", "fops") : 0, d->out);
	}
	vec_free(&t.v);
	return st ? st : disks;
}

/* --- -i */

/* A tree by pointers to parent, sibling and first child: each is asked for its parent, so that none
 * comes twice. */
static vs_status put_resources(struct dev *d, const char *symbol, int width, struct err *err)
{
	struct kernel *k = d->m->k;
	kva_t root, at;
	size_t n = 0;
	vs_status st = kernel_symbol(k, symbol, &root, err);

	if (st)
		return st;
	buf_printf(d->out, "    RESOURCE        %*sRANGE%*sNAME\n", width > 4 ? 4 : 0, "",
		   width > 4 ? 8 : 4, "");
	for (at = root; at;) {
		uint64_t start, end, name, child, next;
		char label[64] = "";

		if (n++ > MAX_RESOURCES)
			return fail(err, VS_CORRUPT, "%s does not end after %d entries", symbol,
				    MAX_RESOURCES);
		st = kernel_read_member(k, at, "resource", "start", &start, err);
		if (st == VS_OK)
			st = kernel_read_member(k, at, "resource", "end", &end, err);
		if (st)
			return fail_ctx(err, st, "%s after %zu entries", symbol, n - 1);
		name = kernel_word(k, at, "resource", "name");
		if (name)
			(void)mem_read_str(k->mem, name, label, sizeof(label), NULL);
		buf_printf(d->out, "%16" PRIx64 "  %0*" PRIx64 "-%0*" PRIx64 "  %s\n", at, width,
			   start, width, end, label);
		child = kernel_word(k, at, "resource", "child");
		if (child && kernel_word(k, child, "resource", "parent") != at)
			return fail(err, VS_CORRUPT, "%s: %" PRIx64 " is no child of %" PRIx64,
				    symbol, child, at);
		for (next = child; !next && at != root;) {
			next = kernel_word(k, at, "resource", "sibling");
			if (!next)
				at = kernel_word(k, at, "resource", "parent");
			if (!at || n++ > MAX_RESOURCES)
				break;
		}
		at = next;
	}
	return VS_OK;
}

/* --- -p */

struct pci {
	struct dev *d;
	uint64_t bus_off, dev_off;
	VEC(kva_t) buses;
	uint64_t domain;
	unsigned bus;
};

static bool add_bus(void *ctx, kva_t node)
{
	struct pci *p = ctx;

	return p->buses.n < MAX_BUSES && vec_push(&p->buses, node - p->bus_off);
}

/* Device/port type of the PCI Express capability; other devices count as endpoints, as in crash. */
static const char *pcie_type(struct kernel *k, kva_t dev)
{
	static const char *const names[] = { "ENDPOINT",    "LEG_END",	NULL,	      NULL,
					     "ROOT_PORT",   "UPSTREAM", "DOWNSTREAM", "PCI_BRIDGE",
					     "PCIE_BRIDGE", "RC_END",	"RC_EC" };
	uint64_t type = kernel_word(k, dev, "pci_dev", "pcie_flags_reg") >> 4 & 15;

	return type < sizeof(names) / sizeof(names[0]) && names[type] ? names[type] : "UNKNOWN";
}

static bool put_pci_dev(void *ctx, kva_t node)
{
	struct pci *p = ctx;
	struct kernel *k = p->d->m->k;
	kva_t dev = node - p->dev_off;
	uint64_t fn = kernel_word(k, dev, "pci_dev", "devfn");

	buf_printf(p->d->out,
		   "  %16" PRIx64 " %04" PRIx64 ":%02x:%02" PRIx64 ".%" PRIx64 "  %04" PRIx64
		   "  %04" PRIx64 ":%04" PRIx64 "  %s\n",
		   dev, p->domain, p->bus, fn >> 3 & 31, fn & 7,
		   kernel_word(k, dev, "pci_dev", "class") >> 8,
		   kernel_word(k, dev, "pci_dev", "vendor"),
		   kernel_word(k, dev, "pci_dev", "device"), pcie_type(k, dev));
	return true;
}

static vs_status put_bus(struct pci *p, kva_t bus, struct err *err)
{
	struct kernel *k = p->d->m->k;
	struct member devices, children;
	uint64_t sysdata = kernel_word(k, bus, "pci_bus", "sysdata");
	vs_status st = kernel_member(k, "pci_bus", &devices, err, "devices", NULL);

	if (st == VS_OK)
		st = kernel_member(k, "pci_bus", &children, err, "children", NULL);
	if (st)
		return st;
	p->domain = sysdata ? kernel_word(k, sysdata, "pci_sysdata", "domain") : 0;
	p->bus = (unsigned)kernel_word(k, bus, "pci_bus", "number");
	st = walk_list(k, bus + devices.off, put_pci_dev, p, err);
	return st ? st : walk_list(k, bus + children.off, add_bus, p, err);
}

static vs_status put_pci(struct dev *d, struct err *err)
{
	struct pci p = { .d = d };
	struct member node;
	size_t roots;
	kva_t head;
	vs_status st = kernel_symbol(d->m->k, "pci_root_buses", &head, err);

	if (st == VS_OK)
		st = kernel_member(d->m->k, "pci_bus", &node, err, "node", NULL);
	if (st)
		return st;
	p.bus_off = node.off;
	st = kernel_member(d->m->k, "pci_dev", &node, err, "bus_list", NULL);
	p.dev_off = node.off;
	if (st == VS_OK)
		st = walk_list(d->m->k, head, add_bus, &p, err);
	roots = p.buses.n;
	buf_puts(d->out, "    ROOT BUS     BUSNAME\n");
	for (size_t i = 0; i < roots; i++) {
		kva_t bridge = kernel_word(d->m->k, p.buses.v[i], "pci_bus", "bridge");
		uint64_t va = bridge ? kernel_word(d->m->k, bridge, "device", "kobj.name") : 0;
		char name[64];

		text(d->m->k, p.buses.v[i], "pci_bus", "name", name, sizeof(name));
		if (va)
			(void)mem_read_str(d->m->k->mem, va, name, sizeof(name), NULL);
		buf_printf(d->out, "%16" PRIx64 " %s\n", p.buses.v[i],
			   strncmp(name, "pci", 3) == 0 ? name + 3 : name);
	}
	buf_puts(d->out, "      PCI DEV      DO:BU:SL.FN  CLASS   PCI_ID      TYPE\n");
	// Buses behind bridges are added while the list is gone through.
	for (size_t i = 0; st == VS_OK && i < p.buses.n; i++)
		st = put_bus(&p, p.buses.v[i], err);
	vec_free(&p.buses);
	return st;
}

vs_status cmd_dev(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct dev d = { m, out };
	struct opt_state o = { 0 };
	vs_status st = kernel_need_types(m->k, err), second;
	int c, what = 0;

	while ((c = cmd_option(a, &o, "pid", err)) > 0)
		what = c;
	if (c < 0)
		return VS_INVAL;
	cmd_operands(a, &o);
	if (a->argc)
		return fail(err, VS_INVAL, "usage: dev [-p | -i | -d]");
	if (st)
		return st;
	switch (what) {
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
