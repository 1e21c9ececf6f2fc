// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* type_text.h - types as C text, in gdb's spelling and crash's layout. */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/symbols/types.h"

/* A declaration: "struct list_head *next", "int (*fn)(void *)", "char comm[16]"; only the type
 * if name is "". Anonymous structs are "struct {...}". */
void type_put_decl(struct types *t, type_ref type, const char *name, struct buf *out);

struct definition_style {
	bool offsets;	  /* [offset] before each member ... */
	bool hex;	  /* in hexadecimal */
	uint64_t address; /* if not 0, show each member's address instead */
	const char *only; /* only this member; NULL: all */
};
/* A struct or union with its members and, in the last line, its SIZE; an enum with its enumerators;
 * else its declaration. Ends with a newline. */
void type_put_definition(struct types *t, type_ref type, const struct definition_style *style,
			 struct buf *out);
