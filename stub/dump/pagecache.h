// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* pagecache.h - a least-recently-used cache of decoded blocks, in fixed memory. */
#include <stdint.h>
#include <stddef.h>

#include "stub/base/err.h"

struct pagecache;

/* slots blocks of block bytes; memory is touched only as it fills. */
vs_status pagecache_create(size_t slots, size_t block, struct pagecache **ret, struct err *err);
void pagecache_destroy(struct pagecache *c); /* NULL is fine */

/* The block stored under key, or NULL. Valid until the next pagecache_slot(). */
const uint8_t *pagecache_find(struct pagecache *c, uint64_t key);
/* A slot for a new block; evicts the oldest one. Fill it and call pagecache_keep(); otherwise the
 * next call returns the same slot. */
uint8_t *pagecache_slot(struct pagecache *c);
void pagecache_keep(struct pagecache *c, uint64_t key);
