// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* radix.h - sorts many records by a 64-bit key without comparing them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sort n records of size bytes by the uint64_t at their start; stable. False without memory, or
 * for more than UINT32_MAX records: nothing was moved. */
bool radix_sort(void *records, size_t n, size_t size);
