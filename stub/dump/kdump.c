// SPDX-License-Identifier: GPL-3.0-or-later
/* kdump.c - opens a compressed kdump, one file or a split set, and its notes.
 * In: files in any order. Out: struct kdump sorted by start_pfn, info and notes.
 * Not here: header fields (kdump_header.c), pages (kdump_page.c). */
#include "stub/dump/kdump.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/dump/codec.h"
#include "stub/dump/file.h"
#include "stub/dump/rank.h"

#define SPLIT_SECONDS 5
#define DESC_AHEAD    (32 * 1024)  /* 1365 descriptors */
#define DATA_AHEAD    (128 * 1024) /* some 60 pages */

static void kdump_destroy(struct kdump *k)
{
	for (size_t i = 0; i < k->n; i++) {
		rank_destroy(k->v[i].rank);
		window_deinit(&k->v[i].desc);
		window_deinit(&k->v[i].data);
	}
	rank_destroy(k->ram);
	codec_destroy(k->codec);
	free(k->v);
	free(k);
}

void kdump_close(void *fmt)
{
	kdump_destroy(fmt);
}

static int cmp_member(const void *a, const void *b)
{
	const struct kdump_file *x = a, *y = b;

	if (x->start_pfn != y->start_pfn)
		return x->start_pfn < y->start_pfn ? -1 : 1;
	return (x->end_pfn > y->end_pfn) - (x->end_pfn < y->end_pfn);
}

/* Did one machine write both? It cannot have crashed twice within these seconds. */
static bool same_time(const struct kdump_header *a, const struct kdump_header *b)
{
	uint64_t x = (uint64_t)a->timestamp_sec, y = (uint64_t)b->timestamp_sec;

	return (x > y ? x - y : y - x) <= SPLIT_SECONDS;
}

/* Only the status bits may differ, and the time by as much as writing the headers one after another
 * takes. */
bool kdump_same_dump(const struct kdump_file *a, const struct kdump_file *b)
{
	struct kdump_header x = a->h, y = b->h;

	x.status = y.status = 0;
	if (same_time(&x, &y)) {
		x.timestamp_sec = y.timestamp_sec;
		x.timestamp_usec = y.timestamp_usec;
	}
	return memcmp(&x, &y, sizeof(x)) == 0 && a->max_pfn == b->max_pfn;
}

static vs_status check_same_dump(const struct kdump_file *a, const struct kdump_file *b,
				 struct err *err)
{
	const char *pa = file_path(a->f), *pb = file_path(b->f);

	if (!a->split || !b->split)
		return fail(err, VS_INVAL, "%s: split is 0: a whole dump, not part of a split set",
			    a->split ? pb : pa);
	if (file_same(a->f, b->f))
		return fail(err, VS_INVAL, "%s and %s are the same file", pa, pb);
	if (!kdump_same_dump(a, b))
		return fail(err, VS_INVAL, "%s and %s have different headers: not one split set",
			    pa, pb);
	return VS_OK;
}

static vs_status check_set(const struct kdump *k, struct err *err)
{
	uint64_t covered = 0;
	vs_status st;

	for (size_t i = 0; i < k->n; i++) {
		const struct kdump_file *m = &k->v[i];

		// sorted: equal files are neighbours
		st = i ? check_same_dump(&k->v[i - 1], m, err) : VS_OK;
		if (st)
			return st;
		if (m->start_pfn == m->end_pfn)
			continue;
		if (i && m->start_pfn < covered)
			return fail(err, VS_INVAL,
				    "%s: start_pfn %#" PRIx64
				    " overlaps another member, which ends at %#" PRIx64,
				    file_path(m->f), m->start_pfn, covered);
		if (m->start_pfn > covered)
			log_warn("split member for pfn %#" PRIx64 "..%#" PRIx64
				 " is missing (before %s)",
				 covered, m->start_pfn, file_path(m->f));
		covered = m->end_pfn;
	}
	if (covered < k->max_pfn)
		log_warn("split member for pfn %#" PRIx64 "..%#" PRIx64 " is missing", covered,
			 k->max_pfn);
	return VS_OK;
}

static vs_status open_members(struct kdump *k, struct file *const *files, size_t n, struct err *err)
{
	vs_status st;

	k->v = calloc(n, sizeof(k->v[0]));
	if (!k->v)
		return fail(err, VS_NOMEM, "%s: out of memory", file_path(files[0]));
	for (; k->n < n; k->n++) {
		k->v[k->n].f = files[k->n];
		st = kdump_read_headers(&k->v[k->n], err);
		if (st)
			return st;
	}
	qsort(k->v, k->n, sizeof(k->v[0]), cmp_member);
	k->max_pfn = k->v[0].max_pfn;
	k->shift = (unsigned)__builtin_ctz((unsigned)k->v[0].h.block_size);
	k->absent_is_zero = k->v[0].diskdump || k->v[0].h.header_version == 0;
	return k->n > 1 || k->v[0].split ? check_set(k, err) : VS_OK;
}

static vs_status open_readers(struct kdump *k, struct err *err)
{
	struct kdump_file *first = &k->v[0];
	vs_status st = codec_create(&k->codec, err);

	if (!st && first->bitmap1_off != first->bitmap2_off)
		st = rank_create(first->f, first->bitmap1_off, 0, k->max_pfn, &k->ram, err);
	for (size_t i = 0; i < k->n && !st; i++) {
		struct kdump_file *m = &k->v[i];
		size_t block = (size_t)m->h.block_size;

		st = rank_create(m->f, m->bitmap2_off, m->start_pfn, m->end_pfn, &m->rank, err);
		if (!st)
			st = window_init(&m->desc, m->f, 4096, DESC_AHEAD, err);
		if (!st)
			st = window_init(&m->data, m->f, 1, block > DATA_AHEAD ? block : DATA_AHEAD,
					 err);
	}
	return st;
}

/* The note area may be anywhere after the bitmaps, or in the sub-header blocks. */
static bool area_ok(const struct kdump_file *k, const char *what, uint64_t off, uint64_t size)
{
	const char *path = file_path(k->f);

	if (size == 0)
		return false;
	if (!range_ok(off, size, file_size(k->f))) {
		log_warn("%s: offset_%s %#" PRIx64 ", size_%s %" PRIu64
			 " lie outside the file; ignored",
			 path, what, off, what, size);
		return false;
	}
	if (off < k->desc_off && off + size > k->bitmap1_off) {
		log_warn("%s: offset_%s %#" PRIx64 ", size_%s %" PRIu64
			 " overlap the bitmaps; ignored",
			 path, what, off, what, size);
		return false;
	}
	return true;
}

static vs_status load_notes(const struct kdump_file *k, struct dump_format *out, struct err *err)
{
	const struct kdump_sub_header *s = &k->sub;
	size_t len;
	char *text;
	vs_status st;

	if (area_ok(k, "note", s->offset_note, s->size_note)) {
		st = notes_load(&out->notes, k->f, s->offset_note, s->size_note, 4, err);
		if (st)
			return st;
	}
	if (!area_ok(k, "vmcoreinfo", s->offset_vmcoreinfo, s->size_vmcoreinfo))
		return VS_OK;
	len = s->size_vmcoreinfo < VMCOREINFO_MAX ? (size_t)s->size_vmcoreinfo : VMCOREINFO_MAX;
	text = arena_alloc(&out->notes.arena, len + 1);
	if (!text)
		return fail(err, VS_NOMEM, "%s: no memory for VMCOREINFO", file_path(k->f));
	if (file_read(k->f, s->offset_vmcoreinfo, text, len, NULL))
		return VS_OK;
	out->raw_vmcoreinfo = text;
	out->raw_vmcoreinfo_len = len;
	return VS_OK;
}

/* Header strings are 65 bytes, not necessarily NUL-terminated. */
static void copy_name(char *dst, const char *src)
{
	memcpy(dst, src, 64);
	dst[64] = '\0';
}

static void fill_info(const struct kdump *k, struct dump_info *info)
{
	const struct kdump_file *m = &k->v[0];
	uint32_t cut = m->diskdump ? DISKDUMP_PARTIAL : KDUMP_INCOMPLETE;

	info->format = m->diskdump ? "diskdump" : "kdump-compressed";
	info->page_size = (uint64_t)m->h.block_size;
	info->max_pfn = ((k->max_pfn << k->shift) + 4095) >> 12; // <= 2^60: no overflow
	info->dump_level = m->h.header_version >= 1 && !m->diskdump ? m->sub.dump_level : -1;
	info->partial = info->dump_level > 0 && (info->dump_level & ~1);
	info->timestamp = m->h.timestamp_sec > 0 ? (uint64_t)m->h.timestamp_sec : 0;
	info->phys_base_hint = m->sub.phys_base;
	for (size_t i = 0; i < k->n; i++)
		info->incomplete |= (k->v[i].h.status & cut) || file_is_cut(k->v[i].f) ||
				    k->v[i].desc_off >= file_size(k->v[i].f);
	copy_name(info->nodename, m->h.nodename);
	copy_name(info->release, m->h.release);
	copy_name(info->version, m->h.version);
	copy_name(info->machine, m->h.machine);
}

vs_status kdump_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err)
{
	struct kdump *k = calloc(1, sizeof(*k));
	vs_status st;

	if (!k)
		return fail(err, VS_NOMEM, "%s: out of memory", file_path(files[0]));
	st = open_members(k, files, n, err);
	if (!st)
		st = open_readers(k, err);
	// every member has the notes; use the first readable ones
	for (size_t i = 0; i < k->n && !st && !out->notes.v.n; i++)
		st = load_notes(&k->v[i], out, err);
	if (st) {
		kdump_destroy(k);
		return st;
	}
	fill_info(k, &out->info);
	out->ops = &kdump_ops;
	out->fmt = k;
	return VS_OK;
}
