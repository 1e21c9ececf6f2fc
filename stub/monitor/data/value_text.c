// SPDX-License-Identifier: GPL-3.0-or-later
/* value_text.c - values of kernel objects as text, in gdb's format (valprint.c of gdb:
 * `set print pretty on`, 200 elements, repeats from 10 on). Types come from the dump, so the depth
 * is bounded; the object's size bounds the amount of text. */
#include "stub/monitor/data/value_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/monitor/cmd.h"

#define MAX_DEPTH    64	 /* nested structs and arrays */
#define MAX_ELEMENTS 200 /* `print elements` of gdb */
#define REPEATS	     10	 /* `print repeats` */
#define MAX_TEXT     200 /* of a string that a pointer points to */
#define PAGE_BYTES   4096

vs_status object_read(const struct mem *mem, kva_t va, uint64_t len, struct object *ret,
		      struct err *err)
{
	struct object o = { .va = va, .len = len };
	size_t at = 0, page = 0, good = 0;

	if (len > OBJECT_MAX)
		return fail(err, VS_INVAL, "object of %" PRIu64 " bytes is too large to show", len);
	o.data = calloc(1, len + 1);
	o.missing = calloc(1, len / PAGE_BYTES + 2);
	if (!o.data || !o.missing) {
		object_deinit(&o);
		return fail(err, VS_NOMEM, "object of %" PRIu64 " bytes", len);
	}
	for (; at < len; page++) {
		size_t n = PAGE_BYTES - (va + at) % PAGE_BYTES;
		vs_status st;

		if (n > len - at)
			n = len - at;
		st = mem_read(mem, va + at, o.data + at, n, &o.why);
		o.missing[page] = (uint8_t)st;
		good += st == VS_OK;
		at += n;
	}
	if (!good && len) {
		object_deinit(&o);
		if (err)
			*err = o.why;
		return o.why.code;
	}
	*ret = o;
	return VS_OK;
}

void object_deinit(struct object *o)
{
	free(o->data);
	free(o->missing);
	o->data = o->missing = NULL;
}

/* VS_OK when all bytes are there, else why not. */
static vs_status have(const struct object *o, uint64_t off, uint64_t len)
{
	uint64_t first = o->va % PAGE_BYTES;

	if (off > o->len || len > o->len - off)
		return VS_INVAL;
	for (uint64_t p = (first + off) / PAGE_BYTES;
	     len && p <= (first + off + len - 1) / PAGE_BYTES; p++)
		if (o->missing[p])
			return o->missing[p];
	return VS_OK;
}

struct printer {
	struct monitor *m;
	struct types *t;
	const struct object *o;
	const struct value_style *style;
	struct buf *out;
};

static void put_value(const struct printer *p, type_ref type, uint64_t off, unsigned indent,
		      int depth);

/* --- scalars */

static uint64_t load(const struct object *o, uint64_t off, uint64_t size)
{
	uint64_t v = 0;

	memcpy(&v, o->data + off, size > 8 ? 8 : size);
	return v;
}

static uint64_t sign_extend(uint64_t v, unsigned bits)
{
	return bits < 64 && v >> (bits - 1) & 1 ? v | ~0ULL << bits : v;
}

/* One character inside quotes. after: an octal escape precedes it, which a digit would continue.
 * Returns true if it printed an octal escape. */
static bool put_char(unsigned char c, char quote, bool after, struct buf *out)
{
	static const char named[] = "\a\b\t\n\v\f\r\033";
	static const char letters[] = "abtnvfre";
	const char *which = c ? strchr(named, c) : NULL;

	if (which) {
		buf_printf(out, "\\%c", letters[which - named]);
	} else if (c < 0x20 || c > 0x7e || (after && isdigit(c))) {
		buf_printf(out, "\\%03o", c);
		return true;
	} else {
		if (c == (unsigned char)quote || c == '\\')
			buf_putc(out, '\\');
		buf_putc(out, (char)c);
	}
	return false;
}

static void put_int(const struct printer *p, uint64_t v, unsigned bits,
		    const struct type_info *info)
{
	if (info->is_bool && v <= 1 && !p->style->hex) {
		buf_puts(p->out, v ? "true" : "false");
		return;
	}
	if (p->style->hex)
		buf_printf(p->out, "0x%" PRIx64, v);
	else if (info->is_signed)
		buf_printf(p->out, "%" PRId64, (int64_t)sign_extend(v, bits));
	else
		buf_printf(p->out, "%" PRIu64, v);
	if (info->size == 1 && !info->is_bool && bits == 8 && !p->style->hex) {
		buf_puts(p->out, " '");
		put_char((unsigned char)v, '\'', false, p->out);
		buf_putc(p->out, '\'');
	}
}

/* Are all enumerators single, distinct bits, so that a value may combine them? */
static bool is_flag_enum(struct types *t, type_ref type)
{
	const char *name;
	int64_t value;
	uint64_t seen = 0;

	for (uint32_t i = 0; types_enumerator_at(t, type, i, &name, &value); i++) {
		if (value < 0 || (uint64_t)value & seen)
			return false;
		if ((value & (value - 1)) != 0)
			return false;
		seen |= (uint64_t)value;
	}
	return true;
}

/* BTF before 6.0 does not record the sign. Compilers use an unsigned type if no enumerator is
 * negative. */
static bool has_negative(struct types *t, type_ref type)
{
	const char *name;
	int64_t value;

	for (uint32_t i = 0; types_enumerator_at(t, type, i, &name, &value); i++)
		if (value < 0)
			return true;
	return false;
}

static void put_enum(const struct printer *p, type_ref type, uint64_t v, unsigned bits,
		     const struct type_info *info)
{
	uint64_t mask = bits < 64 ? (1ULL << bits) - 1 : ~0ULL, left = v;
	const char *name, *sep = "(";
	int64_t value;

	for (uint32_t i = 0; types_enumerator_at(p->t, type, i, &name, &value); i++)
		if (((uint64_t)value & mask) == v) {
			buf_puts(p->out, name);
			return;
		}
	if (!v || !is_flag_enum(p->t, type)) {
		if (info->is_signed && has_negative(p->t, type))
			buf_printf(p->out, "%" PRId64, (int64_t)sign_extend(v, bits));
		else
			buf_printf(p->out, "%" PRIu64, v);
		return;
	}
	for (uint32_t i = 0; types_enumerator_at(p->t, type, i, &name, &value); i++) {
		if (!value || (left & (uint64_t)value) != (uint64_t)value)
			continue;
		buf_printf(p->out, "%s%s", sep, name);
		sep = " | ";
		left &= ~(uint64_t)value;
	}
	if (left)
		buf_printf(p->out, "%sunknown: %#" PRIx64, sep, left);
	buf_putc(p->out, ')');
}

static void put_pointer(const struct printer *p, uint64_t v, const struct type_info *info)
{
	struct type_info target;
	struct addr_name name;
	char text[MAX_TEXT + 1];
	bool after = false;

	if (!v) {
		buf_puts(p->out, "0x0");
		return;
	}
	buf_printf(p->out, "%#" PRIx64, v);
	if (p->style->plain)
		return;
	types_info(p->t, types_strip(p->t, info->target), &target);
	if (target.kind == TYPE_INT && target.is_char) {
		if (mem_read_str(p->m->k->mem, v, text, sizeof(text), NULL))
			return;
		buf_puts(p->out, " \"");
		for (const char *c = text; *c; c++)
			after = put_char((unsigned char)*c, '"', after, p->out);
		buf_puts(p->out, strlen(text) == MAX_TEXT ? "\"..." : "\"");
		return;
	}
	if (!p->m->k->arch->is_kernel_va(v) || !cmd_lookup(p->m, v, &name) || !name.sym->name[0])
		return;
	buf_printf(p->out, " <%s", name.sym->name);
	if (name.off)
		buf_printf(p->out, "+%" PRIu64, name.off);
	buf_putc(p->out, '>');
}

static void put_missing(const struct printer *p, vs_status st)
{
	buf_printf(p->out, "<%s>", vs_status_str(st));
}

/* --- arrays */

/* Like gdb's generic_printstr(), which puts runs of a character outside the quotes. */
static void put_string(const struct printer *p, uint64_t off, uint64_t count)
{
	const unsigned char *s = p->o->data + off;
	bool quoted = false, after = false;
	uint64_t printed = 0, i = 0;

	// Do not show the last NUL of a string that fills its array.
	if (count && !s[count - 1])
		count--;
	if (!count)
		buf_puts(p->out, "\"\"");
	while (i < count && printed < MAX_ELEMENTS) {
		uint64_t reps = 1;

		while (i + reps < count && s[i + reps] == s[i])
			reps++;
		if (reps > REPEATS) {
			buf_puts(p->out, quoted ? "\", '" : i ? ", '" : "'");
			put_char(s[i], '\'', false, p->out);
			buf_printf(p->out, "' <repeats %" PRIu64 " times>", reps);
			quoted = false;
			printed += REPEATS;
			i += reps;
			continue;
		}
		if (!quoted)
			buf_puts(p->out, i ? ", \"" : "\"");
		after = put_char(s[i], '"', quoted && after, p->out);
		quoted = true;
		printed++;
		i++;
	}
	if (quoted)
		buf_putc(p->out, '"');
	if (i < count)
		buf_puts(p->out, "...");
}

static void put_array(const struct printer *p, const struct type_info *info, uint64_t off,
		      unsigned indent, int depth)
{
	struct type_info elem;
	type_ref bare = types_strip(p->t, info->target);
	uint64_t size, i = 0, printed = 0;
	bool composite;

	types_info(p->t, bare, &elem);
	size = elem.size;
	composite = elem.kind == TYPE_STRUCT || elem.kind == TYPE_UNION;
	if (elem.kind == TYPE_INT && size == 1 && !elem.is_bool && info->count) {
		vs_status st = have(p->o, off, info->count);

		if (st)
			put_missing(p, st);
		else
			put_string(p, off, info->count);
		return;
	}
	buf_putc(p->out, '{');
	while (size && i < info->count && printed < MAX_ELEMENTS) {
		uint64_t reps = 1, at = off + i * size;

		while (i + reps < info->count && have(p->o, at, size * (reps + 1)) == VS_OK &&
		       memcmp(p->o->data + at, p->o->data + at + reps * size, size) == 0)
			reps++;
		if (i)
			buf_puts(p->out, ", ");
		if (reps <= REPEATS)
			reps = 1;
		put_value(p, info->target, at, composite ? indent + 2 : indent, depth + 1);
		if (reps > 1)
			buf_printf(p->out, " <repeats %" PRIu64 " times>", reps);
		printed += reps > 1 ? REPEATS : 1;
		i += reps;
	}
	buf_puts(p->out, i < info->count && size ? "...}" : "}");
}

/* --- structs */

static void put_field(const struct printer *p, const struct type_field *f, uint64_t off,
		      unsigned indent, int depth)
{
	struct type_info info;
	type_ref bare;
	uint64_t v = 0, at = off + f->at.off, bytes;
	vs_status st;

	if (!f->at.bit_size) {
		put_value(p, f->type, at, indent, depth);
		return;
	}
	bytes = (f->at.bit_off + f->at.bit_size + 7u) / 8;
	st = have(p->o, at, bytes);
	if (st) {
		put_missing(p, st);
		return;
	}
	v = load(p->o, at, bytes) >> f->at.bit_off;
	if (f->at.bit_size < 64)
		v &= (1ULL << f->at.bit_size) - 1;
	bare = types_strip(p->t, f->type);
	types_info(p->t, bare, &info);
	if (info.kind == TYPE_ENUM)
		put_enum(p, bare, v, f->at.bit_size, &info);
	else
		put_int(p, v, f->at.bit_size, &info);
}

/* The owner of a mutex, rw_semaphore or rt_mutex is a task with flags in its low bits: MUTEX_FLAGS
 * of kernel/locking/mutex.h (since 3ca0ff571b09, 4.10), RWSEM_OWNER_FLAGS_MASK of
 * kernel/locking/rwsem.c (since 94a9717b3c40, 5.3), RT_MUTEX_HAS_WAITERS. */
#define OWNER_FLAGS 7u

static bool is_owner(const struct type_info *lock, const char *name)
{
	return strcmp(name, "owner") == 0 &&
	       (strcmp(lock->name, "mutex") == 0 || strcmp(lock->name, "rw_semaphore") == 0 ||
		strcmp(lock->name, "rt_mutex_base") == 0 || strcmp(lock->name, "rt_mutex") == 0);
}

static void put_owner_task(const struct printer *p, uint64_t v)
{
	struct task t;

	buf_printf(p->out, "%#" PRIx64 " <task %#" PRIx64, v, v & ~(uint64_t)OWNER_FLAGS);
	if (task_load(p->m->k, v & ~(uint64_t)OWNER_FLAGS, &t, NULL) == VS_OK)
		buf_printf(p->out, ", PID %d \"%s\"", t.pid, t.comm);
	if (v & OWNER_FLAGS)
		buf_printf(p->out, ", flags %#x", (unsigned)(v & OWNER_FLAGS));
	buf_putc(p->out, '>');
}

/* Decodes the owner of a lock: a pointer, or an atomic_long_t that gdb would show as a signed
 * number. */
static bool put_owner(const struct printer *p, const struct type_field *f, uint64_t off,
		      unsigned indent)
{
	struct type_field counter;
	struct type_info info;
	bool pointer;
	uint64_t v;

	types_info(p->t, types_strip(p->t, f->type), &info);
	pointer = info.kind == TYPE_POINTER;
	if (pointer)
		counter = (struct type_field){ .at.size = 8 };
	else if (types_field(p->t, f->type, "counter", &counter, NULL) || counter.at.size != 8)
		return false;
	if (have(p->o, off + f->at.off + counter.at.off, 8))
		return false;
	v = load(p->o, off + f->at.off + counter.at.off, 8);
	if (!p->m->k->arch->is_kernel_va(v))
		return false;
	if (!pointer)
		buf_printf(p->out, "{\n%*scounter = ", (int)indent + 2, "");
	put_owner_task(p, v);
	if (!pointer)
		buf_printf(p->out, "\n%*s}", (int)indent, "");
	return true;
}

static void put_struct(const struct printer *p, type_ref type, uint64_t off, unsigned indent,
		       int depth)
{
	struct type_info info;
	struct type_field f;
	const char *name;
	uint32_t i;

	types_info(p->t, type, &info);
	buf_putc(p->out, '{');
	for (i = 0; types_member_at(p->t, type, i, &f, &name); i++) {
		buf_printf(p->out, "%s\n%*s", i ? "," : "", (int)indent + 2, "");
		if (name[0])
			buf_printf(p->out, "%s = ", name);
		if (is_owner(&info, name) && put_owner(p, &f, off, indent + 2))
			continue;
		put_field(p, &f, off, indent + 2, depth + 1);
	}
	if (i)
		buf_printf(p->out, "\n%*s}", (int)indent, "");
	else
		buf_puts(p->out, "<No data fields>}");
}

static void put_value(const struct printer *p, type_ref type, uint64_t off, unsigned indent,
		      int depth)
{
	type_ref bare = types_strip(p->t, type);
	struct type_info info;
	vs_status st;

	types_info(p->t, bare, &info);
	if (depth > MAX_DEPTH) {
		buf_puts(p->out, "{...}");
		return;
	}
	if (info.kind == TYPE_STRUCT || info.kind == TYPE_UNION) {
		put_struct(p, bare, off, indent, depth);
		return;
	}
	if (info.kind == TYPE_ARRAY) {
		put_array(p, &info, off, indent, depth);
		return;
	}
	st = have(p->o, off, info.size);
	if (st)
		put_missing(p, st);
	else if (info.kind == TYPE_POINTER)
		put_pointer(p, load(p->o, off, 8), &info);
	else if (info.kind == TYPE_ENUM)
		put_enum(p, bare, load(p->o, off, info.size), (unsigned)info.size * 8, &info);
	else if (info.kind == TYPE_INT && info.size <= 8)
		put_int(p, load(p->o, off, info.size), (unsigned)info.size * 8, &info);
	else
		buf_printf(p->out, "<%" PRIu64 " bytes>", info.size);
}

void value_put(struct monitor *m, struct types *t, type_ref type, const struct object *o,
	       uint64_t off, const struct value_style *style, struct buf *out)
{
	struct printer p = { m, t, o, style, out };

	put_value(&p, type, off, style->indent, 0);
}

void value_put_member(struct monitor *m, struct types *t, const struct type_field *f,
		      const char *name, const struct object *o, const struct value_style *style,
		      struct buf *out)
{
	struct printer p = { m, t, o, style, out };

	buf_printf(out, "%s = ", name);
	put_field(&p, f, 0, style->indent, 0);
}
