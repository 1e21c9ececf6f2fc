// SPDX-License-Identifier: GPL-3.0-or-later
/* Processes that wait for files with epoll, select and poll. Each one prints its name, its PID, and
 * for each file that it waits for the number and what /proc says that it is. For guest_live.sh. */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define MANY 40 /* more than poll() has room for on its stack */

static int fds[MANY], n;

static void open_files(void)
{
	int ends[2];

	pipe(ends);
	fds[n++] = ends[0];
	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	fds[n++] = ends[0];
	fds[n++] = timerfd_create(CLOCK_MONOTONIC, 0);
	fds[n++] = eventfd(0, 0);
}

static void tell(const char *name)
{
	printf("poller %s %d", name, getpid());
	for (int i = 0; i < n; i++) {
		char path[64], target[128];
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
		len = readlink(path, target, sizeof(target));
		printf(" %d=%.*s", fds[i], (int)len, target);
	}
	printf("\n");
	fflush(stdout);
}

static void by_epoll(void)
{
	struct epoll_event e = { .events = EPOLLIN };
	int epoll = epoll_create1(0);

	tell("epoll");
	for (int i = 0; i < n; i++)
		epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &e);
	epoll_wait(epoll, &e, 1, -1);
}

static void by_select(void)
{
	fd_set in;

	tell("select");
	FD_ZERO(&in);
	for (int i = 0; i < n; i++)
		FD_SET(fds[i], &in);
	select(MANY, &in, NULL, NULL, NULL);
}

static void by_poll(void)
{
	struct pollfd v[MANY];

	while (n < MANY)
		fds[n++] = eventfd(0, 0);
	tell("poll");
	for (int i = 0; i < n; i++)
		v[i] = (struct pollfd){ fds[i], POLLIN, 0 };
	poll(v, n, 1000000000); // with a time, which another system call path has
}

int main(void)
{
	void (*const ways[])(void) = { by_epoll, by_select, by_poll };

	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (fork() == 0) {
			open_files();
			ways[i]();
			return 1;
		}
		usleep(300000); // for the line, and to get where it waits
	}
	return 0;
}
