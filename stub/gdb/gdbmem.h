// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* gdbmem.h - memory as gdb is to see it: the dump's, bent where gdb's own ideas need it. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

/* Where gdb reads the address of the selected thread's struct task_struct: just below the words
 * that scripts read. */
#define GDBMEM_TASK 0xffffffffffffdff8ULL

struct gdbmem;
struct images;
struct kernel;
struct thread_view;

/* Both must outlive the result. NULL without memory. */
struct gdbmem *gdbmem_create(struct kernel *k, struct images *images);
void gdbmem_destroy(struct gdbmem *g);

/* Leave gdb's number of a thread where its scripts read it, 0: none. */
void gdbmem_chosen(struct gdbmem *g, uint32_t number);

/* A script of ours loads a file, and has the list of libraries read behind it. */
bool gdbmem_list_awaited(const struct gdbmem *g);
/* gdb reads the list of libraries. */
void gdbmem_list_read(struct gdbmem *g);

/* When KASLR moved the kernel, print once which commands load its symbols at their true addresses.
 * why: the sentence in front of that, with its full stop. */
void gdbmem_tell_slide(struct gdbmem *g, const char *why);

/* Read as thread v does (NULL: none): user addresses are its task's, per-CPU variables its CPU's.
 */
struct mem_got gdbmem_read(struct gdbmem *g, const struct thread_view *v, uint64_t addr, void *dst,
			   size_t len, struct err *err);
