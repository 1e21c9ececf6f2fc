// SPDX-License-Identifier: GPL-3.0-or-later
/* flow.c - where a register's value came from.
 * Within straight code the answer is the last instruction that wrote the register. Where a branch
 * leads into that code, other paths could have written it. Then the answer is certain only if a
 * single instruction of the function writes it, and that is in the code that every call runs first.
 * A function that jumps to an address in a register could go anywhere, so nothing is certain there.
 */
#include "stub/triage/flow.h"

#include <stdlib.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/unwind/rules.h"

#define MAX_FUNCTION (256 << 10) /* bytes; the kernel's largest have some 100 KiB */
#define MAX_MOVES    64

struct placed {
	kva_t va;
	struct insn insn;
	bool target; /* a branch of this function leads here */
};

struct flow {
	const struct arch_ops *arch;
	VEC(struct placed) code;
	bool anywhere; /* a jump may lead to any instruction */
};

static size_t index_of(const struct flow *f, kva_t va)
{
	size_t low = 0, high = f->code.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (f->code.v[mid].va < va)
			low = mid + 1;
		else
			high = mid;
	}
	return low < f->code.n && f->code.v[low].va == va ? low : SIZE_MAX;
}

static void mark_targets(struct flow *f, struct kernel *k, kva_t start, kva_t end)
{
	for (size_t i = 0; i < f->code.n; i++) {
		const struct insn *in = &f->code.v[i].insn;
		size_t to;

		if (in->kind != INSN_BRANCH && in->kind != INSN_JUMP)
			continue;
		if (!in->target || code_is_thunk(k, in->target)) {
			f->anywhere |= in->kind == INSN_JUMP;
			continue;
		}
		if (in->target < start || in->target >= end)
			continue;
		to = index_of(f, in->target);
		if (to == SIZE_MAX)
			f->anywhere = true; // into an instruction as it was decoded
		else
			f->code.v[to].target = true;
	}
}

vs_status flow_open(struct kernel *k, kva_t start, kva_t end, struct flow **ret, struct err *err)
{
	struct flow *f;
	uint8_t *code;
	vs_status st = VS_OK;

	if (end <= start || end - start > MAX_FUNCTION)
		return fail(err, VS_CORRUPT, "a function of %llu bytes",
			    (unsigned long long)(end - start));
	f = calloc(1, sizeof(*f));
	code = malloc(end - start);
	if (!f || !code)
		st = fail(err, VS_NOMEM, "out of memory");
	if (st == VS_OK)
		st = mem_read(k->mem, start, code, end - start, err);
	if (st == VS_OK)
		f->arch = k->arch;
	for (kva_t va = start; st == VS_OK && va < end;) {
		struct placed p = { .va = va };

		if (!k->arch->insn(code + (va - start), end - va, va, &p.insn)) {
			st = va == start
				     ? fail(err, VS_UNSUPPORTED, "no instruction can be decoded")
				     : VS_OK;
			break; // data behind the code
		}
		if (!vec_push(&f->code, p))
			st = fail(err, VS_NOMEM, "out of memory");
		va += p.insn.len;
	}
	free(code);
	if (st) {
		flow_close(f);
		return st;
	}
	mark_targets(f, k, start, end);
	*ret = f;
	return VS_OK;
}

void flow_close(struct flow *f)
{
	if (f)
		vec_free(&f->code);
	free(f);
}

const struct insn *flow_insn(const struct flow *f, kva_t va)
{
	size_t i = index_of(f, va);

	return i == SIZE_MAX ? NULL : &f->code.v[i].insn;
}

static bool ends_path(const struct insn *in)
{
	return in->kind == INSN_JUMP || in->kind == INSN_RETURN || in->kind == INSN_TRAP;
}

/* The last write before instruction i, on the only way there. Returns false if there are several
 * ways. *def: SIZE_MAX, the function's entry. */
static bool straight(const struct flow *f, int reg, size_t i, size_t *def)
{
	for (; i > 0; i--) {
		if (f->code.v[i].target || ends_path(&f->code.v[i - 1].insn))
			return false;
		if (f->code.v[i - 1].insn.writes >> reg & 1) {
			*def = i - 1;
			return true;
		}
	}
	*def = SIZE_MAX;
	return !f->code.v[0].target;
}

/* The only write in the whole function, if every way from the entry runs it. What restores
 * registers before the return does not count. */
static bool only_write(const struct flow *f, int reg, size_t *def)
{
	*def = SIZE_MAX;
	for (size_t i = 0; i < f->code.n; i++) {
		const struct insn *in = &f->code.v[i].insn;

		if (!(in->writes >> reg & 1) ||
		    (in->kind == INSN_POP && (unsigned)reg != f->arch->sp))
			continue;
		if (*def != SIZE_MAX)
			return false;
		*def = i;
	}
	if (*def == SIZE_MAX)
		return true;
	for (size_t i = 0; i <= *def; i++) {
		const struct insn *in = &f->code.v[i].insn;

		if (f->code.v[i].target || (i < *def && (ends_path(in) || in->kind == INSN_BRANCH)))
			return false;
	}
	return true;
}

/* Where reg was last written before instruction i; false: not certain. */
static bool find_write(const struct flow *f, int reg, size_t i, size_t *def)
{
	if (reg < 0 || (unsigned)reg >= f->arch->nregs || f->anywhere)
		return false;
	if (straight(f, reg, i, def))
		return true;
	// A single write in the first block precedes i, unless i is in that block, too.
	return only_write(f, reg, def) && (*def == SIZE_MAX || *def < i);
}

static struct flow_source source_of(const struct flow *f, size_t def, int reg)
{
	const struct placed *p = &f->code.v[def];
	struct flow_source s = { .kind = FLOW_UNKNOWN, .reg = reg, .at = p->va, .insn = p->insn };

	if (p->insn.kind == INSN_MOVE && p->insn.has_value)
		s.kind = FLOW_VALUE;
	else if (p->insn.kind == INSN_MOVE && p->insn.mem.any)
		s.kind = FLOW_LOAD;
	else if (p->insn.kind == INSN_ADDRESS)
		s.kind = FLOW_ADDRESS;
	else if (p->insn.kind == INSN_CALL && reg == (int)f->arch->result)
		s.kind = FLOW_RESULT;
	return s;
}

struct flow_source flow_source(const struct flow *f, int reg, kva_t va)
{
	const struct flow_source unknown = { .kind = FLOW_UNKNOWN, .reg = reg };
	size_t i = index_of(f, va);

	if (i == SIZE_MAX)
		return unknown;
	for (int moves = 0; moves < MAX_MOVES; moves++) {
		const struct insn *in;
		size_t def;

		if (!find_write(f, reg, i, &def))
			return unknown;
		if (def == SIZE_MAX)
			return (struct flow_source){ .kind = FLOW_ENTRY, .reg = reg };
		in = &f->code.v[def].insn;
		if (in->kind != INSN_MOVE || in->src < 0 || in->size < sizeof(kva_t))
			return source_of(f, def, reg);
		reg = in->src;
		i = def;
	}
	return unknown;
}

/* Does straight code lead from instruction a to b without a write? */
static bool kept(const struct flow *f, int reg, size_t a, size_t b)
{
	for (; b > a; b--)
		if (f->code.v[b].target || ends_path(&f->code.v[b - 1].insn) ||
		    f->code.v[b - 1].insn.writes >> reg & 1)
			return false;
	return true;
}

bool flow_unchanged(const struct flow *f, int reg, kva_t early, kva_t late)
{
	size_t a = index_of(f, early), b = index_of(f, late), first, second;

	if (reg < 0 || (unsigned)reg >= f->arch->nregs || a == SIZE_MAX || b == SIZE_MAX ||
	    f->anywhere || a > b)
		return false;
	if (kept(f, reg, a, b))
		return true;
	// The same write must precede both.
	return find_write(f, reg, b, &second) && find_write(f, reg, a, &first) && first == second &&
	       (second == SIZE_MAX || second < a);
}
