// SPDX-License-Identifier: GPL-3.0-or-later
/* linkdir.c - a process that makes symbolic links in a private folder and removes them at the end.
 * It gets requests over a socket and returns paths. It does not trust the requesting process, which
 * reads a hostile dump: a request is only a name and a number, and both are checked. */
#include "stub/gdb/linkdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stub/base/log.h"

#define DIR_PREFIX "vmstub-"
#define MAX_LINKS  100000

struct request {
	int fd;
	bool debug; /* name is a build-id */
	char name[136];
	bool clear; /* remove all links; the rest does not count */
};

struct reply {
	char path[320]; /* "": no link was made */
};

struct linkdir {
	int sock;
	pid_t helper;
	bool given; /* the user gave the folder: gdb looks for debug files there */
};

/* --- the process with the folder */

struct folder {
	pid_t owner;
	bool tried;
	unsigned n;
	char dir[128]; /* "": none */
};

static const char *runtime_dir(void)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");

	return dir && dir[0] == '/' && strlen(dir) < 30 && access(dir, W_OK) == 0 ? dir : "/tmp";
}

#define BUILD_ID_DIR ".build-id"
/* The folder itself, BUILD_ID_DIR, and in it the folders for the first byte. */
#define FOLDER_DEPTH 3

/* Removes a folder's links and, depth levels deep, the folders in it. */
static void empty_folder(int fd, int depth)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		int inner = -1;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(d), e->d_name, 0) == 0 || depth <= 1)
			continue;
		inner = openat(dirfd(d), e->d_name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner < 0)
			continue;
		empty_folder(inner, depth - 1);
		unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	}
	if (d)
		closedir(d);
	else
		close(fd);
}

static void remove_folder(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		empty_folder(fd, FOLDER_DEPTH);
	rmdir(dir);
}

/* Removes folders of earlier vmstubs whose helper was killed: no process has the PID in the name.
 * They only contain links, and only folders of the same user can be removed. */
static void sweep(const char *parent)
{
	DIR *d = opendir(parent);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char path[sizeof(((struct folder *)0)->dir)];
		int pid;

		if (sscanf(e->d_name, DIR_PREFIX "%d-", &pid) != 1 || pid <= 0 ||
		    kill(pid, 0) == 0 || errno != ESRCH)
			continue;
		if (snprintf(path, sizeof(path), "%s/%.30s", parent, e->d_name) < (int)sizeof(path))
			remove_folder(path);
	}
	if (d)
		closedir(d);
}

static void make_folder(struct folder *f)
{
	const char *parent = runtime_dir();

	f->tried = true;
	sweep(parent);
	snprintf(f->dir, sizeof(f->dir), "%s/" DIR_PREFIX "%d-XXXXXX", parent, (int)f->owner);
	if (!mkdtemp(f->dir))
		f->dir[0] = '\0';
}

/* Is this a harmless file name? */
static bool name_ok(const struct request *r)
{
	size_t len = strnlen(r->name, sizeof(r->name));

	return len > 0 && len < sizeof(r->name) && r->name[0] != '.' &&
	       strspn(r->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+"
			       "@~:") == len;
}

/* Makes the path where gdb looks for the debug file of a build-id (gdb/build-id.c), and its
 * folders.
 */
static bool debug_path(const struct folder *f, const char *id, char *path, size_t cap)
{
	if (strspn(id, "0123456789abcdef") != strlen(id) || strlen(id) < 4)
		return false;
	snprintf(path, cap, "%s/" BUILD_ID_DIR, f->dir);
	mkdir(path, 0700);
	snprintf(path, cap, "%s/" BUILD_ID_DIR "/%.2s", f->dir, id);
	mkdir(path, 0700);
	return snprintf(path, cap, "%s/" BUILD_ID_DIR "/%.2s/%s.debug", f->dir, id, id + 2) <
	       (int)cap;
}

static void answer(struct folder *f, const struct request *r, struct reply *ret)
{
	char target[64];
	bool fits;

	memset(ret, 0, sizeof(*ret));
	if (r->clear && f->dir[0]) {
		int fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd >= 0)
			empty_folder(fd, FOLDER_DEPTH);
		f->n = 0;
	}
	if (!name_ok(r) || r->fd < 0 || f->n >= MAX_LINKS)
		return;
	if (!f->tried)
		make_folder(f);
	if (!f->dir[0])
		return;
	snprintf(target, sizeof(target), "/proc/%d/fd/%d", (int)f->owner, r->fd);
	if (r->debug)
		fits = debug_path(f, r->name, ret->path, sizeof(ret->path));
	else
		fits = snprintf(ret->path, sizeof(ret->path), "%s/%s", f->dir, r->name) <
		       (int)sizeof(ret->path);
	if (!fits) {
		ret->path[0] = '\0';
		return;
	}
	if (symlink(target, ret->path) == 0)
		f->n++;
	else
		ret->path[0] = '\0';
}

/* Closes all files of the parent except the socket: gdb waits until standard error is closed. */
static void drop_files(int sock)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3; fd++)
		if (null >= 0)
			dup2(null, fd);
	// two system calls instead of a thousand before the first reply, and no file is missed
	if (sock > 3)
		syscall(SYS_close_range, 3, sock - 1, 0);
	if (syscall(SYS_close_range, sock + 1, ~0U, 0) == 0)
		return;
	for (int fd = 3; fd < 1024; fd++) // before Linux 5.9
		if (fd != sock)
			close(fd);
}

/* Runs until the other end is closed, for whatever reason. */
static void serve(int sock, pid_t owner, const char *folder)
{
	struct folder f = { .owner = owner };
	struct request r;
	struct reply reply;
	ssize_t n;

	prctl(PR_SET_NAME, "vmstub-links");
	setsid(); // signals to the terminal's process group are not for this process
	signal(SIGPIPE, SIG_IGN);
	drop_files(sock);
	if (folder) {
		f.tried = true;
		snprintf(f.dir, sizeof(f.dir), "%s", folder);
	}
	while ((n = read(sock, &r, sizeof(r))) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		if (n != sizeof(r))
			continue;
		answer(&f, &r, &reply);
		if (write(sock, &reply, sizeof(reply)) < 0)
			break;
	}
	if (f.dir[0])
		remove_folder(f.dir);
}

/* --- the requesting process */

/* Everything in the folder is removed at the end, so it must be empty now, and nobody else may have
 * write access. */
static bool folder_ok(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	struct stat sb;
	bool ok = d && folder[0] == '/' && strlen(folder) < sizeof(((struct folder *)0)->dir) &&
		  fstat(dirfd(d), &sb) == 0 && sb.st_uid == geteuid() &&
		  !(sb.st_mode & (S_IWGRP | S_IWOTH));

	while (ok && (e = readdir(d)))
		ok = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
	if (d)
		closedir(d);
	return ok;
}

struct linkdir *linkdir_start(const char *folder)
{
	struct linkdir *d = calloc(1, sizeof(*d));
	pid_t self = getpid();
	int ends[2];

	if (!d)
		return NULL;
	if (folder && !folder_ok(folder)) {
		log_warn("--link-dir %s: not an empty folder of yours; using another", folder);
		folder = NULL;
	}
	d->given = folder;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		free(d);
		return NULL;
	}
	d->helper = fork();
	if (d->helper == 0) {
		serve(ends[1], self, folder);
		kill(getpid(), SIGKILL); // atexit() handlers and buffers belong to the parent
	}
	close(ends[1]);
	d->sock = ends[0];
	if (d->helper < 0) {
		close(d->sock);
		free(d);
		return NULL;
	}
	return d;
}

void linkdir_end(struct linkdir *d)
{
	if (!d)
		return;
	close(d->sock);
	while (waitpid(d->helper, NULL, 0) < 0 && errno == EINTR)
		;
	free(d);
}

static bool exchange(struct linkdir *d, const struct request *r, struct reply *reply)
{
	ssize_t n;

	if (write(d->sock, r, sizeof(*r)) != sizeof(*r))
		return false;
	do
		n = read(d->sock, reply, sizeof(*reply));
	while (n < 0 && errno == EINTR);
	return n == sizeof(*reply);
}

void linkdir_clear(struct linkdir *d)
{
	struct request r = { .fd = -1, .clear = true };
	struct reply reply;

	if (d)
		(void)exchange(d, &r, &reply);
}

bool linkdir_add(struct linkdir *d, const char *name, int fd, char *path, size_t cap)
{
	struct request r = { .fd = fd };
	struct reply reply;

	if (snprintf(r.name, sizeof(r.name), "%s", name) >= (int)sizeof(r.name))
		return false;
	if (!exchange(d, &r, &reply)) {
		log_info("images have no names: the process that makes the links is gone");
		return false;
	}
	reply.path[sizeof(reply.path) - 1] = '\0';
	return reply.path[0] && snprintf(path, cap, "%s", reply.path) < (int)cap;
}

bool linkdir_add_debug(struct linkdir *d, const char *build_id, int fd)
{
	struct request r = { .fd = fd, .debug = true };
	struct reply reply;

	return d && d->given &&
	       snprintf(r.name, sizeof(r.name), "%s", build_id) < (int)sizeof(r.name) &&
	       exchange(d, &r, &reply) && reply.path[0];
}
