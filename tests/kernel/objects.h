// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* objects.h - objects of the synthetic kernel that several of its parts use. */
extern struct task_struct init_task, idle_1, init, kworker, worm, tail, ghost;
extern struct nsproxy init_nsproxy;
extern struct mm_struct init_mm, worm_mm;
extern struct mnt_namespace mnt_ns;
extern struct net init_net;
extern struct ipc_namespace init_ipc_ns;
extern struct fs_struct init_fs, worm_fs;
extern struct files_struct worm_files, no_files;
extern struct rq runqueues_0, runqueues_1;
extern struct sighand_struct worm_actions;
extern struct sigqueue usr1, term;
extern struct task_group diggers;
extern struct sched_entity diggers_entity;
extern struct vm_area_struct area_code;
