// SPDX-License-Identifier: GPL-3.0-or-later
/* safecopy.c - memcpy that survives SIGBUS.
 * Dumps are mapped, because a system call per page costs more than the copy. A mapped page raises
 * SIGBUS when touched if it is past the end of a file that was cut since, or on a bad sector.
 * Not here: what to do then (file.c gets the reason from pread). */
#include "stub/dump/safecopy.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>

/* A signal handler needs file-scope variables: `active` is set during a copy, `previous` once. */
static __thread sigjmp_buf *volatile active;
static struct sigaction previous;

static void on_sigbus(int sig)
{
	if (active)
		siglongjmp(*active, 1);
	// not from safecopy(): the access is repeated under the old action
	sigaction(sig, &previous, NULL);
}

void safecopy_prepare(void)
{
	struct sigaction sa = { .sa_handler = on_sigbus, .sa_flags = SA_NODEFER }, now;

	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGBUS, NULL, &now) == 0 && now.sa_handler == on_sigbus)
		return;
	sigaction(SIGBUS, &sa, &previous);
}

bool safecopy(void *dst, const void *src, size_t n)
{
	sigjmp_buf env;

	// the mask need not be saved: SA_NODEFER leaves it alone
	if (sigsetjmp(env, 0)) {
		active = NULL;
		return false;
	}
	active = &env;
	__asm__ volatile("" ::: "memory");
	memcpy(dst, src, n);
	__asm__ volatile("" ::: "memory");
	active = NULL;
	return true;
}
