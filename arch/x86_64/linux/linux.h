// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* linux.h - private to arch/x86_64/linux: the functions in its ops table, see struct
 * linux_arch_ops.
 */
#include "arch/x86_64/x86_64.h"
#include "stub/linux_arch.h"

/* __START_KERNEL_map, Documentation/arch/x86/x86_64/mm.rst */
#define LINUX_X86_IMAGE_BASE  0xffffffff80000000ULL
#define LINUX_X86_LEVELS_LOW  4
#define LINUX_X86_LEVELS_HIGH 5
#define LINUX_X86_NSTACKS     8

extern const char *const linux_x86_paging_symbols[];
kva_t linux_x86_kernel_half(const struct paging *pg);
void linux_x86_layout_from_info(const struct vmcoreinfo *v, struct layout *ret);
vs_status linux_x86_paging_from_symbols(const struct mem *phys, const uint64_t *va, uint64_t delta,
					struct paging *pg, struct err *err);

void linux_x86_user_switched_regs(struct kernel *k, kva_t task, const struct regs *cpu,
				  struct regs *r);
void linux_x86_user_fp(struct kernel *k, kva_t task, struct buf *fpregs, struct buf *xstate);
bool linux_x86_user_is_32bit(const struct regs *r);

bool linux_x86_stack(struct kernel *k, unsigned cpu, unsigned i, struct stack_id *ret);
uint64_t linux_x86_stack_padding(struct kernel *k);
uint64_t linux_x86_user_regs_unsaved(struct kernel *k);
vs_status linux_x86_current_task(struct kernel *k, unsigned cpu, kva_t *ret, struct err *err);
/* Gets the top of a CPU's interrupt stack, one past its highest word. VS_NOTFOUND. */
vs_status linux_x86_irq_stack_top(struct kernel *k, unsigned cpu, kva_t *ret);
bool linux_x86_is_thunk(const char *symbol);
bool linux_x86_starts_cpu(const char *symbol);
bool linux_x86_is_trap(const char *symbol);
enum fault_kind linux_x86_exception(const char *symbol);
extern const struct final_function linux_x86_final_functions[];
bool linux_x86_optprobe(struct kernel *k, kva_t start, uint64_t size, struct optprobe_code *ret);

int x86_orc_layout(const uint8_t *header, int fp_entry_flags, const char *release);
vs_status x86_orc_find(const struct unwind_table *t, kva_t pc, struct unwind_rule *ret,
		       struct err *err);
vs_status x86_orc_row(const struct unwind_table *t, uint32_t i, struct unwind_rule *ret,
		      struct err *err);
vs_status x86_jit_rule(const struct mem *mem, kva_t start, kva_t end, kva_t pc,
		       struct unwind_rule *ret, struct err *err);
bool x86_encodes_regs(const uint8_t *code, size_t len);
unsigned x86_old_entries(void);
struct unwind_rule x86_old_entry_call(const struct mem *mem, kva_t call, bool *sure);
bool x86_old_irq_saved(const struct mem *mem, kva_t word, kva_t *pc_at, kva_t *sp_at);
bool x86_old_entry(const struct mem *mem, const struct frame *cur, kva_t bottom, unsigned i,
		   const struct fast_call *fast, struct unwind_rule *ret, kva_t *lowest);
bool x86_saves_all_regs(const uint8_t *code, size_t len);

vs_status linux_x86_vector(struct kernel *k, unsigned i, kva_t *ret, struct err *err);

vs_status linux_x86_regs_from_inactive(struct kernel *k, kva_t sp, struct regs *ret,
				       struct err *err);
vs_status linux_x86_regs_from_switch(struct kernel *k, kva_t sp, kva_t user_regs, struct regs *ret,
				     struct err *err);
