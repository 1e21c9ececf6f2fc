// SPDX-License-Identifier: GPL-3.0-or-later
/* modsect.c - section addresses and build-id of a loaded module.
 * First source: sysfs attributes. Second: the module's symbols in memory, compared with its .ko. */
#include "stub/module/modsect.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/module/module_record.h"

#define MAX_SECTIONS 4096
#define NOTE_MAX     4096

bool modsect_add(struct module *m, const char *name, kva_t va)
{
	struct mod_section *v;

	if (m->nsections >= MAX_SECTIONS)
		return false;
	v = realloc(m->sections, (m->nsections + 1) * sizeof(*v));
	if (!v)
		return false;
	m->sections = v;
	v += m->nsections++;
	memset(v, 0, sizeof(*v));
	snprintf(v->name, sizeof(v->name), "%s", name);
	v->va = va;
	return true;
}

typedef void (*attr_fn)(void *ctx, const char *name, kva_t value, uint64_t size);

static vs_status attr_name(const struct record *r, unsigned field, char *dst, size_t cap,
			   struct err *err)
{
	uint64_t va;
	vs_status st = record_need(r, field, &va, err);

	return st ? st : mem_read_str(r->k->mem, va, dst, cap, err);
}

/* Since d8959b947a8d (6.14): a NULL-terminated array of pointers to struct bin_attribute, with the
 * address in `private`. */
static vs_status attrs_from_group(struct kernel *k, kva_t group, attr_fn fn, void *ctx,
				  struct err *err)
{
	uint64_t array, attr;
	vs_status st =
		record_field_read(k, &attribute_group_record, group, GROUP_BINS, &array, err);

	for (size_t i = 0; st == VS_OK && i < MAX_SECTIONS; i++) {
		uint64_t value, len;
		struct record r;
		char text[64];

		st = mem_read_u64(k->mem, array + i * 8, &attr, err);
		if (st || !attr)
			break;
		record_read(k, &bin_attribute_record, attr, RECORD_ALL, &r);
		st = attr_name(&r, BIN_NAME, text, sizeof(text), err);
		if (st == VS_OK)
			st = record_need(&r, BIN_PRIVATE, &value, err);
		if (st == VS_OK && record_get(&r, BIN_SIZE, &len))
			fn(ctx, text, value, len);
	}
	return st;
}

/* Before that: nsections and an array of struct module_sect_attr; ed66f991bb19 (5.8) moved the name
 * from a plain pointer into battr. */
static vs_status attrs_from_array(struct kernel *k, kva_t attrs, attr_fn fn, void *ctx,
				  struct err *err)
{
	struct member array = { 0 };
	uint64_t n, stride = 0;
	vs_status st = record_member(k, &sect_attrs_record, SECTS_ARRAY, &array, err);

	if (st == VS_OK)
		st = types_size(k->types, "module_sect_attr", &stride, err);
	if (st == VS_OK)
		st = record_field_read(k, &sect_attrs_record, attrs, SECTS_N, &n, err);
	for (uint64_t i = 0; st == VS_OK && i < n && i < MAX_SECTIONS; i++) {
		struct record r;
		uint64_t va;
		char text[64];

		record_read(k, &sect_attr_record, attrs + array.off + i * stride, RECORD_ALL, &r);
		st = attr_name(&r, SECT_NAME, text, sizeof(text), err);
		if (st == VS_OK)
			st = record_need(&r, SECT_ADDRESS, &va, err);
		if (st == VS_OK)
			fn(ctx, text, va, 0);
	}
	return st;
}

static void add_section(void *ctx, const char *name, kva_t va, uint64_t size)
{
	(void)size;
	modsect_add(ctx, name, va);
}

static vs_status from_sect_attrs(struct kernel *k, struct module *m, struct err *err)
{
	uint64_t attrs, group;
	vs_status st = record_field_read(k, &module_record, m->va, MODULE_SECT_ATTRS, &attrs, err);

	if (st)
		return st;
	if (!attrs)
		return fail(err, VS_NOTFOUND, "module has no sect_attrs");
	if (record_name(k, &sect_attrs_record, SECTS_N))
		return attrs_from_array(k, attrs, add_section, m, err);
	st = record_field_read(k, &sect_attrs_record, attrs, SECTS_GROUP, &group, err);
	if (st == VS_OK)
		st = attrs_from_group(k, group, add_section, m, err);
	return st;
}

/* --- second source: addresses of the module's symbols, with each symbol's section from the .ko */

struct ko_symbols {
	struct symtab *by_name; /* va: value within its section; size: section index */
	struct elffile *file;
};

static bool add_ko_symbol(void *ctx, const struct elf_symbol *s)
{
	struct ko_symbols *ks = ctx;

	if (s->name[0] && s->section && s->section < SHN_LORESERVE && s->type != STT_SECTION &&
	    s->type != STT_FILE)
		symtab_add(ks->by_name, s->name, s->value, s->section, 'T');
	return true;
}

struct count_named {
	const struct symbol *first;
	int n;
};

static bool count_one(void *ctx, const struct symbol *s)
{
	struct count_named *c = ctx;

	c->first = s;
	return ++c->n < 2;
}

struct match {
	struct module *m;
	struct ko_symbols *ks;
};

static bool match_symbol(void *ctx, const struct mod_symbol *s)
{
	struct match *x = ctx;
	struct count_named c = { 0 };
	struct elf_section sec;
	kva_t va;

	// Only a name that is unique in the file determines a section.
	symtab_each_named(x->ks->by_name, s->name, count_one, &c);
	if (c.n != 1 || !elffile_section_at(x->ks->file, c.first->size, &sec) ||
	    strncmp(sec.name, ".init", 5) == 0 || module_section_va(x->m, sec.name))
		return true;
	va = s->va - c.first->va;
	if (module_has(x->m, s->va) && module_has(x->m, va))
		modsect_add(x->m, sec.name, va);
	return true;
}

static vs_status from_symbols(struct kernel *k, struct module *m, struct err *err)
{
	struct ko_symbols ks = { .by_name = symtab_create() };
	struct match x = { m, &ks };
	vs_status st = module_need_file(k, m, err);

	if (st == VS_OK && !ks.by_name)
		st = fail(err, VS_NOMEM, "module symbols");
	if (st == VS_OK)
		st = elffile_open(m->debug_path ? m->debug_path : m->path, &ks.file, err);
	if (st == VS_OK)
		st = elffile_symbols(ks.file, add_ko_symbol, &ks, err);
	if (st == VS_OK && !symtab_seal(ks.by_name))
		st = fail(err, VS_NOMEM, "module symbols");
	if (st == VS_OK) {
		st = modsyms_each(k, m, match_symbol, &x, err);
		// In every layout so far .text is the lowest section of the lowest text range.
		if (st && m->nsections == 0 && m->text_base)
			st = modsect_add(m, ".text", m->text_base) ? VS_OK : VS_NOMEM;
	}
	elffile_close(ks.file);
	symtab_destroy(ks.by_name);
	return m->nsections ? VS_OK : st ? st : fail(err, VS_NOTFOUND, "no symbol matches");
}

static vs_status load_sections(struct kernel *k, void *owner, struct err *err)
{
	struct err first = { 0 }, second = { 0 };
	struct module *m = owner;

	if (from_sect_attrs(k, m, &first) == VS_OK && m->nsections) {
		m->sections_source = "sect_attrs";
		return VS_OK;
	}
	m->nsections = 0;
	if (from_symbols(k, m, &second) == VS_OK) {
		m->sections_source = "kallsyms";
		return VS_OK;
	}
	return fail(err, VS_NOTFOUND, "module %s: section addresses are not in the dump: %s; %s",
		    m->name, first.msg, second.msg);
}

static void unload_sections(struct kernel *k, void *owner)
{
	struct module *m = owner;

	(void)k;
	free(m->sections);
	m->sections = NULL;
	m->nsections = 0;
	m->sections_source = NULL;
}

static const struct slot_ops sections_slot_ops = { load_sections, unload_sections };

vs_status module_need_sections(struct kernel *k, struct module *m, struct err *err)
{
	return slot_need(k, &m->sections_slot, &sections_slot_ops, m, err);
}

/* --- build-id */

struct id_search {
	struct kernel *k;
	struct build_id *id;
	bool lost; /* something could not be read */
};

static void try_note(void *ctx, const char *name, kva_t va, uint64_t size)
{
	struct id_search *s = ctx;
	AUTO_FREE uint8_t *data = NULL;

	(void)name;
	if (s->id->len || size == 0 || size > NOTE_MAX)
		return;
	data = malloc(size);
	if (data && mem_read(s->k->mem, va, data, size, NULL) == VS_OK)
		build_id_from_notes(data, size, s->id);
	else
		s->lost = true;
}

/* module.notes_attrs: struct module_notes_attrs { dir, notes, attrs[] } until 6.13; with grp since
 * 4723f16de64e (6.14). */
static void id_from_notes_attrs(struct module *m, struct id_search *s)
{
	struct kernel *k = s->k;
	uint64_t va, group, n, stride;
	struct member attrs;

	s->lost = record_field_read(k, &module_record, m->va, MODULE_NOTES_ATTRS, &va, NULL) != 0;
	if (s->lost || !va)
		return;
	if (record_field_read(k, &notes_attrs_record, va, NOTES_GROUP, &group, NULL) == VS_OK) {
		s->lost |= attrs_from_group(k, group, try_note, s, NULL) != VS_OK;
		return;
	}
	s->lost = true;
	if (record_member(k, &notes_attrs_record, NOTES_ARRAY, &attrs, NULL) ||
	    types_size(k->types, "bin_attribute", &stride, NULL) ||
	    record_field_read(k, &notes_attrs_record, va, NOTES_N, &n, NULL))
		return;
	s->lost = false;
	for (uint64_t i = 0; i < n && i < 64 && !m->id.len; i++) {
		struct record r;
		uint64_t note, len;

		record_read(k, &bin_attribute_record, va + attrs.off + i * stride, RECORD_ALL, &r);
		if (record_get(&r, BIN_PRIVATE, &note) && record_get(&r, BIN_SIZE, &len))
			try_note(s, "", note, len);
		else
			s->lost = true;
	}
}

/* The build-id of a note that starts at p: sizes of name and value, NT_GNU_BUILD_ID, "GNU". */
static bool is_id_note(const uint8_t *p, size_t len, struct build_id *ret)
{
	static const uint32_t name_size = 4, type = 3;
	uint32_t size;

	memcpy(&size, p + 4, sizeof(size));
	if (memcmp(p, &name_size, 4) != 0 || memcmp(p + 8, &type, 4) != 0 ||
	    memcmp(p + 12, "GNU", 4) != 0 || !size || size > BUILD_ID_MAX || size > len - 16)
		return false;
	ret->len = size;
	memcpy(ret->b, p + 16, size);
	return true;
}

/* If the attributes are lost, searches the module's data for the note itself. If it finds two that
 * differ, it cannot know which one is the module's, and takes neither. */
static void id_from_data(struct kernel *k, struct module *m)
{
	uint8_t piece[4096 + 16 + BUILD_ID_MAX];
	struct build_id id, found = { .len = 0 };

	for (size_t i = 0; i < m->nranges; i++) {
		const struct mod_range *r = &m->range[i];

		for (uint64_t off = 0; off < r->size; off += 4096) {
			uint64_t left = r->size - off;
			size_t want = left < sizeof(piece) ? (size_t)left : sizeof(piece);
			struct mem_got got = k->mem->read(k->mem, r->base + off, piece, want, NULL);

			for (size_t at = 0; at < 4096 && at + 16 < got.len; at += 4) {
				if (!is_id_note(piece + at, got.len - at, &id))
					continue;
				if (found.len && !build_id_equal(&found, &id))
					return;
				found = id;
			}
		}
	}
	m->id = found;
}

/* Is id in the range? Reads overlapping pieces, so that it cannot be split. */
static bool id_bytes_in_range(struct kernel *k, const struct mod_range *r,
			      const struct build_id *id)
{
	uint8_t piece[4096 + BUILD_ID_MAX];

	for (uint64_t off = 0; off < r->size; off += 4096) {
		uint64_t left = r->size - off;
		size_t want = left < sizeof(piece) ? (size_t)left : sizeof(piece);
		struct mem_got got = k->mem->read(k->mem, r->base + off, piece, want, NULL);

		if (memmem(piece, got.len, id->b, id->len))
			return true;
	}
	return false;
}

/* Is the file's build-id somewhere in the module's data? Used if the attributes are lost. */
static bool id_bytes_in_memory(struct kernel *k, const struct module *m, const struct build_id *id)
{
	for (size_t i = 0; i < m->nranges; i++)
		if (id_bytes_in_range(k, &m->range[i], id))
			return true;
	return false;
}

static vs_status load_id(struct kernel *k, void *owner, struct err *err)
{
	struct module *m = owner;
	struct id_search s = { .k = k, .id = &m->id };

	id_from_notes_attrs(m, &s);
	if (!m->id.len && s.lost)
		id_from_data(k, m);
	return m->id.len ? VS_OK : fail(err, VS_NOTFOUND, "module %s: no build-id", m->name);
}

static const struct slot_ops id_slot_ops = { load_id, NULL };

void modsect_find_id(struct kernel *k, struct module *m)
{
	(void)slot_need(k, &m->id_slot, &id_slot_ops, m, NULL);
}

bool modsect_id_in_memory(struct kernel *k, struct module *m, const struct build_id *id)
{
	modsect_find_id(k, m);
	if (m->id.len)
		return build_id_equal(&m->id, id);
	return id->len && id_bytes_in_memory(k, m, id);
}
