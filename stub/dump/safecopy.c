// SPDX-License-Identifier: GPL-3.0-or-later
/* safecopy.c - memcpy that survives SIGBUS.
 * A dump is mapped, because a system call a page costs more than the page. A mapped page that lies
 * behind the end of a file cut in the meantime, or on a bad sector, raises SIGBUS when touched.
 * Not here: what to do then (file.c asks pread for the reason). */
#include "stub/dump/safecopy.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>

/* A signal handler can only be told through file scope; both are set for the time of one copy, or
 * once. */
static __thread sigjmp_buf *volatile active;
static struct sigaction previous;

static void on_sigbus(int sig)
{
	if (active)
		siglongjmp(*active, 1);
	// not ours: the access runs again under the old action
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
