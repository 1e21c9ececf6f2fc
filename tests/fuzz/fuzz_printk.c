// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_printk.c - any bytes as the kernel's log; the first byte selects one of the two formats. */
#include <stdlib.h>

#include "stub/subsys/sys/printk.h"
#include "tests/fuzz/kern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void touch(void *ctx, const struct log_record *r)
{
	uint64_t *sum = ctx;

	for (size_t i = 0; i < r->len; i++)
		*sum += (uint8_t)r->text[i];
	*sum += r->ts_nsec + r->level + r->facility + r->caller_id;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char printk_log[] = "SIZE(printk_log)=16\nOFFSET(printk_log.ts_nsec)=0\n"
					 "OFFSET(printk_log.len)=8\n"
					 "OFFSET(printk_log.text_len)=10\n";
	struct fuzz_kernel f;
	struct err err;
	uint64_t sum = 0;

	if (size < 1)
		return 0;
	fuzz_kernel_init(&f, data + 1, size - 1, printk_log, fix_btf_printk);
	if (data[0] & 1) {
		fix_kernel_symbol(&f.fk, "prb", 0);
	} else {
		fix_kernel_symbol(&f.fk, "log_buf", 0);
		fix_kernel_symbol(&f.fk, "log_buf_len", 8);
		fix_kernel_symbol(&f.fk, "log_first_idx", 12);
		fix_kernel_symbol(&f.fk, "log_next_idx", 16);
	}
	if (symtab_seal(f.fk.k.syms))
		(void)printk_each(&f.fk.k, touch, &sum, &err);
	fuzz_kernel_deinit(&f);
	return 0;
}
