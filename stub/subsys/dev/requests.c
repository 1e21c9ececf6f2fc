// SPDX-License-Identifier: GPL-3.0-or-later
/* requests.c - requests in flight (block/blk-mq.c). A driver's tag set has an array of tags for
 * each hardware queue, and that has a pointer to the request that last had each tag. Queues may
 * share a set. */
#include "stub/subsys/dev/requests.h"

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

#define MAX_HW_QUEUES 65536
#define MAX_TAGS      65536 /* BLK_MQ_MAX_DEPTH is 10240 */
#define IN_FLIGHT     1	    /* MQ_RQ_IN_FLIGHT, since 4.16 */
#define OP_MASK	      0xff  /* REQ_OP_MASK */

enum { QUEUE_TAG_SET };
static const struct record_field queue_fields[] = {
	[QUEUE_TAG_SET] = { { "tag_set" }, RECORD_POINTER },
};
RECORD(request_queue_record, "request_queue", queue_fields);

enum { SET_NR_QUEUES, SET_TAGS };
static const struct record_field set_fields[] = {
	[SET_NR_QUEUES] = { { "nr_hw_queues" }, RECORD_UINT },
	[SET_TAGS] = { { "tags" }, RECORD_POINTER },
};
RECORD(tag_set_record, "blk_mq_tag_set", set_fields);

enum { TAGS_N, TAGS_REQUESTS };
static const struct record_field tags_fields[] = {
	[TAGS_N] = { { "nr_tags" }, RECORD_UINT },
	[TAGS_REQUESTS] = { { "rqs" }, RECORD_POINTER },
};
RECORD(blk_tags_record, "blk_mq_tags", tags_fields);

enum { RQ_QUEUE, RQ_TAG, RQ_STATE, RQ_FLAGS, RQ_BYTES, RQ_SECTOR, RQ_START };
static const struct record_field request_fields[] = {
	[RQ_QUEUE] = { { "q" }, RECORD_POINTER },
	[RQ_TAG] = { { "tag" }, RECORD_INT },
	[RQ_STATE] = { { "state" }, RECORD_UINT, "since 4.16" },
	[RQ_FLAGS] = { { "cmd_flags" }, RECORD_UINT },
	[RQ_BYTES] = { { "__data_len" }, RECORD_UINT },
	[RQ_SECTOR] = { { "__sector" }, RECORD_UINT },
	[RQ_START] = { { "io_start_time_ns" }, RECORD_UINT },
};
RECORD(request_record, "request", request_fields);

const char *io_op_str(uint64_t op)
{
	// include/linux/blk_types.h; the same since 4.10
	static const char *const names[] = { "READ", "WRITE", "FLUSH", "DISCARD" };

	return op < sizeof(names) / sizeof(names[0]) ? names[op] : NULL;
}

struct request_walk {
	struct kernel *k;
	kva_t queue;
	io_request_fn fn;
	void *ctx;
	bool more;
};

static vs_status take_request(struct request_walk *w, kva_t va, unsigned tag, struct err *err)
{
	struct io_request rq = { .va = va, .tag = tag };
	uint64_t queue = 0, own_tag = 0, state = 0, flags = 0;
	struct record r;
	vs_status st;

	record_read(w->k, &request_record, va, RECORD_ALL, &r);
	st = record_need(&r, RQ_QUEUE, &queue, err);
	if (st == VS_OK)
		st = record_need(&r, RQ_TAG, &own_tag, err);
	if (st == VS_OK)
		st = record_need(&r, RQ_STATE, &state, err);
	// The pointer stays when a request gives its tag back.
	if (st || queue != w->queue || own_tag != tag || state != IN_FLIGHT)
		return st;
	rq.knows_what = record_get(&r, RQ_FLAGS, &flags) && record_get(&r, RQ_BYTES, &rq.bytes) &&
			record_get(&r, RQ_SECTOR, &rq.sector);
	rq.op = flags & OP_MASK;
	rq.knows_start = record_get(&r, RQ_START, &rq.start);
	w->more = w->fn(w->ctx, &rq);
	return VS_OK;
}

static vs_status requests_of_tags(struct request_walk *w, kva_t tags, struct err *err)
{
	uint64_t n = 0, requests = 0, va;
	struct record r;
	vs_status st;

	record_read(w->k, &blk_tags_record, tags, RECORD_ALL, &r);
	st = record_need(&r, TAGS_N, &n, err);
	if (st == VS_OK)
		st = record_need(&r, TAGS_REQUESTS, &requests, err);
	if (st == VS_OK && n > MAX_TAGS)
		st = fail(err, VS_CORRUPT, "a hardware queue has %llu tags", (unsigned long long)n);
	for (unsigned i = 0; st == VS_OK && w->more && i < n; i++) {
		st = mem_read_u64(w->k->mem, requests + i * sizeof(kva_t), &va, err);
		if (st == VS_OK && va)
			st = take_request(w, va, i, err);
	}
	return st;
}

vs_status io_requests_each(struct kernel *k, kva_t queue, io_request_fn fn, void *ctx,
			   struct err *err)
{
	struct request_walk w = { k, queue, fn, ctx, true };
	uint64_t set, n, arrays, tags, before = 0;
	struct record r;
	vs_status st = record_field_read(k, &request_queue_record, queue, QUEUE_TAG_SET, &set, err);

	if (st)
		return st;
	if (!set)
		return fail(err, VS_NOTFOUND, "the queue has no tags");
	record_read(k, &tag_set_record, set, RECORD_ALL, &r);
	st = record_need(&r, SET_NR_QUEUES, &n, err);
	if (st == VS_OK)
		st = record_need(&r, SET_TAGS, &arrays, err);
	if (st == VS_OK && n > MAX_HW_QUEUES)
		st = fail(err, VS_CORRUPT, "a tag set has %llu hardware queues",
			  (unsigned long long)n);
	for (uint64_t i = 0; st == VS_OK && w.more && i < n; i++) {
		st = mem_read_u64(k->mem, arrays + i * sizeof(kva_t), &tags, err);
		// With shared tags, all pointers are the same.
		if (st == VS_OK && tags && tags != before)
			st = requests_of_tags(&w, tags, err);
		before = tags;
	}
	return st;
}
