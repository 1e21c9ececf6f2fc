// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* waits.h - which lock each sleeping task waits for, and who holds it. */
#include "stub/task/tasks.h"
#include "stub/triage/waitable.h"

struct kernel;

enum lock_kind {
	LOCK_NONE,
	LOCK_MUTEX,
	LOCK_RWSEM,
	LOCK_SEMAPHORE,
	LOCK_COMPLETION,
	LOCK_RT_MUTEX,
	LOCK_SPINLOCK, /* of PREEMPT_RT, where tasks sleep for it, as for the next one */
	LOCK_RWLOCK,
	LOCK_PERCPU_RWSEM,
	LOCK_BIT,   /* of a word */
	LOCK_PAGE,  /* a bit of a page or folio */
	LOCK_FUTEX, /* of user space */
	LOCK_EPOLL, /* a struct eventpoll: its files */
	LOCK_POLL,  /* files of select() or poll(): a struct poll_wqueues on the task's stack */
};

/* How it was found. */
enum wait_basis {
	WAIT_BY_STACK, /* a waiter's struct in the frame of the locking function, on the lock's list
			*/
	WAIT_BY_TASK,  /* a member of the task names the lock or the waiter's struct */
	WAIT_BY_OWNER, /* the address of a lock that the task owns, in the frames of the function in
			  which a writer waits for readers */
};

struct wait {
	size_t task; /* index into struct waits */
	enum lock_kind kind;
	enum wait_basis basis;
	kva_t lock;	/* 0: unknown; then waiter tells which tasks wait for the same one */
	kva_t rt_mutex; /* what is in the lock, of LOCK_RT_MUTEX and on PREEMPT_RT; 0: none */
	kva_t waiter;	/* its struct; 0: unknown, or none */
	bool on_stack;	/* it was found in the frame of the locking function, on a proper list; or,
			   with an rt_mutex, that function was found on the stack */
	size_t place;	/* in the lock's list; SIZE_MAX: unknown */
	bool reads;	/* LOCK_RWSEM, LOCK_PERCPU_RWSEM, LOCK_RWLOCK: it waits to read */
	bool writes;	/* it waits to write; neither of both: unknown */
	int bit;	/* LOCK_BIT, LOCK_PAGE: which one */
	kva_t mm;	/* LOCK_FUTEX: whose user address lock is */
	size_t owner;	/* index of the task that holds the lock; SIZE_MAX: nobody, or unknown */
	bool owner_known;
	bool readers; /* LOCK_RWSEM, LOCK_RWLOCK: readers hold it. owner is then the last one that
			 took it, which may have released it; unknown on PREEMPT_RT */
};

struct waits {
	struct task *tasks; /* all, by address */
	size_t ntasks;
	struct wait *v; /* by lock, then in the order of the lock's list */
	size_t n;
	size_t unknown;	 /* sleeping tasks whose stack cannot be read, or followed to its end */
	size_t *of_task; /* index into v of a task's wait; SIZE_MAX: it waits for no lock */
};

/* Looks at the stacks of all sleeping tasks. The caller frees with waits_free(). If the list of
 * tasks is broken, err says so, and *ret has those that were found. */
vs_status waits_find(struct kernel *k, struct waits *ret, struct err *err);
/* The same with futexes and files, for which idle threads of any program sleep. */
vs_status waits_find_all(struct kernel *k, struct waits *ret, struct err *err);
/* Does the kernel know who holds locks of this kind? */
bool lock_kind_has_owner(enum lock_kind kind);
/* "PG_locked" or "PG_writeback"; "" for other bits of a page. */
const char *waits_page_bit(struct kernel *k, int bit);
/* The waits for the same thing as wait i follow it: returns the index after the last one. */
size_t waits_end(const struct waits *w, size_t i);
void waits_free(struct waits *w);

/* "mutex", "rw_semaphore", ... */
const char *lock_kind_str(enum lock_kind kind);
/* Calls fn for each wait of each cycle of tasks that wait for one another, in the order in which
 * each waits for the next; number counts from 0, and len is the length of the cycle. Owners that
 * are only hints do not count. */
typedef void (*waits_fn)(void *ctx, const struct wait *wait, size_t number, size_t len);
vs_status waits_cycles(const struct waits *w, waits_fn fn, void *ctx, struct err *err);
