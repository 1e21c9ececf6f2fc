/* fuzz_monitor.c - any bytes as what a user types, on a kernel with a few symbols and nothing else;
 * up to a NUL the input is the line, behind it memory. */
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/monitor/monitor.h"
#include "tests/fuzz/kern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, 0, size);
	struct fuzz_kernel f;
	struct monitor m = { .k = &f.fk.k };
	AUTO(buf) out = { 0 };
	struct err err;

	if (!nul)
		return 0;
	log_set_level(LOG_ERROR);
	fuzz_kernel_init(&f, nul, size - (size_t)(nul - data), "", NULL);
	fix_kernel_symbol(&f.fk, "a", 0);
	fix_kernel_symbol(&f.fk, "b", 0x10);
	fix_kernel_symbol(&f.fk, "_stext", 0xffffffff81000000ULL);
	if (symtab_seal(f.fk.k.syms) &&
	    monitor_run_list(&m, (const char *)data, &out, &err) != VS_OK && !err.msg[0])
		abort();
	fuzz_kernel_deinit(&f);
	return 0;
}
