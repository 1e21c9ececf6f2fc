// SPDX-License-Identifier: GPL-3.0-or-later
/* release.c - compares a release with the oldest that vmstub was made for. This is only about what
 * the user is told: readers look at the dump's types and symbols, whatever its release. */
#include "stub/kernel/release.h"

#include <stdio.h>

#include "stub/base/log.h"

/* That of RHEL 7. */
#define OLDEST_MAJOR 3
#define OLDEST_MINOR 10

void release_warn(const char *release)
{
	unsigned major, minor;

	if (sscanf(release, "%u.%u", &major, &minor) == 2 &&
	    (major < OLDEST_MAJOR || (major == OLDEST_MAJOR && minor < OLDEST_MINOR)))
		log_warn("Linux %s is older than %u.%u, the oldest that vmstub was made for: "
			 "names, registers, memory and vmlinux's types work, and what verbs do not "
			 "know of it they refuse or show as ?",
			 release, OLDEST_MAJOR, OLDEST_MINOR);
}
