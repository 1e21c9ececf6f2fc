// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* args.h - parses packet arguments. Each function removes what it parses from the front of args. It
 * returns false, with args unspecified, if it finds something else. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/bytes.h"

/* Thread ids -1 and 0 of the protocol. */
#define TID_ALL UINT64_MAX
#define TID_ANY 0

/* Hex digits: at least one, and no more than fit in 64 bits. */
bool args_hex(struct bytes *args, uint64_t *ret);
/* Exactly this text. */
bool args_skip(struct bytes *args, const char *text);
/* "number,number" to the end of args. */
bool args_two_hex(struct bytes *args, uint64_t *a, uint64_t *b);
/* A thread id: hex, 0 or -1. */
bool args_tid(struct bytes *args, uint64_t *ret);
/* Pairs of hex digits up to the first other byte, decoded and appended to out. False if the number
 * of digits is odd. */
bool args_hex_bytes(struct bytes *args, struct buf *out);
/* Bytes up to, not including, sep (or to the end), appended to out. False if they contain a NUL. */
bool args_word(struct bytes *args, char sep, struct buf *out);
