// SPDX-License-Identifier: GPL-3.0-or-later
/* instances.c - lists the instances of ftrace (kernel/trace/trace.c). */
#include "stub/subsys/trace/instances.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/trace/ringbuf.h"

#define PAGE	  4096
#define MAX_ORDER 8	     /* of a page of the ring buffer: 1 MiB */
#define OFF	  (1u << 20) /* RB_BUFFER_OFF of record_disabled */

enum { TR_LIST, TR_NAME, TR_BUFFER, TR_TRACER };
static const struct record_field array_fields[] = {
	[TR_LIST] = { { "list" }, RECORD_ADDRESS },
	[TR_NAME] = { { "name" }, RECORD_POINTER },
	[TR_BUFFER] = { { "array_buffer.buffer", "trace_buffer.buffer" }, RECORD_POINTER },
	[TR_TRACER] = { { "current_trace" }, RECORD_POINTER },
};
RECORD(trace_array_record, "trace_array", array_fields);

enum { TRACER_NAME };
static const struct record_field tracer_fields[] = {
	[TRACER_NAME] = { { "name" }, RECORD_POINTER },
};
RECORD(tracer_record, "tracer", tracer_fields);

enum { RB_BUFFERS, RB_DISABLED, RB_CLOCK, RB_ORDER };
static const struct record_field buffer_fields[] = {
	[RB_BUFFERS] = { { "buffers" }, RECORD_POINTER },
	[RB_DISABLED] = { { "record_disabled.counter" }, RECORD_UINT },
	[RB_CLOCK] = { { "clock" }, RECORD_POINTER },
	[RB_ORDER] = { { "subbuf_order" }, RECORD_UINT, "since 6.8" },
};
RECORD(trace_buffer_record, "trace_buffer", buffer_fields);
/* Before 1c5eb4481e01 ("tracing: Rename trace_buffer to array_buffer", 5.6), struct trace_buffer
 * was another one. */
static const struct record_field old_buffer_fields[] = {
	[RB_BUFFERS] = { { "buffers" }, RECORD_POINTER, "before 5.6" },
	[RB_DISABLED] = { { "record_disabled.counter" }, RECORD_UINT, "before 5.6" },
	[RB_CLOCK] = { { "clock" }, RECORD_POINTER, "before 5.6" },
};
RECORD(ring_buffer_record, "ring_buffer", old_buffer_fields);

/* trace_clocks[] of kernel/trace/trace.c has no type; a buffer points to the function. */
static const struct {
	const char *function, *name;
	bool ns;
} clocks[] = {
	{ "trace_clock_local", "local", true },
	{ "trace_clock_global", "global", true },
	{ "trace_clock_counter", "counter", false },
	{ "trace_clock_jiffies", "uptime", false },
	{ "trace_clock", "perf", true },
	{ "ktime_get_mono_fast_ns", "mono", true },
	{ "ktime_get_raw_fast_ns", "mono_raw", true },
	{ "ktime_get_boot_fast_ns", "boot", true },
	{ "ktime_get_tai_fast_ns", "tai", true },
	{ "trace_clock_x86_tsc", "x86-tsc", false },
};

static void take_clock(struct kernel *k, kva_t function, struct trace_instance *t)
{
	const struct symbol *s = NULL;

	strcpy(t->clock, "?");
	if (kernel_need_syms(k, NULL) == VS_OK)
		s = symtab_lookup(k->syms, function);
	for (size_t i = 0; s && s->va == function && i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		kva_t va;

		// Several names may have the same address.
		if (kernel_symbol(k, clocks[i].function, &va, NULL) || va != function)
			continue;
		strcpy(t->clock, clocks[i].name);
		t->clock_ns = clocks[i].ns;
		return;
	}
}

static vs_status take_buffer(struct kernel *k, kva_t va, struct trace_instance *t, struct err *err)
{
	uint64_t size, order, disabled, clock;
	const struct record_def *def = types_size(k->types, "array_buffer", &size, NULL) == VS_OK
					       ? &trace_buffer_record
					       : &ring_buffer_record;
	struct record r;
	vs_status st;

	if (!va)
		return fail(err, VS_NOTFOUND, "no ring buffer");
	record_read(k, def, va, RECORD_ALL, &r);
	st = record_need(&r, RB_BUFFERS, &t->buffers, err);
	if (st)
		return st;
	t->known_on = record_get(&r, RB_DISABLED, &disabled);
	t->on = t->known_on && !(disabled & OFF);
	if (record_get(&r, RB_CLOCK, &clock))
		take_clock(k, clock, t);
	if (def != &trace_buffer_record || !record_get(&r, RB_ORDER, &order))
		order = 0;
	if (order > MAX_ORDER)
		return fail(err, VS_CORRUPT, "pages of order %" PRIu64, order);
	t->page_size = (size_t)PAGE << order;
	return VS_OK;
}

static void load(struct kernel *k, kva_t va, struct trace_instance *t)
{
	struct record r, tracer;
	uint64_t buffer = 0;

	record_read(k, &trace_array_record, va, RECORD_ALL, &r);
	t->top = record_knows(&r, TR_NAME) && !record_pointer(&r, TR_NAME);
	strcpy(t->name, "top");
	if (!t->top)
		(void)record_string(&r, TR_NAME, t->name, sizeof(t->name));
	record_read(k, &tracer_record, record_pointer(&r, TR_TRACER), RECORD_ALL, &tracer);
	(void)record_string(&tracer, TRACER_NAME, t->tracer, sizeof(t->tracer));
	strcpy(t->clock, "?");
	t->st = record_need(&r, TR_BUFFER, &buffer, &t->why);
	if (t->st == VS_OK)
		t->st = take_buffer(k, buffer, t, &t->why);
}

vs_status trace_instances(struct kernel *k, struct trace_instance **ret, size_t *n, struct err *err)
{
	AUTO_FREE kva_t *objects = NULL;
	struct member list;
	kva_t head;
	vs_status st = kernel_symbol(k, "ftrace_trace_arrays", &head, NULL), walked;

	*ret = NULL;
	*n = 0;
	if (st)
		return fail(err, VS_NOTFOUND, "this kernel is built without ftrace");
	st = record_member(k, &trace_array_record, TR_LIST, &list, err);
	if (st)
		return st;
	walked = walk_list_objects(k, head, list.off, &objects, n, err);
	if (*n > TRACE_MAX_INSTANCES)
		*n = TRACE_MAX_INSTANCES;
	*ret = calloc(*n ? *n : 1, sizeof(**ret));
	if (!*ret) {
		*n = 0;
		return fail(err, VS_NOMEM, "out of memory");
	}
	// New instances are put at the start of the list.
	for (size_t i = 0; i < *n; i++)
		load(k, objects[*n - 1 - i], &(*ret)[i]);
	return walked ? fail_ctx(err, walked, "list of instances") : VS_OK;
}

kva_t trace_cpu_buffer(struct kernel *k, const struct trace_instance *t, unsigned cpu)
{
	kva_t va;

	if (t->st || mem_read_u64(k->mem, t->buffers + cpu * sizeof(va), &va, NULL))
		return 0;
	return va;
}
