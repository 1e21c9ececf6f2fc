/* cmd_dis.c - dis: instructions in gdb's and crash's AT&T form, through capstone. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/kernel/lines.h"
#include "stub/kernel/modules.h"
#include "stub/monitor/cmd.h"

#define MAX_INSN      15
#define MAX_COUNT     100000
#define MAX_FUNC_SIZE (1u << 20)

struct dis_opts {
	bool reverse, forward, lines, source;
	uint64_t count;
};

#ifdef HAVE_CAPSTONE
#include <capstone/capstone.h>

/* "callq" and "retq" as older, "call" and "ret" as newer disassemblers say: capstone 4 follows the
 * former, the peers the latter. */
static const char *modern_mnemonic(const char *s)
{
	static const char *const pairs[][2] = {
		{ "callq", "call" },  { "retq", "ret" }, { "jmpq", "jmp" },
		{ "pushq", "push" },  { "popq", "pop" }, { "leaveq", "leave" },
		{ "iretq", "iretq" }, { "ud2", "ud2" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (strcmp(s, pairs[i][0]) == 0)
			return pairs[i][1];
	return s;
}

/* The target of a direct branch is told by name, too. */
static void put_operands(struct monitor *m, csh cs, const cs_insn *insn, struct buf *out)
{
	struct addr_name n;
	kva_t va;

	buf_puts(out, insn->op_str);
	if (!(cs_insn_group(cs, insn, CS_GRP_JUMP) || cs_insn_group(cs, insn, CS_GRP_CALL)) ||
	    insn->op_str[0] == '*' || sscanf(insn->op_str, "%" SCNx64, &va) != 1 ||
	    !cmd_lookup(m, va, &n))
		return;
	buf_puts(out, " <");
	if (n.off)
		cmd_put_name(out, &n, false);
	else
		buf_puts(out, n.sym->name);
	buf_putc(out, '>');
}

static void put_line(struct monitor *m, kva_t va, struct line_pos *last, struct buf *out)
{
	struct line_pos pos;

	if (lines_find(m->k, va, &pos, NULL) ||
	    (last->file && pos.line == last->line && strcmp(pos.file, last->file) == 0))
		return;
	buf_printf(out, "%s: %d\n", pos.file, pos.line);
	*last = pos;
}

/* One instruction at va. *len is its length; 1 for bytes that are none. */
static vs_status put_insn(struct monitor *m, csh cs, kva_t va, size_t *len, struct buf *out,
			  struct err *err)
{
	uint8_t code[MAX_INSN];
	struct mem_got got = m->k->mem->read(m->k->mem, va, code, sizeof(code), err);
	struct addr_name n;
	cs_insn *insn;

	if (!got.len)
		return got.why;
	buf_printf(out, "%s%#" PRIx64, va == m->pc ? "=> " : "", va);
	if (cmd_lookup(m, va, &n)) {
		buf_puts(out, " <");
		cmd_put_name(out, &n, false);
		buf_putc(out, '>');
	}
	buf_puts(out, ":\t");
	if (cs_disasm(cs, code, got.len, va, 1, &insn) == 1) {
		const char *mnemonic = modern_mnemonic(insn->mnemonic);

		buf_printf(out, insn->op_str[0] ? "%-6s " : "%s", mnemonic);
		put_operands(m, cs, insn, out);
		*len = insn->size;
		cs_free(insn, 1);
	} else {
		buf_puts(out, "(bad)");
		*len = 1;
	}
	buf_putc(out, '\n');
	return VS_OK;
}

static vs_status put_range(struct monitor *m, kva_t va, kva_t end, const struct dis_opts *o,
			   struct buf *out, struct err *err)
{
	struct line_pos last = { 0 };
	vs_status st = VS_OK;
	csh cs;

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &cs) != CS_ERR_OK)
		return fail(err, VS_NOMEM, "capstone");
	cs_option(cs, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
	for (uint64_t n = 0; st == VS_OK && va < end && n < o->count; n++) {
		size_t len = 1;

		if (o->lines)
			put_line(m, va, &last, out);
		st = put_insn(m, cs, va, &len, out, err);
		va += len;
	}
	cs_close(&cs);
	return st;
}
#else
static vs_status put_range(struct monitor *m, kva_t va, kva_t end, const struct dis_opts *o,
			   struct buf *out, struct err *err)
{
	(void)m, (void)va, (void)end, (void)o, (void)out;
	return fail(err, VS_UNSUPPORTED, "built without capstone; gdb's x/i and disassemble work");
}
#endif

/* The function around va: its symbol, to its size or else the next symbol. */
static vs_status function_around(struct monitor *m, kva_t va, kva_t *start, kva_t *end,
				 struct err *err)
{
	const struct symtab *t;
	struct addr_name n;
	size_t i, count;

	if (!cmd_lookup(m, va, &n))
		return fail(err, VS_NOTFOUND, "%" PRIx64 " is in no function", va);
	*start = n.sym->va;
	*end = n.sym->va + n.sym->size;
	if (n.sym->size)
		return VS_OK;
	t = n.mod ? n.mod->syms : m->k->syms;
	count = symtab_count(t);
	for (i = (size_t)(n.sym - symtab_at(t, 0)); i < count && symtab_at(t, i)->va <= va; i++)
		;
	*end = i < count ? symtab_at(t, i)->va : va + 64;
	if (*end - *start > MAX_FUNC_SIZE)
		*end = *start + MAX_FUNC_SIZE;
	return VS_OK;
}

/* Source lines of the function, the one of va marked with '*', as crash -s shows them. */
static vs_status put_source(struct monitor *m, kva_t va, struct buf *out, struct err *err)
{
	struct line_pos at, first, last;
	char line[512];
	kva_t start, end;
	int no = 0;
	FILE *f;
	vs_status st = function_around(m, va, &start, &end, err);

	if (st == VS_OK)
		st = lines_find(m->k, va, &at, err);
	if (st)
		return st;
	if (lines_find(m->k, start, &first, NULL) || strcmp(first.file, at.file) != 0)
		first = at;
	if (lines_find(m->k, end - 1, &last, NULL) || strcmp(last.file, at.file) != 0 ||
	    last.line < at.line)
		last.line = at.line + 5;
	f = fopen(at.file, "re");
	if (!f)
		return fail(err, VS_NOTFOUND, "%s: not on this machine", at.file);
	buf_printf(out, "FILE: %s\nLINE: %d\n\n", at.file, at.line);
	while (fgets(line, sizeof(line), f)) {
		bool whole = strchr(line, '\n') != NULL;

		no++;
		if (no >= first.line && no <= last.line)
			buf_printf(out, "%c %-5d %s%s", no == at.line ? '*' : ' ', no, line,
				   whole ? "" : "\n");
	}
	fclose(f);
	return VS_OK;
}

static vs_status parse(struct monitor *m, struct args *a, struct dis_opts *o, kva_t *va,
		       bool *is_name, struct err *err)
{
	struct opt_state s = { 0 };
	struct addr_name n;
	int c;
	vs_status st;

	while ((c = cmd_option(a, &s, "rflsxd", err)) > 0) {
		o->reverse |= c == 'r';
		o->forward |= c == 'f';
		o->lines |= c == 'l';
		o->source |= c == 's';
	}
	if (c < 0)
		return VS_INVAL;
	cmd_operands(a, &s);
	if (a->argc < 1 || a->argc > 2)
		return fail(err, VS_INVAL,
			    "usage: dis [-r | -f] [-l | -s] ADDRESS | SYMBOL [COUNT]");
	st = cmd_address(m, a->argv[0], va, err);
	if (st)
		return st;
	*is_name = cmd_lookup(m, *va, &n) && n.off == 0 && strcmp(n.sym->name, a->argv[0]) == 0;
	if (a->argc == 2 &&
	    (!cmd_number(a->argv[1], &o->count) || !o->count || o->count > MAX_COUNT))
		return fail(err, VS_INVAL, "%s: bad count", a->argv[1]);
	return VS_OK;
}

vs_status cmd_dis(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct dis_opts o = { 0 };
	kva_t va, start, end;
	bool is_name = false;
	vs_status st = parse(m, a, &o, &va, &is_name, err);

	if (st)
		return st;
	if (o.source)
		return put_source(m, va, out, err);
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
