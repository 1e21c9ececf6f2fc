// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* types.h - the structs of the synthetic kernel: those of Linux 6.1, with the members that vmstub
 * reads, in their order and with their names, and little else. With KERNEL 510 or 612 some are
 * those of Linux 5.10 or 6.12; their data is the same, so the verbs must print the same. */
#ifndef KERNEL
#define KERNEL 601
#endif
#define OLD (KERNEL < 600)
#define NEW (KERNEL > 601)

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef int s32;
typedef long s64;
typedef unsigned int pid_t;
typedef _Bool bool;
#define NULL ((void *)0)

struct list_head {
	struct list_head *next, *prev;
};
struct hlist_node {
	struct hlist_node *next, **pprev;
};
struct hlist_head {
	struct hlist_node *first;
};
struct hlist_bl_node {
	struct hlist_bl_node *next, **pprev;
};
struct rb_node {
	unsigned long __rb_parent_color;
	struct rb_node *rb_right, *rb_left;
};
struct rb_root {
	struct rb_node *rb_node;
};
struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
};
typedef struct {
	int counter;
} atomic_t;
typedef struct {
	s64 counter;
} atomic64_t;
typedef atomic64_t atomic_long_t;
typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;
typedef struct cpumask {
	unsigned long bits[1];
} cpumask_t;
typedef struct {
	u32 val;
} kuid_t;

// Each uses those before it.
#include "types_fs.h"
#include "types_task.h"
#include "types_mm.h"
#include "types_time.h"
#include "types_net.h"
#include "types_sys.h"
