// SPDX-License-Identifier: GPL-3.0-or-later
/* layout.c - names in VMCOREINFO and vmlinux from which the page tables and the slide follow. */
#include "arch/x86_64/linux/linux.h"

#include "stub/dump/vmcoreinfo.h"
#include "stub/kernel/layout.h"

enum { INIT_TOP_PGT, INIT_LEVEL4_PGT, L5_ENABLED, SME_ME_MASK };
/* It was init_level4_pgt until 65ade2f872b4 (4.13). */
const char *const linux_x86_paging_symbols[] = {
	[INIT_TOP_PGT] = "init_top_pgt",
	[INIT_LEVEL4_PGT] = "init_level4_pgt",
	[L5_ENABLED] = "__pgtable_l5_enabled",
	[SME_ME_MASK] = "sme_me_mask",
	NULL,
};

kva_t linux_x86_kernel_half(const struct paging *pg)
{
	return ~UINT64_C(0) << (pg->levels == 5 ? 56 : 47);
}

void linux_x86_layout_from_info(const struct vmcoreinfo *v, struct layout *ret)
{
	struct layout l = { .pg = { .levels = LINUX_X86_LEVELS_LOW } };
	uint64_t root, n;

	l.have_phys = vmcoreinfo_number(v, "phys_base", &l.phys_base);
	l.have_slide = vmcoreinfo_hex(v, "KERNELOFFSET", &l.slide);
	// swapper_pg_dir is a macro for init_top_pgt; kernels have exported either name.
	if (l.have_phys && (vmcoreinfo_symbol(v, "swapper_pg_dir", &root) ||
			    vmcoreinfo_symbol(v, "init_top_pgt", &root) ||
			    vmcoreinfo_symbol(v, "init_level4_pgt", &root))) {
		l.pg.root = root - LINUX_X86_IMAGE_BASE + l.phys_base;
		l.have_root = true;
	}
	if (vmcoreinfo_number(v, "pgtable_l5_enabled", &n) && n)
		l.pg.levels = LINUX_X86_LEVELS_HIGH;
	if (vmcoreinfo_number(v, "sme_mask", &n))
		l.pg.enc_mask = n;
	*ret = l;
}

vs_status linux_x86_paging_from_symbols(const struct mem *phys, const uint64_t *va, uint64_t delta,
					struct paging *pg, struct err *err)
{
	uint64_t root = va[INIT_TOP_PGT] ? va[INIT_TOP_PGT] : va[INIT_LEVEL4_PGT], mask;
	uint32_t l5;

	if (!root)
		return fail(err, VS_NOTFOUND,
			    "init_top_pgt and swapper_pg_dir not found, cannot locate the page "
			    "tables");
	pg->root = root + delta;
	pg->levels = LINUX_X86_LEVELS_LOW;
	if (va[L5_ENABLED] && mem_read_u32(phys, va[L5_ENABLED] + delta, &l5, NULL) == VS_OK && l5)
		pg->levels = LINUX_X86_LEVELS_HIGH;
	if (va[SME_ME_MASK] && mem_read_u64(phys, va[SME_ME_MASK] + delta, &mask, NULL) == VS_OK)
		pg->enc_mask = mask;
	return VS_OK;
}
