// SPDX-License-Identifier: GPL-3.0-or-later
/* unix.c - names and peers of unix sockets. */
#include <inttypes.h>
#include <sys/un.h>

#include "stub/kernel/kernel.h"
#include "stub/subsys/net/net.h"

enum { UNIX_ADDR, UNIX_PEER };
static const struct record_field unix_fields[] = {
	[UNIX_ADDR] = { { "addr" }, RECORD_POINTER },
	[UNIX_PEER] = { { "peer" }, RECORD_POINTER },
};
RECORD(unix_record, "unix_sock", unix_fields);

enum { UNIX_ADDRESS_LEN, UNIX_ADDRESS_NAME };
static const struct record_field unix_address_fields[] = {
	[UNIX_ADDRESS_LEN] = { { "len" }, RECORD_INT },
	[UNIX_ADDRESS_NAME] = { { "name" }, RECORD_ADDRESS },
};
RECORD(unix_address_record, "unix_address", unix_address_fields);

#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)

/* As unix_seq_show() of net/unix/af_unix.c. The kernel ends a path by a NUL that len counts, but
 * not an abstract name, which begins with a NUL and may have more of them. */
vs_status net_unix_name(struct kernel *k, kva_t sock, struct buf *out, struct err *err)
{
	char name[sizeof(struct sockaddr_un) + 1];
	struct record r;
	uint64_t addr, len, at;
	vs_status st = record_field_read(k, &unix_record, sock, UNIX_ADDR, &addr, err);

	if (st || !addr)
		return st;
	record_read(k, &unix_address_record, addr, RECORD_ALL, &r);
	st = record_need(&r, UNIX_ADDRESS_LEN, &len, err);
	if (st == VS_OK)
		st = record_need(&r, UNIX_ADDRESS_NAME, &at, err);
	if (st)
		return st;
	if (len < PATH_OFFSET || len > sizeof(name))
		return fail(err, VS_CORRUPT, "unix_address.len is %" PRId64, (int64_t)len);
	st = mem_read(k->mem, at, name, len, err);
	if (st || len == PATH_OFFSET)
		return st;
	if (name[PATH_OFFSET])
		len--;
	for (uint64_t i = PATH_OFFSET; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		buf_putc(out, !c ? '@' : c < 0x20 || c == 0x7f ? '?' : (char)c);
	}
	return VS_OK;
}

vs_status net_unix_peer(struct kernel *k, kva_t sock, kva_t *ret, struct err *err)
{
	return record_field_read(k, &unix_record, sock, UNIX_PEER, ret, err);
}
