// SPDX-License-Identifier: GPL-3.0-or-later
/* printk: records found in the ring's data alone, because the page of its descriptor was lost. The
 * blocks are those of kernel/printk/printk_ringbuffer.c: an id of 62 bits and text, a multiple of 8
 * bytes; printk_sprint() leaves the end of the text twice if it removed a level. */
#include "tests/unit/kernfix.h"

#include <stdio.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/subsys/sys/printk.h"

#ifdef HAVE_LIBBPF

#define RB    0xffffffff82000000ULL
#define DESCS 0xffffffff82010000ULL
#define INFOS 0xffffffff82020000ULL
#define DATA  0xffffffff82030000ULL
#define SIZE  4096
#define FIRST 0x3fffffffffffff00ULL /* ids start near the end (DESC0_ID) */

struct scene {
	struct fix_kernel fk;
	uint64_t at;
};

static void setup(struct scene *s, bool static_ring)
{
	struct btf *b = fix_btf_new();

	*s = (struct scene){ 0 };
	fix_kernel_init(&s->fk, "");
	fix_btf_printk(b);
	fix_kernel_types(&s->fk, fix_btf_types(b));
	fix_kernel_symbol(&s->fk, "prb", RB - 0x1000);
	fix_kernel_symbol(&s->fk, "__log_buf", DATA);
	fix_kernel_symbol(&s->fk, "behind_log_buf", DATA + SIZE);
	if (static_ring) {
		fix_kernel_symbol(&s->fk, "_printk_rb_static_descs", DESCS);
		fix_kernel_symbol(&s->fk, "_printk_rb_static_infos", INFOS);
	}
	assert_true(symtab_seal(s->fk.k.syms));
	fix_mem_add(&s->fk.mem, RB - 0x1000, 8); // prb points to a page that is lost
	fix_mem_u64(&s->fk.mem, RB - 0x1000, RB);
	fix_mem_add(&s->fk.mem, DATA, SIZE);
	fix_mem_add(&s->fk.mem, DESCS, 24 * (SIZE >> 5));
	fix_mem_add(&s->fk.mem, INFOS, 24 * (SIZE >> 5));
}

/* Appends a block. */
static void put(struct scene *s, uint64_t id, const char *text)
{
	size_t len = strlen(text) + 1;

	fix_mem_u64(&s->fk.mem, DATA + s->at, id & ~(3ULL << 62));
	fix_mem_put(&s->fk.mem, DATA + s->at + 8, text, len);
	s->at += 8 + (len + 7) / 8 * 8;
}

static void collect(void *ctx, const struct log_record *r)
{
	buf_printf(ctx, "%s%.*s|", r->only_text ? "" : "whole ", (int)r->len, r->text);
}

/* The records are also an error: others may be missing. */
static void expect(struct scene *s, const char *want)
{
	AUTO(buf) out = { 0 };
	struct err err = { .msg = "" };

	assert_int_equal(printk_each(&s->fk.k, collect, &out, &err), VS_EXCLUDED);
	assert_non_null(strstr(err.msg, "others may be missing"));
	assert_string_equal(buf_str(&out), want);
	fix_kernel_deinit(&s->fk);
}

/* The ring has wrapped: the newest record is at its start. */
static void test_order(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, false);
	put(&s, FIRST + 3, "third");
	put(&s, FIRST + 4, "fourth");
	put(&s, FIRST + 1, "first");
	put(&s, FIRST + 2, "second");
	expect(&s, "first|second|third|fourth|");
}

/* Ids have 62 bits and wrap around. */
static void test_ids_wrap(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, false);
	put(&s, 0, "second");
	put(&s, 1, "third");
	put(&s, ~0ULL, "first");
	put(&s, 0x1234, "from another time"); // too far from the others for this ring
	expect(&s, "first|second|third|");
}

static void test_texts(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, false);
	put(&s, FIRST + 1, "newline\n");
	put(&s, FIRST + 2, "levelel\n");	// "\0016level\n", moved over its level
	put(&s, FIRST + 3, "continued\001c\n"); // KERN_CONT
	put(&s, FIRST + 4, "one\001\n");
	put(&s, FIRST + 5, "1200\n");	// a level, or none
	put(&s, FIRST + 6, "120000\n"); // "1200" with a level, or without one
	put(&s, FIRST + 7, "\ttab");
	expect(&s, "newline|level|continued|one|1200|1200[00?]|\ttab|");
}

/* Text is no id: its bytes are printable, or its top bits are set. */
static void test_no_blocks(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, false);
	fix_mem_put(&s.fk.mem, DATA, "aaaaaaaaaaaaaaaabaaaaaaaaaaaaaaa", 32);
	expect(&s, "");
	setup(&s, false);
	put(&s, FIRST + 1, "alone"); // without a neighbour, it could be anything
	expect(&s, "");
}

/* The descriptors of the static ring are variables of their own. */
static void test_static_descriptors(void **state)
{
	struct scene s;
	uint64_t slot = (FIRST + 2) & ((SIZE >> 5) - 1);

	(void)state;
	setup(&s, true);
	put(&s, FIRST + 1, "first");
	fix_mem_u64(&s.fk.mem, DESCS + slot * 24, (FIRST + 2) | 2ULL << 62); // finalized
	fix_mem_u64(&s.fk.mem, DESCS + slot * 24 + 8, s.at);
	fix_mem_put(&s.fk.mem, INFOS + slot * 24 + 16, &(uint16_t){ 6 }, 2);
	put(&s, FIRST + 2, "second and more");
	fix_mem_u64(&s.fk.mem, DESCS + slot * 24 + 16, s.at);
	expect(&s, "first|whole second|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_ids_wrap),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_no_blocks),
		cmocka_unit_test(test_static_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
int main(void)
{
	return 0;
}
#endif
