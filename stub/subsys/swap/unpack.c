// SPDX-License-Identifier: GPL-3.0-or-later
/* unpack.c - the algorithms that zram and zswap compress with. */
#include "stub/subsys/swap/unpack.h"

#include <string.h>

#include "stub/dump/codec.h"
#include "stub/subsys/swap/lzo.h"

static vs_status unpack_lzo(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst,
			    size_t block, struct err *err)
{
	(void)c;
	return lzo_decode(src, n, dst, block, err);
}

static vs_status unpack_lz4(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst,
			    size_t block, struct err *err)
{
	(void)c;
	return codec_lz4(src, n, dst, block, err);
}

static vs_status unpack_zstd(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst,
			     size_t block, struct err *err)
{
	return codec_decode(c, CODEC_ZSTD, src, n, dst, block, err);
}

/* zram_drv.c, zcomp.c: the names that the kernel knows, but for 842. */
static const struct {
	const char *name;
	vs_status (*unpack)(struct codec *c, const uint8_t *src, size_t n, uint8_t *dst,
			    size_t block, struct err *err);
} algorithms[] = {
	{ "lzo", unpack_lzo },	 { "lzo-rle", unpack_lzo }, { "lz4", unpack_lz4 },
	{ "lz4hc", unpack_lz4 }, { "zstd", unpack_zstd },   { "deflate", codec_inflate },
};

vs_status unpack_page(struct codec *c, const char *algorithm, const uint8_t *src, size_t n,
		      uint8_t *dst, size_t block, struct err *err)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strcmp(algorithms[i].name, algorithm) == 0)
			return algorithms[i].unpack(c, src, n, dst, block, err);
	return fail(err, VS_UNSUPPORTED, "compressed by %s, which vmstub cannot decode", algorithm);
}
