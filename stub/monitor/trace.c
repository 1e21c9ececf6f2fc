// SPDX-License-Identifier: GPL-3.0-or-later
/* trace.c - file and line for entries of the kernel's own traces.
 * The kernel prints an address as NAME+0xOFFSET/0xSIZE [MODULE BUILD-ID] (__sprint_symbol() of
 * kernel/kallsyms.c), SIZE up to the next symbol. In a call trace it is a return address, so the
 * call is before it. After "RIP:" and after FILE:LINE of a warning it is the instruction itself. */
#include "stub/monitor/trace.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "stub/module/lines.h"
#include "stub/module/modules.h"
#include "stub/monitor/cmd.h"

#define MAX_NAME    512 /* KSYM_NAME_LEN of include/linux/kallsyms.h since 6.1 */
#define MAX_INLINED 32
/* Functions are aligned, so the next symbol is up to this far behind the end. */
#define MAX_PADDING 16

struct entry {
	char name[MAX_NAME], mod[64]; /* mod "": none is named */
	uint64_t off, size;
	bool exact;	 /* no return address */
	const char *end; /* of its text */
};

static bool name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

/* Takes 0x and hexadecimal digits. */
static bool take_hex(const char **p, const char *end, uint64_t *ret)
{
	const char *s = *p, *first;

	if (end - s < 3 || s[0] != '0' || s[1] != 'x')
		return false;
	*ret = 0;
	for (first = s += 2; s < end && isxdigit((unsigned char)*s) && s - first < 16; s++)
		*ret = *ret << 4 |
		       (uint64_t)(isdigit((unsigned char)*s) ? *s - '0' : (*s | 32) - 'a' + 10);
	*p = s;
	return s > first;
}

/* " [l2w]" or " [l2w 1d87ed...]" behind an entry. */
static void take_module(const char *end, struct entry *e)
{
	const char *p = e->end, *name;
	size_t n = 0;

	if (end - p < 3 || p[0] != ' ' || p[1] != '[')
		return;
	for (name = p += 2; p < end && (name_char(*p) || *p == '-'); p++)
		n++;
	if (p == end || (*p != ']' && *p != ' ') || n == 0 || n >= sizeof(e->mod))
		return;
	memcpy(e->mod, name, n);
	e->mod[n] = '\0';
	e->end = p;
}

static bool ends_with(const char *text, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - text) >= n && memcmp(end - n, word, n) == 0;
}

/* Moves back over "[<ffffffff81000000>] ", which kernels up to 4.10 print before an entry. */
static const char *before_address(const char *text, const char *p)
{
	const char *s = p;

	while (s > text && s[-1] == ' ')
		s--;
	if (s < text + 2 || s[-1] != ']' || s[-2] != '>')
		return p;
	for (s -= 2; s > text && isxdigit((unsigned char)s[-1]); s--)
		;
	return s >= text + 2 && s[-1] == '<' && s[-2] == '[' ? s - 2 : p;
}

/* Is the text before an entry "RIP: 0010:", "RIP: 0010:[<ffffffff81000000>] [<ffffffff81000000>] ",
 * "IP: [<ffffffff81000000>] " or "at FILE.c:12 "? */
static bool is_exact(const char *text, const char *p)
{
	for (int i = 0; i < 2; i++)
		p = before_address(text, p);
	while (p > text && strchr("0123456789:() ", p[-1]))
		p--;
	return ends_with(text, p, "IP") || ends_with(text, p, ".c") || ends_with(text, p, ".h");
}

/* Finds the next entry at or behind p in [text, end). */
static bool next_entry(const char *text, const char *p, const char *end, struct entry *e)
{
	for (; (p = memchr(p, '+', (size_t)(end - p))); p++) {
		const char *name = p, *s = p + 1;

		while (name > text && name_char(name[-1]))
			name--;
		e->end = s;
		if (name == p || (size_t)(p - name) >= sizeof(e->name) ||
		    isdigit((unsigned char)*name) || !take_hex(&s, end, &e->off) || s == end ||
		    *s++ != '/' || !take_hex(&s, end, &e->size))
			continue;
		memcpy(e->name, name, (size_t)(p - name));
		e->name[p - name] = '\0';
		e->exact = is_exact(text, name);
		e->mod[0] = '\0';
		e->end = s;
		take_module(end, e);
		return true;
	}
	return false;
}

/* --- the symbol that an entry means */

#define MAX_FITS 8

struct fits {
	const struct entry *e;
	const struct symtab *syms;
	kva_t va[MAX_FITS]; /* of symbols with that name and size */
	size_t n, named;    /* named: with that name */
	uint64_t size;	    /* of the last one */
};

/* Would the kernel print this size for s? */
static bool size_fits(const struct symtab *t, const struct symbol *s, uint64_t size)
{
	size_t above = symtab_above(t, s->va);
	const struct symbol *next = above < symtab_count(t) ? symtab_at(t, above) : NULL;

	if (next && size == next->va - s->va)
		return true;
	// A module's last function extends to the end of the text (find_kallsyms_symbol()).
	if (!next || !strchr("tTwW", next->type))
		return size >= s->size && (!next || size <= next->va - s->va);
	return s->size && size >= s->size && size - s->size < MAX_PADDING;
}

static bool take_fit(void *ctx, const struct symbol *s)
{
	struct fits *f = ctx;
	bool fits = size_fits(f->syms, s, f->e->size);

	for (size_t i = 0; i < f->n; i++)
		if (f->va[i] == s->va)
			return true;
	f->named++;
	f->size = symtab_end(f->syms, s) - s->va;
	if (fits && f->n < MAX_FITS)
		f->va[f->n++] = s->va;
	return true;
}

static void find_fits(struct monitor *m, const struct entry *e, struct fits *f)
{
	struct modules *mods;

	*f = (struct fits){ .e = e };
	if (!e->mod[0] && kernel_need_syms(m->k, NULL) == VS_OK) {
		f->syms = m->k->syms;
		symtab_each_named(f->syms, e->name, take_fit, f);
	}
	if (f->named || kernel_need_modules(m->k, &mods, NULL))
		return;
	// Somebody may have typed a module's entry without its name.
	for (size_t i = 0; i < mods->n; i++) {
		struct module *mod = &mods->v[i];

		if ((e->mod[0] && modules_by_name(mods, e->mod) != mod) ||
		    module_need_syms(m->k, mod, NULL))
			continue;
		f->syms = mod->syms;
		symtab_each_named(f->syms, e->name, take_fit, f);
	}
}

/* --- output */

static void put_address_lines(struct monitor *m, const struct entry *e, kva_t va, bool show_va,
			      struct trace_found *found, struct buf *out)
{
	// At offset 0 there is no call before it: it is not a return address.
	kva_t pc = va + e->off - (e->exact || !e->off ? 0 : 1);
	struct inlined inl[MAX_INLINED];
	struct line_pos pos;
	size_t n = 0;

	if (lines_inlined(m->k, pc, inl, MAX_INLINED, &n, NULL) == VS_OK && n) {
		for (size_t i = 0; i < n; i++) {
			buf_puts(out, "    ");
			if (show_va)
				buf_printf(out, "%" PRIx64 " ", va + e->off);
			buf_printf(out, "%s at %s: %d%s\n", i + 1 < n ? inl[i].func : e->name,
				   inl[i].at.file, inl[i].at.line, i + 1 < n ? " (inlined)" : "");
		}
		found->with_lines++;
	} else if (lines_find(m->k, pc, &pos, &found->why) == VS_OK) {
		buf_puts(out, "    ");
		if (show_va)
			buf_printf(out, "%" PRIx64 " ", va + e->off);
		buf_printf(out, "%s at %s: %d\n", e->name, pos.file, pos.line);
		found->with_lines++;
	}
}

static void put_entry_lines(struct monitor *m, const struct entry *e, struct trace_found *found,
			    struct buf *out)
{
	struct fits f;

	find_fits(m, e, &f);
	found->entries++;
	if (!f.named && strncmp(e->name, "bpf_", 4) == 0)
		buf_printf(out, "    %s is generated code, which has no lines\n", e->name);
	else if (!f.named)
		buf_printf(out, "    %s%s%s: no such function in this kernel%s\n", e->name,
			   e->mod[0] ? " of module " : "", e->mod,
			   e->mod[0] ? ", or its module is not loaded" : "");
	else if (!f.n)
		buf_printf(out,
			   "    %s has %#" PRIx64 " bytes in this kernel and %#" PRIx64
			   " in the trace, which is of another build\n",
			   e->name, f.size, e->size);
	for (size_t i = 0; i < f.n; i++)
		put_address_lines(m, e, f.va[i], f.n > 1, found, out);
}

void trace_put_lines(struct monitor *m, const char *text, size_t len, struct trace_found *found,
		     struct buf *out)
{
	const char *end = text + len;
	struct entry e;

	for (const char *p = text; !buf_stopped(out) && next_entry(text, p, end, &e); p = e.end)
		put_entry_lines(m, &e, found, out);
}

vs_status trace_end(const struct trace_found *found, struct err *err)
{
	if (!found->entries)
		return fail(err, VS_NOTFOUND, "no entry such as schedule+0x36/0x70 found");
	if (!found->with_lines && found->why.msg[0])
		return fail(err, VS_NOTFOUND, "no lines: %s", found->why.msg);
	return VS_OK;
}
