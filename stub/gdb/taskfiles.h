// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* taskfiles.h - gives gdb the program and the libraries of the task that the user chose. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/mem.h"

struct images;
struct kernel;

/* The files that gdb has, or gets with the next list of libraries. All zero: none. */
struct taskfiles {
	uint64_t key;  /* programs_key(); 0: of no program */
	bool any;      /* some of them were found */
	int32_t pid;   /* of the task that they were chosen for */
	bool told;     /* taskfiles_check() has warned since they were chosen */
	kva_t checked; /* the address space that it looked at last */
};

/* Finds the files of the task's program and puts them into the list of libraries, instead of those
 * of the task before, unless they are the same, or the task is a kernel thread. Appends a line for
 * each file, found or not. Returns whether the list changed. */
bool taskfiles_choose(struct taskfiles *f, struct kernel *k, struct images *images, kva_t task,
		      struct buf *about);

/* Call it when gdb reads user memory of a task: warns if gdb has the files of another program. */
void taskfiles_check(struct taskfiles *f, struct kernel *k, kva_t task, kva_t mm);
