// SPDX-License-Identifier: GPL-3.0-or-later
/* modfile.c - finds the .ko (and .ko.debug) of a loaded module, by name and then build-id, or by
 * its functions if the file has none. */
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/base/debuginfod.h"
#include "stub/base/log.h"
#include "stub/base/vec.h"
#include "stub/elf/debuglink.h"
#include "stub/kernel/kernel.h"
#include "stub/module/modident.h"

#define MAX_FILES_SEEN 200000 /* a distribution installs some 5,000 */

static bool has_code(struct elffile *f)
{
	struct elf_section s;

	for (size_t i = 1; elffile_section_at(f, i, &s); i++)
		if (strcmp(s.name, ".gnu.linkonce.this_module") == 0)
			return s.type != 8; // SHT_NOBITS in a .ko.debug
	return false;
}

static bool set_path(char **path, const char *value)
{
	free(*path);
	*path = realpath(value, NULL);
	return *path != NULL;
}

/* Use the file for what it has: code, debug information or both. */
static void accept_file(struct module *m, struct elffile *f, const char *path)
{
	bool code = has_code(f), debug = elffile_has_section(f, ".debug_info");

	if (code && (!m->path || debug))
		set_path(&m->path, path);
	if (debug && !code && !m->debug_path)
		set_path(&m->debug_path, path);
}

static void try_candidate(struct kernel *k, struct module *m, const char *path)
{
	char have[2 * BUILD_ID_MAX + 1];
	struct elffile *f;
	struct build_id id;
	struct err why = { 0 };
	bool source = false;

	if (elffile_open(path, &f, NULL))
		return;
	elffile_build_id(f, &id);
	if (modsect_id_in_memory(k, m, &id)) {
		accept_file(m, f, path);
	} else if (!id.len && modident_matches(k, m, f, &source, &why) == VS_OK) {
		accept_file(m, f, path);
		m->by_functions = true;
		m->by_source = source;
	} else if (id.len) {
		snprintf(m->file_why, sizeof(m->file_why),
			 "%.150s has build-id %.40s, not the module's", path,
			 build_id_str(&id, have));
	} else {
		snprintf(m->file_why, sizeof(m->file_why), "%.100s: %.140s", path, why.msg);
	}
	elffile_close(f);
}

static bool complete(const struct module *m)
{
	return m->path && m->debug_path;
}

/* --- index of installed files: the folders are scanned once for all modules */

struct mod_candidate {
	char *name; /* module name: '_' instead of '-', no suffix */
	char *path;
	unsigned tree; /* lower ones are preferred */
};

struct modfiles {
	VEC(struct mod_candidate) v;
};

static void modfiles_destroy(struct modfiles *f)
{
	for (size_t i = 0; f && i < f->v.n; i++) {
		free(f->v.v[i].name);
		free(f->v.v[i].path);
	}
	if (f)
		vec_free(&f->v);
	free(f);
}

/* "snd-hda.ko.xz" names module snd_hda. NULL: not a module's name, or no memory. */
static char *module_name_of(const char *file)
{
	const char *dot = strstr(file, ".ko");
	char *name;

	if (!dot || dot == file || (dot[3] != '\0' && dot[3] != '.'))
		return NULL;
	name = strndup(file, (size_t)(dot - file));
	for (char *p = name; p && *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

static void index_tree(struct modfiles *f, const char *dir, unsigned tree)
{
	char *const roots[] = { (char *)dir, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	size_t seen = 0;
	FTSENT *e;

	while (fts && (e = fts_read(fts)) && seen++ < MAX_FILES_SEEN) {
		struct mod_candidate c = { .tree = tree };

		if (e->fts_level > 12)
			fts_set(fts, e, FTS_SKIP);
		if (e->fts_info == FTS_D || e->fts_info == FTS_DP ||
		    !(c.name = module_name_of(e->fts_name)))
			continue;
		c.path = strdup(e->fts_path);
		if (!c.path || !vec_push(&f->v, c)) {
			free(c.name);
			free(c.path);
		}
	}
	if (fts)
		fts_close(fts);
}

static int by_name(const void *pa, const void *pb)
{
	const struct mod_candidate *a = pa, *b = pb;
	int c = strcmp(a->name, b->name);

	return c ? c : a->tree != b->tree ? (a->tree < b->tree ? -1 : 1) : strcmp(a->path, b->path);
}

/* Folders where distributions put modules and their debug information. */
static void index_installed(struct kernel *k, struct modfiles *f, unsigned tree)
{
	static const char *const roots[] = {
		"/lib/modules",
		"/usr/lib/debug/lib/modules",
		"/usr/lib/debug/usr/lib/modules",
	};
	const char *root = k->opt->sysroot ? k->opt->sysroot : "";

	// The release comes from the dump, so it must not lead out of these folders.
	if (!k->release[0] || strchr(k->release, '/'))
		return;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		AUTO(buf) dir = { 0 };

		buf_printf(&dir, "%s%s/%s", root, roots[i], k->release);
		index_tree(f, buf_str(&dir), tree++);
	}
}

static vs_status load_index(struct kernel *k, void *owner, struct err *err)
{
	struct modfiles *f = calloc(1, sizeof(*f));

	(void)owner;
	if (!f)
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; i < k->opt->nmodule_dirs; i++)
		index_tree(f, k->opt->module_dirs[i], (unsigned)i);
	index_installed(k, f, (unsigned)k->opt->nmodule_dirs);
	if (f->v.n)
		qsort(f->v.v, f->v.n, sizeof(f->v.v[0]), by_name);
	k->modfiles = f;
	return VS_OK;
}

static void unload_index(struct kernel *k, void *owner)
{
	(void)owner;
	modfiles_destroy(k->modfiles);
	k->modfiles = NULL;
}

static const struct slot_ops modfiles_slot_ops = { load_index, unload_index };

static const struct modfiles *need_index(struct kernel *k)
{
	return slot_need(k, &k->modfiles_slot, &modfiles_slot_ops, k, NULL) ? NULL : k->modfiles;
}

/* Try the candidates in trees [first, last) of an index, best tree first. */
static void try_indexed(struct kernel *k, struct module *m, const struct modfiles *f,
			unsigned first, unsigned last)
{
	char name[sizeof(m->name)];
	size_t lo = 0, hi = f->v.n;

	snprintf(name, sizeof(name), "%s", m->name);
	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(f->v.v[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < f->v.n && strcmp(f->v.v[lo].name, name) == 0 && !complete(m); lo++)
		if (f->v.v[lo].tree >= first && f->v.v[lo].tree < last)
			try_candidate(k, m, f->v.v[lo].path);
}

void module_search_dir(struct kernel *k, struct module *m, const char *dir)
{
	struct modfiles *f = calloc(1, sizeof(*f));

	if (!f)
		return;
	index_tree(f, dir, 0);
	if (f->v.n)
		qsort(f->v.v, f->v.n, sizeof(f->v.v[0]), by_name);
	try_indexed(k, m, f, 0, 1);
	modfiles_destroy(f);
}

/* The dump's folder may be "/", so search only this level. */
static void search_beside_dump(struct kernel *k, struct module *m)
{
	const char *path = dump_info(k->dump)->path;
	const char *slash = strrchr(path, '/');
	const char *const suffixes[] = { ".ko", ".ko.xz", ".ko.zst", ".ko.gz", ".ko.debug" };
	const char *const subdirs[] = { "", "modules/" };
	int len = slash ? (int)(slash - path) + 1 : 0;

	for (size_t d = 0; d < 2; d++) {
		for (size_t i = 0; i < 2 * sizeof(suffixes) / sizeof(suffixes[0]); i++) {
			struct buf b = { 0 };
			size_t name;

			buf_printf(&b, "%.*s%s", len, path, subdirs[d]);
			name = b.len;
			buf_printf(&b, "%s%s", m->name, suffixes[i / 2]);
			for (size_t j = name; i % 2 && !b.oom && j < name + strlen(m->name); j++)
				if (b.p[j] == '_')
					b.p[j] = '-';
			if (!b.oom && (i % 2 == 0 || strchr(m->name, '_')))
				try_candidate(k, m, buf_str(&b));
			buf_deinit(&b);
		}
	}
}

struct link_search {
	struct kernel *k;
	struct module *m;
};

static bool try_linked(void *ctx, const char *path)
{
	struct link_search *s = ctx;

	try_candidate(s->k, s->m, path);
	return s->m->debug_path;
}

/* Debug information where the .ko's debug link or its build-id says. */
static void search_by_file(struct kernel *k, struct module *m)
{
	struct link_search s = { k, m };
	AUTO(buf) path = { 0 };
	struct elffile *f;
	struct build_id id = { .len = 0 };

	if (!m->path || m->debug_path || elffile_open(m->path, &f, NULL))
		return;
	elffile_build_id(f, &id);
	if (!elffile_has_debug_info(f) &&
	    !debuglink_each(f, m->path, k->opt->sysroot, try_linked, &s) && id.len)
		try_candidate(k, m, build_id_debug_path(k->opt->sysroot, &id, &path));
	elffile_close(f);
}

/* Debug information that debuginfod's client has fetched before, or fetches now. */
static void search_debuginfod(struct kernel *k, struct module *m)
{
	char path[DEBUGINFOD_PATH_MAX];
	struct err why;

	if (m->debug_path || k->opt->no_debuginfod)
		return;
	modsect_find_id(k, m);
	if (debuginfod_cached(m->id.b, m->id.len, path)) {
		try_candidate(k, m, path);
	} else if (k->opt->fetch && m->id.len) {
		if (debuginfod_fetch(m->id.b, m->id.len, m->name, path, &why) == VS_OK)
			try_candidate(k, m, path);
		else
			log_info("%s", why.msg);
	}
}

static void drop_files(struct module *m)
{
	free(m->path);
	free(m->debug_path);
	m->path = m->debug_path = NULL;
	m->by_functions = false;
}

static vs_status load_file(struct kernel *k, void *owner, struct err *err)
{
	const struct modfiles *f = need_index(k);
	unsigned given = (unsigned)k->opt->nmodule_dirs;
	struct module *m = owner;

	if (k->opt->dump_only)
		return fail(err, VS_NOTFOUND,
			    "module %s: not searched because of --symbols=dump; use mod -s %s FILE",
			    m->name, m->name);
	if (f)
		try_indexed(k, m, f, 0, given);
	if (!complete(m))
		search_beside_dump(k, m);
	if (f && !complete(m))
		try_indexed(k, m, f, given, UINT_MAX);
	search_by_file(k, m);
	search_debuginfod(k, m);
	if (!m->path && m->debug_path) { // a .ko.debug alone has symbols and lines
		m->path = m->debug_path;
		m->debug_path = NULL;
	}
	if (m->path)
		return VS_OK;
	if (m->file_why[0])
		return fail(err, VS_NOTFOUND, "module %s: %s", m->name, m->file_why);
	return fail(err, VS_NOTFOUND, "module %s: no file found; use mod -s %s FILE", m->name,
		    m->name);
}

static void unload_file(struct kernel *k, void *owner)
{
	(void)k;
	drop_files(owner);
}

static const struct slot_ops file_slot_ops = { load_file, unload_file };

vs_status module_need_file(struct kernel *k, struct module *m, struct err *err)
{
	return slot_need(k, &m->file_slot, &file_slot_ops, m, err);
}

void module_retry_file(struct kernel *k, struct module *m)
{
	if (!m->path)
		slot_forget(k, &m->file_slot);
}

static void forget_derived(struct kernel *k, struct module *m)
{
	slot_forget(k, &m->sections_slot);
	slot_forget(k, &m->syms_slot);
	if (!m->orc.n)
		slot_forget(k, &m->orc_slot);
}

vs_status module_use_file(struct kernel *k, struct module *m, const char *path, struct err *err)
{
	char want[2 * BUILD_ID_MAX + 1], have[2 * BUILD_ID_MAX + 1];
	struct build_id id;
	struct elffile *f;
	bool source = false;
	vs_status st = elffile_open(path, &f, err);

	if (st)
		return st;
	elffile_build_id(f, &id);
	if (!id.len && !modsect_id_in_memory(k, m, &id)) {
		st = modident_matches(k, m, f, &source, err);
		if (st) {
			elffile_close(f);
			return fail_ctx(err, VS_NOMATCH, "%s", path);
		}
	} else if (!modsect_id_in_memory(k, m, &id)) {
		elffile_close(f);
		modsect_find_id(k, m);
		return fail(err, VS_NOMATCH, "%s: build-id %s, module %s in the dump has %s", path,
			    build_id_str(&id, have), m->name,
			    m->id.len ? build_id_str(&m->id, want) : "another");
	}
	slot_forget(k, &m->file_slot);
	drop_files(m);
	m->by_functions = !id.len;
	m->by_source = source;
	accept_file(m, f, path);
	if (!m->path && m->debug_path) {
		m->path = m->debug_path;
		m->debug_path = NULL;
	}
	elffile_close(f);
	slot_fill(k, &m->file_slot, VS_OK, NULL);
	if (m->path)
		search_by_file(k, m);
	forget_derived(k, m);
	return m->path ? VS_OK : fail(err, VS_CORRUPT, "%s: not a kernel module", path);
}
