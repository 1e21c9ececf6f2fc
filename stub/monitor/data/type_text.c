// SPDX-License-Identifier: GPL-3.0-or-later
/* type_text.c - types as C text. The types come from the dump, so depth is bounded everywhere. */
#include "stub/monitor/data/type_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/base/cleanup.h"

#define MAX_DERIVED 32 /* pointers, arrays, ... in one declaration */
#define MAX_DEPTH   16 /* nested anonymous structs, or function types as parameters */

static void put_decl(struct types *t, type_ref type, const char *name, int depth, struct buf *out);

/* gdb 7.6 and crash use the short names of integer types; compilers record the long ones. */
static const char *spelling(const char *name)
{
	static const struct {
		const char *is, *becomes;
	} rows[] = {
		{ "long unsigned int", "unsigned long" },
		{ "long int", "long" },
		{ "short int", "short" },
		{ "short unsigned int", "unsigned short" },
		{ "long long unsigned int", "unsigned long long" },
		{ "long long int", "long long" },
		{ "_Bool", "bool" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(name, rows[i].is) == 0)
			return rows[i].becomes;
	return name;
}

static const char *keyword(const struct type_info *info)
{
	switch (info->kind) {
	case TYPE_STRUCT:
		return "struct ";
	case TYPE_UNION:
		return "union ";
	case TYPE_ENUM:
		return "enum ";
	case TYPE_FORWARD:
		return info->is_union ? "union " : "struct ";
	default:
		return "";
	}
}

static void put_parameters(struct types *t, type_ref type, const struct type_info *fn, int depth,
			   struct buf *out)
{
	type_ref param;
	uint32_t i;

	buf_putc(out, '(');
	for (i = 0; types_parameter_at(t, type, i, &param); i++) {
		if (i)
			buf_puts(out, ", ");
		put_decl(t, param, "", depth + 1, out);
	}
	buf_puts(out, fn->variadic ? (i ? ", ...)" : "...)") : i ? ")" : "void)");
}

/* Puts text around the declarator so far. */
static void wrap(struct buf *inner, const char *before, const char *after)
{
	AUTO(buf) next = { 0 };

	buf_printf(&next, "%s%s%s", before, buf_str(inner), after);
	buf_reset(inner);
	buf_puts(inner, buf_str(&next));
}

/* Goes from the outermost type inwards and builds the declarator around the name; quals collects
 * the qualifiers of the innermost type. */
static type_ref put_declarator(struct types *t, type_ref type, int depth, struct buf *inner,
			       struct buf *quals)
{
	bool pointer = false; // the declarator begins with '*', which binds less than [] and ()

	for (int i = 0; i < MAX_DERIVED; i++) {
		struct type_info info, target;
		AUTO(buf) suffix = { 0 };

		types_info(t, type, &info);
		switch (info.kind) {
		case TYPE_CONST:
		case TYPE_VOLATILE:
			types_info(t, info.target, &target);
			if (target.kind == TYPE_POINTER)
				wrap(inner, info.kind == TYPE_CONST ? " const " : " volatile ", "");
			else
				buf_puts(quals, info.kind == TYPE_CONST ? "const " : "volatile ");
			break;
		case TYPE_QUALIFIER:
			break;
		case TYPE_POINTER:
			wrap(inner, "*", "");
			pointer = true;
			break;
		case TYPE_ARRAY:
		case TYPE_FUNCTION:
			if (info.kind == TYPE_FUNCTION)
				put_parameters(t, type, &info, depth, &suffix);
			else if (info.count)
				buf_printf(&suffix, "[%" PRIu64 "]", info.count);
			else
				buf_puts(&suffix, "[]");
			if (pointer)
				wrap(inner, "(", ")");
			wrap(inner, "", buf_str(&suffix));
			pointer = false;
			break;
		default:
			return type;
		}
		type = info.target;
	}
	return 0;
}

static void put_enumerators(struct types *t, type_ref type, struct buf *out)
{
	const char *name;
	int64_t value, next = 0;

	buf_putc(out, '{');
	for (uint32_t i = 0; types_enumerator_at(t, type, i, &name, &value); i++) {
		buf_printf(out, "%s%s", i ? ", " : "", name);
		if (value != next)
			buf_printf(out, " = %" PRId64, value);
		next = value + 1;
	}
	buf_putc(out, '}');
}

static void put_decl(struct types *t, type_ref type, const char *name, int depth, struct buf *out)
{
	AUTO(buf) inner = { 0 };
	AUTO(buf) quals = { 0 };
	struct type_info base;
	const char *text;

	if (depth > MAX_DEPTH) {
		buf_puts(out, "...");
		return;
	}
	buf_puts(&inner, name);
	type = put_declarator(t, type, depth, &inner, &quals);
	types_info(t, type, &base);
	buf_printf(out, "%s%s", buf_str(&quals), keyword(&base));
	if (base.kind == TYPE_ENUM && !base.name[0])
		put_enumerators(t, type, out);
	else
		buf_puts(out, base.kind == TYPE_VOID ? "void"
			      : base.name[0]	     ? spelling(base.name)
						     : "{...}");
	text = buf_str(&inner);
	while (*text == ' ')
		text++;
	if (*text)
		buf_printf(out, " %s", text);
}

void type_put_decl(struct types *t, type_ref type, const char *name, struct buf *out)
{
	put_decl(t, type, name, 0, out);
}

/* --- definitions */

struct printer {
	struct types *t;
	const struct definition_style *style;
	struct buf *out;
	int width; /* of the offset's column */
};

static bool is_composite(enum type_kind kind)
{
	return kind == TYPE_STRUCT || kind == TYPE_UNION;
}

/* The text before a member, or before a brace, which has no offset (at NULL). */
static void put_margin(const struct printer *p, const struct member *at, uint64_t base, int depth)
{
	char text[32];
	uint64_t off = at ? base + at->off : 0;

	if (!p->style->offsets) {
		buf_printf(p->out, "%*s", 4 * (depth + 1), "");
		return;
	}
	if (!at)
		text[0] = '\0';
	else if (p->style->address)
		snprintf(text, sizeof(text), "[%" PRIx64 "]", p->style->address + off);
	else
		snprintf(text, sizeof(text), p->style->hex ? "[%#" PRIx64 "]" : "[%" PRIu64 "]",
			 off);
	buf_printf(p->out, "%*s %*s", p->width, text, 4 * depth, "");
}

static void put_members(const struct printer *p, type_ref type, uint64_t base, int depth);

/* A member; an anonymous struct or union is shown in full in its place. */
static void put_member(const struct printer *p, const struct type_field *f, const char *name,
		       uint64_t base, int depth)
{
	AUTO(buf) inner = { 0 };
	AUTO(buf) quals = { 0 };
	struct type_info info;
	type_ref bare;

	buf_puts(&inner, name);
	bare = put_declarator(p->t, f->type, 0, &inner, &quals);
	types_info(p->t, bare, &info);
	if (is_composite(info.kind) && !info.name[0] && depth < MAX_DEPTH) {
		put_margin(p, NULL, 0, depth);
		buf_printf(p->out, "%s{\n", keyword(&info));
		put_members(p, bare, base + f->at.off, depth + 1);
		put_margin(p, name[0] ? &f->at : NULL, base, depth);
		buf_printf(p->out, "}%s%s;\n", inner.len ? " " : "", buf_str(&inner));
		return;
	}
	put_margin(p, &f->at, base, depth);
	put_decl(p->t, f->type, name, 0, p->out);
	if (f->at.bit_size)
		buf_printf(p->out, " : %u", f->at.bit_size);
	buf_puts(p->out, ";\n");
}

static void put_members(const struct printer *p, type_ref type, uint64_t base, int depth)
{
	struct type_field f;
	const char *name;

	for (uint32_t i = 0; types_member_at(p->t, type, i, &f, &name); i++)
		put_member(p, &f, name, base, depth);
}

void type_put_definition(struct types *t, type_ref type, const struct definition_style *style,
			 struct buf *out)
{
	struct printer p = { t, style, out, 0 };
	type_ref bare = types_strip(t, type);
	struct type_info info, outer;
	struct type_field f;
	char digits[24];

	types_info(t, bare, &info);
	types_info(t, type, &outer);
	if (outer.kind == TYPE_TYPEDEF && !(is_composite(info.kind) && !info.name[0])) {
		buf_puts(out, "typedef ");
		type_put_decl(t, bare, outer.name, out);
		buf_printf(out, ";\nSIZE: %" PRIu64 "\n", info.size);
		return;
	}
	if (info.kind == TYPE_ENUM) {
		buf_printf(out, "enum %s%s", info.name, info.name[0] ? " " : "");
		put_enumerators(t, bare, out);
		buf_printf(out, ";\nSIZE: %" PRIu64 "\n", info.size);
		return;
	}
	if (!is_composite(info.kind)) {
		type_put_decl(t, type, "", out);
		buf_printf(out, ";\nSIZE: %" PRIu64 "\n", info.size);
		return;
	}
	p.width = style->address ? 2 + 18
				 : snprintf(digits, sizeof(digits),
					    style->hex ? "  [%#" PRIx64 "]" : "  [%" PRIu64 "]",
					    info.size);
	if (outer.kind == TYPE_TYPEDEF)
		buf_puts(out, "typedef ");
	buf_printf(out, "%s%s%s{\n", keyword(&info), info.name, info.name[0] ? " " : "");
	if (!style->only)
		put_members(&p, bare, 0, 0);
	else if (types_field(t, bare, style->only, &f, NULL) == VS_OK)
		put_member(&p, &f, style->only, 0, 0);
	buf_printf(out, "}%s%s%s\n", outer.kind == TYPE_TYPEDEF ? " " : "",
		   outer.kind == TYPE_TYPEDEF ? outer.name : "",
		   outer.kind == TYPE_TYPEDEF ? ";" : "");
	if (!style->only)
		buf_printf(out, style->hex ? "SIZE: %#" PRIx64 "\n" : "SIZE: %" PRIu64 "\n",
			   info.size);
}
