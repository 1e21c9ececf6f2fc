// SPDX-License-Identifier: GPL-3.0-or-later
/* kprobes.c - finds the code that kprobes moved (kernel/kprobes.c, and kprobes/opt.c in arch/x86):
 * pages of slots, one per probe. */
#include "stub/unwind/kprobes.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/unwind/stack.h"
#include "stub/kernel/walk.h"

#define PAGE_SIZE	  4096ULL
#define MAX_KPROBES	  (1u << 16)
#define MAX_INSN	  16
#define KPROBE_HIT_ACTIVE 1

enum { KPROBE_ADDR, KPROBE_SLOT, KPROBE_SIZE, KPROBE_NODE };
static const struct record_field kprobe_fields[] = {
	[KPROBE_ADDR] = { { "addr" }, RECORD_UINT, "with kprobes" },
	[KPROBE_SLOT] = { { "ainsn.insn" }, RECORD_POINTER, "with kprobes" },
	[KPROBE_SIZE] = { { "ainsn.size" }, RECORD_UINT, "since 4.x, with kprobes" },
	[KPROBE_NODE] = { { "hlist" }, RECORD_ADDRESS, "with kprobes" },
};
RECORD(kprobe_record, "kprobe", kprobe_fields);

enum { OPTIMIZED_CODE, OPTIMIZED_SIZE, OPTIMIZED_ADDR };
static const struct record_field optimized_fields[] = {
	[OPTIMIZED_CODE] = { { "optinsn.insn" }, RECORD_POINTER, "with optimized kprobes" },
	[OPTIMIZED_SIZE] = { { "optinsn.size" }, RECORD_UINT, "with optimized kprobes" },
	[OPTIMIZED_ADDR] = { { "kp.addr" }, RECORD_UINT, "with optimized kprobes" },
};
RECORD(optimized_record, "optimized_kprobe", optimized_fields);

enum { CTL_STATUS, CTL_FIRST, CTL_FIRST_STATUS };
static const struct record_field ctl_fields[] = {
	[CTL_STATUS] = { { "kprobe_status" }, RECORD_UINT, "with kprobes" },
	[CTL_FIRST] = { { "prev_kprobe.kp" }, RECORD_POINTER, "with kprobes" },
	[CTL_FIRST_STATUS] = { { "prev_kprobe.status" }, RECORD_UINT, "with kprobes" },
};
RECORD(ctl_record, "kprobe_ctlblk", ctl_fields);

enum { CACHE_PAGES, CACHE_SLOT_SIZE };
static const struct record_field cache_fields[] = {
	[CACHE_PAGES] = { { "pages" }, RECORD_ADDRESS, "with kprobes" },
	[CACHE_SLOT_SIZE] = { { "insn_size" }, RECORD_UINT, "with kprobes" },
};
RECORD(cache_record, "kprobe_insn_cache", cache_fields);

enum { PAGE_NODE, PAGE_CODE, PAGE_USED };
static const struct record_field page_fields[] = {
	[PAGE_NODE] = { { "list" }, RECORD_ADDRESS, "with kprobes" },
	[PAGE_CODE] = { { "insns" }, RECORD_POINTER, "with kprobes" },
	[PAGE_USED] = { { "slot_used" }, RECORD_ADDRESS, "with kprobes" },
};
RECORD(insn_page_record, "kprobe_insn_page", page_fields);

/* --- running handlers */

/* The probe that a CPU handles; `first`: the outer one, if its handler hit another probe. */
static kva_t pending_probe(struct kernel *k, unsigned cpu, bool first)
{
	uint64_t kp, status, addr;
	kva_t ctl, at;

	if (percpu_symbol(k, "kprobe_ctlblk", cpu, &ctl, NULL) ||
	    record_field_read(k, &ctl_record, ctl, first ? CTL_FIRST_STATUS : CTL_STATUS, &status,
			      NULL) ||
	    status != KPROBE_HIT_ACTIVE)
		return 0;
	if (first ? record_field_read(k, &ctl_record, ctl, CTL_FIRST, &kp, NULL)
		  : percpu_symbol(k, "current_kprobe", cpu, &at, NULL) ||
			    mem_read_u64(k->mem, at, &kp, NULL))
		return 0;
	return kp && record_field_read(k, &kprobe_record, kp, KPROBE_ADDR, &addr, NULL) == VS_OK
		       ? addr
		       : 0;
}

bool kprobe_pending(struct kernel *k, kva_t task, kva_t addr)
{
	kva_t current;

	for (unsigned cpu = 0; addr && cpu < percpu_ncpus(k); cpu++) {
		if (task && (task_current(k, cpu, &current, NULL) || current != task))
			continue;
		if (pending_probe(k, cpu, false) == addr || pending_probe(k, cpu, true) == addr)
			return true;
	}
	return false;
}

kva_t kprobe_pending_at(struct kernel *k)
{
	for (unsigned cpu = 0; cpu < percpu_ncpus(k); cpu++) {
		kva_t addr = pending_probe(k, cpu, false);

		if (addr || (addr = pending_probe(k, cpu, true)))
			return addr;
	}
	return 0;
}

/* --- slots */

/* A registered kprobe that has its instruction in a slot. */
struct moved {
	kva_t slot, addr;
	uint64_t size; /* of the instruction; 0: unknown */
};

struct reading {
	struct kernel *k;
	kprobe_slot_fn fn;
	void *ctx;
	VEC(struct moved) probes;
	struct member node;
	// properties of the current cache
	bool optimized;
	uint64_t slot_size;
	const char *name;
	bool stop;
};

static bool add_probe(void *ctx, kva_t node)
{
	struct reading *r = ctx;
	struct moved p = { 0 };
	kva_t va = node - r->node.off;

	if (record_field_read(r->k, &kprobe_record, va, KPROBE_ADDR, &p.addr, NULL) ||
	    record_field_read(r->k, &kprobe_record, va, KPROBE_SLOT, &p.slot, NULL) || !p.slot)
		return true;
	// from de5bd88d5a5c (3.2) to 4.x there is no size, so the end of the instruction is unknown
	record_field_read(r->k, &kprobe_record, va, KPROBE_SIZE, &p.size, NULL);
	if (p.size > MAX_INSN)
		p.size = 0;
	return vec_push(&r->probes, p) && r->probes.n < MAX_KPROBES;
}

static void load_probes(struct reading *r)
{
	kva_t table;

	if (kernel_symbol(r->k, "kprobe_table", &table, NULL) ||
	    record_member(r->k, &kprobe_record, KPROBE_NODE, &r->node, NULL))
		return;
	walk_hlists(r->k, table, KPROBE_TABLE_SIZE, add_probe, r);
}

/* Finds the probe that points to a slot with one instruction. */
static void find_owner(const struct reading *r, struct dyncode *d)
{
	for (size_t i = 0; i < r->probes.n; i++) {
		const struct moved *p = &r->probes.v[i];

		if (p->slot != d->start || !kernel_is_text(r->k, p->addr) || !p->size)
			continue;
		d->kind = DYNCODE_SLOT;
		d->origin = p->addr;
		d->origin_end = p->addr + p->size;
		return;
	}
}

/* Parses the detour of an optimized probe: it contains the probe's address, and the probe must
 * point back to it. */
static void read_detour(const struct reading *r, struct dyncode *d)
{
	struct kernel *k = r->k;
	struct optprobe_code c;
	uint64_t insn, size, addr;

	if (!k->arch->os->optprobe(k, d->start, d->end - d->start, &c) ||
	    record_field_read(k, &optimized_record, c.probe, OPTIMIZED_CODE, &insn, NULL) ||
	    insn != d->start ||
	    record_field_read(k, &optimized_record, c.probe, OPTIMIZED_SIZE, &size, NULL) ||
	    size > d->end - d->start - c.copy ||
	    record_field_read(k, &optimized_record, c.probe, OPTIMIZED_ADDR, &addr, NULL) ||
	    !kernel_is_text(k, addr))
		return;
	d->kind = DYNCODE_DETOUR;
	d->origin = addr;
	d->origin_end = addr + size;
	d->args = c.args;
	d->call = c.call;
	d->copy = c.copy;
}

/* Is the slot certainly unused? slot_used has one byte per slot. */
static bool unused(const struct reading *r, kva_t page, kva_t slot)
{
	struct member used;
	uint64_t state;

	return record_member(r->k, &insn_page_record, PAGE_USED, &used, NULL) == VS_OK &&
	       mem_read_uint(r->k->mem, page + used.off + slot, 1, &state, NULL) == VS_OK &&
	       state == 0;
}

static bool add_page(void *ctx, kva_t node)
{
	struct reading *r = ctx;
	kva_t page = node - r->node.off, insns;

	if (record_field_read(r->k, &insn_page_record, page, PAGE_CODE, &insns, NULL) ||
	    !r->k->arch->is_kernel_va(insns))
		return true;
	for (kva_t off = 0; off + r->slot_size <= PAGE_SIZE && !r->stop; off += r->slot_size) {
		struct dyncode d = { .start = insns + off,
				     .end = insns + off + r->slot_size,
				     .kind = DYNCODE_KPROBE };

		if (unused(r, page, off / r->slot_size))
			continue;
		if (r->optimized)
			read_detour(r, &d);
		else
			find_owner(r, &d);
		r->stop = !r->fn(r->ctx, &d, r->name);
	}
	return !r->stop;
}

vs_status kprobe_slots(struct kernel *k, kprobe_slot_fn fn, void *ctx)
{
	static const struct {
		const char *symbol, *page;
		bool optimized;
	} caches[] = { { "kprobe_insn_slots", "kprobe_insn_page", false },
		       { "kprobe_optinsn_slots", "kprobe_optinsn_page", true } };
	struct reading r = { .k = k, .fn = fn, .ctx = ctx };
	struct member pages;

	if (record_member(k, &cache_record, CACHE_PAGES, &pages, NULL))
		return VS_NOTFOUND;
	load_probes(&r);
	for (size_t i = 0; i < 2; i++) {
		kva_t cache;

		r.optimized = caches[i].optimized;
		r.name = caches[i].page;
		if (kernel_symbol(k, caches[i].symbol, &cache, NULL) ||
		    record_member(k, &insn_page_record, PAGE_NODE, &r.node, NULL))
			continue;
		if (record_field_read(k, &cache_record, cache, CACHE_SLOT_SIZE, &r.slot_size,
				      NULL) ||
		    r.slot_size < 8 || r.slot_size > PAGE_SIZE)
			r.slot_size = PAGE_SIZE;
		(void)walk_list(k, cache + pages.off, add_page, &r, NULL);
	}
	vec_free(&r.probes);
	return VS_OK;
}
