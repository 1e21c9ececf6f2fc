// SPDX-License-Identifier: GPL-3.0-or-later
/* qevm_stream.c - reads a stream of QEMU's migration or savevm, which crash's qemu-load.c reads,
 * too. In: sections {type, id, ...}, all big-endian (migration/savevm.c, ram.c of QEMU). Out: where
 * each page of RAM is, and registers. Devices' sections do not say how long they are: the footer
 * after each, which has its id, is searched. */
#include "stub/dump/qevm.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/log.h"
#include "stub/dump/file.h"

#define MAGIC		  0x5145564du /* QEVM */
#define VERSION		  3
#define TELL_EVERY	  (UINT64_C(16) << 20)
#define FOOTER_WINDOW	  65536
#define FOOTER_WINDOW_MIN 512 /* most sections are short */
#define FOOTER_BYTES	  6   /* with the type of the next section */
#define RAM_VERSION	  4
#define MAX_RAM		  (UINT64_C(1) << 52)

enum type {
	TYPE_EOF = 0,
	TYPE_START = 1,
	TYPE_PART = 2,
	TYPE_END = 3,
	TYPE_FULL = 4,
	TYPE_SUBSECTION = 5,
	TYPE_CONFIGURATION = 7,
	TYPE_COMMAND = 8,
	TYPE_FOOTER = 0x7e,
};

/* Flags in the low bits of an address, RAM_SAVE_FLAG_* */
enum flag {
	FLAG_ZERO = 0x02,
	FLAG_SIZES = 0x04,
	FLAG_PAGE = 0x08,
	FLAG_EOS = 0x10,
	FLAG_CONTINUE = 0x20, /* same block as before */
	FLAG_XBZRLE = 0x40,
	FLAG_COMPRESSED = 0x100,
	FLAG_FLUSH = 0x200, /* between rounds of multifd, without data */
};

struct stream {
	struct qevm *q;
	struct dump_format *out;
	uint64_t at, told;
	uint32_t ram_id; /* of the section with RAM */
	bool have_ram;
	const struct qevm_block *block; /* the last one named */
	struct range data, zero;	/* not yet added */
};

/* --- bytes */

static vs_status take(struct stream *s, void *dst, size_t n, struct err *err)
{
	vs_status st = file_read(s->q->f, s->at, dst, n, err);

	s->at += n;
	return st;
}

static vs_status take_be(struct stream *s, size_t n, uint64_t *ret, struct err *err)
{
	uint8_t b[8] = { 0 };
	vs_status st = take(s, b, n, err);

	*ret = 0;
	for (size_t i = 0; i < n; i++)
		*ret = *ret << 8 | b[i];
	return st;
}

/* A length in one byte, and text, without NULs. */
static vs_status take_id(struct stream *s, char id[QEVM_ID_MAX], struct err *err)
{
	uint64_t len = 0;
	vs_status st = take_be(s, 1, &len, err);

	memset(id, 0, QEVM_ID_MAX);
	return st ? st : take(s, id, (size_t)len, err);
}

static vs_status unsupported(const struct stream *s, const char *what, struct err *err)
{
	return fail(err, VS_UNSUPPORTED,
		    "%s: QEMU stream at %#" PRIx64
		    ": %s; dump-guest-memory (virsh dump --memory-only) makes a dump that vmstub "
		    "reads",
		    file_path(s->q->f), s->at, what);
}

static vs_status damaged(const struct stream *s, const char *what, uint64_t value, struct err *err)
{
	return fail(err, VS_CORRUPT, "%s: QEMU stream at %#" PRIx64 ": %s %#" PRIx64,
		    file_path(s->q->f), s->at, what, value);
}

/* --- blocks */

/* The part of an id before the number at its end. */
static size_t stem(const char *id)
{
	size_t n = strlen(id);

	while (n && id[n - 1] >= '0' && id[n - 1] <= '9')
		n--;
	return n;
}

/* Are these the memory of two NUMA nodes, such as ram-node0 and ram-node1? */
static bool siblings(const char *a, const char *b)
{
	return stem(a) == stem(b) && strncmp(a, b, stem(a)) == 0;
}

static int by_number(const void *a, const void *b)
{
	const struct qevm_block *x = a, *y = b;
	unsigned long m = strtoul(x->id + stem(x->id), NULL, 10);
	unsigned long n = strtoul(y->id + stem(y->id), NULL, 10);

	return m != n ? (m > n) - (m < n) : strcmp(x->id, y->id);
}

/* RAM is the largest block, with those of other NUMA nodes; all others are of devices. */
static void find_ram(struct qevm *q)
{
	const struct qevm_block *largest = q->block;
	char id[QEVM_ID_MAX];

	for (size_t i = 1; i < q->nblocks; i++)
		if (q->block[i].len > largest->len)
			largest = &q->block[i];
	memcpy(id, largest->id, sizeof(id));
	qsort(q->block, q->nblocks, sizeof(q->block[0]), by_number);
	for (size_t i = 0; i < q->nblocks; i++) {
		q->block[i].base = QEVM_NOT_RAM;
		if (!siblings(q->block[i].id, id))
			continue;
		q->block[i].base = q->size;
		q->size += q->block[i].len;
	}
}

static vs_status take_sizes(struct stream *s, uint64_t total, struct err *err)
{
	struct qevm *q = s->q;
	vs_status st = VS_OK;

	if (q->nblocks || !total || total > MAX_RAM)
		return damaged(s, "sizes of memory in all", total, err);
	while (total && st == VS_OK) {
		struct qevm_block *b = &q->block[q->nblocks];

		if (q->nblocks == QEVM_BLOCKS_MAX)
			return damaged(s, "more blocks of memory than", QEVM_BLOCKS_MAX, err);
		st = take_id(s, b->id, err);
		if (st == VS_OK)
			st = take_be(s, 8, &b->len, err);
		if (st == VS_OK && (b->len > total || b->len == 0 || b->len % QEVM_PAGE))
			st = damaged(s, "size of a block of memory", b->len, err);
		if (st == VS_OK && q->is_mapped) {
			st = qevm_take_mapped(q, b, s->at, err);
			s->at = b->pages + b->len;
		}
		total -= b->len;
		q->nblocks++;
	}
	if (st)
		return st;
	find_ram(q);
	st = q->is_mapped ? qevm_map_pages(q, err) : VS_OK;
	if (st) // a part of the map would turn other pages into zeros
		q->size = 0;
	return st;
}

static vs_status take_block(struct stream *s, struct err *err)
{
	char id[QEVM_ID_MAX];
	vs_status st = take_id(s, id, err);

	s->block = NULL;
	for (size_t i = 0; i < s->q->nblocks && st == VS_OK; i++)
		if (strcmp(s->q->block[i].id, id) == 0)
			s->block = &s->q->block[i];
	if (st == VS_OK && !s->block)
		return fail(err, VS_CORRUPT,
			    "%s: QEMU stream at %#" PRIx64 ": no block '%.40s' was announced",
			    file_path(s->q->f), s->at, id);
	return st;
}

/* --- pages */

static bool end_range(struct ranges *r, struct range *last)
{
	bool ok = !last->len || ranges_add(r, last->start, last->len, last->src);

	last->len = 0;
	return ok;
}

/* Adds a page to the range that is being built, or begins another. */
static bool add_page(struct ranges *r, struct range *last, uint64_t start, uint64_t src)
{
	if (last->len && last->start + last->len == start &&
	    (r->whole || last->src + last->len == src)) {
		last->len += QEVM_PAGE_STEP;
		return true;
	}
	if (!end_range(r, last))
		return false;
	*last = (struct range){ start, QEVM_PAGE_STEP, src };
	return true;
}

static void look_for_note(struct qevm *q, uint64_t place, uint64_t off)
{
	uint8_t head[NOTE_INFO_HEAD];

	if (q->nnotes < QEVM_NOTES_MAX && file_read(q->f, off, head, sizeof(head), NULL) == VS_OK &&
	    note_is_vmcoreinfo(head))
		q->note[q->nnotes++] = place;
}

static bool keep_page(struct stream *s, uint64_t place, bool zero)
{
	struct qevm *q = s->q;
	uint64_t start = place / QEVM_PAGE * QEVM_PAGE_STEP;

	if (zero)
		return add_page(&q->zero, &s->zero, start, s->at);
	look_for_note(q, place, s->at);
	// a range of zeros counts as sent when its first page was: nothing may come in between
	return end_range(&q->zero, &s->zero) && add_page(&q->data, &s->data, start, s->at);
}

static vs_status take_page(struct stream *s, uint64_t addr, unsigned flags, struct err *err)
{
	vs_status st = flags & FLAG_CONTINUE ? VS_OK : take_block(s, err);
	bool zero = flags & FLAG_ZERO;
	uint64_t fill = 0, left;

	if (st == VS_OK && (!s->block || addr >= s->block->len))
		return damaged(s, "page outside its block:", addr, err);
	if (st == VS_OK && zero)
		st = take_be(s, 1, &fill, err);
	if (st)
		return st;
	if (fill)
		return damaged(s, "page filled with", fill, err);
	left = file_size(s->q->f) - s->at;
	if (!zero && left < QEVM_PAGE)
		return damaged(s, "page cut to", left, err);
	if (s->block->base != QEVM_NOT_RAM && !keep_page(s, s->block->base + addr, zero))
		return fail(err, VS_NOMEM, "%s: no memory for pages", file_path(s->q->f));
	s->at += zero ? 0 : QEVM_PAGE;
	return VS_OK;
}

/* --- sections */

static void tell(struct stream *s)
{
	if (s->at < s->told)
		return;
	s->told = s->at + TELL_EVERY;
	if (s->out->progress)
		s->out->progress(s->out->progress_ctx, file_path(s->q->f), s->at,
				 file_size(s->q->f));
}

/* A part of the section with RAM, to its end mark. */
static vs_status take_ram(struct stream *s, struct err *err)
{
	for (;;) {
		uint64_t word = 0, addr;
		vs_status st = take_be(s, 8, &word, err);
		unsigned flags = word & (QEVM_PAGE - 1);

		addr = word - flags;
		if (st || flags == FLAG_EOS)
			return st;
		tell(s);
		if (flags == FLAG_SIZES)
			st = take_sizes(s, addr, err);
		else if ((flags & ~(unsigned)FLAG_CONTINUE) == FLAG_PAGE ||
			 (flags & ~(unsigned)FLAG_CONTINUE) == FLAG_ZERO)
			st = take_page(s, addr, flags, err);
		else if (flags & FLAG_XBZRLE)
			st = unsupported(s, "pages as differences (xbzrle)", err);
		else if (flags & FLAG_COMPRESSED)
			st = unsupported(s, "compressed pages", err);
		else if (flags != FLAG_FLUSH)
			st = damaged(s, "flags of memory", flags, err);
		if (st)
			return st;
	}
}

static bool is_type(uint8_t type)
{
	return type == TYPE_EOF || (type >= TYPE_START && type <= TYPE_FULL) ||
	       type == TYPE_COMMAND;
}

/* Looks for a section's footer in the next n bytes. */
static uint8_t *find_footer(uint8_t *b, size_t n, uint32_t id)
{
	const uint8_t want[] = { TYPE_FOOTER, (uint8_t)(id >> 24), (uint8_t)(id >> 16),
				 (uint8_t)(id >> 8), (uint8_t)id };
	uint8_t *p = b, *hit;

	for (; (hit = memmem(p, n - (size_t)(p - b), want, sizeof(want))); p = hit + 1)
		if (hit + sizeof(want) < b + n && is_type(hit[sizeof(want)]))
			return hit;
	return NULL;
}

/* Goes to the end of a section whose length is unknown: behind its footer. */
static vs_status skip_section(struct stream *s, uint32_t id, struct err *err)
{
	size_t n = FOOTER_WINDOW_MIN, got = 0;
	uint8_t *b = malloc(FOOTER_WINDOW), *hit = NULL;
	vs_status st = b ? VS_OK : fail(err, VS_NOMEM, "%s: out of memory", file_path(s->q->f));

	while (st == VS_OK && !hit) {
		st = file_read_some(s->q->f, s->at, b, n, &got, err);
		if (st == VS_OK && got < FOOTER_BYTES)
			st = damaged(s, "no end of section", id, err);
		if (st)
			break;
		hit = find_footer(b, got, id);
		s->at += hit ? (size_t)(hit - b) + FOOTER_BYTES - 1 : got - (FOOTER_BYTES - 1);
		n = n < FOOTER_WINDOW ? 2 * n : n;
		tell(s);
	}
	free(b);
	return st;
}

static vs_status take_footer(struct stream *s, uint32_t id, struct err *err)
{
	uint64_t type = 0, got = 0;
	vs_status st = take_be(s, 1, &type, err);

	// machine types before QEMU 2.4 send none
	if (st == VS_OK && type != TYPE_FOOTER) {
		s->at--;
		return is_type((uint8_t)type) ? VS_OK : damaged(s, "no footer but type", type, err);
	}
	if (st == VS_OK)
		st = take_be(s, 4, &got, err);
	return st || got == id ? st : damaged(s, "footer of another section:", got, err);
}

/* A section with its name: RAM, a CPU, or one that does not matter. */
static vs_status take_named(struct stream *s, uint32_t id, struct err *err)
{
	uint8_t cpu[QEVM_CPU_BYTES];
	uint64_t instance = 0, version = 0;
	char name[QEVM_ID_MAX];
	vs_status st = take_id(s, name, err);

	if (st || (st = take_be(s, 4, &instance, err)) || (st = take_be(s, 4, &version, err)))
		return st;
	if (strcmp(name, "ram") == 0 && !s->have_ram) {
		if (version != RAM_VERSION)
			return unsupported(s, "memory in another version", err);
		s->have_ram = true;
		s->ram_id = id;
		st = take_ram(s, err);
		return st ? st : take_footer(s, id, err);
	}
	if (strcmp(name, "cpu") == 0 && instance < UINT16_MAX && version >= 3 &&
	    file_read(s->q->f, s->at, cpu, sizeof(cpu), NULL) == VS_OK &&
	    !qevm_add_cpu(&s->out->notes, (uint32_t)instance, cpu))
		return fail(err, VS_NOMEM, "%s: no memory for notes", file_path(s->q->f));
	return skip_section(s, id, err);
}

static vs_status take_section(struct stream *s, uint8_t type, struct err *err)
{
	uint64_t id = 0;
	vs_status st = take_be(s, 4, &id, err);

	if (st)
		return st;
	if (type == TYPE_START || type == TYPE_FULL)
		return take_named(s, (uint32_t)id, err);
	if (!s->have_ram || id != s->ram_id)
		return skip_section(s, (uint32_t)id, err);
	st = take_ram(s, err);
	s->q->all_ram |= st == VS_OK && type == TYPE_END;
	return st ? st : take_footer(s, (uint32_t)id, err);
}

static vs_status take_command(struct stream *s, struct err *err)
{
	uint64_t command = 0, len = 0;
	vs_status st = take_be(s, 2, &command, err);

	if (st == VS_OK)
		st = take_be(s, 2, &len, err);
	s->at += len;
	return st;
}

/* The machine's name, then subsections with what both sides must agree on. */
static vs_status take_configuration(struct stream *s, struct err *err)
{
	uint64_t len = 0, type = 0, version, n = 0;
	char name[QEVM_ID_MAX];
	vs_status st = take_be(s, 4, &len, err);

	if (st == VS_OK && len > 4096)
		return damaged(s, "length of the machine's name", len, err);
	s->at += len;
	while (st == VS_OK && (st = take_be(s, 1, &type, err)) == VS_OK &&
	       type == TYPE_SUBSECTION) {
		if ((st = take_id(s, name, err)) || (st = take_be(s, 4, &version, err)))
			return st;
		if (strcmp(name, "configuration/target-page-bits") == 0)
			s->at += 4;
		else if (strcmp(name, "configuration/uuid") == 0)
			s->at += 16;
		else if (strcmp(name, "configuration/capabilities") != 0)
			return unsupported(s, "unknown part of the configuration", err);
		else
			st = take_be(s, 4, &n, err);
		for (; n && st == VS_OK; n--) {
			st = take_id(s, name, err);
			// these two change how blocks of memory are announced
			if (st == VS_OK && strcmp(name, "x-ignore-shared") == 0)
				return unsupported(s,
						   "its memory is in the file of the guest's "
						   "memory backend, which vmstub opens",
						   err);
			if (st == VS_OK && strcmp(name, "mapped-ram") == 0)
				s->q->is_mapped = true;
		}
	}
	s->at--;
	return st;
}

static vs_status take_all(struct stream *s, struct err *err)
{
	uint64_t magic = 0, version = 0, type = 0;
	vs_status st = take_be(s, 4, &magic, err);

	if (st == VS_OK)
		st = take_be(s, 4, &version, err);
	if (st == VS_OK && (magic != MAGIC || version != VERSION))
		return magic != MAGIC ? damaged(s, "magic", magic, err)
				      : unsupported(s, "another version than 3", err);
	while (st == VS_OK && (st = take_be(s, 1, &type, err)) == VS_OK && type != TYPE_EOF) {
		if (type == TYPE_CONFIGURATION)
			st = take_configuration(s, err);
		else if (type == TYPE_COMMAND)
			st = take_command(s, err);
		else if (is_type((uint8_t)type))
			st = take_section(s, (uint8_t)type, err);
		else
			st = damaged(s, "type of section", type, err);
	}
	return st;
}

vs_status qevm_read_stream(struct qevm *q, uint64_t off, struct dump_format *out, struct err *err)
{
	struct stream s = { .q = q, .out = out, .at = off };
	struct err why;
	vs_status st = take_all(&s, &why);

	if (!end_range(&q->data, &s.data) || !end_range(&q->zero, &s.zero) || st == VS_NOMEM)
		return fail(err, VS_NOMEM, "%s: no memory for pages", file_path(q->f));
	if (st && !q->size) {
		*err = why;
		return st;
	}
	if (!q->size)
		return fail(err, VS_CORRUPT, "%s: QEMU stream without memory", file_path(q->f));
	q->cut = st != VS_OK;
	if (q->cut)
		log_warn("%s; what follows is lost", why.msg);
	return VS_OK;
}
