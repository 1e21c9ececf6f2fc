// SPDX-License-Identifier: GPL-3.0-or-later
/* qevm.c - memory in a stream of QEMU's migration (`migrate "exec:cat >FILE"`, virsh dump without
 * --memory-only), savevm, or libvirt's save file, which has it behind a header.
 * In: a file. Out: physical memory by a map, as of raw memory: the stream does not say at which
 * address RAM goes on above the hole below 4 GiB. */
#include "stub/dump/qevm.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/dump/file.h"

#define MAX_PA	    (UINT64_C(1) << 52)
#define LIBVIRT	    "LibvirtQemudSave"
#define LIBVIRT_LEN 92 /* of its header: virQEMUSaveHeader */

/* By virQEMUSaveFormat of libvirt. The last, "sparse", is QEMU's mapped-ram. */
static const char *const packers[] = { NULL, "gzip", "bzip2", "xz", "lzop", "zstd", NULL };

/* Where the stream begins. */
static vs_status find_stream(struct file *f, uint64_t *ret, struct err *err)
{
	uint8_t head[LIBVIRT_LEN];
	uint32_t len, packed;

	*ret = 0;
	if (file_read(f, 0, head, sizeof(head), NULL) || memcmp(head, LIBVIRT, 16) != 0)
		return VS_OK;
	len = load_u32(head + 20);
	packed = load_u32(head + 28);
	*ret = LIBVIRT_LEN + (uint64_t)len;
	if (*ret >= file_size(f))
		return fail(err, VS_CORRUPT, "%s: libvirt save file: XML of %u bytes", file_path(f),
			    len);
	if (packed >= sizeof(packers) / sizeof(packers[0]))
		return fail(err, VS_UNSUPPORTED, "%s: libvirt save file, compressed in way %u",
			    file_path(f), packed);
	if (packers[packed])
		return fail(err, VS_UNSUPPORTED,
			    "%s: libvirt save file, compressed: unpack it first: tail -c +%" PRIu64
			    " %s | %s -d >OUT",
			    file_path(f), *ret + 1, file_path(f), packers[packed]);
	return VS_OK;
}

/* --- pages */

/* The same with mapped-ram: a page that the file does not have is zeros. */
static bool find_mapped(struct qevm *q, uint64_t place, uint64_t *src, bool *zero)
{
	const struct range *r = ranges_find(&q->mapped, place);

	*zero = !r || r->start > place;
	if (*zero)
		return q->all_ram;
	*src = r->src + (place - r->start);
	return range_ok(*src, QEVM_PAGE, file_size(q->f));
}

/* A page of RAM: where its bytes are, or *zero. False: the stream does not have it. */
static bool find_page(struct qevm *q, uint64_t place, uint64_t *src, bool *zero)
{
	uint64_t key = place / QEVM_PAGE * QEVM_PAGE_STEP;
	const struct range *d = ranges_find(&q->data, key), *z = ranges_find(&q->zero, key);
	bool have_d = d && d->start <= key, have_z = z && z->start <= key;

	if (q->is_mapped)
		return find_mapped(q, place - place % QEVM_PAGE, src, zero);
	if (have_d)
		*src = d->src + (key - d->start);
	*zero = have_z && (!have_d || z->src > *src);
	return have_d || have_z;
}

static const struct range *find_piece(struct qevm *q, pa_t pa, vs_status *why)
{
	const struct range *r = ranges_find(&q->map, pa);

	*why = VS_HOLE;
	return r && r->start <= pa ? r : NULL;
}

/* The stream may leave out pages that the guest's balloon says are free. */
static vs_status absent(const struct qevm *q)
{
	return q->cut ? VS_LOST : VS_EXCLUDED;
}

static vs_status lookup(struct qevm *q, pa_t pa, uint64_t *src, bool *zero)
{
	vs_status why;
	const struct range *r = find_piece(q, pa, &why);

	if (!r)
		return why;
	return find_page(q, r->src + (pa - r->start), src, zero) ? VS_OK : absent(q);
}

static vs_status qevm_read_block(void *fmt, pa_t pa, uint8_t *dst, bool *zero, struct err *err)
{
	struct qevm *q = fmt;
	uint64_t src = 0;
	vs_status st = lookup(q, pa, &src, zero);

	if (st)
		return fail(err, st, "pfn %#" PRIx64 ": %s", pa / QEVM_PAGE, vs_status_str(st));
	if (*zero)
		return VS_OK;
	st = file_read(q->f, src, dst, QEVM_PAGE, err);
	return st ? fail_ctx(err, st, "pfn %#" PRIx64, pa / QEVM_PAGE) : VS_OK;
}

static vs_status qevm_state(void *fmt, pa_t pa)
{
	uint64_t src;
	bool zero;

	return lookup(fmt, pa, &src, &zero);
}

/* The first page from place on that the stream has, in pages' numbers. */
static uint64_t next_place(struct qevm *q, uint64_t place)
{
	uint64_t key = place / QEVM_PAGE * QEVM_PAGE_STEP, best = UINT64_MAX;
	const struct range *found[] = { ranges_find(&q->data, key), ranges_find(&q->zero, key) };

	if (q->is_mapped)
		return place - place % QEVM_PAGE;
	for (size_t i = 0; i < 2; i++) {
		uint64_t at = !found[i]		      ? UINT64_MAX
			      : found[i]->start > key ? found[i]->start
						      : key;

		if (at < best)
			best = at;
	}
	return best == UINT64_MAX ? best : best / QEVM_PAGE_STEP * QEVM_PAGE;
}

static vs_status qevm_next(void *fmt, pa_t from, pa_t *ret, struct err *err)
{
	struct qevm *q = fmt;
	const struct range *r = ranges_find(&q->map, from);

	(void)err;
	for (; r && r < q->map.v + q->map.n; r++) {
		pa_t pa = r->start > from ? r->start : from;
		uint64_t place = next_place(q, r->src + (pa - r->start));

		if (place < r->src + r->len) {
			*ret = r->start + (place - r->src);
			return VS_OK;
		}
	}
	return VS_END;
}

/* With mapped-ram no page was looked at when the file was opened: any with data may begin with a
 * note. */
static vs_status next_data(struct qevm *q, pa_t from, pa_t *ret)
{
	const struct range *r = ranges_find(&q->map, from);

	for (; r && r < q->map.v + q->map.n; r++) {
		uint64_t skip = from > r->start ? from - r->start : 0;
		const struct range *d = ranges_find(&q->mapped, r->src + skip);
		uint64_t place = !d			    ? UINT64_MAX
				 : d->start > r->src + skip ? d->start
							    : r->src + skip;

		if (place < r->src + r->len) {
			*ret = r->start + (place - r->src);
			return VS_OK;
		}
	}
	return VS_END;
}

static vs_status qevm_next_note(void *fmt, pa_t from, pa_t *ret, struct err *err)
{
	struct qevm *q = fmt;
	pa_t best = UINT64_MAX;

	(void)err;
	if (q->is_mapped)
		return next_data(q, from, ret);
	for (size_t i = 0; i < q->nnotes; i++) {
		for (size_t n = 0; n < q->map.n; n++) {
			const struct range *r = &q->map.v[n];
			pa_t pa = r->start + (q->note[i] - r->src);

			if (q->note[i] >= r->src && q->note[i] - r->src < r->len && pa >= from &&
			    pa < best)
				best = pa;
		}
	}
	*ret = best;
	return best == UINT64_MAX ? VS_END : VS_OK;
}

static uint64_t qevm_stored(void *fmt)
{
	(void)fmt;
	return 0;
}

static vs_status qevm_set_map(void *fmt, const struct ram_map *map, struct dump_info *info,
			      struct err *err)
{
	struct qevm *q = fmt;

	ranges_deinit(&q->map);
	q->map = (struct ranges){ 0 };
	q->end = 0;
	for (size_t i = 0; i < map->n; i++) {
		const struct ram_piece *p = &map->v[i];
		uint64_t have = p->offset < q->size ? q->size - p->offset : 0;

		if (p->offset % QEVM_PAGE || p->start >= MAX_PA || p->len > MAX_PA - p->start)
			return fail(err, VS_INVAL,
				    "%s: memory at %#" PRIx64 ", %#" PRIx64
				    " bytes: not in whole pages, or beyond 2^52",
				    file_path(q->f), p->start, p->len);
		if (have > p->len)
			have = p->len;
		if (have && !ranges_add(&q->map, p->start, have, p->offset))
			return fail(err, VS_NOMEM, "%s: out of memory", file_path(q->f));
		if (have && p->start + have > q->end)
			q->end = p->start + have;
	}
	info->max_pfn = (q->end + QEVM_PAGE - 1) / QEVM_PAGE;
	return ranges_resolve(&q->map, false)
		       ? VS_OK
		       : fail(err, VS_NOMEM, "%s: out of memory", file_path(q->f));
}

static void qevm_close(void *fmt)
{
	struct qevm *q = fmt;

	if (!q)
		return;
	ranges_deinit(&q->data);
	ranges_deinit(&q->zero);
	ranges_deinit(&q->mapped);
	ranges_deinit(&q->map);
	free(q->block);
	free(q);
}

static const struct dump_ops qevm_ops = {
	.read_block = qevm_read_block,
	.state = qevm_state,
	.next = qevm_next,
	.next_note = qevm_next_note,
	.stored = qevm_stored,
	.set_map = qevm_set_map,
	.close = qevm_close,
};

static vs_status load(struct qevm *q, struct dump_format *out, struct err *err)
{
	struct ram_map plain = { .n = 1 };
	uint64_t off;
	vs_status st = find_stream(q->f, &off, err);

	if (st == VS_OK)
		st = qevm_read_stream(q, off, out, err);
	if (st)
		return st;
	if (!ranges_resolve(&q->data, true) || !ranges_resolve(&q->zero, true))
		return fail(err, VS_NOMEM, "%s: no memory for pages", file_path(q->f));
	plain.v[0].len = q->size;
	return qevm_set_map(q, out->ram_map ? out->ram_map : &plain, &out->info, err);
}

vs_status qevm_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err)
{
	struct qevm *q = calloc(1, sizeof(*q));
	vs_status st;

	(void)n;
	if (q)
		q->block = calloc(QEVM_BLOCKS_MAX, sizeof(*q->block));
	if (!q || !q->block) {
		qevm_close(q);
		return fail(err, VS_NOMEM, "%s: out of memory", file_path(files[0]));
	}
	q->f = files[0];
	q->zero.whole = true;
	st = load(q, out, err);
	if (st) {
		qevm_close(q);
		return st;
	}
	out->info.format = "QEMU stream";
	out->info.page_size = QEVM_PAGE;
	out->info.incomplete = q->cut || file_is_cut(files[0]);
	out->info.raw_size = out->ram_map ? 0 : q->size;
	out->ops = &qevm_ops;
	out->fmt = q;
	return VS_OK;
}
