// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* arch.h - the seam to one CPU architecture: everything that names a register or an instruction
 * stands behind struct arch_ops (arch/x86_64/). Upper layers index struct regs only through it. An
 * architecture opens no file and looks up no kernel type; varying offsets come as arguments. What
 * Linux does on it stands behind a second table, of linux_arch.h, which has the porting checklist.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/bytes.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

#define ARCH_NREGS 40

/* Register values by the architecture's own number; bit i of known says v[i] is a fact. */
struct regs {
	uint64_t v[ARCH_NREGS];
	uint64_t known;
};

static inline void regs_set(struct regs *r, unsigned no, uint64_t v)
{
	r->v[no] = v;
	r->known |= 1ULL << no;
}

static inline bool regs_has(const struct regs *r, unsigned no)
{
	return r->known >> no & 1;
}

/* One address space: where its top page table is and how entries are read. */
struct paging {
	pa_t root;
	int levels;	   /* 4 or 5 */
	uint64_t enc_mask; /* memory encryption bit(s) to drop from entries (SME C-bit), or 0 */
	pa_t max_pa;	   /* first physical address beyond RAM; helps to undo inverted entries */
};

struct walk_step {
	pa_t entry_pa;
	uint64_t entry;
};

/* Result of a page walk, also filled as far as it went on failure. */
struct walk {
	pa_t pa;       /* of the byte asked for */
	uint64_t size; /* bytes mapped by the leaf: 4K, 2M, 1G; on failure by the entry that has
			  none */
	int nsteps;    /* entries read, top level first */
	struct walk_step step[5];
};

/* How a frame's registers became known; names are for `kbt -d`. */
enum frame_how {
	HOW_NOTE,      /* NT_PRSTATUS or QEMU note of the dump */
	HOW_CRASHNOTE, /* the kernel's per-CPU crash_notes */
	HOW_INACTIVE,  /* struct inactive_task_frame of a sleeping task */
	HOW_ORC,
	HOW_FP,	       /* frame pointer, of code that keeps one */
	HOW_DWARF,     /* DWARF of the code, where there is no ORC */
	HOW_CALLER,    /* the call of this function, found on the stack */
	HOW_HOOK,      /* a tracer replaced the return address, and keeps the true one in a list */
	HOW_COPY,      /* the code is a copy that a kprobe made of this place */
	HOW_REGS,      /* saved register frame (exception, interrupt), where ORC says */
	HOW_FP_REGS,   /* the same, where the frame pointer says */
	HOW_CALL_VOID, /* pc outside any code: its caller's address taken from the stack top */
	HOW_EVIDENCE,  /* best evidence without a note */
	HOW_FOUND,     /* a call on the stack that is certainly active; no registers were saved */
	HOW_GIVEN,     /* what the user said */
	HOW_RESUMED,   /* the next call of entry code further up, behind frames that are missing */
};

/* How the caller of a frame is found at one pc: one row of the kernel's ORC table, decoded. */
enum rule_kind {
	RULE_UNDEFINED,	   /* the table says nothing about this code */
	RULE_END,	   /* bottom of the stack */
	RULE_CALL,	   /* return address right below the CFA */
	RULE_REGS,	   /* the CFA is the address of a full saved register frame */
	RULE_REGS_PARTIAL, /* the CFA is the address of the hardware's exception frame alone */
	RULE_COPY,	   /* the caller is the code that this stands for: at pc, its stack pointer
			      the CFA */
};

enum rule_bp { RULE_BP_SAME, RULE_BP_AT_CFA, RULE_BP_AT_BP };

struct unwind_rule {
	kva_t start, end; /* the code it covers */
	uint32_t row;	  /* of its table, for unwind_row */
	enum rule_kind kind;
	int16_t cfa_reg; /* architecture register number */
	int16_t cfa_off;
	bool cfa_deref;	  /* load a word: *(reg) + off for sp, *(reg + off) for bp */
	bool deref_first; /* which of the two */
	enum rule_bp bp;
	int16_t bp_off;
	/* Only for rule_cfi: the CFA is on another stack, which may lie below; give it as an alias
	 * address (linux_arch_ops.alias_base). */
	bool alias;
	bool alias_with_sp; /* also only for rule_cfi: an alias when the stack pointer is one */
	bool encoded;	    /* RULE_REGS, only for rule_cfi: a frame pointer that tells where saved
			       registers are goes before the CFA */
	bool signal;	    /* the frame above was interrupted here: pc is exact */
	/* RULE_COPY: where the copied code was. RULE_REGS, only for rule_cfi: a saved pc one behind
	 * this is this, where a kprobe's trap is in place of an instruction. RULE_CALL, not for
	 * rule_cfi: what to take for the return address, if not 0; the word in its place was
	 * overwritten. */
	kva_t pc;
	uint16_t saved; /* RULE_COPY: all registers are saved, so many bytes below the CFA; 0: they
			   hold what they held */
	/* RULE_REGS of a system call before 4.1, not for rule_cfi: the stack pointer is this (0:
	 * unknown), and flags and segments are what the system call instruction makes them. */
	bool sp_apart;
	uint64_t user_sp;
	uint64_t unsaved;   /* RULE_REGS: mask of registers that hold what they held; there is room
			       for them among the saved ones, but no value */
	bool clobbered;	    /* RULE_COPY: but for those that a called function keeps */
	enum frame_how how; /* HOW_FP, HOW_DWARF, HOW_FP_REGS; else it is of the table */
};

const char *frame_how_str(enum frame_how how);

struct frame {
	struct regs regs;
	bool interrupted; /* pc is an exact location, not a return address */
	enum frame_how how;
	kva_t slot_va;	      /* stack slot the pc came from; frame 0: the stack pointer */
	kva_t regs_va;	      /* != 0: the saved register frame these registers came from */
	bool regs_partial;    /* that frame holds the hardware part alone */
	const char *evidence; /* HOW_FOUND: the function that tells that the call is active */
};

/* What one unwinding step may look at. */
struct unwind_env {
	const struct mem *mem; /* kernel virtual memory */
	/* Rule for pc in this frame (NULL: in any): VS_OK, VS_NOTFOUND (no code there or no table),
	 * else an error. */
	vs_status (*rule)(const struct unwind_env *env, const struct frame *cur, kva_t pc,
			  struct unwind_rule *ret, struct err *err);
	/* Is pc inside kernel or module text? */
	bool (*is_text)(void *ctx, kva_t pc);
	void *ctx;
	/* Start of the function that pc is in, 0: unknown. May be NULL. */
	kva_t (*function)(void *ctx, kva_t pc);
	/* *pc was read from slot: the true return address, if a tracer replaced it. VS_NOTFOUND:
	 * it did, and nobody knows. May be NULL. */
	vs_status (*return_address)(void *ctx, kva_t task, kva_t slot, uint64_t *pc,
				    struct err *err);
	/* Code at entry saved registers with a pc one behind trap: is that the trap of a kprobe
	 * whose handler runs, and the instruction in its place still to come? May be NULL. */
	bool (*trapped)(void *ctx, kva_t task, kva_t entry, kva_t trap);
	kva_t task; /* whose stack it is; 0: unknown */
	/* Does a 0 in place of a return address at slot end this stack? May be NULL. */
	bool (*ends)(void *ctx, kva_t task, kva_t slot);
};

struct pushed {
	kva_t start, end; /* the instruction */
	unsigned bytes;
};

/* Registers beyond the CPU's own that every thread has (target.xml feature org.vmstub.kernel). */
enum kernel_reg { KREG_CPU, KREG_PID, KREG_SLIDE, KREG_COUNT };

struct kernel_regs {
	uint64_t v[KREG_COUNT];
	uint32_t known;
};

struct linux_arch_ops;

struct arch_ops {
	const char *name; /* "x86_64" */
	uint16_t elf_machine;
	const struct linux_arch_ops *os; /* what Linux does on it: stub/linux_arch.h */
	unsigned pc, sp, bp, flags;
	unsigned nregs; /* architecture registers in struct regs */
	const char *const *reg_names;

	/* Translate va. VS_UNMAPPED, VS_SWAPPED, VS_CORRUPT or why a table page could not be read.
	 */
	vs_status (*walk)(const struct paging *pg, const struct mem *phys, uint64_t va,
			  struct walk *ret, struct err *err);
	/* Does the page table allow to execute what was walked to? */
	bool (*walk_executable)(const struct walk *w);
	/* "(PRESENT|RW)", or what an entry that is not present says. leaf: of a 4 KiB page. */
	void (*pte_flags)(uint64_t entry, bool leaf, struct buf *out);
	/* Where a swapped page is: area and page there. False: the entry says no such thing. */
	bool (*swap_entry)(uint64_t entry, unsigned *type, uint64_t *offset);
	/* "PGD" ... "PTE": what the kernel calls the table of a walk's step. */
	const char *(*level_name)(const struct paging *pg, int step);
	uint64_t pte_addr; /* address bits of an entry */
	bool (*is_kernel_va)(uint64_t va);
	bool (*is_canonical)(const struct paging *pg, uint64_t va);
	uint64_t user_end; /* one past the last user address, whatever the levels */

	/* pr_reg etc. of an NT_PRSTATUS descriptor. VS_CORRUPT when too short. */
	vs_status (*regs_from_prstatus)(struct bytes desc, struct regs *ret, int32_t *pid,
					struct err *err);
	/* A "QEMU" note: all registers with control registers. */
	vs_status (*regs_from_qemu)(struct bytes desc, struct regs *ret, struct err *err);
	/* Saved register frame (struct pt_regs) at va; partial: only the hardware's part is there.
	 */
	vs_status (*regs_from_frame)(const struct mem *mem, kva_t va, bool partial,
				     struct regs *ret, struct err *err);
	bool (*regs_user_mode)(const struct regs *r);
	/* Could these be the registers of a real exception or system call? For frames found by
	 * searching a stack: selectors, flags and addresses must fit together. */
	bool (*regs_plausible)(const struct regs *r);
	/* The same, where something else tells already that registers were saved there: also those
	 * of a call through a bad pointer, whose pc is no kernel address but whose return address
	 * is on top of the stack. */
	bool (*regs_credible)(const struct mem *mem, const struct regs *r);
	size_t regs_frame_size; /* sizeof(struct pt_regs) */

	/* Control registers known from a note: CR3 root and levels. False without them. */
	bool (*paging_from_regs)(const struct regs *r, struct paging *ret);

	/* One unwinding step from cur to its caller. VS_END: bottom of the stack. */
	vs_status (*unwind_step)(const struct unwind_env *env, const struct frame *cur,
				 struct frame *next, struct err *err);
	/* The instruction at pc, in code from start on that pushes and pops, and what is on the
	 * stack before it since start. False: code of another kind, or unreadable. */
	bool (*pushed)(const struct mem *mem, kva_t start, kva_t pc, struct pushed *ret);
	/* The call instruction that ends right before ret: its length, 0: there is none. *target:
	 * the function that it calls, 0: not to be told. */
	unsigned (*call_before)(const struct mem *mem, kva_t ret, kva_t *target);
	/* --- kernels that keep frame pointers */
	/* Does the function at start set up a frame at once? */
	bool (*keeps_frame)(const struct mem *mem, kva_t start);
	/* The rule at pc of the function at start (0: unknown), as its code tells; UNDEFINED when
	 * it sets no frame up where it begins, but perhaps later. */
	struct unwind_rule (*frame_rule)(const struct mem *mem, kva_t start, kva_t pc);
	/* The rules of code whose frame is set up, and of code that pushed nothing. */
	struct unwind_rule (*framed)(kva_t start, kva_t end);
	struct unwind_rule (*no_frame)(kva_t pc);
	/* Could a jump stand in these bytes, which are at va? *to is where it leads to, 0: that
	 * depends on registers or memory. */
	bool (*jump_at)(const uint8_t *code, size_t len, kva_t va, kva_t *to);

	/* gdb's view: number and text form of `g`. gdb register regno in hex ('x' = unknown). */
	void (*target_xml)(struct buf *out);
	void (*gdb_regs)(const struct regs *r, const struct kernel_regs *k, struct buf *out);
	bool (*gdb_reg)(const struct regs *r, const struct kernel_regs *k, uint64_t regno,
			struct buf *out);

	/* DWARF CFI for a rule, for the entry image: instructions that follow the FDE's address
	 * range. *sigframe: the FDE belongs to the CIE with augmentation "S". False: no CFI. */
	bool (*rule_cfi)(const struct unwind_rule *rule, struct buf *insns, bool *sigframe);
	unsigned cfi_ra_column, cfi_bp, cfi_sp; /* DWARF numbers */
	int (*from_dwarf)(unsigned reg);	/* the register of a DWARF number; -1: none here */
	/* crash's register dump of a saved frame, indented, for `kbt`. */
	void (*regs_print)(const struct regs *r, bool partial, struct buf *out);
};

extern const struct arch_ops arch_x86_64;
