// SPDX-License-Identifier: GPL-3.0-or-later
/* orccopy.c - a copy of the kernel's ORC table. */
#include "stub/unwind/orccopy.h"

#include <stdlib.h>

#include "stub/kernel/kernel.h"

struct orc_copy {
	struct unwind_table t; /* of mem */
	struct mem_array mem;
	uint8_t bytes[];
};

vs_status orc_copy_load(struct kernel *k, struct orc_copy **ret, struct err *err)
{
	size_t ip_len = (size_t)k->orc.n * 4, rule_len = (size_t)k->orc.n * 6;
	struct orc_copy *c = malloc(sizeof(*c) + ip_len + rule_len);
	vs_status st;

	if (!c)
		return fail(err, VS_NOMEM, "ORC table");
	st = mem_read(k->mem, k->orc.ip_va, c->bytes, ip_len, err);
	if (st == VS_OK)
		st = mem_read(k->mem, k->orc.rule_va, c->bytes + ip_len, rule_len, err);
	if (st) {
		free(c);
		return st;
	}
	mem_array_init(&c->mem, k->orc.ip_va, c->bytes, ip_len + rule_len);
	c->t = k->orc;
	c->t.mem = &c->mem.mem;
	c->t.rule_va = k->orc.ip_va + ip_len;
	*ret = c;
	return VS_OK;
}

void orc_copy_free(struct orc_copy *c)
{
	free(c);
}

uint32_t orc_copy_rows(const struct orc_copy *c)
{
	return c->t.n;
}

bool orc_switches_stack(const struct unwind_rule *r)
{
	return r->kind == RULE_CALL && r->cfa_deref && r->deref_first;
}

bool orc_copy_row(const struct kernel *k, const struct orc_copy *c, uint32_t i,
		  struct unwind_rule *ret)
{
	if (i + 1 >= c->t.n || k->arch->os->orc->row(&c->t, i, ret, NULL))
		return false;
	ret->alias = orc_switches_stack(ret);
	ret->alias_with_sp =
		ret->kind == RULE_CALL && !ret->cfa_deref && ret->cfa_reg == (int16_t)k->arch->bp;
	return true;
}
