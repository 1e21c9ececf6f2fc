/* cmd_ipcs.c - ipcs: System V shared memory, semaphores and message queues. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/subsys/fs/fs.h"
#include "stub/kernel/walk.h"
#include "stub/monitor/cmd.h"

#define SHM_DEST   01000 /* include/linux/shm.h */
#define SHM_LOCKED 02000
#define PAGE_SIZE  4096

/* In the order of ipc_namespace.ids: IPC_SEM_IDS, IPC_MSG_IDS, IPC_SHM_IDS (ipc/util.h). */
enum { SEM, MSG, SHM, KINDS };

static const struct {
	const char *type, *perm, *header;
} kinds[KINDS] = {
	[SEM] = { "sem_array", "sem_perm",
		  "SEM_ARRAY        KEY      SEMID      UID   PERMS NSEMS" },
	[MSG] = { "msg_queue", "q_perm",
		  "MSG_QUEUE        KEY      MSQID      UID   PERMS USED-BYTES   MESSAGES" },
	[SHM] = { "shmid_kernel", "shm_perm",
		  "SHMID_KERNEL     KEY      SHMID      UID   PERMS BYTES      NATTCH STATUS" },
};

struct ipcs_print {
	struct monitor *m;
	struct buf *out;
	int kind;
	bool details;	  /* -M */
	const char *only; /* an ID or address; NULL: all */
	unsigned n, total;
};

static uint64_t value(struct ipcs_print *p, kva_t va, const char *type, const char *path,
		      struct err *why)
{
	uint64_t v;

	return kernel_read_member(p->m->k, va, type, path, &v, why) == VS_OK ? v : 0;
}

static void put_details(struct ipcs_print *p, kva_t va, uint64_t bytes, struct err *why)
{
	uint64_t swapped = 0, file = value(p, va, "shmid_kernel", "shm_file", why);
	struct fs_file f = { 0 };
	struct member in;

	if (fs_file_load(p->m->k, file, &f, why) || !f.inode)
		return;
	if (kernel_member(p->m->k, "shmem_inode_info", &in, why, "vfs_inode", NULL) == VS_OK)
		swapped = value(p, f.inode - in.off, "shmem_inode_info", "swapped", why);
	buf_printf(p->out,
		   "PAGES ALLOCATED/RESIDENT/SWAPPED: %" PRIu64 "/%" PRIu64 "/%" PRIu64
		   "\nINODE: %016" PRIx64 "\n",
		   (bytes + PAGE_SIZE - 1) / PAGE_SIZE, f.npages, swapped, f.inode);
}

static void put_object(struct ipcs_print *p, kva_t va, kva_t perm, struct err *why)
{
	uint64_t mode = value(p, perm, "kern_ipc_perm", "mode", why), bytes;

	if (!p->n || p->details)
		buf_printf(p->out, "%s%s\n", p->n ? "\n" : "", kinds[p->kind].header);
	p->n++;
	buf_printf(p->out, "%016" PRIx64 " %08" PRIx64 " %-10d %-5u %-5" PRIo64 " ", va,
		   value(p, perm, "kern_ipc_perm", "key", why),
		   (int32_t)value(p, perm, "kern_ipc_perm", "id", why),
		   (uint32_t)value(p, perm, "kern_ipc_perm", "uid", why), mode & 0777);
	if (p->kind == SEM)
		buf_printf(p->out, "%" PRIu64 "\n", value(p, va, "sem_array", "sem_nsems", why));
	else if (p->kind == MSG)
		buf_printf(p->out, "%-12" PRIu64 " %" PRIu64 "\n",
			   value(p, va, "msg_queue", "q_cbytes", why),
			   value(p, va, "msg_queue", "q_qnum", why));
	if (p->kind != SHM)
		return;
	bytes = value(p, va, "shmid_kernel", "shm_segsz", why);
	buf_printf(p->out, "%-10" PRIu64 " %-6" PRIu64 " %s%s\n", bytes,
		   value(p, va, "shmid_kernel", "shm_nattch", why), mode & SHM_DEST ? "dest " : "",
		   mode & SHM_LOCKED ? "locked" : "");
	if (p->details)
		put_details(p, va, bytes, why);
}

static bool is_wanted(struct ipcs_print *p, kva_t va, kva_t perm)
{
	uint64_t id, number;
	char *end;

	if (!p->only)
		return true;
	if (strtoull(p->only, &end, 16) == va && !*end)
		return true;
	return cmd_number(p->only, &number) &&
	       kernel_read_member(p->m->k, perm, "kern_ipc_perm", "id", &id, NULL) == VS_OK &&
	       id == number;
}

static bool each_entry(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	struct ipcs_print *p = ctx;
	struct err why = { 0 };
	struct member perm;

	(void)first;
	(void)last;
	if (kernel_member(p->m->k, kinds[p->kind].type, &perm, &why, kinds[p->kind].perm, NULL)) {
		buf_printf(p->out, "(%s)\n", why.msg);
		return false;
	}
	if (!is_wanted(p, entry - perm.off, entry))
		return true;
	put_object(p, entry - perm.off, entry, &why);
	if (why.msg[0])
		buf_printf(p->out, "(%s)\n", why.msg);
	return true;
}

static vs_status put_kind(struct ipcs_print *p, int kind, kva_t ns, struct err *err)
{
	struct member ids;
	char path[32];
	vs_status st;

	snprintf(path, sizeof(path), "ids[%d].ipcs_idr.idr_rt", kind);
	st = kernel_member(p->m->k, "ipc_namespace", &ids, err, path, NULL);
	if (st)
		return st;
	p->kind = kind;
	p->n = 0;
	st = walk_xarray(p->m->k, ns + ids.off, each_entry, p, err);
	if (st == VS_OK && !p->n && !p->only)
		buf_printf(p->out, "%s\n(none allocated)\n", kinds[kind].header);
	p->total += p->n;
	if (p->n || !p->only)
		buf_putc(p->out, '\n');
	return st;
}

/* The namespace of a task, or the first one. */
static vs_status find_namespace(struct monitor *m, const char *who, kva_t *ret, struct err *err)
{
	uint64_t proxy;
	kva_t task;
	vs_status st;

	if (!who)
		return kernel_symbol(m->k, "init_ipc_ns", ret, err);
	st = cmd_find_task(m, who, &task, err);
	if (st == VS_OK)
		st = kernel_read_member(m->k, task, "task_struct", "nsproxy", &proxy, err);
	if (st == VS_OK && !proxy)
		return fail(err, VS_NOTFOUND, "the task has given up its namespaces");
	return st ? st : kernel_read_member(m->k, proxy, "nsproxy", "ipc_ns", ret, err);
}

vs_status cmd_ipcs(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	static const int order[] = { SHM, SEM, MSG };
	struct ipcs_print p = { .m = m, .out = out };
	bool wanted[KINDS] = { false }, any = false;
	struct opt_state s = { 0 };
	const char *who = NULL;
	vs_status st;
	kva_t ns;
	int c;

	while ((c = cmd_option(a, &s, "smMqn:", err)) > 0) {
		wanted[SEM] |= c == 's';
		wanted[SHM] |= c == 'm' || c == 'M';
		wanted[MSG] |= c == 'q';
		any |= c != 'n';
		p.details |= c == 'M';
		if (c == 'n')
			who = s.arg;
	}
	cmd_operands(a, &s);
	if (c < 0)
		return VS_INVAL;
	if (a->argc > 1)
		return fail(err, VS_INVAL, "usage: ipcs [-smMq] [-n PID | TASK] [ID | ADDRESS]");
	p.only = a->argv[0];
	st = find_namespace(m, who, &ns, err);
	for (size_t i = 0; i < KINDS && st == VS_OK; i++)
		if (!any || wanted[order[i]])
			st = put_kind(&p, order[i], ns, err);
	if (st == VS_OK && p.only && !p.total)
		st = fail(err, VS_NOTFOUND, "%s: no such ID or address", p.only);
	return st;
}
