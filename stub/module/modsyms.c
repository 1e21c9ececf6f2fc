// SPDX-License-Identifier: GPL-3.0-or-later
/* modsyms.c - symbols and ORC table of a loaded module. */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/module/modsect.h"
#include "stub/module/module_record.h"

#define MAX_MOD_SYMS (1u << 20)
#define MAX_MOD_ORC  (1u << 20)

struct mod_kallsyms_va {
	uint64_t symtab, num, strtab, typetab;
};

static vs_status find_kallsyms(struct kernel *k, const struct module *m,
			       struct mod_kallsyms_va *ret, struct err *err)
{
	bool own = !record_name(k, &module_record, MODULE_KALLSYMS) &&
		   record_name(k, &module_record, MODULE_SYMTAB);
	struct record r;
	uint64_t va = m->va;
	vs_status st = own ? VS_OK
			   : record_field_read(k, &module_record, m->va, MODULE_KALLSYMS, &va, err);

	if (st == VS_OK) {
		record_read(k, own ? &module_record : &mod_kallsyms_record, va, RECORD_ALL, &r);
		st = record_need(&r, own ? MODULE_SYMTAB : KALLSYMS_SYMTAB, &ret->symtab, err);
	}
	if (st == VS_OK)
		st = record_need(&r, own ? MODULE_NUM_SYMTAB : KALLSYMS_NUM_SYMTAB, &ret->num, err);
	if (st == VS_OK)
		st = record_need(&r, own ? MODULE_STRTAB : KALLSYMS_STRTAB, &ret->strtab, err);
	if (st)
		return fail_ctx(err, st, "symbols of module %s", m->name);
	if (own || !record_get(&r, KALLSYMS_TYPETAB, &ret->typetab))
		ret->typetab = 0;
	if (ret->num > MAX_MOD_SYMS)
		return fail(err, VS_CORRUPT, "module %s: %" PRIu64 " symbols", m->name, ret->num);
	return VS_OK;
}

vs_status modsyms_each(struct kernel *k, const struct module *m,
		       bool (*fn)(void *ctx, const struct mod_symbol *s), void *ctx,
		       struct err *err)
{
	struct mod_kallsyms_va ks;
	vs_status st = find_kallsyms(k, m, &ks, err);

	for (uint64_t i = 1; st == VS_OK && i < ks.num; i++) {
		struct mod_symbol s = { .type = '?' };
		Elf64_Sym sym;

		st = mem_read(k->mem, ks.symtab + i * sizeof(sym), &sym, sizeof(sym), err);
		if (st == VS_OK)
			st = mem_read_str(k->mem, ks.strtab + sym.st_name, s.name, sizeof(s.name),
					  err);
		if (st)
			break;
		if (ks.typetab)
			mem_read(k->mem, ks.typetab + i, &s.type, 1, NULL);
		else
			s.type = (char)sym.st_info; // elf_type() stored the letter there
		s.va = sym.st_value;
		s.size = sym.st_size;
		if (sym.st_shndx != SHN_UNDEF && s.name[0] && !fn(ctx, &s))
			break;
	}
	return st;
}

struct sym_fill {
	struct module *m;
	struct elffile *file;
};

static bool add_from_memory(void *ctx, const struct mod_symbol *s)
{
	struct module *m = ctx;

	// The address of a per-CPU variable is relative to a CPU's offset.
	if (module_has(m, s->va) || (m->percpu && s->va - m->percpu < m->percpu_size))
		symtab_add(m->syms, s->name, s->va, s->size, s->type);
	return true;
}

static bool add_from_file(void *ctx, const struct elf_symbol *s)
{
	struct sym_fill *f = ctx;
	struct elf_section sec;
	kva_t base;
	char type;

	if (!s->name[0] || s->type == STT_SECTION || s->type == STT_FILE ||
	    !elffile_section_at(f->file, s->section, &sec))
		return true;
	base = strcmp(sec.name, ".data..percpu") == 0 ? f->m->percpu
						      : module_section_va(f->m, sec.name);
	if (!base || strncmp(sec.name, ".init", 5) == 0)
		return true;
	type = sec.flags & SHF_EXECINSTR ? 't' : sec.flags & SHF_WRITE ? 'd' : 'r';
	if (s->bind == STB_GLOBAL)
		type = (char)(type - 'a' + 'A');
	symtab_add(f->m->syms, s->name, base + s->value, s->size, type);
	return true;
}

static vs_status load_syms(struct kernel *k, void *owner, struct err *err)
{
	struct module *m = owner;
	vs_status st = VS_OK;

	m->syms = symtab_create();
	if (!m->syms)
		return fail(err, VS_NOMEM, "module symbols");
	st = modsyms_each(k, m, add_from_memory, m, err);
	if (st || symtab_count(m->syms) == 0) {
		struct sym_fill f = { .m = m };

		symtab_destroy(m->syms);
		m->syms = symtab_create();
		if (!m->syms)
			return fail(err, VS_NOMEM, "module symbols");
		st = module_need_file(k, m, err);
		if (st == VS_OK)
			st = module_need_sections(k, m, err);
		if (st == VS_OK)
			st = elffile_open(m->debug_path ? m->debug_path : m->path, &f.file, err);
		if (st == VS_OK)
			st = elffile_symbols(f.file, add_from_file, &f, err);
		elffile_close(f.file);
	}
	if (st == VS_OK && symtab_seal(m->syms))
		return VS_OK;
	symtab_destroy(m->syms);
	m->syms = NULL;
	return st ? st : fail(err, VS_NOMEM, "module symbols");
}

static void unload_syms(struct kernel *k, void *owner)
{
	struct module *m = owner;

	(void)k;
	symtab_destroy(m->syms);
	m->syms = NULL;
}

static const struct slot_ops syms_slot_ops = { load_syms, unload_syms };

vs_status module_need_syms(struct kernel *k, struct module *m, struct err *err)
{
	return slot_need(k, &m->syms_slot, &syms_slot_ops, m, err);
}

/* --- ORC */

static vs_status orc_from_memory(struct kernel *k, struct module *m, struct err *err)
{
	uint64_t n, ip, rules;
	uint8_t probe;
	struct record r;
	vs_status st;

	record_read(k, &module_record, m->va, RECORD_ALL, &r);
	st = record_need(&r, MODULE_NUM_ORCS, &n, err);
	if (st == VS_OK)
		st = record_need(&r, MODULE_ORC_IP, &ip, err);
	if (st == VS_OK)
		st = record_need(&r, MODULE_ORC, &rules, err);
	if (st)
		return st;
	if (n == 0 || n > MAX_MOD_ORC)
		return fail(err, VS_NOTFOUND, "module %s has %" PRIu64 " ORC rows", m->name, n);
	// If both ends of both arrays are readable, assume that the small table is.
	for (int i = 0; i < 4 && st == VS_OK; i++) {
		kva_t at = i < 2 ? ip + (i ? n * 4 - 1 : 0) : rules + (i > 2 ? n * 6 - 1 : 0);

		st = mem_read(k->mem, at, &probe, 1, err);
	}
	if (st == VS_OK)
		m->orc = (struct unwind_table){ k->mem, k->mem,	     ip,
						rules,	(uint32_t)n, k->orc.layout };
	return st;
}

/* Applies R_X86_64_PC32 relocations of .rela.orc_unwind_ip to a copy of the section, as if it were
 * at ip_va. */
static vs_status relocate_ips(struct elffile *f, const struct module *m, uint8_t *ips, size_t len,
			      kva_t ip_va, struct err *err)
{
	struct elf_section rela, symtab, target;
	const void *data, *syms;
	size_t rlen, slen;
	vs_status st = elffile_section(f, ".rela.orc_unwind_ip", &rela);

	if (st == VS_OK)
		st = elffile_section(f, ".symtab", &symtab);
	if (st == VS_OK)
		st = elffile_data(f, rela.index, &data, &rlen, err);
	if (st == VS_OK)
		st = elffile_data(f, symtab.index, &syms, &slen, err);
	if (st)
		return fail(err, st, "no relocations for ORC");
	for (size_t i = 0; i + sizeof(Elf64_Rela) <= rlen; i += sizeof(Elf64_Rela)) {
		Elf64_Rela r;
		Elf64_Sym sym;
		uint32_t value;
		kva_t base;

		memcpy(&r, (const uint8_t *)data + i, sizeof(r));
		if (!range_ok((uint64_t)ELF64_R_SYM(r.r_info) * sizeof(sym), sizeof(sym), slen) ||
		    !range_ok(r.r_offset, 4, len))
			return fail(err, VS_CORRUPT, "ORC relocation %zu is out of range", i);
		memcpy(&sym, (const uint8_t *)syms + ELF64_R_SYM(r.r_info) * sizeof(sym),
		       sizeof(sym));
		base = elffile_section_at(f, sym.st_shndx, &target)
			       ? module_section_va(m, target.name)
			       : 0;
		// Rows of code that is not in memory (.init.text) sort first and are never found.
		value = (uint32_t)((base ? base + sym.st_value + (uint64_t)r.r_addend : ip_va) -
				   (ip_va + r.r_offset));
		memcpy(ips + r.r_offset, &value, 4);
	}
	return VS_OK;
}

struct orc_pair {
	kva_t pc;
	uint8_t row[6];
};

static int by_pc(const void *a, const void *b)
{
	kva_t x = ((const struct orc_pair *)a)->pc, y = ((const struct orc_pair *)b)->pc;

	return x < y ? -1 : x > y;
}

/* Sorts the table as the module loader does (unwind_module_init()). Result: n self-relative
 * addresses at ip_va, followed by the rules. */
static bool build_sorted(struct module *m, const uint8_t *ips, const uint8_t *rules, uint32_t n,
			 kva_t ip_va)
{
	AUTO_FREE struct orc_pair *pairs = calloc(n, sizeof(*pairs));
	uint8_t *out = malloc((size_t)n * 10);

	m->orc_copy = out;
	m->orc_mem = calloc(1, sizeof(*m->orc_mem));
	if (!pairs || !out || !m->orc_mem)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		pairs[i].pc = ip_va + i * 4ULL + (uint64_t)(int64_t)(int32_t)load_u32(ips + i * 4);
		memcpy(pairs[i].row, rules + i * 6, 6);
	}
	qsort(pairs, n, sizeof(*pairs), by_pc);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t rel = (uint32_t)(pairs[i].pc - (ip_va + i * 4ULL));

		memcpy(out + i * 4ULL, &rel, 4);
		memcpy(out + n * 4ULL + i * 6ULL, pairs[i].row, 6);
	}
	mem_array_init(m->orc_mem, ip_va, out, (size_t)n * 10);
	return true;
}

static vs_status orc_from_file(struct kernel *k, struct module *m, struct err *err)
{
	struct elf_section ip_sec, rule_sec;
	struct elffile *f = NULL;
	const void *ips, *rules;
	AUTO_FREE uint8_t *copy = NULL;
	size_t ip_len = 0, rule_len = 0;
	// Addresses are self-relative, so the table may appear anywhere within reach of the text.
	kva_t ip_va = m->text_base;
	vs_status st = module_need_file(k, m, err);

	if (st == VS_OK)
		st = module_need_sections(k, m, err);
	if (st == VS_OK)
		st = elffile_open(m->path, &f, err);
	if (st == VS_OK && (elffile_section(f, ".orc_unwind_ip", &ip_sec) ||
			    elffile_section(f, ".orc_unwind", &rule_sec)))
		st = fail(err, VS_NOTFOUND, "%s has no ORC", m->path);
	if (st == VS_OK)
		st = elffile_data(f, ip_sec.index, &ips, &ip_len, err);
	if (st == VS_OK)
		st = elffile_data(f, rule_sec.index, &rules, &rule_len, err);
	if (st == VS_OK && (ip_len / 4 != rule_len / 6 || ip_len / 4 > MAX_MOD_ORC || ip_len < 4))
		st = fail(err, VS_CORRUPT, "%s: ORC sections of %zu and %zu bytes", m->path, ip_len,
			  rule_len);
	if (st == VS_OK && !(copy = malloc(ip_len)))
		st = fail(err, VS_NOMEM, "ORC of %s", m->name);
	if (st == VS_OK) {
		uint32_t n = (uint32_t)(ip_len / 4);

		memcpy(copy, ips, ip_len);
		st = relocate_ips(f, m, copy, ip_len, ip_va, err);
		if (st == VS_OK && !build_sorted(m, copy, rules, n, ip_va))
			st = fail(err, VS_NOMEM, "ORC of %s", m->name);
		if (st == VS_OK)
			m->orc = (struct unwind_table){ &m->orc_mem->mem, k->mem, ip_va,
							ip_va + n * 4ULL, n,	  k->orc.layout };
	}
	elffile_close(f);
	return st;
}

static vs_status load_orc(struct kernel *k, void *owner, struct err *err)
{
	struct module *m = owner;
	vs_status st = orc_from_memory(k, m, err);

	if (st)
		st = orc_from_file(k, m, err);
	if (m->orc.n)
		return VS_OK;
	return fail(err, VS_NOTFOUND, "unwind table of module %s is not in the dump", m->name);
}

static void unload_orc(struct kernel *k, void *owner)
{
	struct module *m = owner;

	(void)k;
	free(m->orc_copy);
	free(m->orc_mem);
	m->orc_copy = NULL;
	m->orc_mem = NULL;
	m->orc = (struct unwind_table){ 0 };
}

static const struct slot_ops orc_slot_ops = { load_orc, unload_orc };

vs_status module_need_orc(struct kernel *k, struct module *m, struct err *err)
{
	return slot_need(k, &m->orc_slot, &orc_slot_ops, m, err);
}

vs_status module_rules(struct kernel *k, struct module *m, struct unwind_rule **ret, size_t *n,
		       struct err *err)
{
	struct unwind_rule *rules;
	size_t got = 0;
	vs_status st = module_need_orc(k, m, err);

	if (st)
		return st;
	rules = calloc(m->orc.n, sizeof(*rules));
	if (!rules)
		return fail(err, VS_NOMEM, "ORC of %s", m->name);
	for (uint32_t i = 0; i < m->orc.n; i++) {
		struct unwind_rule *r = &rules[got];

		// The last row only marks the end of the code.
		if (k->arch->os->orc->row(&m->orc, i, r, NULL) == VS_OK && i + 1 < m->orc.n &&
		    r->kind != RULE_UNDEFINED && module_has_text(m, r->start) &&
		    (got == 0 || r->start >= rules[got - 1].end))
			got++;
	}
	*ret = rules;
	*n = got;
	return VS_OK;
}
