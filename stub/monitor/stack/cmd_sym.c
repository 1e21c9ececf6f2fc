// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_sym.c - sym: translates between symbols and addresses, with file and line. */
#include <inttypes.h>
#include <string.h>

#include "stub/module/lines.h"
#include "stub/module/modules.h"
#include "stub/monitor/cmd.h"

/* name: the symbol that the user gave; NULL: print the best symbol at va. */
static vs_status print_one(struct monitor *m, kva_t va, const char *name, struct buf *out,
			   struct err *err)
{
	struct addr_name n;
	struct line_pos pos;

	if (!cmd_lookup(m, va, &n) && !n.mod)
		return fail(err, VS_NOTFOUND, "no symbol covers %" PRIx64, va);
	buf_printf(out, "%" PRIx64 " (%c) ", va, n.sym ? n.sym->type : '?');
	if (n.off == 0 && n.sym)
		buf_puts(out, name ? name : n.sym->name);
	else
		cmd_put_name(out, &n, false);
	cmd_put_owner(out, &n);
	if (lines_find(m->k, va, &pos, NULL) == VS_OK)
		buf_printf(out, " %s: %d", pos.file, pos.line);
	buf_putc(out, '\n');
	return VS_OK;
}

struct each_ctx {
	struct monitor *m;
	struct buf *out;
	const struct module *mod; /* whose symbols they are; NULL: the kernel's */
	size_t n;
};

/* A per-CPU variable before 6.15, whose value is an offset and not an address. */
static void print_offset(struct each_ctx *e, const struct symbol *s)
{
	buf_printf(e->out, "%" PRIx64 " (%c) %s", s->va, s->type, s->name);
	if (e->mod)
		buf_printf(e->out, " [%s]", e->mod->name);
	buf_putc(e->out, '\n');
	e->n++;
}

static bool print_named(void *ctx, const struct symbol *s)
{
	struct each_ctx *e = ctx;

	if (!e->m->k->arch->is_kernel_va(s->va))
		print_offset(e, s);
	else if (print_one(e->m, s->va, s->name, e->out, NULL) == VS_OK)
		e->n++;
	return true;
}

/* Several static functions may share a name: show them all. */
static bool print_all_named(struct monitor *m, const char *name, struct buf *out)
{
	struct each_ctx e = { .m = m, .out = out };
	struct modules *mods;

	if (kernel_need_syms(m->k, NULL) == VS_OK)
		symtab_each_named(m->k->syms, name, print_named, &e);
	if (kernel_need_modules(m->k, &mods, NULL) == VS_OK)
		for (size_t i = 0; i < mods->n; i++) {
			e.mod = &mods->v[i];
			if (module_need_syms(m->k, &mods->v[i], NULL) == VS_OK)
				symtab_each_named(mods->v[i].syms, name, print_named, &e);
		}
	return e.n > 0;
}

/* --- lists */

/* One symbol, without file and line: there are many. */
static void print_short(const struct symbol *s, const struct module *mod, struct buf *out)
{
	buf_printf(out, "%" PRIx64 " (%c) %s", s->va, s->type, s->name);
	if (mod)
		buf_printf(out, " [%s]", mod->name);
	buf_putc(out, '\n');
}

/* Prints all symbols, or those whose names contain part; returns how many. */
static size_t print_table(const struct symtab *t, const char *part, const struct module *mod,
			  struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < symtab_count(t) && !buf_stopped(out); i++) {
		const struct symbol *s = symtab_at(t, i);

		if (part && !strstr(s->name, part))
			continue;
		print_short(s, mod, out);
		n++;
	}
	return n;
}

static vs_status print_module(struct monitor *m, struct module *mod, struct buf *out,
			      struct err *err)
{
	kva_t start = 0, end = 0;
	vs_status st = module_need_syms(m->k, mod, err);

	if (st)
		return st;
	for (size_t i = 0; i < mod->nranges; i++) {
		const struct mod_range *r = &mod->range[i];

		start = !start || r->base < start ? r->base : start;
		end = r->base + r->size > end ? r->base + r->size : end;
	}
	buf_printf(out, "%" PRIx64 " MODULE START: %s\n", start, mod->name);
	print_table(mod->syms, NULL, NULL, out);
	buf_printf(out, "%" PRIx64 " MODULE END: %s\n", end, mod->name);
	return VS_OK;
}

static vs_status print_modules(struct monitor *m, struct buf *out, struct err *err)
{
	struct modules *mods;
	vs_status first = kernel_need_modules(m->k, &mods, err);

	for (size_t i = 0; !first && i < mods->n; i++) {
		struct err why;
		vs_status st = print_module(m, &mods->v[i], out, &why);

		if (st)
			buf_printf(out, "%s: %s\n", mods->v[i].name, why.msg);
	}
	return first;
}

static vs_status print_one_module(struct monitor *m, const char *name, struct buf *out,
				  struct err *err)
{
	struct modules *mods;
	struct module *mod;
	vs_status st = kernel_need_modules(m->k, &mods, err);

	if (st)
		return st;
	mod = modules_by_name(mods, name);
	return mod ? print_module(m, mod, out, err)
		   : fail(err, VS_NOTFOUND, "%s: no such module", name);
}

static vs_status print_matches(struct monitor *m, const char *part, struct buf *out,
			       struct err *err)
{
	struct modules *mods;
	size_t n = 0;
	vs_status st = kernel_need_syms(m->k, err);

	if (st == VS_OK)
		n = print_table(m->k->syms, part, NULL, out);
	if (kernel_need_modules(m->k, &mods, NULL) == VS_OK)
		for (size_t i = 0; i < mods->n; i++)
			if (module_need_syms(m->k, &mods->v[i], NULL) == VS_OK)
				n += print_table(mods->v[i].syms, part, &mods->v[i], out);
	if (n)
		return VS_OK;
	return st ? st : fail(err, VS_NOTFOUND, "no symbol contains %s", part);
}

/* --- neighbours */

/* Prints the symbol at the nearest address before or after that of n->sym, in its table. */
static void print_neighbour(struct monitor *m, const struct addr_name *n, bool after,
			    struct buf *out)
{
	const struct symtab *t = n->mod ? n->mod->syms : m->k->syms;
	size_t above = symtab_above(t, n->sym->va);
	size_t first = n->sym->va ? symtab_above(t, n->sym->va - 1) : 0; // at its address

	if (after ? above < symtab_count(t) : first > 0)
		print_one(m, symtab_at(t, after ? above : first - 1)->va, NULL, out, NULL);
}

static vs_status print_with_neighbours(struct monitor *m, const struct args *a, const char *text,
				       struct buf *out, struct err *err)
{
	struct addr_name n;
	bool known;
	kva_t va;
	vs_status st = cmd_address(m, text, &va, err);

	if (st)
		return st;
	known = cmd_lookup(m, va, &n) && (n.mod || !n.owner); // no table has generated code
	if (known && cmd_has(a, "p"))
		print_neighbour(m, &n, false, out);
	st = print_one(m, va, NULL, out, err);
	if (known && cmd_has(a, "n"))
		print_neighbour(m, &n, true, out);
	return st;
}

static vs_status print_lists(struct monitor *m, const struct args *a, struct buf *out,
			     struct err *err)
{
	vs_status st = VS_OK;

	if (cmd_value(a, "q"))
		return print_matches(m, cmd_value(a, "q"), out, err);
	if (cmd_value(a, "m"))
		return print_one_module(m, cmd_value(a, "m"), out, err);
	if (cmd_has(a, "l"))
		st = kernel_need_syms(m->k, err);
	if (cmd_has(a, "l") && st == VS_OK)
		print_table(m->k->syms, NULL, NULL, out);
	return st ? st : print_modules(m, out, err);
}

static vs_status cmd_sym(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	bool neighbours = cmd_has(a, "p") || cmd_has(a, "n");

	if (a->given.n && !neighbours)
		return print_lists(m, a, out, err);
	for (int i = 0; i < a->argc; i++) {
		kva_t va;
		vs_status st;

		if (neighbours) {
			st = print_with_neighbours(m, a, a->argv[i], out, err);
			if (st)
				return st;
			continue;
		}
		if (print_all_named(m, a->argv[i], out))
			continue;
		st = cmd_address(m, a->argv[i], &va, err);
		if (st == VS_OK)
			st = print_one(m, va, NULL, out, err);
		if (st)
			return st;
	}
	return VS_OK;
}

static const struct cmd_opt options[] = {
	{ "l", .help = "all symbols of the kernel and of modules", OPERANDS(0, 0) },
	{ "M", .help = "all symbols of modules", OPERANDS(0, 0) },
	{ "m", "MODULE", .help = "all symbols of MODULE", OPERANDS(0, 0) },
	{ "q", "TEXT", .help = "all symbols whose names contain TEXT", OPERANDS(0, 0) },
	{ "p", .help = "also the symbol before" },
	{ "n", .help = "also the symbol after" },
	{ 0 },
};

const struct cmd verb_sym = {
	.name = "sym",
	.run = cmd_sym,
	.brief = "translate between symbols and addresses",
	.synopsis = "sym [-p] [-n] ADDRESS | SYMBOL[+OFFSET[/SIZE]] ...\n"
		    "  sym -l | -M | -m MODULE | -q TEXT",
	.help = "Print address, type letter, symbol and offset, [module], and file: line.\n",
	.example = "  sym ffffffffc05a3b78\n"
		   "  ffffffffc05a3b78 (t) l2w_vdev_xmit+248 [l2w] /root/l2w/vdev.c: 216\n",
	.options = options,
	.operands = OPERANDS(1, OPERANDS_ANY),
};
