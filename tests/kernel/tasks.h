/* tasks.h - seven tasks.
 *
 *   PID  address           name       CPU  what it does
 *     0  ffffffff82208000  swapper/0  0    idle, runs on CPU 0
 *     0  ffff888000101000  swapper/1  1    idle
 *     1  ffff888000102000  init       0    sleeps
 *     2  ffff888000103000  kworker    1    a kernel thread without work
 *    42  ffff888000104000  worm       1    runs on CPU 1
 *    43  ffff888000105000  tail       0    its second thread, waits for a disk
 *    50  ffff888000106000  ghost      0    a zombie, child of worm
 */
#define PF_KTHREAD 0x00200000
#define PF_IDLE	   0x00000002

/* Each task has a parent, a leader and lists. */
#define TASK_LISTS(t) .group_leader = &t, .children = EMPTY(t.children), .sibling = EMPTY(t.sibling)

extern struct signal_struct init_signals, worm_signals, ghost_signals, kernel_signals;
extern struct signal_struct first_signals;

/* The list of tasks has init, kworker, worm and ghost, in this order. */
AT(ffffffff82208000)
struct task_struct init_task = {
	.comm = "swapper/0",
	.flags = PF_KTHREAD | PF_IDLE,
	.on_cpu = 1,
	.prio = 120,
	ON_CPU(0),
	.stack = (void *)0xffffffff82214000,
	.real_parent = &init_task,
	.group_leader = &init_task,
	.children = LINKS(&init.sibling, &kworker.sibling),
	.tasks = LINKS(&init.tasks, &ghost.tasks),
	.thread_node = LINKS(&kernel_signals.thread_head, &kernel_signals.thread_head),
	.signal = &kernel_signals,
	.nsproxy = &init_nsproxy,
};
AT(ffff888000101000)
struct task_struct idle_1 = {
	.comm = "swapper/1",
	.flags = PF_KTHREAD | PF_IDLE,
	.prio = 120,
	ON_CPU(1),
	.real_parent = &init_task,
	TASK_LISTS(idle_1),
	.nsproxy = &init_nsproxy,
};
AT(ffff888000102000)
struct task_struct init = {
	.stack_refcount = { { 1 } },
	.comm = "init",
	.pid = 1,
	.tgid = 1,
	.__state = 1, /* TASK_INTERRUPTIBLE */
	.prio = 120,
	.sched_task_group = &diggers,
	ON_CPU(0),
	.stack = (void *)0xffffc9000000c000,
	.thread = { .sp = 0xffffc9000000fe00 },
	.mm = &init_mm,
	.real_parent = &init_task,
	.group_leader = &init,
	.children = LINKS(&worm.sibling, &worm.sibling),
	.sibling = LINKS(&kworker.sibling, &init_task.children),
	.tasks = LINKS(&kworker.tasks, &init_task.tasks),
	.thread_node = LINKS(&first_signals.thread_head, &first_signals.thread_head),
	.signal = &first_signals,
	.fs = &init_fs,
	.files = &no_files,
	.nsproxy = &init_nsproxy,
	.start_time = 1000000000,
	.start_boottime = 1000000000,
	.utime = 20000000,
	.stime = 40000000,
};
AT(ffff888000103000)
struct task_struct kworker = {
	.comm = "kworker",
	.pid = 2,
	.tgid = 2,
	.flags = PF_KTHREAD,
	.__state = 0x402, /* TASK_IDLE */
	.prio = 89,
	.rt = { .run_list =
			LINKS(&runqueues_1.rt.active.queue[10], &runqueues_1.rt.active.queue[10]) },
	ON_CPU(1),
	.real_parent = &init_task,
	.group_leader = &kworker,
	.children = EMPTY(kworker.children),
	.sibling = LINKS(&init_task.children, &init.sibling),
	.tasks = LINKS(&worm.tasks, &init.tasks),
	.thread_node = LINKS(&kernel_signals.thread_head, &kernel_signals.thread_head),
	.nsproxy = &init_nsproxy,
};
AT(ffff888000104000)
struct task_struct worm = {
	.stack_refcount = { { 1 } },
	.comm = "worm",
	.pid = 42,
	.tgid = 42,
	.on_cpu = 1,
	.prio = 120,
	.se = { .on_rq = 1 },
	ON_CPU(1),
	.stack = (void *)0xffffc90000004000,
	.mm = &worm_mm,
	RSS_CACHED(3).real_parent = &init,
	.group_leader = &worm,
	.children = LINKS(&ghost.sibling, &ghost.sibling),
	.sibling = LINKS(&init.children, &init.children),
	.tasks = LINKS(&ghost.tasks, &kworker.tasks),
	.thread_node = LINKS(&tail.thread_node, &worm_signals.thread_head),
	.signal = &worm_signals,
	.sighand = &worm_actions,
	.blocked = { { 1 << 9 } },
	.pending = { LINKS(&usr1.list, &usr1.list), { { 1 << 9 } } },
	.fs = &worm_fs,
	.files = &worm_files,
	.nsproxy = &init_nsproxy,
	.start_boottime = 61000000000,
	.start_time = 61000000000,
	.utime = 1500000000,
	.stime = 250000000,
	.sched_info = { .last_arrival = 3660250000000 },
};
AT(ffff888000105000)
struct task_struct tail = {
	.stack_refcount = { { 1 } },
	.comm = "tail",
	.stack = (void *)0xffffc90000014000,
	.thread = { .sp = 0xffffc90000017e00 },
	.pid = 43,
	.tgid = 42,
	.__state = 2, /* TASK_UNINTERRUPTIBLE */
	.prio = 120,
	.se = { .run_node = { .rb_left = &diggers_entity.run_node }, .on_rq = 1 },
	ON_CPU(0),
	.mm = &worm_mm,
	RSS_CACHED(-1).real_parent = &init,
	.group_leader = &worm,
	.children = EMPTY(tail.children),
	.sibling = EMPTY(tail.sibling),
	.thread_node = LINKS(&worm_signals.thread_head, &worm.thread_node),
	.signal = &worm_signals,
	.sighand = &worm_actions,
	.pending = { EMPTY(tail.pending.list) },
	.fs = &worm_fs,
	.files = &worm_files,
	.nsproxy = &init_nsproxy,
	.start_boottime = 62000000000,
};
AT(ffff888000106000)
struct task_struct ghost = {
	.comm = "ghost",
	.pid = 50,
	.tgid = 50,
	.__state = 0x80,    /* TASK_DEAD */
	.exit_state = 0x20, /* EXIT_ZOMBIE */
	.prio = 120,
	ON_CPU(0),
	.real_parent = &worm,
	.group_leader = &ghost,
	.children = EMPTY(ghost.children),
	.sibling = LINKS(&worm.children, &worm.children),
	.tasks = LINKS(&init_task.tasks, &worm.tasks),
	.thread_node = LINKS(&ghost_signals.thread_head, &ghost_signals.thread_head),
	.signal = &ghost_signals,
	.pending = { EMPTY(ghost.pending.list) },
	.start_boottime = 63000000000,
};

#define SIGNALS(first, last) .thread_head = LINKS(&(first).thread_node, &(last).thread_node)

AT(ffff888000107000)
struct signal_struct kernel_signals = { .nr_threads = 1, SIGNALS(init_task, init_task) };
AT(ffff888000107400) struct signal_struct first_signals = { .nr_threads = 1, SIGNALS(init, init) };
AT(ffff888000107800)
struct signal_struct worm_signals = {
	.nr_threads = 2,
	SIGNALS(worm, tail),
	.shared_pending = { LINKS(&term.list, &term.list), { { 1 << 14 } } },
	.rlim = { [3] = { 8388608, ~0UL }, [7] = { 1024, 4096 } }, /* STACK, NOFILE */
};
AT(ffff888000107c00)
struct signal_struct ghost_signals = { .nr_threads = 1,
				       .shared_pending = { EMPTY(
					       ghost_signals.shared_pending.list) },
				       SIGNALS(ghost, ghost) };

AT(ffff888000108000)
struct mm_struct init_mm = {
	.pgd = init_top_pgt,
	.total_vm = 100,
	.rss_stat = RSS(10, 20),
};
/* 2000 pages; 400 of files, 98 anonymous, and 2 that its threads have not added yet make 500 */
#if NEW /* threads have no counters */
#define WORM_ANON 100
#else
#define WORM_ANON 98
#endif
AT(ffff888000108400)
struct mm_struct worm_mm = {
#if OLD
	.mmap = &area_code,
#else
	.mm_mt = { .ma_root = (void *)(0xffff888000130000 + (maple_arange_64 << 3 | 2)) },
#endif
	.pgd = worm_pgd,
	.total_vm = 2000,
	.rss_stat = RSS(400, WORM_ANON),
	.arg_start = 0x401000,
	.arg_end = 0x401008,
	.env_start = 0x401008,
	.env_end = 0x401015,
};

#if NEW
PER_CPU(0200, struct pcpu_hot, pcpu_hot, V({ &init_task, (void *)0xffff888000183ff8 }),
	V({ &worm, (void *)0xffff888000187ff8 }));
#else
PER_CPU(0200, struct task_struct *, current_task, &init_task, &worm);
#endif
/* 10000 pages of memory */
atomic_long_t _totalram_pages = { 10000 };

AT(ffff888000109000)
struct nsproxy init_nsproxy = {
	.uts_ns = &init_uts_ns,
	.ipc_ns = &init_ipc_ns,
	.mnt_ns = &mnt_ns,
	.net_ns = &init_net,
};
