// SPDX-License-Identifier: GPL-3.0-or-later
/* eventtext.c - events as text. libtraceevent parses the format of a type when its first event
 * comes, and formats the events. It trusts its input, so:
 * - formats that could make it fail are not given to it (printfmt.c); the fields are listed
 * instead,
 * - an event must have all the fields of its format, and small values where they are lengths,
 * - it gets a copy of the event, with zeros behind it as far as its 16-bit offsets and lengths
 * lead. Plugins of the library are not loaded. Function and stack entries, whose formats it cannot
 * evaluate, are printed here. */
#include "stub/subsys/trace/eventtext.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/subsys/trace/printfmt.h"
#include "stub/subsys/trace/strings.h"

#ifdef HAVE_TRACEEVENT
#include <traceevent/event-parse.h>

#define MAX_LENGTH 4096		  /* value of a field that is a length */
#define WIDE	   EVENT_MAX_SIZE /* offset of fields that are moved */
#define MAX_WIDE   512
#define BEYOND	   (8u << 20) /* what lengths, offsets and indices can reach */

enum { FN_IP, FN_PARENT };
static const struct record_field function_fields[] = {
	[FN_IP] = { { "ip" }, RECORD_UINT },
	[FN_PARENT] = { { "parent_ip" }, RECORD_UINT },
};
RECORD(ftrace_entry_record, "ftrace_entry", function_fields);

enum { STACK_CALLER };
static const struct record_field stack_fields[] = {
	[STACK_CALLER] = { { "caller" }, RECORD_ADDRESS },
};
RECORD(stack_entry_record, "stack_entry", stack_fields);

enum kind { KIND_NEW, KIND_FORMAT, KIND_FIELDS, KIND_FUNCTION, KIND_STACK, KIND_BAD };

struct place {
	size_t off, size;
	bool sign_matters; /* the format divides or compares it */
};

/* What is known about a type of events. */
struct prepared {
	enum kind kind;
	struct tep_event *event;
	bool has_name; /* its text starts with the name of the type */
	size_t need;   /* bytes of its fields */
	VEC(struct place) lengths;
	VEC(struct place) wide;	   /* signed fields, which are moved to WIDE + 8 * index */
	size_t ip, parent, caller; /* offsets of these fields */
	struct err why;		   /* of KIND_BAD */
};

struct event_texts {
	struct kernel *k;
	const struct event_types *types;
	event_symbol_fn symbol;
	void *ctx;
	struct tep_handle *tep;
	struct trace_seq seq;
	struct prepared *prepared; /* by the index of the type */
	uint8_t *copy;		   /* of an event; RING page and BEYOND bytes */
	size_t dirty;		   /* bytes of it that are not zero */
	struct printfmt_names names;
	bool loaded;
	char function[600]; /* a name with its module */
};

/* --- symbols and strings */

static char *resolve(void *priv, unsigned long long *va, char **module)
{
	struct event_texts *t = priv;
	struct event_symbol s;

	if (!t->symbol(t->ctx, *va, &s))
		return NULL;
	*va = s.start;
	*module = (char *)s.module;
	if (!s.module)
		return (char *)s.name;
	// The library does not print the module.
	snprintf(t->function, sizeof(t->function), "%s [%s]", s.name, s.module);
	return t->function;
}

/* The library's own code reads in front of strings shorter than 3 bytes. */
#define MIN_STRING 3

/* The library sorts the strings when it first needs one, so it must know all before that. */
static void know_string(void *ctx, kva_t va, const char *text)
{
	struct event_texts *t = ctx;
	bool plain = printfmt_is_plain(text);
	AUTO(buf) quoted = { 0 };

	for (const char *p = text; *p; p++)
		buf_printf(&quoted, *p == '%' && !plain ? "%c%%" : "%c", *p);
	if (quoted.len >= MIN_STRING)
		(void)tep_register_print_string(t->tep, buf_str(&quoted), va);
}

static bool find_value(void *ctx, const char *name, int64_t *ret)
{
	struct event_texts *t = ctx;

	return types_enumerator(t->k->types, name, ret, NULL) == VS_OK;
}

static void load_names(struct event_texts *t)
{
	kva_t va;

	t->names = (struct printfmt_names){ .value = find_value, .ctx = t };
	if (kernel_symbol(t->k, "vmemmap_base", &va, NULL) ||
	    mem_read_u64(t->k->mem, va, &t->names.vmemmap, NULL) ||
	    types_size(t->k->types, "page", &t->names.page_size, NULL))
		t->names.vmemmap = 0;
}

/* What the library needs before the first event. */
static void load_once(struct event_texts *t)
{
	if (t->loaded)
		return;
	t->loaded = true;
	load_names(t);
	trace_strings_each(t->k, know_string, t);
}

/* --- preparing a type */

/* Moves a signed field of the format, in the line at *p. */
static bool widen(struct prepared *p, const char **line, struct buf *out)
{
	const char *end = strchr(*line, '\n'), *name_end = strchr(*line, ';');
	unsigned off, size, is_signed;

	if (!end || !name_end || name_end > end || memchr(*line, '[', (size_t)(name_end - *line)) ||
	    sscanf(name_end, ";\toffset:%u;\tsize:%u;\tsigned:%u;", &off, &size, &is_signed) != 3 ||
	    !is_signed || strncmp(*line, "\tfield:__data_loc", 17) == 0 ||
	    (size != 1 && size != 2 && size != 4 && size != 8) || p->wide.n == MAX_WIDE)
		return false;
	buf_put(out, *line, (size_t)(name_end - *line));
	buf_printf(out, ";\toffset:%zu;\tsize:8;\tsigned:1;\n", WIDE + 8 * p->wide.n);
	*line = end + 1;
	return vec_push(&p->wide, ((struct place){ off, size, false }));
}

/* Copies the fields of a format, with signed ones moved, except those that all events have. */
static void widen_format(struct prepared *p, const char *format, struct buf *out)
{
	const char *line = strstr(format, "\n\n"), *next;

	if (!line)
		return;
	line += 2;
	buf_put(out, format, (size_t)(line - format));
	while (strncmp(line, "\tfield:", 7) == 0) {
		if (widen(p, &line, out))
			continue;
		next = strchr(line, '\n');
		if (!next)
			return;
		buf_put(out, line, (size_t)(next + 1 - line));
		line = next + 1;
	}
}

struct lengths_of {
	struct prepared *p;
	bool failed;
};

/* printfmt_is_safe() also runs before the format is parsed: then p->event is NULL. */
static void take_length(void *ctx, const char *name, size_t len)
{
	struct lengths_of *l = ctx;
	char text[EVENT_NAME_MAX];
	struct tep_format_field *f;

	if (!l->p->event)
		return;
	if (len >= sizeof(text)) {
		l->failed = true;
		return;
	}
	memcpy(text, name, len);
	text[len] = '\0';
	f = tep_find_any_field(l->p->event, text);
	l->failed |= !f || (f->size != 1 && f->size != 2 && f->size != 4 && f->size != 8) ||
		     !vec_push(&l->p->lengths,
			       ((struct place){ (size_t)f->offset, (size_t)f->size, false }));
}

static size_t offset_of(struct event_texts *t, const struct record_def *def, unsigned field,
			struct prepared *p)
{
	struct member m = { 0 };
	vs_status st = record_member(t->k, def, field, &m, &p->why);

	if (st)
		p->kind = KIND_BAD;
	return (size_t)m.off;
}

/* The types that the library cannot format. Returns false if it is none of them. */
static bool prepare_own(struct event_texts *t, const struct event_type *type, struct prepared *p)
{
	bool function = strcmp(type->name, "function") == 0;

	if (strcmp(type->system, "ftrace") != 0 ||
	    (!function && strcmp(type->name, "kernel_stack") != 0))
		return false;
	p->kind = function ? KIND_FUNCTION : KIND_STACK;
	if (function) {
		p->ip = offset_of(t, &ftrace_entry_record, FN_IP, p);
		p->parent = offset_of(t, &ftrace_entry_record, FN_PARENT, p);
		p->need = p->parent + 8;
	} else {
		p->caller = p->need = offset_of(t, &stack_entry_record, STACK_CALLER, p);
	}
	return true;
}

/* Gives a format to the library, with or without its print format. */
static void take_signed(void *ctx, const char *name, size_t len)
{
	struct prepared *p = ctx;
	char text[EVENT_NAME_MAX];
	struct tep_format_field *f;

	snprintf(text, sizeof(text), "%.*s", (int)len, name);
	f = tep_find_any_field(p->event, text);
	if (f && f->offset >= (int)WIDE && ((size_t)f->offset - WIDE) / 8 < p->wide.n)
		p->wide.v[((size_t)f->offset - WIDE) / 8].sign_matters = true;
}

/* The fields of the kernel's format, before they are moved. */
static size_t fields_need(const char *format)
{
	size_t need = 0;
	unsigned off, size;

	for (const char *at = format; (at = strstr(at, ";\toffset:")); at++)
		if (sscanf(at, ";\toffset:%u;\tsize:%u;", &off, &size) == 2 && off + size > need)
			need = off + size;
	return need;
}

/* Gives the library a format: that of the kernel with its fields moved, and with fmt. */
static vs_status parse(struct event_texts *t, const struct event_type *type, const char *format,
		       const char *fmt, struct prepared *p)
{
	AUTO(buf) text = { 0 };
	enum tep_errno rc;

	widen_format(p, format, &text);
	buf_printf(&text, "\nprint fmt: %s\n", fmt);
	if (text.oom)
		return fail(&p->why, VS_NOMEM, "out of memory");
	rc = tep_parse_event(t->tep, text.p, text.len, type->system);
	p->event = tep_find_event(t->tep, type->id);
	if (!p->event)
		return fail(&p->why, VS_CORRUPT, "libtraceevent cannot parse its format (%d)",
			    (int)rc);
	if (rc || p->event->flags & TEP_EVENT_FL_FAILED)
		p->kind = KIND_FIELDS;
	return VS_OK;
}

static vs_status prepare_format(struct event_texts *t, const struct event_type *type,
				struct prepared *p)
{
	static const char mark[] = "\nprint fmt: ";
	AUTO(buf) format = { 0 };
	AUTO(buf) fmt = { 0 };
	struct lengths_of l = { .p = p };
	char *at;
	vs_status st = event_format(t->k, type, &format, &p->why);

	if (st)
		return st;
	at = format.oom ? NULL : strstr(format.p, mark);
	if (!at)
		return fail(&p->why, VS_NOMEM, "out of memory");
	*at = '\0';
	p->need = fields_need(format.p);
	p->kind = printfmt_rewrite(at + strlen(mark), &t->names, &fmt) &&
				  printfmt_is_safe(buf_str(&fmt), take_length, &l)
			  ? KIND_FORMAT
			  : KIND_FIELDS;
	st = parse(t, type, format.p, p->kind == KIND_FORMAT ? buf_str(&fmt) : "\"\"", p);
	if (st || p->kind == KIND_FIELDS)
		return st;
	(void)printfmt_is_safe(buf_str(&fmt), take_length, &l);
	printfmt_each_signed(buf_str(&fmt), take_signed, p);
	if (l.failed)
		p->kind = KIND_FIELDS;
	return VS_OK;
}

static struct prepared *prepare(struct event_texts *t, const struct event_type *type)
{
	struct prepared *p = &t->prepared[type - t->types->v];

	if (p->kind != KIND_NEW)
		return p;
	load_once(t);
	p->has_name = strcmp(type->system, "ftrace") != 0;
	if (prepare_own(t, type, p))
		return p;
	if (prepare_format(t, type, p))
		p->kind = KIND_BAD;
	return p;
}

/* --- printing */

static void put_symbol(struct event_texts *t, kva_t va, struct buf *out)
{
	struct event_symbol s;

	if (!t->symbol(t->ctx, va, &s))
		buf_printf(out, "0x%" PRIx64, va);
	else if (s.module)
		buf_printf(out, "%s [%s]", s.name, s.module);
	else
		buf_puts(out, s.name);
}

static void put_stack(struct event_texts *t, const struct prepared *p, const uint8_t *data,
		      size_t len, struct buf *out)
{
	buf_puts(out, "<stack trace>\n");
	for (size_t at = p->caller; at + 8 <= len; at += 8) {
		kva_t va = load_u64(data + at);

		if (va == UINT64_MAX)
			break;
		buf_puts(out, " => ");
		put_symbol(t, va, out);
		buf_putc(out, '\n');
	}
}

/* May the library format this event, too? */
static bool lengths_are_small(const struct prepared *p, const uint8_t *data)
{
	for (size_t i = 0; i < p->lengths.n; i++) {
		uint64_t v = 0;

		memcpy(&v, data + p->lengths.v[i].off, p->lengths.v[i].size);
		if (v > MAX_LENGTH)
			return false;
	}
	return true;
}

/* Fills in the fields that were moved. Returns whether one whose sign matters is negative. */
static bool put_wide(struct event_texts *t, const struct prepared *p, const uint8_t *data)
{
	bool negative = false;

	for (size_t i = 0; i < p->wide.n; i++) {
		const struct place *w = &p->wide.v[i];
		uint64_t v = 0;

		memcpy(&v, data + w->off, w->size);
		if (v >> (w->size * 8 - 1)) {
			negative |= w->sign_matters;
			if (w->size < 8)
				v |= ~0ULL << (w->size * 8);
		}
		memcpy(t->copy + WIDE + 8 * i, &v, sizeof(v));
	}
	return negative;
}

static void put_by_library(struct event_texts *t, const struct prepared *p, const uint8_t *data,
			   size_t len, struct buf *out)
{
	struct tep_record record = { .size = (int)len, .record_size = (int)len, .data = t->copy };
	bool fields = p->kind == KIND_FIELDS || !lengths_are_small(p, data);

	if (put_wide(t, p, data))
		fields = true;
	if (p->wide.n)
		record.size = record.record_size = (int)(WIDE + 8 * p->wide.n);
	memcpy(t->copy, data, len);
	if (t->dirty > len)
		memset(t->copy + len, 0, t->dirty - len);
	t->dirty = len;
	trace_seq_reset(&t->seq);
	if (fields)
		tep_print_fields(&t->seq, t->copy, record.size, p->event);
	else
		tep_print_event(t->tep, &t->seq, &record, "%s", TEP_PRINT_INFO);
	trace_seq_terminate(&t->seq);
	// Only ftrace's own texts, such as that of trace_printk(), have several lines.
	for (const char *c = t->seq.buffer; *c; c++)
		buf_putc(out,
			 (*c == '\n' && !p->has_name) || *c == '\t' || (*c >= 0x20 && *c <= 0x7e)
				 ? *c
				 : '?');
	if (!buf_at_line_start(out))
		buf_putc(out, '\n');
}

void event_text_put(struct event_texts *t, const struct event_type *type, const uint8_t *data,
		    size_t len, struct buf *out)
{
	struct prepared *p = prepare(t, type);

	if (p->has_name || p->kind == KIND_BAD)
		buf_printf(out, "%s: ", type->name);
	if (p->kind == KIND_BAD) {
		buf_printf(out, "(%s)\n", p->why.msg);
	} else if (len < p->need || len > EVENT_MAX_SIZE) {
		buf_printf(out, "(damaged: %zu bytes, at least %zu expected)\n", len, p->need);
	} else if (p->kind == KIND_FUNCTION) {
		put_symbol(t, load_u64(data + p->ip), out);
		buf_puts(out, " <-");
		put_symbol(t, load_u64(data + p->parent), out);
		buf_putc(out, '\n');
	} else if (p->kind == KIND_STACK) {
		put_stack(t, p, data, len, out);
	} else {
		put_by_library(t, p, data, len, out);
	}
}

/* --- life */

vs_status event_texts_create(struct kernel *k, const struct event_types *types,
			     event_symbol_fn symbol, void *ctx, struct event_texts **ret,
			     struct err *err)
{
	struct event_texts *t = calloc(1, sizeof(*t));

	*ret = t;
	if (!t)
		return fail(err, VS_NOMEM, "out of memory");
	t->k = k;
	t->types = types;
	t->symbol = symbol;
	t->ctx = ctx;
	tep_set_loglevel(TEP_LOG_NONE);
	t->tep = tep_alloc();
	t->prepared = calloc(types->n ? types->n : 1, sizeof(*t->prepared));
	t->copy = calloc(1, EVENT_MAX_SIZE + BEYOND);
	trace_seq_init(&t->seq);
	if (!t->tep || !t->prepared || !t->copy || tep_set_function_resolver(t->tep, resolve, t))
		return fail(err, VS_NOMEM, "out of memory");
	tep_set_long_size(t->tep, 8);
	tep_set_page_size(t->tep, 4096);
	tep_set_file_bigendian(t->tep, TEP_LITTLE_ENDIAN);
	tep_set_local_bigendian(t->tep, TEP_LITTLE_ENDIAN);
	return VS_OK;
}

void event_texts_destroy(struct event_texts *t)
{
	if (!t)
		return;
	for (size_t i = 0; t->prepared && i < t->types->n; i++) {
		vec_free(&t->prepared[i].lengths);
		vec_free(&t->prepared[i].wide);
	}
	trace_seq_destroy(&t->seq);
	if (t->tep)
		tep_free(t->tep);
	free(t->prepared);
	free(t->copy);
	free(t);
}
#else
vs_status event_texts_create(struct kernel *k, const struct event_types *types,
			     event_symbol_fn symbol, void *ctx, struct event_texts **ret,
			     struct err *err)
{
	(void)k, (void)types, (void)symbol, (void)ctx;
	*ret = NULL;
	return fail(err, VS_UNSUPPORTED,
		    "vmstub was built without libtraceevent, which formats events; `trace -l` and "
		    "`trace dump -o -` work");
}

void event_texts_destroy(struct event_texts *t)
{
	(void)t;
}

void event_text_put(struct event_texts *t, const struct event_type *type, const uint8_t *data,
		    size_t len, struct buf *out)
{
	(void)t, (void)type, (void)data, (void)len, (void)out;
}
#endif
