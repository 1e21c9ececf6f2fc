// SPDX-License-Identifier: GPL-3.0-or-later
/* panicline.c - the line of the kernel log that says why the kernel crashed. The texts are those of
 * arch/x86/mm/fault.c, arch/x86/kernel/dumpstack.c, traps.c and lib/bug.c. */
#include "stub/subsys/sys/panicline.h"

#include <stdio.h>
#include <string.h>

static const char *const marks[] = {
	"BUG: ",
	"kernel BUG at ",
	"general protection fault",
	"divide error",
	"stack segment:",
	"invalid opcode:",
	"traps: PANIC",
	"sysrq: Trigger a crash",
	"SysRq : Trigger a crash",
	"NMI watchdog: Watchdog detected hard LOCKUP",
	"watchdog: Watchdog detected hard LOCKUP",
	"Unable to handle kernel",
	"Oops: ",
};

/* "Oops: 0000 [#1]" and, after "kernel BUG at", "invalid opcode: 0000 [#1]" follow the line with
 * the cause. Without one they begin a report. */
static const char *const details[] = { "Oops: ", "invalid opcode:" };

/* Lines further down in a report. Another one may follow them. */
static const char *const body[] = { "CPU: ", "RIP: ", "Call Trace:" };

#define BEGINS_WITH_ANY(s, list) begins_with_any(s, list, sizeof(list) / sizeof((list)[0]))

static bool begins_with_any(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(s, list[i], strlen(list[i])) == 0)
			return true;
	return false;
}

void panic_lines_add(struct panic_lines *p, const char *line)
{
	if (strncmp(line, "Kernel panic - not syncing", 26) == 0) {
		// "Fatal exception" only says that an earlier oops led to a panic.
		if (!p->oops[0] || !strstr(line, "Fatal exception"))
			snprintf(p->panic, sizeof(p->panic), "%s", line);
	} else if (BEGINS_WITH_ANY(line, body)) {
		p->told_where = true;
	} else if (BEGINS_WITH_ANY(line, marks)) {
		if (p->oops[0] && !p->told_where && BEGINS_WITH_ANY(line, details))
			return;
		snprintf(p->oops, sizeof(p->oops), "%s", line);
		p->told_where = false;
	}
}
