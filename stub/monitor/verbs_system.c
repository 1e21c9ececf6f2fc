/* verbs_system.c - the table of verbs about the system and its tasks. */
#include "stub/monitor/cmd.h"

// clang-format off
static const struct cmd table[] = {
	{ "dis", cmd_dis, "disassemble",
	  "dis [-r | -f] [-l | -s] ADDRESS | SYMBOL [COUNT]",
	  "One instruction at ADDRESS, all of a function named SYMBOL, or COUNT instructions.\n"
	  "  -r  from the start of the function to ADDRESS\n"
	  "  -f  from ADDRESS to the end of the function\n"
	  "  -l  with file and line where they change\n"
	  "  -s  source of the function instead, when its files are on this machine\n\n"
	  "  dis ffffffffc05a3b78\n"
	  "  0xffffffffc05a3b78 <l2w_vdev_xmit+248>:  mov    0xe8(%rax),%rdx\n" },
	{ "foreach", cmd_foreach, "a command for many tasks",
	  "foreach [user | kernel | active | STATE | PID | TASK | NAME]... kbt [OPTION]...",
	  "All tasks that one of the words selects; all tasks without any.\n\n"
	  "  foreach UN kbt -l\n" },
	{ "help", cmd_help, "this list, or what one command does", "help [COMMAND]", "" },
	{ "kbt", cmd_kbt, "kernel backtrace in crash's layout",
	  "kbt [-ilsdfFg] [PID | TASK | -c CPUS | -a | -p]...\n"
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
	  "  -f  with the stack words of each frame; -F with symbols for them\n"
	  "  -d  say how each frame was found\n"
	  "  -r  the whole stack, raw\n"
	  "  -t  every text address on the stack above the stack pointer; -T on all of it\n"
	  "  -e  register frames found on the stack; -E on each CPU's interrupt and\n"
	  "      exception stacks\n"
	  "  -v  tasks whose stack overflowed\n\n"
	  "  kbt 1\n"
	  "  PID: 1        TASK: ff2583be411e20c0  CPU: 1    COMMAND: \"init\"\n"
	  "   #0 [ff54976340013d58] __schedule at ffffffff8c0b1c3d\n" },
	{ "log", cmd_log, "the kernel's log buffer", "log [-T] [-t] [-m] [-c]",
	  "  -t  without timestamps\n"
	  "  -T  with the time of day\n"
	  "  -m  with the level as <N>\n"
	  "  -c  with the caller's task or CPU, where the kernel recorded it\n\n"
	  "  log -T\n"
	  "  [Mon Nov 23 03:44:01 UTC 2026] Linux version 6.1.0\n" },
	{ "mod", cmd_mod, "loaded modules and their symbols",
	  "mod [-s NAME [FILE] | -S [DIR] | -d NAME]",
	  "Without arguments: the list of modules.\n"
	  "  -s  use FILE (or search again) for the module's symbols; another build is refused\n"
	  "  -S  search for all modules' files, in DIR first\n"
	  "  -d  forget the module's symbols\n\n"
	  "  mod -s l2w /root/l2w.ko\n" },
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
	{ "set", cmd_set, "the selected task", "set [-l]",
	  "The task of the selected thread.\n"
	  "  -l  in one line, as above a backtrace\n" },
	{ "sym", cmd_sym, "translate between symbols and addresses",
	  "sym ADDRESS | SYMBOL[+OFFSET] ...",
	  "Address, type letter, symbol and offset, [module], file: line.\n\n"
	  "  sym ffffffffc05a3b78\n"
	  "  ffffffffc05a3b78 (t) l2w_vdev_xmit+248 [l2w] /root/l2w/vdev.c: 216\n" },
	{ "sys", cmd_sys, "the system: kernel, dump, uptime, panic", "sys", "" },
	{ "task", cmd_task, "make a task a thread of gdb", "task [PID | TASK | -c CPU]",
	  "The task becomes a thread, so that bt, info locals, $task and user memory are its own.\n"
	  "With vmstub.gdb loaded the command selects it, too; else `info threads` has its number.\n"
	  "Without arguments: the selected task.\n\n"
	  "  task 1\n"
	  "  thread 5: pid 1, IN, init\n" },
};
// clang-format on

const struct cmd_table cmds_system = { table, sizeof(table) / sizeof(table[0]) };
