// SPDX-License-Identifier: GPL-3.0-or-later
/* kdump_header.c - headers of one compressed kdump file.
 * In: file bytes. Out: struct kdump_file with every offset checked against the file.
 * Not here: split sets (kdump.c), pages (kdump_page.c). */
#include <inttypes.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/dump/file.h"
#include "stub/dump/kdump.h"

#define MIN_BLOCK   512
#define MAX_BLOCK   (1024 * 1024)
#define MAX_PFN	    (UINT64_C(1) << 40) /* 52-bit physical addresses */
#define PFN_UNKNOWN UINT32_MAX		/* for values that do not fit in 32 bits */

static bool block_size_ok(int64_t n)
{
	return n >= MIN_BLOCK && n <= MAX_BLOCK && (n & (n - 1)) == 0;
}

static vs_status check_block_size(struct kdump_file *k, struct err *err)
{
	uint8_t *raw = (uint8_t *)&k->h;
	const char *path = file_path(k->f);

	if (block_size_ok(k->h.block_size)) {
		if (k->h.block_size != 4096)
			log_warn("%s: block_size %d, not the usual 4096", path, k->h.block_size);
		return VS_OK;
	}
	if (block_size_ok((int32_t)load_u32(raw + KDUMP_BLOCK_SIZE_OFF_32)))
		return fail(err, VS_UNSUPPORTED,
			    "%s: dump of a 32-bit machine, only 64-bit dumps are supported", path);
	return fail(err, VS_CORRUPT, "%s: block_size %d is not a power of two in 512..1048576",
		    path, k->h.block_size);
}

static vs_status read_main(struct kdump_file *k, struct err *err)
{
	const char *path = file_path(k->f);
	size_t got;
	vs_status st = file_read_some(k->f, 0, &k->h, sizeof(k->h), &got, err);

	if (st)
		return st;
	if (got < sizeof(k->h))
		return fail(err, VS_CORRUPT, "%s: truncated header: %zu bytes, need %zu", path, got,
			    sizeof(k->h));
	k->diskdump = memcmp(k->h.signature, DISKDUMP_MAGIC, KDUMP_MAGIC_LEN) == 0;
	if (k->h.header_version < 0)
		return fail(err, VS_CORRUPT, "%s: header_version %d", path, k->h.header_version);
	if (k->h.sub_hdr_size < 0)
		return fail(err, VS_CORRUPT, "%s: sub_hdr_size %d", path, k->h.sub_hdr_size);
	if (k->h.header_version > KDUMP_VERSION)
		log_warn("%s: header_version %d is newer than %d; read as %d", path,
			 k->h.header_version, KDUMP_VERSION, KDUMP_VERSION);
	return check_block_size(k, err);
}

/* Size of the sub-header in each version. */
static size_t sub_header_len(int32_t version)
{
	static const size_t len[] = { 8, 12, 32, 48, 64, 80, 104 };

	return len[version > KDUMP_VERSION ? KDUMP_VERSION : version];
}

static vs_status read_sub(struct kdump_file *k, struct err *err)
{
	size_t len = sub_header_len(k->h.header_version), got;
	vs_status st;

	// DISKDUMP has registers there instead
	if (k->diskdump || k->h.sub_hdr_size == 0)
		return VS_OK;
	st = file_read_some(k->f, (uint64_t)k->h.block_size, &k->sub, len, &got, err);
	if (!st && got < len)
		return fail(err, VS_CORRUPT, "%s: truncated sub-header: %zu bytes, need %zu",
			    file_path(k->f), got, len);
	return st;
}

static vs_status set_pfns(struct kdump_file *k, struct err *err)
{
	bool wide = k->h.header_version >= 6 && !k->diskdump;
	const struct kdump_sub_header *s = &k->sub;
	const char *path = file_path(k->f);

	k->max_pfn = wide && s->max_mapnr_64 ? s->max_mapnr_64 : k->h.max_mapnr;
	if (wide && k->h.max_mapnr != PFN_UNKNOWN && k->h.max_mapnr != k->max_pfn)
		log_warn("%s: max_mapnr %#x and max_mapnr_64 %#" PRIx64
			 " disagree; using the latter",
			 path, k->h.max_mapnr, k->max_pfn);
	if (k->max_pfn > MAX_PFN)
		return fail(err, VS_CORRUPT, "%s: max_mapnr %#" PRIx64 " is beyond %#" PRIx64, path,
			    k->max_pfn, MAX_PFN);
	if (k->max_pfn == 0)
		return fail(err, VS_CORRUPT, "%s: max_mapnr 0: no memory in the dump", path);
	k->split = s->split != 0;
	k->start_pfn = 0;
	k->end_pfn = k->max_pfn;
	if (!k->split)
		return VS_OK;
	k->start_pfn = wide ? s->start_pfn_64 : s->start_pfn;
	k->end_pfn = wide ? s->end_pfn_64 : s->end_pfn;
	if (k->start_pfn > k->end_pfn || k->end_pfn > k->max_pfn)
		return fail(err, VS_CORRUPT,
			    "%s: split member with start_pfn %#" PRIx64 ", end_pfn %#" PRIx64
			    ", max_mapnr %#" PRIx64,
			    path, k->start_pfn, k->end_pfn, k->max_pfn);
	return VS_OK;
}

/* Decides by size whether there are one or two bitmaps; current writers store two. */
static vs_status place_bitmaps(struct kdump_file *k, struct err *err)
{
	uint64_t bs = (uint64_t)k->h.block_size;
	uint64_t need = ((k->max_pfn + 7) / 8 + bs - 1) / bs; // max_pfn <= 2^40: no overflow
	uint64_t have = k->h.bitmap_blocks;
	uint64_t first, second;
	const char *path = file_path(k->f);

	if (have < need)
		return fail(err, VS_CORRUPT,
			    "%s: bitmap_blocks %" PRIu64 ", max_mapnr %#" PRIx64 " needs %" PRIu64,
			    path, have, k->max_pfn, need);
	if (have >= 2 * need && have % 2)
		return fail(err, VS_CORRUPT, "%s: bitmap_blocks %" PRIu64 " is odd for two bitmaps",
			    path, have);
	first = (1 + (uint64_t)k->h.sub_hdr_size) * bs; // < 2^51
	second = have >= 2 * need ? first + have / 2 * bs : first;
	// an empty split member ends with the last byte of its bitmap, not with its last block
	if (!range_ok(second, (k->max_pfn + 7) / 8, file_size(k->f)))
		return fail(err, VS_CORRUPT,
			    "%s: sub_hdr_size %d, bitmap_blocks %" PRIu64 ": bitmap at %#" PRIx64
			    " reaches past the end of the file (%#" PRIx64 ")",
			    path, k->h.sub_hdr_size, have, second, file_size(k->f));
	k->bitmap1_off = first;
	k->bitmap2_off = second;
	k->desc_off = first + have * bs; // < 2^53
	return VS_OK;
}

vs_status kdump_read_headers(struct kdump_file *k, struct err *err)
{
	vs_status st;

	if ((st = read_main(k, err)) || (st = read_sub(k, err)) || (st = set_pfns(k, err)))
		return st;
	return place_bitmaps(k, err);
}
