// SPDX-License-Identifier: GPL-3.0-or-later
/* test_golden.c - what the verbs print over the made-up kernel of tests/kernel, compared exactly.
 * Each tests/kernel/golden/NAME.txt is one test. Its lines:
 *
 *   # for the reader: how the values follow from the kernel's text
 *   $ VERB ARGUMENTS
 *   what it prints, and one empty line before the next verb
 *   ! why it failed, if it has to
 *
 * DIR in these texts is the folder that the kernel was built in. */
#include <dirent.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/dump/dump.h"
#include "stub/gdb/vmtarget.h"
#include "stub/kernel/kernel.h"
#include "tests/unit/memfix.h"

#define GOLDEN	  "tests/kernel/golden"
#define MAX_FILES 128

struct tiny {
	char dir[PATH_MAX];
	struct dump *dump;
	struct kernel *k;
	struct vmtarget *target;
};

static char kernel_dir[PATH_MAX]; /* where the made-up kernel was built */

static void open_tiny(struct tiny *t)
{
	static const struct kernel_options no_options;
	static const struct vmtarget_options target_options = { .terminal = -1 };
	char core[PATH_MAX + 16];
	const char *path = core;
	struct err err;

	snprintf(core, sizeof(core), "%s/vmcore", kernel_dir);
	if (dump_open(&path, 1, &t->dump, &err) ||
	    kernel_open(t->dump, &arch_x86_64, &no_options, &t->k, &err))
		fail_msg("%s\n", err.msg);
	t->target = vmtarget_create(t->k, &target_options);
	assert_non_null(t->target);
}

static void close_tiny(struct tiny *t)
{
	vmtarget_destroy(t->target);
	kernel_close(t->k);
	dump_close(t->dump);
}

/* text with DIR for the folder, at the end of out. */
static void put_without_dir(const char *text, struct buf *out)
{
	const char *at;

	for (; (at = strstr(text, kernel_dir)); text = at + strlen(kernel_dir)) {
		buf_put(out, text, (size_t)(at - text));
		buf_puts(out, "DIR");
	}
	buf_puts(out, text);
}

static void put_failure(void *ctx, vs_status st, const struct err *why)
{
	if (st)
		buf_printf(ctx, "! %s\n", why->msg);
}

/* What the line prints, as a golden text has it. */
static void run_verb(struct tiny *t, const char *line, struct buf *ret)
{
	AUTO(buf) out = { 0 };

	(void)vmtarget_exec(t->target, line, &out, put_failure, &out, NULL);
	put_without_dir(buf_str(&out), ret);
}

/* The first line that differs, and all that was printed. */
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
	print_error("%s: $ %s: line %d\nexpected: %.*s\n printed: %.*s\nall that it printed:\n%s\n",
		    file, verb, line, (int)strcspn(w, "\n"), w, (int)strcspn(g, "\n"), g, got);
}

/* Runs the verb of a block; want is what follows its line. False, with a message: it differs. */
static bool check_block(struct tiny *t, const char *file, const char *verb, struct buf *want)
{
	AUTO(buf) got = { 0 };
	const char *text = buf_str(want);
	size_t n = strlen(text);
	AUTO_FREE char *expected = strdup(text);
	bool same;

	assert_non_null(expected);
	if (n >= 1 && expected[n - 1] == '\n' && (n == 1 || expected[n - 2] == '\n'))
		expected[n - 1] = '\0'; // the empty line before the next verb
	run_verb(t, verb, &got);
	same = strcmp(buf_str(&got), expected) == 0;
	if (!same)
		tell_difference(file, verb, expected, buf_str(&got));
	return same;
}

static void test_file(void **state)
{
	const char *file = *state;
	struct tiny t;
	AUTO(buf) want = { 0 };
	char verb[1024] = "", *line = NULL;
	size_t cap = 0;
	int wrong = 0, blocks = 0;
	FILE *f = fopen(file, "re");

	assert_non_null(f);
	open_tiny(&t);
	for (;;) {
		bool end = getline(&line, &cap, f) < 0, next = !end && strncmp(line, "$ ", 2) == 0;

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
			snprintf(verb, sizeof(verb), "%.*s", (int)strcspn(line + 2, "\n"),
				 line + 2);
		else if (verb[0])
			buf_puts(&want, line);
	}
	free(line);
	fclose(f);
	close_tiny(&t);
	if (wrong || !blocks)
		fail_msg("%s: %d of %d texts differ\n", file, wrong, blocks);
}

static int golden_files(char *paths[MAX_FILES])
{
	struct dirent **names;
	int n = scandir(GOLDEN, &names, NULL, alphasort), found = 0;

	for (int i = 0; i < n; i++) {
		if (strstr(names[i]->d_name, ".txt") && found < MAX_FILES &&
		    asprintf(&paths[found], GOLDEN "/%s", names[i]->d_name) > 0)
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
	snprintf(folder, sizeof(folder), "%s/../kernel", dirname(name));
	if (!realpath(folder, kernel_dir) || !n) {
		fprintf(stderr, "%s: no made-up kernel, or no %s\n", folder, GOLDEN);
		return 1;
	}
	for (int i = 0; i < n; i++)
		if (argc < 2 || strstr(paths[i], argv[1]))
			tests[used++] = (struct CMUnitTest){ basename(paths[i]), test_file, NULL,
							     NULL, paths[i] };
	rc = _cmocka_run_group_tests("golden", tests, (size_t)used, NULL, NULL);
	for (int i = 0; i < n; i++)
		free(paths[i]);
	free(name);
	return rc;
}
