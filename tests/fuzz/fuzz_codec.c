// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_codec.c - any bytes as a stored page, of a dump or of swap: first byte picks the codec. */
#include <stdlib.h>
#include <string.h>

#include "stub/base/log.h"
#include "stub/dump/codec.h"
#include "stub/subsys/swap/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t flags[] = { CODEC_ZLIB, CODEC_LZO, CODEC_SNAPPY, CODEC_ZSTD, 0 };
	static const char *const names[] = { "lzo", "lzo-rle", "lz4", "zstd", "deflate", "842" };
	struct codec *c = NULL;
	uint8_t *page, *in;

	if (size < 1 || codec_create(&c, NULL))
		return 0;
	log_set_level(LOG_ERROR);
	page = malloc(4096); // exact blocks, so that ASan sees every byte outside
	in = malloc(size - 1);
	memcpy(in, data + 1, size - 1);
	if (data[0] < 128)
		(void)codec_decode(c, flags[data[0] % 5], in, size - 1, page, 4096, NULL);
	else
		(void)unpack_page(c, names[data[0] % 6], in, size - 1, page, 4096, NULL);
	free(in);
	free(page);
	codec_destroy(c);
	return 0;
}
