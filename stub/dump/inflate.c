// SPDX-License-Identifier: GPL-3.0-or-later
/* inflate.c - one decoder for each format, behind the same function. */
#include "stub/dump/inflate.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#endif

/* xz needs up to 65 MiB to unpack (`xz -9`); more is possible with special settings. */
#define XZ_MEMORY (UINT64_C(1) << 30)

struct inflate {
	vs_status (*run)(struct inflate *z, const uint8_t **in, size_t *in_len, uint8_t *out,
			 size_t cap, size_t *got, struct err *err);
	bool at_end; /* of a stream */
	z_stream gzip;
#ifdef HAVE_ZSTD
	ZSTD_DStream *zstd;
#endif
#ifdef HAVE_LZMA
	lzma_stream xz;
#endif
};

static unsigned at_most_uint(size_t n)
{
	return n < UINT_MAX ? (unsigned)n : UINT_MAX;
}

static vs_status run_gzip(struct inflate *z, const uint8_t **in, size_t *in_len, uint8_t *out,
			  size_t cap, size_t *got, struct err *err)
{
	unsigned taken = at_most_uint(*in_len), room = at_most_uint(cap);
	int rc;

	// the end of one member: another one may follow
	if (z->at_end && taken && inflateReset(&z->gzip) != Z_OK)
		return fail(err, VS_NOMEM, "gzip");
	if (z->at_end && !taken)
		return VS_OK;
	z->at_end = false;
	z->gzip.next_in = (uint8_t *)(uintptr_t)*in; // zlib does not write there
	z->gzip.avail_in = taken;
	z->gzip.next_out = out;
	z->gzip.avail_out = room;
	rc = inflate(&z->gzip, Z_NO_FLUSH);
	taken -= z->gzip.avail_in;
	*in += taken;
	*in_len -= taken;
	*got = room - z->gzip.avail_out;
	z->at_end = rc == Z_STREAM_END;
	return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR
		       ? VS_OK
		       : fail(err, VS_CORRUPT, "gzip data is damaged");
}

#ifdef HAVE_ZSTD
static vs_status run_zstd(struct inflate *z, const uint8_t **in, size_t *in_len, uint8_t *out,
			  size_t cap, size_t *got, struct err *err)
{
	ZSTD_inBuffer from = { *in, *in_len, 0 };
	ZSTD_outBuffer to = { out, cap, 0 };
	size_t rc;

	// After a frame's end, a call without input would begin another frame.
	if (z->at_end && !*in_len)
		return VS_OK;
	rc = ZSTD_decompressStream(z->zstd, &to, &from);
	if (ZSTD_isError(rc))
		return fail(err, VS_CORRUPT, "zstd data is damaged: %s", ZSTD_getErrorName(rc));
	z->at_end = rc == 0;
	*in += from.pos;
	*in_len -= from.pos;
	*got = to.pos;
	return VS_OK;
}
#endif

#ifdef HAVE_LZMA
static vs_status run_xz(struct inflate *z, const uint8_t **in, size_t *in_len, uint8_t *out,
			size_t cap, size_t *got, struct err *err)
{
	size_t before = *in_len;
	lzma_ret rc;

	if (z->at_end && !before)
		return VS_OK;
	// lzma_code() may not be called again after an end: a new decoder takes the next stream
	if (z->at_end) {
		lzma_end(&z->xz);
		z->xz = (lzma_stream)LZMA_STREAM_INIT;
		if (lzma_stream_decoder(&z->xz, XZ_MEMORY, 0) != LZMA_OK)
			return fail(err, VS_NOMEM, "xz");
		z->at_end = false;
	}
	z->xz.next_in = *in;
	z->xz.avail_in = before;
	z->xz.next_out = out;
	z->xz.avail_out = cap;
	rc = lzma_code(&z->xz, LZMA_RUN);
	*in += before - z->xz.avail_in;
	*in_len = z->xz.avail_in;
	*got = cap - z->xz.avail_out;
	z->at_end = rc == LZMA_STREAM_END;
	if (rc == LZMA_MEMLIMIT_ERROR)
		return fail(err, VS_UNSUPPORTED, "xz data needs more than 1 GiB to unpack");
	return rc == LZMA_OK || rc == LZMA_STREAM_END || rc == LZMA_BUF_ERROR
		       ? VS_OK
		       : fail(err, VS_CORRUPT, "xz data is damaged");
}
#endif

static vs_status start(struct inflate *z, const uint8_t *head, struct err *err)
{
	if (memcmp(head, "\x1f\x8b", 2) == 0) {
		z->run = run_gzip;
		// 16: a gzip header and not that of zlib
		return inflateInit2(&z->gzip, 16 + MAX_WBITS) == Z_OK ? VS_OK
								      : fail(err, VS_NOMEM, "gzip");
	}
	if (memcmp(head,
		   "\xfd"
		   "7zXZ",
		   6) == 0) {
#ifdef HAVE_LZMA
		z->run = run_xz;
		z->xz = (lzma_stream)LZMA_STREAM_INIT;
		return lzma_stream_decoder(&z->xz, XZ_MEMORY, 0) == LZMA_OK
			       ? VS_OK
			       : fail(err, VS_NOMEM, "xz");
#else
		return fail(err, VS_UNSUPPORTED, "xz: built without liblzma");
#endif
	}
	if (memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0) {
#ifdef HAVE_ZSTD
		z->run = run_zstd;
		z->zstd = ZSTD_createDStream();
		return z->zstd ? VS_OK : fail(err, VS_NOMEM, "zstd");
#else
		return fail(err, VS_UNSUPPORTED, "zstd: built without libzstd");
#endif
	}
	return VS_NOMATCH;
}

vs_status inflate_open(const uint8_t head[INFLATE_MAGIC], struct inflate **ret, struct err *err)
{
	struct inflate *z = calloc(1, sizeof(*z));
	vs_status st;

	if (!z)
		return fail(err, VS_NOMEM, "out of memory");
	st = start(z, head, err);
	if (st) {
		free(z);
		return st;
	}
	*ret = z;
	return VS_OK;
}

void inflate_close(struct inflate *z)
{
	if (!z)
		return;
	if (z->run == run_gzip)
		inflateEnd(&z->gzip);
#ifdef HAVE_ZSTD
	ZSTD_freeDStream(z->zstd);
#endif
#ifdef HAVE_LZMA
	if (z->run == run_xz)
		lzma_end(&z->xz);
#endif
	free(z);
}

vs_status inflate_some(struct inflate *z, const uint8_t **in, size_t *in_len, uint8_t *out,
		       size_t cap, size_t *got, struct err *err)
{
	*got = 0;
	return z->run(z, in, in_len, out, cap, got, err);
}

bool inflate_complete(struct inflate *z)
{
	return z->at_end;
}
