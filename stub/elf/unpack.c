// SPDX-License-Identifier: GPL-3.0-or-later
/* unpack.c - unpacks files compressed with zstd. */
#include "stub/elf/unpack.h"

#include <string.h>
#include <unistd.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

/* A vmlinux with debug information has 0.6 GB (Debian's 6.1) to 1.5 GB. */
#define MAX_UNPACKED (UINT64_C(3) << 30)

#ifdef HAVE_ZSTD
/* Unpacks the zstd file fd to out. Returns false if it is damaged, too long, or unreadable. */
static bool unpack_stream(int fd, ZSTD_DStream *z, struct buf *out)
{
	size_t room = ZSTD_DStreamOutSize(), want = 1;
	char chunk[16384];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) > 0) {
		ZSTD_inBuffer in = { chunk, (size_t)got, 0 };
		bool full = true;

		// After the frame's end (want == 0), a call without input would start another
		// frame.
		while (in.pos < in.size || (full && want)) {
			if (out->len > MAX_UNPACKED || !buf_reserve(out, room))
				return false;
			ZSTD_outBuffer to = { out->p + out->len, room, 0 };

			want = ZSTD_decompressStream(z, &to, &in);
			if (ZSTD_isError(want))
				return false;
			out->len += to.pos;
			full = to.pos == to.size;
		}
	}
	return got == 0 && want == 0;
}
#endif

vs_status unpack_zstd(const char *path, int fd, struct buf *out, struct err *err)
{
#ifdef HAVE_ZSTD
	static const uint8_t magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };
	uint8_t head[sizeof(magic)];
	ZSTD_DStream *z;
	bool ok;

	if (pread(fd, head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head, magic, sizeof(head)) != 0)
		return VS_NOMATCH;
	z = ZSTD_createDStream();
	ok = z && unpack_stream(fd, z, out);
	ZSTD_freeDStream(z);
	return ok ? VS_OK
		  : fail(err, VS_CORRUPT, "%s: zstd data is damaged after %zu bytes", path,
			 out->len);
#else
	(void)path, (void)fd, (void)out, (void)err;
	return VS_NOMATCH;
#endif
}
