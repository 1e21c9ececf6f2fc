// SPDX-License-Identifier: GPL-3.0-or-later
/* memprogram.c - makes an ELF file from a program's memory. It has no section headers there, which
 * gdb needs, but program headers: they lead to the dynamic section with the table of exported names
 * (as long as the table of their hashes says), and to .eh_frame by its index, .eh_frame_hdr.
 * All of that is what the program had: any number may be wrong. */
#include "stub/usercore/memprogram.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/elf/elfwrite.h"
#include "stub/kernel/kernel.h"

#define MAX_SIZE    (4ULL << 30) /* of a program in memory */
#define MAX_LOADS   32
#define MAX_DYNAMIC 1024
#define MAX_SYMBOLS (1u << 20)
#define MAX_STRINGS (64u << 20)
#define MAX_FRAMES  (64u << 20)
/* DW_EH_PE_pcrel | DW_EH_PE_sdata4, as linkers write the pointer to .eh_frame */
#define EH_FRAME_ENCODING 0x1b

struct memory {
	struct process *p;
	uint64_t bias, lo, hi; /* of all segments */
	Elf64_Phdr load[MAX_LOADS];
	uint16_t section[MAX_LOADS];
	size_t nloads;
	uint64_t dynamic, eh_header; /* 0: none */
};

/* The dynamic section as far as it is needed. */
struct dynamic {
	uint64_t symbols, strings, strings_len, hash, gnu_hash;
};

static bool find_segments(struct memory *m, uint64_t start)
{
	_Alignas(8) uint8_t page[PROCESS_PAGE];
	bool first = true;
	Elf64_Ehdr h;

	if (!process_read(m->p, start & ~(PROCESS_PAGE - 1), page, sizeof(page), NULL))
		return false;
	memcpy(&h, page, sizeof(h));
	if (memcmp(h.e_ident, ELFMAG, SELFMAG) != 0 || h.e_ident[EI_CLASS] != ELFCLASS64 ||
	    h.e_phentsize != sizeof(Elf64_Phdr) || h.e_phoff > sizeof(page) ||
	    h.e_phnum > (sizeof(page) - h.e_phoff) / sizeof(Elf64_Phdr))
		return false;
	m->lo = UINT64_MAX;
	for (size_t i = 0; i < h.e_phnum; i++) {
		Elf64_Phdr ph;
		uint64_t va, end;

		memcpy(&ph, page + h.e_phoff + i * sizeof(ph), sizeof(ph));
		if (ph.p_type == PT_LOAD && first)
			m->bias = start - ph.p_vaddr;
		first &= ph.p_type != PT_LOAD;
		va = ph.p_vaddr + m->bias;
		if (ph.p_type == PT_DYNAMIC)
			m->dynamic = ph.p_vaddr;
		if (ph.p_type == PT_GNU_EH_FRAME)
			m->eh_header = ph.p_vaddr;
		if (ph.p_type != PT_LOAD || m->nloads == MAX_LOADS)
			continue;
		if (__builtin_add_overflow(va, ph.p_memsz, &end))
			return false;
		m->load[m->nloads++] = ph;
		m->lo = va < m->lo ? va : m->lo;
		m->hi = end > m->hi ? end : m->hi;
	}
	return m->nloads && m->hi > m->lo && m->hi - m->lo <= MAX_SIZE;
}

/* The segment of an address in memory; MAX_LOADS: none. */
static size_t segment_of(const struct memory *m, uint64_t va)
{
	for (size_t i = 0; i < m->nloads; i++)
		if (va - m->bias - m->load[i].p_vaddr < m->load[i].p_memsz)
			return i;
	return MAX_LOADS;
}

/* --- names */

/* The dynamic loader adds the bias to the addresses in memory, but not in all of them. */
static uint64_t address(const struct memory *m, uint64_t value)
{
	return value >= m->bias ? value : value + m->bias;
}

static bool read_dynamic(const struct memory *m, struct dynamic *ret)
{
	*ret = (struct dynamic){ .symbols = 0 };
	for (size_t i = 0; i < MAX_DYNAMIC; i++) {
		Elf64_Dyn d;

		if (!process_read(m->p, m->dynamic + m->bias + i * sizeof(d), (uint8_t *)&d,
				  sizeof(d), NULL) ||
		    d.d_tag == DT_NULL)
			break;
		if (d.d_tag == DT_SYMTAB)
			ret->symbols = address(m, d.d_un.d_ptr);
		else if (d.d_tag == DT_STRTAB)
			ret->strings = address(m, d.d_un.d_ptr);
		else if (d.d_tag == DT_STRSZ)
			ret->strings_len = d.d_un.d_val;
		else if (d.d_tag == DT_HASH)
			ret->hash = address(m, d.d_un.d_ptr);
		else if (d.d_tag == DT_GNU_HASH)
			ret->gnu_hash = address(m, d.d_un.d_ptr);
	}
	return ret->symbols && ret->strings && ret->strings_len && ret->strings_len <= MAX_STRINGS;
}

/* The end of the chain that begins at symbol `at`: its hash is odd. words: where that of symbol 0
 * would be. */
static uint64_t end_of_chain(const struct memory *m, uint64_t words, uint64_t at)
{
	uint32_t some[PROCESS_PAGE / 4];

	while (at < MAX_SYMBOLS) {
		uint64_t va = words + 4 * at;
		size_t n = (PROCESS_PAGE - va % PROCESS_PAGE) / 4; // up to the end of its page

		if (va % 4 || !process_read(m->p, va, (uint8_t *)some, 4 * n, NULL))
			break;
		for (size_t i = 0; i < n; i++, at++)
			if (some[i] & 1)
				return at + 1;
	}
	return 0;
}

/* The number of symbols by the table of GNU hashes: up to the end of the chain that begins last. */
static uint64_t count_gnu(const struct memory *m, uint64_t table)
{
	uint32_t head[4], last = 0; // buckets, first symbol, words of the filter, shift
	AUTO_FREE uint32_t *buckets = NULL;
	uint64_t at;

	if (!process_read(m->p, table, (uint8_t *)head, sizeof(head), NULL) ||
	    head[0] > MAX_SYMBOLS || head[1] > MAX_SYMBOLS || head[2] > MAX_SYMBOLS)
		return 0;
	at = table + sizeof(head) + 8ULL * head[2];
	buckets = calloc(head[0] + 1ULL, sizeof(*buckets));
	if (!buckets || !process_read(m->p, at, (uint8_t *)buckets, 4ULL * head[0], NULL))
		return 0;
	for (uint32_t i = 0; i < head[0]; i++)
		last = buckets[i] > last ? buckets[i] : last;
	if (last < head[1])
		return head[1];
	return end_of_chain(m, at + 4ULL * head[0] - 4ULL * head[1], last);
}

static uint64_t count_symbols(const struct memory *m, const struct dynamic *d)
{
	uint32_t head[2]; // buckets, chains: one for each symbol
	uint64_t n = 0;

	if (d->hash && process_read(m->p, d->hash, (uint8_t *)head, sizeof(head), NULL))
		n = head[1];
	else if (d->gnu_hash)
		n = count_gnu(m, d->gnu_hash);
	return n <= MAX_SYMBOLS ? n : 0;
}

static size_t add_symbols(const struct memory *m, const struct dynamic *d, struct elfwrite *w)
{
	uint64_t n = count_symbols(m, d);
	AUTO_FREE Elf64_Sym *v = calloc(n + 1, sizeof(*v));
	AUTO_FREE uint8_t *names = calloc(1, d->strings_len + 1);
	size_t added = 0;
	uint32_t base;

	if (!v || !names || !n ||
	    !process_read(m->p, d->symbols, (uint8_t *)v, n * sizeof(*v), NULL) ||
	    !process_read(m->p, d->strings, names, d->strings_len, NULL))
		return 0;
	base = elfwrite_names(w, names, d->strings_len + 1);
	for (uint64_t i = 1; i < n; i++) {
		Elf64_Sym s = v[i];
		unsigned type = ELF64_ST_TYPE(s.st_info);
		size_t segment = segment_of(m, s.st_value + m->bias);

		// Absolute ones are names of versions.
		if (s.st_shndx == SHN_UNDEF || s.st_shndx >= SHN_LORESERVE ||
		    s.st_name >= d->strings_len || segment == MAX_LOADS ||
		    (type != STT_FUNC && type != STT_OBJECT && type != STT_GNU_IFUNC))
			continue;
		s.st_name += base;
		s.st_value += m->bias;
		s.st_shndx = m->section[segment];
		elfwrite_symbol(w, &s);
		added++;
	}
	return added;
}

/* --- frames */

/* The bytes of .eh_frame up to its end, which is a length of 0, or up to the first page that is not
 * in memory. 0: there is none. */
static size_t cut_frames(uint8_t *data, size_t len)
{
	size_t at = 0;

	while (len - at >= 8) { // room for a length of 0 after what is kept
		uint32_t size = load_u32(data + at);

		if (!size || size == UINT32_MAX || size > len - at - 8)
			break;
		at += 4 + size;
	}
	if (at)
		memset(data + at, 0, 4);
	return at ? at + 4 : 0;
}

static uint8_t *read_frames(const struct memory *m, uint64_t *va, size_t *len)
{
	uint8_t header[8], *data;
	uint64_t at = m->eh_header + m->bias, end;
	size_t segment, got = 0;

	if (!m->eh_header || !process_read(m->p, at, header, sizeof(header), NULL) ||
	    header[0] != 1 || header[1] != EH_FRAME_ENCODING)
		return NULL;
	*va = at + 4 + (uint64_t)(int64_t)(int32_t)load_u32(header + 4);
	segment = segment_of(m, *va);
	if (segment == MAX_LOADS)
		return NULL;
	end = m->load[segment].p_vaddr + m->load[segment].p_filesz + m->bias;
	if (end <= *va || end - *va > MAX_FRAMES)
		return NULL;
	data = malloc(end - *va);
	while (data && got < end - *va) {
		size_t n = PROCESS_PAGE - (*va + got) % PROCESS_PAGE;

		if (n > end - *va - got)
			n = (size_t)(end - *va - got);
		if (!process_read(m->p, *va + got, data + got, n, NULL))
			break;
		got += n;
	}
	*len = data ? cut_frames(data, got) : 0;
	if (!*len) {
		free(data);
		data = NULL;
	}
	return data;
}

/* --- the file */

static void add_sections(struct memory *m, struct elfwrite *w)
{
	for (size_t i = 0; i < m->nloads; i++) {
		const Elf64_Phdr *ph = &m->load[i];
		bool code = ph->p_flags & PF_X;

		m->section[i] = elfwrite_section(w, code ? ".text" : ".data", SHT_NOBITS,
						 SHF_ALLOC | (code		   ? SHF_EXECINSTR
							      : ph->p_flags & PF_W ? SHF_WRITE
										   : 0),
						 ph->p_vaddr + m->bias, ph->p_memsz);
	}
}

vs_status memprogram_build(struct process *p, uint64_t start, struct buf *out,
			   struct memprogram *ret, struct err *err)
{
	struct memory m = { .p = p };
	AUTO(elfwrite) w = { 0 };
	AUTO_FREE uint8_t *frames = NULL;
	uint16_t eh_frame = 0;
	struct dynamic d;
	uint64_t va = 0;
	size_t len = 0;
	vs_status st;

	*ret = (struct memprogram){ .symbols = 0 };
	if (!find_segments(&m, start))
		return fail(err, VS_NOTFOUND, "its program headers are not in memory");
	elfwrite_init(&w, p->k->arch->elf_machine);
	add_sections(&m, &w);
	frames = read_frames(&m, &va, &len);
	if (frames)
		// Not SHF_ALLOC: bfd would miss it in a segment.
		eh_frame = elfwrite_section(&w, ".eh_frame", SHT_PROGBITS, 0, va, len);
	if (m.dynamic && read_dynamic(&m, &d))
		ret->symbols = add_symbols(&m, &d, &w);
	ret->frames = frames;
	if (!ret->symbols && !frames)
		return fail(err, VS_NOTFOUND, "neither its names nor .eh_frame are in memory");
	st = elfwrite_layout(&w, m.lo, m.hi, err);
	if (st)
		return st;
	if (frames)
		memcpy(elfwrite_content(&w, eh_frame), frames, len);
	elfwrite_take(&w, out);
	return VS_OK;
}
