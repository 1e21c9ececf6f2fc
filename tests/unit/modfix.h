// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* modfix.h - a small kernel-like module, compiled and linked as modules are, for image tests. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/elf/elfwrite.h"
#include "stub/elf/modimage.h"

#include <cmocka.h> /* last: its fail() is a macro that hides err.h's */
#undef fail
#undef fail_msg
#define fail_msg(...) (print_error("ERROR: " __VA_ARGS__), _fail(__FILE__, __LINE__))

#define MOD_TEXT   UINT64_C(0xffffffffc0221000)
#define MOD_EXIT   UINT64_C(0xffffffffc0221800)
#define MOD_RODATA UINT64_C(0xffffffffc0222000)
#define MOD_DATA   UINT64_C(0xffffffffc0223040)
#define MOD_BSS	   UINT64_C(0xffffffffc0223400)
#define MOD_PERCPU UINT64_C(0x2b03a000)
#define MOD_STALE  UINT64_C(0xffffffffc0221010) /* .init.text's memory, reused by .text */

static const char modfix_main[] =
	"struct pair { long a, b; };\n"
	"extern int helper(int n);\n"
	"static int counter = 7;\n"
	"struct pair shared = { 1, 2 };\n"
	"static const char *const label = \"label\";\n"
	"static long scratch[4];\n"
	"__attribute__((section(\".data..percpu\"))) static long percpu_var;\n"
	"__attribute__((section(\".data..percpu\"))) long percpu_global = 3;\n"
	"__attribute__((section(\".init.data\"))) int init_var = 5;\n"
	"__attribute__((noinline)) static int inner(int n, const char *s)\n"
	"{\n"
	"	int copy = helper(n) + s[0];\n"
	"	scratch[n & 3] += copy;\n"
	"	return copy * counter++;\n"
	"}\n"
	"__attribute__((noinline, cold)) int slow(int n) { return inner(n * 3, label); }\n"
	"int outer(int n)\n"
	"{\n"
	"	if (__builtin_expect(n > 9, 0))\n"
	"		return slow(n);\n"
	"	for (int i = 0; i < n; i++)\n"
	"		if (inner(i, label) > 4) { int deep = i; percpu_var += deep; }\n"
	"	return shared.a;\n"
	"}\n"
	"__attribute__((section(\".init.text\"), noinline)) int first(int n)\n"
	"{\n"
	"	for (int i = 0; i < n; i++) { int t = helper(i); init_var += t; }\n"
	"	return outer(init_var);\n"
	"}\n"
	"__attribute__((section(\".exit.text\"))) void last(void) { outer(counter); }\n"
	"__attribute__((section(\".discard.text\"))) int gone(int n) { return helper(n) + 1; }\n";
static const char modfix_helper[] = "extern long percpu_global;\n"
				    "static int calls;\n"
				    "int helper(int n)\n"
				    "{\n"
				    "	calls++;\n"
				    "	return n + calls + (int)percpu_global;\n"
				    "}\n";

/* Like scripts/module.lds: sections keep their names, and without addresses set to 0 data sections
 * get a non-zero sh_addr (6.10 and later). */
static const char modfix_script[] = "SECTIONS {\n"
				    "	.text 0 : { *(.text .text.unlikely .text.hot) }\n"
				    "	.init.text 0 : { *(.init.text) }\n"
				    "	.exit.text 0 : { *(.exit.text) }\n"
				    "	.discard.text 0 : { *(.discard.text) }\n"
				    "	.rodata 0x40 : { *(.rodata .rodata.*) }\n"
				    "	.data : { *(.data .data.rel.*) }\n"
				    "	.data..percpu 0 : { *(.data..percpu) }\n"
				    "	.init.data 0x20 : { *(.init.data) }\n"
				    "	.bss : { *(.bss) }\n"
				    "}\n";

static const struct image_section modfix_sections[] = {
	{ .name = ".text", .va = MOD_TEXT },
	{ .name = ".exit.text", .va = MOD_EXIT },
	{ .name = ".rodata", .va = MOD_RODATA },
	{ .name = ".data", .va = MOD_DATA },
	{ .name = ".bss", .va = MOD_BSS },
	{ .name = ".data..percpu", .va = MOD_PERCPU },
	{ .name = ".init.text", .va = MOD_STALE },
	{ .name = ".eh_frame", .va = MOD_RODATA + 0x800 },
};
#define MODFIX_SECTIONS (sizeof(modfix_sections) / sizeof(modfix_sections[0]))

static inline void write_file(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* Run a command line; returns its exit status. */
static inline int run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline int run(const char *fmt, ...)
{
	struct buf cmd = { 0 };
	va_list ap;
	int rc;

	va_start(ap, fmt);
	buf_vprintf(&cmd, fmt, ap);
	va_end(ap);
	rc = system(buf_str(&cmd));
	buf_deinit(&cmd);
	return rc;
}

/* What a command line prints on stdout and stderr. The caller frees. */
static inline char *output(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline char *output(const char *fmt, ...)
{
	struct buf cmd = { 0 }, out = { 0 };
	char part[4096];
	va_list ap;
	FILE *p;
	size_t n;

	va_start(ap, fmt);
	buf_vprintf(&cmd, fmt, ap);
	va_end(ap);
	buf_puts(&cmd, " 2>&1");
	p = popen(buf_str(&cmd), "r");
	assert_non_null(p);
	while ((n = fread(part, 1, sizeof(part), p)) > 0)
		buf_put(&out, part, n);
	pclose(p);
	buf_deinit(&cmd);
	return out.p ? out.p : strdup("");
}

/* Compile the module with extra flags to DIR/mod.ko. False if the compiler cannot. */
static inline bool modfix_compile(const char *dir, const char *flags)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/main.c", dir);
	write_file(path, modfix_main, strlen(modfix_main));
	snprintf(path, sizeof(path), "%s/helper.c", dir);
	write_file(path, modfix_helper, strlen(modfix_helper));
	snprintf(path, sizeof(path), "%s/mod.lds", dir);
	write_file(path, modfix_script, strlen(modfix_script));
	return run("cd %s && for f in main helper; do gcc -c -O2 -mcmodel=kernel -fno-pie %s $f.c "
		   "|| exit 1; done >gcc.log 2>&1 && ld -r -T mod.lds -o mod.ko main.o helper.o",
		   dir, flags) == 0;
}

/* Lets the linker place the same module at its addresses, DIR/oracle: data that is not loaded goes
 * to the hole, as in the image, and such code is discarded. Debug strings must not be merged, or
 * offsets would differ. */
static inline void modfix_oracle(const char *dir)
{
	assert_int_equal(run("cd %s && cat >oracle.lds <<EOF\n"
			     "SECTIONS {\n"
			     ".text %#lx : { *(.text) }\n"
			     ".exit.text %#lx : { *(.exit.text) }\n"
			     ".rodata %#lx : { *(.rodata) }\n"
			     ".eh_frame %#lx : { *(.eh_frame) }\n"
			     ".data %#lx : { *(.data) }\n"
			     ".bss %#lx : { *(.bss) }\n"
			     ".data..percpu %#lx : { *(.data..percpu) }\n"
			     ".init.data %#lx : { *(.init.data) }\n"
			     "/DISCARD/ : { *(.init.text) *(.discard.text) }\n"
			     "}\n"
			     "EOF\n"
			     "objcopy --set-section-flags .debug_str=readonly "
			     "--set-section-flags .debug_line_str=readonly mod.ko plain.ko && "
			     "ld -e 0 -T oracle.lds -o oracle plain.ko >ld.log 2>&1",
			     dir, MOD_TEXT, MOD_EXIT, MOD_RODATA, MOD_RODATA + 0x800, MOD_DATA,
			     MOD_BSS, MOD_PERCPU, IMAGE_HOLE_START),
			 0);
}

/* A folder for one test, with the module and the image made from it. */
struct modfix {
	char dir[40];
	char ko[64], image[64];
};

static inline int modfix_setup(void **state)
{
	struct modfix *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/vmstub-modimage-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->ko, sizeof(f->ko), "%s/mod.ko", f->dir);
	snprintf(f->image, sizeof(f->image), "%s/image", f->dir);
	*state = f;
	return 0;
}

static inline int modfix_teardown(void **state)
{
	struct modfix *f = *state;

	run("rm -rf %s", f->dir);
	free(f);
	return 0;
}

static inline void modfix_build(const struct modfix *f, const char *ko, const char *debug)
{
	AUTO(buf) out = { 0 };
	struct err err = { 0 };

	if (modimage_build(ko, debug, modfix_sections, MODFIX_SECTIONS, NULL, &out, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(image_base(&out), MOD_TEXT);
	write_file(f->image, out.p, out.len);
}

static inline void modfix_expect(const char *text, const char *want)
{
	if (!strstr(text, want))
		fail_msg("no \"%s\" in:\n%s", want, text);
}

static inline void modfix_refuse(const char *text, const char *unwanted)
{
	if (strstr(text, unwanted))
		fail_msg("\"%s\" in:\n%s", unwanted, text);
}
