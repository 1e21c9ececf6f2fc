// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* object.h - what verbs that show kernel objects share: "type.member,member", CPU lists, and an
 * object's text in crash's layout. */
#include "stub/monitor/cmd.h"
#include "stub/monitor/data/type_text.h"
#include "stub/monitor/data/value_text.h"

#define SPEC_MAX_MEMBERS 32

/* A type, and which of its members are asked for: none means all. */
struct type_spec {
	struct types *t;
	type_ref type;
	uint64_t size;
	char *text; /* owned; what type_name and member point into */
	const char *type_name;
	const char *member[SPEC_MAX_MEMBERS];
	struct type_field field[SPEC_MAX_MEMBERS];
	unsigned n;
};

/* "task_struct.pid,comm". word: "struct ", "union " or "" for any composite or typedef. */
vs_status type_spec_parse(struct monitor *m, const char *word, const char *text,
			  struct type_spec *ret, struct err *err);
void type_spec_deinit(struct type_spec *s);

/* The definition of the type, or of each of its members with its offset. */
void type_spec_put_definition(const struct type_spec *s, struct definition_style style,
			      struct buf *out);

struct object_style {
	bool hex;
	bool deref; /* struct -p: what pointers point to, too */
	unsigned indent;
};
/* The object at va: the whole struct, or a line "  member = value," for each member. */
vs_status type_spec_put(struct monitor *m, const struct type_spec *s, const struct mem *mem,
			kva_t va, const struct object_style *style, struct buf *out,
			struct err *err);

/* A CPU list (cpulist.h); "": the selected CPU. Calls fn for each until it fails. */
vs_status cpu_list_each(struct monitor *m, const char *list,
			vs_status (*fn)(void *ctx, unsigned cpu, struct err *err), void *ctx,
			struct err *err);

/* "structure.member" or a number: an offset. */
vs_status cmd_offset(struct monitor *m, const char *text, uint64_t *ret, struct err *err);
