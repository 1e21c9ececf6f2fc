// SPDX-License-Identifier: GPL-3.0-or-later
/* printk_old.c - log records of kernels before 5.10: struct printk_log (7ff9554bb578, 3.5), and
 * before that plain text. */
#include "stub/subsys/sys/printk_old.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

/* In the struct: u16 text_len, u16 dict_len, u8 facility, then u8 flags:5, level:3. */
#define LEVEL_AFTER_TEXT_LEN 5

/* 62e32ac3505a (3.11) renamed struct log to printk_log; RHEL 7 has the old name. */
enum { OLD_TIME, OLD_LEN, OLD_TEXT_LEN };
static const struct record_field record_fields[] = {
	[OLD_TIME] = { { "ts_nsec" }, RECORD_UINT, "3.11 to 5.9" },
	[OLD_LEN] = { { "len" }, RECORD_UINT, "3.11 to 5.9" },
	[OLD_TEXT_LEN] = { { "text_len" }, RECORD_UINT, "3.11 to 5.9" },
};
RECORD(printk_log_record, "printk_log", record_fields);
static const struct record_field older_fields[] = {
	[OLD_TIME] = { { "ts_nsec" }, RECORD_UINT, "before 3.11" },
	[OLD_LEN] = { { "len" }, RECORD_UINT, "before 3.11" },
	[OLD_TEXT_LEN] = { { "text_len" }, RECORD_UINT, "before 3.11" },
};
RECORD(older_log_record, "log", older_fields);

static const struct record_def *const record_defs[] = { &printk_log_record, &older_log_record };

struct layout {
	uint64_t size, ts, len, text_len;
};

static vs_status read_u32(struct kernel *k, const char *symbol, uint64_t *ret, struct err *err)
{
	kva_t va;
	vs_status st = kernel_symbol_quick(k, symbol, &va, err);

	return st ? st : mem_read_uint(k->mem, va, 4, ret, err);
}

vs_status printk_buffer(struct kernel *k, kva_t *va, uint64_t *len, struct err *err)
{
	kva_t at;
	vs_status st = kernel_symbol_quick(k, "log_buf", &at, err);

	if (st == VS_OK)
		st = mem_read_u64(k->mem, at, va, err);
	return st ? st : read_u32(k, "log_buf_len", len, err);
}

static bool layout_from_info(const struct vmcoreinfo *vmci, const char *type, struct layout *ret)
{
	char ts[32], len[32], text_len[32];

	snprintf(ts, sizeof(ts), "%s.ts_nsec", type);
	snprintf(len, sizeof(len), "%s.len", type);
	snprintf(text_len, sizeof(text_len), "%s.text_len", type);
	return vmcoreinfo_size(vmci, type, &ret->size) && vmcoreinfo_offset(vmci, ts, &ret->ts) &&
	       vmcoreinfo_offset(vmci, len, &ret->len) &&
	       vmcoreinfo_offset(vmci, text_len, &ret->text_len);
}

static bool layout_from_types(struct kernel *k, const struct record_def *def, struct layout *ret)
{
	struct member ts, len, text_len;

	if (record_member(k, def, OLD_TIME, &ts, NULL) ||
	    record_member(k, def, OLD_LEN, &len, NULL) ||
	    record_member(k, def, OLD_TEXT_LEN, &text_len, NULL) ||
	    types_size(k->types, def->type, &ret->size, NULL))
		return false;
	ret->ts = ts.off;
	ret->len = len.off;
	ret->text_len = text_len.off;
	return true;
}

static bool layout_fits(const struct layout *l)
{
	return l->size <= 256 && range_ok(l->ts, 8, l->size) && range_ok(l->len, 2, l->size) &&
	       range_ok(l->text_len, LEVEL_AFTER_TEXT_LEN + 1, l->size);
}

/* Takes the layout from VMCOREINFO, which every kdump has, else from vmlinux. */
static vs_status find_layout(struct kernel *k, struct layout *ret, struct err *err)
{
	size_t n = sizeof(record_defs) / sizeof(record_defs[0]);

	for (size_t i = 0; i < n; i++)
		if (layout_from_info(k->vmci, record_defs[i]->type, ret) && layout_fits(ret))
			return VS_OK;
	for (size_t i = 0; i < n; i++)
		if (layout_from_types(k, record_defs[i], ret) && layout_fits(ret))
			return VS_OK;
	return fail(
		err, VS_NOTFOUND,
		"log: neither VMCOREINFO nor type information has struct printk_log or struct log");
}

/* struct printk_log { u64 ts_nsec; u16 len, text_len, dict_len; u8 facility, flags:5, level:3; }.
 * A record of len 0 marks the wrap to the start. */
vs_status printk_each_old(struct kernel *k, void (*fn)(void *, const struct log_record *),
			  void *ctx, struct err *err)
{
	uint64_t hdr, text_off, buf_va, buf_len = 0, first = 0, next = 0;
	struct layout l = { 0 };
	AUTO_FREE char *log = NULL;
	bool wrapped = false;
	vs_status st = printk_buffer(k, &buf_va, &buf_len, err);

	if (st == VS_OK)
		st = read_u32(k, "log_first_idx", &first, err);
	if (st == VS_OK)
		st = read_u32(k, "log_next_idx", &next, err);
	if (st)
		return fail_ctx(err, st, "log");
	st = find_layout(k, &l, err);
	if (st)
		return st;
	if (buf_len > MAX_LOG)
		return fail(err, VS_CORRUPT, "log of %" PRIu64 " bytes", buf_len);
	hdr = l.size;
	text_off = l.text_len;
	log = malloc(buf_len);
	if (!log)
		return fail(err, VS_NOMEM, "log of %" PRIu64 " bytes", buf_len);
	st = mem_read(k->mem, buf_va, log, buf_len, err);
	if (st)
		return fail_ctx(err, st, "log");
	for (uint64_t at = first; at != next;) {
		struct log_record r = { 0 };
		uint64_t len;

		// Without this check, records would repeat forever.
		if (!range_ok(at, hdr, buf_len) || (at > next && (wrapped || first < next)))
			return fail(err, VS_CORRUPT, "log record at %#" PRIx64, at);
		len = load_u16(log + at + l.len);
		if (len == 0) {
			if (at == 0)
				break;
			at = 0;
			wrapped = true;
			continue;
		}
		r.ts_nsec = load_u64(log + at + l.ts);
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
		// %n would include leading blanks of the text.
		used = (int)(strchr(head, ']') - head) + 2;
		r.text += (size_t)used <= r.len ? (size_t)used : r.len;
		r.len -= (size_t)used <= r.len ? (size_t)used : r.len;
	}
	fn(ctx, &r);
}

/* Before 3.5 log_buf holds text: the last logged_chars characters up to log_end. */
vs_status printk_each_plain(struct kernel *k, void (*fn)(void *, const struct log_record *),
			    void *ctx, struct err *err)
{
	uint64_t buf_va, buf_len = 0, end = 0, chars = 0;
	AUTO_FREE char *log = NULL;
	size_t start = 0, n, first;
	vs_status st = printk_buffer(k, &buf_va, &buf_len, err);

	if (st == VS_OK)
		st = read_u32(k, "log_end", &end, err);
	if (st == VS_OK)
		st = read_u32(k, "logged_chars", &chars, err);
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
	first = n < buf_len - start ? n : buf_len - start;
	st = mem_read(k->mem, buf_va + start, log, first, err);
	if (st == VS_OK)
		st = mem_read(k->mem, buf_va, log + first, n - first, err);
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
