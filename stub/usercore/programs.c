// SPDX-License-Identifier: GPL-3.0-or-later
/* programs.c - finds the files of a process's program and libraries. */
#include "stub/usercore/programs.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/base/debuginfod.h"
#include "stub/base/io.h"
#include "stub/base/vec.h"
#include "stub/elf/elfwrite.h"
#include "stub/kernel/kernel.h"
#include "stub/subsys/fs/fs.h"

#define MAX_PROGRAMS 512
#define MAX_NOTES    4096	  /* bytes of a segment of notes */
#define MAX_MEMORY   (512u << 20) /* bytes of all files that are made from memory */

/* --- headers */

/* Its program headers are in the first page, as linkers put them right after the header. Returns
 * their number. */
static size_t headers_of(const uint8_t page[PROCESS_PAGE], const Elf64_Phdr **ret)
{
	Elf64_Ehdr h;

	memcpy(&h, page, sizeof(h));
	if (h.e_phentsize != sizeof(Elf64_Phdr) || h.e_phoff % 8 || h.e_phoff > PROCESS_PAGE ||
	    h.e_phnum > (PROCESS_PAGE - h.e_phoff) / sizeof(Elf64_Phdr))
		return 0;
	*ret = (const Elf64_Phdr *)(const void *)(page + h.e_phoff);
	return h.e_phnum;
}

static void find_build_id(struct process *p, const Elf64_Phdr *h, size_t n, uint64_t bias,
			  struct build_id *ret)
{
	uint8_t notes[MAX_NOTES];

	for (size_t i = 0; i < n && !ret->len; i++)
		if (h[i].p_type == PT_NOTE && h[i].p_filesz <= sizeof(notes) &&
		    process_read(p, h[i].p_vaddr + bias, notes, h[i].p_filesz, NULL) &&
		    !build_id_from_notes(notes, h[i].p_filesz, ret))
			ret->len = 0;
}

/* --- files */

/* Opens a plain file; the path is from the dump, and may name anything. */
static int open_plain(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat sb;

	if (fd >= 0 && (fstat(fd, &sb) || !S_ISREG(sb.st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Opens the file if it is the one in memory, whose first page is given. */
static bool open_if_same(const char *path, struct program *g, const uint8_t *page)
{
	uint8_t head[PROCESS_PAGE];
	struct build_id found = { .len = 0 };
	struct elffile *f = NULL;
	int fd = open_plain(path);
	bool same = false;

	if (fd < 0)
		return false;
	if (elffile_open(path, &f, NULL))
		f = NULL;
	if (!g->id.len) {
		same = pread(fd, head, sizeof(head), 0) == sizeof(head) &&
		       memcmp(head, page, sizeof(head)) == 0;
	} else if (f) {
		elffile_build_id(f, &found);
		same = build_id_equal(&found, &g->id);
	}
	g->stripped = f && !elffile_symbol_count(f);
	elffile_close(f);
	if (same)
		g->fd = fd;
	else
		close(fd);
	return same;
}

/* The path without what follows that of a removed file, below root. False: it could lead out. */
static bool path_below(const char *root, const char *path, struct buf *out)
{
	size_t len = fs_path_len(path);

	if (*path != '/' || strstr(path, "/../") ||
	    (len >= 3 && memcmp(path + len - 3, "/..", 3) == 0))
		return false;
	buf_printf(out, "%s%.*s", root, (int)len, path);
	return !out->oom;
}

static void find_file(struct process *p, struct program *g)
{
	uint8_t page[PROCESS_PAGE];

	const char *root = p->k->opt->sysroot ? p->k->opt->sysroot : "";
	char text[2 * BUILD_ID_MAX + 1] = "none", cached[DEBUGINFOD_PATH_MAX];
	AUTO(buf) path = { 0 }, debug = { 0 };

	if (!g->id.len &&
	    !process_read(p, g->start & ~(PROCESS_PAGE - 1), page, sizeof(page), &g->why))
		return;
	if (!p->k->opt->dump_only && path_below(root, g->path, &path))
		(void)open_if_same(buf_str(&path), g, page);
	if (g->fd < 0 && g->id.len && !p->k->opt->dump_only)
		(void)open_if_same(build_id_debug_path(root, &g->id, &debug), g, page);
	if (g->fd < 0 && g->id.len && !p->k->opt->no_debuginfod && !p->k->opt->dump_only &&
	    debuginfod_cached(g->id.b, g->id.len, cached))
		(void)open_if_same(cached, g, page);
	if (g->fd >= 0)
		return;
	if (g->id.len)
		build_id_str(&g->id, text);
	fail(&g->why, VS_NOTFOUND, "not found (build-id %s)%s", text,
	     *root ? "" : "; --sysroot DIR says where that machine's files are");
}

/* Adds the file that an area maps from its start on, if it is a program. */
static vs_status add(struct process *p, const struct process_area *a, struct programs *ps,
		     struct err *err)
{
	struct program g = { .path = a->path, .fd = -1 };
	_Alignas(8) uint8_t page[PROCESS_PAGE];
	const Elf64_Phdr *h = NULL;
	size_t n, first = 0;

	if (!process_read(p, a->vma.start, page, sizeof(page), &g.why)) {
		// What it is is unknown. Only programs have code.
		if (!g.why.msg[0])
			fail(&g.why, VS_LOST, "its first page is not in memory");
		else if (g.why.code == VS_EXCLUDED)
			fail(&g.why, VS_EXCLUDED,
			     "page excluded from the dump; makedumpfile -d 17 keeps all pages of "
			     "programs");
		return vec_push(ps, g) ? VS_OK : fail(err, VS_NOMEM, "out of memory");
	}
	if (memcmp(page, ELFMAG, SELFMAG) != 0)
		return VS_OK;
	g.is_32bit = page[EI_CLASS] == ELFCLASS32;
	n = page[EI_CLASS] == ELFCLASS64 ? headers_of(page, &h) : 0;
	while (first < n && h[first].p_type != PT_LOAD)
		first++;
	if (g.is_32bit) {
		fail(&g.why, VS_UNSUPPORTED,
		     "a 32-bit program, whose symbols are not loaded: bt ends there");
	} else if (first == n) {
		fail(&g.why, VS_CORRUPT, "its program headers are damaged");
	} else {
		uint64_t low = h[first].p_vaddr & (PROCESS_PAGE - 1);

		g.start = a->vma.start + low;
		find_build_id(p, h, n, g.start - h[first].p_vaddr, &g.id);
	}
	return vec_push(ps, g) ? VS_OK : fail(err, VS_NOMEM, "out of memory");
}

/* Does the process run code of this file? Others are data: locales, fonts. */
static bool has_code(const struct process *p, kva_t inode)
{
	for (size_t i = 0; i < p->nareas; i++)
		if (p->area[i].inode == inode && p->area[i].vma.flags & 4) // VM_EXEC
			return true;
	return false;
}

vs_status programs_list(struct process *p, struct programs *ret, struct err *err)
{
	vs_status st = VS_OK;

	*ret = (struct programs){ .n = 0 };
	for (size_t i = 0; i < p->nareas && ret->n < MAX_PROGRAMS && st == VS_OK; i++) {
		const struct process_area *a = &p->area[i];

		if (a->path && a->inode && a->vma.knows_pgoff && !a->vma.pgoff &&
		    has_code(p, a->inode))
			st = add(p, a, ret, err);
	}
	return st;
}

/* Without the file: what memory has of it, as a file. Its reason for the lack stays. */
static void find_memory(struct process *p, struct program *g, size_t *left)
{
	AUTO(buf) image = { 0 };

	if (g->is_32bit || !g->start || memprogram_build(p, g->start, &image, &g->memory, NULL))
		return;
	if (image.len > *left)
		return;
	*left -= image.len;
	g->fd = memfd_create("program", MFD_CLOEXEC);
	if (g->fd >= 0 && write_all(g->fd, image.p, image.len)) {
		g->start = image_base(&image);
		return;
	}
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
}

void programs_find(struct process *p, struct programs *ps)
{
	size_t left = MAX_MEMORY;

	for (size_t i = 0; i < ps->n; i++) {
		if (!ps->v[i].why.msg[0])
			find_file(p, &ps->v[i]);
		if (ps->v[i].fd < 0)
			find_memory(p, &ps->v[i], &left);
	}
}

/* FNV-1a */
static uint64_t hash_more(uint64_t h, const void *data, size_t len)
{
	const uint8_t *at = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ at[i]) * 0x100000001b3u;
	return h;
}

uint64_t programs_key(const struct programs *ps)
{
	uint64_t key = ps->n ? 0xcbf29ce484222325u : 0;

	for (size_t i = 0; i < ps->n; i++) {
		const struct program *g = &ps->v[i];

		key = hash_more(key, g->path, strlen(g->path));
		key = hash_more(key, g->id.b, g->id.len);
		key = hash_more(key, &g->start, sizeof(g->start));
	}
	return ps->n && !key ? 1 : key;
}

void programs_free(struct programs *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		if (ps->v[i].fd >= 0)
			close(ps->v[i].fd);
	vec_free(ps);
}
