// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* arch.h - the interface to a CPU architecture: all code that names a register or an instruction is
 * behind struct arch_ops (arch/x86_64/). Upper layers index struct regs only through it. An
 * architecture opens no files and looks up no kernel types; varying offsets are arguments. Linux on
 * this CPU is behind a second table, in linux_arch.h, which has the porting checklist. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/bytes.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

#define ARCH_NREGS    40
#define ARCH_INSN_MAX 15 /* bytes of the longest instruction (Intel's manual, volume 2, 2.3.11) */

/* Register values by the architecture's register number; v[i] is valid if bit i of known is set. */
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

/* One address space: its top page table and how to read entries. */
struct paging {
	pa_t root;
	int levels;	   /* 4 or 5 */
	uint64_t enc_mask; /* memory encryption bits to remove from entries (SME C-bit), or 0 */
	pa_t max_pa;	   /* first physical address after RAM; needed for inverted entries */
};

struct walk_step {
	pa_t entry_pa;
	uint64_t entry;
};

/* The result of a page walk. On failure, it shows how far the walk got. */
struct walk {
	pa_t pa;       /* of the requested byte */
	uint64_t size; /* bytes that the last entry covers: 4K, 2M, 1G for a leaf */
	int nsteps;    /* entries in step, top level first */
	struct walk_step step[5];
};

/* Where a frame's registers come from; names are for `kbt -d`. */
enum frame_how {
	HOW_NOTE,      /* NT_PRSTATUS or QEMU note of the dump */
	HOW_CRASHNOTE, /* the kernel's per-CPU crash_notes */
	HOW_INACTIVE,  /* struct inactive_task_frame of a sleeping task */
	HOW_ORC,
	HOW_FP,	       /* frame pointer, in code that has one */
	HOW_DWARF,     /* DWARF, in code without ORC */
	HOW_CALLER,    /* a call of this function, found on the stack */
	HOW_HOOK,      /* a tracer replaced the return address; the true one was in a list */
	HOW_COPY,      /* the code was a kprobe's copy of this code */
	HOW_REGS,      /* saved register frame (exception, interrupt), located by ORC */
	HOW_FP_REGS,   /* the same, located by the frame pointer */
	HOW_CALL_VOID, /* pc was outside any code: return address from the top of the stack */
	HOW_EVIDENCE,  /* best evidence if there is no note */
	HOW_FOUND,   /* a call on the stack that is certain to be active; no registers were saved */
	HOW_GIVEN,   /* given by the user */
	HOW_RESUMED, /* the next call from entry code further up; frames before it are missing */
};

/* How to find a frame's caller at a pc: a decoded row of the kernel's ORC table, or equivalent. */
enum rule_kind {
	RULE_UNDEFINED,	   /* the table does not describe this code */
	RULE_END,	   /* bottom of the stack */
	RULE_CALL,	   /* return address right below the CFA */
	RULE_REGS,	   /* the CFA is the address of a full saved register frame */
	RULE_REGS_PARTIAL, /* the CFA is the address of the hardware's exception frame only */
	RULE_COPY,	   /* code copied from pc: the caller is the original there, with the CFA as
			      stack pointer */
};

enum rule_bp { RULE_BP_SAME, RULE_BP_AT_CFA, RULE_BP_AT_BP };

struct unwind_rule {
	kva_t start, end; /* the code that it covers */
	uint32_t row;	  /* its row in the table, for unwind_row */
	enum rule_kind kind;
	int16_t cfa_reg; /* architecture register number */
	int16_t cfa_off;
	bool cfa_deref;	  /* load a word: *(reg) + off for sp, *(reg + off) for bp */
	bool deref_first; /* the former */
	enum rule_bp bp;
	int16_t bp_off;
	/* Only for rule_cfi: the CFA is on another stack, which may be lower; use an alias
	 * address (linux_arch_ops.alias_base). */
	bool alias;
	bool alias_with_sp; /* also only for rule_cfi: use an alias if the stack pointer is one */
	bool encoded;	    /* RULE_REGS, only for rule_cfi: a frame pointer that encodes where
			       registers are saved overrides the CFA */
	bool signal;	    /* the caller was interrupted: its pc is exact */
	/* RULE_COPY: where the original code is. RULE_REGS, only for rule_cfi: the address of a
	 * kprobe's trap; a saved pc one after it becomes this. RULE_CALL, not for rule_cfi: the
	 * return address, if its word was overwritten, else 0. */
	kva_t pc;
	uint16_t saved; /* RULE_COPY: how far below the CFA all registers are saved; 0: they are
			   unchanged */
	/* RULE_REGS of a system call before 4.1, not for rule_cfi: user_sp is the stack pointer (0:
	 * unknown), and flags and segments are those that SYSCALL implies. */
	bool sp_apart;
	uint64_t user_sp;
	uint64_t unsaved;   /* RULE_REGS: mask of registers that are unchanged; the saved registers
			       have unused slots for them */
	bool clobbered;	    /* RULE_COPY: only callee-saved registers are unchanged */
	enum frame_how how; /* HOW_FP, HOW_DWARF, HOW_FP_REGS; else the rule is from the table */
};

const char *frame_how_str(enum frame_how how);

struct frame {
	struct regs regs;
	bool interrupted; /* pc is an exact location, not a return address */
	enum frame_how how;
	kva_t slot_va;	      /* stack slot of the pc; in frame 0, the stack pointer */
	kva_t regs_va;	      /* the saved register frame of these registers; 0: none */
	bool regs_partial;    /* that frame has only the hardware part */
	const char *evidence; /* HOW_FOUND: the function that shows that the call is active */
};

/* What an unwinding step may use. */
struct unwind_env {
	const struct mem *mem; /* kernel virtual memory */
	/* Gets the rule for pc in this frame (NULL: in any). VS_NOTFOUND: there is no code or no
	 * table. */
	vs_status (*rule)(const struct unwind_env *env, const struct frame *cur, kva_t pc,
			  struct unwind_rule *ret, struct err *err);
	/* Is pc inside kernel or module text? */
	bool (*is_text)(void *ctx, kva_t pc);
	void *ctx;
	/* Returns the start of the function at pc, 0 if unknown. May be NULL. */
	kva_t (*function)(void *ctx, kva_t pc);
	/* *pc was read from slot. If a tracer replaced it, sets *pc to the true return address.
	 * VS_NOTFOUND: that is unknown. May be NULL. */
	vs_status (*return_address)(void *ctx, kva_t task, kva_t slot, uint64_t *pc,
				    struct err *err);
	/* Code at entry saved registers with a pc one after trap. Is that the trap of a kprobe
	 * whose handler is running, so that the replaced instruction has not run yet? May be NULL.
	 */
	bool (*trapped)(void *ctx, kva_t task, kva_t entry, kva_t trap);
	kva_t task; /* the stack's owner; 0: unknown */
	/* Does a 0 at slot instead of a return address end this stack? May be NULL. */
	bool (*ends)(void *ctx, kva_t task, kva_t slot);
};

enum insn_kind {
	INSN_OTHER,
	INSN_MOVE,    /* sets dst to what src, mem or value has */
	INSN_ADDRESS, /* sets dst to the address of mem */
	INSN_BRANCH,  /* goes to target, or continues */
	INSN_JUMP,    /* goes to target */
	INSN_CALL,
	INSN_RETURN,
	INSN_POP,    /* restores a register from the stack */
	INSN_TRAP,   /* always raises an exception */
	INSN_DIVIDE, /* by src or mem, of size bytes */
};

/* A memory operand: segment + base + index * scale + disp; -1 for a register that it lacks. */
struct insn_mem {
	bool any;
	int base, index, segment;
	unsigned scale;
	int64_t disp;
};

/* What an instruction does, as far as that is certain. */
struct insn {
	enum insn_kind kind;
	unsigned len;
	uint64_t writes;     /* mask of registers that it may change */
	int dst, src;	     /* registers, -1: none; src of a jump or call: has its target */
	struct insn_mem mem; /* its memory operand; if it has two, the one that it writes */
	bool two_mems;
	struct insn_mem other; /* the one that it reads then */
	bool loads, stores;    /* how it accesses mem */
	unsigned pushes;       /* bytes that it writes below the stack pointer: push, call */
	unsigned size;	       /* bytes that it moves or accesses; 0: unknown */
	bool has_value;	       /* INSN_MOVE of a constant */
	uint64_t value;
	kva_t target; /* 0: unknown */
};

struct pushed {
	kva_t start, end; /* the instruction */
	unsigned bytes;
};

/* Registers of every thread that the CPU does not have (target.xml feature org.vmstub.kernel). */
enum kernel_reg { KREG_CPU, KREG_PID, KREG_SLIDE, KREG_COUNT };

struct kernel_regs {
	uint64_t v[KREG_COUNT];
	uint32_t known;
};

struct linux_arch_ops;

struct arch_ops {
	const char *name; /* "x86_64" */
	uint16_t elf_machine;
	const struct linux_arch_ops *os; /* Linux on this CPU: stub/linux_arch.h */
	unsigned pc, sp, bp, flags;
	unsigned result; /* the register with a function's result */
	unsigned nregs;	 /* architecture registers in struct regs */
	const char *const *reg_names;

	/* Translates va. VS_UNMAPPED, VS_SWAPPED, VS_CORRUPT, or why a table page is unreadable. */
	vs_status (*walk)(const struct paging *pg, const struct mem *phys, uint64_t va,
			  struct walk *ret, struct err *err);
	/* Does the page table allow execution? */
	bool (*walk_executable)(const struct walk *w);
	bool (*walk_writable)(const struct walk *w);
	/* Says in words what the error code of a page fault means: "a read in kernel mode; no page
	 * is there". */
	void (*fault_code)(uint64_t code, struct buf *out);
	/* The same for the status register of a machine check bank. */
	void (*machine_check)(uint64_t status, struct buf *out);
	/* Prints "(PRESENT|RW)", or what a non-present entry means. leaf: maps a 4 KiB page. */
	void (*pte_flags)(uint64_t entry, bool leaf, struct buf *out);
	/* Gets the swap area and the offset of a page. Returns false if it is not a swap entry. */
	bool (*swap_entry)(uint64_t entry, unsigned *type, uint64_t *offset);
	/* Returns the kernel's name, "PGD" ... "PTE", of the table at a step. */
	const char *(*level_name)(const struct paging *pg, int step);
	uint64_t pte_addr; /* address bits of an entry */
	bool (*is_kernel_va)(uint64_t va);
	bool (*is_canonical)(const struct paging *pg, uint64_t va);
	uint64_t user_end; /* one past the last user address, with any number of levels */

	/* Reads pr_reg etc. from an NT_PRSTATUS descriptor. VS_CORRUPT: it is too short.
	 * VS_NOTFOUND: its registers are all zero. */
	vs_status (*regs_from_prstatus)(struct bytes desc, struct regs *ret, int32_t *pid,
					struct err *err);
	/* Appends the registers of an NT_PRSTATUS descriptor (pr_reg). Unknown ones are 0 there;
	 * returns their mask. */
	uint64_t (*put_prstatus_regs)(const struct regs *r, struct buf *out);
	/* Reads all registers, with control registers, from a "QEMU" note. */
	vs_status (*regs_from_qemu)(struct bytes desc, struct regs *ret, struct err *err);
	/* Reads the saved register frame (struct pt_regs) at va. partial: it has only the
	 * hardware's part. */
	vs_status (*regs_from_frame)(const struct mem *mem, kva_t va, bool partial,
				     struct regs *ret, struct err *err);
	/* Without segment registers, by the address of the code. */
	bool (*regs_user_mode)(const struct regs *r);
	uint64_t segment_regs; /* mask of segment registers and their bases */
	/* Could these be registers of an exception or system call? For frames found in a search:
	 * checks that selectors, flags and addresses are consistent. */
	bool (*regs_plausible)(const struct regs *r);
	/* The same, if it is already known that registers were saved there: also accepts those of a
	 * call through a bad pointer, whose pc is not a kernel address, but whose return address is
	 * on top of the stack. */
	bool (*regs_credible)(const struct mem *mem, const struct regs *r);
	size_t regs_frame_size; /* sizeof(struct pt_regs) */

	/* Gets root and levels from control registers. Returns false if they are unknown. */
	bool (*paging_from_regs)(const struct regs *r, struct paging *ret);

	/* Unwinds one step from cur to its caller. VS_END: bottom of the stack. */
	vs_status (*unwind_step)(const struct unwind_env *env, const struct frame *cur,
				 struct frame *next, struct err *err);
	/* Appends the instruction in code (len bytes at va; ARCH_INSN_MAX suffice) as gdb prints
	 * it, without its address. name() formats the targets of branches ("0xffffffff81000000
	 * <func+4>"). Returns the instruction's length; 1 for invalid bytes; 0 if this program was
	 * built without a disassembler. */
	size_t (*disassemble)(const uint8_t *code, size_t len, kva_t va,
			      void (*name)(void *ctx, kva_t target, struct buf *out), void *ctx,
			      struct buf *out);
	/* Decodes the instruction in code. Returns false for invalid bytes, or if this program was
	 * built without a disassembler. */
	bool (*insn)(const uint8_t *code, size_t len, kva_t va, struct insn *ret);
	/* Which argument of a function is passed in this register: 0 the first; -1: none. */
	int (*argument)(int reg);
	/* Finds the instruction at pc, in code from start on that pushes and pops, and how much is
	 * on the stack before it. Returns false for other instructions or unreadable code. */
	bool (*pushed)(const struct mem *mem, kva_t start, kva_t pc, struct pushed *ret);
	/* Returns the length of the call instruction that ends right before ret, 0 if there is
	 * none. *target is the function that it calls; 0: unknown. */
	unsigned (*call_before)(const struct mem *mem, kva_t ret, kva_t *target);
	/* --- kernels with frame pointers */
	/* Does the function at start set up a frame right away? */
	bool (*keeps_frame)(const struct mem *mem, kva_t start);
	/* Makes the rule for pc from the code of the function at start (0: unknown); UNDEFINED if
	 * the function does not set up a frame at its start, but maybe later. */
	struct unwind_rule (*frame_rule)(const struct mem *mem, kva_t start, kva_t pc);
	/* Make the rules for code whose frame is set up, and for code that has pushed nothing. */
	struct unwind_rule (*framed)(kva_t start, kva_t end);
	struct unwind_rule (*no_frame)(kva_t pc);
	/* Could these bytes, which are at va, be a jump? *to is its target; 0: the target is in a
	 * register or in memory. */
	bool (*jump_at)(const uint8_t *code, size_t len, kva_t va, kva_t *to);

	/* gdb's view: target.xml, the reply to `g`, and register regno in hex ('x' = unknown). */
	void (*target_xml)(struct buf *out);
	void (*gdb_regs)(const struct regs *r, const struct kernel_regs *k, struct buf *out);
	bool (*gdb_reg)(const struct regs *r, const struct kernel_regs *k, uint64_t regno,
			struct buf *out);

	/* Writes the call frame instructions for a rule. *sigframe: the FDE needs the CIE with
	 * augmentation "S". Those of other frames set the same columns for every rule, so that one
	 * can follow another in an FDE. Returns false if DWARF cannot express the rule. */
	bool (*rule_cfi)(const struct unwind_rule *rule, struct buf *insns, bool *sigframe);
	unsigned cfi_ra_column, cfi_bp, cfi_sp; /* DWARF numbers */
	int (*from_dwarf)(unsigned reg);	/* the register with this DWARF number; -1: none */
	/* Prints a saved frame like crash, indented, for `kbt`. */
	void (*regs_print)(const struct regs *r, bool partial, struct buf *out);
};

extern const struct arch_ops arch_x86_64;
