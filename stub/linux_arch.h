// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* linux_arch.h - what Linux does on one architecture: the second seam, beside the CPU itself
 * (struct arch_ops in arch.h, whose member os leads here).
 *
 * Porting checklist. A new architecture is one folder, arch/NAME/, and one line in arch/archs.c:
 *  1. arch/NAME/: struct arch_ops, the CPU and its calling convention. Registers and their notes,
 *     page tables, one unwinding step, calls and jumps in machine code, gdb's target.xml, DWARF.
 *  2. arch/NAME/linux/: struct linux_arch_ops, below. It may use stub/kernel (symbols, per-CPU
 *     variables, record tables), and nothing above that.
 *     a. Where memory is: where the image, the modules and the direct map are, which addresses no
 *        kernel uses, and what VMCOREINFO and vmlinux call the page tables.
 *     b. Stacks: those of a CPU beside the task's own, what a sleeping task left on its stack, and
 *        where the registers of user mode are.
 *     c. Which task a CPU runs.
 *     d. Code: names of functions that an unwinder has to know, entry code, ORC, BPF, kprobes. A
 *        source of unwind rules that an architecture does not have is NULL here, and the others in
 *        the list of stub/unwind/rules.c are asked.
 *     e. What verbs print of the CPU (mach -c, irq -d).
 *  3. tests/lint/layers.txt: the two lines of arch/x86_64 for the new folder; tests/kernel/: the
 *     made-up kernel's stacks.h; tests/dumps/make: a dump.
 * What does not ask an architecture yet, and is right for x86_64 alone: pages of 4 KiB (PAGE_SIZE
 * in stub/), addresses of 64 bits in little-endian order, debug information relocated with
 * R_X86_64_* (stub/elf/reloc.c), the disassembler of stub/monitor/stack/insn.c, the system V ABI's
 * DWARF, and the firmware's memory map (stub/subsys/sys/machine.c). */
#include "stub/arch.h"

struct kernel;
struct layout;
struct vmcoreinfo;

#define PAGING_SYMBOLS_MAX 8

enum stack_kind { STACK_NONE, STACK_TASK, STACK_IRQ, STACK_EXCEPTION, STACK_ENTRY };

struct stack_id {
	enum stack_kind kind;
	const char *name; /* "IRQ", "NMI", "DOUBLEFAULT", ...: crash's `--- <NMI exception stack>
			     ---` */
	kva_t low, high;
};

/* Where one ORC table stands in memory. layout is an enum of the architecture, from
 * orc_ops.layout(). */
struct unwind_table {
	const struct mem *mem;	/* the table is in it, */
	const struct mem *code; /* and the code in this */
	kva_t ip_va, rule_va;
	uint32_t n;
	int layout;
};

struct orc_ops {
	/* Choose layout: header is the 20-byte .orc_header or NULL; then orc_fp_entry as evidence
	 * (its flag word, or -1 when unknown), and last the release "6.1.0-...". */
	int (*layout)(const uint8_t *header, int fp_entry_flags, const char *release);
	/* Decode the row of table that covers pc. VS_NOTFOUND outside it. */
	vs_status (*find)(const struct unwind_table *t, kva_t pc, struct unwind_rule *ret,
			  struct err *err);
	/* Row i of the table. */
	vs_status (*row)(const struct unwind_table *t, uint32_t i, struct unwind_rule *ret,
			 struct err *err);
};

/* What the fast path of a system call does with the user's registers. */
struct fast_call {
	bool here; /* the call is its own */
	bool saves_all;
	bool sp_apart; /* and user_sp: as in struct unwind_rule */
	uint64_t user_sp;
};

/* How entry code of kernels that keep frame pointers tells where it saved registers. */
struct entry_frame_ops {
	/* The frame pointer tells: is bp one of those? And the rule of code that calls with such a
	 * one. */
	bool (*encoded_regs)(uint64_t bp, kva_t *ret);
	struct unwind_rule (*encoded_rule)(kva_t pc);
	/* Is there an instruction in entry code that does so? */
	bool (*encodes_regs)(const uint8_t *code, size_t len);
	/* Before 4.9 there is none. Could entry code that called with these registers have saved
	 * those of what it interrupted at the i-th of old_entries places? bottom: where a system
	 * call's are; fast: what its fast path does, if it is that. */
	unsigned (*old_entries)(void);
	bool (*old_entry)(const struct mem *mem, const struct frame *cur, kva_t bottom, unsigned i,
			  const struct fast_call *fast, struct unwind_rule *ret, kva_t *lowest);
	/* Is there an instruction in this code that saves the last of the registers that a called
	 * function keeps? */
	bool (*saves_all_regs)(const uint8_t *code, size_t len);
	/* The rule of a call in such entry code, by the instruction before it: where an interrupt
	 * pushed the way back to its registers; else those are taken to be at the stack pointer,
	 * *sure false. */
	struct unwind_rule (*old_entry_call)(const struct mem *mem, kva_t call, bool *sure);
	/* Where such a pointer, which an interrupt pushed up to 4.1, leads to: the pc and the stack
	 * pointer that were saved. False: no registers are there. */
	bool (*old_irq_saved)(const struct mem *mem, kva_t word, kva_t *pc_at, kva_t *sp_at);
};

/* A function that calls others and then never returns. */
struct final_function {
	const char *name; /* NULL ends a list */
	bool inside;	  /* an address within is enough, else behind a call of it */
};

/* The code of an optimized kprobe, by offsets from its start. */
struct optprobe_code {
	uint16_t args;	/* all registers are saved, and arguments of the handler are loaded */
	uint16_t call;	/* the call of the handler */
	uint16_t copy;	/* the instructions that the probe replaced */
	uint64_t probe; /* struct optimized_kprobe */
};

struct linux_arch_ops {
	/* --- where memory is */

	/* Start of the linear map of the kernel image (__START_KERNEL_map on x86_64), and end of
	 * the area for modules behind it. */
	kva_t image_base, image_end;
	/* The image itself starts at a multiple of image_step, below image_base + image_limit, and
	 * what is mapped around it is unmapped in these steps when the kernel boots. */
	uint64_t image_step, image_limit;
	/* The bit of a page table root that tells a task's own tables from the kernel's, when these
	 * are apart (PTI). */
	uint64_t user_root_bit;
	/* Addresses that no kernel uses, above all stacks: alias_base + (va & alias_mask) stands
	 * for the stack word at va, so that gdb, which takes an older frame at a lower address for
	 * corruption, follows a switch of stacks. */
	kva_t alias_base;
	uint64_t alias_mask;
	int levels_low, levels_high; /* how many levels page tables have */
	/* Page tables, physical base and slide, as far as VMCOREINFO tells them; the rest of *ret
	 * becomes 0. */
	void (*layout_from_info)(const struct vmcoreinfo *v, struct layout *ret);
	/* The same without it: va has, for each of the names, where vmlinux was linked to have it,
	 * 0 for one that it does not have; delta leads from there to the physical address. The list
	 * ends with NULL and has at most PAGING_SYMBOLS_MAX names. */
	const char *const *paging_symbols;
	vs_status (*paging_from_symbols)(const struct mem *phys, const uint64_t *va, uint64_t delta,
					 struct paging *pg, struct err *err);
	/* Kernel variables that tell where the direct map of all memory, the area of vmalloc(), and
	 * the array of struct page start. Where a kernel does not have one, that is not known. */
	const char *direct_base, *vmalloc_base, *vmemmap_base;

	/* --- stacks */

	/* The i-th stack of a CPU beside those of tasks, in the order in which a stack pointer is
	 * looked for among them, the IRQ stack first; i is less than nstacks. Of kind STACK_ENTRY
	 * are those that hold nothing but what entry code copies elsewhere. False: this kernel has
	 * no such stack, or does not tell where. */
	unsigned nstacks;
	bool (*stack)(struct kernel *k, unsigned cpu, unsigned i, struct stack_id *ret);
	/* So many bytes below the top of an IRQ stack is the stack pointer of what was interrupted.
	 */
	unsigned irq_link;
	/* Unused bytes between the registers of user mode and the top of a task's stack. */
	uint64_t (*stack_padding)(struct kernel *k);
	/* Mask of the registers that a system call may have left unsaved in its frame, although
	 * there is room for them. */
	uint64_t (*user_regs_unsaved)(struct kernel *k);

	/* What the context switch saved of a sleeping task: at its stack pointer sp is struct
	 * inactive_task_frame. VS_NOTFOUND: this kernel has no such struct. */
	vs_status (*regs_from_inactive)(struct kernel *k, kva_t sp, struct regs *ret,
					struct err *err);
	/* The same for a kernel that has none (before 4.9). user_regs: where the registers of user
	 * mode are on that stack. */
	vs_status (*regs_from_switch)(struct kernel *k, kva_t sp, kva_t user_regs, struct regs *ret,
				      struct err *err);

	/* --- CPUs */

	/* The task_struct of the task that a CPU runs. */
	vs_status (*current_task)(struct kernel *k, unsigned cpu, kva_t *ret, struct err *err);

	/* --- code, by the names of functions */

	/* Does a call of this function lead to where a register points? */
	bool (*is_thunk)(const char *symbol);
	/* Does a CPU start here? It then jumps to its first function in C. */
	bool (*starts_cpu)(const char *symbol);
	/* Does the trap that a kprobe put in place of an instruction enter the kernel here? */
	bool (*is_trap)(const char *symbol);
	const struct final_function *final_functions; /* beside those of all architectures */
	uint8_t trap_byte; /* what the kernel fills free room for code with */
	/* Is this, which starts in a slot for optimized kprobes, the code of one? */
	bool (*optprobe)(struct kernel *k, kva_t start, uint64_t size, struct optprobe_code *ret);
	/* The rule at pc of a BPF program or trampoline in [start, end). */
	vs_status (*jit_rule)(const struct mem *mem, kva_t start, kva_t end, kva_t pc,
			      struct unwind_rule *ret, struct err *err);
	const struct orc_ops *orc;		    /* NULL: Linux has no ORC tables here */
	const struct entry_frame_ops *entry_frames; /* NULL: frame pointers do not lead over entry
						       code */

	/* --- what verbs print of the CPU */

	/* The code that the CPU enters by its i-th vector; there are nvectors. */
	unsigned nvectors;
	vs_status (*vector)(struct kernel *k, unsigned i, kva_t *ret, struct err *err);
	const char *cpu_info_type, *cpu_info; /* a struct and the per-CPU variable of that type */
};
