/* stay.h - what all these programs do in the end: they say who and where they are, and sleep below
 * main, outer and inner. */
#pragma once
#include <stdio.h>
#include <unistd.h>

static char greeting[64] __attribute__((used)) = "greeting of nobody yet";

static void say(const char *name)
{
	snprintf(greeting, sizeof(greeting), "greeting of %s", name);
	printf("%s %d %p\n", name, (int)getpid(), (void *)greeting);
	fflush(stdout);
}
