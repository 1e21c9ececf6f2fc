// SPDX-License-Identifier: GPL-3.0-or-later
/* Entry and symbol images: readelf decodes the frames, and gdb unwinds with them. */
#include "stub/base/log.h"
#include "stub/base/cleanup.h"
#include "stub/elf/ehframe.h"
#include "stub/elf/entryimage.h"
#include "stub/elf/symimage.h"
#include "tests/unit/modfix.h"

#define LO UINT64_C(0xffffffff81e00000)
#define HI UINT64_C(0xffffffff81e01000)

/* Returns the register number of arch/x86_64 for a name. */
static int16_t reg(const char *name)
{
	for (unsigned i = 0; i < arch_x86_64.nregs; i++)
		if (strcmp(arch_x86_64.reg_names[i], name) == 0)
			return (int16_t)i;
	fail_msg("no register %s", name);
	return -1;
}

static struct unwind_rule rule(kva_t start, kva_t end, enum rule_kind kind, int16_t off)
{
	return (struct unwind_rule){
		.start = start, .end = end, .kind = kind, .cfa_reg = reg("rsp"), .cfa_off = off
	};
}

static char *readelf(struct buf *image, const char *what)
{
	char path[] = "/tmp/vmstub-entryimage-XXXXXX";
	int fd = mkstemp(path);
	char *text;

	assert_true(fd >= 0);
	close(fd);
	write_file(path, image->p, image->len);
	text = output("readelf %s %s", what, path);
	unlink(path);
	if (strstr(text, "Warning") || strstr(text, "Error"))
		fail_msg("%s", text);
	return text;
}

static void expect(const char *text, const char *want)
{
	if (!strstr(text, want))
		fail_msg("no \"%s\" in:\n%s", want, text);
}

static void refuse(const char *text, const char *unwanted)
{
	if (strstr(text, unwanted))
		fail_msg("\"%s\" in:\n%s", unwanted, text);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void build_ok(const struct unwind_rule *rules, size_t n, struct buf *out)
{
	const struct entry_symbol syms[] = { { "asm_exc_page_fault", LO + 0x100, 0x40 },
					     { "elsewhere", HI, 1 } };
	AUTO(buf) frames = { 0 };
	struct err err;

	if (ehframe_build(&arch_x86_64, rules, n, &frames, &err) ||
	    entryimage_build(&(struct entryimage){ .arch = &arch_x86_64,
						   .frames = &frames,
						   .lo = LO,
						   .hi = HI,
						   .syms = syms,
						   .nsyms = 2 },
			     out, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(image_base(out), LO);
}

static void test_frames(void **state)
{
	const struct unwind_rule rules[] = {
		rule(LO - 0x100, LO + 0x20, RULE_CALL, 8), // code of vmlinux
		rule(LO + 0x20, LO + 0x30, RULE_REGS, 0),
		rule(LO + 0x30, LO + 0x40, RULE_REGS_PARTIAL, 0),
		rule(LO + 0x40, HI + 0x40, RULE_END, 0),
	};
	AUTO(buf) out = { 0 };
	char *text;

	(void)state;
	build_ok(rules, 4, &out);
	text = readelf(&out, "--debug-dump=frames");
	expect(text, "pc=ffffffff81dfff00..ffffffff81e00020");
	expect(text, "pc=ffffffff81e00020..ffffffff81e00030");
	expect(text, "pc=ffffffff81e00030..ffffffff81e00040");
	expect(text, "pc=ffffffff81e00040..ffffffff81e01040");
	expect(text, "Augmentation:          \"S\"");
	expect(text, "Data alignment factor: -8");
	expect(text, "Return address column: 16");
	expect(text, "DW_CFA_offset_extended_sf: r16 (rip) at cfa+128");
	expect(text, "DW_CFA_offset_extended_sf: r7 (rsp) at cfa+152");
	expect(text, "DW_CFA_offset_extended_sf: r16 (rip) at cfa-8");
	expect(text, "DW_CFA_undefined: r16 (rip)");
	free(text);
	text = readelf(&out, "-lSsW");
	expect(text, "LOAD           0x000000 0xffffffff81e00000 0xffffffff81e00000 0x000000 "
		     "0x001000");
	expect(text, "asm_exc_page_fault");
	refuse(text, "elsewhere");
	free(text);
}

/* ORC tables have many equal rows in sequence: they become one. Different ones share an FDE. */
static void test_merge(void **state)
{
	const struct unwind_rule rules[] = {
		rule(LO, LO + 8, RULE_CALL, 8),	       rule(LO + 8, LO + 16, RULE_CALL, 8),
		rule(LO + 16, LO + 24, RULE_CALL, 16), rule(LO + 32, LO + 40, RULE_CALL, 16),
		rule(LO + 40, LO + 40, RULE_REGS, 0), // empty
		rule(LO + 40, LO + 48, RULE_CALL, 16), rule(LO + 48, LO + 56, RULE_CALL, 3),
		rule(LO + 56, LO + 64, RULE_CALL, 16), rule(HI, HI + 64, RULE_CALL, 16),
	};
	AUTO(buf) out = { 0 };
	char *text;

	(void)state;
	build_ok(rules, sizeof(rules) / sizeof(rules[0]), &out);
	text = readelf(&out, "--debug-dump=frames");
	assert_int_equal(count(text, " FDE "), 4);
	expect(text, "pc=ffffffff81e00000..ffffffff81e00018");
	assert_int_equal(count(text, "DW_CFA_advance_loc"), 1);
	expect(text, "DW_CFA_advance_loc: 16 to ffffffff81e00010");
	expect(text, "pc=ffffffff81e00020..ffffffff81e00030"); // not across the gap at 0x18
	expect(text, "pc=ffffffff81e01000..ffffffff81e01040");
	expect(text, "pc=ffffffff81e00038..ffffffff81e00040"); // nor the rule without CFI at 0x30
	free(text);
}

static void test_no_rules(void **state)
{
	AUTO(buf) frames = { 0 };
	AUTO(buf) out = { 0 };
	struct err err;
	char *text;

	(void)state;
	build_ok(NULL, 0, &out);
	text = readelf(&out, "--debug-dump=frames");
	assert_int_equal(count(text, " FDE "), 0);
	free(text);
	buf_deinit(&out);
	assert_int_equal(entryimage_build(&(struct entryimage){ .arch = &arch_x86_64,
								.frames = &frames,
								.lo = HI,
								.hi = LO },
					  &out, &err),
			 VS_INVAL);
	assert_null(out.p);
}

/* gdb unwinds from an interrupted frame with the image only. A running process takes the kernel's
 * role; one REGS rule, whose CFA is the stack pointer, covers its code. */
static void test_gdb_unwinds(void **state)
{
	char dir[] = "/tmp/vmstub-entryimage-XXXXXX", path[64];
	AUTO(buf) frames = { 0 };
	AUTO(buf) out = { 0 };
	struct unwind_rule r;
	unsigned long text_va = 0;
	struct err err;
	char *text;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a.s", dir);
	text = "	.globl _start\n"
	       "	.data\n"
	       "regs:	.quad 15,14,13,12,0xb9,0xbb,11,10,9,8,0xa,0xc,0xd,0x51,0xd1,0\n"
	       "	.quad caller,0x33,0x202,stack,0x2b\n"
	       "	.space 256\n"
	       "stack:	.space 256\n"
	       "	.text\n"
	       "caller: nop\n"
	       "	ret\n"
	       "_start: lea regs(%rip), %rsp\n"
	       "here:	hlt\n";
	write_file(path, text, strlen(text));
	if (run("cd %s && gcc -nostdlib -static -no-pie -o a a.s 2>/dev/null && gdb --version "
		">/dev/null 2>&1",
		dir))
		skip();
	text = output("nm %s/a | sed -n 's/ t here//p'", dir);
	text_va = strtoul(text, NULL, 16);
	free(text);
	r = rule(text_va, text_va + 1, RULE_REGS, 0);
	assert_int_equal(ehframe_build(&arch_x86_64, &r, 1, &frames, &err), VS_OK);
	assert_int_equal(entryimage_build(&(struct entryimage){ .arch = &arch_x86_64,
								.frames = &frames,
								.lo = text_va,
								.hi = text_va + 1 },
					  &out, &err),
			 VS_OK);
	snprintf(path, sizeof(path), "%s/image", dir);
	write_file(path, out.p, out.len);
	text = output("cd %s && gdb -nx -q -batch -ex 'add-symbol-file image' -ex 'file a' -ex "
		      "'add-symbol-file image' -ex run -ex bt -ex 'up' -ex 'info registers rip rsp "
		      "rbx r12 rax' a </dev/null",
		      dir);
	run("rm -rf %s", dir);
	if (strstr(text, "ptrace") || strstr(text, "not being run"))
		skip();
	expect(text, "<signal handler called>");
	expect(text, "in caller ()");
	expect(text, "<caller>");
	free(text);
}

static void test_symbols(void **state)
{
	const struct image_symbol syms[] = {
		{ "tail_data", LO + 0x900, 8, false, true },
		{ "early_code", LO + 0x10, 16, true, false },
		{ "late_code", LO + 0x40, 0, true, true },
		{ "both_data", LO + 0x800, 0, false, false },
		{ "outside", HI, 4, true, false },
		{ "again_code", LO + 0xa00, 4, true, false },
		{ "same_data", LO + 0xa00, 4, false, false },
	};
	AUTO(buf) out = { 0 };
	struct err err;
	char *text;

	(void)state;
	assert_int_equal(symimage_build(syms, 7, LO, HI, NULL, NULL, &out, &err), VS_OK);
	assert_int_equal(image_base(&out), LO);
	text = readelf(&out, "-SsW");
	expect(text, ".text             NOBITS          ffffffff81e00000 000080 000800");
	expect(text, ".data             NOBITS          ffffffff81e00800 000080 000200");
	expect(text, ".text             NOBITS          ffffffff81e00a00 000080 000600");
	expect(text, "ffffffff81e00010    16 FUNC    GLOBAL DEFAULT    1 early_code");
	expect(text, "ffffffff81e00900     8 OBJECT  LOCAL  DEFAULT    2 tail_data");
	expect(text, "ffffffff81e00040  1984 FUNC    LOCAL  DEFAULT    1 late_code");
	expect(text, "same_data");
	refuse(text, "outside");
	free(text);
	assert_int_equal(symimage_build(syms, 7, HI, HI, NULL, NULL, &out, &err), VS_INVAL);
	assert_int_equal(symimage_build(NULL, 0, LO, HI, NULL, NULL, &out, &err), VS_OK);
}

static void test_symbols_in_gdb(void **state)
{
	const struct image_symbol syms[] = {
		{ "early_code", LO + 0x10, 0, true, false },
		{ "some_data", LO + 0x800, 0, false, true },
	};
	char path[] = "/tmp/vmstub-symimage-XXXXXX";
	int fd = mkstemp(path);
	AUTO(buf) out = { 0 };
	struct err err;
	char *text;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(symimage_build(syms, 2, LO, HI, NULL, NULL, &out, &err), VS_OK);
	write_file(path, out.p, out.len);
	text = output("gdb -nx -q -batch -ex 'set architecture i386:x86-64' -ex 'add-symbol-file "
		      "%s' -ex 'info symbol 0xffffffff81e00018' -ex 'info symbol "
		      "0xffffffff81e00804' -ex 'p &some_data' </dev/null",
		      path);
	unlink(path);
	if (strstr(text, "not found"))
		skip();
	expect(text, "early_code + 8 in section .text");
	expect(text, "some_data + 4 in section .data");
	expect(text, "0xffffffff81e00800 <some_data>");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),	 cmocka_unit_test(test_merge),
		cmocka_unit_test(test_no_rules), cmocka_unit_test(test_gdb_unwinds),
		cmocka_unit_test(test_symbols),	 cmocka_unit_test(test_symbols_in_gdb),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
