// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* types_task.h - structs of tasks: scheduling, waiting; types.h includes it. */

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
