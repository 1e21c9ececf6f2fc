// SPDX-License-Identifier: GPL-3.0-or-later
/* addrname.c - the name of an address. */
#include "stub/unwind/addrname.h"

#include "stub/kernel/kernel.h"
#include "stub/module/modules.h"
#include "stub/unwind/dyncode.h"

/* May the kernel's own symbols name this address? */
static bool in_named_range(struct kernel *k, kva_t va)
{
	kva_t end;
	bool only_code;
	struct kernel_code c;

	if (kernel_named_end(k, &end, &only_code, NULL))
		return true;
	return va < end && (!only_code || (kernel_code_find(k, &c) && kernel_code_has(&c, va)));
}

bool addr_lookup(struct kernel *k, kva_t va, struct addr_name *ret)
{
	struct modules *mods;
	const struct symbol *s = NULL;
	struct module *mod = NULL;
	const char *owner = NULL;

	if (kernel_need_modules(k, &mods, NULL) == VS_OK)
		mod = modules_by_va(mods, va);
	if (mod) {
		if (module_need_syms(k, mod, NULL) == VS_OK)
			s = symtab_lookup(mod->syms, va);
		if (s && !module_has(mod, s->va))
			s = NULL;
	} else if (kernel_need_syms(k, NULL) == VS_OK) {
		s = symtab_lookup(k->syms, va);
		// An address after the image does not belong to the last symbol.
		if (s && !in_named_range(k, va))
			s = NULL;
		if (s && !k->arch->is_kernel_va(s->va))
			s = NULL;
		if (!s)
			s = dyncode_symbol(k, va, &owner);
	}
	*ret = (struct addr_name){ s, s ? va - s->va : 0, mod, mod ? mod->name : owner };
	return s != NULL;
}
