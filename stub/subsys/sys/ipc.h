// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* ipc.h - System V shared memory, semaphores and message queues. Callers get addresses and read
 * them with the record tables. */
#include <stdbool.h>

#include "stub/kernel/record.h"

/* In the order of ipc_namespace.ids: IPC_SEM_IDS, IPC_MSG_IDS, IPC_SHM_IDS (ipc/util.h). */
enum ipc_kind { IPC_SEM, IPC_MSG, IPC_SHM, IPC_KINDS };

/* struct kern_ipc_perm, which each kind includes */
enum ipc_perm_field { PERM_KEY, PERM_ID, PERM_UID, PERM_MODE };
extern const struct record_def ipc_perm_record;
enum ipc_sem_field { SEM_PERM, SEM_COUNT };
extern const struct record_def ipc_sem_record;
enum ipc_msg_field { MSG_PERM, MSG_BYTES, MSG_COUNT };
extern const struct record_def ipc_msg_record;
enum ipc_shm_field { SHM_PERM, SHM_SIZE, SHM_ATTACHED, SHM_FILE };
extern const struct record_def ipc_shm_record;

/* object: sem_array, msg_queue or shmid_kernel; perm: its kern_ipc_perm. */
typedef bool (*ipc_fn)(void *ctx, kva_t object, kva_t perm);
/* Calls fn for all objects of a kind in a struct ipc_namespace until it returns false. */
vs_status ipc_each(struct kernel *k, kva_t ns, enum ipc_kind kind, ipc_fn fn, void *ctx,
		   struct err *err);
/* The IPC namespace of a task. VS_NOTFOUND: the exiting task has none any more. */
vs_status ipc_of_task(struct kernel *k, kva_t task, kva_t *ret, struct err *err);
/* Number of swapped-out pages of a shared memory segment; inode is that of its file. */
vs_status ipc_shm_swapped(struct kernel *k, kva_t inode, uint64_t *ret, struct err *err);
