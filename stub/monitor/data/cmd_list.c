// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_list.c - klist and tree: what hangs on the kernel's lists and trees. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/kernel/walk.h"
#include "stub/monitor/data/object.h"

/* How each entry is shown: its address, and on request the object there. */
struct shown {
	struct monitor *m;
	struct type_spec spec[4]; /* -s, more than once */
	unsigned nspecs;
	struct object_style style;
	uint64_t off;	/* of the node in the object */
	uint64_t inner; /* -l: of the list's node in the -s struct */
	bool position;
	struct buf *out;
	size_t n;
};

static vs_status add_spec(struct shown *s, const char *text, struct err *err)
{
	vs_status st;

	if (s->nspecs == sizeof(s->spec) / sizeof(s->spec[0]))
		return fail(err, VS_INVAL, "more than %u times -s", s->nspecs);
	st = type_spec_parse(s->m, "", text, &s->spec[s->nspecs], err);
	s->nspecs += st == VS_OK;
	return st;
}

static void shown_deinit(struct shown *s)
{
	for (unsigned i = 0; i < s->nspecs; i++)
		type_spec_deinit(&s->spec[i]);
}

static void put_object(struct shown *s, kva_t va)
{
	struct err why;

	buf_printf(s->out, "%" PRIx64 "\n", va);
	s->n++;
	for (unsigned i = 0; i < s->nspecs; i++)
		if (type_spec_put(s->m, &s->spec[i], s->m->k->mem, va - s->inner, &s->style, s->out,
				  &why))
			buf_printf(s->out, "  (%s)\n", why.msg);
}

static bool show_node(void *ctx, kva_t node)
{
	struct shown *s = ctx;

	put_object(s, node - s->off);
	return !buf_stopped(s->out);
}

/* --- klist */

struct list_args {
	struct shown s;
	enum { FROM_OBJECT, FROM_EMBEDDED_HEAD, FROM_HEAD } from; /* nothing, -h, -H */
	bool back;
	uint64_t head_off;
	bool have_head_off;
	kva_t start, end;
};

static vs_status list_option(struct list_args *l, char c, const char *arg, struct err *err)
{
	switch (c) {
	case 'o':
		return cmd_offset(l->s.m, arg, &l->s.off, err);
	case 'e':
		return cmd_address(l->s.m, arg, &l->end, err);
	case 's':
	case 'S':
		return add_spec(&l->s, arg, err);
	case 'l':
		return cmd_offset(l->s.m, arg, &l->s.inner, err);
	case 'O':
		l->have_head_off = true;
		return cmd_offset(l->s.m, arg, &l->head_off, err);
	case 'h':
		l->from = FROM_EMBEDDED_HEAD;
		break;
	case 'H':
		l->from = FROM_HEAD;
		break;
	case 'r':
		l->back = true;
		break;
	case 'x':
	case 'd':
		l->s.style.hex = c == 'x';
		break;
	}
	return VS_OK;
}

static vs_status parse_list(struct list_args *l, struct args *a, struct err *err)
{
	vs_status st = VS_OK;

	for (size_t i = 0; st == VS_OK && i < a->given.n; i++)
		st = list_option(l, a->given.v[i].opt->name[0], a->given.v[i].arg, err);
	if (st)
		return st;
	// "list task_struct.tasks -h init_task": the offset needs no -o.
	if (a->argc == 2) {
		st = cmd_offset(l->s.m, a->argv[0], &l->s.off, err);
		a->argv++;
		a->argc--;
	}
	if (st)
		return st;
	return cmd_address(l->s.m, a->argv[0], &l->start, err);
}

static vs_status walk_args(struct list_args *l, struct err *err)
{
	struct kernel *k = l->s.m->k;
	kva_t head, first;
	vs_status st;

	if (l->from == FROM_HEAD)
		return l->back ? walk_list_back(k, l->start, show_node, &l->s, err)
			       : walk_list(k, l->start, show_node, &l->s, err);
	if (l->from == FROM_EMBEDDED_HEAD) {
		head = l->start + (l->have_head_off ? l->head_off : l->s.off);
		if (!l->have_head_off)
			put_object(&l->s, l->start);
		return l->back ? walk_list_back(k, head, show_node, &l->s, err)
			       : walk_list(k, head, show_node, &l->s, err);
	}
	// Objects that point to each other, not to list_heads inside.
	put_object(&l->s, l->start);
	st = mem_read_u64(k->mem, l->start + l->s.off, &first, err);
	if (st || first == l->start)
		return st;
	head = l->s.off;
	l->s.off = 0;
	return walk_chain(k, first, head, l->end ? l->end : l->start, show_node, &l->s, err);
}

static vs_status cmd_klist(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct list_args l = { .s = { .m = m, .out = out } };
	vs_status st = parse_list(&l, a, err);

	if (st == VS_OK)
		st = walk_args(&l, err);
	shown_deinit(&l.s);
	return st;
}

/* --- tree */

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
	put_object(s, entry - s->off);
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
	return fail(err, VS_INVAL, "%s: rbtree, xarray, radix or maple?", text);
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
			st = add_spec(&t->s, arg, err);
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
		st = t.type == TREE_RB	     ? walk_rbtree(m->k, t.start, show_node, &t.s, err)
		     : t.type == TREE_XARRAY ? walk_xarray(m->k, t.start, show_entry, &t.s, err)
					     : walk_maple(m->k, t.start, show_entry, &t.s, err);
	shown_deinit(&t.s);
	return st;
}

static const struct cmd_opt klist_options[] = {
	{ "o", "OFFSET",
	  .help = "where the pointer to the next entry is: structure.member or a number" },
	{ "h", .help = "START is an object with a list_head at OFFSET" },
	{ "H", .help = "START is a list_head alone; OFFSET is that of those in the objects" },
	{ "O", "OFFSET", .help = "with -h: the offset in START, when it differs" },
	{ "r", .help = "against its direction, by prev" },
	{ "B",
	  .help = "accepted for crash's sake; a list that runs in a circle is always noticed" },
	{ "e", "END", .help = "up to this address" },
	{ "s", "STRUCT[.MEMBER,...]",
	  .help = "each entry as such a struct, or some members of it" },
	{ "S", "STRUCT[.MEMBER,...]", .help = "as -s" },
	{ "l", "OFFSET", .help = "with -s: the offset of the list's node in that struct" },
	{ "x", .help = "integers in hexadecimal" },
	{ "d", .help = "integers in decimal, as without it" },
	{ 0 },
};

const struct cmd verb_klist = {
	.name = "klist",
	.run = cmd_klist,
	.brief = "what is on a linked list",
	.synopsis = "klist [OFFSET | -o OFFSET] [-e END] [-s STRUCT[.MEMBER,...] | -S "
		    "STRUCT[.MEMBER,...]]... [-l OFFSET]\n"
		    "        [-rBxd] [-h [-O OFFSET] | -H] START",
	.help = "crash's list; gdb keeps its own command of that name. The address of each entry.\n"
		"START is the first object, whose pointer at OFFSET leads to the next one.\n",
	.example = "  klist task_struct.tasks -s task_struct.pid,comm -h init_task\n"
		   "  ffffffff9fa1aa40\n"
		   "    pid = 0,\n"
		   "    comm = \"swapper/0\\000\\000\\000\\000\\000\\000\",\n",
	.options = klist_options,
	.operands = OPERANDS(1, 2),
};

static const struct cmd_opt tree_options[] = {
	{ "t", "TYPE", .help = "rbtree (as without it), xarray, radix or maple" },
	{ "r", "OFFSET", .help = "START is an object that holds the root at OFFSET" },
	{ "o", "OFFSET", .help = "of the rb_node in the objects" },
	{ "s", "STRUCT[.MEMBER,...]",
	  .help = "each entry as such a struct, or some members of it" },
	{ "S", "STRUCT[.MEMBER,...]", .help = "as -s" },
	{ "l", .help = "in order, which is always so here" },
	{ "p", .help = "with the index, or the range of indices, of each entry" },
	{ "x", .help = "integers in hexadecimal" },
	{ "d", .help = "integers in decimal, as without it" },
	{ 0 },
};

const struct cmd verb_tree = {
	.name = "tree",
	.run = cmd_tree,
	.brief = "what is in a red-black tree, xarray, radix or maple tree",
	.synopsis = "tree [-t TYPE] [-r OFFSET] [-o OFFSET] [-s STRUCT[.MEMBER,...] | -S "
		    "STRUCT[.MEMBER,...]]...\n"
		    "       [-lpxd] START",
	.help = "START is the rb_root, xarray, radix_tree_root or maple_tree; entries come in "
		"order.\n",
	.example =
		"  tree -t maple -r mm_struct.mm_mt -s vm_area_struct.vm_start ff2583be42a11e00\n",
	.options = tree_options,
	.operands = OPERANDS(1, 1),
};
