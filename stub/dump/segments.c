// SPDX-License-Identifier: GPL-3.0-or-later
/* segments.c - memory that one file holds uncompressed, in pieces: what ELF and LiME have in
 * common.
 */
#include "stub/dump/segments.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/log.h"
#include "stub/dump/file.h"

#define PAGE	   4096u
#define READ_AHEAD (128 * 1024)

vs_status segments_new(struct file *f, struct segments **ret, struct err *err)
{
	struct segments *s = calloc(1, sizeof(*s));
	vs_status st;

	*ret = NULL;
	if (!s)
		return fail(err, VS_NOMEM, "%s: out of memory", file_path(f));
	s->f = f;
	st = window_init(&s->w, f, PAGE, READ_AHEAD, err);
	if (st) {
		free(s);
		return st;
	}
	*ret = s;
	return VS_OK;
}

bool segments_add(struct segments *s, pa_t pa, uint64_t len, uint64_t src)
{
	if (len && pa + len > s->end)
		s->end = pa + len;
	return len == 0 || ranges_add(&s->map, pa, len, src);
}

bool segments_add_cut(struct segments *s, pa_t pa, uint64_t len, uint64_t src, uint64_t end,
		      bool *lost)
{
	uint64_t have = src < end ? end - src : 0;

	if (have > len)
		have = len;
	*lost |= have < len;
	return segments_add(s, pa, have, src) &&
	       segments_add(s, pa + have, len - have, SEGMENT_LOST);
}

void segments_clear(struct segments *s)
{
	ranges_deinit(&s->map);
	s->map = (struct ranges){ 0 };
	s->end = 0;
	s->stored = 0;
}

bool segments_address_of(const struct segments *s, uint64_t off, pa_t *ret)
{
	for (size_t i = 0; i < s->map.n; i++) {
		const struct range *r = &s->map.v[i];

		if (r->src < RANGE_NOWHERE && off >= r->src && off - r->src < r->len) {
			*ret = r->start + (off - r->src);
			return true;
		}
	}
	return false;
}

bool segments_from_machine(struct segments *s, uint64_t machine, pa_t *ret)
{
	const struct range *r = ranges_find(&s->machine, machine);

	if (!r || r->start > machine)
		return false;
	*ret = r->src + (machine - r->start);
	return true;
}

vs_status segments_resolve(struct segments *s, struct err *err)
{
	if (!ranges_resolve(&s->map, false))
		return fail(err, VS_NOMEM, "%s: no memory for %zu segments", file_path(s->f),
			    s->map.n);
	if (s->map.overlapped)
		log_debug("%s: segments overlap; the first with data is used", file_path(s->f));
	for (size_t i = 0; i < s->map.n; i++) {
		if (s->map.v[i].src < RANGE_NOWHERE)
			s->stored += s->map.v[i].len;
	}
	return VS_OK;
}

void segments_destroy(struct segments *s)
{
	if (!s)
		return;
	ranges_deinit(&s->map);
	ranges_deinit(&s->machine);
	window_deinit(&s->w);
	free(s);
}

static void segments_close(void *fmt)
{
	segments_destroy(fmt);
}

/* The range that has the byte at pa, or NULL with a reason. *left is the number of bytes for which
 * this holds. */
static const struct range *find(struct segments *s, pa_t pa, uint64_t *left, vs_status *why)
{
	const struct range *r = ranges_find(&s->map, pa);

	if (!r || r->start > pa) {
		// the writer ran out of space before later segments were listed
		*why = s->incomplete && pa >= s->end ? VS_LOST : VS_HOLE;
		*left = r ? r->start - pa : UINT64_MAX;
		return NULL;
	}
	*left = r->len - (pa - r->start);
	if (r->src < RANGE_NOWHERE)
		return r;
	*why = r->src == SEGMENT_LOST ? VS_LOST : VS_EXCLUDED;
	return NULL;
}

static vs_status explain(pa_t pa, vs_status why, struct err *err)
{
	return fail(err, why, "pfn %#" PRIx64 ": %s", pa >> 12, vs_status_str(why));
}

static struct mem_got segments_read(void *fmt, pa_t pa, void *dst, size_t len, struct err *err)
{
	struct segments *s = fmt;
	struct mem_got got = { 0, VS_OK };
	bool by_page = false;

	while (got.len < len) {
		pa_t at = pa + got.len;
		uint64_t left, page = PAGE - at % PAGE;
		const struct range *r = find(s, at, &left, &got.why);
		size_t step, n;

		if (!r) {
			explain(at, got.why, err);
			break;
		}
		if (by_page && left > page)
			left = page;
		step = left < len - got.len ? (size_t)left : len - got.len;
		got.why = file_read_some(s->f, r->src + (at - r->start), (uint8_t *)dst + got.len,
					 step, &n, err);
		if (got.why && !by_page && step > page) {
			by_page = true; // a bad sector: read the bytes before it
			continue;
		}
		if (got.why) {
			fail_ctx(err, got.why, "pfn %#" PRIx64, at >> 12);
			break;
		}
		got.len += n;
		if (n < step) {
			got.why = explain(pa + got.len, VS_LOST, err);
			break;
		}
	}
	return got;
}

static vs_status segments_read_block(void *fmt, pa_t pa, uint8_t *dst, bool *zero, struct err *err)
{
	struct segments *s = fmt;
	uint64_t left;
	const uint8_t *p;
	vs_status st = VS_OK;
	const struct range *r = find(s, pa, &left, &st);

	*zero = false;
	if (left < PAGE)
		return VS_NOMATCH;
	if (!r)
		return explain(pa, st, err);
	st = window_get(&s->w, r->src + (pa - r->start), PAGE, &p, err);
	if (st)
		return fail_ctx(err, st, "pfn %#" PRIx64, pa >> 12);
	memcpy(dst, p, PAGE);
	return VS_OK;
}

static vs_status segments_state(void *fmt, pa_t pa)
{
	uint64_t left;
	vs_status why = VS_OK;

	find(fmt, pa, &left, &why);
	return why;
}

static vs_status segments_next(void *fmt, pa_t from, pa_t *ret, struct err *err)
{
	struct segments *s = fmt;
	const struct range *r = ranges_find(&s->map, from);

	(void)err;
	for (; r && r < s->map.v + s->map.n; r++) {
		if (r->src < RANGE_NOWHERE) {
			*ret = r->start > from ? r->start : from;
			return VS_OK;
		}
	}
	return VS_END;
}

static uint64_t segments_stored(void *fmt)
{
	return ((struct segments *)fmt)->stored / PAGE;
}

static bool segments_machine(void *fmt, uint64_t machine, pa_t *ret, bool *found)
{
	struct segments *s = fmt;

	if (!s->machine.n)
		return false;
	*found = segments_from_machine(s, machine, ret);
	return true;
}

const struct dump_ops segments_ops = {
	.read_block = segments_read_block,
	.read = segments_read,
	.state = segments_state,
	.next = segments_next,
	.stored = segments_stored,
	.machine = segments_machine,
	.close = segments_close,
};

void segments_finish(struct segments *s, const char *format, struct dump_format *out)
{
	out->info.format = format;
	out->info.page_size = PAGE;
	out->info.max_pfn = (s->end + PAGE - 1) / PAGE;
	out->info.incomplete = s->incomplete || file_is_cut(s->f);
	out->direct = file_is_mapped(s->f);
	out->ops = &segments_ops;
	out->fmt = s;
}
