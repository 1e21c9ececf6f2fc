// SPDX-License-Identifier: GPL-3.0-or-later
/* strings.c - strings of which events have the address: two tables of pointers, and a list of
 * copies of those of modules (kernel/trace/trace_printk.c). */
#include "stub/subsys/trace/strings.h"

#include <stddef.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"

#define MAX_STRINGS 65536
#define MAX_STRING  1024

enum { BPRINTK_LIST, BPRINTK_FMT };
static const struct record_field bprintk_fields[] = {
	[BPRINTK_LIST] = { { "list" }, RECORD_ADDRESS },
	[BPRINTK_FMT] = { { "fmt" }, RECORD_POINTER },
};
RECORD(bprintk_fmt_record, "trace_bprintk_fmt", bprintk_fields);

struct strings {
	struct kernel *k;
	void (*fn)(void *ctx, kva_t va, const char *text);
	void *ctx;
	size_t n;
	uint64_t list_off;
};

static void take(struct strings *s, kva_t va)
{
	char text[MAX_STRING];

	if (s->n == MAX_STRINGS || !va || mem_read_str(s->k->mem, va, text, sizeof(text), NULL))
		return;
	s->n++;
	s->fn(s->ctx, va, text);
}

static void take_table(struct strings *s, const char *start_name, const char *stop_name)
{
	kva_t start, stop, va;

	if (kernel_symbol(s->k, start_name, &start, NULL) ||
	    kernel_symbol(s->k, stop_name, &stop, NULL) || stop < start ||
	    (stop - start) / sizeof(va) > MAX_STRINGS)
		return;
	for (; start + sizeof(va) <= stop; start += sizeof(va))
		if (mem_read_u64(s->k->mem, start, &va, NULL) == VS_OK)
			take(s, va);
}

static bool take_listed(void *ctx, kva_t node)
{
	struct strings *s = ctx;
	struct record r;

	record_read(s->k, &bprintk_fmt_record, node - s->list_off, RECORD_BIT(BPRINTK_FMT), &r);
	take(s, record_pointer(&r, BPRINTK_FMT));
	return s->n < MAX_STRINGS;
}

void trace_strings_each(struct kernel *k, void (*fn)(void *ctx, kva_t va, const char *text),
			void *ctx)
{
	struct strings s = { .k = k, .fn = fn, .ctx = ctx };
	struct member list;
	kva_t head;

	take_table(&s, "__start___tracepoint_str", "__stop___tracepoint_str");
	take_table(&s, "__start___trace_bprintk_fmt", "__stop___trace_bprintk_fmt");
	if (record_member(k, &bprintk_fmt_record, BPRINTK_LIST, &list, NULL) ||
	    kernel_symbol(k, "trace_bprintk_fmt_list", &head, NULL))
		return;
	s.list_off = list.off;
	(void)walk_list(k, head, take_listed, &s, NULL);
}
