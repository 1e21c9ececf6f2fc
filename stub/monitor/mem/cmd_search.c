// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_search.c - search: finds values and text in all kinds of memory. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/vec.h"
#include "stub/subsys/mm/pages.h"
#include "stub/task/taskmem.h"
#include "stub/task/vma.h"
#include "stub/subsys/mm/vmalloc.h"
#include "stub/monitor/cmd.h"
#include "stub/kernel/addressmap.h"

#define PAGE_BYTES  4096
#define MAX_WANTED  32
#define MAX_PATTERN 256
#define MAX_CONTEXT 64

struct range {
	uint64_t start, end;
};

struct search {
	struct monitor *m;
	const struct mem *mem;
	struct task_mem user;
	char space;    /* k K V u p t T */
	unsigned size; /* bytes of a value; 1: text */
	uint64_t mask;
	unsigned context;
	uint64_t start, end;
	bool have_start, have_end, have_length;
	uint64_t length;

	uint64_t value[MAX_WANTED];
	const char *text[MAX_WANTED];
	size_t text_len[MAX_WANTED];
	unsigned n;

	/* The frames that the pass over the direct map has searched, and those of them, in
	 * ascending order, to search again where they are mapped elsewhere: they hold a match, or
	 * could not be read whole. */
	pfn_t first_frame, end_frame;
	VEC(pfn_t) again;

	/* The end of the last page, for text that continues in the next one. */
	uint8_t window[MAX_PATTERN + PAGE_BYTES];
	size_t kept;
	uint64_t next;	     /* the address after window */
	uint64_t pages_left; /* bounds the work in corrupt memory */
	size_t found;
	struct buf *out;
};

/* --- finding in a page */

static void put_match(struct search *s, uint64_t at, uint64_t value)
{
	buf_printf(s->out, "%" PRIx64 ": %" PRIx64 "\n", at, value);
	s->found++;
	if (!s->context)
		return;
	for (unsigned i = 0; i < 2; i++) {
		uint8_t data[MAX_CONTEXT * 8];
		size_t len = (size_t)s->context * s->size;
		uint64_t from = i ? at + s->size : at - len;
		struct mem_got got = s->mem->read(s->mem, from, data, len, NULL);

		cmd_put_words(data, got.len - got.len % s->size, from, s->size, s->out);
	}
}

static uint64_t load(const uint8_t *p, unsigned size)
{
	uint64_t v = 0;

	memcpy(&v, p, size);
	return v;
}

/* Is any of n values, masked by keep, equal to want? Without a branch for each value, because most
 * pages hold no match. */
#define DEFINE_HOLDS(type)                                                                         \
	static bool holds_##type(const uint8_t *p, size_t n, type keep, type want)                 \
	{                                                                                          \
		unsigned hit = 0;                                                                  \
                                                                                                   \
		for (size_t i = 0; i < n; i++) {                                                   \
			type v;                                                                    \
                                                                                                   \
			memcpy(&v, p + i * sizeof(v), sizeof(v));                                  \
			hit |= (v & keep) == want;                                                 \
		}                                                                                  \
		return hit;                                                                        \
	}
DEFINE_HOLDS(uint64_t)
DEFINE_HOLDS(uint32_t)
DEFINE_HOLDS(uint16_t)

static bool holds_any(const struct search *s, const uint8_t *p, size_t n)
{
	uint64_t keep = ~s->mask;

	for (unsigned j = 0; j < s->n; j++) {
		uint64_t want = s->value[j];
		// A mask may have bits above the value's size.
		bool hit = s->size == 8	  ? holds_uint64_t(p, n, keep, want)
			   : s->size == 4 ? holds_uint32_t(p, n, (uint32_t)keep, (uint32_t)want)
					  : holds_uint16_t(p, n, (uint16_t)keep, (uint16_t)want);

		if (hit)
			return true;
	}
	return false;
}

static void find_values(struct search *s, const uint8_t *p, size_t len, uint64_t at)
{
	size_t skip = (s->size - at % s->size) % s->size;

	if (len < skip || !holds_any(s, p + skip, (len - skip) / s->size))
		return;
	for (size_t i = skip; i + s->size <= len; i += s->size) {
		uint64_t v = load(p + i, s->size) & ~s->mask;

		for (unsigned j = 0; j < s->n; j++)
			if (v == s->value[j]) {
				put_match(s, at + i, load(p + i, s->size));
				break;
			}
	}
}

static void put_text(struct search *s, const uint8_t *p, size_t len, uint64_t at)
{
	buf_printf(s->out, "%" PRIx64 ": ", at);
	for (size_t i = 0; i < len && i < 60; i++)
		buf_putc(s->out, isprint(p[i]) ? (char)p[i] : '.');
	buf_putc(s->out, '\n');
	s->found++;
}

/* Finds text, also across page boundaries: window keeps the end of the last page. */
static void find_text(struct search *s, size_t fresh)
{
	size_t len = s->kept + fresh, keep = 0;
	uint64_t at = s->next - len;

	for (unsigned j = 0; j < s->n; j++) {
		const uint8_t *p = s->window, *hit;
		size_t n = s->text_len[j];

		while ((hit = memmem(p, len - (size_t)(p - s->window), s->text[j], n))) {
			size_t off = (size_t)(hit - s->window);

			// A match within the kept part was found before.
			if (off + n > s->kept)
				put_text(s, hit, len - off, at + off);
			p = hit + 1;
		}
		if (n - 1 > keep)
			keep = n - 1;
	}
	if (keep > len)
		keep = len;
	memmove(s->window, s->window + len - keep, keep);
	s->kept = keep;
}

/* Searches one page or part of it. False: it cannot be read. */
static bool look_at(struct search *s, uint64_t va, size_t len)
{
	struct mem_got got;

	if (va != s->next)
		s->kept = 0;
	got = s->mem->read(s->mem, va, s->window + s->kept, len, NULL);
	s->next = va + got.len;
	if (s->size == 1)
		find_text(s, got.len);
	else
		find_values(s, s->window, got.len, va);
	return got.len > 0;
}

/* --- ranges */

static struct range clip(const struct search *s, uint64_t start, uint64_t end)
{
	if (s->have_start && start < s->start)
		start = s->start;
	if (s->have_end && end > s->end)
		end = s->end;
	return (struct range){ start, end < start ? start : end };
}

static int by_frame(const void *a, const void *b)
{
	const pfn_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Has the pass over the direct map found no match in this page? Values do not cross pages. */
static bool seen_without_match(struct search *s, uint64_t va)
{
	struct kernel *k = s->m->k;
	struct walk w;
	pfn_t pfn;

	if (s->first_frame == s->end_frame || kmem_walk(k->kmem, 0, va, &w, NULL))
		return false;
	pfn = w.pa >> PAGE_SHIFT;
	if (pfn < s->first_frame || pfn >= s->end_frame || dump_page_state(k->dump, pfn))
		return false;
	return !s->again.n || !bsearch(&pfn, s->again.v, s->again.n, sizeof(pfn), by_frame);
}

static void look_at_range(struct search *s, uint64_t start, uint64_t end)
{
	struct range r = clip(s, start, end);

	while (r.start < r.end && !buf_stopped(s->out)) {
		uint64_t n = PAGE_BYTES - r.start % PAGE_BYTES;

		if (n > r.end - r.start)
			n = r.end - r.start;
		kmem_pulse(s->m->k->kmem);
		if (!s->pages_left--)
			return;
		if (seen_without_match(s, r.start) || look_at(s, r.start, n) || s->space == 'p') {
			r.start += n;
			continue;
		}
		// Damaged areas can be as large as the address space.
		n = kmem_next_mapped(s->m->k->kmem, s->mem == &s->user.mem ? s->user.root : 0,
				     r.start);
		r.start = n > r.start && n < r.end ? n : r.end;
	}
}

/* Searches all pages in the dump, at base + their physical addresses; holes cost nothing. */
static vs_status look_at_frames(struct search *s, uint64_t base, struct err *err)
{
	struct range r = clip(s, base, base + (dump_info(s->m->k->dump)->max_pfn << PAGE_SHIFT));
	pfn_t pfn = (r.start - base) >> PAGE_SHIFT, first = pfn;
	bool kept = true;
	vs_status st = VS_OK;

	while (r.start < r.end && !buf_stopped(s->out) &&
	       (st = dump_next_page(s->m->k->dump, pfn, &pfn, err)) == VS_OK) {
		uint64_t va = base + (pfn << PAGE_SHIFT);
		size_t found = s->found;

		if (va >= r.end)
			break;
		look_at_range(s, va, va + PAGE_BYTES);
		if (s->found != found || va < r.start || s->next != va + PAGE_BYTES)
			kept = kept && vec_push(&s->again, pfn);
		pfn++;
	}
	if (kept && s->size > 1 && s->space != 'p') {
		s->first_frame = first;
		s->end_frame = pfn;
	}
	return r.start < r.end && st != VS_OK && st != VS_END ? st : VS_OK;
}

static vs_status look_at_vmalloc(struct search *s, struct err *err)
{
	AUTO_FREE struct vmap_area *v = NULL;
	size_t n;
	vs_status st = vmap_areas(s->m->k, &v, &n, err);

	for (size_t i = 0; i < n; i++)
		look_at_range(s, v[i].start, v[i].end);
	return st;
}

static vs_status look_at_kernel(struct search *s, struct err *err)
{
	struct kernel *k = s->m->k;
	kva_t base, start, end;
	vs_status st = VS_OK, one;

	if (s->space != 'V') {
		st = addressmap_direct(k, &base, err);
		if (st == VS_OK)
			st = look_at_frames(s, base, err);
	}
	if (s->space != 'K') {
		one = look_at_vmalloc(s, st ? NULL : err);
		st = st ? st : one;
	}
	if (s->space != 'V') {
		one = kernel_symbol(k, "_text", &start, st ? NULL : err);
		if (one == VS_OK)
			one = kernel_symbol(k, "_end", &end, st ? NULL : err);
		if (one == VS_OK)
			look_at_range(s, start, end);
		st = st ? st : one;
	}
	return st;
}

static bool look_at_vma(void *ctx, const struct vma *v)
{
	look_at_range(ctx, v->start, v->end);
	return true;
}

static vs_status look_at_user(struct search *s, struct err *err)
{
	struct task t;
	kva_t task;
	vs_status st = cmd_selected_task(s->m, &task, err);

	if (st == VS_OK)
		st = task_load(s->m->k, task, &t, err);
	if (st == VS_OK && !t.mm)
		st = fail(err, VS_NOTFOUND, "a kernel thread has no user memory");
	if (st == VS_OK)
		st = task_mem_init(&s->user, s->m->k, task, err);
	if (st)
		return st;
	s->mem = &s->user.mem;
	return vma_each(s->m->k, t.mm, look_at_vma, s, err);
}

/* Searches stacks, and prints matches below a line for the task. */
static vs_status look_at_stacks(struct search *s, struct err *err)
{
	AUTO_FREE kva_t *list = NULL;
	struct buf *all = s->out;
	uint64_t size = task_stack_size(s->m->k);
	size_t n;
	vs_status st = tasks_list(s->m->k, &list, &n, err);

	for (size_t i = 0; i < n && !buf_stopped(all); i++) {
		AUTO(buf) own = { 0 };
		struct task t;
		kva_t current;

		if (task_load(s->m->k, list[i], &t, NULL) || !t.stack)
			continue;
		if (s->space == 'T' &&
		    (task_current(s->m->k, t.cpu, &current, NULL) || current != t.va))
			continue;
		s->out = &own;
		look_at_range(s, t.stack, t.stack + size);
		s->out = all;
		if (own.len) {
			cmd_task_line(&t, all);
			buf_printf(all, "%s\n", buf_str(&own));
		}
	}
	return st;
}

/* --- arguments */

static vs_status take_option(struct search *s, char c, const char *arg, struct err *err)
{
	uint64_t v;

	switch (c) {
	case 's':
		s->have_start = true;
		return cmd_address(s->m, arg, &s->start, err);
	case 'e':
		s->have_end = true;
		return cmd_address(s->m, arg, &s->end, err);
	case 'l':
		if (!cmd_number(arg, &s->length))
			return fail(err, VS_INVAL, "%s: not a length", arg);
		s->have_length = true;
		return VS_OK;
	case 'm':
		return cmd_address(s->m, arg, &s->mask, err);
	case 'x':
		if (!cmd_number(arg, &v) || v > MAX_CONTEXT)
			return fail(err, VS_INVAL, "%s: not a count of at most %d", arg,
				    MAX_CONTEXT);
		s->context = (unsigned)v;
		return VS_OK;
	case 'c':
		s->size = 1;
		return VS_OK;
	case 'w':
		s->size = 4;
		return VS_OK;
	case 'h':
		s->size = 2;
		return VS_OK;
	}
	s->space = c;
	return VS_OK;
}

static vs_status wanted(struct search *s, const char *text, struct err *err)
{
	uint64_t v;
	vs_status st;

	if (s->n == MAX_WANTED)
		return fail(err, VS_INVAL, "more than %d values", MAX_WANTED);
	if (s->size == 1) {
		s->text[s->n] = text;
		s->text_len[s->n] = strlen(text);
		if (!s->text_len[s->n] || s->text_len[s->n] > MAX_PATTERN)
			return fail(err, VS_INVAL, "text must have 1 to %d characters",
				    MAX_PATTERN);
		s->n++;
		return VS_OK;
	}
	st = cmd_address(s->m, text, &v, err);
	if (st == VS_OK && s->size < 8 && v >> 8 * s->size)
		st = fail(err, VS_INVAL, "%s does not fit in %u bits", text, 8 * s->size);
	if (st == VS_OK)
		s->value[s->n++] = v & ~s->mask;
	return st;
}

static vs_status parse(struct search *s, struct args *a, struct err *err)
{
	vs_status st = VS_OK;

	for (size_t i = 0; st == VS_OK && i < a->given.n; i++)
		st = take_option(s, a->given.v[i].opt->name[0], a->given.v[i].arg, err);
	if (st)
		return st;
	if (s->have_length) { // -s may come after -l
		if (!s->have_start)
			return fail(err, VS_INVAL, "-l needs -s START");
		s->have_end = true;
		s->end = s->length > UINT64_MAX - s->start ? UINT64_MAX : s->start + s->length;
	}
	if (s->size == 1 && s->mask)
		return fail(err, VS_INVAL, "-m is for values, not for text");
	for (int i = 0; i < a->argc && st == VS_OK; i++)
		st = wanted(s, a->argv[i], err);
	return st;
}

static vs_status run(struct search *s, struct err *err)
{
	s->mem = s->m->k->mem;
	// A page in the direct map may also be mapped in a vmalloc area and in the image.
	s->pages_left = 4 * dump_info(s->m->k->dump)->max_pfn + (1 << 20);
	// A user address as start selects user memory.
	if (s->have_start && s->space == 'k' && !s->m->k->arch->is_kernel_va(s->start))
		s->space = 'u';
	switch (s->space) {
	case 'u':
		return look_at_user(s, err);
	case 'p':
		s->mem = dump_mem(s->m->k->dump);
		return look_at_frames(s, 0, err);
	case 't':
	case 'T':
		return look_at_stacks(s, err);
	}
	return look_at_kernel(s, err);
}

static vs_status cmd_search(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	AUTO_FREE struct search *s = calloc(1, sizeof(*s));
	vs_status st;

	if (!s)
		return fail(err, VS_NOMEM, "out of memory");
	s->m = m;
	s->space = 'k';
	s->size = 8;
	s->out = out;
	st = parse(s, a, err);
	if (st == VS_OK)
		st = run(s, err);
	vec_free(&s->again);
	return st;
}

static const struct cmd_opt options[] = {
	{ "k", .help = "kernel memory (default): direct map, vmalloc areas with modules, image" },
	{ "K", .help = "like -k, without vmalloc areas" },
	{ "V", .help = "only vmalloc areas" },
	{ "u", .help = "user memory of the selected task" },
	{ "p", .help = "physical memory" },
	{ "t", .help = "kernel stacks of all tasks" },
	{ "T", .help = "kernel stacks of running tasks" },
	{ "s", "START", .help = "from START" },
	{ "e", "END", .help = "up to END" },
	{ "l", "LENGTH", .help = "LENGTH bytes from START" },
	{ "m", "MASK", .help = "ignore the bits in MASK" },
	{ "x", "COUNT", .help = "also show COUNT values before and after" },
	{ "c", .help = "text at any address" },
	{ "w", .help = "32-bit values" },
	{ "h", .help = "16-bit values" },
	{ 0 },
};

const struct cmd verb_search = {
	.name = "search",
	.run = cmd_search,
	.brief = "find values or text in memory",
	.synopsis = "search [-k | -K | -V | -u | -p | -t | -T] [-s START] [-e END | -l LENGTH] "
		    "[-m MASK] [-x COUNT]\n"
		    "  [-c | -w | -h] VALUE | SYMBOL | \"TEXT\" ...",
	.help = "Without options, search all kernel memory for aligned 64-bit values.\n",
	.example = "  search -p -c \"Linux version\"\n",
	.options = options,
	.operands = OPERANDS(1, OPERANDS_ANY),
};
