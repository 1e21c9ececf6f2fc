// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_rsp.c - any bytes as the stream from gdb, against the target of tests/rsp/fake.h.
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -I. tests/fuzz/fuzz_rsp.c \
 *           stub/rsp/ *.c stub/base/ *.c -o fuzz_rsp
 * "#??" in the input is replaced by the right checksum, so that packets are accepted. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/rsp/session.h"
#include "tests/rsp/fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rsp_ops fake_ops = { FAKE_OPS_INIT };

/* The server's own search gives up in a hole only after a second, so most inputs use this one. */
static vs_status fuzz_mem_search(void *ctx, uint64_t tid, uint64_t addr, uint64_t len,
				 const void *pattern, size_t patlen, bool *found, uint64_t *at,
				 struct err *err)
{
	(void)ctx, (void)tid, (void)pattern, (void)err;
	*found = len > patlen;
	*at = addr;
	return VS_OK;
}

static void fix_checksums(struct buf *in, const uint8_t *data, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++) {
		buf_putc(in, (char)data[i]);
		sum = data[i] == '$' ? 0 : (uint8_t)(sum + data[i]);
		if (data[i] == '#' && size - i > 2 && data[i + 1] == '?' && data[i + 2] == '?') {
			buf_printf(in, "%02x", (uint8_t)(sum - '#'));
			i += 2;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) in = { 0 };
	struct fake fake = { 0 };
	struct rsp_ops ops = fake_ops;
	struct rsp_target target = { .ops = &ops, .ctx = &fake };
	int in_fd = memfd_create("in", 0), out_fd = open("/dev/null", O_WRONLY);
	struct err err = { 0 };
	vs_status st;

	if (size && data[0] & 15)
		ops.mem_search = fuzz_mem_search;
	fix_checksums(&in, data, size);
	if (write(in_fd, buf_str(&in), in.len) != (ssize_t)in.len)
		abort();
	lseek(in_fd, 0, SEEK_SET);
	st = rsp_serve(&target, in_fd, out_fd, &err);
	if (st || fake.opened != fake.closed)
		abort();
	close(in_fd);
	close(out_fd);
	return 0;
}
