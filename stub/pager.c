// SPDX-License-Identifier: GPL-3.0-or-later
/* pager.c - splits the process, and waits for the work and for the pager. */
#include "stub/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stub/base/io.h"

/* What a shell returns for a program that it does not find. */
#define NO_PROGRAM 127

bool pager_wanted(void)
{
	const char *pager = getenv("PAGER"), *term = getenv("TERM");

	if (!isatty(STDOUT_FILENO) || !term || !*term || strcmp(term, "dumb") == 0)
		return false;
	return !pager || (*pager && strcmp(pager, "cat") != 0);
}

/* Becomes the pager. */
static void run_pager(void)
{
	const char *pager = getenv("PAGER");

	// As git does: less ends by itself if all fits on the screen, and leaves the text there.
	setenv("LESS", "FRX", 0);
	if (pager) {
		execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
	} else {
		execlp("less", "less", (char *)NULL);
		execlp("more", "more", (char *)NULL);
	}
	_exit(NO_PROGRAM);
}

static int exit_code_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return NO_PROGRAM;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Waits for the first text. False: the work has ended without any. */
static bool wait_for_text(int from)
{
	struct pollfd p = { .fd = from, .events = POLLIN };

	while (poll(&p, 1, -1) < 0)
		if (errno != EINTR)
			return false;
	return p.revents & POLLIN;
}

static void copy(int from)
{
	char text[65536];
	ssize_t n;

	while ((n = read(from, text, sizeof(text))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && !write_all(STDOUT_FILENO, text, (size_t)n))
			return;
}

/* Shows what comes from this pipe, until its end or until the user leaves the pager. */
static void show(int from)
{
	pid_t pid;

	if (!wait_for_text(from))
		return;
	pid = fork();
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		dup2(from, STDIN_FILENO);
		run_pager();
	}
	if (pid < 0 || exit_code_of(pid) == NO_PROGRAM)
		copy(from);
}

bool pager_split(FILE **terminal, int *code)
{
	int ends[2], fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	pid_t pid;

	*terminal = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (fd >= 0 && !*terminal)
		close(fd);
	if (!*terminal || pipe2(ends, O_CLOEXEC))
		return true; // without a pager
	pid = fork();
	if (pid <= 0) {
		if (pid == 0)
			dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		return true;
	}
	// Ctrl-C is for the work, and for the pager, which takes it as a key.
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	fclose(*terminal);
	*terminal = NULL;
	close(ends[1]);
	show(ends[0]);
	close(ends[0]);
	*code = exit_code_of(pid);
	// It is no failure if the user leaves the pager before the end.
	if (*code == 128 + SIGPIPE)
		*code = 0;
	return false;
}
