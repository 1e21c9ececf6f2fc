// SPDX-License-Identifier: GPL-3.0-or-later
/* regs.c - reads registers from notes and frames that the kernel and QEMU save.
 * Layouts: struct elf_prstatus (include/uapi/linux/elfcore.h), QEMUCPUState in QEMU's
 * target/i386/arch_dump.c, struct pt_regs, struct inactive_task_frame (its offsets come from
 * types).
 */
#include "arch/x86_64/x86_64.h"

#include <inttypes.h>
#include <string.h>

const char *const x86_reg_names[X86_NREGS] = {
	"rax", "rbx", "rcx",	 "rdx",	    "rsi", "rdi", "rbp",    "rsp", "r8",       "r9", "r10",
	"r11", "r12", "r13",	 "r14",	    "r15", "rip", "eflags", "cs",  "ss",       "ds", "es",
	"fs",  "gs",  "fs_base", "gs_base", "cr0", "cr2", "cr3",    "cr4", "orig_rax",
};

/* pt_regs and pr_reg have the same order up to ss; pr_reg continues with bases and selectors. */
static const uint8_t frame_order[] = {
	X86_R15,     X86_R14,	   X86_R13, X86_R12, X86_RBP,	 X86_RBX, X86_R11,
	X86_R10,     X86_R9,	   X86_R8,  X86_RAX, X86_RCX,	 X86_RDX, X86_RSI,
	X86_RDI,     X86_ORIG_RAX, X86_RIP, X86_CS,  X86_EFLAGS, X86_RSP, X86_SS,
	X86_FS_BASE, X86_GS_BASE,  X86_DS,  X86_ES,  X86_FS,	 X86_GS,
};
#define FRAME_WORDS  21 /* struct pt_regs */
#define PR_REG_WORDS 27
#define PR_REG_OFF   112
#define PR_PID_OFF   32
#define FRAME_HW     16 /* first word of the hardware's exception frame: rip */

/* With FRED, cs and ss are 16-bit fields below event bits (struct fred_cs, 6.9). */
static uint64_t frame_value(unsigned reg, uint64_t v)
{
	return reg == X86_CS || reg == X86_SS ? v & 0xffff : v;
}

vs_status x86_regs_from_prstatus(struct bytes desc, struct regs *ret, int32_t *pid, struct err *err)
{
	struct bytes b = desc;
	struct regs r = { .known = 0 };
	int32_t id;

	bytes_skip(&b, PR_PID_OFF);
	id = bytes_i32(&b);
	bytes_skip(&b, PR_REG_OFF - PR_PID_OFF - 4);
	for (size_t i = 0; i < PR_REG_WORDS; i++)
		regs_set(&r, frame_order[i], frame_value(frame_order[i], bytes_u64(&b)));
	if (b.bad)
		return fail(err, VS_CORRUPT, "NT_PRSTATUS of %zu bytes, need %d", desc.left,
			    PR_REG_OFF + PR_REG_WORDS * 8);
	// crash's snap writes such a note; bit 1 of a CPU's flags is always set
	if (!r.v[X86_RIP] && !r.v[X86_RSP] && !r.v[X86_EFLAGS])
		return fail(err, VS_NOTFOUND, "NT_PRSTATUS without registers: they are all zero");
	*ret = r;
	*pid = id;
	return VS_OK;
}

/* Writes pr_reg of an NT_PRSTATUS note. */
uint64_t x86_put_prstatus_regs(const struct regs *r, struct buf *out)
{
	uint64_t missing = 0;

	for (size_t i = 0; i < PR_REG_WORDS; i++) {
		unsigned reg = frame_order[i];
		uint64_t v = regs_has(r, reg) ? r->v[reg] : 0;

		if (!regs_has(r, reg))
			missing |= 1ULL << reg;
		buf_put(out, &v, sizeof(v));
	}
	return missing;
}

static const uint8_t qemu_order[] = {
	X86_RAX, X86_RBX, X86_RCX, X86_RDX, X86_RSI, X86_RDI, X86_RSP, X86_RBP, X86_R8,
	X86_R9,	 X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15, X86_RIP, X86_EFLAGS,
};

/* A segment: selector u32, limit u32, flags u32, pad u32, base u64. */
static void qemu_segment(struct bytes *b, struct regs *r, unsigned sel, int base)
{
	regs_set(r, sel, bytes_u32(b));
	bytes_skip(b, 12);
	if (base >= 0)
		regs_set(r, (unsigned)base, bytes_u64(b));
	else
		bytes_skip(b, 8);
}

vs_status x86_regs_from_qemu(struct bytes desc, struct regs *ret, struct err *err)
{
	struct bytes b = desc;
	struct regs r = { .known = 0 };
	uint32_t version = bytes_u32(&b), size = bytes_u32(&b);

	// The state may be smaller than its note; ignore what follows.
	if (size < desc.left)
		b.left = size > 8 ? size - 8 : 0;
	if (version != 1)
		return fail(err, VS_UNSUPPORTED, "QEMU note version %u, expected 1", version);
	for (size_t i = 0; i < sizeof(qemu_order); i++)
		regs_set(&r, qemu_order[i], bytes_u64(&b));
	qemu_segment(&b, &r, X86_CS, -1);
	qemu_segment(&b, &r, X86_DS, -1);
	qemu_segment(&b, &r, X86_ES, -1);
	qemu_segment(&b, &r, X86_FS, X86_FS_BASE);
	qemu_segment(&b, &r, X86_GS, X86_GS_BASE);
	qemu_segment(&b, &r, X86_SS, -1);
	bytes_skip(&b, 4 * 24); // ldt, tr, gdt, idt
	regs_set(&r, X86_CR0, bytes_u64(&b));
	bytes_skip(&b, 8); // cr1
	regs_set(&r, X86_CR2, bytes_u64(&b));
	regs_set(&r, X86_CR3, bytes_u64(&b));
	regs_set(&r, X86_CR4, bytes_u64(&b));
	if (b.bad)
		return fail(err, VS_CORRUPT, "QEMU CPU state of %zu bytes, need 432", desc.left);
	*ret = r;
	return VS_OK;
}

vs_status x86_regs_from_frame(const struct mem *mem, kva_t va, bool partial, struct regs *ret,
			      struct err *err)
{
	uint64_t words[FRAME_WORDS];
	size_t first = partial ? FRAME_HW : 0;
	vs_status st;

	// The address of a partial frame is that of its hardware part.
	st = mem_read(mem, va, words + first, (FRAME_WORDS - first) * 8, err);
	if (st)
		return fail_ctx(err, st, "saved registers at %#" PRIx64, va);
	if (!partial)
		ret->known = 0;
	for (size_t i = first; i < FRAME_WORDS; i++)
		regs_set(ret, frame_order[i], frame_value(frame_order[i], words[i]));
	return VS_OK;
}

bool x86_regs_user_mode(const struct regs *r)
{
	if (regs_has(r, X86_CS))
		return (r->v[X86_CS] & 3) == 3;
	// files of VMware have no segment registers
	return !(r->known & X86_SEGMENTS) && regs_has(r, X86_EFLAGS) && regs_has(r, X86_RIP) &&
	       r->v[X86_RIP] < (UINT64_C(1) << 56);
}

/* Selectors of Linux, arch/x86/include/asm/segment.h. */
#define USER_CS 0x33
#define USER_SS 0x2b
/* FLAT_RING3_CS64 and FLAT_RING3_SS64 of Xen's public/arch-x86/xen-x86_64.h, as Xen saves them for
 * the kernel of a paravirtual guest: with ring 0 in cs. */
#define XEN_CS 0xe030
#define XEN_SS 0xe02b

bool x86_regs_plausible(const struct regs *r)
{
	// Selectors are in arch/x86/include/asm/segment.h. In flags, bit 1 is always set and others
	// are always clear.
	const uint64_t cs = r->v[X86_CS], ss = r->v[X86_SS], flags = r->v[X86_EFLAGS];
	const uint64_t flags_mbz = ~0x3f7fd7ULL, flags_mbs = 0x2;

	if (flags & flags_mbz || !(flags & flags_mbs))
		return false;
	if (cs == 0x10 || cs == XEN_CS)
		return (cs == XEN_CS ? ss == XEN_SS : ss == 0x18 || ss == 0) &&
		       r->v[X86_RIP] >> 63 && r->v[X86_RSP] >> 63;
	if (cs != 0x33 && cs != 0x23)
		return false;
	return ss == 0x2b && !(r->v[X86_RIP] >> 56) && !(r->v[X86_RSP] >> 56) && flags & 0x200;
}

bool x86_regs_credible(const struct mem *mem, const struct regs *r)
{
	struct regs elsewhere = *r;
	uint64_t caller;
	kva_t target;

	if (x86_regs_plausible(r))
		return true;
	elsewhere.v[X86_RIP] = ~0ULL;
	return !x86_regs_user_mode(r) && x86_regs_plausible(&elsewhere) &&
	       mem_read_u64(mem, r->v[X86_RSP], &caller, NULL) == VS_OK && caller >> 63 &&
	       x86_call_before(mem, caller, &target) != 0;
}

/* SYSCALL leaves the flags in r11, and only 64-bit code uses it here. */
void x86_regs_of_fast_call(struct regs *r, uint64_t user_sp)
{
	regs_set(r, X86_CS, USER_CS);
	regs_set(r, X86_SS, USER_SS);
	regs_set(r, X86_EFLAGS, r->v[X86_R11]);
	if (user_sp)
		regs_set(r, X86_RSP, user_sp);
	else
		r->known &= ~(1ULL << X86_RSP);
}

static void print_row(const struct regs *r, struct buf *out, const char *const *labels,
		      const uint8_t *regs, size_t n)
{
	buf_puts(out, "  ");
	for (size_t i = 0; i < n; i++) {
		if (regs_has(r, regs[i]))
			buf_printf(out, "  %s: %016" PRIx64, labels[i], r->v[regs[i]]);
		else
			buf_printf(out, "  %s: (unknown)       ", labels[i]);
	}
	buf_putc(out, '\n');
}

static void print_selector(const struct regs *r, struct buf *out, const char *label, unsigned reg)
{
	buf_printf(out, "%s: ", label);
	if (regs_has(r, reg))
		buf_printf(out, "%04" PRIx64, r->v[reg]);
	else
		buf_putc(out, '?');
}

void x86_regs_print(const struct regs *r, bool partial, struct buf *out)
{
	static const struct {
		const char *labels[3];
		uint8_t regs[3];
	} rows[] = {
		{ { "RAX", "RBX", "RCX" }, { X86_RAX, X86_RBX, X86_RCX } },
		{ { "RDX", "RSI", "RDI" }, { X86_RDX, X86_RSI, X86_RDI } },
		{ { "RBP", " R8", " R9" }, { X86_RBP, X86_R8, X86_R9 } },
		{ { "R10", "R11", "R12" }, { X86_R10, X86_R11, X86_R12 } },
		{ { "R13", "R14", "R15" }, { X86_R13, X86_R14, X86_R15 } },
	};

	buf_printf(out, "    RIP: %016" PRIx64 "  RSP: %016" PRIx64 "  RFLAGS: %08" PRIx64 "\n",
		   r->v[X86_RIP], r->v[X86_RSP], r->v[X86_EFLAGS]);
	for (size_t i = 0; !partial && i < sizeof(rows) / sizeof(rows[0]); i++)
		print_row(r, out, rows[i].labels, rows[i].regs, 3);
	buf_puts(out, "   ");
	if (!partial)
		buf_printf(out, " ORIG_RAX: %016" PRIx64 " ", r->v[X86_ORIG_RAX]);
	print_selector(r, out, " CS", X86_CS);
	print_selector(r, out, "  SS", X86_SS);
	buf_putc(out, '\n');
}
