// SPDX-License-Identifier: GPL-3.0-or-later
/* kernelimage.c - writes an ELF file with the sections of vmlinux and the kernel's unwind rules. */
#include "stub/elf/kernelimage.h"

#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/elf/elfwrite.h"
#include "stub/linux_arch.h"

#define MAX_SECTIONS 4096
/* namesz, descsz and type, then the name of 4 bytes with its NUL. */
#define NOTE_HEADER 16

/* The name of a section that gdb shall not move in the debug file, and in which it shall not find
 * symbols: NULL is not fixed_percpu_data. gdb takes this section for the one at its address
 * (preferred_obj_section() in gdb/objfiles.c), and does not warn that the debug file lacks this
 * name (addr_info_make_relative() in gdb/symfile.c). */
#define NOT_IN_DEBUG_FILE ".gnu.conflict"

struct extent {
	kva_t lo, hi;
};

/* gdb does not count relocations (which a vmlinux may keep) and symbol tables among its sections.
 */
static bool is_table(const struct elf_section *s)
{
	return !(s->flags & SHF_ALLOC) &&
	       (s->type == SHT_RELA || s->type == SHT_REL || s->type == SHT_SYMTAB ||
		s->type == SHT_STRTAB || s->type == SHT_SYMTAB_SHNDX || s->type == SHT_NULL);
}

/* Adds vmlinux's sections, and extends e by each in the kernel's image. gdb assumes that a section
 * has the same number in both files (info_symbol_command() in gdb/printcmd.c), so sections that gdb
 * shall not move are added, too. */
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

vs_status kernelimage_build(const struct arch_ops *arch, struct elffile *vmlinux,
			    const struct buf *frames, struct buf *out, struct err *err)
{
	AUTO(elfwrite) w = { 0 };
	struct extent e = { .lo = UINT64_MAX };
	struct build_id id;
	uint16_t note, eh_frame;
	vs_status st;

	elffile_build_id(vmlinux, &id);
	if (!id.len)
		return fail(err, VS_NOTFOUND, "vmlinux has no build-id");
	elfwrite_init(&w, arch->elf_machine);
	// gdb takes two sections for the same if they are equally far from the entry points of
	// their files (matching_obj_sections() in gdb/objfiles.c).
	w.entry = elffile_entry(vmlinux);
	add_sections(&w, arch, vmlinux, &e);
	if (e.lo >= e.hi)
		return fail(err, VS_NOTFOUND, "vmlinux has no section in the kernel's image");
	note = elfwrite_section(&w, ".note.gnu.build-id", SHT_NOTE, 0, 0, NOTE_HEADER + id.len);
	eh_frame = elfwrite_section(&w, ".eh_frame", SHT_PROGBITS, 0, 0, frames->len);
	st = elfwrite_layout(&w, e.lo, e.hi, err);
	if (st)
		return fail_ctx(err, st, "kernel image");
	put_note(elfwrite_content(&w, note), &id);
	memcpy(elfwrite_content(&w, eh_frame), frames->p, frames->len);
	elfwrite_take(&w, out);
	return VS_OK;
}
