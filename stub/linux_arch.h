// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* linux_arch.h - the interface to Linux on a CPU architecture. The interface to the CPU is struct
 * arch_ops in arch.h, whose member os points here.
 *
 * Porting checklist. A new architecture is one folder, arch/NAME/, and one line in arch/archs.c:
 *  1. arch/NAME/: struct arch_ops, the CPU and its calling convention. Registers and their notes,
 *     page tables, one unwinding step, calls and jumps in machine code, gdb's target.xml, DWARF.
 *  2. arch/NAME/linux/: struct linux_arch_ops, below. It may use stub/kernel (symbols, per-CPU
 *     variables, record tables), but nothing above that.
 *     a. Memory: where the image, the modules and the direct map are, which addresses no kernel
 *        uses, and how VMCOREINFO and vmlinux name the page tables.
 *     b. Stacks: a CPU's own, what a sleeping task left on its stack, and where the registers of
 *        user mode are.
 *     c. The task that a CPU runs.
 *     d. Code: names of functions that an unwinder must know, entry code, ORC, BPF, kprobes. A
 *        source of unwind rules that the architecture lacks is NULL; stub/unwind/rules.c then uses
 *        the other sources in its list.
 *     e. What verbs print about the CPU (mach -c, irq -d).
 *  3. tests/lint/layers.txt: the two lines of arch/x86_64 for the new folder; tests/kernel/:
 * stacks.h of the synthetic kernel; tests/dumps/make: a dump. Some code still assumes x86_64: pages
 * of 4 KiB (PAGE_SIZE in stub/), 64-bit little-endian addresses, relocation of debug information
 * with R_X86_64_* (stub/elf/reloc.c), DWARF of the System V ABI, and the firmware's memory map
 * (stub/subsys/sys/machine.c). */
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

/* Where an ORC table is in memory. layout is an enum of the architecture, from orc_ops.layout(). */
struct unwind_table {
	const struct mem *mem;	/* memory with the table */
	const struct mem *code; /* memory with the code */
	kva_t ip_va, rule_va;
	uint32_t n;
	int layout;
};

struct orc_ops {
	/* Chooses the layout: by the 20-byte .orc_header (or NULL), then by the flag word of
	 * orc_fp_entry (or -1), last by the release "6.1.0-...". */
	int (*layout)(const uint8_t *header, int fp_entry_flags, const char *release);
	/* Decodes the row of the table that covers pc. VS_NOTFOUND: pc is outside the table. */
	vs_status (*find)(const struct unwind_table *t, kva_t pc, struct unwind_rule *ret,
			  struct err *err);
	/* Decodes row i of the table. */
	vs_status (*row)(const struct unwind_table *t, uint32_t i, struct unwind_rule *ret,
			 struct err *err);
};

/* How the fast path of a system call saved the user's registers. */
struct fast_call {
	bool here; /* the fast path made this call */
	bool saves_all;
	bool sp_apart; /* this and user_sp: see struct unwind_rule */
	uint64_t user_sp;
};

/* Finds where entry code saved registers in kernels with frame pointers. */
struct entry_frame_ops {
	/* In entry code, the frame pointer encodes where registers are saved. encoded_regs decodes
	 * bp, and returns false if it is not encoded. encoded_rule makes the rule for a caller with
	 * such a bp. */
	bool (*encoded_regs)(uint64_t bp, kva_t *ret);
	struct unwind_rule (*encoded_rule)(kva_t pc);
	/* Does this entry code have an instruction that encodes bp? */
	bool (*encodes_regs)(const uint8_t *code, size_t len);
	/* Before 4.9 there is none. Could entry code that called with these registers have saved
	 * those of what it interrupted at the i-th of old_entries places? bottom: where a system
	 * call's are; fast: what its fast path does, if it is that. */
	unsigned (*old_entries)(void);
	bool (*old_entry)(const struct mem *mem, const struct frame *cur, kva_t bottom, unsigned i,
			  const struct fast_call *fast, struct unwind_rule *ret, kva_t *lowest);
	/* Does this code save the last of the callee-saved registers? */
	bool (*saves_all_regs)(const uint8_t *code, size_t len);
	/* Makes the rule for a call in such entry code from the instruction before it: an interrupt
	 * pushes a pointer to its registers; otherwise assumes them at the stack pointer and sets
	 * *sure to false. */
	struct unwind_rule (*old_entry_call)(const struct mem *mem, kva_t call, bool *sure);
	/* Follows such a pointer, which interrupts pushed up to 4.1, to the saved pc and stack
	 * pointer. Returns false if there are no registers. */
	bool (*old_irq_saved)(const struct mem *mem, kva_t word, kva_t *pc_at, kva_t *sp_at);
};

/* A function that calls others and then never returns. */
struct final_function {
	const char *name; /* NULL ends a list */
	bool inside;	  /* any address in it will do; else it must be just after a call to it */
};

/* The code of an optimized kprobe, by offsets from its start. */
struct optprobe_code {
	uint16_t args;	/* loads the handler's arguments; all registers are saved */
	uint16_t call;	/* calls the handler */
	uint16_t copy;	/* the instructions that the probe replaced */
	uint64_t probe; /* struct optimized_kprobe */
};

/* What an exception means. */
enum fault_kind {
	FAULT_NONE, /* no exception */
	FAULT_PAGE,
	FAULT_PROTECTION,
	FAULT_STACK, /* a double fault, or a page fault in a stack's guard page */
	FAULT_INVALID_OPCODE,
	FAULT_DIVIDE,
	FAULT_BREAKPOINT,
	FAULT_OTHER,
};

struct linux_arch_ops {
	/* --- where memory is */

	/* Start of the kernel image's linear map (__START_KERNEL_map on x86_64), and end of the
	 * module area after it. */
	kva_t image_base, image_end;
	/* The image starts at a multiple of image_step, below image_base + image_limit. At boot,
	 * the kernel unmaps the memory around it in these steps. */
	uint64_t image_step, image_limit;
	/* The bit of a page table root that distinguishes a task's user tables from its kernel
	 * tables with PTI. */
	uint64_t user_root_bit;
	/* Unused addresses above all stacks: alias_base + (va & alias_mask) is an alias of the
	 * stack word at va. gdb takes an outer frame at a lower address for corruption, so after a
	 * switch of stacks it gets aliases. */
	kva_t alias_base;
	uint64_t alias_mask;
	int levels_low, levels_high; /* possible numbers of page table levels */
	/* The lowest address that the kernel's own page tables map. */
	kva_t (*kernel_half)(const struct paging *pg);
	/* Sets page tables, physical base and slide as far as VMCOREINFO has them, the rest of *ret
	 * to 0. */
	void (*layout_from_info)(const struct vmcoreinfo *v, struct layout *ret);
	/* The same without VMCOREINFO: va has the link address of each name in vmlinux, or 0;
	 * adding delta gives the physical address. The list ends with NULL and has at most
	 * PAGING_SYMBOLS_MAX names. */
	const char *const *paging_symbols;
	vs_status (*paging_from_symbols)(const struct mem *phys, const uint64_t *va, uint64_t delta,
					 struct paging *pg, struct err *err);
	/* Kernel variables with the start of the direct map of all memory, of the vmalloc area, and
	 * of the array of struct page. For kernels that cannot move these areas and lack the
	 * variables: the pairs of starts that there were, after which direct is 0. */
	const char *direct_base, *vmalloc_base, *vmemmap_base;
	const struct linux_static_map {
		kva_t direct, vmalloc;
	} * static_maps;

	/* --- stacks */

	/* Gets a CPU's i-th own stack, i < nstacks: in the order in which a stack pointer is
	 * searched in them, the IRQ stack first. Entry code copies the contents of STACK_ENTRY
	 * stacks elsewhere. Returns false if this kernel has no such stack, or its place is
	 * unknown. */
	unsigned nstacks;
	bool (*stack)(struct kernel *k, unsigned cpu, unsigned i, struct stack_id *ret);
	/* The interrupted stack pointer is this many bytes below the top of an IRQ stack. */
	unsigned irq_link;
	/* Unused bytes between the registers of user mode and the top of a task's stack. */
	uint64_t (*stack_padding)(struct kernel *k);
	/* Mask of the registers that a system call may not have saved, although its frame has slots
	 * for them. */
	uint64_t (*user_regs_unsaved)(struct kernel *k);

	/* Reads the registers of a sleeping task: its stack pointer sp points to struct
	 * inactive_task_frame. VS_NOTFOUND: this kernel has no such struct. */
	vs_status (*regs_from_inactive)(struct kernel *k, kva_t sp, struct regs *ret,
					struct err *err);
	/* The same for kernels without that struct (before 4.9). user_regs: where the registers of
	 * user mode are on that stack. */
	vs_status (*regs_from_switch)(struct kernel *k, kva_t sp, kva_t user_regs, struct regs *ret,
				      struct err *err);

	/* --- user mode */

	/* Adds registers that entry code does not save with the others: the bases of segments and
	 * the like. A context switch saves them in the task; cpu, if not NULL, has the registers of
	 * the CPU that was running it. Those that are in *r already stay. */
	void (*user_switched_regs)(struct kernel *k, kva_t task, const struct regs *cpu,
				   struct regs *r);
	/* Appends the floating-point registers that a context switch saved in the task: the
	 * descriptors of the notes NT_FPREGSET and fp_note. Either stays empty if it is unknown.
	 * Must not be called for a task that a CPU was running, whose registers may be newer. */
	void (*user_fp)(struct kernel *k, kva_t task, struct buf *fpregs, struct buf *more);
	uint32_t fp_note; /* the type of that note, as NT_X86_XSTATE */
	/* Is the code of this process 32-bit, going by the registers of user mode? */
	bool (*user_is_32bit)(const struct regs *r);

	/* --- CPUs */

	/* Gets the task_struct of the task that a CPU runs. */
	vs_status (*current_task)(struct kernel *k, unsigned cpu, kva_t *ret, struct err *err);

	/* --- code, by the names of functions */

	/* Does this function jump to the address in a register? */
	bool (*is_thunk)(const char *symbol);
	/* Does a CPU start here? It then jumps to its first function in C. */
	bool (*starts_cpu)(const char *symbol);
	/* Is this the entry code for the trap with which a kprobe replaces an instruction? */
	bool (*is_trap)(const char *symbol);
	/* The exception that a function of the entry code handles. */
	enum fault_kind (*exception)(const char *symbol);
	const struct final_function *final_functions; /* besides those of all architectures */
	uint8_t trap_byte; /* the kernel's filler for unused code memory */
	/* Is the code at start, in a slot for optimized kprobes, that of a kprobe? */
	bool (*optprobe)(struct kernel *k, kva_t start, uint64_t size, struct optprobe_code *ret);
	/* Makes the rule for pc in a BPF program or trampoline at [start, end). */
	vs_status (*jit_rule)(const struct mem *mem, kva_t start, kva_t end, kva_t pc,
			      struct unwind_rule *ret, struct err *err);
	const struct orc_ops *orc;		    /* NULL: Linux has no ORC tables here */
	const struct entry_frame_ops *entry_frames; /* NULL: no unwinding by frame pointers across
						       entry code */

	/* --- what verbs print about the CPU */

	/* Gets the entry code of the i-th of nvectors interrupt vectors. */
	unsigned nvectors;
	vs_status (*vector)(struct kernel *k, unsigned i, kva_t *ret, struct err *err);
	const char *cpu_info_type, *cpu_info; /* a struct and the per-CPU variable with that type */
};
