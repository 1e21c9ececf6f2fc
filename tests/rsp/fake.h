// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* fake.h - a fake target for tests of the protocol server: three threads, a few bytes of memory,
 * one file. All data in the transcripts comes from here. Header only, because each test is one
 * program.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stub/rsp/target.h"

#define FAKE_FILE "/fake/vmlinux"
#define FAKE_DATA "file }#$* data"
#define FAKE_FD	  3

struct fake {
	int opened, closed; /* calls of file_open that succeeded, of file_close */
	int xfers;	    /* calls of xfer */
	int lines;	    /* printed by the last "flood" */
	int works;	    /* steps of the last "work" */
	struct pulse pulse; /* beats in "work" */
	int haste;	    /* as that of struct rsp_target */
};

/* More than any test waits for. */
#define FAKE_LINES 200000
#define FAKE_WORKS 5000

static inline void fake_sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static inline uint64_t fake_stop_thread(void *ctx)
{
	(void)ctx;
	return 2;
}

static inline uint64_t fake_thread_next(void *ctx, uint64_t after)
{
	(void)ctx;
	return after == 0 ? 1 : after == 1 ? 2 : after == 2 ? 0x1f : 0;
}

static inline bool fake_thread_alive(void *ctx, uint64_t tid)
{
	(void)ctx;
	return tid == 1 || tid == 2 || tid == 0x1f;
}

static inline vs_status fake_thread_extra(void *ctx, uint64_t tid, struct buf *out, struct err *err)
{
	(void)ctx;
	if (tid == 1) {
		buf_puts(out, "cut off");
		return fail(err, VS_LOST, "no task");
	}
	buf_printf(out, "task %" PRIx64, tid);
	return VS_OK;
}

static inline vs_status fake_thread_name(void *ctx, uint64_t tid, struct buf *name, int *core,
					 struct err *err)
{
	(void)ctx;
	if (tid == 1) {
		buf_puts(name, "cut off");
		return fail(err, VS_LOST, "no task");
	}
	*core = tid == 2 ? 1 : -1;
	buf_printf(name, "CPU %" PRIu64 " <a&b>", tid - 1);
	return VS_OK;
}

/* Four registers: the thread id, a constant, one unknown, a constant. */
static inline vs_status fake_reg_read(void *ctx, uint64_t tid, uint64_t regno, struct buf *out,
				      struct err *err)
{
	(void)ctx;
	switch (regno) {
	case 0:
		buf_hex(out, &tid, sizeof(tid));
		return VS_OK;
	case 1:
		buf_puts(out, "8877665544332211");
		return VS_OK;
	case 2:
		buf_puts(out, "xxxxxxxxxxxxxxxx");
		return VS_OK;
	case 3:
		buf_puts(out, "01020304");
		return VS_OK;
	default:
		return fail(err, VS_NOTFOUND, "no register");
	}
}

static inline vs_status fake_regs_read(void *ctx, uint64_t tid, struct buf *out, struct err *err)
{
	if (tid == 0x1f)
		return fail(err, VS_LOST, "The registers of CPU 30 are #not* in the dump");
	for (uint64_t i = 0; i < 4; i++)
		(void)fake_reg_read(ctx, tid, i, out, err);
	return VS_OK;
}

/* One byte of memory, or -1. 0x1000-0x3000: low address bits; 0x5000: bytes that need escapes;
 * 0x9000: the thread id, eight bytes; the last page: 0xee. */
static inline int fake_byte(uint64_t tid, uint64_t va)
{
	static const char specials[] = "ab}#$*cd";

	if (va >= 0x1000 && va < 0x3000)
		return (int)(va & 0xff);
	if (va >= 0x5000 && va < 0x5008)
		return specials[va - 0x5000];
	if (va >= 0x9000 && va < 0x9008)
		return (int)(tid >> (va - 0x9000) * 8 & 0xff);
	return va >= UINT64_MAX - 0xfff ? 0xee : -1;
}

static inline struct mem_got fake_mem_read(void *ctx, uint64_t tid, uint64_t va, void *dst,
					   size_t len, struct err *err)
{
	uint8_t *p = dst;
	size_t n = 0;
	int c;

	(void)ctx;
	for (; n < len && (c = fake_byte(tid, va + n)) >= 0; n++)
		p[n] = (uint8_t)c;
	if (n == len)
		return (struct mem_got){ n, VS_OK };
	fail(err, VS_UNMAPPED, "%#" PRIx64 " is not mapped", va + n);
	return (struct mem_got){ n, VS_UNMAPPED };
}

static inline vs_status fake_xfer(void *ctx, const char *object, const char *annex, struct buf *out,
				  struct err *err)
{
	((struct fake *)ctx)->xfers++;
	if (strcmp(object, "features") == 0) {
		if (strcmp(annex, "target.xml") != 0)
			return fail(err, VS_NOTFOUND, "no annex %s", annex);
		buf_puts(out, "<target>}#$*</target>");
		return VS_OK;
	}
	if (strcmp(object, "exec-file") == 0) {
		buf_puts(out, FAKE_FILE);
		return VS_OK;
	}
	buf_puts(out, "half");
	if (strcmp(annex, "broken") == 0)
		return fail(err, VS_CORRUPT, "module list: loop");
	return VS_UNSUPPORTED;
}

/* Asks for two symbols; the name of the second depends on the answer for the first. */
static inline void fake_symbols(void *ctx, const char *name, uint64_t value, struct buf *ask)
{
	(void)ctx;
	if (!name)
		buf_puts(ask, "one");
	else if (strcmp(name, "one") == 0)
		buf_printf(ask, "after_%llx", (unsigned long long)value);
}

static inline vs_status fake_offsets(void *ctx, struct buf *out, struct err *err)
{
	(void)ctx, (void)err;
	buf_puts(out, "TextSeg=1000;DataSeg=2000");
	return VS_OK;
}

/* Prints endless text. */
static inline void fake_flood(struct fake *f, struct buf *out)
{
	for (f->lines = 0; f->lines < FAKE_LINES && !buf_stopped(out); f->lines++)
		buf_printf(out, "line %04d of the flood\n", f->lines);
}

/* Works endlessly without output; each step takes a millisecond. */
static inline void fake_work(struct fake *f, struct buf *out)
{
	for (f->works = 0; f->works < FAKE_WORKS && !buf_stopped(out); f->works++) {
		fake_sleep_ms(1);
		for (int i = 0; i < PULSE_EVERY; i++)
			pulse(&f->pulse);
	}
}

static inline vs_status fake_monitor(void *ctx, uint64_t tid, const char *cmd, struct buf *out,
				     struct err *err)
{
	const struct fake *f = ctx;

	if (strcmp(cmd, "tid") == 0)
		buf_printf(out, "thread %" PRIu64 "\n", tid);
	else if (strcmp(cmd, "big") == 0)
		for (int i = 0; i < 100; i++)
			buf_printf(out, "line %04d of the output\n", i);
	else if (strcmp(cmd, "fail") == 0) {
		buf_puts(out, "half");
		return fail(err, VS_CORRUPT, "no #more*");
	} else if (strcmp(cmd, "flood") == 0)
		fake_flood(ctx, out);
	else if (strcmp(cmd, "work") == 0)
		fake_work(ctx, out);
	else if (strcmp(cmd, "deaf") == 0) // checks nothing, prints nothing
		fake_sleep_ms(300 / (f->haste ? f->haste : 1));
	else if (strcmp(cmd, "quiet") != 0)
		return fail(err, VS_INVAL, "no such verb: \"%s\"", cmd);
	return VS_OK;
}

static inline vs_status fake_file_open(void *ctx, const char *name, int *fd, struct err *err)
{
	if (strcmp(name, FAKE_FILE) != 0)
		return fail(err, VS_NOTFOUND, "no file %s", name);
	((struct fake *)ctx)->opened++;
	*fd = FAKE_FD;
	return VS_OK;
}

static inline struct mem_got fake_file_pread(void *ctx, int fd, uint64_t off, void *dst, size_t len,
					     struct err *err)
{
	size_t size = strlen(FAKE_DATA);

	(void)ctx;
	if (fd != FAKE_FD || off == 0xbad) {
		fail(err, VS_IO, "disk on fire");
		return (struct mem_got){ 0, VS_IO };
	}
	if (off >= size)
		return (struct mem_got){ 0, VS_END };
	if (len > size - off)
		len = size - off;
	memcpy(dst, &FAKE_DATA[off], len);
	return (struct mem_got){ len, VS_OK };
}

static inline vs_status fake_file_stat(void *ctx, int fd, struct rsp_stat *st, struct err *err)
{
	(void)ctx, (void)fd, (void)err;
	*st = (struct rsp_stat){ .size = strlen(FAKE_DATA), .mode = 0100444, .mtime = 0x5f000001 };
	return VS_OK;
}

static inline void fake_file_close(void *ctx, int fd)
{
	(void)fd;
	((struct fake *)ctx)->closed++;
}

static const char *const fake_objects[] = { "features", "libraries", "exec-file", NULL };

#define FAKE_OPS_INIT                                                                              \
	.stop_thread = fake_stop_thread, .thread_alive = fake_thread_alive,                        \
	.thread_next = fake_thread_next, .thread_extra = fake_thread_extra,                        \
	.thread_name = fake_thread_name, .regs_read = fake_regs_read, .reg_read = fake_reg_read,   \
	.mem_read = fake_mem_read, .xfer = fake_xfer, .xfer_objects = fake_objects,                \
	.symbols = fake_symbols, .offsets = fake_offsets, .monitor = fake_monitor,                 \
	.file_open = fake_file_open, .file_pread = fake_file_pread, .file_stat = fake_file_stat,   \
	.file_close = fake_file_close
