// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* insn.h - one machine instruction as text, by libopcodes, which gdb uses, too: the text is the
 * same. */
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

/* Appends the instruction in code (len bytes at va; 15 suffice) without its address. name()
 * formats branch targets ("0xffffffff81000000 <func+4>"). Returns the instruction's length; 1 for
 * invalid bytes; 0 if built without a disassembler. */
size_t insn_put(const uint8_t *code, size_t len, kva_t va,
		void (*name)(void *ctx, kva_t target, struct buf *out), void *ctx, struct buf *out);
