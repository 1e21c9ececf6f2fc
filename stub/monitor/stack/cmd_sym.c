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

static vs_status cmd_sym(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	for (int i = 0; i < a->argc; i++) {
		kva_t va;
		vs_status st;

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

const struct cmd verb_sym = {
	.name = "sym",
	.run = cmd_sym,
	.brief = "translate between symbols and addresses",
	.synopsis = "sym ADDRESS | SYMBOL[+OFFSET[/SIZE]] ...",
	.help = "Print address, type letter, symbol and offset, [module], and file: line.\n",
	.example = "  sym ffffffffc05a3b78\n"
		   "  ffffffffc05a3b78 (t) l2w_vdev_xmit+248 [l2w] /root/l2w/vdev.c: 216\n",
	.operands = OPERANDS(1, OPERANDS_ANY),
};
