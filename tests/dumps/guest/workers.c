/*
 * The user side of the guest: processes in known states, so that a dump has
 * something to find. One line a process goes to stdout: name, pid, and the
 * address of a string in that process's own memory. An argument names one
 * process that is not for every dump.
 *
 * Static and only libc: the guest has no shared libraries of ours.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Each process has its own text here: the same address reads differently by process. */
static char greeting[64] = "greeting of nobody yet";

static void work_busy(void)
{
	for (volatile unsigned long turns = 0;; turns++)
		;
}

static void work_pipe(void)
{
	int ends[2];
	char byte;

	if (pipe(ends) == 0)
		(void)!read(ends[0], &byte, 1);
}

static void work_sleep(void)
{
	struct timespec hour = { .tv_sec = 3600 };

	nanosleep(&hour, NULL);
}

static void *wait_on_futex(void *word)
{
	prctl(PR_SET_NAME, "w_futex_thread");
	syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
	return NULL;
}

/* A process of three threads. */
static void work_threads(void)
{
	static int word;
	pthread_t thread[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, wait_on_futex, &word);
	pthread_join(thread[0], NULL);
}

/* Its child is dead and never waited for. */
static void work_zombie(void)
{
	if (fork() == 0) {
		prctl(PR_SET_NAME, "w_dead");
		_exit(3);
	}
	pause();
}

/* Its child is never run: both are real-time, and the parent does not let go of the CPU. */
static void work_unborn(void)
{
	struct sched_param priority = { .sched_priority = 1 };

	sched_setscheduler(0, SCHED_FIFO, &priority);
	prctl(PR_SET_NAME, "w_unborn_child");
	if (fork() == 0)
		_exit(4);
	prctl(PR_SET_NAME, "w_unborn");
	work_busy();
}

static const struct worker {
	const char *name;
	void (*work)(void);
	int cpu;	/* -1: where the scheduler puts it */
	int on_request; /* only when its name is an argument */
} workers[] = {
	{ "w_busy", work_busy, 2, 0 },	    { "w_pipe", work_pipe, -1, 0 },
	{ "w_sleep", work_sleep, -1, 0 },   { "w_threads", work_threads, -1, 0 },
	{ "w_zombie", work_zombie, -1, 0 }, { "w_unborn", work_unborn, 2, 1 },
};

static void become(const struct worker *worker)
{
	cpu_set_t cpus;

	prctl(PR_SET_NAME, worker->name);
	snprintf(greeting, sizeof(greeting), "greeting of %s", worker->name);
	if (worker->cpu >= 0) {
		CPU_ZERO(&cpus);
		CPU_SET(worker->cpu, &cpus);
		sched_setaffinity(0, sizeof(cpus), &cpus);
	}
	worker->work();
	exit(1);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(workers) / sizeof(workers[0]); i++) {
		pid_t pid;

		if (argc > 1 ? strcmp(argv[1], workers[i].name) != 0 : workers[i].on_request)
			continue;
		pid = fork();
		if (pid == 0)
			become(&workers[i]);
		printf("%s %d %p\n", workers[i].name, (int)pid, (void *)greeting);
	}
	return 0;
}
