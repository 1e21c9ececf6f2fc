// SPDX-License-Identifier: GPL-3.0-or-later
/* module_record.c - members of struct module and of the structs that hang on it, in all kernels. */
#include "stub/module/module_record.h"

static const struct record_field module_fields[] = {
	[MODULE_STATE] = { { "state" }, RECORD_UINT },
	[MODULE_LIST] = { { "list" }, RECORD_ADDRESS },
	[MODULE_NAME] = { { "name" }, RECORD_ADDRESS },
	[MODULE_PERCPU] = { { "percpu" }, RECORD_UINT, "with SMP" },
	[MODULE_PERCPU_SIZE] = { { "percpu_size" }, RECORD_UINT, "with SMP" },
	// ac3b43283923 (6.4)
	[MODULE_MEM] = { { "mem" }, RECORD_ADDRESS, "since 6.4" },
	// 7523e4dc5057 (4.5) gathered them in core_layout.
	[MODULE_CORE] = { { "core_layout.base", "module_core" }, RECORD_POINTER, "before 6.4" },
	[MODULE_CORE_SIZE] = { { "core_layout.size", "core_size" }, RECORD_UINT, "before 6.4" },
	[MODULE_CORE_TEXT] = { { "core_layout.text_size", "core_text_size" },
			       RECORD_UINT,
			       "before 6.4" },
	// 01dc0386efb7 (5.18)
	[MODULE_DATA] = { { "data_layout.base" },
			  RECORD_POINTER,
			  "5.18 to 6.3, with CONFIG_ARCH_WANTS_MODULES_DATA_IN_VMALLOC" },
	[MODULE_DATA_SIZE] = { { "data_layout.size" },
			       RECORD_UINT,
			       "5.18 to 6.3, with CONFIG_ARCH_WANTS_MODULES_DATA_IN_VMALLOC" },
	// 8244062ef1e5 (4.5): before, the module itself had these members.
	[MODULE_KALLSYMS] = { { "kallsyms" }, RECORD_POINTER, "since 4.5" },
	[MODULE_SYMTAB] = { { "symtab" }, RECORD_POINTER, "before 4.5" },
	[MODULE_NUM_SYMTAB] = { { "num_symtab" }, RECORD_UINT, "before 4.5" },
	[MODULE_STRTAB] = { { "strtab" }, RECORD_POINTER, "before 4.5" },
	[MODULE_SECT_ATTRS] = { { "sect_attrs" }, RECORD_POINTER, "with sysfs" },
	[MODULE_NOTES_ATTRS] = { { "notes_attrs" }, RECORD_POINTER, "with sysfs" },
	[MODULE_NUM_ORCS] = { { "arch.num_orcs" }, RECORD_UINT, "with ORC" },
	[MODULE_ORC_IP] = { { "arch.orc_unwind_ip" }, RECORD_POINTER, "with ORC" },
	[MODULE_ORC] = { { "arch.orc_unwind" }, RECORD_POINTER, "with ORC" },
	[MODULE_BUG_TABLE] = { { "bug_table" }, RECORD_POINTER, "with CONFIG_GENERIC_BUG" },
	[MODULE_NUM_BUGS] = { { "num_bugs" }, RECORD_UINT, "with CONFIG_GENERIC_BUG" },
};
RECORD(module_record, "module", module_fields);

static const struct record_field memory_fields[] = {
	[MEMORY_BASE] = { { "base" }, RECORD_POINTER, "since 6.4" },
	[MEMORY_SIZE] = { { "size" }, RECORD_UINT, "since 6.4" },
};
RECORD(module_memory_record, "module_memory", memory_fields);

static const struct record_field kallsyms_fields[] = {
	[KALLSYMS_SYMTAB] = { { "symtab" }, RECORD_POINTER, "since 4.5" },
	[KALLSYMS_NUM_SYMTAB] = { { "num_symtab" }, RECORD_UINT, "since 4.5" },
	[KALLSYMS_STRTAB] = { { "strtab" }, RECORD_POINTER, "since 4.5" },
	// 1c7651f43777: before, st_info was overwritten with the type.
	[KALLSYMS_TYPETAB] = { { "typetab" }, RECORD_POINTER, "since 5.2" },
};
RECORD(mod_kallsyms_record, "mod_kallsyms", kallsyms_fields);

// d8959b947a8d (6.14): sections are a group, 4723f16de64e (6.14): and so are notes
static const struct record_field sects_fields[] = {
	[SECTS_N] = { { "nsections" }, RECORD_UINT, "before 6.14" },
	[SECTS_ARRAY] = { { "attrs" }, RECORD_ADDRESS, "before 6.14" },
	[SECTS_GROUP] = { { "grp" }, RECORD_ADDRESS, "since 6.14" },
};
RECORD(sect_attrs_record, "module_sect_attrs", sects_fields);

static const struct record_field sect_fields[] = {
	[SECT_NAME] = { { "battr.attr.name", "name" }, RECORD_POINTER, "before 6.14" },
	[SECT_ADDRESS] = { { "address" }, RECORD_UINT, "before 6.14" },
};
RECORD(sect_attr_record, "module_sect_attr", sect_fields);

static const struct record_field notes_fields[] = {
	[NOTES_N] = { { "notes" }, RECORD_UINT, "before 6.14" },
	[NOTES_ARRAY] = { { "attrs" }, RECORD_ADDRESS, "before 6.14" },
	[NOTES_GROUP] = { { "grp" }, RECORD_ADDRESS, "since 6.14" },
};
RECORD(notes_attrs_record, "module_notes_attrs", notes_fields);

static const struct record_field bin_fields[] = {
	[BIN_NAME] = { { "attr.name" }, RECORD_POINTER },
	[BIN_SIZE] = { { "size" }, RECORD_UINT },
	[BIN_PRIVATE] = { { "private" }, RECORD_POINTER },
};
RECORD(bin_attribute_record, "bin_attribute", bin_fields);

static const struct record_field group_fields[] = {
	[GROUP_BINS] = { { "bin_attrs", "bin_attrs_new" }, RECORD_POINTER },
};
RECORD(attribute_group_record, "attribute_group", group_fields);
