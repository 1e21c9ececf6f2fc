// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* layout.h - the crashed kernel's place in memory: page tables, phys_base, slide and VMCOREINFO. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/arch.h"

struct dump;
struct elffile;
struct kernel;
struct vmcoreinfo;

/* The layout, complete or in part. */
struct layout {
	bool have_root, have_phys, have_slide;
	struct paging pg;
	uint64_t phys_base; /* kernel text: pa = va - arch->os->image_base + phys_base */
	uint64_t slide;
	kva_t image_start, image_end; /* certainly inside the kernel image; 0: unknown */
};

/* Fill k's vmci, release, phys_base, slide and page tables from the first source that has them: the
 * user's options (kernel_options), the VMCOREINFO note, a search of memory for it, control
 * registers, ELF segments, and vmlinux or the dump's symbols. Fails if memory cannot be translated.
 */
vs_status layout_find(struct kernel *k, struct err *err);

/* The layout according to VMCOREINFO. */
void layout_from_info(const struct arch_ops *arch, const struct vmcoreinfo *v, struct layout *ret);
/* Do these page tables translate _stext to the address that phys_base gives? VS_OK, VS_NOMATCH, or
 * why a table could not be read. */
vs_status layout_check(const struct arch_ops *arch, const struct mem *phys, const struct layout *l,
		       kva_t stext, struct err *err);

/* The slide that moves this vmlinux to where the image was found. False: it was not found. */
bool layout_slide_of(const struct kernel *k, struct elffile *f, uint64_t *ret);

/* A kmem_linear_fn for the kernel image and the direct map. ctx: struct kernel. */
bool layout_linear(void *ctx, kva_t va, pa_t *ret);

/* --- rammap.c */

/* Find where the memory in a raw file was, by the page tables of the kernels in it, and say so. If
 * that cannot be found, offsets remain addresses. k->vmci may have a VMCOREINFO from the user. */
vs_status rammap_find(struct kernel *k, struct err *err);

/* --- infoscan.c */

/* Search memory for a VMCOREINFO note whose page tables are right. Since 4.13 each is in a separate
 * page; if there is none, search from image to image_end, where the kernel's image is. A note that
 * does not say where its kernel is (before 4.10) is compared with running, the kernel that the
 * control registers show; NULL: they show none. Of
 * several notes, prefer the one with CRASHTIME (the kernel that crashed; the other one wrote the
 * dump), else the one that a CPU's control registers point to. *where is its physical address.
 * VS_NOTFOUND: none; VS_INVAL: ambiguous, err lists them. */
vs_status infoscan_find(struct kernel *k, const struct layout *running, pa_t image, pa_t image_end,
			struct vmcoreinfo **ret, pa_t *where, struct err *err);
