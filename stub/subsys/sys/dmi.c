// SPDX-License-Identifier: GPL-3.0-or-later
/* dmi.c - the strings of the kernel's dmi_ident[] (drivers/firmware/dmi_scan.c). */
#include "stub/subsys/sys/dmi.h"

#include <stdio.h>
#include <string.h>

#include "stub/kernel/kernel.h"

#define MAX_STRINGS 64 /* DMI_STRING_MAX is 26 in 7.0 */

vs_status dmi_each(struct kernel *k, dmi_fn fn, void *ctx, struct err *err)
{
	type_ref fields;
	const char *name;
	int64_t number;
	kva_t table;
	vs_status st = kernel_symbol(k, "dmi_ident", &table, err);

	if (st == VS_OK)
		st = kernel_need_types(k, err);
	if (st == VS_OK)
		st = types_find(k->types, "enum dmi_field", &fields, err);
	for (uint32_t i = 0; st == VS_OK && i < MAX_STRINGS; i++) {
		uint64_t va;
		char text[256];

		if (!types_enumerator_at(k->types, fields, i, &name, &number) ||
		    strcmp(name, "DMI_STRING_MAX") == 0)
			break;
		st = mem_read_u64(k->mem, table + (uint64_t)number * 8, &va, err);
		if (st || !va)
			continue;
		st = mem_read_str(k->mem, va, text, sizeof(text), err);
		if (st) {
			snprintf(text, sizeof(text), "(%s)", vs_status_str(st));
			st = VS_OK;
		}
		for (char *c = text; *c; c++)
			if (*c < 0x20 || *c > 0x7e)
				*c = '?';
		fn(ctx, name, text);
	}
	return st;
}
