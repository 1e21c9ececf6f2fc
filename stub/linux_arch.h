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
};
