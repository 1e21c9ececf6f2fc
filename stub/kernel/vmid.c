// SPDX-License-Identifier: GPL-3.0-or-later
/* vmid.c - recognizes the crashed kernel's vmlinux.
 * VMCOREINFO has the build-id only since 5.9 (0935288c6e00), and it is garbage in several stable
 * releases (5.15.168, 6.1.113-118, 6.6.55-62, ...). The kernel's notes, which have it, are in its
 * memory. Kernels linked without a build-id have linux_banner: release, builder, compiler, number
 * and date of the build. */
#include "stub/kernel/vmid.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/dumpsyms.h"
#include "stub/kernel/kernel.h"

#define MAX_NOTES  (64u << 10)
#define BANNER	   "Linux version "
#define MAX_BANNER 512

static bool parse_hex_id(const char *s, struct build_id *ret)
{
	size_t n = strlen(s);

	if (n == 0 || n % 2 || n / 2 > BUILD_ID_MAX)
		return false;
	for (size_t i = 0; i < n / 2; i++) {
		unsigned byte;

		if (!isxdigit((unsigned char)s[2 * i]) || sscanf(s + 2 * i, "%2x", &byte) != 1)
			return false;
		ret->b[i] = (uint8_t)byte;
	}
	ret->len = n / 2;
	return true;
}

static bool id_in_info(struct kernel *k, struct build_id *ret)
{
	const char *id = vmcoreinfo_str(k->vmci, "BUILD-ID");

	return id && parse_hex_id(id, ret);
}

static bool id_in_notes(struct kernel *k, kva_t va, uint64_t size, struct build_id *ret)
{
	AUTO_FREE uint8_t *notes = NULL;

	if (size > MAX_NOTES)
		return false;
	notes = malloc(size + 1);
	return notes && mem_read(k->mem, va, notes, size, NULL) == VS_OK &&
	       build_id_from_notes(notes, size, ret);
}

/* Where the notes are according to this vmlinux. */
static bool id_where_file_says(struct kernel *k, struct elffile *f, struct build_id *ret)
{
	struct elf_section sec;

	return k->have_slide && elffile_section(f, ".notes", &sec) == VS_OK &&
	       id_in_notes(k, sec.addr + k->slide, sec.size, ret);
}

/* Where the dump's own symbols say. */
static bool id_where_dump_says(struct kernel *k, struct build_id *ret)
{
	const struct symbol *start, *stop;

	if (kernel_need_dump_syms(k, NULL))
		return false;
	start = symtab_find(k->dump_syms, "__start_notes");
	stop = symtab_find(k->dump_syms, "__stop_notes");
	return start && stop && stop->va > start->va &&
	       id_in_notes(k, start->va, stop->va - start->va, ret);
}

bool vmid_of_dump(struct kernel *k, struct build_id *ret)
{
	return id_where_dump_says(k, ret) || id_in_info(k, ret);
}

/* --- the banner */

/* Copies one line of text that starts like a banner. */
static bool take_banner(const char *text, size_t len, char ret[MAX_BANNER])
{
	size_t n = strnlen(text, len);
	const char *end = memchr(text, '\n', n);

	if (end)
		n = (size_t)(end - text);
	if (n >= MAX_BANNER || n < sizeof(BANNER) || memcmp(text, BANNER, strlen(BANNER)) != 0 ||
	    !isdigit((unsigned char)text[strlen(BANNER)]))
		return false;
	memcpy(ret, text, n);
	ret[n] = '\0';
	return true;
}

struct find_banner {
	uint64_t va;
};

static bool is_banner(void *ctx, const struct elf_symbol *s)
{
	struct find_banner *b = ctx;

	if (strcmp(s->name, "linux_banner") != 0)
		return true;
	b->va = s->value;
	return false;
}

static bool banner_of_file(struct elffile *f, uint64_t va, char ret[MAX_BANNER])
{
	struct elf_section s;

	for (size_t i = 1; elffile_section_at(f, i, &s); i++) {
		const void *data;
		size_t len;

		if (s.addr && va - s.addr < s.size &&
		    elffile_data(f, i, &data, &len, NULL) == VS_OK && va - s.addr < len)
			return take_banner((const char *)data + (va - s.addr),
					   len - (size_t)(va - s.addr), ret);
	}
	return false;
}

static bool banner_of_dump(struct kernel *k, uint64_t link_va, char ret[MAX_BANNER])
{
	char text[MAX_BANNER];
	const struct symbol *s;

	if (kernel_need_dump_syms(k, NULL) == VS_OK &&
	    (s = symtab_find(k->dump_syms, "linux_banner")) &&
	    mem_read_str(k->mem, s->va, text, sizeof(text), NULL) == VS_OK)
		return take_banner(text, sizeof(text), ret);
	return k->have_slide &&
	       mem_read_str(k->mem, link_va + k->slide, text, sizeof(text), NULL) == VS_OK &&
	       take_banner(text, sizeof(text), ret);
}

/* VS_NOTFOUND: one of them has no banner. */
static vs_status check_banner(struct kernel *k, struct elffile *f, const char *path,
			      struct err *err)
{
	struct find_banner b = { 0 };
	char file[MAX_BANNER], dump[MAX_BANNER];

	if (elffile_symbols(f, is_banner, &b, err) || !b.va || !banner_of_file(f, b.va, file) ||
	    !banner_of_dump(k, b.va, dump))
		return fail(err, VS_NOTFOUND, "%s: no banner to compare", path);
	if (strcmp(file, dump) != 0)
		return fail(err, VS_NOMATCH, "%s: \"%.70s\", the dump's kernel is \"%.70s\"", path,
			    file, dump);
	return VS_OK;
}

/* --- all together */

/* Finds the dump's build-id for the comparison with this file, from the surest source. */
static enum vmid_evidence id_to_compare(struct kernel *k, struct elffile *f, struct build_id *ret)
{
	if (id_where_file_says(k, f, ret))
		return VMID_MEMORY;
	if (id_in_info(k, ret))
		return VMID_INFO;
	return id_where_dump_says(k, ret) ? VMID_MEMORY : VMID_NONE;
}

vs_status vmid_check(struct kernel *k, struct elffile *f, const char *path, enum vmid_evidence *ret,
		     struct err *err)
{
	char have[2 * BUILD_ID_MAX + 1], want[2 * BUILD_ID_MAX + 1];
	struct build_id file, dump, info;
	vs_status st;

	elffile_build_id(f, &file);
	*ret = id_to_compare(k, f, &dump);
	if (*ret && build_id_equal(&file, &dump))
		return VS_OK;
	if (file.len && id_in_info(k, &info) && build_id_equal(&file, &info)) {
		*ret = VMID_INFO;
		return VS_OK;
	}
	if (*ret && file.len)
		return fail(err, VS_NOMATCH, "%s: build-id %s, the dump's kernel has %s", path,
			    build_id_str(&file, have), build_id_str(&dump, want));
	st = check_banner(k, f, path, err);
	if (st == VS_NOTFOUND && *ret)
		return fail(err, VS_NOMATCH, "%s: build-id missing, the dump's kernel has %s", path,
			    build_id_str(&dump, want));
	*ret = st == VS_OK ? VMID_BANNER : VMID_NONE;
	return st == VS_NOMATCH ? st : VS_OK;
}

const char *vmid_evidence_text(enum vmid_evidence e)
{
	static const char *const texts[] = {
		[VMID_NONE] = "nothing: neither a build-id nor a banner can be compared",
		[VMID_MEMORY] = "build-id in the dump's memory",
		[VMID_INFO] = "build-id in VMCOREINFO",
		[VMID_BANNER] = "banner in the dump's memory (there are no two build-ids)",
	};

	return texts[e];
}
