/* sched.h - tasks that wait for a CPU, on queues and on locks; signals. */

/* CPU 0 runs its idle task, and nobody waits. On CPU 1 worm runs, kworker waits in the RT class
 * with priority 10, tail in the fair class. init is in the fair class of the group "diggers" there.
 */
#define LIST(r, i) [i] = EMPTY((r).rt.active.queue[i])
#define LISTS(r, i)                                                                                \
	LIST(r, i), LIST(r, i + 1), LIST(r, i + 2), LIST(r, i + 3), LIST(r, i + 4),                \
		LIST(r, i + 5), LIST(r, i + 6), LIST(r, i + 7), LIST(r, i + 8), LIST(r, i + 9)
#define REST(r)                                                                                    \
	LISTS(r, 20), LISTS(r, 30), LISTS(r, 40), LISTS(r, 50), LISTS(r, 60), LISTS(r, 70),        \
		LISTS(r, 80), LISTS(r, 90)

extern struct task_group root_task_group, diggers;
extern struct cfs_rq diggers_queue;
extern struct sched_entity diggers_entity;
PER_CPU(1000, struct rq, runqueues,
	V({ .curr = &init_task,
	    .idle = &init_task,
	    .clock = 3661000000000,
	    .rt.active.queue = { LISTS(runqueues_0, 0), LISTS(runqueues_0, 10),
				 REST(runqueues_0) } }),
	V({ .curr = &worm,
	    .idle = &idle_1,
	    .clock = 3661250000000,
	    .cfs.tasks_timeline = { { &tail.se.run_node }, &tail.se.run_node },
	    .rt.active.queue = {
		    LISTS(runqueues_1, 0), [10] = LINKS(&kworker.rt.run_list, &kworker.rt.run_list),
		    LIST(runqueues_1, 11), LIST(runqueues_1, 12), LIST(runqueues_1, 13),
		    LIST(runqueues_1, 14), LIST(runqueues_1, 15), LIST(runqueues_1, 16),
		    LIST(runqueues_1, 17), LIST(runqueues_1, 18), LIST(runqueues_1, 19),
		    REST(runqueues_1) } }));
AT(ffffffff82244000) struct task_group root_task_group = {};
struct cfs_rq *diggers_queues[2] = { NULL, &diggers_queue };
struct kernfs_node diggers_node = { .name = "diggers" };
struct cgroup diggers_cgroup = { &diggers_node };
AT(ffff888000190000)
struct task_group diggers = { .css = { &diggers_cgroup },
			      .cfs_rq = diggers_queues,
			      .parent = &root_task_group };
AT(ffff888000190100)
struct sched_entity diggers_entity = { .run_node = { .__rb_parent_color =
							     (unsigned long)&tail.se.run_node },
				       .my_q = &diggers_queue };
AT(ffff888000190200)
struct cfs_rq diggers_queue = { .tasks_timeline = { { &init.se.run_node }, &init.se.run_node },
				.throttled = 1 };

/* --- wait queues: worm and an entry without a task wait on holes; tail for the lock; kworker for
 * food */
extern struct wait_queue_head holes;
struct wait_queue_entry worm_waits, poll_waits;
AT(ffff888000191000)
struct wait_queue_entry worm_waits = { .private = &worm,
				       .func = (void *)0xffffffff82000500,
				       .entry = LINKS(&poll_waits.entry, &holes.head) };
AT(ffff888000191100)
struct wait_queue_entry poll_waits = { .private = (void *)0xffff888000191200,
				       .func = (void *)0xffffffff82000510,
				       .entry = LINKS(&holes.head, &worm_waits.entry) };
AT(ffffffff82245000)
struct wait_queue_head holes = { .head = LINKS(&worm_waits.entry, &poll_waits.entry) };
AT(ffffffff82245100) struct wait_queue_head nobody = { .head = EMPTY(nobody.head) };
extern struct hut hut;
extern struct completion food;
AT(ffff888000191300)
struct mutex_waiter tail_waits = { .list = LINKS(&hut.lock.wait_list, &hut.lock.wait_list),
				   .task = &tail };
AT(ffff888000191500)
struct rwsem_waiter init_waits = { .list = LINKS(&hut.door.wait_list, &hut.door.wait_list),
				   .task = &init };
AT(ffff888000191600)
struct semaphore_waiter seat_waits = { .list = LINKS(&hut.seats.wait_list, &hut.seats.wait_list),
				       .task = &tail };
AT(ffffffff82245200)
struct hut hut = {
	/* worm owns it; 1 means that others wait */
	.lock = { .owner = { (long)&worm + 1 },
		  .wait_list = LINKS(&tail_waits.list, &tail_waits.list) },
	.door = { .wait_list = LINKS(&init_waits.list, &init_waits.list) },
	.seats = { .wait_list = LINKS(&seat_waits.list, &seat_waits.list) },
	.food = &food,
};
extern struct completion food;
AT(ffff888000191400)
struct swait_queue kworker_waits = { .task = &kworker,
				     .task_list =
					     LINKS(&food.wait.task_list, &food.wait.task_list) };
AT(ffffffff82245300)
struct completion food = { .wait = { .task_list = LINKS(&kworker_waits.task_list,
							&kworker_waits.task_list) } };

/* --- signals: worm handles SIGHUP (1), ignores SIGINT (2), blocks SIGUSR1 (10); SIGUSR1 and
 * SIGTERM (15) are pending, the one for worm itself, the other for the process */
AT(ffff888000192000)
struct sighand_struct worm_actions = { .action = {
					       [0] = { { .sa_handler = (void *)0x400000,
							 .sa_flags = 0x14000004,
							 .sa_mask = { { 3 } } } },
					       [1] = { { .sa_handler = (void *)1 } },
				       } };
AT(ffff888000193000)
struct sigqueue usr1 = { .list = LINKS(&worm.pending.list, &worm.pending.list),
			 .info = { .si_signo = 10 } };
AT(ffff888000193100)
struct sigqueue term = {
	.list = LINKS(&worm_signals.shared_pending.list, &worm_signals.shared_pending.list),
	.info = { .si_signo = 15 },
};
