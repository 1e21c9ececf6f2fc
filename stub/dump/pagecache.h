// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* pagecache.h - the last decoded blocks, least recently used dropped first. Fixed memory. */
#include <stdint.h>
#include <stddef.h>

#include "stub/base/err.h"

struct pagecache;

/* slots blocks of block bytes; memory is touched only as it fills. */
vs_status pagecache_create(size_t slots, size_t block, struct pagecache **ret, struct err *err);
void pagecache_destroy(struct pagecache *c); /* NULL is fine */

/* The block stored under key, NULL when it is not there. Valid until the next pagecache_slot(). */
const uint8_t *pagecache_find(struct pagecache *c, uint64_t key);
/* Room for a new block; the oldest one is dropped. Fill it, then keep it with pagecache_keep(), or
 * do nothing: the slot is handed out again next time. */
uint8_t *pagecache_slot(struct pagecache *c);
void pagecache_keep(struct pagecache *c, uint64_t key);
