// SPDX-License-Identifier: GPL-3.0-or-later
/* mutate.c - real dumps with a bit turned or the end cut off: right data or a clear error, always.
 *   mutate FORMAT FILE COUNT SEED     FORMAT: kdump, flat or elf
 * Each mutant is opened and pages of it are read: some at random, those next to what was changed,
 * and those that the change belongs to. What is asserted, by what was changed:
 *
 * - page data: pages stored there may fail. In ELF they differ in exactly that bit; with zlib,
 * which has a checksum, they are right or fail. All other pages are unchanged.
 * - descriptor: only its page may differ, because an offset of another page's data looks valid.
 * - bitmap 2: a page's descriptor is found by the number of bits before it, so pages above the
 *   changed bit may be others; the format cannot tell. Pages below are unchanged.
 * - bitmap 1: stored pages are unchanged.
 * - notes, names: all pages are unchanged.
 * - other headers, record header of a flattened file: any error and any page, but no crash and no
 *   endless work.
 * - end cut off: pages whose descriptor and data are whole are unchanged, all others fail.
 *
 * Everywhere: a failed read says why, and the work (calls that read the file, and their bytes)
 * stays below a limit. This program finds the places itself, without the code under test. */
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/dump/dump.h"
#include "stub/dump/file.h"
#include "stub/dump/flat/flat.h"

#define PAGE	  4096
#define SAMPLES	  48
#define MAX_CALLS (2000000 + 4000 * SAMPLES) /* of one mutant */

/* --- work, counted by the linker's --wrap */

static uint64_t calls;

vs_status __real_file_read(struct file *f, uint64_t off, void *dst, size_t len, struct err *err);
vs_status __wrap_file_read(struct file *f, uint64_t off, void *dst, size_t len, struct err *err);
vs_status __real_file_read_some(struct file *f, uint64_t off, void *dst, size_t len, size_t *got,
				struct err *err);
vs_status __wrap_file_read_some(struct file *f, uint64_t off, void *dst, size_t len, size_t *got,
				struct err *err);
int64_t __real_fd_pread(int fd, void *dst, size_t len, uint64_t off);
int64_t __wrap_fd_pread(int fd, void *dst, size_t len, uint64_t off);
uint64_t __real_file_next_data(struct file *f, uint64_t off);
uint64_t __wrap_file_next_data(struct file *f, uint64_t off);

static void work(size_t bytes)
{
	calls += 1 + bytes / 65536;
}

vs_status __wrap_file_read(struct file *f, uint64_t off, void *dst, size_t len, struct err *err)
{
	work(len);
	return __real_file_read(f, off, dst, len, err);
}

vs_status __wrap_file_read_some(struct file *f, uint64_t off, void *dst, size_t len, size_t *got,
				struct err *err)
{
	work(len);
	return __real_file_read_some(f, off, dst, len, got, err);
}

int64_t __wrap_fd_pread(int fd, void *dst, size_t len, uint64_t off)
{
	work(len);
	return __real_fd_pread(fd, dst, len, off);
}

uint64_t __wrap_file_next_data(struct file *f, uint64_t off)
{
	work(0);
	return __real_file_next_data(f, off);
}

/* --- the original dump, and the places of its parts */

enum part { HEADER, NAMES, NOTES, BITMAP1, BITMAP2, DESCRIPTORS, DATA, RECORD, NOTHING };
static const char *const part_names[] = { "header",	 "names", "notes",  "bitmap1", "bitmap2",
					  "descriptors", "data",  "record", "nothing" };

struct page {
	uint64_t pfn;
	uint64_t desc, desc_end; /* its descriptor; ELF: 0 */
	uint64_t data, data_end;
	bool zlib;
};

struct record {
	uint64_t at, logical, len; /* at: offset of the data in the container */
};

struct model {
	bool elf, flat;
	const uint8_t *raw; /* the file */
	uint64_t raw_size;
	uint8_t *inner; /* the dump: raw, or built from the records */
	uint64_t size;
	struct record *record;
	size_t nrecords;
	struct page *page; /* by pfn */
	size_t npages;
	uint64_t notes, notes_end, bitmap1, bitmap2, desc, data;
	struct dump *d;
};

static const char *what = "";
static uint64_t seed, mutant, failures;

static void __attribute__((format(printf, 1, 2))) die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("mutate: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

static void __attribute__((format(printf, 1, 2))) wrong(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "mutant %" PRIu64 " (%s): ", mutant, what);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	if (++failures > 20)
		die("too many");
}

static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * UINT64_C(0x2545f4914f6cdd1d);
}

static void add_page(struct model *m, struct page p)
{
	if ((m->npages & (m->npages - 1)) == 0) {
		m->page = realloc(m->page, (m->npages ? 2 * m->npages : 1) * sizeof(*m->page));
		if (!m->page)
			die("no memory");
	}
	m->page[m->npages++] = p;
}

static void unflatten(struct model *m)
{
	uint64_t pos = 4096, end = 0;
	size_t cap = m->raw_size / 64 + 16;

	m->record = calloc(cap, sizeof(*m->record));
	for (;;) {
		uint64_t logical = be64toh(load_u64(m->raw + pos));
		uint64_t len = be64toh(load_u64(m->raw + pos + 8));

		if (logical == UINT64_MAX)
			break;
		if (m->nrecords == cap)
			die("many small records");
		m->record[m->nrecords++] = (struct record){ pos + 16, logical, len };
		end = logical + len > end ? logical + len : end;
		pos += 16 + len;
	}
	m->size = end;
	m->inner = mmap(NULL, end, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < m->nrecords; i++)
		memcpy(m->inner + m->record[i].logical, m->raw + m->record[i].at, m->record[i].len);
}

/* Layout of a compressed dump: makedumpfile's IMPLEMENTATION and diskdump_mod.h. */
static void model_kdump(struct model *m)
{
	const uint8_t *h = m->inner;
	uint64_t sub = load_u32(h + 432), blocks = load_u32(h + 436), at;
	uint64_t max = load_u64(h + PAGE + 96);

	m->notes = load_u64(h + PAGE + 48);
	m->notes_end = m->notes + load_u64(h + PAGE + 56);
	m->bitmap1 = (1 + sub) * PAGE;
	m->bitmap2 = m->bitmap1 + blocks / 2 * PAGE;
	m->desc = m->bitmap1 + blocks * PAGE;
	at = m->desc;
	for (uint64_t pfn = 0; pfn < max; pfn++) {
		const uint8_t *d = h + at;

		if (!(h[m->bitmap2 + pfn / 8] >> pfn % 8 & 1))
			continue;
		add_page(m, (struct page){ pfn, at, at + 24, load_u64(d),
					   load_u64(d) + load_u32(d + 8), load_u32(d + 12) == 1 });
		at += 24;
	}
	m->data = at;
}

static void model_elf(struct model *m)
{
	uint64_t phoff = load_u64(m->inner + 32), n = load_u16(m->inner + 56);
	uint64_t image = 0, image_end = 0; // this segment repeats memory of another one

	m->data = UINT64_MAX;
	for (uint64_t i = 0; i < n; i++) {
		const uint8_t *p = m->inner + phoff + i * 56;

		if (load_u32(p) == PT_LOAD && load_u64(p + 16) >= UINT64_C(0xffffffff80000000)) {
			image = load_u64(p + 24);
			image_end = image + load_u64(p + 32);
		}
	}
	for (uint64_t i = 0; i < n; i++) {
		const uint8_t *p = m->inner + phoff + i * 56;
		uint64_t off = load_u64(p + 8), pa = load_u64(p + 24), len = load_u64(p + 32);

		if (load_u32(p) == PT_NOTE) {
			m->notes = off;
			m->notes_end = off + len;
		}
		if (load_u32(p) != PT_LOAD)
			continue;
		m->data = off < m->data ? off : m->data;
		for (uint64_t a = (pa + PAGE - 1) & ~(uint64_t)(PAGE - 1); a + PAGE <= pa + len;
		     a += PAGE)
			if (a + PAGE <= image || a >= image_end)
				add_page(m, (struct page){ a / PAGE, 0, 0, off + (a - pa),
							   off + (a - pa) + PAGE, false });
	}
}

static enum part part_of(const struct model *m, uint64_t off)
{
	if (off >= m->notes && off < m->notes_end)
		return NOTES;
	if (m->elf)
		return off < m->data ? HEADER : DATA;
	if (off >= m->data)
		return DATA;
	if (off >= m->desc)
		return DESCRIPTORS;
	if (off >= m->bitmap2)
		return BITMAP2;
	if (off >= m->bitmap1)
		return BITMAP1;
	// names except "x86_64", time, and gaps between fields
	if ((off >= 12 && off < 272) || (off >= 337 && off < 424))
		return NAMES;
	return off < 464 || (off >= PAGE && off < PAGE + 104) ? HEADER : NAMES;
}

/* Offset in the dump of a byte of the container; UINT64_MAX: it belongs to a record's header. */
static uint64_t inner_of(const struct model *m, uint64_t raw_off)
{
	size_t lo = 0, hi = m->nrecords;

	if (!m->flat)
		return raw_off;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->record[mid].at + m->record[mid].len > raw_off)
			hi = mid;
		else
			lo = mid + 1;
	}
	if (lo == m->nrecords || raw_off < m->record[lo].at)
		return UINT64_MAX;
	return m->record[lo].logical + (raw_off - m->record[lo].at);
}

/* Offset in the container of a byte of the dump; the last record with it counts. */
static uint64_t raw_of(const struct model *m, uint64_t off)
{
	for (size_t i = m->nrecords; i-- > 0;)
		if (off - m->record[i].logical < m->record[i].len)
			return m->record[i].at + (off - m->record[i].logical);
	return 0;
}

/* --- one mutant */

struct change {
	enum part part;
	uint64_t off; /* in the dump */
	uint8_t bit;
	uint64_t cut; /* of the container; UINT64_MAX: not cut */
};

static bool overlaps(uint64_t off, uint64_t from, uint64_t to)
{
	return off >= from && off < to;
}

/* Is all of [from, to) of the dump in the first `cut` bytes of the file? */
static bool whole(const struct model *m, uint64_t from, uint64_t to, uint64_t cut)
{
	if (!m->flat)
		return to <= cut;
	for (size_t i = 0; i < m->nrecords; i++) {
		const struct record *r = &m->record[i];

		if (from < r->logical + r->len && to > r->logical) {
			uint64_t end = to < r->logical + r->len ? to : r->logical + r->len;

			if (r->at + (end - r->logical) > cut)
				return false;
		}
	}
	return true;
}

enum want { SAME, SAME_OR_FAIL, ONE_BIT, FAIL, ANY };

static enum want expected(const struct model *m, const struct page *p, const struct change *c)
{
	if (c->cut != UINT64_MAX && m->flat) // bitmaps come late in a flattened file, or not at all
		return whole(m, p->data, p->data_end, c->cut) ? ANY : FAIL;
	if (c->cut != UINT64_MAX)
		return p->desc_end <= c->cut && whole(m, p->data, p->data_end, c->cut) ? SAME
										       : FAIL;
	switch (c->part) {
	case DATA:
		if (!overlaps(c->off, p->data, p->data_end))
			return SAME;
		return m->elf ? ONE_BIT : p->zlib ? SAME_OR_FAIL : ANY;
	case DESCRIPTORS:
		return overlaps(c->off, p->desc, p->desc_end) ? ANY : SAME;
	case BITMAP2:
		return p->pfn < (c->off - m->bitmap2) * 8 + c->bit ? SAME : ANY;
	case HEADER:
	case RECORD:
		return ANY;
	default:
		return SAME;
	}
}

static void check_page(const struct model *m, struct dump *d, const struct page *p,
		       const struct change *c)
{
	static uint8_t got[PAGE], good[PAGE];
	enum want want = expected(m, p, c);
	struct err err = { 0 };
	const struct mem *mem = dump_mem(d);
	struct mem_got g = mem->read(mem, p->pfn * PAGE, got, PAGE, &err);
	bool ok = g.len == PAGE, same;

	if (!ok && (!g.why || !err.msg[0]))
		wrong("pfn %#" PRIx64 " fails without a reason", p->pfn);
	if (want == ANY)
		return;
	if (mem_read(dump_mem(m->d), p->pfn * PAGE, good, PAGE, NULL))
		die("pfn %#" PRIx64 " is not readable in the dump as it is", p->pfn);
	if (want == ONE_BIT)
		good[c->off - p->data] ^= (uint8_t)(1 << c->bit);
	same = ok && memcmp(got, good, PAGE) == 0;
	if (!ok && (want == SAME || want == ONE_BIT))
		wrong("pfn %#" PRIx64 " should read: %s", p->pfn, err.msg);
	else if (ok && want == FAIL)
		wrong("pfn %#" PRIx64 " should fail%s", p->pfn, same ? " (reads right)" : "");
	else if (ok && !same)
		wrong("pfn %#" PRIx64 " reads as something else", p->pfn);
}

/* Checks the pages that the change affects, then neighbours, then random ones. */
static void check_pages(const struct model *m, struct dump *d, const struct change *c)
{
	size_t near = 0, lo = 0, hi = m->npages;

	if (!m->npages)
		die("no pages");
	for (size_t i = 0; i < m->npages; i++) {
		const struct page *p = &m->page[i];

		if (!overlaps(c->off, p->data, p->data_end) &&
		    !overlaps(c->off, p->desc, p->desc_end))
			continue;
		for (size_t j = i ? i - 1 : 0; j <= i + 1 && j < m->npages; j++)
			check_page(m, d, &m->page[j], c);
		if (++near == 4) // all pages of zeros share one place
			break;
	}
	if (c->part == BITMAP2 || c->part == BITMAP1) {
		uint64_t pfn = (c->off - (c->part == BITMAP2 ? m->bitmap2 : m->bitmap1)) * 8;

		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;

			if (m->page[mid].pfn >= pfn)
				hi = mid;
			else
				lo = mid + 1;
		}
		for (size_t j = lo > 4 ? lo - 4 : 0; j < lo + 12 && j < m->npages; j++)
			check_page(m, d, &m->page[j], c);
	}
	for (int i = 0; i < SAMPLES; i++)
		check_page(m, d, &m->page[random64() % m->npages], c);
}

static void try_mutant(const struct model *m, const char *path, const struct change *c)
{
	struct dump *d = NULL;
	struct err err = { 0 };
	bool must_open = c->cut == UINT64_MAX && c->part != HEADER && c->part != RECORD;

	calls = 0;
	if (dump_open(&path, 1, &d, &err)) {
		if (must_open)
			wrong("does not open: %s", err.msg);
		else if (!err.msg[0] || strchr(err.msg, '\n'))
			wrong("a bad message: '%s'", err.msg);
	} else {
		check_pages(m, d, c);
	}
	dump_close(d);
	if (calls > MAX_CALLS)
		wrong("%" PRIu64 " reads of the file", calls);
}

/* Chooses a place to change, so that small parts are chosen as often as large ones. */
static struct change choose(const struct model *m, uint64_t *raw_off)
{
	struct change c = { .cut = UINT64_MAX, .bit = (uint8_t)(random64() % 8) };
	// headers are small and matter most
	const struct {
		uint64_t from, to;
	} parts[8] = {
		{ 0, 464 },
		{ m->elf ? 64 : PAGE, m->elf ? 64 + 56 * 16 : PAGE + 104 },
		{ m->bitmap1, m->elf ? m->data : m->desc },
		{ m->desc, m->elf ? m->size : m->data },
		{ 0, m->size },
		{ 0, m->size },
		{ 0, m->size },
		{ 0, m->size },
	};
	uint64_t r = random64() % 9;

	if (r == 8) {
		c.cut = random64() % m->raw_size;
		return c;
	}
	*raw_off = parts[r].from + random64() % (parts[r].to - parts[r].from);
	if (m->flat && r >= 6) // starts and ends of records
		*raw_off = m->record[random64() % m->nrecords].at - 16 + random64() % 20;
	else if (m->flat)
		*raw_off = raw_of(m, *raw_off);
	if (*raw_off >= m->raw_size)
		*raw_off = 0;
	c.off = inner_of(m, *raw_off);
	c.part = c.off == UINT64_MAX ? RECORD : part_of(m, c.off);
	return c;
}

/* --- the file to change and restore */

struct work_file {
	int fd;
	char path[64];
};

/* Copy [from, to) with its holes. */
static void put_back(const struct model *m, struct work_file *w, int src, uint64_t from,
		     uint64_t to)
{
	off_t at = (off_t)from;

	while (at < (off_t)to) {
		off_t data = lseek(src, at, SEEK_DATA), end;

		if (data < 0 || data >= (off_t)to)
			break;
		end = lseek(src, data, SEEK_HOLE);
		if (end > (off_t)to)
			end = (off_t)to;
		for (; data < end; data += 1 << 20) {
			size_t n = end - data < 1 << 20 ? (size_t)(end - data) : 1 << 20;

			if (pwrite(w->fd, m->raw + data, n, data) != (ssize_t)n)
				die("write: %s", strerror(errno));
		}
		at = end;
	}
	if (ftruncate(w->fd, (off_t)m->raw_size))
		die("ftruncate: %s", strerror(errno));
}

static void apply(const struct model *m, struct work_file *w, const struct change *c, uint64_t off)
{
	uint8_t byte;

	if (c->cut != UINT64_MAX) {
		if (ftruncate(w->fd, (off_t)c->cut))
			die("ftruncate: %s", strerror(errno));
		return;
	}
	byte = m->raw[off] ^ (uint8_t)(1 << c->bit);
	if (pwrite(w->fd, &byte, 1, (off_t)off) != 1)
		die("write: %s", strerror(errno));
}

static void undo(const struct model *m, struct work_file *w, int src, const struct change *c,
		 uint64_t off)
{
	if (c->cut != UINT64_MAX)
		put_back(m, w, src, c->cut, m->raw_size);
	else if (pwrite(w->fd, m->raw + off, 1, (off_t)off) != 1)
		die("write: %s", strerror(errno));
}

static void load(struct model *m, const char *format, const char *path, int *src)
{
	struct err err;
	struct stat st;

	*src = open(path, O_RDONLY | O_CLOEXEC);
	if (*src < 0 || fstat(*src, &st))
		die("%s: %s", path, strerror(errno));
	m->raw_size = (uint64_t)st.st_size;
	m->raw = mmap(NULL, m->raw_size, PROT_READ, MAP_SHARED, *src, 0);
	m->inner = (uint8_t *)(uintptr_t)m->raw;
	m->size = m->raw_size;
	m->elf = strcmp(format, "elf") == 0;
	m->flat = strcmp(format, "flat") == 0;
	if (m->flat)
		unflatten(m);
	if (m->elf)
		model_elf(m);
	else
		model_kdump(m);
	if (dump_open(&path, 1, &m->d, &err))
		die("%s", err.msg);
}

int main(int argc, char **argv)
{
	uint64_t parts[NOTHING + 1] = { 0 }, count;
	struct model m = { 0 };
	struct work_file w;
	int src;

	if (argc != 5)
		die("usage: mutate kdump|flat|elf FILE COUNT SEED");
	log_set_level(LOG_ERROR);
	load(&m, argv[1], argv[2], &src);
	count = strtoull(argv[3], NULL, 0);
	w.fd = memfd_create("mutant", MFD_CLOEXEC);
	snprintf(w.path, sizeof(w.path), "/proc/self/fd/%d", w.fd);
	put_back(&m, &w, src, 0, m.raw_size);
	for (mutant = 0; mutant < count; mutant++) {
		uint64_t off = 0;
		struct change c;
		char text[80];

		seed = (strtoull(argv[4], NULL, 0) + 1) * UINT64_C(0x9e3779b97f4a7c15) ^
		       (mutant + 1) << 20;
		(void)random64();
		c = choose(&m, &off);
		if (c.cut != UINT64_MAX)
			snprintf(text, sizeof(text), "cut at %#" PRIx64, c.cut);
		else
			snprintf(text, sizeof(text), "bit %d at %#" PRIx64 ": %s", c.bit, off,
				 part_names[c.part]);
		what = text;
		parts[c.cut != UINT64_MAX ? NOTHING : c.part]++;
		apply(&m, &w, &c, off);
		try_mutant(&m, w.path, &c);
		undo(&m, &w, src, &c, off);
	}
	printf("%" PRIu64 " mutants, %" PRIu64 " wrong;", count, failures);
	for (int i = 0; i < NOTHING; i++)
		if (parts[i])
			printf(" %s %" PRIu64, part_names[i], parts[i]);
	printf(" cut %" PRIu64 "\n", parts[NOTHING]);
	dump_close(m.d);
	free(m.page);
	free(m.record);
	return failures != 0;
}
