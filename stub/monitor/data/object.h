// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* object.h - shared by the verbs that show kernel objects: "type.member,member", CPU lists, and
 * objects as text in crash's layout. */
#include "stub/monitor/cmd.h"
#include "stub/monitor/data/type_text.h"
#include "stub/monitor/data/value_text.h"

#define SPEC_MAX_MEMBERS 32

/* A type and the members to show; n == 0 means all. */
struct type_spec {
	struct types *t;
	type_ref type;
	uint64_t size;
	char *text; /* owned; type_name and member point into it */
	const char *type_name;
	const char *member[SPEC_MAX_MEMBERS];
	struct type_field field[SPEC_MAX_MEMBERS];
	unsigned n;
};

/* Parse "task_struct.pid,comm". word: "struct ", "union " or "" for any composite or typedef. */
vs_status type_spec_parse(struct monitor *m, const char *word, const char *text,
			  struct type_spec *ret, struct err *err);
void type_spec_deinit(struct type_spec *s);

/* The definition of the type, or of each member to show with its offset. */
void type_spec_put_definition(const struct type_spec *s, struct definition_style style,
			      struct buf *out);

struct object_style {
	bool hex;
	bool deref; /* struct -p: also show what pointers point to */
	unsigned indent;
};
/* The object at va: the whole struct, or a line "  member = value," for each member. */
vs_status type_spec_put(struct monitor *m, const struct type_spec *s, const struct mem *mem,
			kva_t va, const struct object_style *style, struct buf *out,
			struct err *err);

/* Calls fn for each CPU of a list (cpulist.h), or for the selected CPU if it is "". Stops when fn
 * fails. */
vs_status cpu_list_each(struct monitor *m, const char *list,
			vs_status (*fn)(void *ctx, unsigned cpu, struct err *err), void *ctx,
			struct err *err);

/* Parse an offset: "structure.member" or a number. */
vs_status cmd_offset(struct monitor *m, const char *text, uint64_t *ret, struct err *err);
