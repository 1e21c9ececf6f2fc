// SPDX-License-Identifier: GPL-3.0-or-later
/* audit.c - messages of the audit system: netlink messages in queues of struct sk_buff. */
#include "stub/subsys/sys/audit.h"

#include <inttypes.h>

#include "stub/base/bytes.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"

#define NLMSG_HDRLEN 16 /* struct nlmsghdr { u32 len; u16 type, flags; u32 seq, pid; } */
#define MAX_MESSAGE  65536

enum { SKB_NEXT, SKB_DATA, SKB_LEN };
static const struct record_field skb_fields[] = {
	[SKB_NEXT] = { { "next" }, RECORD_POINTER },
	[SKB_DATA] = { { "data" }, RECORD_POINTER },
	[SKB_LEN] = { { "len" }, RECORD_UINT },
};
RECORD(skb_record, "sk_buff", skb_fields);

struct audit_walk {
	struct kernel *k;
	void (*fn)(void *ctx, const struct audit_record *r);
	void *ctx;
	char *message; /* MAX_MESSAGE bytes */
};

static bool each_skb(void *ctx, kva_t skb)
{
	struct audit_walk *w = ctx;
	struct audit_record r;
	struct record buffer;
	uint64_t data, len;
	uint32_t nlmsg_len;

	record_read(w->k, &skb_record, skb, RECORD_ALL, &buffer);
	if (!record_get(&buffer, SKB_DATA, &data) || !record_get(&buffer, SKB_LEN, &len) ||
	    len < NLMSG_HDRLEN || len > MAX_MESSAGE ||
	    mem_read(w->k->mem, data, w->message, len, NULL))
		return true; // continue with the others
	// audit_log_end() sets a length without the header.
	nlmsg_len = load_u32(w->message);
	r.type = load_u16(w->message + 4);
	r.text = w->message + NLMSG_HDRLEN;
	r.len = len - NLMSG_HDRLEN;
	if (nlmsg_len < r.len)
		r.len = nlmsg_len;
	while (r.len && (!r.text[r.len - 1] || r.text[r.len - 1] == '\n'))
		r.len--;
	w->fn(w->ctx, &r);
	return true;
}

vs_status audit_each(struct kernel *k, void (*fn)(void *ctx, const struct audit_record *r),
		     void *ctx, struct err *err)
{
	// In the order of sending. 5b52330bbfe6 (4.10) renamed the queues and added the second.
	static const char *const queues[] = { "audit_hold_queue", "audit_retry_queue",
					      "audit_queue", "audit_skb_hold_queue",
					      "audit_skb_queue" };
	char message[MAX_MESSAGE];
	struct audit_walk w = { .k = k, .fn = fn, .ctx = ctx, .message = message };
	struct member next, at;
	unsigned found = 0;
	vs_status st = record_member(k, &skb_record, SKB_NEXT, &next, err);

	// Reading messages needs these members.
	if (st == VS_OK)
		st = record_member(k, &skb_record, SKB_DATA, &at, err);
	if (st == VS_OK)
		st = record_member(k, &skb_record, SKB_LEN, &at, err);
	for (size_t i = 0; st == VS_OK && i < sizeof(queues) / sizeof(queues[0]); i++) {
		uint64_t first;
		kva_t head;

		if (kernel_symbol(k, queues[i], &head, NULL))
			continue;
		found++;
		st = mem_read_u64(k->mem, head, &first,
				  err); // struct sk_buff_head begins with next
		if (st == VS_OK && first != head)
			st = walk_chain(k, first, next.off, head, each_skb, &w, err);
		if (st)
			fail_ctx(err, st, "%s", queues[i]);
	}
	if (st == VS_OK && !found)
		return fail(err, VS_NOTFOUND, "the kernel has no audit_queue");
	return st;
}
