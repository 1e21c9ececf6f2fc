// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* gdbmem.h - memory as gdb sees it: the dump's, except where gdb needs other contents. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

/* Here gdb reads the address of the selected thread's struct task_struct: just below the mailbox
 * for scripts. */
#define GDBMEM_TASK 0xffffffffffffdff8ULL

struct gdbmem;
struct images;
struct kernel;
struct thread_view;

/* Both must outlive the result. NULL without memory. */
struct gdbmem *gdbmem_create(struct kernel *k, struct images *images);
void gdbmem_destroy(struct gdbmem *g);

/* Stores gdb's number of a thread for gdb scripts. 0: none. */
void gdbmem_chosen(struct gdbmem *g, uint32_t number);
/* Added to the number if gdb does not know the thread before the next stop: the script then makes
 * gdb ask for one. */
#define GDBMEM_HELD 0x80000000u
/* Adds a flag to it. */
void gdbmem_add(struct gdbmem *g, uint32_t flag);
/* Added to the number if the script must make gdb read the list of libraries. */
#define GDBMEM_LIBRARIES 0x40000000u
/* Stores another number for a script, in its place. It has no bit of GDBMEM_HELD. */
void gdbmem_answer(struct gdbmem *g, uint32_t answer);
/* Has a script that can evaluate arguments announced itself since the last call? */
bool gdbmem_can_evaluate(struct gdbmem *g);
/* Has the script of vmstub.gdb's `task` announced itself since the last call? */
bool gdbmem_task_script(struct gdbmem *g);

/* Is one of our scripts about to make gdb read the list of libraries, after loading a file? */
bool gdbmem_list_awaited(const struct gdbmem *g);
/* Call it when gdb reads the list of libraries. */
void gdbmem_list_read(struct gdbmem *g);

/* If KASLR moved the kernel, prints once which commands load its symbols at their true addresses.
 * why is the sentence before that, with its full stop. */
void gdbmem_tell_slide(struct gdbmem *g, const char *why);

/* Reads memory as thread v sees it (NULL: none): user memory of its task, per-CPU variables of its
 * CPU. */
struct mem_got gdbmem_read(struct gdbmem *g, const struct thread_view *v, uint64_t addr, void *dst,
			   size_t len, struct err *err);
