// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* printk_old.h - parts of printk.c: the log's buffer, and its formats before the lockless ring. */
#include "stub/base/mem.h"
#include "stub/subsys/sys/printk.h"

#define MAX_LOG (1ULL << 30) /* bytes: far more than any kernel has */

/* The address and length in bytes of the log's buffer, from log_buf and log_buf_len, which have
 * been there since before 2.6 and are in VMCOREINFO. Fails as reading a symbol's value does. */
vs_status printk_buffer(struct kernel *k, kva_t *va, uint64_t *len, struct err *err);

/* Calls fn with each record, as printk_each() does, of a kernel of 3.5 to 5.9 (struct printk_log,
 * or struct log until 3.10; offsets from VMCOREINFO, else from the types); of one before 3.5 (lines
 * of plain text). */
vs_status printk_each_old(struct kernel *k, void (*fn)(void *, const struct log_record *),
			  void *ctx, struct err *err);
vs_status printk_each_plain(struct kernel *k, void (*fn)(void *, const struct log_record *),
			    void *ctx, struct err *err);
