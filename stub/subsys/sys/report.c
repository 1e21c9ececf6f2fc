// SPDX-License-Identifier: GPL-3.0-or-later
/* report.c - the kernel's last report of a fault or panic, from its log.
 * The texts are those of arch/x86/mm/fault.c, arch/x86/kernel/dumpstack.c, traps.c and
 * lib/bug.c. */
#include "stub/subsys/sys/report.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/subsys/sys/printk.h"

#define PANIC "Kernel panic - not syncing"

/* Lines with which a report of a fault begins. */
static const char *const marks[] = {
	"BUG: ",
	"kernel BUG at ",
	"Oops: ",
	"general protection fault",
	"divide error",
	"stack segment",
	"invalid opcode",
	"int3: ",
	"kernel stack overflow",
	"PANIC: double fault",
	"traps: PANIC",
	"Unable to handle kernel",
	"sysrq: Trigger a crash",
	"SysRq : Trigger a crash",
	"watchdog: BUG: ",
	"watchdog: Watchdog detected",
	"NMI watchdog: Watchdog detected",
	"NMI watchdog: BUG: ",
};

/* In a report, lines that only add to the first one, above those of body[]. Elsewhere they begin a
 * report: that of a bug which did not stop the kernel may be the one before. */
static const char *const details[] = {
	"Oops: ",
	"invalid opcode",
	"kernel stack overflow",
};

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

static bool hex_after(const char *s, const char *word, uint64_t *ret)
{
	const char *at = strstr(s, word);
	char *end;

	if (!at)
		return false;
	at += strlen(word);
	*ret = strtoull(at, &end, 16);
	// until 4.19, %p printed NULL like this
	return end != at || strncmp(at + strspn(at, " "), "(null)", 6) == 0;
}

/* "RIP: 0010:func+0x52/0x70 [mod]"; until 4.10 "RIP: 0010:[<ffffffff81000000>]  [<...>] func+...".
 * Only the first one of a report is the fault's. */
static void take_rip(struct report *r, const char *s)
{
	const char *at = strchr(s + strlen("RIP: "), ':');

	if (r->rip[0] || !at || strncmp(s + strlen("RIP: "), "0010", 4) != 0)
		return;
	for (at++; *at == ' ' || *at == '['; at++)
		if (at[0] == '[' && at[1] == '<') {
			const char *close = strchr(at, ']');

			if (!close)
				return;
			at = close;
		}
	snprintf(r->rip, sizeof(r->rip), "%s", at);
}

/* "#PF: error_code(0x0002) - not-present page"; before 5.0 only "Oops: 0002 [#1] SMP". */
static void take_error_code(struct report *r, const char *s)
{
	const char *oops = strstr(s, "Oops: ");

	if (strncmp(s, "#PF: error_code(0x", 18) == 0)
		r->has_error_code = hex_after(s, "(0x", &r->error_code);
	else if (oops && strspn(oops + 6, "0123456789abcdef") == 4 && oops[10] == ' ')
		r->has_error_code = hex_after(oops, "Oops: ", &r->error_code);
}

/* "CPU: 1 PID: 42 Comm: worm ...", above "RIP: "; since 6.12 "CPU: 1 UID: 0 PID: 42 Comm: ...". */
static void take_pid(struct report *r, const char *s)
{
	const char *at = strncmp(s, "CPU: ", 5) == 0 ? strstr(s, " PID: ") : NULL;
	char *end;
	long pid;

	if (!at)
		return;
	at += strlen(" PID: ");
	pid = strtol(at, &end, 10);
	if (end == at || pid < 0 || pid > INT_MAX)
		return;
	r->has_pid = true;
	r->pid = (int)pid;
	r->cpu = strtoul(s + strlen("CPU: "), NULL, 10);
}

void report_add_line(struct report *r, const char *s)
{
	if (strncmp(s, PANIC, strlen(PANIC)) == 0) {
		snprintf(r->panic, sizeof(r->panic), "%s", s);
	} else if (BEGINS_WITH_ANY(s, marks) &&
		   !(r->fault[0] && !r->told_where && BEGINS_WITH_ANY(s, details))) {
		char panic[sizeof(r->panic)];

		memcpy(panic, r->panic, sizeof(panic));
		*r = (struct report){ 0 };
		memcpy(r->panic, panic, sizeof(panic));
		snprintf(r->fault, sizeof(r->fault), "%s", s);
	} else if (strncmp(s, "RIP: ", 5) == 0) {
		take_rip(r, s);
	}
	if (!r->has_address && !r->rip[0])
		r->has_address = hex_after(s, "address: ", &r->address) ||
				 hex_after(s, "kernel paging request at ", &r->address) ||
				 hex_after(s, "NULL pointer dereference at ", &r->address) ||
				 hex_after(s, "non-canonical address ", &r->address);
	if (!r->has_error_code && r->fault[0])
		take_error_code(r, s);
	if (r->fault[0] && !r->rip[0] && !r->has_pid)
		take_pid(r, s);
	r->told_where |= BEGINS_WITH_ANY(s, body);
}

static void take_line(void *ctx, const struct log_record *r, const char *text, size_t len)
{
	char line[256];

	(void)r;
	report_add_line(ctx, printk_line_text(text, len, line, sizeof(line)));
}

vs_status report_find(struct kernel *k, struct report *ret, struct err *err)
{
	vs_status st;

	*ret = (struct report){ 0 };
	st = printk_each_line(k, take_line, ret, err);
	if (ret->fault[0] || ret->panic[0])
		return VS_OK;
	return st ? st : fail(err, VS_NOTFOUND, "the log has no report of a fault or panic");
}

const char *report_headline(const struct report *r)
{
	// "Fatal exception" only says that an earlier oops led to a panic.
	return r->panic[0] && !(r->fault[0] && strstr(r->panic, "Fatal exception")) ? r->panic
										    : r->fault;
}
