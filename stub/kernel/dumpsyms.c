// SPDX-License-Identifier: GPL-3.0-or-later
/* dumpsyms.c - reads the symbols in the kernel's memory (kallsyms).
 * Not here: decoding the tables (symbols/kallsyms.c). */
#include "stub/kernel/dumpsyms.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/base/log.h"
#include "stub/kernel/kernel.h"
#include "stub/symbols/kallsyms.h"
#include "stub/symbols/kallsyms_find.h"

#define BANNER	  "Linux version "
#define CODE_STEP 65536

/* Gets the tables' addresses, which the kernel exports since 5fd8fea935a1 (6.0). */
static vs_status tables_from_info(struct kernel *k, struct kallsyms_tables *ret, struct err *err)
{
	struct kallsyms_tables t = { 0 };
	unsigned major = 0, minor = 0;

	if (!vmcoreinfo_symbol(k->vmci, "kallsyms_names", &t.names) ||
	    !vmcoreinfo_symbol(k->vmci, "kallsyms_num_syms", &t.num_syms) ||
	    !vmcoreinfo_symbol(k->vmci, "kallsyms_token_table", &t.token_table) ||
	    !vmcoreinfo_symbol(k->vmci, "kallsyms_token_index", &t.token_index) ||
	    !vmcoreinfo_symbol(k->vmci, "kallsyms_offsets", &t.offsets) ||
	    !vmcoreinfo_symbol(k->vmci, "_stext", &t.stext))
		return fail(err, VS_NOTFOUND, "VMCOREINFO does not have the address of kallsyms");
	if (vmcoreinfo_symbol(k->vmci, "kallsyms_relative_base", &t.relative_base)) {
		vs_status st = mem_read_u64(k->mem, t.relative_base, &t.relative_base, err);

		if (st)
			return fail_ctx(err, st, "kallsyms_relative_base");
	}
	// Only the release shows 73bbb94466fd ("kallsyms: support 'big' kernel symbols", 6.1).
	if (sscanf(k->release, "%u.%u", &major, &minor) == 2)
		t.long_names = major > 6 || (major == 6 && minor >= 1);
	*ret = t;
	return VS_OK;
}

/* A place in front of the first page of the image that is not executable, where .rodata begins; the
 * image's start if there is none. */
static kva_t end_of_code(struct kernel *k)
{
	for (kva_t va = k->image_start; va < k->image_end; va += CODE_STEP) {
		struct walk w;

		if (kmem_walk(k->kmem, 0, va, &w, NULL) == VS_OK && !k->arch->walk_executable(&w))
			return va - k->image_start < CODE_STEP ? va : va - CODE_STEP;
	}
	return k->image_start;
}

/* Finds the tables in memory. Without VMCOREINFO, the image starts with its first symbol. They are
 * in .rodata, so that most of the image need not be unpacked. */
static vs_status tables_from_memory(struct kernel *k, struct kallsyms_tables *ret, struct err *err)
{
	kva_t stext = k->image_start, start;

	if (!k->image_start)
		return fail(err, VS_NOTFOUND, "the place of the kernel's image is unknown");
	(void)vmcoreinfo_symbol(k->vmci, "_stext", &stext);
	start = end_of_code(k);
	if (start != k->image_start &&
	    kallsyms_find(k->mem, start, k->image_end, stext, ret, NULL) == VS_OK)
		return VS_OK;
	return kallsyms_find(k->mem, k->image_start, k->image_end, stext, ret, err);
}

/* Checks tables that were found in memory by what some symbols must be. linux_banner is missing
 * without CONFIG_KALLSYMS_ALL. */
static vs_status check_symbols(struct kernel *k, const struct symtab *t, struct err *err)
{
	const struct symbol *stext = symtab_find(t, "_stext"), *etext = symtab_find(t, "_etext");
	const struct symbol *banner = symtab_find(t, "linux_banner");
	char text[sizeof(BANNER)] = "";

	if (!stext || !etext || stext->va < k->image_start || etext->va <= stext->va)
		return fail(err, VS_NOTFOUND, "the symbols found in memory are not the kernel's");
	if (banner && (mem_read_str(k->mem, banner->va, text, sizeof(text), err) ||
		       strcmp(text, BANNER) != 0))
		return fail(err, VS_NOTFOUND,
			    "the symbols found in memory are wrong: no banner at linux_banner "
			    "(%#" PRIx64 ")",
			    banner->va);
	return VS_OK;
}

static vs_status load_tables(struct kernel *k, struct symtab *t, struct err *err)
{
	struct kallsyms_tables tables;
	bool found = false;
	vs_status st = tables_from_info(k, &tables, err);

	if (st) {
		st = tables_from_memory(k, &tables, err);
		found = st == VS_OK;
	}
	if (st)
		return st;
	st = kallsyms_load(k->mem, &tables, t, err);
	if (st && symtab_count(t)) {
		log_warn("symbols: %s; %zu were read", err->msg, symtab_count(t));
		st = VS_OK;
	}
	if (st == VS_OK && !symtab_seal(t))
		return fail(err, VS_NOMEM, "symbols");
	return st == VS_OK && found ? check_symbols(k, t, err) : st;
}

static vs_status load(struct kernel *k, void *owner, struct err *err)
{
	struct symtab *t = symtab_create();
	vs_status st = t ? load_tables(k, t, err) : fail(err, VS_NOMEM, "symbols");

	(void)owner;
	if (st)
		symtab_destroy(t);
	else
		k->dump_syms = t;
	return st;
}

static void unload(struct kernel *k, void *owner)
{
	(void)owner;
	symtab_destroy(k->dump_syms);
	k->dump_syms = NULL;
}

static const struct slot_ops dump_syms_slot_ops = { load, unload };

vs_status kernel_need_dump_syms(struct kernel *k, struct err *err)
{
	return slot_need(k, &k->dump_syms_slot, &dump_syms_slot_ops, k, err);
}
