// SPDX-License-Identifier: GPL-3.0-or-later
/* gcovkill.c - linked into the programs of `make coverage`: a process that ends itself by SIGKILL,
 * such as that of linkdir.c, first writes its coverage data. */
#include <signal.h>
#include <unistd.h>

void __gcov_dump(void);
int __real_kill(pid_t pid, int sig);
int __wrap_kill(pid_t pid, int sig);

int __wrap_kill(pid_t pid, int sig)
{
	if (pid == getpid() && sig == SIGKILL)
		__gcov_dump();
	return __real_kill(pid, sig);
}
