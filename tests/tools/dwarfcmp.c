// SPDX-License-Identifier: GPL-3.0-or-later
/* dwarfcmp - compares the debug information of an image that vmstub made with that of the compiler.
 *   dwarfcmp [-u] [-s SHIFT] IMAGE FILE   each type, function and variable of IMAGE must be in
 * FILE: a type with the same size, and members of the same names, places and types; a function with
 * the same prototype, and a variable with the same type, at the same address minus SHIFT. Without
 * -s, addresses are not compared. -u: without the signs of enumerators. dwarfcmp -l FILE <NAMES
 * prints NAME <tab> UNIT <tab> DEFINITION for every distinct definition of these names in FILE;
 * UNIT is the address of some code of a unit that has it, 0 if none of them has code. A name is
 * "struct x", "union x", "enum x", "type x", "function x" or "variable x". FILE may define a name
 * several times; one of them must be equal. A definition names the types that it refers to, which
 * are compared by themselves. What BTF cannot say is left out: type tags, the dimensions of an
 * array of arrays, and the difference between [] and [0]. dwarftext.c writes the definitions. */
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/base/hash.h"
#include "stub/base/vec.h"
#include "tests/tools/lib/dwarftext.h"

#define MAX_THEIRS  16
#define FIRST_MOVED (UINT64_C(1) << 32) /* per-CPU variables of kernels before 6.15 are at 0 */

struct text {
	char *s;
	bool found; /* of ours: FILE has it, too */
};

struct other {
	char *s;
	uint64_t unit; /* address of code in the unit, 0: it has none */
};

struct entry {
	char *name;
	VEC(struct text) ours;
	VEC(struct other) theirs; /* distinct, and not one of ours */
	uint64_t va;		  /* of ours; 0: it has none */
	bool there, placed;	  /* FILE has code or data of this name; at this address */
	size_t missing;		  /* how many of ours are not found yet */
};

struct compare {
	VEC(struct entry) entries;
	uint32_t *slots; /* 1 + index of the entry */
	uint32_t mask;
	bool image;  /* reading IMAGE, not FILE */
	bool list;   /* collect all definitions */
	bool nested; /* also look into functions */
	bool addresses;
	uint64_t shift;
	uint64_t unit; /* address of code in the unit that is being read, or 0 */
	struct dwarftext text;
};

/* --- the table of names */

static void *checked(void *p)
{
	if (!p) {
		fprintf(stderr, "dwarfcmp: out of memory\n");
		exit(2);
	}
	return p;
}

static uint32_t *slot_of(const struct compare *c, const char *name)
{
	uint32_t at = hash_str(name) & c->mask;

	while (c->slots[at] && strcmp(c->entries.v[c->slots[at] - 1].name, name) != 0)
		at = (at + 1) & c->mask;
	return &c->slots[at];
}

static void grow(struct compare *c)
{
	c->mask = c->mask * 2 + 1;
	free(c->slots);
	c->slots = checked(calloc((size_t)c->mask + 1, sizeof(*c->slots)));
	for (size_t i = 0; i < c->entries.n; i++)
		*slot_of(c, c->entries.v[i].name) = (uint32_t)i + 1;
}

static struct entry *find(struct compare *c, const char *name, bool add)
{
	uint32_t *slot = slot_of(c, name);

	if (*slot || !add)
		return *slot ? &c->entries.v[*slot - 1] : NULL;
	if (!vec_push(&c->entries, (struct entry){ .name = checked(strdup(name)) }))
		checked(NULL);
	*slot = (uint32_t)c->entries.n;
	if (c->entries.n > c->mask / 2)
		grow(c);
	return &c->entries.v[c->entries.n - 1];
}

/* --- one definition */

static void add_ours(struct entry *e, const char *text)
{
	for (size_t i = 0; i < e->ours.n; i++)
		if (strcmp(e->ours.v[i].s, text) == 0)
			return;
	if (!vec_push(&e->ours, (struct text){ .s = checked(strdup(text)) }))
		checked(NULL);
	e->missing++;
}

static void add_theirs(struct compare *c, struct entry *e, const char *text)
{
	for (size_t i = 0; i < e->ours.n; i++)
		if (strcmp(e->ours.v[i].s, text) == 0) {
			e->missing -= !e->ours.v[i].found;
			e->ours.v[i].found = true;
			return;
		}
	for (size_t i = 0; i < e->theirs.n; i++)
		if (strcmp(e->theirs.v[i].s, text) == 0) {
			e->theirs.v[i].unit = e->theirs.v[i].unit ? e->theirs.v[i].unit : c->unit;
			return;
		}
	if ((c->list || e->theirs.n < MAX_THEIRS) &&
	    !vec_push(&e->theirs, (struct other){ checked(strdup(text)), c->unit }))
		checked(NULL);
}

static void see_address(struct compare *c, struct entry *e, Dwarf_Die *die)
{
	uint64_t va;

	for (unsigned int i = 0; dwarftext_address(die, i, &va); i++) {
		if (c->image)
			e->va = va;
		e->there |= !c->image;
		e->placed |= (va < FIRST_MOVED ? va : va + c->shift) == e->va;
	}
}

static void see(struct compare *c, Dwarf_Die *die)
{
	char name[300];
	struct entry *e;
	bool code = dwarf_tag(die) == DW_TAG_subprogram || dwarf_tag(die) == DW_TAG_variable;

	if (!dwarftext_name(die, name, sizeof(name)))
		return;
	e = find(c, name, c->image);
	if (!e)
		return;
	if (!c->image && !c->list && !e->missing && (!code || e->placed || !c->addresses))
		return;
	if (code)
		see_address(c, e, die);
	buf_reset(&c->text.out);
	dwarftext_definition(&c->text, die);
	if (c->text.out.oom)
		checked(NULL);
	if (c->image)
		add_ours(e, buf_str(&c->text.out));
	else
		add_theirs(c, e, buf_str(&c->text.out));
}

/* --- all units of a file */

static bool holds_more(const struct compare *c, Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return c->nested && (tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block ||
			     tag == DW_TAG_structure_type || tag == DW_TAG_union_type);
}

// Recursion follows the nesting of blocks in the compiler's own file.
static void see_children(struct compare *c, Dwarf_Die *parent)
{
	Dwarf_Die die;

	if (dwarf_child(parent, &die) != 0)
		return;
	do {
		see(c, &die);
		if (holds_more(c, &die))
			see_children(c, &die);
	} while (dwarf_siblingof(&die, &die) == 0);
}

static void see_units(struct compare *c, Dwarf *dw)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit;

	while (dwarf_get_units(dw, cu, &cu, NULL, NULL, &unit, NULL) == 0) {
		Dwarf_Addr base, start, end;

		c->unit = dwarf_ranges(&unit, 0, &base, &start, &end) > 0 ? start : 0;
		see_children(c, &unit);
	}
}

static bool is_complete(const struct compare *c)
{
	for (size_t i = 0; i < c->entries.n; i++)
		if (c->entries.v[i].missing)
			return false;
	return true;
}

static void read_file(struct compare *c, const char *path)
{
	static const Dwfl_Callbacks callbacks = { .section_address = dwfl_offline_section_address,
						  .find_debuginfo = dwfl_standard_find_debuginfo };
	Dwfl *dwfl = checked(dwfl_begin(&callbacks));
	Dwfl_Module *module = dwfl_report_offline(dwfl, path, path, -1);
	Dwarf_Addr bias;
	Dwarf *dw = NULL;

	dwfl_report_end(dwfl, NULL, NULL);
	if (module)
		dw = dwfl_module_getdwarf(module, &bias);
	if (!dw) {
		fprintf(stderr, "dwarfcmp: %s: %s\n", path, dwfl_errmsg(-1));
		exit(2);
	}
	see_units(c, dw);
	c->nested = true;
	if (!c->image && !is_complete(c))
		see_units(c, dw);
	c->nested = false;
	dwfl_end(dwfl);
}

/* --- what was found */

static bool report(const struct compare *c, const struct entry *e)
{
	bool moved = c->addresses && e->va && e->there && !e->placed;

	if (!e->missing && !moved)
		return true;
	if (e->missing)
		printf("%s: %s\n", e->name, e->theirs.n ? "differs" : "is not in the file");
	else
		printf("%s: is not at %#" PRIx64 "\n", e->name, e->va - c->shift);
	for (size_t i = 0; e->missing && i < e->ours.n; i++)
		if (!e->ours.v[i].found)
			printf("  image: %s\n", e->ours.v[i].s);
	for (size_t i = 0; e->missing && i < e->theirs.n; i++)
		printf("  file:  %s\n", e->theirs.v[i].s);
	return false;
}

static int compare_all(struct compare *c)
{
	size_t equal = 0, functions = 0;

	for (size_t i = 0; i < c->entries.n; i++) {
		equal += report(c, &c->entries.v[i]);
		functions += strncmp(c->entries.v[i].name, "function ", 9) == 0;
	}
	printf("%zu compared, %zu functions, %zu equal\n", c->entries.n, functions, equal);
	return equal != c->entries.n;
}

static int list_all(struct compare *c, const char *path)
{
	char line[300];

	c->list = true;
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		find(c, line, true)->missing = 1;
	}
	read_file(c, path);
	for (size_t i = 0; i < c->entries.n; i++)
		for (size_t t = 0; t < c->entries.v[i].theirs.n; t++)
			printf("%s\t%#" PRIx64 "\t%s\n", c->entries.v[i].name,
			       c->entries.v[i].theirs.v[t].unit, c->entries.v[i].theirs.v[t].s);
	return 0;
}

int main(int argc, char **argv)
{
	struct compare c = { 0 };
	bool list = false;
	int option;

	grow(&c);
	while ((option = getopt(argc, argv, "us:l")) != -1) {
		if (option == 'u')
			c.text.without_signs = true;
		else if (option == 'l')
			list = true;
		else if (option == 's')
			c.addresses = true, c.shift = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	if (argc - optind != (list ? 1 : 2))
		return 2;
	if (list)
		return list_all(&c, argv[optind]);
	c.image = true;
	read_file(&c, argv[optind]);
	c.image = false;
	read_file(&c, argv[optind + 1]);
	return compare_all(&c);
}
