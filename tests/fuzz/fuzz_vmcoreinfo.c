// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_vmcoreinfo.c - any bytes as VMCOREINFO text. */
#include "stub/dump/vmcoreinfo.h"
#include "stub/kernel/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmcoreinfo *v = vmcoreinfo_parse((const char *)data, size);
	struct layout l;
	uint64_t n = 0;

	(void)vmcoreinfo_str(v, "OSRELEASE");
	(void)vmcoreinfo_dec(v, "PAGESIZE", &n);
	(void)vmcoreinfo_hex(v, "KERNELOFFSET", &n);
	(void)vmcoreinfo_symbol(v, "_stext", &n);
	(void)vmcoreinfo_number(v, "phys_base", &n);
	(void)vmcoreinfo_size(v, "page", &n);
	(void)vmcoreinfo_offset(v, "page.flags", &n);
	(void)vmcoreinfo_length(v, "mem_section", &n);
	layout_from_info(&arch_x86_64, v, &l);
	vmcoreinfo_destroy(v);
	return 0;
}
