// SPDX-License-Identifier: GPL-3.0-or-later
/* x86_64.c - the ops table of this architecture. */
#include "arch/x86_64/x86_64.h"

#include <elf.h>

static bool x86_is_kernel_va(uint64_t va)
{
	return va >> 63;
}

const char *frame_how_str(enum frame_how how)
{
	switch (how) {
	case HOW_NOTE:
		return "prstatus";
	case HOW_CRASHNOTE:
		return "crash_notes";
	case HOW_INACTIVE:
		return "inactive frame";
	case HOW_ORC:
		return "ORC";
	case HOW_FP:
		return "frame pointer";
	case HOW_DWARF:
		return "DWARF";
	case HOW_CALLER:
		return "call found on the stack, no unwind rule";
	case HOW_HOOK:
		return "return hook";
	case HOW_COPY:
		return "kprobe";
	case HOW_REGS:
		return "ORC, saved registers";
	case HOW_FP_REGS:
		return "frame pointer, saved registers";
	case HOW_CALL_VOID:
		return "return address on the stack, pc is not in any code";
	case HOW_EVIDENCE:
		return "best evidence";
	case HOW_FOUND:
		return "found on the stack, no registers were saved";
	case HOW_GIVEN:
		return "given";
	case HOW_RESUMED:
		return "entry code further up, frames before it are missing";
	}
	return "?";
}

const struct arch_ops arch_x86_64 = {
	.name = "x86_64",
	.elf_machine = EM_X86_64,
	.os = &linux_x86_64,
	.pc = X86_RIP,
	.sp = X86_RSP,
	.bp = X86_RBP,
	.flags = X86_EFLAGS,
	.result = X86_RAX,
	.nregs = X86_NREGS,
	.reg_names = x86_reg_names,
	.walk = x86_walk,
	.walk_executable = x86_walk_executable,
	.walk_writable = x86_walk_writable,
	.fault_code = x86_fault_code,
	.machine_check = x86_machine_check,
	.pte_flags = x86_pte_flags,
	.swap_entry = x86_swap_entry,
	.level_name = x86_level_name,
	.pte_addr = 0x000ffffffffff000ULL,
	.is_kernel_va = x86_is_kernel_va,
	.is_canonical = x86_is_canonical,
	.user_end = 1ULL << 56,
	.regs_from_prstatus = x86_regs_from_prstatus,
	.put_prstatus_regs = x86_put_prstatus_regs,
	.regs_from_qemu = x86_regs_from_qemu,
	.regs_from_frame = x86_regs_from_frame,
	.regs_user_mode = x86_regs_user_mode,
	.segment_regs = X86_SEGMENTS,
	.regs_plausible = x86_regs_plausible,
	.regs_credible = x86_regs_credible,
	.regs_frame_size = PT_SIZE,
	.paging_from_regs = x86_paging_from_regs,
	.unwind_step = x86_unwind_step,
	.disassemble = x86_disassemble,
	.insn = x86_insn,
	.argument = x86_argument,
	.pushed = x86_pushed,
	.call_before = x86_call_before,
	.keeps_frame = x86_keeps_frame,
	.frame_rule = x86_frame_rule,
	.framed = x86_framed,
	.no_frame = x86_no_frame,
	.jump_at = x86_jump_at,
	.target_xml = x86_target_xml,
	.gdb_regs = x86_gdb_regs,
	.gdb_reg = x86_gdb_reg,
	.rule_cfi = x86_rule_cfi,
	.cfi_ra_column = 16,
	.cfi_bp = 6,
	.cfi_sp = 7,
	.from_dwarf = x86_from_dwarf,
	.regs_print = x86_regs_print,
};
