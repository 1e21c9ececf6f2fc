// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* cpunotes.h - private to stub/dump: the registers of a virtual machine's CPU, as the two notes
 * that QEMU's dump-guest-memory writes: NT_PRSTATUS (struct elf_prstatus) and QEMU (QEMUCPUState in
 * target/i386/arch_dump.c). Files that keep them in other ways use it. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/dump/notes.h"

/* By the numbers that instructions have for them; rip and rflags follow. */
enum cpu_gpr { GPR_RAX, GPR_RCX, GPR_RDX, GPR_RBX, GPR_RSP, GPR_RBP, GPR_RSI, GPR_RDI, GPRS = 16 };
/* In the order of QEMU's stream. */
enum cpu_segment_no {
	SEG_ES,
	SEG_CS,
	SEG_SS,
	SEG_DS,
	SEG_FS,
	SEG_GS,
	SEG_LDT,
	SEG_TR,
	SEG_GDT,
	SEG_IDT,
	SEGMENTS
};

struct cpu_segment {
	uint32_t selector, limit, flags;
	uint64_t base;
};

struct cpu_state {
	uint64_t gpr[GPRS], rip, rflags;
	struct cpu_segment segment[SEGMENTS];
	uint64_t cr[5], kernel_gs;
	bool no_segments; /* they are unknown */
};

/* Which general registers struct pt_regs has, and in which order, before orig_rax: r15 to rdi. */
#define CPU_PT_REGS 15
extern const uint8_t cpu_pt_regs[CPU_PT_REGS];

/* Adds both notes of CPU no. False without memory. */
bool cpunotes_add(struct notes *ns, uint32_t no, const struct cpu_state *c);
/* Adds NT_PRSTATUS alone, because control registers are unknown. False without memory. */
bool cpunotes_add_basic(struct notes *ns, uint32_t no, const struct cpu_state *c);
