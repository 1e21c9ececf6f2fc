// SPDX-License-Identifier: GPL-3.0-or-later
/* linux.c - the ops table of Linux on x86_64. */
#include "arch/x86_64/linux/linux.h"

static const struct orc_ops orc = { x86_orc_layout, x86_orc_find, x86_orc_row };

static const struct entry_frame_ops entry_frames = {
	.encoded_regs = x86_encoded_regs,
	.encoded_rule = x86_encoded_rule,
	.encodes_regs = x86_encodes_regs,
	.old_entries = x86_old_entries,
	.old_entry = x86_old_entry,
	.saves_all_regs = x86_saves_all_regs,
	.old_entry_call = x86_old_entry_call,
	.old_irq_saved = x86_old_irq_saved,
};

/* PAGE_OFFSET and VMALLOC_START with four levels of page tables: c898faf91b3e (2.6.31) and
 * d52888aa2753 (4.20). Kernels with five levels have the variables. */
static const struct linux_static_map static_maps[] = {
	{ 0xffff880000000000ULL, 0xffffc90000000000ULL },
	{ 0xffff888000000000ULL, 0xffffc90000000000ULL },
	{ 0 },
};

const struct linux_arch_ops linux_x86_64 = {
	.image_base = LINUX_X86_IMAGE_BASE,
	.image_end = 0xffffffffff000000ULL,
	// CONFIG_PHYSICAL_ALIGN is at least PMD_SIZE; cleanup_highmap() (arch/x86/mm/init_64.c);
	// KERNEL_IMAGE_SIZE with KASLR; PTI_USER_PGTABLE_BIT (arch/x86/entry/calling.h)
	.image_step = 2 << 20,
	.image_limit = 1 << 30,
	.user_root_bit = 1 << 12,
	.alias_base = X86_ALIAS_BASE,
	.alias_mask = X86_ALIAS_MASK,
	.levels_low = LINUX_X86_LEVELS_LOW,
	.levels_high = LINUX_X86_LEVELS_HIGH,
	.kernel_half = linux_x86_kernel_half,
	.layout_from_info = linux_x86_layout_from_info,
	.paging_symbols = linux_x86_paging_symbols,
	.paging_from_symbols = linux_x86_paging_from_symbols,
	// These are variables with CONFIG_DYNAMIC_MEMORY_LAYOUT (4.17), which five levels and
	// CONFIG_RANDOMIZE_MEMORY need.
	.direct_base = "page_offset_base",
	.vmalloc_base = "vmalloc_base",
	.vmemmap_base = "vmemmap_base",
	.static_maps = static_maps,
	.nstacks = LINUX_X86_NSTACKS,
	.stack = linux_x86_stack,
	// call_on_irqstack() stores the interrupted stack pointer in the topmost word.
	.irq_link = 8,
	.stack_padding = linux_x86_stack_padding,
	.user_regs_unsaved = linux_x86_user_regs_unsaved,
	.regs_from_inactive = linux_x86_regs_from_inactive,
	.regs_from_switch = linux_x86_regs_from_switch,
	.user_switched_regs = linux_x86_user_switched_regs,
	.user_fp = linux_x86_user_fp,
	.fp_note = 0x202, // NT_X86_XSTATE
	.user_is_32bit = linux_x86_user_is_32bit,
	.current_task = linux_x86_current_task,
	.is_thunk = linux_x86_is_thunk,
	.starts_cpu = linux_x86_starts_cpu,
	.is_trap = linux_x86_is_trap,
	.exception = linux_x86_exception,
	.final_functions = linux_x86_final_functions,
	.trap_byte = 0xcc, // int3
	.optprobe = linux_x86_optprobe,
	.jit_rule = x86_jit_rule,
	.orc = &orc,
	.entry_frames = &entry_frames,
	.nvectors = 256,
	.vector = linux_x86_vector,
	.cpu_info_type = "cpuinfo_x86",
	.cpu_info = "cpu_info",
};
