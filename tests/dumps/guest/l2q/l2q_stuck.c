// SPDX-License-Identifier: GPL-2.0
/*
 * What else makes no progress: /dev/l2q_disk takes requests and never completes one, and the only
 * worker of the ordered workqueue l2q_wq sleeps in the first of three items of work.
 */
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#include "l2q.h"

static blk_status_t never_done(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *data)
{
	blk_mq_start_request(data->rq);
	return BLK_STS_OK;
}

static const struct blk_mq_ops ops = { .queue_rq = never_done };
static struct blk_mq_tag_set tags = {
	.ops = &ops,
	.nr_hw_queues = 1,
	.queue_depth = 4,
	.numa_node = NUMA_NO_NODE,
};
static const struct block_device_operations fops = { .owner = THIS_MODULE };

static struct gendisk *new_disk(void)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0)
	struct gendisk *disk = alloc_disk(1);

	if (!disk)
		return ERR_PTR(-ENOMEM);
	disk->queue = blk_mq_init_queue(&tags);
	return IS_ERR(disk->queue) ? ERR_CAST(disk->queue) : disk;
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
	return blk_mq_alloc_disk(&tags, NULL);
#else
	return blk_mq_alloc_disk(&tags, NULL, NULL);
#endif
}

static int add_stuck_disk(void)
{
	struct gendisk *disk;
	int error = blk_mq_alloc_tag_set(&tags);

	if (error)
		return error;
	disk = new_disk();
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	disk->major = register_blkdev(0, "l2q_disk");
	if (disk->major < 0)
		return disk->major;
	disk->minors = 1;
	disk->fops = &fops;
	strcpy(disk->disk_name, "l2q_disk");
	set_capacity(disk, 2048);
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 15, 0)
	add_disk(disk);
	return 0;
#else
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0)
	disk->flags |= GENHD_FL_NO_PART;
#endif
	return add_disk(disk);
#endif
}

static void l2q_sleep_fn(struct work_struct *work)
{
	msleep(3600 * 1000);
}

static void l2q_idle_fn(struct work_struct *work)
{
}

static DECLARE_WORK(l2q_work_sleeps, l2q_sleep_fn);
static DECLARE_WORK(l2q_work_second, l2q_idle_fn);
static DECLARE_WORK(l2q_work_third, l2q_idle_fn);

int l2q_stuck_start(void)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("l2q_wq", 0);

	if (!wq)
		return -ENOMEM;
	queue_work(wq, &l2q_work_sleeps);
	queue_work(wq, &l2q_work_second);
	queue_work(wq, &l2q_work_third);
	return add_stuck_disk();
}
