// SPDX-License-Identifier: GPL-3.0-or-later
/* lines.c - source lines and inlined functions, from DWARF. */
#include "stub/module/lines.h"

#include <dwarf.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/arena.h"
#include "stub/base/buf.h"
#include "stub/base/log.h"
#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/vmlinux.h"
#include "stub/module/modules.h"
#include "stub/module/scopes_dwarf.h"

struct dwarf_file {
	const struct module *module; /* NULL: vmlinux */
	Dwarf *dw;		     /* NULL: none, see why */
	struct err why;
};

struct lines {
	VEC(struct dwarf_file) files;
	struct arena names;
	int vmlinux_fd;
	bool missing_told;
	lines_module_fn module_fn;
	void *module_ctx;
};

static vs_status load_lines(struct kernel *k, void *owner, struct err *err)
{
	(void)owner;
	k->lines = calloc(1, sizeof(*k->lines));
	if (!k->lines)
		return fail(err, VS_NOMEM, "out of memory");
	k->lines->vmlinux_fd = -1;
	return VS_OK;
}

static void unload_lines(struct kernel *k, void *owner);

static const struct slot_ops lines_slot_ops = { load_lines, unload_lines };

static struct lines *need_lines(struct kernel *k)
{
	return slot_need(k, &k->lines_slot, &lines_slot_ops, k, NULL) ? NULL : k->lines;
}

vs_status lines_set_modules(struct kernel *k, lines_module_fn fn, void *ctx)
{
	struct lines *l = need_lines(k);

	if (!l)
		return VS_NOMEM;
	l->module_fn = fn;
	l->module_ctx = ctx;
	return VS_OK;
}

static void unload_lines(struct kernel *k, void *owner)
{
	struct lines *l = k->lines;

	(void)owner;
	k->lines = NULL;
	if (!l)
		return;
	for (size_t i = 0; i < l->files.n; i++)
		dwarf_end(l->files.v[i].dw);
	vec_free(&l->files);
	arena_deinit(&l->names);
	if (l->vmlinux_fd >= 0)
		close(l->vmlinux_fd);
	free(l);
}

void lines_close(struct kernel *k)
{
	slot_forget(k, &k->lines_slot);
}

void lines_forget(struct kernel *k, struct module *m)
{
	struct lines *l = k->lines;

	for (size_t i = 0; l && i < l->files.n; i++) {
		if (l->files.v[i].module != m)
			continue;
		dwarf_end(l->files.v[i].dw);
		l->files.v[i] = l->files.v[--l->files.n];
		return;
	}
}

vs_status lines_module_image(struct kernel *k, struct module *m, int *fd, struct err *err)
{
	struct lines *l = k->lines;

	if (!l || !l->module_fn)
		return fail(err, VS_NOTFOUND, "no images of modules");
	return l->module_fn(l->module_ctx, m, fd, err);
}

static vs_status no_debug_info(struct kernel *k, const struct module *m, struct err *err)
{
	return m ? fail(err, VS_NOTFOUND, "%s has no debug information", m->name)
		 : fail(err, VS_NOTFOUND,
			"%s has no debug information (sys -s says what to install)",
			k->vmlinux_name);
}

/* dwz moves what several files have in common to another file, to which their names then refer. */
static void tell_missing_common(Dwarf *dw, const char *whose)
{
	const char *name;
	const void *id;

	if (dwelf_dwarf_gnu_debugaltlink(dw, &name, &id) > 0 && !dwarf_getalt(dw))
		log_warn("%s: names in its debug information are in %s, which is missing", whose,
			 name);
}

static vs_status open_dwarf(struct kernel *k, struct module *m, Dwarf **ret, struct err *err)
{
	struct lines *l = k->lines;
	const char *path;
	int fd = -1;
	vs_status st;

	if (m) {
		st = lines_module_image(k, m, &fd, err);
		if (st)
			return st;
	} else {
		st = kernel_need_vmlinux(k, err);
		if (st)
			return st;
		// Even a stripped vmlinux may have .debug_frame.
		path = vmlinux_debug_path(k);
		fd = l->vmlinux_fd = open(path ? path : k->vmlinux_path, O_RDONLY | O_CLOEXEC);
	}
	*ret = dwarf_begin(fd, DWARF_C_READ);
	if (!*ret)
		return no_debug_info(k, m, err);
	tell_missing_common(*ret, m ? m->name : k->vmlinux_name);
	return VS_OK;
}

vs_status lines_dwarf(struct kernel *k, kva_t pc, Dwarf **dw, uint64_t *link_pc, struct err *err)
{
	struct lines *l = need_lines(k);
	struct dwarf_file f = { 0 };
	struct module *m = NULL;
	struct modules *mods;

	if (!l)
		return fail(err, VS_NOMEM, "out of memory");
	if (kernel_need_modules(k, &mods, NULL) == VS_OK)
		m = modules_by_va(mods, pc);
	*link_pc = m ? pc : pc - k->slide;
	for (size_t i = 0; i < l->files.n; i++) {
		if (l->files.v[i].module != m)
			continue;
		f = l->files.v[i];
		goto known;
	}
	f.module = m;
	if (open_dwarf(k, m, &f.dw, &f.why))
		f.dw = NULL;
	if (!vec_push(&l->files, f)) {
		dwarf_end(f.dw);
		return fail(err, VS_NOMEM, "out of memory");
	}
known:
	*dw = f.dw;
	if (!f.dw && err)
		*err = f.why;
	return f.dw ? VS_OK : VS_NOTFOUND;
}

void lines_tell_missing(struct kernel *k)
{
	struct lines *l = need_lines(k);
	struct err why;

	if (!l || l->missing_told)
		return;
	if (kernel_need_vmlinux(k, &why) == VS_OK) {
		if (vmlinux_debug_path(k))
			return;
		no_debug_info(k, NULL, &why);
	}
	l->missing_told = true;
	log_warn("no lines: %s", why.msg);
}

/* The absolute name that debuggers show: relative names start in the unit's compilation folder. */
static const char *full_name(struct lines *l, Dwarf_Die *cu, const char *file)
{
	Dwarf_Attribute attr;
	const char *dir;
	struct buf b = { 0 };
	const char *name;

	if (!file || file[0] == '/')
		return file;
	dir = dwarf_formstring(dwarf_attr(cu, DW_AT_comp_dir, &attr));
	// Reproducible builds make the folder relative. libdw has prepended it; remove it, as gdb
	// does not show it.
	if (dir && dir[0] != '/') {
		size_t n = strlen(dir);

		if (strncmp(file, dir, n) == 0 && file[n] == '/')
			file += n + 1;
		dir = NULL;
	}
	while (strncmp(file, "./", 2) == 0)
		file += 2;
	if (dir)
		buf_printf(&b, "%s/", dir);
	buf_puts(&b, file);
	name = arena_strdup(&l->names, buf_str(&b));
	buf_deinit(&b);
	return name ? name : file;
}

vs_status lines_unit(struct kernel *k, kva_t pc, Dwarf_Die *cu, uint64_t *link_pc, struct err *err)
{
	Dwarf *dw;
	vs_status st = lines_dwarf(k, pc, &dw, link_pc, err);

	if (st)
		return st;
	if (!dwarf_addrdie(dw, *link_pc, cu))
		return fail(err, VS_NOTFOUND, "no line information for this address");
	return VS_OK;
}

static vs_status line_in_unit(struct kernel *k, Dwarf_Die *cu, uint64_t link_pc,
			      struct line_pos *ret, struct err *err)
{
	Dwarf_Line *line = dwarf_getsrc_die(cu, link_pc);
	const char *file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
	int no;

	if (!file || dwarf_lineno(line, &no))
		return fail(err, VS_NOTFOUND, "no line information for this address");
	ret->file = full_name(k->lines, cu, file);
	ret->line = no;
	return VS_OK;
}

vs_status lines_find(struct kernel *k, kva_t pc, struct line_pos *ret, struct err *err)
{
	uint64_t link_pc;
	Dwarf_Die cu;
	vs_status st = lines_unit(k, pc, &cu, &link_pc, err);

	return st ? st : line_in_unit(k, &cu, link_pc, ret, err);
}

static void call_site(struct kernel *k, Dwarf_Die *cu, Dwarf_Die *inl, struct line_pos *ret)
{
	Dwarf_Attribute attr;
	Dwarf_Word file_no, line;
	Dwarf_Files *files;
	size_t nfiles;

	*ret = (struct line_pos){ 0 };
	if (!dwarf_attr(inl, DW_AT_call_line, &attr) || dwarf_formudata(&attr, &line))
		return;
	ret->line = (int)line;
	if (dwarf_attr(inl, DW_AT_call_file, &attr) && dwarf_formudata(&attr, &file_no) == 0 &&
	    dwarf_getsrcfiles(cu, &files, &nfiles) == 0 && file_no < nfiles)
		ret->file = full_name(k->lines, cu, dwarf_filesrc(files, file_no, NULL, NULL));
}

/* The file that declares a function. Not by dwarf_decl_file(), which aborts in a split unit. */
static const char *declared_in(Dwarf_Die *func)
{
	Dwarf_Attribute attr;
	Dwarf_Word no;
	Dwarf_Files *files;
	Dwarf_Die cu;
	size_t n;

	if (!dwarf_attr_integrate(func, DW_AT_decl_file, &attr) || dwarf_formudata(&attr, &no) ||
	    dwarf_cu_info(attr.cu, NULL, NULL, &cu, NULL, NULL, NULL, NULL) ||
	    dwarf_getsrcfiles(&cu, &files, &n) || no >= n)
		return NULL;
	return dwarf_filesrc(files, no, NULL, NULL);
}

/* Line where a function is declared; 0 if unknown, or in another file than `file`. */
static int declared_at(struct kernel *k, Dwarf_Die *cu, Dwarf_Die *func, const char *file)
{
	const char *declared = declared_in(func);
	int line;

	if (!file || !declared || dwarf_decl_line(func, &line) ||
	    strcmp(full_name(k->lines, cu, declared), file) != 0)
		return 0;
	return line;
}

/* A skeleton unit has lines only: the functions are in a .dwo file (split DWARF). */
static void leave_skeleton(Dwarf_Die *cu)
{
	Dwarf_Die split;
	uint8_t type;

	if (dwarf_cu_info(cu->cu, NULL, &type, NULL, &split, NULL, NULL, NULL) == 0 &&
	    type == DW_UT_skeleton && split.addr)
		*cu = split;
}

int lines_scopes(Dwarf_Die *cu, uint64_t link_pc, Dwarf_Die **ret)
{
	Dwarf_Die *lexical = NULL;
	int n;

	*ret = NULL;
	leave_skeleton(cu);
	// dwarf_getscopes() continues from an inlined function to where its source is;
	// dwarf_getscopes_die() from the innermost scope follows the code.
	n = dwarf_getscopes(cu, link_pc, &lexical);
	n = n > 0 ? dwarf_getscopes_die(&lexical[0], ret) : 0;
	free(lexical);
	return n;
}

vs_status lines_inlined(struct kernel *k, kva_t pc, struct inlined *ret, size_t max, size_t *n,
			struct err *err)
{
	Dwarf_Die cu, *scopes;
	struct line_pos at;
	uint64_t link_pc;
	size_t got = 0;
	int count, decl_line;
	vs_status st = lines_unit(k, pc, &cu, &link_pc, err);

	if (st == VS_OK)
		st = line_in_unit(k, &cu, link_pc, &at, err);
	if (st)
		return st;
	count = lines_scopes(&cu, link_pc, &scopes);
	for (int i = 0; i < count && got < max; i++) {
		int tag = dwarf_tag(&scopes[i]);
		const char *name;

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		name = dwarf_diename(&scopes[i]);
		decl_line = declared_at(k, &cu, &scopes[i], at.file);
		ret[got++] = (struct inlined){ name ? name : "??", at, decl_line };
		if (tag == DW_TAG_subprogram)
			break;
		call_site(k, &cu, &scopes[i], &at);
	}
	free(scopes);
	*n = got;
	return got ? VS_OK : fail(err, VS_NOTFOUND, "no function at this address");
}
