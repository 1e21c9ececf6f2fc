// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* flat.h - the flattened container of "makedumpfile -F" and QEMU kdump-*, read as the file inside.
 * Format: a 4096-byte header, then records {offset be64, size be64, data} in any order; the later
 * record wins; gaps are zeros; offset = size = -1 ends the file. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

#define FLAT_MAGIC_LEN 16

struct flat;

/* magic: the first FLAT_MAGIC_LEN bytes of a file. */
bool flat_magic_ok(const uint8_t *magic);
/* Index the records of fd (borrowed, size bytes; path for messages). A missing end marker or a
 * broken record ends the index with a warning: see flat_is_cut(). limit: entries of the index,
 * FLATMAP_ENTRIES except in tests. Fails if the records need more. */
vs_status flat_create(int fd, uint64_t size, const char *path, size_t limit, struct flat **ret,
		      struct err *err);
void flat_destroy(struct flat *fl); /* NULL is fine */

/* Use this mapping of the whole container for reads where possible, through safecopy(). Borrowed.
 */
void flat_use_map(struct flat *fl, const uint8_t *map);

uint64_t flat_size(const struct flat *fl); /* of the file inside */
bool flat_is_cut(const struct flat *fl);
/* Returns the bytes read (fewer than len only if the container shrank), or -1 with errno.
 * [off, off + len) must lie below flat_size(). */
int64_t flat_read(struct flat *fl, uint64_t off, void *dst, size_t len);
/* First offset >= off inside a record, flat_size() when there is none. */
uint64_t flat_next_data(struct flat *fl, uint64_t off);
