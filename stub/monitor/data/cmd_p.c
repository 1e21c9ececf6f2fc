// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_p.c - p: the value of a variable, or of a member reached from it. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/percpu.h"
#include "stub/module/modtypes.h"
#include "stub/monitor/data/object.h"

/* Where an expression has led so far. */
struct place {
	struct monitor *m;
	struct types *t;
	type_ref type; /* of what is at va */
	kva_t va;
	bool is_field; /* field is meant, in the type at va */
	struct type_field field;
};

struct request {
	struct monitor *m;
	const char *text; /* as typed, without ":CPUS" */
	char *name;	  /* the variable; then its path */
	char *path;	  /* behind the name: ".lock->owner"; "" for none */
	bool deref, address, hex;
	struct types *t;
	type_ref type;
	kva_t va;
	struct buf *out;
};

/* Ends the field, so that its own type and address count. */
static vs_status settle(struct place *p, struct err *err)
{
	if (!p->is_field)
		return VS_OK;
	if (p->field.at.bit_size)
		return fail(err, VS_INVAL, "a bit field has no address");
	p->va += p->field.at.off;
	p->type = p->field.type;
	p->is_field = false;
	return VS_OK;
}

static vs_status follow(struct place *p, struct err *err)
{
	struct type_info info;
	vs_status st = settle(p, err);

	if (st)
		return st;
	types_info(p->t, types_strip(p->t, p->type), &info);
	if (info.kind != TYPE_POINTER)
		return fail(err, VS_INVAL, "not a pointer");
	p->type = info.target;
	return mem_read_u64(p->m->k->mem, p->va, &p->va, err);
}

/* Goes along one path without "->". */
static vs_status go_along(struct place *p, const char *path, struct err *err)
{
	vs_status st = settle(p, err);

	if (st)
		return st;
	if (!*path)
		return fail(err, VS_INVAL, "a member is missing behind the dot");
	st = types_field(p->t, types_strip(p->t, p->type), path, &p->field, err);
	p->is_field = st == VS_OK;
	return st;
}

/* path: ".a.b[2]->c.d" */
static vs_status walk_path(struct place *p, char *path, struct err *err)
{
	vs_status st = VS_OK;

	while (*path && st == VS_OK) {
		char *arrow = strstr(path, "->");

		if (arrow)
			*arrow = '\0';
		if (*path)
			st = go_along(p, path + (*path == '.'), err);
		if (arrow && st == VS_OK)
			st = follow(p, err);
		if (!arrow)
			break;
		path = arrow + 2;
		if (!*path)
			return fail(err, VS_INVAL, "a member is missing behind ->");
	}
	return st;
}

static vs_status put_value(const struct request *r, struct place *p, const char *what,
			   struct err *err)
{
	struct value_style style = { .hex = r->hex };
	struct type_info info;
	struct object o;
	vs_status st;

	if (!p->is_field || !p->field.at.bit_size)
		(void)settle(p, NULL); // only what is meant is read
	types_info(p->t, types_strip(p->t, p->type), &info);
	if (!info.size)
		return fail(err, VS_INVAL, "the size of %s is not known", what);
	st = object_read(r->m->k->mem, p->va, info.size, &o, err);
	if (st)
		return st;
	if (p->is_field) {
		value_put_member(r->m, p->t, &p->field, what, &o, &style, r->out);
	} else {
		buf_printf(r->out, "%s = ", what);
		value_put(r->m, p->t, p->type, &o, 0, &style, r->out);
	}
	buf_putc(r->out, '\n');
	object_deinit(&o);
	return VS_OK;
}

/* what: the left side, as it is printed. */
static vs_status put_at(const struct request *r, kva_t va, const char *what, struct err *err)
{
	AUTO_FREE char *path = strdup(r->path);
	struct place p = { .m = r->m, .t = r->t, .type = r->type, .va = va };
	vs_status st = path ? walk_path(&p, path, err) : fail(err, VS_NOMEM, "out of memory");

	if (st == VS_OK && r->deref)
		st = follow(&p, err);
	if (st == VS_OK && r->address) {
		st = settle(&p, err);
		if (st == VS_OK)
			buf_printf(r->out, "%s = %#" PRIx64 "\n", what, p.va);
		return st;
	}
	return st ? st : put_value(r, &p, what, err);
}

static vs_status put_on_cpu(void *ctx, unsigned cpu, struct err *err)
{
	const struct request *r = ctx;
	AUTO(buf) what = { 0 };
	uint64_t off;
	vs_status st = percpu_offset(r->m->k, cpu, &off, err);

	buf_printf(&what, "per_cpu(%s, %u)", r->text, cpu);
	if (what.oom)
		return fail(err, VS_NOMEM, "out of memory");
	return st ? st : put_at(r, r->va + off, buf_str(&what), err);
}

/* Splits "*name.path" in place. */
static void split_expression(struct request *r, char *text)
{
	r->deref = *text == '*';
	r->address = *text == '&';
	r->name = text + (r->deref || r->address);
	r->path = r->name;
	while (isalnum((unsigned char)*r->path) || *r->path == '_')
		r->path++;
}

static vs_status find_variable(struct request *r, struct err *err)
{
	AUTO_FREE char *name = strndup(r->name, (size_t)(r->path - r->name));
	vs_status st;

	if (!name)
		return fail(err, VS_NOMEM, "out of memory");
	if (!*name || isdigit((unsigned char)*name) || (*r->path && !strchr(".[-", *r->path)))
		return fail(err, VS_INVAL,
			    "%s: not a variable with members; eval computes numbers, and other "
			    "expressions need gdb",
			    r->text);
	st = cmd_address(r->m, name, &r->va, err);
	return st ? st : kernel_find_variable_near(r->m->k, r->va, name, &r->t, &r->type, err);
}

static vs_status cmd_p(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	AUTO_FREE char *copy = NULL;
	struct request r = {
		.m = m, .text = a->argv[0], .hex = cmd_last(a, "xd") == 'x', .out = out
	};
	char *colon = strchr(a->argv[0], ':');
	kva_t start, end;
	bool per_cpu;
	vs_status st;

	if (colon)
		*colon++ = '\0';
	copy = strdup(a->argv[0]);
	if (!copy)
		return fail(err, VS_NOMEM, "out of memory");
	split_expression(&r, copy);
	st = find_variable(&r, err);
	if (st)
		return st;
	per_cpu = kernel_symbol(m->k, "__per_cpu_start", &start, NULL) == VS_OK &&
		  kernel_symbol(m->k, "__per_cpu_end", &end, NULL) == VS_OK && r.va >= start &&
		  r.va < end;
	per_cpu |= !m->k->arch->is_kernel_va(r.va);
	if (colon && !per_cpu)
		return fail(err, VS_INVAL, "%s is not a per-CPU variable", a->argv[0]);
	return per_cpu ? cpu_list_each(m, colon ? colon : "", put_on_cpu, &r, err)
		       : put_at(&r, r.va, r.text, err);
}

static const struct cmd_opt options[] = {
	{ "x", .help = "integers in hexadecimal" },
	{ "d", .help = "integers in decimal (default)" },
	{ 0 },
};

const struct cmd verb_p = {
	.name = "p",
	.run = cmd_p,
	.brief = "the value of a variable, without gdb",
	.synopsis = "p [-x | -d] [* | &]VARIABLE[.MEMBER | ->MEMBER]...[:CPUS]",
	.help = "Print a variable or a member of it, what a pointer points to (*), or an address "
		"(&).\n"
		"Without CPUS, a per-CPU variable is that of the selected CPU; \":a\" is all CPUs, "
		"\":0,2-3\"\n"
		"some. In gdb, its own p can do more; this one is kp there.\n",
	.example = "  p init_task.se.vruntime\n"
		   "  init_task.se.vruntime = 7218324\n",
	.options = options,
	.operands = OPERANDS(1, 1),
};
