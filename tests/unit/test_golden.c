// SPDX-License-Identifier: GPL-3.0-or-later
/* test_golden.c - compares the exact output of verbs on the synthetic kernel of tests/kernel.
 * Each tests/kernel/golden/NAME.txt is one test. Its lines:
 *
 *   # a comment: how the values follow from the kernel's text
 *   $ VERB ARGUMENTS
 *   the output, and one empty line before the next verb
 *   ! the expected error, if any
 *
 * Each runs in five ways with the same result: btf and dwarf are sources of types, 510 and 612 are
 * kernels with structs of these releases, alone has no vmlinux.
 *
 * A first line "= WORDS" names the ways to which the test is limited, or how to open the dump:
 * entry-first, all-tasks (like the program's options), bare (a dump without notes), given (the user
 * says where the kernel lies), text (and gives VMCOREINFO), links (images have names).
 *
 * A line that begins with "% " is a request from gdb: xfer OBJECT ANNEX, threads, regs THREAD, reg
 * THREAD NUMBER, mem THREAD ADDRESS LENGTH, monitor THREAD VERB, offsets, file NAME | NUMBER (of a
 * library), symbol NAME VALUE, image NUMBER (the sections of a library).
 *
 * In these texts, DIR is the folder where the kernel was built, TREE the one with the sources, FD a
 * file that gdb would open, and LINKS the folder with names for such files, N the number of
 * symbols. */
#include <ctype.h>
#include <dirent.h>
#include <elf.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/dump/dump.h"
#include "stub/elf/elffile.h"
#include "stub/gdb/linkdir.h"
#include "stub/gdb/vmtarget.h"
#include "stub/kernel/kernel.h"
#include "stub/rsp/target.h"
#include "tests/unit/memfix.h"

#define GOLDEN	  "tests/kernel/golden"
#define MAX_FILES 2048

struct tiny {
	char dir[PATH_MAX + 16], vmlinux[PATH_MAX + 32];
	struct kernel_options options;
	struct dump *dump;
	struct kernel *k;
	struct vmtarget *target;
	struct linkdir *links;
};

static char kernel_dir[PATH_MAX]; /* where the synthetic kernel was built */

static const char *const ways[] = { "btf", "dwarf", "510", "612", "alone" };
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* words: the first line of the golden text. */
static void open_tiny(struct tiny *t, const char *way, const char *words)
{
	struct vmtarget_options target_options = {
		.terminal = -1,
		.entry_first = strstr(words, "entry-first"),
		.all_tasks = strstr(words, "all-tasks"),
	};
	char core[PATH_MAX + 32];
	const char *path = core;
	struct err err;
	bool in_folder;

	t->options = (struct kernel_options){ 0 };
	if (strcmp(way, "dwarf") == 0)
		t->options.vmlinux = t->vmlinux;
	if (strstr(words, "given"))
		t->options = (struct kernel_options){ .have_root = true,
						      .root = 0x3210000,
						      .have_phys_base = true,
						      .phys_base = 0x1000000,
						      .have_slide = true,
						      .slide = 0x1000000 };
	if (strstr(words, "text"))
		t->options.vmcoreinfo = "tests/kernel/vmcoreinfo.txt";
	target_options.links = t->links = strstr(words, "links") ? linkdir_start(NULL) : NULL;
	in_folder = isdigit(way[0]) || strcmp(way, "alone") == 0;
	snprintf(t->dir, sizeof(t->dir), "%s%s%s", kernel_dir, in_folder ? "/" : "",
		 in_folder ? way : "");
	snprintf(core, sizeof(core), "%s/vmcore%s", t->dir, strstr(words, "bare") ? ".bare" : "");
	snprintf(t->vmlinux, sizeof(t->vmlinux), "%s/vmlinux.dwarf", t->dir);
	if (dump_open(&path, 1, &t->dump, &err) ||
	    kernel_open(t->dump, &arch_x86_64, &t->options, &t->k, &err))
		fail_msg("%s\n", err.msg);
	t->target = vmtarget_create(t->k, &target_options);
	assert_non_null(t->target);
}

static void close_tiny(struct tiny *t)
{
	vmtarget_destroy(t->target);
	kernel_close(t->k);
	dump_close(t->dump);
	linkdir_end(t->links);
}

/* Replaces a text everywhere. */
static void replace(struct buf *text, const char *what, const char *by)
{
	struct buf out = { 0 };
	const char *p = buf_str(text), *at;

	for (; (at = strstr(p, what)); p = at + strlen(what)) {
		buf_put(&out, p, (size_t)(at - p));
		buf_puts(&out, by);
	}
	buf_puts(&out, p);
	buf_deinit(text);
	*text = out;
}

static void put_failure(void *ctx, vs_status st, const struct err *why)
{
	if (st)
		buf_printf(ctx, "! %s\n", why->msg);
}

/* Runs a line, and returns its output in the form of a golden text. */
static void run_verb(struct tiny *t, const char *line, struct buf *ret)
{
	(void)vmtarget_exec(t->target, line, ret, put_failure, ret, NULL);
}

/* --- gdb's requests */

static void put_threads(const struct rsp_target *r, struct buf *out)
{
	uint64_t tid = 0;

	buf_printf(out, "stopped: %" PRIu64 "\n", r->ops->stop_thread(r->ctx));
	while ((tid = r->ops->thread_next(r->ctx, tid))) {
		int core = -1;

		buf_printf(out, "%" PRIu64 " %s ", tid,
			   r->ops->thread_alive(r->ctx, tid) ? "alive" : "gone");
		(void)r->ops->thread_name(r->ctx, tid, out, &core, NULL);
		buf_printf(out, " core %d: ", core);
		(void)r->ops->thread_extra(r->ctx, tid, out, NULL);
		buf_putc(out, '\n');
	}
}

static vs_status put_memory(const struct rsp_target *r, uint64_t tid, uint64_t address, size_t len,
			    struct buf *out, struct err *err)
{
	uint8_t data[256];
	struct mem_got got =
		r->ops->mem_read(r->ctx, tid, address, data, len < 256 ? len : 256, err);

	buf_hex(out, data, got.len);
	return got.why;
}

/* Gets the name of library n in the list, from 1 on. */
static vs_status library_name(const struct rsp_target *r, uint64_t n, char *ret, size_t cap,
			      struct err *err)
{
	AUTO(buf) list = { 0 };
	vs_status st = r->ops->xfer(r->ctx, "libraries", "", &list, err);
	const char *at = buf_str(&list);

	for (; st == VS_OK && n; n--)
		if (!(at = strstr(at, "<library name=\"")))
			return VS_NOTFOUND;
		else
			at += strlen("<library name=\"");
	snprintf(ret, cap, "%.*s", (int)strcspn(at, "\""), at);
	return st;
}

/* Opens, describes and closes a file that the target offers; a number is that of a library. */
static vs_status put_file(const struct rsp_target *r, const char *name, struct buf *out,
			  struct err *err)
{
	struct rsp_stat sb;
	uint8_t start[4];
	int fd;
	char library[PATH_MAX];
	uint64_t n = strtoull(name, NULL, 0);
	vs_status st = n ? library_name(r, n, library, sizeof(library), err) : VS_OK;

	if (st == VS_OK)
		st = r->ops->file_open(r->ctx, n ? library : name, &fd, err);
	if (st)
		return st;
	st = r->ops->file_stat(r->ctx, fd, &sb, err);
	if (st == VS_OK && r->ops->file_pread(r->ctx, fd, 0, start, 4, err).len == 4)
		buf_printf(out, "fd %d, %s, starts with %02x%02x%02x%02x\n", fd,
			   sb.size ? "not empty" : "empty", start[0], start[1], start[2], start[3]);
	r->ops->file_close(r->ctx, fd);
	return st;
}

/* Prints names and addresses of an ELF file's sections, and its number of symbols. */
static vs_status put_image(const struct rsp_target *r, uint64_t n, struct buf *out, struct err *err)
{
	char name[PATH_MAX];
	struct elffile *f;
	struct elf_section sec;
	vs_status st = library_name(r, n, name, sizeof(name), err);

	if (st == VS_OK)
		st = elffile_open(name, &f, err);
	if (st)
		return st;
	for (unsigned i = 1; elffile_section_at(f, i, &sec); i++)
		if (sec.flags & SHF_ALLOC)
			buf_printf(out, "%-14s %16" PRIx64 " %6" PRIu64 "%s\n", sec.name, sec.addr,
				   sec.size, sec.flags & SHF_EXECINSTR ? " code" : "");
		else
			buf_printf(out, "%s\n", sec.name);
	elffile_close(f);
	return VS_OK;
}

static vs_status ask(const struct rsp_target *r, char *const *w, int n, struct buf *out,
		     struct err *err)
{
	uint64_t tid = n > 1 ? strtoull(w[1], NULL, 0) : 0;
	struct buf more = { 0 };
	vs_status st = VS_OK;

	if (strcmp(w[0], "xfer") == 0 && n > 1)
		return r->ops->xfer(r->ctx, w[1], n > 2 ? w[2] : "", out, err);
	if (strcmp(w[0], "threads") == 0)
		put_threads(r, out);
	else if (strcmp(w[0], "regs") == 0)
		st = r->ops->regs_read(r->ctx, tid, out, err);
	else if (strcmp(w[0], "reg") == 0 && n > 2)
		st = r->ops->reg_read(r->ctx, tid, strtoull(w[2], NULL, 0), out, err);
	else if (strcmp(w[0], "mem") == 0 && n > 3)
		return put_memory(r, tid, strtoull(w[2], NULL, 16), strtoull(w[3], NULL, 0), out,
				  err);
	else if (strcmp(w[0], "monitor") == 0 && n > 2)
		return r->ops->monitor(r->ctx, tid, w[2], out, err);
	else if (strcmp(w[0], "offsets") == 0)
		st = r->ops->offsets(r->ctx, out, err);
	else if (strcmp(w[0], "file") == 0 && n > 1)
		return put_file(r, w[1], out, err);
	else if (strcmp(w[0], "image") == 0)
		return put_image(r, tid, out, err);
	else if (strcmp(w[0], "symbol") == 0)
		r->ops->symbols(r->ctx, n > 1 ? w[1] : NULL, n > 2 ? strtoull(w[2], NULL, 16) : 0,
				&more);
	else
		fail_msg("%s: not a question\n", w[0]);
	buf_puts(out, buf_str(&more));
	buf_deinit(&more);
	return st;
}

/* Splits the line at blanks; for "monitor", the verb is the rest of the line. */
static void ask_line(struct tiny *t, const char *line, struct buf *ret)
{
	AUTO_FREE char *copy = strdup(line);
	char *words[5] = { 0 }, *next = copy;
	struct err why = { 0 };
	int n = 0;
	vs_status st;

	while (n < 4 && next && *next) {
		bool rest = n == 2 && strcmp(words[0], "monitor") == 0;

		words[n++] = rest ? next : strsep(&next, " ");
		if (rest)
			break;
	}
	st = ask(vmtarget_rsp(t->target), words, n, ret, &why);
	if (ret->len && ret->p[ret->len - 1] != '\n')
		buf_putc(ret, '\n');
	if (st)
		buf_printf(ret, "! %s\n", why.msg);
}

/* Hides names of memory files, which differ in each run. */
static void hide_descriptors(const struct buf *text, struct buf *ret)
{
	const char *p = buf_str(text), *at;
	char mine[64];

	snprintf(mine, sizeof(mine), "/proc/%d/fd/", (int)getpid());
	for (; (at = strstr(p, mine)); p = at + strspn(at, "0123456789")) {
		buf_put(ret, p, (size_t)(at - p));
		buf_puts(ret, "FD");
		at += strlen(mine);
	}
	buf_puts(ret, p);
	while ((at = strstr(buf_str(ret), "/tmp/vmstub-"))) {
		char folder[64];

		snprintf(folder, sizeof(folder), "/tmp/%.*s", (int)strcspn(at + 5, "/"), at + 5);
		replace(ret, folder, "LINKS");
	}
}

/* The number of symbols, in sys -s, changes with each function of the synthetic kernel. */
static void hide_count(struct buf *text)
{
	const char *at = strstr(buf_str(text), "SYMBOLS: ");
	char count[64];

	if (!at || !isdigit((unsigned char)at[9]))
		return;
	snprintf(count, sizeof(count), "%.*s", 9 + (int)strspn(at + 9, "0123456789"), at);
	replace(text, count, "SYMBOLS: N");
}

/* Prints the first line that differs, and the whole output. */
static void tell_difference(const char *file, const char *verb, const char *want, const char *got)
{
	const char *w = want, *g = got;
	int line = 1;

	while (strcspn(w, "\n") == strcspn(g, "\n") && strncmp(w, g, strcspn(w, "\n")) == 0 && *w &&
	       *g) {
		w += strcspn(w, "\n") + (strchr(w, '\n') != NULL);
		g += strcspn(g, "\n") + (strchr(g, '\n') != NULL);
		line++;
	}
	// cmocka cuts texts of more than 1 KB
	fprintf(stderr,
		"%s: %s: line %d\nexpected: %.*s\n printed: %.*s\nall that it printed:\n%s\n", file,
		verb, line, (int)strcspn(w, "\n"), w, (int)strcspn(g, "\n"), g, got);
}

/* Runs the verb of a block; want is the text after its line. Returns false, with a message, if the
 * output differs. */
static bool check_block(struct tiny *t, const char *file, const char *verb, struct buf *want)
{
	AUTO(buf) got = { 0 };
	AUTO(buf) raw = { 0 };
	const char *text = buf_str(want);
	size_t n = strlen(text);
	AUTO_FREE char *expected = strdup(text);
	char cwd[PATH_MAX];
	bool same;

	assert_non_null(expected);
	if (n >= 1 && expected[n - 1] == '\n' && (n == 1 || expected[n - 2] == '\n'))
		expected[n - 1] = '\0'; // the empty line before the next verb
	if (verb[0] == '%')
		ask_line(t, verb + 2, &raw);
	else
		run_verb(t, verb + 2, &raw);
	hide_descriptors(&raw, &got);
	hide_count(&got);
	replace(&got, t->dir, "DIR");
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	replace(&got, cwd, "TREE");
	if (t->options.vmlinux) {
		replace(&got, "vmlinux.dwarf", "vmlinux");
		replace(&got, "DWARF has", "BTF has");
	}
	same = strcmp(buf_str(&got), expected) == 0;
	if (!same)
		tell_difference(file, verb, expected, buf_str(&got));
	return same;
}

/* Is a text with these words in its first line for that way? */
static bool is_for(const char *words, const char *way)
{
	bool any = false;

	for (size_t i = 0; i < WAYS; i++)
		any |= strstr(words, ways[i]) != NULL;
	return any ? strstr(words, way) != NULL : !words[0] || strcmp(way, ways[0]) == 0;
}

static void test_file(void **state)
{
	const char *file = strchr(*state, '/') + 1;
	char way[8];
	struct tiny t;
	AUTO(buf) want = { 0 };
	char verb[1024] = "", *line = NULL;
	size_t cap = 0;
	int wrong = 0, blocks = 0;
	FILE *f = fopen(file, "re");

	assert_non_null(f);
	if (getline(&line, &cap, f) < 0 || line[0] != '=')
		rewind(f);
	snprintf(way, sizeof(way), "%.*s", (int)strcspn(*state, "/"), (const char *)*state);
	if (!is_for(line[0] == '=' ? line : "", way)) {
		free(line);
		fclose(f);
		return;
	}
	open_tiny(&t, way, line[0] == '=' ? line : "");
	for (;;) {
		bool end = getline(&line, &cap, f) < 0,
		     next = !end && (strncmp(line, "$ ", 2) == 0 || strncmp(line, "% ", 2) == 0);

		if (end || next || strncmp(line, "# ", 2) == 0) {
			if (verb[0]) {
				wrong += !check_block(&t, file, verb, &want);
				blocks++;
			}
			verb[0] = '\0';
			buf_reset(&want);
		}
		if (end)
			break;
		if (next)
			snprintf(verb, sizeof(verb), "%.*s", (int)strcspn(line, "\n"), line);
		else if (verb[0])
			buf_puts(&want, line);
	}
	free(line);
	fclose(f);
	close_tiny(&t);
	if (wrong || !blocks)
		fail_msg("%s: %d of %d texts differ\n", file, wrong, blocks);
}

/* Lists each file in each way: "btf/tests/kernel/golden/ps.txt". */
static int golden_files(char *paths[MAX_FILES])
{
	struct dirent **names;
	int n = scandir(GOLDEN, &names, NULL, alphasort), found = 0;

	for (int i = 0; i < n; i++) {
		for (size_t way = 0; way < WAYS; way++)
			if (strstr(names[i]->d_name, ".txt") && found < MAX_FILES &&
			    asprintf(&paths[found], "%s/" GOLDEN "/%s", ways[way],
				     names[i]->d_name) > 0)
				found++;
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return found;
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[MAX_FILES] = { { 0 } };
	char *paths[MAX_FILES], *name = strdup(argv[0]), folder[PATH_MAX];
	int n = golden_files(paths), used = 0, rc;

	log_set_level(LOG_ERROR);
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv("TMPDIR"); // links are in /tmp
	snprintf(folder, sizeof(folder), "%s/../kernel", dirname(name));
	if (!realpath(folder, kernel_dir) || !n || n == MAX_FILES) {
		fprintf(stderr, "%s: no synthetic kernel, or none or too many of %s\n", folder,
			GOLDEN);
		return 1;
	}
	for (int i = 0; i < n; i++)
		if (argc < 2 || strstr(paths[i], argv[1]))
			tests[used++] =
				(struct CMUnitTest){ paths[i], test_file, NULL, NULL, paths[i] };
	rc = _cmocka_run_group_tests("golden", tests, (size_t)used, NULL, NULL);
	for (int i = 0; i < n; i++)
		free(paths[i]);
	free(name);
	return rc;
}
