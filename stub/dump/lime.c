// SPDX-License-Identifier: GPL-3.0-or-later
/* lime.c - memory images of the LiME kernel module, and of AVML without compression: ranges of
 * memory one after another, each behind a header of 32 bytes (struct lime_mem_range_header in
 * LiME's lime.h: magic, version, first and last address, 8 reserved bytes, all little-endian). They
 * have no notes: VMCOREINFO is found in memory, and there are no registers. */
#include <inttypes.h>

#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/dump/file.h"
#include "stub/dump/segments.h"

#define HEADER	   32u
#define MAGIC	   0x4c694d45u
#define VERSION	   1
#define PAGE	   4096u
#define MAX_PA	   (UINT64_C(1) << 52)
#define MAX_RANGES (UINT64_C(1) << 20) /* a machine has some ten */

struct header {
	uint32_t magic, version;
	uint64_t first, last;
};

static vs_status read_header(struct segments *s, uint64_t off, struct header *h, struct err *err)
{
	uint64_t left = file_size(s->f) - off;
	const uint8_t *raw;
	vs_status st;

	if (left < HEADER)
		return fail(err, VS_CORRUPT,
			    "%s: LiME range at %#" PRIx64 ": header cut to %" PRIu64 " bytes",
			    file_path(s->f), off, left);
	st = window_get(&s->w, off, HEADER, &raw, err);
	if (st)
		return st;
	*h = (struct header){ load_u32(raw), load_u32(raw + 4), load_u64(raw + 8),
			      load_u64(raw + 16) };
	if (h->magic != MAGIC)
		return fail(err, VS_CORRUPT, "%s: LiME range at %#" PRIx64 ": magic %#x",
			    file_path(s->f), off, h->magic);
	if (h->version != VERSION)
		return fail(err, VS_UNSUPPORTED,
			    "%s: LiME range at %#" PRIx64 ": version %u, only %d is supported",
			    file_path(s->f), off, h->version, VERSION);
	if (h->last < h->first || h->last >= MAX_PA)
		return fail(err, VS_CORRUPT,
			    "%s: LiME range at %#" PRIx64 ": from s_addr %#" PRIx64
			    " to e_addr %#" PRIx64,
			    file_path(s->f), off, h->first, h->last);
	return VS_OK;
}

/* Adds all ranges. What follows a bad header cannot be found; what is before it remains. */
static vs_status walk_ranges(struct segments *s, bool *lost, struct err *err)
{
	uint64_t size = file_size(s->f), off = 0, n;
	struct header h = { 0 };
	struct err why;

	for (n = 0; off < size && n < MAX_RANGES; n++) {
		uint64_t len;
		vs_status st = read_header(s, off, &h, &why);

		if (st && n == 0) {
			*err = why;
			return st;
		}
		if (st) {
			log_warn("%s; the memory behind it is lost", why.msg);
			*lost = true;
			return VS_OK;
		}
		off += HEADER;
		len = h.last - h.first + 1;
		if (!segments_add_cut(s, h.first, len, off, size, lost))
			return fail(err, VS_NOMEM, "%s: no memory for %" PRIu64 " ranges",
				    file_path(s->f), n);
		off = len < size - off ? off + len : size;
	}
	if (off < size)
		log_warn("%s: more than %" PRIu64 " LiME ranges; the others are ignored",
			 file_path(s->f), n);
	else if (*lost)
		log_warn("%s: file is shorter than its LiME ranges say: some pages are lost",
			 file_path(s->f));
	*lost |= off < size;
	return VS_OK;
}

vs_status lime_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err)
{
	struct segments *s;
	bool lost = false;
	vs_status st;

	(void)n;
	st = segments_new(files[0], &s, err);
	if (st == VS_OK)
		st = walk_ranges(s, &lost, err);
	if (st == VS_OK)
		st = segments_resolve(s, err);
	if (st) {
		segments_destroy(s);
		return st;
	}
	s->incomplete = lost;
	segments_finish(s, "LiME", out);
	return VS_OK;
}
