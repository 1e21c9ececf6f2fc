// SPDX-License-Identifier: GPL-3.0-or-later
/* tdesc: target.xml against gdb's documented register order and against the text of g and p. */
#include "tests/unit/memfix.h"

#include <stdio.h>

#include "arch/x86_64/x86_64.h"
#include "stub/base/cleanup.h"

/* gdb manual, "i386 Features": the 64-bit core in its order, widths in bits. */
static const struct {
	const char *name;
	unsigned bits;
} core[] = {
	{ "rax", 64 },	 { "rbx", 64 },	  { "rcx", 64 },    { "rdx", 64 },   { "rsi", 64 },
	{ "rdi", 64 },	 { "rbp", 64 },	  { "rsp", 64 },    { "r8", 64 },    { "r9", 64 },
	{ "r10", 64 },	 { "r11", 64 },	  { "r12", 64 },    { "r13", 64 },   { "r14", 64 },
	{ "r15", 64 },	 { "rip", 64 },	  { "eflags", 32 }, { "cs", 32 },    { "ss", 32 },
	{ "ds", 32 },	 { "es", 32 },	  { "fs", 32 },	    { "gs", 32 },    { "st0", 80 },
	{ "st1", 80 },	 { "st2", 80 },	  { "st3", 80 },    { "st4", 80 },   { "st5", 80 },
	{ "st6", 80 },	 { "st7", 80 },	  { "fctrl", 32 },  { "fstat", 32 }, { "ftag", 32 },
	{ "fiseg", 32 }, { "fioff", 32 }, { "foseg", 32 },  { "fooff", 32 }, { "fop", 32 },
};
#define NCORE (sizeof(core) / sizeof(core[0]))

struct xml_reg {
	char name[16];
	unsigned bits;
	size_t regnum;
	size_t offset; /* in hex digits of `g` */
};

/* Registers as the XML lists them; returns their number. */
static size_t parse(const char *xml, struct xml_reg *regs, size_t max)
{
	size_t n = 0, offset = 0;

	for (const char *p = xml; (p = strstr(p, "<reg ")); p++, n++) {
		struct xml_reg *r = &regs[n];

		assert_true(n < max);
		assert_int_equal(sscanf(p,
					"<reg name=\"%15[^\"]\" bitsize=\"%u\" type=\"%*[^\"]\" "
					"regnum=\"%zu\"",
					r->name, &r->bits, &r->regnum),
				 3);
		r->offset = offset;
		offset += r->bits / 4;
	}
	return n;
}

static const struct xml_reg *by_name(const struct xml_reg *regs, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(regs[i].name, name) == 0)
			return &regs[i];
	fail_msg("no register %s\n", name);
	return NULL;
}

static void test_order(void **state)
{
	struct xml_reg regs[80];
	AUTO(buf) xml = { 0 };
	size_t n;

	(void)state;
	x86_target_xml(&xml);
	n = parse(xml.p, regs, 80);
	assert_true(n > NCORE);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(regs[i].regnum, i);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(regs[i].name, regs[j].name);
	}
	for (size_t i = 0; i < NCORE; i++) {
		assert_string_equal(regs[i].name, core[i].name);
		assert_int_equal(regs[i].bits, core[i].bits);
	}
	// the segments feature takes both, in this order
	assert_int_equal(by_name(regs, n, "gs_base")->regnum,
			 by_name(regs, n, "fs_base")->regnum + 1);
	assert_int_equal(by_name(regs, n, "cpu")->bits, 32);
	assert_non_null(strstr(xml.p, "<architecture>i386:x86-64</architecture>"));
	assert_non_null(strstr(xml.p, "<osabi>none</osabi>"));
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void test_well_formed(void **state)
{
	AUTO(buf) xml = { 0 };

	(void)state;
	x86_target_xml(&xml);
	assert_int_equal(count(xml.p, "<feature "), count(xml.p, "</feature>"));
	assert_int_equal(count(xml.p, "<target>"), 1);
	assert_int_equal(count(xml.p, "</target>"), 1);
	assert_int_equal(count(xml.p, "<flags "), count(xml.p, "</flags>"));
	for (const char *p = xml.p; *p; p++)
		assert_true((*p >= 0x20 && *p < 0x7f) || *p == '\n');
	assert_int_equal(count(xml.p, "org.gnu.gdb.i386.core"), 1);
	assert_int_equal(count(xml.p, "org.vmstub.kernel"), 1);
}

/* Expects v in little-endian hex. */
static void expect_hex(const char *g, const struct xml_reg *r, uint64_t v)
{
	char want[32];

	for (unsigned i = 0; i < r->bits / 8; i++, v >>= 8)
		snprintf(want + 2 * i, 3, "%02x", (unsigned)(v & 0xff));
	if (strncmp(g + r->offset, want, r->bits / 4) != 0)
		fail_msg("%s: %.*s, not %s\n", r->name, (int)(r->bits / 4), g + r->offset, want);
}

static void expect_unknown(const char *g, const struct xml_reg *r)
{
	for (unsigned i = 0; i < r->bits / 4; i++)
		if (g[r->offset + i] != 'x')
			fail_msg("%s is not unknown\n", r->name);
}

static void test_values(void **state)
{
	struct kernel_regs k = { .v = { [KREG_CPU] = 3, [KREG_PID] = 0xffffffff },
				 .known = 1u << KREG_CPU };
	struct regs r = { .known = 0 };
	struct xml_reg regs[80];
	AUTO(buf) xml = { 0 };
	AUTO(buf) g = { 0 };
	size_t n, last;

	(void)state;
	for (unsigned i = 0; i < X86_NREGS; i++)
		regs_set(&r, i, 0x1122334455660000ULL + i);
	r.known &= ~(1ULL << X86_R9);
	x86_target_xml(&xml);
	n = parse(xml.p, regs, 80);
	x86_gdb_regs(&r, &k, &g);
	last = regs[n - 1].offset + regs[n - 1].bits / 4;
	assert_int_equal(g.len, last);
	for (unsigned i = 0; i < X86_NREGS; i++) {
		if (i == X86_ORIG_RAX)
			continue; // it is in no standard feature of gdb
		if (i == X86_R9)
			expect_unknown(g.p, by_name(regs, n, "r9"));
		else
			expect_hex(g.p, by_name(regs, n, x86_reg_names[i]), r.v[i]);
	}
	for (size_t i = 0; i < 8; i++)
		expect_unknown(g.p, &regs[24 + i]);
	expect_hex(g.p, by_name(regs, n, "cpu"), 3);
	expect_unknown(g.p, by_name(regs, n, "pid"));
}

/* `p N` is the part of `g` that belongs to register N. */
static void test_single(void **state)
{
	struct kernel_regs k = { .known = 0 };
	struct regs r = { .known = 0 };
	struct xml_reg regs[80];
	AUTO(buf) xml = { 0 };
	AUTO(buf) g = { 0 };
	size_t n;

	(void)state;
	for (unsigned i = 0; i < X86_NREGS; i += 2)
		regs_set(&r, i, 0xffffffff81000000ULL + i * 257);
	x86_target_xml(&xml);
	n = parse(xml.p, regs, 80);
	x86_gdb_regs(&r, &k, &g);
	for (size_t i = 0; i < n; i++) {
		AUTO(buf) one = { 0 };

		assert_true(x86_gdb_reg(&r, &k, i, &one));
		assert_int_equal(one.len, regs[i].bits / 4);
		assert_memory_equal(one.p, g.p + regs[i].offset, one.len);
	}
	buf_reset(&xml);
	assert_false(x86_gdb_reg(&r, &k, n, &xml));
	assert_false(x86_gdb_reg(&r, &k, UINT64_MAX, &xml));
	assert_int_equal(xml.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_well_formed),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_single),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
