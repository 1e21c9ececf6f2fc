// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* module_record.h - what vmstub knows of struct module and of the structs that hang on it. */
#include "stub/kernel/record.h"

enum module_field {
	MODULE_STATE,
	MODULE_LIST,
	MODULE_NAME,
	MODULE_PERCPU,
	MODULE_PERCPU_SIZE,
	MODULE_MEM,
	MODULE_CORE,
	MODULE_CORE_SIZE,
	MODULE_CORE_TEXT,
	MODULE_DATA,
	MODULE_DATA_SIZE,
	MODULE_KALLSYMS,
	MODULE_SYMTAB,
	MODULE_NUM_SYMTAB,
	MODULE_STRTAB,
	MODULE_SECT_ATTRS,
	MODULE_NOTES_ATTRS,
	MODULE_NUM_ORCS,
	MODULE_ORC_IP,
	MODULE_ORC,
	MODULE_BUG_TABLE,
	MODULE_NUM_BUGS,
};
extern const struct record_def module_record;

/* struct module_memory, the elements of MODULE_MEM */
enum { MEMORY_BASE, MEMORY_SIZE };
extern const struct record_def module_memory_record;

/* struct mod_kallsyms */
enum { KALLSYMS_SYMTAB, KALLSYMS_NUM_SYMTAB, KALLSYMS_STRTAB, KALLSYMS_TYPETAB };
extern const struct record_def mod_kallsyms_record;

/* What sysfs shows of sections and notes: struct module_sect_attrs with its elements,
 * module_notes_attrs, bin_attribute, attribute_group */
enum { SECTS_N, SECTS_ARRAY, SECTS_GROUP };
extern const struct record_def sect_attrs_record;
enum { SECT_NAME, SECT_ADDRESS };
extern const struct record_def sect_attr_record;
enum { NOTES_N, NOTES_ARRAY, NOTES_GROUP };
extern const struct record_def notes_attrs_record;
enum { BIN_NAME, BIN_SIZE, BIN_PRIVATE };
extern const struct record_def bin_attribute_record;
enum { GROUP_BINS };
extern const struct record_def attribute_group_record;
