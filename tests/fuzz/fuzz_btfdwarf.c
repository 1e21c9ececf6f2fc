// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_btfdwarf.c - any bytes as BTF to convert to DWARF, as the kernel's and as a module's on top
 * of itself. libdw then reads all of it: references must lead to entries, without endless loops. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/elf/btfdwarf.h"
#include "stub/elf/btftab.h"
#include "stub/elf/symimage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADER	24
#define DEEPEST 1000 /* twice what btfcheck.c lets through: a module's chain on the kernel's */

/* As in fuzz_btf.c: makes the sections fit; the first byte says how much of the rest is strings. */
static void fix_header(uint8_t *btf, size_t size, uint8_t split)
{
	uint32_t body = (uint32_t)size - HEADER, types = body * split / 256 & ~3u;
	const uint32_t words[] = { HEADER, 0, types, types, body - types };

	memcpy(btf, "\x9f\xeb\x01\x00", 4);
	memcpy(btf + 4, words, sizeof(words));
}

static bool find(void *ctx, const char *name, bool function, struct btfdwarf_place *ret)
{
	(void)ctx, (void)function;
	*ret = (struct btfdwarf_place){ .va = 0x10000 + (uint8_t)name[0] * 16u, .size = 64 };
	return name[0] != 'n';
}

/* Follows the types of an entry as gdb does. */
static void follow(Dwarf_Die die)
{
	Dwarf_Attribute at;

	for (int i = 0; dwarf_attr(&die, DW_AT_type, &at); i++)
		if (!dwarf_formref_die(&at, &die) || i > DEEPEST)
			abort();
}

static void read_unit(Dwarf_Die *unit)
{
	Dwarf_Die die, child;

	if (dwarf_child(unit, &die))
		return;
	do {
		follow(die);
		if (dwarf_child(&die, &child) == 0)
			do
				follow(child);
			while (dwarf_siblingof(&child, &child) == 0);
	} while (dwarf_siblingof(&die, &die) == 0);
}

static void read_image(struct buf *image)
{
	Elf *elf = elf_memory(image->p, image->len);
	Dwarf *dw = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit;

	if (!dw)
		abort();
	while (dwarf_get_units(dw, cu, &cu, NULL, NULL, &unit, NULL) == 0)
		read_unit(&unit);
	dwarf_end(dw);
	elf_end(elf);
}

static void show(const struct btftab *t)
{
	struct btfdwarf_source src = { .types = t, .unit = "fuzz", .find = find };
	AUTO(btfdwarf) d = { 0 };
	AUTO(buf) image = { 0 };

	if (btfdwarf_build(&src, &d, NULL) == VS_OK &&
	    symimage_build(NULL, 0, 0x10000, 0x20000, NULL, &d, &image, NULL) == VS_OK)
		read_image(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct btftab *t, *module;
	uint8_t *btf;

	if (size < HEADER + 8)
		return 0;
	elf_version(EV_CURRENT);
	size--;
	btf = malloc(size); // exact, so that ASan sees every byte outside
	memcpy(btf, data + 1, size);
	if (data[0] & 1)
		fix_header(btf, size, data[0]);
	if (btftab_create(btf, size, NULL, &t, NULL) == VS_OK) {
		show(t);
		if (btftab_create(btf, size, t, &module, NULL) == VS_OK) {
			show(module);
			btftab_destroy(module);
		}
		btftab_destroy(t);
	}
	free(btf);
	return 0;
}
