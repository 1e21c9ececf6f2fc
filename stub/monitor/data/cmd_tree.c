// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_tree.c - tree: the entries of a red-black tree, xarray, radix or maple tree. */
#include <inttypes.h>
#include <string.h>

#include "stub/kernel/walk.h"
#include "stub/monitor/data/shown.h"

static bool show_entry(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	struct shown *s = ctx;

	if (s->position && first == last)
		buf_printf(s->out, "index: %" PRIu64 "  ", first);
	else if (s->position)
		buf_printf(s->out, "index: %#" PRIx64 "-%#" PRIx64 "  ", first, last);
	if (entry & 1) { // a number, not a pointer (xa_is_value())
		buf_printf(s->out, "value %#" PRIx64 "\n", entry >> 1);
		s->n++;
		return true;
	}
	shown_put_object(s, entry - s->off);
	return !buf_stopped(s->out);
}

enum tree_type { TREE_RB, TREE_XARRAY, TREE_MAPLE };

static vs_status parse_tree_type(const char *text, enum tree_type *ret, struct err *err)
{
	static const struct {
		const char *name;
		enum tree_type type;
	} names[] = { { "rbtree", TREE_RB },   { "rb", TREE_RB },	 { "xarray", TREE_XARRAY },
		      { "x", TREE_XARRAY },    { "radix", TREE_XARRAY }, { "ra", TREE_XARRAY },
		      { "maple", TREE_MAPLE }, { "m", TREE_MAPLE } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i].name) == 0) {
			*ret = names[i].type;
			return VS_OK;
		}
	return fail(err, VS_INVAL, "%s: not one of rbtree, xarray, radix, maple", text);
}

struct tree_args {
	struct shown s;
	enum tree_type type;
	uint64_t root_off;
	kva_t start;
};

static vs_status parse_tree(struct tree_args *t, struct args *a, struct err *err)
{
	vs_status st = VS_OK;

	for (size_t i = 0; st == VS_OK && i < a->given.n; i++) {
		char c = a->given.v[i].opt->name[0];
		const char *arg = a->given.v[i].arg;

		if (c == 't')
			st = parse_tree_type(arg, &t->type, err);
		else if (c == 'r')
			st = cmd_offset(t->s.m, arg, &t->root_off, err);
		else if (c == 'o')
			st = cmd_offset(t->s.m, arg, &t->s.off, err);
		else if (c == 's' || c == 'S')
			st = shown_add_spec(&t->s, arg, err);
		else if (c == 'p')
			t->s.position = true;
		else if (c == 'x' || c == 'd')
			t->s.style.hex = c == 'x';
	}
	return st ? st : cmd_address(t->s.m, a->argv[0], &t->start, err);
}

static vs_status cmd_tree(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct tree_args t = { .s = { .m = m, .out = out } };
	vs_status st = parse_tree(&t, a, err);

	t.start += t.root_off;
	if (st == VS_OK)
		st = t.type == TREE_RB	     ? walk_rbtree(m->k, t.start, shown_put_node, &t.s, err)
		     : t.type == TREE_XARRAY ? walk_xarray(m->k, t.start, show_entry, &t.s, err)
					     : walk_maple(m->k, t.start, show_entry, &t.s, err);
	shown_deinit(&t.s);
	return st;
}

static const struct cmd_opt options[] = {
	{ "t", "TYPE", .help = "rbtree (default), xarray, radix or maple" },
	{ "r", "OFFSET", .help = "START is an object that has the root at OFFSET" },
	{ "o", "OFFSET", .help = "the offset of the rb_node in the objects" },
	{ "s", "STRUCT[.MEMBER,...]", .help = "show each entry as this struct, or these members" },
	{ "S", "STRUCT[.MEMBER,...]", .help = "same as -s" },
	{ "l", .help = "in order (always so here)" },
	{ "p", .help = "show the index, or range of indices, of each entry" },
	{ "x", .help = "integers in hexadecimal" },
	{ "d", .help = "integers in decimal (default)" },
	{ 0 },
};

const struct cmd verb_tree = {
	.name = "tree",
	.run = cmd_tree,
	.brief = "entries of a red-black tree, xarray, radix or maple tree",
	.synopsis = "tree [-t TYPE] [-r OFFSET] [-o OFFSET] [-s STRUCT[.MEMBER,...] | -S "
		    "STRUCT[.MEMBER,...]]...\n"
		    "       [-lpxd] START",
	.help = "START is the rb_root, xarray, radix_tree_root or maple_tree. Entries are printed "
		"in order.\n",
	.example =
		"  tree -t maple -r mm_struct.mm_mt -s vm_area_struct.vm_start ff2583be42a11e00\n",
	.options = options,
	.operands = OPERANDS(1, 1),
};
