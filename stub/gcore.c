// SPDX-License-Identifier: GPL-3.0-or-later
/* gcore.c - `vmstub --gcore`: where the core goes, and what is printed. */
#include "stub/gcore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/options.h"
#include "stub/usercore/usercore.h"

int gcore_take_option(int c, const char *arg, struct gcore_options *o)
{
	char *end;
	long pid;

	switch (c) {
	case GCORE_PID:
		errno = 0;
		pid = strtol(arg, &end, 10);
		if (errno || end == arg || *end || pid < 1 || pid > INT32_MAX) {
			fprintf(stderr, "vmstub: --gcore: '%s' is not a PID\n", arg);
			return EXIT_USAGE;
		}
		o->wanted = true;
		o->pid = (int32_t)pid;
		return -1;
	case 'o':
		o->file = arg;
		return -1;
	default:
		return -2;
	}
}

bool gcore_bad_usage(const struct gcore_options *o, bool other_mode)
{
	if (o->wanted && other_mode)
		fputs("vmstub: --gcore: not together with --exec, -i, --listen or --report\n",
		      stderr);
	else if (!o->wanted && o->file)
		fputs("vmstub: -o: only useful with --gcore\n", stderr);
	else if (o->wanted && !o->file && isatty(STDOUT_FILENO))
		fputs("vmstub: --gcore: standard output is a terminal; use -o FILE\n", stderr);
	else
		return false;
	return true;
}

/* Is fd one of the files of the dump? */
static bool is_dump(int fd, char *const *dumps, size_t n)
{
	struct stat out, in;

	if (fstat(fd, &out))
		return false;
	for (size_t i = 0; i < n; i++)
		if (stat(dumps[i], &in) == 0 && S_ISREG(in.st_mode) && in.st_dev == out.st_dev &&
		    in.st_ino == out.st_ino)
			return true;
	return false;
}

int gcore_open(const struct gcore_options *o, char *const *dumps, size_t n)
{
	const char *name = o->file ? o->file : "standard output";
	// Only its owner may read it, as the core of a program.
	int fd = o->file ? open(o->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)
			 : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

	if (fd < 0) {
		log_error("%s: %s", name, strerror(errno));
	} else if (is_dump(fd, dumps, n)) {
		log_error("%s: this is the dump, which is not overwritten", name);
		close(fd);
		fd = -1;
	}
	return fd;
}

int gcore_run(const struct gcore_options *o, struct kernel *k, int fd)
{
	AUTO(buf) said = { 0 };
	struct stat sb;
	char *save = NULL;
	struct err err;
	vs_status st = VS_OK;
	bool file = o->file && fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode);

	if (file && ftruncate(fd, 0))
		st = fail(&err, VS_IO, "cannot empty it: %s", strerror(errno));
	if (st == VS_OK)
		st = usercore_write(k, o->pid, fd, &said, &err);
	if (st && file && ftruncate(fd, 0))
		log_warn("%s is incomplete", o->file);
	if (close(fd) && st == VS_OK)
		st = fail(&err, VS_IO, "cannot write: %s", strerror(errno));
	if (st) {
		log_error("--gcore: %s%s%s", o->file ? o->file : "", o->file ? ": " : "", err.msg);
		return EXIT_FAILED;
	}
	for (char *line = strtok_r(said.p, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		fprintf(stderr, "vmstub: %s\n", line);
	return 0;
}
