// SPDX-License-Identifier: GPL-3.0-or-later
/* taskfiles.c - files of the chosen task. gdb has one space of symbols, and programs lie at the
 * same addresses: so it gets the files of one task at a time. */
#include "stub/gdb/taskfiles.h"

#include <stdio.h>

#include "stub/base/log.h"
#include "stub/gdb/images.h"
#include "stub/kernel/kernel.h"
#include "stub/task/tasks.h"
#include "stub/unwind/stack_start.h"
#include "stub/usercore/process.h"
#include "stub/usercore/programs.h"

#define MAX_LINES 5 /* about files that were not found */

/* Where the file is, for people; it is open. */
static void put_place(const struct program *g, struct buf *about)
{
	if (g->why.msg[0]) {
		buf_printf(about, "%s, at %#llx: %s; its memory has ", g->path,
			   (unsigned long long)g->start, g->why.msg);
		if (g->memory.symbols)
			buf_printf(about, "%zu exported name%s%s\n", g->memory.symbols,
				   g->memory.symbols == 1 ? "" : "s",
				   g->memory.frames ? ", and how to unwind its functions" : "");
		else
			buf_puts(about, "no names, but how to unwind its functions\n");
		return;
	}
	buf_printf(about, "symbols of %s, at %#llx%s\n", g->path, (unsigned long long)g->start,
		   g->stripped ? ", which is stripped: without its debug information, gdb knows "
				 "only names that it exports"
			       : "");
}

/* Says where bt ends if the task runs code that a just-in-time compiler generated: it belongs to no
 * file, so nothing describes how to unwind it. */
static void put_generated(struct kernel *k, const struct task *t, const struct process *p,
			  struct buf *about)
{
	struct frame user;
	uint64_t pc;

	if (!stack_user_regs(k, t, &user) || k->arch->os->user_is_32bit(&user.regs))
		return;
	pc = user.regs.v[k->arch->pc];
	for (size_t i = 0; i < p->nareas; i++) {
		const struct vma *v = &p->area[i].vma;

		if (pc >= v->start && pc < v->end && v->knows_file && !v->file && v->knows_ops &&
		    !v->ops)
			buf_printf(about,
				   "its code at %#llx is in memory of no file, as it was generated "
				   "when it ran: bt ends there\n",
				   (unsigned long long)pc);
	}
}

static bool offer(struct images *images, struct programs *ps, struct buf *about)
{
	size_t missing = 0;
	bool any = false;

	for (size_t i = 0; i < ps->n; i++) {
		struct program *g = &ps->v[i];

		if (g->fd >= 0 && images_add_program(images, g->path, g->start, g->fd)) {
			put_place(g, about);
			g->fd = -1; // taken over
			any = true;
		} else if (g->fd < 0 && missing++ < MAX_LINES) {
			buf_printf(about, "no symbols of %s: %s\n", g->path, g->why.msg);
		}
	}
	if (missing > MAX_LINES)
		buf_printf(about, "and of %zu other files\n", missing - MAX_LINES);
	return any;
}

/* Lists a task's program; programs_free() and process_free() afterwards in any case. */
static uint64_t list(struct kernel *k, kva_t task, struct process *p, struct programs *ps)
{
	*ps = (struct programs){ .n = 0 };
	if (process_load_areas(k, task, p, NULL) || programs_list(p, ps, NULL))
		return 0;
	return programs_key(ps);
}

bool taskfiles_choose(struct taskfiles *f, struct kernel *k, struct images *images, kva_t task,
		      struct buf *about)
{
	struct process p;
	struct programs ps;
	struct task t;
	uint64_t key;
	bool changed = false;

	if (task_load(k, task, &t, NULL) || !t.mm)
		return false;
	key = list(k, task, &p, &ps);
	if (key != f->key || !key) {
		changed = images_no_programs(images);
		programs_find(&p, &ps);
		*f = (struct taskfiles){ .key = key };
		f->any = offer(images, &ps, about);
		changed |= f->any;
	}
	put_generated(k, &t, &p, about);
	f->pid = t.pid;
	f->told = false;
	f->checked = t.mm;
	if (changed)
		images_user_covered(images);
	programs_free(&ps);
	process_free(&p);
	return changed;
}

void taskfiles_check(struct taskfiles *f, struct kernel *k, kva_t task, kva_t mm)
{
	struct process p;
	struct programs ps;

	if (!f->any || f->told || !mm || mm == f->checked)
		return;
	f->checked = mm;
	if (list(k, task, &p, &ps) != f->key) {
		f->told = true;
		log_warn(
			"note: gdb has the symbols of PID %d, which runs another program than this "
			"thread: names of user addresses are wrong until you type task",
			f->pid);
	}
	programs_free(&ps);
	process_free(&p);
}
