// SPDX-License-Identifier: GPL-3.0-or-later
/* qevm_cpu.c - the registers of a CPU in a migration stream, as the two notes that QEMU's
 * dump-guest-memory writes: NT_PRSTATUS (struct elf_prstatus) and QEMU (QEMUCPUState in
 * target/i386/arch_dump.c).
 * In: vmstate_x86_cpu of target/i386/machine.c, version 12, big-endian, as QEMU 7.2 describes it in
 * the stream itself; its start has been the same since version 3. */
#include <elf.h>
#include <string.h>

#include "stub/dump/qevm.h"

#define REGS	      0 /* rax rcx rdx rbx rsp rbp rsi rdi r8 to r15 */
#define RIP	      128
#define RFLAGS	      136
#define SEGMENTS      236 /* es cs ss ds fs gs ldt tr gdt idt: selector, base, limit, flags */
#define SEGMENT_BYTES 20
#define CR0	      456 /* then cr2, cr3, cr4 */
#define KERNEL_GS     856

#define PRSTATUS_BYTES 336
#define PRSTATUS_PID   32
#define PRSTATUS_REGS  112
#define QEMU_BYTES     448

enum segment { ES, CS, SS, DS, FS, GS, LDT, TR, GDT, IDT };

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const uint8_t *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

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

static const uint8_t *segment(const uint8_t *cpu, enum segment no)
{
	return cpu + SEGMENTS + (size_t)no * SEGMENT_BYTES;
}

static void put_segment(uint8_t **p, const uint8_t *s)
{
	put32(p, be32(s));
	put32(p, be32(s + 12));
	put32(p, be32(s + 16));
	put32(p, 0);
	put64(p, be64(s + 4));
}

static void fill_qemu(const uint8_t *cpu, uint8_t *p)
{
	// in the order rax rbx rcx rdx rsi rdi rsp rbp r8 to r15
	static const uint8_t order[] = { 0, 3, 1, 2, 6, 7, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15 };
	static const enum segment segments[] = { CS, DS, ES, FS, GS, SS, LDT, TR, GDT, IDT };

	put32(&p, 1);
	put32(&p, QEMU_BYTES);
	for (size_t i = 0; i < sizeof(order); i++)
		put64(&p, be64(cpu + REGS + 8 * order[i]));
	put64(&p, be64(cpu + RIP));
	put64(&p, be64(cpu + RFLAGS));
	for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++)
		put_segment(&p, segment(cpu, segments[i]));
	put64(&p, be64(cpu + CR0));
	put64(&p, 0);
	for (size_t i = 1; i < 4; i++)
		put64(&p, be64(cpu + CR0 + 8 * i));
	put64(&p, be64(cpu + KERNEL_GS));
}

static void fill_prstatus(const uint8_t *cpu, uint32_t no, uint8_t *desc)
{
	// r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi
	static const uint8_t order[] = { 15, 14, 13, 12, 5, 3, 11, 10, 9, 8, 0, 1, 2, 6, 7 };
	uint8_t *p = desc + PRSTATUS_PID;

	put32(&p, no + 1);
	p = desc + PRSTATUS_REGS;
	for (size_t i = 0; i < sizeof(order); i++)
		put64(&p, be64(cpu + REGS + 8 * order[i]));
	put64(&p, 0); // orig_rax
	put64(&p, be64(cpu + RIP));
	put64(&p, be32(segment(cpu, CS)));
	put64(&p, be64(cpu + RFLAGS));
	put64(&p, be64(cpu + REGS + 8 * 4)); // rsp
	put64(&p, be32(segment(cpu, SS)));
	put64(&p, be64(segment(cpu, FS) + 4));
	put64(&p, be64(segment(cpu, GS) + 4));
	put64(&p, be32(segment(cpu, DS)));
	put64(&p, be32(segment(cpu, ES)));
	put64(&p, be32(segment(cpu, FS)));
	put64(&p, be32(segment(cpu, GS)));
}

bool qevm_add_cpu(struct notes *ns, uint32_t no, const uint8_t vmstate[QEVM_CPU_BYTES])
{
	uint8_t prstatus[PRSTATUS_BYTES] = { 0 }, qemu[QEMU_BYTES] = { 0 };

	fill_prstatus(vmstate, no, prstatus);
	fill_qemu(vmstate, qemu);
	return notes_add(ns, "CORE", NT_PRSTATUS, prstatus, sizeof(prstatus)) &&
	       notes_add(ns, "QEMU", 0, qemu, sizeof(qemu));
}
