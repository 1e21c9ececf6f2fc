// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_modules.c - any bytes as the list of modules with their sections, notes, symbols and unwind
 * tables. */
#include <stdlib.h>

#include "tests/fuzz/kern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void exercise(struct kernel *k, struct module *m)
{
	struct unwind_rule r;
	struct err err;

	// no search through this machine's files
	slot_fill(k, &m->file_slot, VS_NOTFOUND, "none");
	(void)module_need_sections(k, m, &err);
	(void)module_section_va(m, ".text");
	(void)module_need_syms(k, m, &err);
	if (module_need_orc(k, m, &err) == VS_OK)
		(void)k->arch->os->orc->find(&m->orc, m->text_base, &r, &err);
	(void)module_has_text(m, m->text_base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_kernel f;
	struct modules *mods;
	struct err err;
	kva_t start, end;

	fuzz_kernel_init(&f, data, size, "", fix_btf_modules);
	slot_forget(&f.fk.k, &f.fk.k.modules_slot);
	fix_kernel_symbol(&f.fk, "modules", 0);
	if (symtab_seal(f.fk.k.syms) && kernel_need_modules(&f.fk.k, &mods, &err) == VS_OK) {
		for (size_t i = 0; i < mods->n && i < 4; i++)
			exercise(&f.fk.k, &mods->v[i]);
		(void)modules_by_va(mods, 0x100);
		(void)modules_by_name(mods, "a-b");
		(void)modules_text_after(mods, 0x100, &start, &end);
	}
	fuzz_kernel_deinit(&f);
	return 0;
}
