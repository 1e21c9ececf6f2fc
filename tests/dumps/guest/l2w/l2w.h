/* SPDX-License-Identifier: GPL-2.0 */
/*
 * l2w: a module that crashes the kernel in a known way, so that a dump
 * exists of which every interesting value is known beforehand.
 */
#ifndef L2W_H
#define L2W_H

#include <linux/list.h>
#include <linux/seq_file.h>
#include <linux/types.h>

#define L2W_VDEV_BUCKETS 4
#define L2W_NAME_LEN	 16

enum l2w_vdev_state {
	L2W_VDEV_DOWN,
	L2W_VDEV_LEARNING,
	L2W_VDEV_UP,
};

struct l2w_stats {
	u64 packets;
	u64 bytes;
	u32 errors;
};

struct l2w_vdev {
	struct hlist_node hash_node;
	char name[L2W_NAME_LEN];
	u16 vlan;
	enum l2w_vdev_state state;
	unsigned int mtu : 14;
	unsigned int promisc : 1;
	struct l2w_stats *stats; /* NULL in the broken device */
	struct l2w_vdev *peer;
};

/* What the transmit path hands down: it lives on the interrupt stack. */
struct l2w_frame {
	u8 dst[6];
	u8 src[6];
	u16 vlan;
	u32 len;
	const char *tag;
};

extern struct l2w_vdev l2w_vdevs[];
extern unsigned int l2w_vdev_count;

int l2w_vdev_init(void);
int l2w_vdev_xmit(struct l2w_frame *frame);
void l2w_facts_vdev(struct seq_file *m);

extern int l2w_crash_cpu;

/* Situations other than the first, see the table in l2w_main.c. */
void l2w_crash_workqueue_bug(void);
void l2w_crash_null_call(void);
void l2w_crash_data_call(void);
void l2w_crash_freed_call(void);
void l2w_crash_stack_overflow(void);
void l2w_crash_hardirq(void);
void l2w_crash_panic(void);
void l2w_crash_softirq_syscall(void);
void l2w_crash_nmi(void);
void l2w_hang_irqs_off(void);
void l2w_hang_nmi(void);

void l2w_crash_mce(void);
void l2w_hang_debug(void);
void l2w_crash_entry_nmi(void);
void l2w_crash_bpf_call(void);

/* What they share. */
#define L2W_HUNG_CPU 1

enum l2w_nmi {
	L2W_NMI_NOTHING,
	L2W_NMI_CRASH,
	L2W_NMI_HANG,
	L2W_NMI_ENTRY, /* crash if it hit the entry stack */
};

struct pt_regs;

int l2w_use_broken(void);    /* crashes */
void l2w_spin(void);	     /* for ever */
void l2w_move_to_cpu0(void); /* so that others than the caller's CPU are hit */
void l2w_send_nmi(int cpu, enum l2w_nmi what);
void l2w_entry_nmi(const struct pt_regs *regs);

void l2w_gone_register(int (*fn)(int));

#endif
