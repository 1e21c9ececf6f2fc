// SPDX-License-Identifier: GPL-3.0-or-later
/* printk: the lockless ring (kernel/printk/printk_ringbuffer.c) and struct printk_log before it,
 * laid out by hand. */
#include "tests/unit/kernfix.h"

#include <stdio.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/subsys/sys/printk.h"

#define RB    0xffffffff82000000ULL
#define PRB   0xffffffff82001000ULL /* struct printk_ringbuffer *prb */
#define DESCS 0xffffffff82010000ULL
#define INFOS 0xffffffff82020000ULL
#define DATA  0xffffffff82030000ULL

#define COUNT_BITS 3
#define SIZE_BITS  8
#define SIZE	   (1u << SIZE_BITS)

/* enum desc_state, in the top two bits */
enum { RESERVED, COMMITTED, FINALIZED, REUSABLE };

/* Each record as "level facility caller seconds text|". */
static void collect(void *ctx, const struct log_record *r)
{
	buf_printf(ctx, "%u %u %x %llu %.*s|", r->level, r->facility, r->caller_id,
		   (unsigned long long)(r->ts_nsec / 1000000000), (int)r->len, r->text);
	for (size_t i = 0; i < r->dict_len; i++)
		buf_putc(ctx, r->dict[i] ? r->dict[i] : ',');
	if (r->dict_len)
		buf_putc(ctx, '|');
}

static vs_status read_log(struct fix_kernel *fk, struct buf *out)
{
	struct err err = { .msg = "" };
	vs_status st;

	if (!fk->k.types_slot.tried)
		abort();
	st = printk_each(&fk->k, collect, out, &err);
	assert_true(st == VS_OK || err.msg[0]);
	return st;
}

#ifdef HAVE_LIBBPF
static void setup_prb(struct fix_kernel *fk, uint64_t tail, uint64_t head)
{
	struct btf *b = fix_btf_new();

	fix_kernel_init(fk, "");
	fix_btf_printk(b);
	fix_kernel_types(fk, fix_btf_types(b));
	fix_kernel_symbol(fk, "prb", PRB);
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, PRB, 8);
	fix_mem_u64(&fk->mem, PRB, RB);
	fix_mem_add(&fk->mem, RB, 88);
	fix_mem_u64(&fk->mem, RB, COUNT_BITS);
	fix_mem_u64(&fk->mem, RB + 8, DESCS);
	fix_mem_u64(&fk->mem, RB + 16, INFOS);
	fix_mem_u64(&fk->mem, RB + 24, head);
	fix_mem_u64(&fk->mem, RB + 32, tail);
	fix_mem_u64(&fk->mem, RB + 48, SIZE_BITS);
	fix_mem_u64(&fk->mem, RB + 56, DATA);
	fix_mem_add(&fk->mem, DESCS, 24 << COUNT_BITS);
	fix_mem_add(&fk->mem, INFOS, 24 << COUNT_BITS);
	fix_mem_add(&fk->mem, DATA, SIZE);
}

/* Writes descriptor and info of record id, with its text at logical positions [begin, next). */
static void put_record(struct fix_kernel *fk, uint64_t id, unsigned state, uint64_t begin,
		       uint64_t next, const char *text)
{
	uint64_t slot = id & ((1 << COUNT_BITS) - 1);
	kva_t desc = DESCS + slot * 24, info = INFOS + slot * 24;
	// a block that does not fit before the end of the ring is at its start
	uint64_t at = begin >> SIZE_BITS == next >> SIZE_BITS ? begin & (SIZE - 1) : 0;
	uint16_t len = (uint16_t)strlen(text);

	fix_mem_u64(&fk->mem, desc, (id & ~(3ULL << 62)) | (uint64_t)state << 62);
	fix_mem_u64(&fk->mem, desc + 8, begin);
	fix_mem_u64(&fk->mem, desc + 16, next);
	fix_mem_u64(&fk->mem, info + 8, (id & 0xff) * 1000000000ULL);
	fix_mem_put(&fk->mem, info + 16, &len, 2);
	fix_mem_put(&fk->mem, info + 18, &(uint8_t){ 1 }, 1);
	fix_mem_put(&fk->mem, info + 19, &(uint8_t){ 6 << 5 | 0x1f }, 1);
	fix_mem_put(&fk->mem, info + 20, &(uint32_t){ 0x80000002 }, 4);
	if (begin & 1)
		return;
	fix_mem_u64(&fk->mem, DATA + at, id);
	fix_mem_put(&fk->mem, DATA + at + 8, text, len);
}

static void expect_prb(struct fix_kernel *fk, const char *want)
{
	AUTO(buf) out = { 0 };

	assert_int_equal(read_log(fk, &out), VS_OK);
	assert_string_equal(buf_str(&out), want);
	fix_kernel_deinit(fk);
}

static void test_prb(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup_prb(&fk, 8, 11);
	put_record(&fk, 8, FINALIZED, 0x100, 0x110, "first");
	put_record(&fk, 9, FINALIZED, 0x110, 0x120, "second");
	put_record(&fk, 10, COMMITTED, 0x120, 0x130, "third"); // may still grow, but is text
	put_record(&fk, 11, RESERVED, 0x130, 0x140, "unfinished");
	expect_prb(&fk, "6 1 80000002 8 first|6 1 80000002 9 second|6 1 80000002 10 third|");
}

static void test_prb_states(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup_prb(&fk, 8, 12);
	put_record(&fk, 8, REUSABLE, 0x100, 0x110, "old");
	put_record(&fk, 9, FINALIZED, 1, 1, "");  // FAILED_LPOS: its text was lost
	put_record(&fk, 10, FINALIZED, 3, 3, ""); // NO_LPOS: an empty line
	put_record(&fk, 11, FINALIZED, 0x120, 0x130, "text");
	put_record(&fk, 4, FINALIZED, 0x130, 0x140, "another"); // in the slot of 12
	expect_prb(&fk, "6 1 80000002 9 |6 1 80000002 10 |6 1 80000002 11 text|");
}

/* A block that would cross the end of the ring is at its start; ids and positions wrap around. */
static void test_prb_wraps(void **state)
{
	const uint64_t last = ~(3ULL << 62); // ids have 62 bits
	struct fix_kernel fk;

	(void)state;
	setup_prb(&fk, last - 1, 1);
	put_record(&fk, last - 1, FINALIZED, 0x1e0, 0x1f0, "before");
	put_record(&fk, last, FINALIZED, 0x1f0, 0x228, "a longer line at the start");
	put_record(&fk, 0, FINALIZED, 0x228, 0x238, "after");
	put_record(&fk, 1, FINALIZED, 0x238, 0x248, "last");
	expect_prb(&fk, "6 1 80000002 254 before|6 1 80000002 255 a longer line at the start|"
			"6 1 80000002 0 after|6 1 80000002 1 last|");
}

static void test_prb_damaged(void **state)
{
	struct fix_kernel fk;
	AUTO(buf) out = { 0 };

	(void)state;
	// a length beyond the ring, a text at its very end
	setup_prb(&fk, 8, 10);
	put_record(&fk, 8, FINALIZED, 0x100, 0x110, "first");
	put_record(&fk, 9, FINALIZED, 0x110, 0x120, "second");
	put_record(&fk, 10, FINALIZED, 0x1e8, 0x1f8, "tail");
	fix_mem_put(&fk.mem, INFOS + (9 & 7) * 24 + 16, &(uint16_t){ 0xffff }, 2);
	expect_prb(&fk, "6 1 80000002 8 first|6 1 80000002 10 tail|");
	// the ring's head is invalid: every descriptor counts once
	setup_prb(&fk, 8, 1ULL << 40);
	put_record(&fk, 8, FINALIZED, 0x100, 0x110, "first");
	expect_prb(&fk, "6 1 80000002 8 first|");
	// impossible sizes
	setup_prb(&fk, 8, 10);
	fix_mem_u64(&fk.mem, RB, 40);
	assert_int_equal(read_log(&fk, &out), VS_CORRUPT);
	fix_mem_u64(&fk.mem, RB, COUNT_BITS);
	fix_mem_u64(&fk.mem, RB + 48, 63);
	assert_int_equal(read_log(&fk, &out), VS_CORRUPT);
	fix_mem_u64(&fk.mem, PRB, 0x1000);
	assert_int_equal(read_log(&fk, &out), VS_EXCLUDED);
	assert_int_equal(out.len, 0);
	fix_kernel_deinit(&fk);
}
#endif

/* --- struct printk_log { u64 ts_nsec; u16 len, text_len, dict_len; u8 facility, flags:5, level:3 }
 */

#define LOG	 0xffff888001000000ULL
#define LOG_VARS 0xffffffff82000000ULL
#define LOG_SIZE 256

static void put_log(struct fix_kernel *fk, uint32_t at, uint64_t sec, const char *text)
{
	uint16_t text_len = (uint16_t)strlen(text);
	uint16_t len = (uint16_t)((16 + text_len + 3) & ~3);

	fix_mem_u64(&fk->mem, LOG + at, sec * 1000000000ULL);
	fix_mem_put(&fk->mem, LOG + at + 8, &len, 2);
	fix_mem_put(&fk->mem, LOG + at + 10, &text_len, 2);
	fix_mem_put(&fk->mem, LOG + at + 15, &(uint8_t){ 4 << 5 }, 1);
	fix_mem_put(&fk->mem, LOG + at + 16, text, text_len);
}

static void setup_log(struct fix_kernel *fk, uint32_t first, uint32_t next)
{
	fix_kernel_init(fk, "SIZE(printk_log)=16\nOFFSET(printk_log.ts_nsec)=0\n"
			    "OFFSET(printk_log.len)=8\nOFFSET(printk_log.text_len)=10\n");
	fix_kernel_symbol(fk, "log_buf", LOG_VARS);
	fix_kernel_symbol(fk, "log_buf_len", LOG_VARS + 8);
	fix_kernel_symbol(fk, "log_first_idx", LOG_VARS + 12);
	fix_kernel_symbol(fk, "log_next_idx", LOG_VARS + 16);
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, LOG, LOG_SIZE);
	fix_mem_add(&fk->mem, LOG_VARS, 24);
	fix_mem_u64(&fk->mem, LOG_VARS, LOG);
	fix_mem_put(&fk->mem, LOG_VARS + 8, &(uint32_t){ LOG_SIZE }, 4);
	fix_mem_put(&fk->mem, LOG_VARS + 12, &first, 4);
	fix_mem_put(&fk->mem, LOG_VARS + 16, &next, 4);
}

static void test_old_log(void **state)
{
	AUTO(buf) out = { 0 };
	struct fix_kernel fk;

	(void)state;
	setup_log(&fk, 200, 48);
	put_log(&fk, 200, 1, "one"); // then a record of length 0: the next is at the start
	put_log(&fk, 0, 2, "two");
	put_log(&fk, 20, 3, "three, longer");
	assert_int_equal(read_log(&fk, &out), VS_CORRUPT); // 48 is in the middle of the third
	buf_reset(&out);
	fix_mem_put(&fk.mem, LOG_VARS + 16, &(uint32_t){ 52 }, 4);
	assert_int_equal(read_log(&fk, &out), VS_OK);
	assert_string_equal(buf_str(&out), "4 0 0 1 one|4 0 0 2 two|4 0 0 3 three, longer|");
	fix_kernel_deinit(&fk);
}

static void use_vmcoreinfo(struct fix_kernel *fk, const char *text)
{
	vmcoreinfo_destroy(fk->k.vmci);
	fk->k.vmci = vmcoreinfo_parse(text, strlen(text));
}

/* Kernels 3.5 to 3.10 and RHEL 7 call the struct by another name. */
static void test_older_log(void **state)
{
	AUTO(buf) out = { 0 };
	struct fix_kernel fk;

	(void)state;
	setup_log(&fk, 0, 20);
	use_vmcoreinfo(&fk, "SIZE(log)=16\nOFFSET(log.ts_nsec)=0\nOFFSET(log.len)=8\n"
			    "OFFSET(log.text_len)=10\n");
	put_log(&fk, 0, 1, "one");
	assert_int_equal(read_log(&fk, &out), VS_OK);
	assert_string_equal(buf_str(&out), "4 0 0 1 one|");
	fix_kernel_deinit(&fk);
}

#ifdef HAVE_LIBBPF
/* A dump without VMCOREINFO, but vmlinux has types. */
static void test_old_log_by_types(void **state)
{
	static const struct fix_field record[] = { { "ts_nsec", "u64", .off = 0 },
						   { "len", "u16", .off = 8 },
						   { "text_len", "u16", .off = 10 },
						   { 0 } };
	static const char *const names[] = { "log", "printk_log" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		AUTO(buf) out = { 0 };
		struct fix_kernel fk;
		struct btf *b = fix_btf_new();

		setup_log(&fk, 0, 20);
		use_vmcoreinfo(&fk, "OSRELEASE=3.10.0\n");
		put_log(&fk, 0, 1, "one");
		assert_int_equal(read_log(&fk, &out), VS_NOTFOUND);
		fix_btf_struct(b, names[i], 16, record);
		fix_kernel_types(&fk, fix_btf_types(b));
		assert_int_equal(read_log(&fk, &out), VS_OK);
		assert_string_equal(buf_str(&out), "4 0 0 1 one|");
		fix_kernel_deinit(&fk);
	}
}
#endif

/* After the text come strings separated by NULs. */
static void test_old_log_dict(void **state)
{
	static const char text[] = "textSUBSYSTEM=pci\0DEVICE=+pci:1";
	AUTO(buf) out = { 0 };
	struct fix_kernel fk;

	(void)state;
	setup_log(&fk, 0, 48);
	put_log(&fk, 0, 1, "text");
	fix_mem_put(&fk.mem, LOG + 8, &(uint16_t){ 48 }, 2);
	fix_mem_put(&fk.mem, LOG + 12, &(uint16_t){ sizeof(text) - 5 }, 2);
	fix_mem_put(&fk.mem, LOG + 16, text, sizeof(text) - 1);
	assert_int_equal(read_log(&fk, &out), VS_OK);
	assert_string_equal(buf_str(&out), "4 0 0 1 text|SUBSYSTEM=pci,DEVICE=+pci:1|");
	buf_reset(&out);
	fix_mem_put(&fk.mem, LOG + 12, &(uint16_t){ 29 }, 2); // one byte more than the record has
	assert_int_equal(read_log(&fk, &out), VS_CORRUPT);
	fix_kernel_deinit(&fk);
}

/* CONFIG_PRINTK_CALLER (5.1) puts a caller after the level. */
static void test_old_log_callers(void **state)
{
	AUTO(buf) out = { 0 };
	struct fix_kernel fk;

	(void)state;
	setup_log(&fk, 0, 24);
	use_vmcoreinfo(&fk, "SIZE(printk_log)=20\nOFFSET(printk_log.ts_nsec)=0\n"
			    "OFFSET(printk_log.len)=8\nOFFSET(printk_log.text_len)=10\n");
	put_log(&fk, 0, 1, "????text");
	fix_mem_put(&fk.mem, LOG + 10, &(uint16_t){ 4 }, 2);
	fix_mem_put(&fk.mem, LOG + 16, &(uint32_t){ 0xffff0123 }, 4);
	assert_int_equal(read_log(&fk, &out), VS_OK);
	assert_string_equal(buf_str(&out), "4 0 ffff0123 1 text|");
	fix_kernel_deinit(&fk);
}

static void test_old_log_damaged(void **state)
{
	AUTO(buf) out = { 0 };
	struct fix_kernel fk;

	(void)state;
	setup_log(&fk, 0, 100);
	put_log(&fk, 0, 1, "one");
	put_log(&fk, 20, 2, "two");
	fix_mem_put(&fk.mem, LOG + 30, &(uint16_t){ 200 }, 2); // text longer than its record
	assert_int_equal(read_log(&fk, &out), VS_CORRUPT);
	assert_string_equal(buf_str(&out), "4 0 0 1 one|"); // earlier records stay
	fix_mem_put(&fk.mem, LOG_VARS + 12, &(uint32_t){ 0xfffffff8 }, 4);
	assert_int_equal(read_log(&fk, &out), VS_CORRUPT);
	fix_mem_put(&fk.mem, LOG_VARS + 8, &(uint32_t){ 0xffffffff }, 4);
	assert_true(read_log(&fk, &out) != VS_OK);
	fix_kernel_deinit(&fk);
	// members outside of the struct, at both ends
	setup_log(&fk, 0, 20);
	put_log(&fk, 0, 1, "one");
	for (int i = 0; i < 3; i++) {
		static const char *const texts[] = {
			"SIZE(printk_log)=16\nOFFSET(printk_log.ts_nsec)=-8\n"
			"OFFSET(printk_log.len)=8\nOFFSET(printk_log.text_len)=10\n",
			"SIZE(printk_log)=16\nOFFSET(printk_log.ts_nsec)=0\n"
			"OFFSET(printk_log.len)=-1\nOFFSET(printk_log.text_len)=10\n",
			"SIZE(printk_log)=16\nOFFSET(printk_log.ts_nsec)=0\n"
			"OFFSET(printk_log.len)=8\nOFFSET(printk_log.text_len)=-2\n",
		};

		use_vmcoreinfo(&fk, texts[i]);
		assert_int_equal(read_log(&fk, &out), VS_NOTFOUND);
	}
	fix_kernel_deinit(&fk);
	// empty, and not described
	buf_reset(&out);
	setup_log(&fk, 0, 0);
	assert_int_equal(read_log(&fk, &out), VS_OK);
	assert_int_equal(out.len, 0);
	fix_kernel_deinit(&fk);
	fix_kernel_init(&fk, "");
	assert_true(symtab_seal(fk.k.syms));
	assert_int_equal(read_log(&fk, &out), VS_NOTFOUND);
	fix_kernel_deinit(&fk);
}

/* --- before 3.5: text */

static void setup_plain(struct fix_kernel *fk, const char *text, uint32_t end, uint32_t chars)
{
	fix_kernel_init(fk, "");
	fix_kernel_symbol(fk, "log_buf", LOG_VARS);
	fix_kernel_symbol(fk, "log_buf_len", LOG_VARS + 8);
	fix_kernel_symbol(fk, "log_end", LOG_VARS + 12);
	fix_kernel_symbol(fk, "logged_chars", LOG_VARS + 16);
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, LOG, 64);
	fix_mem_add(&fk->mem, LOG_VARS, 24);
	fix_mem_u64(&fk->mem, LOG_VARS, LOG);
	fix_mem_put(&fk->mem, LOG_VARS + 8, &(uint32_t){ 64 }, 4);
	fix_mem_put(&fk->mem, LOG_VARS + 12, &end, 4);
	fix_mem_put(&fk->mem, LOG_VARS + 16, &chars, 4);
	for (size_t n = strlen(text), i = 0; i < n; i++)
		fix_mem_put(&fk->mem, LOG + ((end - n + i) & 63), text + i, 1);
}

static void expect_plain(const char *text, uint32_t end, uint32_t chars, const char *want)
{
	AUTO(buf) out = { 0 };
	struct fix_kernel fk;

	setup_plain(&fk, text, end, chars);
	assert_int_equal(read_log(&fk, &out), VS_OK);
	assert_string_equal(buf_str(&out), want);
	fix_kernel_deinit(&fk);
}

static void test_plain(void **state)
{
	static const char text[] = "<6>[    3.250000]   two\n<3>bare\nno level\n";
	static const char want[] = "6 0 0 3   two|3 0 0 0 bare|4 0 0 0 no level|";
	const uint32_t n = sizeof(text) - 1;

	(void)state;
	expect_plain(text, n, n, want);
	expect_plain(text, 64 + 10, n, want); // around the end of the buffer
	// Only the last characters are left: the first line lacks its start.
	expect_plain(text, n, 11, "4 0 0 0 e|4 0 0 0 no level|");
	expect_plain("<14>facility\n", 13, 13, "6 1 0 0 facility|");
	expect_plain("[not a time\n<9", 14, 14, "4 0 0 0 [not a time|4 0 0 0 <9|");
}

static void test_plain_damaged(void **state)
{
	AUTO(buf) out = { 0 };
	struct fix_kernel fk;

	(void)state;
	setup_plain(&fk, "x\n", 2, 2);
	fix_mem_put(&fk.mem, LOG_VARS + 8, &(uint32_t){ 0 }, 4); // no buffer
	assert_int_equal(read_log(&fk, &out), VS_CORRUPT);
	fix_kernel_deinit(&fk);
	setup_plain(&fk, "x\n", 2, 2);
	fix_mem_put(&fk.mem, LOG_VARS + 8, &(uint32_t){ 100 }, 4); // not a power of two
	assert_int_equal(read_log(&fk, &out), VS_CORRUPT);
	fix_kernel_deinit(&fk);
	setup_plain(&fk, "x\n", 2, 0xffffffff); // more text logged than fits
	assert_int_equal(read_log(&fk, &out), VS_OK);
	fix_kernel_deinit(&fk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_prb),
		cmocka_unit_test(test_prb_states),
		cmocka_unit_test(test_prb_wraps),
		cmocka_unit_test(test_prb_damaged),
#endif
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_plain_damaged),
		cmocka_unit_test(test_older_log),
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_old_log_by_types),
#endif
		cmocka_unit_test(test_old_log_dict),
		cmocka_unit_test(test_old_log_callers),
		cmocka_unit_test(test_old_log),
		cmocka_unit_test(test_old_log_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
