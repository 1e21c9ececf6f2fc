// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* modules.h - loaded modules: their parts in memory and their files.
 * Section addresses come from sysfs attributes (sect_attrs). If those pages are missing, they come
 * from the module's symbol table compared with the .ko's, so that one lost page does not lose the
 * module. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/linux_arch.h"
#include "stub/elf/elffile.h"
#include "stub/kernel/slot.h"
#include "stub/symbols/symtab.h"

struct kernel;

struct mod_section {
	char name[64];
	kva_t va;
	uint64_t size; /* from the .ko; 0 until module_need_file() */
};

struct mod_range {
	kva_t base;
	uint64_t size;
	bool text;
};

#define MOD_RANGES 8

struct module {
	kva_t va; /* its struct module */
	char name[64];
	uint64_t state;			    /* enum module_state: 0 live, 1 coming, 2 going */
	struct mod_range range[MOD_RANGES]; /* core parts, without the freed .init ones */
	size_t nranges;
	kva_t text_base; /* lowest text address */
	uint64_t size;	 /* of all core parts */
	kva_t percpu;	 /* its per-CPU area, relative to percpu_offset(); 0: none */
	uint64_t percpu_size;

	struct slot id_slot; /* modsect.c */
	struct build_id id;  /* len 0: unknown */

	struct slot sections_slot;    /* modsect.c */
	struct mod_section *sections; /* with addresses, in no order */
	size_t nsections;
	const char *sections_source; /* "sect_attrs", "kallsyms" or NULL */

	struct slot file_slot; /* modfile.c */
	char *path;	       /* .ko; NULL: not found */
	char *debug_path;      /* separate .ko.debug; NULL: none */
	char file_why[256];    /* why there is no file */
	bool by_functions;     /* the file has no build-id, but the module's functions */
	bool by_source;	       /* and its srcversion, if by_functions */
	bool hidden;	       /* `mod -d`: do not give its file to gdb; cmd_mod.c */

	struct slot types_slot; /* modtypes.c */
	struct types *types;	/* from its file's DWARF */

	struct slot syms_slot; /* modsyms.c */
	struct symtab *syms;   /* from memory or file */

	struct slot orc_slot; /* modsyms.c */
	struct unwind_table orc;
	void *orc_copy; /* ORC bytes from the .ko */
	struct mem_array *orc_mem;
};

struct modules {
	struct module *v;
	size_t n;
	vs_status stop; /* VS_OK: the list ended properly */
	struct err why;
};

/* The list, loaded once. If it is broken, it has the modules found, and stop and why say so. */
vs_status kernel_need_modules(struct kernel *k, struct modules **ret, struct err *err);

struct module *modules_by_name(struct modules *m, const char *name); /* '-' equals '_' */
struct module *modules_by_va(struct modules *m, kva_t va);
/* The name of the module that was unloaded last, by the variable from which the kernel prints it in
 * an oops. False: none was, or it is unknown. */
bool modules_last_unloaded(struct kernel *k, char *name, size_t cap);
/* The lowest text range that ends above va: *start and *end are its bounds. NULL: none. */
const struct module *modules_text_after(const struct modules *m, kva_t va, kva_t *start,
					kva_t *end);
bool module_has(const struct module *m, kva_t va);
bool module_has_text(const struct module *m, kva_t va);

/* Why the module taints the kernel: bits of enum taint_flags, for taint_put(). */
vs_status module_taints(struct kernel *k, const struct module *m, uint64_t *ret, struct err *err);

/* Load section addresses, once. VS_NOTFOUND: neither the dump nor a file has them. */
vs_status module_need_sections(struct kernel *k, struct module *m, struct err *err);
kva_t module_section_va(const struct module *m, const char *name); /* 0: unknown */

/* Find the .ko by build-id; sets m->path and m->debug_path, or m->file_why. */
vs_status module_need_file(struct kernel *k, struct module *m, struct err *err);
/* Search again unless the file was found: another folder may have it now. */
void module_retry_file(struct kernel *k, struct module *m);
/* Search one more folder for the module's files. */
void module_search_dir(struct kernel *k, struct module *m, const char *dir);
/* Use this file (`mod -s NAME FILE`). VS_NOMATCH: wrong build; err has both build-ids. */
vs_status module_use_file(struct kernel *k, struct module *m, const char *path, struct err *err);

/* Load symbols with run-time addresses. */
vs_status module_need_syms(struct kernel *k, struct module *m, struct err *err);
/* Load the ORC table from memory, or from the .ko if those pages are missing. */
vs_status module_need_orc(struct kernel *k, struct module *m, struct err *err);
/* All rows of the ORC table that lie in the module's text, ascending. The caller frees *ret. */
vs_status module_rules(struct kernel *k, struct module *m, struct unwind_rule **ret, size_t *n,
		       struct err *err);
