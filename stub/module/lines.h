// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* lines.h - source lines and inlined functions of kernel and module code, from DWARF (libdw). */
#include <stddef.h>

#include "stub/base/mem.h"

struct kernel;
struct module;
struct lines;

struct line_pos {
	const char *file; /* the compiler's name, made absolute; valid as long as the kernel */
	int line;
};

struct inlined {
	const char *func;
	struct line_pos at; /* current line in func; in outer functions, line of the inlined call */
	int decl_line;	    /* where func is declared; 0: unknown, or not in at.file */
};

/* Opens the ELF file with a module's final addresses; provided by the layer that builds images.
 * That layer closes *fd, which is valid as long as the kernel. */
typedef vs_status (*lines_module_fn)(void *ctx, struct module *m, int *fd, struct err *err);
vs_status lines_set_modules(struct kernel *k, lines_module_fn fn, void *ctx);

/* The same file, for other readers of a module's debug information. */
vs_status lines_module_image(struct kernel *k, struct module *m, int *fd, struct err *err);

/* Close all files. Call this before the provider of module files goes away. */
void lines_close(struct kernel *k);
/* Forget a module's data, after `mod -s` named another file. */
void lines_forget(struct kernel *k, struct module *m);

/* The DWARF that describes pc (libdw's, borrowed), and the address of pc in it. VS_NOTFOUND: no
 * debug information. */
struct Dwarf;
vs_status lines_dwarf(struct kernel *k, kva_t pc, struct Dwarf **dw, uint64_t *link_pc,
		      struct err *err);

/* If nothing has lines for the kernel's own code, logs why, once. For verbs that shall print lines.
 */
void lines_tell_missing(struct kernel *k);

/* Line of the instruction at pc. VS_NOTFOUND without debug information. */
vs_status lines_find(struct kernel *k, kva_t pc, struct line_pos *ret, struct err *err);
/* Functions inlined at pc, innermost first; the last one is the function that contains them. *n is
 * their number, at most max. */
vs_status lines_inlined(struct kernel *k, kva_t pc, struct inlined *ret, size_t max, size_t *n,
			struct err *err);
