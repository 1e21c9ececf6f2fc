// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kernfix.h - a struct kernel over synthetic memory, symbols and types: what stub/kernel and
 * stub/monitor need from a dump, without one. */
#include "stub/unwind/dyncode.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/symbols/symtab.h"
#include "tests/unit/memfix.h"

struct fix_kernel {
	struct fix_mem mem;
	struct kernel k;
};

/* No modules, no types, no vmlinux; vmcoreinfo is text. fk must not move. */
static inline void fix_kernel_init(struct fix_kernel *fk, const char *vmcoreinfo)
{
	static const struct kernel_options no_options;

	*fk = (struct fix_kernel){ 0 };
	fix_mem_init(&fk->mem);
	fk->k.arch = &arch_x86_64;
	fk->k.opt = &no_options;
	fk->k.mem = &fk->mem.mem;
	fk->k.vmci = vmcoreinfo_parse(vmcoreinfo, strlen(vmcoreinfo));
	fk->k.syms = symtab_create();
	slot_fill(&fk->k, &fk->k.syms_slot, VS_OK, NULL);
	slot_fill(&fk->k, &fk->k.types_slot, VS_NOTFOUND, "none");
	slot_fill(&fk->k, &fk->k.modules_slot, VS_NOTFOUND, "none");
	slot_fill(&fk->k, &fk->k.vmlinux_slot, VS_NOTFOUND, "none");
	slot_fill(&fk->k, &fk->k.unwind_slot, VS_NOTFOUND, "none");
}

static inline void fix_kernel_symbol(struct fix_kernel *fk, const char *name, kva_t va)
{
	if (!symtab_add(fk->k.syms, name, va, 0, 'D'))
		abort();
}

/* Takes ownership of t. */
static inline void fix_kernel_types(struct fix_kernel *fk, struct types *t)
{
	fk->k.types = t;
	slot_fill(&fk->k, &fk->k.types_slot, VS_OK, NULL);
}

static inline void fix_kernel_deinit(struct fix_kernel *fk)
{
	slots_unload(&fk->k);
	types_destroy(fk->k.types);
	symtab_destroy(fk->k.syms);
	vmcoreinfo_destroy(fk->k.vmci);
	fix_mem_deinit(&fk->mem);
}

#ifdef HAVE_LIBBPF
#include <bpf/btf.h>

/* The last row of members has no type. type: "u8" to "u64", or a struct created before; n elements
 * (0: not an array); bits != 0: a bit field at bit `bit` of the byte at off. */
struct fix_field {
	const char *name, *type;
	unsigned off, n, bit, bits;
};

static inline void fix_btf_struct(struct btf *b, const char *name, unsigned size,
				  const struct fix_field *f)
{
	int types[64], n = 0;

	for (; f[n].type; n++) {
		types[n] = btf__find_by_name(b, f[n].type);
		if (types[n] < 0)
			abort();
		if (f[n].n)
			types[n] = btf__add_array(b, types[n], types[n], f[n].n);
	}
	if (btf__add_struct(b, name, size) < 0)
		abort();
	for (int i = 0; i < n; i++)
		if (btf__add_field(b, f[i].name, types[i], f[i].off * 8 + f[i].bit, f[i].bits))
			abort();
}

static inline struct btf *fix_btf_new(void)
{
	struct btf *b = btf__new_empty();

	if (!b)
		abort();
	btf__add_int(b, "u8", 1, 0);
	btf__add_int(b, "u16", 2, 0);
	btf__add_int(b, "u32", 4, 0);
	btf__add_int(b, "u64", 8, 0);
	return b;
}

/* Makes types from b, and frees b. */
static inline struct types *fix_btf_types(struct btf *b)
{
	struct types *t = NULL;
	uint32_t len;
	const void *raw = btf__raw_data(b, &len);

	if (!raw || types_from_btf(raw, len, &t, NULL))
		abort();
	btf__free(b);
	return t;
}

/* The lockless ring of 5.10 and later (kernel/printk/printk_ringbuffer.h). */
static inline void fix_btf_printk(struct btf *b)
{
	static const struct fix_field counter[] = { { "counter", "u64", .off = 0 }, { 0 } };
	static const struct fix_field lpos[] = { { "begin", "u64", .off = 0 },
						 { "next", "u64", .off = 8 },
						 { 0 } };
	static const struct fix_field desc[] = { { "state_var", "counter_t", .off = 0 },
						 { "text_blk_lpos", "prb_data_blk_lpos", .off = 8 },
						 { 0 } };
	static const struct fix_field info[] = { { "seq", "u64", .off = 0 },
						 { "ts_nsec", "u64", .off = 8 },
						 { "text_len", "u16", .off = 16 },
						 { "facility", "u8", .off = 18 },
						 { "flags", "u8", .off = 19, .bit = 0, .bits = 5 },
						 { "level", "u8", .off = 19, .bit = 5, .bits = 3 },
						 { "caller_id", "u32", .off = 20 },
						 { 0 } };
	static const struct fix_field desc_ring[] = {
		{ "count_bits", "u32", .off = 0 },     { "descs", "u64", .off = 8 },
		{ "infos", "u64", .off = 16 },	       { "head_id", "counter_t", .off = 24 },
		{ "tail_id", "counter_t", .off = 32 }, { 0 }
	};
	static const struct fix_field data_ring[] = { { "size_bits", "u32", .off = 0 },
						      { "data", "u64", .off = 8 },
						      { 0 } };
	static const struct fix_field ring[] = { { "desc_ring", "prb_desc_ring", .off = 0 },
						 { "text_data_ring", "prb_data_ring", .off = 48 },
						 { 0 } };

	fix_btf_struct(b, "counter_t", 8, counter);
	fix_btf_struct(b, "prb_data_blk_lpos", 16, lpos);
	fix_btf_struct(b, "prb_desc", 24, desc);
	fix_btf_struct(b, "printk_info", 24, info);
	fix_btf_struct(b, "prb_desc_ring", 48, desc_ring);
	fix_btf_struct(b, "prb_data_ring", 32, data_ring);
	fix_btf_struct(b, "printk_ringbuffer", 88, ring);
}

/* Modules: the members that stub/kernel reads, of 6.4 to 6.13. */
static inline void fix_btf_modules(struct btf *b)
{
	static const struct fix_field list[] = { { "next", "u64", .off = 0 },
						 { "prev", "u64", .off = 8 },
						 { 0 } };
	static const struct fix_field mem[] = { { "base", "u64", .off = 0 },
						{ "size", "u32", .off = 8 },
						{ 0 } };
	static const struct fix_field orc[] = { { "num_orcs", "u32", .off = 0 },
						{ "orc_unwind_ip", "u64", .off = 8 },
						{ "orc_unwind", "u64", .off = 16 },
						{ 0 } };
	static const struct fix_field module[] = { { "state", "u32", .off = 0 },
						   { "list", "list_head", .off = 8 },
						   { "name", "u8", .off = 24, .n = 56 },
						   { "mem", "module_memory", .off = 80, .n = 7 },
						   { "percpu", "u64", .off = 192 },
						   { "kallsyms", "u64", .off = 200 },
						   { "sect_attrs", "u64", .off = 208 },
						   { "notes_attrs", "u64", .off = 216 },
						   { "arch", "mod_arch_specific", .off = 224 },
						   { 0 } };
	static const struct fix_field kallsyms[] = { { "symtab", "u64", .off = 0 },
						     { "num_symtab", "u32", .off = 8 },
						     { "strtab", "u64", .off = 16 },
						     { "typetab", "u64", .off = 24 },
						     { 0 } };
	static const struct fix_field attribute[] = { { "name", "u64", .off = 0 }, { 0 } };
	static const struct fix_field bin[] = { { "attr", "attribute", .off = 0 },
						{ "size", "u64", .off = 8 },
						{ "private", "u64", .off = 16 },
						{ 0 } };
	static const struct fix_field sect[] = { { "battr", "bin_attribute", .off = 0 },
						 { "address", "u64", .off = 24 },
						 { 0 } };
	static const struct fix_field sects[] = { { "nsections", "u32", .off = 0 },
						  { "attrs", "module_sect_attr", .off = 8, .n = 1 },
						  { 0 } };
	static const struct fix_field notes[] = { { "notes", "u32", .off = 0 },
						  { "attrs", "bin_attribute", .off = 8, .n = 1 },
						  { 0 } };

	fix_btf_struct(b, "list_head", 16, list);
	fix_btf_struct(b, "module_memory", 16, mem);
	fix_btf_struct(b, "mod_arch_specific", 24, orc);
	fix_btf_struct(b, "module", 256, module);
	fix_btf_struct(b, "mod_kallsyms", 32, kallsyms);
	fix_btf_struct(b, "attribute", 8, attribute);
	fix_btf_struct(b, "bin_attribute", 24, bin);
	fix_btf_struct(b, "module_sect_attr", 32, sect);
	fix_btf_struct(b, "module_sect_attrs", 40, sects);
	fix_btf_struct(b, "module_notes_attrs", 32, notes);
}
#endif
