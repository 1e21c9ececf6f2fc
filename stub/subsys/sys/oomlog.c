// SPDX-License-Identifier: GPL-3.0-or-later
/* oomlog.c - what the log says about the last time that memory ran out. The texts are those of
 * dump_header() and __oom_kill_process() in mm/oom_kill.c, and mem_cgroup_print_oom_meminfo(). */
#include "stub/subsys/sys/oomlog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/subsys/sys/printk.h"

/* Copies up to one of the characters in `end`. */
static void copy_until(const char *from, const char *end, char *dst, size_t cap)
{
	size_t len = strcspn(from, end);

	snprintf(dst, cap, "%.*s", (int)(len < cap ? len : cap - 1), from);
}

/* The number after a word: "limit 40960kB". */
static bool number_after(const char *s, const char *word, uint64_t *ret)
{
	const char *at = strstr(s, word);
	char *end;

	if (!at)
		return false;
	at += strlen(word);
	*ret = strtoull(at, &end, 10);
	return end != at;
}

/* "dd invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0". */
static void begin(struct oom_log *l, const char *s, const char *mark)
{
	const char *order = strstr(mark, "order="), *gfp = strstr(mark, "gfp_mask=");
	const char *open = gfp ? strchr(gfp, '(') : NULL;

	*l = (struct oom_log){ .found = true };
	snprintf(l->comm, sizeof(l->comm), "%.*s",
		 (int)(mark - s < (long)sizeof(l->comm) ? mark - s : (long)sizeof(l->comm) - 1), s);
	// Before 4.4 the mask had no names.
	if (open && open < gfp + strcspn(gfp, ","))
		copy_until(open + 1, ")", l->gfp, sizeof(l->gfp));
	if (order) {
		l->order = (int)strtol(order + strlen("order="), NULL, 10);
		l->has_order = true;
	}
}

/* "Out of memory: Killed process 123 (dd) total-vm:312kB, anon-rss:4kB, file-rss:0kB,
 * shmem-rss:0kB,
 * ..."; before 5.3 "Killed process ..." on a line of its own. */
static void take_killed(struct oom_log *l, const char *s)
{
	const char *at = strstr(s, "Killed process "), *name;

	if (!at)
		return;
	at += strlen("Killed process ");
	name = strchr(at, '(');
	l->killed = true;
	l->killed_pid = (int)strtol(at, NULL, 10);
	copy_until(name ? name + 1 : "?", ")", l->killed_comm, sizeof(l->killed_comm));
	l->has_killed_sizes = number_after(s, "anon-rss:", &l->killed_anon_kb) &&
			      number_after(s, "file-rss:", &l->killed_file_kb);
	(void)number_after(s, "shmem-rss:", &l->killed_shmem_kb);
}

bool oom_log_add_line(struct oom_log *l, const char *s)
{
	const char *mark = strstr(s, " invoked oom-killer: ");
	uint64_t pid;

	if (mark) {
		begin(l, s, mark);
		return true;
	}
	if (!l->found)
		return false;
	// "CPU: 3 PID: 149 Comm: sh ..." of the stack below
	if (!l->has_pid && strncmp(s, "CPU: ", 5) == 0 && number_after(s, " PID: ", &pid)) {
		l->has_pid = true;
		l->pid = (int)pid;
	}
	if (strncmp(s, "memory: usage ", 14) == 0)
		l->has_limit = number_after(s, "usage ", &l->usage_kb) &&
			       number_after(s, "limit ", &l->limit_kb);
	if (strncmp(s, "Memory cgroup stats for ", 24) == 0)
		copy_until(s + 24, ":", l->cgroup, sizeof(l->cgroup));
	if (strncmp(s, "Kernel panic - not syncing: ", 28) == 0)
		l->panicked = strstr(s, "ut of memory") != NULL;
	take_killed(l, s);
	return false;
}

static void take_line(void *ctx, const struct log_record *r, const char *text, size_t len)
{
	struct oom_log *l = ctx;
	char line[512];

	if (!oom_log_add_line(l, printk_line_text(text, len, line, sizeof(line))))
		return;
	l->has_time = r->has_time;
	l->ts_nsec = r->ts_nsec;
}

vs_status oom_log_find(struct kernel *k, struct oom_log *l, struct err *err)
{
	*l = (struct oom_log){ 0 };
	return printk_each_line(k, take_line, l, err);
}
