// SPDX-License-Identifier: GPL-3.0-or-later
/* report.c - the kernel's last report of a fault or panic, from its log.
 * The texts are those of arch/x86/mm/fault.c, arch/x86/kernel/dumpstack.c, traps.c and
 * lib/bug.c. */
#include "stub/subsys/sys/report.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/text.h"
#include "stub/subsys/sys/printk.h"

#define PANIC "Kernel panic - not syncing"

/* Lines with which a report begins. The first row that fits counts. */
static const struct {
	const char *text;
	enum report_kind kind;
} marks[] = {
	{ "BUG: KASAN: ", REPORT_CHECKER },
	{ "BUG: KFENCE: ", REPORT_CHECKER },
	{ "BUG: KCSAN: ", REPORT_CHECKER },
	{ "BUG: KMSAN: ", REPORT_CHECKER },
	{ "UBSAN: ", REPORT_CHECKER },
	{ "BUG: soft lockup - ", REPORT_SOFT_LOCKUP }, // until 4.9
	{ "NMI watchdog: BUG: soft lockup - ", REPORT_SOFT_LOCKUP },
	{ "watchdog: BUG: soft lockup - ", REPORT_SOFT_LOCKUP },
	{ "NMI watchdog: Watchdog detected hard LOCKUP", REPORT_HARD_LOCKUP },
	{ "watchdog: Watchdog detected hard LOCKUP", REPORT_HARD_LOCKUP },
	{ "watchdog: CPU", REPORT_HARD_LOCKUP }, // since 6.4 it names the CPU that saw it
	{ "INFO: rcu_", REPORT_RCU_STALL },	 // until 4.19
	{ "rcu: INFO: rcu_", REPORT_RCU_STALL },
	{ "INFO: task ", REPORT_HUNG_TASK },
	{ "mce: [Hardware Error]: CPU ", REPORT_MCE },
	{ "Uhhuh. NMI received for unknown reason", REPORT_NMI },
	{ "NMI: PCI system error (SERR)", REPORT_NMI },
	{ "NMI: IOCK error", REPORT_NMI },
	{ "WARNING: ", REPORT_WARNING },
	{ "BUG: ", REPORT_FAULT },
	{ "kernel BUG at ", REPORT_FAULT },
	{ "Oops: ", REPORT_FAULT },
	{ "general protection fault", REPORT_FAULT },
	{ "divide error", REPORT_FAULT },
	{ "stack segment", REPORT_FAULT },
	{ "invalid opcode", REPORT_FAULT },
	{ "int3: ", REPORT_FAULT },
	{ "kernel stack overflow", REPORT_FAULT },
	{ "PANIC: double fault", REPORT_FAULT },
	{ "traps: PANIC", REPORT_FAULT },
	{ "Unable to handle kernel", REPORT_FAULT },
	{ "sysrq: Trigger a crash", REPORT_SYSRQ },
	{ "SysRq : Trigger a crash", REPORT_SYSRQ },
};

#define BIT(kind) (1u << (kind))

/* Matches a panic message to the kind of report that the kernel printed before it. */
static const struct {
	const char *text;
	unsigned kinds;
} reasons[] = {
	{ "panic_on_warn set", BIT(REPORT_WARNING) | BIT(REPORT_CHECKER) },
	{ "kasan.fault=", BIT(REPORT_CHECKER) },
	{ "softlockup: ", BIT(REPORT_SOFT_LOCKUP) },
	{ "ard LOCKUP", BIT(REPORT_HARD_LOCKUP) },
	{ "RCU Stall", BIT(REPORT_RCU_STALL) },
	{ "hung_task: ", BIT(REPORT_HUNG_TASK) },
	{ "ut of memory", BIT(REPORT_OOM) },
	{ "achine check", BIT(REPORT_MCE) },
	{ "NMI: Not continuing", BIT(REPORT_NMI) },
	{ "NMI IOCK error: Not continuing", BIT(REPORT_NMI) },
};
/* Without one of these. */
#define OTHERS                                                                                     \
	(BIT(REPORT_FAULT) | BIT(REPORT_SYSRQ) | BIT(REPORT_SOFT_LOCKUP) | BIT(REPORT_HARD_LOCKUP))
#define HAVE_MORE (BIT(REPORT_CHECKER) | BIT(REPORT_RCU_STALL) | BIT(REPORT_MCE))

/* In a report, lines that only add to the first one, above those of body[]. Elsewhere they begin a
 * report: that of a bug which did not stop the kernel may be the one before. */
static const char *const details[] = {
	"Oops: ",
	"invalid opcode",
	"kernel stack overflow",
};

/* Lines further down in a report. Another one may follow them. */
static const char *const body[] = {
	"CPU: ", "RIP: ", "Call Trace:", "NMI backtrace for cpu", "Sending NMI from CPU",
};

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

/* Is it about a CPU that does not count? */
static bool is_of_another_cpu(const struct report_log *l, const char *s)
{
	unsigned long cpu;

	if (!l->one_cpu)
		return false;
	if (strncmp(s, "CPU: ", 5) == 0)
		return strtoul(s + 5, NULL, 10) != l->cpu;
	return strstr(s, "soft lockup - ") && report_lockup_cpu(s, &cpu) && cpu != l->cpu;
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

/* "watchdog: BUG: soft lockup - CPU#3 stuck for 9s! [worm:252]", "NMI watchdog: Watchdog detected
 * hard LOCKUP on cpu 1". */
bool report_lockup_cpu(const char *line, unsigned long *ret)
{
	static const char *const texts[] = { "soft lockup - CPU#", "hard LOCKUP on cpu " };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *at = strstr(line, texts[i]);
		unsigned long cpu;
		char *end;

		if (!at)
			continue;
		at += strlen(texts[i]);
		cpu = strtoul(at, &end, 10);
		if (end != at)
			*ret = cpu;
		return end != at;
	}
	return false;
}

static enum report_kind kind_of(const char *s)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strncmp(s, marks[i].text, strlen(marks[i].text)) == 0 &&
		    (marks[i].kind != REPORT_HUNG_TASK || strstr(s, " for more than ")))
			return marks[i].kind;
	return strstr(s, " invoked oom-killer: ") ? REPORT_OOM : REPORT_NONE;
}

/* Does the line only add to the report that it is in? */
static bool adds(const struct report *r, enum report_kind kind, const char *s)
{
	if (!r->nr || r->told_where)
		return false;
	return BEGINS_WITH_ANY(s, details) || (r->kind == kind && kind == REPORT_MCE);
}

/* Messages of checks that end in BUG(): lib/list_debug.c, mm/usercopy.c, lib/string_helpers.c. */
static bool tells_cause(const char *s)
{
	static const char *const texts[] = {
		"list_add corruption", "list_del corruption",	   "list_add double add",
		"usercopy: ",	       "detected buffer overflow",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strstr(s, texts[i]))
			return true;
	return false;
}

static void begin(struct report_log *l, enum report_kind kind, const char *s)
{
	struct report *r = &l->last[kind];

	*r = (struct report){ .kind = kind, .nr = ++l->count };
	snprintf(r->fault, sizeof(r->fault), "%s", s);
	// A BUG()'s "cut here" is below the line that tells the cause, a WARN()'s above it.
	if ((kind == REPORT_FAULT && l->since_cut == 1 && tells_cause(l->before)) ||
	    (kind == REPORT_WARNING && l->since_cut == 2))
		snprintf(r->cause, sizeof(r->cause), "%s", l->before);
	l->open = kind;
}

/* Keeps the line of a report that is quoted. */
static void take_more(struct report *r, const char *s)
{
	size_t len = strlen(r->more);
	const char *text = s + strspn(s, " =");

	if (*text && len + strlen(s) + 2 < sizeof(r->more))
		snprintf(r->more + len, sizeof(r->more) - len, "%s\n", s);
}

/* KASAN prints behind the stack what it knows about the object: who allocated and freed it, and
 * where the address is in it. Then come lines about the page, and bytes of its own memory. */
static void take_object(struct report *r, const char *s)
{
	static const char *const begins[] = {
		"Allocated by task ",
		"Freed by task ",
		"The buggy address belongs to the object",
		"The buggy address belongs to the cache",
		"The buggy address belongs to the variable",
		"The buggy address is located ",
	};
	static const char *const ends[] = {
		"The buggy address belongs to the",
		"Memory state around",
		"Last potentially related",
		"Second to last potentially",
		"page dumped because",
		"=",
	};
	// Each stack begins with the checker's own functions.
	static const char *const own[] = { " kasan_", " __kasan_" };

	if (BEGINS_WITH_ANY(s, begins))
		r->tells_object = true;
	else if (BEGINS_WITH_ANY(s, ends))
		r->tells_object = false;
	if (r->tells_object && !BEGINS_WITH_ANY(s, own))
		take_more(r, s);
}

static void take(struct report *r, const char *s)
{
	if (strncmp(s, "RIP: ", 5) == 0)
		take_rip(r, s);
	if (!r->has_address && !r->rip[0])
		r->has_address = hex_after(s, "address: ", &r->address) ||
				 hex_after(s, "kernel paging request at ", &r->address) ||
				 hex_after(s, "NULL pointer dereference at ", &r->address) ||
				 hex_after(s, "non-canonical address ", &r->address);
	if (!r->has_error_code)
		take_error_code(r, s);
	if (!r->rip[0] && !r->has_pid)
		take_pid(r, s);
	r->told_where |= BEGINS_WITH_ANY(s, body);
}

static void remember(struct report_log *l, const char *s)
{
	if (strstr(s, "[ cut here ]")) {
		l->since_cut = 1;
		return;
	}
	l->since_cut += l->since_cut > 0;
	snprintf(l->before, sizeof(l->before), "%s", s);
}

void report_add_line(struct report_log *l, const char *s)
{
	enum report_kind kind = kind_of(s);
	struct report *r = &l->last[l->open];

	if (is_of_another_cpu(l, s))
		return;
	if (strncmp(s, PANIC, strlen(PANIC)) == 0) {
		snprintf(l->panic, sizeof(l->panic), "%s", s);
	} else if (kind != REPORT_NONE && !adds(r, kind, s)) {
		begin(l, kind, s);
		take(&l->last[kind], s);
	} else if (r->nr) {
		take(r, s);
		if (!r->told_where && BIT(l->open) & HAVE_MORE)
			take_more(r, s);
		else if (l->open == REPORT_CHECKER)
			take_object(r, s);
	}
	remember(l, s);
}

void report_choose(const struct report_log *l, struct report *ret)
{
	unsigned kinds = OTHERS;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strstr(l->panic, reasons[i].text))
			kinds = reasons[i].kinds;
	*ret = (struct report){ 0 };
	for (unsigned i = 0; i < REPORT_KINDS; i++)
		if (kinds & BIT(i) && l->last[i].nr > ret->nr)
			*ret = l->last[i];
	snprintf(ret->panic, sizeof(ret->panic), "%s", l->panic);
}

static void take_line(void *ctx, const struct log_record *r, const char *text, size_t len)
{
	struct report_log *l = ctx;
	uint64_t before = l->count;
	char line[256];

	report_add_line(l, printk_line_text(text, len, line, sizeof(line)));
	if (l->count == before)
		return;
	l->last[l->open].has_time = r->has_time;
	l->last[l->open].ts_nsec = r->ts_nsec;
}

vs_status report_find_lockup(struct kernel *k, unsigned long cpu, struct report *ret,
			     struct err *err)
{
	struct report_log *l = calloc(1, sizeof(*l));
	struct report r;
	vs_status st;

	if (!l)
		return fail(err, VS_NOMEM, "out of memory");
	l->one_cpu = true;
	l->cpu = cpu;
	st = printk_each_line(k, take_line, l, err);
	report_choose(l, &r);
	free(l);
	if (r.kind != REPORT_SOFT_LOCKUP)
		return st ? st : fail(err, VS_NOTFOUND, "the log has no such report");
	*ret = r;
	return VS_OK;
}

vs_status report_find(struct kernel *k, struct report *ret, struct err *err)
{
	struct report_log *l = calloc(1, sizeof(*l));
	vs_status st;

	if (!l)
		return fail(err, VS_NOMEM, "out of memory");
	st = printk_each_line(k, take_line, l, err);
	report_choose(l, ret);
	free(l);
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
