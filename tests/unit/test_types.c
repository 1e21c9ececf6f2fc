// SPDX-License-Identifier: GPL-3.0-or-later
/* types: one struct in BTF made with libbpf, and the same in DWARF from the compiler, must give the
 * same answers; the expected ones come from this compiler's offsetof() and sizeof(). */
#include "tests/unit/memfix.h"

#include <stdio.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/symbols/types.h"

#define STRUCTS                                                                                    \
	typedef unsigned long size_type;                                                           \
	struct range {                                                                             \
		void *base;                                                                        \
		unsigned size;                                                                     \
	};                                                                                         \
	enum kind { KIND_A = 3, KIND_B = -7 };                                                     \
	struct sample {                                                                            \
		char comm[16];                                                                     \
		union {                                                                            \
			long whole;                                                                \
			struct {                                                                   \
				int low, high;                                                     \
			};                                                                         \
		};                                                                                 \
		const volatile struct range mem[7];                                                \
		size_type count;                                                                   \
		unsigned flag1 : 1, flag2 : 3;                                                     \
		unsigned long wide : 33;                                                           \
		struct range *next;                                                                \
		enum kind kind;                                                                    \
	};

#define QUOTE(...)   #__VA_ARGS__
#define TEXT_OF(...) QUOTE(__VA_ARGS__)

STRUCTS

/* --- checks for both sources */

static void expect_member(struct types *t, const char *path, uint64_t off, uint64_t size)
{
	struct member m;
	struct err err;

	if (types_member(t, "sample", path, &m, &err))
		fail_msg("%s\n", err.msg);
	if (m.off != off || m.size != size || m.bit_size)
		fail_msg("%s: offset %llu size %llu bits %u, not %llu %llu\n", path,
			 (unsigned long long)m.off, (unsigned long long)m.size, m.bit_size,
			 (unsigned long long)off, (unsigned long long)size);
}

static void expect_bits(struct types *t, const char *path, unsigned bit, unsigned width)
{
	struct member m;

	assert_int_equal(types_member(t, "sample", path, &m, NULL), VS_OK);
	assert_u64(m.off * 8 + m.bit_off, bit);
	assert_int_equal(m.bit_size, width);
}

static void refuse(struct types *t, const char *type, const char *path)
{
	struct member m = { .off = 77 };
	struct err err;

	if (types_member(t, type, path, &m, &err) != VS_NOTFOUND || m.off != 77)
		fail_msg("%s.%s was found\n", type, path);
}

/* First bit that a store of all ones sets. */
#define BIT_OF(field)                                                                              \
	({                                                                                         \
		struct sample s_;                                                                  \
		const uint8_t *p_ = (const uint8_t *)&s_;                                          \
		unsigned bit_ = 0;                                                                 \
		memset(&s_, 0, sizeof(s_));                                                        \
		s_.field--;                                                                        \
		while (!(p_[bit_ / 8] >> bit_ % 8 & 1))                                            \
			bit_++;                                                                    \
		bit_;                                                                              \
	})

static void expect_path(struct types *t, uint64_t off, uint64_t size, const char *want,
			uint64_t want_size)
{
	AUTO(buf) path = { 0 };
	struct type_field f;
	type_ref type;

	assert_int_equal(types_find(t, "struct sample", &type, NULL), VS_OK);
	if (!types_path_at(t, type, off, size, &path, &f))
		fail_msg("no member at %llu\n", (unsigned long long)off);
	assert_string_equal(buf_str(&path), want);
	assert_u64(f.at.size, want_size);
}

static void check_paths(struct types *t)
{
	AUTO(buf) path = { 0 };
	struct type_field f;
	type_ref type;

	expect_path(t, 0, 1, "comm[0]", 1);
	expect_path(t, 5, 1, "comm[5]", 1);
	expect_path(t, offsetof(struct sample, whole), 8, "whole", 8);
	expect_path(t, offsetof(struct sample, low), 4, "low", 4);
	expect_path(t, offsetof(struct sample, high), 4, "high", 4);
	expect_path(t, offsetof(struct sample, mem[2].size), 4, "mem[2].size", 4);
	expect_path(t, offsetof(struct sample, mem[6].base), 8, "mem[6].base", 8);
	expect_path(t, offsetof(struct sample, next), 8, "next", 8);
	expect_path(t, offsetof(struct sample, next) + 2, 1, "next", 8); // a part of it
	assert_int_equal(types_find(t, "struct sample", &type, NULL), VS_OK);
	assert_false(types_path_at(t, type, sizeof(struct sample), 1, &path, &f));
	assert_false(types_path_at(t, type, UINT64_MAX, 8, &path, &f));
	assert_int_equal(path.len, 0);
	assert_int_equal(types_find(t, "size_type", &type, NULL), VS_OK);
	assert_false(types_path_at(t, type, 0, 8, &path, &f));
}

static void check_all(struct types *t)
{
	uint64_t size;
	int64_t v;
	struct err err;

	check_paths(t);
	assert_int_equal(types_size(t, "sample", &size, &err), VS_OK);
	assert_u64(size, sizeof(struct sample));
	assert_int_equal(types_size(t, "size_type", &size, &err), VS_OK);
	assert_u64(size, sizeof(long));
	assert_int_equal(types_size(t, "no_such", &size, &err), VS_NOTFOUND);
	assert_non_null(strstr(err.msg, "no_such"));
	expect_member(t, "comm", 0, 16);
	expect_member(t, "comm[3]", 3, 1);
	expect_member(t, "whole", offsetof(struct sample, whole), sizeof(long));
	expect_member(t, "low", offsetof(struct sample, low), 4);
	expect_member(t, "high", offsetof(struct sample, high), 4);
	expect_member(t, "mem", offsetof(struct sample, mem), 7 * sizeof(struct range));
	expect_member(t, "mem[2]", offsetof(struct sample, mem[2]), sizeof(struct range));
	expect_member(t, "mem[2].base", offsetof(struct sample, mem[2].base), sizeof(void *));
	expect_member(t, "mem[6].size", offsetof(struct sample, mem[6].size), 4);
	expect_member(t, "count", offsetof(struct sample, count), sizeof(long));
	expect_member(t, "next", offsetof(struct sample, next), sizeof(void *));
	expect_member(t, "kind", offsetof(struct sample, kind), sizeof(enum kind));
	expect_bits(t, "flag1", BIT_OF(flag1), 1);
	expect_bits(t, "flag2", BIT_OF(flag2), 3);
	expect_bits(t, "wide", BIT_OF(wide), 33);
	refuse(t, "sample", "nothing");
	refuse(t, "sample", "next.base"); // pointers are not followed
	refuse(t, "sample", "count[0]");
	refuse(t, "sample", "count.low");
	refuse(t, "sample", "mem[2");
	refuse(t, "sample", "mem[-1]");
	refuse(t, "sample", "mem[7]");
	refuse(t, "sample", "comm[16]");
	refuse(t, "sample", "mem[x]");
	refuse(t, "sample", ".comm");
	refuse(t, "sample", "mem[99999999999999999999].base");
	refuse(t, "other", "comm");
	assert_int_equal(types_enumerator(t, "KIND_A", &v, &err), VS_OK);
	assert_int_equal(v, 3);
	assert_int_equal(types_enumerator(t, "KIND_B", &v, &err), VS_OK);
	assert_int_equal(v, -7);
	assert_int_equal(types_enumerator(t, "KIND_C", &v, &err), VS_NOTFOUND);
}

/* --- DWARF */

static bool compile(const char *flags, char path[64])
{
	char dir[] = "/tmp/vmstub-types-XXXXXX", cmd[256];
	FILE *f;

	assert_non_null(mkdtemp(dir));
	snprintf(path, 64, "%s/a.c", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	// an earlier unit with only a declaration must not end the search
	fputs("struct sample; struct sample *first(void); struct sample *first(void) "
	      "{ return (void *)0; }\n",
	      f);
	fclose(f);
	snprintf(path, 64, "%s/b.c", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%s\nstruct sample object; size_type number; struct range r;\n",
		TEXT_OF(STRUCTS));
	fclose(f);
	snprintf(cmd, sizeof(cmd), "cd %s && gcc %s -shared -fPIC -nostdlib -o ab.so a.c b.c 2>log",
		 dir, flags);
	snprintf(path, 64, "%s/ab.so", dir);
	return system(cmd) == 0;
}

static void remove_dir_of(const char *path)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf $(dirname %s)", path);
	assert_int_equal(system(cmd), 0);
}

static void test_dwarf(void **state)
{
	static const char *const flags[] = { "-g", "-gdwarf-5", "-gdwarf-4",
					     "-gdwarf-3 -gstrict-dwarf" };
	size_t done = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct types *t;
		struct err err;
		char path[64];

		if (compile(flags[i], path)) {
			if (types_from_dwarf(path, &t, &err))
				fail_msg("%s: %s\n", flags[i], err.msg);
			assert_string_equal(types_source(t), "DWARF");
			check_all(t);
			check_all(t); // from the cache of the first round
			types_destroy(t);
			done++;
		}
		remove_dir_of(path);
	}
	if (!done)
		skip(); // no compiler
}

static void test_no_dwarf(void **state)
{
	struct types *t = NULL;
	struct err err;

	(void)state;
	assert_int_equal(types_from_dwarf("/nowhere/vmlinux", &t, &err), VS_NOTFOUND);
	assert_int_equal(types_from_dwarf("/dev/null", &t, &err), VS_NOTFOUND);
	assert_null(t);
}

/* --- BTF */

#ifdef HAVE_LIBBPF
#include <bpf/btf.h>

/* Types of STRUCTS, in an order with forward references. */
static struct btf *make_btf(void)
{
	struct btf *b = btf__new_empty();
	int i32, u32, i64, u64, chr, idx, ptr_void, range, ptr_range, cv, vol, arr_mem, arr_comm;
	int anon_struct, anon_union, kind, named_long;

	assert_non_null(b);
	i32 = btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	u32 = btf__add_int(b, "unsigned int", 4, 0);
	i64 = btf__add_int(b, "long int", 8, BTF_INT_SIGNED);
	u64 = btf__add_int(b, "long unsigned int", 8, 0);
	chr = btf__add_int(b, "char", 1, BTF_INT_CHAR);
	idx = u32;
	ptr_void = btf__add_ptr(b, 0);
	range = btf__type_cnt(b) + 3; // after its users
	ptr_range = btf__add_ptr(b, range);
	vol = btf__add_volatile(b, range);
	cv = btf__add_const(b, vol);
	assert_int_equal(btf__add_struct(b, "range", 16), range);
	btf__add_field(b, "base", ptr_void, 0, 0);
	btf__add_field(b, "size", u32, 64, 0);
	arr_mem = btf__add_array(b, idx, cv, 7);
	arr_comm = btf__add_array(b, idx, chr, 16);
	anon_struct = btf__add_struct(b, NULL, 8);
	btf__add_field(b, "low", i32, 0, 0);
	btf__add_field(b, "high", i32, 32, 0);
	anon_union = btf__add_union(b, NULL, 8);
	btf__add_field(b, "whole", i64, 0, 0);
	btf__add_field(b, NULL, anon_struct, 0, 0);
	kind = btf__add_enum(b, "kind", 4);
	btf__add_enum_value(b, "KIND_A", 3);
	btf__add_enum_value(b, "KIND_B", -7);
	named_long = btf__add_typedef(b, "size_type", u64);
	btf__add_fwd(b, "other", BTF_FWD_STRUCT);
	btf__add_struct(b, "sample", sizeof(struct sample));
	btf__add_field(b, "comm", arr_comm, 0, 0);
	btf__add_field(b, NULL, anon_union, offsetof(struct sample, whole) * 8, 0);
	btf__add_field(b, "mem", arr_mem, offsetof(struct sample, mem) * 8, 0);
	btf__add_field(b, "count", named_long, offsetof(struct sample, count) * 8, 0);
	btf__add_field(b, "flag1", u32, BIT_OF(flag1), 1);
	btf__add_field(b, "flag2", u32, BIT_OF(flag2), 3);
	btf__add_field(b, "wide", u64, BIT_OF(wide), 33);
	btf__add_field(b, "next", ptr_range, offsetof(struct sample, next) * 8, 0);
	btf__add_field(b, "kind", kind, offsetof(struct sample, kind) * 8, 0);
	return b;
}

static struct types *from_btf(struct btf *b)
{
	struct types *t = NULL;
	struct err err;
	uint32_t len;
	const void *raw = btf__raw_data(b, &len);

	assert_non_null(raw);
	if (types_from_btf(raw, len, &t, &err))
		fail_msg("%s\n", err.msg);
	btf__free(b); // data is copied
	return t;
}

static void test_btf(void **state)
{
	struct types *t = from_btf(make_btf());

	(void)state;
	assert_string_equal(types_source(t), "BTF");
	check_all(t);
	types_destroy(t);
}

/* Enumerators of 64-bit enums, which BTF before 6.0 cut to 32 bits, the top bit of others, and a
 * typedef with the name of a struct. */
static void test_btf_names(void **state)
{
	struct btf *b = btf__new_empty();
	int u32 = btf__add_int(b, "u32", 4, 0);
	struct types *t;
	uint64_t size;
	int64_t v;

	(void)state;
	btf__add_typedef(b, "thing", u32);
	btf__add_struct(b, "thing", 24);
	btf__add_enum64(b, "big", 8, false);
	btf__add_enum64_value(b, "BIG", 0x123456789abcULL);
	btf__add_enum(b, "cut", 8);
	btf__add_enum_value(b, "CUT", 0);
	btf__add_enum(b, "flags", 4);
	btf__add_enum_value(b, "TOP", 0x80000000LL);
	t = from_btf(b);
	assert_int_equal(types_size(t, "thing", &size, NULL), VS_OK);
	assert_u64(size, 24);
	assert_int_equal(types_enumerator(t, "BIG", &v, NULL), VS_OK);
	assert_u64((uint64_t)v, 0x123456789abcULL);
	assert_int_equal(types_enumerator(t, "CUT", &v, NULL), VS_NOTFOUND);
	assert_int_equal(types_enumerator(t, "TOP", &v, NULL), VS_OK);
	assert_u64((uint64_t)v, 0x80000000);
	types_destroy(t);
}

/* A cycle of typedefs and modifiers, and a struct that contains itself anonymously. */
static void test_btf_cycles(void **state)
{
	struct btf *b = btf__new_empty();
	struct member m;
	struct types *t;
	uint64_t size;

	(void)state;
	btf__add_typedef(b, "loop", 2);
	btf__add_const(b, 1);
	btf__add_struct(b, "self", 8);
	for (int i = 0; i < 200; i++)
		btf__add_field(b, NULL, 3, 0, 0);
	btf__add_field(b, "loop", 1, 0, 0);
	t = from_btf(b);
	(void)types_size(t, "loop", &size, NULL);
	assert_int_equal(types_member(t, "self", "absent", &m, NULL), VS_NOTFOUND);
	assert_int_equal(types_member(t, "self", "loop.x", &m, NULL), VS_NOTFOUND);
	types_destroy(t);
}

/* Every truncation and every changed byte gives an error or an answer, but no crash. */
static void test_btf_damage(void **state)
{
	struct btf *b = make_btf();
	uint32_t len;
	const uint8_t *raw = btf__raw_data(b, &len);
	uint8_t *copy = malloc(len);
	struct types *t;
	struct err err;

	(void)state;
	assert_non_null(copy);
	for (uint32_t n = 0; n < len; n++) {
		uint8_t *part = malloc(n ? n : 1); // exact, for ASan

		memcpy(part, raw, n);
		if (types_from_btf(part, n, &t, &err) == VS_OK)
			types_destroy(t);
		free(part);
	}
	assert_int_equal(types_from_btf(raw, 0, &t, &err), VS_CORRUPT);
	assert_int_equal(types_from_btf(raw, len / 2, &t, &err), VS_CORRUPT);
	for (uint32_t i = 0; i < len * 3; i++) {
		static const uint8_t values[] = { 0x00, 0x7f, 0xff };
		struct member m;
		uint64_t size;
		int64_t v;

		memcpy(copy, raw, len);
		copy[i / 3] = values[i % 3];
		if (types_from_btf(copy, len, &t, &err))
			continue;
		(void)types_size(t, "sample", &size, NULL);
		(void)types_member(t, "sample", "mem[2].base", &m, NULL);
		(void)types_member(t, "sample", "high", &m, NULL);
		(void)types_enumerator(t, "KIND_C", &v, NULL);
		types_destroy(t);
	}
	free(copy);
	btf__free(b);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dwarf),	   cmocka_unit_test(test_no_dwarf),
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_btf),	   cmocka_unit_test(test_btf_names),
		cmocka_unit_test(test_btf_cycles), cmocka_unit_test(test_btf_damage),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
