// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_klist.c - klist: the entries of a linked list. */
#include "stub/kernel/walk.h"
#include "stub/monitor/data/shown.h"

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
		return shown_add_spec(&l->s, arg, err);
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

/* Shows one entry of a list of list_heads. -e may name the last object or its list_head. */
static bool show_up_to_end(void *ctx, kva_t node)
{
	struct list_args *l = ctx;

	if (l->end && (node == l->end || node - l->s.off == l->end))
		return false;
	return shown_put_node(&l->s, node);
}

static vs_status walk_args(struct list_args *l, struct err *err)
{
	struct kernel *k = l->s.m->k;
	kva_t head, first;
	vs_status st;

	if (l->from == FROM_HEAD)
		return l->back ? walk_list_back(k, l->start, show_up_to_end, l, err)
			       : walk_list(k, l->start, show_up_to_end, l, err);
	if (l->from == FROM_EMBEDDED_HEAD) {
		head = l->start + (l->have_head_off ? l->head_off : l->s.off);
		if (!l->have_head_off)
			shown_put_object(&l->s, l->start);
		return l->back ? walk_list_back(k, head, show_up_to_end, l, err)
			       : walk_list(k, head, show_up_to_end, l, err);
	}
	// The objects point to each other, not to list_heads inside.
	shown_put_object(&l->s, l->start);
	st = mem_read_u64(k->mem, l->start + l->s.off, &first, err);
	if (st || first == l->start)
		return st;
	head = l->s.off;
	l->s.off = 0;
	return walk_chain(k, first, head, l->end ? l->end : l->start, shown_put_node, &l->s, err);
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

static const struct cmd_opt options[] = {
	{ "o", "OFFSET",
	  .help = "offset of the pointer to the next entry: structure.member or a number" },
	{ "h", .help = "START is an object with a list_head at OFFSET" },
	{ "H", .help = "START is a bare list_head; the objects have theirs at OFFSET" },
	{ "O", "OFFSET", .help = "with -h: the offset in START, if it differs" },
	{ "r", .help = "in reverse order, by prev" },
	{ "B", .help = "ignored, for crash compatibility: loops are always detected" },
	{ "e", "END", .help = "stop at this address" },
	{ "s", "STRUCT[.MEMBER,...]", .help = "show each entry as this struct, or these members" },
	{ "S", "STRUCT[.MEMBER,...]", .help = "same as -s" },
	{ "l", "OFFSET", .help = "with -s: the offset of the list's node in that struct" },
	{ "x", .help = "integers in hexadecimal" },
	{ "d", .help = "integers in decimal (default)" },
	{ 0 },
};

const struct cmd verb_klist = {
	.name = "klist",
	.run = cmd_klist,
	.brief = "entries of a linked list",
	.synopsis = "klist [OFFSET | -o OFFSET] [-e END] [-s STRUCT[.MEMBER,...] | -S "
		    "STRUCT[.MEMBER,...]]... [-l OFFSET]\n"
		    "        [-rBxd] [-h [-O OFFSET] | -H] START",
	.help = "This is crash's list; gdb has its own command of that name. It prints the address "
		"of each entry.\n"
		"START is the first object; its pointer at OFFSET leads to the next one.\n",
	.example = "  klist task_struct.tasks -s task_struct.pid,comm -h init_task\n"
		   "  ffffffff9fa1aa40\n"
		   "    pid = 0,\n"
		   "    comm = \"swapper/0\\000\\000\\000\\000\\000\\000\",\n",
	.options = options,
	.operands = OPERANDS(1, 2),
};
