// SPDX-License-Identifier: GPL-3.0-or-later
/* listener.c - a TCP port or a unix socket on which vmstub waits for gdb. The sandbox allows
 * neither to open a socket nor to remove a file, so all that happens before it, and a process of
 * its own removes the unix socket. */
#include "stub/base/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "stub/base/cleanup.h"

/* Clients that wait while another one is served. */
#define BACKLOG 4

/* Splits HOST:PORT, [ADDRESS]:PORT, :PORT or PORT in place. *host: "" if none is named. False if
 * `where` has another form, so it is a path. */
static bool split_address(char *where, char **host, char **port)
{
	char *colon = strrchr(where, ':');

	*port = colon ? colon + 1 : where;
	if (strchr(where, '/') || !**port || (*port)[strspn(*port, "0123456789")])
		return false;
	*host = colon ? where : where + strlen(where);
	if (colon)
		*colon = '\0';
	if ((*host)[0] == '[' && strlen(*host) > 2 && (*host)[strlen(*host) - 1] == ']') {
		(*host)++;
		(*host)[strlen(*host) - 1] = '\0';
	}
	return true;
}

static bool is_loopback(const struct sockaddr *sa)
{
	const struct sockaddr_in *v4 = (const void *)sa;
	const struct sockaddr_in6 *v6 = (const void *)sa;

	if (sa->sa_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return sa->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static int listen_at(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, why;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

static vs_status open_port(const char *where, const char *host, const char *port,
			   struct listener *ret, struct buf *told, bool *others, struct err *err)
{
	struct addrinfo want = { .ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM }, *all;
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	char number[NI_MAXSERV];
	int rc;

#ifdef VMSTUB_STATIC
	// Names are looked up by shared libraries, which a static program cannot rely on.
	want.ai_flags |= AI_NUMERICHOST;
	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
#endif
	if (strlen(port) > 5 || atoi(port) > 65535)
		return fail(err, VS_INVAL, "%s: %s is no port: the highest is 65535", where, port);
	rc = getaddrinfo(*host ? host : "127.0.0.1", port, &want, &all);
	if (rc)
		return fail(err, VS_INVAL, "%s: %s", where, gai_strerror(rc));
	for (const struct addrinfo *a = all; a && ret->fd < 0; a = a->ai_next) {
		ret->fd = listen_at(a);
		*others = !is_loopback(a->ai_addr);
	}
	rc = errno;
	freeaddrinfo(all);
	if (ret->fd < 0)
		return fail(err, VS_IO, "cannot listen on %s: %s", where, strerror(rc));
	if (getsockname(ret->fd, (struct sockaddr *)&at, &len) ||
	    getnameinfo((struct sockaddr *)&at, len, NULL, 0, number, sizeof(number),
			NI_NUMERICSERV))
		return fail(err, VS_IO, "%s: its port is unknown", where);
	buf_printf(told, "port %s", number);
	return VS_OK;
}

/* Is this a unix socket on which nobody listens any more? */
static bool is_left_behind(const struct sockaddr_un *at)
{
	struct stat sb;
	int fd;
	bool refused;

	if (lstat(at->sun_path, &sb) || !S_ISSOCK(sb.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	refused = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof(*at)) &&
		  errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	return refused;
}

static int bind_unix(int fd, const struct sockaddr_un *at)
{
	mode_t old = umask(0177);
	int rc = bind(fd, (const struct sockaddr *)at, sizeof(*at));

	if (rc && errno == EADDRINUSE && is_left_behind(at) && unlink(at->sun_path) == 0)
		rc = bind(fd, (const struct sockaddr *)at, sizeof(*at));
	umask(old);
	return rc;
}

/* Starts the process that removes the socket's file when vmstub has ended in whatever way. Returns
 * the descriptor that tells it, -1 on failure. */
static int start_remover(const char *path)
{
	struct stat made, now;
	int ends[2];
	char byte;

	if (lstat(path, &made) || pipe2(ends, O_CLOEXEC))
		return -1;
	switch (fork()) {
	case -1:
		close(ends[0]);
		close(ends[1]);
		return -1;
	case 0:
		break;
	default:
		close(ends[0]);
		return ends[1];
	}
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	// Hold nothing else open: others may wait for the end of vmstub's output.
	dup2(ends[0], 0);
	close_range(1, ~0U, 0);
	while (read(0, &byte, 1) < 0 && errno == EINTR)
		;
	if (lstat(path, &now) == 0 && now.st_dev == made.st_dev && now.st_ino == made.st_ino)
		unlink(path);
	for (;;) // not exit(): its handlers belong to the other process
		syscall(SYS_exit_group, 0);
}

static vs_status open_unix(const char *path, struct listener *ret, struct buf *told,
			   struct err *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	AUTO_FREE char *whole = NULL;

	if (!*path || strlen(path) >= sizeof(at.sun_path))
		return fail(err, VS_INVAL,
			    "'%s' is neither [HOST:]PORT nor a path of up to %zu bytes", path,
			    sizeof(at.sun_path) - 1);
	memcpy(at.sun_path, path, strlen(path));
	ret->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (ret->fd < 0 || bind_unix(ret->fd, &at) || listen(ret->fd, BACKLOG))
		return fail(err, VS_IO, "cannot listen on %s: %s", path, strerror(errno));
	whole = realpath(path, NULL);
	ret->helper = start_remover(whole ? whole : path);
	buf_printf(told, "socket %s", path);
	return VS_OK;
}

vs_status listener_open(const char *where, struct listener *ret, struct buf *told, bool *others,
			struct err *err)
{
	AUTO_FREE char *copy = strdup(where);
	char *host, *port;
	vs_status st;

	if (!copy)
		return fail(err, VS_NOMEM, "out of memory");
	*ret = (struct listener){ .fd = -1, .helper = -1 };
	*others = false;
	st = split_address(copy, &host, &port)
		     ? open_port(where, host, port, ret, told, others, err)
		     : open_unix(where, ret, told, err);
	if (st)
		listener_close(ret);
	return st;
}

static void put_peer(int fd, struct buf *who)
{
	struct sockaddr_storage from;
	char host[NI_MAXHOST], port[NI_MAXSERV];
	socklen_t len = sizeof(from);

	if (getpeername(fd, (struct sockaddr *)&from, &len) || from.ss_family == AF_UNIX ||
	    getnameinfo((struct sockaddr *)&from, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		buf_puts(who, "this machine");
	else
		buf_printf(who, "host %s, port %s", host, port);
}

vs_status listener_accept(const struct listener *l, const sigset_t *mask, int *fd, struct buf *who,
			  struct err *err)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	struct sockaddr_storage from;
	int on = 1;

	for (;;) {
		socklen_t len = sizeof(from);

		if (ppoll(&p, 1, NULL, mask) < 0)
			return errno == EINTR ? fail(err, VS_END, "interrupted")
					      : fail(err, VS_IO, "poll: %s", strerror(errno));
		*fd = accept4(l->fd, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);
		if (*fd >= 0)
			break;
		// The client may have gone again.
		if (errno != ECONNABORTED && errno != EINTR && errno != EAGAIN)
			return fail(err, VS_IO, "accept: %s", strerror(errno));
	}
	setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	// A client whose machine is gone must not keep others waiting for ever.
	setsockopt(*fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	put_peer(*fd, who);
	return VS_OK;
}

void listener_close(struct listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->helper >= 0)
		close(l->helper);
	l->fd = l->helper = -1;
}
