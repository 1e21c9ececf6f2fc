// SPDX-License-Identifier: GPL-3.0-or-later
/* peer.c - who is at the other end of a connection. */
#include "stub/base/peer.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
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

static bool is_gdb(pid_t pid)
{
	char path[64], comm[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(comm, sizeof(comm), f))
		comm[0] = '\0';
	fclose(f);
	return strstr(comm, "gdb") != NULL;
}

/* Writes an address as in /proc/net/tcp and tcp6: words in the machine's byte order. False for
 * other families. */
static bool proc_address(const struct sockaddr_storage *at, char *text, size_t cap, bool *v6)
{
	const struct sockaddr_in *in = (const void *)at;
	const struct sockaddr_in6 *in6 = (const void *)at;
	const uint32_t *w = in6->sin6_addr.s6_addr32;

	*v6 = at->ss_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
	if (at->ss_family == AF_INET)
		snprintf(text, cap, "%08X:%04X", in->sin_addr.s_addr, ntohs(in->sin_port));
	else if (at->ss_family == AF_INET6 && !*v6)
		snprintf(text, cap, "%08X:%04X", w[3], ntohs(in6->sin6_port));
	else if (*v6)
		snprintf(text, cap, "%08X%08X%08X%08X:%04X", w[0], w[1], w[2], w[3],
			 ntohs(in6->sin6_port));
	else
		return false;
	return true;
}

/* The inode of the other end of a TCP connection within this machine; 0: there is none. */
static unsigned long peer_inode(int fd)
{
	struct sockaddr_storage self, peer;
	socklen_t self_len = sizeof(self), peer_len = sizeof(peer);
	char ours[48], theirs[48], line[512], local[48], remote[48];
	unsigned long inode = 0, n;
	bool v6;
	FILE *f;

	if (getsockname(fd, (struct sockaddr *)&self, &self_len) ||
	    getpeername(fd, (struct sockaddr *)&peer, &peer_len) ||
	    !proc_address(&self, ours, sizeof(ours), &v6) ||
	    !proc_address(&peer, theirs, sizeof(theirs), &v6))
		return 0;
	f = fopen(v6 ? "/proc/self/net/tcp6" : "/proc/self/net/tcp", "re");
	while (f && !inode && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*d: %47s %47s %*s %*s %*s %*s %*s %*s %lu", local, remote, &n) ==
			    3 &&
		    strcmp(local, theirs) == 0 && strcmp(remote, ours) == 0)
			inode = n;
	if (f)
		fclose(f);
	return inode;
}

static bool has_socket(pid_t pid, unsigned long inode)
{
	char path[64], want[64], link[64];
	bool found = false;
	struct dirent *e;
	DIR *d;

	snprintf(want, sizeof(want), "socket:[%lu]", inode);
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	d = opendir(path);
	while (d && !found && (e = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);

		if (n <= 0)
			continue;
		link[n] = '\0';
		found = strcmp(link, want) == 0;
	}
	if (d)
		closedir(d);
	return found;
}

/* The gdb that has this socket; 0: none that this user may look at. */
static pid_t gdb_with_socket(unsigned long inode)
{
	DIR *d = inode ? opendir("/proc") : NULL;
	struct dirent *e;
	pid_t found = 0;

	while (d && !found && (e = readdir(d))) {
		pid_t pid = isdigit((unsigned char)e->d_name[0]) ? atoi(e->d_name) : 0;

		if (pid > 0 && is_gdb(pid) && has_socket(pid, inode))
			found = pid;
	}
	if (d)
		closedir(d);
	return found;
}

pid_t peer_local_gdb(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	// gdb talks to the program after '|' over a socketpair; its peer is the process that
	// created it.
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) || peer.pid <= 0)
		return 0;
	return is_gdb(peer.pid) ? peer.pid : 0;
}

pid_t peer_connected_gdb(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	// A TCP socket has no PID here.
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) || peer.pid <= 0)
		return gdb_with_socket(peer_inode(fd));
	// Another user's gdb could not open vmstub's images.
	if (peer.uid != geteuid() && peer.uid != 0)
		return 0;
	return is_gdb(peer.pid) ? peer.pid : 0;
}

/* Is this word of a command line an option -i or --interpreter? *value: the text after '=' or NULL.
 */
static bool is_interpreter(const char *word, const char **value)
{
	size_t n = strspn(word, "-"), len = strcspn(word + n, "=");

	*value = word[n + len] ? word + n + len + 1 : NULL;
	// getopt_long_only() takes abbreviations; -i is one of them.
	return n >= 1 && n <= 2 && len >= 1 && len <= strlen("interpreter") &&
	       strncmp(word + n, "interpreter", len) == 0;
}

static enum peer_front_end front_end_of(const char *interpreter)
{
	if (strcmp(interpreter, "dap") == 0)
		return PEER_DAP;
	// mi, mi2, ...
	return strncmp(interpreter, "mi", 2) == 0 ? PEER_MI : PEER_CONSOLE;
}

enum peer_front_end peer_front_end(pid_t pid)
{
	enum peer_front_end found = PEER_CONSOLE;
	char path[64], *word = NULL;
	const char *value;
	bool next = false;
	size_t cap = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	f = pid > 0 ? fopen(path, "re") : NULL;
	for (int n = 0; f && n < 1000 && getdelim(&word, &cap, '\0', f) > 0; n++) {
		if (next)
			found = front_end_of(word);
		else if (is_interpreter(word, &value) && value)
			found = front_end_of(value);
		else if (found == PEER_CONSOLE && strncmp(word, "new-ui mi", 9) == 0)
			found = PEER_BESIDE;
		next = !next && is_interpreter(word, &value) && !value;
	}
	free(word);
	if (f)
		fclose(f);
	return found;
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
