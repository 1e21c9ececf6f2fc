// SPDX-License-Identifier: GPL-3.0-or-later
/* stall.c - implements stall.h. The texts are those of kernel/rcu/tree_stall.h. */
#include "stub/triage/stall.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/triage/wchan.h"
#include "stub/unwind/addrname.h"
#include "stub/unwind/stack.h"

/* --- the log */

/* "rcu:  2-....: (711 ticks this GP) ..." */
static bool stalled_cpu(const char *line, unsigned *cpu)
{
	char *end;

	if (strncmp(line, "rcu:", 4) == 0)
		line += 4;
	line += strspn(line, " ");
	*cpu = (unsigned)strtoul(line, &end, 10);
	return end != line && *end == '-' && strcspn(end, ":") <= 6 &&
	       strncmp(end + strcspn(end, ":"), ": (", 3) == 0;
}

/* "rcu:  Tasks blocked on level-0 rcu_node (CPUs 0-3): P490 P491"; returns how many it adds. */
static size_t stalled_tasks(const char *line, struct stalled *v, size_t max)
{
	const char *p = strstr(line, "): ");
	const char *end = strchr(line, '\n');
	size_t n = 0;

	if (!p || !end)
		return 0;
	while (n < max) {
		p = strstr(p, " P");
		if (!p || p >= end || !isdigit((unsigned char)p[2]))
			break;
		p += 2;
		v[n++] = (struct stalled){ .is_task = true, .pid = (int)strtoul(p, NULL, 10) };
	}
	return n;
}

size_t stall_parse(const char *lines, struct stalled v[STALLED_MAX])
{
	size_t n = 0;

	while (*lines && n < STALLED_MAX) {
		size_t len = strcspn(lines, "\n");
		struct stalled s = { .is_task = false };

		if (stalled_cpu(lines, &s.cpu))
			v[n++] = s;
		else if (memmem(lines, len, "Tasks blocked on ", strlen("Tasks blocked on ")))
			n += stalled_tasks(lines, v + n, STALLED_MAX - n);
		lines += len + (lines[len] == '\n');
	}
	return n;
}

/* --- stacks */

static const char *function_at(struct kernel *k, const struct frame *f)
{
	kva_t pc = f->regs.v[k->arch->pc];
	struct addr_name n;

	return addr_lookup(k, f->interrupted ? pc : pc - 1, &n) ? n.sym->name : "";
}

/* The frame that the panicking CPU stopped with an interrupt or NMI, or that a watchdog did before
 * that, if the CPU would have panicked, too; 0 if there is none. */
static size_t stopped_at(struct kernel *k, const struct frame *v, size_t n)
{
	bool stops = false;

	for (size_t i = 0; i < n; i++) {
		const char *name = function_at(k, &v[i]);
		bool waits = strcmp(name, "panic_smp_self_stop") == 0;

		if (stops && v[i].interrupted && !waits)
			return i;
		stops |= waits || strcmp(name, "stop_this_cpu") == 0 ||
			 strcmp(name, "crash_nmi_callback") == 0;
	}
	return 0;
}

/* Where a task was that no CPU ran: what preempted it, or where it sleeps; n: it is unknown. */
static size_t left_at(struct kernel *k, const struct task *t, const struct frame *v, size_t n)
{
	kva_t pc;
	size_t i = 0;

	while (i < n && !v[i].interrupted)
		i++;
	if (i < n || task_wchan(k, t, &pc, NULL))
		return i;
	for (i = 0; i < n && v[i].regs.v[k->arch->pc] != pc;)
		i++;
	return i;
}

size_t stall_place(struct kernel *k, const struct task *t, const struct frame *v, size_t n)
{
	return t->on_cpu ? stopped_at(k, v, n) : left_at(k, t, v, n);
}
