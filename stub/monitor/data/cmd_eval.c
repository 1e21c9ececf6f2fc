// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_eval.c - eval: arithmetic on 64-bit numbers, shown in all radixes. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/cmd.h"

/* Precedence climbing with explicit stacks, so that the input cannot cause deep recursion. */
#define MAX_STACK 64

struct expr {
	struct monitor *m;
	const char *p;
	uint64_t values[MAX_STACK];
	int ops[MAX_STACK];
	int nvalues, nops;
};

enum { OP_OPEN = 1, OP_NEGATE, OP_NOT, OP_SHL, OP_SHR };

static int precedence(int op)
{
	switch (op) {
	case OP_NEGATE:
	case OP_NOT:
		return 7;
	case '*':
	case '/':
	case '%':
		return 6;
	case '+':
	case '-':
		return 5;
	case OP_SHL:
	case OP_SHR:
		return 4;
	case '&':
		return 3;
	case '^':
		return 2;
	case '|':
		return 1;
	default:
		return 0;
	}
}

static vs_status apply(struct expr *e, struct err *err)
{
	int op = e->ops[--e->nops];
	uint64_t *top = &e->values[e->nvalues - 1], b;

	if (e->nvalues < 1 || (op != OP_NEGATE && op != OP_NOT && e->nvalues < 2))
		return fail(err, VS_INVAL, "a number is missing");
	b = *top;
	if (op == OP_NEGATE || op == OP_NOT) {
		*top = op == OP_NEGATE ? 0 - b : ~b;
		return VS_OK;
	}
	e->nvalues--;
	top--;
	if ((op == '/' || op == '%') && b == 0)
		return fail(err, VS_INVAL, "division by zero");
	*top = op == '*'      ? *top * b
	       : op == '/'    ? *top / b
	       : op == '%'    ? *top % b
	       : op == '+'    ? *top + b
	       : op == '-'    ? *top - b
	       : op == OP_SHL ? (b < 64 ? *top << b : 0)
	       : op == OP_SHR ? (b < 64 ? *top >> b : 0)
	       : op == '&'    ? (*top & b)
	       : op == '^'    ? (*top ^ b)
			      : (*top | b);
	return VS_OK;
}

/* A decimal or 0x hexadecimal number with an optional suffix k, m or g; else a symbol, or
 * hexadecimal without 0x. */
static vs_status operand(struct expr *e, uint64_t *ret, struct err *err)
{
	char word[128];
	size_t n = 0;
	char *end;

	while (n + 1 < sizeof(word) && (isalnum((unsigned char)e->p[n]) || e->p[n] == '_' ||
					e->p[n] == '.' || e->p[n] == '$')) {
		word[n] = e->p[n];
		n++;
	}
	word[n] = '\0';
	if (!n)
		return fail(err, VS_INVAL, "%s: a number or symbol is missing",
			    *e->p ? e->p : "at the end");
	e->p += n;
	errno = 0;
	*ret = strtoull(word, &end, strncmp(word, "0x", 2) == 0 ? 16 : 10);
	if (end != word && !errno && end[0] && !end[1] && strchr("kKmMgG", *end)) {
		*ret <<= *end == 'k' || *end == 'K' ? 10 : *end == 'm' || *end == 'M' ? 20 : 30;
		return VS_OK;
	}
	if (end != word && !*end && !errno)
		return VS_OK;
	return cmd_address(e->m, word, ret, err);
}

/* A binary operator at p; 0: none. */
static int binary(const char *p, int *len)
{
	*len = 1;
	if ((p[0] == '<' || p[0] == '>') && p[1] == p[0]) {
		*len = 2;
		return p[0] == '<' ? OP_SHL : OP_SHR;
	}
	return *p && strchr("+-*/%&|^", *p) ? *p : 0;
}

static vs_status push_op(struct expr *e, int op, bool prefix, struct err *err)
{
	while (!prefix && e->nops && precedence(e->ops[e->nops - 1]) >= precedence(op)) {
		vs_status st = apply(e, err);

		if (st)
			return st;
	}
	if (e->nops == MAX_STACK)
		return fail(err, VS_INVAL, "too long");
	e->ops[e->nops++] = op;
	return VS_OK;
}

static vs_status close_paren(struct expr *e, struct err *err)
{
	while (e->nops && e->ops[e->nops - 1] != OP_OPEN) {
		vs_status st = apply(e, err);

		if (st)
			return st;
	}
	if (!e->nops)
		return fail(err, VS_INVAL, "')' without '('");
	e->nops--;
	return VS_OK;
}

static vs_status evaluate(struct expr *e, uint64_t *ret, struct err *err)
{
	bool want = true; // an operand comes next
	vs_status st = VS_OK;
	int len;

	while (st == VS_OK && *e->p) {
		if (isspace((unsigned char)*e->p)) {
			e->p++;
		} else if (want && strchr("(-~", *e->p)) {
			st = push_op(e,
				     *e->p == '('   ? OP_OPEN
				     : *e->p == '-' ? OP_NEGATE
						    : OP_NOT,
				     true, err);
			e->p++;
		} else if (want) {
			if (e->nvalues == MAX_STACK)
				return fail(err, VS_INVAL, "too long");
			st = operand(e, &e->values[e->nvalues], err);
			e->nvalues++;
			want = false;
		} else if (*e->p == ')') {
			st = close_paren(e, err);
			e->p++;
		} else {
			int op = binary(e->p, &len);

			if (!op)
				return fail(err, VS_INVAL, "%s: not an operator", e->p);
			st = push_op(e, op, false, err);
			e->p += len;
			want = true;
		}
	}
	if (st == VS_OK && want)
		st = fail(err, VS_INVAL, "a number is missing");
	while (st == VS_OK && e->nops) {
		if (e->ops[e->nops - 1] == OP_OPEN)
			return fail(err, VS_INVAL, "')' is missing");
		st = apply(e, err);
	}
	if (st == VS_OK)
		*ret = e->values[0];
	return st;
}

static void put_bits(uint64_t v, struct buf *out)
{
	buf_puts(out, "   bits set: ");
	for (int i = 63; i >= 0; i--)
		if (v >> i & 1)
			buf_printf(out, "%d ", i);
	buf_putc(out, '\n');
}

static vs_status cmd_eval(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	AUTO(buf) text = { 0 };
	struct expr e = { .m = m };
	uint64_t v = 0;
	vs_status st;

	for (int i = 0; i < a->argc; i++)
		buf_printf(&text, "%s%s", i ? " " : "", a->argv[i]);
	e.p = buf_str(&text);
	st = evaluate(&e, &v, err);
	if (st)
		return st;
	buf_printf(out, "hexadecimal: %" PRIx64 "  ", v);
	if (v >= 1ULL << 30 && !(v & ((1ULL << 30) - 1)))
		buf_printf(out, "(%" PRIu64 "GB)", v >> 30);
	else if (v >= 1ULL << 20 && !(v & ((1ULL << 20) - 1)))
		buf_printf(out, "(%" PRIu64 "MB)", v >> 20);
	else if (v >= 1ULL << 10 && !(v & ((1ULL << 10) - 1)))
		buf_printf(out, "(%" PRIu64 "KB)", v >> 10);
	buf_printf(out, "\n    decimal: %" PRIu64 "  ", v);
	if ((int64_t)v < 0)
		buf_printf(out, "(%" PRId64 ")", (int64_t)v);
	buf_printf(out, "\n      octal: %" PRIo64 "\n     binary: ", v);
	for (int i = 63; i >= 0; i--)
		buf_putc(out, v >> i & 1 ? '1' : '0');
	buf_putc(out, '\n');
	if (cmd_has(a, "b"))
		put_bits(v, out);
	return VS_OK;
}

static const struct cmd_opt options[] = {
	{ "b", .help = "also list the bits that are set" },
	{ "l", .help = "64-bit numbers (always so here)" },
	{ 0 },
};

const struct cmd verb_eval = {
	.name = "eval",
	.run = cmd_eval,
	.brief = "evaluate an expression, show it in all radixes",
	.synopsis = "eval [-b] [-l] EXPRESSION",
	.help = "Operands are decimal or 0x hexadecimal numbers, or symbols; the suffixes k, m, g "
		"multiply.\n"
		"Operators: + - * / % << >> & ^ | ~ ( ).\n",
	.example = "  eval 1 << 44\n"
		   "  hexadecimal: 100000000000  (16384GB)\n",
	.options = options,
	.operands = OPERANDS(1, OPERANDS_ANY),
	.verbatim = true,
	.operators = true,
};
