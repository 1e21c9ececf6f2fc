// SPDX-License-Identifier: GPL-3.0-or-later
/* dump.c - implements dump.h: open, notes, and physical memory with a page cache.
 * In: paths. Out: struct mem over the format's blocks. Not here: formats (elfcore.c, kdump.c). */
#include "stub/dump/dump.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/dump/companion.h"
#include "stub/dump/file.h"
#include "stub/dump/format.h"
#include "stub/dump/pagecache.h"
#include "stub/dump/probe.h"
#include "stub/dump/vmcoreinfo.h"

#define CACHE_BYTES (8 * 1024 * 1024)
#define MAX_FILES   1024

struct dump {
	struct file **files;
	size_t nfiles;
	struct dump_format fmt;
	const char *vmcoreinfo; /* borrowed from notes */
	size_t vmcoreinfo_len;
	struct mem mem;
	struct pagecache *cache;
	uint64_t block; /* bytes, a power of two */
	bool zero_excluded;
	bool paired; /* two files that are not parts of a set */
	char format[64];
};

static struct mem_got dump_read(const struct mem *m, uint64_t addr, void *dst, size_t len,
				struct err *err);
static bool dump_from_machine(const struct mem *m, uint64_t machine, uint64_t *ret);

/* Opens the files; *taken counts those whose descriptor is no longer the caller's. */
static vs_status open_files(struct dump *d, const char *const *paths, const int *fds, size_t n,
			    size_t *taken, struct err *err)
{
	vs_status st;

	if (n == 0 || n > MAX_FILES)
		return fail(err, VS_INVAL, "%zu dump files given, expected 1 to %d", n, MAX_FILES);
	d->files = calloc(n + 1, sizeof(d->files[0])); // one may be found beside the first
	if (!d->files)
		return fail(err, VS_NOMEM, "out of memory");
	for (; d->nfiles < n; d->nfiles++) {
		++*taken;
		st = file_open_fd(paths[d->nfiles], fds ? fds[d->nfiles] : -1, &d->files[d->nfiles],
				  err);
		if (st)
			return st;
	}
	return VS_OK;
}

/* Is one of these the memory of the other? */
static bool is_pair(const struct probe *a, const struct probe *b)
{
	return (a->memory_beside && b == &probe_raw) || (b->memory_beside && a == &probe_raw);
}

/* Puts the file with the memory behind the one with registers; *first is the format of that. */
static void order_pair(struct dump *d, const struct probe **first, const struct probe *second)
{
	struct file *f = d->files[0];

	d->paired = true;
	if ((*first)->memory_beside)
		return;
	*first = second;
	d->files[0] = d->files[1];
	d->files[1] = f;
}

/* If the only file is one of such two, finds the other. */
static vs_status add_companion(struct dump *d, const struct probe **first, struct err *err)
{
	const struct probe *p;
	struct file *f;
	vs_status st;

	if (!(*first)->memory_beside && *first != &probe_raw)
		return VS_OK;
	st = companion_open(file_path(d->files[0]), &f, err);
	if (st || !f)
		return st;
	if (probe_file(f, &p, NULL) || !is_pair(*first, p)) {
		file_close(f);
		return VS_OK;
	}
	d->files[d->nfiles++] = f;
	order_pair(d, first, p);
	return VS_OK;
}

/* All files must be of one format; a set of several only makes sense for split kdumps, and for two
 * that belong together. */
static vs_status choose_format(struct dump *d, const struct probe **first, struct err *err)
{
	const struct probe *p = NULL;
	vs_status st = probe_file(d->files[0], first, err);

	if (st == VS_OK && d->nfiles == 1)
		return add_companion(d, first, err);
	for (size_t i = 1; i < d->nfiles && !st; i++) {
		st = probe_file(d->files[i], &p, err);
		if (!st && d->nfiles == 2 && is_pair(*first, p))
			order_pair(d, first, p);
		else if (!st && p != *first)
			return fail(err, VS_INVAL, "%s is %s, but %s is %s: not parts of one dump",
				    file_path(d->files[0]), (*first)->name, file_path(d->files[i]),
				    p->name);
	}
	return st;
}

static vs_status open_format(struct dump *d, const struct dump_options *o, struct err *err)
{
	const struct probe *first = &probe_raw;
	vs_status st = o->ram_map ? VS_OK : choose_format(d, &first, err);

	if (st)
		return st;
	d->fmt.info.elf_page_offset = UINT64_MAX;
	d->fmt.info.elf_phys_base = UINT64_MAX;
	d->fmt.info.dump_level = -1;
	d->fmt.ram_map = o->ram_map;
	d->fmt.progress = o->progress;
	d->fmt.progress_ctx = o->ctx;
	if (first->one_file && d->nfiles != 1 && !d->paired)
		return fail(err, VS_INVAL, "%s: %s is one file, not a set of %zu",
			    file_path(d->files[0]), first->one_file, d->nfiles);
	return first->open(d->files, d->nfiles, &d->fmt, err);
}

/* The VMCOREINFO note, else what the kdump sub-header points at. */
static void find_vmcoreinfo(struct dump *d)
{
	const struct dump_note *n = notes_find(&d->fmt.notes, "VMCOREINFO");
	const char *raw = d->fmt.raw_vmcoreinfo;
	size_t raw_len = d->fmt.raw_vmcoreinfo_len;

	if (!n) {
		d->vmcoreinfo = raw;
		d->vmcoreinfo_len = raw_len;
		return;
	}
	d->vmcoreinfo = (const char *)n->desc;
	d->vmcoreinfo_len = n->len;
	// both start with OSRELEASE=; the padding after them may differ
	if (raw && (raw_len < 64 || n->len < 64 || memcmp(raw, n->desc, 64) != 0))
		log_warn("%s: offset_vmcoreinfo does not point at the VMCOREINFO note; using the "
			 "note",
			 file_path(d->files[0]));
}

static vs_status check_page_size(const struct dump *d, struct err *err)
{
	struct vmcoreinfo *v = vmcoreinfo_parse(d->vmcoreinfo, d->vmcoreinfo_len);
	uint64_t size = 0;
	bool known = vmcoreinfo_dec(v, "PAGESIZE", &size);

	vmcoreinfo_destroy(v);
	// for impossible values blame the text, not the dump
	if (!known || size < 512 || size > (1 << 20) || (size & (size - 1)))
		return VS_OK;
	if (size != d->fmt.info.page_size)
		return fail(err, VS_CORRUPT,
			    "%s: block_size %" PRIu64 ", but PAGESIZE of VMCOREINFO is %" PRIu64,
			    file_path(d->files[0]), d->fmt.info.page_size, size);
	return VS_OK;
}

static void finish_info(struct dump *d)
{
	struct dump_info *info = &d->fmt.info;
	bool flat = false;

	for (size_t i = 0; i < d->nfiles; i++)
		flat |= file_is_flat(d->files[i]);
	strcpy(d->format, info->format);
	if (flat)
		strcat(d->format, ", flattened");
	info->format = d->format;
	info->path = file_path(d->files[0]);
	info->nfiles = d->nfiles;
}

static vs_status dump_load(struct dump *d, const char *const *paths, size_t n,
			   const struct dump_options *o, size_t *taken, struct err *err)
{
	bool found;
	vs_status st;
	pa_t unused;

	if ((st = open_files(d, paths, o->fds, n, taken, err)) || (st = open_format(d, o, err)))
		return st;
	find_vmcoreinfo(d);
	st = check_page_size(d, err);
	if (st)
		return st;
	finish_info(d);
	d->block = d->fmt.info.page_size;
	d->mem = (struct mem){ .read = dump_read, .ctx = d };
	if (d->fmt.ops->machine && d->fmt.ops->machine(d->fmt.fmt, 0, &unused, &found))
		d->mem.from_machine = dump_from_machine;
	return pagecache_create(CACHE_BYTES / d->block, d->block, &d->cache, err);
}

vs_status dump_open(const char *const *paths, size_t n, struct dump **ret, struct err *err)
{
	return dump_open_with(paths, n, &(struct dump_options){ 0 }, ret, err);
}

vs_status dump_open_with(const char *const *paths, size_t n, const struct dump_options *o,
			 struct dump **ret, struct err *err)
{
	struct dump *d = calloc(1, sizeof(*d));
	size_t taken = 0;
	vs_status st =
		d ? dump_load(d, paths, n, o, &taken, err) : fail(err, VS_NOMEM, "out of memory");

	for (size_t i = taken; o->fds && i < n; i++)
		if (o->fds[i] >= 0)
			close(o->fds[i]);
	if (st) {
		dump_close(d);
		return st;
	}
	*ret = d;
	return VS_OK;
}

void dump_close(struct dump *d)
{
	if (!d)
		return;
	if (d->fmt.fmt)
		d->fmt.ops->close(d->fmt.fmt);
	notes_deinit(&d->fmt.notes);
	for (size_t i = 0; i < d->nfiles; i++)
		file_close(d->files[i]);
	free(d->files);
	pagecache_destroy(d->cache);
	free(d);
}

const struct dump_info *dump_info(const struct dump *d)
{
	return &d->fmt.info;
}

const struct dump_note *dump_notes(const struct dump *d, size_t *n)
{
	*n = d->fmt.notes.v.n;
	return d->fmt.notes.v.v;
}

const char *dump_vmcoreinfo(const struct dump *d, size_t *len)
{
	*len = d->vmcoreinfo_len;
	return d->vmcoreinfo;
}

/* Reads a range that lies inside one block. */
static struct mem_got read_piece(struct dump *d, pa_t pa, uint8_t *dst, size_t len, struct err *err)
{
	pa_t block_pa = pa & ~(d->block - 1);
	size_t at = (size_t)(pa - block_pa);
	bool whole = len == d->block, zero = false;
	const uint8_t *hit = pagecache_find(d->cache, block_pa);
	uint8_t *to;
	vs_status st;

	if (hit) {
		memcpy(dst, hit + at, len);
		return (struct mem_got){ len, VS_OK };
	}
	// whole pages bypass the cache, so that scans do not evict blocks that are used again
	to = whole ? dst : pagecache_slot(d->cache);
	st = d->fmt.ops->read_block(d->fmt.fmt, block_pa, to, &zero, err);
	if (st == VS_NOMATCH)
		return d->fmt.ops->read(d->fmt.fmt, pa, dst, len, err);
	if (st == VS_LOST)
		d->fmt.info.incomplete = true; // only now do we see that the file was cut
	if (st)
		return (struct mem_got){ 0, st };
	if (zero) {
		memset(dst, 0, len);
	} else if (!whole) {
		pagecache_keep(d->cache, block_pa);
		memcpy(dst, to + at, len);
	}
	return (struct mem_got){ len, VS_OK };
}

static struct mem_got read_stored(struct dump *d, uint64_t addr, void *dst, size_t len,
				  struct err *err)
{
	struct mem_got got = { 0, VS_OK };

	if (d->fmt.direct)
		return d->fmt.ops->read(d->fmt.fmt, addr, dst, len, err);
	while (got.len < len) {
		pa_t pa = addr + got.len;
		size_t step = (size_t)(d->block - (pa & (d->block - 1)));
		struct mem_got piece;

		if (pa < addr) { // wrapped past 2^64
			got.why = fail(err, VS_HOLE, "address %#" PRIx64 " + %zu wraps", addr, len);
			break;
		}
		if (step > len - got.len)
			step = len - got.len;
		piece = read_piece(d, pa, (uint8_t *)dst + got.len, step, err);
		got.len += piece.len;
		got.why = piece.why;
		if (piece.len < step)
			break;
	}
	return got;
}

/* Number of bytes from pa on that were filtered out, at most to the end of the block. Except in
 * malformed files, whole blocks are filtered out. */
static size_t excluded_at(struct dump *d, pa_t pa, size_t len)
{
	size_t n = (size_t)(d->block - (pa & (d->block - 1)));

	if (n > len)
		n = len;
	return d->fmt.ops->state(d->fmt.fmt, pa + n - 1) == VS_EXCLUDED ? n : 1;
}

static struct mem_got dump_read(const struct mem *m, uint64_t addr, void *dst, size_t len,
				struct err *err)
{
	struct dump *d = m->ctx;
	struct mem_got got = read_stored(d, addr, dst, len, err);

	while (got.why == VS_EXCLUDED && d->zero_excluded) {
		size_t done = got.len, n = excluded_at(d, addr + done, len - done);

		memset((uint8_t *)dst + done, 0, n);
		done += n;
		got.why = VS_OK;
		got.len = 0;
		if (done < len)
			got = read_stored(d, addr + done, (uint8_t *)dst + done, len - done, err);
		got.len += done;
	}
	return got;
}

static bool dump_from_machine(const struct mem *m, uint64_t machine, uint64_t *ret)
{
	struct dump *d = m->ctx;
	bool found = false;

	return d->fmt.ops->machine(d->fmt.fmt, machine, ret, &found) && found;
}

void dump_zero_excluded(struct dump *d)
{
	d->zero_excluded = true;
}

const struct mem *dump_mem(struct dump *d)
{
	return &d->mem;
}

vs_status dump_page_state(struct dump *d, pfn_t pfn)
{
	return pfn >> 52 ? VS_HOLE : d->fmt.ops->state(d->fmt.fmt, pfn << 12);
}

static vs_status next(struct dump *d,
		      vs_status (*op)(void *fmt, pa_t from, pa_t *ret, struct err *err), pfn_t from,
		      pfn_t *ret, struct err *err)
{
	pa_t pa = 0;
	vs_status st;

	if (from >> 52)
		return VS_END;
	st = op(d->fmt.fmt, from << 12, &pa, err);
	if (!st)
		*ret = pa >> 12;
	return st;
}

vs_status dump_next_page(struct dump *d, pfn_t from, pfn_t *ret, struct err *err)
{
	return next(d, d->fmt.ops->next, from, ret, err);
}

vs_status dump_next_note(struct dump *d, pfn_t from, pfn_t *ret, struct err *err)
{
	const struct dump_ops *ops = d->fmt.ops;

	return next(d, ops->next_note ? ops->next_note : ops->next, from, ret, err);
}

vs_status dump_set_ram_map(struct dump *d, const struct ram_map *map, struct err *err)
{
	struct pagecache *fresh = NULL;

	if (!d->fmt.ops->set_map)
		return fail(err, VS_UNSUPPORTED, "%s: the file says where its memory is",
			    d->fmt.info.path);
	if (!d->fmt.direct) {
		if (pagecache_create(CACHE_BYTES / d->block, d->block, &fresh, err))
			return VS_NOMEM;
		pagecache_destroy(d->cache);
		d->cache = fresh;
	}
	return d->fmt.ops->set_map(d->fmt.fmt, map, &d->fmt.info, err);
}

uint64_t dump_pages_stored(struct dump *d)
{
	return d->fmt.ops->stored(d->fmt.fmt);
}
