/* w_pie.c - sleeps below four functions. Built in several ways (lib/programs.sh): its name says
 * which. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "stay.h"

static volatile int depth;

__attribute__((noinline)) static int inner(int level)
{
	int kept = level + 1;

	pause();
	depth = kept;
	return depth;
}

__attribute__((noinline)) static int outer(int level)
{
	volatile int kept = level * 10;

	return inner(level + 1) + kept;
}

int main(void)
{
	say(program_invocation_short_name);
	return outer(41);
}
