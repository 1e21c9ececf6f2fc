// SPDX-License-Identifier: GPL-3.0-or-later
/* tasks.c - one process or thread of the crashed kernel. */
#include "stub/task/tasks.h"

#include <inttypes.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"

#define PF_KTHREAD 0x00200000 /* since 7b34e4283c68 (2.6.27) at this bit */

/* The members in struct task. */
#define TASK_BASICS (RECORD_BIT(TASK_ON_CPU + 1) - 1)

#define PF_IDLE 0x00000002 /* since c1de45ca831a (4.10) */

/* Is PID 0 genuine? Idle tasks have it, but so does a lost page that reads as zeros. */
static bool is_idle(struct kernel *k, const struct task *t)
{
	uint64_t idle;
	kva_t rq;

	if (task_knows(t, TASK_CPU) && percpu_symbol(k, "runqueues", t->cpu, &rq, NULL) == VS_OK &&
	    record_field_read(k, &rq_idle_record, rq, RQ_IDLE, &idle, NULL) == VS_OK)
		return idle == t->va;
	return t->flags & (PF_KTHREAD | PF_IDLE);
}

/* Before c65eacbe290b (4.9) the struct thread_info was at the low end of the stack. */
enum { THREAD_TASK, THREAD_CPU };
static const struct record_field thread_fields[] = {
	[THREAD_TASK] = { { "task" }, RECORD_POINTER, "before 4.9" },
	[THREAD_CPU] = { { "cpu" }, RECORD_UINT, "before 4.9, and since 5.16" },
};
RECORD(thread_info_record, "thread_info", thread_fields);

bool task_info_on_stack(struct kernel *k)
{
	return record_name(k, &thread_info_record, THREAD_CPU) &&
	       !record_name(k, &task_record, TASK_THREAD_INFO);
}

/* A stack that overflowed has overwritten it: then it does not point back to its task. */
static bool cpu_on_stack(struct kernel *k, kva_t task, kva_t stack, uint64_t *ret)
{
	struct member m;
	struct record r;
	uint64_t owner;

	if (!stack || record_member(k, &task_record, TASK_CPU, &m, NULL) == VS_OK ||
	    record_member(k, &task_record, TASK_THREAD_INFO, &m, NULL) == VS_OK)
		return false;
	record_read(k, &thread_info_record, stack, RECORD_ALL, &r);
	if (record_get(&r, THREAD_TASK, &owner) && owner != task)
		return false;
	return record_get(&r, THREAD_CPU, ret);
}

/* The CPU whose current task it is. */
static bool cpu_running(struct kernel *k, kva_t task, uint64_t *ret)
{
	unsigned n = percpu_ncpus(k);
	kva_t current;

	for (unsigned cpu = 0; cpu < n; cpu++) {
		if (task_current(k, cpu, &current, NULL) == VS_OK && current == task) {
			*ret = cpu;
			return true;
		}
	}
	return false;
}

/* A number that no CPU has comes from damaged memory. */
static bool cpu_of_task(struct kernel *k, const struct record *r, kva_t stack, uint64_t *ret)
{
	if ((record_get(r, TASK_CPU, ret) || cpu_on_stack(k, r->va, stack, ret)) &&
	    percpu_may_exist(k, *ret))
		return true;
	return cpu_running(k, r->va, ret);
}

static kva_t known_or_0(const struct record *r, enum task_field f)
{
	uint64_t v = 0;

	(void)record_get(r, f, &v);
	return v;
}

vs_status task_load(struct kernel *k, kva_t va, struct task *ret, struct err *err)
{
	struct task t = { .va = va, .cpu = TASK_NO_CPU };
	struct record r;
	uint64_t v;
	vs_status st;

	record_read(k, &task_record, va, TASK_BASICS, &r);
	st = record_need(&r, TASK_PID, &v, err);
	if (st)
		return fail_ctx(err, st, "task %#" PRIx64, va);
	t.pid = (int32_t)v;
	t.known = (r.known | RECORD_BIT(TASK_PID)) & ~RECORD_BIT(TASK_CPU);
	t.tgid = (int32_t)known_or_0(&r, TASK_TGID);
	if (!record_string(&r, TASK_COMM, t.comm, sizeof(t.comm)))
		t.known &= ~RECORD_BIT(TASK_COMM);
	t.stack = known_or_0(&r, TASK_STACK);
	t.mm = known_or_0(&r, TASK_MM);
	t.state = known_or_0(&r, TASK_STATE);
	t.exit_state = known_or_0(&r, TASK_EXIT_STATE);
	t.flags = known_or_0(&r, TASK_FLAGS);
	if (cpu_of_task(k, &r, t.stack, &v)) {
		t.cpu = (unsigned)v;
		t.known |= RECORD_BIT(TASK_CPU);
	}
	t.on_cpu = known_or_0(&r, TASK_ON_CPU) != 0;
	if (t.pid == 0 && !is_idle(k, &t))
		return fail(err, VS_CORRUPT,
			    "task %#" PRIx64 " has PID 0 but is not the idle task of a CPU", va);
	*ret = t;
	return VS_OK;
}

vs_status task_load_running(struct kernel *k, kva_t va, struct task *ret, struct err *err)
{
	struct task t = { .va = va, .on_cpu = true };
	vs_status st;
	kva_t current;

	err->msg[0] = '\0';
	st = task_load(k, va, ret, err);
	if (st == VS_OK)
		return VS_OK;
	while (t.cpu < percpu_ncpus(k) && (task_current(k, t.cpu, &current, NULL) || current != va))
		t.cpu++;
	if (t.cpu == percpu_ncpus(k))
		return st;
	t.known = RECORD_BIT(TASK_CPU);
	if (task_stack(k, va, &t.stack, NULL))
		t.stack = 0;
	*ret = t;
	return VS_OK;
}

bool task_is_kernel(const struct task *t)
{
	return t->pid == 0 || t->flags & PF_KTHREAD; // unknown flags are 0
}

/* TASK_* and EXIT_* bits (include/linux/sched.h). 4.14 renumbered some of them; for older kernels
 * only the bits that did not change have the right names. */
static const struct {
	uint32_t bit;
	const char *brief, *full;
} state_names[] = {
	{ 0x0001, "IN", "TASK_INTERRUPTIBLE" },
	{ 0x0002, "UN", "TASK_UNINTERRUPTIBLE" },
	{ 0x0004, "ST", "TASK_STOPPED" },
	{ 0x0008, "TR", "TASK_TRACED" },
	{ 0x0040, "PA", "TASK_PARKED" },
	{ 0x0080, "DE", "TASK_DEAD" },
	{ 0x0200, "WA", "TASK_WAKING" },
	{ 0x0800, "NE", "TASK_NEW" },
	// 5f220be21418 (5.16), for a spinlock of PREEMPT_RT; the kernel, too, shows it like the
	// second
	{ 0x1000, "UN", "TASK_RTLOCK_WAIT" },
};

/* The state of a dead task is meaningless, so both words must be known. */
static bool knows_state(const struct task *t)
{
	return task_knows(t, TASK_STATE) && task_knows(t, TASK_EXIT_STATE);
}

const char *task_state_str(const struct task *t)
{
	if (t->exit_state & 0x10)
		return "DE"; // EXIT_DEAD
	if (t->exit_state & 0x20)
		return "ZO"; // EXIT_ZOMBIE
	if (!knows_state(t))
		return "?";
	if ((t->state & 0x402) == 0x402)
		return "ID"; // TASK_NOLOAD | TASK_UNINTERRUPTIBLE
	for (size_t i = 0; i < sizeof(state_names) / sizeof(state_names[0]); i++)
		if (t->state & state_names[i].bit)
			return state_names[i].brief;
	return t->state == 0 ? "RU" : "??";
}

const char *task_state_long(const struct task *t)
{
	if (t->exit_state & 0x10)
		return "EXIT_DEAD";
	if (t->exit_state & 0x20)
		return "EXIT_ZOMBIE";
	if (!knows_state(t))
		return "(unknown)";
	if ((t->state & 0x402) == 0x402)
		return "TASK_IDLE";
	for (size_t i = 0; i < sizeof(state_names) / sizeof(state_names[0]); i++)
		if (t->state & state_names[i].bit)
			return state_names[i].full;
	return t->state == 0 ? "TASK_RUNNING" : "(unknown)";
}

vs_status task_current(struct kernel *k, unsigned cpu, kva_t *ret, struct err *err)
{
	vs_status st = k->arch->os->current_task(k, cpu, ret, err);

	return st ? fail_ctx(err, st, "task on CPU %u", cpu) : VS_OK;
}

vs_status task_page_root(struct kernel *k, kva_t task, pa_t *ret, struct err *err)
{
	struct walk w;
	uint64_t mm, pgd;
	vs_status st = record_field_read(k, &task_record, task, TASK_MM, &mm, err);

	if (st)
		return st;
	if (!mm)
		return fail(err, VS_NOTFOUND, "a kernel thread has no user memory");
	st = record_field_read(k, &mm_record, mm, MM_PGD, &pgd, err);
	if (st == VS_OK)
		st = kmem_walk(k->kmem, 0, pgd, &w, err);
	if (st)
		return fail_ctx(err, st, "page tables of task %#" PRIx64, task);
	*ret = w.pa;
	return VS_OK;
}
