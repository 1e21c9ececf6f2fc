// SPDX-License-Identifier: GPL-3.0-or-later
/* pool.c - forks a process for each job, with a pipe for its output. */
#include "stub/base/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/base/clock.h"

#define READ_BYTES 65536
#define EXIT_MS	   5000 /* from the end of its output to its exit */

struct worker {
	pid_t pid; /* 0: this place is free */
	int fd;	   /* -1: its output has ended */
	size_t job;
	int64_t start; /* clock_ms() */
	struct buf text;
	bool late, too_long;
};

struct run {
	const struct pool *p;
	struct worker *workers;
	struct pollfd *polled;
	unsigned active;
	bool stopped;
};

/* In the new process. It never returns: its memory is a copy of a program that goes on elsewhere.
 */
static void be_worker(const struct run *r, size_t job, int fd)
{
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned i = 0; i < r->p->workers; i++)
		if (r->workers[i].pid && r->workers[i].fd >= 0)
			close(r->workers[i].fd);
	_exit(r->p->run(r->p->ctx, job, fd));
}

static vs_status start(struct run *r, struct worker *w, size_t job, struct err *err)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return fail(err, VS_IO, "pipe: %s", strerror(errno));
	fflush(NULL); // or both processes print what is buffered
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		be_worker(r, job, fds[1]);
	}
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return fail(err, VS_IO, "fork: %s", strerror(errno));
	}
	*w = (struct worker){ .pid = pid, .fd = fds[0], .job = job, .start = clock_ms() };
	r->active++;
	return VS_OK;
}

/* Reports a worker that has ended with this status. */
static void finish(struct run *r, struct worker *w, int status)
{
	struct pool_result result = { .job = w->job };

	if (w->fd >= 0)
		close(w->fd);
	result.end = w->late		   ? POOL_LATE
		     : w->too_long	   ? POOL_LONG
		     : WIFSIGNALED(status) ? POOL_KILLED
					   : POOL_EXITED;
	result.detail = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
	result.text = buf_str(&w->text);
	result.len = w->text.len;
	if (!r->stopped && !r->p->done(r->p->ctx, &result))
		r->stopped = true;
	buf_deinit(&w->text);
	w->pid = 0;
	r->active--;
}

static void end_now(struct run *r, struct worker *w)
{
	int status = 0;

	kill(w->pid, SIGKILL);
	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	finish(r, w, status);
}

/* Takes what the worker has written. Returns false at the end of its output. */
static bool take_output(struct run *r, struct worker *w)
{
	char bytes[READ_BYTES];
	ssize_t n = read(w->fd, bytes, sizeof(bytes));

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	if (w->text.len + (size_t)n > r->p->max_bytes || w->text.oom) {
		w->too_long = true;
		return false;
	}
	buf_put(&w->text, bytes, (size_t)n);
	return true;
}

static bool is_late(const struct run *r, const struct worker *w)
{
	return r->p->seconds && clock_ms() - w->start >= (int64_t)r->p->seconds * 1000;
}

/* Lets a worker go on, or ends it. ready: its pipe has output, or its end. */
static void serve(struct run *r, struct worker *w, bool ready)
{
	int status = 0;

	if (ready && !take_output(r, w)) {
		close(w->fd);
		w->fd = -1;
	}
	// Its output has ended, so it is about to exit.
	if (w->fd < 0 && !w->too_long && waitpid(w->pid, &status, WNOHANG) == w->pid) {
		finish(r, w, status);
		return;
	}
	w->late = is_late(r, w) || r->stopped;
	if (w->late || w->too_long)
		end_now(r, w);
}

/* Waits until a worker writes, ends, or takes too long. */
static void wait_for_one(struct run *r)
{
	int ms = r->p->seconds ? 200 : -1;

	for (unsigned i = 0; i < r->p->workers; i++) {
		const struct worker *w = &r->workers[i];

		r->polled[i] = (struct pollfd){ .fd = w->pid ? w->fd : -1, .events = POLLIN };
		if (w->pid && w->fd < 0)
			ms = 1; // nothing else tells that it has exited
	}
	(void)poll(r->polled, r->p->workers, ms);
	for (unsigned i = 0; i < r->p->workers; i++)
		if (r->workers[i].pid)
			serve(r, &r->workers[i], r->polled[i].fd >= 0 && r->polled[i].revents);
}

static struct worker *free_place(struct run *r)
{
	for (unsigned i = 0; i < r->p->workers; i++)
		if (!r->workers[i].pid)
			return &r->workers[i];
	return NULL;
}

vs_status pool_run(const struct pool *p, size_t n, struct err *err)
{
	struct run r = { .p = p };
	vs_status st = VS_OK;
	size_t next = 0;

	r.workers = calloc(p->workers, sizeof(*r.workers));
	r.polled = calloc(p->workers, sizeof(*r.polled));
	if (!r.workers || !r.polled)
		st = fail(err, VS_NOMEM, "out of memory");
	while (st == VS_OK && (r.active || (next < n && !r.stopped))) {
		struct worker *place = next < n && !r.stopped ? free_place(&r) : NULL;

		// Without room for one more process, wait until another one has ended.
		if (place && start(&r, place, next, err) == VS_OK)
			next++;
		else if (!r.active)
			st = VS_IO;
		else
			wait_for_one(&r);
	}
	free(r.workers);
	free(r.polled);
	return st;
}
