// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* value_text.h - values of kernel objects as text, as gdb prints them with `set print pretty on`.
 */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/base/mem.h"
#include "stub/symbols/types.h"

struct monitor;

/* A copy of an object in the dump, with missing pages marked. */
struct object {
	kva_t va;
	size_t len;
	uint8_t *data;	  /* owned */
	uint8_t *missing; /* vs_status of each page it touches; owned */
	struct err why;	  /* why the last missing page is missing */
};

#define OBJECT_MAX (16u << 20) /* bytes */

/* Copies an object. Fails only if no page can be read, or len is more than OBJECT_MAX; values in
 * pages that cannot be read print as <not in the dump>. mem: any address space. */
vs_status object_read(const struct mem *mem, kva_t va, uint64_t len, struct object *ret,
		      struct err *err);
void object_deinit(struct object *o);

struct value_style {
	bool hex;	 /* integers in hexadecimal */
	bool plain;	 /* do not show what pointers point to */
	unsigned indent; /* of the lines inside, in columns */
};

/* The value of a type at offset off of an object. m provides the symbols that pointers point to
 * and the text behind char pointers. */
void value_put(struct monitor *m, struct types *t, type_ref type, const struct object *o,
	       uint64_t off, const struct value_style *style, struct buf *out);
/* "name = value" of a member, which may be a bit field. */
void value_put_member(struct monitor *m, struct types *t, const struct type_field *f,
		      const char *name, const struct object *o, const struct value_style *style,
		      struct buf *out);
