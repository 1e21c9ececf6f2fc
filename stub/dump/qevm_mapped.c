// SPDX-License-Identifier: GPL-3.0-or-later
/* qevm_mapped.c - memory in a migration file of QEMU 9.0 and newer with the capability mapped-ram:
 * each page of a block has its place in the file (docs/devel/migration/mapped-ram.rst of QEMU,
 * MappedRamHeader of migration/ram.c).
 * In: the header behind each block's name. Out: a map, by the bitmaps; no pass over the file. */
#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/bytes.h"
#include "stub/dump/file.h"
#include "stub/dump/qevm.h"

#define VERSION	    1
#define PIECE_WORDS 8192u

/* Bytes of a block's bitmap, which is an array of 64-bit words. */
static uint64_t bitmap_bytes(const struct qevm_block *b)
{
	return (b->len / QEVM_PAGE + 63) / 64 * 8;
}

vs_status qevm_take_mapped(struct qevm *q, struct qevm_block *b, uint64_t off, struct err *err)
{
	const char *path = file_path(q->f);
	uint8_t head[QEVM_MAPPED_HEAD];
	uint64_t version, page, end, size = file_size(q->f);
	vs_status st = file_read(q->f, off, head, sizeof(head), err);

	if (st)
		return st;
	version = load_be32(head);
	page = load_be64(head + 4);
	b->bitmap = load_be64(head + 12);
	b->pages = load_be64(head + 20);
	if (version != VERSION || page != QEVM_PAGE)
		return fail(err, VS_UNSUPPORTED,
			    "%s: QEMU stream at %#" PRIx64 ": mapped-ram of version %" PRIu64
			    " with pages of %" PRIu64 " bytes",
			    path, off, version, page);
	if (!range_ok(b->bitmap, bitmap_bytes(b), size) || b->pages < off + sizeof(head) ||
	    add_ovf(b->pages, b->len, &end))
		return fail(err, VS_CORRUPT,
			    "%s: QEMU stream at %#" PRIx64 ": mapped-ram of %.40s: bitmap_offset "
			    "%#" PRIx64 ", pages_offset %#" PRIx64,
			    path, off, b->id, b->bitmap, b->pages);
	return VS_OK;
}

/* Pages from first on that have data, not yet added. */
struct run {
	uint64_t first, n;
};

static bool add_run(struct qevm *q, const struct qevm_block *b, struct run *r)
{
	uint64_t at = r->first * QEVM_PAGE, n = r->n;

	r->n = 0;
	return !n || ranges_add(&q->mapped, b->base + at, n * QEVM_PAGE, b->pages + at);
}

/* Takes a word of the bitmap, whose first bit is that of page no. */
static bool take_word(struct qevm *q, const struct qevm_block *b, uint64_t word, uint64_t no,
		      struct run *r)
{
	uint64_t pages = b->len / QEVM_PAGE, n = pages - no < 64 ? pages - no : 64;

	if (!word)
		return add_run(q, b, r);
	for (unsigned bit = 0; bit < n; bit++) {
		if (!(word >> bit & 1)) {
			if (!add_run(q, b, r))
				return false;
			continue;
		}
		if (!r->n++)
			r->first = no + bit;
	}
	return true;
}

static vs_status map_block(struct qevm *q, const struct qevm_block *b, uint64_t *word,
			   struct err *err)
{
	uint64_t words = bitmap_bytes(b) / 8;
	struct run run = { .n = 0 };
	bool ok = true;

	for (uint64_t i = 0; i < words && ok; i += PIECE_WORDS) {
		size_t n = words - i < PIECE_WORDS ? (size_t)(words - i) : PIECE_WORDS;
		vs_status st = file_read(q->f, b->bitmap + i * 8, word, n * 8, err);

		if (st)
			return st;
		for (size_t k = 0; k < n && ok; k++)
			ok = take_word(q, b, word[k], (i + k) * 64, &run);
	}
	return ok && add_run(q, b, &run)
		       ? VS_OK
		       : fail(err, VS_NOMEM, "%s: no memory for pages", file_path(q->f));
}

vs_status qevm_map_pages(struct qevm *q, struct err *err)
{
	uint64_t *word = malloc(PIECE_WORDS * sizeof(*word));
	vs_status st = word ? VS_OK : fail(err, VS_NOMEM, "%s: out of memory", file_path(q->f));

	for (size_t i = 0; i < q->nblocks && st == VS_OK; i++)
		if (q->block[i].base != QEVM_NOT_RAM)
			st = map_block(q, &q->block[i], word, err);
	free(word);
	if (st == VS_OK && !ranges_resolve(&q->mapped, false))
		st = fail(err, VS_NOMEM, "%s: no memory for pages", file_path(q->f));
	return st;
}
