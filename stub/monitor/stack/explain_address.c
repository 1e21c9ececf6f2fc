// SPDX-License-Identifier: GPL-3.0-or-later
/* explain_address.c - what kind of address a bad one is. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/module/modules.h"
#include "stub/monitor/stack/explain.h"
#include "stub/subsys/mm/slab.h"
#include "stub/subsys/mm/vmalloc.h"

#define NULL_PAGE     4096
#define MAX_ERRNO     4095		    /* include/linux/err.h */
#define ILLEGAL_BASE  0xdead000000000000ULL /* ILLEGAL_POINTER_VALUE, arch/x86/Kconfig */
#define ILLEGAL_END   (ILLEGAL_BASE + 0x1000)
#define STACK_GUARD   4096
#define NEAR_PATTERN  0x10000
#define VMALLOC_GUARD 4096

/* include/linux/poison.h */
static const struct {
	uint8_t byte;
	const char *what;
} patterns[] = {
	{ 0x6b, "the poison of freed slab memory (6b)" },
	{ 0x5a, "the poison of slab memory that was never written (5a)" },
	{ 0xaa, "the poison of free pages (aa)" },
	{ 0xbb, "the red zone of a free slab object (bb)" },
	{ 0xcc, "the red zone of a used slab object (cc)" },
};

static bool put_pattern(uint64_t value, struct buf *out)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		uint64_t pattern = patterns[i].byte * 0x0101010101010101ULL;

		if (value - pattern >= NEAR_PATTERN && pattern - value >= NEAR_PATTERN)
			continue;
		if (value > pattern)
			buf_printf(out, "%" PRIu64 " bytes after ", value - pattern);
		else if (value < pattern)
			buf_printf(out, "%" PRIu64 " bytes before ", pattern - value);
		buf_puts(out, patterns[i].what);
		return true;
	}
	return false;
}

bool explain_put_poison(uint64_t value, struct buf *out)
{
	if (value == 0) {
		buf_puts(out, "NULL");
	} else if (value < NULL_PAGE) {
		buf_printf(out, "%" PRIu64 " bytes after NULL", value);
	} else if (value >= (uint64_t)-MAX_ERRNO) {
		buf_printf(out, "ERR_PTR(-%d): %s", (int)-value, strerror((int)-value));
	} else if (value >= ILLEGAL_BASE && value < ILLEGAL_END) {
		buf_puts(out, "list poison: an entry that was already removed from its list");
	} else {
		return put_pattern(value, out);
	}
	return true;
}

bool explain_put_by_base(uint64_t base, uint64_t address, struct buf *out)
{
	uint64_t after = address - base;

	if (base >= (uint64_t)-MAX_ERRNO && after && after < NULL_PAGE) {
		// The register may also have NULL minus a member's offset, as container_of() does.
		if (address < NULL_PAGE) {
			(void)explain_put_poison(address, out);
			buf_puts(out, ", or ");
		}
		buf_printf(out, "%" PRIu64 " bytes after ", after);
		return explain_put_poison(base, out);
	}
	if (base != 0 || address < (uint64_t)-MAX_ERRNO)
		return false;
	buf_printf(out, "%" PRIu64 " bytes before NULL", base - address);
	return true;
}

static bool put_stack_guard(struct explain *x, uint64_t va)
{
	const struct task *t = &x->f->task;

	if (!t->stack || va >= t->stack || t->stack - va > STACK_GUARD)
		return false;
	buf_printf(x->out, "the guard page below the stack of PID %d, %" PRIu64 " bytes too low",
		   t->pid, t->stack - va);
	return true;
}

static void put_read_only(struct kernel *k, uint64_t va, struct buf *out)
{
	struct walk w = { 0 };

	if (kmem_walk(k->kmem, 0, va, &w, NULL) == VS_OK && !k->arch->walk_writable(&w))
		buf_puts(out, ", read-only");
}

static bool put_module(struct explain *x, uint64_t va)
{
	struct kernel *k = x->m->k;
	struct modules *mods;
	const struct module *mod;
	struct addr_name n;
	char name[64];
	kva_t end;

	if (kernel_need_modules(k, &mods, NULL))
		return false;
	mod = modules_by_va(mods, va);
	if (mod && addr_lookup(k, va, &n))
		return false;
	if (mod) {
		buf_printf(x->out, "memory of module %s", mod->name);
		put_read_only(k, va, x->out);
		return true;
	}
	if (kernel_symbol(k, "_end", &end, NULL) || va < end || va < k->arch->os->image_base ||
	    va >= k->arch->os->image_end || mods->stop)
		return false;
	buf_puts(x->out, "in the area of modules, but in none that is loaded");
	if (modules_last_unloaded(k, name, sizeof(name)))
		buf_printf(x->out, "; the last one that was unloaded is %s", name);
	return true;
}

/* The unmapped page behind an area of vmalloc(). */
static bool put_guard(struct explain *x, uint64_t va)
{
	AUTO_FREE struct vmap_area *v = NULL;
	const struct vmap_area *a;
	struct walk w;
	struct kernel *k = x->m->k;
	size_t n = 0;

	if (vmap_areas(k, &v, &n, NULL) || !(a = vmap_find(v, n, va)) || !a->vm ||
	    a->end - a->start <= VMALLOC_GUARD || va < a->end - VMALLOC_GUARD ||
	    kmem_walk(k->kmem, 0, a->end - VMALLOC_GUARD - 1, &w, NULL))
		return false;
	buf_printf(x->out,
		   "the guard page behind the vmalloc area %" PRIx64 "-%" PRIx64 ", %" PRIu64
		   " bytes too high",
		   a->start, a->end - VMALLOC_GUARD, va - (a->end - VMALLOC_GUARD));
	return true;
}

static void put_mapping(struct explain *x, uint64_t va)
{
	struct kernel *k = x->m->k;
	char cache[64];
	struct walk w = { 0 };
	struct err why = { 0 };
	struct addr_name n;
	kva_t object;

	if (addr_lookup(k, va, &n)) {
		buf_printf(x->out, "%s+%" PRIu64, n.sym->name, n.off);
		cmd_put_owner(x->out, &n);
		put_read_only(k, va, x->out);
	} else if (slab_cache_name(k, va, cache, sizeof(cache), &object) == VS_OK) {
		buf_printf(x->out, "in the slab object at %" PRIx64 " of %s", object, cache);
	} else if (kmem_walk(k->kmem, 0, va, &w, &why) == VS_OK) {
		buf_puts(x->out, "mapped");
		put_read_only(k, va, x->out);
		if (!k->arch->walk_executable(&w))
			buf_puts(x->out, ", not executable");
	} else if (why.code != VS_UNMAPPED) {
		buf_puts(x->out, "a kernel address");
	} else if (!put_guard(x, va)) {
		buf_puts(x->out, "a kernel address that is not mapped");
	}
}

void explain_put_address(struct explain *x, uint64_t va)
{
	struct kernel *k = x->m->k;

	if (explain_put_poison(va, x->out))
		return;
	if (!k->arch->is_canonical(kmem_paging(k->kmem), va))
		buf_puts(x->out, "not canonical: no address of this CPU");
	else if (!k->arch->is_kernel_va(va))
		buf_puts(x->out, "an address of user space");
	else if (!put_stack_guard(x, va) && !put_module(x, va))
		put_mapping(x, va);
}
