// SPDX-License-Identifier: GPL-3.0-or-later
/* modbtf: finds the kernel's copy of a module's BTF (kernel/bpf/btf.c: btf_modules, struct btf)
 * among that of others, and refuses what cannot belong to this kernel. */
#include "tests/unit/kernfix.h"

#include <stdio.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/module/modbtf.h"
#include "stub/module/modules.h"

#ifdef HAVE_LIBBPF

#define HEAD 0xffffffff82001000ULL /* btf_modules */
#define NODE 0xffff888000010000ULL /* struct btf_module i is NODE + i * 0x1000 */
#define BTF  0xffff888000020000ULL /* and its struct btf */
#define DATA 0xffff888000030000ULL /* what it points to */
#define N    3

/* list is at 8 in struct btf_module, so nodes are not its start. */
static const struct fix_field list_head[] = { { "next", "u64", .off = 0 },
					      { "prev", "u64", .off = 8 },
					      { 0 } };
static const struct fix_field btf_module[] = { { "list", "list_head", .off = 8 },
					       { "btf", "u64", .off = 24 },
					       { 0 } };
static const struct fix_field btf_struct[] = {
	{ "data", "u64", .off = 0 },	       { "data_size", "u32", .off = 8 },
	{ "start_str_off", "u32", .off = 12 }, { "name", "u8", .off = 16, .n = 56 },
	{ "kernel_btf", "u8", .off = 72 },     { 0 }
};

struct scene {
	struct fix_kernel fk;
	struct module mod;
	struct err err;
};

/* The length of the strings in the kernel's BTF: a module's go on from there. */
static uint32_t kernel_strings(struct scene *s)
{
	size_t len;

	return load_u32((const uint8_t *)types_raw_btf(s->fk.k.types, &len) + 20);
}

/* "mole" of a user program, "worm" and "mole". */
static void setup(struct scene *s)
{
	static const char *const names[N] = { "mole", "worm", "mole" };
	struct btf *b = fix_btf_new();

	*s = (struct scene){ .mod = { .name = "mole" } };
	fix_kernel_init(&s->fk, "");
	fix_btf_struct(b, "list_head", 16, list_head);
	fix_btf_struct(b, "btf_module", 32, btf_module);
	fix_btf_struct(b, "btf", 80, btf_struct);
	fix_kernel_types(&s->fk, fix_btf_types(b));
	fix_kernel_symbol(&s->fk, "btf_modules", HEAD);
	assert_true(symtab_seal(s->fk.k.syms));
	fix_mem_add(&s->fk.mem, HEAD, 16);
	for (uint64_t i = 0; i < N; i++) {
		kva_t node = NODE + i * 0x1000, btf = BTF + i * 0x1000, data = DATA + i * 0x1000;
		char text[16];

		fix_mem_add(&s->fk.mem, node, 0x1000);
		fix_mem_add(&s->fk.mem, btf, 0x1000);
		fix_mem_add(&s->fk.mem, data, 0x1000);
		fix_mem_u64(&s->fk.mem, node + 8, i + 1 < N ? node + 0x1008 : HEAD);
		fix_mem_u64(&s->fk.mem, node + 16, i ? node - 0xff8 : HEAD);
		fix_mem_u64(&s->fk.mem, node + 24, btf);
		fix_mem_u64(&s->fk.mem, btf, data);
		fix_mem_put(&s->fk.mem, btf + 8, &(uint32_t){ 7 }, 4);
		fix_mem_put(&s->fk.mem, btf + 12, &(uint32_t){ kernel_strings(s) }, 4);
		fix_mem_put(&s->fk.mem, btf + 16, names[i], strlen(names[i]) + 1);
		fix_mem_put(&s->fk.mem, btf + 72, &(uint8_t){ i != 0 }, 1);
		snprintf(text, sizeof(text), "types %d", (int)i);
		fix_mem_put(&s->fk.mem, data, text, 8);
	}
	fix_mem_u64(&s->fk.mem, HEAD, NODE + 8);
	fix_mem_u64(&s->fk.mem, HEAD + 8, NODE + (N - 1) * 0x1000 + 8);
}

static vs_status get(struct scene *s, char text[16])
{
	AUTO_FREE void *data = NULL;
	size_t len = 0;
	vs_status st = module_btf(&s->fk.k, &s->mod, &data, &len, &s->err);

	if (st == VS_OK)
		snprintf(text, 16, "%.*s", (int)len, (const char *)data);
	return st;
}

static void expect(struct scene *s, const char *want)
{
	char text[16];

	if (get(s, text))
		fail_msg("%s\n", s->err.msg);
	assert_string_equal(text, want);
	fix_kernel_deinit(&s->fk);
}

static void expect_error(struct scene *s, vs_status want, const char *part)
{
	char text[16];

	assert_int_equal(get(s, text), want);
	if (!strstr(s->err.msg, part))
		fail_msg("%s\n", s->err.msg);
	fix_kernel_deinit(&s->fk);
}

static void test_found(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	expect(&s, "types 2"); // not that of the user's program
	setup(&s);
	strcpy(s.mod.name, "worm");
	expect(&s, "types 1");
	setup(&s);
	strcpy(s.mod.name, "moles");
	expect_error(&s, VS_NOTFOUND, "the kernel has no BTF of it");
}

/* With one node lost, the list leads there from its other end. */
static void test_lost(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	fix_mem_u64(&s.fk.mem, NODE + 8, 0xffff8880dead0000); // the first one's next
	expect(&s, "types 2");
	setup(&s);
	fix_mem_u64(&s.fk.mem, NODE + 8, 0xffff8880dead0000);
	fix_mem_u64(&s.fk.mem, HEAD + 8, 0xffff8880dead0000);
	expect_error(&s, VS_NOTFOUND, "not in the dump");
	setup(&s);
	fix_mem_u64(&s.fk.mem, NODE + 0x2000 + 24, 0xffff8880dead0000); // its struct btf
	expect_error(&s, VS_NOTFOUND, "not in the dump");
}

static void test_refused(void **state)
{
	struct scene s;
	kva_t btf = BTF + 0x2000;

	(void)state;
	setup(&s);
	fix_mem_put(&s.fk.mem, btf + 12, &(uint32_t){ kernel_strings(&s) + 1 }, 4);
	expect_error(&s, VS_CORRUPT, "its strings start at");
	setup(&s);
	fix_mem_put(&s.fk.mem, btf + 8, &(uint32_t){ 0 }, 4);
	expect_error(&s, VS_CORRUPT, "0 bytes");
	setup(&s);
	fix_mem_put(&s.fk.mem, btf + 8, &(uint32_t){ (16 << 20) + 1 }, 4);
	expect_error(&s, VS_CORRUPT, "16777217 bytes");
	setup(&s);
	fix_mem_put(&s.fk.mem, btf + 8, &(uint32_t){ 0x1001 }, 4); // behind its page
	expect_error(&s, VS_EXCLUDED, "BTF of module mole");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
int main(void)
{
	return 0;
}
#endif
