// SPDX-License-Identifier: GPL-3.0-or-later
/* verbs_objects.c - the table of verbs about what the kernel keeps for and around tasks. */
#include "stub/monitor/cmd.h"

// clang-format off
static const struct cmd table[] = {
	{ "ipcs", cmd_ipcs, "System V shared memory, semaphores, queues",
	  "ipcs [-s] [-m] [-M] [-q] [-n PID | TASK] [ID | ADDRESS]",
	  "  -s  semaphores; -m  shared memory; -q  message queues; all without any\n"
	  "  -M  shared memory with its pages and inode\n"
	  "  -n  of that task's namespace\n\n"
	  "  ipcs -s\n"
	  "  SEM_ARRAY        KEY      SEMID      UID   PERMS NSEMS\n"
	  "  ffff893301315c00 6c327702 0          0     666   3\n" },
	{ "runq", cmd_runq, "what runs on and waits for each CPU", "runq [-t | -T | -m | -g] [-c CPUS]",
	  "Tasks of the RT and fair classes with their priority, in the order in which they are\n"
	  "kept; deadline and sched_ext ones when there are any.\n"
	  "  -t  each CPU's scheduler clock, and when its running task began to run\n"
	  "  -T  how far each CPU's clock is behind the latest one\n"
	  "  -m  how long each running task has been running (days hours:minutes:seconds)\n"
	  "  -g  tasks by group\n"
	  "  -c  of these CPUs: 0,2-3\n\n"
	  "  runq -c 2\n"
	  "  CPU 2 RUNQUEUE: ffff893312f33440\n"
	  "    CURRENT: PID: 116    TASK: ffff893301d94380  COMMAND: \"w_busy\"\n"
	  "    RT PRIO_ARRAY: ffff893312f33680\n"
	  "       [no tasks queued]\n"
	  "    CFS RB_ROOT: ffff893312f334f0\n"
	  "       [no tasks queued]\n" },
	{ "waitq", cmd_waitq, "who waits on a wait queue or lock", "waitq ADDRESS | SYMBOL | STRUCT.MEMBER ADDRESS",
	  "Tasks that wait on a wait queue, completion, mutex, rw_semaphore or semaphore. The type is that\n"
	  "of SYMBOL or MEMBER; an ADDRESS alone is taken for a wait_queue_head. Waiters that are no\n"
	  "task (epoll and others) are shown with the function that wakes them.\n\n"
	  "  waitq kauditd_wait\n"
	  "  PID: 34       TASK: ffff8933012e8000  CPU: 3    COMMAND: \"kauditd\"\n" },
};
// clang-format on

const struct cmd_table cmds_objects = { table, sizeof(table) / sizeof(table[0]) };
