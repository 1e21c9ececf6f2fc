// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* codec.h - decodes a compressed page into exactly one block. The output never exceeds the block,
 * whatever the stored bytes say. */
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

/* page_desc.flags of a compressed kdump; 0: stored uncompressed */
#define CODEC_ZLIB   0x01u
#define CODEC_LZO    0x02u
#define CODEC_SNAPPY 0x04u
#define CODEC_ZSTD   0x20u

struct codec;

/* Decoder state, reused from page to page. */
vs_status codec_create(struct codec **ret, struct err *err);
void codec_destroy(struct codec *c); /* NULL is fine */

/* Deflate data, without the header and checksum of zlib, or with them; else as codec_decode(). */
vs_status codec_inflate(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst, size_t block,
			struct err *err);

/* A block of LZ4 (also of lz4hc) without a frame; else as codec_decode(). */
vs_status codec_lz4(const uint8_t *src, size_t n, uint8_t *dst, size_t block, struct err *err);

/* Decode n bytes of src to block bytes of dst. flags is one CODEC_ bit or 0. Output of another size
 * than block is VS_CORRUPT; input bytes after the end of the data are ignored. VS_UNSUPPORTED: this
 * build lacks the codec. dst may be partly written on failure. */
vs_status codec_decode(struct codec *c, uint32_t flags, const uint8_t *src, size_t n, uint8_t *dst,
		       size_t block, struct err *err);
