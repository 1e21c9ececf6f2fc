// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* printk_old.h - for printk.c: the log buffer, and its formats before the lockless ring. */
#include "stub/base/mem.h"
#include "stub/subsys/sys/printk.h"

#define MAX_LOG (1ULL << 30) /* bytes: far more than any kernel has */

/* The address and length in bytes of the log buffer, from log_buf and log_buf_len, which exist
 * since before 2.6 and are in VMCOREINFO. Fails if these cannot be read. */
vs_status printk_buffer(struct kernel *k, kva_t *va, uint64_t *len, struct err *err);

/* Like printk_each(), for kernels 3.5 to 5.9 (struct printk_log, or struct log until 3.10; offsets
 * from VMCOREINFO, else from the types), and for kernels before 3.5 (lines of plain text). */
vs_status printk_each_old(struct kernel *k, void (*fn)(void *, const struct log_record *),
			  void *ctx, struct err *err);
vs_status printk_each_plain(struct kernel *k, void (*fn)(void *, const struct log_record *),
			    void *ctx, struct err *err);
