// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* ram_map.h - which bytes of a raw file are which memory. */
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

#define RAM_PIECES_MAX 64

/* len bytes at offset of the file are the memory at start. */
struct ram_piece {
	pa_t start;
	uint64_t len, offset;
};

struct ram_map {
	size_t n;
	struct ram_piece v[RAM_PIECES_MAX];
};

/* Parses START:LEN[@OFFSET],... with numbers in C's notation, which may end in K, M, G or T. A
 * piece without an offset follows the one before it. VS_INVAL: err says what is wrong with text. */
vs_status ram_map_parse(const char *text, struct ram_map *ret, struct err *err);
/* Prints it in that form. */
void ram_map_print(const struct ram_map *map, struct buf *out);
