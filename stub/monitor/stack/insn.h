// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* insn.h - one machine instruction as text, by libopcodes: the disassembler inside gdb, so the text
 * is gdb's to the letter. */
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

/* Appends the instruction in code (len bytes at va; 15 suffice) without its address. name appends
 * an address as people want to see branch targets ("0xffffffff81000000 <func+4>"). Returns its
 * length; 1 for bytes that are none. 0: built without a disassembler. */
size_t insn_put(const uint8_t *code, size_t len, kva_t va,
		void (*name)(void *ctx, kva_t target, struct buf *out), void *ctx, struct buf *out);
