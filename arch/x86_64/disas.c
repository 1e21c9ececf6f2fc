// SPDX-License-Identifier: GPL-3.0-or-later
/* disas.c - one machine instruction as text, by libopcodes, which gdb uses, too: the text is the
 * same. */
#include "arch/x86_64/x86_64.h"

#ifdef HAVE_OPCODES
#define PACKAGE "vmstub" // bfd.h insists on an autoconf-like definition
#include <dis-asm.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

struct disas_ctx {
	const uint8_t *code;
	size_t len;
	kva_t va;
	void (*name)(void *ctx, kva_t target, struct buf *out);
	void *name_ctx;
	struct buf *out;
};

static int put_va(struct disas_ctx *c, const char *fmt, va_list ap)
{
	size_t before = c->out->len;

	buf_vprintf(c->out, fmt, ap);
	return (int)(c->out->len - before);
}

static int put_text(void *stream, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = put_va(stream, fmt, ap);
	va_end(ap);
	return n;
}

#ifdef OPCODES_STYLED // binutils 2.39 and later
static int put_styled(void *stream, enum disassembler_style style, const char *fmt, ...)
{
	va_list ap;
	int n;

	(void)style;
	va_start(ap, fmt);
	n = put_va(stream, fmt, ap);
	va_end(ap);
	return n;
}
#endif

static int read_code(bfd_vma at, bfd_byte *dst, unsigned len, struct disassemble_info *info)
{
	const struct disas_ctx *c = info->application_data;
	uint64_t off = at - c->va;

	if (off > c->len || len > c->len - off)
		return EIO;
	memcpy(dst, c->code + off, len);
	return 0;
}

/* read_code() fails at the end of readable memory; the returned length shows that. */
static void ignore_error(int status, bfd_vma at, struct disassemble_info *info)
{
	(void)status, (void)at, (void)info;
}

static void put_address(bfd_vma at, struct disassemble_info *info)
{
	const struct disas_ctx *c = info->application_data;

	c->name(c->name_ctx, at, c->out);
}

size_t x86_disassemble(const uint8_t *code, size_t len, kva_t va,
		       void (*name)(void *ctx, kva_t target, struct buf *out), void *ctx,
		       struct buf *out)
{
	struct disas_ctx c = { code, len, va, name, ctx, out };
	struct disassemble_info info;
	disassembler_ftype print;
	size_t start = out->len;
	int n;

#ifdef OPCODES_STYLED
	init_disassemble_info(&info, &c, put_text, put_styled);
#else
	init_disassemble_info(&info, &c, put_text);
#endif
	info.application_data = &c;
	info.arch = bfd_arch_i386;
	info.mach = bfd_mach_x86_64;
	info.endian = BFD_ENDIAN_LITTLE;
	info.read_memory_func = read_code;
	info.memory_error_func = ignore_error;
	info.print_address_func = put_address;
	disassemble_init_for_target(&info);
	print = disassembler(bfd_arch_i386, false, bfd_mach_x86_64, NULL);
	n = print ? print(va, &info) : 0;
	disassemble_free_target(&info);
	if (n > 0) {
		while (out->len > start && out->p[out->len - 1] == ' ')
			out->p[--out->len] = '\0';
		return (size_t)n;
	}
	out->len = start;
	buf_puts(out, "(bad)");
	return 1;
}

#else

size_t x86_disassemble(const uint8_t *code, size_t len, kva_t va,
		       void (*name)(void *ctx, kva_t target, struct buf *out), void *ctx,
		       struct buf *out)
{
	(void)code, (void)len, (void)va, (void)name, (void)ctx, (void)out;
	return 0;
}

#endif
