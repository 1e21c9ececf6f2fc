// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* types_net.h - structs of network and devices; types.h includes it. */

/* --- network */

struct net {
	refcount_t passive;
	struct list_head dev_base_head;
};
struct net_device {
	char name[16];
	struct list_head dev_list;
	u16 type;
	u8 addr_len;
	struct in_device *ip_ptr;
	struct inet6_dev *ip6_ptr;
};
struct in_ifaddr {
	struct hlist_node hash;
	struct in_ifaddr *ifa_next;
	u32 ifa_local, ifa_address;
};
struct in_device {
	struct net_device *dev;
	struct in_ifaddr *ifa_list;
};
struct in6_addr {
	union {
		u8 u6_addr8[16];
		u32 u6_addr32[4];
	} in6_u;
};
struct inet6_dev {
	struct net_device *dev;
	struct list_head addr_list;
};
struct inet6_ifaddr {
	struct in6_addr addr;
	u32 prefix_len;
	struct list_head if_list;
};
struct proto {
	void *close;
	char name[32];
};
struct sock_common {
	union {
		struct {
			u32 skc_daddr, skc_rcv_saddr;
		};
	};
	union {
		struct {
			u16 skc_dport, skc_num;
		};
	};
	u16 skc_family;
	struct proto *skc_prot;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};
struct sock {
	struct sock_common __sk_common;
};
struct inet_sock {
	struct sock sk;
	u32 inet_saddr;
	u16 inet_sport;
};
struct socket {
	int state;
	short type;
	unsigned long flags;
	struct file *file;
	struct sock *sk;
};
struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};
struct neighbour {
#if NEW /* a01a67ab2fff (6.13) */
	struct hlist_node hash;
#else
	struct neighbour *next;
#endif
	u8 nud_state;
	u8 ha[32];
	struct net_device *dev;
	u8 primary_key[4];
};
struct neigh_hash_table {
#if NEW
	struct hlist_head *hash_heads;
#else
	struct neighbour **hash_buckets;
#endif
	u32 hash_shift;
};
struct neigh_table {
	int family;
	struct neigh_hash_table *nht;
};
struct sk_buff {
	struct sk_buff *next, *prev;
	u32 len;
	u8 *data;
};
struct sk_buff_head {
	struct sk_buff *next, *prev;
	u32 qlen;
};

/* --- devices */

struct kobject {
	const char *name;
};
struct cdev {
	struct kobject kobj;
	const void *ops;
};
struct char_device_struct {
	struct char_device_struct *next;
	u32 major, baseminor;
	int minorct;
	char name[64];
	struct cdev *cdev;
};
struct blk_major_name {
	struct blk_major_name *next;
	int major;
	char name[16];
};
struct probe {
	struct probe *next;
	u32 dev;
	unsigned long range;
	void *data;
};
struct kobj_map {
	struct probe *probes[255];
};
typedef struct {
	atomic_long_t a;
} local_t;
struct disk_stats {
	u64 nsecs[4];
	local_t in_flight[2];
};
struct block_device {
#if !OLD
	struct disk_stats *bd_stats;
#endif
	struct gendisk *bd_disk;
};
struct hd_struct {
	struct disk_stats *dkstats;
};
struct bdev_inode {
	struct block_device bdev;
	struct inode vfs_inode;
};
struct gendisk {
	int major, first_minor, minors;
	char disk_name[32];
#if OLD /* until 0d02129e76ed (5.11) */
	struct hd_struct part0;
#else
	struct block_device *part0;
#endif
	const void *fops;
	void *queue;
};
struct resource {
	u64 start, end;
	const char *name;
	unsigned long flags, desc;
	struct resource *parent, *sibling, *child;
};
struct device {
	struct kobject kobj;
};
struct pci_sysdata {
	int domain;
};
struct pci_bus {
	struct list_head node;
	struct list_head children, devices;
	void *sysdata;
	u8 number;
	struct device *bridge;
	char name[48];
};
struct pci_dev {
	struct list_head bus_list;
	struct pci_bus *bus;
	u32 devfn;
	u16 vendor, device;
	u32 class;
	u16 pcie_flags_reg;
};
