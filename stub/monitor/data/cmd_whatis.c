// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_whatis.c - whatis: the type behind a name, and types by size or member. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/module/modtypes.h"
#include "stub/monitor/data/object.h"
#include "stub/monitor/data/type_text.h"

struct range {
	uint64_t min, max;
};

/* "SIZE" or "MIN-MAX". */
static vs_status parse_range(const char *text, struct range *ret, struct err *err)
{
	char *end;

	ret->min = ret->max = strtoull(text, &end, 0);
	if (*end == '-')
		ret->max = strtoull(end + 1, &end, 0);
	return *end || end == text ? fail(err, VS_INVAL, "%s: not a range of sizes", text) : VS_OK;
}

/* Has the type a member with this name or of this type? */
static bool has_member(struct types *t, type_ref type, const char *wanted)
{
	struct type_field f;
	const char *name;

	for (uint32_t i = 0; types_member_at(t, type, i, &f, &name); i++) {
		AUTO(buf) decl = { 0 };

		type_put_decl(t, f.type, "", &decl);
		if (strcmp(buf_str(&decl), wanted) == 0 || strcmp(name, wanted) == 0)
			return true;
	}
	return false;
}

static vs_status search(struct monitor *m, const struct range *range, const char *member,
			struct buf *out, struct err *err)
{
	vs_status st = kernel_need_types(m->k, err);
	type_ref type = 0;
	size_t found = 0;

	if (st)
		return st;
	buf_puts(out, "SIZE  TYPE\n");
	while ((type = types_next(m->k->types, type))) {
		struct type_info info;

		types_info(m->k->types, type, &info);
		if ((info.kind != TYPE_STRUCT && info.kind != TYPE_UNION) || !info.name[0] ||
		    (range && (info.size < range->min || info.size > range->max)) ||
		    (member && !has_member(m->k->types, type, member)))
			continue;
		buf_printf(out, "%4" PRIu64 "  ", info.size);
		type_put_decl(m->k->types, type, "", out);
		buf_putc(out, '\n');
		found++;
	}
	return found ? VS_OK : fail(err, VS_NOTFOUND, "no such type");
}

/* "struct x", "x.member", a typedef: a type's definition. */
static vs_status put_type(struct monitor *m, const char *word, const char *name, bool offsets,
			  struct buf *out, struct err *err)
{
	struct definition_style style = { .offsets = offsets };
	struct type_spec spec;
	vs_status st = type_spec_parse(m, word, name, &spec, err);

	if (st)
		return st;
	type_spec_put_definition(&spec, style, out);
	type_spec_deinit(&spec);
	return VS_OK;
}

static vs_status put_symbol(struct monitor *m, const char *name, struct buf *out, struct err *err)
{
	struct types *t;
	type_ref type;
	kva_t va;
	vs_status st = cmd_address(m, name, &va, err);

	if (st == VS_OK)
		st = kernel_find_variable(m->k, name, &t, &type, err);
	if (st)
		return st;
	type_put_decl(t, type, name, out);
	buf_puts(out, ";\n");
	return VS_OK;
}

static vs_status cmd_whatis(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	const char *member = cmd_value(a, "m"), *sizes = cmd_value(a, "r");
	bool offsets = cmd_has(a, "o");
	struct range range;
	vs_status st = sizes ? parse_range(sizes, &range, err) : VS_OK;

	if (st)
		return st;
	if (sizes || member)
		return search(m, sizes ? &range : NULL, member, out, err);
	if (a->argc == 2) {
		char word[16] = "";

		if (strcmp(a->argv[0], "struct") != 0 && strcmp(a->argv[0], "union") != 0 &&
		    strcmp(a->argv[0], "enum") != 0)
			return fail(err, VS_INVAL, "%s: not one of struct, union, enum",
				    a->argv[0]);
		strcat(strcat(word, a->argv[0]), " ");
		return put_type(m, word, a->argv[1], offsets, out, err);
	}
	if (put_type(m, "", a->argv[0], offsets, out, NULL) == VS_OK)
		return VS_OK;
	return put_symbol(m, a->argv[0], out, err);
}

static const struct cmd_opt options[] = {
	{ "o", .help = "with offsets" },
	{ "r", "SIZE[-SIZE]", .help = "structs and unions of that size", OPERANDS(0, 0) },
	{ "m", "MEMBER", .help = "structs and unions with a member of that type or name",
	  OPERANDS(0, 0) },
	{ 0 },
};

const struct cmd verb_whatis = {
	.name = "whatis",
	.run = cmd_whatis,
	.brief = "the type behind a name",
	.synopsis = "whatis [-o] [struct | union | enum] TYPE[.MEMBER] | SYMBOL\n"
		    "  whatis [-r SIZE[-SIZE]] [-m MEMBER]",
	.help = "Print the definition of a type, or the declaration of a variable or function. BTF "
		"has only\n"
		"functions and per-CPU variables; for others vmstub reads vmlinux's DWARF, which "
		"takes a second.\n",
	.example = "  whatis pid_t\n"
		   "  typedef int pid_t;\n"
		   "  SIZE: 4\n",
	.options = options,
	.operands = OPERANDS(1, 2),
};
