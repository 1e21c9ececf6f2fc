// SPDX-License-Identifier: GPL-3.0-or-later
/* kprobes.c - finds the code that kprobes moved (kernel/kprobes.c, and kprobes/opt.c in arch/x86):
 * pages of slots, one per probe. */
#include "stub/unwind/kprobes.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/unwind/stack.h"
#include "stub/kernel/walk.h"

#define PAGE_SIZE	  4096ULL
#define MAX_KPROBES	  (1u << 16)
#define MAX_INSN	  16
#define KPROBE_HIT_ACTIVE 1

/* --- running handlers */

/* The probe that a CPU handles; `first`: the outer one, if its handler hit another probe. */
static kva_t pending_on(struct kernel *k, unsigned cpu, const char *probe, kva_t probe_at,
			const char *status)
{
	uint64_t kp, value, addr;
	kva_t ctl;

	if (percpu_symbol(k, "kprobe_ctlblk", cpu, &ctl, NULL) ||
	    kernel_read_member(k, ctl, "kprobe_ctlblk", status, &value, NULL) ||
	    value != KPROBE_HIT_ACTIVE)
		return 0;
	if (probe ? kernel_read_member(k, ctl, "kprobe_ctlblk", probe, &kp, NULL)
		  : mem_read_u64(k->mem, probe_at, &kp, NULL))
		return 0;
	return kp && kernel_read_member(k, kp, "kprobe", "addr", &addr, NULL) == VS_OK ? addr : 0;
}

static kva_t pending_probe(struct kernel *k, unsigned cpu, bool first)
{
	kva_t at;

	if (first)
		return pending_on(k, cpu, "prev_kprobe.kp", 0, "prev_kprobe.status");
	if (percpu_symbol(k, "current_kprobe", cpu, &at, NULL))
		return 0;
	return pending_on(k, cpu, NULL, at, "kprobe_status");
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

	if (kernel_read_member(r->k, va, "kprobe", "addr", &p.addr, NULL) ||
	    kernel_read_member(r->k, va, "kprobe", "ainsn.insn", &p.slot, NULL) || !p.slot)
		return true;
	// from de5bd88d5a5c (3.2) to 4.x there is no size, so the end of the instruction is unknown
	kernel_read_member(r->k, va, "kprobe", "ainsn.size", &p.size, NULL);
	if (p.size > MAX_INSN)
		p.size = 0;
	return vec_push(&r->probes, p) && r->probes.n < MAX_KPROBES;
}

static void load_probes(struct reading *r)
{
	kva_t table;

	if (kernel_symbol(r->k, "kprobe_table", &table, NULL) ||
	    kernel_member(r->k, "kprobe", &r->node, NULL, "hlist", NULL))
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
	    kernel_read_member(k, c.probe, "optimized_kprobe", "optinsn.insn", &insn, NULL) ||
	    insn != d->start ||
	    kernel_read_member(k, c.probe, "optimized_kprobe", "optinsn.size", &size, NULL) ||
	    size > d->end - d->start - c.copy ||
	    kernel_read_member(k, c.probe, "optimized_kprobe", "kp.addr", &addr, NULL) ||
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

	return kernel_member(r->k, "kprobe_insn_page", &used, NULL, "slot_used", NULL) == VS_OK &&
	       mem_read_uint(r->k->mem, page + used.off + slot, 1, &state, NULL) == VS_OK &&
	       state == 0;
}

static bool add_page(void *ctx, kva_t node)
{
	struct reading *r = ctx;
	kva_t page = node - r->node.off, insns;

	if (kernel_read_member(r->k, page, "kprobe_insn_page", "insns", &insns, NULL) ||
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

	if (kernel_member(k, "kprobe_insn_cache", &pages, NULL, "pages", NULL))
		return VS_NOTFOUND;
	load_probes(&r);
	for (size_t i = 0; i < 2; i++) {
		kva_t cache;

		r.optimized = caches[i].optimized;
		r.name = caches[i].page;
		if (kernel_symbol(k, caches[i].symbol, &cache, NULL) ||
		    kernel_member(k, "kprobe_insn_page", &r.node, NULL, "list", NULL))
			continue;
		if (kernel_read_member(k, cache, "kprobe_insn_cache", "insn_size", &r.slot_size,
				       NULL) ||
		    r.slot_size < 8 || r.slot_size > PAGE_SIZE)
			r.slot_size = PAGE_SIZE;
		(void)walk_list(k, cache + pages.off, add_page, &r, NULL);
	}
	vec_free(&r.probes);
	return VS_OK;
}
