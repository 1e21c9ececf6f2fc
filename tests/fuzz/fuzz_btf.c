// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_btf.c - any bytes as BTF. If the header's magic is right, its section sizes are replaced by
 * ones that fit the input, because random lengths are useless. */
#include <stdlib.h>
#include <string.h>

#include "stub/symbols/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* struct btf_header: u16 magic, u8 version, flags, u32 hdr_len, type_off, type_len, str_off,
 * str_len. The first byte says how much of the rest are strings. */
static void fix_header(uint8_t *btf, size_t size, uint8_t split)
{
	const uint32_t hdr = 24;
	uint32_t body = (uint32_t)size - hdr, types = body * split / 256 & ~3u;
	const uint32_t words[] = { hdr, 0, types, types, body - types };

	memcpy(btf, "\x9f\xeb\x01\x00", 4);
	memcpy(btf + 4, words, sizeof(words));
	btf[hdr + types] = '\0';
	btf[size - 1] = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "a", "b", "s", "module", "task_struct", "list_head" };
	static const char *const paths[] = { "a", "b", "a.b", "a[1].b", "b[70000]", "list.next" };
	struct types *t;
	uint8_t *btf;

	if (size < 32)
		return 0;
	size--;
	btf = malloc(size); // exact, so that ASan sees every byte outside
	memcpy(btf, data + 1, size);
	if (data[0] & 1)
		fix_header(btf, size, data[0]);
	if (types_from_btf(btf, size, &t, NULL) == VS_OK) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			struct member m;
			uint64_t n;
			int64_t v;

			(void)types_size(t, names[i], &n, NULL);
			(void)types_enumerator(t, names[i], &v, NULL);
			for (size_t j = 0; j < sizeof(paths) / sizeof(paths[0]); j++)
				(void)types_member(t, names[i], paths[j], &m, NULL);
		}
		types_destroy(t);
	}
	free(btf);
	return 0;
}
