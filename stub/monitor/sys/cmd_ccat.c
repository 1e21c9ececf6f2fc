// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_ccat.c - ccat: the contents of a file, out of the page cache. */
#include <inttypes.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/cmd.h"
#include "stub/subsys/fs/fs.h"
#include "stub/subsys/fs/lookup.h"
#include "stub/subsys/mm/filepages.h"
#include "stub/subsys/mm/pages.h"

#define PAGE_BYTES (1ULL << PAGE_SHIFT)
#define MAX_ZEROS  (1ULL << 18) /* pages of zeros in a row that -r prints: 1 GiB */

enum form { FORM_TEXT, FORM_HEX, FORM_RAW };

struct ccat {
	struct monitor *m;
	struct file_pages pages;
	enum form form;
	struct buf *out;
	uint64_t end;	  /* pages that the file has */
	uint64_t missing; /* of them, not in the dump */
	vs_status st;	  /* why the first of them is missing */
	struct err why;
};

/* A file can have anything in it, even commands for a terminal. */
static void put_text(struct buf *out, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t c = data[i];

		if ((c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t')
			buf_putc(out, (char)c);
		else
			buf_printf(out, "\\%03o", c);
	}
}

static void put_page(struct ccat *c, uint64_t index, const uint8_t *page)
{
	uint64_t at = index * PAGE_BYTES, len = c->pages.size - at;

	if (len > PAGE_BYTES)
		len = PAGE_BYTES;
	if (c->form == FORM_HEX)
		cmd_put_words(page, len, at, 1, c->out);
	else if (c->form == FORM_TEXT)
		put_text(c->out, page, len);
	else
		buf_put(c->out, page, len);
}

/* Says what pages first to end - 1 are, instead of their contents. */
static void put_gap(struct ccat *c, uint64_t first, uint64_t end, const char *what)
{
	static const uint8_t zeros[PAGE_BYTES];

	if (c->form == FORM_RAW) {
		for (uint64_t i = first; i < end && i - first < MAX_ZEROS && !buf_stopped(c->out);
		     i++)
			put_page(c, i, zeros);
		return;
	}
	if (!buf_at_line_start(c->out))
		buf_putc(c->out, '\n');
	if (end - first == 1)
		buf_printf(c->out, "(page %" PRIu64 ": %s)\n", first, what);
	else
		buf_printf(c->out, "(pages %" PRIu64 " to %" PRIu64 ": %s)\n", first, end - 1,
			   what);
}

/* Prints from page `index` on what is alike. Returns the page after that. */
static uint64_t put_next(struct ccat *c, uint64_t index)
{
	uint8_t page[PAGE_BYTES];
	uint64_t next = index + 1;
	struct err why;
	bool zero;
	vs_status st = file_page_read(c->m->k, &c->pages, index, page, &zero, &why);

	if (st == VS_OK && !zero) {
		put_page(c, index, page);
		return next;
	}
	if (zero || st == VS_NOTFOUND) {
		next = file_pages_next(&c->pages, index);
		if (next > c->end)
			next = c->end;
	}
	if (!zero) {
		fail_first(&c->st, &c->why, st, &why);
		c->missing += next - index;
	}
	put_gap(c, index, next, zero ? "zeros" : why.msg);
	return next;
}

static vs_status put_file(struct ccat *c, struct err *err)
{
	c->end = (c->pages.size + PAGE_BYTES - 1) / PAGE_BYTES;
	for (uint64_t i = 0; i < c->end && !buf_stopped(c->out);)
		i = put_next(c, i);
	if (c->form != FORM_RAW && !buf_at_line_start(c->out))
		buf_putc(c->out, '\n');
	if (!c->missing)
		return VS_OK;
	// VS_NOTFOUND is no failure to its callers
	return fail(err, c->st == VS_NOTFOUND ? VS_LOST : c->st,
		    "%" PRIu64 " of %" PRIu64 " pages are missing%s; the first: %s", c->missing,
		    c->end, c->form == FORM_RAW ? ", and zeros here" : "", c->why.msg);
}

static vs_status cmd_ccat(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct ccat c = { .m = m, .out = out };
	const char *what = a->argv[0];
	bool incomplete;
	char form;
	kva_t inode;
	vs_status st = cmd_one_of(a, "xr", &form, err);

	if (st)
		return st;
	c.form = form == 'x' ? FORM_HEX : form == 'r' ? FORM_RAW : FORM_TEXT;
	st = *what == '/' ? fs_lookup(m->k, what, &inode, &incomplete, err)
			  : cmd_address(m, what, &inode, err);
	if (st == VS_OK)
		st = file_pages_load(m->k, inode, &c.pages, err);
	if (st)
		return fail_ctx(err, st, "%s", what);
	st = put_file(&c, err);
	file_pages_free(&c.pages);
	return st;
}

static const struct cmd_opt options[] = {
	{ "x", .help = "as rows of hexadecimal bytes" },
	{ "r", .help = "the bytes as they are, for a file; missing pages as zeros" },
	{ 0 },
};

const struct cmd verb_ccat = {
	.name = "ccat",
	.run = cmd_ccat,
	.brief = "contents of a file, from the page cache",
	.synopsis = "ccat [-x | -r] PATH | INODE",
	.help = "PATH is as files prints it, INODE the address of a struct inode. Bytes that are "
		"no "
		"text\n"
		"are shown in octal. Pages that are not in memory or not in the dump are named, "
		"and "
		"the\n"
		"verb fails in the end. makedumpfile leaves out the page cache with -d 2, 4 or "
		"8.\n",
	.example = "  ccat /etc/hostname\n"
		   "  db7\n"
		   "  ccat -x ffff893301d8ce80\n"
		   "  0:  70 6c 61 69 6e 20 66 69 6c 65 0a                  plain file.\n",
	.options = options,
	.operands = OPERANDS(1, 1),
};
