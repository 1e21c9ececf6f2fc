// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* x86_64.h - private to arch/x86_64: register numbers, PTE bits, fixed addresses. */
#include "stub/arch.h"

#define PTE_PRESENT  (1ULL << 0)
#define PTE_PSE	     (1ULL << 7)
#define PTE_PROTNONE (1ULL << 8)

/* See struct arch_ops. */
void x86_pte_flags(uint64_t entry, bool leaf, struct buf *out);
bool x86_swap_entry(uint64_t entry, unsigned *type, uint64_t *offset);
const char *x86_level_name(const struct paging *pg, int step);

/* In the order of gdb's org.gnu.gdb.i386.core, then segment bases and control registers. */
enum {
	X86_RAX,
	X86_RBX,
	X86_RCX,
	X86_RDX,
	X86_RSI,
	X86_RDI,
	X86_RBP,
	X86_RSP,
	X86_R8,
	X86_R9,
	X86_R10,
	X86_R11,
	X86_R12,
	X86_R13,
	X86_R14,
	X86_R15,
	X86_RIP,
	X86_EFLAGS,
	X86_CS,
	X86_SS,
	X86_DS,
	X86_ES,
	X86_FS,
	X86_GS,
	X86_FS_BASE,
	X86_GS_BASE,
	X86_CR0,
	X86_CR2,
	X86_CR3,
	X86_CR4,
	X86_ORIG_RAX,
	X86_NREGS
};
_Static_assert(X86_NREGS <= ARCH_NREGS, "struct regs too small");

/* Registers that functions preserve, besides the stack pointer (System V ABI). */
#define X86_CALLEE_SAVED                                                                           \
	(1ULL << X86_RBX | 1ULL << X86_RBP | 1ULL << X86_R12 | 1ULL << X86_R13 | 1ULL << X86_R14 | \
	 1ULL << X86_R15)

#define X86_SEGMENTS                                                                               \
	(1ULL << X86_CS | 1ULL << X86_SS | 1ULL << X86_DS | 1ULL << X86_ES | 1ULL << X86_FS |      \
	 1ULL << X86_GS | 1ULL << X86_FS_BASE | 1ULL << X86_GS_BASE)

/* struct pt_regs: the order in which entry code pushes, unchanged since the first x86_64 kernel
 * (arch/x86/include/asm/ptrace.h). The last five words are the hardware's exception frame. */
enum {
	PT_R15 = 0,
	PT_R14 = 8,
	PT_R13 = 16,
	PT_R12 = 24,
	PT_RBP = 32,
	PT_RBX = 40,
	PT_R11 = 48,
	PT_R10 = 56,
	PT_R9 = 64,
	PT_R8 = 72,
	PT_RAX = 80,
	PT_RCX = 88,
	PT_RDX = 96,
	PT_RSI = 104,
	PT_RDI = 112,
	PT_ORIG_RAX = 120,
	PT_RIP = 128,
	PT_CS = 136,
	PT_EFLAGS = 144,
	PT_RSP = 152,
	PT_SS = 160,
	PT_SIZE = 168
};

/* The "unused hole" of 444 GB in Documentation/arch/x86/x86_64/mm.rst, with 4 and with 5 levels. */
#define X86_ALIAS_BASE 0xffffff8000000000ULL
#define X86_ALIAS_MASK 0xfffffffffULL

extern const struct linux_arch_ops linux_x86_64; /* linux/ */

extern const char *const x86_reg_names[X86_NREGS];

vs_status x86_walk(const struct paging *pg, const struct mem *phys, uint64_t va, struct walk *ret,
		   struct err *err);
bool x86_walk_executable(const struct walk *w);
bool x86_walk_writable(const struct walk *w);
void x86_fault_code(uint64_t code, struct buf *out);
void x86_machine_check(uint64_t status, struct buf *out);
bool x86_is_canonical(const struct paging *pg, uint64_t va);
bool x86_paging_from_regs(const struct regs *r, struct paging *ret);

vs_status x86_regs_from_prstatus(struct bytes desc, struct regs *ret, int32_t *pid,
				 struct err *err);
uint64_t x86_put_prstatus_regs(const struct regs *r, struct buf *out);
vs_status x86_regs_from_qemu(struct bytes desc, struct regs *ret, struct err *err);
vs_status x86_regs_from_frame(const struct mem *mem, kva_t va, bool partial, struct regs *ret,
			      struct err *err);
bool x86_regs_user_mode(const struct regs *r);
bool x86_regs_plausible(const struct regs *r);
void x86_regs_of_fast_call(struct regs *r, uint64_t user_sp);
bool x86_regs_credible(const struct mem *mem, const struct regs *r);
void x86_regs_print(const struct regs *r, bool partial, struct buf *out);

void x86_target_xml(struct buf *out);
void x86_gdb_regs(const struct regs *r, const struct kernel_regs *k, struct buf *out);
bool x86_gdb_reg(const struct regs *r, const struct kernel_regs *k, uint64_t regno,
		 struct buf *out);

vs_status x86_unwind_step(const struct unwind_env *env, const struct frame *cur, struct frame *next,
			  struct err *err);
bool x86_pushed(const struct mem *mem, kva_t start, kva_t pc, struct pushed *ret);
size_t x86_disassemble(const uint8_t *code, size_t len, kva_t va,
		       void (*name)(void *ctx, kva_t target, struct buf *out), void *ctx,
		       struct buf *out);
int x86_argument(int reg);
bool x86_insn(const uint8_t *code, size_t len, kva_t va, struct insn *ret);
unsigned x86_call_before(const struct mem *mem, kva_t ret, kva_t *target);
bool x86_jump_at(const uint8_t *code, size_t len, kva_t va, kva_t *to);
bool x86_calls(const struct mem *mem, kva_t ret, kva_t start);
bool x86_pushes_rbp(const struct mem *mem, kva_t start);
bool x86_keeps_frame(const struct mem *mem, kva_t start);
struct unwind_rule x86_frame_rule(const struct mem *mem, kva_t start, kva_t pc);
struct unwind_rule x86_framed(kva_t start, kva_t end);
struct unwind_rule x86_no_frame(kva_t pc);
bool x86_encoded_regs(uint64_t bp, kva_t *ret);
struct unwind_rule x86_encoded_rule(kva_t pc);
int x86_from_dwarf(unsigned reg);
bool x86_rule_cfi(const struct unwind_rule *rule, struct buf *insns, bool *sigframe);
