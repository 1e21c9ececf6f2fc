// SPDX-License-Identifier: GPL-3.0-or-later
/* open: finds the kernel in the synthetic dump (tests/kernel) when something that tells its place
 * is missing: VMCOREINFO, the notes, the page tables, a vmlinux that fits. */
#include "tests/unit/memfix.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/dump/dump.h"
#include "stub/kernel/kernel.h"

/* tests/kernel: place.h, memory.h, boot.h, tasks.h */
#define SLIDE	  0x1000000
#define PHYS_BASE 0x1000000
#define ROOT	  0x3210000 /* init_top_pgt */
#define INFO_PAGE 0x1f0000  /* has VMCOREINFO; the pages around it are not in the dump */
#define MAX_FILE  (8 << 20)
#define NO_PAGE	  0x2000000 /* is not in the dump */
#define UTS_NAME  0xffffffff82203000ULL
#define WORM	  0xffff888000104000ULL
#define STACK	  0xffffc90000007e38ULL
#define WORM_DATA "burrow" /* nodename, 65 bytes after sysname */

struct opened {
	struct dump *dump;
	struct kernel *k;
	struct err err;
	char vmlinux[PATH_MAX + 32];
	struct kernel_options options; /* the kernel keeps a pointer */
};

static char folder[PATH_MAX]; /* of the synthetic kernel */
static char copies[] = "/tmp/vmstub-open-XXXXXX";

static vs_status open_file(struct opened *o, const char *path)
{
	vs_status st = dump_open(&path, 1, &o->dump, &o->err);

	o->k = NULL;
	if (st)
		fail_msg("%s\n", o->err.msg);
	return kernel_open(o->dump, &arch_x86_64, &o->options, &o->k, &o->err);
}

static vs_status open_name(struct opened *o, const char *name)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return open_file(o, path);
}

static void shut(struct opened *o)
{
	kernel_close(o->k);
	dump_close(o->dump);
	*o = (struct opened){ 0 };
}

static void use_vmlinux(struct opened *o)
{
	snprintf(o->vmlinux, sizeof(o->vmlinux), "%s/vmlinux", folder);
	o->options.vmlinux = o->vmlinux;
}

/* Copies a file of the synthetic kernel with each `what` replaced by `by` of the same length. */
static void copy(const char *name, const char *what, const char *by, char ret[PATH_MAX])
{
	AUTO(buf) data = { 0 };
	char path[PATH_MAX + 32], piece[4096], *at;
	size_t n, done = 0;
	FILE *f;

	assert_int_equal(strlen(what), strlen(by));
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "re");
	assert_non_null(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_put(&data, piece, n);
	fclose(f);
	for (at = data.p; (at = memmem(at, data.len - (size_t)(at - data.p), what, strlen(what)));
	     at += strlen(what)) {
		memcpy(at, by, strlen(by));
		done++;
	}
	assert_true(done > 0);
	snprintf(ret, PATH_MAX, "%s/%s", copies, name);
	f = fopen(ret, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(data.p, 1, data.len, f), data.len);
	fclose(f);
}

/* A dump without notes, and without the VMCOREINFO that the kernel has in memory. */
static void open_without_info(struct opened *o, vs_status want)
{
	char path[PATH_MAX];

	copy("vmcore.bare", "VMCOREINFO", "xmcoreinfo", path);
	assert_int_equal(open_file(o, path), want);
	unlink(path);
}

/* Offset of the first word with this value in a file of len bytes. */
static size_t find_word(const uint8_t *file, size_t len, uint64_t word)
{
	for (size_t at = 0; at + 8 <= len; at += 8)
		if (memcmp(file + at, &word, 8) == 0)
			return at;
	fail_msg("no %#llx in the file", (unsigned long long)word);
	return 0;
}

/* A dump without notes whose VMCOREINFO begins 4 bytes after the start of a page, as it may before
 * 4.13. The dump lacks the pages before it. */
static void open_odd_info(struct opened *o)
{
	AUTO_FREE uint8_t *file = malloc(MAX_FILE);
	char path[PATH_MAX];
	size_t len, header, page;
	FILE *f;

	copy("vmcore.bare", "VMCOREINFO", "VMCOREINFO", path);
	f = fopen(path, "r+e");
	assert_true(f && file);
	len = fread(file, 1, MAX_FILE, f);
	assert_true(len > 0 && len < MAX_FILE);
	header = find_word(file, len, INFO_PAGE);
	memcpy(file + header, &(uint64_t){ INFO_PAGE + 0x3000 }, 8);
	memcpy(&page, file + header - 16, 8); // p_offset
	memmove(file + page + 4, file + page, 4092);
	rewind(f);
	assert_int_equal(fwrite(file, 1, len, f), len);
	fclose(f);
	assert_int_equal(open_file(o, path), VS_OK);
	unlink(path);
}

static bool holds(struct opened *o, kva_t va, const char *text)
{
	char got[64];

	return mem_read_str(o->k->mem, va, got, sizeof(got), NULL) == VS_OK &&
	       strcmp(got, text) == 0;
}

static bool readable(struct opened *o, kva_t va)
{
	uint64_t word;

	return mem_read_u64(o->k->mem, va, &word, NULL) == VS_OK;
}

static void test_vmcoreinfo_file(void **state)
{
	struct opened o = { 0 };

	(void)state;
	o.options.vmcoreinfo = "tests/kernel/nosuch";
	assert_int_equal(open_name(&o, "vmcore"), VS_IO);
	assert_non_null(strstr(o.err.msg, "cannot be read"));
	shut(&o);
	o.options.vmcoreinfo = "tests/kernel/boot.h";
	assert_int_equal(open_name(&o, "vmcore"), VS_INVAL);
	assert_non_null(strstr(o.err.msg, "no OSRELEASE="));
	shut(&o);
}

/* Nothing in the dump tells where the kernel is. */
static void test_no_info(void **state)
{
	struct opened o = { 0 };

	(void)state;
	open_without_info(&o, VS_NOTFOUND);
	assert_non_null(strstr(o.err.msg, "use --vmcoreinfo, --root or --phys-base"));
	shut(&o);
}

static void test_info_within_a_page(void **state)
{
	struct opened o = { 0 };

	(void)state;
	open_odd_info(&o);
	assert_u64(o.k->phys_base, PHYS_BASE);
	assert_u64(o.k->slide, SLIDE);
	assert_true(readable(&o, STACK));
	shut(&o);
}

/* The user knows phys_base and the slide; vmlinux has the name of the page tables. */
static void test_page_tables_by_vmlinux(void **state)
{
	struct opened o = { .options = { .have_phys_base = true,
					 .phys_base = PHYS_BASE,
					 .have_slide = true,
					 .slide = SLIDE } };

	(void)state;
	use_vmlinux(&o);
	open_without_info(&o, VS_OK);
	assert_true(holds(&o, UTS_NAME, "Linux"));
	assert_true(readable(&o, STACK)); // mapped only by the page tables
	shut(&o);
	// With a wrong slide, the table is looked for behind all memory; nothing can be read.
	o.options = (struct kernel_options){ .have_phys_base = true,
					     .phys_base = PHYS_BASE,
					     .have_slide = true,
					     .slide = 2 * SLIDE };
	use_vmlinux(&o);
	open_without_info(&o, VS_OK);
	assert_false(readable(&o, STACK));
	assert_false(holds(&o, UTS_NAME, "Linux"));
	shut(&o);
}

/* The top page table is lost: the image and the direct map are linear. */
static void test_lost_page_tables(void **state)
{
	struct opened o = { .options = { .have_root = true, .root = NO_PAGE } };

	(void)state;
	assert_int_equal(open_name(&o, "vmcore"), VS_OK);
	assert_true(holds(&o, UTS_NAME, "Linux"));
	assert_true(holds(&o, UTS_NAME + 65, WORM_DATA));
	assert_true(readable(&o, WORM));
	assert_false(readable(&o, STACK));
	assert_false(readable(&o, 0xffffffff83000000));			// behind the image
	assert_false(readable(&o, 0xffffffff81f00000));			// before it
	assert_false(readable(&o, 0xffff888000000000 + (64ULL << 20))); // behind all memory
	shut(&o);
}

/* A vmlinux of another build has another banner. */
static void test_another_vmlinux(void **state)
{
	struct opened o = { 0 };
	struct err err;

	(void)state;
	copy("vmlinux", "tiny (mole@burrow)", "tiny (mole@meadow)", o.vmlinux);
	o.options.vmlinux = o.vmlinux;
	assert_int_equal(open_name(&o, "vmcore"), VS_OK);
	assert_int_equal(kernel_need_vmlinux(o.k, &err), VS_NOTFOUND);
	assert_non_null(strstr(err.msg, "mole@meadow"));
	assert_non_null(
		strstr(err.msg, "the dump's kernel is \"Linux version 6.1.0-tiny (mole@burrow"));
	unlink(o.vmlinux);
	shut(&o);
	// Without a banner, nothing shows that it does not fit.
	copy("vmlinux", "Linux version 6.1.0", "Xinux version 6.1.0", o.vmlinux);
	o.options.vmlinux = o.vmlinux;
	assert_int_equal(open_name(&o, "vmcore"), VS_OK);
	assert_int_equal(kernel_need_vmlinux(o.k, &err), VS_OK);
	assert_int_equal(o.k->vmlinux_evidence, VMID_NONE);
	unlink(o.vmlinux);
	shut(&o);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vmcoreinfo_file),
		cmocka_unit_test(test_no_info),
		cmocka_unit_test(test_info_within_a_page),
		cmocka_unit_test(test_page_tables_by_vmlinux),
		cmocka_unit_test(test_lost_page_tables),
		cmocka_unit_test(test_another_vmlinux),
	};
	char path[PATH_MAX];
	int rc;

	(void)argc;
	log_set_level(LOG_ERROR);
	snprintf(path, sizeof(path), "%s/../kernel", dirname(argv[0]));
	if (!realpath(path, folder) || !mkdtemp(copies)) {
		fprintf(stderr, "%s: no synthetic kernel\n", path);
		return 1;
	}
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(copies);
	return rc;
}
