// SPDX-License-Identifier: GPL-3.0-or-later
/* comms.c - names of tasks in a trace (kernel/trace/trace_sched_switch.c). */
#include "stub/subsys/trace/comms.h"

#include <stdlib.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/task/tasks.h"

#define PIDS   32768 /* PID_MAX_DEFAULT: map_pid_to_cmdline[pid & (PIDS - 1)] */
#define MAX    (1u << 20)
#define CACHED 4096 /* PIDs, by pid % CACHED */

enum { SAVED_PID_TO_CMD, SAVED_CMD_TO_PID, SAVED_N, SAVED_TEXT, SAVED_ARRAY };
static const struct record_field saved_fields[] = {
	[SAVED_PID_TO_CMD] = { { "map_pid_to_cmdline" }, RECORD_ADDRESS },
	[SAVED_CMD_TO_PID] = { { "map_cmdline_to_pid" }, RECORD_POINTER },
	[SAVED_N] = { { "cmdline_num" }, RECORD_UINT },
	// An array at the end since 44dc5c41b5b1 ("tracing: Fix wasted memory in saved_cmdlines
	// logic", 6.8), and in the stable releases that have it; before, a pointer.
	[SAVED_TEXT] = { { "saved_cmdlines" },
			 RECORD_POINTER,
			 "before 6.8, and not in stable releases with its change" },
	[SAVED_ARRAY] = { { "saved_cmdlines" }, RECORD_ADDRESS },
};
RECORD(saved_cmdlines_record, "saved_cmdlines_buffer", saved_fields);

struct cached {
	bool valid;
	int32_t pid;
	char comm[TRACE_COMM + 1];
};

struct trace_comms {
	struct kernel *k;
	bool tried, saved; /* the kernel's tables were looked for, and are known */
	kva_t pid_to_cmd, cmd_to_pid, text;
	uint64_t n;
	struct cached cache[CACHED];
};

struct trace_comms *trace_comms_create(struct kernel *k)
{
	struct trace_comms *c = calloc(1, sizeof(*c));

	if (c)
		c->k = k;
	return c;
}

void trace_comms_destroy(struct trace_comms *c)
{
	free(c);
}

static bool find_tables(struct trace_comms *c)
{
	struct record r;
	kva_t symbol, va;

	if (c->tried)
		return c->saved;
	c->tried = true;
	if (kernel_need_types(c->k, NULL) || kernel_symbol(c->k, "savedcmd", &symbol, NULL) ||
	    mem_read_u64(c->k->mem, symbol, &va, NULL) || !va)
		return false;
	record_read(c->k, &saved_cmdlines_record, va, RECORD_ALL, &r);
	c->pid_to_cmd = record_pointer(&r, SAVED_PID_TO_CMD);
	c->cmd_to_pid = record_pointer(&r, SAVED_CMD_TO_PID);
	c->text = record_knows(&r, SAVED_TEXT) ? record_pointer(&r, SAVED_TEXT)
					       : record_pointer(&r, SAVED_ARRAY);
	c->saved = record_get(&r, SAVED_N, &c->n) && c->n <= MAX && c->pid_to_cmd &&
		   c->cmd_to_pid && c->text;
	return c->saved;
}

static bool read_saved(struct trace_comms *c, uint64_t i, char *dst)
{
	if (mem_read(c->k->mem, c->text + i * TRACE_COMM, dst, TRACE_COMM, NULL))
		return false;
	dst[TRACE_COMM] = '\0';
	for (char *p = dst; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	return true;
}

/* __trace_find_cmdline() */
static bool find_saved(struct trace_comms *c, int32_t pid, char *dst)
{
	uint32_t i, owner;

	return find_tables(c) &&
	       mem_read_u32(c->k->mem, c->pid_to_cmd + 4ull * ((uint32_t)pid & (PIDS - 1)), &i,
			    NULL) == VS_OK &&
	       i < c->n &&
	       mem_read_u32(c->k->mem, c->cmd_to_pid + 4ull * i, &owner, NULL) == VS_OK &&
	       owner == (uint32_t)pid && read_saved(c, i, dst);
}

static void find(struct trace_comms *c, int32_t pid, char *dst)
{
	struct task t;
	kva_t task;

	if (pid == 0)
		strcpy(dst, "<idle>");
	else if (pid < 0)
		strcpy(dst, "<XXX>"); // as the kernel does
	else if (find_saved(c, pid, dst))
		return;
	else if (task_by_pid(c->k, pid, &task, NULL) == VS_OK &&
		 task_load(c->k, task, &t, NULL) == VS_OK && task_knows(&t, TASK_COMM))
		strcpy(dst, t.comm);
	else
		strcpy(dst, "<...>");
}

const char *trace_comms_get(struct trace_comms *c, int32_t pid)
{
	struct cached *e = &c->cache[(uint32_t)pid % CACHED];

	if (!e->valid || e->pid != pid) {
		e->valid = true;
		e->pid = pid;
		find(c, pid, e->comm);
	}
	return e->comm;
}

void trace_comms_each(struct trace_comms *c, void (*fn)(void *ctx, int32_t pid, const char *comm),
		      void *ctx)
{
	char comm[TRACE_COMM + 1];
	uint32_t pid;

	if (!find_tables(c))
		return;
	for (uint64_t i = 0; i < c->n; i++)
		if (mem_read_u32(c->k->mem, c->cmd_to_pid + 4 * i, &pid, NULL) == VS_OK &&
		    pid != UINT32_MAX && pid && read_saved(c, i, comm))
			fn(ctx, (int32_t)pid, comm);
}
