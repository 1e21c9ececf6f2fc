// SPDX-License-Identifier: GPL-3.0-or-later
/* audit: netlink messages in queues of struct sk_buff, laid out by hand. */
#include "tests/unit/kernfix.h"

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/subsys/sys/audit.h"

#ifdef HAVE_LIBBPF
#define HEADS 0xffffffff82000000ULL /* struct sk_buff_head: hold, retry, queue */
#define SKBS  0xffff888001000000ULL /* 64 bytes each: next, prev, len, data */
#define DATA  0xffff888001001000ULL /* 256 bytes each */

static void collect(void *ctx, const struct audit_record *r)
{
	buf_printf(ctx, "%u %.*s|", r->type, (int)r->len, r->text);
}

static void setup(struct fix_kernel *fk)
{
	static const struct fix_field skb[] = { { "next", "u64", .off = 0 },
						{ "len", "u32", .off = 16 },
						{ "data", "u64", .off = 24 },
						{ 0 } };
	struct btf *b = fix_btf_new();

	fix_kernel_init(fk, "");
	fix_btf_struct(b, "sk_buff", 64, skb);
	fix_kernel_types(fk, fix_btf_types(b));
	fix_kernel_symbol(fk, "audit_queue", HEADS);
	fix_kernel_symbol(fk, "audit_retry_queue", HEADS + 64);
	fix_kernel_symbol(fk, "audit_hold_queue", HEADS + 128);
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, HEADS, 192);
	for (int i = 0; i < 3; i++)
		fix_mem_u64(&fk->mem, HEADS + i * 64ULL, HEADS + i * 64ULL);
	fix_mem_add(&fk->mem, SKBS, 4096);
	fix_mem_add(&fk->mem, DATA, 4096);
}

static void put_message(struct fix_kernel *fk, unsigned i, kva_t next, uint16_t type,
			const char *text)
{
	kva_t skb = SKBS + i * 64ULL, data = DATA + i * 256ULL;
	uint32_t len = (uint32_t)strlen(text);

	fix_mem_u64(&fk->mem, skb, next);
	fix_mem_put(&fk->mem, skb + 16, &(uint32_t){ len + 16 }, 4);
	fix_mem_u64(&fk->mem, skb + 24, data);
	fix_mem_put(&fk->mem, data, &len, 4);
	fix_mem_put(&fk->mem, data + 4, &type, 2);
	fix_mem_put(&fk->mem, data + 16, text, len);
}

static void test_queues(void **state)
{
	AUTO(buf) out = { 0 };
	struct fix_kernel fk;

	(void)state;
	setup(&fk);
	assert_int_equal(audit_each(&fk.k, collect, &out, NULL), VS_OK);
	assert_int_equal(out.len, 0);
	fix_mem_u64(&fk.mem, HEADS, SKBS);
	put_message(&fk, 0, SKBS + 64, 1300, "arch=c000003e");
	put_message(&fk, 1, HEADS, 1320, "");
	fix_mem_u64(&fk.mem, HEADS + 128, SKBS + 128); // what is held goes out first
	put_message(&fk, 2, HEADS + 128, 2000, "state=initialized");
	assert_int_equal(audit_each(&fk.k, collect, &out, NULL), VS_OK);
	assert_string_equal(buf_str(&out), "2000 state=initialized|1300 arch=c000003e|1320 |");
	fix_kernel_deinit(&fk);
}

static void test_damaged(void **state)
{
	AUTO(buf) out = { 0 };
	struct fix_kernel fk;
	struct err err;

	(void)state;
	setup(&fk);
	fix_mem_u64(&fk.mem, HEADS, SKBS);
	put_message(&fk, 0, SKBS + 64, 1300, "one");
	put_message(&fk, 1, SKBS + 128, 1300, "too long for the dump");
	fix_mem_put(&fk.mem, SKBS + 64 + 16, &(uint32_t){ 0xfffffff0 }, 4);
	put_message(&fk, 2, SKBS + 64, 1300, "two"); // back to the second: a circle
	assert_int_equal(audit_each(&fk.k, collect, &out, &err), VS_CORRUPT);
	assert_true(strncmp(buf_str(&out), "1300 one|1300 two|", 18) == 0);
	fix_kernel_deinit(&fk);
	fix_kernel_init(&fk, "");
	assert_true(symtab_seal(fk.k.syms));
	assert_int_equal(audit_each(&fk.k, collect, &out, &err), VS_NOTFOUND);
	fix_kernel_deinit(&fk);
}
#endif

int main(void)
{
#ifdef HAVE_LIBBPF
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queues),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
#else
	return 77;
#endif
}
