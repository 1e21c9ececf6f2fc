/* SPDX-License-Identifier: GPL-2.0 */
#pragma once
#include <linux/list.h>
#include <linux/types.h>

struct l2f_ops {
	long opened;
	long count;
};

struct l2f_item {
	struct list_head link;
	u64 id;
	u64 flags;
	struct l2f_ops *ops; /* half way: SLUB keeps its own pointer here when the item is free */
	u64 rest[3];
};

/* Tells tests a value that they cannot know otherwise. */
#define l2f_fact(name, value) pr_info("l2f: fact %s=%llx\n", name, (u64)(unsigned long)(value))

int l2f_make_caches(void);

void l2f_poison(void);
void l2f_plain(void);
void l2f_list(void);
void l2f_deleted(void);
void l2f_errptr(void);
void l2f_gp(void);
void l2f_divide(void);
void l2f_text(void);
void l2f_guard(void);
void l2f_user(void);
void l2f_smashed(void);
void l2f_warn(void);
void l2f_bounds(void);
void l2f_kfence(void);

void l2f_softlockup(void);
void l2f_spins(void);
void l2f_nmi(void);
void l2f_rcu(void);
void l2f_preempted(void);
void l2f_hung(void);
void l2f_oom(void);
