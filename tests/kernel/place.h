// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* place.h - the addresses of objects in the synthetic kernel. It is C that never runs: `make` in
 * this folder turns the object file into memory.
 *
 *   ffffffff82000000  the kernel's image; linked at ffffffff81000000, so the slide is 1000000
 *   ffffffffc0000000  modules
 *   ffff888000000000  the direct map: what is at ffff888000123000 has physical address 123000
 *   ffffc90000000000  vmalloc: stacks
 *   ffffea0000000000  struct page of each page frame
 *   0000000000400000  the user memory of the one program
 *   0000000000000000  per-CPU variables: offsets into each CPU's area
 */

/* An object at an address, written without 0x: AT(ffff888000101000) struct task_struct worm = ...
 */
#define AT(address) __attribute__((used, section(".at." #address)))

/* A per-CPU variable at an offset of four digits, with its values on CPU 0 and CPU 1. */
#define AREA_0 0xffff888001000000
#define AREA_1 0xffff888001100000
#define PER_CPU(offset, type, name, on_0, on_1)                                                    \
	__attribute__((used, section(".percpu." #offset))) type name;                              \
	__attribute__((used, section(".at.ffff88800100" #offset))) type name##_0 = on_0;           \
	__attribute__((used, section(".at.ffff88800110" #offset))) type name##_1 = on_1
#define V(...) __VA_ARGS__ /* an initialiser with commas */

/* Lists: LINKS(next, prev) is a node between two others, EMPTY(head) an empty list. */
#define LINKS(n, p)                                                                                \
	{                                                                                          \
		(struct list_head *)(n), (struct list_head *)(p)                                   \
	}
#define EMPTY(head)                                                                                \
	{                                                                                          \
		&(head), &(head)                                                                   \
	}

/* Physical addresses of the direct map and the image, as constants. */
#define DIRECT	      0xffff888000000000
#define PHYS_BASE     0x1000000 /* image: ffffffff82000000 is at 3000000 */
#define IMAGE_PA(obj) ((unsigned long)(obj)-0xffffffff80000000 + PHYS_BASE)
