// SPDX-License-Identifier: GPL-3.0-or-later
/* tracedat.c - writes a trace.dat of version 6: formats of events, symbols, strings and names of
 * tasks, options, then for each instance a table of its CPUs, and their pages.
 * The pages are read twice: first to count those that can be read, as the table comes before them.
 */
#include "stub/subsys/trace/tracedat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/subsys/trace/ringbuf.h"
#include "stub/subsys/trace/strings.h"

#define PAGE 4096

/* Options of the file. */
enum { OPTION_DONE = 0, OPTION_CPUSTAT = 2, OPTION_BUFFER = 3, OPTION_CLOCK = 4, OPTION_UNAME = 5 };

/* In the number of bytes of a page: events before it are lost, and their number is behind the data.
 */
#define MISSED_EVENTS (1ULL << 31)
#define MISSED_STORED (1ULL << 30)

struct writer {
	const struct trace_dat *d;
	struct buf *out;
	uint64_t *pages; /* by instance and CPU */
	vs_status st;
	struct err *err;
};

static void put_u16(struct buf *out, uint16_t v)
{
	buf_put(out, &v, sizeof(v));
}

static void put_u32(struct buf *out, uint32_t v)
{
	buf_put(out, &v, sizeof(v));
}

static void put_u64(struct buf *out, uint64_t v)
{
	buf_put(out, &v, sizeof(v));
}

static void put_sized(struct buf *out, const struct buf *text)
{
	put_u64(out, text->len);
	buf_put(out, buf_str(text), text->len);
}

/* --- what describes the events */

/* tracefs/events/header_page and header_event; the same in all kernels. */
static void put_headers(const struct writer *w, struct buf *out)
{
	AUTO(buf) page = { 0 };
	AUTO(buf) event = { 0 };

	buf_printf(&page,
		   "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		   "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
		   "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		   "\tfield: char data;\toffset:16;\tsize:%zu;\tsigned:1;\n",
		   w->d->instances[0]->page_size - RING_DATA);
	buf_puts(&event, "# compressed entry header\n\ttype_len    :    5 bits\n"
			 "\ttime_delta  :   27 bits\n\tarray       :   32 bits\n\n"
			 "\tpadding     : type == 29\n\ttime_extend : type == 30\n"
			 "\ttime_stamp : type == 31\n\tdata max type_len  == 28\n");
	buf_put(out, "header_page", 12);
	put_sized(out, &page);
	buf_put(out, "header_event", 13);
	put_sized(out, &event);
}

static bool is_first_of_system(const struct event_types *types, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(types->v[j].system, types->v[i].system) == 0)
			return false;
	return true;
}

/* The formats of a system's events, with their number in front. A format that cannot be read is
 * left out. */
static void put_system(const struct writer *w, const char *system, struct buf *out)
{
	const struct event_types *types = w->d->types;
	AUTO(buf) all = { 0 };
	AUTO(buf) one = { 0 };
	uint32_t n = 0;

	for (size_t i = 0; i < types->n; i++) {
		if (strcmp(types->v[i].system, system) != 0)
			continue;
		buf_reset(&one);
		if (event_format(w->d->k, &types->v[i], &one, NULL))
			continue;
		put_sized(&all, &one);
		n++;
	}
	put_u32(out, n);
	buf_put(out, buf_str(&all), all.len);
	out->oom |= all.oom || one.oom;
}

static void put_formats(const struct writer *w, struct buf *out)
{
	const struct event_types *types = w->d->types;
	uint32_t n = 0;

	put_system(w, "ftrace", out);
	for (size_t i = 0; i < types->n; i++)
		n += is_first_of_system(types, i) && strcmp(types->v[i].system, "ftrace") != 0;
	put_u32(out, n);
	for (size_t i = 0; i < types->n; i++) {
		const char *system = types->v[i].system;

		if (!is_first_of_system(types, i) || strcmp(system, "ftrace") == 0)
			continue;
		buf_put(out, system, strlen(system) + 1);
		put_system(w, system, out);
	}
}

static void put_string(void *ctx, kva_t va, const char *text)
{
	struct buf *out = ctx;

	buf_printf(out, "0x%" PRIx64 " : \"", va);
	for (; *text; text++) {
		if (*text == '\n')
			buf_puts(out, "\\n");
		else if (*text == '"' || *text == '\\')
			buf_printf(out, "\\%c", *text);
		else
			buf_putc(out, *text);
	}
	buf_puts(out, "\"\n");
}

static void put_comm(void *ctx, int32_t pid, const char *comm)
{
	buf_printf(ctx, "%d %s\n", pid, comm);
}

static void put_names(const struct writer *w, struct buf *out)
{
	AUTO(buf) text = { 0 };

	w->d->put_symbols(w->d->ctx, &text);
	put_u32(out, (uint32_t)text.len);
	buf_put(out, buf_str(&text), text.len);
	buf_reset(&text);
	trace_strings_each(w->d->k, put_string, &text);
	put_u32(out, (uint32_t)text.len);
	buf_put(out, buf_str(&text), text.len);
	buf_reset(&text);
	trace_comms_each(w->d->comms, put_comm, &text);
	put_sized(out, &text);
	out->oom |= text.oom;
}

/* --- options */

static void put_option(struct buf *out, uint16_t id, const void *data, size_t len)
{
	put_u16(out, id);
	put_u32(out, (uint32_t)len);
	buf_put(out, data, len);
}

static void put_stats(const struct writer *w, struct buf *out)
{
	const struct trace_instance *t = w->d->instances[0];
	AUTO(buf) text = { 0 };

	for (unsigned cpu = 0; cpu < w->d->ncpus; cpu++) {
		kva_t va = trace_cpu_buffer(w->d->k, t, cpu);
		struct ring r;

		if (!va)
			continue;
		(void)ring_open(w->d->k, va, t->page_size, &r, NULL);
		buf_reset(&text);
		buf_printf(&text,
			   "CPU: %u\nentries: %" PRIu64 "\noverrun: %" PRIu64
			   "\ndropped events: %" PRIu64 "\nread events: %" PRIu64 "\n",
			   cpu, r.counts.entries, r.counts.overrun, r.counts.dropped,
			   r.counts.read);
		put_option(out, OPTION_CPUSTAT, buf_str(&text), text.len + 1);
		ring_deinit(&r);
	}
}

/* offsets: in the file, of the tables of the instances after the first one. */
static void put_options(const struct writer *w, const uint64_t *offsets, struct buf *out)
{
	const struct trace_dat *d = w->d;
	AUTO(buf) text = { 0 };

	buf_put(out, "options  ", 10);
	put_stats(w, out);
	buf_printf(&text, "[%s]\n", d->instances[0]->clock);
	put_option(out, OPTION_CLOCK, buf_str(&text), text.len + 1);
	buf_reset(&text);
	buf_printf(&text, "Linux %s", d->k->release);
	put_option(out, OPTION_UNAME, buf_str(&text), text.len + 1);
	for (size_t i = 1; i < d->n; i++) {
		buf_reset(&text);
		put_u64(&text, offsets[i]);
		buf_put(&text, d->instances[i]->name, strlen(d->instances[i]->name) + 1);
		put_option(out, OPTION_BUFFER, buf_str(&text), text.len);
	}
	put_u16(out, OPTION_DONE);
}

/* --- pages */

static uint64_t aligned(uint64_t at)
{
	return (at + PAGE - 1) / PAGE * PAGE;
}

static uint64_t table_size(const struct writer *w)
{
	return sizeof("flyrecord") + (uint64_t)w->d->ncpus * 16;
}

static uint64_t *pages_of(const struct writer *w, size_t instance, unsigned cpu)
{
	return &w->pages[instance * w->d->ncpus + cpu];
}

static uint64_t size_of(const struct writer *w, size_t instance)
{
	uint64_t n = 0;

	for (unsigned cpu = 0; cpu < w->d->ncpus; cpu++)
		n += *pages_of(w, instance, cpu);
	return n * w->d->instances[instance]->page_size;
}

/* Says at the start of a page that events before it are lost. */
static void mark_missed(struct ring *r, uint64_t missed)
{
	uint64_t commit = r->used - RING_DATA;

	commit |= MISSED_EVENTS;
	if (missed && r->used + 8 <= r->page_size) {
		commit |= MISSED_STORED;
		memcpy(r->data + r->used, &missed, sizeof(missed));
	}
	memcpy(r->data + 8, &commit, sizeof(commit));
}

/* Writes a CPU's pages; without out, only counts them. */
static uint64_t put_pages(const struct writer *w, const struct trace_instance *t, unsigned cpu,
			  struct buf *out)
{
	kva_t va = trace_cpu_buffer(w->d->k, t, cpu);
	uint64_t n = 0, bad = 0;
	struct ring r;

	if (va && ring_open(w->d->k, va, t->page_size, &r, NULL) == VS_OK) {
		while (ring_next_page(&r) == VS_OK) {
			if (r.used == RING_DATA)
				continue;
			if (out && ((!n && r.counts.overrun) || r.bad_pages != bad))
				mark_missed(&r, n ? 0 : r.counts.overrun);
			bad = r.bad_pages;
			if (out)
				buf_put(out, r.data, r.page_size);
			n++;
		}
		ring_deinit(&r);
	}
	return n;
}

/* The table of an instance at `at` in the file, and its pages. */
static void put_instance(const struct writer *w, size_t i, uint64_t at, struct buf *out)
{
	const struct trace_instance *t = w->d->instances[i];
	uint64_t data = aligned(at + table_size(w)), next = data;

	buf_put(out, "flyrecord", sizeof("flyrecord"));
	for (unsigned cpu = 0; cpu < w->d->ncpus; cpu++) {
		uint64_t size = *pages_of(w, i, cpu) * t->page_size;

		put_u64(out, next);
		put_u64(out, size);
		next += size;
	}
	for (at += table_size(w); at < data; at++)
		buf_putc(out, '\0');
	for (unsigned cpu = 0; cpu < w->d->ncpus && !buf_stopped(out); cpu++)
		(void)put_pages(w, t, cpu, out);
}

static void count_pages(struct writer *w)
{
	for (size_t i = 0; i < w->d->n; i++)
		for (unsigned cpu = 0; cpu < w->d->ncpus; cpu++)
			*pages_of(w, i, cpu) = put_pages(w, w->d->instances[i], cpu, NULL);
}

vs_status trace_dat_write(const struct trace_dat *d, struct buf *out, struct err *err)
{
	struct writer w = { .d = d };
	AUTO(buf) head = { 0 };
	AUTO(buf) options = { 0 };
	AUTO_FREE uint64_t *pages = calloc(d->n * d->ncpus + 1, sizeof(*pages));
	AUTO_FREE uint64_t *offsets = calloc(d->n + 1, sizeof(*offsets));
	uint64_t at;

	w.pages = pages;
	if (!pages || !offsets)
		return fail(err, VS_NOMEM, "out of memory");
	// little-endian, longs of 8 bytes
	buf_put(&head, "\x17\x08\x44tracing6\0\0\x08", 14);
	put_u32(&head, PAGE);
	put_headers(&w, &head);
	put_formats(&w, &head);
	put_names(&w, &head);
	put_u32(&head, d->ncpus);
	put_options(&w, offsets, &options); // for their size
	count_pages(&w);
	at = head.len + options.len;
	for (size_t i = 0; i < d->n; i++) {
		offsets[i] = at;
		at = aligned(at + table_size(&w)) + size_of(&w, i);
	}
	buf_reset(&options);
	put_options(&w, offsets, &options);
	if (head.oom || options.oom)
		return fail(err, VS_NOMEM, "out of memory");
	buf_put(out, head.p, head.len);
	buf_put(out, options.p, options.len);
	for (size_t i = 0; i < d->n && !buf_stopped(out); i++)
		put_instance(&w, i, offsets[i], out);
	return VS_OK;
}
