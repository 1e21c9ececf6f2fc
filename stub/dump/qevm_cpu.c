// SPDX-License-Identifier: GPL-3.0-or-later
/* qevm_cpu.c - the registers of a CPU in a migration stream.
 * In: vmstate_x86_cpu of target/i386/machine.c, version 12, big-endian, as QEMU 7.2 describes it in
 * the stream itself; its start has been the same since version 3. Out: notes, by cpunotes.c. */
#include "stub/dump/cpunotes.h"
#include "stub/dump/qevm.h"

#define RIP	      128
#define RFLAGS	      136
#define SEGMENTS_OFF  236 /* selector, base, limit, flags */
#define SEGMENT_BYTES 20
#define CR0	      456 /* then cr2, cr3, cr4 */
#define KERNEL_GS     856

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const uint8_t *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

bool qevm_add_cpu(struct notes *ns, uint32_t no, const uint8_t vmstate[QEVM_CPU_BYTES])
{
	struct cpu_state c = { .rip = be64(vmstate + RIP), .rflags = be64(vmstate + RFLAGS) };

	for (size_t i = 0; i < GPRS; i++)
		c.gpr[i] = be64(vmstate + 8 * i);
	for (size_t i = 0; i < SEGMENTS; i++) {
		const uint8_t *s = vmstate + SEGMENTS_OFF + i * SEGMENT_BYTES;

		c.segment[i] = (struct cpu_segment){ .selector = be32(s),
						     .base = be64(s + 4),
						     .limit = be32(s + 12),
						     .flags = be32(s + 16) };
	}
	c.cr[0] = be64(vmstate + CR0);
	for (size_t i = 2; i < 5; i++)
		c.cr[i] = be64(vmstate + CR0 + 8 * (i - 1));
	c.kernel_gs = be64(vmstate + KERNEL_GS);
	return cpunotes_add(ns, no, &c);
}
