/* libl2u.c - the library of w_shared: sleeps below two functions of its own. */
#include "libl2u.h"

#include <unistd.h>

static volatile int turns;

__attribute__((noinline)) static int lib_inner(int level)
{
	pause();
	turns = level;
	return turns;
}

int lib_outer(int level)
{
	volatile int kept = level + 7;

	return lib_inner(level + 1) + kept;
}
