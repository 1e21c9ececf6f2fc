// SPDX-License-Identifier: GPL-3.0-or-later
/* btfabbrev.c - .debug_abbrev for btfdie.c. All numbers are below 128, so their LEB128 is one byte.
 */
#include "stub/elf/btfabbrev.h"

#include <dwarf.h>
#include <stdint.h>

#define MAX_ATTRIBUTES 6

struct shape {
	uint8_t tag, children;
	uint8_t attributes[MAX_ATTRIBUTES][2]; /* name and form; a 0 ends the list */
};

static const struct shape shapes[AB_END] = {
	[AB_UNIT] = { DW_TAG_compile_unit,
		      1,
		      { { DW_AT_name, DW_FORM_string }, { DW_AT_language, DW_FORM_data1 } } },
	[AB_UNIT_CODE] = { DW_TAG_compile_unit,
			   1,
			   { { DW_AT_name, DW_FORM_string },
			     { DW_AT_language, DW_FORM_data1 },
			     { DW_AT_low_pc, DW_FORM_addr },
			     { DW_AT_high_pc, DW_FORM_data8 } } },
	[AB_DAMAGED] = { DW_TAG_unspecified_type, 0, { { DW_AT_name, DW_FORM_string } } },
	[AB_BASE] = { DW_TAG_base_type,
		      0,
		      { { DW_AT_name, DW_FORM_strp },
			{ DW_AT_byte_size, DW_FORM_data1 },
			{ DW_AT_encoding, DW_FORM_data1 } } },
	[AB_POINTER] = { DW_TAG_pointer_type, 0, { { DW_AT_byte_size, DW_FORM_data1 } } },
	[AB_POINTER_TO] = { DW_TAG_pointer_type,
			    0,
			    { { DW_AT_byte_size, DW_FORM_data1 }, { DW_AT_type, DW_FORM_ref4 } } },
	[AB_CONST] = { DW_TAG_const_type, 0, { { 0 } } },
	[AB_CONST_OF] = { DW_TAG_const_type, 0, { { DW_AT_type, DW_FORM_ref4 } } },
	[AB_VOLATILE] = { DW_TAG_volatile_type, 0, { { 0 } } },
	[AB_VOLATILE_OF] = { DW_TAG_volatile_type, 0, { { DW_AT_type, DW_FORM_ref4 } } },
	[AB_RESTRICT] = { DW_TAG_restrict_type, 0, { { 0 } } },
	[AB_RESTRICT_OF] = { DW_TAG_restrict_type, 0, { { DW_AT_type, DW_FORM_ref4 } } },
	[AB_TYPEDEF] = { DW_TAG_typedef, 0, { { DW_AT_name, DW_FORM_strp } } },
	[AB_TYPEDEF_OF] = { DW_TAG_typedef,
			    0,
			    { { DW_AT_name, DW_FORM_strp }, { DW_AT_type, DW_FORM_ref4 } } },
	[AB_ARRAY] = { DW_TAG_array_type, 1, { { DW_AT_type, DW_FORM_ref4 } } },
	[AB_RANGE] = { DW_TAG_subrange_type, 0, { { DW_AT_count, DW_FORM_udata } } },
	[AB_STRUCT] = { DW_TAG_structure_type, 1, { { DW_AT_byte_size, DW_FORM_data4 } } },
	[AB_STRUCT_NAMED] = { DW_TAG_structure_type,
			      1,
			      { { DW_AT_byte_size, DW_FORM_data4 },
				{ DW_AT_name, DW_FORM_strp } } },
	[AB_STRUCT_DECLARED] = { DW_TAG_structure_type,
				 0,
				 { { DW_AT_name, DW_FORM_strp },
				   { DW_AT_declaration, DW_FORM_flag_present } } },
	[AB_UNION] = { DW_TAG_union_type, 1, { { DW_AT_byte_size, DW_FORM_data4 } } },
	[AB_UNION_NAMED] = { DW_TAG_union_type,
			     1,
			     { { DW_AT_byte_size, DW_FORM_data4 }, { DW_AT_name, DW_FORM_strp } } },
	[AB_UNION_DECLARED] = { DW_TAG_union_type,
				0,
				{ { DW_AT_name, DW_FORM_strp },
				  { DW_AT_declaration, DW_FORM_flag_present } } },
	[AB_MEMBER] = { DW_TAG_member,
			0,
			{ { DW_AT_type, DW_FORM_ref4 },
			  { DW_AT_data_member_location, DW_FORM_udata } } },
	[AB_MEMBER_NAMED] = { DW_TAG_member,
			      0,
			      { { DW_AT_name, DW_FORM_strp },
				{ DW_AT_type, DW_FORM_ref4 },
				{ DW_AT_data_member_location, DW_FORM_udata } } },
	[AB_BITS] = { DW_TAG_member,
		      0,
		      { { DW_AT_type, DW_FORM_ref4 },
			{ DW_AT_bit_size, DW_FORM_udata },
			{ DW_AT_data_bit_offset, DW_FORM_udata } } },
	[AB_BITS_NAMED] = { DW_TAG_member,
			    0,
			    { { DW_AT_name, DW_FORM_strp },
			      { DW_AT_type, DW_FORM_ref4 },
			      { DW_AT_bit_size, DW_FORM_udata },
			      { DW_AT_data_bit_offset, DW_FORM_udata } } },
	[AB_ENUM] = { DW_TAG_enumeration_type, 1, { { DW_AT_byte_size, DW_FORM_data1 } } },
	[AB_ENUM_NAMED] = { DW_TAG_enumeration_type,
			    1,
			    { { DW_AT_byte_size, DW_FORM_data1 }, { DW_AT_name, DW_FORM_strp } } },
	[AB_ENUM_DECLARED] = { DW_TAG_enumeration_type,
			       0,
			       { { DW_AT_name, DW_FORM_strp },
				 { DW_AT_declaration, DW_FORM_flag_present } } },
	[AB_ENUMERATOR] = { DW_TAG_enumerator,
			    0,
			    { { DW_AT_name, DW_FORM_strp },
			      { DW_AT_const_value, DW_FORM_udata } } },
	[AB_ENUMERATOR_SIGNED] = { DW_TAG_enumerator,
				   0,
				   { { DW_AT_name, DW_FORM_strp },
				     { DW_AT_const_value, DW_FORM_sdata } } },
	[AB_PROTO] = { DW_TAG_subroutine_type, 1, { { DW_AT_prototyped, DW_FORM_flag_present } } },
	[AB_PROTO_OF] = { DW_TAG_subroutine_type,
			  1,
			  { { DW_AT_prototyped, DW_FORM_flag_present },
			    { DW_AT_type, DW_FORM_ref4 } } },
	[AB_PARAMETER] = { DW_TAG_formal_parameter, 0, { { DW_AT_type, DW_FORM_ref4 } } },
	[AB_PARAMETER_NAMED] = { DW_TAG_formal_parameter,
				 0,
				 { { DW_AT_name, DW_FORM_strp }, { DW_AT_type, DW_FORM_ref4 } } },
	[AB_ELLIPSIS] = { DW_TAG_unspecified_parameters, 0, { { 0 } } },
	[AB_FUNCTION] = { DW_TAG_subprogram,
			  1,
			  { { DW_AT_name, DW_FORM_strp },
			    { DW_AT_prototyped, DW_FORM_flag_present },
			    { DW_AT_external, DW_FORM_flag },
			    { DW_AT_low_pc, DW_FORM_addr },
			    { DW_AT_high_pc, DW_FORM_data4 } } },
	[AB_FUNCTION_OF] = { DW_TAG_subprogram,
			     1,
			     { { DW_AT_name, DW_FORM_strp },
			       { DW_AT_prototyped, DW_FORM_flag_present },
			       { DW_AT_external, DW_FORM_flag },
			       { DW_AT_low_pc, DW_FORM_addr },
			       { DW_AT_high_pc, DW_FORM_data4 },
			       { DW_AT_type, DW_FORM_ref4 } } },
	[AB_VARIABLE] = { DW_TAG_variable,
			  0,
			  { { DW_AT_name, DW_FORM_strp },
			    { DW_AT_external, DW_FORM_flag },
			    { DW_AT_type, DW_FORM_ref4 },
			    { DW_AT_location, DW_FORM_exprloc } } },
};

void btfabbrev_put(struct buf *out)
{
	for (int i = 1; i < AB_END; i++) {
		const struct shape *s = &shapes[i];

		buf_putc(out, (char)i);
		buf_putc(out, (char)s->tag);
		buf_putc(out, (char)s->children);
		for (int a = 0; a < MAX_ATTRIBUTES && s->attributes[a][0]; a++)
			buf_put(out, s->attributes[a], 2);
		buf_put(out, "\0", 2);
	}
	buf_putc(out, '\0');
}
