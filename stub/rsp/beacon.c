// SPDX-License-Identifier: GPL-3.0-or-later
/* beacon.c - the thread that writes a byte while a request is being answered. */
#include "stub/rsp/beacon.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define EVERY_MS 500

struct beacon {
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows, and of fd's other writer */
	pthread_cond_t wake, started;
	int fd;
	uint64_t times; /* that it was switched on */
	bool on;
	bool asleep; /* the thread waits until it is switched on */
	bool over;
};

/* One byte, unless gdb reads so slowly that it could not wait for it anyway. */
static void beacon_write(const struct beacon *b)
{
	struct pollfd p = { .fd = b->fd, .events = POLLOUT };

	if (poll(&p, 1, 0) == 1 && p.revents == POLLOUT && write(b->fd, " ", 1) < 0)
		return; // whoever writes the reply reports it
}

/* When the thread looks again whether the same request is being answered. */
static struct timespec next_look(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += EVERY_MS * 1000000L;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

static void *beacon_run(void *arg)
{
	struct beacon *b = arg;

	pthread_mutex_lock(&b->lock);
	pthread_cond_signal(&b->started);
	while (!b->over) {
		struct timespec then = next_look();
		uint64_t times = b->times;

		b->asleep = !b->on;
		if (b->asleep)
			pthread_cond_wait(&b->wake, &b->lock);
		else
			pthread_cond_timedwait(&b->wake, &b->lock, &then);
		if (!b->asleep && !b->over && b->on && b->times == times)
			beacon_write(b);
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

/* Waits end by a clock that nobody sets. */
static bool locks_init(struct beacon *b)
{
	pthread_condattr_t attr;
	bool good;

	// on Linux none of these can fail, so nothing is undone
	if (pthread_condattr_init(&attr))
		return false;
	good = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
	       pthread_cond_init(&b->wake, &attr) == 0 &&
	       pthread_cond_init(&b->started, NULL) == 0 && pthread_mutex_init(&b->lock, NULL) == 0;
	pthread_condattr_destroy(&attr);
	return good;
}

/* Signals stay with the thread that reads from gdb, whose read they end. */
static bool thread_start(struct beacon *b)
{
	sigset_t all, before;
	bool good;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	good = pthread_create(&b->thread, NULL, beacon_run, b) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	// a thread that starts in the sandbox ends the program: glibc cannot do without rseq()
	pthread_mutex_lock(&b->lock);
	while (good && !b->asleep)
		pthread_cond_wait(&b->started, &b->lock);
	pthread_mutex_unlock(&b->lock);
	return good;
}

struct beacon *beacon_start(void)
{
	struct beacon *b = calloc(1, sizeof(*b));

	if (b && locks_init(b) && thread_start(b))
		return b;
	free(b);
	return NULL;
}

void beacon_end(struct beacon *b)
{
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->over = true;
	pthread_cond_signal(&b->wake);
	pthread_mutex_unlock(&b->lock);
	pthread_join(b->thread, NULL);
	pthread_cond_destroy(&b->started);
	pthread_cond_destroy(&b->wake);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

void beacon_on(struct beacon *b, int fd)
{
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->fd = fd;
	b->times++;
	b->on = true;
	if (b->asleep)
		pthread_cond_signal(&b->wake);
	pthread_mutex_unlock(&b->lock);
}

void beacon_off(struct beacon *b)
{
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->on = false;
	pthread_mutex_unlock(&b->lock);
}

void beacon_hold(struct beacon *b)
{
	if (b)
		pthread_mutex_lock(&b->lock);
}

void beacon_release(struct beacon *b)
{
	if (b)
		pthread_mutex_unlock(&b->lock);
}
