// SPDX-License-Identifier: GPL-3.0-or-later
/* test_malformed.c - builds and opens every case of tests/malformed/, and checks the expected
 * behaviour. With a folder as argument, it writes the files there instead, for tests that run the
 * program itself. */
#include "tests/unit/mkdump.h"

#include <dirent.h>
#include <sys/mman.h>

#include "arch/archs.h"
#include "stub/arch.h"
#include "stub/kernel/kernel.h"

#define FOLDER "tests/malformed"

struct tally {
	size_t tried, survived, skipped;
	const char *write_to; /* NULL: check */
};

static vs_status status_of(const struct mk_line *l, int i)
{
	static const struct {
		const char *name;
		vs_status st;
	} names[] = {
		{ "ok", VS_OK },
		{ "zero", VS_OK },
		{ "excluded", VS_EXCLUDED },
		{ "lost", VS_LOST },
		{ "hole", VS_HOLE },
		{ "unmapped", VS_UNMAPPED },
		{ "swapped", VS_SWAPPED },
		{ "corrupt", VS_CORRUPT },
		{ "io", VS_IO },
		{ "unsupported", VS_UNSUPPORTED },
		{ "invalid", VS_INVAL },
		{ "notfound", VS_NOTFOUND },
	};

	for (size_t n = 0; i < l->n && n < sizeof(names) / sizeof(names[0]); n++)
		if (strcmp(names[n].name, l->w[i]) == 0)
			return names[n].st;
	mk_bad(l, "no such status");
	return VS_OK;
}

/* The state of a case during its checks. */
struct open_case {
	struct mk_case *c;
	int fd[MK_FILES];
	char path[MK_FILES][32];
	struct dump *d;
	struct err err;
	vs_status st;
	char log[8192];
	bool wrong;
};

static void wrong(struct open_case *o, const struct mk_line *l, vs_status st, const char *msg)
{
	print_error("%s (%s), line %d: %s%s%s%s: got %d \"%s\"\n", o->c->name, o->c->source,
		    l->number, l->w[0], l->n > 1 ? " " : "", l->n > 1 ? l->w[1] : "",
		    l->n > 2 ? " ..." : "", st, msg);
	o->wrong = true;
}

/* Does text contain all words of a check, from the i-th on? */
static bool has_words(const struct mk_line *l, int i, const char *text)
{
	for (; i < l->n; i++)
		if (!strstr(text, l->w[i]))
			return false;
	return true;
}

static void expect(struct open_case *o, const struct mk_line *l, int i, vs_status st,
		   const struct err *err)
{
	const char *msg = st ? err->msg : "";

	if (st != status_of(l, i) || !has_words(l, i + 1, msg) || strchr(msg, '\n'))
		wrong(o, l, st, msg);
}

static void open_files(struct open_case *o)
{
	const char *paths[MK_FILES];
	const struct arch_ops *arch;
	int saved = dup(2), log = memfd_create("log", MFD_CLOEXEC);
	ssize_t n;

	for (size_t i = 0; i < o->c->nfiles; i++) {
		const struct buf *b = &o->c->file[i].b;

		o->fd[i] = memfd_create("dump", MFD_CLOEXEC);
		snprintf(o->path[i], sizeof(o->path[i]), "/proc/self/fd/%d", o->fd[i]);
		paths[i] = o->path[i];
		assert_int_equal(write(o->fd[i], b->p, b->len), (ssize_t)b->len);
	}
	log_set_level(LOG_WARN);
	fflush(stderr);
	dup2(log, 2);
	o->st = dump_open(paths, o->c->nfiles, &o->d, &o->err);
	if (o->st == VS_OK)
		o->st = arch_of_dump(dump_info(o->d), &arch, &o->err);
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	n = pread(log, o->log, sizeof(o->log) - 1, 0);
	o->log[n > 0 ? n : 0] = '\0';
	close(log);
}

static void close_files(struct open_case *o)
{
	dump_close(o->d);
	for (size_t i = 0; i < o->c->nfiles; i++)
		close(o->fd[i]);
}

/* at PFN STATUS: the whole page; "ok" means with the fixture's content, "zero" with zeros. */
static void check_page(struct open_case *o, const struct mk_line *l)
{
	uint64_t pfn = mk_number(l, 1);
	uint8_t page[FIX_BLOCK], want[FIX_BLOCK] = { 0 };
	struct err err = { 0 };
	vs_status st = fix_read_page(o->d, pfn, page, &err);

	expect(o, l, 2, st, &err);
	if (st)
		return;
	if (strcmp(l->w[2], "zero") != 0 && o->c->file[0].is_elf)
		for (size_t i = 0; i < sizeof(want); i++)
			want[i] = fix_byte_at(pfn * FIX_BLOCK + i);
	else if (strcmp(l->w[2], "zero") != 0)
		fix_page_fill(want, sizeof(want), pfn);
	if (memcmp(page, want, sizeof(want)) != 0)
		wrong(o, l, st, "other content");
}

/* read ADDRESS LENGTH GOT STATUS */
static void check_read(struct open_case *o, const struct mk_line *l)
{
	static uint8_t dst[1 << 20];
	size_t len = (size_t)mk_number(l, 2);
	struct err err = { 0 };
	struct mem_got got;

	assert_true(len <= sizeof(dst) || mk_number(l, 3) < sizeof(dst));
	got = dump_mem(o->d)->read(dump_mem(o->d), mk_number(l, 1), dst, len, &err);
	if (got.len != mk_number(l, 3))
		wrong(o, l, got.why, "another length");
	expect(o, l, 4, got.why, &err);
}

/* walk LEVELS ROOT ADDRESS STATUS [words], or with ok: the physical address */
static void check_walk(struct open_case *o, const struct mk_line *l)
{
	struct paging pg = { .levels = (int)mk_number(l, 1), .root = mk_number(l, 2) };
	struct err err = { 0 };
	struct walk w;
	vs_status st;

	pg.max_pa = dump_info(o->d)->max_pfn << 12;
	st = arch_x86_64.walk(&pg, dump_mem(o->d), mk_number(l, 3), &w, &err);
	if (st == VS_OK && status_of(l, 4) == VS_OK && w.pa == mk_number(l, 5))
		return;
	expect(o, l, 4, st, &err);
}

/* regs N STATUS: registers in the N-th note, by its name */
static void check_regs(struct open_case *o, const struct mk_line *l)
{
	size_t n, i = (size_t)mk_number(l, 1);
	const struct dump_note *notes = dump_notes(o->d, &n);
	struct err err = { 0 };
	struct regs r;
	int32_t pid;
	struct bytes desc;
	vs_status st;

	assert_true(i < n);
	desc = bytes_of(notes[i].desc, notes[i].len);
	st = strcmp(notes[i].name, "QEMU") == 0
		     ? arch_x86_64.regs_from_qemu(desc, &r, &err)
		     : arch_x86_64.regs_from_prstatus(desc, &r, &pid, &err);
	expect(o, l, 2, st, &err);
}

static void check_vmcoreinfo(struct open_case *o, const struct mk_line *l)
{
	size_t len = 0;
	const char *text = dump_vmcoreinfo(o->d, &len);
	char *copy = text ? strndup(text, len) : strdup("none");

	if (!has_words(l, 1, copy))
		wrong(o, l, VS_OK, copy);
	free(copy);
}

/* kernel STATUS; root N */
static void check_kernel(struct open_case *o, const struct mk_line *l)
{
	static const struct kernel_options no_options;
	struct err err = { 0 };
	struct kernel *k = NULL;
	vs_status st;

	log_set_level(LOG_ERROR);
	st = kernel_open(o->d, &arch_x86_64, &no_options, &k, &err);
	if (mk_is(l, "kernel"))
		expect(o, l, 1, st, &err);
	else if (st || kmem_paging(k->kmem)->root != mk_number(l, 1))
		wrong(o, l, st, "another root");
	kernel_close(k);
}

static void check_one(struct open_case *o, const struct mk_line *l)
{
	size_t n;

	if (mk_is(l, "open")) {
		expect(o, l, 1, o->st, &o->err);
	} else if (mk_is(l, "warn")) {
		if (strcmp(l->w[1], "none") == 0 ? o->log[0] : !has_words(l, 1, o->log))
			wrong(o, l, VS_OK, o->log);
	} else if (o->st) {
		wrong(o, l, o->st, o->err.msg);
	} else if (mk_is(l, "zero-excluded")) {
		dump_zero_excluded(o->d);
	} else if (mk_is(l, "at")) {
		check_page(o, l);
	} else if (mk_is(l, "state")) {
		vs_status st = dump_page_state(o->d, mk_number(l, 1));

		if (st != status_of(l, 2))
			wrong(o, l, st, "");
	} else if (mk_is(l, "read")) {
		check_read(o, l);
	} else if (mk_is(l, "walk")) {
		check_walk(o, l);
	} else if (mk_is(l, "regs")) {
		check_regs(o, l);
	} else if (mk_is(l, "kernel") || mk_is(l, "root")) {
		check_kernel(o, l);
	} else if (mk_is(l, "vmcoreinfo")) {
		check_vmcoreinfo(o, l);
	} else if (mk_is(l, "notes")) {
		dump_notes(o->d, &n);
		if (n != mk_number(l, 1))
			wrong(o, l, VS_OK, "another number");
	} else if (mk_is(l, "max")) {
		if (dump_info(o->d)->max_pfn != mk_number(l, 1))
			wrong(o, l, VS_OK, "another max_pfn");
	} else { // shrink LENGTH: while it is open
		for (size_t i = 0; i < o->c->nfiles; i++)
			assert_int_equal(ftruncate(o->fd[i], (off_t)mk_number(l, 1)), 0);
	}
}

/* In every case, each page must be readable or give an error. */
static void read_all(struct dump *d)
{
	uint8_t page[FIX_BLOCK];
	struct err err;
	pfn_t pfn = 0;
	size_t n;

	for (int i = 0; i < 1000 && dump_next_page(d, pfn, &pfn, NULL) == VS_OK; i++, pfn++)
		if (fix_read_page(d, pfn, page, &err) && !err.msg[0])
			fail_msg("pfn %#llx: an error without words", (unsigned long long)pfn);
	(void)dump_pages_stored(d);
	(void)dump_notes(d, &n);
}

static bool check_case(struct mk_case *c)
{
	struct open_case o = { .c = c };
	bool opens = false;

	open_files(&o);
	for (size_t i = 0; i < c->ncheck; i++) {
		opens |= mk_is(&c->check[i], "open");
		check_one(&o, &c->check[i]);
	}
	if (!opens)
		fail_msg("%s (%s): does not say whether it opens", c->name, c->source);
	if (o.d)
		read_all(o.d);
	close_files(&o);
	return !o.wrong;
}

static void write_case(const struct mk_case *c, const char *dir)
{
	for (size_t i = 0; i < c->nfiles; i++) {
		char path[512];
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s.%zu", dir, c->name, i);
		f = fopen(path, "w");
		if (!f || fwrite(c->file[i].b.p, 1, c->file[i].b.len, f) != c->file[i].b.len ||
		    fclose(f) != 0)
			fail_msg("%s: cannot be written", path);
	}
}

static void one(struct mk_case *c, void *ctx)
{
	struct tally *t = ctx;

	if (mk_build(c)) {
		t->tried++;
		if (t->write_to)
			write_case(c, t->write_to);
		else
			t->survived += check_case(c);
	} else {
		t->skipped++;
	}
	mk_free(c);
}

static void all_cases(struct tally *t)
{
	DIR *d = opendir(FOLDER);
	struct dirent *e;
	char path[512];

	if (!d)
		fail_msg("%s: cannot be read; the working folder has to be the tree's root",
			 FOLDER);
	while ((e = readdir(d))) {
		if (!strstr(e->d_name, ".txt"))
			continue;
		snprintf(path, sizeof(path), FOLDER "/%s", e->d_name);
		mk_each(path, one, t);
	}
	closedir(d);
}

static void test_cases(void **state)
{
	struct tally t = { 0 };

	(void)state;
	all_cases(&t);
	assert_true(t.tried > 100 && t.survived == t.tried);
	// tests/run shows lines that start like this
	printf("# note: malformed inputs: %zu tried, %zu survived", t.tried, t.survived);
	if (t.skipped)
		printf(", %zu need a codec that is not built in", t.skipped);
	printf("\n");
}

static const char *target;

static void write_cases(void **state)
{
	struct tally t = { .write_to = target };

	(void)state;
	all_cases(&t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest checks[] = { cmocka_unit_test(test_cases) };
	const struct CMUnitTest writes[] = { cmocka_unit_test(write_cases) };

	target = argc > 1 ? argv[1] : NULL;
	return target ? cmocka_run_group_tests(writes, NULL, NULL)
		      : cmocka_run_group_tests(checks, NULL, NULL);
}
