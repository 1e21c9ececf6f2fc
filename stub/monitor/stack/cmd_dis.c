// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_dis.c - dis: instructions as gdb and crash print them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/module/lines.h"
#include "stub/module/sources.h"
#include "stub/module/modules.h"
#include "stub/monitor/cmd.h"
#include "stub/monitor/usermem.h"

#define MAX_COUNT     100000
#define MAX_FUNC_SIZE (1u << 20)
#define MAX_INLINED   32
#define MAX_BUG_BYTES 64

struct dis_opts {
	bool reverse, forward, lines, source;
	uint64_t count;
	uint64_t bug_bytes;    /* -b: data after each ud2, which is not code */
	const struct mem *mem; /* where the instructions are */
};

static void put_line(struct monitor *m, kva_t va, struct line_pos *last, struct buf *out)
{
	struct line_pos pos;

	if (lines_find(m->k, va, &pos, NULL) ||
	    (last->file && pos.line == last->line && strcmp(pos.file, last->file) == 0))
		return;
	buf_printf(out, "%s: %d\n", pos.file, pos.line);
	*last = pos;
}

static vs_status put_insn(struct monitor *m, const struct mem *mem, kva_t va, size_t *len,
			  struct buf *out, struct err *err)
{
	uint8_t code[ARCH_INSN_MAX];
	struct mem_got got = mem->read(mem, va, code, sizeof(code), err);
	struct addr_name n;

	if (!got.len)
		return got.why;
	buf_printf(out, "%s%#" PRIx64, va == m->pc ? "=> " : "", va);
	if (cmd_lookup(m, va, &n)) {
		buf_puts(out, " <");
		cmd_put_name(out, &n, false);
		buf_putc(out, '>');
	}
	buf_puts(out, ":\t");
	*len = m->k->arch->disassemble(code, got.len, va, cmd_put_target, m, out);
	buf_putc(out, '\n');
	return *len ? VS_OK
		    : fail(err, VS_UNSUPPORTED,
			   "built without a disassembler; use gdb's x/i or disassemble");
}

static vs_status put_range(struct monitor *m, kva_t va, kva_t end, const struct dis_opts *o,
			   struct buf *out, struct err *err)
{
	struct line_pos last = { 0 };
	vs_status st = VS_OK;

	for (uint64_t n = 0; st == VS_OK && va < end && n < o->count && !buf_stopped(out); n++) {
		size_t len = 1;
		AUTO(buf) line = { 0 };

		if (o->lines)
			put_line(m, va, &last, out);
		st = put_insn(m, o->mem, va, &len, &line, err);
		buf_put(out, line.p, line.len);
		va += len;
		if (o->bug_bytes && strstr(buf_str(&line), ":\tud2"))
			va += o->bug_bytes;
	}
	return st;
}

/* The range of the function at va. It ends by its size, else at the next symbol. */
static vs_status function_around(struct monitor *m, kva_t va, kva_t *start, kva_t *end,
				 struct err *err)
{
	const struct symtab *t;
	struct addr_name n;
	size_t i, count;

	if (!cmd_lookup(m, va, &n))
		return fail(err, VS_NOTFOUND, "%" PRIx64 " is not in a function", va);
	*start = n.sym->va;
	*end = n.sym->va + n.sym->size;
	if (n.sym->size)
		return VS_OK;
	t = n.mod ? n.mod->syms : m->k->syms;
	count = symtab_count(t);
	for (i = symtab_index(t, n.sym); i < count && symtab_at(t, i)->va <= va; i++)
		;
	*end = i < count ? symtab_at(t, i)->va : va + 64;
	if (*end - *start > MAX_FUNC_SIZE)
		*end = *start + MAX_FUNC_SIZE;
	return VS_OK;
}

/* The innermost function at va, which may be an inlined one. */
static vs_status innermost(struct monitor *m, kva_t va, struct inlined *ret, struct err *err)
{
	struct inlined inl[MAX_INLINED];
	size_t n;
	vs_status st = lines_inlined(m->k, va, inl, MAX_INLINED, &n, err);

	if (st == VS_OK && !inl[0].at.file)
		st = fail(err, VS_NOTFOUND, "no line information for %" PRIx64, va);
	if (st == VS_OK)
		*ret = inl[0];
	return st;
}

/* First and last line of function f among the instructions in [start, end). */
static void line_range(struct monitor *m, kva_t start, kva_t end, const struct inlined *f,
		       int *first, int *last)
{
	struct inlined at;

	*first = *last = f->at.line;
	for (kva_t va = start; va < end; va++) {
		if (innermost(m, va, &at, NULL) || strcmp(at.func, f->func) != 0 ||
		    strcmp(at.at.file, f->at.file) != 0)
			continue;
		if (at.at.line > *last)
			*last = at.at.line;
		if (at.at.line < *first && at.at.line > 0)
			*first = at.at.line;
	}
	// An inlined function has no instruction for the line that declares it.
	if (f->decl_line > 0 && f->decl_line < *first)
		*first = f->decl_line;
}

/* Source of the function, the line of va marked with '*', as crash -s shows it. */
static vs_status put_source(struct monitor *m, kva_t va, struct buf *out, struct err *err)
{
	struct inlined f;
	int first, last, no = 0;
	char line[512];
	kva_t start, end;
	FILE *src;
	vs_status st = function_around(m, va, &start, &end, err);

	if (st == VS_OK)
		st = innermost(m, va, &f, err);
	if (st)
		return st;
	src = sources_open(m->k, f.at.file);
	if (!src)
		return fail(
			err, VS_NOTFOUND,
			"%s: not on this machine; --source DIR says where the kernel's sources are",
			f.at.file);
	line_range(m, start, end, &f, &first, &last);
	buf_printf(out, "FILE: %s\nLINE: %d\n\n", f.at.file, f.at.line);
	while (fgets(line, sizeof(line), src)) {
		bool whole = strchr(line, '\n') != NULL;

		if (++no >= first && no <= last)
			buf_printf(out, "%c %-5d %s%s", no == f.at.line ? '*' : ' ', no, line,
				   whole ? "" : "\n");
	}
	fclose(src);
	return VS_OK;
}

/* User code has neither symbols nor lines here. */
static vs_status put_user_range(struct monitor *m, kva_t va, struct dis_opts o, struct buf *out,
				struct err *err)
{
	struct task_mem user;
	vs_status st = VS_OK;

	if (o.reverse || o.forward || o.lines || o.source)
		st = fail(err, VS_INVAL, "user code has no functions and lines here: give a COUNT");
	if (st == VS_OK)
		st = user_mem_init(m, &user, err);
	if (st)
		return st;
	o.mem = &user.mem;
	o.count = o.count ? o.count : 1;
	return put_range(m, va, UINT64_MAX, &o, out, err);
}

static vs_status parse(struct monitor *m, struct args *a, struct dis_opts *o, kva_t *va,
		       bool *is_name, struct err *err)
{
	struct addr_name n;
	vs_status st;

	o->reverse = cmd_has(a, "r");
	o->forward = cmd_has(a, "f");
	o->lines = cmd_has(a, "l");
	o->source = cmd_has(a, "s");
	if (cmd_has(a, "b") &&
	    (!cmd_number(cmd_value(a, "b"), &o->bug_bytes) || o->bug_bytes > MAX_BUG_BYTES))
		return fail(err, VS_INVAL, "%s: bad number of bytes", cmd_value(a, "b"));
	st = cmd_address(m, a->argv[0], va, err);
	if (st)
		return st;
	*is_name = cmd_lookup(m, *va, &n) && n.off == 0 && strcmp(n.sym->name, a->argv[0]) == 0;
	if (a->argc == 2 &&
	    (!cmd_number(a->argv[1], &o->count) || !o->count || o->count > MAX_COUNT))
		return fail(err, VS_INVAL, "%s: bad count", a->argv[1]);
	return VS_OK;
}

static vs_status cmd_dis(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct dis_opts o = { .mem = m->k->mem };
	kva_t va, start, end;
	bool is_name = false;
	vs_status st = parse(m, a, &o, &va, &is_name, err);

	if (st)
		return st;
	if (cmd_has(a, "u") || !m->k->arch->is_kernel_va(va))
		return put_user_range(m, va, o, out, err);
	if (o.source)
		return put_source(m, va, out, err);
	if (o.lines)
		lines_tell_missing(m->k);
	if (!o.reverse && !o.forward && !(is_name && !o.count)) {
		o.count = o.count ? o.count : 1;
		return put_range(m, va, UINT64_MAX, &o, out, err);
	}
	if (!o.count)
		o.count = MAX_COUNT;
	st = function_around(m, va, &start, &end, err);
	if (st)
		return st;
	if (o.forward)
		start = va;
	else if (o.reverse)
		end = va + 1;
	return put_range(m, start, end, &o, out, err);
}

static const struct cmd_opt options[] = {
	{ "r", .help = "from the start of the function to ADDRESS" },
	{ "f", .help = "from ADDRESS to the end of the function" },
	{ "l", .help = "show file and line where they change" },
	{ "s", .help = "show the function's source instead, if the file is on this machine" },
	{ "u", .help = "ADDRESS is in the selected task (always so for user addresses)" },
	{ "b", "BYTES", .help = "skip BYTES after each ud2; kernels since 2.6.20 have none there" },
	{ "x", .help = "ignored, for crash compatibility" },
	{ "d", .help = "ignored, for crash compatibility" },
	{ 0 },
};

const struct cmd verb_dis = {
	.name = "dis",
	.run = cmd_dis,
	.brief = "disassemble",
	.synopsis = "dis [-r | -f] [-l | -s] [-b BYTES] [-x | -d] ADDRESS | SYMBOL [COUNT]\n"
		    "  dis -u ADDRESS [COUNT]",
	.help = "Print one instruction at ADDRESS, the whole function SYMBOL, or COUNT "
		"instructions.\n"
		"In gdb, this replaces the abbreviation of its command disable.\n",
	.example = "  dis ffffffffc05a3b78\n"
		   "  0xffffffffc05a3b78 <l2w_vdev_xmit+248>:  mov    0xe8(%rax),%rdx\n",
	.options = options,
	.operands = OPERANDS(1, 2),
};
