// SPDX-License-Identifier: GPL-3.0-or-later
/* modules: the list, ranges, sections, build-id, symbols and unwind tables of modules laid out by
 * hand like in kernels 6.4 to 6.13, and their memory like in older ones. There are no files, only
 * memory. */
#include "tests/unit/kernfix.h"

#include <elf.h>
#include <stdio.h>

#include "stub/base/cleanup.h"
#include "stub/module/modules.h"
#include "stub/module/modsect.h"

#ifdef HAVE_LIBBPF

#define HEAD  0xffffffff82000000ULL
#define MOD_A 0xffffffffc0205000ULL
#define MOD_B 0xffffffffc0305000ULL
#define TEXT  0xffffffffc0200000ULL /* of A; B's is 1 MiB higher */
#define DATA  0xffffffffc0202000ULL
#define KS    0xffff888001000000ULL
#define ATTRS 0xffff888002000000ULL

static void put_u32(struct fix_kernel *fk, kva_t va, uint32_t v)
{
	fix_mem_put(&fk->mem, va, &v, 4);
}

static void put_str(struct fix_kernel *fk, kva_t va, const char *s)
{
	fix_mem_put(&fk->mem, va, s, strlen(s) + 1);
}

/* Writes a live module with 0x1800 bytes of text, data and freed init text. */
static void put_module(struct fix_kernel *fk, kva_t va, const char *name, kva_t text, kva_t next)
{
	fix_mem_add(&fk->mem, va, 256);
	fix_mem_u64(&fk->mem, va + 8, next);
	put_str(fk, va + 24, name);
	fix_mem_u64(&fk->mem, va + 80, text);
	put_u32(fk, va + 88, 0x1800);
	fix_mem_u64(&fk->mem, va + 96, text + 0x2000);
	put_u32(fk, va + 104, 0x1000);
	fix_mem_u64(&fk->mem, va + 80 + 4 * 16, text + 0x1000); // MOD_INIT_TEXT: not the module's
	put_u32(fk, va + 88 + 4 * 16, 0x10000);
	fix_mem_u64(&fk->mem, va + 192, 0x2b000);
}

static void setup(struct fix_kernel *fk)
{
	struct btf *b = fix_btf_new();

	fix_kernel_init(fk, "");
	fix_btf_modules(b);
	fix_kernel_types(fk, fix_btf_types(b));
	slot_forget(&fk->k, &fk->k.modules_slot);
	fix_kernel_symbol(fk, "modules", HEAD);
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, HEAD, 16);
	fix_mem_u64(&fk->mem, HEAD, MOD_A + 8);
	put_module(fk, MOD_A, "snd_a", TEXT, MOD_B + 8);
	put_module(fk, MOD_B, "b", TEXT + 0x100000, HEAD);
}

static void end(struct fix_kernel *fk)
{
	fix_kernel_deinit(fk);
}

static struct modules *load(struct fix_kernel *fk)
{
	struct modules *m = NULL;
	struct err err;

	if (kernel_need_modules(&fk->k, &m, &err))
		fail_msg("%s\n", err.msg);
	for (size_t i = 0; i < m->n; i++)
		m->v[i].file_slot =
			(struct slot){ .tried = true, .st = VS_NOTFOUND }; // only memory
	return m;
}

static void test_list(void **state)
{
	struct fix_kernel fk;
	struct modules *m;
	const struct module *a;
	kva_t start, stop;

	(void)state;
	setup(&fk);
	m = load(&fk);
	assert_int_equal(m->n, 2);
	assert_int_equal(m->stop, VS_OK);
	a = modules_by_name(m, "snd-a"); // the file's name
	assert_ptr_equal(a, &m->v[0]);
	assert_string_equal(a->name, "snd_a");
	assert_u64(a->va, MOD_A);
	assert_u64(a->text_base, TEXT);
	assert_u64(a->size, 0x2800);
	assert_u64(a->percpu, 0x2b000);
	assert_null(modules_by_name(m, "snd"));
	assert_null(modules_by_name(m, "snd_ab"));
	assert_true(module_has_text(a, TEXT) && module_has_text(a, TEXT + 0x17ff));
	assert_false(module_has_text(a, TEXT + 0x1800)); // freed init code
	assert_false(module_has_text(a, DATA));
	assert_false(module_has_text(a, TEXT - 1));
	assert_true(module_has(a, DATA + 0xfff));
	assert_ptr_equal(modules_by_va(m, DATA), a);
	assert_null(modules_by_va(m, DATA + 0x1000));
	assert_ptr_equal(modules_text_after(m, 0, &start, &stop), a);
	assert_true(start == TEXT && stop == TEXT + 0x1800);
	assert_ptr_equal(modules_text_after(m, TEXT + 0x17ff, &start, &stop), a);
	assert_ptr_equal(modules_text_after(m, TEXT + 0x1800, &start, &stop), &m->v[1]);
	assert_u64(start, TEXT + 0x100000);
	assert_null(modules_text_after(m, TEXT + 0x101800, &start, &stop));
	end(&fk);
}

/* Modules before the end of a broken list stay. */
static void test_broken_list(void **state)
{
	struct fix_kernel fk;
	struct modules *m;

	(void)state;
	setup(&fk);
	fix_mem_u64(&fk.mem, MOD_B + 8, 0xffffffffc0999008ULL); // not in the dump
	m = load(&fk);
	assert_int_equal(m->n, 2);
	assert_int_equal(m->stop, VS_EXCLUDED);
	assert_true(m->why.msg[0]);
	end(&fk);
	setup(&fk);
	fix_mem_u64(&fk.mem, MOD_B + 8, MOD_B + 8); // never comes back to its head
	m = load(&fk);
	assert_int_equal(m->stop, VS_CORRUPT);
	assert_true(m->n > 2);
	end(&fk);
	setup(&fk);
	fix_mem_u64(&fk.mem, HEAD, 0x1000);
	assert_int_equal(kernel_need_modules(&fk.k, &m, NULL), VS_EXCLUDED);
	end(&fk);
	setup(&fk);
	fix_mem_u64(&fk.mem, HEAD, HEAD); // none loaded
	m = load(&fk);
	assert_true(m->n == 0 && m->stop == VS_OK);
	end(&fk);
}

static void test_states(void **state)
{
	struct fix_kernel fk;
	struct modules *m;

	(void)state;
	setup(&fk);
	put_u32(&fk, MOD_A, 3); // MODULE_STATE_UNFORMED
	put_str(&fk, MOD_B + 24, "a/b \x1b[2J");
	fix_mem_u64(&fk.mem, MOD_B + 80, 0xffffffffffffffffULL);
	put_u32(&fk, MOD_B + 88, 0xffffffff); // larger than the whole module area
	m = load(&fk);
	assert_int_equal(m->n, 1);
	assert_null(strchr(m->v[0].name, '/'));
	assert_null(strchr(m->v[0].name, '\x1b'));
	assert_u64(m->v[0].text_base, 0);
	end(&fk);
}

/* struct module_sect_attrs: nsections, then module_sect_attr[] of 32 bytes. */
static void put_sections(struct fix_kernel *fk, uint32_t n)
{
	static const struct {
		const char *name;
		kva_t va;
	} rows[] = { { ".text", TEXT }, { ".data", DATA }, { ".bss", DATA + 0x800 } };

	fix_mem_add(&fk->mem, ATTRS, 0x1000);
	fix_mem_u64(&fk->mem, MOD_A + 208, ATTRS);
	put_u32(fk, ATTRS, n);
	for (size_t i = 0; i < 3; i++) {
		kva_t name = ATTRS + 0x800 + i * 64;

		fix_mem_u64(&fk->mem, ATTRS + 8 + i * 32, name);
		fix_mem_u64(&fk->mem, ATTRS + 8 + i * 32 + 24, rows[i].va);
		put_str(fk, name, rows[i].name);
	}
}

static void test_sections(void **state)
{
	struct fix_kernel fk;
	struct modules *m;
	struct err err;

	(void)state;
	setup(&fk);
	put_sections(&fk, 3);
	m = load(&fk);
	assert_int_equal(module_need_sections(&fk.k, &m->v[0], &err), VS_OK);
	assert_string_equal(m->v[0].sections_source, "sect_attrs");
	assert_u64(module_section_va(&m->v[0], ".text"), TEXT);
	assert_u64(module_section_va(&m->v[0], ".bss"), DATA + 0x800);
	assert_u64(module_section_va(&m->v[0], ".init.text"), 0);
	// the other has no attributes and no file
	assert_int_equal(module_need_sections(&fk.k, &m->v[1], &err), VS_NOTFOUND);
	assert_non_null(strstr(err.msg, "module b"));
	end(&fk);
	setup(&fk);
	put_sections(&fk, 0xffffffff);
	m = load(&fk);
	(void)module_need_sections(&fk.k, &m->v[0], &err);
	end(&fk);
}

static void test_build_id(void **state)
{
	static const uint32_t note[] = { 4, 20, 3, 0x00554e47, 1, 2, 3, 4, 5 };
	struct build_id id = { .len = 0 }, other;
	struct fix_kernel fk;
	struct modules *m;

	(void)state;
	assert_true(build_id_from_notes(note, sizeof(note), &id));
	other = id;
	other.b[0]++;
	setup(&fk);
	fix_mem_add(&fk.mem, ATTRS, 0x100);
	fix_mem_u64(&fk.mem, MOD_A + 216, ATTRS);
	put_u32(&fk, ATTRS, 1);
	fix_mem_u64(&fk.mem, ATTRS + 8 + 8, sizeof(note));
	fix_mem_u64(&fk.mem, ATTRS + 8 + 16, ATTRS + 0x80);
	fix_mem_put(&fk.mem, ATTRS + 0x80, note, sizeof(note));
	// B has lost its attributes: its id is in its data
	fix_mem_add(&fk.mem, TEXT + 0x102000, 0x1000);
	fix_mem_put(&fk.mem, TEXT + 0x102ff0 - 20, id.b, 20);
	m = load(&fk);
	for (int i = 0; i < 2; i++) {
		assert_true(modsect_id_in_memory(&fk.k, &m->v[i], &id));
		assert_false(modsect_id_in_memory(&fk.k, &m->v[i], &other));
	}
	assert_int_equal(m->v[0].id.len, 20);
	other.len = 0;
	assert_false(modsect_id_in_memory(&fk.k, &m->v[1], &other));
	end(&fk);
}

static void put_symbol(struct fix_kernel *fk, unsigned i, const char *name, kva_t va,
		       uint16_t section, char type)
{
	Elf64_Sym sym = { .st_name = i * 32, .st_value = va, .st_size = 8, .st_shndx = section };

	fix_mem_put(&fk->mem, KS + 0x100 + i * sizeof(sym), &sym, sizeof(sym));
	put_str(fk, KS + 0x800 + i * 32, name);
	fix_mem_put(&fk->mem, KS + 0xc00 + i, &type, 1);
}

static void test_symbols(void **state)
{
	struct fix_kernel fk;
	struct modules *m;
	struct err err;
	const struct symbol *s;

	(void)state;
	setup(&fk);
	fix_mem_add(&fk.mem, KS, 0x1000);
	fix_mem_u64(&fk.mem, MOD_A + 200, KS);
	fix_mem_u64(&fk.mem, KS, KS + 0x100);
	put_u32(&fk, KS + 8, 6);
	fix_mem_u64(&fk.mem, KS + 16, KS + 0x800);
	fix_mem_u64(&fk.mem, KS + 24, KS + 0xc00);
	put_symbol(&fk, 0, "null symbol", TEXT, 1, 't');
	put_symbol(&fk, 1, "a_init", TEXT + 0x9000, 1, 't'); // freed
	put_symbol(&fk, 2, "a_open", TEXT + 0x100, 1, 'T');
	put_symbol(&fk, 3, "printk", TEXT + 0x200, SHN_UNDEF, 'U');
	put_symbol(&fk, 4, "", TEXT + 0x300, 1, 't');
	put_symbol(&fk, 5, "a_state", DATA + 8, 2, 'd');
	m = load(&fk);
	assert_int_equal(module_need_syms(&fk.k, &m->v[0], &err), VS_OK);
	assert_int_equal(symtab_count(m->v[0].syms), 2);
	s = symtab_find(m->v[0].syms, "a_open");
	assert_non_null(s);
	assert_true(s->va == TEXT + 0x100 && s->type == 'T' && s->size == 8);
	assert_string_equal(symtab_lookup(m->v[0].syms, DATA + 9)->name, "a_state");
	// none in memory and no file
	assert_true(module_need_syms(&fk.k, &m->v[1], &err) != VS_OK);
	assert_true(module_need_syms(&fk.k, &m->v[1], &err) != VS_OK);
	assert_true(err.msg[0]);
	end(&fk);
}

static void test_orc(void **state)
{
	struct unwind_rule r;
	struct fix_kernel fk;
	struct modules *m;
	struct err err;
	int32_t rel;

	(void)state;
	setup(&fk);
	fk.k.orc.layout = arch_x86_64.os->orc->layout(NULL, -1, "6.12.0");
	fix_mem_add(&fk.mem, DATA, 0x1000);
	put_u32(&fk, MOD_A + 224, 2);
	fix_mem_u64(&fk.mem, MOD_A + 232, DATA);
	fix_mem_u64(&fk.mem, MOD_A + 240, DATA + 0x100);
	for (unsigned i = 0; i < 2; i++) {
		const uint16_t row[3] = { (uint16_t)(8 + 8 * i), 0, 0x205 };

		rel = (int32_t)(TEXT + i * 0x40 - (DATA + i * 4));
		fix_mem_put(&fk.mem, DATA + i * 4, &rel, 4);
		fix_mem_put(&fk.mem, DATA + 0x100 + i * 6, row, 6);
	}
	put_u32(&fk, MOD_B + 224, 0x7fffffff); // more rows than fit in memory
	m = load(&fk);
	assert_int_equal(module_need_orc(&fk.k, &m->v[0], &err), VS_OK);
	assert_int_equal(arch_x86_64.os->orc->find(&m->v[0].orc, TEXT + 0x41, &r, &err), VS_OK);
	assert_int_equal(r.cfa_off, 16);
	assert_int_equal(module_need_orc(&fk.k, &m->v[1], &err), VS_NOTFOUND);
	end(&fk);
}

/* --- layouts before 6.4, one live module: TEXT has 0x1800 bytes of text, then data up to 0x3000 */

static void setup_old(struct fix_kernel *fk, const struct fix_field *module)
{
	static const struct fix_field list[] = { { "next", "u64", .off = 0 },
						 { "prev", "u64", .off = 8 },
						 { 0 } };
	static const struct fix_field layout[] = { { "base", "u64", .off = 0 },
						   { "size", "u32", .off = 8 },
						   { "text_size", "u32", .off = 12 },
						   { 0 } };
	struct btf *b = fix_btf_new();

	fix_kernel_init(fk, "");
	fix_btf_struct(b, "list_head", 16, list);
	fix_btf_struct(b, "module_layout", 16, layout);
	fix_btf_struct(b, "module", 256, module);
	fix_kernel_types(fk, fix_btf_types(b));
	slot_forget(&fk->k, &fk->k.modules_slot);
	fix_kernel_symbol(fk, "modules", HEAD);
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, HEAD, 16);
	fix_mem_u64(&fk->mem, HEAD, MOD_A + 8);
	fix_mem_add(&fk->mem, MOD_A, 256);
	fix_mem_u64(&fk->mem, MOD_A + 8, HEAD);
	put_str(fk, MOD_A + 24, "old");
}

static void check_old_ranges(const struct module *m)
{
	assert_u64(m->text_base, TEXT);
	assert_u64(m->size, 0x3000);
	assert_true(module_has_text(m, TEXT + 0x17ff));
	assert_false(module_has_text(m, TEXT + 0x1800));
	assert_true(module_has(m, TEXT + 0x2fff));
	assert_false(module_has(m, TEXT + 0x3000));
}

/* 4.5 to 6.3 */
static void test_core_layout(void **state)
{
	static const struct fix_field module[] = { { "state", "u32", .off = 0 },
						   { "list", "list_head", .off = 8 },
						   { "name", "u8", .off = 24, .n = 56 },
						   { "core_layout", "module_layout", .off = 80 },
						   { "init_layout", "module_layout", .off = 96 },
						   { 0 } };
	struct fix_kernel fk;

	(void)state;
	setup_old(&fk, module);
	fix_mem_u64(&fk.mem, MOD_A + 80, TEXT);
	put_u32(&fk, MOD_A + 88, 0x3000);
	put_u32(&fk, MOD_A + 92, 0x1800);
	fix_mem_u64(&fk.mem, MOD_A + 96, TEXT + 0x10000);
	put_u32(&fk, MOD_A + 104, 0x1000);
	check_old_ranges(&load(&fk)->v[0]);
	end(&fk);
}

/* Before 4.5, the members were in struct module itself, as were those about symbols. */
static void test_module_core(void **state)
{
	static const struct fix_field module[] = { { "state", "u32", .off = 0 },
						   { "list", "list_head", .off = 8 },
						   { "name", "u8", .off = 24, .n = 56 },
						   { "module_init", "u64", .off = 80 },
						   { "module_core", "u64", .off = 88 },
						   { "init_size", "u32", .off = 96 },
						   { "core_size", "u32", .off = 100 },
						   { "init_text_size", "u32", .off = 104 },
						   { "core_text_size", "u32", .off = 108 },
						   { "symtab", "u64", .off = 112 },
						   { "num_symtab", "u32", .off = 120 },
						   { "strtab", "u64", .off = 128 },
						   { 0 } };
	struct fix_kernel fk;
	struct modules *m;
	const struct symbol *s;
	struct err err;

	(void)state;
	setup_old(&fk, module);
	fix_mem_u64(&fk.mem, MOD_A + 88, TEXT);
	put_u32(&fk, MOD_A + 100, 0x3000);
	put_u32(&fk, MOD_A + 108, 0x1800);
	fix_mem_add(&fk.mem, KS, 0x1000);
	fix_mem_u64(&fk.mem, MOD_A + 112, KS + 0x100);
	put_u32(&fk, MOD_A + 120, 2);
	fix_mem_u64(&fk.mem, MOD_A + 128, KS + 0x800);
	put_symbol(&fk, 1, "old_open", TEXT + 0x100, 1, 0);
	fix_mem_put(&fk.mem, KS + 0x100 + sizeof(Elf64_Sym) + 4, "T", 1); // st_info
	m = load(&fk);
	check_old_ranges(&m->v[0]);
	assert_int_equal(module_need_syms(&fk.k, &m->v[0], &err), VS_OK);
	s = symtab_find(m->v[0].syms, "old_open");
	assert_non_null(s);
	assert_true(s->va == TEXT + 0x100 && s->type == 'T');
	end(&fk);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_broken_list),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_build_id),
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_orc),
		cmocka_unit_test(test_core_layout),
		cmocka_unit_test(test_module_core),
#endif
		{ 0 },
	};

	return _cmocka_run_group_tests("modules", tests, sizeof(tests) / sizeof(tests[0]) - 1, NULL,
				       NULL);
}
