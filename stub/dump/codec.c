// SPDX-License-Identifier: GPL-3.0-or-later
/* codec.c - decodes zlib, lzo, lz4, snappy and zstd pages into exactly one block.
 * In: stored bytes and flags of a descriptor. The Makefile decides which libraries are used. */
#include "stub/dump/codec.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif
#ifdef HAVE_LZ4
#include <lz4.h>
#endif
#ifdef HAVE_LZO
#include <lzo/lzo1x.h>
#endif
#ifdef HAVE_SNAPPY
#include <snappy-c.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "stub/base/log.h"

struct codec {
#ifdef HAVE_LIBDEFLATE
	struct libdeflate_decompressor *deflate;
#else
	z_stream z;
	bool z_ready;
#endif
#ifdef HAVE_ZSTD
	ZSTD_DCtx *zstd;
#endif
	bool warned_tail;
};

vs_status codec_create(struct codec **ret, struct err *err)
{
	struct codec *c = calloc(1, sizeof(*c));

	if (!c)
		return fail(err, VS_NOMEM, "no memory for the page decoder");
#ifdef HAVE_LZO
	if (lzo_init() != LZO_E_OK) {
		free(c);
		return fail(err, VS_UNSUPPORTED, "lzo library does not match its header");
	}
#endif
	*ret = c;
	return VS_OK;
}

void codec_destroy(struct codec *c)
{
	if (!c)
		return;
#ifdef HAVE_LIBDEFLATE
	libdeflate_free_decompressor(c->deflate);
#else
	if (c->z_ready)
		inflateEnd(&c->z);
#endif
#ifdef HAVE_ZSTD
	ZSTD_freeDCtx(c->zstd);
#endif
	free(c);
}

/* Warns only once: a dump may have millions of such pages. */
static void warn_tail(struct codec *c, const char *name)
{
	if (!c->warned_tail)
		log_warn("stored pages carry bytes after the end of their %s data; ignored", name);
	c->warned_tail = true;
}

#ifdef HAVE_LIBDEFLATE
/* libdeflate is twice as fast as zlib on single pages. */
static vs_status decode_zlib(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst,
			     size_t block, struct err *err)
{
	size_t used = 0, got = 0;
	enum libdeflate_result rc;

	if (!c->deflate && !(c->deflate = libdeflate_alloc_decompressor()))
		return fail(err, VS_NOMEM, "zlib: out of memory");
	rc = libdeflate_zlib_decompress_ex(c->deflate, src, n, dst, block, &used, &got);
	if (rc == LIBDEFLATE_INSUFFICIENT_SPACE)
		return fail(err, VS_CORRUPT, "zlib data is longer than a block of %zu", block);
	if (rc != LIBDEFLATE_SUCCESS)
		return fail(err, VS_CORRUPT, "zlib data is damaged");
	if (got != block)
		return fail(err, VS_CORRUPT, "zlib data gives %zu bytes, block is %zu", got, block);
	if (used < n)
		warn_tail(c, "zlib");
	return VS_OK;
}
#else
static vs_status decode_zlib(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst,
			     size_t block, struct err *err)
{
	int rc;

	rc = c->z_ready ? inflateReset(&c->z) : inflateInit(&c->z);
	if (rc != Z_OK)
		return fail(err, VS_NOMEM, "zlib: out of memory");
	c->z_ready = true;
	c->z.next_in = (Bytef *)(uintptr_t)src; // zlib's API lacks const
	c->z.avail_in = (uInt)n;
	c->z.next_out = dst;
	c->z.avail_out = (uInt)block;
	rc = inflate(&c->z, Z_FINISH);
	if (rc != Z_STREAM_END && c->z.avail_out == 0 && rc == Z_BUF_ERROR)
		return fail(err, VS_CORRUPT, "zlib data is longer than a block of %zu", block);
	if (rc != Z_STREAM_END)
		return fail(err, VS_CORRUPT, "zlib data is damaged: %s",
			    c->z.msg ? c->z.msg : "ends early");
	if (c->z.avail_out)
		return fail(err, VS_CORRUPT, "zlib data gives %zu bytes, block is %zu",
			    block - c->z.avail_out, block);
	if (c->z.avail_in)
		warn_tail(c, "zlib");
	return VS_OK;
}
#endif

#ifdef HAVE_LZO
static vs_status decode_lzo(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst,
			    size_t block, struct err *err)
{
	lzo_uint got = block;
	int rc = lzo1x_decompress_safe(src, n, dst, &got, NULL);

	if (rc == LZO_E_INPUT_NOT_CONSUMED)
		warn_tail(c, "lzo");
	else if (rc == LZO_E_OUTPUT_OVERRUN)
		return fail(err, VS_CORRUPT, "lzo data is longer than a block of %zu", block);
	else if (rc != LZO_E_OK)
		return fail(err, VS_CORRUPT, "lzo data is damaged (code %d)", rc);
	if (got != block)
		return fail(err, VS_CORRUPT, "lzo data gives %zu bytes, block is %zu", (size_t)got,
			    block);
	return VS_OK;
}
#endif

#ifdef HAVE_LZ4
vs_status codec_lz4(const uint8_t *src, size_t n, uint8_t *dst, size_t block, struct err *err)
{
	int got = n > INT_MAX || block > INT_MAX
			  ? -1
			  : LZ4_decompress_safe((const char *)src, (char *)dst, (int)n, (int)block);

	if (got < 0)
		return fail(err, VS_CORRUPT, "lz4 data is damaged");
	if ((size_t)got != block)
		return fail(err, VS_CORRUPT, "lz4 data gives %d bytes, block is %zu", got, block);
	return VS_OK;
}
#else
vs_status codec_lz4(const uint8_t *src, size_t n, uint8_t *dst, size_t block, struct err *err)
{
	(void)src, (void)n, (void)dst, (void)block;
	return fail(err, VS_UNSUPPORTED, "lz4 data: this vmstub was built without liblz4");
}
#endif

#ifdef HAVE_SNAPPY
static vs_status decode_snappy(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst,
			       size_t block, struct err *err)
{
	size_t got = 0;

	(void)c;
	if (snappy_uncompressed_length((const char *)src, n, &got) != SNAPPY_OK)
		return fail(err, VS_CORRUPT, "snappy data is damaged: no length");
	if (got != block)
		return fail(err, VS_CORRUPT, "snappy data gives %zu bytes, block is %zu", got,
			    block);
	if (snappy_uncompress((const char *)src, n, (char *)dst, &got) != SNAPPY_OK)
		return fail(err, VS_CORRUPT, "snappy data is damaged");
	return VS_OK;
}
#endif

#ifdef HAVE_ZSTD
static vs_status decode_zstd(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst,
			     size_t block, struct err *err)
{
	size_t got, frame;

	if (!c->zstd && !(c->zstd = ZSTD_createDCtx()))
		return fail(err, VS_NOMEM, "zstd: out of memory");
	// one-shot: the output buffer is the window, nothing is allocated from the header's claims
	got = ZSTD_decompressDCtx(c->zstd, dst, block, src, n);
	if (ZSTD_isError(got)) {
		const char *why = ZSTD_getErrorName(got);

		frame = ZSTD_findFrameCompressedSize(src, n);
		if (ZSTD_isError(frame) || frame >= n)
			return fail(err, VS_CORRUPT, "zstd data is damaged: %s", why);
		got = ZSTD_decompressDCtx(c->zstd, dst, block, src, frame);
		if (ZSTD_isError(got))
			return fail(err, VS_CORRUPT, "zstd data is damaged: %s",
				    ZSTD_getErrorName(got));
		warn_tail(c, "zstd");
	}
	if (got != block)
		return fail(err, VS_CORRUPT, "zstd data gives %zu bytes, block is %zu", got, block);
	return VS_OK;
}
#endif

#ifdef HAVE_LIBDEFLATE
static bool inflate_plain(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst, size_t block)
{
	size_t got = 0;

	if (!c->deflate && !(c->deflate = libdeflate_alloc_decompressor()))
		return false;
	return libdeflate_deflate_decompress(c->deflate, src, n, dst, block, &got) ==
		       LIBDEFLATE_SUCCESS &&
	       got == block;
}
#else
static bool inflate_plain(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst, size_t block)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)src, // zlib's API lacks const
		       .avail_in = (uInt)n,
		       .next_out = dst,
		       .avail_out = (uInt)block };
	bool ok;

	(void)c;
	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return false;
	ok = inflate(&z, Z_FINISH) == Z_STREAM_END && !z.avail_out;
	inflateEnd(&z);
	return ok;
}
#endif

vs_status codec_inflate(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst, size_t block,
			struct err *err)
{
	return inflate_plain(c, src, n, dst, block) ? VS_OK
						    : decode_zlib(c, src, n, dst, block, err);
}

vs_status codec_decode(struct codec *c, uint32_t flags, const uint8_t *src, size_t n, uint8_t *dst,
		       size_t block, struct err *err)
{
	switch (flags) {
	case 0:
		if (n != block)
			return fail(err, VS_CORRUPT, "uncompressed size %zu, block is %zu", n,
				    block);
		memcpy(dst, src, block);
		return VS_OK;
	case CODEC_ZLIB:
		return decode_zlib(c, src, n, dst, block, err);
	case CODEC_LZO:
#ifdef HAVE_LZO
		return decode_lzo(c, src, n, dst, block, err);
#else
		return fail(err, VS_UNSUPPORTED, "lzo not built in");
#endif
	case CODEC_SNAPPY:
#ifdef HAVE_SNAPPY
		return decode_snappy(c, src, n, dst, block, err);
#else
		return fail(err, VS_UNSUPPORTED, "snappy not built in");
#endif
	case CODEC_ZSTD:
#ifdef HAVE_ZSTD
		return decode_zstd(c, src, n, dst, block, err);
#else
		return fail(err, VS_UNSUPPORTED, "zstd not built in");
#endif
	default:
		return fail(err, VS_CORRUPT, "flags %#x name an unknown codec", flags);
	}
}
