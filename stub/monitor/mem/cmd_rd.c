// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_rd.c - rd: memory as numbers, text or symbols. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/data/object.h"
#include "stub/monitor/usermem.h"

#define LINE_CHARS 60	      /* of -a */
#define MAX_BYTES  (64 << 20) /* of one call */

struct rd {
	struct monitor *m;
	const struct mem *mem;
	struct task_mem user;
	unsigned size; /* bytes of a number */
	bool phys, is_user, text, plain, back, swapped, raw;
	char radix;	      /* 'x', 'd' signed, 'D' unsigned */
	bool symbols;	      /* -s, -S, -SS */
	enum cmd_slabs slabs; /* -S, -SS */
	uint64_t at, off, count, end;
	bool have_count, have_end;
};

static vs_status take_option(struct rd *r, const char *name, const char *arg, struct err *err)
{
	switch (name[0]) {
	case '8':
	case '1':
	case '3':
	case '6':
		r->size = (unsigned)atoi(name) / 8;
		break;
	case 'p':
		r->phys = true;
		break;
	case 'u':
		r->is_user = true;
		break;
	case 'a':
		r->text = true;
		break;
	case 'd':
	case 'D':
		r->radix = name[0];
		break;
	case 's':
		r->symbols = true;
		break;
	case 'S':
		r->slabs = r->symbols && r->slabs ? CMD_SLABS_ADDRESS : CMD_SLABS_NAME;
		r->symbols = true;
		break;
	case 'x':
		r->plain = true;
		break;
	case 'N':
		r->swapped = true;
		break;
	case 'R':
		r->back = true;
		break;
	case 'o':
		return cmd_offset(r->m, arg, &r->off, err);
	case 'e':
		r->have_end = true;
		return cmd_address(r->m, arg, &r->end, err);
	case 'r':
		if (strcmp(arg, "-") != 0)
			return fail(err, VS_INVAL,
				    "vmstub cannot write files; use -r - for the raw bytes, or "
				    "gdb's dump binary memory %s START END",
				    arg);
		r->raw = true;
		break;
	}
	return VS_OK;
}

static vs_status set_memory(struct rd *r, struct err *err)
{
	vs_status st;

	r->mem = r->phys ? dump_mem(r->m->k->dump) : r->m->k->mem;
	// A user address needs no -u: user and kernel addresses do not overlap.
	if (r->phys || (!r->is_user && r->m->k->arch->is_kernel_va(r->at)))
		return VS_OK;
	st = user_mem_init(r->m, &r->user, err);
	r->mem = &r->user.mem;
	return st;
}

static vs_status parse(struct rd *r, struct args *a, struct err *err)
{
	vs_status st = VS_OK;

	for (size_t i = 0; st == VS_OK && i < a->given.n; i++)
		st = take_option(r, a->given.v[i].opt->name, a->given.v[i].arg, err);
	if (st)
		return st;
	st = cmd_address(r->m, a->argv[0], &r->at, err);
	if (st)
		return st;
	r->have_count = a->argc == 2;
	if (r->have_count && (!cmd_number(a->argv[1], &r->count) || !r->count))
		return fail(err, VS_INVAL, "%s: not a count", a->argv[1]);
	r->at += r->off;
	return set_memory(r, err);
}

/* How many bytes, from at on. */
static vs_status extent(struct rd *r, uint64_t *ret, struct err *err)
{
	unsigned unit = r->text || r->raw ? 1 : r->size;

	if (r->have_count) {
		if (r->count > MAX_BYTES / unit)
			return fail(err, VS_INVAL, "%" PRIu64 ": count is too large", r->count);
		*ret = r->count * unit;
	} else if (r->have_end) {
		if (r->end <= r->at || r->end - r->at > MAX_BYTES)
			return fail(err, VS_INVAL,
				    "end %#" PRIx64 " is not above the start, or too far from it",
				    r->end);
		*ret = (r->end - r->at + unit - 1) / unit * unit;
	} else {
		*ret = r->text ? 4096 : unit;
	}
	if (r->back)
		r->at -= *ret - unit;
	return VS_OK;
}

static void put_text(const struct rd *r, const struct object *o, struct buf *out)
{
	size_t n = 0;

	while (n < o->len && (r->have_count || r->have_end || isprint(o->data[n])))
		n++;
	for (size_t i = 0; i < n; i++) {
		if (i % LINE_CHARS == 0)
			buf_printf(out, "%s%16" PRIx64 ":  ", i ? "\n" : "", o->va + i);
		buf_putc(out, isprint(o->data[i]) ? (char)o->data[i] : '.');
	}
	if (n)
		buf_putc(out, '\n');
}

static void put_number(const struct rd *r, uint64_t v, struct buf *out)
{
	AUTO(buf) text = { 0 };
	unsigned bits = r->size * 8;

	if (r->symbols && r->size == 8 && cmd_put_pointer(r->m, v, r->slabs, &text)) {
		buf_printf(out, "%-16s ", buf_str(&text));
	} else if (r->radix == 'D') {
		buf_printf(out, "%20" PRIu64 " ", v);
	} else if (r->radix == 'd') {
		if (bits < 64 && v >> (bits - 1) & 1)
			v |= ~0ULL << bits;
		buf_printf(out, "%20" PRId64 " ", (int64_t)v);
	} else {
		buf_printf(out, "%0*" PRIx64 " ", 2 * (int)r->size, v);
	}
}

/* -N: the bytes of each number in network order. */
static uint64_t swap_bytes(uint64_t v, unsigned size)
{
	return __builtin_bswap64(v) >> (64 - 8 * size);
}

static void put_rows(const struct rd *r, const struct object *o, struct buf *out)
{
	bool text = !r->plain && r->radix == 'x' && !r->symbols;

	for (size_t row = 0; row < o->len; row += 16) {
		size_t n = o->len - row < 16 ? o->len - row : 16, i;

		buf_printf(out, "%16" PRIx64 ":  ", o->va + row);
		for (i = 0; i + r->size <= n; i += r->size) {
			uint64_t v = 0;

			memcpy(&v, o->data + row + i, r->size);
			put_number(r, r->swapped ? swap_bytes(v, r->size) : v, out);
		}
		if (text)
			cmd_put_ascii(o->data + row, n, r->size, out);
		buf_putc(out, '\n');
	}
}

static vs_status cmd_rd(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct rd r = { .m = m, .size = 8, .radix = 'x' };
	struct object o;
	struct mem_got got;
	uint64_t len = 0;
	vs_status st = parse(&r, a, err);

	if (st == VS_OK)
		st = extent(&r, &len, err);
	if (st)
		return st;
	o = (struct object){ .va = r.at, .data = malloc(len + 1) };
	if (!o.data)
		return fail(err, VS_NOMEM, "%" PRIu64 " bytes", len);
	got = r.mem->read(r.mem, r.at, o.data, len, err);
	o.len = got.len;
	if (r.raw)
		buf_put(out, o.data, o.len);
	else if (r.text)
		put_text(&r, &o, out);
	else
		put_rows(&r, &o, out);
	object_deinit(&o);
	// Text without a count may end early, where memory ends.
	return got.len < len && !(r.text && got.len && !r.have_count && !r.have_end) ? got.why
										     : VS_OK;
}

static const struct cmd_opt options[] = {
	{ "8", .help = "8-bit numbers" },
	{ "16", .help = "16-bit numbers" },
	{ "32", .help = "32-bit numbers" },
	{ "64", .help = "64-bit numbers (default)" },
	{ "a", .help = "only text; without COUNT, up to the first unprintable byte" },
	{ "d", .help = "signed decimal" },
	{ "D", .help = "unsigned decimal" },
	{ "s", .help = "symbols for addresses that have one" },
	{ "S", .help = "like -s, and slab caches; -SS: with the address" },
	{ "p", .help = "ADDRESS is physical" },
	{ "u", .help = "ADDRESS is in the selected task (always so for user addresses)" },
	{ "x", .help = "without the text column" },
	{ "N", .help = "network byte order" },
	{ "R", .help = "read up to ADDRESS, not from it" },
	{ "o", "OFFSET", .help = "add OFFSET to ADDRESS" },
	{ "e", "END", .help = "read up to END, instead of COUNT" },
	{ "r", "-", .help = "COUNT raw bytes, for a pipe" },
	{ 0 },
};

const struct cmd verb_rd = {
	.name = "rd",
	.run = cmd_rd,
	.brief = "read memory",
	.synopsis = "rd [-8 | -16 | -32 | -64] [-adDsSupxNR] [-o OFFSET] [-e END] [-r -] "
		    "ADDRESS | SYMBOL [COUNT]",
	.help = "Print COUNT 64-bit numbers in hexadecimal, and as text.\n",
	.example = "  rd linux_banner 2\n"
		   "  ffffffff9f11ffe0:  65762078756e694c 2e36206e6f697372   Linux version 6.\n",
	.options = options,
	.operands = OPERANDS(1, 2),
};
