// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_mod.c - mod: the modules and the files of their symbols. */
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/module/lines.h"
#include "stub/module/modules.h"
#include "stub/subsys/sys/taint.h"
#include "stub/module/modtypes.h"
#include "stub/monitor/cmd.h"
#include "stub/monitor/table.h"

static const struct table_def module_table = {
	.name = "rows",
	.heading = "     MODULE       NAME                        TEXT_BASE          SIZE  "
		   "OBJECT FILE\n",
	.columns = {
		{ "module", "", 16, COLUMN_ADDRESS0 },
		{ "name", "  ", -24, COLUMN_TEXT },
		{ "text_base", " ", 16, COLUMN_ADDRESS0 },
		{ "size_bytes", " ", 9, COLUMN_NUMBER },
		{ "object_file", "  ", 0, COLUMN_TEXT },
	},
};

static void put_module(struct module *m, struct table *t)
{
	table_uint(t, m->va);
	table_text(t, m->name);
	table_uint(t, m->text_base);
	table_uint(t, m->size);
	if (m->path && !m->hidden) {
		table_text(t, m->debug_path ? m->debug_path : m->path);
	} else {
		table_show(t, "(not loaded)");
		table_unknown(t);
	}
	table_end_row(t);
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
	struct table t;
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
	table_begin(&t, &module_table, m, out);
	put_module(mod, &t);
	table_end(&t);
	return VS_OK;
}

static vs_status mod_load_all(struct monitor *m, struct modules *mods, const char *dir,
			      struct buf *out)
{
	struct table t;

	table_begin(&t, &module_table, m, out);
	for (size_t i = 0; i < mods->n; i++) {
		struct module *mod = &mods->v[i];

		mod->hidden = false;
		if (dir)
			module_search_dir(m->k, mod, dir);
		module_retry_file(m->k, mod);
		module_need_file(m->k, mod, NULL);
		changed(m, mod);
		put_module(mod, &t);
	}
	table_end(&t);
	return VS_OK;
}

/* -t: modules that taint the kernel. */
static vs_status mod_taints(struct monitor *m, struct modules *mods, struct buf *out,
			    struct err *err)
{
	struct table_def def = {
		.name = "rows",
		.columns = { { "name", "", 4, COLUMN_TEXT }, { "taints", "  ", 0, COLUMN_TEXT } },
	};
	struct table t;
	vs_status st = VS_OK;

	for (size_t i = 0; i < mods->n; i++)
		if ((int)strlen(mods->v[i].name) > def.columns[0].width)
			def.columns[0].width = (int)strlen(mods->v[i].name);
	def.columns[0].width *= -1;
	table_begin(&t, &def, m, out);
	for (size_t i = 0; i < mods->n && st == VS_OK; i++) {
		AUTO(buf) taints = { 0 };
		uint64_t mask;

		st = module_taints(m->k, &mods->v[i], &mask, err);
		if (st || !mask)
			continue;
		if (!t.rows)
			table_layout(&t, "%*s  TAINTS\n", def.columns[0].width, "NAME");
		table_text(&t, mods->v[i].name);
		st = taint_put(m->k, mask, &taints, err);
		table_text(&t, buf_str(&taints));
		table_end_row(&t);
	}
	if (st == VS_OK && !t.rows)
		buf_puts(out, "no tainted modules\n");
	table_end(&t);
	return st;
}

static vs_status cmd_mod(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct modules *mods;
	struct module *mod;
	struct table t;
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
	table_begin(&t, &module_table, m, out);
	for (size_t i = 0; i < mods->n; i++) {
		module_need_file(m->k, &mods->v[i], NULL);
		put_module(&mods->v[i], &t);
	}
	table_end(&t);
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
	{ "d", .help = "forget NAME's symbols", OPERANDS(1, 1), .plain = true },
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
	.json = true,
};
