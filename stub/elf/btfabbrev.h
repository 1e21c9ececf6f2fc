// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btfabbrev.h - the abbreviations of the entries that btfdie.c writes. */
#include "stub/base/buf.h"

/* Numbers in .debug_abbrev. A shape without a type is followed by the same shape with one (void has
 * no entry), and a shape without a name by the same with one. */
enum btfabbrev {
	AB_UNIT = 1,   /* name, language */
	AB_UNIT_CODE,  /* name, language, low_pc, high_pc */
	AB_DAMAGED,    /* name */
	AB_BASE,       /* name, byte_size, encoding */
	AB_POINTER,    /* byte_size */
	AB_POINTER_TO, /* byte_size, type */
	AB_CONST,
	AB_CONST_OF, /* type */
	AB_VOLATILE,
	AB_VOLATILE_OF,
	AB_RESTRICT,
	AB_RESTRICT_OF,
	AB_TYPEDEF,    /* name */
	AB_TYPEDEF_OF, /* name, type */
	AB_ARRAY,      /* type; children */
	AB_RANGE,
	AB_STRUCT, /* byte_size; children */
	AB_STRUCT_NAMED,
	AB_STRUCT_DECLARED, /* name */
	AB_UNION,
	AB_UNION_NAMED,
	AB_UNION_DECLARED,
	AB_MEMBER, /* type, data_member_location */
	AB_MEMBER_NAMED,
	AB_BITS, /* type, bit_size, data_bit_offset */
	AB_BITS_NAMED,
	AB_ENUM, /* byte_size; children */
	AB_ENUM_NAMED,
	AB_ENUM_DECLARED, /* name */
	AB_ENUMERATOR,	  /* name, const_value */
	AB_ENUMERATOR_SIGNED,
	AB_PROTO, /* prototyped; children */
	AB_PROTO_OF,
	AB_PARAMETER, /* type */
	AB_PARAMETER_NAMED,
	AB_ELLIPSIS,
	AB_FUNCTION, /* name, prototyped, external, low_pc, high_pc; children */
	AB_FUNCTION_OF,
	AB_VARIABLE, /* name, external, type, location */
	AB_END,
};

/* Appends all of .debug_abbrev. */
void btfabbrev_put(struct buf *out);
