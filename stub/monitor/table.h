// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* table.h - the tables that verbs print: one description, two forms.
 * A verb describes its table once, as data: a name, the heading, and for each column a key, its
 * kind and its place in the line. It then calls one function for each cell, in the columns' order.
 * Text is today's line and streams: no row waits for another. With --json the same calls write
 * {"verb":"ps","rows":[{"pid":1,...},...],"notes":[...],"error":null}, a line for each row:
 * numbers as numbers, addresses as "0xffff...", unknown as null. A table inside a row is a member
 * of that row; tables in sequence with the same name are one array.
 * cmd_run() opens the document (monitor.json). The verb's own `out` then collects what is no cell:
 * remarks such as "(some columns are unknown: ...)", which become "notes". So a verb writes remarks
 * as before, and mere layout with table_layout(), which writes text only. */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/vec.h"

struct monitor;

enum column_kind {
	COLUMN_TEXT = 1,
	COLUMN_NUMBER,	/* decimal */
	COLUMN_REAL,	/* one decimal */
	COLUMN_REAL2,	/* two decimals */
	COLUMN_FLAG,	/* text: `after`, or as many blanks if false */
	COLUMN_ADDRESS, /* hexadecimal; also masks */
	COLUMN_ADDRESS0 /* with leading zeros in text */
};

struct column {
	const char *key;    /* in JSON, snake_case, never renamed; NULL: only in text */
	const char *before; /* text before the cell; NULL: only in JSON */
	int width;	    /* at least; negative: left-aligned */
	enum column_kind kind;
	const char *after; /* text behind the cell; may be NULL */
};

#define TABLE_COLUMNS 32

/* A table, usually static. */
struct table_def {
	const char *name;    /* in JSON; "rows" if the verb has just one */
	const char *heading; /* whole lines of text; NULL: none */
	bool same_line;	     /* text: its rows stand one after another in the row that it is in */
	bool if_rows;	     /* no heading without rows */
	struct column columns[TABLE_COLUMNS]; /* up to the first without a kind */
};

/* The JSON of one command. Private to table.c, except that its owner provides the memory. */
struct document {
	const char *verb;
	struct buf *out;	/* borrowed */
	struct buf notes;	/* the `out` of the verb */
	struct buf_drain drain; /* of notes: the verb learns from it that the reader has gone */
	const char *open;	/* the table whose array is not closed; NULL: none */
	bool begun;
	size_t rows; /* of that table */
};

void document_init(struct document *d, const char *verb, struct buf *out);
/* Writes the end; st, err: how the verb ended. Nothing if it was VS_INVAL before any table. */
void document_end(struct document *d, vs_status st, const struct err *err);

/* A row that waits for the end of its table, to be sorted. */
struct sorted_row {
	char *text; /* owned */
	size_t len;
	double key;
	size_t order; /* in which it came */
};

/* A table being written. Plain data except for `text` and `sorted`, which table_end() frees. */
struct table {
	const struct table_def *def;
	struct document *json; /* NULL: text */
	struct buf *out;       /* borrowed: of the verb, or of the document */
	struct table *parent;  /* the table in whose row it is */
	size_t rows;
	unsigned at; /* column of the next cell */
	bool in_row; /* a cell was written */
	bool member; /* one that JSON has, too */
	bool remarked;
	bool hidden;	 /* up to the end of the row there is no text */
	bool shown;	 /* `text` is the text form of the next cell */
	struct buf text; /* owned */
	struct {
		const struct column *by; /* NULL: rows are written as they come */
		struct buf *out;	 /* of the table; its own is then `row` */
		struct buf row;
		double key;
		VEC(struct sorted_row) rows;
	} sorted;
};

/* Starts a table, in text with its heading. out: that of the verb. */
void table_begin(struct table *t, const struct table_def *def, struct monitor *m, struct buf *out);
/* Starts a table in the row of another one. In JSON the row must have a cell already. */
void table_nest(struct table *t, const struct table_def *def, struct table *row);
/* From here on, keeps the rows and writes them in table_end(), by falling numbers in a column; what
 * is unknown comes last, and equal ones stay in their order. column: its key, or the key's first
 * part ("rss" for rss_kb). VS_INVAL: no column of numbers has this key; err lists those that do. */
vs_status table_sort(struct table *t, const char *column, struct err *err);
/* Frees; in JSON it also ends a row that an error left open. */
void table_end(struct table *t);

/* One cell each, in the order of the columns. A number is decimal or hexadecimal by the column. */
void table_uint(struct table *t, uint64_t v);
void table_int(struct table *t, int64_t v);
void table_real(struct table *t, double v);
void table_flag(struct table *t, bool v);
/* Any bytes; those that are not UTF-8 are written as \x9f in JSON. NULL: unknown. */
void table_text(struct table *t, const char *s);
/* "?", or null. */
void table_unknown(struct table *t);
/* A cell that text does not have in this row; null. */
void table_skip(struct table *t);
/* The number v if known. */
void table_known(struct table *t, bool known, uint64_t v);
/* The number of a row of a record, if known. */
#define table_field(t, record, field)                                                              \
	table_known(t, record_knows(record, field), record_pointer(record, field))

/* Sets the text of the next cell, if it is to differ from what its column's format gives. */
void table_show(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* From here on, up to the end of the row, cells and tables in it have no text, or have again. */
void table_hide(struct table *t, bool hide);
/* Says in the row why something is unknown or not exact: in text as before "(" message ")", in JSON
 * as the member "remark", which other rows lack. More remarks of a row are notes of the document.
 */
void table_remark(struct table *t, const char *before, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Text between cells or rows that is layout: nothing in JSON. */
void table_layout(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Ends the row, and in text the line, unless a table in the row has. In JSON, cells that it lacks
 * are null. */
void table_end_row(struct table *t);
