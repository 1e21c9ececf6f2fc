// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kernel.h - the crashed Linux kernel: where it was loaded, its symbols and types.
 * Opening is cheap: each slot is loaded when it is first needed, and remembers why loading failed.
 * This is the shared state of one opened kernel: a comment names the file that owns each field, and
 * no other file may write it. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "stub/arch.h"
#include "stub/base/buf.h"
#include "stub/dump/dump.h"
#include "stub/dump/vmcoreinfo.h"
#include "stub/elf/elffile.h"
#include "stub/kernel/kmem.h"
#include "stub/kernel/slot.h"
#include "stub/kernel/vmid.h"
#include "stub/linux_arch.h"
#include "stub/symbols/symtab.h"
#include "stub/symbols/types.h"

struct modules;
struct lines;
struct modfiles;
struct dyncodes;
struct records;
struct swapped;
struct task_list;

struct kernel_options {
	pid_t gdb_pid;	     /* the gdb that started vmstub, which may have vmlinux open; 0: none */
	const char *vmlinux; /* --vmlinux, or NULL */
	const char *btf;     /* --btf: BTF for a kernel that lacks it, or NULL */
	const char *source;  /* --source: the folder with the kernel's sources, or NULL */
	const char *sysroot; /* --sysroot: look for installed files below it; NULL or "": in / */
	const char *const *module_dirs; /* --module-dir */
	size_t nmodule_dirs;
	bool fetch;    /* debug files that are not here are fetched from debuginfod servers */
	bool physical; /* open a dump in which no kernel is found, too: only its physical memory */
	bool no_debuginfod; /* --no-debuginfod: what its client fetched before is not used either */
	bool full;	    /* --symbols=full: gdb gets vmlinux, also over a distance */
	bool no_vmlinux;    /* --vmlinux none: no vmlinux is searched */
	bool dump_only;	    /* --symbols=dump: no vmlinux and no files of modules are searched */
	/* Values from the user, which override the dump. */
	const char *vmcoreinfo; /* --vmcoreinfo: a file with the text, or NULL */
	bool have_root, have_slide, have_phys_base;
	uint64_t root; /* --root: physical address of the top page table */
	uint64_t slide, phys_base;
};

struct kernel {
	const struct arch_ops *arch;
	struct dump *dump;		  /* borrowed */
	const struct kernel_options *opt; /* borrowed */
	struct slot *last_slot;		  /* loaded most recently; slot.c */

	/* layout.c and infoscan.c; vmlinux.c also sets the slide, if the dump does not have it */
	struct vmcoreinfo *vmci;
	struct kmem *kmem;
	const struct mem *mem; /* kernel virtual memory */
	char release[65];      /* "" when unknown */
	bool have_slide;
	uint64_t slide; /* KASLR: run-time minus link address of the text */
	bool have_phys_base;
	uint64_t phys_base;
	kva_t image_start, image_end; /* certainly in the kernel image (maybe longer); 0: unknown */
	struct slot direct_slot;
	uint64_t direct_base; /* of the direct map */

	struct slot vmlinux_slot; /* vmlinux.c */
	struct elffile *vmlinux;
	char *vmlinux_path;    /* to open: of a compressed file, its copy in memory */
	char *vmlinux_name;    /* for people */
	char *vmlinux_debug;   /* a separate file with its debug information; NULL: none */
	bool vmlinux_unpacked; /* vmlinux_fd is open */
	int vmlinux_fd;
	enum vmid_evidence vmlinux_evidence;
	struct buf vmlinux_others; /* rejected files with that name, and why; one per line */

	struct slot dump_syms_slot; /* dumpsyms.c */
	struct symtab *dump_syms;   /* kallsyms */

	struct slot syms_slot; /* kernel.c */
	struct symtab *syms;   /* of vmlinux, else dump_syms */
	bool syms_from_dump;

	struct slot types_slot; /* typesource.c */
	struct types *types;
	const char *types_from; /* such as "BTF in the dump" */

	struct slot records_slot; /* record.c */
	struct records *records;

	struct slot dwarf_slot; /* modtypes.c */
	struct types *dwarf;	/* from vmlinux, in addition to BTF */

	struct slot modules_slot; /* modules.c */
	struct modules *modules;

	struct slot modfiles_slot; /* modfile.c */
	struct modfiles *modfiles;

	struct slot dyncodes_slot; /* dyncode.c */
	struct dyncodes *dyncodes;

	struct slot hooks_slot; /* rethook.c */
	kva_t hooks[3];		/* with which tracers replace return addresses; 0: none */
	kva_t hook_task;	/* owner of the stack with the last one that gdb read */

	struct slot tasks_slot; /* tasklist.c */
	struct task_list *tasks;

	struct slot stack_pointer_slot; /* taskstack.c */
	size_t stack_pointer_off;	/* of the pointer to its stack in a task_struct */

	struct slot swapped_slot; /* swapped.c */
	struct swapped *swapped;

	struct slot lines_slot; /* lines.c */
	struct lines *lines;

	struct slot framep_slot;   /* does it have frame pointers? framep.c */
	struct slot encoding_slot; /* do they show where registers are saved? framep.c */
	struct slot switch_slot;   /* regs_from_switch() of arch/x86_64/linux */
	kva_t switch_pc;	   /* just after the call to __switch_to(), before 4.9 */
	struct slot unwind_slot;   /* rules.c */
	struct unwind_table orc;   /* of the kernel image; n 0 if missing */
};

/* dump and opt must outlive the result. Fails only if memory cannot be translated at all. */
vs_status kernel_open(struct dump *dump, const struct arch_ops *arch,
		      const struct kernel_options *opt, struct kernel **ret, struct err *err);
void kernel_close(struct kernel *k);

/* Each loads at first use. On failure err says why, with the same text every time. */
vs_status kernel_need_vmlinux(struct kernel *k, struct err *err);
vs_status kernel_need_syms(struct kernel *k, struct err *err);
vs_status kernel_need_types(struct kernel *k, struct err *err);

/* Run-time address of a kernel symbol (for per-CPU variables their offset, see percpu.h). */
vs_status kernel_symbol(struct kernel *k, const char *name, kva_t *ret, struct err *err);
/* The same, but from VMCOREINFO if it has the symbol, without loading symbols. */
vs_status kernel_symbol_quick(struct kernel *k, const char *name, kva_t *ret, struct err *err);

/* A member of a struct by the first path that exists, of several (newest first, then NULL). */
vs_status kernel_member(struct kernel *k, const char *type, struct member *ret, struct err *err,
			const char *path, ...) __attribute__((sentinel));
/* Read an integer member or bit field of the object at va. */
vs_status kernel_read_at(struct kernel *k, kva_t va, const struct member *m, uint64_t *ret,
			 struct err *err);

/* Finds the code in the kernel image: its text and its init text. Types of symbols are no help: in
 * 7.3 .data has the executable flag, so kallsyms calls its symbols text. An unknown range is empty;
 * returns false if both are unknown. */
struct kernel_code {
	kva_t start[2], end[2];
	kva_t init_end; /* 0: unknown */
};
bool kernel_code_find(struct kernel *k, struct kernel_code *ret);
bool kernel_code_has(const struct kernel_code *c, kva_t va);
/* Does this symbol name code? Also that of .exit.text, which no symbols delimit: it is between the
 * init text and the end of the init sections, where the types of symbols are right. */
bool kernel_code_names(const struct kernel_code *c, const struct symbol *s);

/* Gets the end of the addresses that the kernel's symbols name: _end. Without CONFIG_KALLSYMS_ALL,
 * the dump's own symbols name code only: then *only_code is true, and *end is the end of the code.
 */
vs_status kernel_named_end(struct kernel *k, kva_t *end, bool *only_code, struct err *err);

/* Is va in the code of the kernel image? */
bool kernel_is_core_text(struct kernel *k, kva_t va);
