#pragma once
/* printk.h - the kernel's log buffer. */
#include "stub/base/buf.h"
#include "stub/base/err.h"

struct kernel;

struct log_record {
	uint64_t ts_nsec;
	unsigned level, facility;
	uint32_t caller_id; /* 0x80000000 | cpu, or a thread's PID; 0 without PRINTK_CALLER */
	const char *text;   /* len bytes, not terminated; valid during the call */
	size_t len;
};

/* Call fn for each record, oldest first. A record that cannot be read is skipped; a buffer that
 * breaks off fails after the records before. */
vs_status printk_each(struct kernel *k, void (*fn)(void *ctx, const struct log_record *r),
		      void *ctx, struct err *err);
