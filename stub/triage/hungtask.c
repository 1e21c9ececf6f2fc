// SPDX-License-Identifier: GPL-3.0-or-later
/* hungtask.c - reads the line in which the kernel reports a hung task. */
#include "stub/triage/hungtask.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START	"INFO: task "
#define BLOCKED " blocked"
#define BEFORE	" for more than "

bool hung_task_parse(const char *line, struct hung_task *ret)
{
	const char *name = strstr(line, START), *seconds = NULL, *tail = NULL, *digits;
	unsigned long pid;

	if (!name)
		return false;
	name += strlen(START);
	// A name may have anything in it, so what follows it is looked for from the end.
	for (const char *p = name; (p = strstr(p, BLOCKED)); p++)
		tail = p;
	if (tail)
		seconds = strstr(tail, BEFORE);
	if (!seconds)
		return false;
	digits = tail;
	while (digits > name && isdigit((unsigned char)digits[-1]))
		digits--;
	if (digits == tail || digits == name || digits[-1] != ':')
		return false;
	pid = strtoul(digits, NULL, 10);
	if (pid == 0 || pid > INT_MAX)
		return false;
	*ret = (struct hung_task){ .pid = (int)pid,
				   .seconds = strtoul(seconds + strlen(BEFORE), NULL, 10) };
	snprintf(ret->comm, sizeof(ret->comm), "%.*s", (int)(digits - 1 - name), name);
	return true;
}
