// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* safecopy.h - memcpy from a mapped file that may be cut, or become unreadable, at any time. */
#include <stdbool.h>
#include <stddef.h>

/* Install the SIGBUS handler unless it is installed. Call this for each mapping: other code may
 * have replaced the handler. A SIGBUS from elsewhere is left to the previous action. */
void safecopy_prepare(void);
/* Copy n bytes. False if a page of src cannot be read; dst is then partly written. */
bool safecopy(void *dst, const void *src, size_t n);
