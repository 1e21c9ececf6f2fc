// SPDX-License-Identifier: GPL-3.0-or-later
/* ipc.c - System V IPC (ipc/): each namespace has an idr of each kind. */
#include "stub/subsys/sys/ipc.h"

#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/task/task_record.h"

static const struct record_field perm_fields[] = {
	[PERM_KEY] = { { "key" }, RECORD_UINT },
	[PERM_ID] = { { "id" }, RECORD_INT },
	[PERM_UID] = { { "uid" }, RECORD_UINT },
	[PERM_MODE] = { { "mode" }, RECORD_UINT },
};
RECORD(ipc_perm_record, "kern_ipc_perm", perm_fields);

static const struct record_field sem_fields[] = {
	[SEM_PERM] = { { "sem_perm" }, RECORD_ADDRESS },
	[SEM_COUNT] = { { "sem_nsems" }, RECORD_UINT },
};
RECORD(ipc_sem_record, "sem_array", sem_fields);

static const struct record_field msg_fields[] = {
	[MSG_PERM] = { { "q_perm" }, RECORD_ADDRESS },
	[MSG_BYTES] = { { "q_cbytes" }, RECORD_UINT },
	[MSG_COUNT] = { { "q_qnum" }, RECORD_UINT },
};
RECORD(ipc_msg_record, "msg_queue", msg_fields);

static const struct record_field shm_fields[] = {
	[SHM_PERM] = { { "shm_perm" }, RECORD_ADDRESS },
	[SHM_SIZE] = { { "shm_segsz" }, RECORD_UINT },
	[SHM_ATTACHED] = { { "shm_nattch" }, RECORD_UINT },
	[SHM_FILE] = { { "shm_file" }, RECORD_POINTER },
};
RECORD(ipc_shm_record, "shmid_kernel", shm_fields);

static const struct record_field ns_fields[] = {
	[IPC_SEM] = { { "ids[0].ipcs_idr" }, RECORD_ADDRESS },
	[IPC_MSG] = { { "ids[1].ipcs_idr" }, RECORD_ADDRESS },
	[IPC_SHM] = { { "ids[2].ipcs_idr" }, RECORD_ADDRESS },
};
RECORD(ipc_ns_record, "ipc_namespace", ns_fields);

enum { SHMEM_INODE, SHMEM_SWAPPED };
static const struct record_field shmem_fields[] = {
	[SHMEM_INODE] = { { "vfs_inode" }, RECORD_ADDRESS },
	[SHMEM_SWAPPED] = { { "swapped" }, RECORD_UINT },
};
RECORD(shmem_record, "shmem_inode_info", shmem_fields);

struct each {
	ipc_fn fn;
	void *ctx;
	uint64_t perm_off;
};

static bool give(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	const struct each *e = ctx;

	(void)first;
	(void)last;
	return e->fn(e->ctx, entry - e->perm_off, entry);
}

vs_status ipc_each(struct kernel *k, kva_t ns, enum ipc_kind kind, ipc_fn fn, void *ctx,
		   struct err *err)
{
	static const struct record_def *const types[IPC_KINDS] = {
		[IPC_SEM] = &ipc_sem_record,
		[IPC_MSG] = &ipc_msg_record,
		[IPC_SHM] = &ipc_shm_record,
	};
	struct each e = { .fn = fn, .ctx = ctx };
	struct member tree, perm;
	// The permissions are the first row of each table.
	vs_status st = record_member(k, types[kind], 0, &perm, err);

	if (st == VS_OK)
		st = record_member(k, &ipc_ns_record, kind, &tree, err);
	if (st)
		return st;
	e.perm_off = perm.off;
	return walk_idr_at(k, ns + tree.off, give, &e, err);
}

vs_status ipc_of_task(struct kernel *k, kva_t task, kva_t *ret, struct err *err)
{
	uint64_t proxy;
	vs_status st = record_field_read(k, &task_record, task, TASK_NSPROXY, &proxy, err);

	if (st == VS_OK && !proxy)
		return fail(err, VS_NOTFOUND, "no namespaces: the task is exiting");
	return st ? st : record_field_read(k, &nsproxy_record, proxy, NSPROXY_IPC, ret, err);
}

vs_status ipc_shm_swapped(struct kernel *k, kva_t inode, uint64_t *ret, struct err *err)
{
	struct member in;
	vs_status st = record_member(k, &shmem_record, SHMEM_INODE, &in, err);

	return st ? st
		  : record_field_read(k, &shmem_record, inode - in.off, SHMEM_SWAPPED, ret, err);
}
