// SPDX-License-Identifier: GPL-3.0-or-later
/* merge.c - merges ring buffers by time, with a binary heap. */
#include "stub/subsys/trace/merge.h"

#include <stdlib.h>

#include "stub/base/vec.h"

vs_status merge_add(struct merge *m, struct kernel *k, const struct trace_instance *instance,
		    unsigned cpu, kva_t buffer, struct err *err)
{
	struct merge_source *s = calloc(1, sizeof(*s));

	if (!s || !vec_push(m, s)) {
		free(s);
		return fail(err, VS_NOMEM, "out of memory");
	}
	s->instance = instance;
	s->cpu = cpu;
	return ring_open(k, buffer, instance->page_size, &s->ring, err);
}

static bool earlier(const struct merge_source *a, const struct merge_source *b)
{
	if (a->event.ts != b->event.ts)
		return a->event.ts < b->event.ts;
	if (a->instance != b->instance)
		return a->instance < b->instance;
	return a->cpu < b->cpu;
}

static void sink(struct merge *m, size_t i)
{
	for (;;) {
		size_t least = i, child = 2 * i + 1;
		struct merge_source *s = m->heap[i];

		if (child < m->nheap && earlier(m->heap[child], m->heap[least]))
			least = child;
		if (child + 1 < m->nheap && earlier(m->heap[child + 1], m->heap[least]))
			least = child + 1;
		if (least == i)
			return;
		m->heap[i] = m->heap[least];
		m->heap[least] = s;
		i = least;
	}
}

static bool start(struct merge *m)
{
	m->heap = calloc(m->n ? m->n : 1, sizeof(struct merge_source *));
	if (!m->heap)
		return false;
	for (size_t i = 0; i < m->n; i++)
		if (ring_next(&m->v[i]->ring, &m->v[i]->event) == VS_OK)
			m->heap[m->nheap++] = m->v[i];
	for (size_t i = m->nheap; i; i--)
		sink(m, i - 1);
	return true;
}

struct merge_source *merge_next(struct merge *m)
{
	if (!m->heap) {
		if (!start(m))
			return NULL;
	} else if (m->last) {
		if (ring_next(&m->last->ring, &m->last->event))
			m->heap[0] = m->heap[--m->nheap];
		sink(m, 0);
	}
	m->last = m->nheap ? m->heap[0] : NULL;
	return m->last;
}

void merge_deinit(struct merge *m)
{
	for (size_t i = 0; i < m->n; i++) {
		ring_deinit(&m->v[i]->ring);
		free(m->v[i]);
	}
	free(m->heap);
	vec_free(m);
}
