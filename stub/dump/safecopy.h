// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* safecopy.h - memcpy out of a mapped file that may be cut, or fail to read, at any moment. */
#include <stdbool.h>
#include <stddef.h>

/* Take over SIGBUS, unless it is ours already. Called for each mapping: others may have taken it
 * since. A SIGBUS that is not from safecopy() goes on to the action found here. */
void safecopy_prepare(void);
/* Copy n bytes. False when the kernel could not give a page of src; dst is then partly written. */
bool safecopy(void *dst, const void *src, size_t n);
