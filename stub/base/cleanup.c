// SPDX-License-Identifier: GPL-3.0-or-later
/* cleanup.c - the cleanup handler of AUTO_FREE. */
#include "stub/base/cleanup.h"

#include <stdlib.h>

void cleanup_free(void *pp)
{
	free(*(void **)pp);
}
