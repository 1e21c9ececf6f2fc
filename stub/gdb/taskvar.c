// SPDX-License-Identifier: GPL-3.0-or-later
/* taskvar.c - makes a typed variable $task, the selected thread's struct task_struct. */
#include "stub/gdb/taskvar.h"

#include <string.h>

#include "stub/elf/btftab.h"

/* BTF with three types (Documentation/bpf/btf.rst): a declared struct task_struct; a pointer to it;
 * a variable of that type. */
#define INFO(kind) 0, 0, 0, (kind)
#define WORD(n)	   (n), 0, 0, 0
static const char names[] = "\0task_struct\0$task";
enum { NAME_NONE, NAME_STRUCT = 1, NAME_VARIABLE = 13, TYPES_LEN = 3 * 12 + 4 };

static const unsigned char types[24 + TYPES_LEN] = {
	0x9f, 0xeb, 1, 0, WORD(24), WORD(0), WORD(TYPES_LEN), WORD(TYPES_LEN), WORD(sizeof(names)),
	// 1
	WORD(NAME_STRUCT), INFO(BTF_FWD), WORD(0),
	// 2
	WORD(NAME_NONE), INFO(BTF_PTR), WORD(1),
	// 3, with global linkage
	WORD(NAME_VARIABLE), INFO(BTF_VAR), WORD(2), WORD(1)
};

static bool at_va(void *ctx, const char *name, bool function, struct btfdwarf_place *ret)
{
	(void)name;
	*ret = (struct btfdwarf_place){ .va = *(const kva_t *)ctx, .global = true };
	return !function;
}

vs_status taskvar_build(kva_t va, struct btfdwarf *ret, struct err *err)
{
	struct btfdwarf_source src = { .unit = "vmstub.btf", .find = at_va, .ctx = &va };
	unsigned char blob[sizeof(types) + sizeof(names)];
	struct btftab *t = NULL;
	vs_status st;

	memcpy(blob, types, sizeof(types));
	memcpy(blob + sizeof(types), names, sizeof(names));
	st = btftab_create(blob, sizeof(blob), NULL, &t, err);
	if (st)
		return st;
	src.types = t;
	st = btfdwarf_build(&src, ret, err);
	btftab_destroy(t);
	return st;
}
