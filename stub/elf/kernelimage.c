// SPDX-License-Identifier: GPL-3.0-or-later
/* kernelimage.c - an ELF file with the sections of vmlinux, and its unwind rules. */
#include "stub/elf/kernelimage.h"

#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/elf/ehframe.h"
#include "stub/elf/elfwrite.h"
#include "stub/linux_arch.h"

#define MAX_SECTIONS 4096
/* namesz, descsz and type, then the name, which is 4 bytes long with its end. */
#define NOTE_HEADER 16

/* Stands where gdb shall not move the debug file's section, and gives what is there no name: a call
 * of NULL is no function called fixed_percpu_data. gdb takes the section of this file for the one
 * at that address (preferred_obj_section() in gdb/objfiles.c), and does not complain that the debug
 * file lacks one of this name (addr_info_make_relative() in gdb/symfile.c). */
#define NOT_IN_DEBUG_FILE ".gnu.conflict"

struct extent {
	kva_t lo, hi;
};

/* Relocations (vmlinux keeps those it was linked with) and tables of symbols are none of gdb's
 * sections, which it numbers without them. */
static bool is_table(const struct elf_section *s)
{
	return !(s->flags & SHF_ALLOC) &&
	       (s->type == SHT_RELA || s->type == SHT_REL || s->type == SHT_SYMTAB ||
		s->type == SHT_STRTAB || s->type == SHT_SYMTAB_SHNDX || s->type == SHT_NULL);
}

/* Adds the sections that lie in the kernel's image, and widens e by each. gdb takes the number of a
 * section here and there for the same (info_symbol_command() in gdb/printcmd.c): each has its
 * place, those that gdb shall not move, too. */
static void add_sections(struct elfwrite *w, const struct arch_ops *arch, struct elffile *vmlinux,
			 struct extent *e)
{
	struct elf_section s;

	for (size_t i = 1; i <= MAX_SECTIONS && elffile_section_at(vmlinux, i, &s); i++) {
		uint64_t end;

		if (is_table(&s))
			continue;
		if (!(s.flags & SHF_ALLOC) || add_ovf(s.addr, s.size, &end)) {
			elfwrite_section(w, ".unmoved", SHT_NOBITS, 0, 0, 0);
			continue;
		}
		if (s.addr < arch->os->image_base) {
			elfwrite_section(w, NOT_IN_DEBUG_FILE, SHT_NOBITS, SHF_ALLOC, s.addr,
					 s.size);
			continue;
		}
		elfwrite_section(w, s.name, SHT_NOBITS,
				 s.flags & (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR), s.addr, s.size);
		if (s.addr < e->lo)
			e->lo = s.addr;
		if (end > e->hi)
			e->hi = end;
	}
}

static void put_note(uint8_t *p, const struct build_id *id)
{
	Elf64_Nhdr head = { .n_namesz = sizeof(ELF_NOTE_GNU),
			    .n_descsz = (uint32_t)id->len,
			    .n_type = NT_GNU_BUILD_ID };

	memcpy(p, &head, sizeof(head));
	memcpy(p + sizeof(head), ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU));
	memcpy(p + NOTE_HEADER, id->b, id->len);
}

vs_status kernelimage_build(const struct arch_ops *arch, struct elffile *vmlinux, uint64_t slide,
			    struct unwind_rule *rules, size_t n, struct buf *out, struct err *err)
{
	AUTO(buf) frames = { 0 };
	AUTO(elfwrite) w = { 0 };
	struct extent e = { .lo = UINT64_MAX };
	struct build_id id;
	uint16_t note, eh_frame;
	vs_status st;

	elffile_build_id(vmlinux, &id);
	if (!id.len)
		return fail(err, VS_NOTFOUND, "vmlinux has no build-id");
	for (size_t i = 0; i < n; i++) {
		rules[i].start -= slide;
		rules[i].end -= slide;
	}
	st = ehframe_build(arch, rules, n, &frames, err);
	if (st)
		return fail_ctx(err, st, "kernel image");
	elfwrite_init(&w, arch->elf_machine);
	// gdb takes a section here and one of the debug file for the same when they lie equally far
	// from the entry of their files (matching_obj_sections() in gdb/objfiles.c).
	w.entry = elffile_entry(vmlinux);
	add_sections(&w, arch, vmlinux, &e);
	if (e.lo >= e.hi)
		return fail(err, VS_NOTFOUND, "vmlinux has no section in the kernel's image");
	note = elfwrite_section(&w, ".note.gnu.build-id", SHT_NOTE, 0, 0, NOTE_HEADER + id.len);
	eh_frame = elfwrite_section(&w, ".eh_frame", SHT_PROGBITS, 0, 0, frames.len);
	st = elfwrite_layout(&w, e.lo, e.hi, err);
	if (st)
		return fail_ctx(err, st, "kernel image");
	put_note(elfwrite_content(&w, note), &id);
	memcpy(elfwrite_content(&w, eh_frame), frames.p, frames.len);
	elfwrite_take(&w, out);
	return VS_OK;
}
