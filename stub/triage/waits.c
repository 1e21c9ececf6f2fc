// SPDX-License-Identifier: GPL-3.0-or-later
/* waits.c - which lock each sleeping task waits for.
 * A task that waits has a waiter's struct on its stack, in the frame of the function that sleeps,
 * and in the lock's list. A word in that frame is taken for such a struct only if it names the task
 * and its list leads back to it. The kernel's newer members task_struct.blocker (6.16) and
 * pi_blocked_on name the lock directly. */
#include "stub/triage/waits.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/triage/keyed.h"
#include "stub/triage/rtlocks.h"
#include "stub/triage/waits_order.h"
#include "stub/unwind/addrname.h"
#include "stub/unwind/stack.h"
#include "stub/unwind/stack_start.h"

#define MAX_FRAME  2048 /* bytes of a frame that are searched */
#define MAX_FRAMES 16	/* from the innermost one: schedule() and the functions that sleep */

/* --- members of tasks, waiters and locks */

enum { TASK_BLOCKER };
static const struct record_field blocked_fields[] = {
	[TASK_BLOCKER] = { { "blocker" },
			   RECORD_UINT,
			   "since 6.16, CONFIG_DETECT_HUNG_TASK_BLOCKER" },
};
RECORD(blocked_record, "task_struct", blocked_fields);

/* include/linux/hung_task.h */
#define BLOCKER_KIND	    3
#define BLOCKER_MUTEX	    0
#define BLOCKER_SEM	    1
#define BLOCKER_RWSEM_READ  2
#define BLOCKER_RWSEM_WRITE 3

enum { LOCK_OWNER };
/* Since 3ca0ff571b09 (4.10) flags are in the low bits of the mutex's owner; since 94a9717b3c40
 * (5.2) an rwsem names its last reader, too. */
static const struct record_field owner_fields[] = {
	[LOCK_OWNER] = { { "owner.counter", "owner" }, RECORD_UINT, "without PREEMPT_RT" },
};
RECORD(mutex_owner_record, "mutex", owner_fields);
RECORD(rwsem_owner_record, "rw_semaphore", owner_fields);

#define OWNER_FLAGS	   7
#define RWSEM_READER_OWNED 1

enum { RWSEM_WAITER_TYPE };
static const struct record_field rwsem_type_fields[] = {
	[RWSEM_WAITER_TYPE] = { { "type" }, RECORD_UINT, "without PREEMPT_RT" },
};
RECORD(rwsem_type_record, "rwsem_waiter", rwsem_type_fields);

enum { WAIT_FLAGS };
static const struct record_field wait_flags_fields[] = {
	[WAIT_FLAGS] = { { "flags" }, RECORD_UINT, "since 4.13" },
};
RECORD(wait_flags_record, "wait_queue_entry", wait_flags_fields);

/* percpu_rwsem_wait() sets only WQ_FLAG_EXCLUSIVE for a writer, and for a reader also
 * WQ_FLAG_CUSTOM, whose bit differs between releases. */
#define WRITER_FLAGS 1

/* The functions whose frame has the waiter's struct, by the start of their names: the rest differs
 * between releases and compilers (__mutex_lock_slowpath, __mutex_lock.constprop.0). */
static const struct {
	const char *function;
	enum lock_kind kind;
	enum waitable_kind list;
} sleepers[] = {
	{ "__mutex_lock", LOCK_MUTEX, WAITABLE_MUTEX },
	{ "__ww_mutex_lock", LOCK_MUTEX, WAITABLE_MUTEX },
	{ "rwsem_down_", LOCK_RWSEM, WAITABLE_RWSEM },
	{ "__down_read", LOCK_RWSEM, WAITABLE_RWSEM },
	{ "__down_write", LOCK_RWSEM, WAITABLE_RWSEM },
	{ "__down", LOCK_SEMAPHORE, WAITABLE_SEMAPHORE },
	{ "__wait_for_common", LOCK_COMPLETION, WAITABLE_SWAIT },
	{ "do_wait_for_common", LOCK_COMPLETION, WAITABLE_SWAIT },
	{ "wait_for_common", LOCK_COMPLETION, WAITABLE_SWAIT },
	{ "wait_for_completion", LOCK_COMPLETION, WAITABLE_SWAIT },
	{ "percpu_rwsem_wait", LOCK_PERCPU_RWSEM, WAITABLE_QUEUE },
	{ "__percpu_down_read", LOCK_PERCPU_RWSEM, WAITABLE_QUEUE },
	{ "percpu_down_write", LOCK_PERCPU_RWSEM, WAITABLE_QUEUE },
	{ "ep_poll", LOCK_EPOLL, WAITABLE_QUEUE },
	{ "do_epoll_wait", LOCK_EPOLL, WAITABLE_QUEUE },
	{ "__do_sys_epoll_wait", LOCK_EPOLL, WAITABLE_QUEUE },
};

const char *lock_kind_str(enum lock_kind kind)
{
	static const char *const names[] = {
		[LOCK_NONE] = "nothing",
		[LOCK_MUTEX] = "mutex",
		[LOCK_RWSEM] = "rw_semaphore",
		[LOCK_SEMAPHORE] = "semaphore",
		[LOCK_COMPLETION] = "completion",
		[LOCK_RT_MUTEX] = "rt_mutex",
		[LOCK_SPINLOCK] = "spinlock",
		[LOCK_RWLOCK] = "rwlock",
		[LOCK_BIT] = "bit of",
		[LOCK_PERCPU_RWSEM] = "percpu_rw_semaphore",
		[LOCK_PAGE] = "page",
		[LOCK_FUTEX] = "futex",
		[LOCK_EPOLL] = "epoll",
		[LOCK_POLL] = "select or poll",
	};

	return names[kind];
}

bool lock_kind_has_owner(enum lock_kind kind)
{
	return kind == LOCK_MUTEX || kind == LOCK_RWSEM || kind == LOCK_RT_MUTEX ||
	       kind == LOCK_SPINLOCK || kind == LOCK_RWLOCK;
}

/* --- tasks */

static int by_va(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

static size_t task_index(const struct waits *w, kva_t va)
{
	struct task key = { .va = va };
	const struct task *t =
		w->ntasks ? bsearch(&key, w->tasks, w->ntasks, sizeof(key), by_va) : NULL;

	return t ? (size_t)(t - w->tasks) : SIZE_MAX;
}

static vs_status load_tasks(struct kernel *k, struct waits *w, struct err *err)
{
	AUTO_FREE kva_t *va = NULL;
	size_t n;
	vs_status st = tasks_list(k, &va, &n, err);

	w->tasks = calloc(n ? n : 1, sizeof(*w->tasks));
	if (!w->tasks)
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		if (task_load(k, va[i], &w->tasks[w->ntasks], NULL) == VS_OK)
			w->ntasks++;
		else
			w->unknown++;
	qsort(w->tasks, w->ntasks, sizeof(*w->tasks), by_va);
	return st;
}

/* --- a waiter's struct on a stack */

struct search {
	struct kernel *k;
	struct waits *w;
	const struct task *t;
	enum waitable_kind list;
	struct member task_at; /* in the waiter's struct */
	struct member link_at;
	bool idle;    /* futexes and files are looked for, too */
	bool unknown; /* the stack cannot be read, or followed to its end */
};

/* Is this the struct of a task that waits, on that task's own stack? The head of a list is not. */
static bool is_waiter(void *ctx, kva_t waiter)
{
	const struct search *s = ctx;
	uint64_t va;
	size_t i;

	if (mem_read_u64(s->k->mem, waiter + s->task_at.off, &va, NULL))
		return false;
	i = task_index(s->w, va);
	return i != SIZE_MAX && s->w->tasks[i].stack &&
	       waiter - s->w->tasks[i].stack < task_stack_size(s->k);
}

/* Does the list lead to a neighbour that points back? */
static bool is_linked(const struct search *s, kva_t waiter)
{
	kva_t link = waiter + s->link_at.off;
	uint64_t next, back;

	return mem_read_u64(s->k->mem, link, &next, NULL) == VS_OK &&
	       s->k->arch->is_kernel_va(next) &&
	       mem_read_u64(s->k->mem, next + sizeof(kva_t), &back, NULL) == VS_OK && back == link;
}

static kva_t find_waiter(struct search *s, kva_t low, kva_t high)
{
	for (kva_t at = low; at + s->task_at.off + sizeof(kva_t) <= high; at += sizeof(kva_t)) {
		uint64_t word;

		if (mem_read_u64(s->k->mem, at + s->task_at.off, &word, NULL) == VS_OK &&
		    word == s->t->va && is_linked(s, at))
			return at;
	}
	return 0;
}

static void set_lock(struct search *s, struct wait *wait)
{
	struct member queue;
	kva_t object;

	if (waitable_of(s->k, s->list, wait->waiter, is_waiter, s, &object, NULL))
		return;
	if (waits_queue_in_lock(s->k, wait->kind, &queue))
		wait->lock = object - queue.off;
}

static void set_access(struct wait *wait, bool writes)
{
	wait->writes = writes;
	wait->reads = !writes;
}

/* enum rwsem_waiter_type: RWSEM_WAITING_FOR_WRITE is 0 in all releases */
static void set_direction(struct kernel *k, struct wait *wait)
{
	uint64_t type;

	if (wait->kind == LOCK_RWSEM && wait->waiter &&
	    record_field_read(k, &rwsem_type_record, wait->waiter, RWSEM_WAITER_TYPE, &type,
			      NULL) == VS_OK)
		set_access(wait, (uint32_t)type == 0);
	if (wait->kind == LOCK_PERCPU_RWSEM &&
	    record_field_read(k, &wait_flags_record, wait->waiter, WAIT_FLAGS, &type, NULL) ==
		    VS_OK)
		set_access(wait, type == WRITER_FLAGS);
}

/* Searches a frame for a waiter with these rows, and sets how it was found. */
static bool take_waiter(struct search *s, const struct record_def *waiter, kva_t low, kva_t high,
			struct wait *wait)
{
	if (record_member(s->k, waiter, WAITER_TASK, &s->task_at, NULL) ||
	    record_member(s->k, waiter, WAITER_LINK, &s->link_at, NULL))
		return false;
	wait->waiter = find_waiter(s, low, high);
	wait->basis = WAIT_BY_STACK;
	wait->on_stack = true;
	return wait->waiter;
}

/* Waiters that name themselves what they wait for. */
static bool look_for_keyed(struct search *s, const char *function, kva_t low, kva_t high,
			   struct wait *wait)
{
	const struct record_def *waiter;
	enum lock_kind kind;

	for (size_t i = 0; (waiter = keyed_of_function(function, s->idle, i, &kind)); i++) {
		if (!take_waiter(s, waiter, low, high, wait))
			continue;
		wait->kind = kind;
		wait->mm = kind == LOCK_FUTEX ? s->t->mm : 0;
		keyed_read(s->k, wait);
		return true;
	}
	return false;
}

/* Searches one frame, [low, high), of this function. */
static bool look_in_frame(struct search *s, const char *function, kva_t low, kva_t high,
			  struct wait *wait)
{
	if (high - low > MAX_FRAME)
		return false;
	for (size_t i = 0; i < sizeof(sleepers) / sizeof(sleepers[0]); i++) {
		if (strncmp(function, sleepers[i].function, strlen(sleepers[i].function)) != 0 ||
		    (sleepers[i].kind == LOCK_EPOLL && !s->idle) ||
		    !take_waiter(s, waitables[sleepers[i].list].waiter, low, high, wait))
			continue;
		s->list = sleepers[i].list;
		wait->kind = sleepers[i].kind;
		set_lock(s, wait);
		set_direction(s->k, wait);
		return true;
	}
	return look_for_keyed(s, function, low, high, wait);
}

/* The frames of the task from the innermost one; returns how many. */
static size_t unwind(struct search *s, struct frame *frames)
{
	size_t n = 0;

	s->unknown = !s->t->stack ||
		     (stack_of_task(s->k, s->t, frames, MAX_FRAMES, &n, NULL) && n < MAX_FRAMES);
	return n;
}

static bool by_stack(struct search *s, const struct frame *frames, size_t n, struct wait *wait)
{
	struct kernel *k = s->k;

	for (size_t i = 0; i + 1 < n; i++) {
		kva_t pc = frames[i].regs.v[k->arch->pc];
		struct addr_name name;

		if (addr_lookup(k, frames[i].interrupted ? pc : pc - 1, &name) &&
		    look_in_frame(s, name.sym->name, frames[i].regs.v[k->arch->sp],
				  frames[i + 1].regs.v[k->arch->sp], wait))
			return true;
	}
	return rtlocks_waits_for_readers(k, s->t, frames, n, wait);
}

/* --- members of the task that name the lock */

static bool by_task(struct kernel *k, const struct task *t, struct wait *wait)
{
	uint64_t blocker;

	if (rtlocks_blocked(k, t, wait))
		return true;
	if (record_field_read(k, &blocked_record, t->va, TASK_BLOCKER, &blocker, NULL) || !blocker)
		return false;
	wait->kind = (blocker & BLOCKER_KIND) == BLOCKER_MUTEX ? LOCK_MUTEX
		     : (blocker & BLOCKER_KIND) == BLOCKER_SEM ? LOCK_SEMAPHORE
							       : LOCK_RWSEM;
	if (wait->kind == LOCK_RWSEM)
		set_access(wait, (blocker & BLOCKER_KIND) == BLOCKER_RWSEM_WRITE);
	wait->lock = blocker & ~(uint64_t)BLOCKER_KIND;
	wait->basis = WAIT_BY_TASK;
	return true;
}

/* --- owners */

static void set_owner(struct kernel *k, const struct waits *w, struct wait *wait)
{
	uint64_t owner;

	wait->owner = SIZE_MAX;
	if (!wait->lock)
		return;
	if (wait->rt_mutex) {
		if (rtlocks_owner(k, wait, &owner, NULL) || wait->readers)
			return;
	} else if (wait->kind == LOCK_MUTEX || wait->kind == LOCK_RWSEM) {
		if (record_field_read(
			    k, wait->kind == LOCK_MUTEX ? &mutex_owner_record : &rwsem_owner_record,
			    wait->lock, LOCK_OWNER, &owner, NULL))
			return;
		wait->readers = wait->kind == LOCK_RWSEM && owner & RWSEM_READER_OWNED;
	} else {
		return; // anybody may end the wait
	}
	wait->owner = task_index(w, owner & ~(uint64_t)OWNER_FLAGS);
	wait->owner_known = wait->owner != SIZE_MAX || !(owner & ~(uint64_t)OWNER_FLAGS);
}

/* --- all of them */

static vs_status find(struct kernel *k, bool idle, struct waits *ret, struct err *err)
{
	AUTO_FREE struct frame *frames = calloc(MAX_FRAMES + 1, sizeof(*frames));
	struct waits w = { 0 };
	vs_status st = load_tasks(k, &w, err);

	w.v = calloc(w.ntasks ? w.ntasks : 1, sizeof(*w.v));
	w.of_task = calloc(w.ntasks ? w.ntasks : 1, sizeof(*w.of_task));
	if (!frames || !w.tasks || !w.v || !w.of_task) {
		waits_free(&w);
		return fail(err, VS_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < w.ntasks; i++) {
		struct search s = { .k = k, .w = &w, .t = &w.tasks[i], .idle = idle };
		struct wait wait = { .task = i, .place = SIZE_MAX }, stack = wait;
		bool named, seen;
		size_t n;

		if (s.t->on_cpu)
			continue;
		n = unwind(&s, frames);
		named = s.t->stack && by_task(k, s.t, &wait);
		seen = by_stack(&s, frames, n, &stack);
		if (!named && !seen) {
			w.unknown += s.unknown && !s.t->exit_state;
			continue;
		}
		if (!named)
			wait = stack;
		else if (wait.rt_mutex)
			rtlocks_name(k, frames, n, &wait);
		else if (seen && stack.kind == wait.kind)
			wait.waiter = stack.waiter, wait.on_stack = true;
		set_owner(k, &w, &wait);
		w.v[w.n++] = wait;
	}
	waits_order(k, &w);
	*ret = w;
	return st;
}

vs_status waits_find(struct kernel *k, struct waits *ret, struct err *err)
{
	return find(k, false, ret, err);
}

vs_status waits_find_all(struct kernel *k, struct waits *ret, struct err *err)
{
	return find(k, true, ret, err);
}

void waits_free(struct waits *w)
{
	free(w->tasks);
	free(w->v);
	free(w->of_task);
	*w = (struct waits){ 0 };
}
