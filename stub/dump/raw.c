// SPDX-License-Identifier: GPL-3.0-or-later
/* raw.c - memory without any header: QEMU's pmemsave and memory-backend-file, VMware's .vmem, the
 * memory files of cloud-hypervisor and Firecracker, copies of /dev/crash. Several files follow each
 * other in the order in which they are named: QEMU writes one for each NUMA node.
 * In: a file and a map of it, which the user gives or the kernel layer finds (kernel/rammap.c).
 * Nothing in the file says what it is, so it is searched for a kernel once when it is opened. */
#include "stub/dump/raw.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/dump/file.h"
#include "stub/dump/notes.h"
#include "stub/dump/segments.h"

#define PAGE 4096u
#ifndef RAW_MIN_SIZE
#define RAW_MIN_SIZE (UINT64_C(1) << 20) /* a kernel is larger */
#endif
#define PIECE	  (1u << 20)
#define MAX_NOTES 64
#define MAX_PA	  (UINT64_C(1) << 52)
#define BANNER	  "Linux version "
#define OLD_NOTE  "VMCOREINFO\0\0OSRELEASE=" /* name and text in a note that is in the image */
/* A banner or note may go across the end of a piece. */
#define OVERLAP 64

struct raw {
	struct segments *s;
	struct file *joined;	  /* several files as one; else NULL */
	uint64_t base, size;	  /* place of the memory in the file */
	uint64_t note[MAX_NOTES]; /* file offsets of pages that begin with a VMCOREINFO note */
	size_t nnotes;
};

bool raw_possible(struct file *f)
{
	return file_size(f) >= RAW_MIN_SIZE && file_size(f) % PAGE == 0;
}

/* --- the search for a kernel */

static void tell(const struct dump_format *out, const struct file *f, uint64_t off)
{
	if (out->progress)
		out->progress(out->progress_ctx, file_path(f), off, file_size(f));
}

/* The next piece with other data than zeros. */
static uint64_t next_piece(const struct raw *r, uint64_t off)
{
	uint64_t next;

	off += PIECE;
	if (off >= r->size)
		return r->size;
	next = file_next_data(r->s->f, r->base + off) - r->base;
	return next & ~(uint64_t)(PAGE - 1);
}

/* Collects the pages that begin with a VMCOREINFO note. */
static vs_status find_notes(struct raw *r, const struct dump_format *out, struct err *err)
{
	struct file *f = r->s->f;
	uint8_t head[NOTE_INFO_HEAD];
	vs_status st = VS_OK;
	uint64_t off = 0;
	size_t got;

	while (st == VS_OK && off < r->size && r->nnotes < MAX_NOTES) {
		st = file_read_some(f, r->base + off, head, sizeof(head), &got, err);
		if (st == VS_IO) // a bad sector
			st = VS_OK;
		else if (st == VS_OK && got == sizeof(head) && note_is_vmcoreinfo(head))
			r->note[r->nnotes++] = r->base + off;
		off += PAGE;
		if (off % PIECE == 0) {
			off = next_piece(r, off - PIECE);
			tell(out, f, off);
		}
	}
	return st;
}

/* Is text there, followed by a digit? So begins a release, but no format string. */
static bool has_text(const uint8_t *p, size_t n, const char *text, size_t len)
{
	const uint8_t *hit, *end = p + n;

	while ((hit = memmem(p, (size_t)(end - p), text, len))) {
		p = hit + len;
		if (p < end && *p >= '0' && *p <= '9')
			return true;
	}
	return false;
}

/* Is there a kernel of which no page begins with a note? Before 4.13 notes are in the image. */
static vs_status has_kernel(struct raw *r, const struct dump_format *out, bool *ret,
			    struct err *err)
{
	uint8_t *piece = malloc(PIECE + OVERLAP);
	struct file *f = r->s->f;
	vs_status st = VS_OK;
	size_t got;

	*ret = false;
	if (!piece)
		return fail(err, VS_NOMEM, "%s: out of memory", file_path(f));
	for (uint64_t off = 0; off < r->size && !*ret && st == VS_OK; off = next_piece(r, off)) {
		tell(out, f, off);
		st = file_read_some(f, r->base + off, piece, PIECE + OVERLAP, &got, err);
		if (st == VS_IO) {
			st = VS_OK;
			continue;
		}
		*ret = st == VS_OK && (has_text(piece, got, BANNER, strlen(BANNER)) ||
				       has_text(piece, got, OLD_NOTE, sizeof(OLD_NOTE) - 1));
	}
	free(piece);
	return st;
}

static vs_status search(struct raw *r, const struct dump_format *out, struct err *err)
{
	struct file *f = r->s->f;
	bool kernel = false;
	uint8_t head[8] = { 0 };
	size_t got;
	vs_status st = find_notes(r, out, err);

	if (st || r->nnotes)
		return st;
	// any process may have the text of a banner
	st = r->base ? VS_OK : has_kernel(r, out, &kernel, err);
	if (st || kernel || out->ram_map)
		return st;
	(void)file_read_some(f, 0, head, sizeof(head), &got, NULL);
	return fail(err, VS_CORRUPT,
		    "%s: not a crash dump: %" PRIu64
		    " bytes, starting %02x %02x %02x %02x %02x %02x %02x %02x; there is no kernel "
		    "in it either (--ram-map opens raw memory)",
		    file_path(f), file_size(f), head[0], head[1], head[2], head[3], head[4],
		    head[5], head[6], head[7]);
}

/* --- the map */

static vs_status take_map(struct raw *r, const struct ram_map *map, struct err *err)
{
	const char *path = file_path(r->s->f);
	bool lost = false;

	segments_clear(r->s);
	for (size_t i = 0; i < map->n; i++) {
		const struct ram_piece *p = &map->v[i];
		uint64_t end = r->base + r->size;
		uint64_t src = p->offset < r->size ? r->base + p->offset : end;

		if (p->start >= MAX_PA || p->len > MAX_PA - p->start)
			return fail(err, VS_INVAL,
				    "%s: memory at %#" PRIx64 ", %#" PRIx64
				    " bytes: ends beyond 2^52",
				    path, p->start, p->len);
		if (!segments_add_cut(r->s, p->start, p->len, src, end, &lost))
			return fail(err, VS_NOMEM, "%s: out of memory", path);
	}
	return segments_resolve(r->s, err);
}

static void fill_info(const struct raw *r, struct dump_info *info)
{
	info->max_pfn = (r->s->end + PAGE - 1) / PAGE;
}

static vs_status raw_set_map(void *fmt, const struct ram_map *map, struct dump_info *info,
			     struct err *err)
{
	struct raw *r = fmt;
	vs_status st = take_map(r, map, err);

	fill_info(r, info);
	return st;
}

/* --- operations: those of segments, and two more */

static vs_status raw_read_block(void *fmt, pa_t pa, uint8_t *dst, bool *zero, struct err *err)
{
	return segments_ops.read_block(((struct raw *)fmt)->s, pa, dst, zero, err);
}

static struct mem_got raw_read(void *fmt, pa_t pa, void *dst, size_t len, struct err *err)
{
	return segments_ops.read(((struct raw *)fmt)->s, pa, dst, len, err);
}

static vs_status raw_state(void *fmt, pa_t pa)
{
	return segments_ops.state(((struct raw *)fmt)->s, pa);
}

static vs_status raw_next(void *fmt, pa_t from, pa_t *ret, struct err *err)
{
	return segments_ops.next(((struct raw *)fmt)->s, from, ret, err);
}

static uint64_t raw_stored(void *fmt)
{
	return segments_ops.stored(((struct raw *)fmt)->s);
}

static vs_status raw_next_note(void *fmt, pa_t from, pa_t *ret, struct err *err)
{
	struct raw *r = fmt;
	pa_t best = UINT64_MAX, pa;

	(void)err;
	for (size_t i = 0; i < r->nnotes; i++)
		if (segments_address_of(r->s, r->note[i], &pa) && pa >= from && pa < best)
			best = pa;
	if (best == UINT64_MAX)
		return VS_END;
	*ret = best;
	return VS_OK;
}

static void raw_close(void *fmt)
{
	struct raw *r = fmt;

	if (r) {
		segments_destroy(r->s);
		file_close(r->joined);
	}
	free(r);
}

static const struct dump_ops raw_ops = {
	.read_block = raw_read_block,
	.read = raw_read,
	.state = raw_state,
	.next = raw_next,
	.next_note = raw_next_note,
	.stored = raw_stored,
	.set_map = raw_set_map,
	.close = raw_close,
};

static vs_status load(struct raw *r, struct file *f, struct dump_format *out, struct err *err)
{
	struct ram_map plain = { .n = 1, .v = { { 0, r->size, 0 } } };
	vs_status st = segments_new(f, &r->s, err);

	if (st == VS_OK)
		st = search(r, out, err);
	return st ? st : take_map(r, out->ram_map ? out->ram_map : &plain, err);
}

/* joined is f, if that is several files; closed in the end, also on failure. */
static vs_status open_part(struct file *f, struct file *joined, uint64_t base, uint64_t size,
			   const char *format, struct dump_format *out, struct err *err)
{
	struct raw *r = calloc(1, sizeof(*r));
	vs_status st;

	if (!r) {
		file_close(joined);
		return fail(err, VS_NOMEM, "%s: out of memory", file_path(f));
	}
	r->joined = joined;
	r->base = base;
	r->size = size;
	st = load(r, f, out, err);
	if (st) {
		raw_close(r);
		return st;
	}
	out->info.format = format;
	out->info.page_size = PAGE;
	out->info.live = !base && file_has_writer(f);
	out->info.raw_size = out->ram_map ? 0 : r->size;
	fill_info(r, &out->info);
	out->direct = file_is_mapped(f) || out->info.live;
	out->ops = &raw_ops;
	out->fmt = r;
	return VS_OK;
}

vs_status raw_open_part(struct file *f, uint64_t base, uint64_t size, const char *format,
			struct dump_format *out, struct err *err)
{
	return open_part(f, NULL, base, size, format, out, err);
}

vs_status raw_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err)
{
	struct file *joined;
	vs_status st;

	if (n == 1)
		return raw_open_part(files[0], 0, file_size(files[0]), "raw memory", out, err);
	st = file_join(files, n, &joined, err);
	return st ? st
		  : open_part(joined, joined, 0, file_size(joined), "raw memory, several files",
			      out, err);
}
