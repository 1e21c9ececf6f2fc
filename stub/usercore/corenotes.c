// SPDX-License-Identifier: GPL-3.0-or-later
/* corenotes.c - writes the notes of a process's core. */
#include "stub/usercore/corenotes.h"

#include <elf.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/task/signals.h"
#include "stub/task/task_record.h"
#include "stub/task/taskinfo.h"

#define MAX_AUXV    1024 /* bytes; the kernel's array has some 50 words */
#define SIGINFO_LEN 128	 /* siginfo_t of programs; the kernel keeps only the first 48 bytes */

static void put_u32(struct buf *out, uint32_t v)
{
	buf_put(out, &v, sizeof(v));
}

static void put_u64(struct buf *out, uint64_t v)
{
	buf_put(out, &v, sizeof(v));
}

static void put_zeros(struct buf *out, size_t n)
{
	while (n--)
		buf_putc(out, 0);
}

/* Name and descriptor are padded to 4 bytes. */
static void put_note(struct buf *out, const char *name, uint32_t type, const void *desc, size_t len)
{
	size_t name_len = strlen(name) + 1;

	put_u32(out, (uint32_t)name_len);
	put_u32(out, (uint32_t)len);
	put_u32(out, type);
	buf_put(out, name, name_len);
	put_zeros(out, -name_len & 3);
	buf_put(out, desc, len);
	put_zeros(out, -len & 3);
}

static void put_core_note(struct buf *out, uint32_t type, const struct buf *desc)
{
	put_note(out, "CORE", type, buf_str(desc), desc->len);
}

/* --- who it is */

enum { SIGNAL_PGRP, SIGNAL_SESSION };
static const struct record_field group_fields[] = {
	// enum pid_type; 2c4704756cab (4.19) moved them from the task
	[SIGNAL_PGRP] = { { "pids[2]" }, RECORD_POINTER, "since 4.19" },
	[SIGNAL_SESSION] = { { "pids[3]" }, RECORD_POINTER, "since 4.19" },
};
RECORD(signal_group_record, "signal_struct", group_fields);

enum { PID_NUMBER };
static const struct record_field number_fields[] = {
	[PID_NUMBER] = { { "numbers[0].nr" }, RECORD_INT },
};
RECORD(pid_number_record, "pid", number_fields);

enum { TASK_CRED, TASK_STATIC_PRIO, TASK_SIGINFO };
static const struct record_field who_fields[] = {
	[TASK_CRED] = { { "cred" }, RECORD_POINTER },
	[TASK_STATIC_PRIO] = { { "static_prio" }, RECORD_INT },
	[TASK_SIGINFO] = { { "last_siginfo" }, RECORD_POINTER },
};
RECORD(task_who_record, "task_struct", who_fields);

enum { CRED_UID, CRED_GID };
static const struct record_field cred_fields[] = {
	[CRED_UID] = { { "uid.val", "uid" }, RECORD_UINT },
	[CRED_GID] = { { "gid.val", "gid" }, RECORD_UINT },
};
RECORD(cred_record, "cred", cred_fields);

enum { MM_AUXV };
static const struct record_field auxv_fields[] = {
	[MM_AUXV] = { { "saved_auxv" }, RECORD_ADDRESS },
};
RECORD(mm_auxv_record, "mm_struct", auxv_fields);

/* The number of the process group or session; 0: unknown. */
static uint32_t group_of(struct kernel *k, kva_t task, unsigned which)
{
	uint64_t signal, pid, number;

	if (record_field_read(k, &task_record, task, TASK_SIGNAL, &signal, NULL) ||
	    record_field_read(k, &signal_group_record, signal, which, &pid, NULL) || !pid ||
	    record_field_read(k, &pid_number_record, pid, PID_NUMBER, &number, NULL))
		return 0;
	return (uint32_t)number;
}

/* pr_pid, pr_ppid, pr_pgrp, pr_sid */
static void put_ids(struct kernel *k, const struct task *t, int32_t pid, struct buf *out)
{
	int32_t parent = 0;
	kva_t va;

	if (task_parent(k, t->va, &va, &parent, NULL))
		parent = 0;
	put_u32(out, (uint32_t)pid);
	put_u32(out, (uint32_t)parent);
	put_u32(out, group_of(k, t->va, SIGNAL_PGRP));
	put_u32(out, group_of(k, t->va, SIGNAL_SESSION));
}

/* struct elf_prpsinfo */
static void put_psinfo(const struct process *p, const struct task *t, struct buf *out)
{
	static const char names[] = "RSDTZW";
	uint64_t cred = 0, uid = 0, gid = 0, prio = 120;
	AUTO(buf) desc = { 0 }, args = { 0 };
	char text[80] = "", name[sizeof(t->comm)] = "";
	unsigned state = t->state ? (unsigned)__builtin_ctzll(t->state) + 1 : 0;

	if (record_field_read(p->k, &task_who_record, t->va, TASK_CRED, &cred, NULL) == VS_OK) {
		(void)record_field_read(p->k, &cred_record, cred, CRED_UID, &uid, NULL);
		(void)record_field_read(p->k, &cred_record, cred, CRED_GID, &gid, NULL);
	}
	(void)record_field_read(p->k, &task_who_record, t->va, TASK_STATIC_PRIO, &prio, NULL);
	buf_putc(&desc, (char)state);
	buf_putc(&desc, state < sizeof(names) - 1 ? names[state] : '.');
	buf_putc(&desc, state == 4); // pr_zomb
	buf_putc(&desc, (char)(prio - 120));
	put_u32(&desc, 0);
	put_u64(&desc, t->flags);
	put_u32(&desc, (uint32_t)uid);
	put_u32(&desc, (uint32_t)gid);
	put_ids(p->k, t, t->tgid, &desc);
	strcpy(name, t->comm); // without what follows its end
	buf_put(&desc, name, 16);
	(void)task_strings(p->k, t->va, false, &args, NULL);
	for (size_t i = 0; i < args.len && i < sizeof(text) - 1; i++)
		text[i] = args.p[i] || i + 1 == args.len ? args.p[i] : ' ';
	buf_put(&desc, text, sizeof(text));
	put_core_note(out, NT_PRPSINFO, &desc);
}

/* --- registers */

/* struct elf_prstatus. No signal has ended the process: pr_cursig is 0. */
static void put_status(const struct process *p, const struct process_thread *t, bool fp,
		       struct buf *out, struct core_lacks *lacks)
{
	struct task_signals s = { 0 };
	AUTO(buf) desc = { 0 };
	uint64_t missing;

	(void)signals_load(p->k, t->task.va, &s, NULL);
	put_zeros(&desc, 16); // pr_info, pr_cursig
	put_u64(&desc, s.private_pending);
	put_u64(&desc, s.blocked);
	put_ids(p->k, &t->task, t->task.pid, &desc);
	put_zeros(&desc, 4 * 16); // times of the process and its children
	missing = p->k->arch->put_prstatus_regs(&t->regs, &desc);
	put_u32(&desc, fp); // pr_fpvalid
	put_u32(&desc, 0);
	put_core_note(out, NT_PRSTATUS, &desc);
	lacks->regs += missing != 0;
	lacks->reg_mask |= missing;
}

/* The signal that a debugger was about to see; else zeros, which is no signal. */
static void put_siginfo(const struct process *p, const struct task *t, struct buf *out)
{
	uint8_t info[SIGINFO_LEN] = { 0 };
	uint64_t va, size;

	if (record_field_read(p->k, &task_who_record, t->va, TASK_SIGINFO, &va, NULL) == VS_OK &&
	    va) {
		if (types_size(p->k->types, "kernel_siginfo", &size, NULL) || size > sizeof(info))
			size = 48;
		if (mem_read(p->k->mem, va, info, size, NULL))
			memset(info, 0, sizeof(info));
	}
	put_note(out, "CORE", NT_SIGINFO, info, sizeof(info));
}

/* --- the process */

static void put_auxv(const struct process *p, struct buf *out, struct core_lacks *lacks)
{
	uint64_t words[MAX_AUXV / 8] = { 0 };
	struct member m;
	size_t n = 0;

	lacks->auxv = record_member(p->k, &mm_auxv_record, MM_AUXV, &m, NULL) != VS_OK ||
		      m.size > sizeof(words) ||
		      mem_read(p->k->mem, p->mm + m.off, words, m.size, NULL) != VS_OK;
	if (lacks->auxv)
		return;
	while (n + 2 < m.size / 8 && words[n]) // up to AT_NULL
		n += 2;
	put_note(out, "CORE", NT_AUXV, words, (n + 2) * 8);
}

/* Counts, then start, end and offset in pages of each mapping, then their names. */
static void put_files(const struct process *p, struct buf *out, struct core_lacks *lacks)
{
	AUTO(buf) desc = { 0 }, names = { 0 };
	uint64_t n = 0;

	for (size_t i = 0; i < p->nareas; i++) {
		lacks->files |= p->area[i].vma.file && !p->area[i].path;
		n += p->area[i].path != NULL;
	}
	put_u64(&desc, n);
	put_u64(&desc, PROCESS_PAGE);
	for (size_t i = 0; i < p->nareas; i++) {
		const struct process_area *a = &p->area[i];

		if (!a->path)
			continue;
		put_u64(&desc, a->vma.start);
		put_u64(&desc, a->vma.end);
		put_u64(&desc, a->vma.pgoff);
		buf_put(&names, a->path, strlen(a->path) + 1);
	}
	buf_put(&desc, buf_str(&names), names.len);
	if (desc.oom || names.oom)
		out->oom = true;
	put_core_note(out, NT_FILE, &desc);
}

static void put_fp(const struct process *p, struct buf *out, const struct buf *fp,
		   const struct buf *more)
{
	if (fp->len)
		put_core_note(out, NT_FPREGSET, fp);
	if (more->len)
		put_note(out, "LINUX", p->k->arch->os->fp_note, buf_str(more), more->len);
}

void core_notes_put(const struct process *p, struct buf *out, struct core_lacks *lacks)
{
	bool first = true;

	*lacks = (struct core_lacks){ .threads = 0 };
	for (size_t i = 0; i < p->nthreads; i++) {
		const struct process_thread *t = &p->thread[i];
		AUTO(buf) fp = { 0 }, more = { 0 };

		if (!t->has_regs) {
			if (!lacks->threads++)
				lacks->why = t->why;
			continue;
		}
		if (!t->on_cpu)
			p->k->arch->os->user_fp(p->k, t->task.va, &fp, &more);
		lacks->fp_threads += !fp.len;
		put_status(p, t, fp.len != 0, out, lacks);
		if (first) { // in the kernel's order
			put_psinfo(p, &t->task, out);
			put_siginfo(p, &t->task, out);
			put_auxv(p, out, lacks);
			put_files(p, out, lacks);
		}
		put_fp(p, out, &fp, &more);
		first = false;
	}
	if (!first)
		return;
	put_psinfo(p, &p->thread[0].task, out);
	put_auxv(p, out, lacks);
	put_files(p, out, lacks);
}
