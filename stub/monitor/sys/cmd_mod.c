// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_mod.c - mod: the modules and the files of their symbols. */
#include <inttypes.h>
#include <string.h>

#include "stub/module/lines.h"
#include "stub/module/modules.h"
#include "stub/subsys/sys/taint.h"
#include "stub/module/modtypes.h"
#include "stub/monitor/cmd.h"

static void put_header(struct buf *out)
{
	buf_puts(out, "     MODULE       NAME                        TEXT_BASE          SIZE  "
		      "OBJECT FILE\n");
}

static void put_module(struct module *m, struct buf *out)
{
	buf_printf(out, "%016" PRIx64 "  %-24s %016" PRIx64 " %9" PRIu64 "  ", m->va, m->name,
		   m->text_base, m->size);
	if (m->path && !m->hidden)
		buf_printf(out, "%s\n", m->debug_path ? m->debug_path : m->path);
	else
		buf_printf(out, "(not loaded)\n");
}

static void changed(struct monitor *m, struct module *mod)
{
	lines_forget(m->k, mod);
	modtypes_forget(m->k, mod);
	if (m->module_changed)
		m->module_changed(m->ctx, mod);
}

static vs_status named(struct monitor *m, struct modules *mods, const char *name,
		       struct module **ret, struct err *err)
{
	(void)m;
	*ret = modules_by_name(mods, name);
	return *ret ? VS_OK : fail(err, VS_NOTFOUND, "no module %s in the dump", name);
}

static vs_status mod_load(struct monitor *m, struct modules *mods, struct args *a, struct buf *out,
			  struct err *err)
{
	struct module *mod;
	vs_status st;

	st = named(m, mods, a->argv[0], &mod, err);
	if (st)
		return st;
	if (a->argc == 2) {
		st = module_use_file(m->k, mod, a->argv[1], err);
	} else {
		module_retry_file(m->k, mod);
		st = module_need_file(m->k, mod, err);
	}
	if (st)
		return st;
	mod->hidden = false;
	changed(m, mod);
	put_header(out);
	put_module(mod, out);
	return VS_OK;
}

static vs_status mod_load_all(struct monitor *m, struct modules *mods, const char *dir,
			      struct buf *out)
{
	put_header(out);
	for (size_t i = 0; i < mods->n; i++) {
		struct module *mod = &mods->v[i];

		mod->hidden = false;
		if (dir)
			module_search_dir(m->k, mod, dir);
		module_retry_file(m->k, mod);
		module_need_file(m->k, mod, NULL);
		changed(m, mod);
		put_module(mod, out);
	}
	return VS_OK;
}

/* -t: modules that taint the kernel. */
static vs_status mod_taints(struct monitor *m, struct modules *mods, struct buf *out,
			    struct err *err)
{
	size_t width = strlen("NAME"), n = 0;
	vs_status st = VS_OK;

	for (size_t i = 0; i < mods->n; i++)
		if (strlen(mods->v[i].name) > width)
			width = strlen(mods->v[i].name);
	for (size_t i = 0; i < mods->n && st == VS_OK; i++) {
		uint64_t mask;

		st = module_taints(m->k, &mods->v[i], &mask, err);
		if (st || !mask)
			continue;
		if (!n++)
			buf_printf(out, "%-*s  TAINTS\n", (int)width, "NAME");
		buf_printf(out, "%-*s  ", (int)width, mods->v[i].name);
		st = taint_put(m->k, mask, out, err);
		buf_putc(out, '\n');
	}
	if (st == VS_OK && !n)
		buf_puts(out, "no tainted modules\n");
	return st;
}

static vs_status cmd_mod(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct modules *mods;
	struct module *mod;
	char mode = cmd_last(a, "sSdt");
	vs_status st = kernel_need_modules(m->k, &mods, err);

	if (st)
		return st;
	if (mode == 's')
		return mod_load(m, mods, a, out, err);
	if (mode == 'S')
		return mod_load_all(m, mods, a->argv[0], out);
	if (mode == 't')
		return mod_taints(m, mods, out, err);
	if (mode == 'd') {
		st = named(m, mods, a->argv[0], &mod, err);
		if (st)
			return st;
		mod->hidden = true;
		changed(m, mod);
		return VS_OK;
	}
	put_header(out);
	for (size_t i = 0; i < mods->n; i++) {
		module_need_file(m->k, &mods->v[i], NULL);
		put_module(&mods->v[i], out);
	}
	if (mods->stop)
		return fail(err, mods->stop, "modules are missing here: %s", mods->why.msg);
	return VS_OK;
}

static const struct cmd_opt options[] = {
	{ "s",
	  .help = "load NAME's symbols from FILE or, without it, search again; the build must "
		  "match",
	  OPERANDS(1, 2) },
	{ "S", .help = "search for the files of all modules, in DIR first", OPERANDS(0, 1) },
	{ "d", .help = "forget NAME's symbols", OPERANDS(1, 1) },
	{ "t", .help = "modules that taint the kernel, and how", OPERANDS(0, 0) },
	{ 0 },
};

const struct cmd verb_mod = {
	.name = "mod",
	.run = cmd_mod,
	.brief = "loaded modules and their symbols",
	.synopsis = "mod [-s NAME [FILE] | -S [DIR] | -d NAME | -t]",
	.help = "Without arguments, list the modules.\n",
	.example = "  mod -s l2w /root/l2w.ko\n",
	.options = options,
};
