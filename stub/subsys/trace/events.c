// SPDX-License-Identifier: GPL-3.0-or-later
/* events.c - lists the types of trace events and writes their formats, as f_show() of
 * kernel/trace/trace_events.c does. The fields are in lists, the last one first. */
#include "stub/subsys/trace/events.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"

#define MAX_FIELDS    1024
#define MAX_OFFSET    65536 /* in an event; pages of the ring buffer are larger only by choice */
#define MAX_PRINT_FMT 16384

/* TRACE_EVENT_FL_TRACEPOINT and _CUSTOM are enumerators. */

enum { CALL_LIST, CALL_CLASS, CALL_NAME, CALL_ID, CALL_PRINT_FMT, CALL_DATA, CALL_FLAGS };
static const struct record_field call_fields[] = {
	[CALL_LIST] = { { "list" }, RECORD_ADDRESS },
	[CALL_CLASS] = { { "class" }, RECORD_POINTER },
	[CALL_NAME] = { { "name" }, RECORD_POINTER },
	[CALL_ID] = { { "event.type" }, RECORD_UINT },
	[CALL_PRINT_FMT] = { { "print_fmt" }, RECORD_POINTER },
	[CALL_DATA] = { { "data" }, RECORD_POINTER },
	[CALL_FLAGS] = { { "flags" }, RECORD_UINT },
};
RECORD(trace_event_call_record, "trace_event_call", call_fields);

enum { CLASS_SYSTEM, CLASS_FIELDS, CLASS_GET_FIELDS };
static const struct record_field class_fields[] = {
	[CLASS_SYSTEM] = { { "system" }, RECORD_POINTER },
	[CLASS_FIELDS] = { { "fields" }, RECORD_ADDRESS },
	[CLASS_GET_FIELDS] = { { "get_fields" }, RECORD_POINTER },
};
RECORD(trace_event_class_record, "trace_event_class", class_fields);

enum { SYSCALL_FIELDS };
static const struct record_field syscall_fields[] = {
	[SYSCALL_FIELDS] = { { "enter_fields" }, RECORD_ADDRESS },
};
RECORD(syscall_metadata_record, "syscall_metadata", syscall_fields);

enum { TRACEPOINT_NAME };
static const struct record_field tracepoint_fields[] = {
	[TRACEPOINT_NAME] = { { "name" }, RECORD_POINTER },
};
RECORD(tracepoint_record, "tracepoint", tracepoint_fields);

enum { FIELD_LINK, FIELD_NAME, FIELD_TYPE, FIELD_OFFSET, FIELD_SIZE, FIELD_SIGNED, FIELD_LEN };
static const struct record_field field_fields[] = {
	[FIELD_LINK] = { { "link" }, RECORD_ADDRESS },
	[FIELD_NAME] = { { "name" }, RECORD_POINTER },
	[FIELD_TYPE] = { { "type" }, RECORD_POINTER },
	[FIELD_OFFSET] = { { "offset" }, RECORD_UINT },
	[FIELD_SIZE] = { { "size" }, RECORD_UINT },
	[FIELD_SIGNED] = { { "is_signed" }, RECORD_UINT },
	[FIELD_LEN] = { { "len" }, RECORD_UINT, "since 6.1" },
};
RECORD(event_field_record, "ftrace_event_field", field_fields);

enum { ENTRY_TYPE, ENTRY_FLAGS, ENTRY_PREEMPT, ENTRY_PID };
static const struct record_field entry_fields[] = {
	[ENTRY_TYPE] = { { "type" }, RECORD_UINT },
	[ENTRY_FLAGS] = { { "flags" }, RECORD_UINT },
	[ENTRY_PREEMPT] = { { "preempt_count" }, RECORD_UINT },
	[ENTRY_PID] = { { "pid" }, RECORD_INT },
};
RECORD(trace_entry_record, "trace_entry", entry_fields);

struct loading {
	struct kernel *k;
	struct event_types *types;
	uint64_t list_off;
	uint64_t tracepoint, custom; /* masks of flags */
	bool full;
};

/* trace_event_name() */
static bool take_name(const struct loading *l, const struct record *call, struct event_type *t)
{
	uint64_t flags = record_pointer(call, CALL_FLAGS);
	struct record tp;

	if (flags & l->custom || !(flags & l->tracepoint))
		return record_string(call, CALL_NAME, t->name, sizeof(t->name));
	record_read(l->k, &tracepoint_record, record_pointer(call, CALL_NAME), RECORD_ALL, &tp);
	return record_string(&tp, TRACEPOINT_NAME, t->name, sizeof(t->name));
}

static bool take_type(void *ctx, kva_t node)
{
	struct loading *l = ctx;
	struct event_type t = { .va = node - l->list_off };
	struct record call, class;
	uint64_t id;

	record_read(l->k, &trace_event_call_record, t.va, RECORD_ALL, &call);
	record_read(l->k, &trace_event_class_record, record_pointer(&call, CALL_CLASS),
		    RECORD_BIT(CLASS_SYSTEM), &class);
	if (!record_get(&call, CALL_ID, &id) || !id || id > EVENT_MAX_ID)
		return true;
	t.id = (uint16_t)id;
	(void)take_name(l, &call, &t);
	(void)record_string(&class, CLASS_SYSTEM, t.system, sizeof(t.system));
	l->full = l->types->n > EVENT_MAX_ID || !vec_push(l->types, t);
	return !l->full;
}

vs_status event_types_load(struct kernel *k, struct event_types *ret, struct err *err)
{
	struct loading l = { .k = k, .types = ret };
	struct member list;
	kva_t head;
	vs_status st;

	*ret = (struct event_types){ 0 };
	if (kernel_symbol(k, "ftrace_events", &head, NULL))
		return fail(err, VS_NOTFOUND, "this kernel is built without trace events");
	st = record_member(k, &trace_event_call_record, CALL_LIST, &list, err);
	if (st)
		return st;
	l.list_off = list.off;
	l.tracepoint = types_flag(k->types, "TRACE_EVENT_FL_TRACEPOINT");
	l.custom = types_flag(k->types, "TRACE_EVENT_FL_CUSTOM");
	st = walk_list(k, head, take_type, &l, err);
	if (l.full)
		return fail(err, VS_NOMEM, "too many types of events");
	return st ? fail_ctx(err, st, "list of types of events") : VS_OK;
}

void event_types_deinit(struct event_types *t)
{
	vec_free(t);
}

const struct event_type *event_types_find(const struct event_types *t, uint16_t id)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].id == id)
			return &t->v[i];
	return NULL;
}

vs_status event_common_load(struct kernel *k, struct event_common *ret, struct err *err)
{
	struct member m;
	vs_status st = record_member(k, &trace_entry_record, ENTRY_TYPE, &m, err);

	if (st == VS_OK) {
		ret->type = (size_t)m.off;
		st = record_member(k, &trace_entry_record, ENTRY_FLAGS, &m, err);
	}
	if (st == VS_OK) {
		ret->flags = (size_t)m.off;
		st = record_member(k, &trace_entry_record, ENTRY_PREEMPT, &m, err);
	}
	if (st == VS_OK) {
		ret->preempt_count = (size_t)m.off;
		st = record_member(k, &trace_entry_record, ENTRY_PID, &m, err);
	}
	if (st)
		return st;
	ret->pid = (size_t)m.off;
	ret->size = ret->pid + 4;
	return VS_OK;
}

/* --- formats */

struct format {
	struct kernel *k;
	struct buf *out;
	uint64_t link_off;
	size_t fields;
	vs_status st;
	struct err why;
};

/* "unsigned char" and "addr[6]", of the type "unsigned char[6]" and the name "addr". Before
 * b6c7abd1c28a ("tracing: Fix TASK_COMM_LEN in trace event format file", 6.1), the type had the
 * length as text. */
static void put_declaration(struct format *f, const struct record *r, const char *type,
			    const char *name)
{
	const char *array = strncmp(type, "__data_loc", 10) == 0 ? NULL : strchr(type, '[');
	uint64_t len;

	if (!array)
		buf_printf(f->out, "%s %s", type, name);
	else if (!record_get(r, FIELD_LEN, &len))
		buf_printf(f->out, "%.*s %s%s", (int)(array - type), type, name, array);
	else if (len)
		buf_printf(f->out, "%.*s %s[%d]", (int)(array - type), type, name, (int)len);
	else
		buf_printf(f->out, "%.*s %s[]", (int)(array - type), type, name);
}

static bool put_field(void *ctx, kva_t node)
{
	struct format *f = ctx;
	char type[EVENT_NAME_MAX], name[EVENT_NAME_MAX];
	uint64_t off = 0, size = 0, is_signed = 0;
	struct record r;

	record_read(f->k, &event_field_record, node - f->link_off, RECORD_ALL, &r);
	if (!record_string(&r, FIELD_TYPE, type, sizeof(type)) ||
	    !record_string(&r, FIELD_NAME, name, sizeof(name)) ||
	    !record_get(&r, FIELD_OFFSET, &off) || !record_get(&r, FIELD_SIZE, &size) ||
	    !record_get(&r, FIELD_SIGNED, &is_signed))
		f->st = fail(&f->why, VS_CORRUPT, "a field at %#" PRIx64 " cannot be read", r.va);
	else if (off > MAX_OFFSET || size > MAX_OFFSET || ++f->fields > MAX_FIELDS)
		f->st = fail(&f->why, VS_CORRUPT, "field %s has offset %" PRIu64 ", size %" PRIu64,
			     name, off, size);
	if (f->st)
		return false;
	buf_puts(f->out, "\tfield:");
	put_declaration(f, &r, type, name);
	buf_printf(f->out, ";\toffset:%" PRIu64 ";\tsize:%" PRIu64 ";\tsigned:%d;\n", off, size,
		   is_signed != 0);
	return true;
}

/* trace_get_fields(): only the events of entering system calls have get_fields(). */
static vs_status find_fields(struct kernel *k, const struct record *call, kva_t *ret,
			     struct err *err)
{
	struct record class;
	uint64_t va = 0;
	vs_status st = record_need(call, CALL_CLASS, &va, err);

	if (st)
		return st;
	record_read(k, &trace_event_class_record, va, RECORD_ALL, &class);
	if (!record_pointer(&class, CLASS_GET_FIELDS))
		return record_need(&class, CLASS_FIELDS, ret, err);
	st = record_need(call, CALL_DATA, &va, err);
	return st ? st
		  : record_field_read(k, &syscall_metadata_record, va, SYSCALL_FIELDS, ret, err);
}

static vs_status put_fields(struct format *f, kva_t head, struct err *err)
{
	vs_status st = walk_list_back(f->k, head, put_field, f, err);

	if (f->st && err)
		*err = f->why;
	return f->st ? f->st : st;
}

static vs_status put_print_fmt(struct format *f, const struct record *call, struct err *err)
{
	uint64_t va = 0;
	char *text;
	vs_status st = record_need(call, CALL_PRINT_FMT, &va, err);

	if (st || !buf_reserve(f->out, MAX_PRINT_FMT + 16))
		return st ? st : fail(err, VS_NOMEM, "out of memory");
	buf_puts(f->out, "\nprint fmt: ");
	text = f->out->p + f->out->len;
	st = mem_read_str(f->k->mem, va, text, MAX_PRINT_FMT, err);
	if (st)
		return fail_ctx(err, st, "print_fmt");
	f->out->len += strlen(text);
	buf_putc(f->out, '\n');
	return VS_OK;
}

vs_status event_format(struct kernel *k, const struct event_type *t, struct buf *out,
		       struct err *err)
{
	struct format f = { .k = k, .out = out };
	struct record call;
	struct member link;
	kva_t common = 0, fields = 0;
	vs_status st = record_member(k, &event_field_record, FIELD_LINK, &link, err);

	if (st == VS_OK)
		st = kernel_symbol(k, "ftrace_common_fields", &common, err);
	if (st)
		return st;
	f.link_off = link.off;
	record_read(k, &trace_event_call_record, t->va, RECORD_ALL, &call);
	buf_printf(out, "name: %s\nID: %u\nformat:\n", t->name, t->id);
	st = put_fields(&f, common, err);
	buf_putc(out, '\n');
	if (st == VS_OK)
		st = find_fields(k, &call, &fields, err);
	if (st == VS_OK)
		st = put_fields(&f, fields, err);
	if (st == VS_OK)
		st = put_print_fmt(&f, &call, err);
	return st ? fail_ctx(err, st, "format of %s", t->name) : VS_OK;
}
