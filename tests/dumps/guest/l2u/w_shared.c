/* w_shared.c - a program with the dynamic loader, libc and a library of its own, in which it
 * sleeps. */
#include "libl2u.h"
#include "stay.h"

__attribute__((noinline)) static int middle(int level)
{
	volatile int kept = level * 2;

	return lib_outer(level) + kept;
}

int main(void)
{
	say("w_shared");
	return middle(20);
}
