// SPDX-License-Identifier: GPL-3.0-or-later
/* table.c - writes tables as text, or as JSON with jansson's strings. */
#include "stub/monitor/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_JANSSON
#include <jansson.h>
#endif

#include "stub/monitor/monitor.h"

/* --- JSON */

#ifdef HAVE_JANSSON
/* A string as JSON. Bytes that are not UTF-8 are written as \x9f. */
static void put_string(struct buf *out, const char *s)
{
	json_t *v = json_string(s);
	char *text;

	if (!v) {
		struct buf plain = { 0 };

		for (; *s; s++)
			if ((unsigned char)*s < 0x80)
				buf_putc(&plain, *s);
			else
				buf_printf(&plain, "\\x%02x", (unsigned char)*s);
		v = json_string(buf_str(&plain));
		buf_deinit(&plain);
	}
	text = v ? json_dumps(v, JSON_ENCODE_ANY) : NULL;
	json_decref(v);
	if (text)
		buf_puts(out, text);
	else
		out->oom = true;
	free(text);
}
#else
/* cmd_run() refuses --json before. */
static void put_string(struct buf *out, const char *s)
{
	(void)out;
	(void)s;
}
#endif

/* notes stay in their buffer. */
static bool keep(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	(void)text;
	(void)len;
	return false;
}

void document_init(struct document *d, const char *verb, struct buf *out)
{
	*d = (struct document){ .verb = verb, .out = out, .drain = { .take = keep } };
	d->notes.drain = &d->drain;
}

static void begin_document(struct document *d)
{
	if (!d->begun)
		buf_printf(d->out, "{\"verb\":\"%s\"", d->verb);
	d->begun = true;
}

static void close_array(struct document *d)
{
	if (d->open)
		buf_puts(d->out, "\n]");
	d->open = NULL;
}

/* An array of the lines that are not blank. */
static void put_notes(struct document *d)
{
	const char *line = buf_str(&d->notes);
	const char *comma = "";

	buf_puts(d->out, ",\"notes\":[");
	while (*line) {
		size_t n = strcspn(line, "\n"), blanks = strspn(line, " ");

		if (blanks < n) {
			char *text = strndup(line + blanks, n - blanks);

			buf_puts(d->out, comma);
			comma = ",";
			if (text)
				put_string(d->out, text);
			else
				d->out->oom = true;
			free(text);
		}
		line += n + (line[n] == '\n');
	}
	buf_puts(d->out, "]");
}

void document_end(struct document *d, vs_status st, const struct err *err)
{
	if (d->begun || st != VS_INVAL) {
		begin_document(d);
		close_array(d);
		put_notes(d);
		buf_puts(d->out, ",\"error\":");
		if (st)
			put_string(d->out, err->msg);
		else
			buf_puts(d->out, "null");
		buf_puts(d->out, "}\n");
	}
	d->notes.drain = NULL;
	buf_deinit(&d->notes);
}

/* --- tables */

/* Where the table goes in the end. */
static struct buf *table_out(struct table *t)
{
	return t->sorted.by ? t->sorted.out : t->out;
}

static void put_heading(struct table *t)
{
	if (!t->json && !t->hidden && t->def->heading)
		buf_puts(table_out(t), t->def->heading);
}

void table_begin(struct table *t, const struct table_def *def, struct monitor *m, struct buf *out)
{
	struct document *d = m->json;

	*t = (struct table){ .def = def, .json = d, .out = d ? d->out : out };
	if (!def->if_rows)
		put_heading(t);
	if (!d || (d->open && strcmp(d->open, def->name) == 0))
		return;
	begin_document(d);
	close_array(d);
	buf_printf(d->out, ",\"%s\":[", def->name);
	d->open = def->name;
	d->rows = 0;
}

void table_nest(struct table *t, const struct table_def *def, struct table *row)
{
	*t = (struct table){
		.def = def, .json = row->json, .out = row->out, .parent = row, .hidden = row->hidden
	};
	if (!def->if_rows)
		put_heading(t);
	if (t->json)
		buf_printf(t->out, ",\"%s\":[", def->name);
}

/* In JSON, what is before a row of this number. Tables of one name in sequence are one array. */
static void put_separator(struct table *t, size_t before)
{
	if (!t->parent)
		before = t->json->rows++;
	buf_puts(t->out, before ? ",\n" : "\n"); // here a drain takes what is finished
}

static bool is_number(const struct column *c)
{
	return c->key &&
	       (c->kind == COLUMN_NUMBER || c->kind == COLUMN_REAL || c->kind == COLUMN_REAL2);
}

static bool is_key(const struct column *c, const char *name)
{
	size_t n = strlen(name);

	return n && strncmp(c->key, name, n) == 0 && (!c->key[n] || c->key[n] == '_');
}

vs_status table_sort(struct table *t, const char *column, struct err *err)
{
	struct buf keys = { 0 };
	vs_status st;

	for (const struct column *c = t->def->columns; c->kind && !t->sorted.by; c++)
		if (is_number(c) && is_key(c, column))
			t->sorted.by = c;
	if (t->sorted.by) {
		t->sorted.out = t->out;
		t->out = &t->sorted.row;
		return VS_OK;
	}
	for (const struct column *c = t->def->columns; c->kind; c++)
		if (is_number(c))
			buf_printf(&keys, "%s%s", keys.len ? ", " : "", c->key);
	st = fail(err, VS_INVAL, "%s: no column of numbers: %s", column, buf_str(&keys));
	buf_deinit(&keys);
	return st;
}

/* Puts a finished row away. */
static void keep_row(struct table *t)
{
	struct buf *row = &t->sorted.row;
	struct sorted_row r = { .len = row->len, .key = t->sorted.key, .order = t->sorted.rows.n };

	r.text = malloc(row->len ? row->len : 1);
	if (r.text && row->len)
		memcpy(r.text, row->p, row->len);
	if (!r.text || row->oom || !vec_push(&t->sorted.rows, r)) {
		free(r.text);
		t->sorted.out->oom = true;
	}
	buf_reset(row);
}

static int larger_first(const void *a, const void *b)
{
	const struct sorted_row *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? 1 : -1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Writes the rows that were kept. */
static void put_sorted(struct table *t)
{
	const struct sorted_row *r = t->sorted.rows.v;

	if (t->sorted.rows.n)
		qsort(t->sorted.rows.v, t->sorted.rows.n, sizeof(*r), larger_first);
	t->out = t->sorted.out;
	t->sorted.by = NULL;
	for (size_t i = 0; i < t->sorted.rows.n; i++) {
		if (t->json)
			put_separator(t, i);
		buf_put(t->out, r[i].text, r[i].len);
		free(r[i].text);
	}
	vec_free(&t->sorted.rows);
	buf_deinit(&t->sorted.row);
}

void table_end(struct table *t)
{
	if (t->json && t->in_row)
		table_end_row(t);
	if (t->sorted.by)
		put_sorted(t);
	if (t->json && t->parent)
		buf_puts(t->out, "]");
	buf_deinit(&t->text);
}

/* The first cell of a row. */
static void begin_row(struct table *t)
{
	if (t->in_row)
		return;
	t->in_row = true;
	if (!t->rows && t->def->if_rows)
		put_heading(t);
	if (t->json && !t->sorted.by)
		put_separator(t, t->rows);
	if (t->json)
		buf_putc(t->out, '{');
	t->rows++;
	t->sorted.key = -INFINITY;
}

static const struct column *next_column(struct table *t)
{
	const struct column *c = &t->def->columns[t->at];

	return t->at < TABLE_COLUMNS && c->kind ? c : NULL;
}

/* The next cell is a number. */
static void take_key(struct table *t, double v)
{
	if (t->sorted.by && next_column(t) == t->sorted.by) {
		begin_row(t);
		t->sorted.key = v;
	}
}

/* Starts a cell. Returns its column if the caller shall write the value, as JSON if *json. */
static const struct column *begin_cell(struct table *t)
{
	const struct column *c = next_column(t);

	if (!c)
		return NULL;
	begin_row(t);
	t->at++;
	if (!t->json) {
		if (!c->before || t->hidden)
			return NULL;
		buf_puts(t->out, c->before);
		return c;
	}
	if (!c->key)
		return NULL;
	buf_printf(t->out, "%s\"%s\":", t->member ? "," : "", c->key);
	t->member = true;
	return c;
}

static void put_text(struct table *t, const struct column *c, const char *s)
{
	buf_printf(t->out, "%*s", c->width, t->shown ? buf_str(&t->text) : s);
	if (c->after && c->kind != COLUMN_FLAG)
		buf_puts(t->out, c->after);
}

static void end_cell(struct table *t)
{
	t->shown = false;
	buf_reset(&t->text);
}

/* A cell: its JSON, and its text, which is padded. */
static void put_cell(struct table *t, const char *json, const char *text)
{
	const struct column *c = begin_cell(t);

	if (c && t->json)
		buf_puts(t->out, json);
	else if (c)
		put_text(t, c, text);
	end_cell(t);
}

void table_uint(struct table *t, uint64_t v)
{
	const struct column *c = next_column(t);
	char json[32], text[32];

	take_key(t, (double)v);
	if (c && c->kind >= COLUMN_ADDRESS) {
		snprintf(json, sizeof(json), "\"%#" PRIx64 "\"", v);
		if (!v)
			snprintf(json, sizeof(json), "\"0x0\"");
		snprintf(text, sizeof(text), "%0*" PRIx64,
			 c->kind == COLUMN_ADDRESS0 ? abs(c->width) : 1, v);
	} else {
		snprintf(json, sizeof(json), "%" PRIu64, v);
		snprintf(text, sizeof(text), "%" PRIu64, v);
	}
	put_cell(t, json, text);
}

void table_int(struct table *t, int64_t v)
{
	char text[32];

	take_key(t, (double)v);
	snprintf(text, sizeof(text), "%" PRId64, v);
	put_cell(t, text, text);
}

void table_real(struct table *t, double v)
{
	const struct column *c = next_column(t);
	char text[64];

	take_key(t, v);
	snprintf(text, sizeof(text), "%.*f", c && c->kind == COLUMN_REAL2 ? 2 : 1, v);
	put_cell(t, text, text);
}

void table_flag(struct table *t, bool v)
{
	const struct column *c = next_column(t);
	const char *mark = c && c->after ? c->after : "";

	if (v) {
		put_cell(t, "true", mark);
	} else {
		char blanks[16];

		snprintf(blanks, sizeof(blanks), "%*s", (int)strlen(mark), "");
		put_cell(t, "false", blanks);
	}
}

void table_text(struct table *t, const char *s)
{
	const struct column *c;

	if (!s) {
		table_unknown(t);
		return;
	}
	c = begin_cell(t);
	if (c && t->json)
		put_string(t->out, s);
	else if (c)
		put_text(t, c, s);
	end_cell(t);
}

void table_unknown(struct table *t)
{
	put_cell(t, "null", "?");
}

void table_skip(struct table *t)
{
	bool hidden = t->hidden;

	t->hidden = true;
	table_unknown(t);
	t->hidden = hidden;
}

void table_known(struct table *t, bool known, uint64_t v)
{
	if (known)
		table_uint(t, v);
	else
		table_unknown(t);
}

void table_show(struct table *t, const char *fmt, ...)
{
	va_list ap;

	if (t->json)
		return;
	buf_reset(&t->text);
	va_start(ap, fmt);
	buf_vprintf(&t->text, fmt, ap);
	va_end(ap);
	t->shown = true;
}

void table_hide(struct table *t, bool hide)
{
	t->hidden = hide;
}

void table_remark(struct table *t, const char *before, const char *fmt, ...)
{
	struct buf why = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&why, fmt, ap);
	va_end(ap);
	begin_row(t);
	if (!t->json) {
		buf_printf(t->out, "%s(%s)", before, buf_str(&why));
	} else if (t->remarked) {
		buf_printf(&t->json->notes, "%s\n", buf_str(&why));
	} else {
		buf_printf(t->out, "%s\"remark\":", t->member ? "," : "");
		put_string(t->out, buf_str(&why));
		t->member = t->remarked = true;
	}
	buf_deinit(&why);
}

void table_layout(struct table *t, const char *fmt, ...)
{
	va_list ap;

	if (t->json || t->hidden)
		return;
	va_start(ap, fmt);
	buf_vprintf(t->out, fmt, ap);
	va_end(ap);
}

void table_end_row(struct table *t)
{
	if (t->json) {
		while (next_column(t))
			table_unknown(t);
		buf_puts(t->out, "}");
		t->json->drain.stopped = buf_stopped(table_out(t));
	} else if (!t->def->same_line &&
		   !buf_at_line_start(t->out)) { // a table in the row has ended it
		buf_putc(t->out, '\n');
	}
	if (t->sorted.by)
		keep_row(t);
	t->in_row = t->member = t->remarked = false;
	t->hidden = t->parent && t->parent->hidden;
	t->at = 0;
}
