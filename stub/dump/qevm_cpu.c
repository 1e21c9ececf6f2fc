// SPDX-License-Identifier: GPL-3.0-or-later
/* qevm_cpu.c - the registers of a CPU in a migration stream.
 * In: vmstate_x86_cpu of target/i386/machine.c, version 12, big-endian, as QEMU 7.2 describes it in
 * the stream itself; its start has been the same since version 3. Out: notes, by cpunotes.c. */
#include "stub/base/bytes.h"
#include "stub/dump/cpunotes.h"
#include "stub/dump/qevm.h"

#define RIP	      128
#define RFLAGS	      136
#define SEGMENTS_OFF  236 /* selector, base, limit, flags */
#define SEGMENT_BYTES 20
#define CR0	      456 /* then cr2, cr3, cr4 */
#define KERNEL_GS     856

bool qevm_add_cpu(struct notes *ns, uint32_t no, const uint8_t vmstate[QEVM_CPU_BYTES])
{
	struct cpu_state c = { .rip = load_be64(vmstate + RIP),
			       .rflags = load_be64(vmstate + RFLAGS) };

	for (size_t i = 0; i < GPRS; i++)
		c.gpr[i] = load_be64(vmstate + 8 * i);
	for (size_t i = 0; i < SEGMENTS; i++) {
		const uint8_t *s = vmstate + SEGMENTS_OFF + i * SEGMENT_BYTES;

		c.segment[i] = (struct cpu_segment){ .selector = load_be32(s),
						     .base = load_be64(s + 4),
						     .limit = load_be32(s + 12),
						     .flags = load_be32(s + 16) };
	}
	c.cr[0] = load_be64(vmstate + CR0);
	for (size_t i = 2; i < 5; i++)
		c.cr[i] = load_be64(vmstate + CR0 + 8 * (i - 1));
	c.kernel_gs = load_be64(vmstate + KERNEL_GS);
	return cpunotes_add(ns, no, &c);
}
