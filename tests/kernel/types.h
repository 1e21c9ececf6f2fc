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

/* --- trees of slots */

struct xarray {
	u32 xa_lock;
	u32 xa_flags;
	void *xa_head;
};
struct xa_node {
	u8 shift, offset, count, nr_values;
	struct xa_node *parent;
	struct xarray *array;
	struct list_head private_list;
	void *slots[64];
	unsigned long marks[3][1];
};
struct idr {
	struct xarray idr_rt;
	u32 idr_base, idr_next;
};
enum maple_type { maple_dense, maple_leaf_64, maple_range_64, maple_arange_64 };
struct maple_tree {
	u32 ma_lock;
	u32 ma_flags;
	void *ma_root;
};
struct maple_range_64 {
	void *parent;
	unsigned long pivot[15];
	void *slot[16];
};
struct maple_arange_64 {
	void *parent;
	unsigned long pivot[9];
	void *slot[10];
	unsigned long gap[10];
	u64 meta;
};
struct maple_node {
	union {
		struct {
			void *parent;
			void *slot[31];
		};
		struct maple_range_64 mr64;
		struct maple_arange_64 ma64;
	};
};

/* --- files */

struct qstr {
	u32 hash, len;
	const char *name;
};
struct dentry {
	u32 d_flags;
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	char d_iname[32];
	struct super_block *d_sb;
};
struct address_space {
	struct inode *host;
	struct xarray i_pages;
	unsigned long nrpages;
};
struct inode {
	u16 i_mode;
	struct super_block *i_sb;
	struct address_space *i_mapping;
	unsigned long i_ino;
	u32 i_rdev;
	unsigned long i_state;
	struct list_head i_sb_list;
};
struct file_system_type {
	const char *name;
};
struct super_block {
	struct list_head s_list;
	struct file_system_type *s_type;
	struct list_head s_inodes;
};
struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
	int mnt_flags;
};
struct mount {
	struct hlist_node mnt_hash;
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	const char *mnt_devname;
#if NEW /* 2eea9ce4310d (6.8) */
	struct rb_node mnt_node;
};
struct mnt_namespace {
	struct rb_root mounts;
	u32 nr_mounts;
};
#else
	struct list_head mnt_list;
};
struct mnt_namespace {
	struct list_head list;
	u32 mounts;
};
#endif
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct file {
	struct path f_path;
	struct inode *f_inode;
	void *private_data;
};
struct fdtable {
	u32 max_fds;
	struct file **fd;
	unsigned long *open_fds;
};
struct files_struct {
	atomic_t count;
	struct fdtable *fdt;
};
struct fs_struct {
	int users;
	struct path root, pwd;
};

/* --- memory of programs */

enum { MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, MM_SHMEMPAGES, NR_MM_COUNTERS };
struct percpu_counter {
	u32 lock;
	s64 count;
	s32 *counters;
};
#if NEW /* f1a7941243c1 (6.2) */
typedef struct percpu_counter rss_stat_t[NR_MM_COUNTERS];
#define RSS(files, anon)                                                                           \
	{                                                                                          \
		[MM_FILEPAGES] = { .count = (files) }, [MM_ANONPAGES] = {.count = (anon) }         \
	}
#else
typedef struct mm_rss_stat {
	atomic_long_t count[NR_MM_COUNTERS];
} rss_stat_t;
#define RSS(files, anon)                                                                           \
	{                                                                                          \
		.count = { [MM_FILEPAGES] = { (files) }, [MM_ANONPAGES] = { (anon) } }             \
	}
#endif
struct task_rss_stat {
	int events;
	int count[NR_MM_COUNTERS];
};
struct mm_struct {
#if OLD /* until 763ecb035029 (6.1) */
	struct vm_area_struct *mmap;
#else
	struct maple_tree mm_mt;
#endif
	unsigned long *pgd;
	unsigned long total_vm;
	unsigned long start_code, end_code, start_data, end_data, start_brk, brk, start_stack;
	unsigned long arg_start, arg_end, env_start, env_end;
	rss_stat_t rss_stat;
};
struct vm_area_struct {
	unsigned long vm_start, vm_end;
#if OLD
	struct vm_area_struct *vm_next, *vm_prev;
#endif
	struct mm_struct *vm_mm;
	unsigned long vm_flags;
	unsigned long vm_pgoff;
	struct file *vm_file;
};

/* --- tasks */

typedef struct {
	unsigned long sig[1];
} sigset_t;
struct sigpending {
	struct list_head list;
	sigset_t signal;
};
struct sigaction {
	void (*sa_handler)(int);
	unsigned long sa_flags;
	void (*sa_restorer)(void);
	sigset_t sa_mask;
};
struct k_sigaction {
	struct sigaction sa;
};
struct sighand_struct {
	u32 siglock;
	struct k_sigaction action[64];
};
struct kernel_siginfo {
	int si_signo, si_errno, si_code;
};
struct sigqueue {
	struct list_head list;
	int flags;
	struct kernel_siginfo info;
};
struct rlimit {
	unsigned long rlim_cur, rlim_max;
};
struct signal_struct {
	refcount_t sigcnt;
	int nr_threads;
	struct list_head thread_head;
	struct sigpending shared_pending;
	struct rlimit rlim[16];
};
struct load_weight {
	unsigned long weight;
	u32 inv_weight;
};
struct sched_entity {
	struct load_weight load;
	struct rb_node run_node;
	struct list_head group_node;
	u32 on_rq;
	u64 vruntime;
	struct sched_entity *parent;
	struct cfs_rq *cfs_rq, *my_q;
};
struct sched_rt_entity {
	struct list_head run_list;
};
struct sched_dl_entity {
	struct rb_node rb_node;
};
struct sched_info {
	unsigned long pcount;
	u64 run_delay, last_arrival, last_queued;
};
struct thread_info {
	unsigned long flags;
	unsigned long syscall_work;
	u32 status;
#if !OLD /* bcf9033e5449 (5.16) */
	u32 cpu;
#endif
};
struct thread_struct {
	unsigned long sp;
};
struct vm_struct;
struct task_struct {
	struct thread_info thread_info;
#if OLD /* until 2f064a59a11f (5.14) */
	volatile long state;
#define __state state
#else
	u32 __state;
#endif
	void *stack;
	refcount_t usage;
	u32 flags;
	int on_cpu;
#if OLD
	u32 cpu;
#define ON_CPU(n) .cpu = (n)
#else
#define ON_CPU(n) .thread_info = { .cpu = (n) }
#endif
	int prio, static_prio;
	struct sched_entity se;
	struct sched_rt_entity rt;
	struct sched_dl_entity dl;
	struct task_group *sched_task_group;
	u32 policy;
	struct sched_info sched_info;
	struct list_head tasks;
	struct mm_struct *mm, *active_mm;
#if NEW
#define RSS_CACHED(n)
#else
	struct task_rss_stat rss_stat;
#define RSS_CACHED(n) .rss_stat = { .count = { [MM_ANONPAGES] = (n) } },
#endif
	int exit_state;
	s32 pid, tgid;
	struct task_struct *real_parent, *parent;
	struct list_head children, sibling;
	struct task_struct *group_leader;
	struct hlist_node pid_links[4];
	struct list_head thread_node;
	u64 utime, stime;
	u64 start_time, start_boottime;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct sighand_struct *sighand;
	sigset_t blocked;
	struct sigpending pending;
	struct vm_struct *stack_vm_area;
	refcount_t stack_refcount;
	struct thread_struct thread;
};
union thread_union {
	struct task_struct task;
	unsigned long stack[16384 / 8];
};
struct inactive_task_frame {
	unsigned long r15, r14, r13, r12, bx, bp, ret_addr;
};
struct pid {
	refcount_t count;
	u32 level;
	struct hlist_head tasks[4];
};
struct pid_namespace {
	struct idr idr;
};
struct uts_namespace {
	struct new_utsname {
		char sysname[65], nodename[65], release[65], version[65], machine[65],
			domainname[65];
	} name;
};
struct nsproxy {
	atomic_t count;
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct net *net_ns;
};

struct pcpu_hot {
	struct task_struct *current_task;
	void *hardirq_stack_ptr;
};

/* --- runqueues */

struct cfs_rq {
	struct load_weight load;
	u32 nr_running;
	struct rb_root_cached tasks_timeline;
	struct sched_entity *curr;
	int throttled;
};
struct rt_prio_array {
	unsigned long bitmap[2];
	struct list_head queue[100];
};
struct rt_rq {
	struct rt_prio_array active;
	u32 rt_nr_running;
};
struct dl_rq {
	struct rb_root_cached root;
};
struct rq {
	u32 __lock;
	u32 nr_running;
	struct cfs_rq cfs;
	struct rt_rq rt;
	struct dl_rq dl;
	struct task_struct *curr, *idle;
	u64 clock;
};
struct cgroup_subsys_state {
	struct cgroup *cgroup;
};
struct task_group {
	struct cgroup_subsys_state css;
	struct sched_entity **se;
	struct cfs_rq **cfs_rq;
	struct task_group *parent;
};
struct kernfs_node {
	atomic_t count;
	struct kernfs_node *parent;
	const char *name;
};
struct cgroup {
	struct kernfs_node *kn;
};

/* --- waiting */

struct wait_queue_entry {
	u32 flags;
	void *private;
	void *func;
	struct list_head entry;
};
struct wait_queue_head {
	u32 lock;
	struct list_head head;
};
struct swait_queue_head {
	u32 lock;
	struct list_head task_list;
};
struct swait_queue {
	struct task_struct *task;
	struct list_head task_list;
};
struct completion {
	u32 done;
	struct swait_queue_head wait;
};
struct mutex {
	atomic_long_t owner;
	u32 wait_lock;
	struct list_head wait_list;
};
struct mutex_waiter {
	struct list_head list;
	struct task_struct *task;
};
struct rw_semaphore {
	atomic_long_t count, owner;
	u32 wait_lock;
	struct list_head wait_list;
};
struct rwsem_waiter {
	struct list_head list;
	struct task_struct *task;
};
struct semaphore {
	u32 lock;
	u32 count;
	struct list_head wait_list;
};
struct semaphore_waiter {
	struct list_head list;
	struct task_struct *task;
	bool up;
};

/* of no kernel: one of each */
struct hut {
	struct mutex lock;
	struct rw_semaphore door;
	struct semaphore seats;
	struct completion *food;
};

/* --- pages, slabs, zones */

enum pageflags {
	PG_locked,
	PG_writeback,
	PG_referenced,
	PG_uptodate,
	PG_dirty,
	PG_lru,
	PG_head,
	PG_waiters,
	PG_active,
	PG_workingset,
	PG_owner_priv_1,
	PG_slab,
	PG_reserved,
	__NR_PAGEFLAGS,
};
struct page {
	unsigned long flags;
	union {
#if OLD /* until bb192ed9aa71 (5.17); in another order, as slab's own */
		struct {
			struct kmem_cache *slab_cache;
			union {
				struct list_head slab_list;
				struct {
					struct page *next;
					int pages;
				};
			};
			void *freelist;
			struct {
				unsigned inuse : 16, objects : 15, frozen : 1;
			};
		};
#endif
		struct {
			struct list_head lru;
			struct address_space *mapping;
			unsigned long index;
			unsigned long private;
		};
		struct {
			unsigned long compound_head;
		};
	};
	union {
		atomic_t _mapcount;
		u32 page_type;
	};
	atomic_t _refcount;
	unsigned long memcg_data;
};
#if OLD
#define slab		page
#define __page_flags	flags
#define __page_refcount _refcount
#else
struct slab {
	unsigned long __page_flags;
	struct kmem_cache *slab_cache;
	union {
		struct list_head slab_list;
		struct {
			struct slab *next;
			int slabs;
		};
	};
	void *freelist;
	union {
		unsigned long counters;
		struct {
			unsigned inuse : 16, objects : 15, frozen : 1;
		};
	};
	u32 __unused;
	atomic_t __page_refcount;
	unsigned long memcg_data;
};
#endif
struct kmem_cache_order_objects {
	u32 x;
};
struct kmem_cache_cpu {
	void **freelist;
	unsigned long tid;
#if OLD
	struct page *page, *partial;
#define SLABS(own, rest) .page = (own), .partial = (rest)
#else
	struct slab *slab, *partial;
#define SLABS(own, rest) .slab = (own), .partial = (rest)
#endif
};
struct kmem_cache_node {
	u32 list_lock;
	unsigned long nr_partial;
	struct list_head partial;
	atomic_long_t nr_slabs, total_objects;
	struct list_head full;
};
struct kmem_cache {
	struct kmem_cache_cpu *cpu_slab;
	u32 flags;
	unsigned long min_partial;
	u32 size, object_size;
	u32 offset;
	struct kmem_cache_order_objects oo, min;
	int refcount;
	u32 inuse, align, red_left_pad;
	const char *name;
	struct list_head list;
	unsigned long random;
	struct kmem_cache_node *node[1];
};
enum zone_stat_item { NR_FREE_PAGES, NR_MLOCK, NR_BOUNCE, NR_VM_ZONE_STAT_ITEMS };
enum node_stat_item {
	NR_SLAB_RECLAIMABLE_B,
	NR_SLAB_UNRECLAIMABLE_B,
	NR_ANON_MAPPED,
	NR_FILE_MAPPED,
	NR_FILE_PAGES,
	NR_FILE_DIRTY,
	NR_SHMEM,
	NR_SWAPCACHE,
	NR_PAGETABLE,
	NR_KERNEL_STACK_KB,
	NR_VM_NODE_STAT_ITEMS,
};
enum vm_event_item { PGPGIN, PGPGOUT, PGFAULT, NR_VM_EVENT_ITEMS };
struct vm_event_state {
	unsigned long event[NR_VM_EVENT_ITEMS];
};
enum zone_watermarks { WMARK_MIN, WMARK_LOW, WMARK_HIGH, NR_WMARK };
enum migratetype { MIGRATE_UNMOVABLE, MIGRATE_MOVABLE, MIGRATE_TYPES };
struct free_area {
	struct list_head free_list[MIGRATE_TYPES];
	unsigned long nr_free;
};
struct zone {
	unsigned long _watermark[NR_WMARK];
	struct pglist_data *zone_pgdat;
	unsigned long zone_start_pfn;
	atomic_long_t managed_pages;
	unsigned long spanned_pages, present_pages;
	const char *name;
	struct free_area free_area[11];
	atomic_long_t vm_stat[NR_VM_ZONE_STAT_ITEMS];
};
struct pglist_data {
	struct zone node_zones[2];
	int nr_zones;
	unsigned long node_start_pfn, node_present_pages, node_spanned_pages;
	int node_id;
};
struct hstate {
	int next_nid_to_alloc;
	u32 order;
	unsigned long nr_huge_pages, free_huge_pages;
	char name[32];
};
struct swap_info_struct {
	unsigned long flags;
	short prio;
	signed char type;
	u32 max, pages, inuse_pages;
	struct file *swap_file;
};
struct vm_struct {
	struct vm_struct *next;
	void *addr;
	unsigned long size, flags;
	struct page **pages;
	u32 nr_pages;
	unsigned long phys_addr;
	const void *caller;
};
struct vmap_node {
	struct {
		struct rb_root root;
	} busy;
};
struct vmap_area {
	unsigned long va_start, va_end;
	struct rb_node rb_node;
	struct list_head list;
	union {
		unsigned long subtree_max_size;
		struct vm_struct *vm;
	};
};

/* --- modules */

struct module_layout {
	void *base;
	u32 size, text_size, ro_size;
};
enum mod_mem_type { MOD_TEXT, MOD_DATA, MOD_RODATA, MOD_RO_AFTER_INIT, MOD_INIT_TEXT };
struct module_memory {
	void *base;
	u32 size;
};
struct attribute {
	const char *name;
};
struct bin_attribute {
	struct attribute attr;
	unsigned long size;
	void *private;
};
struct module_sect_attr {
	struct bin_attribute battr;
	unsigned long address;
};
struct module_sect_attrs {
	u32 nsections;
	struct module_sect_attr attrs[3];
};
struct module_notes_attrs {
	u32 notes;
	struct bin_attribute attrs[1];
};
struct elf64_sym {
	u32 st_name;
	u8 st_info, st_other;
	u16 st_shndx;
	u64 st_value, st_size;
};
struct mod_kallsyms {
	struct elf64_sym *symtab;
	u32 num_symtab;
	char *strtab;
	char *typetab;
};
struct orc_entry {
	short sp_offset, bp_offset;
	u16 flags;
} __attribute__((packed));
struct mod_arch_specific {
	u32 num_orcs;
	int *orc_unwind_ip;
	struct orc_entry *orc_unwind;
};
enum module_state {
	MODULE_STATE_LIVE,
	MODULE_STATE_COMING,
	MODULE_STATE_GOING,
	MODULE_STATE_UNFORMED
};
struct module {
	enum module_state state;
	struct list_head list;
	char name[56];
#if NEW /* ac3b43283923 (6.4) */
	struct module_memory mem[7];
#else
	struct module_layout core_layout, init_layout;
#endif
	struct mod_arch_specific arch;
	unsigned long taints;
	struct mod_kallsyms *kallsyms;
	struct module_sect_attrs *sect_attrs;
	struct module_notes_attrs *notes_attrs;
	void *percpu;
	u32 percpu_size;
};
struct taint_flag {
	char c_true, c_false;
	bool module;
};

/* --- time */

struct tk_read_base {
	void *clock;
	u64 mask, cycle_last;
	u32 mult, shift;
	u64 xtime_nsec;
	s64 base;
};
struct timekeeper {
	struct tk_read_base tkr_mono, tkr_raw;
	u64 xtime_sec;
	unsigned long ktime_sec;
	s64 offs_real, offs_boot, offs_tai;
};
struct timer_list {
	struct hlist_node entry;
	unsigned long expires;
	void (*function)(struct timer_list *);
	u32 flags;
};
struct timer_base {
	u32 lock;
	unsigned long clk;
	struct hlist_head vectors[8];
};
struct timerqueue_node {
	struct rb_node node;
	s64 expires;
};
struct timerqueue_head {
	struct rb_root_cached rb_root;
};
struct hrtimer {
	struct timerqueue_node node;
	s64 _softexpires;
	int (*function)(struct hrtimer *);
};
struct hrtimer_clock_base {
	void *cpu_base;
	u32 index;
	int clockid;
	struct timerqueue_head active;
	s64 (*get_time)(void);
	s64 offset;
};
struct hrtimer_cpu_base {
	u32 lock;
	u32 cpu;
	struct hrtimer_clock_base clock_base[2];
};

/* --- interrupts */

struct irq_chip {
	const char *name;
};
struct irq_common_data {
	u32 state_use_accessors;
	cpumask_t affinity[1];
	u32 node;
};
struct irq_data {
	u32 mask, irq;
	unsigned long hwirq;
	struct irq_chip *chip;
};
struct irqaction {
	void *handler, *dev_id;
	struct irqaction *next;
	u32 irq, flags;
	const char *name;
};
struct irq_desc {
	struct irq_common_data irq_common_data;
	struct irq_data irq_data;
#if NEW /* 86d2a2f51fba (6.10) */
	struct irqstat {
		u32 cnt;
	} * kstat_irqs;
#else
	u32 *kstat_irqs;
#endif
	void *handle_irq;
	struct irqaction *action;
	const char *name;
};
enum { HI_SOFTIRQ, TIMER_SOFTIRQ, NET_TX_SOFTIRQ, NR_SOFTIRQS };
struct softirq_action {
	void (*action)(struct softirq_action *);
};
struct idt_bits {
	u16 ist : 3, zero : 5, type : 5, dpl : 2, p : 1;
};
struct gate_struct {
	u16 offset_low, segment;
	struct idt_bits bits;
	u16 offset_middle;
	u32 offset_high, reserved;
};
typedef struct gate_struct gate_desc;

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

/* --- IPC */

struct kern_ipc_perm {
	u32 lock;
	bool deleted;
	int id;
	int key;
	kuid_t uid;
	u16 mode;
};
struct sem_array {
	struct kern_ipc_perm sem_perm;
	int sem_nsems;
};
struct msg_queue {
	struct kern_ipc_perm q_perm;
	unsigned long q_cbytes, q_qnum;
};
struct shmid_kernel {
	struct kern_ipc_perm shm_perm;
	struct file *shm_file;
	unsigned long shm_nattch, shm_segsz;
};
struct shmem_inode_info {
	unsigned long flags, alloced, swapped;
	struct inode vfs_inode;
};
struct ipc_ids {
	int in_use;
	struct idr ipcs_idr;
};
struct ipc_namespace {
	struct ipc_ids ids[3];
};

/* --- BPF */

enum bpf_prog_type { BPF_PROG_TYPE_UNSPEC, BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_KPROBE };
enum bpf_map_type { BPF_MAP_TYPE_UNSPEC, BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_ARRAY };
struct bpf_map {
	enum bpf_map_type map_type;
	u32 key_size, value_size, max_entries, map_flags, id;
	char name[16];
};
struct bpf_ksym {
	unsigned long start, end;
	char name[128];
	struct list_head lnode;
	bool prog;
};
struct bpf_prog_aux {
	u32 used_map_cnt, id;
	u64 load_time;
	struct bpf_map **used_maps;
	char name[16];
	struct bpf_ksym ksym;
};
struct bpf_prog {
	u16 pages;
	u16 jited : 1, jit_requested : 1, gpl_compatible : 1;
	enum bpf_prog_type type;
	u32 len, jited_len;
	u8 tag[8];
	u32 (*bpf_func)(const void *ctx);
	struct bpf_prog_aux *aux;
};

/* --- machine, log */

enum e820_type { E820_TYPE_RAM = 1, E820_TYPE_RESERVED = 2, E820_TYPE_ACPI = 3 };
struct e820_entry {
	u64 addr, size;
	enum e820_type type;
} __attribute__((packed));
struct e820_table {
	u32 nr_entries;
	struct e820_entry entries[3];
};
struct cpuinfo_x86 {
	u8 x86, x86_vendor, x86_model, x86_stepping;
	char x86_vendor_id[16], x86_model_id[64];
	int x86_cache_size;
	u16 x86_max_cores, apicid, logical_proc_id, cpu_core_id, cpu_index;
	u32 microcode;
};
enum cpuhp_state { CPUHP_OFFLINE, CPUHP_ONLINE = 240 };
struct cpuhp_cpu_state {
	enum cpuhp_state state;
};
struct x86_hw_tss {
	u32 reserved1;
	u64 sp0, sp1, sp2;
} __attribute__((packed));
struct tss_struct {
	struct x86_hw_tss x86_tss;
};
struct cea_exception_stacks {
	char DF_stack_guard[4096], DF_stack[4096], NMI_stack_guard[4096], NMI_stack[4096];
};
struct prb_data_blk_lpos {
	unsigned long begin, next;
};
struct prb_desc {
	atomic_long_t state_var;
	struct prb_data_blk_lpos text_blk_lpos;
};
struct dev_printk_info {
	char subsystem[16], device[48];
};
struct printk_info {
	u64 seq, ts_nsec;
	u16 text_len;
	u8 facility;
	u8 flags : 5, level : 3;
	u32 caller_id;
	struct dev_printk_info dev_info;
};
struct prb_data_ring {
	u32 size_bits;
	char *data;
	atomic_long_t head_lpos, tail_lpos;
};
struct prb_desc_ring {
	u32 count_bits;
	struct prb_desc *descs;
	struct printk_info *infos;
	atomic_long_t head_id, tail_id, last_finalized_id;
};
struct printk_ringbuffer {
	struct prb_desc_ring desc_ring;
	struct prb_data_ring text_data_ring;
	atomic_long_t fail;
};
