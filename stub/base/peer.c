// SPDX-License-Identifier: GPL-3.0-or-later
/* peer.c - who is at the other end of standard input. */
#include "stub/base/peer.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

bool peer_behind_bar(int in_fd, int out_fd, int err_fd)
{
	struct stat in, out, errors;
	int domain = 0;
	socklen_t len = sizeof(domain);

	if (getsockopt(in_fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) || domain != AF_UNIX ||
	    fstat(in_fd, &in) || fstat(out_fd, &out) || fstat(err_fd, &errors))
		return false;
	return in.st_dev == out.st_dev && in.st_ino == out.st_ino &&
	       (S_ISSOCK(errors.st_mode) || S_ISFIFO(errors.st_mode)) && errors.st_ino != in.st_ino;
}

pid_t peer_local_gdb(int fd)
{
	char path[64], comm[32] = "";
	struct ucred peer;
	socklen_t len = sizeof(peer);
	FILE *f;

	// gdb talks to the program after '|' over a socketpair; its peer is the process that
	// created it.
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) || peer.pid <= 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)peer.pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (!fgets(comm, sizeof(comm), f))
		comm[0] = '\0';
	fclose(f);
	return strstr(comm, "gdb") ? peer.pid : 0;
}

int peer_terminal(pid_t pid)
{
	char path[64];
	struct stat sb;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, STDERR_FILENO);
	// Opening anything but a character device might block or have side effects.
	if (pid <= 0 || stat(path, &sb) || !S_ISCHR(sb.st_mode))
		return -1;
	fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && !isatty(fd)) {
		close(fd);
		fd = -1;
	}
	return fd;
}
