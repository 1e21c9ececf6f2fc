// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_ipcs.c - ipcs: System V shared memory, semaphores and message queues. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/subsys/fs/fs.h"
#include "stub/subsys/sys/ipc.h"
#include "stub/monitor/cmd.h"

#define MODE_DEST   01000 /* SHM_DEST of include/linux/shm.h */
#define MODE_LOCKED 02000
#define PAGE_SIZE   4096

static const char *const headers[IPC_KINDS] = {
	[IPC_SEM] = "SEM_ARRAY        KEY      SEMID      UID   PERMS NSEMS",
	[IPC_MSG] = "MSG_QUEUE        KEY      MSQID      UID   PERMS USED-BYTES   MESSAGES",
	[IPC_SHM] = "SHMID_KERNEL     KEY      SHMID      UID   PERMS BYTES      NATTCH STATUS",
};

struct ipcs_print {
	struct monitor *m;
	struct buf *out;
	enum ipc_kind kind;
	bool details;	  /* -M */
	const char *only; /* an ID or address; NULL: all */
	unsigned n, total;
};

static void put_details(struct ipcs_print *p, const struct record *shm)
{
	uint64_t swapped = 0, file, bytes = record_pointer(shm, SHM_SIZE);
	struct fs_file f = { 0 };
	struct err why;
	vs_status st = record_need(shm, SHM_FILE, &file, &why);
	bool knows_swapped;

	if (st == VS_OK)
		st = fs_file_load(p->m->k, file, &f, &why);
	if (st) {
		buf_printf(p->out, "(%s)\n", why.msg);
		return;
	}
	if (!f.inode)
		return;
	knows_swapped = ipc_shm_swapped(p->m->k, f.inode, &swapped, NULL) == VS_OK;
	buf_puts(p->out, "PAGES ALLOCATED/RESIDENT/SWAPPED: ");
	buf_put_known(p->out, record_knows(shm, SHM_SIZE), "%" PRIu64,
		      bytes / PAGE_SIZE + (bytes % PAGE_SIZE != 0));
	buf_putc(p->out, '/');
	buf_put_known(p->out, f.knows_npages, "%" PRIu64, f.npages);
	buf_putc(p->out, '/');
	buf_put_known(p->out, knows_swapped, "%" PRIu64, swapped);
	buf_printf(p->out, "\nINODE: %016" PRIx64 "\n", f.inode);
}

static void put_shm(struct ipcs_print *p, kva_t va, const struct record *perm)
{
	struct record shm;
	uint64_t mode = record_pointer(perm, PERM_MODE);

	record_read(p->m->k, &ipc_shm_record, va, RECORD_ALL, &shm);
	cmd_put_field(p->out, &shm, SHM_SIZE, "%-10" PRIu64);
	cmd_put_field(p->out, &shm, SHM_ATTACHED, " %-6" PRIu64);
	buf_printf(p->out, " %s%s%s\n", record_knows(perm, PERM_MODE) ? "" : "?",
		   mode & MODE_DEST ? "dest " : "", mode & MODE_LOCKED ? "locked" : "");
	if (p->details)
		put_details(p, &shm);
}

static void put_object(struct ipcs_print *p, kva_t va, const struct record *perm)
{
	struct record r;

	if (!p->n || p->details)
		buf_printf(p->out, "%s%s\n", p->n ? "\n" : "", headers[p->kind]);
	p->n++;
	buf_printf(p->out, "%016" PRIx64, va);
	cmd_put_field(p->out, perm, PERM_KEY, " %08" PRIx64);
	buf_put_known(p->out, record_knows(perm, PERM_ID), " %-10d",
		      (int32_t)record_pointer(perm, PERM_ID));
	cmd_put_field(p->out, perm, PERM_UID, " %-5" PRIu64);
	buf_put_known(p->out, record_knows(perm, PERM_MODE), " %-5" PRIo64,
		      record_pointer(perm, PERM_MODE) & 0777);
	buf_putc(p->out, ' ');
	if (p->kind == IPC_SEM) {
		record_read(p->m->k, &ipc_sem_record, va, RECORD_ALL, &r);
		cmd_put_field(p->out, &r, SEM_COUNT, "%" PRIu64);
		buf_putc(p->out, '\n');
	} else if (p->kind == IPC_MSG) {
		record_read(p->m->k, &ipc_msg_record, va, RECORD_ALL, &r);
		cmd_put_field(p->out, &r, MSG_BYTES, "%-12" PRIu64);
		cmd_put_field(p->out, &r, MSG_COUNT, " %" PRIu64);
		buf_putc(p->out, '\n');
	} else {
		put_shm(p, va, perm);
	}
}

static bool is_wanted(struct ipcs_print *p, kva_t va, const struct record *perm)
{
	uint64_t id, number;
	char *end;

	if (!p->only)
		return true;
	if (strtoull(p->only, &end, 16) == va && !*end)
		return true;
	return cmd_number(p->only, &number) && record_get(perm, PERM_ID, &id) && id == number;
}

static bool each_object(void *ctx, kva_t object, kva_t va)
{
	struct ipcs_print *p = ctx;
	struct record perm;

	record_read(p->m->k, &ipc_perm_record, va, RECORD_ALL, &perm);
	if (is_wanted(p, object, &perm))
		put_object(p, object, &perm);
	return true;
}

static vs_status put_kind(struct ipcs_print *p, enum ipc_kind kind, kva_t ns, struct err *err)
{
	vs_status st;

	p->kind = kind;
	p->n = 0;
	st = ipc_each(p->m->k, ns, kind, each_object, p, err);
	if (st == VS_OK && !p->n && !p->only)
		buf_printf(p->out, "%s\n(none allocated)\n", headers[kind]);
	p->total += p->n;
	if (p->n || !p->only)
		buf_putc(p->out, '\n');
	return st;
}

/* The IPC namespace of a task, or the initial one. */
static vs_status find_namespace(struct monitor *m, const char *who, kva_t *ret, struct err *err)
{
	kva_t task;
	vs_status st;

	if (!who)
		return kernel_symbol(m->k, "init_ipc_ns", ret, err);
	st = cmd_find_task(m, who, &task, err);
	return st ? st : ipc_of_task(m->k, task, ret, err);
}

static vs_status cmd_ipcs(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	static const enum ipc_kind order[] = { IPC_SHM, IPC_SEM, IPC_MSG };
	struct ipcs_print p = { .m = m, .out = out };
	bool wanted[IPC_KINDS] = {
		[IPC_SEM] = cmd_has(a, "s"),
		[IPC_SHM] = cmd_has(a, "m") || cmd_has(a, "M"),
		[IPC_MSG] = cmd_has(a, "q"),
	};
	bool any = cmd_last(a, "smMq");
	kva_t ns;
	vs_status st = find_namespace(m, cmd_value(a, "n"), &ns, err);

	p.details = cmd_has(a, "M");
	p.only = a->argv[0];
	for (size_t i = 0; i < IPC_KINDS && st == VS_OK; i++)
		if (!any || wanted[order[i]])
			st = put_kind(&p, order[i], ns, err);
	if (st == VS_OK && p.only && !p.total)
		st = fail(err, VS_NOTFOUND, "%s: no such ID or address", p.only);
	return st;
}

static const struct cmd_opt options[] = {
	{ "s", .help = "semaphores" },
	{ "m", .help = "shared memory" },
	{ "M", .help = "shared memory with its pages and inode" },
	{ "q", .help = "message queues" },
	{ "n", "PID | TASK", .help = "in the IPC namespace of this task" },
	{ 0 },
};

const struct cmd verb_ipcs = {
	.name = "ipcs",
	.run = cmd_ipcs,
	.brief = "System V shared memory, semaphores, queues",
	.synopsis = "ipcs [-s] [-m] [-M] [-q] [-n PID | TASK] [ID | ADDRESS]",
	.help = "Without -s, -m, -M and -q, list all of them.\n",
	.example = "  ipcs -s\n"
		   "  SEM_ARRAY        KEY      SEMID      UID   PERMS NSEMS\n"
		   "  ffff893301315c00 6c327702 0          0     666   3\n",
	.options = options,
	.operands = OPERANDS(0, 1),
};
