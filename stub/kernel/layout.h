// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* layout.h - where the crashed kernel lies: its page tables, phys_base, slide and VMCOREINFO. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/arch.h"

struct dump;
struct elffile;
struct kernel;
struct vmcoreinfo;

/* One answer, whole or in part. */
struct layout {
	bool have_root, have_phys, have_slide;
	struct paging pg;
	uint64_t phys_base; /* kernel text: pa = va - arch->os->image_base + phys_base */
	uint64_t slide;
	kva_t image_start, image_end; /* surely inside the kernel image; 0: not known */
};

/* Fill k's vmci, release, phys_base, slide and page tables, from what the user gave
 * (kernel_options), the VMCOREINFO note, a search of memory for it, control registers, ELF
 * segments, and vmlinux, whichever is first to know. Fails when memory cannot be translated. */
vs_status layout_find(struct kernel *k, struct err *err);

/* What VMCOREINFO tells. */
void layout_from_info(const struct arch_ops *arch, const struct vmcoreinfo *v, struct layout *ret);
/* Do these page tables lead from _stext to where phys_base says it is? VS_OK, VS_NOMATCH, or why a
 * table could not be read. */
vs_status layout_check(const struct arch_ops *arch, const struct mem *phys, const struct layout *l,
		       kva_t stext, struct err *err);

/* The slide that puts this vmlinux where the image was found. False: not known where. */
bool layout_slide_of(const struct kernel *k, struct elffile *f, uint64_t *ret);

/* kmem_linear_fn: the kernel image and the direct map without page tables. ctx: struct kernel. */
bool layout_linear(void *ctx, kva_t va, pa_t *ret);

/* --- infoscan.c */

/* Search memory for VMCOREINFO notes, which the kernel keeps each in a page of its own since 4.13,
 * and, if there are none, the kernel's image from image to image_end (0, 0: not known); take the
 * one whose page tables are right. Of several: the one with CRASHTIME (the kernel that crashed; the
 * other is the one that wrote the dump), else the one that a CPU's control registers name. *where
 * is its physical address. VS_NOTFOUND: none; VS_INVAL: cannot tell, err lists them.
 */
vs_status infoscan_find(struct kernel *k, pa_t image, pa_t image_end, struct vmcoreinfo **ret,
			pa_t *where, struct err *err);
