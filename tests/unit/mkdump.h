// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* mkdump.h - builds dumps from text: a case says which valid dump to start from, what to change,
 * and what must then happen. Grammar: tests/malformed/README. Numbers are written as in C; lines
 * are split at blanks outside "...". */
#include <ctype.h>
#include <errno.h>

#include "tests/unit/dumpfix.h"

#define MK_FILES   6
#define MK_WORDS   16
#define MK_CHECKS  40
#define MK_CHANGES 40

struct mk_line {
	int number;
	int n;
	char *w[MK_WORDS];
	char text[400];
};

/* One file of a case: its bytes, and the places of its parts. */
struct mk_file {
	struct buf b;
	bool is_elf;
	uint64_t notes; /* offset of the first note, 0: none */
	struct fix_kdump k;
};

struct mk_case {
	char name[80];
	char source[96];
	struct mk_line base, build[MK_CHANGES], change[MK_CHANGES], check[MK_CHECKS];
	size_t nbuild, nchange, ncheck;
	struct mk_file file[MK_FILES];
	size_t nfiles;
};

#define mk_bad(l, ...)                                                                             \
	do {                                                                                       \
		print_error("line %d: ", (l)->number);                                             \
		fail_msg(__VA_ARGS__);                                                             \
	} while (0)

/* --- text */

FIX bool mk_split(struct mk_line *l, const char *text, int number)
{
	char *p = l->text;

	l->number = number;
	l->n = 0;
	snprintf(l->text, sizeof(l->text), "%s", text);
	for (;;) {
		char end = 0;

		p += strspn(p, " \t\n");
		if (!*p || *p == '#' || l->n == MK_WORDS)
			return l->n > 0;
		if (*p == '"')
			end = *p++;
		l->w[l->n++] = p;
		while (*p && (end ? *p != end : !strchr(" \t\n", *p)))
			p++;
		if (*p)
			*p++ = '\0';
	}
}

FIX uint64_t mk_number(const struct mk_line *l, int i)
{
	char *end;
	uint64_t v;

	if (i >= l->n)
		mk_bad(l, "a number is missing");
	errno = 0;
	v = strtoull(l->w[i], &end, 0);
	if (*end == 'K' || *end == 'M' || *end == 'G')
		v <<= *end == 'K' ? 10 : *end == 'M' ? 20 : 30, end++;
	if (errno || *end || end == l->w[i])
		mk_bad(l, "'%s' is not a number", l->w[i]);
	return v;
}

FIX bool mk_is(const struct mk_line *l, const char *word)
{
	return strcmp(l->w[0], word) == 0;
}

/* --- fields by name */

struct mk_field {
	const char *name;
	unsigned off, size;
};

static const struct mk_field mk_kdump_fields[] = {
	{ "header_version", 8, 4 },
	{ "status", 424, 4 },
	{ "block_size", 428, 4 },
	{ "sub_hdr_size", 432, 4 },
	{ "bitmap_blocks", 436, 4 },
	{ "max_mapnr", 440, 4 },
	{ "nr_cpus", 460, 4 },
	{ "block_size_32", 416, 4 },
	{ "machine", 272, 8 },
	{ "timestamp", 408, 8 },
	{ NULL, 0, 0 },
};
static const struct mk_field mk_sub_fields[] = {
	{ "phys_base", 0, 8 },	       { "dump_level", 8, 4 },	    { "split", 12, 4 },
	{ "start_pfn", 16, 8 },	       { "end_pfn", 24, 8 },	    { "offset_vmcoreinfo", 32, 8 },
	{ "size_vmcoreinfo", 40, 8 },  { "offset_note", 48, 8 },    { "size_note", 56, 8 },
	{ "offset_eraseinfo", 64, 8 }, { "size_eraseinfo", 72, 8 }, { "start_pfn_64", 80, 8 },
	{ "end_pfn_64", 88, 8 },       { "max_mapnr_64", 96, 8 },   { NULL, 0, 0 },
};
static const struct mk_field mk_desc_fields[] = {
	{ "offset", 0, 8 }, { "size", 8, 4 }, { "flags", 12, 4 }, { NULL, 0, 0 }
};
static const struct mk_field mk_elf_fields[] = {
	{ "class", 4, 1 },	{ "data", 5, 1 },      { "e_type", 16, 2 },
	{ "e_machine", 18, 2 }, { "e_phoff", 32, 8 },  { "e_shoff", 40, 8 },
	{ "e_flags", 48, 4 },	{ "e_ehsize", 52, 2 }, { "e_phentsize", 54, 2 },
	{ "e_phnum", 56, 2 },	{ NULL, 0, 0 },
};
static const struct mk_field mk_phdr_fields[] = {
	{ "p_type", 0, 4 },    { "p_offset", 8, 8 }, { "p_vaddr", 16, 8 }, { "p_paddr", 24, 8 },
	{ "p_filesz", 32, 8 }, { "p_memsz", 40, 8 }, { "p_align", 48, 8 }, { NULL, 0, 0 },
};
static const struct mk_field mk_note_fields[] = {
	{ "n_namesz", 0, 4 }, { "n_descsz", 4, 4 }, { "n_type", 8, 4 }, { NULL, 0, 0 }
};

/* Offset in the file of element i of the array that the fields belong to. */
FIX uint64_t mk_note_at(const struct mk_file *f, uint64_t i)
{
	uint64_t at = f->notes;

	while (i--) {
		const uint8_t *p = (const uint8_t *)f->b.p + at;

		at += 12 + (load_u32(p) + 3) / 4 * 4 + (load_u32(p + 4) + 3) / 4 * 4;
	}
	return at;
}

FIX uint64_t mk_desc_at(const struct mk_file *f, uint64_t pfn)
{
	uint64_t n = 0;

	for (uint64_t i = f->k.split ? f->k.start : 0; i < pfn; i++)
		n += fix_stored(&f->k, i);
	return f->k.desc + n * 24;
}

/* The place and size in bytes of "desc[3].size" and the like. */
FIX bool mk_locate(const struct mk_file *f, const char *name, uint64_t *off, unsigned *size)
{
	const struct {
		const char *group;
		const struct mk_field *fields;
		uint64_t at;
		bool elf, kdump;
	} groups[] = {
		{ "", mk_kdump_fields, 0, false, true },
		{ "sub", mk_sub_fields, FIX_BLOCK, false, true },
		{ "", mk_elf_fields, 0, true, false },
		{ "shdr", (const struct mk_field[]){ { "sh_info", 44, 4 }, { NULL, 0, 0 } },
		  f->is_elf ? load_u64(f->b.p + 40) : 0, true, false },
		{ "phdr", mk_phdr_fields, f->is_elf ? load_u64(f->b.p + 32) : 0, true, false },
		{ "desc", mk_desc_fields, 0, false, true },
		{ "note", mk_note_fields, 0, true, true },
	};
	const char *dot = strrchr(name, '.'), *leaf = dot ? dot + 1 : name;
	size_t len = dot ? strcspn(name, "[.") : 0;
	uint64_t i = dot && name[len] == '[' ? strtoull(name + len + 1, NULL, 0) : 0;

	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		if (strlen(groups[g].group) != len || strncmp(groups[g].group, name, len) != 0 ||
		    !(f->is_elf ? groups[g].elf : groups[g].kdump))
			continue;
		for (const struct mk_field *x = groups[g].fields; x->name; x++) {
			if (strcmp(x->name, leaf) != 0)
				continue;
			*off = groups[g].at + x->off;
			*off += groups[g].fields == mk_phdr_fields   ? i * 56
				: groups[g].fields == mk_desc_fields ? mk_desc_at(f, i)
				: groups[g].fields == mk_note_fields ? mk_note_at(f, i)
								     : 0;
			*size = x->size;
			return true;
		}
	}
	return false;
}

/* --- building */

FIX void mk_flatten_file(struct mk_file *f, size_t step)
{
	struct buf out = { 0 };

	fix_flatten(&out, &f->b, step);
	buf_deinit(&f->b);
	f->b = out;
}

/* Options of a kdump that only the builder can make: kdump [version N] [max N] [status N] ... */
FIX void mk_kdump(struct mk_file *f, const struct mk_line *l, int from)
{
	fix_kdump_mixed(&f->k);
	for (int i = from; i < l->n; i += 2) {
		const char *w = l->w[i];
		uint64_t v = mk_number(l, i + 1);

		if (strcmp(w, "version") == 0)
			f->k.version = v ? (int32_t)v : -1;
		else if (strcmp(w, "max") == 0)
			f->k.max = v;
		else if (strcmp(w, "status") == 0)
			f->k.status = (uint32_t)v;
		else if (strcmp(w, "one_bitmap") == 0)
			f->k.one_bitmap = v;
		else if (strcmp(w, "diskdump") == 0)
			f->k.magic = v ? DISKDUMP_MAGIC : KDUMP_MAGIC;
		else if (strcmp(w, "start") == 0)
			f->k.split = true, f->k.start = v;
		else if (strcmp(w, "end") == 0)
			f->k.end = v;
		else
			mk_bad(l, "kdump has no '%s'", w);
	}
	fix_kdump_build(&f->k);
	f->b = f->k.b;
	f->k.b = (struct buf){ 0 };
	f->notes = FIX_BLOCK + sizeof(struct kdump_sub_header);
}

/* elf [xnum 1] and then lines: load PA FILESZ MEMSZ, note NAME TYPE SIZE. */
FIX void mk_elf(struct mk_file *f, const struct mk_case *c)
{
	struct fix_elf e = { .xnum = c->base.n > 1 };
	uint8_t desc[4096] = { 0 };

	for (size_t i = 0; i < c->nbuild; i++) {
		const struct mk_line *l = &c->build[i];

		if (mk_is(l, "load"))
			fix_elf_load(&e, mk_number(l, 1), mk_number(l, 2), mk_number(l, 3));
		else
			fix_note(&e.notes, l->w[1], (uint32_t)mk_number(l, 2), desc,
				 (uint32_t)mk_number(l, 3));
	}
	if (!e.nph)
		fix_elf_load(&e, 0x1000, 0x3000, 0x3000);
	if (!e.notes.len) {
		fix_note(&e.notes, "CORE", 1, desc, 336);
		fix_note(&e.notes, "VMCOREINFO", 0, FIX_VMCOREINFO, sizeof(FIX_VMCOREINFO) - 1);
	}
	fix_elf_build(&e);
	f->is_elf = true;
	f->b = e.b;
	e.b = (struct buf){ 0 };
	f->notes = 64 + (e.nph + 1) * 56 + (e.xnum ? 64 : 0);
	fix_elf_deinit(&e);
}

FIX void mk_base(struct mk_case *c)
{
	const struct mk_line *l = &c->base;
	struct mk_file *f = &c->file[0];

	c->nfiles = 1;
	if (mk_is(l, "kdump")) {
		mk_kdump(f, l, 1);
	} else if (mk_is(l, "elf")) {
		mk_elf(f, c);
	} else if (mk_is(l, "records")) {
		fix_flat_header(&f->b);
	} else if (mk_is(l, "raw")) {
		// nothing yet
	} else if (mk_is(l, "split")) { // split A B C...: members [0,A) [A,B) ...
		uint64_t start = 0;

		c->nfiles = 0;
		for (int i = 1; i < l->n; i++) {
			struct mk_line m;
			char text[80];
			uint64_t end = mk_number(l, i);

			snprintf(text, sizeof(text), "kdump start %llu end %llu",
				 (unsigned long long)start, (unsigned long long)end);
			mk_split(&m, text, l->number);
			mk_kdump(&c->file[c->nfiles++], &m, 1);
			start = end;
		}
	} else {
		mk_bad(l, "no base '%s'", l->w[0]);
	}
}

FIX void mk_put(struct mk_file *f, const struct mk_line *l)
{
	uint64_t off = 0, v = mk_number(l, 2);
	unsigned size = 0;

	if (!mk_locate(f, l->w[1], &off, &size))
		mk_bad(l, "no field '%s'", l->w[1]);
	if (off + size > f->b.len)
		mk_bad(l, "'%s' is past the end", l->w[1]);
	memcpy(f->b.p + off, &v, size);
}

/* bit1 PFN V, bit2 PFN V */
FIX void mk_bit(struct mk_file *f, const struct mk_line *l)
{
	uint64_t pfn = mk_number(l, 1);
	uint64_t at = (mk_is(l, "bit1") ? f->k.bitmap1 : f->k.bitmap2) + pfn / 8;
	uint8_t mask = (uint8_t)(1 << pfn % 8);

	if (at >= f->b.len)
		mk_bad(l, "bit past the end");
	if (mk_number(l, 2))
		f->b.p[at] |= (char)mask;
	else
		f->b.p[at] &= (char)~mask;
}

/* page PFN CODEC SIZE [TAIL]: stored data that unpacks to SIZE bytes, followed by TAIL bytes.
 * False: that codec is not built in. */
FIX bool mk_page(struct mk_file *f, const struct mk_line *l)
{
	static const char *const names[] = {
		[FIX_ZLIB] = "zlib", [FIX_LZO] = "lzo", [FIX_SNAPPY] = "snappy", [FIX_ZSTD] = "zstd"
	};
	size_t len = (size_t)mk_number(l, 3), tail = l->n > 4 ? (size_t)mk_number(l, 4) : 0, n = 0;
	uint8_t *plain = calloc(1, len + 1), *packed = calloc(1, 2 * len + 128);
	struct kdump_page_desc d = { .offset = (int64_t)f->b.len };
	uint64_t pfn = mk_number(l, 1);

	fix_page_fill(plain, len, pfn);
	if (len > FIX_BLOCK) // a decompression bomb, which must fit in one block when packed
		memset(plain, 0, len);
	for (enum fix_page how = FIX_ZLIB; how <= FIX_ZSTD; how++) {
		if (strcmp(names[how], l->w[2]) != 0)
			continue;
		n = fix_compress(how, packed, plain, len);
		d.flags = fix_flags(how);
	}
	d.size = (uint32_t)(n + tail);
	if (n) {
		buf_put(&f->b, packed, n);
		memset(packed, 0xee, tail);
		buf_put(&f->b, packed, tail);
		memcpy(f->b.p + mk_desc_at(f, pfn), &d, 24);
	}
	free(plain);
	free(packed);
	return n;
}

FIX void mk_cut(struct buf *b, uint64_t len)
{
	if (len < b->len)
		b->len = len;
}

/* bytes OFFSET HEX... ; OFFSET "end" appends. */
FIX void mk_bytes(struct mk_file *f, const struct mk_line *l)
{
	size_t at = strcmp(l->w[1], "end") == 0 ? f->b.len : (size_t)mk_number(l, 1);

	for (int i = 2; i < l->n; i++) {
		for (const char *p = l->w[i]; *p && p[1]; p += 2, at++) {
			char two[3] = { p[0], p[1], 0 };
			char v = (char)strtoul(two, NULL, 16);

			if (at < f->b.len)
				f->b.p[at] = v;
			else
				buf_putc(&f->b, v);
		}
	}
}

FIX void mk_mem(struct mk_file *f, const struct mk_line *l)
{
	uint64_t pa = mk_number(l, 1), v = mk_number(l, 2);
	const Elf64_Phdr *p = (const Elf64_Phdr *)(void *)(f->b.p + load_u64(f->b.p + 32));

	for (; p->p_type == PT_NOTE || p->p_type == PT_LOAD; p++) {
		if (p->p_type == PT_LOAD && pa - p->p_paddr < p->p_filesz) {
			memcpy(f->b.p + p->p_offset + (pa - p->p_paddr), &v, 8);
			return;
		}
	}
	mk_bad(l, "no memory at %s", l->w[1]);
}

/* False: this build lacks a codec. */
FIX bool mk_change(struct mk_case *c, const struct mk_line *l, size_t *current)
{
	struct mk_file *f = &c->file[*current];

	if (mk_is(l, "file")) {
		*current = (size_t)mk_number(l, 1);
		if (*current >= c->nfiles)
			mk_bad(l, "there is no such file");
	} else if (mk_is(l, "put")) {
		mk_put(f, l);
	} else if (mk_is(l, "bit1") || mk_is(l, "bit2")) {
		mk_bit(f, l);
	} else if (mk_is(l, "page")) {
		return mk_page(f, l);
	} else if (mk_is(l, "cut")) {
		mk_cut(&f->b, mk_number(l, 1));
	} else if (mk_is(l, "zeros")) { // zeros FROM LEN
		memset(f->b.p + mk_number(l, 1), 0, mk_number(l, 2));
	} else if (mk_is(l, "grow")) {
		fix_zeros(&f->b, mk_number(l, 1));
	} else if (mk_is(l, "bytes")) {
		mk_bytes(f, l);
	} else if (mk_is(l, "text")) { // text OFFSET STRING
		memcpy(f->b.p + mk_number(l, 1), l->w[2], strlen(l->w[2]));
	} else if (mk_is(l, "u64")) { // u64 OFFSET VALUE
		uint64_t v = mk_number(l, 2);

		memcpy(f->b.p + mk_number(l, 1), &v, 8);
	} else if (mk_is(l, "mem")) { // mem ADDRESS VALUE: a word of an ELF dump's memory
		mk_mem(f, l);
	} else if (mk_is(l, "flat")) {
		mk_flatten_file(f, (size_t)mk_number(l, 1));
	} else if (mk_is(l, "unend")) {
		mk_cut(&f->b, f->b.len - 16);
	} else if (mk_is(l, "record")) { // record OFFSET SIZE BYTES-IN-FILE
		struct buf data = { 0 };

		fix_zeros(&data, mk_number(l, 3));
		fix_flat_record(&f->b, (int64_t)mk_number(l, 1), (int64_t)mk_number(l, 2),
				data.p ? data.p : "", data.len);
		buf_deinit(&data);
	} else if (mk_is(l, "tiny")) { // tiny COUNT STEP: records of one byte
		for (uint64_t i = 0; i < mk_number(l, 1); i++)
			fix_flat_record(&f->b, (int64_t)(i * mk_number(l, 2)), 1, "", 1);
	} else if (mk_is(l, "drop")) { // a member that is not given
		buf_deinit(&f->b);
		memmove(f, f + 1, (c->nfiles - 1 - *current) * sizeof(*f));
		c->nfiles--;
	} else if (mk_is(l, "twice")) {
		c->file[c->nfiles] = (struct mk_file){ .b = { 0 } };
		buf_put(&c->file[c->nfiles++].b, f->b.p, f->b.len);
	} else {
		return false;
	}
	return true;
}

FIX void mk_free(struct mk_case *c)
{
	for (size_t i = 0; i < c->nfiles; i++)
		buf_deinit(&c->file[i].b);
	c->nfiles = 0;
}

/* Build the files. False: a codec is missing. */
FIX bool mk_build(struct mk_case *c)
{
	size_t current = 0;

	mk_base(c);
	for (size_t i = 0; i < c->nchange; i++) {
		const struct mk_line *l = &c->change[i];

		if (!mk_change(c, l, &current)) {
			if (!mk_is(l, "page"))
				mk_bad(l, "what is '%s'?", l->w[0]);
			return false;
		}
	}
	return true;
}

/* --- reading cases */

FIX bool mk_is_check(const struct mk_line *l)
{
	static const char *const words[] = { "open",   "warn",	       "at",	"read",
					     "shrink", "vmcoreinfo",   "notes", "regs",
					     "walk",   "max",	       "state", "kernel",
					     "root",   "zero-excluded" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (mk_is(l, words[i]))
			return true;
	return false;
}

FIX void mk_take(struct mk_case *c, const struct mk_line *l)
{
	bool build = mk_is(l, "load") || mk_is(l, "note");
	struct mk_line *to = !c->base.n	      ? &c->base
			     : mk_is_check(l) ? &c->check[c->ncheck++]
			     : build	      ? &c->build[c->nbuild++]
					      : &c->change[c->nchange++];

	if (c->ncheck == MK_CHECKS || c->nbuild == MK_CHANGES || c->nchange == MK_CHANGES)
		mk_bad(l, "too long a case");
	*to = *l;
	for (int i = 0; i < l->n; i++)
		to->w[i] = to->text + (l->w[i] - l->text);
}

/* Calls fn for every case of a file. */
FIX void mk_each(const char *path, void (*fn)(struct mk_case *c, void *ctx), void *ctx)
{
	struct mk_case *c = calloc(1, sizeof(*c));
	char text[400];
	struct mk_line l;
	FILE *f = fopen(path, "r");
	int number = 0;

	if (!f)
		fail_msg("%s: cannot be read", path);
	while (fgets(text, sizeof(text), f)) {
		if (!mk_split(&l, text, ++number))
			continue;
		if (mk_is(&l, "case")) {
			if (c->name[0])
				fn(c, ctx);
			memset(c, 0, sizeof(*c));
			snprintf(c->name, sizeof(c->name), "%s", l.w[1]);
			snprintf(c->source, sizeof(c->source), "%.60s:%d", path, number);
		} else {
			mk_take(c, &l);
		}
	}
	if (c->name[0])
		fn(c, ctx);
	fclose(f);
	free(c);
}
