// SPDX-License-Identifier: GPL-3.0-or-later
/* stacks.c - a CPU's own stacks: for interrupts, for some exceptions, and for kernel entry. */
#include "arch/x86_64/linux/linux.h"

#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"

#define IRQ_STACK_SIZE	    16384
#define PAGE_SIZE	    4096ULL
#define MAX_EXCEPTION_STACK (64u << 10)

/* Size of a gate in the IDT (Intel SDM, vol. 3, figure 6-8), and offset of its stack number. */
#define GATE_SIZE 16
#define GATE_IST  4

/* struct cea_exception_stacks (019b17b3ffe4, 5.1) */
enum { CEA_DF, CEA_NMI, CEA_DB, CEA_MCE, CEA_VC, CEA_VC2, NEXCEPTIONS };
static const struct record_field cea_fields[] = {
	[CEA_DF] = { { "DF_stack" }, RECORD_ADDRESS, "since 5.1" },
	[CEA_NMI] = { { "NMI_stack" }, RECORD_ADDRESS, "since 5.1" },
	[CEA_DB] = { { "DB_stack" }, RECORD_ADDRESS, "since 5.1" },
	[CEA_MCE] = { { "MCE_stack" }, RECORD_ADDRESS, "since 5.1" },
	[CEA_VC] = { { "VC_stack" }, RECORD_ADDRESS, "since 5.10" },
	[CEA_VC2] = { { "VC2_stack" }, RECORD_ADDRESS, "since 5.10" },
};
RECORD(cea_record, "cea_exception_stacks", cea_fields);

/* Crash's names for these stacks, and the exceptions that switch to them. */
static const struct {
	const char *name;
	unsigned vector; /* 0: none before 5.1 */
} exceptions[] = {
	[CEA_DF] = { "DOUBLEFAULT", 8 }, [CEA_NMI] = { "NMI", 2 }, [CEA_DB] = { "DEBUG", 1 },
	[CEA_MCE] = { "MCE", 18 },	 [CEA_VC] = { "VC", 0 },   [CEA_VC2] = { "VC2", 0 },
};

enum { IRQ, FIRST_EXCEPTION, ENTRY = FIRST_EXCEPTION + NEXCEPTIONS, NSTACKS };
_Static_assert(NSTACKS == LINUX_X86_NSTACKS, "stacks of a CPU");

static bool irq_stack(struct kernel *k, unsigned cpu, struct stack_id *ret)
{
	kva_t top;

	if (linux_x86_irq_stack_top(k, cpu, &top))
		return false;
	*ret = (struct stack_id){ STACK_IRQ, "IRQ", top - IRQ_STACK_SIZE, top };
	return true;
}

/* Before 5.1 orig_ist.ist[] has the upper ends of all exception stacks. The index is in the
 * exception's gate in the IDT, because the numbers changed several times. The stacks are adjacent.
 */
static bool old_exception_stack(struct kernel *k, unsigned cpu, unsigned i, struct stack_id *ret)
{
	kva_t ist, idt, high, below = 0;
	uint8_t number;

	if (!exceptions[i].vector || percpu_symbol(k, "orig_ist", cpu, &ist, NULL) ||
	    kernel_symbol(k, "idt_table", &idt, NULL) ||
	    mem_read(k->mem, idt + exceptions[i].vector * GATE_SIZE + GATE_IST, &number, 1, NULL))
		return false;
	number &= 7;
	if (!number || mem_read_u64(k->mem, ist + (number - 1) * 8, &high, NULL) ||
	    high % PAGE_SIZE || !k->arch->is_kernel_va(high))
		return false;
	if (number > 1)
		(void)mem_read_u64(k->mem, ist + (number - 2) * 8, &below, NULL);
	if (below >= high || high - below > MAX_EXCEPTION_STACK || below % PAGE_SIZE)
		below = high - PAGE_SIZE; // it is the first stack
	*ret = (struct stack_id){ STACK_EXCEPTION, exceptions[i].name, below, high };
	return true;
}

static bool exception_stack(struct kernel *k, unsigned cpu, unsigned i, struct stack_id *ret)
{
	struct member m;
	kva_t va, base;

	if (kernel_symbol(k, "orig_ist", &va, NULL) == VS_OK)
		return old_exception_stack(k, cpu, i, ret);

	if (percpu_symbol(k, "cea_exception_stacks", cpu, &va, NULL) ||
	    mem_read_u64(k->mem, va, &base, NULL) || !base ||
	    record_member(k, &cea_record, i, &m, NULL) || !m.size)
		return false;
	*ret = (struct stack_id){ STACK_EXCEPTION, exceptions[i].name, base + m.off,
				  base + m.off + m.size };
	return true;
}

enum { TSS_SP0 };
static const struct record_field tss_fields[] = { [TSS_SP0] = { { "x86_tss.sp0" }, RECORD_UINT } };
RECORD(tss_record, "tss_struct", tss_fields);

/* The trampoline stack at kernel entry (struct cpu_entry_area, ece614dcfd96, 4.15). */
static bool entry_stack(struct kernel *k, unsigned cpu, struct stack_id *ret)
{
	uint64_t sp0;
	kva_t tss;

	if (percpu_symbol(k, "cpu_tss_rw", cpu, &tss, NULL) ||
	    record_field_read(k, &tss_record, tss, TSS_SP0, &sp0, NULL) || sp0 < PAGE_SIZE)
		return false;
	*ret = (struct stack_id){ STACK_ENTRY, "entry trampoline",
				  (sp0 - 1) / PAGE_SIZE * PAGE_SIZE, sp0 };
	return true;
}

bool linux_x86_stack(struct kernel *k, unsigned cpu, unsigned i, struct stack_id *ret)
{
	if (i == IRQ)
		return irq_stack(k, cpu, ret);
	if (i == ENTRY)
		return entry_stack(k, cpu, ret);
	return exception_stack(k, cpu, i - FIRST_EXCEPTION, ret);
}

uint64_t linux_x86_stack_padding(struct kernel *k)
{
	uint64_t size;

	// 65c9cc9e2c14 (6.9): TOP_OF_KERNEL_STACK_PADDING is 16 with CONFIG_X86_FRED.
	return types_size(k->types, "fred_frame", &size, NULL) == VS_OK ? 16 : 0;
}

/* 21d375b6b34f (4.16) removed the fast path, which saved only registers that functions may change.
 * The stack does not show whether a system call used it. */
uint64_t linux_x86_user_regs_unsaved(struct kernel *k)
{
	kva_t va;

	if (kernel_symbol(k, "system_call_fastpath", &va, NULL) &&
	    kernel_symbol(k, "entry_SYSCALL_64_fastpath", &va, NULL))
		return 0;
	return X86_CALLEE_SAVED;
}
