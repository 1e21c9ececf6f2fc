/* printk.c - log records out of all three formats: the lockless ring (896fbe20b4e2, 5.10: symbol
 * prb), struct printk_log before it (7ff9554bb578, 3.5), and before that plain text. Documented in
 * Documentation/admin-guide/kdump/vmcoreinfo.rst. */
#include "stub/subsys/sys/printk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"

#define MAX_TEXT 65536 /* printk_info.text_len is 16 bits wide */
#define MAX_LOG	 (1ULL << 30)
#define MAX_DICT 256
/* In struct printk_log: u16 text_len, u16 dict_len, u8 facility, then u8 flags:5, level:3. */
#define LEVEL_AFTER_TEXT_LEN 5

struct prb {
	uint64_t count_bits, descs, infos, head_id, tail_id;
	uint64_t size_bits, data;
	uint64_t desc_size, info_size;
	struct member state, begin, next;		     /* of prb_desc */
	struct member ts, text_len, facility, flags, caller; /* of printk_info */
	struct member subsystem, device;		     /* size 0: it has none */
};

static vs_status prb_ring(struct kernel *k, kva_t rb, struct prb *p, struct err *err)
{
	const struct {
		const char *path;
		uint64_t *to;
	} members[] = {
		{ "desc_ring.count_bits", &p->count_bits },
		{ "desc_ring.descs", &p->descs },
		{ "desc_ring.infos", &p->infos },
		{ "desc_ring.head_id.counter", &p->head_id },
		{ "desc_ring.tail_id.counter", &p->tail_id },
		{ "text_data_ring.size_bits", &p->size_bits },
		{ "text_data_ring.data", &p->data },
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		vs_status st = kernel_read_member(k, rb, "printk_ringbuffer", members[i].path,
						  members[i].to, err);

		if (st)
			return fail_ctx(err, st, "log");
	}
	if (p->count_bits > 22 || p->size_bits > 30)
		return fail(err, VS_CORRUPT, "log: 2^%" PRIu64 " records in 2^%" PRIu64 " bytes",
			    p->count_bits, p->size_bits);
	return VS_OK;
}

static vs_status prb_layout(struct kernel *k, struct prb *p, struct err *err)
{
	vs_status st = types_size(k->types, "prb_desc", &p->desc_size, err);

	if (st == VS_OK)
		st = types_size(k->types, "printk_info", &p->info_size, err);
	if (st == VS_OK)
		st = kernel_member(k, "prb_desc", &p->state, err, "state_var.counter", NULL);
	if (st == VS_OK)
		st = kernel_member(k, "prb_desc", &p->begin, err, "text_blk_lpos.begin", NULL);
	if (st == VS_OK)
		st = kernel_member(k, "prb_desc", &p->next, err, "text_blk_lpos.next", NULL);
	if (st == VS_OK)
		st = kernel_member(k, "printk_info", &p->ts, err, "ts_nsec", NULL);
	if (st == VS_OK)
		st = kernel_member(k, "printk_info", &p->text_len, err, "text_len", NULL);
	if (st == VS_OK)
		st = kernel_member(k, "printk_info", &p->facility, err, "facility", NULL);
	if (st == VS_OK)
		st = kernel_member(k, "printk_info", &p->flags, err, "level", NULL);
	if (st == VS_OK && kernel_member(k, "printk_info", &p->caller, NULL, "caller_id", NULL))
		p->caller.size = 0;
	// 74caba7f2a06 (5.10): instead of text in a dictionary.
	if (st == VS_OK &&
	    (kernel_member(k, "printk_info", &p->subsystem, NULL, "dev_info.subsystem", NULL) ||
	     kernel_member(k, "printk_info", &p->device, NULL, "dev_info.device", NULL)))
		p->subsystem.size = p->device.size = 0;
	return st;
}

/* One record. Returns VS_NOTFOUND for one that holds no finished text. */
/* One of the two strings with its key, behind what is in dict. */
static size_t put_pair(struct kernel *k, kva_t va, const struct member *m, const char *key,
		       char *dict, size_t cap)
{
	char value[64];
	int n;

	if (!m->size || m->size > sizeof(value) ||
	    mem_read_str(k->mem, va + m->off, value, m->size, NULL) || !value[0])
		return 0;
	n = snprintf(dict, cap, "%s=%s", key, value);
	return n > 0 && (size_t)n < cap ? (size_t)n + 1 : 0;
}

static void prb_dict(struct kernel *k, const struct prb *p, kva_t info, char *dict,
		     struct log_record *r)
{
	size_t n = put_pair(k, info, &p->subsystem, "SUBSYSTEM", dict, MAX_DICT);

	n += put_pair(k, info, &p->device, "DEVICE", dict + n, MAX_DICT - n);
	r->dict = dict;
	r->dict_len = n ? n - 1 : 0; // without the last NUL
}

static vs_status prb_record(struct kernel *k, const struct prb *p, uint64_t id, char *text,
			    struct log_record *r)
{
	uint64_t mask = (1ULL << p->count_bits) - 1, size = 1ULL << p->size_bits;
	kva_t desc = p->descs + (id & mask) * p->desc_size;
	kva_t info = p->infos + (id & mask) * p->info_size;
	uint64_t state, begin, next, len, v = 0;

	if (kernel_read_at(k, desc, &p->state, &state, NULL) ||
	    kernel_read_at(k, desc, &p->begin, &begin, NULL) ||
	    kernel_read_at(k, desc, &p->next, &next, NULL) ||
	    kernel_read_at(k, info, &p->text_len, &len, NULL) ||
	    kernel_read_at(k, info, &p->ts, &r->ts_nsec, NULL))
		return VS_NOTFOUND;
	// State in the top two bits: 1 committed, 2 finalized (enum desc_state).
	if ((state >> 62 != 1 && state >> 62 != 2) || ((state ^ id) & ~(3ULL << 62)))
		return VS_NOTFOUND;
	if (begin & 1) // NO_LPOS, FAILED_LPOS: a record without data
		len = 0;
	// A block that would cross the end of the ring starts over at its beginning.
	if (begin >> p->size_bits != (next - 1) >> p->size_bits && next & (size - 1))
		begin = 0;
	begin = (begin & (size - 1)) + 8; // behind the block's id
	if (len >= MAX_TEXT)
		return VS_NOTFOUND;
	if (len && (begin >= size || len > size - begin ||
		    mem_read(k->mem, p->data + begin, text, len, NULL)))
		return VS_NOTFOUND;
	if (kernel_read_at(k, info, &p->facility, &v, NULL) == VS_OK)
		r->facility = (unsigned)v;
	if (kernel_read_at(k, info, &p->flags, &v, NULL) == VS_OK)
		r->level = (unsigned)v;
	r->caller_id = 0;
	r->has_caller = p->caller.size && kernel_read_at(k, info, &p->caller, &v, NULL) == VS_OK;
	if (r->has_caller)
		r->caller_id = (uint32_t)v;
	r->has_time = true;
	r->text = text;
	r->len = len;
	prb_dict(k, p, info, text + MAX_TEXT, r);
	return VS_OK;
}

static vs_status each_prb(struct kernel *k, kva_t rb, void (*fn)(void *, const struct log_record *),
			  void *ctx, struct err *err)
{
	const uint64_t id_mask = ~(3ULL << 62);
	AUTO_FREE char *text = NULL;
	struct prb p = { 0 };
	vs_status st = prb_ring(k, rb, &p, err);

	if (st == VS_OK)
		st = prb_layout(k, &p, err);
	if (st)
		return st;
	text = malloc(MAX_TEXT + MAX_DICT);
	if (!text)
		return fail(err, VS_NOMEM, "log");
	for (uint64_t id = p.tail_id & id_mask, n = 0; n < 1ULL << p.count_bits; n++) {
		struct log_record r = { 0 };

		if (prb_record(k, &p, id, text, &r) == VS_OK)
			fn(ctx, &r);
		if (id == (p.head_id & id_mask))
			break;
		id = (id + 1) & id_mask;
	}
	return VS_OK;
}

/* struct printk_log { u64 ts_nsec; u16 len, text_len, dict_len; u8 facility, flags:5, level:3; };
 * its offsets are in VMCOREINFO. A record of len 0 marks the wrap to the start. */
static vs_status each_printk_log(struct kernel *k, void (*fn)(void *, const struct log_record *),
				 void *ctx, struct err *err)
{
	uint64_t ts_off, len_off, text_off, hdr, buf_va, buf_len = 0, first = 0, next = 0;
	AUTO_FREE char *log = NULL;
	bool wrapped = false;
	kva_t va;
	vs_status st = kernel_symbol_quick(k, "log_buf", &va, err);

	if (st == VS_OK)
		st = mem_read_u64(k->mem, va, &buf_va, err);
	if (st == VS_OK && (st = kernel_symbol_quick(k, "log_buf_len", &va, err)) == VS_OK)
		st = mem_read_uint(k->mem, va, 4, &buf_len, err);
	if (st == VS_OK && (st = kernel_symbol_quick(k, "log_first_idx", &va, err)) == VS_OK)
		st = mem_read_uint(k->mem, va, 4, &first, err);
	if (st == VS_OK && (st = kernel_symbol_quick(k, "log_next_idx", &va, err)) == VS_OK)
		st = mem_read_uint(k->mem, va, 4, &next, err);
	if (st)
		return fail_ctx(err, st, "log");
	if (!vmcoreinfo_size(k->vmci, "printk_log", &hdr) ||
	    !vmcoreinfo_offset(k->vmci, "printk_log.ts_nsec", &ts_off) ||
	    !vmcoreinfo_offset(k->vmci, "printk_log.len", &len_off) ||
	    !vmcoreinfo_offset(k->vmci, "printk_log.text_len", &text_off) || hdr > 256 ||
	    !range_ok(ts_off, 8, hdr) || !range_ok(len_off, 2, hdr) ||
	    !range_ok(text_off, LEVEL_AFTER_TEXT_LEN + 1, hdr) || buf_len > MAX_LOG)
		return fail(err, VS_NOTFOUND, "log: VMCOREINFO does not tell struct printk_log");
	log = malloc(buf_len);
	if (!log)
		return fail(err, VS_NOMEM, "log of %" PRIu64 " bytes", buf_len);
	st = mem_read(k->mem, buf_va, log, buf_len, err);
	if (st)
		return fail_ctx(err, st, "log");
	for (uint64_t at = first; at != next;) {
		struct log_record r = { 0 };
		uint64_t len;

		// Past the end, records would repeat without end.
		if (!range_ok(at, hdr, buf_len) || (at > next && (wrapped || first < next)))
			return fail(err, VS_CORRUPT, "log record at %#" PRIx64, at);
		len = load_u16(log + at + len_off);
		if (len == 0) {
			if (at == 0)
				break;
			at = 0;
			wrapped = true;
			continue;
		}
		r.ts_nsec = load_u64(log + at + ts_off);
		r.len = load_u16(log + at + text_off);
		r.level = (uint8_t)log[at + text_off + LEVEL_AFTER_TEXT_LEN] >> 5;
		r.has_caller = hdr >= text_off + LEVEL_AFTER_TEXT_LEN + 5;
		if (r.has_caller) // CONFIG_PRINTK_CALLER (5.1)
			r.caller_id = load_u32(log + at + text_off + LEVEL_AFTER_TEXT_LEN + 1);
		r.has_time = true;
		r.text = log + at + hdr;
		r.dict = r.text + r.len;
		r.dict_len = load_u16(log + at + text_off + 2);
		if (len < hdr || !range_ok(at, len, buf_len) || r.len > len - hdr ||
		    r.dict_len > len - hdr - r.len)
			return fail(err, VS_CORRUPT, "log record at %#" PRIx64 ": length %" PRIu64,
				    at, len);
		fn(ctx, &r);
		at += len;
	}
	return VS_OK;
}

/* A line of text: "<6>[    0.000000] Linux version", with or without level and time. */
static void plain_line(const char *line, size_t len, void (*fn)(void *, const struct log_record *),
		       void *ctx)
{
	struct log_record r = { .level = 4, .text = line, .len = len }; // the default level
	unsigned long sec, usec;
	unsigned level;
	char head[64];
	int used = 0;
	size_t n = len < sizeof(head) - 1 ? len : sizeof(head) - 1;

	memcpy(head, line, n);
	head[n] = '\0';
	if (sscanf(head, "<%3u>%n", &level, &used) == 1 && used) {
		r.level = level & 7;
		r.facility = level >> 3;
		r.text += used;
		r.len -= (size_t)used;
		memmove(head, head + used, strlen(head + used) + 1);
	}
	used = 0;
	if (sscanf(head, "[%6lu.%6lu] %n", &sec, &usec, &used) == 2 && used) {
		r.has_time = true;
		r.ts_nsec = sec * 1000000000ULL + usec * 1000ULL;
		// %n counts blanks of the text, too.
		used = (int)(strchr(head, ']') - head) + 2;
		r.text += (size_t)used <= r.len ? (size_t)used : r.len;
		r.len -= (size_t)used <= r.len ? (size_t)used : r.len;
	}
	fn(ctx, &r);
}

/* Before 3.5: log_buf holds text, of which the last logged_chars up to log_end are there. */
static vs_status each_plain(struct kernel *k, void (*fn)(void *, const struct log_record *),
			    void *ctx, struct err *err)
{
	uint64_t buf_va, buf_len = 0, end = 0, chars = 0;
	AUTO_FREE char *log = NULL;
	size_t start = 0, n;
	kva_t va;
	vs_status st = kernel_symbol_quick(k, "log_buf", &va, err);

	if (st == VS_OK)
		st = mem_read_u64(k->mem, va, &buf_va, err);
	if (st == VS_OK && (st = kernel_symbol_quick(k, "log_buf_len", &va, err)) == VS_OK)
		st = mem_read_uint(k->mem, va, 4, &buf_len, err);
	if (st == VS_OK && (st = kernel_symbol_quick(k, "log_end", &va, err)) == VS_OK)
		st = mem_read_uint(k->mem, va, 4, &end, err);
	if (st == VS_OK && (st = kernel_symbol_quick(k, "logged_chars", &va, err)) == VS_OK)
		st = mem_read_uint(k->mem, va, 4, &chars, err);
	if (st)
		return fail_ctx(err, st, "log");
	if (!buf_len || buf_len > MAX_LOG || buf_len & (buf_len - 1))
		return fail(err, VS_CORRUPT, "log of %" PRIu64 " bytes", buf_len);
	n = chars < buf_len ? chars : buf_len;
	log = malloc(n + 1);
	if (!log)
		return fail(err, VS_NOMEM, "log of %zu bytes", n);
	// The ring in order: up to its end, then from its start.
	start = (end - n) & (buf_len - 1);
	va = n < buf_len - start ? n : buf_len - start;
	st = mem_read(k->mem, buf_va + start, log, va, err);
	if (st == VS_OK)
		st = mem_read(k->mem, buf_va, log + va, n - va, err);
	if (st)
		return fail_ctx(err, st, "log");
	for (size_t at = 0; at < n;) {
		char *nl = memchr(log + at, '\n', n - at);
		size_t len = nl ? (size_t)(nl - (log + at)) : n - at;

		plain_line(log + at, len, fn, ctx);
		at += len + 1;
	}
	return VS_OK;
}

vs_status printk_each(struct kernel *k, void (*fn)(void *ctx, const struct log_record *r),
		      void *ctx, struct err *err)
{
	kva_t prb, rb;
	vs_status st;

	if (kernel_symbol_quick(k, "prb", &prb, NULL)) {
		if (kernel_symbol_quick(k, "log_first_idx", &rb, NULL) &&
		    kernel_symbol_quick(k, "log_end", &rb, NULL) == VS_OK)
			return each_plain(k, fn, ctx, err);
		return each_printk_log(k, fn, ctx, err);
	}
	st = mem_read_u64(k->mem, prb, &rb, err);
	if (st == VS_OK)
		st = kernel_need_types(k, err);
	return st ? fail_ctx(err, st, "log") : each_prb(k, rb, fn, ctx, err);
}
