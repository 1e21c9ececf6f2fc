// SPDX-License-Identifier: GPL-3.0-or-later
/* cpunotes.c - makes notes of registers: struct elf_prstatus of include/uapi/linux/elfcore.h, and
 * QEMUCPUState of QEMU's target/i386/arch_dump.c. */
#include "stub/dump/cpunotes.h"

#include <elf.h>
#include <string.h>

#define PRSTATUS_BYTES 336
#define PRSTATUS_PID   32
#define PRSTATUS_REGS  112
#define QEMU_BYTES     448

const uint8_t cpu_pt_regs[CPU_PT_REGS] = {
	15, 14, 13, 12, GPR_RBP, GPR_RBX, 11, 10, 9, 8, GPR_RAX, GPR_RCX, GPR_RDX, GPR_RSI, GPR_RDI,
};

static void put32(uint8_t **p, uint32_t v)
{
	memcpy(*p, &v, 4);
	*p += 4;
}

static void put64(uint8_t **p, uint64_t v)
{
	memcpy(*p, &v, 8);
	*p += 8;
}

static void put_segment(uint8_t **p, const struct cpu_segment *s)
{
	put32(p, s->selector);
	put32(p, s->limit);
	put32(p, s->flags);
	put32(p, 0);
	put64(p, s->base);
}

static void fill_qemu(const struct cpu_state *c, uint8_t *p)
{
	// in the order rax rbx rcx rdx rsi rdi rsp rbp r8 to r15
	static const uint8_t order[] = { GPR_RAX, GPR_RBX, GPR_RCX, GPR_RDX, GPR_RSI, GPR_RDI,
					 GPR_RSP, GPR_RBP, 8,	    9,	     10,      11,
					 12,	  13,	   14,	    15 };
	static const uint8_t segments[] = { SEG_CS, SEG_DS,  SEG_ES, SEG_FS,  SEG_GS,
					    SEG_SS, SEG_LDT, SEG_TR, SEG_GDT, SEG_IDT };

	put32(&p, 1);
	put32(&p, QEMU_BYTES);
	for (size_t i = 0; i < sizeof(order); i++)
		put64(&p, c->gpr[order[i]]);
	put64(&p, c->rip);
	put64(&p, c->rflags);
	for (size_t i = 0; i < sizeof(segments); i++)
		put_segment(&p, &c->segment[segments[i]]);
	for (size_t i = 0; i < 5; i++)
		put64(&p, c->cr[i]);
	put64(&p, c->kernel_gs);
}

static void fill_prstatus(const struct cpu_state *c, uint32_t no, uint8_t *desc)
{
	static const uint8_t selectors[] = { SEG_DS, SEG_ES, SEG_FS, SEG_GS };
	uint8_t *p = desc + PRSTATUS_PID;

	put32(&p, no + 1);
	p = desc + PRSTATUS_REGS;
	for (size_t i = 0; i < CPU_PT_REGS; i++)
		put64(&p, c->gpr[cpu_pt_regs[i]]);
	put64(&p, 0); // orig_rax
	put64(&p, c->rip);
	put64(&p, c->segment[SEG_CS].selector);
	put64(&p, c->rflags);
	put64(&p, c->gpr[GPR_RSP]);
	put64(&p, c->segment[SEG_SS].selector);
	put64(&p, c->segment[SEG_FS].base);
	put64(&p, c->segment[SEG_GS].base);
	for (size_t i = 0; i < sizeof(selectors); i++)
		put64(&p, c->segment[selectors[i]].selector);
}

static bool add(struct notes *ns, const char *name, uint32_t type, const void *desc, size_t len,
		const struct cpu_state *c)
{
	if (!notes_add(ns, name, type, desc, len))
		return false;
	ns->v.v[ns->v.n - 1].no_segments = c->no_segments;
	return true;
}

bool cpunotes_add_basic(struct notes *ns, uint32_t no, const struct cpu_state *c)
{
	uint8_t prstatus[PRSTATUS_BYTES] = { 0 };

	fill_prstatus(c, no, prstatus);
	return add(ns, "CORE", NT_PRSTATUS, prstatus, sizeof(prstatus), c);
}

bool cpunotes_add(struct notes *ns, uint32_t no, const struct cpu_state *c)
{
	uint8_t qemu[QEMU_BYTES] = { 0 };

	fill_qemu(c, qemu);
	return cpunotes_add_basic(ns, no, c) && add(ns, "QEMU", 0, qemu, sizeof(qemu), c);
}
