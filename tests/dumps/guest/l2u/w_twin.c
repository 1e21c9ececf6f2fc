/*
 * w_twin.c - forks, and the child raises SIGABRT, so that the kernel writes a core of it. What both
 * have in memory is the same but for the stack below outer(), and what libc keeps of the process's
 * number.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "stay.h"

static char *memory, *heap;

__attribute__((noinline)) static void inner(int is_child)
{
	if (is_child)
		raise(SIGABRT);
	pause();
}

__attribute__((noinline)) static void outer(int level)
{
	volatile char kept[256];
	pid_t pid;

	memset((char *)kept, level, sizeof(kept));
	pid = fork();
	if (pid)
		waitpid(pid, NULL, 0);
	inner(pid == 0);
}

int main(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &all);
	memory = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	heap = malloc(20000);
	for (int i = 0; i < 20000; i++)
		heap[i] = memory[i] = (char)(i / 7 ^ i);
	say("w_twin");
	outer(17);
	return 1;
}
