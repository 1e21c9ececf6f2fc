// SPDX-License-Identifier: GPL-3.0-or-later
/* vmss.c - VMware's suspend (.vmss) and snapshot (.vmsn) files, as crash's vmware_vmss.c and
 * Volatility's vmware.py read them.
 * In: a table of groups, each a list of named items. The memory is the block `Memory` of the group
 * `memory`, or all of the .vmem file beside it; regionPPN, regionPageNum and regionSize say which
 * pages of it are at which address. Out: segments, and notes with registers. */
#include "stub/dump/vmss.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/dump/file.h"
#include "stub/dump/segments.h"

#define PAGE	       4096u
#define HEADER_BYTES   12
#define GROUP_BYTES    80
#define GROUP_NAME_MAX 64
#define GROUPS_MAX     4096u		   /* files have some 100 */
#define ITEMS_MAX      (UINT32_C(1) << 20) /* of a group */
#define REGIONS_MAX    64u		   /* files have at most 3 */
#define READ_MIN       4096
#define READ_MAX       65536

/* Values of a tag's low 6 bits that are no sizes. */
#define SIZE_BLOCK  63
#define SIZE_PACKED 62

/* What is known of a region. */
enum { KNOWN_PAGE = 1, KNOWN_PPN = 2, KNOWN_SIZE = 4, KNOWN_ALL = 7 };

struct region {
	uint32_t page, ppn, size; /* in pages: in the file, of the guest, and how many */
	unsigned known;
};

struct vmss {
	struct file *f;
	struct window w;
	struct vmss_cpus *cpus;
	uint32_t nregions;
	struct region region[REGIONS_MAX];
	bool have_memory, packed;
	uint64_t memory_off, memory_len;
};

/* --- items */

/* The next n bytes of a group, which ends at end. */
static vs_status take(struct vmss *v, uint64_t *at, uint64_t end, size_t n, const uint8_t **ret,
		      struct err *err)
{
	vs_status st;

	if (!range_ok(*at, n, end))
		return fail(err, VS_CORRUPT,
			    "%s: VMware file: item at %#" PRIx64 " goes beyond %#" PRIx64,
			    file_path(v->f), *at, end);
	st = window_get(&v->w, *at, n, ret, err);
	*at += n;
	return st;
}

/* The size on disk and in memory, and how many bytes come before the data. */
static vs_status take_block_head(struct vmss *v, uint64_t *at, uint64_t end, struct vmss_item *item,
				 struct err *err)
{
	const uint8_t *p;
	vs_status st = take(v, at, end, 18, &p, err);

	if (st)
		return st;
	item->len = load_u64(p);
	item->off = *at + load_u16(p + 16);
	if (!range_ok(item->off, 0, file_size(v->f)))
		return fail(err, VS_CORRUPT,
			    "%s: VMware file: block %s at %#" PRIx64 ": beyond the end",
			    file_path(v->f), item->name, item->off);
	return VS_OK;
}

/* Takes the item at *at. *done: it is the end of the group. */
static vs_status take_item(struct vmss *v, uint64_t *at, uint64_t end, struct vmss_item *item,
			   bool *done, struct err *err)
{
	const uint8_t *p;
	uint16_t tag;
	vs_status st = take(v, at, end, 2, &p, err);
	size_t name;

	if (st)
		return st;
	tag = load_u16(p);
	*done = tag == 0;
	if (*done)
		return VS_OK;
	*item = (struct vmss_item){ .nindexes = tag >> 6 & 3, .len = tag & 63 };
	name = tag >> 8;
	st = take(v, at, end, name + 4 * item->nindexes, &p, err);
	if (st)
		return st;
	memcpy(item->name, p, name);
	for (unsigned i = 0; i < item->nindexes; i++)
		item->index[i] = load_u32(p + name + 4 * (size_t)i);
	if (item->len >= SIZE_PACKED) {
		item->packed = item->len == SIZE_PACKED;
		st = take_block_head(v, at, end, item, err);
		// the memory may be cut
		if (st == VS_OK && add_ovf(item->off, item->len, at))
			return fail(err, VS_CORRUPT,
				    "%s: VMware file: block %s of %#" PRIx64 " bytes",
				    file_path(v->f), item->name, item->len);
		return st;
	}
	item->off = *at;
	st = take(v, at, end, item->len, &p, err);
	if (st == VS_OK && item->len <= VMSS_VALUE_MAX)
		memcpy(&item->value, p, item->len);
	return st;
}

/* --- groups */

static vs_status take_region(struct vmss *v, const struct vmss_item *item, struct err *err)
{
	static const char *const names[] = { "regionPageNum", "regionPPN", "regionSize" };
	struct region *r;
	uint32_t *field[3];

	if (strcmp(item->name, "regionsCount") == 0) {
		if (item->value > REGIONS_MAX)
			return fail(err, VS_CORRUPT, "%s: VMware file: regionsCount %" PRIu64,
				    file_path(v->f), item->value);
		v->nregions = (uint32_t)item->value;
		return VS_OK;
	}
	if (!item->nindexes || item->index[0] >= REGIONS_MAX)
		return VS_OK;
	r = &v->region[item->index[0]];
	field[0] = &r->page;
	field[1] = &r->ppn;
	field[2] = &r->size;
	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(item->name, names[i]) == 0) {
			*field[i] = (uint32_t)item->value;
			r->known |= 1u << i;
		}
	}
	return VS_OK;
}

static vs_status take_memory(struct vmss *v, const struct vmss_item *item, struct err *err)
{
	if (strcmp(item->name, "Memory") != 0)
		return take_region(v, item, err);
	if (v->have_memory)
		return VS_OK;
	v->have_memory = true;
	v->packed = item->packed;
	v->memory_off = item->off;
	v->memory_len = item->len;
	return VS_OK;
}

/* Takes the items of a group. What follows a bad one cannot be found; what is before it remains. */
static vs_status take_group(struct vmss *v, bool memory, uint64_t at, uint64_t end, struct err *err)
{
	struct vmss_item item;
	bool done = false;
	struct err why;

	for (uint32_t n = 0; n < ITEMS_MAX; n++) {
		vs_status st = take_item(v, &at, end, &item, &done, &why);

		if (st) {
			log_warn("%s; the items behind it are lost", why.msg);
			return VS_OK;
		}
		if (done)
			return VS_OK;
		st = memory ? take_memory(v, &item, err)
			    : vmss_cpus_take(v->cpus, v->f, &item, err);
		if (st)
			return st;
	}
	log_warn("%s: VMware file: more than %" PRIu32 " items; the others are ignored",
		 file_path(v->f), ITEMS_MAX);
	return VS_OK;
}

static vs_status take_groups(struct vmss *v, struct err *err)
{
	const char *path = file_path(v->f);
	uint64_t size = file_size(v->f);
	bool have_memory = false, have_cpu = false;
	const uint8_t *p;
	uint32_t n;
	vs_status st;

	if (size < HEADER_BYTES)
		return fail(err, VS_CORRUPT, "%s: VMware file: header cut to %" PRIu64 " bytes",
			    path, size);
	if ((st = window_get(&v->w, 0, HEADER_BYTES, &p, err)))
		return st;
	n = load_u32(p + 8);
	if (!n || n > GROUPS_MAX || !range_ok(HEADER_BYTES, (uint64_t)n * GROUP_BYTES, size))
		return fail(err, VS_CORRUPT,
			    "%s: VMware file: %" PRIu32 " groups do not fit the file (%#" PRIx64
			    ")",
			    path, n, size);
	for (uint32_t i = 0; i < n && st == VS_OK && !(have_memory && have_cpu); i++) {
		uint64_t at, len;
		bool memory, cpu;

		st = window_get(&v->w, HEADER_BYTES + (uint64_t)i * GROUP_BYTES, GROUP_BYTES, &p,
				err);
		if (st)
			return st;
		memory = strncmp((const char *)p, "memory", GROUP_NAME_MAX) == 0;
		cpu = strncmp((const char *)p, "cpu", GROUP_NAME_MAX) == 0;
		at = load_u64(p + GROUP_NAME_MAX);
		len = load_u64(p + GROUP_NAME_MAX + 8);
		// there is one of each; more could make much work of the same bytes
		if (!(memory && !have_memory) && !(cpu && !have_cpu))
			continue;
		have_memory |= memory;
		have_cpu |= cpu;
		if (at >= size)
			return fail(err, VS_CORRUPT,
				    "%s: VMware file: group %s at %#" PRIx64
				    " is past the end of the file (%#" PRIx64 ")",
				    path, memory ? "memory" : "cpu", at, size);
		// files exist that say 0
		if (!len || len > size - at)
			len = size - at;
		st = take_group(v, memory, at, at + len, err);
	}
	return st;
}

/* --- memory */

/* Which file has the memory, and where in it. */
static vs_status find_memory(struct vmss *v, struct file *vmem, struct file **ret, struct err *err)
{
	const char *path = file_path(v->f);

	if (v->have_memory && v->packed)
		return fail(err, VS_UNSUPPORTED,
			    "%s: VMware file: its memory is compressed; vmss2core -N makes an ELF "
			    "core of it",
			    path);
	*ret = v->have_memory ? v->f : vmem;
	if (!*ret)
		return fail(err, VS_CORRUPT,
			    "%s: VMware file without memory: that is in a .vmem file, which must "
			    "be beside it or be named after it",
			    path);
	if (!v->have_memory) {
		v->memory_off = 0;
		v->memory_len = file_size(vmem);
	}
	return VS_OK;
}

/* Adds len bytes at pa, which are at off of the memory in file f. */
static vs_status add(struct segments *s, const struct vmss *v, pa_t pa, uint64_t len, uint64_t off,
		     bool *lost, struct err *err)
{
	uint64_t size = file_size(s->f), end = v->memory_off + v->memory_len;

	if (segments_add_cut(s, pa, len, v->memory_off + off, end < size ? end : size, lost))
		return VS_OK;
	return fail(err, VS_NOMEM, "%s: out of memory", file_path(v->f));
}

static vs_status add_regions(struct segments *s, const struct vmss *v, bool *lost, struct err *err)
{
	vs_status st = VS_OK;

	if (!v->nregions)
		return add(s, v, 0, v->memory_len, 0, lost, err);
	for (uint32_t i = 0; i < v->nregions && st == VS_OK; i++) {
		const struct region *r = &v->region[i];

		if (r->known != KNOWN_ALL)
			return fail(err, VS_CORRUPT,
				    "%s: VMware file: region %" PRIu32 " of %" PRIu32
				    " lacks its %s",
				    file_path(v->f), i, v->nregions,
				    !(r->known & KNOWN_PAGE)  ? "regionPageNum"
				    : !(r->known & KNOWN_PPN) ? "regionPPN"
							      : "regionSize");
		st = add(s, v, (pa_t)r->ppn * PAGE, (uint64_t)r->size * PAGE,
			 (uint64_t)r->page * PAGE, lost, err);
	}
	return st;
}

static vs_status load(struct vmss *v, struct file *vmem, struct segments **ret, bool *lost,
		      struct dump_format *out, struct err *err)
{
	struct file *memory;
	vs_status st;

	v->cpus = vmss_cpus_new();
	if (!v->cpus)
		return fail(err, VS_NOMEM, "%s: out of memory", file_path(v->f));
	if ((st = take_groups(v, err)) || (st = find_memory(v, vmem, &memory, err)) ||
	    (st = vmss_cpus_add(v->cpus, v->f, &out->notes, err)) ||
	    (st = segments_new(memory, ret, err)))
		return st;
	st = add_regions(*ret, v, lost, err);
	return st ? st : segments_resolve(*ret, err);
}

vs_status vmss_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err)
{
	struct vmss v = { .f = files[0] };
	struct segments *s = NULL;
	bool lost = false;
	vs_status st = window_init(&v.w, files[0], READ_MIN, READ_MAX, err);

	if (st)
		return st;
	st = load(&v, n > 1 ? files[1] : NULL, &s, &lost, out, err);
	vmss_cpus_destroy(v.cpus);
	window_deinit(&v.w);
	if (st) {
		segments_destroy(s);
		return st;
	}
	if (lost)
		log_warn("%s: file is shorter than its regions say: some pages are lost",
			 file_path(s->f));
	segments_finish(s, "VMware suspend file", out);
	out->info.incomplete |= lost;
	return VS_OK;
}
