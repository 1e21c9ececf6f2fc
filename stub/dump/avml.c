// SPDX-License-Identifier: GPL-3.0-or-later
/* avml.c - compressed memory images of AVML (src/image.rs of its source): ranges of memory, each a
 * header as LiME's with another magic, framed snappy, and the number of compressed bytes.
 * In: one file. Out: an index of its chunks of at most 64 KiB, by a pass over their headers, which
 * are 4 bytes each. Framed snappy: framing_format.txt of snappy. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/base/vec.h"
#include "stub/dump/codec.h"
#include "stub/dump/crc32c.h"
#include "stub/dump/file.h"
#include "stub/dump/format.h"
#include "stub/dump/ranges.h"

#define MAGIC	   0x4c4d5641u /* AVML */
#define VERSION	   2
#define HEADER	   32u
#define PAGE	   4096u
#define MAX_PA	   (UINT64_C(1) << 52)
#define CHUNK_MAX  65536u
#define PACKED_MAX (CHUNK_MAX + CHUNK_MAX / 6 + 32) /* snappy_max_compressed_length() */
#define CRC_BYTES  4u
#define LOST	   RANGE_NOWHERE
#define KEPT	   4 /* unpacked chunks */

enum chunk_type { CHUNK_PACKED = 0x00, CHUNK_PLAIN = 0x01, CHUNK_SKIP = 0x80 };

struct chunk {
	pa_t pa;
	uint64_t off;	      /* of its checksum in the file */
	uint32_t len, packed; /* bytes of memory, and of data in the file */
	bool plain;
};

struct avml {
	struct file *f; /* borrowed */
	VEC(struct chunk) chunk;
	struct ranges map; /* to indexes of chunk */
	uint64_t end;
	bool lost;
	struct codec *codec;
	struct crc32c crc;
	uint8_t packed[PACKED_MAX];
	size_t kept_index[KEPT]; /* of a chunk; SIZE_MAX: none */
	unsigned next;
	uint8_t kept[KEPT][CHUNK_MAX];
};

/* --- the index */

static vs_status bad(const struct avml *a, uint64_t off, const char *what, uint64_t value,
		     struct err *err)
{
	return fail(err, VS_CORRUPT, "%s: AVML image at %#" PRIx64 ": %s %#" PRIx64,
		    file_path(a->f), off, what, value);
}

/* How many bytes the snappy data at off gives: a number at its start, 7 bits in each byte. */
static vs_status unpacked_length(struct avml *a, uint64_t off, uint32_t *ret, struct err *err)
{
	uint8_t b[5] = { 0 };
	size_t got;
	vs_status st = file_read_some(a->f, off, b, sizeof(b), &got, err);

	*ret = 0;
	for (unsigned i = 0; st == VS_OK && i < 3; i++) {
		*ret |= (uint32_t)(b[i] & 0x7f) << 7 * i;
		if (!(b[i] & 0x80))
			return VS_OK;
	}
	return st ? st : bad(a, off, "length of a chunk", *ret, err);
}

/* Adds the chunk at *off, which continues the range at pa, and goes behind it. */
static vs_status take_chunk(struct avml *a, uint64_t *off, pa_t pa, uint64_t left, uint32_t *len,
			    struct err *err)
{
	uint8_t head[4];
	uint32_t size;
	struct chunk c = { .pa = pa, .off = *off + sizeof(head) };
	vs_status st = file_read(a->f, *off, head, sizeof(head), err);

	*len = 0;
	if (st)
		return st;
	size = load_u32(head) >> 8;
	if (size > file_size(a->f) - c.off)
		return bad(a, *off, "chunk cut, of bytes", size, err);
	*off = c.off + size;
	if (head[0] >= CHUNK_SKIP) // the stream's name, and padding
		return VS_OK;
	if (head[0] > CHUNK_PLAIN || size < CRC_BYTES || size - CRC_BYTES > PACKED_MAX)
		return bad(a, c.off, "chunk of unknown type or length:", load_u32(head), err);
	c.packed = size - CRC_BYTES;
	c.plain = head[0] == CHUNK_PLAIN;
	c.len = c.packed;
	if (!c.plain)
		st = unpacked_length(a, c.off + CRC_BYTES, &c.len, err);
	if (st)
		return st;
	if (c.len > CHUNK_MAX || c.len > left)
		return bad(a, c.off, "chunk is too long:", c.len, err);
	*len = c.len;
	if (c.len == 0)
		return VS_OK;
	return vec_push(&a->chunk, c) && ranges_add(&a->map, pa, c.len, a->chunk.n - 1)
		       ? VS_OK
		       : fail(err, VS_NOMEM, "%s: no memory for chunks", file_path(a->f));
}

static vs_status take_chunks(struct avml *a, uint64_t *off, pa_t *pa, pa_t end, struct err *err)
{
	uint64_t start = *off;
	uint8_t size[8];
	vs_status st = VS_OK;

	while (st == VS_OK && *pa < end) {
		uint32_t len;

		st = take_chunk(a, off, *pa, end - *pa, &len, err);
		*pa += len;
	}
	if (st == VS_OK)
		st = file_read(a->f, *off, size, sizeof(size), err);
	if (st == VS_OK && load_u64(size) != *off - start)
		st = bad(a, *off, "other number of compressed bytes:", load_u64(size), err);
	*off += sizeof(size);
	return st;
}

static vs_status take_range(struct avml *a, uint64_t *off, struct err *err)
{
	uint8_t h[HEADER];
	uint64_t first, last;
	pa_t pa;
	vs_status st = file_read(a->f, *off, h, sizeof(h), err);

	if (st)
		return st;
	first = load_u64(h + 8);
	last = load_u64(h + 16);
	if (load_u32(h) != MAGIC)
		return bad(a, *off, "magic", load_u32(h), err);
	if (load_u32(h + 4) != VERSION)
		return fail(err, VS_UNSUPPORTED,
			    "%s: AVML image at %#" PRIx64 ": version %u, only %d is supported",
			    file_path(a->f), *off, load_u32(h + 4), VERSION);
	if (last < first || last >= MAX_PA)
		return bad(a, *off, "last address", last, err);
	*off += HEADER;
	pa = first;
	st = take_chunks(a, off, &pa, last + 1, err);
	if (last + 1 > a->end)
		a->end = last + 1;
	if (pa <= last && !ranges_add(&a->map, pa, last + 1 - pa, LOST))
		return fail(err, VS_NOMEM, "%s: no memory for chunks", file_path(a->f));
	return st;
}

/* What follows damage cannot be found; what is before it remains. */
static vs_status take_all(struct avml *a, struct err *err)
{
	uint64_t off = 0;
	vs_status st = VS_OK;
	struct err why;

	while (st == VS_OK && off < file_size(a->f))
		st = take_range(a, &off, &why);
	if (st == VS_NOMEM || (st && a->chunk.n == 0)) {
		*err = why;
		return st;
	}
	if (st)
		log_warn("%s; the memory behind it is lost", why.msg);
	a->lost = st != VS_OK;
	return ranges_resolve(&a->map, false)
		       ? VS_OK
		       : fail(err, VS_NOMEM, "%s: no memory for chunks", file_path(a->f));
}

/* --- reading */

static vs_status unpack(struct avml *a, const struct chunk *c, uint8_t *dst, struct err *err)
{
	uint32_t sum;
	uint8_t want[CRC_BYTES];
	vs_status st = file_read(a->f, c->off, want, sizeof(want), err);

	if (st == VS_OK)
		st = file_read(a->f, c->off + CRC_BYTES, c->plain ? dst : a->packed, c->packed,
			       err);
	if (st == VS_OK && !c->plain)
		st = codec_decode(a->codec, CODEC_SNAPPY, a->packed, c->packed, dst, c->len, err);
	if (st)
		return st;
	sum = crc32c(&a->crc, dst, c->len);
	sum = (sum >> 15 | sum << 17) + 0xa282ead8u; // "masked"
	return sum == load_u32(want)
		       ? VS_OK
		       : fail(err, VS_CORRUPT, "chunk at %#" PRIx64 ": wrong checksum", c->off);
}

static vs_status get_chunk(struct avml *a, size_t index, const uint8_t **ret, struct err *err)
{
	unsigned slot;
	vs_status st;

	for (slot = 0; slot < KEPT; slot++) {
		if (a->kept_index[slot] == index) {
			*ret = a->kept[slot];
			return VS_OK;
		}
	}
	slot = a->next++ % KEPT;
	a->kept_index[slot] = SIZE_MAX;
	st = unpack(a, &a->chunk.v[index], a->kept[slot], err);
	if (st)
		return st;
	a->kept_index[slot] = index;
	*ret = a->kept[slot];
	return VS_OK;
}

static const struct range *find(struct avml *a, pa_t pa, vs_status *why)
{
	const struct range *r = ranges_find(&a->map, pa);

	*why = a->lost && pa >= a->end ? VS_LOST : VS_HOLE;
	if (!r || r->start > pa)
		return NULL;
	*why = VS_LOST;
	return r->src < LOST ? r : NULL;
}

static struct mem_got avml_read(void *fmt, pa_t pa, void *dst, size_t len, struct err *err)
{
	struct avml *a = fmt;
	struct mem_got got = { 0, VS_OK };

	while (got.len < len) {
		pa_t at = pa + got.len;
		const struct range *r = find(a, at, &got.why);
		const uint8_t *bytes = NULL;
		size_t n;

		if (!r) {
			fail(err, got.why, "pfn %#" PRIx64 ": %s", at / PAGE,
			     vs_status_str(got.why));
			break;
		}
		n = (size_t)(r->len - (at - r->start));
		if (n > len - got.len)
			n = len - got.len;
		got.why = get_chunk(a, (size_t)r->src, &bytes, err);
		if (got.why) {
			fail_ctx(err, got.why, "pfn %#" PRIx64, at / PAGE);
			break;
		}
		memcpy((uint8_t *)dst + got.len, bytes + (at - a->chunk.v[r->src].pa), n);
		got.len += n;
	}
	return got;
}

static vs_status avml_read_block(void *fmt, pa_t pa, uint8_t *dst, bool *zero, struct err *err)
{
	struct mem_got got = avml_read(fmt, pa, dst, PAGE, err);

	*zero = false;
	// the first or last page of a range may be there in part
	return got.len == PAGE ? VS_OK : got.len ? VS_NOMATCH : got.why;
}

static vs_status avml_state(void *fmt, pa_t pa)
{
	vs_status why;

	return find(fmt, pa, &why) ? VS_OK : why;
}

static vs_status avml_next(void *fmt, pa_t from, pa_t *ret, struct err *err)
{
	struct avml *a = fmt;
	const struct range *r = ranges_find(&a->map, from);

	(void)err;
	for (; r && r < a->map.v + a->map.n; r++) {
		if (r->src < LOST) {
			*ret = r->start > from ? r->start : from;
			return VS_OK;
		}
	}
	return VS_END;
}

static uint64_t avml_stored(void *fmt)
{
	const struct avml *a = fmt;
	uint64_t n = 0;

	for (size_t i = 0; i < a->map.n; i++)
		n += a->map.v[i].src < LOST ? a->map.v[i].len : 0;
	return n / PAGE;
}

static void avml_close(void *fmt)
{
	struct avml *a = fmt;

	if (!a)
		return;
	codec_destroy(a->codec);
	ranges_deinit(&a->map);
	vec_free(&a->chunk);
	free(a);
}

static const struct dump_ops avml_ops = {
	.read_block = avml_read_block,
	.read = avml_read,
	.state = avml_state,
	.next = avml_next,
	.stored = avml_stored,
	.close = avml_close,
};

vs_status avml_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err)
{
	struct avml *a = calloc(1, sizeof(*a));
	vs_status st;

	(void)n;
	if (!a)
		return fail(err, VS_NOMEM, "%s: out of memory", file_path(files[0]));
	a->f = files[0];
	a->map.whole = true;
	crc32c_init(&a->crc);
	memset(a->kept_index, 0xff, sizeof(a->kept_index));
	st = codec_create(&a->codec, err);
	if (st == VS_OK)
		st = take_all(a, err);
	if (st) {
		avml_close(a);
		return st;
	}
	out->info.format = "AVML";
	out->info.page_size = PAGE;
	out->info.max_pfn = (a->end + PAGE - 1) / PAGE;
	out->info.incomplete = a->lost || file_is_cut(files[0]);
	out->ops = &avml_ops;
	out->fmt = a;
	return VS_OK;
}
