// SPDX-License-Identifier: GPL-3.0-or-later
/* rtlocks.c - implements rtlocks.h: kernel/locking/rtmutex.c, rwbase_rt.c and spinlock_rt.c. */
#include "stub/triage/rtlocks.h"

#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/unwind/addrname.h"

#define MAX_STACK 4096 /* bytes that are searched for the address of a lock */

enum { TASK_PI_BLOCKED };
static const struct record_field blocked_fields[] = {
	[TASK_PI_BLOCKED] = { { "pi_blocked_on" }, RECORD_POINTER },
};
RECORD(pi_blocked_record, "task_struct", blocked_fields);

enum { RT_WAITER_LOCK };
static const struct record_field rt_waiter_fields[] = {
	[RT_WAITER_LOCK] = { { "lock" }, RECORD_POINTER },
};
RECORD(rt_waiter_lock_record, "rt_mutex_waiter", rt_waiter_fields);

enum { RT_OWNER };
static const struct record_field rt_mutex_fields[] = {
	[RT_OWNER] = { { "owner" }, RECORD_UINT, "since 5.15" },
};
RECORD(rt_owner_record, "rt_mutex_base", rt_mutex_fields);
static const struct record_field old_rt_mutex_fields[] = {
	[RT_OWNER] = { { "owner" }, RECORD_UINT, "until 5.14" },
};
RECORD(old_rt_owner_record, "rt_mutex", old_rt_mutex_fields);

/* --- locks with an rt_mutex inside, on PREEMPT_RT since 5.15 */

enum { INNER_RT_MUTEX };
static const struct record_field mutex_fields[] = {
	[INNER_RT_MUTEX] = { { "rtmutex" }, RECORD_ADDRESS, "PREEMPT_RT since 5.15" },
};
RECORD(rt_in_mutex_record, "mutex", mutex_fields);
static const struct record_field spinlock_fields[] = {
	[INNER_RT_MUTEX] = { { "lock" }, RECORD_ADDRESS, "PREEMPT_RT since 5.15" },
};
RECORD(rt_in_spinlock_record, "spinlock", spinlock_fields);

/* Both rw_semaphore and rwlock_t begin with it. */
enum { RWBASE_RT_MUTEX, RWBASE_READERS };
static const struct record_field rwbase_fields[] = {
	[RWBASE_RT_MUTEX] = { { "rtmutex" }, RECORD_ADDRESS, "PREEMPT_RT since 5.15" },
	[RWBASE_READERS] = { { "readers.counter" }, RECORD_INT, "PREEMPT_RT since 5.15" },
};
RECORD(rwbase_record, "rwbase_rt", rwbase_fields);

/* include/linux/rwbase_rt.h: the writer that holds the lock sets the count to this; before, it
 * takes away READER_BIAS, which is negative, and waits until the count of readers is 0. */
#define WRITER_BIAS (1 << 30)

/* Functions that take a lock, by the start of their names. */
static const struct taker {
	const char *function;
	enum lock_kind kind;
	bool reads, writes;
} takers[] = {
	{ "mutex_lock", LOCK_MUTEX, false, false },
	{ "__mutex_lock", LOCK_MUTEX, false, false },
	{ "ww_mutex_lock", LOCK_MUTEX, false, false },
	{ "__ww_", LOCK_MUTEX, false, false },
	{ "rt_mutex_lock", LOCK_RT_MUTEX, false, false },
	{ "rt_spin_lock", LOCK_SPINLOCK, false, false },
	{ "rt_read_lock", LOCK_RWLOCK, true, false },
	{ "rt_write_lock", LOCK_RWLOCK, false, true },
	{ "down_read", LOCK_RWSEM, true, false },
	{ "__down_read", LOCK_RWSEM, true, false },
	{ "__rwbase_read_lock", LOCK_RWSEM, true, false },
	{ "down_write", LOCK_RWSEM, false, true },
	{ "__down_write", LOCK_RWSEM, false, true },
	{ "rwbase_write_lock", LOCK_RWSEM, false, true },
};

static const struct taker *taker_of(struct kernel *k, const struct frame *f)
{
	kva_t pc = f->regs.v[k->arch->pc];
	struct addr_name name;

	if (!addr_lookup(k, f->interrupted ? pc : pc - 1, &name) || name.mod)
		return NULL;
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (strncmp(name.sym->name, takers[i].function, strlen(takers[i].function)) == 0)
			return &takers[i];
	return NULL;
}

/* The function that took the lock: the innermost one of the table, or its caller if that is in the
 * table, too, as rwlocks and rw_semaphores share some functions. frame: its index. */
static const struct taker *find_taker(struct kernel *k, const struct frame *frames, size_t n,
				      size_t *frame)
{
	const struct taker *t = NULL, *outer;
	size_t i = 0;

	while (i < n && !(t = taker_of(k, &frames[i])))
		i++;
	if (!t)
		return NULL;
	while (i + 1 < n && (outer = taker_of(k, &frames[i + 1])))
		t = outer, i++;
	*frame = i;
	return t;
}

/* Where the rt_mutex is in a lock. */
static bool place_in_lock(struct kernel *k, enum lock_kind kind, struct member *ret)
{
	switch (kind) {
	case LOCK_MUTEX:
		return record_member(k, &rt_in_mutex_record, INNER_RT_MUTEX, ret, NULL) == VS_OK;
	case LOCK_SPINLOCK:
		return record_member(k, &rt_in_spinlock_record, INNER_RT_MUTEX, ret, NULL) == VS_OK;
	case LOCK_RWSEM:
	case LOCK_RWLOCK:
		return record_member(k, &rwbase_record, RWBASE_RT_MUTEX, ret, NULL) == VS_OK;
	default:
		return false;
	}
}

void rtlocks_name(struct kernel *k, const struct frame *frames, size_t n, struct wait *wait)
{
	size_t frame;
	const struct taker *t = find_taker(k, frames, n, &frame);
	struct member inner;

	if (!t || !place_in_lock(k, t->kind, &inner))
		return;
	wait->kind = t->kind;
	wait->lock = wait->rt_mutex - inner.off;
	wait->reads = t->reads;
	wait->writes = t->writes;
	wait->on_stack = true;
}

bool rtlocks_blocked(struct kernel *k, const struct task *t, struct wait *wait)
{
	uint64_t waiter;

	if (record_field_read(k, &pi_blocked_record, t->va, TASK_PI_BLOCKED, &waiter, NULL) ||
	    !waiter ||
	    record_field_read(k, &rt_waiter_lock_record, waiter, RT_WAITER_LOCK, &wait->lock, NULL))
		return false;
	wait->kind = LOCK_RT_MUTEX;
	wait->rt_mutex = wait->lock;
	wait->waiter = waiter;
	wait->basis = WAIT_BY_TASK;
	return true;
}

/* --- owners */

static const struct record_def *rt_mutex_def(struct kernel *k)
{
	struct member m;

	return record_member(k, &rt_owner_record, RT_OWNER, &m, NULL) == VS_OK
		       ? &rt_owner_record
		       : &old_rt_owner_record;
}

/* Are there readers in this rwbase_rt, for whom a writer waits or would have to? */
static bool has_readers(struct kernel *k, kva_t rwbase)
{
	uint64_t v;

	return record_field_read(k, &rwbase_record, rwbase, RWBASE_READERS, &v, NULL) == VS_OK &&
	       (int32_t)v > 0 && (int32_t)v < WRITER_BIAS;
}

vs_status rtlocks_owner(struct kernel *k, struct wait *wait, uint64_t *owner, struct err *err)
{
	*owner = 0;
	wait->readers = (wait->kind == LOCK_RWSEM || wait->kind == LOCK_RWLOCK) &&
			has_readers(k, wait->lock);
	if (wait->readers)
		return VS_OK;
	return record_field_read(k, rt_mutex_def(k), wait->rt_mutex, RT_OWNER, owner, err);
}

/* --- a writer that waits for readers */

/* Does this task wait in the rwbase_rt at va until readers leave it? */
static bool is_waiting_writer(struct kernel *k, kva_t va, uint64_t inner, kva_t task)
{
	uint64_t owner;

	return k->arch->is_kernel_va(va) && has_readers(k, va) &&
	       record_field_read(k, rt_mutex_def(k), va + inner, RT_OWNER, &owner, NULL) == VS_OK &&
	       (owner & ~(uint64_t)1) == task;
}

bool rtlocks_waits_for_readers(struct kernel *k, const struct task *t, const struct frame *frames,
			       size_t n, struct wait *wait)
{
	size_t frame;
	const struct taker *taker = find_taker(k, frames, n, &frame);
	struct member inner;
	kva_t at, end, lock = 0;

	if (!taker || !taker->writes || frame + 1 >= n || !place_in_lock(k, taker->kind, &inner))
		return false;
	at = frames[0].regs.v[k->arch->sp];
	end = frames[frame + 1].regs.v[k->arch->sp];
	if (end - at > MAX_STACK)
		return false;
	// The functions keep the address of the lock, or of the rt_mutex in it.
	for (; at + sizeof(kva_t) <= end; at += sizeof(kva_t)) {
		uint64_t word;

		if (mem_read_u64(k->mem, at, &word, NULL))
			continue;
		if (!is_waiting_writer(k, word, inner.off, t->va))
			word -= inner.off;
		if (word == lock || !is_waiting_writer(k, word, inner.off, t->va))
			continue;
		if (lock)
			return false; // which one?
		lock = word;
	}
	if (!lock)
		return false;
	wait->kind = taker->kind;
	wait->lock = lock;
	wait->rt_mutex = lock + inner.off;
	wait->writes = true;
	wait->basis = WAIT_BY_OWNER;
	return true;
}
