// SPDX-License-Identifier: GPL-3.0-or-later
/* images.c - the ELF files that vmstub makes for gdb, and their list; imagebytes.c fills them.
 * They are memfds; a private folder has symbolic links to them (linkdir.c), so that gdb shows
 * "l2w.ko" and not a number. */
#include "stub/gdb/images.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/base/io.h"
#include "stub/base/log.h"
#include "stub/base/vec.h"
#include "stub/elf/elfwrite.h"
#include "stub/elf/ehframe.h"
#include "stub/elf/entryimage.h"
#include "stub/unwind/dyncode.h"
#include "stub/unwind/entryrules.h"
#include "stub/kernel/kernel.h"
#include "stub/module/modules.h"
#include "stub/gdb/gdbmem.h"
#include "stub/gdb/imagebytes.h"
#include "stub/gdb/kerneltypes.h"
#include "stub/gdb/linkdir.h"
#include "stub/gdb/taskvar.h"

struct image {
	const struct module *module; /* NULL: no module's image */
	bool programs;		     /* the names of BPF programs */
	bool program;		     /* a file of the chosen task's program */
	bool user;		     /* the unwind rule for user addresses */
	char name[80];
	char *path; /* the path that gdb got; NULL: none yet */
	int fd;
	kva_t base;
	bool has_file; /* made from a .ko, so it has line numbers */
	bool old;      /* replaced, but kept as gdb may still use it */
};

struct images {
	struct kernel *k;
	bool entry_first;
	bool debug_allowed;
	bool kernel_chosen;
	enum kernel_file kernel_file; /* see images_kernel_file() */
	int debug_fd;		      /* vmlinux, which the link by build-id points to; -1: none */
	unsigned generation;
	struct kerneltypes *types;
	struct linkdir *links; /* NULL: names are /proc/<pid>/fd/N */
	VEC(struct image) v;
	bool spared, settled; /* see images_spare_vmlinux() */
	bool entry_tried, programs_tried;
	unsigned told; /* number of warnings about a missing vmlinux */
	unsigned program_number, user_number;
	char user_symbol[32];
};

#define MAX_PROGRAM_IMAGES 64
#define PROGRAMS_APART	   (16u << 20)

struct images *images_create(struct kernel *k, bool entry_first, struct linkdir *links)
{
	struct images *im = calloc(1, sizeof(*im));

	if (im && !(im->types = kerneltypes_create(k))) {
		free(im);
		im = NULL;
	}
	if (im) {
		im->k = k;
		im->entry_first = entry_first;
		im->links = links;
		im->debug_fd = -1;
	}
	return im;
}

void images_destroy(struct images *im)
{
	if (!im)
		return;
	for (size_t i = 0; i < im->v.n; i++) {
		free(im->v.v[i].path);
		if (im->v.v[i].fd >= 0)
			close(im->v.v[i].fd);
	}
	vec_free(&im->v);
	linkdir_clear(im->links);
	kerneltypes_destroy(im->types);
	if (im->debug_fd >= 0)
		close(im->debug_fd);
	free(im);
}

void images_allow_debug_file(struct images *im, bool allow)
{
	im->debug_allowed = allow;
}

enum kernel_file images_kernel_file(struct images *im)
{
	if (!im->kernel_chosen) {
		im->kernel_file = kernel_file_choose(im->k, im->entry_first, im->debug_allowed,
						     im->links, &im->debug_fd);
		im->kernel_chosen = true;
	}
	return im->kernel_file;
}

bool images_rules_first(struct images *im)
{
	return kernel_file_rules_first(images_kernel_file(im));
}

static vs_status to_memfd(const char *name, const struct buf *b, int *ret, struct err *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0 || !write_all(fd, b->p, b->len)) {
		fail(err, VS_IO, "cannot create image of %s: %s", name, strerror(errno));
		if (fd >= 0)
			close(fd);
		return VS_IO;
	}
	*ret = fd;
	return VS_OK;
}

/* Returns the image's path for gdb. Makes it on first use, so that verbs without gdb leave the file
 * system alone. */
static const char *image_path(struct images *im, struct image *i)
{
	char name[sizeof(i->name) + 16], path[256];

	if (i->path)
		return i->path;
	if (im->generation)
		snprintf(name, sizeof(name), "%u-%s", im->generation, i->name);
	else
		snprintf(name, sizeof(name), "%s", i->name);
	if (!im->links || !linkdir_add(im->links, name, i->fd, path, sizeof(path)))
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), i->fd);
	i->path = strdup(path);
	return i->path ? i->path : "";
}

static vs_status keep_image(struct images *im, struct image i, const char *name, struct buf *bytes,
			    struct err *err)
{
	vs_status st = to_memfd(name, bytes, &i.fd, err);

	if (st)
		return st;
	i.base = image_base(bytes);
	snprintf(i.name, sizeof(i.name), "%s", name);
	if (!vec_push(&im->v, i)) {
		close(i.fd);
		return fail(err, VS_NOMEM, "no memory for image of %s", name);
	}
	return VS_OK;
}

static struct image *find_image(struct images *im, const struct module *m)
{
	for (size_t i = 0; i < im->v.n; i++)
		if (im->v.v[i].module == m && !im->v.v[i].old && !im->v.v[i].programs &&
		    !im->v.v[i].program && !im->v.v[i].user)
			return &im->v.v[i];
	return NULL;
}

void images_spare_vmlinux(struct images *im)
{
	if (im->settled || images_kernel_file(im) != KERNEL_FILE_MAIN)
		return;
	im->kernel_file = KERNEL_FILE_NONE;
	im->spared = true;
}

/* Forgets the image of the whole kernel, which gdb has not kept. */
static void drop_entry(struct images *im)
{
	struct image *i = im->entry_tried ? find_image(im, NULL) : NULL;

	im->entry_tried = false;
	if (!i)
		return;
	free(i->path);
	if (i->fd >= 0)
		close(i->fd);
	*i = im->v.v[--im->v.n];
}

void images_settle(struct images *im, bool has_image)
{
	struct stat sb;

	im->settled = true;
	if (!im->spared)
		return;
	im->spared = false;
	if (!has_image) {
		im->kernel_file = KERNEL_FILE_MAIN;
		drop_entry(im);
		return;
	}
	if (stat(im->k->vmlinux_path, &sb))
		sb.st_size = 0;
	log_warn("note: gdb is on another machine, and gets the symbols and types in the dump; "
		 "--symbols=full sends vmlinux (%lld MB), which has the lines",
		 (long long)sb.st_size >> 20);
}

static vs_status build_entry(struct images *im, struct err *err)
{
	static const char *const names[] = { [KERNEL_FILE_NONE] = "vmlinux.symbols",
					     [KERNEL_FILE_MAIN] = "vmlinux.entry",
					     [KERNEL_FILE_LIBRARY] = "vmlinux.entry",
					     [KERNEL_FILE_DEBUG] = "vmlinux" };
	struct image i = { .fd = -1 };
	struct buf bytes = { 0 };
	enum kernel_file file = images_kernel_file(im);
	vs_status st = imagebytes_entry(im->k, im->types, file, im->entry_first, &bytes, err);

	if (st == VS_OK)
		st = keep_image(im, i, names[file], &bytes, err);
	buf_deinit(&bytes);
	return st;
}

static struct image *need_entry(struct images *im)
{
	struct err err;

	if (!im->entry_tried) {
		im->entry_tried = true;
		if (build_entry(im, &err))
			log_warn("backtraces end at assembly code: %s", err.msg);
	}
	return find_image(im, NULL);
}

static vs_status need_module(struct images *im, struct module *m, struct image **ret,
			     struct err *err)
{
	struct image i = { .module = m, .fd = -1 };
	struct buf bytes = { 0 };
	char name[80];
	vs_status st;

	*ret = find_image(im, m);
	if (*ret)
		return VS_OK;
	st = imagebytes_module(im->k, im->types, m,
			       kernel_file_moves_percpu(images_kernel_file(im)), &bytes,
			       &i.has_file, err);
	snprintf(name, sizeof(name), "%s.ko", m->name);
	if (st == VS_OK)
		st = keep_image(im, i, name, &bytes, err);
	buf_deinit(&bytes);
	if (st == VS_OK)
		*ret = find_image(im, m);
	return st;
}

vs_status images_module_fd(void *ctx, struct module *m, int *fd, struct err *err)
{
	struct images *im = ctx;
	struct image *i;
	vs_status st = need_module(im, m, &i, err);

	if (st)
		return st;
	if (!i->has_file)
		return fail(err, VS_NOTFOUND, "module %s: no file", m->name);
	*fd = i->fd;
	return VS_OK;
}

/* Returns the number of BPF programs and trampolines, from the i-th on, up to the next module. */
static size_t programs_together(const struct dyncodes *d, const struct modules *mods, size_t i)
{
	kva_t start, end;
	size_t n = 1;

	while (i + n < d->n &&
	       (!mods || !modules_text_after(mods, d->v[i].start, &start, &end) ||
		start >= d->v[i + n].end) &&
	       d->v[i + n].start - d->v[i].start < PROGRAMS_APART)
		n++;
	return n;
}

static vs_status build_programs(struct images *im, const struct dyncodes *d, size_t first, size_t n,
				unsigned number, struct err *err)
{
	struct image i = { .programs = true, .fd = -1 };
	struct buf bytes = { 0 };
	char name[32];
	vs_status st = imagebytes_programs(d, first, n, &bytes, err);

	snprintf(name, sizeof(name), number ? "dyncode.symbols.%u" : "dyncode.symbols", number);
	if (st == VS_OK)
		st = keep_image(im, i, name, &bytes, err);
	buf_deinit(&bytes);
	return st;
}

/* Builds images with the names of BPF programs, one for each gap between modules that has some. The
 * entry image has their unwind rules. */
static void need_programs(struct images *im)
{
	struct modules *mods = NULL;
	struct dyncodes *d;
	unsigned number = 0;

	if (im->programs_tried || kernel_need_dyncodes(im->k, &d, NULL))
		return;
	im->programs_tried = true;
	kernel_need_modules(im->k, &mods, NULL);
	for (size_t i = 0, n; i < d->n && number < MAX_PROGRAM_IMAGES; i += n) {
		struct err why;

		n = programs_together(d, mods, i);
		if (build_programs(im, d, i, n, number++, &why))
			log_warn("names of BPF programs: %s", why.msg);
	}
}

/* Builds the image with the rule for user addresses, at a non-canonical address, and the variable
 * $task: this image is in every list. */
static vs_status build_user(struct images *im, struct err *err)
{
	struct unwind_rule rule = entry_rule_of_user_mode(im->k);
	struct image i = { .user = true, .fd = -1 };
	kva_t at = im->k->arch->user_end;
	struct entry_symbol symbol = { im->user_symbol, at, 1 };
	AUTO(btfdwarf) task = { 0 };
	AUTO(buf) frames = { 0 };
	struct buf bytes = { 0 };
	char name[32];
	vs_status st = ehframe_build(im->k->arch, &rule, 1, &frames, err);

	if (st)
		return st;

	snprintf(im->user_symbol, sizeof(im->user_symbol), "vmstub_user_mode_%u",
		 ++im->user_number);
	// Each new image needs a new path, or gdb does not load it.
	snprintf(name, sizeof(name), im->user_number > 1 ? "user.entry.%u" : "user.entry",
		 im->user_number);
	st = entryimage_build(&(struct entryimage){ .arch = im->k->arch,
						    .frames = &frames,
						    .lo = at,
						    .hi = at + 4096,
						    .syms = &symbol,
						    .nsyms = 1,
						    .debug = taskvar_build(GDBMEM_TASK, &task, NULL)
								     ? NULL
								     : &task },
			      &bytes, err);
	if (st == VS_OK)
		st = keep_image(im, i, name, &bytes, err);
	buf_deinit(&bytes);
	return st;
}

/* Returns the image for user mode: a new one unless it is still the last of all images. */
static struct image *need_user(struct images *im)
{
	struct image *last = im->v.n ? &im->v.v[im->v.n - 1] : NULL;
	struct err why;

	if (last && last->user && !last->old)
		return last;
	images_user_covered(im);
	if (build_user(im, &why)) {
		log_warn("backtraces do not end at user mode: %s", why.msg);
		return NULL;
	}
	return &im->v.v[im->v.n - 1];
}

static void put_library(struct buf *out, const char *path, const kva_t *segments, size_t n)
{
	buf_puts(out, "<library name=\"");
	buf_xml(out, path);
	buf_puts(out, "\">");
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "<segment address=\"%#" PRIx64 "\"/>", segments[i]);
	buf_puts(out, "</library>\n");
}

/* Lists vmlinux as a library, with an address for each PT_LOAD. Zero-based per-CPU data goes to the
 * slide, as gdb takes an address of 0 for "not given". */
static void put_vmlinux(struct images *im, struct buf *out)
{
	kva_t segments[16];
	uint64_t vaddr, size;
	size_t n = 0;

	if (kernel_need_vmlinux(im->k, NULL))
		return;
	while (n < 16 && elffile_load_segment(im->k->vmlinux, n, &vaddr, &size)) {
		segments[n] = vaddr + im->k->slide;
		if (!segments[n])
			segments[n] = 1;
		n++;
	}
	put_library(out, im->k->vmlinux_path, segments, n);
}

vs_status images_library_list(struct images *im, struct buf *out, struct err *err)
{
	struct modules *mods;
	enum kernel_file file = images_kernel_file(im);
	struct image *entry = need_entry(im), *user;
	vs_status st;

	buf_puts(out, "<library-list>\n");
	if (file == KERNEL_FILE_LIBRARY)
		put_vmlinux(im, out);
	else if (entry && file == KERNEL_FILE_MAIN)
		put_library(out, image_path(im, entry), &entry->base, 1);
	st = kernel_need_modules(im->k, &mods, err);
	if (st)
		log_warn("modules: %s", err->msg);
	for (size_t i = 0; st == VS_OK && i < mods->n; i++) {
		struct image *image;
		struct err why;

		if (need_module(im, &mods->v[i], &image, &why) == VS_OK)
			put_library(out, image_path(im, image), &image->base, 1);
		else
			log_warn("no symbols of module %s: %s", mods->v[i].name, why.msg);
	}
	need_programs(im);
	for (size_t i = 0; i < im->v.n; i++)
		if (im->v.v[i].programs)
			put_library(out, image_path(im, &im->v.v[i]), &im->v.v[i].base, 1);
	for (size_t i = 0; i < im->v.n; i++)
		if (im->v.v[i].program && !im->v.v[i].old)
			put_library(out, image_path(im, &im->v.v[i]), &im->v.v[i].base, 1);
	user = need_user(im);
	if (user)
		put_library(out, image_path(im, user), &user->base, 1);
	buf_puts(out, "</library-list>\n");
	return VS_OK;
}

vs_status images_exec_file(struct images *im, struct buf *out, struct err *err)
{
	bool have_vmlinux = kernel_need_vmlinux(im->k, err) == VS_OK;
	enum kernel_file file = images_kernel_file(im);
	struct image *entry = file == KERNEL_FILE_MAIN ? NULL : need_entry(im);

	if (!entry && !have_vmlinux)
		return VS_NOTFOUND;
	if (!have_vmlinux && !im->k->opt->dump_only && !im->told++) // gdb asks twice
		log_warn("%s; using symbols from the dump", err->msg);
	buf_puts(out, entry ? image_path(im, entry) : im->k->vmlinux_path);
	return VS_OK;
}

const char *images_user_symbol(const struct images *im, unsigned *renewed)
{
	*renewed = im->user_number;
	return im->user_symbol;
}

void images_user_covered(struct images *im)
{
	for (size_t i = 0; i < im->v.n; i++)
		im->v.v[i].old |= im->v.v[i].user;
}

bool images_no_programs(struct images *im)
{
	bool any = false;

	for (size_t i = 0; i < im->v.n; i++) {
		any |= im->v.v[i].program && !im->v.v[i].old;
		im->v.v[i].old |= im->v.v[i].program;
	}
	return any;
}

/* The last part of the path, in characters that are safe in a name. */
static void name_of(const char *path, unsigned number, char *name, size_t cap)
{
	const char *slash = strrchr(path, '/');

	snprintf(name, cap, "%u-%.60s", number, slash ? slash + 1 : path);
	for (char *c = name; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._+",
			    *c))
			*c = '_';
}

bool images_add_program(struct images *im, const char *path, uint64_t start, int fd)
{
	struct image i = { .program = true, .fd = fd, .base = start };

	name_of(path, ++im->program_number, i.name, sizeof(i.name));
	return vec_push(&im->v, i);
}

void images_module_changed(struct images *im, struct module *m)
{
	struct image *i = find_image(im, m);

	im->generation++;
	if (i)
		i->old = true;
}

vs_status images_open(struct images *im, const char *name, int *fd, struct err *err)
{
	char proc[64];
	int got = -1;

	for (size_t i = 0; i < im->v.n; i++) {
		if (!im->v.v[i].path || strcmp(im->v.v[i].path, name) != 0)
			continue;
		// Open the file anew: each reader needs its own position, and may outlive the
		// image.
		snprintf(proc, sizeof(proc), "/proc/self/fd/%d", im->v.v[i].fd);
		got = open(proc, O_RDONLY | O_CLOEXEC);
	}
	if (got < 0 && im->k->vmlinux_path && strcmp(im->k->vmlinux_path, name) == 0)
		got = open(name, O_RDONLY | O_CLOEXEC);
	if (got < 0)
		return fail(err, VS_NOTFOUND, "%s: not a file vmstub serves", name);
	*fd = got;
	return VS_OK;
}
