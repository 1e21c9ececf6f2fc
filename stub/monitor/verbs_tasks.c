// SPDX-License-Identifier: GPL-3.0-or-later
/* verbs_tasks.c - the table of verbs about tasks, and which verbs foreach can run. */
#include <string.h>

#include "stub/monitor/cmd.h"

// clang-format off
static const struct cmd table[] = {
	{ "files", cmd_files, "open files of a task",
	  "files [-c] [PID | TASK]...\n"
	  "  files -d DENTRY",
	  "Paths begin at the root of the mount namespace, whatever the task's own root is.\n"
	  "  -c  each file's inode and address space, with its number of pages in the page cache\n"
	  "  -d  what a dentry is\n\n"
	  "  files 121\n"
	  "  PID: 121      TASK: ffff893301db4380  CPU: 2    COMMAND: \"w_files\"\n"
	  "  ROOT: /    CWD: /tmp\n"
	  "   FD       FILE            DENTRY           INODE       TYPE PATH\n"
	  "    3 ffff893301d7ef00 ffff893301abe240 ffff893301d8ce80 REG  /tmp/w_plain\n" },
	{ "foreach", cmd_foreach, "a command for many tasks",
	  "foreach [user | kernel | gleader | active | STATE | PID | TASK | NAME | REGEX]...\n"
	  "          bt | kbt | ps | ... [OPTION]...",
	  "Runs a command that takes a task for all tasks, or for those that one of the PIDs,\n"
	  "addresses and names is for; a state (RU IN UN ST TR ZO DE ID PA WA NE) and each of the words\n"
	  "user, kernel, gleader (first of its process), active leave out the others.\n\n"
	  "  foreach UN kbt -l\n" },
	{ "kbt", cmd_kbt, "kernel backtrace in crash's layout",
	  "kbt [-ilsdfg] [-F[F]] [PID | TASK | -c CPUS | -a | -p]...\n"
	  "  kbt -S SP [-I IP] [PID | TASK | -c CPU]\n"
	  "  kbt -r | -t | -T | -e [PID | TASK | -c CPUS | -a | -p]...\n"
	  "  kbt -E [-c CPUS]\n"
	  "  kbt -v",
	  "Without arguments: the selected thread's CPU.\n"
	  "  -a  the active task of every CPU\n"
	  "  -c  the active tasks of these CPUs: 0,2-3\n"
	  "  -p  the task that panicked\n"
	  "  -g  and all threads of its process\n"
	  "  -i  with inlined functions\n"
	  "  -l  with file and line\n"
	  "  -s  with offsets into functions\n"
	  "  -f  with the stack words of each frame; -F with symbols for them and the\n"
	  "      names of slab objects' caches, [task_struct], -FF with their addresses, too\n"
	  "  -d  say how each frame was found\n"
	  "  -S  start at the return address that stands at SP; with -I at IP, where SP is the\n"
	  "      stack pointer\n"
	  "  -r  the whole stack, raw\n"
	  "  -t  every text address on the stack above the stack pointer; -T on all of it\n"
	  "  -e  register frames found on the stack; -E on each CPU's interrupt and\n"
	  "      exception stacks\n"
	  "  -v  tasks whose stack overflowed\n\n"
	  "  kbt 1\n"
	  "  PID: 1        TASK: ff2583be411e20c0  CPU: 1    COMMAND: \"init\"\n"
	  "   #0 [ff54976340013d58] __schedule at ffffffff8c0b1c3d\n" },
	{ "ps", cmd_ps, "tasks", "ps [-k | -u | -G | -A] [-y POLICY,...] [-s] [PID | TASK | NAME | REGEX]...\n"
	  "  ps -p | -c | -g | -t | -a | -r | -S | -l [-C CPUS] | -m [-C CPUS] [PID | TASK | NAME]...",
	  "'>' marks the tasks that were running. VSZ and RSS in kB; \\123 is a task named 123.\n"
	  "  -k  kernel threads; -u  user tasks; -G  first threads of processes; -A  running ones\n"
	  "  -y  of these policies: 0 or NORMAL, FIFO, RR, BATCH, IDLE, DEADLINE, EXT\n"
	  "  -s  the stack pointer of sleeping tasks instead of the task's address\n"
	  "  -p  the task's ancestors; -c  its children; -g  the threads of its process\n"
	  "  -t  when it began and its CPU time, in nanoseconds\n"
	  "  -a  arguments and environment, from user memory\n"
	  "  -r  limits\n"
	  "  -S  how many tasks are in each state\n"
	  "  -l  when it last ran, last first; -m  how long ago (days hours:minutes:seconds)\n"
	  "  -C  of these CPUs, each by itself: 0,2-3 or a for all\n\n"
	  "  ps 1\n"
	  "      PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM\n"
	  "        1       0   0  ffff95d6811d2d00  IN   0.3     2260     1692  init\n" },
	{ "set", cmd_set, "the selected task", "set [-l] [PID | TASK | -c CPU | -p]",
	  "Without arguments: the selected task. Else that one is selected for the verbs that follow\n"
	  "in --exec; in gdb it becomes thread THREAD, and the command `task` selects it.\n"
	  "  -c  the task running on CPU\n"
	  "  -p  the task that panicked\n"
	  "  -l  in one line, as above a backtrace\n\n"
	  "  set 1\n"
	  "           PID: 1\n"
	  "       COMMAND: \"init\"\n"
	  "          TASK: ffff8aa90123b080  [THREAD_INFO: ffff8aa90123b080]\n"
	  "           CPU: 1\n"
	  "         STATE: TASK_INTERRUPTIBLE\n" },
	{ "sig", cmd_sig, "signals of a task", "sig [-g] [PID | TASK]...\n  sig -l | -s SIGSET",
	  "Handlers, blocked and pending signals, and what is queued.\n"
	  "  -g  of all threads of the process\n"
	  "  -l  numbers and names of signals\n"
	  "  -s  the names in a set, such as BLOCKED\n\n"
	  "  sig -s 800000200\n"
	  "  SIGUSR1 SIGRTMIN+4\n" },
	{ "task", cmd_task, "make a task a thread of gdb, or show its structs",
	  "task [PID | TASK | -c CPU]\n"
	  "  task -R MEMBER,... [-x] [PID | TASK | -c CPU]\n"
	  "  task -x | -d [PID | TASK | -c CPU]",
	  "The task becomes a thread, so that bt, info locals, $task and user memory are its own.\n"
	  "With vmstub.gdb loaded the command selects it, too; else `info threads` has its number.\n"
	  "Without arguments: the selected task.\n"
	  "  -R  instead: these members of its task_struct or thread_info; -x  in hexadecimal\n"
	  "  -x, -d  instead: both structs, in hexadecimal or decimal\n\n"
	  "  task 1\n"
	  "  thread 5: pid 1, IN, init\n"
	  "  task -R pid,comm 1\n"
	  "  PID: 1        TASK: ffff8aa90123b080  CPU: 1    COMMAND: \"init\"\n"
	  "    pid = 1,\n" },
};
// clang-format on

const struct cmd_table cmds_tasks = { table, sizeof(table) / sizeof(table[0]) };

static const struct {
	const char *verb;
	enum cmd_tasks takes;
} takers[] = {
	// clang-format off
	{ "files", TASKS_ONE },
	{ "kbt", TASKS_ONE },
	{ "ps", TASKS_MANY },
	{ "set", TASKS_ONE },
	{ "sig", TASKS_ONE },
	{ "task", TASKS_ONE },
	{ "vm", TASKS_ONE },
	// clang-format on
};

enum cmd_tasks cmd_takes_tasks(const char *verb)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (strcmp(takers[i].verb, verb) == 0)
			return takers[i].takes;
	return TASKS_NONE;
}
