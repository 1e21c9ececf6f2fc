// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* cpulist.h - lists of CPUs in options: "1,3,5", "1-3", "1,3,5-7", "a" or "all". */
#include <stdbool.h>

/* Is cpu in the list? Sets *bad if the text is not a list of CPUs. */
bool cpulist_has(const char *list, unsigned cpu, bool *bad);
