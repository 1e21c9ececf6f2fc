// SPDX-License-Identifier: GPL-3.0-or-later
/* kdump_page.c - pages of a compressed kdump: bitmap, rank, descriptor, data, codec.
 * In: an opened set. Out: decoded blocks, and a reason for every missing one. */
#include <inttypes.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/dump/codec.h"
#include "stub/dump/file.h"
#include "stub/dump/kdump.h"
#include "stub/dump/rank.h"

/* The member that describes pfn, NULL if it was not given. */
static struct kdump_file *find_member(struct kdump *k, uint64_t pfn)
{
	size_t lo = 0, hi = k->n;

	if (pfn >= k->v[k->last].start_pfn && pfn < k->v[k->last].end_pfn)
		return &k->v[k->last];
	// first member that ends above pfn; ends rise with starts, empty members included
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (k->v[mid].end_pfn > pfn)
			hi = mid;
		else
			lo = mid + 1;
	}
	if (lo == k->n || pfn < k->v[lo].start_pfn)
		return NULL;
	k->last = lo;
	return &k->v[lo];
}

/* Why a page without a bit in bitmap 2 is missing; VS_OK: its content is zeros. */
static vs_status absent_reason(struct kdump *k, uint64_t pfn, const struct kdump_file *m,
			       struct err *err)
{
	bool ram = k->ram || !m; // with one bitmap, assume that pages not stored are not RAM
	vs_status st = k->ram ? rank_test(k->ram, pfn, &ram, err) : VS_OK;

	if (st)
		return st;
	if (!ram || pfn >= k->max_pfn)
		return fail(err, VS_HOLE, "pfn %#" PRIx64 ": no RAM there", pfn);
	if (!m)
		return fail(err, VS_LOST,
			    "pfn %#" PRIx64 ": belongs to a split member that was not given", pfn);
	if (k->absent_is_zero)
		return VS_OK;
	return fail(err, VS_EXCLUDED, "pfn %#" PRIx64 ": page excluded from the dump", pfn);
}

/* A damaged byte of the bitmap changes the count of descriptors by up to this much. The shared page
 * of zeros comes right after the descriptors and must stay readable. */
#define MISCOUNT 8

/* Lowest offset that page data can have. The exact value needs the number of all descriptors; they
 * are counted only if an offset is so low that it matters, and the bitmap is not huge. */
static uint64_t data_start(struct kdump_file *m, const struct kdump_page_desc *d, uint64_t index)
{
	uint64_t offset = (uint64_t)d->offset;
	uint64_t most = m->desc_off + (m->end_pfn - m->start_pfn) * sizeof(struct kdump_page_desc);
	uint64_t least = m->desc_off + (index + 1) * sizeof(struct kdump_page_desc);
	uint64_t n;

	if (offset < least || offset >= most)
		return least;
	n = rank_total(m->rank);
	if (d->flags == 0)
		n = n > MISCOUNT ? n - MISCOUNT : 0;
	return n > index ? m->desc_off + n * sizeof(struct kdump_page_desc) : least;
}

static vs_status check_desc(struct kdump_file *m, uint64_t pfn, uint64_t index,
			    const struct kdump_page_desc *d, struct err *err)
{
	uint32_t block = (uint32_t)m->h.block_size;

	if (d->offset == 0 && d->size == 0 && d->flags == 0)
		return fail(err, VS_LOST, "pfn %#" PRIx64 ": page lost, %s", pfn,
			    m->h.status & KDUMP_INCOMPLETE ? "the dump is incomplete"
							   : "its descriptor was never written");
	if (d->offset < 0 || (uint64_t)d->offset < data_start(m, d, index))
		return fail(err, VS_CORRUPT,
			    "pfn %#" PRIx64 ": descriptor offset %#" PRIx64
			    " points before the page data",
			    pfn, (uint64_t)d->offset);
	if (d->size == 0 || d->size > block)
		return fail(err, VS_CORRUPT, "pfn %#" PRIx64 ": stored size %u, block is %u", pfn,
			    d->size, block);
	if (d->flags != 0 && d->flags != CODEC_ZLIB && d->flags != CODEC_LZO &&
	    d->flags != CODEC_SNAPPY && d->flags != CODEC_ZSTD)
		return fail(err, VS_CORRUPT, "pfn %#" PRIx64 ": flags %#x name an unknown codec",
			    pfn, d->flags);
	if (d->flags == 0 && d->size != block)
		return fail(err, VS_CORRUPT, "pfn %#" PRIx64 ": uncompressed size %u, block is %u",
			    pfn, d->size, block);
	if (!range_ok((uint64_t)d->offset, d->size, file_size(m->f)))
		return fail(err, VS_LOST,
			    "pfn %#" PRIx64 ": data at %#" PRIx64 " past the end of %s (%#" PRIx64
			    ")",
			    pfn, (uint64_t)d->offset, file_path(m->f), file_size(m->f));
	return VS_OK;
}

/* The checked descriptor of pfn. VS_OK with *zero: the page has no descriptor and is zeros. */
static vs_status find_desc(struct kdump *k, uint64_t pfn, struct kdump_file **ret_m,
			   struct kdump_page_desc *d, bool *zero, struct err *err)
{
	struct kdump_file *m = find_member(k, pfn);
	bool stored = false;
	uint64_t index;
	const uint8_t *p;
	vs_status st;

	*zero = false;
	st = m ? rank_test(m->rank, pfn, &stored, err) : VS_OK;
	if (st)
		return fail_ctx(err, st, "pfn %#" PRIx64, pfn);
	if (!stored) {
		*zero = true;
		return absent_reason(k, pfn, m, err);
	}
	st = rank_index(m->rank, pfn, &index, err);
	if (!st)
		st = window_get(&m->desc, m->desc_off + index * sizeof(*d), sizeof(*d), &p, err);
	if (st)
		return fail_ctx(err, st, "pfn %#" PRIx64 ": descriptor", pfn);
	memcpy(d, p, sizeof(*d));
	*ret_m = m;
	return check_desc(m, pfn, index, d, err);
}

static vs_status kdump_read_block(void *fmt, pa_t block_pa, uint8_t *dst, bool *zero,
				  struct err *err)
{
	struct kdump *k = fmt;
	uint64_t pfn = block_pa >> k->shift;
	size_t block = (size_t)1 << k->shift;
	struct kdump_page_desc d;
	struct kdump_file *m;
	const uint8_t *p;
	vs_status st = find_desc(k, pfn, &m, &d, zero, err);

	if (st || *zero)
		return st;
	// writers store one page of zeros, to which the descriptors of all such pages point
	if (d.flags == 0 && m->zero_off == (uint64_t)d.offset) {
		*zero = true;
		return VS_OK;
	}
	st = window_get(&m->data, (uint64_t)d.offset, d.size, &p, err);
	if (st)
		return fail_ctx(err, st, "pfn %#" PRIx64, pfn);
	if (d.flags == 0 && m->zero_off == 0 && all_bytes_are(p, block, 0))
		m->zero_off = (uint64_t)d.offset;
	st = codec_decode(k->codec, d.flags, p, d.size, dst, block, err);
	return st ? fail_ctx(err, st, "pfn %#" PRIx64, pfn) : VS_OK;
}

static vs_status kdump_state(void *fmt, pa_t pa)
{
	struct kdump *k = fmt;
	struct kdump_page_desc d;
	struct kdump_file *m;
	bool zero;

	return find_desc(k, pa >> k->shift, &m, &d, &zero, NULL);
}

static vs_status kdump_next(void *fmt, pa_t from, pa_t *ret, struct err *err)
{
	struct kdump *k = fmt;
	uint64_t pfn = from >> k->shift;

	for (size_t i = 0; i < k->n; i++) {
		struct kdump_file *m = &k->v[i];
		uint64_t hit;
		vs_status st;

		if (m->end_pfn <= pfn)
			continue;
		st = rank_next(m->rank, pfn, &hit, err);
		if (st == VS_OK && hit < m->end_pfn) {
			*ret = hit > pfn ? hit << k->shift : from;
			return VS_OK;
		}
		if (st && st != VS_END)
			return st;
	}
	return VS_END;
}

static uint64_t kdump_stored(void *fmt)
{
	struct kdump *k = fmt;
	uint64_t sum = 0;

	for (size_t i = 0; i < k->n; i++) {
		uint64_t n = rank_total(k->v[i].rank);

		if (n == 0 && k->v[i].start_pfn < k->v[i].end_pfn)
			return 0;
		sum += n;
	}
	return sum;
}

const struct dump_ops kdump_ops = {
	.read_block = kdump_read_block,
	.state = kdump_state,
	.next = kdump_next,
	.stored = kdump_stored,
	.close = kdump_close,
};
