// SPDX-License-Identifier: GPL-3.0-or-later
/* usercore.c - writes the ELF core of a process: header, segments, notes, memory. */
#include "stub/usercore/usercore.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/base/io.h"
#include "stub/kernel/kernel.h"
#include "stub/usercore/coremap.h"
#include "stub/usercore/corenotes.h"
#include "stub/usercore/process.h"

struct core {
	struct kernel *k;
	struct process p;
	struct core_map map;
	struct core_lacks lacks;
	struct buf notes;
	int fd;
	bool holes; /* fd can seek: zeros need not be written */
};

static vs_status put_all(int fd, const void *data, size_t len, struct err *err)
{
	return write_all(fd, data, len) ? VS_OK
					: fail(err, VS_IO, "cannot write: %s", strerror(errno));
}

/* --- headers */

static uint64_t round_up(uint64_t n)
{
	return (n + PROCESS_PAGE - 1) & ~(PROCESS_PAGE - 1);
}

/* If there are too many segments for e_phnum, their number is in a section header. */
static void put_elf_header(const struct core *c, size_t nphdrs, struct buf *out)
{
	bool many = nphdrs >= PN_XNUM;
	Elf64_Ehdr h = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = c->k->arch->elf_machine,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(h),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = many ? PN_XNUM : (uint16_t)nphdrs,
		.e_phoff = sizeof(h) + (many ? sizeof(Elf64_Shdr) : 0),
		.e_shoff = many ? sizeof(h) : 0,
		.e_shentsize = many ? sizeof(Elf64_Shdr) : 0,
		.e_shnum = many,
	};
	Elf64_Shdr s = { .sh_size = 1, .sh_info = (uint32_t)nphdrs };

	buf_put(out, &h, sizeof(h));
	if (many)
		buf_put(out, &s, sizeof(s));
}

/* All before the memory, which begins at a multiple of the page size. */
static void put_headers(struct core *c, struct buf *out)
{
	size_t nphdrs = c->map.n + 1;
	uint64_t at = sizeof(Elf64_Ehdr) + (nphdrs >= PN_XNUM ? sizeof(Elf64_Shdr) : 0) +
		      nphdrs * sizeof(Elf64_Phdr);
	Elf64_Phdr h = {
		.p_type = PT_NOTE, .p_offset = at, .p_filesz = c->notes.len, .p_align = 4
	};

	put_elf_header(c, nphdrs, out);
	buf_put(out, &h, sizeof(h));
	at = round_up(at + c->notes.len);
	for (size_t i = 0; i < c->map.n; i++) {
		const struct core_segment *s = &c->map.v[i];

		h = (Elf64_Phdr){ .p_type = PT_LOAD,
				  .p_flags = s->flags,
				  .p_offset = at,
				  .p_vaddr = s->va,
				  .p_filesz = s->saved ? s->len : 0,
				  .p_memsz = s->len,
				  .p_align = PROCESS_PAGE };
		buf_put(out, &h, sizeof(h));
		at += h.p_filesz;
	}
	buf_put(out, buf_str(&c->notes), c->notes.len);
	while (!out->oom && out->len % PROCESS_PAGE)
		buf_putc(out, 0);
}

/* --- memory */

static vs_status put_zeros(struct core *c, uint64_t len, struct err *err)
{
	static const uint8_t zeros[PROCESS_PAGE];
	vs_status st = VS_OK;

	if (c->holes)
		return lseek(c->fd, (off_t)len, SEEK_CUR) < 0
			       ? fail(err, VS_IO, "cannot write: %s", strerror(errno))
			       : VS_OK;
	for (; st == VS_OK && len; len -= PROCESS_PAGE)
		st = put_all(c->fd, zeros, sizeof(zeros), err);
	return st;
}

static vs_status put_segment(struct core *c, const struct core_segment *s, struct err *err)
{
	const struct process_area *a = &c->p.area[s->area];
	uint8_t page[PROCESS_PAGE];
	vs_status st = VS_OK;
	uint64_t end;

	for (uint64_t va = s->va; st == VS_OK && va < s->va + s->len; va = end) {
		enum process_page state = process_read_page(&c->p, a, va, page, &end, NULL);

		if (state == PAGE_SAVED && !all_bytes_are(page, sizeof(page), 0)) {
			st = put_all(c->fd, page, sizeof(page), err);
			continue;
		}
		// In a live system a page may have gone meanwhile.
		if (end > s->va + s->len)
			end = s->va + s->len;
		st = put_zeros(c, end - va, err);
	}
	return st;
}

static vs_status put_core(struct core *c, struct err *err)
{
	AUTO(buf) headers = { 0 };
	vs_status st;

	put_headers(c, &headers);
	if (headers.oom || c->notes.oom)
		return fail(err, VS_NOMEM, "out of memory");
	st = put_all(c->fd, headers.p, headers.len, err);
	for (size_t i = 0; st == VS_OK && i < c->map.n; i++)
		if (c->map.v[i].saved)
			st = put_segment(c, &c->map.v[i], err);
	// A hole at the end needs the length.
	if (st == VS_OK && c->holes && ftruncate(c->fd, (off_t)(headers.len + c->map.bytes)))
		return fail(err, VS_IO, "cannot write: %s", strerror(errno));
	return st;
}

/* --- what is said */

static void say_memory(const struct core *c, struct buf *said)
{
	static const char *const names[PAGE_STATES] = {
		[PAGE_IN_SWAP] = "in swap",
		[PAGE_ON_DISK] = "in their files on disk, not in memory",
		[PAGE_DEVICE] = "of devices",
	};
	const uint64_t *n = c->map.pages;

	if (n[PAGE_FILTERED])
		buf_printf(said,
			   "not saved: %" PRIu64 " pages that the dump's filter left out "
			   "(makedumpfile -d 17 keeps all pages of programs)\n",
			   n[PAGE_FILTERED]);
	if (n[PAGE_MISSING])
		buf_printf(said,
			   "not saved: %" PRIu64 " pages that cannot be read; the first: %s\n",
			   n[PAGE_MISSING], c->map.missing.msg);
	for (unsigned i = 0; i < PAGE_STATES; i++)
		if (names[i] && n[i])
			buf_printf(said, "not saved: %" PRIu64 " pages %s\n", n[i], names[i]);
	if (c->map.untouched)
		buf_printf(said, "not saved: %" PRIu64 " pages that were never written to\n",
			   c->map.untouched);
	if (c->map.cut)
		buf_puts(said, "not saved: the rest, as the process has more memory than the "
			       "machine could hold: its page tables are damaged\n");
	if (c->p.bad_areas)
		buf_printf(said, "not saved: %zu memory areas that are damaged\n", c->p.bad_areas);
	if (c->p.areas_st)
		buf_printf(said, "some memory areas are missing: %s\n", c->p.areas_why.msg);
}

static void say_registers(const struct core *c, struct buf *said)
{
	const struct core_lacks *l = &c->lacks;
	const char *before = "";

	if (c->p.threads_st)
		buf_printf(said, "some threads are missing: %s\n", c->p.threads_why.msg);
	if (l->threads)
		buf_printf(said,
			   "without registers, so not in the core: %zu threads; the first: %s\n",
			   l->threads, l->why.msg);
	if (l->fp_threads)
		buf_printf(said, "without floating-point registers: %zu threads\n", l->fp_threads);
	if (l->regs) {
		buf_printf(said, "unknown, and 0 in the core, in %zu threads: ", l->regs);
		for (unsigned i = 0; i < c->k->arch->nregs; i++)
			if (l->reg_mask >> i & 1) {
				buf_printf(said, "%s%s", before, c->k->arch->reg_names[i]);
				before = ", ";
			}
		buf_putc(said, '\n');
	}
	if (l->auxv)
		buf_puts(said, "the auxiliary vector cannot be read: gdb cannot find the program's "
			       "libraries\n");
	if (l->files)
		buf_puts(said, "some names of mapped files cannot be read\n");
	if (c->p.nthreads && c->p.thread[0].has_regs &&
	    c->k->arch->os->user_is_32bit(&c->p.thread[0].regs))
		buf_puts(said,
			 "a 32-bit program, in a core as of a 64-bit one: gdb shows its registers "
			 "and memory, but cannot unwind its stack\n");
}

static void say(const struct core *c, struct buf *said)
{
	const struct task *t = &c->p.thread[0].task;
	const uint64_t *n = c->map.pages;

	buf_printf(said,
		   "PID %d, %s: %zu threads, %zu memory areas, %" PRIu64 " pages, and %" PRIu64
		   " that are zeros\n",
		   t->pid, t->comm, c->p.nthreads - c->lacks.threads, c->p.nareas, n[PAGE_SAVED],
		   n[PAGE_ZEROS]);
	say_memory(c, said);
	say_registers(c, said);
}

/* Can zeros be left out? Not if others have written to the file, or append to it. */
static bool can_seek(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat sb;

	return fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) && flags >= 0 && !(flags & O_APPEND) &&
	       lseek(fd, 0, SEEK_CUR) == 0 && lseek(fd, 0, SEEK_END) == 0;
}

vs_status usercore_write(struct kernel *k, int32_t pid, int fd, struct buf *said, struct err *err)
{
	struct core c = { .k = k, .fd = fd, .holes = can_seek(fd) };
	vs_status st = process_load(k, pid, &c.p, err);

	if (st == VS_OK && !c.p.nthreads)
		st = fail(err, VS_CORRUPT, "PID %d: its threads cannot be read", pid);
	if (st == VS_OK)
		st = core_map_make(&c.p, &c.map, err);
	if (st == VS_OK) {
		core_notes_put(&c.p, &c.notes, &c.lacks);
		st = put_core(&c, err);
	}
	if (st == VS_OK)
		say(&c, said);
	buf_deinit(&c.notes);
	core_map_free(&c.map);
	process_free(&c.p);
	return st;
}
