// SPDX-License-Identifier: GPL-3.0-or-later
/* shown.c - the entries of lists and trees as text. */
#include "stub/monitor/data/shown.h"

#include <inttypes.h>

vs_status shown_add_spec(struct shown *s, const char *text, struct err *err)
{
	vs_status st;

	if (s->nspecs == sizeof(s->spec) / sizeof(s->spec[0]))
		return fail(err, VS_INVAL, "-s given more than %u times", s->nspecs);
	st = type_spec_parse(s->m, "", text, &s->spec[s->nspecs], err);
	s->nspecs += st == VS_OK;
	return st;
}

void shown_deinit(struct shown *s)
{
	for (unsigned i = 0; i < s->nspecs; i++)
		type_spec_deinit(&s->spec[i]);
}

void shown_put_object(struct shown *s, kva_t va)
{
	struct err why;

	buf_printf(s->out, "%" PRIx64 "\n", va);
	s->n++;
	for (unsigned i = 0; i < s->nspecs; i++)
		if (type_spec_put(s->m, &s->spec[i], s->m->k->mem, va - s->inner, &s->style, s->out,
				  &why))
			buf_printf(s->out, "  (%s)\n", why.msg);
}

bool shown_put_node(void *ctx, kva_t node)
{
	struct shown *s = ctx;

	shown_put_object(s, node - s->off);
	return !buf_stopped(s->out);
}
