// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* cleanup.h - scope cleanup: AUTO(buf) b = {0}; runs buf_deinit(&b) on every way out. */

#define AUTO(type) __attribute__((cleanup(type##_deinit))) struct type
/* For pointers from malloc and friends. */
#define AUTO_FREE __attribute__((cleanup(cleanup_free)))

void cleanup_free(void *pp);
