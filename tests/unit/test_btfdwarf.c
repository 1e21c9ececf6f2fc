// SPDX-License-Identifier: GPL-3.0-or-later
/* BTF as DWARF: libdw, which did not write it, reads from the image what libbpf reads from the BTF;
 * and damaged BTF ends in an image without what is wrong. */
#include "tests/unit/memfix.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/elf/btfdwarf.h"
#include "stub/elf/btftab.h"
#include "stub/elf/symimage.h"
#include "stub/symbols/types.h"

#ifdef HAVE_LIBBPF
#include <bpf/btf.h>

#define LO UINT64_C(0xffffffff81000000)
#define HI UINT64_C(0xffffffff82000000)

/* --- images of BTF */

static bool find_by_name(void *ctx, const char *name, bool function, struct btfdwarf_place *ret)
{
	(void)ctx;
	if (strcmp(name, "absent") == 0 || strstr(name, "_impl"))
		return false;
	*ret = (struct btfdwarf_place){ .va = LO + (function ? 0x1000 : 0x800000),
					.size = 0x40,
					.global = true };
	if (strcmp(name, "second") == 0)
		ret->va += 0x20; // inside the first
	return true;
}

/* An image in a memfd; nbad: how many types of it are bad, why: of the first. */
static int image_of(struct btf *b, uint32_t *nbad, struct err *why)
{
	struct btfdwarf_source src = { .unit = "types", .find = find_by_name };
	AUTO(btfdwarf) d = { 0 };
	AUTO(buf) image = { 0 };
	struct btftab *t = NULL;
	struct err err;
	uint32_t len;
	const void *raw = btf__raw_data(b, &len);
	int fd = memfd_create("image", 0);

	assert_non_null(raw);
	if (btftab_create(raw, len, NULL, &t, &err))
		fail_msg("%s\n", err.msg);
	*nbad = t->nbad;
	*why = t->why;
	src.types = t;
	assert_int_equal(btfdwarf_build(&src, &d, &err), VS_OK);
	assert_int_equal(symimage_build(NULL, 0, LO, HI, NULL, &d, &image, &err), VS_OK);
	btftab_destroy(t);
	btf__free(b);
	assert_int_equal(write(fd, image.p, image.len), image.len);
	return fd;
}

static struct types *dwarf_of(int fd)
{
	struct types *t = NULL;
	struct err err;

	if (types_from_dwarf_fd(fd, "image", &t, &err))
		fail_msg("%s\n", err.msg);
	return t;
}

static void expect(struct types *t, const char *type, const char *path, uint64_t off, uint64_t size)
{
	struct member m;
	struct err err;

	if (types_member(t, type, path, &m, &err))
		fail_msg("%s\n", err.msg);
	assert_u64(m.off, off);
	assert_u64(m.size, size);
	assert_int_equal(m.bit_size, 0);
}

/* --- what is right */

enum { INT = 1, U64, CHAR, INDEX, LIST, LIST_PTR };

static struct btf *make_btf(void)
{
	struct btf *b = btf__new_empty();

	assert_int_equal(btf__add_int(b, "int", 4, BTF_INT_SIGNED), INT);
	assert_int_equal(btf__add_int(b, "long unsigned int", 8, 0), U64);
	assert_int_equal(btf__add_int(b, "char", 1, BTF_INT_SIGNED), CHAR);
	assert_int_equal(btf__add_int(b, "__ARRAY_SIZE_TYPE__", 4, 0), INDEX);
	assert_int_equal(btf__add_struct(b, "list_head", 16), LIST);
	btf__add_field(b, "next", LIST_PTR, 0, 0);
	btf__add_field(b, "prev", LIST_PTR, 64, 0);
	assert_int_equal(btf__add_ptr(b, LIST), LIST_PTR);
	return b;
}

/* As before Linux 6.0, when BTF did not say whether an enum is signed. */
static void test_enums_without_signs(void **state)
{
	struct btf *b = make_btf();
	struct types *t;
	uint32_t nbad;
	struct err why;
	int64_t v;
	int fd;

	(void)state;
	btf__add_enum(b, "memory", 4);
	btf__add_enum_value(b, "RAM", 1);
	btf__add_enum_value(b, "SOFT", 0xefffffff);
	btf__add_enum(b, "state", 4);
	btf__add_enum_value(b, "UNKNOWN", 0xffffffff);
	btf__add_enum_value(b, "FIRST", 0x80000000);
	fd = image_of(b, &nbad, &why);
	t = dwarf_of(fd);
	assert_int_equal(types_enumerator(t, "SOFT", &v, NULL), VS_OK);
	assert_true(v == 0xefffffff);
	assert_int_equal(types_enumerator(t, "UNKNOWN", &v, NULL), VS_OK);
	assert_true(v == -1);
	assert_int_equal(types_enumerator(t, "FIRST", &v, NULL), VS_OK);
	assert_true(v == INT32_MIN);
	types_destroy(t);
	close(fd);
}

static void put_enums(int fd, char *text)
{
	Dwarf *dw = dwarf_begin(fd, DWARF_C_READ);
	Dwarf_Die unit, die;

	assert_non_null(dw);
	assert_int_equal(dwarf_get_units(dw, NULL, &(Dwarf_CU *){ NULL }, NULL, NULL, &unit, NULL),
			 0);
	assert_int_equal(dwarf_child(&unit, &die), 0);
	do {
		if (dwarf_tag(&die) != DW_TAG_enumeration_type)
			continue;
		sprintf(text + strlen(text), "%s: ", dwarf_diename(&die));
		if (dwarf_hasattr(&die, DW_AT_declaration))
			strcat(text, "declaration\n");
		else
			sprintf(text + strlen(text), "%d\n", dwarf_bytesize(&die));
	} while (dwarf_siblingof(&die, &die) == 0);
	dwarf_end(dw);
}

/* An enum that C only declares has no size; one of eight bytes from before Linux 6.0 has a size,
 * but no values, which BTF cut to four bytes. */
static void test_enums_without_values(void **state)
{
	struct btf *b = make_btf();
	int declared, flags;
	char text[200] = "";
	struct types *t;
	uint32_t nbad;
	struct err why;
	int64_t v;
	int fd;

	(void)state;
	declared = btf__add_enum(b, "declared", 4);
	flags = btf__add_enum(b, "flags", 8);
	btf__add_enum_value(b, "FLAG_63", 0);
	btf__add_struct(b, "holder", 16);
	btf__add_field(b, "flags", flags, 0, 0);
	btf__add_field(b, "pointer", btf__type_cnt(b), 64, 0);
	btf__add_ptr(b, declared);
	btf__add_enum64(b, "wide", 8, false);
	btf__add_enum64_value(b, "WIDE_63", 1ULL << 63);
	fd = image_of(b, &nbad, &why);
	assert_int_equal(nbad, 0);
	t = dwarf_of(fd);
	expect(t, "holder", "flags", 0, 8);
	assert_int_equal(types_enumerator(t, "FLAG_63", &v, NULL), VS_NOTFOUND);
	assert_int_equal(types_enumerator(t, "WIDE_63", &v, NULL), VS_OK);
	assert_u64((uint64_t)v, 1ULL << 63);
	types_destroy(t);
	put_enums(fd, text);
	assert_string_equal(text, "declared: declaration\nflags: 8\nwide: 8\n");
	close(fd);
}

static void test_types(void **state)
{
	struct btf *b = make_btf();
	int names = btf__add_array(b, INDEX, CHAR, 16), flexible = btf__add_array(b, INDEX, U64, 0);
	int volatile_int = btf__add_volatile(b, INT), tag, anon, kind, proto, fn;
	struct types *t;
	uint32_t nbad;
	struct member m;
	struct err why;
	uint64_t size;
	int64_t v;
	int fd;

	(void)state;
	tag = btf__add_type_tag(b, "user", volatile_int);
	anon = btf__add_union(b, NULL, 8);
	btf__add_field(b, "whole", U64, 0, 0);
	btf__add_field(b, "half", tag, 0, 0);
	kind = btf__add_enum(b, "kind", 4);
	btf__add_enum_value(b, "KIND_A", 300);
	btf__add_enum_value(b, "KIND_B", -7);
	btf__add_enum64(b, "wide", 8, false);
	btf__add_enum64_value(b, "WIDE", 0xfedcba9876543210ULL);
	proto = btf__add_func_proto(b, 0);
	btf__add_func_param(b, "first", LIST_PTR);
	btf__add_func_param(b, "", 0); // ...
	fn = btf__add_ptr(b, proto);
	btf__add_typedef(b, "fn_t", fn);
	btf__add_struct(b, "sample", 64);
	btf__add_field(b, "name", names, 0, 0);
	btf__add_field(b, NULL, anon, 16 * 8, 0);
	btf__add_field(b, "list", LIST, 24 * 8, 0);
	btf__add_field(b, "flags", U64, 40 * 8 + 3, 33);
	btf__add_field(b, "kind", kind, 48 * 8, 0);
	btf__add_field(b, "call", fn, 56 * 8, 0);
	btf__add_field(b, "rest", flexible, 64 * 8, 0);
	fd = image_of(b, &nbad, &why);
	assert_int_equal(nbad, 0);
	t = dwarf_of(fd);
	expect(t, "sample", "name", 0, 16);
	expect(t, "sample", "name[3]", 3, 1);
	expect(t, "sample", "whole", 16, 8);
	expect(t, "sample", "half", 16, 4);
	expect(t, "sample", "list.prev", 32, 8);
	expect(t, "sample", "kind", 48, 4);
	expect(t, "sample", "call", 56, 8);
	assert_int_equal(types_member(t, "sample", "flags", &m, NULL), VS_OK);
	assert_u64(m.off * 8 + m.bit_off, 40 * 8 + 3);
	assert_int_equal(m.bit_size, 33);
	assert_int_equal(types_enumerator(t, "KIND_A", &v, NULL), VS_OK);
	assert_true(v == 300);
	assert_int_equal(types_enumerator(t, "KIND_B", &v, NULL), VS_OK);
	assert_true(v == -7);
	assert_int_equal(types_enumerator(t, "WIDE", &v, NULL), VS_OK);
	assert_u64((uint64_t)v, 0xfedcba9876543210ULL);
	assert_int_equal(types_size(t, "fn_t", &size, NULL), VS_OK);
	assert_u64(size, 8);
	types_destroy(t);
	close(fd);
}

static int count_function(Dwarf_Die *die, void *ctx)
{
	Dwarf_Addr lo = 0, hi = 0;
	char *text = ctx;

	dwarf_lowpc(die, &lo);
	dwarf_highpc(die, &hi);
	sprintf(text + strlen(text), "%s %#llx-%#llx\n", dwarf_diename(die), (unsigned long long)lo,
		(unsigned long long)hi);
	return DWARF_CB_OK;
}

/* Functions stand in a unit of their own that covers them, where structs are only declared. */
static void test_functions(void **state)
{
	struct btf *b = make_btf();
	int proto = btf__add_func_proto(b, INT);
	char text[200] = "";
	uint32_t nbad;
	struct err why;
	Dwarf_Die unit, type, function, param;
	Dwarf_Attribute at;
	Dwarf_CU *cu = NULL;
	Dwarf_Addr lo, hi;
	Dwarf *dw;
	int fd;

	(void)state;
	btf__add_func_param(b, "list", LIST_PTR);
	btf__add_func(b, "second", BTF_FUNC_STATIC, proto);
	btf__add_func(b, "first", BTF_FUNC_GLOBAL, proto);
	btf__add_func(b, "absent", BTF_FUNC_GLOBAL, proto);
	btf__add_var(b, "counter", BTF_VAR_STATIC, U64);
	fd = image_of(b, &nbad, &why);
	dw = dwarf_begin(fd, DWARF_C_READ);
	assert_non_null(dw);
	for (int i = 0; i < 2; i++) // the first has the types
		assert_int_equal(dwarf_get_units(dw, cu, &cu, NULL, NULL, &unit, NULL), 0);
	assert_int_equal(dwarf_lowpc(&unit, &lo) | dwarf_highpc(&unit, &hi), 0);
	assert_u64(lo, LO + 0x1000);
	assert_u64(hi, LO + 0x1060);
	dwarf_getfuncs(&unit, count_function, text, 0);
	assert_string_equal(text, "first 0xffffffff81001000-0xffffffff81001020\n"
				  "second 0xffffffff81001020-0xffffffff81001060\n");
	assert_int_equal(dwarf_child(&unit, &function), 0);
	assert_int_equal(dwarf_child(&function, &param), 0);
	assert_string_equal(dwarf_diename(&param), "list");
	assert_non_null(dwarf_attr(&param, DW_AT_type, &at));
	assert_non_null(dwarf_formref_die(&at, &type));
	assert_non_null(dwarf_attr(&type, DW_AT_type, &at)); // of the pointer
	assert_non_null(dwarf_formref_die(&at, &type));
	assert_string_equal(dwarf_diename(&type), "list_head");
	assert_true(dwarf_hasattr(&type, DW_AT_declaration));
	dwarf_end(dw);
	close(fd);
}

static void put_names(Dwarf_Die *die, char *text)
{
	Dwarf_Die param;

	sprintf(text + strlen(text), "%s(", dwarf_diename(die));
	if (dwarf_child(die, &param) == 0)
		do
			sprintf(text + strlen(text), " %s", dwarf_diename(&param));
		while (dwarf_siblingof(&param, &param) == 0);
	strcat(text, " )\n");
}

static int put_function_names(Dwarf_Die *die, void *ctx)
{
	put_names(die, ctx);
	return DWARF_CB_OK;
}

/* BTF hides the last parameters of a kfunc, and tells them under another name, of which there is no
 * code: find_by_name() finds none whose name ends so. */
static void test_kfuncs(void **state)
{
	struct btf *b = make_btf();
	int shorter = btf__add_func_proto(b, INT), whole, f;
	char text[200] = "";
	uint32_t nbad;
	struct err why;
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit;
	Dwarf *dw;
	int fd;

	(void)state;
	btf__add_func_param(b, "a", INT);
	whole = btf__add_func_proto(b, INT);
	btf__add_func_param(b, "a", INT);
	btf__add_func_param(b, "hidden", LIST_PTR);
	f = btf__add_func(b, "first", BTF_FUNC_GLOBAL, shorter); // no kfunc
	btf__add_func(b, "first_impl", BTF_FUNC_GLOBAL, whole);
	f = btf__add_func(b, "second", BTF_FUNC_GLOBAL, shorter);
	btf__add_decl_tag(b, "bpf_kfunc", f, -1);
	btf__add_func(b, "second_impl", BTF_FUNC_GLOBAL, whole);
	fd = image_of(b, &nbad, &why);
	assert_int_equal(nbad, 0);
	dw = dwarf_begin(fd, DWARF_C_READ);
	assert_non_null(dw);
	while (dwarf_get_units(dw, cu, &cu, NULL, NULL, &unit, NULL) == 0)
		dwarf_getfuncs(&unit, put_function_names, text, 0);
	assert_string_equal(text, "first( a )\nsecond( a hidden )\n");
	dwarf_end(dw);
	close(fd);
}

/* --- what is wrong */

/* A good struct beside what add() makes. Bad types: nbad, of which the first says why; with it the
 * struct "broken" is or is not there. */
static void check_damage(void (*add)(struct btf *b), uint32_t nbad, const char *why, bool broken)
{
	struct btf *b = make_btf();
	uint32_t n;
	struct types *t;
	struct err err;
	int fd;

	add(b);
	fd = image_of(b, &n, &err);
	assert_int_equal(n, nbad);
	assert_non_null(strstr(err.msg, why));
	t = dwarf_of(fd);
	expect(t, "list_head", "prev", 8, 8);
	assert_int_equal(types_size(t, "broken", &(uint64_t){ 0 }, NULL),
			 broken ? VS_OK : VS_NOTFOUND);
	types_destroy(t);
	close(fd);
}

static void holds_itself(struct btf *b)
{
	int id = btf__add_struct(b, "broken", 24);

	btf__add_field(b, "self", id + 1, 0, 0);
	btf__add_array(b, INDEX, id, 1);
}

static void points_in_a_ring(struct btf *b)
{
	int id = btf__add_ptr(b, INT + 8);

	btf__add_const(b, id);
	btf__add_ptr(b, id + 1);
	btf__add_ptr(b, id + 3); // to itself
}

static void long_chain(struct btf *b)
{
	int id = btf__add_ptr(b, INT);

	for (int i = 0; i < 300; i++)
		id = btf__add_ptr(b, id);
}

static void long_chain_backwards(struct btf *b)
{
	int id = btf__add_ptr(b, LIST_PTR + 2);

	for (int i = 0; i < 300; i++)
		id = btf__add_ptr(b, id + 2);
}

static void member_outside(struct btf *b)
{
	btf__add_struct(b, "broken", 8);
	btf__add_field(b, "far", U64, 32, 0);
}

static void too_large(struct btf *b)
{
	int id = btf__add_array(b, INDEX, U64, UINT32_MAX);

	id = btf__add_array(b, INDEX, id, UINT32_MAX);
	btf__add_struct(b, "broken", UINT32_MAX);
	btf__add_field(b, "many", id, 0, 0);
	btf__add_field(b, "bits", U64, 0, 65);
}

static void no_such_type(struct btf *b)
{
	btf__add_typedef(b, "broken", 4000000);
}

static void test_damage(void **state)
{
	(void)state;
	check_damage(holds_itself, 1, "contains or refers to itself", true);
	check_damage(points_in_a_ring, 2, "itself", false);
	check_damage(long_chain, 1, "too long a chain", false);
	check_damage(long_chain_backwards, 2, "", false);
	check_damage(member_outside, 1, "type 7 broken has a member outside of it", false);
	check_damage(too_large, 2, "is too large", false);
	check_damage(no_such_type, 1, "refers to something that is not a type", false);
}

/* Every truncation and every changed byte: an error or some image. */
static void test_any_byte(void **state)
{
	struct btf *b = make_btf();
	uint32_t len;
	const uint8_t *raw;
	struct btfdwarf_source src = { .unit = "types", .find = find_by_name };

	(void)state;
	btf__add_func(b, "first", BTF_FUNC_GLOBAL, btf__add_func_proto(b, INT));
	raw = btf__raw_data(b, &len);
	for (uint32_t i = 0; i < len * 4; i++) {
		static const uint8_t values[] = { 0x00, 0x7f, 0xff };
		size_t n = i % 4 == 3 ? i / 4 : len;
		uint8_t *copy = malloc(n ? n : 1); // exact, for ASan
		AUTO(btfdwarf) d = { 0 };
		struct btftab *t = NULL;
		struct err err;

		memcpy(copy, raw, n);
		if (i % 4 < 3)
			copy[i / 4] = values[i % 4];
		if (btftab_create(copy, n, NULL, &t, &err) == VS_OK) {
			src.types = t;
			assert_int_equal(btfdwarf_build(&src, &d, &err), VS_OK);
			btftab_destroy(t);
		}
		free(copy);
	}
	btf__free(b);
}

/* A module's types stand on the kernel's, of which it declares the structs and has the rest. */
static void test_split(void **state)
{
	struct btf *kernel = make_btf(), *module = btf__new_empty_split(kernel);
	struct btfdwarf_source src = { .unit = "types", .find = find_by_name };
	struct btftab *base = NULL, *t = NULL;
	AUTO(btfdwarf) d = { 0 };
	AUTO(buf) image = { 0 };
	struct types *types;
	struct err err;
	uint32_t len;
	const void *raw;
	int fd = memfd_create("image", 0);

	(void)state;
	btf__add_struct(module, "device", 32);
	btf__add_field(module, "count", U64, 0, 0);
	btf__add_field(module, "list", LIST, 64, 0);
	btf__add_field(module, "first", LIST_PTR, 192, 0);
	raw = btf__raw_data(kernel, &len);
	assert_int_equal(btftab_create(raw, len, NULL, &base, &err), VS_OK);
	raw = btf__raw_data(module, &len);
	if (btftab_create(raw, len, base, &t, &err))
		fail_msg("%s\n", err.msg);
	assert_int_equal(t->nbad, 0);
	src.types = t;
	assert_int_equal(btfdwarf_build(&src, &d, &err), VS_OK);
	assert_int_equal(symimage_build(NULL, 0, LO, HI, NULL, &d, &image, &err), VS_OK);
	assert_int_equal(write(fd, image.p, image.len), image.len);
	types = dwarf_of(fd);
	expect(types, "device", "count", 0, 8);
	expect(types, "device", "first", 24, 8);
	assert_int_equal(types_size(types, "struct list_head", &(uint64_t){ 0 }, NULL),
			 VS_NOTFOUND); // declared
	types_destroy(types);
	close(fd);
	btftab_destroy(t);
	btftab_destroy(base);
	btf__free(module);
	btf__free(kernel);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_enums_without_values),
		cmocka_unit_test(test_enums_without_signs),
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_kfuncs),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_any_byte),
		cmocka_unit_test(test_split),
#endif
		{ 0 },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
