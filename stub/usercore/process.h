// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* process.h - one process of the crashed kernel: its threads with their registers in user mode, and
 * its memory areas with what they hold. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/arch.h"
#include "stub/subsys/mm/filepages.h"
#include "stub/task/tasks.h"
#include "stub/task/vma.h"

#define PROCESS_PAGE 4096ULL

struct process_thread {
	struct task task;
	bool on_cpu;
	bool has_regs;
	struct regs regs; /* if has_regs: those with which it last entered the kernel */
	struct err why;	  /* without registers */
};

struct process_area {
	struct vma vma;
	char *path; /* as in /proc/PID/maps; NULL: no file */
	kva_t inode;
};

struct process {
	struct kernel *k;
	kva_t mm;
	pa_t root;
	struct process_thread *thread; /* the one asked for is the first */
	size_t nthreads;
	struct process_area *area; /* in order of addresses, none overlaps another */
	size_t nareas, cap_areas;
	vs_status threads_st, areas_st; /* not VS_OK: some are missing, and the texts say why */
	struct err threads_why, areas_why;
	size_t bad_areas; /* damaged, and left out */
	/* The page cache of the file that was read last. */
	struct file_pages pages;
	kva_t pages_inode;
	vs_status pages_st; /* not VS_OK: this file's pages cannot be listed */
	struct err pages_why;
};

/* Collects a process by the PID of one of its threads. VS_NOTFOUND: there is no such task.
 * VS_INVAL: it has no memory, as it is a kernel thread or dead. The caller frees *ret in any case.
 */
vs_status process_load(struct kernel *k, int32_t pid, struct process *ret, struct err *err);
/* The same by its task_struct and without the threads. */
vs_status process_load_areas(struct kernel *k, kva_t task, struct process *ret, struct err *err);
void process_free(struct process *p);

/* What a page holds. */
enum process_page {
	PAGE_SAVED,    /* the bytes */
	PAGE_ZEROS,    /* nothing was written there: it reads as zeros */
	PAGE_FILTERED, /* not in the dump, as makedumpfile left it out */
	PAGE_MISSING,  /* not in the dump, or damaged, for another reason */
	PAGE_IN_SWAP,
	PAGE_ON_DISK,  /* in its file, of which memory has no copy; or [vdso] */
	PAGE_DEVICE,   /* of a device */
	PAGE_RESERVED, /* nothing may access these addresses */
	PAGE_STATES,
};

/* Reads the page at va (a multiple of PROCESS_PAGE in the area) into dst, which is filled for
 * PAGE_SAVED only. *end is the first address after it that may be in another state. err says why a
 * page is missing. */
enum process_page process_read_page(struct process *p, const struct process_area *a, uint64_t va,
				    void *dst, uint64_t *end, struct err *err);
/* Reads bytes within one page or several. False: some are not in memory, and why says so, if it is
 * known. */
bool process_read(struct process *p, uint64_t va, uint8_t *dst, size_t len, struct err *why);
