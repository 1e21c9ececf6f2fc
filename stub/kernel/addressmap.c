// SPDX-License-Identifier: GPL-3.0-or-later
/* addressmap.c - where the large areas of the kernel's address map start. */
#include "stub/kernel/addressmap.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"

/* Both maps start at multiples of this, with and without KASLR: a PUD maps it. */
#define ALIGNMENT (UINT64_C(1) << 30)

static vs_status read_variable(struct kernel *k, const char *name, uint64_t *ret, struct err *err)
{
	kva_t va;
	vs_status st = kernel_symbol(k, name, &va, err);

	return st ? st : mem_read_u64(k->mem, va, ret, err);
}

/* The value of a variable that holds an address randomised by KASLR. */
static vs_status base_of(struct kernel *k, const char *name, kva_t *ret, struct err *err)
{
	vs_status st = read_variable(k, name, ret, err);

	if (st)
		return st;
	return k->arch->is_kernel_va(*ret) && !(*ret & 0xfff)
		       ? VS_OK
		       : fail(err, VS_CORRUPT, "%s is %#" PRIx64, name, *ret);
}

/* Is it plausible as the start of a map? what: the variable that gives it. */
static vs_status plausible(struct kernel *k, const char *what, kva_t base, struct err *err)
{
	return k->arch->is_kernel_va(base) && base % ALIGNMENT == 0
		       ? VS_OK
		       : fail(err, VS_CORRUPT, "%s gives the address %#" PRIx64, what, base);
}

vs_status addressmap_direct(struct kernel *k, kva_t *ret, struct err *err)
{
	uint64_t end, pages;
	vs_status st = base_of(k, k->arch->os->direct_base, ret, err);

	if (st != VS_NOTFOUND || read_variable(k, "high_memory", &end, NULL) ||
	    read_variable(k, "max_pfn", &pages, NULL))
		return st;
	if (pages > end >> 12)
		return fail(err, VS_CORRUPT, "high_memory is %#" PRIx64, end);
	*ret = end - (pages << 12);
	return plausible(k, "high_memory", *ret, err);
}

/* mem_section leads to the first of all sections: it is an array of pointers to arrays of sections,
 * or since 83e3c48729d9 (4.15) a pointer to such an array. A section begins with section_mem_map,
 * which has flags in its lowest bits: the first section is present and has struct pages. */
vs_status addressmap_vmemmap(struct kernel *k, kva_t *ret, struct err *err)
{
	enum { PRESENT = 1, HAS_MAP = 2 };
	uint64_t v;
	vs_status st = base_of(k, k->arch->os->vmemmap_base, ret, err);

	if (st != VS_NOTFOUND || read_variable(k, "mem_section", &v, NULL))
		return st;
	st = mem_read_u64(k->mem, v, &v, err);
	if (st == VS_OK && k->arch->is_kernel_va(v) && (v & (PRESENT | HAS_MAP)) == 0)
		st = mem_read_u64(k->mem, v, &v, err);
	if (st)
		return st;
	if ((v & (PRESENT | HAS_MAP)) != (PRESENT | HAS_MAP))
		return fail(err, VS_CORRUPT, "mem_section has no first section");
	*ret = v & ~UINT64_C(0xfff);
	return plausible(k, "mem_section", *ret, err);
}

vs_status addressmap_vmalloc(struct kernel *k, kva_t *ret, struct err *err)
{
	const struct linux_static_map *map = k->arch->os->static_maps;
	kva_t direct;
	vs_status st = base_of(k, k->arch->os->vmalloc_base, ret, err);

	if (st != VS_NOTFOUND || addressmap_direct(k, &direct, NULL))
		return st;
	for (; map->direct; map++) {
		if (map->direct == direct) {
			*ret = map->vmalloc;
			return VS_OK;
		}
	}
	return st;
}
