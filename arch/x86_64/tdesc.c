// SPDX-License-Identifier: GPL-3.0-or-later
/* tdesc.c - gdb's view of the registers: target.xml and the text of `g` and `p` replies.
 * Both come from a table with a row for each register, in gdb's numbering (the order of
 * target.xml). For feature names and register order see "i386 Features" in gdb's manual. */
#include "arch/x86_64/x86_64.h"

#include <string.h>

enum reg_source { FROM_REGS, FROM_KERNEL, FROM_NOTHING };

struct gdb_reg_row {
	const char *name;
	uint8_t bits;
	const char *type;
	enum reg_source source;
	uint8_t index;
	const char *feature; /* a new feature starts here */
};

#define CORE64(n, i)                                                                               \
	{                                                                                          \
		n, 64, "int64", FROM_REGS, i, NULL                                                 \
	}
#define SEG32(n, i)                                                                                \
	{                                                                                          \
		n, 32, "int32", FROM_REGS, i, NULL                                                 \
	}
#define FPU_ST(n)                                                                                  \
	{                                                                                          \
		n, 80, "i387_ext", FROM_NOTHING, 0, NULL                                           \
	}
#define FPU_CTL(n)                                                                                 \
	{                                                                                          \
		n, 32, "int", FROM_NOTHING, 0, NULL                                                \
	}
#define CONTROL(n, i)                                                                              \
	{                                                                                          \
		n, 64, "uint64", FROM_REGS, i, NULL                                                \
	}

// clang-format off
static const struct gdb_reg_row rows[] = {
	{ "rax", 64, "int64", FROM_REGS, X86_RAX, "org.gnu.gdb.i386.core" },
	CORE64("rbx", X86_RBX), CORE64("rcx", X86_RCX), CORE64("rdx", X86_RDX),
	CORE64("rsi", X86_RSI), CORE64("rdi", X86_RDI),
	{ "rbp", 64, "data_ptr", FROM_REGS, X86_RBP, NULL },
	{ "rsp", 64, "data_ptr", FROM_REGS, X86_RSP, NULL },
	CORE64("r8", X86_R8), CORE64("r9", X86_R9), CORE64("r10", X86_R10),
	CORE64("r11", X86_R11), CORE64("r12", X86_R12), CORE64("r13", X86_R13),
	CORE64("r14", X86_R14), CORE64("r15", X86_R15),
	{ "rip", 64, "code_ptr", FROM_REGS, X86_RIP, NULL },
	{ "eflags", 32, "i386_eflags", FROM_REGS, X86_EFLAGS, NULL },
	SEG32("cs", X86_CS), SEG32("ss", X86_SS), SEG32("ds", X86_DS),
	SEG32("es", X86_ES), SEG32("fs", X86_FS), SEG32("gs", X86_GS),
	FPU_ST("st0"), FPU_ST("st1"), FPU_ST("st2"), FPU_ST("st3"),
	FPU_ST("st4"), FPU_ST("st5"), FPU_ST("st6"), FPU_ST("st7"),
	FPU_CTL("fctrl"), FPU_CTL("fstat"), FPU_CTL("ftag"), FPU_CTL("fiseg"),
	FPU_CTL("fioff"), FPU_CTL("foseg"), FPU_CTL("fooff"), FPU_CTL("fop"),
	{ "fs_base", 64, "int", FROM_REGS, X86_FS_BASE, "org.gnu.gdb.i386.segments" },
	{ "gs_base", 64, "int", FROM_REGS, X86_GS_BASE, NULL },
	{ "cpu", 32, "int32", FROM_KERNEL, KREG_CPU, "org.vmstub.kernel" },
	{ "pid", 32, "int32", FROM_KERNEL, KREG_PID, NULL },
	CONTROL("cr0", X86_CR0), CONTROL("cr2", X86_CR2),
	CONTROL("cr3", X86_CR3), CONTROL("cr4", X86_CR4),
	{ "kaslr_offset", 64, "int64", FROM_KERNEL, KREG_SLIDE, NULL },
};
// clang-format on
#define NROWS (sizeof(rows) / sizeof(rows[0]))

static void put_eflags_type(struct buf *out)
{
	static const struct {
		const char *name;
		int bit;
	} flags[] = {
		{ "CF", 0 },   { "", 1 },    { "PF", 2 },  { "AF", 4 },	 { "ZF", 6 },
		{ "SF", 7 },   { "TF", 8 },  { "IF", 9 },  { "DF", 10 }, { "OF", 11 },
		{ "NT", 14 },  { "RF", 16 }, { "VM", 17 }, { "AC", 18 }, { "VIF", 19 },
		{ "VIP", 20 }, { "ID", 21 },
	};

	buf_puts(out, "<flags id=\"i386_eflags\" size=\"4\">\n");
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		buf_printf(out, "<field name=\"%s\" start=\"%d\" end=\"%d\"/>\n", flags[i].name,
			   flags[i].bit, flags[i].bit);
	buf_puts(out, "</flags>\n");
}

static const char *reg_group(const struct gdb_reg_row *row)
{
	if (row->source == FROM_KERNEL)
		return " group=\"general\"";
	return row->type[0] == 'i' && strcmp(row->type, "int") == 0 && row->bits == 32
		       ? " group=\"float\""
		       : "";
}

void x86_target_xml(struct buf *out)
{
	buf_puts(out, "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
		      "<target>\n<architecture>i386:x86-64</architecture>\n<osabi>none</osabi>\n");
	for (size_t i = 0; i < NROWS; i++) {
		if (rows[i].feature) {
			buf_printf(out, "%s<feature name=\"%s\">\n", i ? "</feature>\n" : "",
				   rows[i].feature);
			if (i == 0)
				put_eflags_type(out);
		}
		buf_printf(out, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%zu\"%s/>\n",
			   rows[i].name, rows[i].bits, rows[i].type, i, reg_group(&rows[i]));
	}
	buf_puts(out, "</feature>\n</target>\n");
}

static void put_row(const struct gdb_reg_row *row, const struct regs *r,
		    const struct kernel_regs *k, struct buf *out)
{
	uint64_t v = 0;
	bool known = false;

	if (row->source == FROM_REGS) {
		known = regs_has(r, row->index);
		v = r->v[row->index];
	} else if (row->source == FROM_KERNEL) {
		known = k->known >> row->index & 1;
		v = k->v[row->index];
	}
	if (known)
		buf_hex(out, &v, row->bits / 8);
	else
		for (unsigned i = 0; i < row->bits / 4; i++)
			buf_putc(out, 'x');
}

void x86_gdb_regs(const struct regs *r, const struct kernel_regs *k, struct buf *out)
{
	for (size_t i = 0; i < NROWS; i++)
		put_row(&rows[i], r, k, out);
}

bool x86_gdb_reg(const struct regs *r, const struct kernel_regs *k, uint64_t regno, struct buf *out)
{
	if (regno >= NROWS)
		return false;
	put_row(&rows[regno], r, k, out);
	return true;
}
