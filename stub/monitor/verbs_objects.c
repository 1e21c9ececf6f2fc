/* verbs_objects.c - the table of verbs about what the kernel keeps for and around tasks. */
#include "stub/monitor/cmd.h"

// clang-format off
static const struct cmd table[] = {
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
};
// clang-format on

const struct cmd_table cmds_objects = { table, sizeof(table) / sizeof(table[0]) };
