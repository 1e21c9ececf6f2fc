// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* dumpfix.h - small dumps built in memory for the unit tests of stub/dump: builds a valid dump from
 * a spec, in which a test then changes one field. Page content is a function of the pfn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* cmocka's fail() is a macro that hides the one in err.h, and fail_msg() uses it. */
#undef fail
#undef fail_msg
#define fail_msg(...)                                                                              \
	(print_error("ERROR: " __VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include <elf.h>
#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#ifdef HAVE_LZO
#include <lzo/lzo1x.h>
#endif
#ifdef HAVE_SNAPPY
#include <snappy-c.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "stub/base/buf.h"
#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/dump/codec.h"
#include "stub/dump/dump.h"
#include "stub/dump/kdump_format.h"

#define FIX __attribute__((unused)) static

enum fix_page {
	FIX_HOLE,
	FIX_EXCLUDED,
	FIX_RAW,
	FIX_ZLIB,
	FIX_LZO,
	FIX_SNAPPY,
	FIX_ZSTD,
	FIX_ZERO
};

#define FIX_BLOCK 4096
#define FIX_PAGES 64 /* pfns of the default fixture */

/* A file on disk; fix_file_remove() removes it. */
struct fix_file {
	char path[64];
};

FIX void fix_file_write(struct fix_file *f, const void *p, size_t n)
{
	int fd;

	strcpy(f->path, "/tmp/vmstub-test-XXXXXX");
	fd = mkstemp(f->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	close(fd);
}

FIX void fix_file_remove(struct fix_file *f)
{
	unlink(f->path);
}

/* Bytes of the page at pfn: text-like, so that every codec can compress it. */
FIX void fix_page_fill(uint8_t *dst, size_t len, uint64_t pfn)
{
	for (size_t i = 0; i < len; i++)
		dst[i] = (uint8_t)((i / 32) * 7 + pfn * 13 + (i % 4 == 0 ? pfn >> 8 : 0) + 1);
}

/* Compresses src into dst (room for 2 * len + 64) with that codec. Returns the size; 0: the codec
 * is not built in. */
FIX size_t fix_compress(enum fix_page how, uint8_t *dst, const uint8_t *src, size_t len)
{
	size_t n = 2 * len + 64;
	uLongf zn = n;

	switch (how) {
	case FIX_ZLIB:
		assert_int_equal(compress2(dst, &zn, src, len, 6), Z_OK);
		return zn;
#ifdef HAVE_LZO
	case FIX_LZO: {
		void *work = malloc(LZO1X_1_MEM_COMPRESS);
		lzo_uint ln = n;

		assert_int_equal(lzo1x_1_compress(src, len, dst, &ln, work), LZO_E_OK);
		free(work);
		return ln;
	}
#endif
#ifdef HAVE_SNAPPY
	case FIX_SNAPPY:
		assert_int_equal(snappy_compress((const char *)src, len, (char *)dst, &n),
				 SNAPPY_OK);
		return n;
#endif
#ifdef HAVE_ZSTD
	case FIX_ZSTD:
		n = ZSTD_compress(dst, n, src, len, 1);
		assert_false(ZSTD_isError(n));
		return n;
#endif
	default:
		return 0;
	}
}

FIX uint32_t fix_flags(enum fix_page how)
{
	switch (how) {
	case FIX_ZLIB:
		return CODEC_ZLIB;
	case FIX_LZO:
		return CODEC_LZO;
	case FIX_SNAPPY:
		return CODEC_SNAPPY;
	case FIX_ZSTD:
		return CODEC_ZSTD;
	default:
		return 0;
	}
}

/* --- notes */

FIX void fix_note_padded(struct buf *b, const char *name, uint32_t type, const void *desc,
			 uint32_t len, size_t align)
{
	uint32_t head[3] = { (uint32_t)strlen(name) + 1, len, type };
	static const char zeros[8];

	buf_put(b, head, sizeof(head));
	buf_put(b, name, head[0]);
	buf_put(b, zeros, (align - (b->len % align)) % align);
	buf_put(b, desc, len);
	buf_put(b, zeros, (align - (b->len % align)) % align);
}

FIX void fix_note(struct buf *b, const char *name, uint32_t type, const void *desc, uint32_t len)
{
	fix_note_padded(b, name, type, desc, len, 4);
}

#define FIX_VMCOREINFO                                                                             \
	"OSRELEASE=6.1.0-test\nPAGESIZE=4096\nSYMBOL(init_uts_ns)=ffffffff82a17200\nNUMBER(phys_"  \
	"base)=4096\n"

/* --- compressed kdump */

struct fix_kdump {
	/* spec; zero means the default in brackets */
	int32_t version;   /* [6] -1 = 0 */
	const char *magic; /* [KDUMP] */
	uint32_t status;
	bool one_bitmap, split;
	uint64_t start, end; /* of a split member */
	uint64_t max;	     /* [FIX_PAGES] pfns; only the first FIX_PAGES have content */
	enum fix_page page[FIX_PAGES];
	const char *notes; /* [FIX_VMCOREINFO note and two PRSTATUS] */
	size_t notes_len;
	/* result */
	struct buf b;
	uint64_t bitmap1, bitmap2, desc, data;
};

FIX void fix_kdump_deinit(struct fix_kdump *k)
{
	buf_deinit(&k->b);
}

FIX void fix_zeros(struct buf *b, size_t upto)
{
	static const char zeros[FIX_BLOCK];

	while (b->len < upto)
		buf_put(b, zeros, upto - b->len < FIX_BLOCK ? upto - b->len : FIX_BLOCK);
}

/* Gives the pages all kinds in turn. */
FIX void fix_kdump_mixed(struct fix_kdump *k)
{
	static const enum fix_page cycle[] = { FIX_RAW,	 FIX_ZLIB,     FIX_HOLE,
					       FIX_LZO,	 FIX_EXCLUDED, FIX_ZERO,
					       FIX_ZSTD, FIX_ZERO,     FIX_SNAPPY };

	*k = (struct fix_kdump){ 0 };
	for (size_t i = 0; i < FIX_PAGES; i++)
		k->page[i] = cycle[i % 9];
}

FIX bool fix_stored(const struct fix_kdump *k, size_t i)
{
	return k->page[i] != FIX_HOLE && k->page[i] != FIX_EXCLUDED;
}

FIX void fix_kdump_notes(struct fix_kdump *k, struct buf *notes)
{
	uint8_t prstatus[336] = { 0 };

	if (k->notes) {
		buf_put(notes, k->notes, k->notes_len);
		return;
	}
	fix_note(notes, "CORE", 1, prstatus, sizeof(prstatus));
	fix_note(notes, "CORE", 1, prstatus, sizeof(prstatus));
	fix_note(notes, "VMCOREINFO", 0, FIX_VMCOREINFO, sizeof(FIX_VMCOREINFO) - 1);
}

FIX void fix_kdump_headers(struct fix_kdump *k, int32_t version, const struct buf *notes)
{
	struct kdump_header h = { .header_version = version, .block_size = FIX_BLOCK };
	struct kdump_sub_header s = { 0 };
	uint64_t need = ((k->max + 7) / 8 + FIX_BLOCK - 1) / FIX_BLOCK;

	memcpy(h.signature, k->magic ? k->magic : KDUMP_MAGIC, KDUMP_MAGIC_LEN);
	strcpy(h.nodename, "node");
	strcpy(h.machine, "x86_64");
	h.timestamp_sec = 1700000000;
	h.status = k->status;
	h.sub_hdr_size = 1 + (int32_t)(notes->len / FIX_BLOCK);
	h.bitmap_blocks = (uint32_t)(k->one_bitmap ? need : 2 * need);
	h.max_mapnr = k->max > UINT32_MAX ? UINT32_MAX : (uint32_t)k->max;
	s.dump_level = 31;
	s.split = k->split;
	s.start_pfn = s.start_pfn_64 = k->start;
	s.end_pfn = s.end_pfn_64 = k->end;
	s.max_mapnr_64 = k->max;
	s.offset_note = FIX_BLOCK + sizeof(s);
	s.size_note = notes->len;
	k->bitmap1 = FIX_BLOCK * (uint64_t)(1 + h.sub_hdr_size);
	k->bitmap2 = k->bitmap1 + (k->one_bitmap ? 0 : need * FIX_BLOCK);
	k->desc = k->bitmap2 + need * FIX_BLOCK;
	buf_put(&k->b, &h, sizeof(h));
	fix_zeros(&k->b, FIX_BLOCK);
	buf_put(&k->b, &s, sizeof(s));
	buf_put(&k->b, notes->p, notes->len);
	fix_zeros(&k->b, k->desc);
}

/* Append the data of page i and return its descriptor; pages of zeros share the first page of the
 * data area. */
FIX struct kdump_page_desc fix_kdump_data(struct fix_kdump *k, size_t i)
{
	uint8_t page[FIX_BLOCK], packed[2 * FIX_BLOCK + 64];
	struct kdump_page_desc d = { (int64_t)k->data, FIX_BLOCK, 0, 0 };
	size_t n;

	if (k->page[i] == FIX_ZERO)
		return d;
	fix_page_fill(page, sizeof(page), i);
	n = fix_compress(k->page[i], packed, page, sizeof(page));
	d.offset = (int64_t)k->b.len;
	d.flags = fix_flags(k->page[i]);
	d.size = n ? (uint32_t)n : FIX_BLOCK;
	if (!n)
		d.flags = 0; // a codec that is not built in: store raw
	buf_put(&k->b, n ? packed : page, d.size);
	return d;
}

/* Build the whole file into k->b. */
FIX void fix_kdump_build(struct fix_kdump *k)
{
	struct buf notes = { 0 };
	size_t n = 0, at = 0;

	if (!k->max)
		k->max = FIX_PAGES;
	fix_kdump_notes(k, &notes);
	fix_kdump_headers(k, k->version < 0 ? 0 : k->version ? k->version : 6, &notes);
	buf_deinit(&notes);
	for (size_t i = 0; i < FIX_PAGES && i < k->max; i++) {
		if (k->page[i] != FIX_HOLE)
			k->b.p[k->bitmap1 + i / 8] |= (char)(1 << (i % 8));
		if (k->one_bitmap && !fix_stored(k, i))
			k->b.p[k->bitmap1 + i / 8] &= (char)~(1 << (i % 8));
		if (fix_stored(k, i))
			k->b.p[k->bitmap2 + i / 8] |= (char)(1 << (i % 8));
		n += fix_stored(k, i);
	}
	k->data = k->desc + n * sizeof(struct kdump_page_desc);
	fix_zeros(&k->b, k->data + FIX_BLOCK);
	for (size_t i = 0; i < FIX_PAGES && i < k->max; i++) {
		struct kdump_page_desc d;

		if (!fix_stored(k, i) || (k->split && (i < k->start || i >= k->end)))
			continue;
		d = fix_kdump_data(k, i);
		memcpy(k->b.p + k->desc + at++ * sizeof(d), &d, sizeof(d));
	}
}

FIX void fix_kdump_build_mixed(struct fix_kdump *k)
{
	fix_kdump_mixed(k);
	fix_kdump_build(k);
}

/* Descriptor of pfn in a built, unsplit file. */
FIX struct kdump_page_desc *fix_desc(struct fix_kdump *k, size_t pfn)
{
	size_t n = 0;

	for (size_t i = 0; i < pfn; i++)
		n += fix_stored(k, i);
	return (struct kdump_page_desc *)(void *)(k->b.p + k->desc + n * 24);
}

FIX struct kdump_header *fix_head(struct fix_kdump *k)
{
	return (struct kdump_header *)(void *)k->b.p;
}

FIX struct kdump_sub_header *fix_sub(struct fix_kdump *k)
{
	return (struct kdump_sub_header *)(void *)(k->b.p + FIX_BLOCK);
}

/* --- ELF */

struct fix_elf {
	struct buf b;
	Elf64_Phdr ph[64];
	size_t nph;
	uint16_t ehsize; /* [64] */
	uint64_t phoff;	 /* [64] */
	uint32_t flags;
	bool xnum;
	struct buf notes;
};

FIX void fix_elf_deinit(struct fix_elf *e)
{
	buf_deinit(&e->b);
	buf_deinit(&e->notes);
}

/* A PT_LOAD of filesz bytes of page content by physical address, memsz - filesz excluded. */
FIX Elf64_Phdr *fix_elf_load(struct fix_elf *e, uint64_t pa, uint64_t filesz, uint64_t memsz)
{
	Elf64_Phdr *p = &e->ph[e->nph++];

	*p = (Elf64_Phdr){ .p_type = PT_LOAD,
			   .p_paddr = pa,
			   .p_vaddr = pa,
			   .p_filesz = filesz,
			   .p_memsz = memsz };
	return p;
}

FIX uint8_t fix_byte_at(uint64_t pa)
{
	return (uint8_t)((pa >> 12) * 31 + (pa & 4095) / 16 + (pa & 15) * 3 + 1);
}

FIX void fix_elf_build(struct fix_elf *e)
{
	Elf64_Ehdr h = { .e_type = ET_CORE,
			 .e_machine = EM_X86_64,
			 .e_version = 1,
			 .e_phentsize = sizeof(Elf64_Phdr) };
	Elf64_Shdr sh = { .sh_size = 1 };
	size_t nph = e->nph + (e->notes.len != 0);
	uint64_t off;

	memcpy(h.e_ident, "\177ELF\2\1\1", 7);
	h.e_ehsize = e->ehsize ? e->ehsize : sizeof(h);
	h.e_phoff = e->phoff ? e->phoff : sizeof(h);
	h.e_flags = e->flags;
	h.e_phnum = e->xnum ? PN_XNUM : (uint16_t)nph;
	off = h.e_phoff + nph * sizeof(Elf64_Phdr);
	if (e->xnum) {
		h.e_shoff = off;
		h.e_shentsize = sizeof(sh);
		h.e_shnum = 1;
		sh.sh_info = (uint32_t)nph;
		off += sizeof(sh);
	}
	buf_put(&e->b, &h, sizeof(h));
	fix_zeros(&e->b, h.e_phoff);
	if (e->notes.len) {
		Elf64_Phdr note = { .p_type = PT_NOTE, .p_offset = off, .p_filesz = e->notes.len };

		buf_put(&e->b, &note, sizeof(note));
		off += e->notes.len;
	}
	for (size_t i = 0; i < e->nph; i++) {
		if (e->ph[i].p_type == PT_LOAD && e->ph[i].p_filesz && !e->ph[i].p_offset) {
			e->ph[i].p_offset = off;
			off += e->ph[i].p_filesz;
		}
		buf_put(&e->b, &e->ph[i], sizeof(e->ph[i]));
	}
	if (e->xnum)
		buf_put(&e->b, &sh, sizeof(sh));
	buf_put(&e->b, e->notes.p, e->notes.len);
	for (size_t i = 0; i < e->nph; i++) {
		for (uint64_t j = 0; j < e->ph[i].p_filesz && e->ph[i].p_offset == e->b.len - j;
		     j++)
			buf_putc(&e->b, (char)fix_byte_at(e->ph[i].p_paddr + j));
	}
}

FIX Elf64_Ehdr *fix_ehdr(struct fix_elf *e)
{
	return (Elf64_Ehdr *)(void *)e->b.p;
}

/* --- flattened container */

FIX void fix_flat_header(struct buf *b)
{
	uint64_t one = htobe64(1);

	buf_put(b, "makedumpfile\0\0\0\0", 16);
	buf_put(b, &one, 8);
	buf_put(b, &one, 8);
	fix_zeros(b, FIX_BLOCK);
}

FIX void fix_flat_record(struct buf *b, int64_t off, int64_t len, const void *p, size_t n)
{
	uint64_t h[2] = { htobe64((uint64_t)off), htobe64((uint64_t)len) };

	buf_put(b, h, sizeof(h));
	buf_put(b, p, n);
}

FIX void fix_flat_end(struct buf *b)
{
	fix_flat_record(b, -1, -1, "", 0);
}

/* Writes `in` in pieces of `step` bytes; odd pieces first, so that records are out of order. */
FIX void fix_flatten(struct buf *b, const struct buf *in, size_t step)
{
	fix_flat_header(b);
	for (int odd = 1; odd >= 0; odd--) {
		for (size_t off = odd ? step : 0; off < in->len; off += 2 * step) {
			size_t n = in->len - off < step ? in->len - off : step;

			fix_flat_record(b, (int64_t)off, (int64_t)n, in->p + off, n);
		}
	}
	fix_flat_end(b);
}

/* --- opening what was built */

FIX vs_status fix_open_bytes(const void *p, size_t n, struct dump **d, struct err *err)
{
	struct fix_file f;
	const char *path = f.path;
	vs_status st;

	fix_file_write(&f, p, n);
	st = dump_open(&path, 1, d, err);
	fix_file_remove(&f); // the open descriptor keeps it alive
	return st;
}

FIX struct dump *fix_open_ok(const void *p, size_t n)
{
	struct err err = { 0 };
	struct dump *d = NULL;

	if (fix_open_bytes(p, n, &d, &err))
		fail_msg("%s", err.msg);
	return d;
}

/* The open must fail with that status and a message that contains want. */
FIX void fix_open_fails(const void *p, size_t n, vs_status want_st, const char *want)
{
	struct err err = { 0 };
	struct dump *d = NULL;
	vs_status st = fix_open_bytes(p, n, &d, &err);

	if (st == VS_OK)
		fail_msg("opened, expected \"%s\"", want);
	if (st != want_st || !strstr(err.msg, want) || strchr(err.msg, '\n'))
		fail_msg("got %d \"%s\", expected %d \"%s\"", st, err.msg, want_st, want);
	assert_null(d);
}

/* Status of reading the whole page at pfn; its bytes into page. */
FIX vs_status fix_read_page(struct dump *d, uint64_t pfn, uint8_t *page, struct err *err)
{
	struct mem_got got = dump_mem(d)->read(dump_mem(d), pfn * FIX_BLOCK, page, FIX_BLOCK, err);

	assert_true((got.len == FIX_BLOCK) == (got.why == VS_OK));
	return got.why;
}

/* Reading that page must fail with this status, and dump_page_state() must agree if `state`. */
FIX void fix_page_fails(struct dump *d, uint64_t pfn, vs_status want_st, const char *want)
{
	uint8_t page[FIX_BLOCK];
	struct err err = { 0 };
	vs_status st = fix_read_page(d, pfn, page, &err);

	if (st != want_st || !strstr(err.msg, want))
		fail_msg("pfn %#llx: got %d \"%s\", expected %d \"%s\"", (unsigned long long)pfn,
			 st, err.msg, want_st, want);
}

/* Every page of a kdump fixture reads as its spec says. */
FIX void fix_check_pages(struct dump *d, const struct fix_kdump *k)
{
	for (size_t i = 0; i < FIX_PAGES && i < k->max; i++) {
		uint8_t page[FIX_BLOCK], want[FIX_BLOCK] = { 0 };
		vs_status st = fix_read_page(d, i, page, NULL);
		vs_status want_st = k->page[i] == FIX_HOLE ? VS_HOLE : VS_EXCLUDED;

		if (fix_stored(k, i))
			want_st = VS_OK;
		assert_int_equal(st, want_st);
		assert_int_equal(dump_page_state(d, i), want_st);
		if (k->page[i] != FIX_ZERO)
			fix_page_fill(want, sizeof(want), i);
		if (!st)
			assert_memory_equal(page, want, sizeof(page));
	}
}
