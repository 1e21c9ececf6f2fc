// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* requests.h - block I/O that a driver has not completed. */
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

struct io_request {
	kva_t va; /* struct request */
	unsigned tag;
	uint64_t op; /* enum req_op, see io_op_str() */
	uint64_t bytes, sector;
	uint64_t start; /* nanoseconds of the monotonic clock when the driver got it; 0: the queue
			   took no time */
	bool knows_what, knows_start;
};
typedef bool (*io_request_fn)(void *ctx, const struct io_request *r);

/* Calls fn for the requests of a struct request_queue that its driver has got and not completed,
 * until fn returns false. VS_NOTFOUND: the queue has no such requests, as of a disk of bios. */
vs_status io_requests_each(struct kernel *k, kva_t queue, io_request_fn fn, void *ctx,
			   struct err *err);
/* "READ", "WRITE", ...; NULL: another one. */
const char *io_op_str(uint64_t op);
