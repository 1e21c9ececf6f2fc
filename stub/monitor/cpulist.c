// SPDX-License-Identifier: GPL-3.0-or-later
/* cpulist.c - parses lists of CPUs in options. */
#include "stub/monitor/cpulist.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool cpulist_has(const char *list, unsigned cpu, bool *bad)
{
	bool found = false;

	if (strcmp(list, "a") == 0 || strcmp(list, "all") == 0)
		return true;
	*bad |= !*list;
	while (*list && !*bad) {
		unsigned long first, last;
		char *end;

		*bad = !isdigit((unsigned char)*list);
		first = last = strtoul(list, &end, 10);
		if (*end == '-' && isdigit((unsigned char)end[1]))
			last = strtoul(end + 1, &end, 10);
		if (*end && *end != ',')
			*bad = true;
		found |= cpu >= first && cpu <= last;
		list = *end ? end + 1 : end;
	}
	return found;
}
