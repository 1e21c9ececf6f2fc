// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* value_text.h - values of kernel objects as text, as gdb prints them with `set print pretty on`.
 */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/base/mem.h"
#include "stub/symbols/types.h"

struct monitor;

/* An object as it is in the dump: pages that are not are marked. */
struct object {
	kva_t va;
	size_t len;
	uint8_t *data;	  /* owned */
	uint8_t *missing; /* vs_status of each page it touches; owned */
	struct err why;	  /* of the last page that is missing */
};

#define OBJECT_MAX (16u << 20) /* bytes */

/* Pages that cannot be read are no failure: what is in them prints as <not in the dump>. Fails when
 * none can, or len is more than OBJECT_MAX. mem: any address space. */
vs_status object_read(const struct mem *mem, kva_t va, uint64_t len, struct object *ret,
		      struct err *err);
void object_deinit(struct object *o);

struct value_style {
	bool hex;	 /* integers in hexadecimal */
	bool plain;	 /* pointers without what they point to */
	unsigned indent; /* columns of the lines inside */
};

/* The value of a type at off of an object. m: names symbols that pointers point to and reads the
 * text of char pointers. */
void value_put(struct monitor *m, struct types *t, type_ref type, const struct object *o,
	       uint64_t off, const struct value_style *style, struct buf *out);
/* "name = value" of a member (a bit field, too). */
void value_put_member(struct monitor *m, struct types *t, const struct type_field *f,
		      const char *name, const struct object *o, const struct value_style *style,
		      struct buf *out);
